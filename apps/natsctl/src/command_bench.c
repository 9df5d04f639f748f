#include "command.h"

static const struct command *const children[] = {&command_bench_pub, &command_bench_sub,
                                                 &command_bench_pubsub, NULL};

const struct command command_bench = {
    .name = "bench",
    .purpose = "Measures throughput and latency.",
    .arguments = "",
    .children = children,
};
