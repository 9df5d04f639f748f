#include "options/fields.h"

#include <natsd/conf_value.h>
#include <natsd/duration.h>
#include <natsd/map.h>

/* Parts. */

bool nserver__same_text(const char *a, const char *b)
{
    return nb_slice_equal(nb_slice_of(a), nb_slice_of(b));
}

bool nserver__same_texts(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    bool is_same = a_count == b_count;

    for (size_t i = 0; is_same && i < a_count; i++) {
        is_same = nserver__same_text(a[i], b[i]);
    }
    return is_same;
}

// Are all of one list in the other?
static bool are_names_in(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    struct nb_map names = {0};
    bool are_all = true;

    for (size_t i = 0; i < b_count; i++) {
        (void)nb_map_insert(&names, nb_slice_of(b[i]), b[i]); // or it is there
    }
    for (size_t i = 0; i < a_count && are_all; i++) {
        are_all = nb_map_find(&names, nb_slice_of(a[i])) != NULL;
    }
    nb_map_fini(&names);
    return are_all;
}

bool nserver__same_names(char *const *a, size_t a_count, char *const *b, size_t b_count)
{
    return a_count == b_count && are_names_in(a, a_count, b, b_count) &&
           are_names_in(b, b_count, a, a_count);
}

bool nserver__same_pairs(const struct nserver_text_pair *a, size_t a_count,
                         const struct nserver_text_pair *b, size_t b_count)
{
    struct nb_map values = {0};
    bool is_same = a_count == b_count;

    for (size_t i = 0; i < b_count; i++) {
        (void)nb_map_insert(&values, nb_slice_of(b[i].key), b[i].value); // each key comes once
    }
    for (size_t i = 0; i < a_count && is_same; i++) {
        const char *value = nb_map_find(&values, nb_slice_of(a[i].key));

        is_same = value != NULL && nserver__same_text(a[i].value, value);
    }
    nb_map_fini(&values);
    return is_same;
}

bool nserver__same_urls(const struct nserver_url *a, size_t a_count, const struct nserver_url *b,
                        size_t b_count)
{
    struct nb_map texts = {0};
    bool is_same = a_count == b_count; // each comes once in either

    for (size_t i = 0; i < b_count; i++) {
        (void)nb_map_insert(&texts, nb_slice_of(b[i].text), b[i].text);
    }
    for (size_t i = 0; i < a_count && is_same; i++) {
        is_same = nb_map_find(&texts, nb_slice_of(a[i].text)) != NULL;
    }
    nb_map_fini(&texts);
    return is_same;
}

bool nserver__same_permissions(const struct nauth_permissions *a, const struct nauth_permissions *b)
{
    static const struct nauth_permissions none = {0};

    return nauth_permissions_equal(a != NULL ? a : &none, b != NULL ? b : &none);
}

static bool same_subjects(const struct nauth_texts *a, const struct nauth_texts *b)
{
    bool is_same = a->count == b->count;

    for (size_t i = 0; i < a->count && is_same; i++) {
        is_same = nb_slice_equal(a->items[i], b->items[i]);
    }
    return is_same;
}

static bool same_compression(const struct nserver_compression_options *a,
                             const struct nserver_compression_options *b)
{
    bool is_same =
        nserver__same_text(a->mode, b->mode) && a->rtt_threshold_count == b->rtt_threshold_count;

    for (size_t i = 0; i < a->rtt_threshold_count && is_same; i++) {
        is_same = a->rtt_thresholds_ns[i] == b->rtt_thresholds_ns[i];
    }
    return is_same;
}

static const struct nserver_feature_flag *find_flag(const struct nserver_feature_flag *flags,
                                                    size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(flags[i].name, name) == 0) {
            return &flags[i];
        }
    }
    return NULL;
}

