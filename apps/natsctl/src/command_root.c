#include "command.h"

static const struct command *const server_children[] = {&command_server_info, &command_server_ping,
                                                        &command_server_check, NULL};

const struct command command_server = {
    .name = "server",
    .alias = "srv",
    .purpose = "Looks at servers.",
    .arguments = "",
    .children = server_children,
};

static const struct command *const root_children[] = {
    &command_pub,   &command_sub,    &command_request, &command_reply,   &command_rtt,
    &command_bench, &command_server, &command_auth,    &command_version, NULL};

static const struct command_example examples[] = {
    {"sub 'orders.>'", "Prints what is published about orders."},
    {"pub orders.new '{\"id\": 1}'", "Publishes a message."},
    {"request time.now ''", "Asks a service."},
};

const struct command command_root = {
    .name = "natsctl",
    .purpose = "The command line of natsd.",
    .arguments = "",
    .details = "Options stand anywhere on the line. How to connect is said by options, by the\n"
               "environment, or by a context: the one named by --context, or the one that the\n"
               "nats tool selected, in $XDG_CONFIG_HOME/nats. Each beats those behind it.\n"
               "\n"
               "A password, token, creds file or nkey may be given as file://path, env://NAME or\n"
               "data:;base64,... instead, a creds file also as nsc://operator/account/user: the\n"
               "one that 'natsctl auth' keeps.",
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .children = root_children,
};
