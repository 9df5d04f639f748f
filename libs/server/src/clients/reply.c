/* reply.c - what the server says to a client by itself: +OK, -ERR and raw lines. */
#include <natsd/buf.h>

#include "clients/client.h"

void nserver__client_send(struct nserver__client *c, struct slice bytes)
{
    nnet_out_append(c->worker->net, &c->conn, bytes);
}

void nserver__client_send_ok(struct nserver__client *c)
{
    nserver__client_send(c, NB_SLICE("+OK\r\n"));
    if (c->sender.is_traced) {
        nserver__client_trace_out(c, NB_SLICE("OK"));
    }
}

void nserver__client_send_err_slice(struct nserver__client *c, struct slice text)
{
    struct nb_buf line;

    nb_buf_init(&line, text.n + 64);
    nb_buf_must_text(&line, "-ERR '");
    nb_buf_must(&line, text);
    nb_buf_must_text(&line, "'\r\n");
    nserver__client_send(c, nb_buf_slice(&line));
    if (c->sender.is_traced) {
        nb_buf_clear(&line);
        nb_buf_must_text(&line, "-ERR ");
        nb_buf_must(&line, text);
        nserver__client_trace_out(c, nb_buf_slice(&line));
    }
    nb_buf_fini(&line);
}

void nserver__client_send_err(struct nserver__client *c, const char *text)
{
    nserver__client_send_err_slice(c, nb_slice_of(text));
}
