#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/info.h>
#include <natsd/memory.h>

#include <string.h>

#define R "[REDACTED]"

static const struct {
    const char *arg;
    const char *want;
} cases[] = {
    {"", ""},
    {"{}", "{}"},
    {"{\"user\":\"derek\",\"pass\":\"s3cr3t\"}", "{\"user\":\"derek\",\"pass\":\"" R "\"}"},
    {"{pass:s3cr3t ,   password =  s3cr3t}", "{pass:" R ",   password =  " R "}"},
    {"{\"auth_token\":\"\",\"user\":\"x\"}", "{\"auth_token\":\"" R "\",\"user\":\"x\"}"},
    {"{\"proxy_sig\":\"a\",\"sig\":\"b\",\"nkey\":\"c\"}",
     "{\"proxy_sig\":\"" R "\",\"sig\":\"" R "\",\"nkey\":\"" R "\"}"},
    {"{\"name\":\"foo sig:bar\",\"sig\":\"REAL\"}",
     "{\"name\":\"foo sig:" R "\",\"sig\":\"" R "\"}"},
    {"{ \"pass\" : \"s3cr3t\" , \"user\":\"x\"}", "{ \"pass\" : \"" R "\" , \"user\":\"x\"}"},
    {"{\"pass\":\"s\",\"auth_token\":\"s\"}", "{\"pass\":\"" R "\",\"auth_token\":\"" R "\"}"},
    {"{\"PASS\":\"s\",\"Auth_Token\":\"s\"}", "{\"PASS\":\"" R "\",\"Auth_Token\":\"" R "\"}"},
    {"{bad json pass: s3cr3t", "{bad json pass: " R},
    {"{\"pass\" : \"s3cr3t", "{\"pass\" : \"" R},
    {"{\"pass\":\"a,b}c\"}", "{\"pass\":\"" R "\"}"},
    {"{\"pass\":\"a\\\"b\\\\\",\"x\":1}", "{\"pass\":\"" R "\",\"x\":1}"},
    {"{\"pass\":\"a\\", "{\"pass\":\"" R},
    {"{\"pass\":", "{\"pass\":" R},
    {"{\"pass\":\"", "{\"pass\":\"" R},
    {"{\"passphrase_of_mine\":\"x\"}", "{\"passphrase_of_mine\":\"" R "\"}"},
    {"{\"pass\"}", "{\"pass\"}"},
    {"pass word x", "pass word x"},
    {"pass", "pass"},
    // whole words only
    {"{\"signature\":\"x\",\"assig\":\"y\",\"my_nkey\":\"z\",\"nkeys\":\"w\"}",
     "{\"signature\":\"x\",\"assig\":\"y\",\"my_nkey\":\"z\",\"nkeys\":\"w\"}"},
    {"sig=x", "sig=" R},
    {"sig x", "sig x"},
    // of a JWT the signature
    {"{\"user\":\"u\",\"jwt\":\"j\"}", "{\"user\":\"u\",\"jwt\":\"j\"}"},
    {"{\"jwt\":\"aaa.bb-b.c_c\"}", "{\"jwt\":\"aaa.bb-b." R "\"}"},
    {"{\"jwt\":\"aaa.bbb.ccc.ddd\",\"sig\":\"x\"}",
     "{\"jwt\":\"aaa.bbb." R "\",\"sig\":\"" R "\"}"},
    {"{\"jwt\":\"aaa.bbb.\"}", "{\"jwt\":\"aaa.bbb.\"}"},
    {"{\"jwt\":\"aaa.bbb\",\"pass\":\"x\"}", "{\"jwt\":\"aaa.bbb\",\"pass\":\"" R "\"}"},
    {"jwt:a pass:b.c.d", "jwt:a pass:" R},
    {"xjwt:a.b.c", "xjwt:a.b.c"},
};

static void redaction_hides_what_looks_like_a_secret(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        const size_t n = strlen(cases[i].arg);
        uint8_t *exact = nb_alloc(n > 0 ? n : 1);
        struct nb_buf out;

        memcpy(exact, cases[i].arg, n);
        nb_buf_init(&out, 4096);
        assert_int_equal(nproto_connect_redact(nb_slice_make(exact, n), &out), NB_OK);
        if (!nb_slice_is(nb_buf_slice(&out), cases[i].want)) {
            fail_msg("%s\ngot  %.*s\nwant %s", cases[i].arg, NB_SLICE_ARGS(nb_buf_slice(&out)),
                     cases[i].want);
        }
        nb_buf_fini(&out);
        nb_free(exact);
    }
}

// The secret never shows, however much of the line is there.
static void redaction_hides_the_secret_in_every_prefix(void **state NB_UNUSED)
{
    static const char arg[] = "{\"user\":\"u\",\"pass\":\"SSS\",\"sig\" : \"SSS\",auth_token=SSS}";

    for (size_t n = 0; n < sizeof(arg); n++) {
        struct nb_buf out;

        nb_buf_init(&out, 4096);
        assert_int_equal(nproto_connect_redact(nb_slice_make(arg, n), &out), NB_OK);
        assert_int_equal(nb_slice_find_byte(nb_buf_slice(&out), 'S'), nb_buf_slice(&out).n);
        nb_buf_fini(&out);
    }
}

// Each "pass" could look through all that follows; a quarter of a million of them may not.
static void redaction_of_a_long_repetition_is_linear(void **state NB_UNUSED)
{
    enum { COUNT = 256 * 1024 };
    struct nb_buf arg;
    struct nb_buf out;

    nb_buf_init(&arg, 8 * COUNT);
    nb_buf_init(&out, 8 * COUNT);
    for (int i = 0; i < COUNT; i++) {
        nb_buf_must_text(&arg, "pass");
    }
    assert_int_equal(nproto_connect_redact(nb_buf_slice(&arg), &out), NB_OK);
    assert_true(nb_slice_equal(nb_buf_slice(&arg), nb_buf_slice(&out)));
    nb_buf_fini(&arg);
    nb_buf_fini(&out);
}

static void redaction_stops_at_the_buffers_limit(void **state NB_UNUSED)
{
    const struct slice arg = NB_SLICE("{\"pass\":\"x\"}");

    for (size_t max = 0; max < 21; max++) {
        struct nb_buf out;

        nb_buf_init(&out, max);
        assert_int_equal(nproto_connect_redact(arg, &out), NB_ELIMIT);
        nb_buf_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redaction_hides_what_looks_like_a_secret),
        cmocka_unit_test(redaction_hides_the_secret_in_every_prefix),
        cmocka_unit_test(redaction_of_a_long_repetition_is_linear),
        cmocka_unit_test(redaction_stops_at_the_buffers_limit),
    };
    return cmocka_run_group_tests_name("connect_redact", tests, NULL, NULL);
}
