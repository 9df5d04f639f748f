/* Who may enter, accounts, and mappings, as a configuration says it. */
#include "options_fixture.h"

/* authorization */

static void a_single_user_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("authorization { user: a, pass: b, timeout: 1.5 }");
    struct nserver_options other = read_good("authorization { USERNAME: a, password: b }");

    assert_true(o.has_authorization);
    assert_string_equal(o.username, "a");
    assert_string_equal(o.password, "b");
    assert_true(o.auth_timeout_s == 1.5);
    assert_null(o.token);
    assert_int_equal(o.user_count, 0);
    assert_string_equal(other.username, "a");
    assert_string_equal(other.password, "b");
    nserver_options_fini(&o);
    nserver_options_fini(&other);
}

static void a_token_is_taken(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("authorization { token: t, timeout: '3s' }");

    assert_string_equal(o.token, "t");
    assert_true(o.auth_timeout_s == 3.0);
    nserver_options_fini(&o);
}

static void an_empty_block_still_is_one(void **state NB_UNUSED)
{
    struct nserver_options with = read_good("authorization {}");
    struct nserver_options without = read_good("debug: on");

    assert_true(with.has_authorization);
    assert_false(without.has_authorization);
    nserver_options_fini(&with);
    nserver_options_fini(&without);
}

static void users_are_taken_in_their_order(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("authorization { users: [ {user: a, pass: b}\n"
                                         "{username: c, password: '$2a$11$x'}, {user: d} ] }");

    assert_int_equal(o.user_count, 3);
    assert_string_equal(o.users[0].name, "a");
    assert_string_equal(o.users[0].password, "b");
    assert_null(o.users[0].account);
    assert_string_equal(o.users[1].name, "c");
    assert_string_equal(o.users[1].password, "$2a$11$x");
    assert_string_equal(o.users[2].password, "");
    nserver_options_fini(&o);
}

