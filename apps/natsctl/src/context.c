#include "context.h"

#include "file.h"
#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    CONTEXT_MAX_BYTES = 1024 * 1024,
    PATH_ROOM = 4096,
};

static const char *const keys[] = {
#define CONTEXT_KEY(id, key) key,
#include "context.def"
#undef CONTEXT_KEY
};

// -- where -----------------------------------------------------------------------------------

static void folder(char out[PATH_ROOM])
{
    const char *config = getenv("XDG_CONFIG_HOME");
    char *home;

    if (config != NULL && *config != '\0') {
        snprintf(out, PATH_ROOM, "%s/nats", config);
        return;
    }
    home = reference_expand("~");
    snprintf(out, PATH_ROOM, "%s/.config/nats", home);
    nb_free(home);
}

static bool is_file(const char *name)
{
    return nb_slice_ends(nb_slice_of(name), ".json") && access(name, R_OK) == 0;
}

static bool is_context_name(const char *name)
{
    return *name != '\0' && strstr(name, "..") == NULL && strpbrk(name, "/\\") == NULL;
}

// The name in context.txt; false when none is selected.
static bool find_selected(char out[PATH_ROOM])
{
    char path[PATH_ROOM + 32];
    char dir[PATH_ROOM];
    struct nb_buf buf;
    struct slice name;

    folder(dir);
    snprintf(path, sizeof(path), "%s/context.txt", dir);
    nb_buf_init(&buf, PATH_ROOM - 1);
    name = file_read(path, &buf, NULL) == NB_OK ? nb_slice_trim(nb_buf_slice(&buf))
                                                : (struct slice){0};
    snprintf(out, PATH_ROOM, "%.*s", (int)name.n, name.n > 0 ? (const char *)name.p : "");
    nb_buf_fini(&buf);
    return *out != '\0';
}

// -- what ------------------------------------------------------------------------------------

static void take_values(struct context *context)
{
    const struct nb_json_value *first = nb_json_get(context->doc.root, "tls_first");

    for (size_t i = 0; i < CONTEXT_KEY_COUNT; i++) {
        const struct nb_json_value *value = nb_json_get(context->doc.root, keys[i]);

        if (value != NULL && value->type == NB_JSON_STRING && value->text.n > 0) {
            context->values[i] = nb_slice_cstr(value->text);
        }
    }
    context->is_tls_first = first != NULL && first->type == NB_JSON_BOOL && first->is_true;
}

static int load_file(struct context *context, const char *path, const char *name,
                     struct nb_diag *diag)
{
    struct nb_diag why = {""};
    struct nb_buf buf;
    int rc;

    nb_buf_init(&buf, CONTEXT_MAX_BYTES);
    rc = file_read(path, &buf, &why);
    if (rc == NB_OK) {
        rc = nb_json_parse(nb_buf_slice(&buf), CONTEXT_MAX_BYTES * 8, &context->doc, &why);
    }
    if (rc == NB_OK && context->doc.root->type != NB_JSON_OBJECT) {
        nb_diag_set(&why, "not an object");
        rc = NB_EINVALID;
    }
    if (rc == NB_OK) {
        take_values(context);
    } else {
        nb_diag_set(diag, "context %s: %.400s", name, why.text);
    }
    nb_buf_wipe_fini(&buf);
    return rc == NB_OK ? NB_OK : NB_EINVALID;
}

int context_load(struct context *context, const char *name, struct nb_diag *diag)
{
    char selected[PATH_ROOM];
    char dir[PATH_ROOM];
    char path[2 * PATH_ROOM + 32];

    *context = (struct context){.is_tls_first = false};
    if (name != NULL && is_file(name)) {
        return load_file(context, name, name, diag);
    }
    if (name == NULL) {
        if (!find_selected(selected)) {
            return NB_OK;
        }
        name = selected;
    }
    if (!is_context_name(name)) {
        nb_diag_set(diag, "invalid context name \"%.200s\"", name);
        return NB_EINVALID;
    }
    folder(dir);
    snprintf(path, sizeof(path), "%s/context/%s.json", dir, name);
    return load_file(context, path, name, diag);
}

void context_fini(struct context *context)
{
    for (size_t i = 0; i < CONTEXT_KEY_COUNT; i++) {
        reference_free(context->values[i]);
        context->values[i] = NULL;
    }
    nb_json_doc_fini(&context->doc);
}
