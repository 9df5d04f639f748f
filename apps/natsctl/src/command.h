/* command.h - what a command is: one table row drives parsing, help, manual and completion. */
#pragma once

#include "args.h"
#include "exit_code.h"
#include "globals.h"

enum {
    COMMAND_DEPTH_MAX = 4,      // natsctl auth account keys add
    COMMAND_WORDS_ANY = 0xffff, // words_max without a limit
};

struct cli;

struct command_example {
    const char *line; // without "natsctl "
    const char *what;
};

struct command {
    const char *name;
    const char *alias;                 // or NULL
    const char *purpose;               // one line
    const char *arguments;             // "<subject> [body]", "" for none
    const char *details;               // paragraphs with lines of at most 76 characters, or NULL
    const char *subjects;              // what it publishes and subscribes to, or NULL
    const struct args_option *options; // of a group: those of every command below it
    size_t option_count;
    const struct command_example *examples;
    size_t example_count;
    unsigned words_min;
    unsigned words_max;
    const struct command *const *children; // ends with NULL; NULL for one that runs
    int (*run)(struct cli *cli);           // an exit code
};

// The command line, read.
struct cli {
    const char *program;                               // how it was called
    const struct command *path[COMMAND_DEPTH_MAX + 1]; // from the root, which has no options
    size_t depth;                                      // of the last one in path
    struct args_value globals[GLOBAL_COUNT];
    struct args_value *group; // of the options of the group that has some; one at most on a path
    struct args_value *own;   // of the command's options
    const char **words;
    size_t word_count;
    struct args args; // private to cli.c
};

extern const struct command command_root;
extern const struct command command_pub;
extern const struct command command_sub;
extern const struct command command_request;
extern const struct command command_reply;
extern const struct command command_rtt;
extern const struct command command_server;
extern const struct command command_server_info;
extern const struct command command_server_ping;
extern const struct command command_server_check;
extern const struct command command_bench;
extern const struct command command_bench_pub;
extern const struct command command_bench_sub;
extern const struct command command_bench_pubsub;
extern const struct command command_bench_request;
extern const struct command command_bench_reply;
extern const struct command command_bench_connect;
extern const struct command command_bench_interest;
extern const struct command command_bench_service_request;
extern const struct command command_bench_service_serve;
extern const struct command command_version;
extern const struct command command_auth;

static inline const struct command *cli_command(const struct cli *cli)
{
    return cli->path[cli->depth];
}

// The group on the path that has options, or NULL.
static inline const struct command *cli_group(const struct cli *cli)
{
    for (size_t i = 1; i <= cli->depth; i++) {
        if (cli->path[i]->children != NULL && cli->path[i]->option_count > 0) {
            return cli->path[i];
        }
    }
    return NULL;
}

static inline bool cli_is_on(const struct cli *cli, enum global_id id)
{
    return cli->globals[id].is_on;
}
