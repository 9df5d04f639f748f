#include <natsd/creds.h>

// OUTSIDE --BEGIN--> JWT or SEED --its one line--> ENDING --END--> OUTSIDE
enum creds_state { CREDS_OUTSIDE, CREDS_JWT, CREDS_SEED, CREDS_ENDING };

static int take_body(struct slice line, struct slice *body)
{
    if (line.n == 0 || body->n != 0) { // an empty block, or a second one of its kind
        return NB_EMALFORMED;
    }
    *body = nb_slice_dup(line);
    return NB_OK;
}

static int on_line(enum creds_state *state, struct slice line, struct nauth_creds *creds)
{
    switch (*state) {
    case CREDS_OUTSIDE: // anything else between blocks is for people
        if (nb_slice_starts(line, "-----BEGIN NATS USER JWT-----")) {
            *state = CREDS_JWT;
        } else if (nb_slice_starts(line, "-----BEGIN USER NKEY SEED-----")) {
            *state = CREDS_SEED;
        }
        return NB_OK;
    case CREDS_JWT:
        *state = CREDS_ENDING;
        return take_body(line, &creds->jwt);
    case CREDS_SEED:
        *state = CREDS_ENDING;
        return take_body(line, &creds->seed);
    case CREDS_ENDING:
        *state = CREDS_OUTSIDE;
        return nb_slice_wrapped(line, "------END ", "------") ? NB_OK : NB_EMALFORMED;
    }
    NB_UNREACHABLE("creds state");
}

int nauth_creds_parse(struct slice text, struct nauth_creds *out)
{
    int rc = text.n <= NAUTH_CREDS_TEXT_MAX_BYTES ? NB_OK : NB_ELIMIT;
    enum creds_state state = CREDS_OUTSIDE;
    struct nauth_creds creds = {0};
    struct slice line;

    while (rc == NB_OK && nb_slice_take_line(&text, &line)) {
        rc = on_line(&state, line, &creds);
    }
    if (rc == NB_OK && (state != CREDS_OUTSIDE || creds.jwt.n == 0 || creds.seed.n == 0)) {
        rc = NB_EMALFORMED; // cut short, or a block is missing
    }
    if (rc != NB_OK) {
        goto fail;
    }
    *out = creds;
    return NB_OK;

fail:
    nauth_creds_fini(&creds); // the seed may have been copied already
    return rc;
}
