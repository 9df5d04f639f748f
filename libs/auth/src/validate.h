/* validate.h - what the rules of spec 03 section 5 for different kinds of claims share. Each adds
 * to the issues. Threads: [any].
 */
#pragma once

#include "issues.h"

#include <natsd/nkey.h>

void nauth__validate_times(const struct nauth_claims *claims, int64_t now_unix_s,
                           struct nauth_issues *issues);
void nauth__validate_subject(struct slice subject, struct nauth_issues *issues);
void nauth__validate_permissions(const struct nauth_permissions *permissions,
                                 struct nauth_issues *issues);
void nauth__validate_activation(const struct nauth_activation_claims *activation,
                                struct nauth_issues *issues);
void nauth__validate_account(const struct nauth_claims *claims, struct nauth_issues *issues);
void nauth__validate_shares(const struct nauth_claims *account, struct nauth_issues *issues);
void nauth__validate_info(struct slice description, struct slice info_url,
                          struct nauth_issues *issues);

struct nauth__url {
    struct slice scheme, authority, path; // the path with what is behind it
};

// False without a scheme.
bool nauth__url_split(struct slice text, struct nauth__url *out);
