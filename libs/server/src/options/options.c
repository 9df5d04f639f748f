/* options.c - the life of struct nserver_options: what it owns, copied and freed. */
#include <natsd/server_options.h>

#include <natsd/memory.h>
#include <natsd/password.h>

#include "options/option_memory.h"

// Every text that stands alone in the struct; secrets among them, so all are wiped.
static void text_fields(struct nserver_options *o, char **out[], size_t *count)
{
    char **fields[] = {
        &o->config_file, &o->config_digest,  &o->host,      &o->client_advertise,
        &o->server_name, &o->system_account, &o->username,  &o->password,
        &o->token,       &o->no_auth_user,   &o->log_file,  &o->remote_syslog,
        &o->pid_file,    &o->ports_file_dir, &o->http_host, &o->http_base_path,
    };

    *count = NB_ARRAY_LEN(fields);
    memcpy(out, fields, sizeof(fields));
}

enum {
    TEXT_FIELDS_MAX = 32,
};

static void free_text(char **field)
{
    if (*field != NULL) {
        nb_wipe(*field, strlen(*field));
        nb_free(*field);
        *field = NULL;
    }
}

static char *copy_text(const char *text)
{
    return text != NULL ? nb_strdup(text) : NULL;
}

void nserver_options_set_text(char **field, struct slice text)
{
    char *copy = text.n > 0 ? nb_slice_cstr(text) : NULL; // first: text may be the old value

    free_text(field);
    *field = copy;
}

/* What is shared with copies. */

static struct nserver_option_memory *memory_of(struct nserver_options *opts)
{
    if (opts->memory == NULL) {
        opts->memory = nserver__option_memory_create();
    }
    return opts->memory;
}

void *nserver_options_alloc(struct nserver_options *opts, size_t size)
{
    return nserver__option_memory_alloc(memory_of(opts), size);
}

char *nserver_options_keep(struct nserver_options *opts, struct slice text)
{
    return nserver__option_memory_text(memory_of(opts), text);
}

void *nserver_options_grow(struct nserver_options *opts, void *list, size_t count, size_t item_size)
{
    return nserver__option_memory_grow(memory_of(opts), list, count, item_size);
}

/* The whole. */

void nserver_options_init(struct nserver_options *opts)
{
    *opts = (struct nserver_options){0};
}

void nserver_options_fini(struct nserver_options *opts)
{
    char **fields[TEXT_FIELDS_MAX];
    size_t count;

    text_fields(opts, fields, &count);
    for (size_t i = 0; i < count; i++) {
        free_text(fields[i]);
    }
    nserver__option_memory_unref(opts->memory);
    *opts = (struct nserver_options){0};
}

void nserver_options_copy(struct nserver_options *to, const struct nserver_options *from)
{
    char **fields[TEXT_FIELDS_MAX];
    size_t count;

    *to = *from;
    text_fields(to, fields, &count);
    for (size_t i = 0; i < count; i++) {
        *fields[i] = copy_text(*fields[i]);
    }
    if (from->memory != NULL) {
        nserver__option_memory_ref(from->memory);
    }
}

static bool is_plain(const char *password)
{
    return password != NULL && password[0] != '\0' &&
           !nauth_password_is_bcrypt(nb_slice_of(password));
}

bool nserver_options_has_plain_password(const struct nserver_options *opts)
{
    for (size_t i = 0; i < opts->user_count; i++) {
        if (is_plain(opts->users[i].password)) {
            return true;
        }
    }
    return is_plain(opts->password);
}

void nserver_option_report_init(struct nserver_option_report *report)
{
    enum { REPORT_MAX_BYTES = 16 * 1024 * 1024 };

    nb_buf_init(&report->warnings, REPORT_MAX_BYTES);
    nb_buf_init(&report->errors, REPORT_MAX_BYTES);
}

void nserver_option_report_fini(struct nserver_option_report *report)
{
    nb_buf_fini(&report->warnings);
    nb_buf_fini(&report->errors);
}
