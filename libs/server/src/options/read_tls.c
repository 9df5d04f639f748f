/* read_tls.c - a tls block (spec 02 section 4.4). The first fault ends it. */
#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/memory.h>

#include "options/reading.h"

#define HANDSHAKE_FIRST_AUTO_NS (50 * NB_NS_PER_MS)

enum {
    TLS_1_2 = 0x0303,
    TLS_1_3 = 0x0304,
    PIN_TEXT_BYTES = 2 * NNET_TLS_PIN_BYTES,
};

typedef bool (*tls_reader_fn)(struct reading *r, const struct nconf_value *value,
                              struct nserver_tls_options *tls);

/* Files. */

static bool read_file_name(struct reading *r, const struct nconf_value *value, char **out)
{
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "error parsing tls config, expected '%.*s' to be filename",
                            NB_SLICE_ARGS(value->key));
        return false;
    }
    nserver_options_set_text(out, value->text);
    return true;
}

static bool read_cert_file(struct reading *r, const struct nconf_value *value,
                           struct nserver_tls_options *tls)
{
    return read_file_name(r, value, &tls->cert_file);
}

static bool read_key_file(struct reading *r, const struct nconf_value *value,
                          struct nserver_tls_options *tls)
{
    return read_file_name(r, value, &tls->key_file);
}

static bool read_ca_file(struct reading *r, const struct nconf_value *value,
                         struct nserver_tls_options *tls)
{
    return read_file_name(r, value, &tls->ca_file);
}

static bool read_cert_pair(struct reading *r, const struct nconf_value *map,
                           struct nserver_tls_pair *pair)
{
    char name[256];

    for (const struct nconf_value *value = map->first; value != NULL; value = value->next) {
        bool is_cert = nb_slice_is(value->key, "cert_file");

        if (!is_cert && !nb_slice_is(value->key, "key_file")) {
            nserver__read_error(r, value, "error parsing tls certs config, unknown field %s",
                                nserver__quoted(value->key, name, sizeof(name)));
            return false;
        }
        if (!read_file_name(r, value, is_cert ? &pair->cert_file : &pair->key_file)) {
            return false;
        }
    }
    if (pair->cert_file == NULL || pair->key_file == NULL) {
        nserver__read_error(r, map,
                            "error parsing certificates config: both 'cert_file' and 'cert_key' "
                            "options are required");
        return false;
    }
    return true;
}

static bool read_certs(struct reading *r, const struct nconf_value *value,
                       struct nserver_tls_options *tls)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value, "error parsing certificates config: unsupported type map");
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (item->type != NCONF_MAP) {
            nserver__read_error(r, item, "error parsing certificates config: unsupported type %s",
                                nconf_type_name(item->type));
            return false;
        }
        tls->certs = nb_realloc(tls->certs, (tls->cert_count + 1) * sizeof(*tls->certs));
        tls->certs[tls->cert_count] = (struct nserver_tls_pair){0};
        tls->cert_count++;
        if (!read_cert_pair(r, item, &tls->certs[tls->cert_count - 1])) {
            return false;
        }
    }
    return true;
}

/* Flags. */

