#include "nb_test.h" // cmocka and the headers it needs

#include "parser_transcript.h"

#include <natsd/chunk.h>
#include <natsd/parser.h>

enum {
    LINE_MAX = 64,
    PAYLOAD_MAX = 100,
};

#define X16 "xxxxxxxxxxxxxxxx"
#define X60 X16 X16 X16 "xxxxxxxxxxxx"
#define N18 "NATS/1.0\r\nk: v\r\n\r\n"
#define N12 "NATS/1.0\r\n\r\n"

// Limits are small (LINE_MAX, PAYLOAD_MAX), headers are on, the peer is a client.
static const struct {
    const char *stream;
    const char *want;
} from_client[] = {
    {"", ""},
    {"PING\r\n", "PING()"},
    {"ping\r\nPiNg\nPING   xyz\r\nPINGx\r\nPING\t\r\nPING \nPONG\r\npong and more\n",
     "PING() PING() PING() PING() PING() PING() PONG() PONG()"},
    {"+OK\r\n+ok whatever\n+OKx\n", "+OK() +OK() +OK()"},
    {"-ERR boom\r\n-err 'a b' \n", "-ERR(boom) -ERR('a b' )"},
    {"CONNECT {}\r\ncOnNeCt{\"a\":1}\nCONNECT \t {} \t\r\nCONNECT\r\nCONNECT \n",
     "CONNECT({}) CONNECT({\"a\":1}) CONNECT({} \t) CONNECT() CONNECT()"},
    {"INFO {}\r\ninfo{\"a\":1}\nINFO\r\nINFOx\r\n", "INFO({}) INFO({\"a\":1}) INFO() INFO(x)"},
    {"PUB foo 5\r\nhello\r\n", "PUB(foo,,hello)"},
    {"PUB foo 0\r\n\r\nPUB foo 00\n\r\n", "PUB(foo,,) PUB(foo,,)"},
    {"PUB foo bar 5\r\nhello\r\npUb a b 000000002\nok\r\n", "PUB(foo,bar,hello) PUB(a,b,ok)"},
    {"PUB\tfoo\t2\r\nok\r\nPUB   foo  2 \r\nok\r\nPUB \tfoo\t 2\t\r\nok\r\nPUB foo 2\nok\r\n",
     "PUB(foo,,ok) PUB(foo,,ok) PUB(foo,,ok) PUB(foo,,ok)"},
    {"PUB foo 7\r\na\r\nb\n\r\r\r\n", "PUB(foo,,a\r\nb\n\r\r)"},
    {"PUB some.longer.subject.here 3\r\nabc\r\nPUB some.longer.subject.here and.a.reply "
     "3\r\nabc\r\n",
     "PUB(some.longer.subject.here,,abc) PUB(some.longer.subject.here,and.a.reply,abc)"},
    {"HPUB foo 12 14\r\n" N12 "ok\r\nHPUB foo re 18 18\r\n" N18 "\r\n",
     "HPUB(foo,,12," N12 "ok) HPUB(foo,re,18," N18 ")"},
    {"HPUB  foo \t re  12\t14 \n" N12 "ok\r\nhpub foo 0 2\r\nok\r\nHPUB foo re 0 0\r\n\r\n",
     "HPUB(foo,re,12," N12 "ok) HPUB(foo,,0,ok) HPUB(foo,re,0,)"},
    {"SUB foo 1\r\nSUB foo q 2\nsub \t foo \t q \t 3 \t\r\nsUb\tfoo\t4\n",
     "SUB(foo,,1) SUB(foo,q,2) SUB(foo,q,3) SUB(foo,,4)"},
    {"UNSUB 1\r\nUNSUB 1 4\r\nUNSUB\t99 \r\nunSub 98 \t 0005\nUNSUB 1 x\r\nUNSUB 1 1234567890\n",
     "UNSUB(1) UNSUB(1,4) UNSUB(99) UNSUB(98,5) UNSUB(1,0) UNSUB(1,0)"},
    // a CR inside a line cuts the arguments of SUB and UNSUB only
    {"SUB foo\r1\r\nSUB foo\r\r 1\r\r\nUNSUB 1\r2\n", "SUB(foo,,1) SUB(foo,,1) UNSUB(1,2)"},
    {"SUB \rfoo 1\r\n", "SUB(foo,,1)"},
    {"PUB fo\ro 2\r\nok\r\nPUB \r 2\r\nok\r\n", "PUB(fo\ro,,ok) PUB(\r,,ok)"},
    {"PUB foo 2\r\r\n", "!arguments"},
    {"PUB foo \r2\r\n", "!arguments"},
    {"PUB foo 2 \r\nok\r\n", "PUB(foo,,ok)"},
    {"PUB foo 2 \r\r\nok\r\n", "!arguments"}, // three arguments, the last a CR
    {"PUB \x01.\xff\xfe r\x02\x80 2\r\nok\r\nSUB \x01\xff s\x7f\x80\r\n",
     "PUB(\x01.\xff\xfe,r\x02\x80,ok) SUB(\x01\xff,,s\x7f\x80)"},

    // wrong letters, each at once
    {"\r\n", "!operation"},
    {"\n", "!operation"},
    {" PING\r\n", "!operation"},
    {"\tPING\r\n", "!operation"},
    {"G", "!operation"},
    {"X", "!operation"},
    {"PX", "!operation"},
    {"PANG\r\n", "!operation"},
    {"PUBx", "!operation"},
    {"PUB\r", "!operation"},
    {"PUB\n", "!operation"},
    {"HPUB\r", "!operation"},
    {"HPING\r\n", "!operation"},
    {"SUB\n", "!operation"},
    {"SUX", "!operation"},
    {"UNSUB\r", "!operation"},
    {"UNSIB 1\r\n", "!operation"},
    {"UNSUX 1\r\n", "!operation"},
    {"-ERR\r", "!operation"},
    {"-ERX", "!operation"},
    {"+N", "!operation"},
    {"INFX", "!operation"},
    {"CONE", "!operation"},
    {"CX", "!operation"},
    {"M", "!operation"},
    {"HM", "!operation"},
    {"R", "!operation"},
    {"L", "!operation"},
    {"A", "!operation"},
    {"\xff", "!operation"},
    {"1\r\n", "!operation"},
    {"PING\r\n\r\n", "PING() !operation"},
    {"PUB foo 2\r\nok\r\n\r\n", "PUB(foo,,ok) !operation"},

    // what must stand behind a payload
    {"PUB foo 2\r\nokX", "!operation"},
    {"PUB foo 2\r\nokX\n", "!operation"},
    {"PUB foo 2\r\nok\n\n", "!operation"},
    {"PUB foo 2\r\nok\rX", "!operation"},
    {"PUB foo 2\r\nokay\r\n", "!operation"},
    {"PUB foo 2\r\nok\nPING\r\n", "!operation"},
    {"PUB foo 0\r\nX", "!operation"},
    {"PUB foo 2\r\no\r\n", "!operation"},
    {"PUB foo 2\r\no\r\nPING\r\n", "!operation"},

    // arguments
    {"PUB foo\r\n", "!arguments"},
    {"PUB foo bar 1 2\r\n", "!arguments"},
    {"PUB   \r\n", "!arguments"},
    {"PUB  \n", "!arguments"},
    {"PUB a b c d e f g 2\r\n", "!arguments"},
    {"HPUB foo\r\n", "!arguments"},
    {"HPUB foo 12\r\n", "!arguments"},
    {"HPUB foo bar baz 12 12\r\n", "!arguments"},
    {"HPUB foo bar baz 12 12 12\r\n", "!arguments"},
    {"SUB foo\r\n", "!arguments"},
    {"SUB foo q 1 2\r\n", "!arguments"},
    {"SUB  \r\n", "!arguments"},
    {"SUB \n", "!arguments"},
    {"SUB \r\r\r\n", "!arguments"},
    {"UNSUB 1 2 3\r\n", "!arguments"},
    {"UNSUB \t\n", "!arguments"},
    {"PUB foo two\r\n", "!arguments"},
    {"PUB foo -1\r\n", "!arguments"},
    {"PUB foo +2\r\n", "!arguments"},
    {"PUB foo 0x2\r\n", "!arguments"},
    {"PUB foo 2.0\r\n", "!arguments"},
    {"PUB foo 1234567890\r\n", "!arguments"},
    {"PUB foo 0000000001\r\n", "!arguments"},
    {"PUB foo 99x\r\n", "!arguments"},
    {"PUB foo 2:\r\n", "!arguments"},
    {"PUB foo 2/\r\n", "!arguments"},
    {"HPUB foo x 2\r\n", "!arguments"},
    {"HPUB foo 2 x\r\n", "!arguments"},
    {"HPUB foo -1 2\r\n", "!arguments"},
    {"HPUB foo 5 3\r\n", "!arguments"},
    {"HPUB foo 12 1234567890\r\n", "!arguments"},
    {"HPUB foo 999999999 999999998\r\n", "!arguments"},
    {"SUB a 1\r\nPUB foo\r\nSUB a 2\r\n", "SUB(a,,1) !arguments"},

    // limits: argument bytes without CR LF
    {"SUB " X60 " 15 \r\n", "SUB(" X60 ",,15)"},
    {"SUB \t  " X60 " 15 \n", "SUB(" X60 ",,15)"},
    {"SUB " X60 " 155 \r\n", "!control line"},
    {"SUB " X60 " 155 \n", "!control line"},
    {"SUB " X60 " 155  ", "!control line"},
    {"SUB " X60 " 15 \rx", "!control line"},
    {"SUB " X60 " 15 \r\r\n", "!control line"},
    {"PUB " X60 "xx 0\r\n\r\n", "PUB(" X60 "xx,,)"},
    {"PUB " X60 "xxx 0\r\n\r\n", "!control line"},
    {"UNSUB " X60 "xxxxx", "!control line"},
    {"-ERR " X60 "xxxx\r\n", "-ERR(" X60 "xxxx)"},
    {"-ERR " X60 "xxxxx", "!control line"},
    {"INFO " X60 "xxxxx", "!control line"},
    {"CONNECT" X60 "xxxx\r\n", "CONNECT(" X60 "xxxx)"},
    {"CONNECT" X60 "xxxxx\r\n", "!control line"},
    {"PING " X60 X60 X60 "\r\n", "PING()"},
    {"PUB foo 100\r\n" X60 X16 X16 "xxxxxxxx\r\n", "PUB(foo,," X60 X16 X16 "xxxxxxxx)"},
    {"PUB foo 101\r\n", "!payload"},
    {"PUB foo re 999999999\r\n", "!payload"},
    {"HPUB foo 12 101\r\n", "!payload"},
    {"PUB foo 1000000000\r\n", "!arguments"},

    // many at once
    {"CONNECT {}\r\nSUB a 1\r\nSUB b.* grp 2\r\nPUB a 5\r\nhello\r\nPUB a reply.to 4\r\na\r\nb\r\n"
     "HPUB a 12 14\r\n" N12 "ok\r\nUNSUB 2\r\nUNSUB 1 4\r\nPUB a 0\r\n\r\n+OK\r\nPONG\r\nPING\r\n",
     "CONNECT({}) SUB(a,,1) SUB(b.*,grp,2) PUB(a,,hello) PUB(a,reply.to,a\r\nb) HPUB(a,,12," N12
     "ok) UNSUB(2) UNSUB(1,4) PUB(a,,) +OK() PONG() PING()"},
    // incomplete ones leave nothing
    {"PUB foo 2\r\nok\r", ""},
    {"PUB foo 2\r\nok", ""},
    {"PUB foo 2\r", ""},
    {"PUB foo ", ""},
    {"PUB", ""},
    {"PING", ""},
    {"CONNECT {}\r", ""},
};

