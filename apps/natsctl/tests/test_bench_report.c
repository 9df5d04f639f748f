#include "bench/report.h"

#include "nb_test.h"

#include "output.h"

#include <natsd/base64.h>
#include <natsd/clock.h>
#include <natsd/json_reader.h>

#include <unistd.h>

#define MIB UINT64_C(1048576)
#define S NB_NS_PER_S

enum {
    ROOM = 1024 * 1024,
};

static struct bench_client client_of(enum bench_role role, unsigned index, uint64_t msgs,
                                     int64_t started_ns, int64_t ended_ns)
{
    struct bench_client client;

    bench_client_init(&client, role, index, role == BENCH_SUBSCRIBER);
    client.msgs = msgs;
    client.bytes = msgs * MIB;
    client.started_ns = started_ns;
    client.ended_ns = ended_ns;
    return client;
}

static void begin(struct bench_result *result, const char *kind, size_t client_count)
{
    bench_result_init(result, kind);
    snprintf(result->run_id, sizeof(result->run_id), "RUN");
    snprintf(result->server.url, sizeof(result->server.url), "nats://127.0.0.1:4222");
    snprintf(result->server.name, sizeof(result->server.name), "n1");
    snprintf(result->server.id, sizeof(result->server.id), "NID");
    snprintf(result->server.version, sizeof(result->server.version), "2.12.0");
    snprintf(result->server.cluster, sizeof(result->server.cluster), "east");
    result->started_wall_ns = INT64_C(1767323045670000000);
    result->message_bytes = MIB;
    result->clients = nb_calloc(client_count, sizeof(*result->clients));
}

static void add(struct bench_result *result, struct bench_client client)
{
    result->clients[result->client_count++] = client;
}

// Two publishers, a subscriber with latencies of 1 and 2 us, and with a rate.
static void begin_pubsub(struct bench_result *result)
{
    struct bench_client *subscriber;

    begin(result, "pubsub", 3);
    bench_result_add_argument(result, "subject", false, "a.\"b\"");
    bench_result_add_argument(result, "msgs", true, "%d", 1000);
    add(result, client_of(BENCH_PUBLISHER, 1, 600, S, 3 * S));
    add(result, client_of(BENCH_PUBLISHER, 2, 400, S + S / 2, 2 * S + S / 2));
    add(result, client_of(BENCH_SUBSCRIBER, 1, 1000, 2 * S, 6 * S));
    subscriber = &result->clients[2];
    bench_histogram_record(&subscriber->latency, 1000);
    bench_histogram_record(&subscriber->latency, 2000);
    bench_histogram_record(&subscriber->uncorrected, 500);
    subscriber->errors = 3;
    subscriber->reconnects = 1;
    bench_result_warn(result, "disconnected once");
}

// -- JSON ------------------------------------------------------------------------------------

// In what is wanted this stands for any text that is not empty, and 0 for any number, in "host".
#define ANY "<any>"

static bool same(const struct nb_json_value *got, const struct nb_json_value *want);

static bool same_members(const struct nb_json_value *got, const struct nb_json_value *want)
{
    const struct nb_json_value *a = got->first;
    const struct nb_json_value *b = want->first;

    while (a != NULL && b != NULL) {
        if (!nb_slice_equal(a->key, b->key)) {
            print_error("key \"%.*s\", want \"%.*s\"\n", NB_SLICE_ARGS(a->key),
                        NB_SLICE_ARGS(b->key));
            return false;
        }
        if (!same(a, b)) {
            print_error("in \"%.*s\"\n", NB_SLICE_ARGS(a->key));
            return false;
        }
        a = a->next;
        b = b->next;
    }
    return a == NULL && b == NULL;
}

static bool same(const struct nb_json_value *got, const struct nb_json_value *want)
{
    if (got->type != want->type) {
        return false;
    }
    switch (got->type) {
    case NB_JSON_NULL:
        return true;
    case NB_JSON_BOOL:
        return got->is_true == want->is_true;
    case NB_JSON_NUMBER:
        return nb_slice_equal(got->text, want->text) ||
               (nb_slice_is(got->key, "cores") && !nb_slice_is(got->text, "0"));
    case NB_JSON_STRING:
        return nb_slice_is(want->text, ANY) ? got->text.n > 0
                                            : nb_slice_equal(got->text, want->text);
    case NB_JSON_ARRAY:
    case NB_JSON_OBJECT:
        return same_members(got, want);
    }
    NB_UNREACHABLE("type of a JSON value");
}

