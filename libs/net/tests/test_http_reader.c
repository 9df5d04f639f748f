#include "nb_test.h"

#include "http_reader.h"

static const struct {
    const char *name;
    const char *text;
    enum nnet__http_read want;
    const char *method;
    const char *target;
    bool keeps_alive;
} cases[] = {
    {"a plain GET", "GET /varz HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_READ_REQUEST, "GET", "/varz",
     true},
    {"told to close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", HTTP_READ_REQUEST, "GET", "/",
     false},
    {"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", HTTP_READ_REQUEST, "GET", "/", false},
    {"HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", HTTP_READ_REQUEST,
     "GET", "/", true},
    {"HEAD", "HEAD /x?y=z HTTP/1.1\r\n\r\n", HTTP_READ_REQUEST, "HEAD", "/x?y=z", true},
    {"a body", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", HTTP_READ_REQUEST, "POST", "/",
     true},
    {"a body in chunks",
     "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
     HTTP_READ_REQUEST, "POST", "/", true},
    {"lines before it", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", HTTP_READ_REQUEST, "GET", "/", true},
    {"an upgrade that is ignored",
     "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", HTTP_READ_REQUEST,
     "GET", "/", true},
    {"CONNECT", "CONNECT host:443 HTTP/1.1\r\n\r\n", HTTP_READ_REQUEST, "CONNECT", "host:443",
     true},
    {"NATS", "CONNECT {\"verbose\":false}\r\nPING\r\n", HTTP_READ_BAD, NULL, NULL, false},
    {"garbage", "\x16\x03\x01\x02", HTTP_READ_BAD, NULL, NULL, false},
    {"no target", "GET HTTP/1.1\r\n\r\n", HTTP_READ_BAD, NULL, NULL, false},
    {"another version", "GET / HTTP/2.0\r\n\r\n", HTTP_READ_VERSION, NULL, NULL, false},
    {"a future version", "GET / HTTP/1.2\r\n\r\n", HTTP_READ_VERSION, NULL, NULL, false},
    {"a bad header", "GET / HTTP/1.1\r\nno colon\r\n\r\n", HTTP_READ_BAD, NULL, NULL, false},
    {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
     HTTP_READ_BAD, NULL, NULL, false},
    {"a length that is none", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", HTTP_READ_BAD, NULL,
     NULL, false},
};

static void check_case(size_t i, enum nnet__http_read got, const struct nnet__http_reader *reader)
{
    if (got != cases[i].want) {
        fail_msg("%s: %d", cases[i].name, (int)got);
    }
    if (got == HTTP_READ_REQUEST) {
        assert_string_equal(nnet__http_reader_method(reader), cases[i].method);
        assert_true(nb_slice_is(nnet__http_reader_target(reader), cases[i].target));
        assert_int_equal(reader->keeps_alive, cases[i].keeps_alive);
    }
}

static void requests_are_judged(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice text = nb_slice_dup(nb_slice_of(cases[i].text));
        struct slice left = text;
        struct nnet__http_reader reader;

        nnet__http_reader_init(&reader);
        check_case(i, nnet__http_reader_feed(&reader, &left), &reader);
        nnet__http_reader_fini(&reader);
        nb_slice_free(&text);
    }
}

// Cut anywhere, the result is the same; and no prefix of a good request is complete or bad.
static void requests_may_be_cut_anywhere(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice whole = nb_slice_of(cases[i].text);

        for (size_t cut = 0; cut < whole.n; cut++) {
            struct slice first = nb_slice_dup(nb_slice_sub(whole, 0, cut));
            struct slice second = nb_slice_dup(nb_slice_sub(whole, cut, whole.n));
            struct slice left = first;
            struct nnet__http_reader reader;
            enum nnet__http_read got;

            nnet__http_reader_init(&reader);
            got = nnet__http_reader_feed(&reader, &left);
            if (got == HTTP_READ_MORE) {
                assert_int_equal(left.n, 0);
                left = second;
                got = nnet__http_reader_feed(&reader, &left);
            } else {
                assert_int_not_equal(got, HTTP_READ_REQUEST);
            }
            check_case(i, got, &reader);
            nnet__http_reader_fini(&reader);
            nb_slice_free(&first);
            nb_slice_free(&second);
        }
    }
}

static void requests_come_one_after_the_other(void **state NB_UNUSED)
{
    struct slice left = NB_SLICE("GET /a HTTP/1.1\r\n\r\n"
                                 "POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz"
                                 "GET /c HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"
                                 "GET /d HTTP/1.1\r\n\r\nGE");
    static const char *const targets[] = {"/a", "/b", "/c", "/d"};
    struct nnet__http_reader reader;

    nnet__http_reader_init(&reader);
    for (size_t i = 0; i < NB_ARRAY_LEN(targets); i++) {
        assert_int_equal(nnet__http_reader_feed(&reader, &left), HTTP_READ_REQUEST);
        assert_true(nb_slice_is(nnet__http_reader_target(&reader), targets[i]));
        nnet__http_reader_next(&reader);
        assert_false(reader.has_begun);
    }
    assert_int_equal(nnet__http_reader_feed(&reader, &left), HTTP_READ_MORE);
    assert_true(reader.has_begun);
    assert_false(reader.has_head);
    nnet__http_reader_fini(&reader);
}

// A head of exactly n bytes, with a long header or a long target.
static struct slice make_head(size_t n, bool long_target)
{
    const char *start = long_target ? "GET /" : "GET / HTTP/1.1\r\nX: ";
    const char *end = long_target ? " HTTP/1.1\r\n\r\n" : "\r\n\r\n";
    uint8_t *p = nb_alloc(n);

    memset(p, 'x', n);
    memcpy(p, start, strlen(start));
    memcpy(p + n - strlen(end), end, strlen(end));
    return nb_slice_make(p, n);
}

static void a_head_may_have_a_mebibyte(void **state NB_UNUSED)
{
    for (unsigned long_target = 0; long_target < 2; long_target++) {
        static const struct {
            size_t n;
            enum nnet__http_read want;
        } sizes[] = {{NNET__HTTP_HEAD_MAX_BYTES, HTTP_READ_REQUEST},
                     {NNET__HTTP_HEAD_MAX_BYTES + 2, HTTP_READ_TOO_LARGE},
                     {NNET__HTTP_HEAD_MAX_BYTES * 2, HTTP_READ_TOO_LARGE}};

        for (size_t i = 0; i < NB_ARRAY_LEN(sizes); i++) {
            struct slice head = make_head(sizes[i].n, long_target == 1);
            struct nnet__http_reader reader;
            enum nnet__http_read got = HTTP_READ_MORE;

            nnet__http_reader_init(&reader);
            for (size_t at = 0; at < head.n && got == HTTP_READ_MORE; at += 4096) {
                struct slice left = nb_slice_sub(head, at, 4096);

                got = nnet__http_reader_feed(&reader, &left);
            }
            if (got != sizes[i].want) {
                fail_msg("%zu bytes: %d", sizes[i].n, (int)got);
            }
            nnet__http_reader_fini(&reader);
            nb_slice_free(&head);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_judged),
        cmocka_unit_test(requests_may_be_cut_anywhere),
        cmocka_unit_test(requests_come_one_after_the_other),
        cmocka_unit_test(a_head_may_have_a_mebibyte),
    };
    return cmocka_run_group_tests_name("http_reader", tests, NULL, NULL);
}
