/* A copy of options equals them, shares nothing with them that is theirs alone, and outlives
 * them.
 */
#include "options_fixture.h"

#include <natsd/random.h>

/* Options with every member set, drawn from a seed. */

enum {
    TEXT_MAX_BYTES = 22,
};

static struct slice random_text(struct nb_random *random, char text[static TEXT_MAX_BYTES + 1])
{
    uint32_t n = 1 + nb_random_below(random, TEXT_MAX_BYTES);

    for (uint32_t i = 0; i < n; i++) {
        text[i] = (char)('a' + nb_random_below(random, 26));
    }
    return nb_slice_make(text, n);
}

static char *text_of(struct nb_random *random)
{
    char text[TEXT_MAX_BYTES + 1];

    return nb_slice_cstr(random_text(random, text));
}

// In the memory that is shared.
static char *kept_text(struct nb_random *random, struct nserver_options *o)
{
    char text[TEXT_MAX_BYTES + 1];

    return nserver_options_keep(o, random_text(random, text));
}

static int64_t number_of(struct nb_random *random)
{
    return 1 + (int64_t)nb_random_below(random, 1000000);
}

static char **texts_of(struct nb_random *random, struct nserver_options *o, size_t *count)
{
    char **texts;

    *count = 1 + nb_random_below(random, 3);
    texts = nserver_options_alloc(o, *count * sizeof(*texts));
    for (size_t i = 0; i < *count; i++) {
        texts[i] = kept_text(random, o);
    }
    return texts;
}

static struct nserver_mapping *mappings_of(struct nb_random *random, struct nserver_options *o,
                                           size_t *count)
{
    struct nserver_mapping *mappings;

    *count = 1 + nb_random_below(random, 3);
    mappings = nserver_options_alloc(o, *count * sizeof(*mappings));
    for (size_t i = 0; i < *count; i++) {
        struct nserver_mapping *m = &mappings[i];

        m->source = kept_text(random, o);
        m->dest_count = 1 + nb_random_below(random, 3);
        m->dests = nserver_options_alloc(o, m->dest_count * sizeof(*m->dests));
        for (size_t k = 0; k < m->dest_count; k++) {
            m->dests[k].subject = kept_text(random, o);
            m->dests[k].weight = (uint8_t)nb_random_below(random, 101);
            m->dests[k].cluster = k == 0 ? NULL : kept_text(random, o);
        }
    }
    return mappings;
}

static void fill_tls(struct nb_random *random, struct nserver_options *o)
{
    struct nserver_tls_options *tls = &o->tls;

    *tls = (struct nserver_tls_options){
        .is_set = true,
        .cert_file = kept_text(random, o),
        .key_file = kept_text(random, o),
        .ca_file = kept_text(random, o),
        .cert_count = 2,
        .verify = true,
        .insecure = true,
        .timeout_s = (double)number_of(random),
        .min_version = 0x0304,
        .connection_rate_limit = number_of(random),
        .pin_count = 2,
        .handshake_first = true,
        .handshake_first_fallback_ns = number_of(random),
    };
    tls->certs = nserver_options_alloc(o, tls->cert_count * sizeof(*tls->certs));
    for (size_t i = 0; i < tls->cert_count; i++) {
        tls->certs[i] = (struct nserver_tls_pair){kept_text(random, o), kept_text(random, o)};
    }
    tls->cipher_suites = texts_of(random, o, &tls->cipher_suite_count);
    tls->curves = texts_of(random, o, &tls->curve_count);
    tls->pins = nserver_options_alloc(o, tls->pin_count * sizeof(*tls->pins));
    for (size_t i = 0; i < tls->pin_count; i++) {
        tls->pins[i][0] = (uint8_t)nb_random_below(random, 256);
    }
}

static void fill_accounts(struct nb_random *random, struct nserver_options *o)
{
    o->user_count = 1 + nb_random_below(random, 4);
    o->users = nserver_options_alloc(o, o->user_count * sizeof(*o->users));
    for (size_t i = 0; i < o->user_count; i++) {
        o->users[i].name = kept_text(random, o);
        o->users[i].password = kept_text(random, o);
        o->users[i].account = i == 0 ? NULL : kept_text(random, o);
    }
    o->account_count = 1 + nb_random_below(random, 3);
    o->accounts = nserver_options_alloc(o, o->account_count * sizeof(*o->accounts));
    for (size_t i = 0; i < o->account_count; i++) {
        o->accounts[i].name = kept_text(random, o);
        o->accounts[i].mappings = mappings_of(random, o, &o->accounts[i].mapping_count);
    }
    o->metadata_count = 1 + nb_random_below(random, 3);
    o->metadata = nserver_options_alloc(o, o->metadata_count * sizeof(*o->metadata));
    for (size_t i = 0; i < o->metadata_count; i++) {
        o->metadata[i] = (struct nserver_text_pair){kept_text(random, o), kept_text(random, o)};
    }
}

