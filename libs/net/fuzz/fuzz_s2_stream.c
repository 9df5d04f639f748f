/* A stream of somebody else's: within its limit, and what is written is read back as it was. */
#include "s2_block.h"
#include "s2_stream.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    PLAIN_MAX_BYTES = 256 * 1024,
    STREAM_MAX_BYTES = 4 * 1024 * 1024,
};

static void check_round_trip(struct slice plain)
{
    struct nb_buf stream;
    struct nb_buf again;

    nb_buf_init(&stream, STREAM_MAX_BYTES);
    nb_buf_init(&again, STREAM_MAX_BYTES);
    assert(nnet__s2_write(plain, &stream) == NB_OK);
    assert(nnet__s2_read(nb_buf_slice(&stream), &again) == NB_OK);
    assert(nb_slice_equal(nb_buf_slice(&again), plain));
    nb_buf_fini(&stream);
    nb_buf_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = nb_slice_make(data, size);
    struct nb_buf out;

    nb_buf_init(&out, PLAIN_MAX_BYTES);
    if (nnet__s2_read(input, &out) == NB_OK) {
        check_round_trip(nb_buf_slice(&out));
    }
    assert(nb_buf_slice(&out).n <= PLAIN_MAX_BYTES);
    nb_buf_clear(&out);
    // Also as a block, without the checksum that hardly any change survives.
    (void)!nnet__s2_read_block(input, &out);
    nb_buf_fini(&out);
    check_round_trip(input);
    return 0;
}
