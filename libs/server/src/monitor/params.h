/* params.h - query parameters, decoded with the errors of spec 04 section 2.3.
 * NB_OK with *out left alone when the parameter is absent; NB_EINVALID with diag.
 */
#pragma once

#include <natsd/http.h>

NB_MUST_USE int nserver__param_bool(struct nnet_http_request *request, const char *name, bool *out,
                                    struct nb_diag *diag);
NB_MUST_USE int nserver__param_int(struct nnet_http_request *request, const char *name,
                                   int64_t *out, struct nb_diag *diag);
NB_MUST_USE int nserver__param_u64(struct nnet_http_request *request, const char *name,
                                   uint64_t *out, struct nb_diag *diag);
