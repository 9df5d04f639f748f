/* Names of users as DNs: what is read and printed is read again as the same, and whatever is equal
 * is equal in any order. The first line is one name, the rest another.
 */
#include "dn.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT_MAX_BYTES = 1024 * 1024,
};

static void check_round_trip(const struct nnet_dn *dn)
{
    struct nnet_dn again;
    struct nb_buf text;

    for (size_t i = 0; i < dn->count; i++) { // types are printed as they are
        if (nb_slice_find_byte(dn->attributes[i].type, '\\') < dn->attributes[i].type.n) {
            return;
        }
        for (size_t k = 0; k < dn->attributes[i].type.n; k++) {
            uint8_t c = dn->attributes[i].type.p[k];

            if (c == ' ' || c == '=' || c == ',' || c == '+') {
                return;
            }
        }
    }
    nb_buf_init(&text, TEXT_MAX_BYTES);
    assert(nnet__dn_print(dn->attributes, dn->count, &text) == NB_OK);
    assert(nnet_dn_parse(nb_buf_slice(&text), &again) == NB_OK);
    assert(nnet_dn_equal(dn, &again) && nnet_dn_equal_unordered(&again, dn));
    nnet_dn_fini(&again);
    nb_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = nb_slice_make(data, size);
    struct slice line = {.n = 0};
    struct nnet_dn a;
    struct nnet_dn b;

    if (!nb_slice_take_line(&rest, &line) || nnet_dn_parse(line, &a) != NB_OK) {
        return 0;
    }
    check_round_trip(&a);
    if (nnet_dn_parse(rest, &b) == NB_OK) {
        bool is_same = nnet_dn_equal(&a, &b);
        bool is_same_set = nnet_dn_equal_unordered(&a, &b);

        assert(is_same == nnet_dn_equal(&b, &a));
        assert(is_same_set == nnet_dn_equal_unordered(&b, &a));
        assert(!is_same || is_same_set);
        nnet_dn_fini(&b);
    }
    nnet_dn_fini(&a);
    return 0;
}
