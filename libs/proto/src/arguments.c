#include "arguments.h"

#include "verb.h"

static bool separates(uint8_t byte, bool at_cr)
{
    return byte == ' ' || byte == '\t' || (at_cr && byte == '\r');
}

void nproto__split(struct slice arg, bool at_cr, struct nproto__tokens *out)
{
    size_t i = 0;

    out->base = arg.p;
    out->count = 0;
    while (out->count <= NPROTO__TOKENS_MAX) {
        size_t start;

        while (i < arg.n && separates(arg.p[i], at_cr)) {
            i++;
        }
        if (i == arg.n) {
            return;
        }
        start = i;
        while (i < arg.n && !separates(arg.p[i], at_cr)) {
            i++;
        }
        if (out->count < NPROTO__TOKENS_MAX) {
            out->at[out->count] = nproto__span(start, i - start);
        }
        out->count++;
    }
}

static const char *pub_fault_text(enum nproto__argument_fault why)
{
    return why == NPROTO__ARGUMENT_COUNT ? "processPub Parse Error"
                                         : "processPub Bad or Missing Size";
}

// The spelling is the reference's.
static const char *hpub_fault_text(enum nproto__argument_fault why)
{
    switch (why) {
    case NPROTO__ARGUMENT_COUNT:
        return "processHeaderPub Parse Error";
    case NPROTO__ARGUMENT_HEADER_SIZE:
        return "processHeaderPub Bad or Missing Header Size";
    case NPROTO__ARGUMENT_SIZE:
    case NPROTO__ARGUMENT_TOTAL_SIZE:
        return "processHeaderPub Bad or Missing Total Size";
    case NPROTO__ARGUMENT_HEADER_LARGER:
        return "processHeaderPub Header Size larger then TotalSize";
    }
    NB_UNREACHABLE("argument fault");
}

const char *nproto_parser_fault_text(const struct nproto_parser *parser)
{
    const enum nproto__argument_fault why = parser->argument_fault;

    if (parser->fault == NPROTO_FAULT_HEADERS) {
        return "message headers not supported";
    }
    switch ((enum nproto_op)nproto__verbs[parser->verb].op) {
    case NPROTO_OP_PUB:
        return pub_fault_text(why);
    case NPROTO_OP_HPUB:
        return hpub_fault_text(why);
    case NPROTO_OP_SUB:
        return "processSub Parse Error";
    case NPROTO_OP_UNSUB:
        return "processUnsub Parse Error";
    default: // MSG and HMSG, from a server: the reference has no such text
        return "message line Parse Error";
    }
}
