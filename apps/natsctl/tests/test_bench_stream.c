/* Reading what a server sends, for counting: the same from any cut of it. */
#include "nb_test.h"

#include "bench/stream.h"

enum {
    LOG_MAX_BYTES = 64 * 1024,
};

// What was called, as a text; the pieces of a body are put together.
struct reader {
    struct bench_stream stream;
    struct nb_buf log;
    enum bench_op stop_at; // a control that stops the reading
    bool stops;
    bool stops_at_end; // of each message
};

static struct reader *reader_of(struct bench_stream *stream)
{
    return nb_container_of(stream, struct reader, stream);
}

static bool on_control(struct bench_stream *stream, enum bench_op op, struct slice argument)
{
    struct reader *reader = reader_of(stream);

    nb_buf_must_format(&reader->log, "[op %d %.*s]", (int)op, NB_SLICE_ARGS(argument));
    return !reader->stops || op != reader->stop_at;
}

static void on_head(struct bench_stream *stream, const uint8_t *head, size_t n)
{
    nb_buf_must_format(&reader_of(stream)->log, "[head %.*s]", (int)n, (const char *)head);
}

static void on_begin(struct bench_stream *stream, const struct bench_message *message)
{
    nb_buf_must_format(&reader_of(stream)->log,
                       "[%.*s,%.*s,%zu,%zu:", NB_SLICE_ARGS(message->subject),
                       NB_SLICE_ARGS(message->reply), message->header_bytes, message->bytes);
}

static void on_body(struct bench_stream *stream, struct slice piece)
{
    assert_true(piece.n > 0);
    nb_buf_must(&reader_of(stream)->log, piece);
}

static bool on_end(struct bench_stream *stream)
{
    nb_buf_must_text(&reader_of(stream)->log, "]");
    return !reader_of(stream)->stops_at_end;
}

static const struct bench_stream_handler counting = {.control = on_control};
static const struct bench_stream_handler heads = {.control = on_control, .head = on_head};
static const struct bench_stream_handler parts = {
    .control = on_control, .begin = on_begin, .body = on_body, .end = on_end};

static const struct bench_stream_handler *const handlers[] = {&counting, &heads, &parts};

static void reader_init(struct reader *reader, const struct bench_stream_handler *handler)
{
    *reader = (struct reader){.stops = false};
    bench_stream_init(&reader->stream, handler);
    nb_buf_init(&reader->log, LOG_MAX_BYTES);
}

static void reader_fini(struct reader *reader)
{
    bench_stream_fini(&reader->stream);
    nb_buf_fini(&reader->log);
}

// In an allocation of its own, for the sanitizer. What is left is in *rest, if that is wanted.
static int feed(struct reader *reader, struct slice bytes, size_t *rest)
{
    uint8_t *exact = nb_alloc(bytes.n > 0 ? bytes.n : 1);
    struct slice input = nb_slice_make(exact, bytes.n);
    int rc;

    if (bytes.n > 0) {
        memcpy(exact, bytes.p, bytes.n);
    }
    rc = bench_stream_read(&reader->stream, &input);
    if (rest != NULL) {
        *rest = input.n;
    } else if (rc == NB_OK) {
        assert_int_equal(input.n, 0);
    }
    nb_free(exact);
    return rc;
}

#define HEADERS "NATS/1.0\r\nA: b\r\n\r\n"

static const char conversation[] = "INFO {\"server_id\":\"x\"} \r\n"
                                   "PING\r\n"
                                   "MSG foo 1 5\r\nhello\r\n"
                                   "MSG foo 1 5\r\nagain\r\n" // the same line, and one like it
                                   "MSG foo 1 6\r\nbetter\r\n"
                                   "HMSG h 1 18 19\r\n" HEADERS "a\r\n"
                                   "HMSG h 1 18 19\r\n" HEADERS "b\r\n"
                                   "MSG foo.bar 22 _INBOX.a 0\r\n\r\n"
                                   "+OK\r\n"
                                   "HMSG h 1 18 20\r\n" HEADERS "xy\r\n"
                                   "HMSG h 1 r 18 18\r\n" HEADERS "\r\n"
                                   "MSG foo 1 30\r\nabcdefghijklmnop\r\nMSG trap 1 0\r\n"
                                   "PONG\r\n"
                                   "-ERR 'Slow Consumer'\r\n"
                                   "MSG foo 1 1\n!\r\n" // a server with line feeds alone
                                   "PONG\r\n";

