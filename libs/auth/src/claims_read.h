/* claims_read.h - the part of a token behind the frame: JSON to claims (spec 03 section 4).
 * Threads: [any].
 */
#pragma once

#include <natsd/claims.h>

#include "json_fields.h"

// What decides how the rest is read.
struct nauth__claims_head {
    struct slice kind;
    int64_t version;
};

int nauth__claims_read_head(struct nauth__reader *reader, const struct nb_json_value *payload,
                            struct nauth__claims_head *head);
// Sets all but kind and version, which *claims has; its union is zeroed.
int nauth__claims_read(struct nauth__reader *reader, const struct nb_json_value *payload,
                       struct nauth_claims *claims);

// Kind by kind: "nats", which may be there more than once.
int nauth__read_user(struct nauth__reader *reader, const struct nb_json_value *value, void *out);
int nauth__read_account(struct nauth__reader *reader, const struct nb_json_value *value, void *out);
int nauth__read_auth_request(struct nauth__reader *reader, const struct nb_json_value *value,
                             void *out);

// Parts that several kinds have.
int nauth__read_user_limits(struct nauth__reader *reader, const struct nb_json_value *value,
                            struct nauth_user_limits *limits);
int nauth__read_permissions(struct nauth__reader *reader, const struct nb_json_value *value,
                            void *out);
