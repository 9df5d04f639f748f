/* A stream reads the same whole, where the fast way takes what it can, and in pieces, where the
 * slow way puts operations together. Input: a byte of settings, two of limits, one for the number
 * of piece sizes, these, the stream.
 */
#include "../tests/parser_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SETTINGS_BYTES = 4,
    SIZES_MAX = 15,
    PAYLOAD_MAX_BYTES = 4096, // a larger one is no other case, but takes time to allocate
};

static struct nproto_parser settings(const uint8_t *data)
{
    struct nproto_parser parser;

    nproto_parser_init(&parser, (data[0] & 1) == 0 ? NPROTO_PEER_CLIENT : NPROTO_PEER_SERVER);
    parser.is_gated = (data[0] & 2) != 0;
    parser.has_headers = (data[0] & 4) == 0;
    parser.control_line_max = data[1] > 0 ? data[1] : NPROTO_CONTROL_LINE_DEFAULT_BYTES;
    parser.payload_max = data[2] > 0 ? data[2] : PAYLOAD_MAX_BYTES;
    return parser;
}

static void feed_cut(struct transcript *t, struct slice stream, struct slice sizes)
{
    for (size_t i = 0; stream.n > 0; i++) {
        const size_t size = sizes.n > 0 ? (size_t)sizes.p[i % sizes.n] + 1 : 1;

        transcript_feed(t, nb_slice_sub(stream, 0, size));
        stream = nb_slice_sub(stream, size, stream.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice all = nb_slice_make(data, size);
    struct nproto_parser like;
    struct transcript whole;
    struct transcript cut;
    struct slice sizes;
    struct slice stream;

    if (size < SETTINGS_BYTES) {
        return 0;
    }
    like = settings(data);
    sizes = nb_slice_sub(all, SETTINGS_BYTES, data[3] & SIZES_MAX);
    stream = nb_slice_sub(all, SETTINGS_BYTES + sizes.n, size);

    transcript_init(&whole, &like);
    transcript_feed(&whole, stream);
    transcript_init(&cut, &like);
    cut.fills = (data[0] & 8) != 0;
    feed_cut(&cut, stream, sizes);
    assert(nb_slice_equal(nb_buf_slice(&whole.text), nb_buf_slice(&cut.text)));
    assert(nproto_parser_is_inside(&whole.parser) == nproto_parser_is_inside(&cut.parser));
    transcript_fini(&whole);
    transcript_fini(&cut);
    return 0;
}
