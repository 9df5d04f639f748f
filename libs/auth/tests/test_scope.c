#include "jwt_fixture.h"

static void assert_list(const struct nauth_texts *list, const char *want) // "a,b,c"
{
    struct nb_buf text;

    nb_buf_init(&text, 1024 * 1024);
    for (size_t i = 0; i < list->count; i++) {
        nb_buf_must_text(&text, i > 0 ? "," : "");
        nb_buf_must(&text, list->items[i]);
    }
    if (!nb_slice_is(nb_buf_slice(&text), want)) {
        fail_msg("got %.*s, want %s", NB_SLICE_ARGS(nb_buf_slice(&text)), want);
    }
    nb_buf_fini(&text);
}

static void the_scoped_user_of_the_specification_may_publish_to_its_name(void **state NB_UNUSED)
{
    struct nauth_claims account;
    struct nauth_claims user;
    struct nauth_permissions permissions;
    struct nb_diag diag = {""};
    struct nb_arena arena;

    nb_arena_init(&arena, 1024 * 1024);
    assert_int_equal(
        nauth_jwt_decode(nb_slice_of(JWT_SCOPED_ACCOUNT), NAUTH_CLAIMS_ACCOUNT, &account, NULL),
        NB_OK);
    assert_int_equal(nauth_jwt_decode(nb_slice_of(JWT_SCOPED_USER), NAUTH_CLAIMS_USER, &user, NULL),
                     NB_OK);
    assert_int_equal(nauth_scope_check_user(&account.account.signing_keys[0], &user, &diag), NB_OK);
    assert_int_equal(nauth_scope_permissions(&account.account.signing_keys[0], &user, &account,
                                             &arena, &permissions, &diag),
                     NB_OK);
    assert_list(&permissions.publish_allow, "foo.bob");
    assert_list(&permissions.subscribe_allow, "_INBOX.>");
    nb_arena_fini(&arena);
    nauth_claims_fini(&account);
    nauth_claims_fini(&user);
}

static void scoped_users_say_nothing_themselves(void **state NB_UNUSED)
{
    static const struct {
        const char *nats;
        const char *diag; // NULL: fine
    } cases[] = {
        {"", NULL},
        {"\"pub\":{},\"sub\":{},", NULL},
        {"\"pub\":{\"allow\":[]},", "scoped users require no permissions or limits set"},
        {"\"sub\":{\"deny\":[]},", "scoped users require no permissions or limits set"},
        {"\"resp\":{},", "scoped users require no permissions or limits set"},
        {"\"src\":[\"10.0.0.0/8\"],", "scoped users require no permissions or limits set"},
        {"\"times\":[{}],", "scoped users require no permissions or limits set"},
        {"\"times_location\":\"UTC\",", "scoped users require no permissions or limits set"},
        {"\"subs\":-1,", "scoped users require no permissions or limits set"},
        {"\"data\":1,", "scoped users require no permissions or limits set"},
        {"\"payload\":1,", "scoped users require no permissions or limits set"},
        {"\"bearer_token\":true,", "scoped users require no permissions or limits set"},
        {"\"proxy_required\":true,", "scoped users require no permissions or limits set"},
        {"\"allowed_connection_types\":[\"MQTT\"],",
         "scoped users require no permissions or limits set"},
    };
    struct nauth_signing_key scope = {.key = nb_slice_of(ASK_KEY), .is_scoped = true};
    struct nb_diag diag = {""};

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        char payload[1024];
        struct nauth_claims user;
        int rc;

        snprintf(payload, sizeof(payload),
                 "{\"iss\":\"" ASK_KEY "\",\"nats\":{%s\"type\":\"user\",\"version\":2}}",
                 cases[i].nats);
        user = claims_of(NAUTH_CLAIMS_USER, payload, ASK_SEED);
        rc = nauth_scope_check_user(&scope, &user, &diag);
        assert_int_equal(rc, cases[i].diag == NULL ? NB_OK : NB_EINVALID);
        if (rc < 0) {
            assert_string_equal(diag.text, cases[i].diag);
        }
        nauth_claims_fini(&user);
    }
    {
        struct nauth_claims user = claims_of(NAUTH_CLAIMS_USER, USER_OF(""), A_SEED);

        assert_int_equal(nauth_scope_check_user(&scope, &user, &diag), NB_EINVALID);
        assert_string_equal(diag.text, "issuer not the scoped signer");
        nauth_claims_fini(&user);
    }
}

