/* server_filter.h - which servers a request is meant for (spec 04 section 7.2). [control] */
#pragma once

#include <natsd/json_reader.h>

struct nserver;

// NB_EINVALID with the reason. `root` may be NULL: all.
NB_MUST_USE int nserver__server_filter_read(const struct nserver *server,
                                            const struct nb_json_value *root, bool *is_meant,
                                            struct nb_diag *diag);
