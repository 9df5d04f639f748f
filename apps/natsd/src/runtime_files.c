#include "runtime_files.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <natsd/json_writer.h>
#include <natsd/listener.h>

enum {
    PID_FILE_MODE = 0600,
    PORTS_FILE_MODE = 0666,
    PORTS_MAX_BYTES = 1024 * 1024,
};

static int report(struct nb_diag *diag, const char *call, const char *path)
{
    char text[128];

    nb_diag_set(diag, "%s %s: %s", call, path, nb_errno_text(errno, text, sizeof(text)));
    return NB_EIO;
}

static int write_file(const char *path, mode_t mode, struct slice bytes, struct nb_diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int rc = NB_OK;

    if (fd < 0) {
        return report(diag, "open", path);
    }
    if (write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n) {
        rc = report(diag, "write", path);
    }
    close(fd);
    return rc;
}

int pid_file_write(const char *path, struct nb_diag *diag)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%d", (int)getpid());

    return write_file(path, PID_FILE_MODE, nb_slice_make(text, (size_t)n), diag);
}

/* The ports file. */

char *ports_file_path(const char *dir, const char *program)
{
    const char *slash = strrchr(program, '/');
    struct nb_buf path;
    char *text;

    nb_buf_init(&path, strlen(dir) + strlen(program) + 64);
    nb_buf_must_format(&path, "%s/%s_%d.ports", dir, slash != NULL ? slash + 1 : program,
                       (int)getpid());
    text = nb_slice_cstr(nb_buf_slice(&path));
    nb_buf_fini(&path);
    return text;
}

struct url_list {
    struct nb_json_writer *w;
    const char *scheme;
    unsigned port;
};

static void add_url(void *ctx, const char *ip, bool is_global NB_UNUSED)
{
    struct url_list *list = ctx;
    char url[NI_MAXHOST + 64];

    snprintf(url, sizeof(url), strchr(ip, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
             list->scheme, ip, list->port);
    nb_json_str(list->w, nb_slice_of(url));
}

static bool is_unspecified(const char *host)
{
    return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

// A name is shown as the address that a listener binds for it: its first IPv4 one, or any.
static void resolve(const char *host, char *ip, size_t room)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    const struct addrinfo *chosen;

    snprintf(ip, room, "%s", host);
    if (getaddrinfo(host, NULL, &hints, &list) != 0) {
        return;
    }
    chosen = list;
    for (const struct addrinfo *at = list; at != NULL && chosen->ai_family != AF_INET;
         at = at->ai_next) {
        chosen = at->ai_family == AF_INET ? at : chosen;
    }
    if (getnameinfo(chosen->ai_addr, chosen->ai_addrlen, ip, (socklen_t)room, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        snprintf(ip, room, "%s", host);
    }
    freeaddrinfo(list);
}

static void add_listener(struct nb_json_writer *w, const char *key, const char *scheme,
                         const char *host, unsigned port)
{
    struct url_list list = {w, scheme, port};
    char ip[NI_MAXHOST];

    if (port == 0) {
        return;
    }
    nb_json_key(w, key);
    nb_json_array(w);
    if (is_unspecified(host)) {
        nnet_interface_each(add_url, &list);
    } else {
        resolve(host, ip, sizeof(ip));
        add_url(&list, ip, true);
    }
    nb_json_array_end(w);
}

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static int write_urls(const struct nserver *server, const struct nserver_options *opts,
                      struct nb_buf *json)
{
    bool needs_tls = opts->tls.is_set && !opts->allow_non_tls;
    const char *host = text_or_empty(opts->host);
    struct nb_json_writer w;

    nb_json_begin(&w, json, NB_JSON_COMPACT);
    nb_json_object(&w);
    add_listener(&w, "nats", needs_tls ? "tls" : "nats", host, nserver_client_port(server));
    add_listener(&w, "monitoring", opts->https_port != 0 ? "https" : "http",
                 opts->http_host != NULL ? opts->http_host : host, nserver_http_port(server));
    nb_json_object_end(&w);
    return nb_json_end(&w);
}

int ports_file_write(const char *path, const struct nserver *server,
                     const struct nserver_options *opts, struct nb_diag *diag)
{
    struct nb_buf json;
    int rc;

    nb_buf_init(&json, PORTS_MAX_BYTES);
    rc = write_urls(server, opts, &json);
    if (rc == NB_OK) {
        rc = write_file(path, PORTS_FILE_MODE, nb_buf_slice(&json), diag);
    } else {
        nb_diag_set(diag, "%s", nb_error_text(rc));
    }
    nb_buf_fini(&json);
    return rc;
}

int ports_file_remove(const char *path, struct nb_diag *diag)
{
    return unlink(path) == 0 || errno == ENOENT ? NB_OK : report(diag, "remove", path);
}
