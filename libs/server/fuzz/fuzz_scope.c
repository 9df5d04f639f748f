/* A user that a scoped key has signed, with any claims, and a scope with any templates: who is let in
 * has a bounded number of permissions, each of which can be asked about, and the same again.
 *
 * The input is the claims of an account, with such a key, up to a NUL, and then those of its user;
 * both are signed here.
 */
#include <natsd/memory.h>
#include <natsd/subject.h>

#include <assert.h>

#include "login/login.h"
#include "sign_claims.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    SUBJECTS_MAX = 4096, // that a template becomes
    ROOM_BYTES = 1024 * 1024,
};

static bool read(struct slice claims, enum nauth_claims_kind kind, enum nauth_nkey_type type,
                 struct nauth_claims *out)
{
    struct nauth_nkey signer = sign_key(type, 1);
    struct nb_buf token;
    int rc;

    nb_buf_init(&token, ROOM_BYTES);
    sign_claims(claims, &signer, &token);
    rc = nauth_jwt_decode(nb_buf_slice(&token), kind, out, NULL);
    nb_buf_fini(&token);
    return rc == NB_OK;
}

static void check_list(const struct nauth_texts *list, const struct nauth_texts *template)
{
    // One more may be the ">" that stands for an allow list of which nothing is left.
    assert(list->count <= SUBJECTS_MAX + template->count + 1);
}

static void check_rules(const struct nauth_permissions *permissions)
{
    struct nauth_rules *rules = nauth_rules_create(permissions);
    const struct nauth_texts *denied = &permissions->publish_deny;

    assert(nauth_permissions_equal(permissions, permissions));
    for (size_t i = 0; i < denied->count && i < 16; i++) {
        if (nsub_subject_is_valid_publish(denied->items[i])) {
            assert(!nauth_rules_may_publish(rules, denied->items[i]));
        }
    }
    (void)nauth_rules_may_subscribe(rules, NB_SLICE("a.b"), NB_SLICE("q"));
    (void)nauth_rules_overlap_deny(rules, NB_SLICE("*.>"), NB_SLICE("q"));
    (void)nauth_rules_may_receive(rules, NB_SLICE("a.b"), NB_SLICE("q"));
    nauth_rules_unref(rules);
}

static void check_user(const struct nauth_signing_key *scope, const struct nauth_claims *user,
                       const struct nauth_claims *account)
{
    const struct nauth_permissions *template = &scope->scope.permissions;
    struct nauth_permissions made;
    struct nauth_permissions again;
    struct nb_arena arena;
    struct nb_arena other;
    int rc;

    nb_arena_init(&arena, NSERVER__LOGIN_ARENA_MAX_BYTES);
    nb_arena_init(&other, NSERVER__LOGIN_ARENA_MAX_BYTES);
    rc = nauth_scope_permissions(scope, user, account, &arena, &made, NULL);
    assert(nauth_scope_permissions(scope, user, account, &other, &again, NULL) == rc);
    if (rc == NB_OK) {
        assert(nauth_permissions_equal(&made, &again));
        check_list(&made.publish_allow, &template->publish_allow);
        check_list(&made.publish_deny, &template->publish_deny);
        check_list(&made.subscribe_allow, &template->subscribe_allow);
        check_list(&made.subscribe_deny, &template->subscribe_deny);
        check_rules(&made);
    }
    nb_arena_fini(&arena);
    nb_arena_fini(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t cut = nul != NULL ? (size_t)(nul - data) : size;
    struct nauth_claims account = {0};
    struct nauth_claims user = {0};

    if (nul == NULL || size > ROOM_BYTES / 8) {
        return 0;
    }
    if (read(nb_slice_make(data, cut), NAUTH_CLAIMS_ACCOUNT, NAUTH_NKEY_OPERATOR, &account) &&
        read(nb_slice_make(nul + 1, size - cut - 1), NAUTH_CLAIMS_USER, NAUTH_NKEY_ACCOUNT,
             &user)) {
        for (size_t i = 0; i < account.account.signing_key_count && i < 4; i++) {
            const struct nauth_signing_key *key = &account.account.signing_keys[i];
            int rc = nauth_scope_check_user(key, &user, NULL);

            if (rc == NB_OK && key->is_scoped) {
                check_user(key, &user, &account);
            }
        }
    }
    nauth_claims_fini(&user);
    nauth_claims_fini(&account);
    return 0;
}