static bool read_flag(struct reading *r, const struct nconf_value *value, bool *out)
{
    if (value->type != NCONF_BOOL) {
        nserver__read_error(r, value, "error parsing tls config, expected '%.*s' to be a boolean",
                            NB_SLICE_ARGS(value->key));
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

static bool refuse_known_urls(struct reading *r, const struct nconf_value *value,
                              struct nserver_tls_options *tls NB_UNUSED)
{
    bool is_on = false;

    if (!read_flag(r, value, &is_on)) {
        return false;
    }
    if (is_on) {
        nserver__read_error(r, value,
                            "verify_cert_and_check_known_urls not supported in this context");
    }
    return !is_on;
}

/* Ciphers, curves, versions, pins. */

static bool read_cipher_suites(struct reading *r, const struct nconf_value *value,
                               struct nserver_tls_options *tls)
{
    if (value->type != NCONF_ARRAY || value->count == 0) {
        nserver__read_error(r, value, "error parsing tls config, 'cipher_suites' cannot be empty");
        return false;
    }
    if (!nserver__read_texts(r, value, &tls->cipher_suites, &tls->cipher_suite_count)) {
        return false;
    }
    for (size_t i = 0; i < tls->cipher_suite_count; i++) {
        bool is_insecure;

        if (!nnet_tls_is_cipher_name(tls->cipher_suites[i], &is_insecure)) {
            nserver__read_error(r, value, "unrecognized cipher %s", tls->cipher_suites[i]);
            return false;
        }
    }
    return true;
}

static bool read_curves(struct reading *r, const struct nconf_value *value,
                        struct nserver_tls_options *tls)
{
    if (value->type != NCONF_ARRAY || value->count == 0) {
        nserver__read_error(r, value,
                            "error parsing tls config, 'curve_preferences' cannot be empty");
        return false;
    }
    if (!nserver__read_texts(r, value, &tls->curves, &tls->curve_count)) {
        return false;
    }
    for (size_t i = 0; i < tls->curve_count; i++) {
        if (!nnet_tls_is_curve_name(tls->curves[i])) {
            nserver__read_error(r, value, "unrecognized curve preference %s", tls->curves[i]);
            return false;
        }
    }
    return true;
}

static bool read_min_version(struct reading *r, const struct nconf_value *value,
                             struct nserver_tls_options *tls)
{
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "error parsing tls config, 'min_version' wrong type: %s",
                            nconf_type_name(value->type));
        return false;
    }
    if (nb_slice_is(value->text, "1.2") || nb_slice_is(value->text, "1.3")) {
        tls->min_version = nb_slice_is(value->text, "1.2") ? TLS_1_2 : TLS_1_3;
        return true;
    }
    if (nb_slice_is(value->text, "1.0") || nb_slice_is(value->text, "1.1")) {
        nserver__read_error(r, value, "error parsing tls config: unsupported TLS version: TLS %.*s",
                            NB_SLICE_ARGS(value->text));
        return false;
    }
    nserver__read_error(r, value, "error parsing tls config: unknown version: %.*s",
                        NB_SLICE_ARGS(nb_slice_sub(value->text, 0, 64)));
    return false;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (uint8_t)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_pin(struct slice text, uint8_t pin[NNET_TLS_PIN_BYTES])
{
    if (text.n != PIN_TEXT_BYTES) {
        return false;
    }
    for (size_t i = 0; i < NNET_TLS_PIN_BYTES; i++) {
        int high = hex_digit(text.p[2 * i]);
        int low = hex_digit(text.p[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        pin[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_pinned_certs(struct reading *r, const struct nconf_value *value,
                              struct nserver_tls_options *tls)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value,
                            "error parsing tls config, expected 'pinned_certs' to be a list of "
                            "hex-encoded sha256 of "
                            "DER encoded SubjectPublicKeyInfo");
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        uint8_t pin[NNET_TLS_PIN_BYTES];

        if (item->type != NCONF_STRING || !parse_pin(item->text, pin)) {
            nserver__read_error(
                r, value,
                "error parsing tls config, 'pinned_certs' key %.*s does not look like hex-encoded "
                "sha256 of DER encoded SubjectPublicKeyInfo",
                NB_SLICE_ARGS(nb_slice_sub(item->text, 0, 128)));
            return false;
        }
        tls->pins = nb_realloc(tls->pins, (tls->pin_count + 1) * sizeof(*tls->pins));
        memcpy(tls->pins[tls->pin_count++], pin, sizeof(pin));
    }
    return true;
}

/* Times and limits. */

static bool read_timeout(struct reading *r, const struct nconf_value *value,
                         struct nserver_tls_options *tls)
{
    struct nb_diag diag;
    int64_t ns;

    if (value->type == NCONF_INTEGER) {
        tls->timeout_s = (double)value->integer;
    } else if (value->type == NCONF_FLOAT) {
        tls->timeout_s = value->number;
    } else if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "error parsing tls config, 'timeout' wrong type");
        return false;
    } else if (nb_duration_parse(value->text, &ns, &diag) != NB_OK) {
        nserver__read_error(r, value, "error parsing tls config, 'timeout' %s", diag.text);
        return false;
    } else {
        tls->timeout_s = (double)ns / (double)NB_NS_PER_S;
    }
    return true;
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

static bool read_handshake_first_text(struct reading *r, const struct nconf_value *value,
                                      struct nserver_tls_options *tls)
{
    struct slice text = value->text;
    char key[128];
    char quoted[256];

    tls->handshake_first = true;
    tls->handshake_first_fallback_ns = 0;
    if (nb_slice_equal_nocase(text, NB_SLICE("true")) ||
        nb_slice_equal_nocase(text, NB_SLICE("on"))) {
        return true;
    }
    if (nb_slice_equal_nocase(text, NB_SLICE("false")) ||
        nb_slice_equal_nocase(text, NB_SLICE("off"))) {
        tls->handshake_first = false;
        return true;
    }
    if (nb_slice_equal_nocase(text, NB_SLICE("auto")) ||
        nb_slice_equal_nocase(text, NB_SLICE("auto_fallback"))) {
        tls->handshake_first_fallback_ns = HANDSHAKE_FIRST_AUTO_NS;
        return true;
    }
    if (nb_duration_parse(text, &tls->handshake_first_fallback_ns, NULL) != NB_OK) {
        nserver__read_error(r, value, "field %s's value %s is invalid",
                            nserver__quoted(value->key, key, sizeof(key)),
                            nserver__quoted(text, quoted, sizeof(quoted)));
        return false;
    }
    return true;
}

static bool read_handshake_first(struct reading *r, const struct nconf_value *value,
                                 struct nserver_tls_options *tls)
{
    char key[128];

    if (value->type == NCONF_STRING) {
        return read_handshake_first_text(r, value, tls);
    }
    if (value->type != NCONF_BOOL) {
        nserver__read_error(r, value, "field %s should be a boolean or a string, got %s",
                            nserver__quoted(value->key, key, sizeof(key)),
                            nconf_type_name(value->type));
        return false;
    }
    tls->handshake_first = value->is_true;
    tls->handshake_first_fallback_ns = 0;
    return true;
}

static bool refuse_later(struct reading *r, const struct nconf_value *value,
                         struct nserver_tls_options *tls NB_UNUSED)
{
    nserver__read_later(r, value);
    return false;
}

static bool accept_insecure_ciphers(struct reading *r, const struct nconf_value *value,
                                    struct nserver_tls_options *tls NB_UNUSED)
{
    bool is_on;

    return read_flag(r, value, &is_on); // looked at again in check_ciphers()
}

static const struct {
    const char *name;
    tls_reader_fn read;
} keys[] = {
    {"cert_file", read_cert_file},
    {"key_file", read_key_file},
    {"ca_file", read_ca_file},
    {"certs", read_certs},
    {"certificates", read_certs},
    {"verify", read_verify},
    {"insecure", read_insecure},
    {"timeout", read_timeout},
    {"cipher_suites", read_cipher_suites},
    {"allow_insecure_cipher_suites", accept_insecure_ciphers},
    {"curve_preferences", read_curves},
    {"min_version", read_min_version},
    {"connection_rate_limit", read_rate_limit},
    {"pinned_certs", read_pinned_certs},
    {"handshake_first", read_handshake_first},
    {"first", read_handshake_first},
    {"immediate", read_handshake_first},
    {"verify_cert_and_check_known_urls", refuse_known_urls},
    {"verify_and_map", refuse_later},
    {"ocsp_peer", refuse_later},
    {"cert_store", refuse_later},
    {"cert_match_by", refuse_later},
    {"cert_match", refuse_later},
    {"ca_certs_match", refuse_later},
    {"cert_match_skip_invalid", refuse_later},
};

static bool read_entry(struct reading *r, const struct nconf_value *value,
                       struct nserver_tls_options *tls)
{
    char name[256];

    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        if (nb_slice_equal_nocase(value->key, nb_slice_of(keys[i].name))) {
            return keys[i].read(r, value, tls);
        }
    }
    nserver__read_error(r, value, "error parsing tls config, unknown field %s",
                        nserver__quoted(value->key, name, sizeof(name)));
    return false;
}

/* What the entries have to be together. */

static bool check_ciphers(struct reading *r, const struct nconf_value *block,
                          const struct nserver_tls_options *tls)
{
    const struct nconf_value *allow = nconf_find(block, "allow_insecure_cipher_suites");
    struct nb_buf names;

    if (allow != NULL && allow->type == NCONF_BOOL && allow->is_true) {
        return true;
    }
    nb_buf_init(&names, 64 * 1024);
    for (size_t i = 0; i < tls->cipher_suite_count; i++) {
        bool is_insecure = false;

        if (nnet_tls_is_cipher_name(tls->cipher_suites[i], &is_insecure) && is_insecure &&
            nb_buf_slice(&names).n < 4096) {
            nb_buf_must_format(&names, nb_buf_slice(&names).n > 0 ? ", %s" : "%s",
                               tls->cipher_suites[i]);
        }
    }
    if (nb_buf_slice(&names).n > 0) {
        nserver__read_error(r, block,
                            "insecure cipher suites configured without "
                            "'allow_insecure_cipher_suites' option set: %.*s",
                            NB_SLICE_ARGS(nb_buf_slice(&names)));
        nb_buf_fini(&names);
        return false;
    }
    nb_buf_fini(&names);
    return true;
}

static bool check_files(struct reading *r, const struct nconf_value *block,
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

// The files are read here too: a configuration check has to find what is wrong with them.
static bool check_contents(struct reading *r, const struct nconf_value *block,
                           const struct nserver_tls_options *tls)
{
    struct nnet_tls_context *context = NULL;
    struct nb_diag diag = {0};

    if (nserver_tls_options_context(tls, false, &context, &diag) != NB_OK) {
        nserver__read_error(r, block, "%s", diag.text);
        return false;
    }
    nnet_tls_context_unref(context);
    return true;
}

void nserver__read_tls(struct reading *r, const struct nconf_value *value)
{
    struct nserver_tls_options *tls = &r->opts->tls;
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_MAP, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return;
    }
    nserver_tls_options_fini(tls);
    tls->is_set = true;
    for (const struct nconf_value *entry = value->first; entry != NULL; entry = entry->next) {
        if (!read_entry(r, entry, tls)) {
            return;
        }
    }
    if (check_ciphers(r, value, tls) && check_files(r, value, tls)) {
        (void)check_contents(r, value, tls); // the last one: its fault is in the report
    }
}
