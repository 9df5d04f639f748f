#include "s2_stream.h"

#include "s2_block.h"

#include "nb_test.h"

#include <stdbool.h>

#define IDENTIFIER "\xFF\x06\x00\x00S2sTwO"

// Blocks by hand: what each kind of element makes.
static void blocks_are_decoded(void **state NB_UNUSED)
{
    static const struct {
        const char *name;
        struct slice block;
        int want;
        const char *text;
    } cases[] = {
        {"nothing", {(const uint8_t *)"\x00", 1}, NB_OK, ""},
        {"a literal",
         {(const uint8_t *)"\x03\x08"
                           "abc",
          5},
         NB_OK,
         "abc"},
        {"a literal with a length of one byte",
         {(const uint8_t *)"\x03\xF0\x02"
                           "abc",
          6},
         NB_OK,
         "abc"},
        {"of two",
         {(const uint8_t *)"\x03\xF4\x02\x00"
                           "abc",
          7},
         NB_OK,
         "abc"},
        {"of four",
         {(const uint8_t *)"\x03\xFC\x02\x00\x00\x00"
                           "abc",
          9},
         NB_OK,
         "abc"},
        {"a short copy",
         {(const uint8_t *)"\x07\x08"
                           "abc"
                           "\x01\x03",
          7},
         NB_OK,
         "abcabca"},
        {"a copy that overlaps itself",
         {(const uint8_t *)"\x06\x00"
                           "a"
                           "\x05\x01",
          5},
         NB_OK,
         "aaaaaa"},
        {"a copy with 16 bits",
         {(const uint8_t *)"\x05\x08"
                           "abc"
                           "\x06\x02\x00",
          8},
         NB_OK,
         "abcbc"},
        {"a copy with 32 bits",
         {(const uint8_t *)"\x05\x08"
                           "abc"
                           "\x07\x03\x00\x00\x00",
          10},
         NB_OK,
         "abcab"},
        {"a repeat",
         {(const uint8_t *)"\x0B\x08"
                           "abc"
                           "\x01\x03"
                           "\x01\x00",
          9},
         NB_OK,
         "abcabcabcab"},
        {"a repeat with a length",
         {(const uint8_t *)"\x0F\x08"
                           "abc"
                           "\x01\x03"
                           "\x15\x00\x00",
          10},
         NB_OK,
         "abcabcabcabcabc"},
        {"a repeat of nothing",
         {(const uint8_t *)"\x07\x08"
                           "abc"
                           "\x01\x00",
          7},
         NB_EMALFORMED,
         ""},
        {"from before the beginning",
         {(const uint8_t *)"\x07\x08"
                           "abc"
                           "\x01\x04",
          7},
         NB_EMALFORMED,
         ""},
        {"more than it says",
         {(const uint8_t *)"\x02\x08"
                           "abc",
          5},
         NB_EMALFORMED,
         ""},
        {"less than it says",
         {(const uint8_t *)"\x04\x08"
                           "abc",
          5},
         NB_EMALFORMED,
         ""},
        {"a copy past what it says",
         {(const uint8_t *)"\x06\x08"
                           "abc"
                           "\x01\x03",
          7},
         NB_EMALFORMED,
         ""},
        {"no length", {NULL, 0}, NB_EMALFORMED, ""},
        {"a length without end",
         {(const uint8_t *)"\xFF\xFF\xFF\xFF\xFF\x01", 6},
         NB_EMALFORMED,
         ""},
        {"a length past the limit", {(const uint8_t *)"\x81\x80\x80\x02", 4}, NB_ELIMIT, ""},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        struct slice block = nb_slice_dup(cases[i].block);
        struct nb_buf out;
        int rc;

        nb_buf_init(&out, 2 * NNET__S2_BLOCK_MAX_BYTES);
        rc = nnet__s2_read_block(block, &out);
        if (rc != cases[i].want || !nb_slice_is(nb_buf_slice(&out), cases[i].text)) {
            fail_msg("%s: %d %.*s", cases[i].name, rc, NB_SLICE_ARGS(nb_buf_slice(&out)));
        }
        for (size_t n = 0; n < block.n && rc == NB_OK; n++) {
            struct slice cut = nb_slice_dup(nb_slice_sub(block, 0, n));

            if (nnet__s2_read_block(cut, &out) != NB_EMALFORMED) {
                fail_msg("%s, cut at %zu", cases[i].name, n);
            }
            nb_slice_free(&cut);
        }
        nb_buf_fini(&out);
        nb_slice_free(&block);
    }
}

// Streams that another implementation made: hello in a chunk of each kind, and a text that
// compresses.
static const struct slice plain_hello = {(const uint8_t *)IDENTIFIER "\x01\x09\x00\x00"
                                                                     "\xBB\x1F\x1C\x19"
                                                                     "hello",
                                         23};
static const struct slice packed_hello = {(const uint8_t *)IDENTIFIER "\x00\x0B\x00\x00"
                                                                      "\xBB\x1F\x1C\x19"
                                                                      "\x05\x10"
                                                                      "hello",
                                          25};