static void parse(struct slice text, struct nb_json_doc *doc)
{
    struct nb_diag diag = {""};

    if (nb_json_parse(text, ROOM, doc, &diag) != NB_OK) {
        fail_msg("%s: %.*s", diag.text, NB_SLICE_ARGS(text));
    }
}

static void assert_json(const struct bench_result *result, bool has_cells, const char *want)
{
    struct nb_json_doc want_doc = {.root = NULL};
    struct nb_json_doc doc = {.root = NULL};
    struct nb_buf out;

    nb_buf_init(&out, ROOM);
    assert_int_equal(bench_report_json(result, has_cells, &out), NB_OK);
    assert_true(nb_slice_starts(nb_buf_slice(&out), "{\n  \"run_id\": "));
    assert_true(nb_slice_ends(nb_buf_slice(&out), "\n}\n"));
    parse(nb_buf_slice(&out), &doc);
    parse(nb_slice_of(want), &want_doc);
    if (!same(doc.root, want_doc.root)) {
        fail_msg("got %.*s", NB_SLICE_ARGS(nb_buf_slice(&out)));
    }
    nb_json_doc_fini(&doc);
    nb_json_doc_fini(&want_doc);
    nb_buf_fini(&out);
}

#define SERVER \
    "\"server\":{\"name\":\"n1\",\"id\":\"NID\",\"version\":\"2.12.0\",\"cluster\":\"east\"},"
#define HOST \
    "\"host\":{\"name\":\"" ANY "\",\"cores\":0,\"kernel\":\"" ANY "\",\"arch\":\"" ANY "\"},"
#define STARTED "\"started\":\"2026-01-02T03:04:05.67Z\","
#define CALM ",\"errors\":0,\"reconnects\":0}"
#define LATENCY(extra)                                                                          \
    "{\"count\":2,\"min\":1000,\"max\":2000,\"mean\":1500,\"stddev\":500,\"p50\":1000,"         \
    "\"p75\":2000,\"p90\":2000,\"p99\":2000,\"p999\":2000,\"p9999\":2000,\"p99999\":2000" extra \
    "}"
#define UNCORRECTED(extra)                                                                    \
    "{\"count\":1,\"min\":500,\"max\":500,\"mean\":500,\"stddev\":0,\"p50\":500,\"p75\":500," \
    "\"p90\":500,\"p99\":500,\"p999\":500,\"p9999\":500,\"p99999\":500" extra "}"
#define PUBLISHERS                                                                     \
    "{\"role\":\"publisher\",\"client\":\"total\",\"msgs\":1000,\"bytes\":1048576000," \
    "\"seconds\":2,\"msgs_per_sec\":500,\"bytes_per_sec\":524288000" CALM
#define SUBSCRIBER(client, more, more_uncorrected)                                           \
    "{\"role\":\"subscriber\",\"client\":\"" client "\",\"msgs\":1000,\"bytes\":1048576000," \
    "\"seconds\":4,\"msgs_per_sec\":250,\"bytes_per_sec\":262144000,"                        \
    "\"latency_ns\":" LATENCY(more) ","                                                      \
                                    "\"latency_uncorrected_ns\":" UNCORRECTED(               \
                                        more_uncorrected) ","                                \
                                                          "\"errors\":3,\"reconnects\":1}"
#define PUBSUB(partial, more, more_uncorrected)                                                    \
    "{\"run_id\":\"RUN\",\"kind\":\"pubsub\",\"args\":{\"subject\":\"a.\\\"b\\\"\",\"msgs\":1000}" \
    "," SERVER HOST STARTED "\"partial\":" partial ",\"warnings\":[\"disconnected once\"],"        \
    "\"clients\":[{\"role\":\"publisher\",\"client\":\"1\",\"msgs\":600,\"bytes\":629145600,"      \
    "\"seconds\":2,\"msgs_per_sec\":300,\"bytes_per_sec\":314572800" CALM ","                      \
    "{\"role\":\"publisher\",\"client\":\"2\",\"msgs\":400,\"bytes\":419430400,"                   \
    "\"seconds\":1,\"msgs_per_sec\":400,\"bytes_per_sec\":419430400" CALM                          \
    "," SUBSCRIBER("1", more, more_uncorrected) "],"                                               \
                                                "\"totals\":{\"publisher\":" PUBLISHERS            \
                                                ",\"subscriber\":" SUBSCRIBER(                     \
                                                    "total", more,                                 \
                                                    more_uncorrected) "},"                         \
                                                                      "\"total\":" SUBSCRIBER(     \
                                                                          "total", more,           \
                                                                          more_uncorrected) "}"

