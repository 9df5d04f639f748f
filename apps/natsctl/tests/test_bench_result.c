#include "bench/result.h"

#include "nb_test.h"

static struct bench_result result_with(size_t client_count)
{
    struct bench_result result;

    bench_result_init(&result, "pubsub");
    result.clients = nb_calloc(client_count, sizeof(*result.clients));
    result.client_count = client_count;
    return result;
}

static void runs_have_ids_of_their_own(void **state NB_UNUSED)
{
    struct bench_result one;
    struct bench_result other;

    bench_result_init(&one, "pub");
    bench_result_init(&other, "pub");
    assert_int_equal(strlen(one.run_id), NB_NUID_BYTES);
    assert_string_not_equal(one.run_id, other.run_id);
    assert_string_equal(one.kind, "pub");
    bench_result_fini(&other);
    bench_result_fini(&one);
    bench_result_fini(&one);
}

static void total_adds_up_the_clients_of_a_role(void **state NB_UNUSED)
{
    struct bench_result result = result_with(3);
    struct bench_client total;

    for (unsigned i = 0; i < 2; i++) {
        struct bench_client *client = &result.clients[i];

        bench_client_init(client, BENCH_SUBSCRIBER, i + 1, true);
        client->msgs = 10 + i;
        client->bytes = 100 + i;
        client->errors = 1 + i;
        client->reconnects = 3 + i;
        client->started_ns = 2000 - 500 * i;
        client->ended_ns = 4000 - 500 * i;
        bench_histogram_record(&client->latency, 7 + i);
        bench_histogram_record(&client->uncorrected, 1 + i);
    }
    bench_client_init(&result.clients[2], BENCH_PUBLISHER, 1, false);
    result.clients[2].msgs = 1000;
    assert_true(bench_result_total(&result, BENCH_SUBSCRIBER, &total));
    assert_int_equal(total.role, BENCH_SUBSCRIBER);
    assert_int_equal(total.msgs, 21);
    assert_int_equal(total.bytes, 201);
    assert_int_equal(total.errors, 3);
    assert_int_equal(total.reconnects, 7);
    assert_int_equal(total.started_ns, 1500);
    assert_int_equal(total.ended_ns, 4000);
    assert_int_equal(total.latency.count, 2);
    assert_int_equal(total.latency.max_ns, 8);
    assert_int_equal(total.uncorrected.max_ns, 2);
    bench_client_fini(&total);
    assert_true(bench_result_total(&result, BENCH_PUBLISHER, &total));
    assert_int_equal(total.msgs, 1000);
    assert_false(total.has_latency);
    bench_client_fini(&total);
    assert_false(bench_result_total(&result, BENCH_RESPONDER, &total));
    bench_result_fini(&result);
}

// A subscriber that got nothing has no first message.
static void client_that_never_started_takes_no_time(void **state NB_UNUSED)
{
    struct bench_result result = result_with(2);
    struct bench_client total;

    bench_client_init(&result.clients[0], BENCH_SUBSCRIBER, 1, false);
    bench_client_init(&result.clients[1], BENCH_SUBSCRIBER, 2, false);
    result.clients[0].ended_ns = 9000;
    result.clients[1].started_ns = 5000;
    result.clients[1].ended_ns = 6000;
    assert_true(bench_result_total(&result, BENCH_SUBSCRIBER, &total));
    assert_int_equal(total.started_ns, 5000);
    assert_int_equal(total.ended_ns, 6000);
    bench_result_fini(&result);
}

static void rates_are_those_of_the_clients_time(void **state NB_UNUSED)
{
    static const struct {
        int64_t started_ns;
        int64_t ended_ns;
        double seconds;
        double per_second; // of 10
    } cases[] = {
        {1000000000, 3000000000, 2, 5},
        {1000000000, 1000000001, 1e-9, 1e10},
        {1000000000, 1000000000, 0, 0},
        {2000000000, 1000000000, 0, 0},
        {1000000000, 0, 0, 0}, // interrupted
        {0, 1000000000, 0, 0}, // never started
        {0, 0, 0, 0},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct bench_client client = {.started_ns = cases[i].started_ns,
                                      .ended_ns = cases[i].ended_ns};

        assert_true(bench_client_seconds(&client) == cases[i].seconds);
        assert_true(bench_client_per_second(&client, 10) == cases[i].per_second);
    }
}

static void main_role_is_where_it_is_measured(void **state NB_UNUSED)
{
    static const struct {
        enum bench_role roles[2];
        enum bench_role want;
        const char *name;
    } cases[] = {
        {{BENCH_PUBLISHER, BENCH_SUBSCRIBER}, BENCH_SUBSCRIBER, "subscriber"},
        {{BENCH_REQUESTER, BENCH_RESPONDER}, BENCH_REQUESTER, "requester"},
        {{BENCH_PUBLISHER, BENCH_PUBLISHER}, BENCH_PUBLISHER, "publisher"},
        {{BENCH_RESPONDER, BENCH_RESPONDER}, BENCH_RESPONDER, "responder"},
        {{BENCH_CONNECTOR, BENCH_CONNECTOR}, BENCH_CONNECTOR, "connector"},
        {{BENCH_INSERTER, BENCH_MATCHER}, BENCH_MATCHER, "matcher"},
        {{BENCH_INSERTER, BENCH_REMOVER}, BENCH_INSERTER, "inserter"},
        {{BENCH_REMOVER, BENCH_REMOVER}, BENCH_REMOVER, "remover"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct bench_result result = result_with(2);

        bench_client_init(&result.clients[0], cases[i].roles[0], 1, false);
        bench_client_init(&result.clients[1], cases[i].roles[1], 1, false);
        assert_int_equal(bench_result_main_role(&result), cases[i].want);
        assert_string_equal(bench_role_name(cases[i].want), cases[i].name);
        bench_result_fini(&result);
    }
}

static void arguments_stop_at_their_limit(void **state NB_UNUSED)
{
    struct bench_result result = result_with(0);

    for (unsigned i = 0; i < BENCH_ARGUMENTS_MAX + 1; i++) {
        bench_result_add_argument(&result, "msgs", true, "%u", i);
    }
    assert_int_equal(result.argument_count, BENCH_ARGUMENTS_MAX);
    assert_string_equal(result.arguments[0].text, "0");
    assert_string_equal(result.arguments[BENCH_ARGUMENTS_MAX - 1].text, "31");
    bench_result_fini(&result);
}

static void warnings_stand_once_up_to_their_limit(void **state NB_UNUSED)
{
    struct bench_result result = result_with(0);

    for (unsigned i = 0; i < BENCH_WARNINGS_MAX + 1; i++) {
        bench_result_warn(&result, "disconnected");
        bench_result_warn(&result, "%u of %u", i, 100U);
    }
    assert_int_equal(result.warning_count, BENCH_WARNINGS_MAX);
    assert_string_equal(result.warnings[0], "disconnected");
    assert_string_equal(result.warnings[1], "0 of 100");
    assert_string_equal(result.warnings[2], "1 of 100");
    bench_result_fini(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_have_ids_of_their_own),
        cmocka_unit_test(total_adds_up_the_clients_of_a_role),
        cmocka_unit_test(client_that_never_started_takes_no_time),
        cmocka_unit_test(rates_are_those_of_the_clients_time),
        cmocka_unit_test(main_role_is_where_it_is_measured),
        cmocka_unit_test(arguments_stop_at_their_limit),
        cmocka_unit_test(warnings_stand_once_up_to_their_limit),
    };
    return cmocka_run_group_tests_name("bench result", tests, NULL, NULL);
}