static int read_stream(struct slice stream, struct nb_buf *out)
{
    struct slice exact = nb_slice_dup(stream);
    int rc;

    nb_buf_init(out, 1024 * 1024);
    rc = nnet__s2_read(exact, out);
    nb_slice_free(&exact);
    return rc;
}

static void expect_stream(const char *name, struct slice stream, int want, const char *text)
{
    struct nb_buf out;
    int rc = read_stream(stream, &out);

    if (rc != want || (rc == NB_OK && !nb_slice_is(nb_buf_slice(&out), text))) {
        fail_msg("%s: %d %.*s", name, rc, NB_SLICE_ARGS(nb_buf_slice(&out)));
    }
    nb_buf_fini(&out);
}

#define STREAM(literal) nb_slice_make(literal, sizeof(literal) - 1)

static void streams_of_others_are_read(void **state NB_UNUSED)
{
    expect_stream("plain", plain_hello, NB_OK, "hello");
    expect_stream("compressed", packed_hello, NB_OK, "hello");
    expect_stream("no data", STREAM(IDENTIFIER), NB_OK, "");
    expect_stream("Snappy", STREAM("\xFF\x06\x00\x00sNaPpY\x01\x09\x00\x00\xBB\x1F\x1C\x19hello"),
                  NB_OK, "hello");
    expect_stream("two streams", STREAM(IDENTIFIER IDENTIFIER), NB_OK, "");
    expect_stream("padding", STREAM(IDENTIFIER "\xFE\x02\x00\x00xx"), NB_OK, "");
    expect_stream("what may be skipped", STREAM(IDENTIFIER "\x99\x02\x00\x00xx"), NB_OK, "");
    expect_stream("what may not", STREAM(IDENTIFIER "\x02\x02\x00\x00xx"), NB_EMALFORMED, "");
    expect_stream("nothing", STREAM(""), NB_EMALFORMED, "");
    expect_stream("no identifier", STREAM("\x01\x09\x00\x00\xBB\x1F\x1C\x19hello"), NB_EMALFORMED,
                  "");
    expect_stream("another format", STREAM("\xFF\x06\x00\x00S3sTwO"), NB_EMALFORMED, "");
    expect_stream("a wrong checksum", STREAM(IDENTIFIER "\x01\x09\x00\x00\xBB\x1F\x1C\x18hello"),
                  NB_EMALFORMED, "");
    expect_stream("no room for a checksum", STREAM(IDENTIFIER "\x01\x03\x00\x00xxx"), NB_EMALFORMED,
                  "");
}

static void every_prefix_within_a_chunk_is_refused(void **state NB_UNUSED)
{
    for (size_t n = 0; n < packed_hello.n; n++) {
        expect_stream("a prefix", nb_slice_sub(packed_hello, 0, n),
                      n == sizeof(IDENTIFIER) - 1 ? NB_OK : NB_EMALFORMED, "");
    }
}

static void what_is_written_is_read_back(void **state NB_UNUSED)
{
    static const size_t sizes[] = {0, 1, 5, 65535, 65536, 65537, 200000};

    for (size_t i = 0; i < NB_ARRAY_LEN(sizes); i++) {
        uint8_t *plain = nb_zalloc(sizes[i] + 1);
        struct nb_buf stream;
        struct nb_buf out;

        for (size_t k = 0; k < sizes[i]; k++) {
            plain[k] = (uint8_t)((k * 2654435761u) >> 13);
        }
        nb_buf_init(&stream, 1024 * 1024);
        assert_int_equal(nnet__s2_write(nb_slice_make(plain, sizes[i]), &stream), NB_OK);
        assert_int_equal(read_stream(nb_buf_slice(&stream), &out), NB_OK);
        assert_true(nb_slice_equal(nb_buf_slice(&out), nb_slice_make(plain, sizes[i])));
        nb_buf_fini(&out);
        nb_buf_fini(&stream);
        nb_free(plain);
    }
    {
        struct nb_buf stream;

        nb_buf_init(&stream, 64);
        assert_int_equal(nnet__s2_write(NB_SLICE("hello"), &stream), NB_OK);
        assert_true(nb_slice_equal(nb_buf_slice(&stream), plain_hello));
        nb_buf_fini(&stream);
    }
}

static void limits_hold_on_both_sides(void **state NB_UNUSED)
{
    struct nb_buf out;

    nb_buf_init(&out, 4);
    assert_int_equal(nnet__s2_read(plain_hello, &out), NB_ELIMIT);
    nb_buf_fini(&out);
    nb_buf_init(&out, 4);
    assert_int_equal(nnet__s2_read(packed_hello, &out), NB_ELIMIT);
    nb_buf_fini(&out);
    nb_buf_init(&out, plain_hello.n - 1);
    assert_int_equal(nnet__s2_write(NB_SLICE("hello"), &out), NB_ELIMIT);
    nb_buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_decoded),
        cmocka_unit_test(streams_of_others_are_read),
        cmocka_unit_test(every_prefix_within_a_chunk_is_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(limits_hold_on_both_sides),
    };
    return cmocka_run_group_tests_name("s2_stream", tests, NULL, NULL);
}