static const struct {
    const char *stream;
    const char *want;
} from_server[] = {
    {"INFO {\"a\":1} \r\n", "INFO({\"a\":1} )"},
    {"MSG foo 1 5\r\nhello\r\nmsg foo 1 re 2\nok\r\n", "MSG(1,foo,,hello) MSG(1,foo,re,ok)"},
    {"HMSG foo 1 12 14\r\n" N12 "ok\r\nhmsg foo 1 re 12 12\r\n" N12 "\r\n",
     "HMSG(1,foo,,12," N12 "ok) HMSG(1,foo,re,12," N12 ")"},
    {"MSG\tfoo  1\t0 \r\n\r\n", "MSG(1,foo,,)"},
    {"PING\r\nPONG\r\n+OK\r\n-ERR 'Stale Connection'\r\n",
     "PING() PONG() +OK() -ERR('Stale Connection')"},
    {"MSG foo 1\r\n", "!arguments"},
    {"MSG foo 1 re 2 2\r\n", "!arguments"},
    {"HMSG foo 1 12\r\n", "!arguments"},
    {"HMSG foo 1 a b 12 12\r\n", "!arguments"},
    {"HMSG foo 1 13 12\r\n", "!arguments"},
    {"MSG foo 1 x\r\n", "!arguments"},
    {"MSG foo 1 101\r\n", "!payload"},
    {"MSG foo 1 2\r\nokX", "!operation"},
    {"C", "!operation"},
    {"PU", "!operation"},
    {"HP", "!operation"},
    {"S", "!operation"},
    {"U", "!operation"},
};

