#include "events/system_trace.h"

#include <natsd/parser.h>

#include "events/services.h"
#include "lifecycle/state.h"
#include "sharing/inner_sub.h"

static bool is_traced(const struct nserver *server)
{
    return nb_log_is_on(server->log, NB_LOG_TRACE) &&
           nserver_choice_is(nserver__config(server)->opts.trace_verbose, false);
}

void nserver__trace_system_subs(struct nserver *server)
{
    const struct nserver__services *s = server->services;

    for (size_t i = 0; is_traced(server) && i < s->sub_count; i++) {
        nb_log(server->log, NB_LOG_TRACE, "SYSTEM - <<- [SUB %.*s  %zu]",
               NB_SLICE_ARGS(s->subs[i]->sub.index.subject), i + 1);
    }
}

void nserver__trace_system_publish(const struct nserver *server, const struct nproto_msg *msg)
{
    if (is_traced(server)) {
        nb_log(server->log, NB_LOG_TRACE, "SYSTEM - <<- [PUB %.*s %.*s %zu]",
               NB_SLICE_ARGS(msg->subject), NB_SLICE_ARGS(msg->reply), msg->payload.n);
    }
}
