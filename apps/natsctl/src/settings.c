#include "settings.h"

#include "context.h"
#include "file.h"
#include "reference.h"

#include <stdio.h>

enum {
    SECRET_MAX_BYTES = 64 * 1024,
};

struct resolving {
    const struct cli *cli;
    struct context context;
    struct nb_diag *diag;
};

// Given on the command line or in the environment, else in the context; NULL: nowhere.
static const char *find_text(const struct resolving *r, enum global_id id, enum context_key key)
{
    const char *given = r->cli->globals[id].text;

    return given != NULL && *given != '\0' ? given : r->context.values[key];
}

static char *dup_or_null(const char *text)
{
    return text != NULL ? nb_strdup(text) : NULL;
}

// A secret's first line: of a file, or of standard input for "-".
static int read_line(struct resolving *r, const char *path, char **out)
{
    struct nb_buf buf;
    struct slice rest;
    struct slice line = {0};
    int rc;

    nb_buf_init(&buf, SECRET_MAX_BYTES);
    rc = file_read(path, &buf, r->diag);
    rest = nb_buf_slice(&buf);
    if (rc == NB_OK) {
        (void)nb_slice_take_line(&rest, &line); // an empty file has an empty one
        *out = nb_slice_cstr(line);
    }
    nb_buf_wipe_fini(&buf);
    return rc;
}

static int resolve_secret(struct resolving *r, enum global_id id, enum global_id file_id,
                          enum context_key key, char **out)
{
    const char *file = r->cli->globals[file_id].text;
    const char *text = find_text(r, id, key);

    if (file != NULL && !r->cli->globals[id].is_set) {
        return read_line(r, file, out);
    }
    if (text == NULL) {
        return NB_OK;
    }
    if (id == GLOBAL_PASSWORD && strcmp(text, "-") == 0) {
        return read_line(r, "-", out);
    }
    return reference_resolve(text, REFERENCE_TEXT, out, r->diag);
}

static int resolve_file(struct resolving *r, enum global_id id, enum context_key key, char **out)
{
    const char *text = find_text(r, id, key);

    return text != NULL ? reference_resolve(text, REFERENCE_PATH, out, r->diag) : NB_OK;
}

// Only the strongest kind counts; which kinds there are is not what is secret.
static int resolve_credentials(struct resolving *r, struct settings *out)
{
    int rc = resolve_secret(r, GLOBAL_PASSWORD, GLOBAL_PASSWORD_FILE, CONTEXT_KEY_PASSWORD,
                            &out->password);

    if (rc == NB_OK) {
        rc = resolve_secret(r, GLOBAL_TOKEN, GLOBAL_TOKEN_FILE, CONTEXT_KEY_TOKEN, &out->token);
    }
    if (rc != NB_OK) {
        return rc;
    }
    out->user = dup_or_null(find_text(r, GLOBAL_USER, CONTEXT_KEY_USER));
    if (out->user != NULL && out->password == NULL) {
        if (out->token == NULL) {
            out->token = out->user;
        } else {
            reference_free(out->user);
        }
        out->user = NULL;
        return NB_OK;
    }
    if (out->user != NULL) {
        return NB_OK;
    }
    if (find_text(r, GLOBAL_CREDS, CONTEXT_KEY_CREDS) != NULL) {
        return resolve_file(r, GLOBAL_CREDS, CONTEXT_KEY_CREDS, &out->creds);
    }
    return resolve_file(r, GLOBAL_NKEY, CONTEXT_KEY_NKEY, &out->nkey_seed);
}

// TLS files are named, not read: a path or file://.
static int resolve_path(struct resolving *r, enum global_id id, enum context_key key, char **out)
{
    const char *text = find_text(r, id, key);

    if (text == NULL) {
        return NB_OK;
    }
    if (strncmp(text, "file://", 7) == 0) {
        text += 7;
    }
    if (strstr(text, "://") != NULL) {
        nb_diag_set(r->diag, "--%s takes a path", global_options[id].name);
        return NB_EINVALID;
    }
    *out = reference_expand(text);
    return NB_OK;
}

