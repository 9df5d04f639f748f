#include <natsd/permissions.h>

#include "nb_test.h"

// As the reference answers to a configuration with this item.
static void items_are_subjects_or_subjects_with_queues(void **state NB_UNUSED)
{
    static const struct {
        const char *item;
        const char *with_queue; // what is said where queues are allowed; NULL: fine
        const char *without;
    } cases[] = {
        {"foo", NULL, NULL},
        {"foo.*.>", NULL, NULL},
        {"foo bar", NULL, "subject \"foo bar\" is not a valid subject"},
        {" foo\t q ", NULL, "subject \" foo\\t q \" is not a valid subject"},
        {"a *", NULL, "subject \"a *\" is not a valid subject"},
        {"", "subject \"\" is not a valid subject", "subject \"\" is not a valid subject"},
        {"a..b", "subject \"a..b\" is not a valid subject",
         "subject \"a..b\" is not a valid subject"},
        {"a..b q", "subject \"a..b\" is not a valid subject",
         "subject \"a..b q\" is not a valid subject"},
        {"a b..c", "queue \"b..c\" is not a valid queue",
         "subject \"a b..c\" is not a valid subject"},
        {"foo bar baz", "subject \"foo bar baz\" is not a valid subject",
         "subject \"foo bar baz\" is not a valid subject"},
        {" foo", "subject \" foo\" is not a valid subject",
         "subject \" foo\" is not a valid subject"},
        {"a\"..b", "subject \"a\\\"..b\" is not a valid subject",
         "subject \"a\\\"..b\" is not a valid subject"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        for (int has_queue = 0; has_queue < 2; has_queue++) {
            const char *want = has_queue ? cases[i].with_queue : cases[i].without;
            struct slice item = nb_slice_dup(nb_slice_of(cases[i].item));
            struct nb_diag diag = {""};
            int rc = nauth_permission_check(item, has_queue, &diag);

            assert_int_equal(rc, want == NULL ? NB_OK : NB_EMALFORMED);
            assert_string_equal(diag.text, want == NULL ? "" : want);
            nb_slice_free(&item);
        }
    }
}

static void a_long_item_is_refused_without_its_text(void **state NB_UNUSED)
{
    uint8_t bytes[5000];
    struct nb_diag diag;

    memset(bytes, '.', sizeof(bytes));
    assert_int_equal(nauth_permission_check(nb_slice_make(bytes, sizeof(bytes)), true, &diag),
                     NB_EMALFORMED);
    assert_string_equal(diag.text, "subject  is not a valid subject");
}

static const struct slice ab[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"b", 1}};
static const struct slice ba[] = {{(const uint8_t *)"b", 1}, {(const uint8_t *)"a", 1}};
static const struct slice aa[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"a", 1}};

static void the_order_of_items_does_not_count(void **state NB_UNUSED)
{
    struct nauth_permissions one = {.subscribe_deny = {ab, 2}};
    struct nauth_permissions other = {.subscribe_deny = {ba, 2}};

    assert_true(nauth_permissions_equal(&one, &other));
    other.subscribe_deny.items = aa;
    assert_false(nauth_permissions_equal(&one, &other));
    other.subscribe_deny = (struct nauth_texts){ab, 1};
    assert_false(nauth_permissions_equal(&one, &other));
}

static void every_part_counts(void **state NB_UNUSED)
{
    const struct nauth_permissions none = {0};
    const struct nauth_permissions some[] = {
        {.publish_allow = {ab, 1}},
        {.publish_deny = {ab, 1}},
        {.subscribe_allow = {ab, 1}},
        {.subscribe_deny = {ab, 1}},
        {.has_publish_allow = true},
        {.has_subscribe_allow = true},
        {.has_responses = true},
        {.has_responses = true, .responses_max = 2},
        {.has_responses = true, .responses_ttl_ns = 2},
    };

    assert_true(nauth_permissions_are_empty(&none));
    for (size_t i = 0; i < NB_ARRAY_LEN(some); i++) {
        assert_false(nauth_permissions_are_empty(&some[i]));
        for (size_t j = 0; j < NB_ARRAY_LEN(some); j++) {
            assert_int_equal(nauth_permissions_equal(&some[i], &some[j]), i == j);
        }
        assert_false(nauth_permissions_equal(&some[i], &none));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_subjects_or_subjects_with_queues),
        cmocka_unit_test(a_long_item_is_refused_without_its_text),
        cmocka_unit_test(the_order_of_items_does_not_count),
        cmocka_unit_test(every_part_counts),
    };
    return cmocka_run_group_tests_name("permissions", tests, NULL, NULL);
}