static struct nproto_parser settings(enum nproto_peer peer)
{
    struct nproto_parser parser;

    nproto_parser_init(&parser, peer);
    parser.has_headers = true;
    parser.control_line_max = LINE_MAX;
    parser.payload_max = PAYLOAD_MAX;
    return parser;
}

// Feeds the stream in pieces of `size`, the first of them of `first`.
static void feed(struct transcript *t, struct slice stream, size_t first, size_t size)
{
    size_t at = first < stream.n ? first : stream.n;

    transcript_feed(t, nb_slice_sub(stream, 0, at));
    while (at < stream.n) {
        transcript_feed(t, nb_slice_sub(stream, at, size));
        at += size < stream.n - at ? size : stream.n - at;
    }
}

static void expect(const struct nproto_parser *like, bool fills, struct slice stream, size_t first,
                   size_t size, const char *want)
{
    struct transcript t;

    transcript_init(&t, like);
    t.fills = fills;
    feed(&t, stream, first, size);
    if (!nb_slice_is(nb_buf_slice(&t.text), want)) {
        fail_msg("%.*s\nfirst %zu, then %zu at once%s: got\n%.*s\nwant\n%s", NB_SLICE_ARGS(stream),
                 first, size, fills ? ", filled" : "", NB_SLICE_ARGS(nb_buf_slice(&t.text)), want);
    }
    transcript_fini(&t);
}

