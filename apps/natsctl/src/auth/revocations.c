#include "auth/revocations.h"

bool revocations_remove(struct auth_session *session, struct nauth_revocations *list,
                        struct slice key)
{
    for (size_t i = 0; i < list->count; i++) {
        if (nb_slice_equal(list->items[i].key, key)) {
            list->items = auth_shrunk(session, list->items, &list->count, sizeof(*list->items), i);
            return true;
        }
    }
    return false;
}

void revocations_add(struct auth_session *session, struct nauth_revocations *list, struct slice key,
                     int64_t at_s)
{
    struct nauth_revocation *items;

    (void)revocations_remove(session, list, key); // whether there was one doesn't matter
    items = auth_grown(session, list->items, &list->count, sizeof(*items));
    items[list->count - 1] = (struct nauth_revocation){.key = auth_copy(session, key), .at = at_s};
    list->items = items;
}
