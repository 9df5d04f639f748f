/* Nothing that wasn't sealed is opened, and what is sealed comes back; any one changed byte is
 * noticed. The input is a text to seal and, as it stands, a box to open.
 */
#include <natsd/xkey.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nauth_nkey key_of(uint8_t first)
{
    uint8_t seed[NAUTH_NKEY_RAW_BYTES];
    struct nauth_nkey key;
    int rc;

    for (size_t i = 0; i < sizeof(seed); i++) {
        seed[i] = (uint8_t)(first + i);
    }
    rc = nauth_nkey_create_from(NAUTH_NKEY_CURVE, seed, &key);
    assert(rc == NB_OK);
    return key;
}

// The box of the specification is a seed of the corpus: the one that can be opened.
static bool is_known_text(struct slice text)
{
    return nb_slice_is(text, "hello nats");
}

static void change(uint8_t *bytes, size_t at)
{
    bytes[at] ^= 0x10;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nauth_nkey one = key_of(0xA0);
    struct nauth_nkey two = key_of(0xC0);
    struct slice input = nb_slice_make(data, size);
    struct slice copy;
    struct nb_buf sealed;
    struct nb_buf opened;
    int rc;

    nb_buf_init(&sealed, size + NAUTH_XKEY_OVERHEAD_BYTES);
    nb_buf_init(&opened, size + 1);
    assert(nauth_xkey_open(&two, &one, input, &opened, NULL) < 0 ||
           is_known_text(nb_buf_slice(&opened)));
    nb_buf_clear(&opened);
    rc = nauth_xkey_seal(&one, &two, input, &sealed, NULL);
    assert(rc == NB_OK && nb_buf_slice(&sealed).n == size + NAUTH_XKEY_OVERHEAD_BYTES);
    rc = nauth_xkey_open(&two, &one, nb_buf_slice(&sealed), &opened, NULL);
    assert(rc == NB_OK && nb_slice_equal(nb_buf_slice(&opened), input));
    nb_buf_clear(&opened);
    copy = nb_slice_dup(nb_buf_slice(&sealed));
    change((uint8_t *)(uintptr_t)copy.p, (size > 0 ? data[0] : 0) % copy.n);
    assert(nauth_xkey_open(&two, &one, copy, &opened, NULL) < 0);
    nb_slice_free(&copy);
    nb_buf_fini(&sealed);
    nb_buf_fini(&opened);
    return 0;
}
