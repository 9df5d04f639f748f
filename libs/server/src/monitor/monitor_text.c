#include "monitor/monitor_text.h"

#include <natsd/duration.h>

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
