#include "command.h"

#include "output.h"
#include "pings.h"
#include "table.h"
#include "targets.h"
#include "value.h"

#include <natsd/json_writer.h>
#include <natsd/number.h>

#include <stdio.h>

static const struct command_example examples[] = {
    {"rtt", "Five PINGs to the server of the context."},
    {"rtt 20 --server nats://a:4222,nats://b:4222", "Twenty to each address of two servers."},
};

enum {
    PINGS_DEFAULT = 5,
    COLUMNS = 6,
    JSON_ROOM = 4 * 1024 * 1024,
};

struct rtt {
    const struct cli *cli;
    struct connection connection;
    unsigned count;
    struct table table;
    struct nb_json_writer json;
    bool has_json;
};

static void add_duration(struct table *table, int64_t ns)
{
    struct nb_buf text;

    nb_buf_init(&text, 64);
    value_format_duration(ns, &text);
    table_add(table, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

static void report_text(struct rtt *rtt, const struct target *target, const struct pings *pings)
{
    char count[16];

    snprintf(count, sizeof(count), "%u", pings->count);
    table_add(&rtt->table, nb_slice_of(target->url));
    table_add(&rtt->table, nb_slice_of(target->address));
    table_add(&rtt->table, nb_slice_of(count));
    add_duration(&rtt->table, pings->min_ns);
    add_duration(&rtt->table, pings_average_ns(pings));
    add_duration(&rtt->table, pings->max_ns);
}

static void report_json(struct rtt *rtt, const struct target *target, const struct pings *pings)
{
    struct nb_json_writer *w = &rtt->json;

    nb_json_object(w);
    nb_json_put_text(w, "url", target->url);
    nb_json_put_text(w, "address", target->address);
    nb_json_put_u64(w, "pings", pings->count);
    nb_json_put_i64(w, "min_ns", pings->min_ns);
    nb_json_put_i64(w, "average_ns", pings_average_ns(pings));
    nb_json_put_i64(w, "max_ns", pings->max_ns);
    nb_json_object_end(w);
}

static int measure(struct rtt *rtt, const struct target *target)
{
    struct nb_diag diag = {""};
    struct pings pings;
    int rc = connection_open_url(&rtt->connection, target->connect, target->tls_name, &diag);

    if (rc != NB_OK) {
        return cli_fail(rtt->cli, "%s", diag.text);
    }
    rc = pings_take(&rtt->connection, rtt->count, &pings);
    connection_disconnect(&rtt->connection);
    if (rc != NB_OK) {
        return cli_fail(rtt->cli, "%s: %s", target->address, nb_error_text(rc));
    }
    if (rtt->has_json) {
        report_json(rtt, target, &pings);
    } else {
        report_text(rtt, target, &pings);
    }
    return EXIT_CODE_OK;
}

// The servers that fail are named, the others measured.
static int measure_all(struct rtt *rtt, const struct targets *targets)
{
    int code = EXIT_CODE_OK;

    for (size_t i = 0; i < targets->count; i++) {
        int one = measure(rtt, &targets->list[i]);

        code = one != EXIT_CODE_OK ? one : code;
    }
    return code;
}

static int print_table(struct rtt *rtt, const struct targets *targets)
{
    static const char *const heads[COLUMNS] = {"Server", "Address", "PINGs",
                                               "Min",    "Average", "Max"};
    int code;

    table_init(&rtt->table, COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        table_add(&rtt->table, nb_slice_of(heads[i]));
        rtt->table.is_right[i] = i >= 2;
    }
    code = measure_all(rtt, targets);
    table_print(&rtt->table);
    table_fini(&rtt->table);
    return code;
}

static int print_json(struct rtt *rtt, const struct targets *targets)
{
    struct nb_buf buf;
    int code;

    nb_buf_init(&buf, JSON_ROOM);
    nb_json_begin(&rtt->json, &buf, NB_JSON_INDENTED);
    nb_json_array(&rtt->json);
    code = measure_all(rtt, targets);
    nb_json_array_end(&rtt->json);
    if (nb_json_end(&rtt->json) == NB_OK) {
        output_write(nb_buf_slice(&buf));
        output_text("\n");
    }
    nb_buf_fini(&buf);
    return code;
}

static bool read_count(const struct cli *cli, unsigned *out)
{
    uint64_t count = PINGS_DEFAULT;

    if (cli->word_count > 0 &&
        nb_parse_u64(nb_slice_of(cli->words[0]), PINGS_MAX, &count) != NB_OK) {
        return false;
    }
    *out = (unsigned)count;
    return count > 0;
}

static int run(struct cli *cli)
{
    struct rtt rtt = {.cli = cli, .has_json = cli_wants_json(cli)};
    struct nb_diag diag = {""};
    struct targets targets;
    int code;

    if (!read_count(cli, &rtt.count)) {
        return cli_usage(cli, "invalid number of PINGs \"%s\"", cli->words[0]);
    }
    code = connection_prepare(&rtt.connection, cli, CONNECTION_ONE_SHOT);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (targets_find(rtt.connection.settings.urls, true, &targets, &diag) != NB_OK) {
        code = cli_fail(cli, "%s", diag.text);
    } else {
        code = rtt.has_json ? print_json(&rtt, &targets) : print_table(&rtt, &targets);
        targets_fini(&targets);
    }
    connection_close(&rtt.connection);
    return code;
}

const struct command command_rtt = {
    .name = "rtt",
    .purpose = "Measures the time from PING to PONG.",
    .arguments = "[n]",
    .details = "For each server that is named and each of its addresses, on a connection of its\n"
               "own. Without a number it is five times.",
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .words_max = 1,
    .run = run,
};
