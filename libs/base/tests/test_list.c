#include <natsd/list.h>

#include <natsd/error.h>

#include "nb_test.h"

struct item {
    int value;
    struct nb_link link;
};

static void assert_holds(struct nb_link *list, const char *want)
{
    size_t i = 0;

    NB_LIST_FOREACH (it, list) {
        assert_int_equal(nb_container_of(it, struct item, link)->value, want[i]);
        assert_ptr_equal(it->prev->next, it);
        i++;
    }
    assert_int_equal(want[i], '\0');
    assert_int_equal(nb_list_is_empty(list), want[0] == '\0');
}

static void links_keep_the_order_they_are_added_in(void **state NB_UNUSED)
{
    struct item a = {.value = 'a'};
    struct item b = {.value = 'b'};
    struct item c = {.value = 'c'};
    struct nb_link list;

    nb_list_init(&list);
    assert_holds(&list, "");
    nb_list_append(&list, &b.link);
    nb_list_append(&list, &c.link);
    nb_list_prepend(&list, &a.link);
    assert_holds(&list, "abc");
    assert_true(nb_link_is_linked(&b.link));
    nb_link_remove(&b.link);
    assert_false(nb_link_is_linked(&b.link));
    assert_holds(&list, "ac");
    assert_ptr_equal(nb_list_take_first(&list), &a.link);
    assert_ptr_equal(nb_list_take_first(&list), &c.link);
    assert_null(nb_list_take_first(&list));
}

static void removing_what_is_in_no_list_is_fine(void **state NB_UNUSED)
{
    struct item zeroed = {0};

    assert_false(nb_link_is_linked(&zeroed.link));
    nb_link_remove(&zeroed.link);
    nb_link_remove(&zeroed.link);
    assert_false(nb_link_is_linked(&zeroed.link));
    assert_true(nb_list_is_empty(&(struct nb_link){0}));
}

static void an_item_may_leave_while_it_is_visited(void **state NB_UNUSED)
{
    struct item items[4] = {{.value = 'a'}, {.value = 'b'}, {.value = 'c'}, {.value = 'd'}};
    struct nb_link list;

    nb_list_init(&list);
    for (size_t i = 0; i < NB_ARRAY_LEN(items); i++) {
        nb_list_append(&list, &items[i].link);
    }
    NB_LIST_FOREACH (it, &list) {
        if (nb_container_of(it, struct item, link)->value % 2 == 1) {
            nb_link_remove(it);
        }
    }
    assert_holds(&list, "bd");
}

static void move_all_appends_and_empties_the_source(void **state NB_UNUSED)
{
    struct item items[4] = {{.value = 'a'}, {.value = 'b'}, {.value = 'c'}, {.value = 'd'}};
    struct nb_link to;
    struct nb_link from;

    nb_list_init(&to);
    nb_list_init(&from);
    nb_list_move_all(&to, &from);
    assert_holds(&to, "");
    for (size_t i = 0; i < NB_ARRAY_LEN(items); i++) {
        nb_list_append(i < 2 ? &to : &from, &items[i].link);
    }
    nb_list_move_all(&to, &from);
    assert_holds(&to, "abcd");
    assert_holds(&from, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_keep_the_order_they_are_added_in),
        cmocka_unit_test(removing_what_is_in_no_list_is_fine),
        cmocka_unit_test(an_item_may_leave_while_it_is_visited),
        cmocka_unit_test(move_all_appends_and_empties_the_source),
    };
    return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