// The formatter never comes to rest here.
// clang-format off
#define EACH_TEXT(DO)                                                                    \
    DO(config_file)                                                                      \
    DO(config_digest)                                                                    \
    DO(host)                                                                             \
    DO(client_advertise)                                                                 \
    DO(server_name)                                                                      \
    DO(username) DO(password) DO(token) DO(no_auth_user) DO(system_account) DO(log_file) \
        DO(remote_syslog) DO(pid_file) DO(ports_file_dir) DO(http_host) DO(http_base_path)
#define EACH_NUMBER(DO)                                                                         \
    DO(workers)                                                                                 \
    DO(max_connections)                                                                         \
    DO(max_subscriptions)                                                                       \
    DO(max_sub_tokens)                                                                          \
    DO(max_control_line)                                                                        \
    DO(max_payload) DO(max_pending) DO(max_closed_clients) DO(ping_interval_ns) DO(ping_max)    \
        DO(write_deadline_ns) DO(lame_duck_duration_ns) DO(lame_duck_grace_ns)                  \
            DO(max_traced_msg_len) DO(log_size_limit) DO(log_max_num) DO(connect_error_reports) \
                DO(reconnect_error_reports) DO(prof_port) DO(prof_block_rate)
#define EACH_SWITCH(DO)   \
    DO(proxy_protocol)    \
    DO(allow_non_tls)     \
    DO(no_header_support) \
    DO(no_sublist_cache) DO(no_fast_producer_stall) DO(no_system_account) \
        DO(has_authorization) DO(has_proxies)
#define EACH_CHOICE(DO) \
    DO(debug) DO(trace) DO(trace_verbose) DO(trace_headers) DO(logtime) DO(logtime_utc) DO(syslog)
#define EACH_PORT(DO) DO(port) DO(http_port) DO(https_port)
// clang-format on

static void fill(uint64_t seed, struct nserver_options *o)
{
    struct nb_random random;

    nb_random_init(&random, seed);
    nserver_options_init(o);
#define SET_TEXT(name) o->name = text_of(&random);
#define SET_NUMBER(name) o->name = number_of(&random);
#define SET_SWITCH(name) o->name = true;
#define SET_CHOICE(name) o->name = NSERVER_YES;
#define SET_PORT(name) o->name = (int)number_of(&random);
    EACH_TEXT(SET_TEXT)
    EACH_NUMBER(SET_NUMBER)
    EACH_SWITCH(SET_SWITCH)
    EACH_CHOICE(SET_CHOICE)
    EACH_PORT(SET_PORT)
    o->write_timeout = NSERVER_WRITE_TIMEOUT_RETRY;
    o->auth_timeout_s = (double)number_of(&random);
    o->tags = texts_of(&random, o, &o->tag_count);
    fill_tls(&random, o);
    fill_accounts(&random, o);
    o->mappings = mappings_of(&random, o, &o->mapping_count);
}

/* Equality, member by member. */

static void same_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        assert_ptr_equal(a, b);
        return;
    }
    assert_string_equal(a, b);
}

static void same_texts(char **a, size_t a_count, char **b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        same_text(a[i], b[i]);
    }
}

static void same_mappings(const struct nserver_mapping *a, size_t a_count,
                          const struct nserver_mapping *b, size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        same_text(a[i].source, b[i].source);
        assert_int_equal(a[i].dest_count, b[i].dest_count);
        for (size_t k = 0; k < a[i].dest_count; k++) {
            same_text(a[i].dests[k].subject, b[i].dests[k].subject);
            same_text(a[i].dests[k].cluster, b[i].dests[k].cluster);
            assert_int_equal(a[i].dests[k].weight, b[i].dests[k].weight);
        }
    }
}

static void same_tls(const struct nserver_tls_options *a, const struct nserver_tls_options *b)
{
    assert_int_equal(a->is_set, b->is_set);
    same_text(a->cert_file, b->cert_file);
    same_text(a->key_file, b->key_file);
    same_text(a->ca_file, b->ca_file);
    assert_int_equal(a->cert_count, b->cert_count);
    for (size_t i = 0; i < a->cert_count; i++) {
        same_text(a->certs[i].cert_file, b->certs[i].cert_file);
        same_text(a->certs[i].key_file, b->certs[i].key_file);
    }
    assert_int_equal(a->verify, b->verify);
    assert_int_equal(a->insecure, b->insecure);
    assert_true(a->timeout_s == b->timeout_s);
    same_texts(a->cipher_suites, a->cipher_suite_count, b->cipher_suites, b->cipher_suite_count);
    same_texts(a->curves, a->curve_count, b->curves, b->curve_count);
    assert_int_equal(a->min_version, b->min_version);
    assert_int_equal(a->connection_rate_limit, b->connection_rate_limit);
    assert_int_equal(a->pin_count, b->pin_count);
    if (a->pin_count > 0) {
        assert_memory_equal(a->pins, b->pins, a->pin_count * sizeof(*a->pins));
    }
    assert_int_equal(a->handshake_first, b->handshake_first);
    assert_int_equal(a->handshake_first_fallback_ns, b->handshake_first_fallback_ns);
}

