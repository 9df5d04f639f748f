#include "command.h"

#include "output.h"
#include "pings.h"
#include "value.h"

#include <natsd/json_reader.h>

#include <stdio.h>

static const struct command_example examples[] = {
    {"server info", "The server of the context."},
    {"server info --server tls://n1:4222 --json", "What it tells its clients, as JSON."},
};

enum {
    INFO_ROOM = 1024 * 1024,
    JSON_MEMORY_MAX_BYTES = 16 * 1024 * 1024,
    PINGS = 3,
    LABEL_WIDTH = 16,
};

static void put(const char *label, struct slice text)
{
    if (text.n > 0) {
        output_format("%*s: ", LABEL_WIDTH, label);
        output_safe(text, false);
        output_text("\n");
    }
}

static void put_text(const char *label, const char *text)
{
    put(label, nb_slice_of(text));
}

static const struct nb_json_value *find(const struct nb_json_doc *doc, const char *key)
{
    return nb_json_get(doc->root, key);
}

// Texts and numbers as they are; what is not there is not shown.
static void put_value(const struct nb_json_doc *doc, const char *label, const char *key)
{
    const struct nb_json_value *value = find(doc, key);

    if (value != NULL && (value->type == NB_JSON_STRING || value->type == NB_JSON_NUMBER)) {
        put(label, value->text);
    }
}

static bool is_true(const struct nb_json_doc *doc, const char *key)
{
    const struct nb_json_value *value = find(doc, key);

    return value != NULL && value->type == NB_JSON_BOOL && value->is_true;
}

static void put_flag(const struct nb_json_doc *doc, const char *label, const char *key)
{
    put_text(label, is_true(doc, key) ? "yes" : "no");
}

static void put_server(const struct nb_json_doc *doc)
{
    output_text("Server\n");
    put_value(doc, "Name", "server_name");
    put_value(doc, "Id", "server_id");
    put_value(doc, "Version", "version");
    put_value(doc, "Commit", "git_commit");
    put_value(doc, "Host", "host");
    put_value(doc, "Port", "port");
    put_value(doc, "Cluster", "cluster");
    put_value(doc, "Domain", "domain");
    put_flag(doc, "JetStream", "jetstream");
    put_value(doc, "API level", "api_lvl");
    put_flag(doc, "Authentication", "auth_required");
    put_text("TLS", is_true(doc, "tls_required")
                        ? "required"
                        : (is_true(doc, "tls_available") ? "available" : "no"));
}

static void put_limits(const struct nb_json_doc *doc)
{
    int64_t max_payload;
    struct nb_buf text;

    output_text("\nLimits\n");
    if (nb_json_to_i64(find(doc, "max_payload"), &max_payload) == NB_OK && max_payload >= 0) {
        nb_buf_init(&text, 64);
        value_format_bytes((uint64_t)max_payload, &text);
        put("Max payload", nb_buf_slice(&text));
        nb_buf_fini(&text);
    }
    put_flag(doc, "Headers", "headers");
}

static void put_urls(const struct nb_json_doc *doc)
{
    const struct nb_json_value *urls = find(doc, "connect_urls");

    for (const struct nb_json_value *it = urls != NULL ? urls->first : NULL; it != NULL;
         it = it->next) {
        put("Other server", it->text);
    }
}

static void put_connection(const struct nb_json_doc *doc, const struct nclient_server_info *info,
                           const struct pings *pings)
{
    struct nb_buf rtt;

    output_text("\nConnection\n");
    put_text("URL", info->url);
    put_value(doc, "Client id", "client_id");
    put_value(doc, "Client address", "client_ip");
    put_value(doc, "Account", "remote_account");
    if (is_true(doc, "acc_is_sys")) {
        put_text("System account", "yes");
    }
    put_text("TLS", info->has_tls ? "yes" : "no");
    nb_buf_init(&rtt, 64);
    value_format_duration(pings_average_ns(pings), &rtt);
    put("RTT", nb_buf_slice(&rtt));
    nb_buf_fini(&rtt);
    put_urls(doc);
}

static int print(const struct cli *cli, struct connection *connection,
                 const struct nb_json_doc *doc, const struct pings *pings)
{
    struct nclient_server_info info;

    if (nclient_server_info(connection->client, &info) != NB_OK) {
        NB_UNREACHABLE("the server of a connection");
    }
    if (cli_wants_json(cli)) {
        output_json(doc->root);
    } else {
        put_server(doc);
        put_limits(doc);
        put_connection(doc, &info, pings);
    }
    return EXIT_CODE_OK;
}

static int run_connected(const struct cli *cli, struct connection *connection)
{
    struct nb_json_doc doc = {0};
    struct nb_diag diag = {""};
    struct pings pings;
    struct nb_buf json;
    // The INFO that follows the first PONG tells more.
    int rc = pings_take(connection, PINGS, &pings);
    int code;

    nb_buf_init(&json, INFO_ROOM);
    if (rc == NB_OK) {
        rc = nclient_server_json(connection->client, &json);
    }
    if (rc == NB_OK) {
        rc = nb_json_parse(nb_buf_slice(&json), JSON_MEMORY_MAX_BYTES, &doc, &diag);
    }
    code = rc == NB_OK ? print(cli, connection, &doc, &pings)
                       : cli_fail(cli, "server info: %s", nb_error_text(rc));
    nb_json_doc_fini(&doc);
    nb_buf_fini(&json);
    return code;
}

static int run(struct cli *cli)
{
    struct connection connection;
    int code = connection_open(&connection, cli, CONNECTION_ONE_SHOT);

    if (code == EXIT_CODE_OK) {
        code = run_connected(cli, &connection);
        connection_close(&connection);
    }
    return code;
}

const struct command command_server_info = {
    .name = "info",
    .alias = "i",
    .purpose = "Shows what a server tells its clients.",
    .arguments = "",
    .details = "That is its INFO, which any user gets. With --json all of it, as it came.",
    .examples = examples,
    .example_count = NB_ARRAY_LEN(examples),
    .run = run,
};
