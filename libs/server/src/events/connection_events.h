/* connection_events.h - connections that come and go, and how many an account has, told in the
 * system account (spec 04 sections 6.3, 6.4 and 6.7).
 *
 * Nothing is done but a look-up when nobody listens. The worker of the connection writes what only
 * it may read; the control worker publishes one event after the other, so that their numbers rise.
 */
#pragma once

#include <natsd/json_writer.h>

struct nserver;
struct nserver__account_stat;
struct nserver__client;

// [owner of the client] It was let in.
void nserver__tell_connect(const struct nserver__client *c);
// [owner of the client] It was closed, and has left its account if it was counted there.
void nserver__tell_disconnect(const struct nserver__client *c, bool was_counted);

// [control] With a system account only: accounts that have connections are told of now and then.
void nserver__account_counts_start(struct nserver *server);
void nserver__account_counts_stop(struct nserver *server);

// [control] The event about an account.
void nserver__write_account_connections(struct nserver *server,
                                        const struct nserver__account_stat *stat,
                                        struct nb_json_writer *w);
