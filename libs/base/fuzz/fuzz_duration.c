/* What is accepted can be shown and read back to the same length of time; what is refused is
 * explained.
 */
#include <natsd/duration.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nb_diag diag = {""};
    struct nb_buf text;
    int64_t ns = 0;
    int64_t again = 0;
    int rc = nb_duration_parse(nb_slice_make(data, size), &ns, &diag);

    if (rc < 0) {
        assert(rc == NB_EMALFORMED);
        assert(nb_slice_starts(nb_slice_of(diag.text), "time: "));
        return 0;
    }
    nb_buf_init(&text, 64);
    nb_duration_format(ns, &text);
    rc = nb_duration_parse(nb_buf_slice(&text), &again, &diag);
    assert(rc == NB_OK && again == ns);
    nb_buf_fini(&text);
    return 0;
}
