/* read_tls_files.c - the files of a tls block (spec 02 section 4.4). */
#include "options/read_tls.h"

static bool read_file_name(struct reading *r, const struct nconf_value *value, char **out)
{
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "error parsing tls config, expected '%s' to be filename",
                            nserver__lowered(r, value->key));
        return false;
    }
    *out = value->text.n > 0 ? nserver__keep_text(r, value->text) : NULL;
    return true;
}

bool nserver__read_tls_cert_file(struct reading *r, const struct nconf_value *value,
                                 struct nserver_tls_options *tls)
{
    return read_file_name(r, value, &tls->cert_file);
}

bool nserver__read_tls_key_file(struct reading *r, const struct nconf_value *value,
                                struct nserver_tls_options *tls)
{
    return read_file_name(r, value, &tls->key_file);
}

bool nserver__read_tls_ca_file(struct reading *r, const struct nconf_value *value,
                               struct nserver_tls_options *tls)
{
    return read_file_name(r, value, &tls->ca_file);
}

/* Several certificates. Keys of a pair have to be in lower case. */

static bool refuse_type(struct reading *r, const struct nconf_value *at, enum nconf_type type)
{
    nserver__read_error(r, at, "error parsing certificates config: unsupported type %s",
                        nconf_type_name(type));
    return false;
}

static bool read_pair_entry(struct reading *r, const struct nconf_value *value,
                            struct nserver_tls_pair *pair)
{
    bool is_cert = nb_slice_is(value->key, "cert_file");

    if (value->type != NCONF_STRING) {
        return refuse_type(r, value, value->type);
    }
    if (!is_cert && !nb_slice_is(value->key, "key_file")) {
        nserver__read_error(r, value, "error parsing tls certs config, unknown field %s",
                            nserver__quoted(r, value->key));
        return false;
    }
    *(is_cert ? &pair->cert_file : &pair->key_file) = nserver__keep_text(r, value->text);
    return true;
}

static bool read_pair(struct reading *r, const struct nconf_value *map,
                      struct nserver_tls_pair *pair)
{
    const struct nconf_value *last = map;

    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        last = value;
        if (!read_pair_entry(r, value, pair)) {
            return false;
        }
    }
    if (pair->cert_file == NULL || pair->key_file == NULL) {
        nserver__read_error(r, last,
                            "error parsing certificates config: both 'cert_file' and 'cert_key' "
                            "options are required");
        return false;
    }
    return true;
}

bool nserver__read_tls_certs(struct reading *r, const struct nconf_value *value,
                             struct nserver_tls_options *tls)
{
    if (value->type != NCONF_ARRAY) {
        return refuse_type(r, value, NCONF_MAP); // the reference names the block's type
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_MAP) {
            return refuse_type(r, item, item->type);
        }
        tls->certs = nserver__keep_one_more(r, tls->certs, tls->cert_count, sizeof(*tls->certs));
        tls->cert_count++;
        if (!read_pair(r, item, &tls->certs[tls->cert_count - 1])) {
            return false;
        }
    }
    return true;
}

/* All of them together. */

static bool check_pairs(struct reading *r, const struct nconf_value *block,
                        const struct nserver_tls_options *tls)
{
    const char *fault = NULL;

    if (tls->cert_file != NULL && tls->cert_count > 0) {
        fault = "error parsing tls config, cannot combine 'cert_file' option with 'certs' option";
    } else if (tls->cert_file != NULL && tls->key_file == NULL) {
        fault = "missing 'key_file' in TLS configuration";
    } else if (tls->cert_file == NULL && tls->key_file != NULL) {
        fault = "missing 'cert_file' in TLS configuration";
    }
    if (fault != NULL) {
        nserver__read_error(r, block, "%s", fault);
    }
    return fault == NULL;
}

bool nserver__check_tls_files(struct reading *r, const struct nconf_value *block,
                              const struct nserver_tls_options *tls)
{
    struct nnet_tls_context *context = NULL;
    struct nb_diag diag = {0};

    if (!check_pairs(r, block, tls)) {
        return false;
    }
    if (nserver_tls_options_context(tls, false, &context, &diag) != NB_OK) {
        nserver__read_error(r, block, "%s", diag.text);
        return false;
    }
    nnet_tls_context_unref(context);
    return true;
}
