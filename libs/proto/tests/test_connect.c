#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/info.h>
#include <natsd/memory.h>

#include <string.h>

static const char *const all_members =
    "CONNECT {\"verbose\":false,\"pedantic\":false,\"tls_required\":true,\"nkey\":\"U1\","
    "\"jwt\":\"a.b.c\",\"sig\":\"s\",\"auth_token\":\"t\",\"user\":\"u\",\"pass\":\"p\",\"name\":"
    "\"n\","
    "\"lang\":\"l\",\"version\":\"1.2\",\"protocol\":1,\"echo\":false,\"account\":\"A\","
    "\"new_account\":true,\"headers\":true,\"no_responders\":true,\"remote_account\":\"R\","
    "\"proxy_sig\":\"x\"}\r\n";
static const char *const no_members = "CONNECT {\"verbose\":true,\"pedantic\":true,"
                                      "\"tls_required\":false,\"protocol\":0,\"echo\":true,"
                                      "\"new_account\":false,\"headers\":false,"
                                      "\"no_responders\":false}\r\n";

// The CONNECT as text, which shows all of its members.
static void assert_reads_as(const struct nproto_connect *connect, const char *want)
{
    struct nb_buf text;

    nb_buf_init(&text, 4096);
    assert_int_equal(nproto_connect_write(connect, &text), NB_OK);
    if (!nb_slice_is(nb_buf_slice(&text), want)) {
        fail_msg("got %.*swant %s", NB_SLICE_ARGS(nb_buf_slice(&text)), want);
    }
    nb_buf_fini(&text);
}

static int merge(struct nproto_connect *connect, const char *json)
{
    struct slice exact = nb_slice_of(json);
    uint8_t *copy = nb_alloc(exact.n > 0 ? exact.n : 1); // no NUL behind it
    struct nb_diag diag;
    int rc;

    memcpy(copy, json, exact.n);
    rc = nproto_connect_merge(connect, nb_slice_make(copy, exact.n), &diag);
    nb_free(copy);
    return rc;
}

static void connect_begins_verbose_pedantic_and_echoing(void **state NB_UNUSED)
{
    struct nproto_connect connect;

    nproto_connect_init(&connect);
    assert_reads_as(&connect, no_members);
    nproto_connect_fini(&connect);
}

static void connect_reads_what_it_writes(void **state NB_UNUSED)
{
    const struct slice text = nb_slice_of(all_members);
    struct nproto_connect connect;
    struct nb_diag diag;

    nproto_connect_init(&connect);
    assert_int_equal(nproto_connect_merge(&connect, nb_slice_sub(text, 8, text.n - 10), &diag),
                     NB_OK);
    assert_reads_as(&connect, all_members);
    nproto_connect_fini(&connect);
    nproto_connect_fini(&connect);
    nproto_connect_fini(&(struct nproto_connect){0});
}

static const struct {
    const char *json;
    bool verbose;
    const char *name;
} taken[] = {
    {"{\"VERBOSE\":false}", false, ""},
    {"{\"Verbose\":false,\"NAME\":\"x\"}", false, "x"},
    {"{\"verbose\":true,\"verbose\":false}", false, ""},
    {"{\"verbose\":true,\"VERBOSE\":false}", false, ""},
    {"{\"VERBOSE\":true,\"verbose\":false}", false, ""},
    {"{\"verbose\":false,\"verbose\":null}", false, ""},
    {"{\"verbose\":null,\"name\":null}", true, ""},
    {"{\"no_such_key\":[1,{\"a\":null}],\"verbose\":false}", false, ""},
    {" \t{ \"verbose\" : false }  ", false, ""},
    {"null", true, ""},
    {" null ", true, ""},
    {"{}", true, ""},
    {"{\"name\":\"\\u00e9\\ud83d\\ude00\"}", true, "\xc3\xa9\xf0\x9f\x98\x80"},
    {"{\"name\":\"\\\\\\\"/\\b\\f\\n\\r\\t\"}", true, "\\\"/\b\f\n\r\t"},
    {"{\"import\":{\"allow\":[\"a\",null],\"deny\":null},\"export\":{}}", true, ""},
    {"{\"import\":null,\"export\":{\"x\":1}}", true, ""},
    {"{\"name\":\"a\",\"name\":\"\"}", true, ""},
    // each bad byte, and a surrogate without its partner
    {"{\"name\":\"a\xff\xc3"
     "b\\ud800z\"}",
     true,
     "a\xef\xbf\xbd\xef\xbf\xbd"
     "b\xef\xbf\xbdz"},
    {"{\"name\":\"\\udc00\"}", true, "\xef\xbf\xbd"},
    {"{\"name\":\"\\ud800\\u0041\\uDBFF\\ud800\\udc00\\\\ud800\"}", true,
     "\xef\xbf\xbd"
     "A\xef\xbf\xbd\xf0\x90\x80\x80\\ud800"},
};