static void json_has_both_sides_and_the_receiving_total(void **state NB_UNUSED)
{
    struct bench_result result;

    begin_pubsub(&result);
    assert_json(&result, false, PUBSUB("false", "", ""));
    result.is_partial = true;
    assert_json(&result, false, PUBSUB("true", "", ""));
    // Cells 1000 and 2000, and 500, once each: e8 07 01 e8 07 01, f4 03 01.
    assert_json(&result, true, PUBSUB("true", ",\"cells\":\"6AcB6AcB\"", ",\"cells\":\"9AMB\""));
    bench_result_fini(&result);
}

static void json_of_one_role_has_one_total(void **state NB_UNUSED)
{
    struct bench_result result;

    begin(&result, "sub", 1);
    add(&result, client_of(BENCH_SUBSCRIBER, 1, 3, S, 4 * S));
    result.clients[0].bytes = 10;
    assert_json(&result, true,
                "{\"run_id\":\"RUN\",\"kind\":\"sub\",\"args\":{}," SERVER HOST STARTED
                "\"partial\":false,\"warnings\":[],\"clients\":[{\"role\":\"subscriber\","
                "\"client\":\"1\",\"msgs\":3,\"bytes\":10,\"seconds\":3,\"msgs_per_sec\":1,"
                "\"bytes_per_sec\":3.333" CALM "],\"total\":{\"role\":\"subscriber\","
                "\"client\":\"total\",\"msgs\":3,\"bytes\":10,\"seconds\":3,\"msgs_per_sec\":1,"
                "\"bytes_per_sec\":3.333" CALM "}");
    bench_result_fini(&result);
}

static void json_of_a_run_that_did_not_begin_is_whole(void **state NB_UNUSED)
{
    struct bench_result result;

    begin(&result, "pub", 0);
    result.is_partial = true;
    assert_json(&result, false,
                "{\"run_id\":\"RUN\",\"kind\":\"pub\",\"args\":{}," SERVER HOST STARTED
                "\"partial\":true,\"warnings\":[],\"clients\":[],\"total\":null}");
    bench_result_fini(&result);
}

static void json_flags_latencies_that_were_too_long(void **state NB_UNUSED)
{
    struct bench_result result;
    struct nb_json_doc doc;
    struct nb_buf out;
    const struct nb_json_value *latency;

    begin_pubsub(&result);
    bench_histogram_record(&result.clients[2].latency, BENCH_HISTOGRAM_MAX_NS + 1);
    nb_buf_init(&out, ROOM);
    assert_int_equal(bench_report_json(&result, false, &out), NB_OK);
    parse(nb_buf_slice(&out), &doc);
    latency = nb_json_get(nb_json_get(doc.root, "total"), "latency_ns");
    assert_non_null(nb_json_get(latency, "overflown"));
    assert_true(nb_json_get(latency, "overflown")->is_true);
    nb_json_doc_fini(&doc);
    nb_buf_fini(&out);
    bench_result_fini(&result);
}

// The n-th of the percentiles that reports have is n * 100 ns, the maximum 800.
static void begin_percentiles(struct bench_result *result)
{
    static const unsigned counts[] = {50000, 25000, 15000, 9000, 900, 90, 9, 1};

    begin(result, "sub", 1);
    add(result, client_of(BENCH_SUBSCRIBER, 1, 100000, S, 2 * S));
    for (size_t i = 0; i < NB_ARRAY_LEN(counts); i++) {
        for (unsigned n = 0; n < counts[i]; n++) {
            bench_histogram_record(&result->clients[0].latency, 100 * (i + 1));
        }
    }
}

static void json_has_each_percentile_in_its_place(void **state NB_UNUSED)
{
    static const char *const keys[] = {"p50",  "p75",   "p90",    "p99",
                                       "p999", "p9999", "p99999", "max"};
    const struct nb_json_value *latency;
    struct bench_result result;
    struct nb_json_doc doc;
    struct nb_buf out;

    begin_percentiles(&result);
    nb_buf_init(&out, ROOM);
    assert_int_equal(bench_report_json(&result, false, &out), NB_OK);
    parse(nb_buf_slice(&out), &doc);
    latency = nb_json_get(nb_json_get(doc.root, "total"), "latency_ns");
    for (size_t i = 0; i < NB_ARRAY_LEN(keys); i++) {
        uint64_t ns;

        assert_int_equal(nb_json_to_u64(nb_json_get(latency, keys[i]), &ns), NB_OK);
        assert_int_equal(ns, 100 * (i + 1));
    }
    nb_json_doc_fini(&doc);
    nb_buf_fini(&out);
    bench_result_fini(&result);
}