static int resolve_tls(struct resolving *r, struct settings *out)
{
    int rc = resolve_path(r, GLOBAL_TLS_CERT, CONTEXT_KEY_CERT, &out->tls_cert);

    if (rc == NB_OK) {
        rc = resolve_path(r, GLOBAL_TLS_KEY, CONTEXT_KEY_KEY, &out->tls_key);
    }
    if (rc == NB_OK) {
        rc = resolve_path(r, GLOBAL_TLS_CA, CONTEXT_KEY_CA, &out->tls_ca);
    }
    if (rc == NB_OK && (out->tls_cert == NULL) != (out->tls_key == NULL)) {
        nb_diag_set(r->diag, "--tlscert and --tlskey are given together");
        rc = NB_EINVALID;
    }
    return rc;
}

static void resolve_rest(struct resolving *r, struct settings *out)
{
    const char *urls = find_text(r, GLOBAL_SERVER, CONTEXT_KEY_URL);
    const char *name = r->cli->globals[GLOBAL_CONNECTION_NAME].text;
    const struct args_value *first = &r->cli->globals[GLOBAL_TLS_FIRST];
    char own_name[64];

    snprintf(own_name, sizeof(own_name), "natsctl %s", NATSCTL_VERSION);
    out->urls = dup_or_null(urls);
    out->inbox_prefix = dup_or_null(find_text(r, GLOBAL_INBOX_PREFIX, CONTEXT_KEY_INBOX_PREFIX));
    out->name = nb_strdup(name != NULL ? name : own_name);
    out->is_tls_first = first->is_set ? first->is_on : r->context.is_tls_first;
}

int settings_resolve(const struct cli *cli, struct settings *out, struct nb_diag *diag)
{
    struct resolving r = {.cli = cli, .diag = diag};
    const char *name = cli->globals[GLOBAL_CONTEXT].text;
    int rc = NB_OK;

    *out = (struct settings){.urls = NULL};
    if (!cli_is_on(cli, GLOBAL_NO_CONTEXT)) {
        rc = context_load(&r.context, name != NULL && *name != '\0' ? name : NULL, diag);
    }
    if (rc == NB_OK) {
        rc = resolve_credentials(&r, out);
    }
    if (rc == NB_OK) {
        rc = resolve_tls(&r, out);
    }
    if (rc == NB_OK) {
        resolve_rest(&r, out);
    } else {
        settings_fini(out);
    }
    context_fini(&r.context);
    return rc == NB_OK ? NB_OK : NB_EINVALID;
}

struct nclient_opts settings_client_opts(const struct settings *settings, const struct cli *cli)
{
    return (struct nclient_opts){
        .urls = settings->urls,
        .name = settings->name,
        .user = settings->user,
        .password = settings->password,
        .token = settings->token,
        .creds = settings->creds,
        .nkey_seed = settings->nkey_seed,
        .tls_first = settings->is_tls_first,
        .tls_skip_verify = cli_is_on(cli, GLOBAL_TLS_INSECURE),
        .tls_server_name = cli->globals[GLOBAL_TLS_SERVER_NAME].text,
        .tls_ca_file = settings->tls_ca,
        .tls_cert_file = settings->tls_cert,
        .tls_key_file = settings->tls_key,
        .inbox_prefix = settings->inbox_prefix,
        .connect_timeout_ns = cli_timeout_ns(cli),
    };
}

void settings_fini(struct settings *settings)
{
    char **const texts[] = {&settings->urls,     &settings->user,        &settings->password,
                            &settings->token,    &settings->creds,       &settings->nkey_seed,
                            &settings->tls_cert, &settings->tls_key,     &settings->tls_ca,
                            &settings->name,     &settings->inbox_prefix};

    for (size_t i = 0; i < NB_ARRAY_LEN(texts); i++) {
        reference_free(*texts[i]);
        *texts[i] = NULL;
    }
}
