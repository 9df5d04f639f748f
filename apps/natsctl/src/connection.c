#include "connection.h"

#include <natsd/clock.h>

#include <stdio.h>

#define RECONNECT_WAIT_NS (500 * NB_NS_PER_MS)

// -- what the client tells -------------------------------------------------------------------

static void keep_error(struct connection *connection, const char *text)
{
    pthread_mutex_lock(&connection->mutex);
    if (connection->error[0] == '\0') {
        snprintf(connection->error, sizeof(connection->error), "%s", text);
    }
    pthread_mutex_unlock(&connection->mutex);
}

bool connection_take_error(struct connection *connection, char *out, size_t size)
{
    bool is_there;

    pthread_mutex_lock(&connection->mutex);
    is_there = connection->error[0] != '\0';
    snprintf(out, size, "%s", connection->error);
    connection->error[0] = '\0';
    pthread_mutex_unlock(&connection->mutex);
    return is_there;
}

static void trace(const struct connection *connection, const char *what, const char *text)
{
    if (cli_is_on(connection->cli, GLOBAL_TRACE)) {
        fprintf(stderr, "%s%s%s\n", what, *text != '\0' ? ": " : "", text);
    }
}

// In the client's thread. Only lines on standard error are written here.
static void on_event(void *ctx, struct nclient *client NB_UNUSED, enum nclient_event event,
                     const char *text)
{
    struct connection *connection = ctx;

    switch (event) {
    case NCLIENT_CONNECTED:
        trace(connection, "connected", text);
        return;
    case NCLIENT_DISCONNECTED:
        if (connection->kind == CONNECTION_STREAMING) {
            fprintf(stderr, "disconnected: %s, reconnecting\n", text);
        } else {
            trace(connection, "disconnected", text);
        }
        return;
    case NCLIENT_RECONNECTED:
        if (connection->kind == CONNECTION_STREAMING) {
            fprintf(stderr, "reconnected\n");
        }
        return;
    case NCLIENT_ERROR:
        trace(connection, "error", text);
        keep_error(connection, text);
        return;
    case NCLIENT_LAME_DUCK:
        trace(connection, "the server is about to go", text);
        return;
    case NCLIENT_CLOSED:
        trace(connection, "closed", text);
        keep_error(connection, text);
        queue_close(&connection->queue);
        return;
    }
}

// -- connecting ------------------------------------------------------------------------------

static struct nclient_opts client_opts(struct connection *connection)
{
    struct nclient_opts opts = settings_client_opts(&connection->settings, connection->cli);

    opts.no_reconnect = connection->kind != CONNECTION_STREAMING;
    opts.reconnects_max = -1;
    opts.reconnect_wait_ns = RECONNECT_WAIT_NS;
    opts.ignore_auth_errors = true;
    opts.event = on_event;
    opts.event_ctx = connection;
    return opts;
}

static void on_signal(void *ctx, int number NB_UNUSED)
{
    queue_stop(ctx);
}

int connection_prepare(struct connection *connection, const struct cli *cli,
                       enum connection_kind kind)
{
    struct nb_diag diag = {""};

    *connection = (struct connection){.cli = cli, .kind = kind};
    if (settings_resolve(cli, &connection->settings, &diag) != NB_OK) {
        return cli_usage(cli, "%s", diag.text);
    }
    queue_init(&connection->queue);
    pthread_mutex_init(&connection->mutex, NULL);
    if (kind == CONNECTION_STREAMING) {
        signals_watch(&connection->signals, on_signal, &connection->queue);
    }
    if (cli_is_on(cli, GLOBAL_TLS_INSECURE)) {
        cli_warn(cli, "the server's certificate is not verified");
    }
    return EXIT_CODE_OK;
}

int connection_open_url(struct connection *connection, const char *url, const char *tls_name,
                        struct nb_diag *diag)
{
    struct nclient_opts opts = client_opts(connection);

    opts.urls = url != NULL ? url : opts.urls;
    opts.tls_server_name = opts.tls_server_name != NULL ? opts.tls_server_name : tls_name;
    return nclient_connect_wait(&opts, &connection->client, diag);
}

