#include "monitor/monitor_text.h"

#include <natsd/duration.h>
#include <natsd/permissions.h>
#include <natsd/server_options.h>

#include "lifecycle/state.h"

enum {
    TEXT_MAX_BYTES = 128,
};

static void put(struct nb_json_writer *w, const char *key, struct nb_buf *text)
{
    nb_json_put_str(w, key, nb_buf_slice(text));
    nb_buf_fini(text);
}

void nserver__write_time(struct nb_json_writer *w, const char *key, struct nb_wall time)
{
    struct nb_buf text;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    nb_wall_format_utc(time, &text);
    put(w, key, &text);
}

void nserver__write_uptime(struct nb_json_writer *w, const char *key, int64_t ns)
{
    struct nb_buf text;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    nb_uptime_format(ns, &text);
    put(w, key, &text);
}

void nserver__write_duration(struct nb_json_writer *w, const char *key, int64_t ns)
{
    struct nb_buf text;

    nb_buf_init(&text, TEXT_MAX_BYTES);
    nb_duration_format(ns, &text);
    put(w, key, &text);
}

void nserver__write_texts(struct nb_json_writer *w, const char *key,
                          const struct nauth_texts *texts)
{
    if (texts->count == 0) {
        return;
    }
    nb_json_key(w, key);
    nb_json_array(w);
    for (size_t i = 0; i < texts->count; i++) {
        nb_json_str(w, texts->items[i]);
    }
    nb_json_array_end(w);
}

void nserver__write_amount(struct nb_json_writer *w, const char *key, uint64_t msgs, uint64_t bytes)
{
    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_put_u64(w, "msgs", msgs);
    nb_json_put_u64(w, "bytes", bytes);
    nb_json_object_end(w);
}

void nserver__write_kinds(struct nb_json_writer *w, const char *key, uint64_t clients)
{
    nb_json_key(w, key);
    nb_json_object(w);
    nb_json_put_u64(w, "clients", clients);
    nb_json_put_u64(w, "routes", 0);
    nb_json_put_u64(w, "gateways", 0);
    nb_json_put_u64(w, "leafs", 0);
    nb_json_object_end(w);
}

void nserver__write_labels(struct nb_json_writer *w, const struct nserver_options *opts)
{
    if (opts->tag_count > 0) {
        nb_json_key(w, "tags");
        nb_json_array(w);
        for (size_t i = 0; i < opts->tag_count; i++) {
            nb_json_str(w, nb_slice_of(opts->tags[i]));
        }
        nb_json_array_end(w);
    }
    if (opts->metadata_count > 0) {
        nb_json_key(w, "metadata");
        nb_json_object(w);
        for (size_t i = 0; i < opts->metadata_count; i++) {
            nb_json_put_text(w, opts->metadata[i].key, opts->metadata[i].value);
        }
        nb_json_object_end(w);
    }
}

void nserver__write_feature_flags(struct nb_json_writer *w, const struct nserver_options *opts)
{
    size_t count;
    const struct nserver_feature_default *flags = nserver_feature_defaults(&count);

    nb_json_key(w, "feature_flags");
    nb_json_object(w);
    for (size_t i = 0; i < count; i++) {
        nb_json_put_bool(w, flags[i].name, nserver_feature_is_on(opts, flags[i].name));
    }
    nb_json_object_end(w);
}

void nserver__write_system_account(struct nb_json_writer *w, const struct nserver_options *opts)
{
    const char *name =
        opts->operators.jwt_count > 0 ? opts->system_account : nserver__system_account(opts);

    nb_json_opt_str(w, "system_account", nb_slice_of(name));
}