static void a_long_timeout_is_warned_of(void **state NB_UNUSED)
{
    static const struct {
        const char *value;
        const char *shown;
        const char *seconds;
    } cases[] = {
        {"61", "61", "61.000000"},
        {"1m", "1000000", "1000000.000000"},
        {"'2m'", "2m", "120.000000"},
        {"60.5", "60.5", "60.500000"},
        {"123456789.25", "1.2345678925e+08", "123456789.250000"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[128];
        char want[512];
        struct outcome out;

        snprintf(text, sizeof(text), "authorization { timeout: %s }", cases[i].value);
        snprintf(want, sizeof(want),
                 "f.conf:1:16: invalid use of field \"timeout\": timeout of %s (%s seconds) is "
                 "high, consider keeping it under 60 seconds. possibly caused by unquoted "
                 "duration; use '1m' instead of 1m, for example\n",
                 cases[i].shown, cases[i].seconds);
        out = read_config(text);
        assert_int_equal(out.rc, NB_OK);
        assert_string_equal(out.warnings, want);
        outcome_fini(&out);
    }
}

static void faults_of_authorization_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"authorization { nonsense: 1 }", "f.conf:1:16: unknown field \"nonsense\"\n"},
        {"authorization { user: 5, pass: b, token: c }",
         "f.conf:1:16: expected string, got integer\n"},
        {"authorization { timeout: on }",
         "f.conf:1:16: error parsing authorization config, 'timeout' wrong type\n"},
        {"authorization { TIMEOUT: x }", "f.conf:1:16: error parsing authorization config, "
                                         "'timeout' time: invalid duration \"x\"\n"},
        {"authorization { users: x }", "f.conf:1:16: Expected users field to be an array, got x\n"},
        {"authorization { users: {a: b} }",
         "f.conf:1:16: Expected users field to be an array, got map[a:b]\n"},
        {"authorization { users: [ x, {user: a}, 5 ] }",
         "f.conf:1:25: Expected user entry to be a map/struct, got x\n"
         "f.conf:1:39: Expected user entry to be a map/struct, got 5\n"},
        {"authorization { users: [ {user: a, foo: 1, bar: 2} ] }",
         "f.conf:1:35: unknown field \"foo\"\nf.conf:1:43: unknown field \"bar\"\n"},
        // At the last key, and the rest of the list is not looked at.
        {"authorization { users: [ {pass: x}, {user: b}, 5 ] }",
         "f.conf:1:26: User entry requires a user\n"},
        {"authorization { users: [ {user: '', pass: x} ] }",
         "f.conf:1:36: User entry requires a user\n"},
        {"authorization { users: [ {} ] }", "f.conf:1:27: User entry requires a user\n"},
        // At the block, and only the first.
        {"\nauthorization { users: [ {user: a}, {user: a}, {user: b}, {user: b} ] }",
         "f.conf:2:1: Duplicate user \"a\" detected\n"},
        {"authorization { users: [ {user: a, foo: 1}, {user: a} ] }",
         "f.conf:1:35: unknown field \"foo\"\nf.conf:1:0: Duplicate user \"a\" detected\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void one_way_to_authenticate_excludes_the_others(void **state NB_UNUSED)
{
    static const char both[] = "f.conf:1:0: Cannot have a user/pass and token\n";
    static const char user[] = "f.conf:1:0: Can not have a single user/pass and a users array\n";
    static const char token[] = "f.conf:1:0: Can not have a token and a users array\n";
    static const struct refusal cases[] = {
        {"authorization { user: a, pass: b, token: c }", both},
        {"authorization { pass: b, token: c }", both},
        {"authorization { user: a, token: c, users: [] }", both},
        {"authorization { user: a, users: [] }", user},
        {"authorization { users: [ {user: b} ], user: a }", user},
        {"authorization { token: t, users: [] }", token},
        {"authorization { user: a, users: [ {user: b}, {user: b} ] }", user},
    };
    static const char *const good[] = {
        "authorization { user: '', users: [] }",
        "authorization { pass: x, users: [] }",
        "authorization { user: '', token: t }",
        "authorization { user: a, token: '' }",
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
    expect_good(good, NB_ARRAY_LEN(good));
}

/* accounts */

static void accounts_have_users_and_mappings(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("accounts { A { users: [ {user: u, pass: p} ], mappings { x: y } }, b {} }");

    assert_int_equal(o.account_count, 2);
    assert_string_equal(o.accounts[0].name, "A");
    assert_int_equal(o.accounts[0].mapping_count, 1);
    assert_string_equal(o.accounts[0].mappings[0].source, "x");
    assert_string_equal(o.accounts[1].name, "b");
    assert_int_equal(o.user_count, 1);
    assert_string_equal(o.users[0].account, "A");
    assert_false(o.has_authorization);
    nserver_options_fini(&o);
}

static void accounts_may_be_names_alone(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("accounts = [A, B]");
    struct nserver_options none = read_good("accounts: 5"); // as the reference has it

    assert_int_equal(o.account_count, 2);
    assert_string_equal(o.accounts[1].name, "B");
    assert_int_equal(none.account_count, 0);
    nserver_options_fini(&o);
    nserver_options_fini(&none);
}

static void a_variable_is_no_account(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("accounts { U = [ {user: a} ], ONE { users: $U } }");

    assert_int_equal(o.account_count, 1);
    assert_string_equal(o.accounts[0].name, "ONE");
    assert_string_equal(o.users[0].account, "ONE");
    nserver_options_fini(&o);
}

static void faults_of_accounts_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"accounts = [foo, \"$G\"]", "f.conf:1:18: \"$G\" is a Reserved Account\n"},
        {"accounts = [foo, bar, foo]", "f.conf:1:22: Duplicate Account Entry: foo\n"},
        {"accounts = [ 5 ]", "f.conf:1:13: expected string, got integer\n"},
        {"accounts { $G {} }", "f.conf:1:11: \"$G\" is a Reserved Account\n"},
        {"accounts { $G: 5 }", "f.conf:1:11: Expected map entries for accounts\n"},
        {"accounts { A: x }", "f.conf:1:11: Expected map entries for accounts\n"},
        {"accounts { A { foo: 5 } }", "f.conf:1:15: unknown field \"foo\"\n"},
        {"accounts { A { users: x } }",
         "f.conf:1:15: Expected users field to be an array, got x\n"},
        {"accounts { A { users: [{user: a}, {user: a}, {user: b}, {user: b}] } }",
         "f.conf:1:15: Duplicate user \"a\" detected\n"
         "f.conf:1:15: Duplicate user \"b\" detected\n"},
        {"accounts { A { users: [{user: a}] }, B { users: [{user: a}] } }",
         "f.conf:1:41: Duplicate user \"a\" detected\n"},
        {"accounts { A { users: [{user: a}] } }\nauthorization { users: [{user: a}] }",
         "f.conf:2:1: Duplicate user \"a\" detected\n"},
        {"authorization { users: [{user: a}] }\naccounts { A { users: [{user: a}] } }",
         "f.conf:2:16: Duplicate user \"a\" detected\n"},
        {"accounts { A { users: [{user: x}] } }\nauthorization { user: a }",
         "f.conf:2:1: Can not have a single user/pass and a users array\n"},
        {"authorization { user: a }\naccounts { A { users: [{user: x}] } }",
         "f.conf:2:16: Can not have a single user/pass and accounts\n"},
        {"authorization { user: a }\naccounts { A { users: [{user: x}, {user: x}] } }",
         "f.conf:2:16: Can not have a single user/pass and accounts\n"},
        {"authorization { token: a }\naccounts { A { users: [{user: x}] } }",
         "f.conf:2:16: Can not have a token and accounts\n"},
    };
    static const char *const good[] = {
        "accounts { A { users: [] } }\nauthorization { token: x }",
        "authorization { user: x }\naccounts { A { users: [] } }",
        "accounts { A {}, a {} }",
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
    expect_good(good, NB_ARRAY_LEN(good));
}

/* mappings */

