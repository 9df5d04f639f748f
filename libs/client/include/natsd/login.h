/* natsd/login.h - what a client needs to say to a server first, for programs that drive the
 * protocol by themselves.
 *
 * A login is made of the same options as a client (natsd/client.h): the list of servers and the
 * credentials. For each server it has the address, and for each INFO the CONNECT that answers it.
 *
 * Threads:   [any], read-only once made, unless tagged.
 * Ownership: options are copied; secrets are wiped in the end.
 * Spec:      01 sections 1.5, 3, 4.
 */
#pragma once

#include <natsd/client.h>
#include <natsd/info.h>
#include <natsd/tls.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nclient_login;

// Errors as those of nclient_connect(): for options that make no sense.
NB_MUST_USE int nclient_login_create(const struct nclient_opts *opts, struct nclient_login **out,
                                     struct nb_diag *diag);
void nclient_login_destroy(struct nclient_login **login);

// Borrowed, as long as the login lives.
struct nclient_login_server {
    const char *host;
    uint16_t port;
    const char *label;    // "nats://host:port", without secrets
    const char *tls_name; // to be verified
    bool wants_tls;       // even when the server does not require it
};

size_t nclient_login_server_count(const struct nclient_login *login); // in the order given
void nclient_login_server(const struct nclient_login *login, size_t index,
                          struct nclient_login_server *out);
bool nclient_login_is_tls_first(const struct nclient_login *login); // the handshake before INFO

// A client's TLS context of the options' files, read here: [pool]. For nnet_tls_context_unref().
NB_MUST_USE int nclient_login_load_tls(const struct nclient_login *login,
                                       struct nnet_tls_context **out, struct nb_diag *diag);

// Appends "CONNECT {...}\r\nPING\r\n", the answer to the first INFO of this server. The text has
// secrets: nb_buf_wipe_fini(). NB_EUNSUPPORTED when the server takes no nkeys, NB_ECRYPTO,
// NB_ELIMIT.
NB_MUST_USE int nclient_login_write(const struct nclient_login *login, size_t index,
                                    const struct nproto_info *info, bool has_tls,
                                    struct nb_buf *out, struct nb_diag *diag);

// What an INFO of this server tells, copied.
void nclient_login_describe(const struct nclient_login *login, size_t index,
                            const struct nproto_info *info, bool has_tls,
                            struct nclient_server_info *out);

#ifdef __cplusplus
}
#endif
