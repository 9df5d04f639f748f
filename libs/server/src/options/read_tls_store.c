/* read_tls_store.c - the Windows certificate store (spec 02 section 4.4). There is none here: its
 * keys are checked, and naming a store is a fault.
 */
#include "options/read_tls.h"

static bool read_nonempty(struct reading *r, const struct nconf_value *value)
{
    if (value->type == NCONF_STRING && value->text.n > 0) {
        return true;
    }
    nserver__read_error(r, value, "expected '%s' to be a valid non-empty string",
                        nserver__lowered(r, value->key));
    return false;
}

static bool is_one_of(struct slice text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (nb_slice_equal_nocase(text, nb_slice_of(names[i]))) {
            return true;
        }
    }
    return false;
}

bool nserver__read_tls_cert_store(struct reading *r, const struct nconf_value *value,
                                  struct nserver_tls_options *tls NB_UNUSED)
{
    static const char *const stores[] = {"WindowsCurrentUser", "WindowsLocalMachine"};

    if (!read_nonempty(r, value)) {
        return false;
    }
    nserver__read_error(r, value,
                        is_one_of(value->text, stores, NB_ARRAY_LEN(stores))
                            ? "cert_store not compatible with current operating system"
                            : "cert store type not implemented");
    return false;
}

bool nserver__read_tls_cert_match_by(struct reading *r, const struct nconf_value *value,
                                     struct nserver_tls_options *tls NB_UNUSED)
{
    static const char *const kinds[] = {"subject", "issuer", "thumbprint"};

    if (!read_nonempty(r, value)) {
        return false;
    }
    if (!is_one_of(value->text, kinds, NB_ARRAY_LEN(kinds))) {
        nserver__read_error(r, value, "cert match by type not implemented");
        return false;
    }
    return true;
}

bool nserver__read_tls_cert_match(struct reading *r, const struct nconf_value *value,
                                  struct nserver_tls_options *tls NB_UNUSED)
{
    return read_nonempty(r, value);
}

bool nserver__read_tls_ca_certs_match(struct reading *r, const struct nconf_value *value,
                                      struct nserver_tls_options *tls NB_UNUSED)
{
    const struct nconf_value *item = value->type == NCONF_ARRAY ? value->first : NULL;

    for (; item != NULL; item = item->next) {
        if (item->type != NCONF_STRING) {
            nserver__read_error(r, value, "error parsing ca_cert_match: unsupported type %s",
                                nconf_type_name(item->type));
            return false;
        }
    }
    return true;
}

bool nserver__read_tls_skip_invalid(struct reading *r, const struct nconf_value *value,
                                    struct nserver_tls_options *tls NB_UNUSED)
{
    if (value->type != NCONF_BOOL) {
        nserver__read_error(r, value, "expected '%s' to be a boolean",
                            nserver__lowered(r, value->key));
    }
    return value->type == NCONF_BOOL;
}