static bool same_flags(const struct nserver_feature_flag *a, size_t a_count,
                       const struct nserver_feature_flag *b, size_t b_count)
{
    bool is_same = a_count == b_count;

    for (size_t i = 0; i < a_count && is_same; i++) {
        const struct nserver_feature_flag *flag = find_flag(b, b_count, a[i].name);

        is_same = flag != NULL && flag->is_on == a[i].is_on;
    }
    return is_same;
}

/* TLS. */

bool nserver__same_pins(const struct nserver_tls_options *a, const struct nserver_tls_options *b)
{
    return a->pin_count == b->pin_count &&
           (a->pin_count == 0 || memcmp(a->pins, b->pins, a->pin_count * sizeof(*a->pins)) == 0);
}

static bool same_certs(const struct nserver_tls_options *a, const struct nserver_tls_options *b)
{
    bool is_same = nserver__same_text(a->cert_file, b->cert_file) &&
                   nserver__same_text(a->key_file, b->key_file) &&
                   nserver__same_text(a->ca_file, b->ca_file) && a->cert_count == b->cert_count;

    for (size_t i = 0; i < a->cert_count && is_same; i++) {
        is_same = nserver__same_text(a->certs[i].cert_file, b->certs[i].cert_file) &&
                  nserver__same_text(a->certs[i].key_file, b->certs[i].key_file);
    }
    return is_same;
}

static bool same_ocsp_peer(const struct nserver_ocsp_peer_options *a,
                           const struct nserver_ocsp_peer_options *b)
{
    return a->is_set == b->is_set && a->verify == b->verify && a->warn_only == b->warn_only &&
           a->ca_timeout_s == b->ca_timeout_s && a->unknown_is_good == b->unknown_is_good &&
           a->allowed_clockskew_s == b->allowed_clockskew_s && a->cache_ttl_s == b->cache_ttl_s &&
           a->allow_when_ca_unreachable == b->allow_when_ca_unreachable;
}

bool nserver__same_tls(const struct nserver_tls_options *a, const struct nserver_tls_options *b)
{
    return a->is_set == b->is_set && same_certs(a, b) && a->verify == b->verify &&
           a->verify_and_map == b->verify_and_map && a->insecure == b->insecure &&
           a->check_known_urls == b->check_known_urls && a->timeout_s == b->timeout_s &&
           nserver__same_texts(a->cipher_suites, a->cipher_suite_count, b->cipher_suites,
                               b->cipher_suite_count) &&
           nserver__same_texts(a->curves, a->curve_count, b->curves, b->curve_count) &&
           a->min_version == b->min_version && nserver__same_pins(a, b) &&
           a->handshake_first == b->handshake_first &&
           a->handshake_first_fallback_ns == b->handshake_first_fallback_ns &&
           same_ocsp_peer(&a->ocsp_peer, &b->ocsp_peer);
}

/* Members. */

static const void *at(const void *block, size_t member)
{
    return (const char *)block + member;
}

static size_t count_of(const struct nserver__field *field, const void *block)
{
    return *(const size_t *)at(block, field->count);
}

