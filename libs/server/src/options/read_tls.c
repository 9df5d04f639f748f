/* read_tls.c - a tls block (spec 02 section 4.4). */
#include "options/read_tls.h"

#include <natsd/clock.h>
#include <natsd/duration.h>

#include "options/read_block.h"

#define HANDSHAKE_FIRST_AUTO_NS (50 * NB_NS_PER_MS)

/* Flags. */

static bool read_flag(struct reading *r, const struct nconf_value *value, bool *out)
{
    if (value->type != NCONF_BOOL) {
        nserver__read_error(r, value, "error parsing tls config, expected '%s' to be a boolean",
                            nserver__lowered(r, value->key));
        return false;
    }
    *out = value->is_true;
    return true;
}

static bool read_verify(struct reading *r, const struct nconf_value *value,
                        struct nserver_tls_options *tls)
{
    return read_flag(r, value, &tls->verify);
}

static bool read_insecure(struct reading *r, const struct nconf_value *value,
                          struct nserver_tls_options *tls)
{
    return read_flag(r, value, &tls->insecure);
}

static bool accept_insecure_ciphers(struct reading *r, const struct nconf_value *value,
                                    struct nserver_tls_options *tls NB_UNUSED)
{
    bool is_on; // looked at again when all ciphers are known

    return read_flag(r, value, &is_on);
}

static bool read_verify_and_map(struct reading *r, const struct nconf_value *value,
                                struct nserver_tls_options *tls)
{
    return read_flag(r, value, &tls->verify_and_map);
}

static bool read_known_urls(struct reading *r, const struct nconf_value *value,
                            struct nserver_tls_options *tls)
{
    return read_flag(r, value, &tls->check_known_urls);
}

static bool read_ocsp_peer(struct reading *r, const struct nconf_value *value,
                           struct nserver_tls_options *tls)
{
    return nserver__read_ocsp_peer(r, value, &tls->ocsp_peer);
}

/* Times and limits. */

static bool read_timeout(struct reading *r, const struct nconf_value *value,
                         struct nserver_tls_options *tls)
{
    return nserver__read_seconds(r, value, "tls config", &tls->timeout_s);
}

static bool read_rate_limit(struct reading *r, const struct nconf_value *value,
                            struct nserver_tls_options *tls)
{
    if (value->type != NCONF_INTEGER) {
        nserver__read_error(r, value,
                            "error parsing tls config, 'connection_rate_limit' wrong type");
        return false;
    }
    tls->connection_rate_limit = value->integer;
    return true;
}

static bool is_either(struct slice text, const char *one, const char *other)
{
    return nb_slice_equal_nocase(text, nb_slice_of(one)) ||
           nb_slice_equal_nocase(text, nb_slice_of(other));
}

static bool read_handshake_first_text(struct reading *r, const struct nconf_value *value,
                                      struct nserver_tls_options *tls)
{
    int64_t fallback_ns = 0;
    bool is_off = is_either(value->text, "false", "off");

    if (is_either(value->text, "auto", "auto_fallback")) {
        fallback_ns = HANDSHAKE_FIRST_AUTO_NS;
    } else if (!is_off && !is_either(value->text, "true", "on") &&
               nb_duration_parse(value->text, &fallback_ns, NULL) != NB_OK) {
        nserver__read_error(r, value, "field %s's value %s is invalid",
                            nserver__quoted(r, value->key), nserver__quoted(r, value->text));
        return false;
    }
    tls->handshake_first = !is_off;
    tls->handshake_first_fallback_ns = fallback_ns;
    return true;
}

static bool read_handshake_first(struct reading *r, const struct nconf_value *value,
                                 struct nserver_tls_options *tls)
{
    if (value->type == NCONF_STRING) {
        return read_handshake_first_text(r, value, tls);
    }
    if (value->type != NCONF_BOOL) {
        nserver__read_error(r, value, "field %s should be a boolean or a string, got %s",
                            nserver__quoted(r, value->key), nconf_type_name(value->type));
        return false;
    }
    tls->handshake_first = value->is_true;
    tls->handshake_first_fallback_ns = 0;
    return true;
}

/* The block. */

static const struct {
    const char *name;
    nserver__tls_reader_fn read;
} keys[] = {
    {"cert_file", nserver__read_tls_cert_file},
    {"key_file", nserver__read_tls_key_file},
    {"ca_file", nserver__read_tls_ca_file},
    {"certs", nserver__read_tls_certs},
    {"certificates", nserver__read_tls_certs},
    {"verify", read_verify},
    {"verify_and_map", read_verify_and_map},
    {"verify_cert_and_check_known_urls", read_known_urls},
    {"insecure", read_insecure},
    {"timeout", read_timeout},
    {"cipher_suites", nserver__read_tls_ciphers},
    {"allow_insecure_cipher_suites", accept_insecure_ciphers},
    {"curve_preferences", nserver__read_tls_curves},
    {"min_version", nserver__read_tls_min_version},
    {"connection_rate_limit", read_rate_limit},
    {"pinned_certs", nserver__read_tls_pins},
    {"handshake_first", read_handshake_first},
    {"first", read_handshake_first},
    {"immediate", read_handshake_first},
    {"ocsp_peer", read_ocsp_peer},
    {"cert_store", nserver__read_tls_cert_store},
    {"cert_match_by", nserver__read_tls_cert_match_by},
    {"cert_match", nserver__read_tls_cert_match},
    {"ca_certs_match", nserver__read_tls_ca_certs_match},
    {"cert_match_skip_invalid", nserver__read_tls_skip_invalid},
};

static bool read_entry(struct reading *r, const struct nconf_value *value,
                       struct nserver_tls_options *tls)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nserver__is_key(value, keys[i].name)) {
            return keys[i].read(r, value, tls);
        }
    }
    nserver__read_error(r, value, "error parsing tls config, unknown field %s",
                        nserver__quoted(r, value->key));
    return false;
}

// Only other servers have URLs that are known.
static bool check_place(struct reading *r, const struct nconf_value *block,
                        enum nserver__tls_place place, const struct nserver_tls_options *tls)
{
    if (!tls->check_known_urls || place == NSERVER__TLS_PEERS) {
        return true;
    }
    nserver__read_error(r, nconf_find(block, "verify_cert_and_check_known_urls"),
                        "verify_cert_and_check_known_urls not supported in this context");
    return false;
}

bool nserver__read_tls_block(struct reading *r, const struct nconf_value *value,
                             enum nserver__tls_place place, struct nserver_tls_options *tls)
{
    struct nb_diag diag;
    bool is_good = true;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    *tls = (struct nserver_tls_options){.is_set = true};
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        is_good = read_entry(r, entry, tls) && is_good;
    }
    tls->verify = tls->verify || tls->verify_and_map || tls->check_known_urls;
    // The whole can be judged only when all of it was read.
    return is_good && check_place(r, value, place, tls) &&
           nserver__check_tls_ciphers(r, value, tls) && nserver__check_tls_files(r, value, tls);
}

void nserver__read_tls(struct reading *r, const struct nconf_value *value)
{
    (void)nserver__read_tls_block(r, value, NSERVER__TLS_CLIENTS, &r->opts->tls);
}