// Whole, at every cut into two, and in small pieces of each size.
static void expect_at_every_cut(const struct nproto_parser *like, const char *stream,
                                const char *want)
{
    const struct slice bytes = nb_slice_of(stream);

    for (int fills = 0; fills < 2; fills++) {
        for (size_t cut = 0; cut <= bytes.n; cut++) {
            expect(like, fills != 0, bytes, cut, SIZE_MAX, want);
        }
        for (size_t size = 1; size < 5; size++) {
            expect(like, fills != 0, bytes, 0, size, want);
        }
    }
}

static void parser_reads_a_clients_streams_the_same_at_every_cut(void **state NB_UNUSED)
{
    const struct nproto_parser like = settings(NPROTO_PEER_CLIENT);

    for (size_t i = 0; i < NB_ARRAY_LEN(from_client); i++) {
        expect_at_every_cut(&like, from_client[i].stream, from_client[i].want);
    }
}

static void parser_reads_a_servers_streams_the_same_at_every_cut(void **state NB_UNUSED)
{
    const struct nproto_parser like = settings(NPROTO_PEER_SERVER);

    for (size_t i = 0; i < NB_ARRAY_LEN(from_server); i++) {
        expect_at_every_cut(&like, from_server[i].stream, from_server[i].want);
    }
}

// "X", "PX" and "PUBx" above end at the wrong byte; here none of their prefixes is a fault yet.
static void parser_waits_as_long_as_a_verb_may_go_on(void **state NB_UNUSED)
{
    const struct nproto_parser like = settings(NPROTO_PEER_CLIENT);
    static const char *const verbs[] = {"CONNECT", "INFO", "PUB",  "HPUB", "SUB",
                                        "UNSUB",   "PING", "PONG", "+OK",  "-ERR"};

    for (size_t i = 0; i < NB_ARRAY_LEN(verbs); i++) {
        for (size_t n = 0; n <= strlen(verbs[i]); n++) {
            expect(&like, false, nb_slice_make(verbs[i], n), 0, SIZE_MAX, "");
        }
    }
}

