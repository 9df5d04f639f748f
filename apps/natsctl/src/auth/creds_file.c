#include "auth/creds_file.h"

#include "auth/private_file.h"

#define BEFORE "-----BEGIN NATS USER JWT-----\n"
#define BETWEEN                                                         \
    "\n------END NATS USER JWT------\n"                                 \
    "\n"                                                                \
    "************************* IMPORTANT *************************\n"   \
    "NKEY Seed printed below can be used to sign and prove identity.\n" \
    "NKEYs are sensitive and should be treated as secrets.\n"           \
    "\n"                                                                \
    "-----BEGIN USER NKEY SEED-----\n"
#define AFTER                            \
    "\n------END USER NKEY SEED------\n" \
    "\n"                                 \
    "*************************************************************\n"

struct slice creds_text(struct slice jwt, const struct nauth_nkey *user)
{
    char seed[NAUTH_NKEY_SEED_TEXT_BYTES + 1];
    struct nb_buf text;
    uint8_t *room;
    size_t size = jwt.n + sizeof(BEFORE) + sizeof(BETWEEN) + sizeof(AFTER) + sizeof(seed);

    nb_buf_init(&text, size);
    if (nb_buf_reserve(&text, size, &room) != NB_OK) { // growing would leave copies
        NB_UNREACHABLE("room for creds");
    }
    nauth_nkey_seed_text(user, seed);
    nb_buf_must_text(&text, BEFORE);
    nb_buf_must(&text, jwt);
    nb_buf_must_text(&text, BETWEEN);
    nb_buf_must_text(&text, seed);
    nb_buf_must_text(&text, AFTER);
    nb_wipe(seed, sizeof(seed));
    return nb_buf_take(&text);
}

int creds_write(struct auth_session *session, const char *path, struct slice jwt, bool is_forced)
{
    struct nauth_nkey key = {.has_seed = false};
    struct nb_diag diag = {""};
    struct nauth_claims user;
    struct slice text;
    int code = EXIT_CODE_OK;
    int rc = nauth_jwt_decode(jwt, NAUTH_CLAIMS_USER, &user, &diag);

    if (rc == NB_OK) {
        rc = auth_store_find_key(&session->store, user.subject, &key, &diag);
        nauth_claims_fini(&user);
    }
    if (rc != NB_OK) {
        return cli_fail_with(session->cli,
                             rc == NB_ENOTFOUND ? EXIT_CODE_NOT_FOUND : EXIT_CODE_FAILED,
                             "no creds without the user's seed: %s", diag.text);
    }
    text = creds_text(jwt, &key);
    rc = private_file_write(path, text, is_forced ? PRIVATE_FILE_REPLACE : PRIVATE_FILE_NEW, &diag);
    if (rc != NB_OK) {
        code = cli_fail(session->cli, "%s%s", diag.text,
                        rc == NB_EEXISTS ? "; --force puts the new one in its place" : "");
    }
    nb_slice_wipe_free(&text);
    nauth_nkey_fini(&key);
    return code;
}
