// A client proves who it is: it signs the server's nonce with its seed, the server verifies.
#include <natsd/base64.h>
#include <natsd/nkey.h>

#include <stdio.h>

int main(void)
{
    const struct slice nonce = NB_SLICE("dGVzdC1ub25jZS0");
    uint8_t signature[NAUTH_NKEY_SIGNATURE_BYTES];
    char public_text[NAUTH_NKEY_PUBLIC_TEXT_BYTES + 1] = "";
    struct nauth_nkey client = {0};
    struct nauth_nkey known = {0};
    struct nb_buf sig;
    int rc = nauth_nkey_create(NAUTH_NKEY_USER, &client);

    nb_buf_init(&sig, 128);
    if (rc == NB_OK) {
        nauth_nkey_public_text(&client, public_text); // "U...", what the server is told
        rc = nauth_nkey_sign(&client, nonce, signature);
    }
    if (rc == NB_OK) { // as it stands in CONNECT
        rc = nauth_base64url_encode(nb_slice_make(signature, sizeof(signature)), &sig);
    }
    if (rc == NB_OK) {
        rc = nauth_nkey_parse_public(nb_slice_of(public_text), &known, NULL);
    }
    if (rc == NB_OK) {
        rc = nauth_nkey_verify(&known, nonce, nb_slice_make(signature, sizeof(signature)));
    }
    printf("%s sig=%.*s: %s\n", public_text, NB_SLICE_ARGS(nb_buf_slice(&sig)), nb_error_text(rc));
    nb_buf_fini(&sig);
    nauth_nkey_fini(&client);
    return rc == NB_OK ? 0 : 1;
}
