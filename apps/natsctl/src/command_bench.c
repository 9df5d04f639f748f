#include "command.h"

static const struct command *const service_children[] = {&command_bench_service_request,
                                                         &command_bench_service_serve, NULL};

static const struct command command_service = {
    .name = "service",
    .purpose = "Measures requests, by the names of the nats tool.",
    .arguments = "",
    .children = service_children,
};

static const struct command *const children[] = {
    &command_bench_pub,      &command_bench_sub,   &command_bench_pubsub,
    &command_bench_request,  &command_bench_reply, &command_bench_connect,
    &command_bench_interest, &command_service,     NULL};

const struct command command_bench = {
    .name = "bench",
    .purpose = "Measures throughput and latency.",
    .arguments = "",
    .children = children,
};
