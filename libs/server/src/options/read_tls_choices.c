/* read_tls_choices.c - what a TLS handshake may agree on (spec 02 section 4.4). */
#include "options/read_tls.h"

enum {
    TLS_1_2 = 0x0303,
    TLS_1_3 = 0x0304,
    PIN_TEXT_BYTES = 2 * NNET_TLS_PIN_BYTES,
};

/* Ciphers and curves. */

// An array with something in it.
static bool expect_names(struct reading *r, const struct nconf_value *value)
{
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_ARRAY, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    if (value->count == 0) {
        nserver__read_error(r, value, "error parsing tls config, '%s' cannot be empty",
                            nserver__lowered(r, value->key));
        return false;
    }
    return true;
}

static bool is_cipher(const char *name)
{
    bool is_insecure;

    return nnet_tls_is_cipher_name(name, &is_insecure);
}

static bool read_names(struct reading *r, const struct nconf_value *value, const char *what,
                       bool (*is_name)(const char *name), char ***names, size_t *count)
{
    if (!expect_names(r, value)) {
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        if (!nserver__read_kept_item(r, item, names, count)) {
            return false;
        }
        if (!is_name((*names)[*count - 1])) {
            nserver__read_error(r, item, "unrecognized %s %s", what, (*names)[*count - 1]);
            return false;
        }
    }
    return true;
}

bool nserver__read_tls_ciphers(struct reading *r, const struct nconf_value *value,
                               struct nserver_tls_options *tls)
{
    return read_names(r, value, "cipher", is_cipher, &tls->cipher_suites, &tls->cipher_suite_count);
}

bool nserver__read_tls_curves(struct reading *r, const struct nconf_value *value,
                              struct nserver_tls_options *tls)
{
    return read_names(r, value, "curve preference", nnet_tls_is_curve_name, &tls->curves,
                      &tls->curve_count);
}

// How often may a name stand in a message: a list can have it as often as it likes.
enum {
    INSECURE_NAMES_MAX_BYTES = 4096,
};

static void list_insecure(const struct nserver_tls_options *tls, struct nb_buf *names)
{
    for (size_t i = 0; i < tls->cipher_suite_count; i++) {
        bool is_insecure = false;

        if (nnet_tls_is_cipher_name(tls->cipher_suites[i], &is_insecure) && is_insecure &&
            nb_buf_slice(names).n < INSECURE_NAMES_MAX_BYTES) {
            nb_buf_must_format(names, nb_buf_slice(names).n > 0 ? ", %s" : "%s",
                               tls->cipher_suites[i]);
        }
    }
}

bool nserver__check_tls_ciphers(struct reading *r, const struct nconf_value *block,
                                const struct nserver_tls_options *tls)
{
    const struct nconf_value *allow = nconf_find(block, "allow_insecure_cipher_suites");
    struct nb_buf names;
    bool is_good = true;

    if (allow != NULL && allow->type == NCONF_BOOL && allow->is_true) {
        return true;
    }
    nb_buf_init(&names, 2 * INSECURE_NAMES_MAX_BYTES);
    list_insecure(tls, &names);
    if (nb_buf_slice(&names).n > 0) {
        nserver__read_error(r, block,
                            "insecure cipher suites configured without "
                            "'allow_insecure_cipher_suites' option set: %.*s",
                            NB_SLICE_ARGS(nb_buf_slice(&names)));
        is_good = false;
    }
    nb_buf_fini(&names);
    return is_good;
}

/* Version. */

bool nserver__read_tls_min_version(struct reading *r, const struct nconf_value *value,
                                   struct nserver_tls_options *tls)
{
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "error parsing tls config: 'min_version' wrong type: %s",
                            nserver__shown(r, value));
        return false;
    }
    if (nb_slice_is(value->text, "1.2") || nb_slice_is(value->text, "1.3")) {
        tls->min_version = nb_slice_is(value->text, "1.2") ? TLS_1_2 : TLS_1_3;
        return true;
    }
    if (nb_slice_is(value->text, "1.0") || nb_slice_is(value->text, "1.1")) {
        nserver__read_error(r, value, "error parsing tls config: unsupported TLS version: TLS %s",
                            nserver__shown(r, value));
        return false;
    }
    nserver__read_error(r, value, "error parsing tls config: unknown version: %s",
                        nserver__shown(r, value));
    return false;
}

/* Pinned certificates. */

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

static bool read_pin(struct reading *r, const struct nconf_value *value,
                     uint8_t pin[NNET_TLS_PIN_BYTES])
{
    struct nb_diag diag;

    if (nconf_expect(value, NCONF_STRING, &diag) != NB_OK) {
        nserver__read_error(r, value, "%s", diag.text);
        return false;
    }
    if (!parse_pin(value->text, pin)) {
        nserver__read_error(r, value,
                            "error parsing tls config, 'pinned_certs' key %s does not look like "
                            "hex-encoded sha256 of DER encoded SubjectPublicKeyInfo",
                            nserver__shown(r, value));
        return false;
    }
    return true;
}

bool nserver__read_tls_pins(struct reading *r, const struct nconf_value *value,
                            struct nserver_tls_options *tls)
{
    if (value->type != NCONF_ARRAY) {
        nserver__read_error(r, value,
                            "error parsing tls config, expected 'pinned_certs' to be a list of "
                            "hex-encoded sha256 of DER encoded SubjectPublicKeyInfo");
        return false;
    }
    for (const struct nconf_value *item = value->first; item != NULL; item = item->next) {
        uint8_t pin[NNET_TLS_PIN_BYTES];

        if (!read_pin(r, item, pin)) {
            return false;
        }
        tls->pins = nserver__keep_one_more(r, tls->pins, tls->pin_count, sizeof(*tls->pins));
        memcpy(tls->pins[tls->pin_count++], pin, sizeof(pin));
    }
    return true;
}
