/* bench_parser.c - how long the parser takes for an operation, by kind and size.
 *
 * Each case fills a stream with one operation over and over, warms up, and parses it several
 * times; the median is printed as one JSON line with nanoseconds per operation. The split case
 * gives the stream in reads of a few bytes, so that nearly every operation is cut.
 */
#include <natsd/buf.h>
#include <natsd/clock.h>
#include <natsd/memory.h>
#include <natsd/parser.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    STREAM_BYTES = 256 * 1024, // stays in the second-level cache
    RUNS = 15,
    PASSES = 40, // over the stream, in a run
};

struct bench {
    const char *name;
    const char *line;
    size_t payload; // bytes; SIZE_MAX: no message
    size_t read;    // bytes given at once; 0: all
};

static const struct bench benches[] = {
    {"parser_pub_16b", "PUB foo 16\r\n", 16, 0},
    {"parser_pub_16b_subject_24", "PUB orders.europe.berlin.new 16\r\n", 16, 0},
    {"parser_pub_16b_reply", "PUB foo _INBOX.q8uHvUO3SDzgXM6DoGkY1b.Xk2f9qW3 16\r\n", 16, 0},
    {"parser_pub_128b", "PUB foo 128\r\n", 128, 0},
    {"parser_pub_1k", "PUB foo 1024\r\n", 1024, 0},
    {"parser_pub_1k_line_100",
     "PUB a.rather.long.subject.as.some.have.them.with.many.tokens "
     "_INBOX.q8uHvUO3SDzgXM6DoGkY1b.Xk2f9qW3 1024\r\n",
     1024, 0},
    {"parser_hpub_128b", "HPUB foo 12 128\r\n", 128, 0},
    {"parser_sub", "SUB orders.*.berlin 17\r\n", SIZE_MAX, 0},
    {"parser_sub_queue", "SUB orders.*.berlin workers 17\r\n", SIZE_MAX, 0},
    {"parser_unsub", "UNSUB 17\r\n", SIZE_MAX, 0},
    {"parser_ping", "PING\r\n", SIZE_MAX, 0},
    {"parser_pub_16b_tabs", "PUB\tfoo\t16\r\n", 16, 0},
    {"parser_pub_16b_split_64", "PUB foo 16\r\n", 16, 64},
    {"parser_pub_16b_split_7", "PUB foo 16\r\n", 16, 7},
    {"parser_pub_1k_split_1000", "PUB foo 1024\r\n", 1024, 1000},
    {"parser_pub_16b_split_4096", "PUB foo 16\r\n", 16, 4096},
};

// The stream of a case; how many operations it has.
static size_t fill(const struct bench *bench, struct nb_buf *stream)
{
    size_t count = 0;

    nb_buf_init(stream, 2 * STREAM_BYTES);
    while (nb_buf_slice(stream).n < STREAM_BYTES) {
        nb_buf_must_text(stream, bench->line);
        if (bench->payload != SIZE_MAX) {
            for (size_t i = 0; i < bench->payload; i++) {
                nb_buf_must(stream, NB_SLICE("x"));
            }
            nb_buf_must_text(stream, "\r\n");
        }
        count++;
    }
    return count;
}

static size_t parse(struct nproto_parser *parser, struct slice input)
{
    struct nproto_msg msg;
    enum nproto_fault fault;
    size_t count = 0;

    while (nproto_parser_next(parser, &input, &msg, &fault) == NB_OK && msg.op != NPROTO_OP_NONE) {
        count++;
        // The caller's look at the message, kept by the compiler.
        __asm__ volatile("" : : "r"(msg.subject.p), "r"(msg.payload.p) : "memory");
    }
    return count;
}

static size_t parse_split(struct nproto_parser *parser, struct slice input, size_t at_once)
{
    size_t count = 0;

    for (size_t at = 0; at < input.n; at += at_once) {
        count += parse(parser, nb_slice_sub(input, at, at_once));
    }
    return count;
}

static double now_ns(void)
{
    return (double)nb_mono_now().ns;
}

static double run(const struct bench *bench, struct slice stream, size_t count)
{
    struct nproto_parser parser;
    double began;

    nproto_parser_init(&parser, NPROTO_PEER_CLIENT);
    parser.has_headers = true;
    began = now_ns();
    for (int pass = 0; pass < PASSES; pass++) {
        size_t got =
            bench->read == 0 ? parse(&parser, stream) : parse_split(&parser, stream, bench->read);

        if (got != count) {
            fprintf(stderr, "%s: %zu operations instead of %zu\n", bench->name, got, count);
            exit(1);
        }
    }
    nproto_parser_fini(&parser);
    return (now_ns() - began) / ((double)count * PASSES);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(void)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(benches); i++) {
        struct nb_buf stream;
        const size_t count = fill(&benches[i], &stream);
        double ns[RUNS];

        run(&benches[i], nb_buf_slice(&stream), count); // warm-up
        for (int r = 0; r < RUNS; r++) {
            ns[r] = run(&benches[i], nb_buf_slice(&stream), count);
        }
        qsort(ns, RUNS, sizeof(ns[0]), compare);
        printf("{\"bench\":\"%s\",\"ns_per_op\":%.2f,\"min\":%.2f,\"ops\":%zu}\n", benches[i].name,
               ns[RUNS / 2], ns[0], count * PASSES);
        nb_buf_fini(&stream);
    }
    return 0;
}
