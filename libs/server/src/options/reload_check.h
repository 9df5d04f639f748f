/* reload_check.h - what a running server cannot change (spec 02 section 11.3), block by block.
 *
 * Every difference is told; the first is what a reload that is refused says. `was` has the options
 * of the server, `is` those that are wanted; both have their defaults.
 */
#pragma once

#include "options/fields.h"

struct nserver__change {
    struct nb_diag *diag; // the first
    struct nb_buf *all;   // a line for each; NULL: only the first is asked for
    bool is_found;
};

void nserver__change_refuse(struct nserver__change *change, const char *format, ...)
    NB_PRINTF(2, 3);
// `config reload not supported for <name>: old=<was>, new=<is>` for each member that differs.
void nserver__change_check(struct nserver__change *change, const struct nserver__field *fields,
                           size_t count, const void *was, const void *is);
// The same with a text before each name: `LeafNode: field "Hub"`.
struct nserver__change_names {
    const char *before;
    const char *after;
};
void nserver__change_check_as(struct nserver__change *change, struct nserver__change_names names,
                              const struct nserver__field *fields, size_t count, const void *was,
                              const void *is);
// One line for a block, with the member that differs: `old={port: 1}, new={port: 2}`.
void nserver__change_check_block(struct nserver__change *change, const char *block,
                                 const struct nserver__field *fields, size_t count, const void *was,
                                 const void *is);

void nserver__change_check_cluster(struct nserver__change *change,
                                   const struct nserver_options *was,
                                   const struct nserver_options *is);
void nserver__change_check_gateway(struct nserver__change *change,
                                   const struct nserver_options *was,
                                   const struct nserver_options *is);
void nserver__change_check_leafnodes(struct nserver__change *change,
                                     const struct nserver_options *was,
                                     const struct nserver_options *is);
void nserver__change_check_jetstream(struct nserver__change *change,
                                     const struct nserver_options *was,
                                     const struct nserver_options *is);
void nserver__change_check_protocols(struct nserver__change *change,
                                     const struct nserver_options *was,
                                     const struct nserver_options *is);
