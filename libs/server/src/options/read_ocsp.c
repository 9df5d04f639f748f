/* read_ocsp.c - the revocation of certificates (spec 02 section 4.5). Case counts in the keys. */
#include <natsd/clock.h>
#include <natsd/duration.h>

#include "options/read_block.h"

/* ocsp: the server's own. */

static void read_mode(struct reading *r, const struct nconf_value *value,
                      struct nserver_ocsp_options *out)
{
    static const struct {
        const char *name;
        enum nserver_ocsp_mode mode;
    } modes[] = {{"auto", NSERVER_OCSP_AUTO},
                 {"always", NSERVER_OCSP_ALWAYS},
                 {"must", NSERVER_OCSP_MUST},
                 {"never", NSERVER_OCSP_NEVER}};
    struct nb_diag diag;
    struct slice text;

    if (nconf_read_string(value, &text, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(modes); i++) {
        if (nb_slice_equal_nocase(text, nb_slice_of(modes[i].name))) {
            out->mode = modes[i].mode;
            return;
        }
    }
    nserver__read_error(r, value, "error parsing ocsp config: unsupported ocsp mode string");
}

static void read_urls(struct reading *r, const struct nconf_value *value,
                      struct nserver_ocsp_options *out)
{
    struct nb_diag diag;
    bool is_read = true; // a fault is in the report

    out->urls = NULL;
    out->url_count = 0;
    if (nconf_expect(value, NCONF_ARRAY, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        is_read = nserver__read_kept_item(r, item, &out->urls, &out->url_count);
    }
    (void)is_read;
}

static void read_ocsp_entry(struct reading *r, const struct nconf_value *value,
                            struct nserver_ocsp_options *out)
{
    if (nb_slice_is(value->key, "mode")) {
        read_mode(r, value, out);
    } else if (nb_slice_is(value->key, "url")) {
        out->urls = NULL;
        out->url_count = 0;
        (void)nserver__read_kept_item(r, value, &out->urls, &out->url_count);
    } else if (nb_slice_is(value->key, "urls")) {
        read_urls(r, value, out);
    } else {
        nserver__read_error(r, value, "error parsing ocsp config: unsupported field string");
    }
}

void nserver__read_ocsp(struct reading *r, const struct nconf_value *value)
{
    struct nserver_ocsp_options *out = &r->opts->ocsp;

    if (value->type != NCONF_BOOL && value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error parsing ocsp config: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    *out = (struct nserver_ocsp_options){.is_set = true, .mode = NSERVER_OCSP_AUTO};
    if (value->type == NCONF_BOOL) {
        out->mode = value->is_true ? NSERVER_OCSP_AUTO : NSERVER_OCSP_NEVER;
        return;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_ocsp_entry(r, entry, out);
    }
}

/* Lengths of time. */

// NB_EINVALID for another type, NB_EMALFORMED for a text that is none; diag has the reason.
static int read_seconds(const struct nconf_value *value, double *out, struct nb_diag *diag)
{
    int64_t ns;
    int rc;

    switch (value->type) {
    case NCONF_INTEGER:
        *out = (double)value->integer;
        return NB_OK;
    case NCONF_FLOAT:
        *out = value->number;
        return NB_OK;
    case NCONF_STRING:
        rc = nb_duration_parse(value->text, &ns, diag);
        if (rc == NB_OK) {
            *out = (double)ns / (double)NB_NS_PER_S;
        }
        return rc;
    case NCONF_BOOL:
    case NCONF_TIME:
    case NCONF_ARRAY:
    case NCONF_MAP:
        break;
    }
    nb_diag_set(diag, "unexpected type");
    return NB_EINVALID;
}

/* ocsp_peer: the other side's. Faults have two positions: of the block and of the key in it. */

static void refuse_peer(struct reading *r, const struct nconf_value *block,
                        const struct nconf_value *at, const char *reason)
{
    enum { POSITION_MAX_BYTES = 16 * 1024 };
    struct nb_buf position;

    nb_buf_init(&position, POSITION_MAX_BYTES);
    if (nconf_position_format(at->at, &position) != NB_OK) {
        nb_buf_clear(&position);
    }
    nserver__read_error(r, block, "%.*serror parsing tls peer config, %s",
                        NB_SLICE_ARGS(nb_buf_slice(&position)), reason);
    nb_buf_fini(&position);
}

// A time below zero leaves the default.
static bool read_peer_time(struct reading *r, const struct nconf_value *block,
                           const struct nconf_value *value, double *out)
{
    struct nb_diag diag;
    struct nb_diag reason;
    double seconds;

    if (read_seconds(value, &seconds, &diag) != NB_OK) {
        nb_diag_set(&reason, "conversion error: %s", diag.text);
        refuse_peer(r, block, value, reason.text);
        return false;
    }
    if (seconds >= 0) {
        *out = seconds;
    }
    return true;
}

static bool read_peer_entry(struct reading *r, const struct nconf_value *block,
                            const struct nconf_value *value, struct nserver_ocsp_peer_options *out)
{
    const struct {
        const char *name;
        double *seconds;
        bool *flag;
    } keys[] = {
        {"verify", NULL, &out->verify},
        {"warn_only", NULL, &out->warn_only},
        {"unknown_is_good", NULL, &out->unknown_is_good},
        {"allow_when_ca_unreachable", NULL, &out->allow_when_ca_unreachable},
        {"ca_timeout", &out->ca_timeout_s, NULL},
        {"allowed_clockskew", &out->allowed_clockskew_s, NULL},
        {"cache_ttl_when_next_update_unset", &out->cache_ttl_s, NULL},
    };
    struct nb_diag reason;

    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (!nserver__is_key(value, keys[i].name)) {
            continue;
        }
        if (keys[i].seconds != NULL) {
            return read_peer_time(r, block, value, keys[i].seconds);
        }
        if (value->type == NCONF_BOOL) {
            *keys[i].flag = value->is_true;
            return true;
        }
    }
    nb_diag_set(&reason, "unknown field [%.400s]",
                nserver__quoted(r, nb_slice_of(nserver__lowered(r, value->key))));
    refuse_peer(r, block, value, reason.text);
    return false;
}

bool nserver__read_ocsp_peer(struct reading *r, const struct nconf_value *value,
                             struct nserver_ocsp_peer_options *out)
{
    bool is_good = true;

