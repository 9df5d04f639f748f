/* claims_write.h - claims to the JSON of a token's payload (spec 03 section 4), with the keys in
 * the order in which the reference writes them. Threads: [any].
 */
#pragma once

#include <natsd/claims.h>
#include <natsd/json_writer.h>

// The standard claims, which are what the id is made of (section 3.3): without "nats", and with
// the id only when it isn't empty. The caller opens and closes the object.
void nauth__write_standard(struct nb_json_writer *w, const struct nauth_claims *claims);
// "nats" of every kind but the generic one.
void nauth__write_nats(struct nb_json_writer *w, const struct nauth_claims *claims,
                       int64_t version);
void nauth__write_account(struct nb_json_writer *w, const struct nauth_account_claims *account);
void nauth__write_auth_request(struct nb_json_writer *w,
                               const struct nauth_auth_request_claims *request);

// Parts.
void nauth__write_texts(struct nb_json_writer *w, const char *key, const struct nauth_texts *texts);
void nauth__write_permissions(struct nb_json_writer *w,
                              const struct nauth_permissions *permissions);
void nauth__write_user_limits(struct nb_json_writer *w, const struct nauth_user_limits *limits,
                              bool is_template);
