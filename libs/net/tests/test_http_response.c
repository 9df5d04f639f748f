#include "http_response.h"

#include "nb_test.h"

enum {
    BODY_MAX_BYTES = 64,
};

static const struct {
    const char *name;
    const char *text;
    int want;     // of the whole text
    int want_end; // of the end of the stream behind it
    int status;
    const char *reason;
    const char *body;
} cases[] = {
    {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NB_OK, NB_OK, 200, "OK",
     "hello"},
    {"no body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NB_OK, NB_OK, 200, "OK", ""},
    {"more behind it", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhello", NB_OK, NB_OK, 200, "OK",
     "h"},
    {"chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", NB_OK,
     NB_OK, 200, "OK", "hello"},
    {"up to the end", "HTTP/1.0 200 OK\r\n\r\nhello", NB_EAGAIN, NB_OK, 200, "OK", "hello"},
    {"another status", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", NB_OK, NB_OK, 404,
     "Not Found", "no"},
    {"no reason", "HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", NB_OK, NB_OK, 503, "", ""},
    {"no content", "HTTP/1.1 204 No Content\r\n\r\n", NB_OK, NB_OK, 204, "No Content", ""},
    {"announced", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     NB_OK, NB_OK, 200, "OK", "x"},
    {"a redirect is an answer like others",
     "HTTP/1.1 302 Found\r\nLocation: http://h/\r\nContent-Length: 0\r\n\r\n", NB_OK, NB_OK, 302,
     "Found", ""},
    {"a reason that is not for people", "HTTP/1.1 200 \x1b[1m\xff\r\nContent-Length: 0\r\n\r\n",
     NB_OK, NB_OK, 200, "?[1m?", ""},
    {"the body at its limit",
     "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n"
     "0123456789012345678901234567890123456789012345678901234567890123",
     NB_OK, NB_OK, 200, "OK", "0123456789012345678901234567890123456789012345678901234567890123"},
    {"announced one past it", "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n", NB_ELIMIT,
     NB_ECLOSED, 200, "OK", ""},
    {"one past it in the end",
     "HTTP/1.1 200 OK\r\n\r\n"
     "01234567890123456789012345678901234567890123456789012345678901234",
     NB_ELIMIT, NB_ECLOSED, 200, "OK", NULL},
    {"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", NB_EAGAIN, NB_ECLOSED, 200,
     "OK", "hell"},
    {"cut short in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
     NB_EAGAIN, NB_ECLOSED, 200, "OK", "hell"},
    {"nothing", "", NB_EAGAIN, NB_ECLOSED, 0, "", ""},
    {"garbage", "INFO {}\r\n", NB_EMALFORMED, NB_ECLOSED, 0, "", ""},
    {"a request", "GET / HTTP/1.1\r\n\r\n", NB_EMALFORMED, NB_ECLOSED, 0, "", ""},
    {"another version", "HTTP/2.0 200 OK\r\n\r\n", NB_EMALFORMED, NB_ECLOSED, 200, "OK", ""},
    {"another protocol", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
     NB_EMALFORMED, NB_ECLOSED, 101, "Switching", ""},
    {"a status that is none", "HTTP/1.1 999 X\r\n\r\n", NB_EMALFORMED, NB_ECLOSED, 999, "X", ""},
    {"a chunk of no size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
     NB_EMALFORMED, NB_ECLOSED, 200, "OK", ""},
};

static void check(size_t i, struct nnet__http_response *response, int rc)
{
    struct slice body = nb_buf_slice(&response->body);
    struct slice reason = nb_slice_make(response->reason, response->reason_size);

    if (rc != cases[i].want || nnet__http_response_status(response) != cases[i].status ||
        !nb_slice_is(reason, cases[i].reason) ||
        (cases[i].body != NULL && !nb_slice_is(body, cases[i].body))) {
        fail_msg("%s: %d, %d %.*s, %.*s", cases[i].name, rc, nnet__http_response_status(response),
                 NB_SLICE_ARGS(reason), NB_SLICE_ARGS(body));
    }
    assert_true(body.n <= BODY_MAX_BYTES);
    assert_int_equal(nnet__http_response_end(response), cases[i].want_end);
}

static int feed(struct nnet__http_response *response, struct slice bytes)
{
    struct slice exact = nb_slice_dup(bytes);
    int rc = nnet__http_response_feed(response, exact);

    nb_slice_free(&exact);
    return rc;
}

static void answers_are_judged_wherever_they_are_cut(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice whole = nb_slice_of(cases[i].text);

        for (size_t cut = 0; cut <= whole.n; cut++) {
            struct nnet__http_response response;
            int rc;

            nnet__http_response_init(&response, BODY_MAX_BYTES);
            rc = feed(&response, nb_slice_sub(whole, 0, cut));
            if (rc == NB_EAGAIN) {
                rc = feed(&response, nb_slice_sub(whole, cut, whole.n));
            }
            check(i, &response, rc);
            nnet__http_response_fini(&response);
        }
    }
}

static void a_head_without_end_is_refused(void **state NB_UNUSED)
{
    struct nnet__http_response response;
    size_t fed = 0;
    int rc;

    nnet__http_response_init(&response, BODY_MAX_BYTES);
    rc = nnet__http_response_feed(&response, NB_SLICE("HTTP/1.1 200 OK\r\n"));
    while (rc == NB_EAGAIN && fed < 4 * 1024 * 1024) {
        rc = nnet__http_response_feed(&response, NB_SLICE("X-Header: value\r\n"));
        fed += 17;
    }
    assert_int_equal(rc, NB_ELIMIT);
    assert_in_range(fed, 1000000, 1100000);
    nnet__http_response_fini(&response);
}

static void a_long_reason_is_cut(void **state NB_UNUSED)
{
    struct nnet__http_response response;
    char reason[NNET__HTTP_REASON_MAX_BYTES * 3];

    memset(reason, 'x', sizeof(reason));
    nnet__http_response_init(&response, BODY_MAX_BYTES);
    assert_int_equal(nnet__http_response_feed(&response, NB_SLICE("HTTP/1.1 200 ")), NB_EAGAIN);
    assert_int_equal(nnet__http_response_feed(&response, nb_slice_make(reason, sizeof(reason))),
                     NB_EAGAIN);
    assert_int_equal(nnet__http_response_feed(&response, NB_SLICE("\r\nContent-Length: 0\r\n\r\n")),
                     NB_OK);
    assert_int_equal(response.reason_size, NNET__HTTP_REASON_MAX_BYTES);
    nnet__http_response_fini(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_judged_wherever_they_are_cut),
        cmocka_unit_test(a_head_without_end_is_refused),
        cmocka_unit_test(a_long_reason_is_cut),
    };
    return cmocka_run_group_tests_name("http_response", tests, NULL, NULL);
}
