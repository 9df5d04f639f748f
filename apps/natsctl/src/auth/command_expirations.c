#include "auth/commands.h"
#include "auth/listing.h"
#include "auth/session.h"

#include <natsd/clock.h>

/* What is about to expire, or has. */

enum { EXPIRATIONS_WITHIN, EXPIRATIONS_OPTION_COUNT };

static const struct args_option options[EXPIRATIONS_OPTION_COUNT] = {
    [EXPIRATIONS_WITHIN] = {.name = "within",
                            .kind = ARGS_DURATION,
                            .value = "TIME",
                            .fallback = "30d",
                            .help = "what expires in this time is due [30d]"},
};

struct search {
    struct auth_session *session;
    struct listing listing;
    unsigned due;
};

static void look_at(struct search *search, const struct auth_token *token, const char *kind,
                    const char *account)
{
    int64_t within_s = search->session->cli->own[EXPIRATIONS_WITHIN].duration_ns / NB_NS_PER_S;
    int64_t expires = token->claims.expires;
    bool is_due = expires != 0 && expires <= search->session->now_s + within_s;

    if (expires == 0) {
        return;
    }
    search->due += is_due ? 1 : 0;
    listing_text(&search->listing, "name", nb_slice_of(token->name));
    listing_text(&search->listing, "kind", nb_slice_of(kind));
    listing_text(&search->listing, "account", nb_slice_of(account));
    listing_moment(&search->listing, "expires", expires);
    listing_text(&search->listing, "state",
                 expires <= search->session->now_s ? NB_SLICE("expired")
                 : is_due                          ? NB_SLICE("due")
                                                   : NB_SLICE("later"));
    listing_end_row(&search->listing);
}

static void look_at_users(struct search *search, const struct auth_token *account)
{
    struct auth_tokens users;

    auth_read_users(search->session, account, &users);
    for (size_t i = 0; i < users.count; i++) {
        look_at(search, &users.items[i], "user", account->name);
    }
    auth_tokens_fini(&users);
}

static int expirations(struct auth_session *session)
{
    struct search search = {.session = session};
    int code = auth_load_operator(session);
    struct auth_tokens accounts;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    listing_begin(&search.listing, session->cli, -1, "Name|Kind|Account|Expires|State");
    look_at(&search, &session->op, "operator", "");
    auth_read_accounts(session, &accounts);
    for (size_t i = 0; i < accounts.count; i++) {
        look_at(&search, &accounts.items[i], "account", "");
        look_at_users(&search, &accounts.items[i]);
    }
    auth_tokens_fini(&accounts);
    (void)listing_end(&search.listing, "nothing expires"); // always fine
    return search.due > 0 ? EXIT_CODE_FAILED : EXIT_CODE_OK;
}

static int run(struct cli *cli)
{
    return auth_run(cli, expirations);
}

static const struct command_example examples[] = {
    {"auth expirations --within 14d", "Exit code 1 when something is due or expired."},
};

const struct command command_auth_expirations = {
    .name = "expirations",
    .purpose = "Lists what expires: the operator, its accounts and users.",
    .arguments = "",
    .options = options,
    .option_count = EXPIRATIONS_OPTION_COUNT,
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .run = run,
};