// With the first four letters looked at as one number, only the right ones may pass.
static void parser_refuses_every_other_byte_in_a_verb(void **state NB_UNUSED)
{
    const struct nproto_parser like = settings(NPROTO_PEER_CLIENT);
    static const char good[] = "PUB foo 2\r\nok\r\n";

    for (size_t at = 0; at < 4; at++) {
        for (int byte = 0; byte < 256; byte++) {
            uint8_t stream[sizeof(good) - 1];
            const uint8_t was = (uint8_t)good[at];
            const bool is_same =
                byte == was || (at < 3 && byte == (was | 0x20)) || (at == 3 && byte == '\t');

            memcpy(stream, good, sizeof(stream));
            stream[at] = (uint8_t)byte;
            if (at != 0 || (byte != 'S' && byte != 's')) { // SUB has other arguments
                expect(&like, false, nb_slice_make(stream, sizeof(stream)), 0, SIZE_MAX,
                       is_same ? "PUB(foo,,ok)" : "!operation");
            }
        }
    }
}

static void parser_keeps_the_gate_until_a_connect(void **state NB_UNUSED)
{
    struct nproto_parser like = settings(NPROTO_PEER_CLIENT);

    like.is_gated = true;
    expect_at_every_cut(&like, "PING\r\n", "GATE PING()"); // the test lifts the gate
    expect_at_every_cut(&like, "x", "GATE !operation");
    expect_at_every_cut(&like, "\r\n", "GATE !operation");
    expect_at_every_cut(&like, "CONNECT {}\r\nPING\r\n", "CONNECT({}) GATE PING()");
    expect_at_every_cut(&like, "connect{}\nCONNECT {}\r\n", "CONNECT({}) CONNECT({})");
    expect_at_every_cut(&like, "CX", "!operation");
}

static void parser_refuses_headers_where_there_are_none_before_it_counts(void **state NB_UNUSED)
{
    struct nproto_parser like = settings(NPROTO_PEER_CLIENT);

    like.has_headers = false;
    expect_at_every_cut(&like, "HPUB foo 12 14\r\n" N12 "ok\r\n", "!headers");
    expect_at_every_cut(&like, "HPUB foo\r\n", "!headers");
    expect_at_every_cut(&like, "PUB foo 2\r\nok\r\n", "PUB(foo,,ok)");
    like.peer = NPROTO_PEER_SERVER;
    expect_at_every_cut(&like, "HMSG foo 1 12 14\r\n" N12 "ok\r\n", "!headers");
}

// Blanks behind a verb and the rest of a PING are skipped, but not for ever.
static void parser_ends_a_skip_without_end(void **state NB_UNUSED)
{
    static const struct {
        const char *begin;
        char fill;
        const char *end;
        const char *want;
    } cases[] = {
        {"PING", 'x', "\n", "PING()"},          {"PONG", ' ', "\n", "PONG()"},
        {"+OK", '\r', "\n", "+OK()"},           {"SUB", ' ', "a 1\r\n", "SUB(a,,1)"},
        {"PUB", '\t', "a 0\n\r\n", "PUB(a,,)"}, {"CONNECT", ' ', "{}\n", "CONNECT({})"},
    };
    const struct nproto_parser like = settings(NPROTO_PEER_CLIENT);

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        for (size_t more = 0; more < 2; more++) {
            const char *want = more == 0 ? cases[i].want : "!control line";
            struct nb_buf stream;
            struct slice bytes;

            nb_buf_init(&stream, 2 * NPROTO_SKIP_MAX_BYTES);
            nb_buf_must_text(&stream, cases[i].begin);
            for (size_t n = 0; n < NPROTO_SKIP_MAX_BYTES + more; n++) {
                nb_buf_must(&stream, nb_slice_make(&cases[i].fill, 1));
            }
            nb_buf_must_text(&stream, cases[i].end);
            bytes = nb_buf_slice(&stream);
            expect(&like, false, bytes, 0, SIZE_MAX, want);
            expect(&like, false, bytes, 10, 1000, want);
            expect(&like, false, bytes, bytes.n - 1, SIZE_MAX, want);
            expect(&like, false, bytes, bytes.n - strlen(cases[i].end), 1, want);
            nb_buf_fini(&stream);
        }
    }
}

