// Reads operations from a stream that arrives in two pieces, and writes one for a client.
#include <natsd/message_line.h>
#include <natsd/parser.h>

#include <stdio.h>

static void read_piece(struct nproto_parser *parser, struct slice piece)
{
    struct nproto_msg msg;
    enum nproto_fault fault = NPROTO_FAULT_NONE;

    while (nproto_parser_next(parser, &piece, &msg, &fault) == NB_OK && msg.op != NPROTO_OP_NONE) {
        printf("%s %.*s: %zu bytes, %s\n", nproto_op_name(msg.op), NB_SLICE_ARGS(msg.subject),
               msg.payload.n, msg.chunk != NULL ? "put together" : "in place");
    }
    if (fault != NPROTO_FAULT_NONE) {
        printf("fault %d\n", fault);
    }
}

int main(void)
{
    struct nproto_delivery delivery;
    struct nproto_parser parser;
    uint8_t line[64];
    size_t n;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    read_piece(&parser, NB_SLICE("SUB foo 1\r\nPUB foo 5\r\nhello\r\nPUB foo 5\r\nwor"));
    read_piece(&parser, NB_SLICE("ld\r\nPANG")); // the last is wrong at its second letter
    nproto_parser_fini(&parser);

    nproto_delivery_init(&delivery, NB_SLICE("foo"), (struct slice){0}, 0, 5);
    n = nproto_delivery_write_msg(&delivery, NB_SLICE("1"), line);
    printf("%.*s", (int)n, (const char *)line); // MSG foo 1 5
    return 0;
}
