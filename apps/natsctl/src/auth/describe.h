/* describe.h - claims for people, and as JSON for programs. Threads: [main]. */
#pragma once

#include "cli.h"

#include <natsd/claims.h>

// A token on standard output: its claims as they were read, or with --json the JSON they came from.
void describe_token(const struct cli *cli, const struct nauth_claims *claims, struct slice text);
// The payload as it is in the token, with an indent.
void describe_json(struct slice token);
void describe_limits(const struct cli *cli, const struct nauth_signing_key *key);
void describe_export(const struct cli *cli, const struct nauth_export_claims *export);
void describe_import(const struct cli *cli, const struct nauth_import_claims *import);
// "7", "unlimited".
void describe_limit(int64_t limit, struct nb_buf *out);
const char *describe_kind(enum nauth_claims_kind kind);
