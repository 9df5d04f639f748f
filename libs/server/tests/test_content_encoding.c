/* Answers in the encodings that requests accept. */
#include "nb_test.h"

#include <natsd/memory.h>

#include "events/content_encoding.h"

enum {
    OUT_MAX_BYTES = 1024 * 1024,
    SNAPPY_HEAD_BYTES = 10,
    SNAPPY_BLOCK_BYTES = 65536,
    GZIP_HEAD_BYTES = 10,
    GZIP_TAIL_BYTES = 8,
};

static struct nb_buf encoded(enum nserver__content_encoding encoding, struct slice content)
{
    struct nb_buf out;

    nb_buf_init(&out, OUT_MAX_BYTES);
    assert_int_equal(nserver__content_encode(encoding, content, &out), NB_OK);
    return out;
}

static uint32_t little(const uint8_t *p, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++) {
        value |= (uint32_t)p[i] << 8 * i;
    }
    return value;
}

// Content of some size that has no order.
static struct slice make_content(size_t size)
{
    uint8_t *content = nb_alloc(size + 1);
    uint32_t x = 1;

    for (size_t i = 0; i < size; i++) {
        x = x * 1664525 + 1013904223;
        content[i] = (uint8_t)(x >> 24);
    }
    return nb_slice_make(content, size);
}

// What a reader of stored chunks gets.
static struct slice unsnap(struct slice in, uint8_t *out)
{
    size_t n = 0;
    size_t at = SNAPPY_HEAD_BYTES;

    assert_memory_equal(in.p, "\xff\x06\x00\x00sNaPpY", SNAPPY_HEAD_BYTES);
    while (at < in.n) {
        size_t size = little(in.p + at + 1, 3);

        assert_int_equal(in.p[at], 1);
        assert_in_range(size, 5, SNAPPY_BLOCK_BYTES + 4);
        assert_true(at + 4 + size <= in.n);
        memcpy(out + n, in.p + at + 8, size - 4);
        n += size - 4;
        at += 4 + size;
    }
    return nb_slice_make(out, n);
}

static struct slice gunzip(struct slice in, uint8_t *out)
{
    size_t n = 0;
    size_t at = GZIP_HEAD_BYTES;
    bool is_last = false;

    assert_memory_equal(in.p, "\x1f\x8b\x08\x00", 4);
    while (!is_last) {
        size_t size = little(in.p + at + 1, 2);

        assert_true(at + 5 + size + GZIP_TAIL_BYTES <= in.n);
        assert_int_equal(size ^ little(in.p + at + 3, 2), UINT16_MAX);
        is_last = in.p[at] == 1;
        memcpy(out + n, in.p + at + 5, size);
        n += size;
        at += 5 + size;
    }
    assert_int_equal(at + GZIP_TAIL_BYTES, in.n);
    assert_int_equal(little(in.p + at + 4, 4), n);
    return nb_slice_make(out, n);
}

static void snappy_is_as_in_the_specification(void **state NB_UNUSED)
{
    static const uint8_t expected[] = {0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70,
                                       0x59, 0x01, 0x0b, 0x00, 0x00, 0xc7, 0x8a, 0x58, 0x4d,
                                       0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d};
    struct nb_buf out = encoded(CONTENT_SNAPPY, NB_SLICE("{\"a\":1}"));

    assert_int_equal(nb_buf_slice(&out).n, sizeof(expected));
    assert_memory_equal(nb_buf_slice(&out).p, expected, sizeof(expected));
    nb_buf_fini(&out);
}

static void gzip_has_the_checksum_of_its_content(void **state NB_UNUSED)
{
    struct nb_buf out = encoded(CONTENT_GZIP, NB_SLICE("123456789"));
    struct slice tail =
        nb_slice_sub(nb_buf_slice(&out), nb_buf_slice(&out).n - GZIP_TAIL_BYTES, GZIP_TAIL_BYTES);

    assert_int_equal(little(tail.p, 4), 0xcbf43926);
    assert_int_equal(little(tail.p + 4, 4), 9);
    nb_buf_fini(&out);
}

static void content_of_every_size_comes_back(void **state NB_UNUSED)
{
    static const size_t sizes[] = {0,     1,     2,      65534,  65535,  65536,
                                   65537, 65538, 131070, 131071, 131072, 200000};

    for (size_t i = 0; i < NB_ARRAY_LEN(sizes); i++) {
        struct slice content = make_content(sizes[i]);
        uint8_t *room = nb_alloc(sizes[i] + 1);
        struct nb_buf snappy = encoded(CONTENT_SNAPPY, content);
        struct nb_buf gzip = encoded(CONTENT_GZIP, content);
        struct nb_buf plain = encoded(CONTENT_PLAIN, content);

        assert_true(nb_slice_equal(unsnap(nb_buf_slice(&snappy), room), content));
        assert_true(nb_slice_equal(gunzip(nb_buf_slice(&gzip), room), content));
        assert_true(nb_slice_equal(nb_buf_slice(&plain), content));
        nb_buf_fini(&snappy);
        nb_buf_fini(&gzip);
        nb_buf_fini(&plain);
        nb_free(room);
        nb_free((uint8_t *)(uintptr_t)content.p);
    }
}

static void a_full_buffer_is_an_error(void **state NB_UNUSED)
{
    static const enum nserver__content_encoding encodings[] = {CONTENT_PLAIN, CONTENT_SNAPPY,
                                                               CONTENT_GZIP};

    for (size_t i = 0; i < NB_ARRAY_LEN(encodings); i++) {
        for (size_t max = 1; max < 9; max++) {
            struct nb_buf out;

            nb_buf_init(&out, max);
            assert_int_equal(nserver__content_encode(encodings[i], NB_SLICE("123456789"), &out),
                             NB_ELIMIT);
            nb_buf_fini(&out);
        }
    }
}

static void the_header_chooses(void **state NB_UNUSED)
{
    static const struct {
        const char *accepted;
        enum nserver__content_encoding encoding;
    } cases[] = {
        {"snappy", CONTENT_SNAPPY},      {"SNAPPY", CONTENT_SNAPPY},
        {"s2", CONTENT_SNAPPY},          {"gzip", CONTENT_GZIP},
        {"GZip, deflate", CONTENT_GZIP}, {"gzip, snappy", CONTENT_SNAPPY},
        {"xsnappyx", CONTENT_SNAPPY},    {"", CONTENT_PLAIN},
        {"br", CONTENT_PLAIN},           {"s", CONTENT_PLAIN},
        {"gzi", CONTENT_PLAIN},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        if (nserver__content_encoding_of(nb_slice_of(cases[i].accepted)) != cases[i].encoding) {
            fail_msg("%s", cases[i].accepted);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snappy_is_as_in_the_specification),
        cmocka_unit_test(gzip_has_the_checksum_of_its_content),
        cmocka_unit_test(content_of_every_size_comes_back),
        cmocka_unit_test(a_full_buffer_is_an_error),
        cmocka_unit_test(the_header_chooses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
