#include "nb_test.h"

#include "accounts/claims_options.h"

#include "options/option_memory.h"

static struct nserver_account_options read(const struct nauth_claims *claims,
                                           struct nserver_option_memory **memory)
{
    *memory = nserver__option_memory_create();
    return nserver__options_of_claims(claims, *memory);
}

static void limits_fit_what_they_are_kept_in(void **state NB_UNUSED)
{
    static const struct {
        int64_t claimed, kept;
    } cases[] = {
        {-1, -1},
        {-2, 0},
        {INT64_MIN, 0},
        {0, 0},
        {1, 1},
        {INT32_MAX, INT32_MAX},
        {INT64_C(1) << 31, INT32_MAX},
        {INT64_C(1) << 32, INT32_MAX},
        {INT64_MAX, INT32_MAX},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        int64_t limit = cases[i].claimed;
        struct nauth_claims claims = {
            .kind = NAUTH_CLAIMS_ACCOUNT,
            .subject = NB_SLICE("A"),
            .account.limits = {.subs = limit, .payload = limit, .conn = limit, .leaf = limit}};
        struct nserver_option_memory *memory;
        struct nserver_account_options options = read(&claims, &memory);

        assert_int_equal(options.max_connections, cases[i].kept);
        assert_int_equal(options.max_subscriptions, cases[i].kept);
        assert_int_equal(options.max_payload, cases[i].kept);
        assert_int_equal(options.max_leafnodes, cases[i].kept);
        assert_string_equal(options.name, "A");
        nserver__option_memory_unref(memory);
    }
}

static void imports_have_a_local_subject_in_every_form(void **state NB_UNUSED)
{
    static const struct {
        bool is_service;
        const char *subject, *to, *local_subject;         // claimed
        const char *want_subject, *want_to, *want_prefix; // NULL: none
    } cases[] = {
        {false, "s.>", "", "", "s.>", NULL, NULL},
        {false, "s.>", "pre", "", "s.>", NULL, "pre"},
        {false, "s.*", "", "l.$1", "s.*", "l.$1", NULL},
        {true, "svc", "", "", "svc", NULL, NULL},
        {true, "mine", "theirs", "", "theirs", "mine", NULL}, // the old form is turned round
        {true, "theirs", "", "mine", "theirs", "mine", NULL},
        {true, "theirs", "ignored", "mine", "theirs", "mine", NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nauth_import_claims import = {.is_service = cases[i].is_service,
                                             .account = NB_SLICE("X"),
                                             .subject = nb_slice_of(cases[i].subject),
                                             .to = nb_slice_of(cases[i].to),
                                             .local_subject = nb_slice_of(cases[i].local_subject)};
        struct nauth_claims claims = {.kind = NAUTH_CLAIMS_ACCOUNT,
                                      .subject = NB_SLICE("A"),
                                      .account = {.imports = &import, .import_count = 1}};
        struct nserver_option_memory *memory;
        struct nserver_account_options options = read(&claims, &memory);
        const struct nserver_import *got = options.imports;

        assert_int_equal(options.import_count, 1);
        assert_int_equal(got->is_service, cases[i].is_service);
        assert_string_equal(got->subject, cases[i].want_subject);
        assert_true(
            nb_slice_is(nb_slice_of(got->to), cases[i].want_to != NULL ? cases[i].want_to : ""));
        assert_true(nb_slice_is(nb_slice_of(got->prefix),
                                cases[i].want_prefix != NULL ? cases[i].want_prefix : ""));
        assert_null(got->token);
        nserver__option_memory_unref(memory);
    }
}

static void an_export_keeps_all_that_it_says(void **state NB_UNUSED)
{
    static const struct nauth_revocation revocations[] = {{NB_SLICE("*"), 5}, {NB_SLICE("AB"), 7}};
    struct nauth_export_claims export = {
        .is_service = true,
        .subject = NB_SLICE("svc.*"),
        .token_required = true,
        .revocations = {revocations, 2},
        .response_type = NB_SLICE("Stream"),
        .response_threshold_ns = 42,
        .has_latency = true,
        .latency_sampling = 33,
        .latency_results = NB_SLICE("lat"),
        .account_token_position = 2,
        .allow_trace = true,
    };
    struct nauth_claims claims = {.kind = NAUTH_CLAIMS_ACCOUNT,
                                  .subject = NB_SLICE("A"),
                                  .account = {.exports = &export, .export_count = 1}};
    struct nserver_option_memory *memory;
    struct nserver_account_options options = read(&claims, &memory);
    const struct nserver_export *got = options.exports;

    assert_int_equal(options.export_count, 1);
    assert_true(got->is_service && got->token_required && got->allow_trace);
    assert_false(got->is_restricted);
    assert_string_equal(got->subject, "svc.*");
    assert_int_equal(got->response_type, NAUTH_RESPONSE_STREAM);
    assert_int_equal(got->response_threshold_ns, 42);
    assert_string_equal(got->latency_subject, "lat");
    assert_int_equal(got->latency_sampling, 33);
    assert_int_equal(got->account_token_position, 2);
    assert_int_equal(got->revocation_count, 2);
    assert_string_equal(got->revocations[1].key, "AB");
    assert_int_equal(got->revocations[1].at, 7);
    nserver__option_memory_unref(memory);
}

static void a_weight_that_is_not_given_is_the_whole(void **state NB_UNUSED)
{
    static const struct nauth_weighted_mapping dests[] = {
        {.subject = NB_SLICE("b"), .weight = 0},
        {.subject = NB_SLICE("c"), .weight = 30, .cluster = NB_SLICE("east")}};
    struct nauth_mapping_claims mapping = {NB_SLICE("a"), dests, 2};
    struct nauth_claims claims = {.kind = NAUTH_CLAIMS_ACCOUNT,
                                  .subject = NB_SLICE("A"),
                                  .account = {.mappings = &mapping, .mapping_count = 1}};
    struct nserver_option_memory *memory;
    struct nserver_account_options options = read(&claims, &memory);

    assert_int_equal(options.mapping_count, 1);
    assert_int_equal(options.mappings[0].dest_count, 2);
    assert_int_equal(options.mappings[0].dests[0].weight, 100);
    assert_null(options.mappings[0].dests[0].cluster);
    assert_int_equal(options.mappings[0].dests[1].weight, 30);
    assert_string_equal(options.mappings[0].dests[1].cluster, "east");
    nserver__option_memory_unref(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_fit_what_they_are_kept_in),
        cmocka_unit_test(imports_have_a_local_subject_in_every_form),
        cmocka_unit_test(an_export_keeps_all_that_it_says),
        cmocka_unit_test(a_weight_that_is_not_given_is_the_whole),
    };
    return cmocka_run_group_tests_name("claims_options", tests, NULL, NULL);
}
