/* account_items.h - what an account has several of: exports, imports, signing keys, mappings. A
 * table says how those of a kind are found, shown and changed; loading the account before and
 * signing it anew after is the same for all.
 *
 * Threads: [main]. Everything returns an exit code, and tells on standard error what went wrong.
 */
#pragma once

#include "auth/listing.h"
#include "auth/session.h"

struct account_items {
    const char *head;  // the titles of a listing
    const char *empty; // what is said when there are none
    void (*put_rows)(struct auth_session *session, const struct auth_token *account,
                     struct listing *listing);
    // By a word that names one; says it when there is none.
    int (*find)(struct auth_session *session, const struct auth_token *account, const char *word,
                size_t *index);
    void (*drop)(struct auth_session *session, struct nauth_account_claims *claims, size_t index);
    // NULL where there is no such command.
    void (*show)(const struct cli *cli, const struct auth_token *account, size_t index);
    int (*change)(struct auth_session *session, struct auth_token *account, size_t index);
};

// Fields of a struct command for each; its own are the purpose, what its words are, and examples.
#define ACCOUNT_ITEMS_LS LISTING_COMMAND, .arguments = "<account>", .words_min = 1, .words_max = 1
#define ACCOUNT_ITEMS_INFO                                                          \
    .name = "info", .alias = "show",                                                \
    .details = "For programs: 'natsctl auth account info --json' has all of them.", \
    .words_min = 2, .words_max = 2
#define ACCOUNT_ITEMS_RM .name = "rm", .alias = "remove", .words_min = 2, .words_max = 2

// Commands: the first word is the account, the second one the item.
int account_items_list(struct cli *cli, const struct account_items *items); // with listing_options
int account_items_show(struct cli *cli, const struct account_items *items);
int account_items_change(struct cli *cli, const struct account_items *items);
int account_items_remove(struct cli *cli, const struct account_items *items);

// Without the item at `index`, signed and saved.
NB_MUST_USE int account_items_drop(struct auth_session *session, struct auth_token *account,
                                   const struct account_items *items, size_t index);
