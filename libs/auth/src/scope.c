#include <natsd/claims.h>

static int refuse(struct nb_diag *diag, const char *why)
{
    nb_diag_set(diag, "%s", why);
    return NB_EINVALID;
}

static bool says_nothing(const struct nauth_user_limits *limits)
{
    return !limits->has_any_list && nauth_permissions_are_empty(&limits->permissions) &&
           limits->src.count == 0 && limits->time_count == 0 && limits->times_location.n == 0 &&
           limits->subs == 0 && limits->data == 0 && limits->payload == 0 &&
           !limits->bearer_token && !limits->proxy_required && limits->connection_types.count == 0;
}

int nauth_scope_check_user(const struct nauth_signing_key *scope, const struct nauth_claims *user,
                           struct nb_diag *diag)
{
    if (user->kind != NAUTH_CLAIMS_USER || !nb_slice_equal(user->issuer, scope->key)) {
        return refuse(diag, "issuer not the scoped signer");
    }
    if (!says_nothing(&user->user.limits)) {
        return refuse(diag, "scoped users require no permissions or limits set");
    }
    return NB_OK;
}