// Each line has its own count.
static void parser_skips_one_long_line_after_the_other(void **state NB_UNUSED)
{
    const struct nproto_parser like = settings(NPROTO_PEER_CLIENT);
    struct nb_buf stream;

    nb_buf_init(&stream, 4 * NPROTO_SKIP_MAX_BYTES);
    for (int i = 0; i < 3; i++) {
        nb_buf_must_text(&stream, "PING");
        for (size_t n = 0; n < NPROTO_SKIP_MAX_BYTES; n++) {
            nb_buf_must_text(&stream, "x");
        }
        nb_buf_must_text(&stream, "\n");
    }
    expect(&like, false, nb_buf_slice(&stream), 0, SIZE_MAX, "PING() PING() PING()");
    expect(&like, false, nb_buf_slice(&stream), 0, 1000, "PING() PING() PING()");
    nb_buf_fini(&stream);
}

// Whatever control_line_max says.
static void parser_gathers_no_more_than_the_longest_line(void **state NB_UNUSED)
{
    struct nproto_parser parser;
    struct nproto_msg msg;
    enum nproto_fault fault = NPROTO_FAULT_NONE;
    const size_t size = sizeof("CONNECT") - 1 + NPROTO_CONTROL_LINE_MAX_BYTES;
    uint8_t *line = nb_alloc(size);
    struct slice input = nb_slice_make(line, size);

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    parser.control_line_max = UINT32_MAX;
    memset(line, 'x', size);
    memcpy(line, "CONNECT", sizeof("CONNECT") - 1);
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_OK);
    assert_int_equal(msg.op, NPROTO_OP_NONE);
    input = nb_slice_make(line, 1);
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_EMALFORMED);
    assert_int_equal(fault, NPROTO_FAULT_CONTROL_LINE);
    nproto_parser_fini(&parser);
    nb_free(line);
}

static void parser_measures_lines_up_to_the_default_and_not_beyond(void **state NB_UNUSED)
{
    struct nproto_parser like;

    nproto_parser_init(&like, NPROTO_PEER_CLIENT);
    for (size_t more = 0; more < 2; more++) {
        struct nb_buf stream;
        struct slice bytes;
        size_t wanted;

        nb_buf_init(&stream, 8192);
        nb_buf_must_text(&stream, "CONNECT {");
        while (nb_buf_slice(&stream).n < 8 + NPROTO_CONTROL_LINE_DEFAULT_BYTES - 1 + more) {
            nb_buf_must_text(&stream, " ");
        }
        nb_buf_must_text(&stream, "}\r\n");
        bytes = nb_buf_slice(&stream);
        for (size_t cut = bytes.n - 4; cut <= bytes.n; cut++) {
            struct transcript t;

            transcript_init(&t, &like);
            feed(&t, bytes, cut, SIZE_MAX);
            wanted = sizeof("CONNECT()") - 1 + NPROTO_CONTROL_LINE_DEFAULT_BYTES;
            if (more == 0) {
                assert_int_equal(nb_buf_slice(&t.text).n, wanted);
            } else {
                assert_true(nb_slice_is(nb_buf_slice(&t.text), "!control line"));
            }
            transcript_fini(&t);
        }
        nb_buf_fini(&stream);
    }
}

