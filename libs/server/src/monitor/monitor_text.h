/* monitor_text.h - members that monitoring, services and events write alike (spec 04 sections 1 and
 * 4).
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/json_writer.h>

void nserver__write_time(struct nb_json_writer *w, const char *key, struct nb_wall time); // UTC
void nserver__write_uptime(struct nb_json_writer *w, const char *key, int64_t ns);
void nserver__write_duration(struct nb_json_writer *w, const char *key, int64_t ns);

struct nauth_texts;
struct nserver_options;

// "key":["a","b"], or nothing for an empty list.
void nserver__write_texts(struct nb_json_writer *w, const char *key,
                          const struct nauth_texts *texts);
// "key":{"msgs":1,"bytes":2}
void nserver__write_amount(struct nb_json_writer *w, const char *key, uint64_t msgs,
                           uint64_t bytes);
// "key":{"clients":1,"routes":0,...}: there are only clients so far.
void nserver__write_kinds(struct nb_json_writer *w, const char *key, uint64_t clients);
// The server's tags and metadata, if it has any.
void nserver__write_labels(struct nb_json_writer *w, const struct nserver_options *opts);
void nserver__write_feature_flags(struct nb_json_writer *w, const struct nserver_options *opts);
// Not the one that a server with operators makes for want of another.
void nserver__write_system_account(struct nb_json_writer *w, const struct nserver_options *opts);
