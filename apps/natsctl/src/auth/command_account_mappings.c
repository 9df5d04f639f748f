#include "auth/account_items.h"
#include "auth/commands.h"

#include <natsd/number.h>

/* Subjects that an account turns into others. */

enum {
    WEIGHT_DEFAULT = 100,
};

// Where a mapping of this subject stands, or the count.
static size_t index_of(const struct nauth_account_claims *claims, const char *subject)
{
    size_t i = 0;

    while (i < claims->mapping_count && !nb_slice_is(claims->mappings[i].subject, subject)) {
        i++;
    }
    return i;
}

// Adds a destination, or gives the one that is there another weight.
static void add_dest(struct auth_session *session, struct nauth_mapping_claims *mapping,
                     const char *subject, const char *cluster, int64_t weight)
{
    struct nauth_weighted_mapping *dests =
        auth_grown(session, mapping->dests, &mapping->dest_count, sizeof(*dests));
    size_t i = 0;

    while (i + 1 < mapping->dest_count &&
           !(nb_slice_is(dests[i].subject, subject) && nb_slice_is(dests[i].cluster, cluster))) {
        i++;
    }
    if (i + 1 < mapping->dest_count) {
        mapping->dest_count--; // it is there
    }
    dests[i] = (struct nauth_weighted_mapping){
        .subject = auth_copy(session, nb_slice_of(subject)),
        .cluster = auth_copy(session, nb_slice_of(cluster)),
        .weight = weight,
    };
    mapping->dests = dests;
}

// A destination of the mapping of this subject, which is made when there is none.
static int add(struct auth_session *session, struct auth_token *account, const void *ctx)
{
    const int64_t *weight = ctx;
    const struct cli *cli = session->cli;
    struct nauth_account_claims *claims = &account->claims.account;
    size_t index = index_of(claims, cli->words[1]);
    struct nauth_mapping_claims *mappings =
        auth_grown(session, claims->mappings, &claims->mapping_count, sizeof(*mappings));

    if (index + 1 < claims->mapping_count) {
        claims->mapping_count--; // it is there
    }
    mappings[index].subject = auth_copy(session, nb_slice_of(cli->words[1]));
    add_dest(session, &mappings[index], cli->words[2], cli->word_count > 4 ? cli->words[4] : "",
             *weight);
    claims->mappings = mappings;
    return auth_save_account(session, account);
}

static int run_add(struct cli *cli)
{
    uint64_t number = WEIGHT_DEFAULT;
    int64_t weight;

    if (cli->word_count > 3 &&
        (nb_parse_u64(nb_slice_of(cli->words[3]), WEIGHT_DEFAULT, &number) != NB_OK ||
         number == 0)) { // which JWTs take for 100
        return cli_usage(cli, "a weight is 1 to 100");
    }
    weight = (int64_t)number;
    return auth_run_account(cli, add, &weight);
}

static const struct command_example add_examples[] = {
    {"auth account mappings add ORDERS orders.old orders.new", "Everything published there."},
    {"auth account mappings add ORDERS orders.new orders.canary 5", "Five of a hundred."},
};

const struct command command_auth_account_mappings_add = {
    .name = "add",
    .purpose = "Maps a subject of an account to another one.",
    .arguments = "<account> <source> <target> [weight] [cluster]",
    .details = "A source may have several targets, with weights of 100 at most together.",
    .examples = add_examples,
    .example_count = NB_ARRAY_LEN(add_examples),
    .words_min = 3,
    .words_max = 5,
    .run = run_add,
};

static int find(struct auth_session *session, const struct auth_token *account, const char *word,
                size_t *index)
{
    *index = index_of(&account->claims.account, word);
    return *index < account->claims.account.mapping_count
               ? EXIT_CODE_OK
               : cli_fail_with(session->cli, EXIT_CODE_NOT_FOUND, "account %s has no mapping of %s",
                               account->name, word);
}

static void drop(struct auth_session *session, struct nauth_account_claims *claims, size_t index)
{
    claims->mappings = auth_shrunk(session, claims->mappings, &claims->mapping_count,
                                   sizeof(*claims->mappings), index);
}

static void put_rows(struct auth_session *session NB_UNUSED, const struct auth_token *account,
                     struct listing *listing)
{
    const struct nauth_account_claims *claims = &account->claims.account;

    for (size_t i = 0; i < claims->mapping_count; i++) {
        for (size_t k = 0; k < claims->mappings[i].dest_count; k++) {
            const struct nauth_weighted_mapping *dest = &claims->mappings[i].dests[k];

            listing_text(listing, "source", claims->mappings[i].subject);
            listing_text(listing, "target", dest->subject);
            listing_number(listing, "weight", dest->weight > 0 ? dest->weight : WEIGHT_DEFAULT);
            listing_text(listing, "cluster", dest->cluster);
            listing_end_row(listing);
        }
    }
}

static const struct account_items items = {
    .head = "Source|Target|Weight|Cluster",
    .empty = "no mappings",
    .put_rows = put_rows,
    .find = find,
    .drop = drop,
};

static int run_rm(struct cli *cli)
{
    return account_items_remove(cli, &items);
}

static const struct command_example rm_examples[] = {
    {"auth account mappings rm ORDERS orders.old", "With all its targets."},
};

const struct command command_auth_account_mappings_rm = {
    ACCOUNT_ITEMS_RM,
    .purpose = "Takes the mappings of a subject away.",
    .arguments = "<account> <source>",
    .examples = rm_examples,
    .example_count = NB_ARRAY_LEN(rm_examples),
    .run = run_rm,
};

static int run_list(struct cli *cli)
{
    return account_items_list(cli, &items);
}

static const struct command_example ls_examples[] = {
    {"auth account mappings ls ORDERS", "Sources with their targets."},
};

const struct command command_auth_account_mappings_ls = {
    ACCOUNT_ITEMS_LS,
    .alias = "info",
    .purpose = "Lists the mappings of an account.",
    .examples = ls_examples,
    .example_count = NB_ARRAY_LEN(ls_examples),
    .run = run_list,
};