    *out = (struct nserver_ocsp_peer_options){
        .is_set = true,
        .ca_timeout_s = NSERVER_OCSP_CA_TIMEOUT_DEFAULT_S,
        .allowed_clockskew_s = NSERVER_OCSP_CLOCKSKEW_DEFAULT_S,
        .cache_ttl_s = NSERVER_OCSP_CACHE_TTL_DEFAULT_S,
    };
    if (value->type == NCONF_BOOL) {
        out->verify = value->is_true;
        return true;
    }
    if (value->type != NCONF_MAP) { // the reference names the type of the tls block
        nserver__read_error(r, value, "error parsing ocsp peer config: unsupported type %s",
                            nconf_type_name(NCONF_MAP));
        return false;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        is_good = read_peer_entry(r, value, entry, out) && is_good;
    }
    return is_good;
}

/* ocsp_cache: what ocsp_peer was told. */

static void read_cache_type(struct reading *r, const struct nconf_value *value,
                            struct nserver_ocsp_cache_options *out)
{
    const char *name = nserver__lowered(r, value->text);

    if (strcmp(name, "none") == 0) {
        out->type = NSERVER_OCSP_CACHE_NONE;
    } else if (strcmp(name, "local") == 0) {
        out->type = NSERVER_OCSP_CACHE_LOCAL;
    } else {
        nserver__read_error(r, value, "error parsing OCSP peer cache config, unknown type [%s]",
                            nserver__shown(r, value));
    }
}

// Whole seconds, at least one.
static void read_save_interval(struct reading *r, const struct nconf_value *value,
                               struct nserver_ocsp_cache_options *out)
{
    const double largest_s = 1e9;
    struct nb_diag diag;
    double seconds;
    int rc = read_seconds(value, &seconds, &diag);

    if (rc != NB_OK) {
        nserver__read_error(r, value, "error parsing %s config, conversion error: %s",
                            rc == NB_EINVALID ? "OCSP peer cache" : "tls peer", diag.text);
        return;
    }
    seconds = seconds < 1 ? 1 : seconds;
    out->save_interval_s = (int64_t)(seconds < largest_s ? seconds : largest_s);
}

static void read_cache_entry(struct reading *r, const struct nconf_value *value,
                             struct nserver_ocsp_cache_options *out)
{
    if (nserver__is_key(value, "type") && value->type == NCONF_STRING) {
        read_cache_type(r, value, out);
    } else if (nserver__is_key(value, "local_store") && value->type == NCONF_STRING) {
        out->local_store = nserver__keep_text(r, value->text);
    } else if (nserver__is_key(value, "preserve_revoked") && value->type == NCONF_BOOL) {
        out->preserve_revoked = value->is_true;
    } else if (nserver__is_key(value, "save_interval")) {
        read_save_interval(r, value, out);
    } else {
        nserver__read_error(r, value, "error parsing OCSP peer cache config, unknown field [%s]",
                            nserver__quoted(r, nb_slice_of(nserver__lowered(r, value->key))));
    }
}

void nserver__read_ocsp_cache(struct reading *r, const struct nconf_value *value)
{
    struct nserver_ocsp_cache_options *out = &r->opts->ocsp_cache;

    if (value->type != NCONF_BOOL && value->type != NCONF_MAP) {
        nserver__read_error(r, value, "error parsing tags: unsupported type %s",
                            nconf_type_name(value->type));
        return;
    }
    *out = (struct nserver_ocsp_cache_options){.is_set = true, .type = NSERVER_OCSP_CACHE_LOCAL};
    if (value->type == NCONF_BOOL) {
        out->type = value->is_true ? NSERVER_OCSP_CACHE_LOCAL : NSERVER_OCSP_CACHE_NONE;
        return;
    }
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        read_cache_entry(r, entry, out);
    }
}
