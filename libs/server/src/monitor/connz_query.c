#include "monitor/connz.h"

#include "monitor/params.h"

enum {
    LIMIT_DEFAULT = 1024,
};

// A boolean, or the word "detail".
static int read_subs(struct nnet_http_request *request, enum nserver__connz_subs *subs,
                     struct nb_diag *diag)
{
    struct slice value;
    bool wants_list = false;

    if (nnet_http_param(request, "subs", &value) &&
        nb_slice_equal_nocase(value, NB_SLICE("detail"))) {
        *subs = CONNZ_SUBS_DETAIL;
        return NB_OK;
    }
    if (nserver__param_bool(request, "subs", &wants_list, diag) != NB_OK) {
        return NB_EINVALID;
    }
    *subs = wants_list ? CONNZ_SUBS_LIST : CONNZ_SUBS_NONE;
    return NB_OK;
}

static int read_state(struct nnet_http_request *request, enum nserver__connz_state *state,
                      struct nb_diag *diag)
{
    static const struct {
        const char *name;
        enum nserver__connz_state state;
    } states[] = {
        {"open", CONNZ_OPEN}, {"closed", CONNZ_CLOSED}, {"any", CONNZ_ALL}, {"all", CONNZ_ALL}};
    struct slice value;

    *state = CONNZ_OPEN;
    if (!nnet_http_param(request, "state", &value)) {
        return NB_OK;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(states); i++) {
        if (nb_slice_equal_nocase(value, nb_slice_of(states[i].name))) {
            *state = states[i].state;
            return NB_OK;
        }
    }
    nb_diag_set(diag, "Error decoding state for %.*s", NB_SLICE_ARGS(nb_slice_sub(value, 0, 64)));
    return NB_EINVALID;
}

static struct slice text_of(struct nnet_http_request *request, const char *name)
{
    struct slice value = {0};

    return nnet_http_param(request, name, &value) ? value : (struct slice){0};
}

void nserver__connz_set_limits(struct nserver__connz_query *query)
{
    if (query->offset < 0) {
        query->offset = 0;
    }
    if (query->limit <= 0) {
        query->limit = LIMIT_DEFAULT;
    }
    if (query->cid > 0) {
        query->limit = 1;
    }
}

// In the order in which the reference finds errors.
int nserver__connz_read_query(struct nnet_http_request *request, struct nserver__connz_query *query,
                              struct nb_diag *diag)
{
    *query = (struct nserver__connz_query){0};
    if (nserver__param_bool(request, "auth", &query->auth, diag) != NB_OK ||
        read_subs(request, &query->subs, diag) != NB_OK ||
        nserver__param_int(request, "offset", &query->offset, diag) != NB_OK ||
        nserver__param_int(request, "limit", &query->limit, diag) != NB_OK ||
        nserver__param_u64(request, "cid", &query->cid, diag) != NB_OK ||
        read_state(request, &query->state, diag) != NB_OK) {
        return NB_EINVALID;
    }
    nserver__connz_set_limits(query);
    query->sort = text_of(request, "sort");
    query->user = text_of(request, "user");
    query->account = text_of(request, "acc");
    query->mqtt_client = text_of(request, "mqtt_client");
    return nserver__connz_check_order(query, diag);
}