static void parser_assembles_a_cut_message_in_a_chunk_of_exactly_its_size(void **state NB_UNUSED)
{
    static const char first[] = "PUB foo re 5\r\nhe";
    struct nproto_parser parser;
    struct slice input = NB_SLICE(first);
    struct slice rest = NB_SLICE("llo\r\nPING\r\n");
    struct nb_chunk *kept;
    struct nproto_msg msg;
    enum nproto_fault fault;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_OK);
    assert_int_equal(msg.op, NPROTO_OP_NONE);
    assert_true(nproto_parser_is_inside(&parser));
    assert_int_equal(nproto_parser_wanted(&parser).n, 5);
    assert_int_equal(nproto_parser_next(&parser, &rest, &msg, &fault), NB_OK);
    assert_int_equal(msg.op, NPROTO_OP_PUB);
    assert_non_null(msg.chunk);
    assert_int_equal(msg.chunk->size, sizeof("foo re 5") - 1 + 5 + 2);
    assert_false(nproto_parser_is_inside(&parser));
    assert_int_equal(nproto_parser_wanted(&parser).n, 0);

    // Who takes a reference keeps the message beyond the next call.
    kept = nb_chunk_ref(msg.chunk);
    const struct slice payload = msg.payload;
    assert_int_equal(nproto_parser_next(&parser, &rest, &msg, &fault), NB_OK);
    assert_int_equal(msg.op, NPROTO_OP_PING);
    assert_null(msg.chunk);
    nproto_parser_fini(&parser);
    assert_true(nb_slice_is(payload, "hello"));
    assert_true(nb_chunk_is_unshared(kept));
    nb_chunk_unref(kept);
}

static void parser_takes_a_large_payload_where_it_wants_it(void **state NB_UNUSED)
{
    struct nproto_parser parser;
    struct slice input = NB_SLICE("PUB big 1048576\r\n");
    struct nproto_room room;
    struct nproto_msg msg;
    enum nproto_fault fault;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_OK);
    assert_int_equal(msg.op, NPROTO_OP_NONE);
    room = nproto_parser_wanted(&parser);
    assert_int_equal(room.n, 1048576 + 2); // payload and line end, nothing of what follows
    memset(room.p, 'b', room.n - 2);
    memcpy(room.p + room.n - 2, "\r\n", 2);
    nproto_parser_filled(&parser, room.n);
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_OK);
    assert_int_equal(msg.op, NPROTO_OP_PUB);
    assert_int_equal(msg.payload.n, 1048576);
    assert_ptr_equal(msg.payload.p, room.p); // no copy
    nproto_parser_fini(&parser);
    nproto_parser_fini(&parser);
}

static void parser_stays_at_its_fault_and_tells_what_is_known(void **state NB_UNUSED)
{
    static const struct {
        const char *stream;
        enum nproto_fault fault;
        enum nproto_op op;
        const char *arg;
        const char *text; // NULL: none
    } cases[] = {
        {"PUB foo\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_PUB, "foo", "processPub Parse Error"},
        {"PUB foo x\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_PUB, "foo x",
         "processPub Bad or Missing Size"},
        {"SUB  foo \r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_SUB, "foo ", "processSub Parse Error"},
        {"UNSUB 1 2 3\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_UNSUB, "1 2 3",
         "processUnsub Parse Error"},
        {"HPUB foo 12\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_HPUB, "foo 12",
         "processHeaderPub Parse Error"},
        {"HPUB foo x 12\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_HPUB, "foo x 12",
         "processHeaderPub Bad or Missing Header Size"},
        {"HPUB foo 12 x\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_HPUB, "foo 12 x",
         "processHeaderPub Bad or Missing Total Size"},
        {"HPUB foo 5 3\r\n", NPROTO_FAULT_ARGUMENTS, NPROTO_OP_HPUB, "foo 5 3",
         "processHeaderPub Header Size larger then TotalSize"},
        {"PUB foo 101\r\n", NPROTO_FAULT_PAYLOAD, NPROTO_OP_PUB, "foo 101", NULL},
        {"XYZ\r\n", NPROTO_FAULT_OPERATION, NPROTO_OP_NONE, "", NULL},
        {"PUB\r\n", NPROTO_FAULT_OPERATION, NPROTO_OP_PUB, "", NULL},
        {"PUB foo 2\r\nokX", NPROTO_FAULT_OPERATION, NPROTO_OP_PUB, "foo 2", NULL},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        for (size_t cut = 0; cut <= strlen(cases[i].stream); cut++) {
            struct nproto_parser parser = settings(NPROTO_PEER_CLIENT);
            struct slice input = nb_slice_make(cases[i].stream, cut);
            enum nproto_fault fault = NPROTO_FAULT_NONE;
            struct nproto_msg msg;

            if (nproto_parser_next(&parser, &input, &msg, &fault) == NB_OK) {
                input = nb_slice_of(cases[i].stream + cut);
                assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_EMALFORMED);
            }
            assert_int_equal(fault, cases[i].fault);
            assert_int_equal(msg.op, cases[i].op);
            assert_true(nb_slice_is(msg.arg, cases[i].arg));
            if (cases[i].text != NULL) {
                assert_string_equal(nproto_parser_fault_text(&parser), cases[i].text);
            }
            if (cases[i].fault == NPROTO_FAULT_PAYLOAD) {
                assert_int_equal(msg.payload_size, 101);
            }
            input = NB_SLICE("PING\r\n");
            fault = NPROTO_FAULT_NONE;
            assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_EMALFORMED);
            assert_int_equal(fault, cases[i].fault);
            nproto_parser_fini(&parser);
        }
    }
}

