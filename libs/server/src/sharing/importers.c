#include "sharing/importers.h"

#include <natsd/memory.h>

#include "accounts/account.h"

enum {
    FIRST_ROOM = 4,
};

static struct nserver__importer_list *list_of(struct nserver__importers *importers,
                                              struct slice exporter)
{
    struct nserver__importer_list *list = nb_map_find(&importers->by_exporter, exporter);

    if (list == NULL) {
        list = nb_zalloc(sizeof(*list));
        list->exporter = nb_slice_dup(exporter);
        nb_map_insert(&importers->by_exporter, list->exporter, list);
    }
    return list;
}

static bool has(const struct nserver__importer_list *list, const struct nserver__account *account)
{
    for (size_t i = list->count; i > 0; i--) { // one that comes twice in a row is at the end
        if (list->accounts[i - 1] == account) {
            return true;
        }
    }
    return false;
}

static void add(struct nserver__importer_list *list, struct nserver__account *account)
{
    if (has(list, account)) {
        return;
    }
    if (list->count == list->room) {
        list->room = list->room == 0 ? FIRST_ROOM : 2 * list->room;
        list->accounts = nb_realloc(list->accounts, list->room * sizeof(struct nserver__account *));
    }
    list->accounts[list->count++] = account;
}

void nserver__importers_note(struct nserver__importers *importers, struct nserver__account *account)
{
    const struct nserver_account_options *options = &nserver__account_terms(account)->options;

    for (size_t i = 0; i < options->import_count; i++) {
        add(list_of(importers, nb_slice_of(options->imports[i].account)), account);
    }
}

const struct nserver__importer_list *nserver__importers_of(
    const struct nserver__importers *importers, struct slice exporter)
{
    return nb_map_find(&importers->by_exporter, exporter);
}

void nserver__importers_fini(struct nserver__importers *importers)
{
    struct nserver__importer_list *list;
    size_t at = 0;

    while ((list = nb_map_next(&importers->by_exporter, &at)) != NULL) {
        nb_slice_free(&list->exporter);
        nb_free(list->accounts);
        nb_free(list);
    }
    nb_map_fini(&importers->by_exporter);
}
