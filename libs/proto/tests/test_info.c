#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/info.h>
#include <natsd/memory.h>

#include <string.h>

static const char least[] =
    "{\"server_id\":\"\",\"server_name\":\"\",\"version\":\"\",\"proto\":0,\"go\":\"\","
    "\"host\":\"\",\"port\":0,\"headers\":false,\"max_payload\":0}";

// The example of spec 01 section 4.1.
static const char first[] =
    "INFO {\"server_id\":\"NB\",\"server_name\":\"NB\",\"version\":\"2.15.2\",\"proto\":1,"
    "\"go\":\"go1.26.8\",\"host\":\"0.0.0.0\",\"port\":4222,\"headers\":true,"
    "\"max_payload\":1048576,\"client_id\":5,\"client_ip\":\"127.0.0.1\",\"api_lvl\":5,"
    "\"xkey\":\"X\"} \r\n";

static const char all[] =
    "{\"server_id\":\"N1\",\"server_name\":\"n\",\"version\":\"2.15.2\",\"proto\":1,"
    "\"git_commit\":\"abcdef0\",\"go\":\"c\",\"host\":\"h\",\"port\":4222,\"headers\":true,"
    "\"auth_required\":true,\"tls_required\":true,\"tls_verify\":true,\"tls_available\":true,"
    "\"max_payload\":-1,\"jetstream\":true,\"client_id\":18446744073709551615,"
    "\"client_ip\":\"::1\",\"nonce\":\"abc\",\"cluster\":\"C\",\"domain\":\"hub\","
    "\"connect_urls\":[\"a:1\",\"[::1]:2\"],\"ldm\":true,\"connect_info\":true,"
    "\"remote_account\":\"$G\",\"acc_is_sys\":true,\"api_lvl\":5,\"xkey\":\"X1\"}";

static struct nproto_info example(void)
{
    return (struct nproto_info){
        .server_id = NB_SLICE("NB"),
        .server_name = NB_SLICE("NB"),
        .version = NB_SLICE("2.15.2"),
        .proto = 1,
        .go = NB_SLICE("go1.26.8"),
        .host = NB_SLICE("0.0.0.0"),
        .port = 4222,
        .headers = true,
        .max_payload = 1048576,
        .client_id = 5,
        .client_ip = NB_SLICE("127.0.0.1"),
        .api_lvl = 5,
        .xkey = NB_SLICE("X"),
    };
}

static void assert_writes(const struct nproto_info *info, const char *want)
{
    struct nb_buf out;

    nb_buf_init(&out, 4096);
    assert_int_equal(nproto_info_write_json(info, &out), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), want));
    nb_buf_fini(&out);
}

static int read_exact(const char *json, size_t n, struct nb_json_doc *doc, struct nproto_info *info,
                      struct slice **urls)
{
    uint8_t *exact = nb_alloc(n > 0 ? n : 1);
    struct nb_diag diag;
    int rc;

    memcpy(exact, json, n);
    rc = nproto_info_read(nb_slice_make(exact, n), doc, info, urls, &diag);
    nb_free(exact); // nothing points into it
    return rc;
}

static void info_line_is_exact(void **state NB_UNUSED)
{
    const struct nproto_info info = example();
    struct nb_buf out;

    nb_buf_init(&out, 4096);
    assert_int_equal(nproto_info_write(&info, &out), NB_OK);
    assert_true(nb_slice_is(nb_buf_slice(&out), first));
    nb_buf_fini(&out);
}

static void info_leaves_out_what_is_off_or_empty(void **state NB_UNUSED)
{
    assert_writes(&(struct nproto_info){0}, least);
}

static void info_reads_what_it_writes(void **state NB_UNUSED)
{
    static const char *const texts[] = {least, all};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        struct nb_json_doc doc;
        struct nproto_info info;
        struct slice *urls;

        assert_int_equal(read_exact(texts[i], strlen(texts[i]), &doc, &info, &urls), NB_OK);
        assert_writes(&info, texts[i]);
        nb_free(urls);
        nb_json_doc_fini(&doc);
    }
}