static const struct slice user_tags[] = {
    {(const uint8_t *)"foo:foo1", 8}, {(const uint8_t *)"foo:foo2", 8},
    {(const uint8_t *)"bar:bar1", 8}, {(const uint8_t *)"bar:bar2", 8},
    {(const uint8_t *)"bar:bar3", 8}, {(const uint8_t *)"bad:a b", 7},
    {(const uint8_t *)"wild:>", 6},   {(const uint8_t *)"foo", 3},
};
static const struct slice account_tags[] = {{(const uint8_t *)"foo:acc", 7}};

struct template_case {
    const char *allow[3];
    const char *deny[3];
    const char *want_allow;
    const char *want_deny;
    const char *diag; // NULL: fine
};

static size_t fill(const char *const texts[3], struct slice items[3])
{
    size_t count = 0;

    for (; count < 3 && texts[count] != NULL; count++) {
        items[count] = nb_slice_of(texts[count]);
    }
    return count;
}

static void check_template(const struct template_case *one)
{
    struct slice allow[3];
    struct slice deny[3];
    const struct nauth_claims user = {
        .kind = NAUTH_CLAIMS_USER,
        .name = NB_SLICE("bob"),
        .subject = NB_SLICE(U_KEY),
        .tags = {user_tags, NB_ARRAY_LEN(user_tags)},
        .user = {.issuer_account = NB_SLICE(A_KEY)},
    };
    const struct nauth_claims account = {
        .kind = NAUTH_CLAIMS_ACCOUNT, .name = NB_SLICE("acme"), .tags = {account_tags, 1}};
    struct nauth_signing_key scope = {.is_scoped = true};
    struct nauth_permissions permissions;
    struct nb_diag diag = {""};
    struct nb_arena arena;
    int rc;

    scope.scope.permissions.subscribe_allow = (struct nauth_texts){allow, fill(one->allow, allow)};
    scope.scope.permissions.subscribe_deny = (struct nauth_texts){deny, fill(one->deny, deny)};
    nb_arena_init(&arena, 16 * 1024 * 1024);
    rc = nauth_scope_permissions(&scope, &user, &account, &arena, &permissions, &diag);
    assert_int_equal(rc < 0, one->diag != NULL);
    if (rc == NB_OK) {
        assert_list(&permissions.subscribe_allow, one->want_allow);
        assert_list(&permissions.subscribe_deny, one->want_deny);
    } else {
        assert_string_equal(diag.text, one->diag);
    }
    nb_arena_fini(&arena);
}

