#include "nb_test.h"

#include "http_answer.h"

static const struct {
    struct nnet__http_head head;
    const char *want;
} cases[] = {
    {{.status = 200,
      .content_type = "application/json",
      .body_bytes = 12,
      .keeps_alive = true,
      .now = {.ns = 784111777 * NB_NS_PER_S}},
     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
     "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 12\r\n\r\n"},
    {{.status = 404,
      .content_type = "text/plain; charset=utf-8",
      .extra_headers = "X-Content-Type-Options: nosniff\r\n",
      .now = {.ns = 0}},
     "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
     "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\nConnection: close\r\n"
     "X-Content-Type-Options: nosniff\r\n\r\n"},
    {{.status = 503,
      .content_type = "a/b",
      .is_version_1_0 = true,
      .keeps_alive = true,
      .now = {.ns = 951782400 * NB_NS_PER_S}},
     "HTTP/1.0 503 Service Unavailable\r\nContent-Type: a/b\r\n"
     "Date: Tue, 29 Feb 2000 00:00:00 GMT\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"},
};

static void heads_are_formatted(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_buf out;

        nb_buf_init(&out, NNET__HTTP_HEAD_BYTES_MAX);
        nnet__http_head_format(&cases[i].head, &out);
        nb_buf_must(&out, nb_slice_make("", 1));
        assert_string_equal((const char *)nb_buf_slice(&out).p, cases[i].want);
        nb_buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_formatted),
    };
    return cmocka_run_group_tests_name("http_answer", tests, NULL, NULL);
}