static void mappings_have_one_destination_or_several(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("mappings { a.*: 'b.$1', c: { dest: d, weight: 5 }\n"
                  "e: [ {destination: f, weight: '50%'}, {dest: g, weight: 20, cluster: C} ] }");
    const struct nserver_mapping *m = o.mappings;

    assert_int_equal(o.mapping_count, 3);
    assert_string_equal(m[0].source, "a.*");
    assert_int_equal(m[0].dest_count, 1);
    assert_string_equal(m[0].dests[0].subject, "b.$1");
    assert_int_equal(m[0].dests[0].weight, 100);
    assert_int_equal(m[1].dests[0].weight, 5);
    assert_int_equal(m[2].dest_count, 2);
    assert_string_equal(m[2].dests[0].subject, "f");
    assert_int_equal(m[2].dests[0].weight, 50);
    assert_null(m[2].dests[0].cluster);
    assert_string_equal(m[2].dests[1].cluster, "C");
    nserver_options_fini(&o);
}

static void a_destination_without_a_subject_is_left_out(void **state NB_UNUSED)
{
    struct nserver_options o = read_good("mappings { a: {weight: 5}, b: [{weight: 5}], c: [] }");

    assert_int_equal(o.mapping_count, 0);
    nserver_options_fini(&o);
}

static void faults_of_mappings_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
    static const struct refusal cases[] = {
        {"mappings { a: 5 }", "f.conf:1:11: Expected an entry for the mapping destination\n"},
        {"mappings { a: [x] }", "f.conf:1:15: Expected an entry for the mapping destination\n"},
        {"mappings { a: [{dest: b}] }",
         "f.conf:1:24: Missing weight for mapping destination \"b\"\n"},
        {"mappings { 'a..b': c }", "f.conf:1:0: Subject \"a..b\" is not a valid subject\n"},
        {"accounts { A { maps: { '': c } } }",
         "f.conf:1:15: Subject \"\" is not a valid subject\n"},
        {"mappings { a: 'b c' }",
         "f.conf:1:11: Error adding mapping for \"a\" to \"b c\" : invalid "
         "mapping destination: invalid transform\n"},
        {"mappings { a: [{dest: b, weight: x}] }",
         "f.conf:1:25: Invalid weight \"x\" for mapping destination\n"},
        {"mappings { a: [{dest: b, weight: '%'}] }",
         "f.conf:1:25: Invalid weight \"\" for mapping destination\n"},
        {"mappings { a: [{dest: b, weight: 101}] }",
         "f.conf:1:25: Invalid weight 101 for mapping destination\n"},
        {"mappings { a: [{dest: b, weight: '-1%'}] }",
         "f.conf:1:25: Invalid weight -1 for mapping destination\n"},
        {"mappings { a: [{dest: b, weight: 1.5}] }",
         "f.conf:1:25: Unknown entry type for weight of 1.5\n"},
        {"mappings { a: [{dest: b, weight: 50, foo: 1}] }",
         "f.conf:1:37: Unknown field \"foo\" for mapping destination\n"},
        {"mappings { a: [{dest: b, weight: 50, cluster: 5}] }",
         "f.conf:1:48: expected string, got integer\n"},
        {"mappings { a: [{dest: b, weight: 60}, 5, {dest: c, weight: 60}] }",
         "f.conf:1:38: Expected an entry for the mapping destination\n"
         "f.conf:1:11: Error adding mapping for \"a\" : total weight needs to be <= 100\n"},
        {"mappings { a: [{dest: b, weight: 40}, {dest: b, weight: 40}] }",
         "f.conf:1:11: Error adding mapping for \"a\" : duplicate entry for \"b\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

static void many_users_are_read_in_good_time(void **state NB_UNUSED)
{
    enum { USERS = 20000 };
    struct nb_buf text;
    struct nserver_options o;

    nb_buf_init(&text, 16 * 1024 * 1024);
    nb_buf_must_text(&text, "authorization { users: [\n");
    for (int i = 0; i < USERS; i++) {
        nb_buf_must_format(&text, "{user: u%d, pass: p}\n", i);
    }
    nb_buf_must_text(&text, "] }");
    nb_buf_must(&text, nb_slice_make("", 1));
    o = read_good((const char *)nb_buf_slice(&text).p);
    assert_int_equal(o.user_count, USERS);
    nserver_options_fini(&o);
    nb_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_user_is_taken),
        cmocka_unit_test(a_token_is_taken),
        cmocka_unit_test(an_empty_block_still_is_one),
        cmocka_unit_test(users_are_taken_in_their_order),
        cmocka_unit_test(a_long_timeout_is_warned_of),
        cmocka_unit_test(faults_of_authorization_stand_where_the_reference_puts_them),
        cmocka_unit_test(one_way_to_authenticate_excludes_the_others),
        cmocka_unit_test(accounts_have_users_and_mappings),
        cmocka_unit_test(accounts_may_be_names_alone),
        cmocka_unit_test(a_variable_is_no_account),
        cmocka_unit_test(faults_of_accounts_stand_where_the_reference_puts_them),
        cmocka_unit_test(mappings_have_one_destination_or_several),
        cmocka_unit_test(a_destination_without_a_subject_is_left_out),
        cmocka_unit_test(faults_of_mappings_stand_where_the_reference_puts_them),
        cmocka_unit_test(many_users_are_read_in_good_time),
    };
    return cmocka_run_group_tests_name("options_users", tests, NULL, NULL);
}