static const char *const wanted_logs[] = {
    "[op 0 {\"server_id\":\"x\"}][op 1 ][op 3 ][op 2 ][op 4 'Slow Consumer'][op 2 ]",
    "[op 0 {\"server_id\":\"x\"}][op 1 ][head hello][head again][head better][head a][head b][head "
    "][op 3 ][head xy][head ]"
    "[head abcdefghijklmnop][op 2 ][op 4 'Slow Consumer'][head !][op 2 ]",
    "[op 0 {\"server_id\":\"x\"}][op 1 ][foo,,0,5:hello][foo,,0,5:again][foo,,0,6:better]"
    "[h,,18,19:" HEADERS "a][h,,18,19:" HEADERS "b]"
    "[foo.bar,_INBOX.a,0,0:][op 3 ]"
    "[h,,18,20:" HEADERS "xy][h,r,18,18:" HEADERS "]"
    "[foo,,0,30:abcdefghijklmnop\r\nMSG trap 1 0][op 2 ][op 4 'Slow Consumer'][foo,,0,1:!]"
    "[op 2 ]",
};

static void expect(const struct reader *reader, size_t handler, size_t cut)
{
    struct slice log = nb_buf_slice(&reader->log);

    if (!nb_slice_is(log, wanted_logs[handler])) {
        fail_msg("handler %zu cut at %zu: got %.*s", handler, cut, NB_SLICE_ARGS(log));
    }
    assert_int_equal(reader->stream.msgs, 10);
    assert_int_equal(reader->stream.bytes, 5 + 5 + 6 + 19 + 19 + 20 + 18 + 30 + 1);
}

static void stream_reads_the_same_at_every_cut_in_two(void **state NB_UNUSED)
{
    const struct slice whole = NB_SLICE(conversation);

    for (size_t i = 0; i < NB_ARRAY_LEN(handlers); i++) {
        for (size_t cut = 0; cut <= whole.n; cut++) {
            struct reader reader;

            reader_init(&reader, handlers[i]);
            assert_int_equal(feed(&reader, nb_slice_sub(whole, 0, cut), NULL), NB_OK);
            assert_int_equal(feed(&reader, nb_slice_sub(whole, cut, whole.n), NULL), NB_OK);
            expect(&reader, i, cut);
            reader_fini(&reader);
        }
    }
}

static void stream_reads_the_same_in_pieces_of_every_size(void **state NB_UNUSED)
{
    const struct slice whole = NB_SLICE(conversation);

    for (size_t i = 0; i < NB_ARRAY_LEN(handlers); i++) {
        for (size_t size = 1; size < 40; size++) {
            struct reader reader;

            reader_init(&reader, handlers[i]);
            for (size_t at = 0; at < whole.n; at += size) {
                assert_int_equal(feed(&reader, nb_slice_sub(whole, at, size), NULL), NB_OK);
            }
            expect(&reader, i, size);
            reader_fini(&reader);
        }
    }
}

static void stream_counts_messages_when_they_are_whole(void **state NB_UNUSED)
{
    struct reader reader;

    for (size_t i = 0; i < NB_ARRAY_LEN(handlers); i++) {
        reader_init(&reader, handlers[i]);
        assert_int_equal(feed(&reader, NB_SLICE("MSG a 1 3\r\nab"), NULL), NB_OK);
        assert_int_equal(reader.stream.msgs, 0);
        assert_int_equal(feed(&reader, NB_SLICE("c\r"), NULL), NB_OK);
        assert_int_equal(reader.stream.msgs, 0);
        assert_int_equal(feed(&reader, NB_SLICE("\n"), NULL), NB_OK);
        assert_int_equal(reader.stream.msgs, 1);
        assert_int_equal(reader.stream.bytes, 3);
        reader_fini(&reader);
    }
}

static void stream_refuses_what_no_server_says(void **state NB_UNUSED)
{
    static const char *const cases[] = {
        "\r\n",
        "\n",
        "X\r\n",
        "HELLO\r\n",
        "MSG\r\n",
        "MSG a 1\r\n", // the sid is taken for the size, but there is no sid
        "MSG a 1 x\r\n",
        "MSG a 1 -1\r\n",
        "MSG a 1 3 \r\n",
        "MSG a 1 12345678901\r\n", // more digits than a size has
        "HMSG a 1 5 4\r\n",        // more headers than message
        "HMSG a 1 x 4\r\n",
        "HMSG 4\r\n",
        "HPUB a 1\r\n",
        "SUB a 1\r\n",
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct reader reader;

        reader_init(&reader, &parts);
        if (feed(&reader, nb_slice_of(cases[i]), NULL) != NB_EMALFORMED) {
            fail_msg("accepted: %s", cases[i]);
        }
        assert_int_equal(reader.stream.msgs, 0);
        reader_fini(&reader);
    }
}