// -- CSV and percentile text -----------------------------------------------------------------

static void assert_csv(const struct bench_result *result, const char *want)
{
    struct nb_buf out;

    nb_buf_init(&out, ROOM);
    assert_int_equal(bench_report_csv(result, &out), NB_OK);
    if (!nb_slice_is(nb_buf_slice(&out), want)) {
        fail_msg("got:\n%.*s\nwant:\n%s", NB_SLICE_ARGS(nb_buf_slice(&out)), want);
    }
    nb_buf_fini(&out);
}

#define CSV_HEAD "#RunID,ClientID,MsgCount,MsgBytes,MsgsPerSec,BytesPerSec,DurationSecs"

static void csv_has_a_line_for_each_client(void **state NB_UNUSED)
{
    struct bench_result result;

    begin_pubsub(&result);
    assert_csv(&result, CSV_HEAD
               ",MinLatencyMicroSecs,AvgLatencyMicroSecs,MaxLatencyMicroSecs,P50LatencyMicroSecs,"
               "P90LatencyMicroSecs,P99LatencyMicroSecs,P99.9LatencyMicroSecs,"
               "StdDevLatencyMicroSecs\n"
               "RUN,P1,600,629145600,300,314572800.000000,2.000000,,,,,,,,\n"
               "RUN,P2,400,419430400,400,419430400.000000,1.000000,,,,,,,,\n"
               "RUN,S1,1000,1048576000,250,262144000.000000,4.000000,"
               "1.000,1.500,2.000,1.000,2.000,2.000,2.000,0.500\n");
    bench_result_fini(&result);
}

static void csv_has_each_percentile_in_its_place(void **state NB_UNUSED)
{
    struct bench_result result;
    struct nb_buf out;

    begin_percentiles(&result);
    nb_buf_init(&out, ROOM);
    assert_int_equal(bench_report_csv(&result, &out), NB_OK);
    // min, mean, max, p50, p90, p99, p99.9, deviation
    assert_true(
        nb_slice_ends(nb_buf_slice(&out), ",0.100,0.186,0.800,0.100,0.300,0.400,0.500,0.104\n"));
    nb_buf_fini(&out);
    bench_result_fini(&result);
}

static void csv_without_latencies_has_no_columns_for_them(void **state NB_UNUSED)
{
    struct bench_result result;

    begin(&result, "service", 4);
    add(&result, client_of(BENCH_REQUESTER, 1, 2, S, 4 * S));
    add(&result, client_of(BENCH_RESPONDER, 1, 0, 0, 0));
    add(&result, client_of(BENCH_MATCHER, 7, 0, 0, 0));
    add(&result, client_of(BENCH_CONNECTOR, 12, 0, 0, 0));
    assert_csv(&result, CSV_HEAD "\n"
                                 "RUN,P1,2,2097152,1,699050.666667,3.000000\n"
                                 "RUN,S1,0,0,0,0.000000,0.000000\n"
                                 "RUN,M7,0,0,0,0.000000,0.000000\n"
                                 "RUN,S12,0,0,0,0.000000,0.000000\n");
    bench_result_fini(&result);
}

static void hdr_text_is_of_the_receiving_side(void **state NB_UNUSED)
{
    struct bench_result result;
    struct nb_buf want;
    struct nb_buf out;

    begin_pubsub(&result);
    nb_buf_init(&want, ROOM);
    nb_buf_init(&out, ROOM);
    assert_int_equal(bench_histogram_write_text(&result.clients[2].latency, &want), NB_OK);
    assert_int_equal(bench_report_hdr(&result, &out), NB_OK);
    assert_true(nb_slice_equal(nb_buf_slice(&out), nb_buf_slice(&want)));
    bench_result_fini(&result);
    // Without latencies, and without clients: that of an empty histogram.
    begin(&result, "pub", 1);
    nb_buf_clear(&want);
    assert_int_equal(bench_histogram_write_text(&(struct bench_histogram){.count = 0}, &want),
                     NB_OK);
    nb_buf_clear(&out);
    assert_int_equal(bench_report_hdr(&result, &out), NB_OK);
    assert_true(nb_slice_equal(nb_buf_slice(&out), nb_buf_slice(&want)));
    add(&result, client_of(BENCH_PUBLISHER, 1, 600, S, 3 * S));
    nb_buf_clear(&out);
    assert_int_equal(bench_report_hdr(&result, &out), NB_OK);
    assert_true(nb_slice_equal(nb_buf_slice(&out), nb_buf_slice(&want)));
    bench_result_fini(&result);
    nb_buf_fini(&want);
    nb_buf_fini(&out);
}

