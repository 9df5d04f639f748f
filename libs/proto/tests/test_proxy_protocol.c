#include "nb_test.h" // cmocka and the headers it needs

#include <natsd/buf.h>
#include <natsd/memory.h>
#include <natsd/proxy_protocol.h>

#include <string.h>

#define SIGNATURE "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"
#define FOUR_TO_FOUR "\xcb\x00\x71\x33\x7f\x00\x00\x01\xd4\x32\x10\x7e"
#define SIX "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
#define ONE "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
#define MAPPED "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04"
#define TWELVE "abcdefghijkl"
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *bytes;
    size_t size;
    const char *src; // NULL: no address
    uint16_t src_port;
    const char *dst;
    uint16_t dst_port;
} good[] = {
    {BYTES("PROXY TCP4 203.0.113.50 127.0.0.1 54321 4222\r\n"), "203.0.113.50", 54321, "127.0.0.1",
     4222},
    {BYTES("PROXY TCP6 2001:db8::1:1000 ::1 1000 4222\r\n"), "2001:db8::1:1000", 1000, "::1", 4222},
    {BYTES("PROXY TCP6 ::ffff:1.2.3.4 ::1 0 65535\r\n"), "1.2.3.4", 0, "::1", 65535},
    {BYTES("PROXY  TCP4 \t 203.0.113.7   127.0.0.1  1 00002\r\n"), "203.0.113.7", 1, "127.0.0.1",
     2},
    {BYTES("PROXY UNKNOWN\r\n"), NULL, 0, "", 0},
    {BYTES("PROXY UNKNOWN what ever 1 2 3 4\r\n"), NULL, 0, "", 0},
    {BYTES(SIGNATURE "\x21\x11\x00\x0c" FOUR_TO_FOUR), "203.0.113.51", 54322, "127.0.0.1", 4222},
    {BYTES(SIGNATURE "\x21\x11\x00\x12" FOUR_TO_FOUR "\x04\x00\x03xyz"), "203.0.113.51", 54322,
     "127.0.0.1", 4222},
    {BYTES(SIGNATURE "\x21\x21\x00\x24" SIX ONE "\x03\xe8\x10\x7e"), "2001:db8::1", 1000, "::1",
     4222},
    {BYTES(SIGNATURE "\x21\x21\x00\x24" MAPPED ONE "\x03\xe8\x10\x7e"), "1.2.3.4", 1000, "::1",
     4222},
    {BYTES(SIGNATURE "\x20\x00\x00\x00"), NULL, 0, "", 0},
    {BYTES(SIGNATURE "\x20\x11\x00\x0c" TWELVE), NULL, 0, "", 0},
    {BYTES(SIGNATURE "\x20\x31\x00\x01x"), NULL, 0, "", 0},
    {BYTES(SIGNATURE "\x21\x01\x00\x03"
                     "abc"),
     NULL, 0, "", 0},
};

static const struct {
    const char *bytes;
    size_t size;
    int rc;
} bad[] = {
    {BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 ::1 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP6 ::1 1.2.3.4 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY \r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 a 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 999.2.3.4 1.2.3.4 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4\0x 1.2.3.4 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"), NB_EMALFORMED},
    {BYTES("PROXY TCP6 1111:2222:3333:4444:5555:6666:7777:8888:9999:1111 ::1 1 2\r\n"),
     NB_EMALFORMED},
    {BYTES("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\nPING\r\n"), NB_EMALFORMED},
    {BYTES("\x0d\x0a\x0d\x0a\x00\x0dxyz456"), NB_EMALFORMED},
    {BYTES(SIGNATURE "\x11\x11\x00\x0c"), NB_EMALFORMED},
    {BYTES(SIGNATURE "\x22\x11\x00\x0c"), NB_EMALFORMED},
    {BYTES(SIGNATURE "\x21\x12\x00\x0c"), NB_EUNSUPPORTED},
    {BYTES(SIGNATURE "\x21\x31\x00\xd8"), NB_EUNSUPPORTED},
    {BYTES(SIGNATURE "\x21\x41\x00\x0c"), NB_EUNSUPPORTED},
    {BYTES(SIGNATURE "\x21\x11\x00\x0b"), NB_EMALFORMED},
    {BYTES(SIGNATURE "\x21\x21\x00\x23"), NB_EMALFORMED},
};

static int read_exact(const char *bytes, size_t n, struct nproto_proxy *proxy, size_t *consumed,
                      struct nb_diag *diag)
{
    uint8_t *exact = nb_alloc(n > 0 ? n : 1);
    int rc;

    memcpy(exact, bytes, n);
    *proxy = (struct nproto_proxy){0};
    *consumed = SIZE_MAX;
    rc = nproto_proxy_read(nb_slice_make(exact, n), proxy, consumed, diag);
    nb_free(exact);
    return rc;
}

static void proxy_header_is_read_when_its_last_byte_is_there(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        struct nproto_proxy proxy;
        struct nb_diag diag;
        size_t consumed;

        for (size_t n = 0; n < good[i].size; n++) {
            assert_int_equal(read_exact(good[i].bytes, n, &proxy, &consumed, &diag), NB_EAGAIN);
        }
        assert_int_equal(read_exact(good[i].bytes, good[i].size, &proxy, &consumed, &diag), NB_OK);
        assert_int_equal(consumed, good[i].size);
        assert_true(proxy.has_header);
        assert_int_equal(proxy.has_address, good[i].src != NULL);
        assert_string_equal(proxy.src_ip, good[i].src != NULL ? good[i].src : "");
        assert_string_equal(proxy.dst_ip, good[i].dst);
        assert_int_equal(proxy.src_port, good[i].src_port);
        assert_int_equal(proxy.dst_port, good[i].dst_port);
    }
}

