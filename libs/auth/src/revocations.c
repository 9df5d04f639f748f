#include <natsd/claims.h>

bool nauth_is_revoked(const struct nauth_revocations *revocations, struct slice key,
                      int64_t issued_at)
{
    for (size_t i = 0; i < revocations->count; i++) {
        const struct nauth_revocation *item = &revocations->items[i];

        if (item->at >= issued_at &&
            (nb_slice_equal(item->key, key) || nb_slice_is(item->key, "*"))) {
            return true;
        }
    }
    return false;
}
