#include "runtime_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <natsd/json_writer.h>
#include <natsd/listener.h>

enum {
    PID_FILE_MODE = 0600,
    PORTS_FILE_MODE = 0666,
    PORTS_MAX_BYTES = 1024 * 1024,
};

static int write_file(const char *path, mode_t mode, struct slice bytes, struct nb_diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    bool is_written = fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n;

    if (!is_written) {
        nb_diag_set(diag, "%s %s: %s", fd < 0 ? "open" : "write", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return is_written ? NB_OK : NB_EIO;
}

int pid_file_write(const char *path, struct nb_diag *diag)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "%d", (int)getpid());

    return write_file(path, PID_FILE_MODE, nb_slice_make(text, (size_t)n), diag);
}

/* The ports file. */

struct url_list {
    struct nb_json_writer *w;
    const char *scheme;
    unsigned port;
};

static void add_url(void *ctx, const char *ip, bool is_global NB_UNUSED)
{
    struct url_list *list = ctx;
    char url[128];

    snprintf(url, sizeof(url), strchr(ip, ':') != NULL ? "%s://[%s]:%u" : "%s://%s:%u",
             list->scheme, ip, list->port);
    nb_json_str(list->w, nb_slice_of(url));
}

static bool is_unspecified(const char *host)
{
    return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static void add_listener(struct nb_json_writer *w, const char *key, const char *scheme,
                         const char *host, unsigned port)
{
    struct url_list list = {w, scheme, port};

    if (port == 0) {
        return;
    }
    nb_json_key(w, key);
    nb_json_array(w);
    if (is_unspecified(host)) {
        nnet_interface_each(add_url, &list);
    } else {
        add_url(&list, host, true);
    }
    nb_json_array_end(w);
}

int ports_file_write(const char *dir, const char *program, const struct nserver *server,
                     const struct nserver_options *opts, char **path, struct nb_diag *diag)
{
    bool needs_tls = opts->tls.is_set && !opts->allow_non_tls;
    const char *slash = strrchr(program, '/');
    struct nb_json_writer w;
    struct nb_buf json;
    int rc;

    if (asprintf(path, "%s/%s_%d.ports", dir, slash != NULL ? slash + 1 : program, (int)getpid()) <
        0) {
        abort();
    }
    nb_buf_init(&json, PORTS_MAX_BYTES);
    nb_json_begin(&w, &json, NB_JSON_COMPACT);
    nb_json_object(&w);
    add_listener(&w, "nats", needs_tls ? "tls" : "nats", opts->host != NULL ? opts->host : "",
                 nserver_client_port(server));
    add_listener(&w, "monitoring", opts->https_port != 0 ? "https" : "http",
                 opts->http_host != NULL ? opts->http_host : (opts->host != NULL ? opts->host : ""),
                 nserver_http_port(server));
    nb_json_object_end(&w);
    rc = nb_json_end(&w);
    if (rc == NB_OK) {
        rc = write_file(*path, PORTS_FILE_MODE, nb_buf_slice(&json), diag);
    }
    nb_buf_fini(&json);
    return rc;
}