// A limit may sink while a line waits; what is there beyond it is a fault, not an overrun.
static void parser_follows_limits_that_change_inside_a_line(void **state NB_UNUSED)
{
    struct nproto_parser parser = settings(NPROTO_PEER_CLIENT);
    struct slice input = NB_SLICE("SUB " X16 X16);
    struct nproto_msg msg;
    enum nproto_fault fault = NPROTO_FAULT_NONE;

    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_OK);
    parser.control_line_max = 10;
    input = NB_SLICE(" 1\r\n");
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_EMALFORMED);
    assert_int_equal(fault, NPROTO_FAULT_CONTROL_LINE);
    nproto_parser_fini(&parser);
}

static void parser_never_makes_a_chunk_beyond_the_largest(void **state NB_UNUSED)
{
    struct nproto_parser parser;
    struct slice input = NB_SLICE("PUB foo 999999999\r\n");
    struct nproto_msg msg;
    enum nproto_fault fault = NPROTO_FAULT_NONE;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    parser.payload_max = UINT32_MAX;
    parser.control_line_max = UINT32_MAX;
    assert_int_equal(nproto_parser_next(&parser, &input, &msg, &fault), NB_EMALFORMED);
    assert_int_equal(fault, NPROTO_FAULT_PAYLOAD);
    nproto_parser_fini(&parser);
}

static void op_names_are_the_verbs(void **state NB_UNUSED)
{
    assert_string_equal(nproto_op_name(NPROTO_OP_NONE), "");
    assert_string_equal(nproto_op_name(NPROTO_OP_GATE), "");
    assert_string_equal(nproto_op_name(NPROTO_OP_CONNECT), "CONNECT");
    assert_string_equal(nproto_op_name(NPROTO_OP_OK), "+OK");
    assert_string_equal(nproto_op_name(NPROTO_OP_ERR), "-ERR");
    assert_string_equal(nproto_op_name(NPROTO_OP_HMSG), "HMSG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parser_reads_a_clients_streams_the_same_at_every_cut),
        cmocka_unit_test(parser_reads_a_servers_streams_the_same_at_every_cut),
        cmocka_unit_test(parser_waits_as_long_as_a_verb_may_go_on),
        cmocka_unit_test(parser_refuses_every_other_byte_in_a_verb),
        cmocka_unit_test(parser_keeps_the_gate_until_a_connect),
        cmocka_unit_test(parser_refuses_headers_where_there_are_none_before_it_counts),
        cmocka_unit_test(parser_ends_a_skip_without_end),
        cmocka_unit_test(parser_skips_one_long_line_after_the_other),
        cmocka_unit_test(parser_gathers_no_more_than_the_longest_line),
        cmocka_unit_test(parser_measures_lines_up_to_the_default_and_not_beyond),
        cmocka_unit_test(parser_assembles_a_cut_message_in_a_chunk_of_exactly_its_size),
        cmocka_unit_test(parser_takes_a_large_payload_where_it_wants_it),
        cmocka_unit_test(parser_stays_at_its_fault_and_tells_what_is_known),
        cmocka_unit_test(parser_follows_limits_that_change_inside_a_line),
        cmocka_unit_test(parser_never_makes_a_chunk_beyond_the_largest),
        cmocka_unit_test(op_names_are_the_verbs),
    };
    return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}