static int json(const struct bench_result *result, struct nb_buf *out)
{
    return bench_report_json(result, true, out);
}

static void smaller_room_is_refused(void **state NB_UNUSED)
{
    static int (*const writers[])(const struct bench_result *,
                                  struct nb_buf *) = {json, bench_report_csv, bench_report_hdr};
    struct bench_result result;

    begin_pubsub(&result);
    for (size_t i = 0; i < NB_ARRAY_LEN(writers); i++) {
        struct nb_buf out;
        size_t whole;

        nb_buf_init(&out, ROOM);
        assert_int_equal(writers[i](&result, &out), NB_OK);
        whole = nb_buf_slice(&out).n;
        nb_buf_fini(&out);
        // Far from the end not each of them: a whole report takes its time.
        for (size_t room = 0; room <= whole; room += room + 64 < whole ? 61 : 1) {
            nb_buf_init(&out, room);
            assert_int_equal(writers[i](&result, &out), room < whole ? NB_ELIMIT : NB_OK);
            nb_buf_fini(&out);
        }
    }
    bench_result_fini(&result);
}

// -- table -----------------------------------------------------------------------------------

// What it prints on standard output, which is a file meanwhile. The caller frees it.
static char *printed(const struct bench_result *result, bool is_verbose)
{
    char *text = test_calloc(1, ROOM);
    char path[] = "/tmp/natsctl-report-XXXXXX";
    int file = mkstemp(path);
    int standard_output;
    ssize_t n;

    assert_true(file >= 0);
    assert_int_equal(unlink(path), 0);
    output_flush();
    standard_output = dup(STDOUT_FILENO);
    assert_int_equal(dup2(file, STDOUT_FILENO), STDOUT_FILENO);
    bench_report_table(result, is_verbose);
    output_flush();
    assert_int_equal(dup2(standard_output, STDOUT_FILENO), STDOUT_FILENO);
    close(standard_output);
    n = pread(file, text, ROOM - 1, 0);
    assert_true(n > 0);
    close(file);
    return text;
}

static void assert_part(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        fail_msg("\"%s\" is not in:\n%s", part, text);
    }
}

static void table_has_clients_and_totals(void **state NB_UNUSED)
{
    struct bench_result result;
    char *text;
    char *where;

    begin_pubsub(&result);
    text = printed(&result, false);
    where = strstr(text, "nats://");
    assert_non_null(where);
    assert_memory_equal(where, "nats://127.0.0.1:4222, server n1 2.12.0, natsctl ", 48);
    assert_string_equal(strchr(where, '\n'), "\nLatencies are in microseconds.\n"
                                             "Warning: disconnected once\n");
    *where = '\0';
    assert_string_equal(
        text,
        "Role        Client        Msgs     Size   Time  Msgs/s   MiB/s  Min  Avg  P50  P90  P99"
        "  P99.9  P99.99  Max  StdDev\n"
        "publisher   1              600  1.0 MiB  2.00s     300  300.00    -    -    -    -    -"
        "      -       -    -       -\n"
        "publisher   2              400  1.0 MiB  1.00s     400  400.00    -    -    -    -    -"
        "      -       -    -       -\n"
        "publisher   total        1,000  1.0 MiB  2.00s     500  500.00    -    -    -    -    -"
        "      -       -    -       -\n"
        "subscriber  total        1,000  1.0 MiB  4.00s     250  250.00  1.0  1.5  1.0  2.0  2.0"
        "    2.0     2.0  2.0     0.5\n"
        "subscriber  uncorrected      -        -      -       -       -  0.5  0.5  0.5  0.5  0.5"
        "    0.5     0.5  0.5     0.0\n");
    test_free(text);
    bench_result_fini(&result);
}

