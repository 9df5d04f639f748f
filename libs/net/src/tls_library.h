/* tls_library.h - libssl, loaded when the first TLS configuration is made.
 *
 * It brings the C++ library and others with it: half a megabyte of relocations and a megabyte
 * of code that the linker walks through at each start, a third of what an idle server has in
 * memory. A server without TLS needs none of it. So libssl isn't linked; what is called of it
 * stands in a table (tls_library.def), and a call that is missing there doesn't link. libcrypto
 * is linked as ever.
 *
 * Where libssl is a static library there is nothing to load: the table is filled from the start.
 * Threads: load [any]; the table is read by whoever has a configuration, so after it was loaded.
 */
#pragma once

#include <natsd/error.h>

#include <openssl/ssl.h>

struct nnet__ssl {
#define NNET__SSL_CALL(name) __typeof__(name) *name;
#include "tls_library.def"
#undef NNET__SSL_CALL
};

extern struct nnet__ssl nnet__ssl; // written once, by the first load

// NB_EIO: it is not there, or lacks something; diag has the reason. May be tried again.
NB_MUST_USE int nnet__ssl_load(struct nb_diag *diag);
