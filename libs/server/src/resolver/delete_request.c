#include "resolver/delete_request.h"

#include <natsd/json_reader.h>
#include <natsd/jwt.h>
#include <natsd/memory.h>

#include "accounts/operators.h"
#include "resolver/token_file.h"

enum {
    READ_MAX_BYTES = 16 * NAUTH_JWT_MAX_BYTES, // of memory: "nats" as a tree
};

static int refuse(struct nb_diag *diag, const char *why)
{
    nb_diag_set(diag, "%s", why);
    return NB_EINVALID;
}

static int add_key(struct nserver__delete_request *request, const struct nb_json_value *value,
                   struct slice system, struct nb_diag *diag)
{
    if (value->type != NB_JSON_STRING || !nserver__token_file_is_key(value->text)) {
        return refuse(diag, "malformed request");
    }
    if (nb_slice_equal(value->text, system)) {
        return refuse(diag, "not allowed to delete system account");
    }
    request->keys[request->count++] = nb_slice_dup(value->text);
    return NB_OK;
}

static int read_keys(struct nserver__delete_request *request, struct slice json,
                     struct slice system, struct nb_diag *diag)
{
    struct nb_json_doc doc = {0};
    const struct nb_json_value *accounts;
    size_t count = 0;
    int rc = NB_OK;

    if (nb_json_parse(json, READ_MAX_BYTES, &doc, NULL) != NB_OK) {
        return refuse(diag, "malformed request");
    }
    accounts = nb_json_get(doc.root, "accounts");
    if (accounts == NULL || accounts->type != NB_JSON_ARRAY) {
        nb_json_doc_fini(&doc);
        return refuse(diag, "malformed request");
    }
    for (const struct nb_json_value *value = accounts->first; value != NULL; value = value->next) {
        count++;
    }
    request->keys = nb_calloc(count + 1, sizeof(*request->keys));
    for (const struct nb_json_value *value = accounts->first; rc == NB_OK && value != NULL;
         value = value->next) {
        rc = add_key(request, value, system, diag);
    }
    nb_json_doc_fini(&doc);
    return rc;
}

static void drop_keys(struct nserver__delete_request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        nb_slice_free(&request->keys[i]);
    }
    nb_free(request->keys);
    request->keys = NULL;
    request->count = 0;
}

int nserver__delete_request_read(struct slice token, const struct nserver__operators *operators,
                                 struct slice system, struct nserver__delete_request *out,
                                 struct nb_diag *diag)
{
    struct nauth_claims claims = {0};
    int rc;

    *out = (struct nserver__delete_request){0};
    rc = nauth_jwt_decode(token, NAUTH_CLAIMS_GENERIC, &claims, diag);
    if (rc != NB_OK) {
        return rc;
    }
    out->subject = nb_slice_dup(claims.subject);
    if (!nb_slice_equal(claims.subject, claims.issuer)) {
        rc = refuse(diag, "not self signed");
    } else if (nserver__operators_trust(operators, claims.subject) == NULL) {
        rc = refuse(diag, "not trusted");
    } else {
        rc = read_keys(out, claims.generic, system, diag);
    }
    if (rc != NB_OK) {
        drop_keys(out);
    }
    nauth_claims_fini(&claims);
    return rc;
}

void nserver__delete_request_fini(struct nserver__delete_request *request)
{
    drop_keys(request);
    nb_slice_free(&request->subject);
}
