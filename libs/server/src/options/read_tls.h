/* read_tls.h - the parts of reading a tls block. Each returns false when it found a fault; the block
 * as a whole is judged when there is none.
 */
#pragma once

#include "options/reading.h"

typedef bool (*nserver__tls_reader_fn)(struct reading *r, const struct nconf_value *value,
                                       struct nserver_tls_options *tls);

// read_tls_files.c: certificates, keys, authorities.
bool nserver__read_tls_cert_file(struct reading *r, const struct nconf_value *value,
                                 struct nserver_tls_options *tls);
bool nserver__read_tls_key_file(struct reading *r, const struct nconf_value *value,
                                struct nserver_tls_options *tls);
bool nserver__read_tls_ca_file(struct reading *r, const struct nconf_value *value,
                               struct nserver_tls_options *tls);
bool nserver__read_tls_certs(struct reading *r, const struct nconf_value *value,
                             struct nserver_tls_options *tls);
// Do they go together, and is what they name there?
bool nserver__check_tls_files(struct reading *r, const struct nconf_value *block,
                              const struct nserver_tls_options *tls);

// read_tls_choices.c: what a handshake may agree on.
bool nserver__read_tls_ciphers(struct reading *r, const struct nconf_value *value,
                               struct nserver_tls_options *tls);
bool nserver__read_tls_curves(struct reading *r, const struct nconf_value *value,
                              struct nserver_tls_options *tls);
bool nserver__read_tls_min_version(struct reading *r, const struct nconf_value *value,
                                   struct nserver_tls_options *tls);
bool nserver__read_tls_pins(struct reading *r, const struct nconf_value *value,
                            struct nserver_tls_options *tls);
// Insecure ciphers only with permission.
bool nserver__check_tls_ciphers(struct reading *r, const struct nconf_value *block,
                                const struct nserver_tls_options *tls);

// read_tls_store.c: keys of the certificate store of another operating system.
bool nserver__read_tls_cert_store(struct reading *r, const struct nconf_value *value,
                                  struct nserver_tls_options *tls);
bool nserver__read_tls_cert_match_by(struct reading *r, const struct nconf_value *value,
                                     struct nserver_tls_options *tls);
bool nserver__read_tls_cert_match(struct reading *r, const struct nconf_value *value,
                                  struct nserver_tls_options *tls);
bool nserver__read_tls_ca_certs_match(struct reading *r, const struct nconf_value *value,
                                      struct nserver_tls_options *tls);
bool nserver__read_tls_skip_invalid(struct reading *r, const struct nconf_value *value,
                                    struct nserver_tls_options *tls);