static void info_stops_at_the_buffers_limit(void **state NB_UNUSED)
{
    const struct nproto_info info = example();

    for (size_t max = 0; max < sizeof(first) - 1; max++) {
        struct nb_buf out;

        nb_buf_init(&out, max);
        assert_int_equal(nproto_info_write(&info, &out), NB_ELIMIT);
        nb_buf_fini(&out);
    }
}

static const struct {
    const char *json;
    int want;
} cases[] = {
    {"{}", NB_OK},
    {"{\"unknown\":{\"a\":[1]},\"PROTO\":1,\"server_id\":null,\"connect_urls\":null}", NB_OK},
    {"{\"connect_urls\":[]}", NB_OK},
    {"{\"max_payload\":9223372036854775807,\"port\":-2147483648}", NB_OK},
    {"", NB_EMALFORMED},
    {"null", NB_EMALFORMED},
    {"[]", NB_EMALFORMED},
    {"{} {}", NB_EMALFORMED},
    {"{\"proto\":\"1\"}", NB_EMALFORMED},
    {"{\"proto\":1.0}", NB_EMALFORMED},
    {"{\"proto\":2147483648}", NB_EMALFORMED},
    {"{\"port\":true}", NB_EMALFORMED},
    {"{\"headers\":1}", NB_EMALFORMED},
    {"{\"server_id\":1}", NB_EMALFORMED},
    {"{\"client_id\":-1}", NB_EMALFORMED},
    {"{\"client_id\":18446744073709551616}", NB_EMALFORMED},
    {"{\"max_payload\":9223372036854775808}", NB_EMALFORMED},
    {"{\"connect_urls\":\"a\"}", NB_EMALFORMED},
    {"{\"connect_urls\":[\"a\",1]}", NB_EMALFORMED},
    {"{\"connect_urls\":[null]}", NB_EMALFORMED},
    {"{\"connect_urls\":[\"a\"],\"ldm\":0}", NB_EMALFORMED}, // the URLs are freed again
};

static void info_read_judges_each_text(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct nb_json_doc doc = {0};
        struct nproto_info info;
        struct slice *urls = NULL;
        const int rc = read_exact(cases[i].json, strlen(cases[i].json), &doc, &info, &urls);

        if (rc != cases[i].want) {
            fail_msg("%s: got %d", cases[i].json, rc);
        }
        nb_free(urls);
        nb_json_doc_fini(&doc);
    }
}

static void info_read_refuses_every_prefix(void **state NB_UNUSED)
{
    for (size_t n = 0; n < sizeof(all) - 1; n++) {
        struct nb_json_doc doc;
        struct nproto_info info;
        struct slice *urls;

        assert_int_equal(read_exact(all, n, &doc, &info, &urls), NB_EMALFORMED);
    }
}

static void info_read_takes_so_many_urls_and_no_more(void **state NB_UNUSED)
{
    for (size_t more = 0; more < 2; more++) {
        struct nb_json_doc doc = {0};
        struct nproto_info info;
        struct slice *urls = NULL;
        struct nb_buf json;

        nb_buf_init(&json, 1024 * 1024);
        nb_buf_must_text(&json, "{\"connect_urls\":[\"u\"");
        for (size_t i = 1; i < NPROTO_CONNECT_URLS_MAX + more; i++) {
            nb_buf_must_text(&json, ",\"u\"");
        }
        nb_buf_must_text(&json, "]}");
        assert_int_equal(nproto_info_read(nb_buf_slice(&json), &doc, &info, &urls, NULL),
                         more == 0 ? NB_OK : NB_ELIMIT);
        if (more == 0) {
            assert_int_equal(info.connect_url_count, NPROTO_CONNECT_URLS_MAX);
        }
        nb_free(urls);
        nb_json_doc_fini(&doc);
        nb_buf_fini(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info_line_is_exact),
        cmocka_unit_test(info_leaves_out_what_is_off_or_empty),
        cmocka_unit_test(info_reads_what_it_writes),
        cmocka_unit_test(info_stops_at_the_buffers_limit),
        cmocka_unit_test(info_read_judges_each_text),
        cmocka_unit_test(info_read_refuses_every_prefix),
        cmocka_unit_test(info_read_takes_so_many_urls_and_no_more),
    };
    return cmocka_run_group_tests_name("info", tests, NULL, NULL);
}