static void stream_refuses_a_line_without_end(void **state NB_UNUSED)
{
    struct slice most = {.n = 0};
    uint8_t *p = nb_alloc(BENCH_STREAM_LINE_MAX_BYTES);
    struct reader reader;

    memset(p, 'I', BENCH_STREAM_LINE_MAX_BYTES);
    most = nb_slice_make(p, BENCH_STREAM_LINE_MAX_BYTES);
    reader_init(&reader, &counting);
    assert_int_equal(feed(&reader, most, NULL), NB_OK);
    assert_int_equal(feed(&reader, NB_SLICE("I"), NULL), NB_ELIMIT);
    reader_fini(&reader);
    nb_free(p);
}

// What stands behind a place where the reading stops is the caller's, and can be read later.
static void stream_stops_where_it_is_told(void **state NB_UNUSED)
{
    const struct slice whole = NB_SLICE("INFO {}\r\nrest");
    struct reader reader;
    size_t rest;

    for (size_t cut = 0; cut < 9; cut++) {
        reader_init(&reader, &parts);
        reader.stops = true;
        reader.stop_at = BENCH_OP_INFO;
        assert_int_equal(feed(&reader, nb_slice_sub(whole, 0, cut), NULL), NB_OK);
        assert_int_equal(feed(&reader, nb_slice_sub(whole, cut, whole.n), &rest), NB_OK);
        assert_int_equal(rest, 4);
        assert_true(nb_slice_is(nb_buf_slice(&reader.log), "[op 0 {}]"));
        reader_fini(&reader);
    }
}

static void stream_stops_behind_each_message_if_wanted(void **state NB_UNUSED)
{
    const struct slice whole = NB_SLICE("MSG a 1 1\r\nx\r\nMSG b 1 1\r\ny\r\n");
    struct reader reader;
    size_t rest;

    reader_init(&reader, &parts);
    reader.stops_at_end = true;
    assert_int_equal(feed(&reader, whole, &rest), NB_OK);
    assert_int_equal(rest, whole.n / 2);
    assert_true(nb_slice_is(nb_buf_slice(&reader.log), "[a,,0,1:x]"));
    assert_int_equal(feed(&reader, nb_slice_sub(whole, whole.n - rest, rest), &rest), NB_OK);
    assert_int_equal(rest, 0);
    assert_true(nb_slice_is(nb_buf_slice(&reader.log), "[a,,0,1:x][b,,0,1:y]"));
    reader_fini(&reader);
}

// A payload much larger than any read.
static void stream_skips_a_large_payload(void **state NB_UNUSED)
{
    enum { PIECE = 1000, SIZE = 8 * 1024 * 1024 };
    uint8_t piece[PIECE];
    struct reader reader;

    memset(piece, '\n', sizeof(piece));
    reader_init(&reader, &heads);
    assert_int_equal(feed(&reader, NB_SLICE("MSG a 1 8388608\r\n"), NULL), NB_OK);
    for (size_t left = SIZE; left > 0;) {
        size_t n = left < PIECE ? left : PIECE;

        assert_int_equal(feed(&reader, nb_slice_make(piece, n), NULL), NB_OK);
        left -= n;
    }
    assert_int_equal(reader.stream.msgs, 0);
    assert_int_equal(feed(&reader, NB_SLICE("\r\nPING\r\n"), NULL), NB_OK);
    assert_int_equal(reader.stream.bytes, SIZE);
    assert_true(nb_slice_ends(nb_buf_slice(&reader.log), "][op 1 ]"));
    reader_fini(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_reads_the_same_at_every_cut_in_two),
        cmocka_unit_test(stream_reads_the_same_in_pieces_of_every_size),
        cmocka_unit_test(stream_counts_messages_when_they_are_whole),
        cmocka_unit_test(stream_refuses_what_no_server_says),
        cmocka_unit_test(stream_refuses_a_line_without_end),
        cmocka_unit_test(stream_stops_where_it_is_told),
        cmocka_unit_test(stream_stops_behind_each_message_if_wanted),
        cmocka_unit_test(stream_skips_a_large_payload),
    };

    return cmocka_run_group_tests_name("bench_stream", tests, NULL, NULL);
}