static void proxy_header_leaves_what_is_behind_it(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        struct nproto_proxy proxy;
        struct nb_diag diag;
        struct nb_buf bytes;
        size_t consumed;

        nb_buf_init(&bytes, 1024);
        nb_buf_must(&bytes, nb_slice_make(good[i].bytes, good[i].size));
        nb_buf_must_text(&bytes, "PING\r\n");
        assert_int_equal(nproto_proxy_read(nb_buf_slice(&bytes), &proxy, &consumed, &diag), NB_OK);
        assert_int_equal(consumed, good[i].size);
        nb_buf_fini(&bytes);
    }
}

static void proxy_header_that_is_wrong_is_refused_also_with_more_behind_it(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        struct nproto_proxy proxy;
        struct nb_diag diag = {""};
        struct nb_buf bytes;
        size_t consumed;

        for (size_t n = 0; n < bad[i].size; n++) {
            const int rc = read_exact(bad[i].bytes, n, &proxy, &consumed, &diag);

            assert_true(rc == NB_EAGAIN || rc == bad[i].rc);
        }
        assert_int_equal(read_exact(bad[i].bytes, bad[i].size, &proxy, &consumed, &diag),
                         bad[i].rc);
        assert_true(strstr(diag.text, "PROXY protocol") != NULL);
        assert_int_equal(consumed, SIZE_MAX); // untouched
        nb_buf_init(&bytes, 1024);
        nb_buf_must(&bytes, nb_slice_make(bad[i].bytes, bad[i].size));
        nb_buf_must_text(&bytes, "PING\r\n");
        assert_int_equal(nproto_proxy_read(nb_buf_slice(&bytes), &proxy, &consumed, &diag),
                         bad[i].rc);
        nb_buf_fini(&bytes);
    }
}

static void proxy_header_of_text_ends_within_107_bytes(void **state NB_UNUSED)
{
    for (size_t more = 0; more < 2; more++) {
        const size_t size = NPROTO_PROXY_V1_MAX_BYTES + more;
        struct nproto_proxy proxy;
        struct nb_diag diag;
        struct nb_buf line;
        size_t consumed;

        nb_buf_init(&line, 1024);
        nb_buf_must_text(&line, "PROXY UNKNOWN");
        while (nb_buf_slice(&line).n < size - 2) {
            nb_buf_must_text(&line, " ");
        }
        nb_buf_must_text(&line, "\r\n");
        for (size_t n = 6; n <= size; n++) {
            const int rc =
                read_exact((const char *)nb_buf_slice(&line).p, n, &proxy, &consumed, &diag);

            if (n < NPROTO_PROXY_V1_MAX_BYTES) {
                assert_int_equal(rc, NB_EAGAIN);
            } else {
                assert_int_equal(rc, more == 0 ? NB_OK : NB_EMALFORMED);
            }
        }
        nb_buf_fini(&line);
    }
}

static void proxy_header_of_the_largest_size_is_skipped(void **state NB_UNUSED)
{
    struct nproto_proxy proxy;
    struct nb_diag diag;
    size_t consumed;
    uint8_t *bytes = nb_zalloc(NPROTO_PROXY_MAX_BYTES);

    memcpy(bytes, SIGNATURE "\x20\x00\xff\xff", NPROTO_PROXY_V2_HEAD_BYTES);
    assert_int_equal(nproto_proxy_read(nb_slice_make(bytes, NPROTO_PROXY_MAX_BYTES - 1), &proxy,
                                       &consumed, &diag),
                     NB_EAGAIN);
    assert_int_equal(
        nproto_proxy_read(nb_slice_make(bytes, NPROTO_PROXY_MAX_BYTES), &proxy, &consumed, &diag),
        NB_OK);
    assert_int_equal(consumed, NPROTO_PROXY_MAX_BYTES);
    nb_free(bytes);
}

static void proxy_header_may_be_missing(void **state NB_UNUSED)
{
    static const char *const plain[] = {
        "CONNECT {}\r\n", "PING\r\n", "PUB a 0\r\n\r\n", "X", "PROXIES", "\r\n\r\n\x01\r\nQUIT\n"};

    for (size_t i = 0; i < NB_ARRAY_LEN(plain); i++) {
        struct nproto_proxy proxy;
        struct nb_diag diag;
        size_t consumed;

        for (size_t n = 0; n <= strlen(plain[i]); n++) {
            const int rc = read_exact(plain[i], n, &proxy, &consumed, &diag);

            assert_true(rc == NB_OK || (rc == NB_EAGAIN && n < NPROTO_PROXY_DETECT_BYTES));
            if (rc == NB_OK) {
                assert_int_equal(consumed, 0);
                assert_false(proxy.has_header);
                assert_false(proxy.has_address);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proxy_header_is_read_when_its_last_byte_is_there),
        cmocka_unit_test(proxy_header_leaves_what_is_behind_it),
        cmocka_unit_test(proxy_header_that_is_wrong_is_refused_also_with_more_behind_it),
        cmocka_unit_test(proxy_header_of_text_ends_within_107_bytes),
        cmocka_unit_test(proxy_header_of_the_largest_size_is_skipped),
        cmocka_unit_test(proxy_header_may_be_missing),
    };
    return cmocka_run_group_tests_name("proxy_protocol", tests, NULL, NULL);
}
