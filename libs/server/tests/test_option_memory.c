/* The memory of options: what is given out stays, and stays apart. */
#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/random.h>
#include <natsd/server_options.h>

#include <stdalign.h>
#include <stddef.h>

static void pieces_are_zeroed_and_do_not_overlap(void **state NB_UNUSED)
{
    enum { PIECES = 3000 };
    struct nserver_options o = {0};
    static struct {
        uint8_t *p;
        size_t n;
    } pieces[PIECES];
    struct nb_random random;

    nb_random_init(&random, 11);
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i].n = nb_random_below(&random, i % 100 == 0 ? 20000 : 100);
        pieces[i].p = nserver_options_alloc(&o, pieces[i].n);
        assert_true((uintptr_t)pieces[i].p % alignof(max_align_t) == 0);
        for (size_t k = 0; k < pieces[i].n; k++) {
            assert_int_equal(pieces[i].p[k], 0);
            pieces[i].p[k] = (uint8_t)i;
        }
    }
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t k = 0; k < pieces[i].n; k++) {
            assert_int_equal(pieces[i].p[k], (uint8_t)i);
        }
    }
    nserver_options_fini(&o);
}

static void texts_are_terminated_copies(void **state NB_UNUSED)
{
    struct nserver_options o = {0};
    char source[] = "abc";
    char *kept = nserver_options_keep(&o, nb_slice_make(source, 2));
    char *nothing = nserver_options_keep(&o, (struct slice){0});

    source[0] = 'x';
    assert_string_equal(kept, "ab");
    assert_string_equal(nothing, "");
    nserver_options_fini(&o);
}

// Two lists that grow in turn, small and large, with other pieces in between.
static void lists_grow_and_keep_their_items(void **state NB_UNUSED)
{
    enum { ITEMS = 5000 };
    struct nserver_options o = {0};
    uint64_t *lists[2] = {0};

    for (uint64_t i = 0; i < ITEMS; i++) {
        for (uint64_t k = 0; k < 2; k++) {
            lists[k] = nserver_options_grow(&o, lists[k], i, sizeof(*lists[k]));
            assert_int_equal(lists[k][i], 0);
            lists[k][i] = 2 * i + k + 1;
        }
        (void)nserver_options_keep(&o, NB_SLICE("between"));
    }
    for (uint64_t i = 0; i < ITEMS; i++) {
        assert_int_equal(lists[0][i], 2 * i + 1);
        assert_int_equal(lists[1][i], 2 * i + 2);
    }
    nserver_options_fini(&o);
}

static void a_copy_keeps_what_it_shares(void **state NB_UNUSED)
{
    struct nserver_options o = {0};
    struct nserver_options copy;

    o.users = nserver_options_grow(&o, NULL, 0, sizeof(*o.users));
    o.users[0].name = nserver_options_keep(&o, NB_SLICE("ann"));
    o.user_count = 1;
    nserver_options_copy(&copy, &o);
    nserver_options_fini(&o);
    assert_string_equal(copy.users[0].name, "ann");
    nserver_options_fini(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_and_do_not_overlap),
        cmocka_unit_test(texts_are_terminated_copies),
        cmocka_unit_test(lists_grow_and_keep_their_items),
        cmocka_unit_test(a_copy_keeps_what_it_shares),
    };
    return cmocka_run_group_tests_name("option_memory", tests, NULL, NULL);
}
