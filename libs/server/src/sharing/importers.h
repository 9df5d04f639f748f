/* importers.h - which accounts of operator mode import from an account: those have to look at their
 * imports again when it changes, or comes.
 *
 * An account that stopped importing may still be listed: whoever asks looks at its terms.
 * Threads: [control].
 */
#pragma once

#include <natsd/map.h>

#include <stddef.h>

struct nserver__account;

struct nserver__importers {
    struct nb_map by_exporter; // account name to a list
};

struct nserver__importer_list {
    struct slice exporter; // owned
    struct nserver__account **accounts;
    size_t count, room;
};

// Lists the account with all that its terms import from.
void nserver__importers_note(struct nserver__importers *importers,
                             struct nserver__account *account);
// NULL: none.
const struct nserver__importer_list *nserver__importers_of(
    const struct nserver__importers *importers, struct slice exporter);
void nserver__importers_fini(struct nserver__importers *importers);
