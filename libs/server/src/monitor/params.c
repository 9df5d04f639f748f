#include "monitor/params.h"

#include <natsd/number.h>
#include <natsd/quote.h>

static int refuse(const char *type, const char *name, struct slice value, const char *why,
                  struct nb_diag *diag)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, 256);
    if (nb_quote(nb_slice_sub(value, 0, 64), &quoted) != NB_OK) {
        nb_buf_clear(&quoted);
    }
    nb_diag_set(diag, "Error decoding %s for '%s': %.*s: %s", type, name,
                NB_SLICE_ARGS(nb_buf_slice(&quoted)), why);
    nb_buf_fini(&quoted);
    return NB_EINVALID;
}

static const char *number_fault(int rc)
{
    return rc == NB_ERANGE ? "value out of range" : "invalid syntax";
}

int nserver__param_bool(struct nnet_http_request *request, const char *name, bool *out,
                        struct nb_diag *diag)
{
    static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
    static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};
    struct slice value;

    if (!nnet_http_param(request, name, &value)) {
        return NB_OK;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(yes); i++) {
        if (nb_slice_is(value, yes[i]) || nb_slice_is(value, no[i])) {
            *out = nb_slice_is(value, yes[i]);
            return NB_OK;
        }
    }
    return refuse("boolean", name, value, "invalid syntax", diag);
}

int nserver__param_int(struct nnet_http_request *request, const char *name, int64_t *out,
                       struct nb_diag *diag)
{
    struct slice value;
    int rc;

    if (!nnet_http_param(request, name, &value)) {
        return NB_OK;
    }
    rc = nb_parse_i64(value, INT64_MIN, INT64_MAX, out);
    return rc == NB_OK ? NB_OK : refuse("int", name, value, number_fault(rc), diag);
}

int nserver__param_u64(struct nnet_http_request *request, const char *name, uint64_t *out,
                       struct nb_diag *diag)
{
    struct slice value;
    int rc;

    if (!nnet_http_param(request, name, &value)) {
        return NB_OK;
    }
    rc = nb_parse_u64(value, UINT64_MAX, out);
    return rc == NB_OK ? NB_OK : refuse("uint64", name, value, number_fault(rc), diag);
}