bool nserver__same_field(const struct nserver__field *field, const void *a, const void *b)
{
    const void *p = at(a, field->member);
    const void *q = at(b, field->member);

    switch (field->kind) {
    case NSERVER__FIELD_TEXT:
    case NSERVER__FIELD_SECRET:
        return nserver__same_text(*(char *const *)p, *(char *const *)q);
    case NSERVER__FIELD_BOOL:
        return *(const bool *)p == *(const bool *)q;
    case NSERVER__FIELD_CHOICE:
        return nserver_choice_is(*(const enum nserver_choice *)p, false) ==
               nserver_choice_is(*(const enum nserver_choice *)q, false);
    case NSERVER__FIELD_INT:
    case NSERVER__FIELD_DURATION:
        return *(const int64_t *)p == *(const int64_t *)q;
    case NSERVER__FIELD_PORT:
        return *(const int *)p == *(const int *)q ||
               (*(const int *)p != 0 && *(const int *)q == -1);
    case NSERVER__FIELD_EXACT_PORT:
        return *(const int *)p == *(const int *)q;
    case NSERVER__FIELD_FLAGS:
        return same_flags(*(struct nserver_feature_flag *const *)p, count_of(field, a),
                          *(struct nserver_feature_flag *const *)q, count_of(field, b));
    case NSERVER__FIELD_SECONDS:
        return *(const double *)p == *(const double *)q;
    case NSERVER__FIELD_WRITE_TIMEOUT:
        return *(const enum nserver_write_timeout *)p == *(const enum nserver_write_timeout *)q;
    case NSERVER__FIELD_COMPRESSION:
        return same_compression(p, q);
    case NSERVER__FIELD_TEXTS:
        return nserver__same_texts(*(char **const *)p, count_of(field, a), *(char **const *)q,
                                   count_of(field, b));
    case NSERVER__FIELD_NAMES:
        return nserver__same_names(*(char **const *)p, count_of(field, a), *(char **const *)q,
                                   count_of(field, b));
    case NSERVER__FIELD_URLS:
        return nserver__same_urls(*(struct nserver_url *const *)p, count_of(field, a),
                                  *(struct nserver_url *const *)q, count_of(field, b));
    case NSERVER__FIELD_PAIRS:
        return nserver__same_pairs(*(struct nserver_text_pair *const *)p, count_of(field, a),
                                   *(struct nserver_text_pair *const *)q, count_of(field, b));
    case NSERVER__FIELD_SUBJECTS:
        return same_subjects(p, q);
    case NSERVER__FIELD_PERMISSIONS:
        return nserver__same_permissions(*(struct nauth_permissions *const *)p,
                                         *(struct nauth_permissions *const *)q);
    case NSERVER__FIELD_TLS:
        return nserver__same_tls(p, q);
    case NSERVER__FIELD_PINS:
        return nserver__same_pins(p, q);
    }
    NB_UNREACHABLE("kind of a field");
}

const struct nserver__field *nserver__find_difference(const struct nserver__field *fields,
                                                      size_t count, const void *a, const void *b)
{
    for (size_t i = 0; i < count; i++) {
        if (!nserver__same_field(&fields[i], a, b)) {
            return &fields[i];
        }
    }
    return NULL;
}

/* Values in messages. */

static void show(struct nb_buf *out, struct slice text)
{
    int rc = nb_buf_append(out, text);

    (void)rc; // what was shown before does
}

static void show_text(struct nb_buf *out, const char *text)
{
    show(out, nb_slice_of(text));
}

static void show_texts(struct nb_buf *out, char *const *texts, size_t count)
{
    show_text(out, "[");
    for (size_t i = 0; i < count; i++) {
        show_text(out, i > 0 ? " " : "");
        show_text(out, texts[i]);
    }
    show_text(out, "]");
}

static void show_urls(struct nb_buf *out, const struct nserver_url *urls, size_t count)
{
    show_text(out, "[");
    for (size_t i = 0; i < count; i++) {
        struct nb_buf url;
        int rc;

        nb_buf_init(&url, 2 * NSERVER_URL_MAX_BYTES);
        rc = nserver_url_redact(&urls[i], &url);
        show_text(out, i > 0 ? " " : "");
        show(out, rc == NB_OK ? nb_buf_slice(&url) : NB_SLICE("..."));
        nb_buf_fini(&url);
    }
    show_text(out, "]");
}

static void show_pairs(struct nb_buf *out, const struct nserver_text_pair *pairs, size_t count)
{
    show_text(out, "map[");
    for (size_t i = 0; i < count; i++) {
        show_text(out, i > 0 ? " " : "");
        show_text(out, pairs[i].key);
        show_text(out, ":");
        show_text(out, pairs[i].value);
    }
    show_text(out, "]");
}

static void show_flags(struct nb_buf *out, const struct nserver_feature_flag *flags, size_t count)
{
    show_text(out, "map[");
    for (size_t i = 0; i < count; i++) {
        show_text(out, i > 0 ? " " : "");
        show_text(out, flags[i].name);
        show_text(out, flags[i].is_on ? ":true" : ":false");
    }
    show_text(out, "]");
}

