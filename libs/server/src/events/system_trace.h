/* system_trace.h - what the server itself does in the system account, in the log: with
 * trace_verbose only. Threads: [any worker], [control].
 */
#pragma once

#include <natsd/slice.h>

struct nserver;
struct nproto_msg;

void nserver__trace_system_subs(struct nserver *server);
void nserver__trace_system_publish(const struct nserver *server, const struct nproto_msg *msg);
