/* A PROXY header is decided at one byte, and no byte behind it changes the decision.
 */
#include <natsd/memory.h>
#include <natsd/proxy_protocol.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EVERY_CUT_BYTES = 256, // up to here each cut is tried
};

struct decision {
    int rc;
    size_t consumed;
    struct nproto_proxy proxy;
};

static struct decision decide(const uint8_t *data, size_t n)
{
    uint8_t *exact = nb_alloc(n > 0 ? n : 1);
    struct decision decision = {0};
    struct nb_diag diag = {""};

    if (n > 0) {
        memcpy(exact, data, n);
    }
    decision.rc =
        nproto_proxy_read(nb_slice_make(exact, n), &decision.proxy, &decision.consumed, &diag);
    assert(decision.consumed <= n);
    assert(decision.rc == NB_OK || decision.rc == NB_EAGAIN || diag.text[0] != '\0');
    nb_free(exact);
    return decision;
}

static void assert_same(const struct decision *a, const struct decision *b)
{
    assert(a->rc == b->rc);
    assert(a->consumed == b->consumed);
    assert(a->proxy.has_header == b->proxy.has_header);
    assert(a->proxy.has_address == b->proxy.has_address);
    assert(a->proxy.src_port == b->proxy.src_port);
    assert(a->proxy.dst_port == b->proxy.dst_port);
    assert(strcmp(a->proxy.src_ip, b->proxy.src_ip) == 0);
    assert(strcmp(a->proxy.dst_ip, b->proxy.dst_ip) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct decision whole = decide(data, size);
    bool is_decided = false;

    for (size_t n = 0; n < size && n < EVERY_CUT_BYTES; n++) {
        const struct decision cut = decide(data, n);

        if (cut.rc != NB_EAGAIN) {
            is_decided = true;
            assert_same(&cut, &whole);
        }
        assert(!is_decided || cut.rc != NB_EAGAIN);
    }
    if (whole.rc == NB_OK && whole.proxy.has_header) { // its last byte mattered
        assert(decide(data, whole.consumed).rc == NB_OK);
        assert(decide(data, whole.consumed - 1).rc == NB_EAGAIN);
    }
    return 0;
}