int connection_connect(struct connection *connection)
{
    struct nb_diag diag = {""};
    struct queue_message *none;

    if (connection_open_url(connection, NULL, NULL, &diag) == NB_OK) {
        return EXIT_CODE_OK;
    }
    // Without a client that ended, it was wrong before a server was asked.
    return queue_take(&connection->queue, 0, &none) == QUEUE_TIMEOUT
               ? cli_usage(connection->cli, "%s", diag.text)
               : cli_fail(connection->cli, "%s", diag.text);
}

int connection_open(struct connection *connection, const struct cli *cli, enum connection_kind kind)
{
    int code = connection_prepare(connection, cli, kind);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = connection_connect(connection);
    if (code != EXIT_CODE_OK) {
        connection_close(connection);
    }
    return code;
}

void connection_disconnect(struct connection *connection)
{
    if (connection->client != NULL) {
        nclient_close_wait(connection->client);
        connection->client = NULL;
    }
}

void connection_close(struct connection *connection)
{
    connection_disconnect(connection);
    signals_unwatch(&connection->signals);
    queue_fini(&connection->queue);
    pthread_mutex_destroy(&connection->mutex);
    settings_fini(&connection->settings);
}

// -- using it --------------------------------------------------------------------------------

static int fail(struct connection *connection, int rc, const char *what)
{
    char error[sizeof(connection->error)];

    if (connection_take_error(connection, error, sizeof(error))) {
        return cli_fail(connection->cli, "%s", error);
    }
    return cli_fail(connection->cli, "%s: %s", what, nb_error_text(rc));
}

static void on_message(void *ctx, struct nclient_sub *sub NB_UNUSED,
                       const struct nclient_message *message)
{
    queue_put(ctx, message);
}

int connection_subscribe(struct connection *connection, const char *subject, const char *queue,
                         uint64_t max_msgs)
{
    const struct nclient_sub_opts opts = {.subject = subject,
                                          .queue = queue,
                                          .max_msgs = max_msgs,
                                          .message = on_message,
                                          .ctx = &connection->queue};
    int rc = nclient_subscribe(connection->client, &opts, NULL);

    if (rc == NB_EINVALID) {
        return cli_usage(connection->cli, "invalid subject or queue name: %s%s%s", subject,
                         queue != NULL ? " " : "", queue != NULL ? queue : "");
    }
    return rc == NB_OK ? EXIT_CODE_OK : fail(connection, rc, subject);
}

int connection_publish(struct connection *connection, const struct nclient_message *message)
{
    int64_t timeout_ns = cli_timeout_ns(connection->cli);
    struct nclient_server_info info;
    int rc = nclient_publish_message(connection->client, message);

    if (rc == NB_ELIMIT && nclient_server_info(connection->client, &info) == NB_OK &&
        message->headers.n + message->data.n > (uint64_t)info.max_payload) {
        return cli_fail(connection->cli, "message of %zu bytes, the server takes at most %lld",
                        message->headers.n + message->data.n, (long long)info.max_payload);
    }
    while (rc == NB_ELIMIT) { // the server is slower than we
        rc = nclient_flush_wait(connection->client, timeout_ns);
        if (rc == NB_OK) {
            rc = nclient_publish_message(connection->client, message);
        }
    }
    if (rc == NB_EINVALID) {
        return cli_usage(connection->cli, "invalid subject or headers");
    }
    return rc == NB_OK ? EXIT_CODE_OK : fail(connection, rc, "publish");
}

int connection_flush(struct connection *connection)
{
    int rc = nclient_flush_wait(connection->client, cli_timeout_ns(connection->cli));
    char error[sizeof(connection->error)];

    if (rc != NB_OK) {
        return fail(connection, rc, "flush");
    }
    if (connection_take_error(connection, error, sizeof(error))) {
        return cli_fail(connection->cli, "%s", error);
    }
    return EXIT_CODE_OK;
}
