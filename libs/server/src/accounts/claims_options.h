/* claims_options.h - an account that came as a JWT, in the form of a configured one (spec 03 section
 * 14.3). Threads: [any].
 */
#pragma once

#include <natsd/account_options.h>
#include <natsd/claims.h>

struct nserver_option_memory;

// Everything it points to is in `memory`.
struct nserver_account_options nserver__options_of_claims(const struct nauth_claims *claims,
                                                          struct nserver_option_memory *memory);
