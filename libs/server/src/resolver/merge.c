#include "resolver/merge.h"

#include <assert.h>

#include <natsd/jwt.h>
#include <natsd/quote.h>

#include "resolver/token_file.h"

enum {
    SHOWN_MAX_BYTES = 64, // of a line that is no entry
};

static void refuse_line(struct slice line, struct nb_diag *diag)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, 6 * SHOWN_MAX_BYTES + 2); // no character needs more than "\u1234"
    rc = nb_quote(nb_slice_sub(line, 0, SHOWN_MAX_BYTES), &text);
    assert(rc == NB_OK);
    nb_diag_set(diag, "line in package didn't contain 2 entries: %.*s",
                NB_SLICE_ARGS(nb_buf_slice(&text)));
    nb_buf_fini(&text);
}

static int split(struct slice line, struct nserver__pack_entry *entry, struct nb_diag *diag)
{
    size_t n = nb_slice_find_byte(line, '|');
    struct slice token = nb_slice_sub(line, n + 1, line.n);

    if (n == line.n || nb_slice_find_byte(token, '|') < token.n) {
        refuse_line(line, diag);
        return NB_EMALFORMED;
    }
    entry->key = nb_slice_sub(line, 0, n);
    entry->token = token;
    if (!nserver__token_file_is_key(entry->key)) {
        nb_diag_set(diag, "key to merge is not a valid public account key");
        return NB_EINVALID;
    }
    if (token.n == 0) {
        nb_diag_set(diag, "the JWT to merge is empty");
        return NB_EMALFORMED;
    }
    return NB_OK;
}

bool nserver__pack_take(struct slice *message, struct nserver__pack_entry *entry, int *rc,
                        struct nb_diag *diag)
{
    struct slice line;

    while (nb_slice_take_field(message, '\n', &line)) {
        if (nb_slice_trim(line).n > 0) {
            *rc = split(line, entry, diag);
            return true;
        }
    }
    return false;
}

int nserver__merge_judge(struct slice key, struct slice old, struct slice token, bool *is_newer,
                         struct nb_diag *diag)
{
    struct nauth_claims old_claims = {0};
    struct nauth_claims claims = {0};
    int rc = nauth_jwt_decode(token, NAUTH_CLAIMS_GENERIC, &claims, diag);

    if (rc != NB_OK) {
        return rc;
    }
    if (!nb_slice_equal(claims.subject, key)) {
        nb_diag_set(diag, "subject does not match jwt content");
        rc = NB_EINVALID;
    } else if (old.n == 0 ||
               nauth_jwt_decode(old, NAUTH_CLAIMS_GENERIC, &old_claims, NULL) != NB_OK) {
        *is_newer = true;
    } else {
        *is_newer =
            !nb_slice_equal(old_claims.id, claims.id) && old_claims.issued_at <= claims.issued_at;
    }
    nauth_claims_fini(&old_claims);
    nauth_claims_fini(&claims);
    return rc;
}

int64_t nserver__token_expiry(struct slice token)
{
    struct nauth_claims claims = {0};
    int64_t expires;

    if (nauth_jwt_decode(token, NAUTH_CLAIMS_GENERIC, &claims, NULL) != NB_OK) {
        return 0;
    }
    expires = claims.expires;
    nauth_claims_fini(&claims);
    return expires;
}
