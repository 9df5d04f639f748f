/* flags_cluster.c - flags about clusters (spec 02 section 5.3). */
#include "flags_cluster.h"

#include <natsd/number.h>

/* --cluster: "scheme://user:password@host:port". */

// A port of -1 is none that a URL can have: it is cut off before, and *is_any is true.
static struct slice cut_any_port(struct slice text, bool *is_any)
{
    *is_any = nb_slice_ends(text, ":-1");
    return *is_any ? nb_slice_sub(text, 0, text.n - 3) : text;
}

static int set_port(const struct nserver_url *url, bool is_any, int *port, struct nb_diag *diag)
{
    int64_t number = -1;

    if (is_any) {
        *port = -1;
        return NB_OK;
    }
    if (url->port[0] == '\0') {
        if (url->host[0] == '\0') {
            nb_diag_set(diag, "missing port in address");
        } else {
            nb_diag_set(diag, "address %.400s: missing port in address", url->host);
        }
        return NB_EINVALID;
    }
    if (nb_parse_i64(nb_slice_of(url->port), 0, INT32_MAX, &number) != NB_OK) {
        number = INT32_MAX; // too far away to be a port: found out when it is listened on
    }
    *port = (int)number;
    return NB_OK;
}

static int set_listener(struct nserver_options *opts, struct slice text, struct nb_diag *diag)
{
    struct nserver_cluster_options *cluster = &opts->cluster;
    struct nserver_url url;
    bool is_any;
    int rc = nserver_options_read_url(opts, cut_any_port(text, &is_any), &url, diag);

    if (rc == NB_OK) {
        rc = set_port(&url, is_any, &cluster->port, diag);
    }
    if (rc == NB_OK && url.user != NULL && url.password == NULL) {
        nb_diag_set(diag, "expected cluster password to be set");
        rc = NB_EINVALID;
    }
    if (rc != NB_OK) {
        return rc;
    }
    cluster->is_set = true;
    cluster->host = url.host[0] != '\0' ? url.host : NULL;
    cluster->username = url.user;
    cluster->password = url.password;
    return NB_OK;
}

static int apply_listener(const struct flags *flags, struct nserver_options *opts,
                          struct nb_diag *diag)
{
    const struct flag_value *flag = &flags->values[FLAG_CLUSTER];

    if (!flag->is_set) {
        return NB_OK;
    }
    if (flag->text[0] == '\0') { // there is to be no cluster
        opts->cluster.port = 0;
        return NB_OK;
    }
    return set_listener(opts, nb_slice_of(flag->text), diag);
}

/* --routes: URLs between commas; none of them removes those of the file. */

static int add_route(struct nserver_options *opts, struct slice text, struct nb_diag *diag)
{
    struct nserver_cluster_options *cluster = &opts->cluster;
    struct nserver_url url;
    int rc = nserver_options_read_url(opts, text, &url, diag);

    if (rc != NB_OK) {
        return rc;
    }
    cluster->routes =
        nserver_options_grow(opts, cluster->routes, cluster->route_count, sizeof(url));
    cluster->routes[cluster->route_count++] = url;
    return NB_OK;
}

static int apply_routes(const struct flags *flags, struct nserver_options *opts,
                        struct nb_diag *diag)
{
    const struct flag_value *flag = &flags->values[FLAG_ROUTES];
    struct slice rest = nb_slice_of(flag->text);
    struct slice one;
    int rc = NB_OK;

    if (!flag->is_set) {
        return NB_OK;
    }
    opts->cluster.routes = NULL;
    opts->cluster.route_count = 0;
    while (rc == NB_OK && nb_slice_take_field(&rest, ',', &one)) {
        one = nb_slice_trim(one);
        rc = one.n > 0 ? add_route(opts, one, diag) : NB_OK;
    }
    if (rc == NB_OK && flag->text[0] != '\0' && opts->cluster.host == NULL &&
        opts->cluster.port == 0) {
        nb_diag_set(diag, "solicited routes require cluster capabilities, e.g. --cluster");
        rc = NB_EINVALID;
    }
    return rc;
}

/* The others. */

static void put_text(const struct flag_value *flag, struct nserver_options *opts, char **field)
{
    if (flag->is_set) {
        *field = flag->text[0] != '\0' ? nserver_options_keep(opts, nb_slice_of(flag->text)) : NULL;
        opts->cluster.is_set = true;
    }
}

int flags_apply_cluster(const struct flags *flags, struct nserver_options *opts,
                        struct nb_diag *diag)
{
    const struct flag_value *values = flags->values;
    int rc = apply_listener(flags, opts, diag);

    if (rc == NB_OK) {
        rc = apply_routes(flags, opts, diag);
    }
    if (rc != NB_OK) {
        return rc;
    }
    put_text(&values[FLAG_CLUSTER_NAME], opts, &opts->cluster.name);
    put_text(&values[FLAG_CLUSTER_ADVERTISE], opts, &opts->cluster.advertise);
    if (values[FLAG_NO_ADVERTISE].is_set) {
        opts->cluster.no_advertise = values[FLAG_NO_ADVERTISE].is_true ? NSERVER_YES : NSERVER_NO;
    }
    if (values[FLAG_CONNECT_RETRIES].is_set) {
        opts->cluster.connect_retries = values[FLAG_CONNECT_RETRIES].number;
    }
    return NB_OK;
}