static void connect_takes_json_as_the_reference_does(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(taken); i++) {
        struct nproto_connect connect;

        nproto_connect_init(&connect);
        if (merge(&connect, taken[i].json) != NB_OK || connect.verbose != taken[i].verbose ||
            !nb_slice_is(connect.name, taken[i].name)) {
            fail_msg("%s: verbose %d, name \"%.*s\"", taken[i].json, connect.verbose,
                     NB_SLICE_ARGS(connect.name));
        }
        nproto_connect_fini(&connect);
    }
}

static const char *const refused[] = {
    "",
    " ",
    "nonsense",
    "{\"verbose\":\"true\"}",
    "{\"verbose\":1}",
    "{\"protocol\":1.5}",
    "{\"protocol\":1e0}",
    "{\"protocol\":\"1\"}",
    "{\"protocol\":true}",
    "{\"name\":7}",
    "{\"name\":[\"a\"]}",
    "{\"echo\":\"no\"}",
    "{\"user\":{}}",
    "{\"headers\":0}",
    "[{\"verbose\":false}]",
    "\"text\"",
    "7",
    "true",
    "{\"verbose\":false} {}",
    "{\"verbose\":false},",
    "{\"verbose\":false,}",
    "{verbose:false}",
    "{\"verbose\":fals}",
    "{\"VERBOSE\":\"false\"}",
    "{\"import\":[]}",
    "{\"import\":{\"allow\":\"a\"}}",
    "{\"export\":{\"DENY\":[1]}}",
    "{\"import\":true}",
    "{",
    "}",
    "{\"name\":\"\x01\"}",
    "{\"protocol\":99999999999999999999}",
    "{'verbose':false}",
    "{} x",
    "nullx",
    "null null",
    // a wrong type counts even when a later value would replace it
    "{\"verbose\":1,\"verbose\":false}",
    // and a right one before it changes nothing
    "{\"verbose\":false,\"name\":\"new\",\"pass\":\"new\",\"protocol\":1,\"echo\":0}",
};

static void connect_is_unchanged_by_json_that_it_refuses(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(refused); i++) {
        const struct slice before = nb_slice_of(all_members);
        struct nproto_connect connect;
        struct nb_diag diag;

        nproto_connect_init(&connect);
        assert_int_equal(
            nproto_connect_merge(&connect, nb_slice_sub(before, 8, before.n - 10), &diag), NB_OK);
        if (merge(&connect, refused[i]) != NB_EMALFORMED) {
            fail_msg("taken: %s", refused[i]);
        }
        assert_reads_as(&connect, all_members);
        nproto_connect_fini(&connect);
    }
}

static void refuse_every_prefix(struct slice json)
{
    for (size_t n = 0; n < json.n; n++) {
        struct slice cut = nb_slice_dup(nb_slice_sub(json, 0, n));
        struct nproto_connect connect;

        nproto_connect_init(&connect);
        assert_int_equal(merge(&connect, (const char *)cut.p), NB_EMALFORMED);
        nproto_connect_fini(&connect);
        nb_slice_free(&cut);
    }
}

