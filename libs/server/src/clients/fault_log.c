#include "clients/fault_log.h"

#include <natsd/number.h>
#include <natsd/quote.h>

#include "clients/client.h"

enum {
    SNIPPET_MAX_BYTES = 32, // of unknown input
    QUOTED_MAX_BYTES = 512, // of an argument
    ARGS_MAX = 4,           // of any operation
};

struct args {
    struct slice items[ARGS_MAX];
    size_t count; // also those that had no place
};

static struct args split(struct slice rest)
{
    struct args args = {0};

    while (rest.n > 0) {
        size_t n = 0;

        while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\t') {
            n++;
        }
        if (n > 0 && args.count++ < ARGS_MAX) {
            args.items[args.count - 1] = nb_slice_sub(rest, 0, n);
        }
        rest = nb_slice_sub(rest, n + 1, rest.n);
    }
    return args;
}

static bool is_size(struct slice text)
{
    uint64_t value;

    return text.n <= NPROTO_SIZE_DIGITS_MAX && nb_parse_u64(text, UINT64_MAX, &value) == NB_OK;
}

static const char *hpub_fault(const struct args *args)
{
    if (args->count < 3 || args->count > 4) {
        return "processHeaderPub Parse Error";
    }
    if (!is_size(args->items[args->count - 2])) {
        return "processHeaderPub Bad or Missing Header Size";
    }
    if (!is_size(args->items[args->count - 1])) {
        return "processHeaderPub Bad or Missing Total Size";
    }
    return "processHeaderPub Header Size larger then TotalSize";
}

static const char *argument_fault(const struct nproto_msg *msg)
{
    struct args args = split(msg->arg);

    switch (msg->op) {
    case NPROTO_OP_PUB:
        return args.count < 2 || args.count > 3 ? "processPub Parse Error"
                                                : "processPub Bad or Missing Size";
    case NPROTO_OP_HPUB:
        return hpub_fault(&args);
    case NPROTO_OP_SUB:
        return "processSub Parse Error";
    case NPROTO_OP_UNSUB:
        return "processUnsub Parse Error";
    case NPROTO_OP_NONE:
    case NPROTO_OP_GATE:
    case NPROTO_OP_CONNECT:
    case NPROTO_OP_INFO:
    case NPROTO_OP_PING:
    case NPROTO_OP_PONG:
    case NPROTO_OP_OK:
    case NPROTO_OP_ERR:
    case NPROTO_OP_MSG:
    case NPROTO_OP_HMSG:
        break;
    }
    return "Parse Error";
}

static void log_quoted(const struct nserver__client *c, const char *what, struct slice text)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, 10 * QUOTED_MAX_BYTES);
    if (nb_quote(nb_slice_sub(text, 0, QUOTED_MAX_BYTES), &quoted) == NB_OK) {
        nserver__client_log(c, NB_LOG_ERROR, "%s: %.*s", what,
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
}

static void log_snippet(const struct nserver__client *c, struct slice input)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, 10 * SNIPPET_MAX_BYTES);
    if (nb_quote_inner(nb_slice_sub(input, 0, SNIPPET_MAX_BYTES), &quoted) == NB_OK) {
        nserver__client_log(c, NB_LOG_ERROR, "Client parser ERROR: proto='%.*s...'",
                            NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    }
    nb_buf_fini(&quoted);
}

void nserver__client_log_fault(const struct nserver__client *c, enum nproto_fault fault,
                               const struct nproto_msg *msg, struct slice input)
{
    struct args args;

    switch (fault) {
    case NPROTO_FAULT_OPERATION:
        log_snippet(c, input);
        return;
    case NPROTO_FAULT_ARGUMENTS:
        log_quoted(c, argument_fault(msg), msg->arg);
        return;
    case NPROTO_FAULT_HEADERS:
        nserver__client_log(c, NB_LOG_ERROR, "message headers not supported");
        return;
    case NPROTO_FAULT_PAYLOAD:
        args = split(msg->arg);
        if (args.count > 0 && args.count <= ARGS_MAX) {
            nserver__client_log(c, NB_LOG_ERROR, "maximum payload exceeded: %.*s vs %u",
                                NB_SLICE_ARGS(args.items[args.count - 1]), c->parser.payload_max);
        }
        return;
    case NPROTO_FAULT_CONTROL_LINE:
    case NPROTO_FAULT_NONE:
        return; // the -ERR says it all
    }
    NB_UNREACHABLE("protocol fault");
}
