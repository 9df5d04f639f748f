/* reload_log.h - what a reload changes, one line in the log for each (spec 02 section 11.2). */
#pragma once

#include "lifecycle/state.h"

// In the order in which the reference applies changes. `surplus` is how many connections have to
// go because of max_connections.
void nserver__log_changes(const struct nb_logger *log, const struct nserver__config *was,
                          const struct nserver__config *is, int64_t surplus);
// Parts of it: of users and accounts, of resolvers, of proxies.
void nserver__log_auth_changes(const struct nb_logger *log, const struct nserver_options *was,
                               const struct nserver_options *is);
void nserver__log_resolver_changes(const struct nb_logger *log, const struct nserver_options *was,
                                   const struct nserver_options *is);
void nserver__log_proxy_changes(const struct nb_logger *log, const struct nserver_options *was,
                                const struct nserver_options *is);

// Of blocks (reload_log_blocks.c).
void nserver__log_cluster_change(const struct nb_logger *log, const struct nserver_options *was,
                                 const struct nserver_options *is);
void nserver__log_route_change(const struct nb_logger *log, const struct nserver_options *was,
                               const struct nserver_options *is);
void nserver__log_leaf_changes(const struct nb_logger *log, const struct nserver_options *was,
                               const struct nserver_options *is);
void nserver__log_jetstream_changes(const struct nb_logger *log, const struct nserver_options *was,
                                    const struct nserver_options *is);
void nserver__log_mqtt_change(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is);
void nserver__log_ocsp_change(const struct nb_logger *log, const struct nserver_options *was,
                              const struct nserver_options *is);
void nserver__log_ocsp_cache_change(const struct nb_logger *log, const struct nserver_options *was,
                                    const struct nserver_options *is);