static void show_subjects(struct nb_buf *out, const struct nauth_texts *subjects)
{
    show_text(out, "[");
    for (size_t i = 0; i < subjects->count; i++) {
        show_text(out, i > 0 ? " " : "");
        show(out, subjects->items[i]);
    }
    show_text(out, "]");
}

static void show_int(struct nb_buf *out, int64_t number)
{
    struct nconf_value value = {.type = NCONF_INTEGER, .integer = number};
    int rc = nconf_value_format(&value, out);

    (void)rc; // what was shown before does
}

static void show_seconds(struct nb_buf *out, double number)
{
    struct nconf_value value = {.type = NCONF_FLOAT, .number = number};
    int rc = nconf_value_format(&value, out);

    (void)rc; // what was shown before does
}

static void show_duration(struct nb_buf *out, int64_t ns)
{
    struct nb_buf text;

    nb_buf_init(&text, 64);
    nb_duration_format(ns, &text);
    show(out, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static const char *write_timeout_name(enum nserver_write_timeout policy)
{
    static const char *const names[] = {"", "close", "retry"};

    return names[policy];
}

void nserver__show_field(const struct nserver__field *field, const void *block, struct nb_buf *out)
{
    const void *p = at(block, field->member);

    switch (field->kind) {
    case NSERVER__FIELD_TEXT:
        show_text(out, *(char *const *)p);
        return;
    case NSERVER__FIELD_SECRET:
        show_text(out, *(char *const *)p != NULL ? "[REDACTED]" : "");
        return;
    case NSERVER__FIELD_BOOL:
        show_text(out, *(const bool *)p ? "true" : "false");
        return;
    case NSERVER__FIELD_CHOICE:
        show_text(out,
                  nserver_choice_is(*(const enum nserver_choice *)p, false) ? "true" : "false");
        return;
    case NSERVER__FIELD_INT:
        show_int(out, *(const int64_t *)p);
        return;
    case NSERVER__FIELD_FLAGS:
        show_flags(out, *(struct nserver_feature_flag *const *)p, count_of(field, block));
        return;
    case NSERVER__FIELD_PORT:
    case NSERVER__FIELD_EXACT_PORT:
        show_int(out, *(const int *)p);
        return;
    case NSERVER__FIELD_DURATION:
        show_duration(out, *(const int64_t *)p);
        return;
    case NSERVER__FIELD_SECONDS:
        show_seconds(out, *(const double *)p);
        return;
    case NSERVER__FIELD_WRITE_TIMEOUT:
        show_text(out, write_timeout_name(*(const enum nserver_write_timeout *)p));
        return;
    case NSERVER__FIELD_COMPRESSION:
        show_text(out, ((const struct nserver_compression_options *)p)->mode);
        return;
    case NSERVER__FIELD_TEXTS:
    case NSERVER__FIELD_NAMES:
        show_texts(out, *(char **const *)p, count_of(field, block));
        return;
    case NSERVER__FIELD_URLS:
        show_urls(out, *(struct nserver_url *const *)p, count_of(field, block));
        return;
    case NSERVER__FIELD_PAIRS:
        show_pairs(out, *(struct nserver_text_pair *const *)p, count_of(field, block));
        return;
    case NSERVER__FIELD_SUBJECTS:
        show_subjects(out, p);
        return;
    case NSERVER__FIELD_PERMISSIONS:
        show_text(out, *(struct nauth_permissions *const *)p != NULL ? "set" : "unset");
        return;
    case NSERVER__FIELD_TLS:
        show_text(out, ((const struct nserver_tls_options *)p)->is_set ? "set" : "unset");
        return;
    case NSERVER__FIELD_PINS:
        show_int(out, (int64_t)((const struct nserver_tls_options *)p)->pin_count);
        return;
    }
    NB_UNREACHABLE("kind of a field");
}
