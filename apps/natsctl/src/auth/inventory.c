#include "auth/inventory.h"

#include <natsd/json_reader.h>

enum {
    ANSWER_MAX_BYTES = 256 * 1024 * 1024,
};

static void count_key(struct inventory *inventory, struct slice key)
{
    size_t i = 0;

    if (!nauth_nkey_is_public_of(key, NAUTH_NKEY_ACCOUNT)) {
        return;
    }
    while (i < inventory->keys.count && !nb_slice_equal(inventory->keys.items[i], key)) {
        i++;
    }
    if (i == inventory->keys.count) {
        auth_texts_add(inventory->session, &inventory->keys, key);
        inventory->servers =
            nb_realloc(inventory->servers, inventory->keys.count * sizeof(*inventory->servers));
        inventory->servers[i] = 0;
    }
    inventory->servers[i]++;
}

static bool on_list(void *ctx, const struct nclient_message *message)
{
    struct inventory *inventory = ctx;
    struct nb_json_doc doc = {.root = NULL};

    if (nb_json_parse(message->data, ANSWER_MAX_BYTES, &doc, NULL) == NB_OK) {
        const struct nb_json_value *data = nb_json_get(doc.root, "data");

        for (const struct nb_json_value *it = data != NULL ? data->first : NULL; it != NULL;
             it = it->next) {
            count_key(inventory, it->text);
        }
    }
    nb_json_doc_fini(&doc);
    return false;
}

int inventory_run(struct auth_session *session, inventory_fn run)
{
    struct inventory inventory = {.session = session};
    struct ask ask;
    int code = ask_open(&ask, session);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = ask_all(&ask, "$SYS.REQ.CLAIMS.LIST", (struct slice){0}, on_list, &inventory);
    if (code == EXIT_CODE_OK) {
        code = run(&ask, &inventory);
    }
    nb_free(inventory.servers);
    ask_close(&ask);
    return code;
}