static void templates_are_expanded(void **state NB_UNUSED)
{
    static const struct template_case cases[] = {
        {.allow = {"a", "b c"}, .want_allow = "a,b c", .want_deny = ""},
        {.allow = {"{{tag(foo)}}.none.{{tag(bar)}}"},
         .want_allow = "foo1.none.bar1,foo1.none.bar2,foo1.none.bar3,"
                       "foo2.none.bar1,foo2.none.bar2,foo2.none.bar3",
         .want_deny = ""},
        {.allow = {"{{ NAME() }}", "{{Account-Name()}}.x", "KV_{{tag(FOO)}}"},
         .want_allow = "bob,acme.x,KV_foo1,KV_foo2",
         .want_deny = ""},
        {.allow = {"{{subject()}}", "{{account-subject()}}", "{{account-tag(foo)}}"},
         .want_allow = U_KEY "," A_KEY ",acc",
         .want_deny = ""},
        {.deny = {"{{name()}}.>"}, .want_allow = "", .want_deny = "bob.>"},
        {.allow = {"x", "{{tag(none)}}"}, .want_allow = "x", .want_deny = ""},
        {.allow = {"{{tag(none)}}"}, .want_allow = "", .want_deny = ">"},
        {.allow = {"{{tag(none)}}"}, .deny = {"d"}, .want_allow = "", .want_deny = "d,>"},
        {.allow = {"{{tag(bad)}}", "{{tag(wild)}}"}, .want_allow = ">", .want_deny = ""},
        {.deny = {"{{tag(none)}}"}, .diag = "generated invalid subject \"{{tag(none)}}\""},
        {.deny = {"{{tag(bad)}}"}, .diag = "generated invalid subject \"a b\""},
        {.allow = {"{{nope()}}"}, .diag = "template operation \"nope()\" is not defined"},
        {.deny = {"{{name}}"}, .diag = "template operation \"name\" is not defined"},
        {.allow = {"{{}}"}, .want_allow = "{{}}", .want_deny = ""},
        {.allow = {"{{a}b}}", "{{name()"}, .want_allow = "{{a}b}},{{name()", .want_deny = ""},
        {.allow = {"{{{{name()}}"}, .diag = "template operation \"{{name()\" is not defined"},
        {.allow = {"{{tag(bar)}}.{{tag(bar)}}.{{tag(bar)}}.{{tag(bar)}}.{{tag(bar)}}.{{tag(bar)}}."
                   "{{tag(bar)}}.{{tag(bar)}}"}, // 6561
         .diag = "template expansion exceeds limit: 4096"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(cases); i++) {
        check_template(&cases[i]);
    }
}

static void revocations_are_inclusive(void **state NB_UNUSED)
{
    const struct nauth_revocation items[] = {{NB_SLICE(U_KEY), 100}, {NB_SLICE("*"), 50}};
    const struct nauth_revocations all = {items, 2};
    const struct nauth_revocations one = {items, 1};

    assert_true(nauth_is_revoked(&all, NB_SLICE(U_KEY), 100));
    assert_false(nauth_is_revoked(&all, NB_SLICE(U_KEY), 101));
    assert_true(nauth_is_revoked(&all, NB_SLICE(A_KEY), 50));
    assert_false(nauth_is_revoked(&all, NB_SLICE(A_KEY), 51));
    assert_false(nauth_is_revoked(&one, NB_SLICE(A_KEY), 1));
}

static void activations_have_a_name(void **state NB_UNUSED)
{
    static const struct {
        const char *subject;
        const char *cut;
    } same[] = {{"foo.*.bar", "foo"}, {"foo.>", "foo"}, {">", "_"}, {"*.x", "_"}};
    struct nauth_claims claims;
    struct nb_buf id;
    struct nb_buf other;

    nb_buf_init(&id, 100);
    nb_buf_init(&other, 100);
    assert_int_equal(
        nauth_jwt_decode(nb_slice_of(JWT_ACTIVATION), NAUTH_CLAIMS_ACTIVATION, &claims, NULL),
        NB_OK);
    assert_int_equal(nauth_activation_hash_id(&claims, &id), NB_OK);
    assert_true(
        nb_slice_is(nb_buf_slice(&id), "TYJOBAMWFZ4N5UIKHVHI57F45S5NT6227FBY6AYMWCQLNBVJGBHQ===="));
    for (size_t i = 0; i < NB_ARRAY_LEN(same); i++) {
        nb_buf_clear(&id);
        nb_buf_clear(&other);
        claims.activation.subject = nb_slice_of(same[i].subject);
        assert_int_equal(nauth_activation_hash_id(&claims, &id), NB_OK);
        claims.activation.subject = nb_slice_of(same[i].cut);
        assert_int_equal(nauth_activation_hash_id(&claims, &other), NB_OK);
        assert_true(nb_slice_equal(nb_buf_slice(&id), nb_buf_slice(&other)));
    }
    claims.activation.subject.n = 0;
    assert_int_equal(nauth_activation_hash_id(&claims, &id), NB_EINVALID);
    nauth_claims_fini(&claims);
    nb_buf_fini(&id);
    nb_buf_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scoped_user_of_the_specification_may_publish_to_its_name),
        cmocka_unit_test(scoped_users_say_nothing_themselves),
        cmocka_unit_test(templates_are_expanded),
        cmocka_unit_test(revocations_are_inclusive),
        cmocka_unit_test(activations_have_a_name),
    };
    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
