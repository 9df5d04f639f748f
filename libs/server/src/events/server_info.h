/* server_info.h - who tells: the server in events and answers (spec 04 sections 4.4 and 4.8).
 * Threads: [any].
 */
#pragma once

#include <natsd/clock.h>
#include <natsd/json_writer.h>

struct nserver;

// The object, and it as the member "server".
void nserver__write_server_info(struct nserver *server, struct nb_json_writer *w);
void nserver__put_server_info(struct nserver *server, struct nb_json_writer *w);
// The members "type", "id" and "timestamp", which come first in every event.
void nserver__put_event_head(struct nb_json_writer *w, const char *type);
void nserver__put_event_head_at(struct nb_json_writer *w, const char *type, struct nb_wall at);
