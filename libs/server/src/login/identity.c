#include "login/identity.h"

#include <natsd/memory.h>

#include "clients/client.h"

struct nserver__identity *nserver__identity_create(struct slice user)
{
    struct nserver__identity *identity = nb_zalloc(sizeof(*identity));

    identity->user = nb_slice_dup(user);
    return identity;
}

void nserver__identity_destroy(struct nserver__identity **identity)
{
    struct nserver__identity *i = *identity;

    if (i == NULL) {
        return;
    }
    nb_slice_free(&i->user);
    if (i->claims != NULL) {
        nauth_claims_fini(i->claims);
        nb_free(i->claims);
    }
    nb_free(i);
    *identity = NULL;
}

struct slice nserver__client_user(const struct nserver__client *c)
{
    const struct nproto_connect *connect = c->connect;

    if (c->identity != NULL) {
        return c->identity->user;
    }
    if (connect == NULL) {
        return (struct slice){0};
    }
    if (connect->nkey.n > 0) {
        return connect->nkey;
    }
    if (connect->user.n > 0) {
        return connect->user;
    }
    return connect->auth_token.n > 0 ? NB_SLICE("[REDACTED]") : (struct slice){0};
}
