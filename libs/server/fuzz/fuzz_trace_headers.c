/* Header blocks of any bytes. What is read lies within the block; one that asks is never overlooked
 * by the quick look before; and what is shown is JSON with the values of the block, no more.
 */
#include <natsd/buf.h>
#include <natsd/error.h>
#include <natsd/json_reader.h>

#include <assert.h>

#include "tracing/trace_headers.h"

static bool is_inside(struct slice whole, struct slice part)
{
    return part.n == 0 || (part.p >= whole.p && part.n <= whole.n &&
                           (size_t)(part.p - whole.p) <= whole.n - part.n);
}

static void check_ask(struct slice block)
{
    struct nserver__trace_ask ask;

    nserver__trace_headers_read(block, &ask);
    assert(is_inside(block, ask.dest) && is_inside(block, ask.encoding) &&
           is_inside(block, ask.origin));
    assert(ask.kind == TRACE_ASKED || !ask.is_only);
    if (ask.kind == TRACE_ASKED) {
        assert(ask.dest.n > 0 && nb_slice_equal(ask.dest, nb_slice_trim(ask.dest)));
    }
    if (ask.kind != TRACE_NOT_ASKED) {
        assert(nserver__trace_headers_may_ask(block));
    }
}

static void check_shown(struct slice block)
{
    struct nb_json_writer w;
    struct nb_json_doc doc;
    struct nb_buf json;
    int rc;

    nb_buf_init(&json, 64 + 16 * block.n); // each byte is six at most
    nb_json_begin(&w, &json, NB_JSON_COMPACT);
    nserver__trace_headers_write(block, &w);
    rc = nb_json_end(&w);
    assert(rc == NB_OK);
    rc = nb_json_parse(nb_buf_slice(&json), 64 * nb_buf_slice(&json).n + 4096, &doc, NULL);
    assert(rc == NB_OK);
    nb_json_doc_fini(&doc);
    nb_buf_fini(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice block = nb_slice_make(data, size);

    check_ask(block);
    check_shown(block);
    return 0;
}
