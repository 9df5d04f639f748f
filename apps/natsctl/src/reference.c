#include "reference.h"

#include "auth/store.h"
#include "file.h"

#include <natsd/base64.h>

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SECRET_MAX_BYTES = 1024 * 1024,
    PATH_MAX_BYTES = 64 * 1024,
};

// -- paths -----------------------------------------------------------------------------------

static const char *home(void)
{
    const char *dir = getenv("HOME");
    const struct passwd *entry;

    if (dir != NULL && *dir != '\0') {
        return dir;
    }
    entry = getpwuid(getuid());
    return entry != NULL ? entry->pw_dir : "";
}

// What is too long for a path is left out, and then the path isn't found.
static void put(struct nb_buf *path, struct slice part)
{
    if (nb_buf_append(path, part) != NB_OK) {
        nb_buf_clear(path);
    }
}

// Behind the '$': NAME or {NAME}. An unset one is empty.
static const char *put_variable(const char *at, struct nb_buf *out)
{
    bool has_brace = *at == '{';
    const char *start = at + (has_brace ? 1 : 0);
    const char *end = start;
    char *name;
    const char *value;

    while (isalnum((unsigned char)*end) || *end == '_') {
        end++;
    }
    name = nb_slice_cstr(nb_slice_make(start, (size_t)(end - start)));
    value = getenv(name);
    nb_free(name);
    put(out, nb_slice_of(value));
    return has_brace && *end == '}' ? end + 1 : end;
}

char *reference_expand(const char *path)
{
    const char *at = path;
    struct nb_buf buf;
    char *expanded;

    nb_buf_init(&buf, PATH_MAX_BYTES);
    if (at[0] == '~' && (at[1] == '/' || at[1] == '\0')) {
        put(&buf, nb_slice_of(home()));
        at++;
    }
    while (*at != '\0') {
        if (*at == '$') {
            at = put_variable(at + 1, &buf);
        } else {
            put(&buf, nb_slice_make(at++, 1));
        }
    }
    expanded = nb_slice_cstr(nb_buf_slice(&buf));
    nb_buf_fini(&buf);
    return expanded;
}

// -- the forms -------------------------------------------------------------------------------

static char *take_text(struct nb_buf *buf)
{
    struct slice text = nb_buf_slice(buf);

    while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r')) {
        text.n--;
    }
    return nb_slice_cstr(text);
}

static int read_path(const char *path, char **out, struct nb_diag *diag)
{
    struct nb_buf buf;
    int rc;

    nb_buf_init(&buf, SECRET_MAX_BYTES);
    rc = file_read(path, &buf, diag);
    if (rc == NB_OK) {
        *out = take_text(&buf);
    }
    nb_buf_wipe_fini(&buf);
    return rc;
}

static int from_file(const char *path, char **out, struct nb_diag *diag)
{
    char *expanded = reference_expand(path);
    int rc = read_path(expanded, out, diag);

    nb_free(expanded);
    return rc;
}

// "Operator/Account/User": the creds that `natsctl auth` or nsc keeps.
static int from_store(const char *text, char **out, struct nb_diag *diag)
{
    struct slice rest = nb_slice_of(text);
    char *names[3] = {NULL};
    struct auth_store store;
    struct slice name;
    size_t count = 0;
    char *path;
    int rc = NB_EINVALID;

    while (count < NB_ARRAY_LEN(names) && nb_slice_take_field(&rest, '/', &name) &&
           auth_store_is_name(name)) {
        names[count++] = nb_slice_cstr(name);
    }
    if (count == NB_ARRAY_LEN(names) && rest.n == 0) {
        auth_store_init(&store, NULL, getenv("NKEYS_PATH"));
        path = auth_store_creds_path(&store, names[0], names[1], names[2]);
        rc = read_path(path, out, diag);
        nb_free(path);
        auth_store_fini(&store);
    } else {
        nb_diag_set(diag, "expected nsc://operator/account/user");
    }
    for (size_t i = 0; i < count; i++) {
        nb_free(names[i]);
    }
    return rc;
}

static int from_variable(const char *name, char **out, struct nb_diag *diag)
{
    const char *value = getenv(name);

    if (value == NULL || *value == '\0') {
        nb_diag_set(diag, "environment variable %s is not set", name);
        return NB_EINVALID;
    }
    *out = nb_strdup(value);
    return NB_OK;
}

static int from_data(const char *text, char **out, struct nb_diag *diag)
{
    const char *base64 = ";base64,";
    struct nb_buf buf;
    int rc = NB_EINVALID;

    nb_buf_init(&buf, SECRET_MAX_BYTES);
    if (strncmp(text, base64, strlen(base64)) == 0) {
        rc = nauth_base64_decode(nb_slice_of(text + strlen(base64)), &buf);
    }
    if (rc == NB_OK) {
        *out = take_text(&buf);
    } else {
        nb_diag_set(diag, "malformed data: reference, expected data:;base64,...");
    }
    nb_buf_wipe_fini(&buf);
    return rc == NB_OK ? NB_OK : NB_EINVALID;
}

static bool has_scheme(const char *text, const char *scheme, const char **rest)
{
    size_t n = strlen(scheme);

    *rest = text + n;
    return nb_slice_equal_nocase(nb_slice_sub(nb_slice_of(text), 0, n), nb_slice_of(scheme));
}

int reference_resolve(const char *text, enum reference_kind kind, char **out, struct nb_diag *diag)
{
    const char *rest;

    if (has_scheme(text, "file://", &rest)) {
        return from_file(rest, out, diag);
    }
    if (has_scheme(text, "env://", &rest)) {
        return from_variable(rest, out, diag);
    }
    if (has_scheme(text, "data:", &rest)) {
        return from_data(rest, out, diag);
    }
    if (has_scheme(text, "nsc://", &rest)) {
        return from_store(rest, out, diag);
    }
    if (has_scheme(text, "op://", &rest)) {
        nb_diag_set(diag, "references of this scheme are not supported: %.6s", text);
        return NB_EUNSUPPORTED;
    }
    if (kind == REFERENCE_PATH) {
        return from_file(text, out, diag);
    }
    *out = nb_strdup(text);
    return NB_OK;
}

void reference_free(char *text)
{
    if (text != NULL) {
        nb_wipe(text, strlen(text));
        nb_free(text);
    }
}
