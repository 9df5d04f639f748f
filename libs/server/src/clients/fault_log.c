#include "clients/fault_log.h"

#include <natsd/quote.h>

#include "clients/client.h"

enum {
    SNIPPET_MAX_BYTES = 32, // of unknown input
    ARGUMENT_MAX_BYTES = 512,
    ESCAPE_MAX_BYTES = 10, // \UNNNNNNNN
};

static void log_argument(const struct nserver__client *c, struct slice argument)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, ESCAPE_MAX_BYTES * (ARGUMENT_MAX_BYTES + 1));
    if (nb_quote(nb_slice_sub(argument, 0, ARGUMENT_MAX_BYTES), &quoted) == NB_OK) {
        nserver__client_log(c, NB_LOG_ERROR, "%s: %.*s", nproto_parser_fault_text(&c->parser),
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
}

static void log_snippet(const struct nserver__client *c, struct slice input)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, ESCAPE_MAX_BYTES * SNIPPET_MAX_BYTES);
    if (nb_quote_inner(nb_slice_sub(input, 0, SNIPPET_MAX_BYTES), &quoted) == NB_OK) {
        nserver__client_log(c, NB_LOG_ERROR, "Client parser ERROR: proto='%.*s...'",
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
}

void nserver__client_log_fault(const struct nserver__client *c, enum nproto_fault fault,
                               const struct nproto_msg *msg, struct slice input)
{
    switch (fault) {
    case NPROTO_FAULT_OPERATION:
        log_snippet(c, input);
        return;
    case NPROTO_FAULT_ARGUMENTS:
        log_argument(c, msg->arg);
        return;
    case NPROTO_FAULT_HEADERS:
        nserver__client_log(c, NB_LOG_ERROR, "%s", nproto_parser_fault_text(&c->parser));
        return;
    case NPROTO_FAULT_PAYLOAD:
        nserver__client_log(c, NB_LOG_ERROR, "maximum payload exceeded: %llu vs %u",
                            (unsigned long long)msg->payload_size, c->parser.payload_max);
        return;
    case NPROTO_FAULT_CONTROL_LINE:
    case NPROTO_FAULT_NONE:
        return; // the -ERR says it all
    }
    NB_UNREACHABLE("protocol fault");
}