static void connect_refuses_every_prefix(void **state NB_UNUSED)
{
    const struct slice text = nb_slice_of(all_members);

    refuse_every_prefix(nb_slice_sub(text, 8, text.n - 10));
    refuse_every_prefix(NB_SLICE("{\"name\":\"\\ud83d\\ude00\\ud800\\udc0\\\\\"}"));
    refuse_every_prefix(NB_SLICE("{\"name\":\"\\udc00\\ud800"));
}

static void connect_keeps_what_a_later_one_omits(void **state NB_UNUSED)
{
    struct nproto_connect connect;

    nproto_connect_init(&connect);
    assert_int_equal(merge(&connect, "{\"user\":\"u\",\"pass\":\"one\",\"echo\":false}"), NB_OK);
    assert_int_equal(merge(&connect, "{\"pass\":\"two\",\"headers\":true}"), NB_OK);
    assert_true(nb_slice_is(connect.user, "u"));
    assert_true(nb_slice_is(connect.pass, "two"));
    assert_false(connect.echo);
    assert_true(connect.headers);
    nproto_connect_fini(&connect);
}

// A tree takes many times its text: values of two bytes each reach the limit before memory does.
static void connect_limits_the_memory_of_its_json(void **state NB_UNUSED)
{
    enum { VALUES = 100 * 1000 };
    struct nproto_connect connect;
    struct nb_diag diag;
    struct nb_buf json;

    nb_buf_init(&json, 8 * VALUES);
    nb_buf_must_text(&json, "{\"verbose\":false,\"x\":[0");
    for (int i = 0; i < VALUES; i++) {
        nb_buf_must_text(&json, ",0");
    }
    nb_buf_must_text(&json, "]}");
    nproto_connect_init(&connect);
    assert_int_equal(nproto_connect_merge(&connect, nb_buf_slice(&json), &diag), NB_ELIMIT);
    assert_true(connect.verbose);
    nproto_connect_fini(&connect);
    nb_buf_fini(&json);
}

static void connect_takes_a_token_of_a_megabyte(void **state NB_UNUSED)
{
    enum { TOKEN = 1024 * 1024 };
    struct nproto_connect connect;
    struct nb_diag diag;
    struct nb_buf json;

    nb_buf_init(&json, 2 * TOKEN);
    nb_buf_must_text(&json, "{\"jwt\":\"");
    for (int i = 0; i < TOKEN; i++) {
        nb_buf_must_text(&json, "j");
    }
    nb_buf_must_text(&json, "\"}");
    nproto_connect_init(&connect);
    assert_int_equal(nproto_connect_merge(&connect, nb_buf_slice(&json), &diag), NB_OK);
    assert_int_equal(connect.jwt.n, TOKEN);
    nproto_connect_fini(&connect);
    nb_buf_fini(&json);
}

static void connect_stops_writing_at_the_buffers_limit(void **state NB_UNUSED)
{
    struct nproto_connect connect;

    nproto_connect_init(&connect);
    for (size_t max = 0; max < strlen(no_members); max++) {
        struct nb_buf text;

        nb_buf_init(&text, max);
        assert_int_equal(nproto_connect_write(&connect, &text), NB_ELIMIT);
        nb_buf_fini(&text);
    }
    nproto_connect_fini(&connect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connect_begins_verbose_pedantic_and_echoing),
        cmocka_unit_test(connect_reads_what_it_writes),
        cmocka_unit_test(connect_takes_json_as_the_reference_does),
        cmocka_unit_test(connect_is_unchanged_by_json_that_it_refuses),
        cmocka_unit_test(connect_refuses_every_prefix),
        cmocka_unit_test(connect_keeps_what_a_later_one_omits),
        cmocka_unit_test(connect_limits_the_memory_of_its_json),
        cmocka_unit_test(connect_takes_a_token_of_a_megabyte),
        cmocka_unit_test(connect_stops_writing_at_the_buffers_limit),
    };
    return cmocka_run_group_tests_name("connect", tests, NULL, NULL);
}
