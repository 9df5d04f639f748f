// A program of somebody who has only the sublist and proto packages.
#include <natsd/message_line.h>
#include <natsd/parser.h>
#include <natsd/subject.h>

#include <stdio.h>

int main(void)
{
    struct slice input = NB_SLICE("PUB orders.eu.new 5\r\nhello\r\n");
    struct nproto_parser parser;
    struct nproto_msg msg;
    enum nproto_fault fault;
    struct nproto_delivery delivery;
    uint8_t line[128];
    size_t size;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    parser.control_line_max = NPROTO_CONTROL_LINE_DEFAULT_BYTES;
    parser.payload_max = NPROTO_PAYLOAD_DEFAULT_BYTES;
    if (nproto_parser_next(&parser, &input, &msg, &fault) != NB_OK ||
        !nsub_subject_matches(msg.subject, NB_SLICE("orders.*.new"))) {
        return 1;
    }
    nproto_delivery_init(&delivery, msg.subject, msg.reply, msg.header_size, msg.payload_size);
    size = nproto_delivery_write_msg(&delivery, NB_SLICE("7"), line);
    printf("%.*s%.*s\n", (int)size, (const char *)line, NB_SLICE_ARGS(msg.payload));
    nproto_parser_fini(&parser);
    return 0;
}
