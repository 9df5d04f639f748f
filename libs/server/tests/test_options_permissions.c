/* Permissions, nkeys and connection types of users, and the block that lets others decide. */
#include "options_fixture.h"

#include <natsd/connection_type.h>
#include <natsd/nkey.h>

#define USER_NKEY "UDK7TL55MPXHPK7UIDK6LB2S72OZVRJIIRKSOK7DFNQG3R2GNTJJ6UNK"
#define ACCOUNT_NKEY "AB3WI33M7VZAPNHQSVL554IPUDVS7GRG7XVJBA5WCFXNHRQGCZXMDNRF"

static void has_items(struct nauth_texts texts, const char *first, const char *second)
{
    const char *const wanted[] = {first, second};

    assert_int_equal(texts.count, (first != NULL) + (second != NULL));
    for (size_t i = 0; i < texts.count; i++) {
        assert_true(nb_slice_is(texts.items[i], wanted[i]));
    }
}

static void permissions_are_lists_or_maps_of_lists(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("authorization { users: [\n"
                  " {user: a, permissions: {publish: [a.>, 'b'], subscribe: 'c q.*'}}\n"
                  " {user: b, permission: {pub: {allow: d, deny: [e, f]}, sub: {deny: 'g h'}}}\n"
                  " {user: c, authorization: {import: [], export: {}}}, {user: d} ] }");

    has_items(o.users[0].permissions->publish_allow, "a.>", "b");
    has_items(o.users[0].permissions->publish_deny, NULL, NULL);
    has_items(o.users[0].permissions->subscribe_allow, "c q.*", NULL);
    has_items(o.users[1].permissions->publish_allow, "d", NULL);
    has_items(o.users[1].permissions->publish_deny, "e", "f");
    has_items(o.users[1].permissions->subscribe_deny, "g h", NULL);
    assert_true(nauth_permissions_are_empty(o.users[2].permissions));
    assert_null(o.users[3].permissions);
    nserver_options_fini(&o);
}

static void responses_have_defaults(void **state NB_UNUSED)
{
    static const struct {
        const char *text;
        bool is_there;
        int64_t max;
        int64_t ttl_ns;
    } cases[] = {
        {"true", true, 1, INT64_C(120000000000)},
        {"false", false, 0, 0},
        {"{}", true, 1, INT64_C(120000000000)},
        {"{max: 0, expires: '0s'}", true, 1, INT64_C(120000000000)},
        {"{max_msgs: 5, ttl: '1s'}", true, 5, INT64_C(1000000000)},
        {"{max_responses: -1, expiration: '-1s'}", true, -1, INT64_C(-1000000000)},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char text[200];
        struct nserver_options o;
        const struct nauth_permissions *p;

        snprintf(text, sizeof(text),
                 "authorization { users: [ {user: a, permissions: {allow_responses: %s}} ] }",
                 cases[i].text);
        o = read_good(text);
        p = o.users[0].permissions;
        assert_int_equal(p->has_responses, cases[i].is_there);
        if (cases[i].is_there) {
            assert_int_equal(p->responses_max, cases[i].max);
            assert_int_equal(p->responses_ttl_ns, cases[i].ttl_ns);
        }
        nserver_options_fini(&o);
    }
}

static void defaults_are_for_users_of_the_block_without_their_own(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("authorization { users: [ {user: a}, {user: b, permissions: {}} ]\n"
                  " default_permissions: {publish: d} }\n"
                  "accounts { A { default_permissions: {publish: e}, users: [ {user: c} ] }\n"
                  " B { users: [ {user: d} ] } }");

    has_items(o.users[0].permissions->publish_allow, "d", NULL);
    assert_true(nauth_permissions_are_empty(o.users[1].permissions));
    has_items(o.users[2].permissions->publish_allow, "e", NULL);
    assert_null(o.users[3].permissions);
    nserver_options_fini(&o);
}

