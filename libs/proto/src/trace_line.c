#include <natsd/trace_line.h>

#include <natsd/info.h>
#include <natsd/quote.h>

#include <stdio.h>

// An argument as it was received, but what could forge a line of a log or steer a terminal.
static int append_shown(struct nb_buf *out, struct slice arg)
{
    int rc = NB_OK;
    size_t shown = 0;

    for (size_t i = 0; i < arg.n && rc == NB_OK; i++) {
        char escape[sizeof("\\xff")];

        if ((arg.p[i] >= ' ' || arg.p[i] == '\t') && arg.p[i] != 0x7f) {
            continue;
        }
        snprintf(escape, sizeof(escape), "\\x%02x", arg.p[i]);
        rc = nb_buf_append(out, nb_slice_sub(arg, shown, i - shown));
        if (rc == NB_OK) {
            rc = nb_buf_append(out, nb_slice_of(escape));
        }
        shown = i + 1;
    }
    return rc == NB_OK ? nb_buf_append(out, nb_slice_sub(arg, shown, arg.n)) : rc;
}

static int append_connect(struct nb_buf *out, struct slice arg)
{
    struct nb_buf redacted;
    int rc;

    nb_buf_init(&redacted, arg.n * sizeof("[REDACTED]")); // each key and sign has more than a byte
    rc = nproto_connect_redact(arg, &redacted);
    if (rc == NB_OK) {
        rc = append_shown(out, nb_buf_slice(&redacted));
    }
    nb_buf_fini(&redacted);
    return rc;
}

int nproto_trace_op(const struct nproto_msg *msg, struct nb_buf *out)
{
    int rc = nb_buf_append(out, NB_SLICE("["));

    if (rc == NB_OK) {
        rc = nb_buf_append(out, nb_slice_of(nproto_op_name(msg->op)));
    }
    if (rc == NB_OK && msg->arg.n > 0) {
        rc = nb_buf_append(out, NB_SLICE(" "));
    }
    if (rc == NB_OK) {
        rc = msg->op == NPROTO_OP_CONNECT ? append_connect(out, msg->arg)
                                          : append_shown(out, msg->arg);
    }
    return rc == NB_OK ? nb_buf_append(out, NB_SLICE("]")) : rc;
}

// The header block without its blank line, nor the line end before that.
static struct slice headers_of(struct slice payload, uint32_t header_size)
{
    struct slice block = nb_slice_sub(payload, 0, header_size);

    return nb_slice_ends(block, "\r\n\r\n") ? nb_slice_sub(block, 0, block.n - 4) : block;
}

bool nproto_trace_payload(struct slice payload, uint32_t header_size, bool headers_only,
                          uint32_t length_max, struct nb_buf *out)
{
    const struct slice all = headers_only ? headers_of(payload, header_size) : payload;
    const bool is_cut = length_max > 0 && all.n > length_max;
    int rc;

    if (all.n == 0) {
        return false;
    }
    rc = nb_buf_append(out, NB_SLICE("MSG_PAYLOAD: [\""));
    if (rc == NB_OK) {
        rc = nb_quote_inner(is_cut ? nb_slice_sub(all, 0, length_max) : all, out);
    }
    if (rc == NB_OK) {
        rc = nb_buf_append(out, is_cut ? NB_SLICE("...\"]") : NB_SLICE("\"]"));
    }
    (void)rc; // a full buffer: the line is shown as far as it goes
    return true;
}