static void same_accounts(const struct nserver_options *a, const struct nserver_options *b)
{
    assert_int_equal(a->user_count, b->user_count);
    for (size_t i = 0; i < a->user_count; i++) {
        same_text(a->users[i].name, b->users[i].name);
        same_text(a->users[i].password, b->users[i].password);
        same_text(a->users[i].account, b->users[i].account);
    }
    assert_int_equal(a->account_count, b->account_count);
    for (size_t i = 0; i < a->account_count; i++) {
        same_text(a->accounts[i].name, b->accounts[i].name);
        same_mappings(a->accounts[i].mappings, a->accounts[i].mapping_count,
                      b->accounts[i].mappings, b->accounts[i].mapping_count);
    }
    assert_int_equal(a->metadata_count, b->metadata_count);
    for (size_t i = 0; i < a->metadata_count; i++) {
        same_text(a->metadata[i].key, b->metadata[i].key);
        same_text(a->metadata[i].value, b->metadata[i].value);
    }
}

static void same_options(const struct nserver_options *a, const struct nserver_options *b)
{
#define SAME_TEXT(name) same_text(a->name, b->name);
#define SAME_VALUE(name) assert_int_equal(a->name, b->name);
    EACH_TEXT(SAME_TEXT)
    EACH_NUMBER(SAME_VALUE)
    EACH_SWITCH(SAME_VALUE)
    EACH_CHOICE(SAME_VALUE)
    EACH_PORT(SAME_VALUE)
    assert_int_equal(a->write_timeout, b->write_timeout);
    assert_true(a->auth_timeout_s == b->auth_timeout_s);
    same_texts(a->tags, a->tag_count, b->tags, b->tag_count);
    same_tls(&a->tls, &b->tls);
    same_accounts(a, b);
    same_mappings(a->mappings, a->mapping_count, b->mappings, b->mapping_count);
}

// Single texts can be set in either.
static void share_no_single_text(const struct nserver_options *a, const struct nserver_options *b)
{
#define OTHER_TEXT(name) assert_ptr_not_equal(a->name, b->name);
    EACH_TEXT(OTHER_TEXT)
}

static void a_copy_equals_and_outlives_what_it_was_made_of(void **state NB_UNUSED)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct nserver_options original;
        struct nserver_options again;
        struct nserver_options copy;

        fill(seed, &original);
        fill(seed, &again);
        nserver_options_copy(&copy, &original);
        same_options(&original, &again);
        same_options(&copy, &again);
        share_no_single_text(&copy, &original);
        nserver_options_fini(&original);
        same_options(&copy, &again);
        nserver_options_fini(&copy);
        nserver_options_fini(&again);
    }
}

static void a_copy_of_nothing_is_nothing(void **state NB_UNUSED)
{
    struct nserver_options nothing;
    struct nserver_options copy;

    nserver_options_init(&nothing);
    nserver_options_copy(&copy, &nothing);
    assert_memory_equal(&copy, &nothing, sizeof(copy));
    nserver_options_fini(&copy);
    nserver_options_fini(&nothing);
}

static void the_end_leaves_nothing_and_may_come_twice(void **state NB_UNUSED)
{
    struct nserver_options zero = {0};
    struct nserver_options o;

    fill(7, &o);
    nserver_options_fini(&o);
    assert_memory_equal(&o, &zero, sizeof(o));
    nserver_options_fini(&o);
}

static void a_text_is_set_and_unset(void **state NB_UNUSED)
{
    char *field = NULL;

    nserver_options_set_text(&field, NB_SLICE("one"));
    assert_string_equal(field, "one");
    nserver_options_set_text(&field, nb_slice_sub(nb_slice_of(field), 1, 2)); // of itself
    assert_string_equal(field, "ne");
    nserver_options_set_text(&field, NB_SLICE(""));
    assert_null(field);
    nserver_options_set_text(&field, (struct slice){0});
    assert_null(field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_equals_and_outlives_what_it_was_made_of),
        cmocka_unit_test(a_copy_of_nothing_is_nothing),
        cmocka_unit_test(the_end_leaves_nothing_and_may_come_twice),
        cmocka_unit_test(a_text_is_set_and_unset),
    };
    return cmocka_run_group_tests_name("options_copy", tests, NULL, NULL);
}