static void table_has_each_percentile_in_its_place(void **state NB_UNUSED)
{
    struct bench_result result;
    char *text;

    begin_percentiles(&result);
    text = printed(&result, false);
    assert_part(text, "  Min  Avg  P50  P90  P99  P99.9  P99.99  Max  StdDev\n");
    assert_part(text, "  0.1  0.2  0.1  0.3  0.4    0.5     0.6  0.8     0.1\n");
    test_free(text);
    bench_result_fini(&result);
}

static void table_without_latencies_is_narrow(void **state NB_UNUSED)
{
    struct bench_result result;
    char *text;
    char *where;

    begin(&result, "pub", 1);
    result.is_partial = true;
    add(&result, client_of(BENCH_PUBLISHER, 1, 1234567, S, 3 * S));
    text = printed(&result, true);
    where = strstr(text, "nats://");
    assert_non_null(where);
    assert_string_equal(strchr(where, '\n'), "\nPartial: it ended before all was done.\n");
    *where = '\0';
    assert_string_equal(text, "Role       Client       Msgs     Size   Time   Msgs/s      MiB/s\n"
                              "publisher  total   1,234,567  1.0 MiB  2.00s  617,284  617283.50\n");
    test_free(text);
    bench_result_fini(&result);
}

static size_t count_lines(const char *text, const char *beginning)
{
    size_t n = 0;

    for (const char *at = text; at != NULL && *at != '\0';) {
        n += strncmp(at, beginning, strlen(beginning)) == 0;
        at = strchr(at, '\n');
        at = at != NULL ? at + 1 : NULL;
    }
    return n;
}

static void table_has_many_clients_only_when_asked(void **state NB_UNUSED)
{
    static const struct {
        unsigned clients;
        bool is_verbose;
        size_t rows;
    } cases[] = {
        {1, false, 1},
        {1, true, 1}, // the client is the total
        {2, false, 3},
        {BENCH_REPORT_CLIENTS_MAX, false, BENCH_REPORT_CLIENTS_MAX + 1},
        {BENCH_REPORT_CLIENTS_MAX + 1, false, 1},
        {BENCH_REPORT_CLIENTS_MAX + 1, true, BENCH_REPORT_CLIENTS_MAX + 2},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct bench_result result;
        char *text;

        begin(&result, "pub", cases[i].clients);
        for (unsigned index = 1; index <= cases[i].clients; index++) {
            add(&result, client_of(BENCH_PUBLISHER, index, 10, S, 2 * S));
        }
        text = printed(&result, cases[i].is_verbose);
        assert_int_equal(count_lines(text, "publisher"), cases[i].rows);
        assert_int_equal(count_lines(text, "publisher  total"), 1);
        test_free(text);
        bench_result_fini(&result);
    }
}

static void what_strangers_say_does_no_harm(void **state NB_UNUSED)
{
    struct bench_result result;
    char *text;

    begin(&result, "pub", 0);
    snprintf(result.server.name, sizeof(result.server.name), "\033[2Jn1\n");
    bench_result_warn(&result, "server said \"\033]0;\"");
    text = printed(&result, false);
    assert_part(text, "server \\x1b[2Jn1\\x0a 2.12.0");
    assert_part(text, "Warning: server said \"\\x1b]0;\"\n");
    test_free(text);
    bench_result_fini(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_both_sides_and_the_receiving_total),
        cmocka_unit_test(json_of_one_role_has_one_total),
        cmocka_unit_test(json_of_a_run_that_did_not_begin_is_whole),
        cmocka_unit_test(json_flags_latencies_that_were_too_long),
        cmocka_unit_test(json_has_each_percentile_in_its_place),
        cmocka_unit_test(csv_has_a_line_for_each_client),
        cmocka_unit_test(csv_has_each_percentile_in_its_place),
        cmocka_unit_test(csv_without_latencies_has_no_columns_for_them),
        cmocka_unit_test(hdr_text_is_of_the_receiving_side),
        cmocka_unit_test(smaller_room_is_refused),
        cmocka_unit_test(table_has_clients_and_totals),
        cmocka_unit_test(table_has_each_percentile_in_its_place),
        cmocka_unit_test(table_without_latencies_is_narrow),
        cmocka_unit_test(table_has_many_clients_only_when_asked),
        cmocka_unit_test(what_strangers_say_does_no_harm),
    };
    return cmocka_run_group_tests_name("bench report", tests, NULL, NULL);
}
