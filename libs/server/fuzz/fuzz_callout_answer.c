/* What a service says of a user who wants to enter. An answer from any bytes is refused with a reason,
 * or it is of a service that is trusted, about the user who was asked about.
 *
 * No fuzzer finds a signature: unless the first byte says that the rest is the answer as it is,
 * it is the claims of one, up to a NUL, and then those of a user, whose JWT takes the place of
 * "@" in the first. Both are signed by the service.
 */
#include <natsd/memory.h>
#include <natsd/xkey.h>

#include <assert.h>

#include "clients/client.h"
#include "login/callout_answer.h"
#include "sign_claims.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    AS_IT_IS = 'r',
    SEALED = 's',
    OPERATOR_MODE = 'o', // otherwise an issuer is configured
    ROOM_BYTES = 1024 * 1024,
};

#define USER_KEY "UASUHOJP6EEVKEKHNLOIG2O3NXOJGNTFUEMXRXNBIBHOCBTMVFKZ3BWH"

// The answer's JWT, with the user's in it.
static void make_answer(struct slice input, const struct nauth_nkey *signer, struct nb_buf *out)
{
    const uint8_t *nul = input.n > 0 ? memchr(input.p, 0, input.n) : NULL;
    size_t cut = nul != NULL ? (size_t)(nul - input.p) : input.n;
    struct slice answer = nb_slice_sub(input, 0, cut);
    const uint8_t *mark = cut > 0 ? memchr(answer.p, '@', cut) : NULL;
    struct nb_buf claims;

    if (nul == NULL || mark == NULL) {
        sign_claims(answer, signer, out);
        return;
    }
    sign_claims(nb_slice_sub(input, cut + 1, input.n), signer, out);
    nb_buf_init(&claims, ROOM_BYTES);
    nb_buf_must(&claims, nb_slice_sub(answer, 0, (size_t)(mark - answer.p)));
    nb_buf_must(&claims, nb_buf_slice(out));
    nb_buf_must(&claims, nb_slice_sub(answer, (size_t)(mark - answer.p) + 1, cut));
    sign_claims(nb_buf_slice(&claims), signer, out);
    nb_buf_fini(&claims);
}

static void check(const struct nserver__callout_terms *terms,
                  const struct nserver__callout_answer *answer, struct slice signer, int rc)
{
    if (rc != NB_OK) {
        assert(rc == NB_EINVALID && answer->reason.n > 0);
        assert(answer->reason.p[0] < 'a' || answer->reason.p[0] > 'z');
        return;
    }
    assert(answer->user != NULL && answer->reason.n == 0);
    assert(nb_slice_equal(answer->user->subject, terms->user_key));
    if (terms->issuer.n > 0) {
        assert(nb_slice_equal(answer->user->issuer, signer));
        assert(nb_slice_equal(answer->account, answer->user->audience));
    } else {
        assert(nb_slice_equal(answer->account, terms->account->name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct nserver server;
    static struct nserver__client client;
    char issuer[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1] = "";
    char xkey[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1] = "";
    struct nauth_nkey signer = sign_key(NAUTH_NKEY_ACCOUNT, 1);
    struct nserver__account *account;
    struct nserver__login login = {.c = &client, .connect = NULL};
    struct nserver__callout_terms terms = {.user_key = NB_SLICE(USER_KEY)};
    struct nserver__callout_answer answer;
    struct slice payload = nb_slice_make(data, size);
    struct nb_buf token;
    int rc;

    if (size == 0 || size > ROOM_BYTES / 8) {
        return 0;
    }
    client.server = &server;
    server.key = sign_key(NAUTH_NKEY_SERVER, 3);
    nauth_nkey_public_text(&server.key, server.id);
    server.curve = sign_key(NAUTH_NKEY_CURVE, 2);
    nauth_nkey_public_text(&server.curve, xkey);
    nauth_nkey_public_text(&signer, issuer);
    account = nserver__account_create(nb_slice_of(issuer), 1, false);
    terms.account = account;
    terms.issuer = data[0] == OPERATOR_MODE ? (struct slice){0} : nb_slice_of(issuer);
    terms.xkey = data[0] == SEALED ? nb_slice_of(xkey) : (struct slice){0};
    payload = nb_slice_sub(payload, 1, size);
    nb_buf_init(&token, 2 * ROOM_BYTES);
    if (data[0] != AS_IT_IS && data[0] != SEALED) {
        make_answer(payload, &signer, &token);
        payload = nb_buf_slice(&token);
    }
    rc = nserver__callout_read(&login, &terms, payload, &answer);
    check(&terms, &answer, nb_slice_of(issuer), rc);
    nserver__callout_answer_fini(&answer);
    nb_buf_fini(&token);
    nserver__account_destroy(&account);
    return 0;
}