static void faults_of_permissions_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
#define WITH(permissions) "authorization { users: [ {user: a, permissions: " permissions "} ] }"
    static const struct refusal cases[] = {
        {WITH("x"), "f.conf:1:35: Expected permissions to be a map/struct, got x\n"},
        {WITH("{foo: x}"), "f.conf:1:49: Unknown field \"foo\" parsing permissions\n"},
        {WITH("{publish: {allow: a..b, foo: b, deny: 6}, foo: 5}"),
         "f.conf:1:59: subject \"a..b\" is not a valid subject\n"
         "f.conf:1:72: Unknown field name \"foo\" parsing subject permissions, only 'allow' or "
         "'deny' are permitted\n"
         "f.conf:1:80: Expected subject permissions to be a subject, or array of subjects, got "
         "integer\n"
         "f.conf:1:90: Unknown field \"foo\" parsing permissions\n"},
        {WITH("{publish: [a..b, c..d]}"), "f.conf:1:49: subject \"a..b\" is not a valid subject\n"},
        {WITH("{publish: 'a b'}"), "f.conf:1:49: subject \"a b\" is not a valid subject\n"},
        {WITH("{subscribe: 'a .b.'}"), "f.conf:1:49: queue \".b.\" is not a valid queue\n"},
        {WITH("{allow_responses: x}"), "f.conf:1:49: error parsing response permissions, expected "
                                       "a boolean or a map\n"},
        {WITH("{allow_responses: {max: x, expires: 5, ttl: y}}"),
         "f.conf:1:67: expected integer, got string\n"
         "f.conf:1:75: error parsing expires, not a duration string\n"
         "f.conf:1:87: error parsing expires: time: invalid duration \"y\"\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

/* Users. */

static void users_may_be_nkeys_and_limited_to_connection_types(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("authorization { proxy_required: true, users: [ {nkey: " USER_NKEY "}\n"
                  " {user: a, proxy_required: true, connection_types: [mqtt, Standard]}\n"
                  " {user: b, clients: websocket}, {user: c, allowed_connection_types: []} ] }");

    assert_null(o.users[0].name);
    assert_string_equal(o.users[0].nkey, USER_NKEY);
    assert_string_equal(o.users[0].password, "");
    assert_true(o.users[1].proxy_required);
    assert_false(o.users[0].proxy_required);
    assert_true(o.proxy_required);
    assert_int_equal(o.users[1].connection_types,
                     NAUTH_CONNECTION_MQTT | NAUTH_CONNECTION_STANDARD);
    assert_int_equal(o.users[2].connection_types, NAUTH_CONNECTION_WEBSOCKET);
    assert_int_equal(o.users[3].connection_types, 0);
    nserver_options_fini(&o);
}

static void users_are_refused_with_the_text_of_the_reference(void **state NB_UNUSED)
{
#define USERS(users) "authorization { users: [ " users " ] }"
    static const struct refusal cases[] = {
        {USERS("{nkey: x}"), "f.conf:1:26: Not a valid public nkey for a user\n"},
        {USERS("{nkey: " ACCOUNT_NKEY "}"), "f.conf:1:26: Not a valid public nkey for a user\n"},
        {USERS("{nkey: " USER_NKEY ", user: a}, {pass: b}"),
         "f.conf:1:90: Nkey users do not take usernames or passwords\n"},
        {USERS("{nkey: " USER_NKEY ", pass: a}"),
         "f.conf:1:90: Nkey users do not take usernames or passwords\n"},
        {USERS("{nkey: " USER_NKEY "}, {nkey: " USER_NKEY "}"),
         "f.conf:1:0: Duplicate nkey \"" USER_NKEY "\" detected\n"},
        {USERS("{nkey: " USER_NKEY "}, {user: " USER_NKEY "}"),
         "f.conf:1:0: Duplicate nkey \"" USER_NKEY "\" detected\n"},
        {USERS("{user: a, clients: [X, standard, y]}"),
         "f.conf:1:35: invalid connection types [\"X\" \"Y\"]\n"},
        {USERS("{user: a, clients: [5 ]}"), "f.conf:1:45: error parsing allowed connection types: "
                                            "unsupported type in array integer\n"},
        {USERS("{user: a, clients: 5}"),
         "f.conf:1:35: error parsing allowed connection types: unsupported type integer\n"},
        {USERS("{user: a, proxy_required: 5}"), "f.conf:1:35: expected boolean, got integer\n"},
        // one whose permissions are at fault is a user all the same
        {USERS("{user: a, permissions: x}, {user: a}"),
         "f.conf:1:35: Expected permissions to be a map/struct, got x\n"
         "f.conf:1:0: Duplicate user \"a\" detected\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

/* auth_callout */

static void others_may_decide(void **state NB_UNUSED)
{
    struct nserver_options o =
        read_good("accounts { B {} }\n"
                  "authorization { auth_callout { issuer: " ACCOUNT_NKEY ", acc: A\n"
                  " users: [x, y], allowed_accounts: [B] } }");

    assert_true(o.auth_callout.is_set);
    assert_string_equal(o.auth_callout.issuer, ACCOUNT_NKEY);
    assert_string_equal(o.auth_callout.account, "A");
    assert_int_equal(o.auth_callout.auth_user_count, 2);
    assert_string_equal(o.auth_callout.auth_users[1], "y");
    assert_null(o.auth_callout.xkey);
    assert_int_equal(o.auth_callout.allowed_account_count, 1);
    nserver_options_fini(&o);
}

static void faults_of_a_callout_stand_where_the_reference_puts_them(void **state NB_UNUSED)
{
#define CALLOUT(keys) "authorization { auth_callout: " keys " }"
    static const struct refusal cases[] = {
        {CALLOUT("x"), "f.conf:1:16: Expected authorization callout to be a map/struct, got x\n"},
        {CALLOUT("{}"), "f.conf:1:16: Authorization callouts require an issuer to be specified\n"},
        {CALLOUT("{auth_users: [a]}"),
         "f.conf:1:31: Authorization callouts require an issuer to be specified\n"},
        {CALLOUT("{issuer: " ACCOUNT_NKEY "}"),
         "f.conf:1:31: Authorization callouts require authorized users to be specified\n"},
        {CALLOUT("{issuer: " ACCOUNT_NKEY ", auth_users: []}"),
         "f.conf:1:97: Authorization callouts require authorized users to be specified\n"},
        {CALLOUT("{issuer: '', auth_users: [a]}"),
         "f.conf:1:31: Expected callout user to be a valid public account nkey, got \"\"\n"},
        {CALLOUT("{auth_users: 5, allowed_accounts: 5, xkey: x, foo: 5}"),
         "f.conf:1:31: Expected auth_users field to be an array, got integer\n"
         "f.conf:1:46: Expected allowed accounts field to be an array, got integer\n"
         "f.conf:1:67: Expected callout xkey to be a valid public xkey, got \"x\"\n"
         "f.conf:1:76: Unknown field \"foo\" parsing authorization callout\n"},
        {CALLOUT("{foo: 5}"),
         "f.conf:1:31: Unknown field \"foo\" parsing authorization callout\n"
         "f.conf:1:31: Authorization callouts require an issuer to be specified\n"},
        {CALLOUT("{issuer: " ACCOUNT_NKEY ", auth_users: [a], allowed_accounts: [X, '$G']}"),
         "auth_callout allowed account \"X\" not found in configured accounts\n"
         "auth_callout allowed account \"$G\" not found in configured accounts\n"},
    };

    expect_refusals(cases, NB_ARRAY_LEN(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permissions_are_lists_or_maps_of_lists),
        cmocka_unit_test(responses_have_defaults),
        cmocka_unit_test(defaults_are_for_users_of_the_block_without_their_own),
        cmocka_unit_test(faults_of_permissions_stand_where_the_reference_puts_them),
        cmocka_unit_test(users_may_be_nkeys_and_limited_to_connection_types),
        cmocka_unit_test(users_are_refused_with_the_text_of_the_reference),
        cmocka_unit_test(others_may_decide),
        cmocka_unit_test(faults_of_a_callout_stand_where_the_reference_puts_them),
    };
    return cmocka_run_group_tests_name("options_permissions", tests, NULL, NULL);
}
