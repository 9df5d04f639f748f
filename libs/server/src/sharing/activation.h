/* activation.h - does the token of an import activate it? (spec 03 section 14.6) Threads: [control]. */
#pragma once

#include <natsd/account_options.h>

#include <stdbool.h>

struct nserver__account;
struct nserver__terms;

// `import` is one of `importer`'s, which came as a JWT. *expires (Unix seconds, 0: never) is when it
// ends; set only when it holds.
bool nserver__activation_holds(const struct nserver__terms *importer,
                               const struct nserver__terms *exporter,
                               const struct nserver_export *export,
                               const struct nserver_import *import, int64_t *expires);
// May a key sign in the name of the account: for users, and for activations?
bool nserver__terms_may_issue(const struct nserver__terms *terms, struct slice key);
