#include "clients/conn_row.h"

#include <natsd/memory.h>

void nserver__conn_row_fini(struct nserver__conn_row *row)
{
    nb_slice_free(&row->name);
    nb_slice_free(&row->lang);
    nb_slice_free(&row->version);
    nb_slice_free(&row->user);
    nb_slice_free(&row->account);
    nb_slice_free(&row->account_tag);
    nb_slice_free(&row->jwt);
    nb_slice_free(&row->issuer_key);
    nb_slice_free(&row->proxy_key);
    nb_free(row->tags);
    nb_free(row->subs);
    *row = (struct nserver__conn_row){0};
}
