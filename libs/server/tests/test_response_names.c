#include "nb_test.h"

#include "sharing/response_names.h"

#include <natsd/map.h>
#include <natsd/memory.h>

#include <ctype.h>

// The first eight bytes of the name's SHA-256, each modulo 62.
static void the_hash_of_a_name_is_the_same_everywhere(void **state NB_UNUSED)
{
    static const struct {
        const char *name, *hash;
    } cases[] = {{"callout", "rud5o93t"}, {"", "fqA4S4SK"}, {"NDX", "L1Es02rO"}};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char hash[RESPONSE_HASH_BYTES];

        nserver__name_hash(nb_slice_of(cases[i].name), hash);
        assert_memory_equal(hash, cases[i].hash, sizeof(hash));
    }
}

static void tokens_are_letters_and_digits_and_hardly_ever_the_same(void **state NB_UNUSED)
{
    enum { COUNT = 20000 };
    struct nserver__random_tokens stock = {0};
    char *tokens = nb_alloc((size_t)COUNT * RESPONSE_TOKEN_BYTES);
    struct nb_map seen = {0};
    unsigned same = 0;

    for (unsigned i = 0; i < COUNT; i++) {
        char *token = tokens + (size_t)i * RESPONSE_TOKEN_BYTES;

        nserver__random_token(&stock, token);
        for (unsigned k = 0; k < RESPONSE_TOKEN_BYTES; k++) {
            assert_true(isalnum((unsigned char)token[k]));
        }
        same += !nb_map_insert(&seen, nb_slice_make(token, RESPONSE_TOKEN_BYTES), tokens);
    }
    assert_true(same < 3); // of 57 thousand million
    nb_map_fini(&seen);
    nb_free(tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_of_a_name_is_the_same_everywhere),
        cmocka_unit_test(tokens_are_letters_and_digits_and_hardly_ever_the_same),
    };
    return cmocka_run_group_tests_name("response_names", tests, NULL, NULL);
}
