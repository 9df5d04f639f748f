#include "auth/account_items.h"

static int list(struct auth_session *session, struct auth_token *account, const void *ctx)
{
    const struct account_items *items = ctx;
    struct listing listing;

    listing_begin(&listing, session->cli, LISTING_NAMES, items->head);
    items->put_rows(session, account, &listing);
    return listing_end(&listing, items->empty);
}

int account_items_list(struct cli *cli, const struct account_items *items)
{
    return auth_run_account(cli, list, items);
}

static int find(struct auth_session *session, const struct auth_token *account,
                const struct account_items *items, size_t *index)
{
    return items->find(session, account, session->cli->words[1], index);
}

static int show(struct auth_session *session, struct auth_token *account, const void *ctx)
{
    const struct account_items *items = ctx;
    size_t index;
    int code = find(session, account, items, &index);

    if (code == EXIT_CODE_OK) {
        items->show(session->cli, account, index);
    }
    return code;
}

int account_items_show(struct cli *cli, const struct account_items *items)
{
    return auth_run_account(cli, show, items);
}

static int change(struct auth_session *session, struct auth_token *account, const void *ctx)
{
    const struct account_items *items = ctx;
    size_t index;
    int code = find(session, account, items, &index);

    if (code == EXIT_CODE_OK) {
        code = items->change(session, account, index);
    }
    return code == EXIT_CODE_OK ? auth_save_account(session, account) : code;
}

int account_items_change(struct cli *cli, const struct account_items *items)
{
    return auth_run_account(cli, change, items);
}

int account_items_drop(struct auth_session *session, struct auth_token *account,
                       const struct account_items *items, size_t index)
{
    items->drop(session, &account->claims.account, index);
    return auth_save_account(session, account);
}

static int drop(struct auth_session *session, struct auth_token *account, const void *ctx)
{
    const struct account_items *items = ctx;
    size_t index;
    int code = find(session, account, items, &index);

    return code == EXIT_CODE_OK ? account_items_drop(session, account, items, index) : code;
}

int account_items_remove(struct cli *cli, const struct account_items *items)
{
    return auth_run_account(cli, drop, items);
}
