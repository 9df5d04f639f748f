#include "sharing/latency_sample.h"

#include <natsd/headers.h>

enum {
    PERCENT_ALWAYS = 100,
    NAME_MAX_BYTES = 256, // of a header that is shown
};

/* Looking. */

struct looking {
    const char *name; // in any case
    bool is_prefix;
    bool is_found;
    struct slice value;       // the first
    struct nb_json_writer *w; // or NULL
};

// "x-b3-traceid" as "X-B3-Traceid".
static struct slice canonical(struct slice name, char *out)
{
    bool is_first = true;

    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];

        if (is_first && c >= 'a' && c <= 'z') {
            c = (uint8_t)(c - 'a' + 'A');
        } else if (!is_first && c >= 'A' && c <= 'Z') {
            c = (uint8_t)(c - 'A' + 'a');
        }
        is_first = c == '-';
        out[i] = (char)c;
    }
    return nb_slice_make(out, name.n);
}

static bool is_wanted(const struct looking *looking, struct slice key)
{
    struct slice name = nb_slice_of(looking->name);

    if (looking->is_prefix && key.n > name.n) {
        key.n = name.n;
    }
    return nb_slice_equal_nocase(key, name);
}

static bool look(void *ctx, struct slice key, struct slice value)
{
    struct looking *looking = ctx;
    char name[NAME_MAX_BYTES];

    if (key.n > NAME_MAX_BYTES || !is_wanted(looking, key)) {
        return true;
    }
    if (!looking->is_found) {
        looking->value = value;
    }
    if (looking->w != NULL && (looking->is_prefix || !looking->is_found)) {
        nb_json_key_slice(looking->w, canonical(key, name));
        nb_json_array(looking->w);
        nb_json_str(looking->w, value);
        nb_json_array_end(looking->w);
    }
    looking->is_found = true;
    return true;
}

static void look_through(struct slice block, struct looking *looking)
{
    int rc = nproto_headers_each(block, look, looking);

    (void)rc; // what is no block has no headers
}

static bool find(struct slice block, const char *name, struct slice *value)
{
    struct looking looking = {.name = name};

    look_through(block, &looking);
    *value = looking.value;
    return looking.is_found;
}

static void show(struct nb_json_writer *w, struct slice block, const char *name, bool is_prefix)
{
    struct looking looking = {.name = name, .is_prefix = is_prefix, .w = w};

    look_through(block, &looking);
}

/* What the headers of tracing systems say. */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Field `index` of `count` exactly (0: any number of them).
static bool field_of(struct slice text, uint8_t separator, unsigned index, unsigned count,
                     struct slice *out)
{
    struct slice field;
    unsigned n = 0;
    bool is_found = false;

    while (nb_slice_take_field(&text, separator, &field)) {
        if (n++ == index) {
            *out = field;
            is_found = true;
        }
    }
    return is_found && (count == 0 || n == count);
}

static bool uber_samples(struct slice value)
{
    struct slice flags = {0};
    int digit;

    if (!field_of(value, ':', 3, 4, &flags) || flags.n < 1 || flags.n > 2) {
        return false;
    }
    digit = hex_digit(flags.p[flags.n - 1]);
    return digit >= 0 && (digit & 1) != 0;
}

static bool b3_samples(struct slice value)
{
    struct slice state = {0};

    if (nb_slice_is(value, "0")) {
        return false;
    }
    return !field_of(value, '-', 2, 0, &state) || !nb_slice_is(state, "0");
}

bool nserver__traceparent_samples(struct slice value)
{
    struct slice flags = {0};
    int high;
    int low;

    if (!field_of(value, '-', 3, 4, &flags) || flags.n != 2) {
        return false;
    }
    high = hex_digit(flags.p[0]);
    low = hex_digit(flags.p[1]);
    return high >= 0 && high <= 7 && low >= 0 && (low & 1) != 0;
}

static void show_b3(struct nb_json_writer *w, struct slice block)
{
    static const char *const names[] = {"X-B3-Sampled", "X-B3-TraceId", "X-B3-ParentSpanId",
                                        "X-B3-SpanId"};

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        show(w, block, names[i], false);
    }
}

// The first of them that is there decides; shows those that belong to it.
static bool headers_sample(struct slice block, struct nb_json_writer *w)
{
    struct slice value;
    bool is_sampled;

    if (find(block, "Uber-Trace-Id", &value)) {
        is_sampled = uber_samples(value);
        show(w, block, "Uber-Trace-Id", false);
        show(w, block, "Uberctx-", true);
        return is_sampled;
    }
    if (find(block, "X-B3-Sampled", &value) &&
        (nb_slice_is(value, "1") || nb_slice_is(value, "0"))) {
        show_b3(w, block);
        return nb_slice_is(value, "1");
    }
    if (find(block, "X-B3-TraceId", &value)) {
        show_b3(w, block);
        return true;
    }
    if (find(block, "B3", &value)) {
        show(w, block, "B3", false);
        return b3_samples(value);
    }
    if (find(block, "Traceparent", &value)) {
        show(w, block, "Traceparent", false);
        show(w, block, "Tracestate", false);
        return nserver__traceparent_samples(value);
    }
    return false;
}

bool nserver__latency_sample(int percent, struct slice header_block, struct nb_random *random,
                             struct nb_buf *headers)
{
    struct nb_json_writer w;
    bool is_sampled;

    if (percent >= PERCENT_ALWAYS) {
        return true;
    }
    if (percent > 0 && nb_random_below(random, PERCENT_ALWAYS) <= (uint32_t)percent) {
        return true;
    }
    nb_json_begin(&w, headers, NB_JSON_COMPACT);
    nb_json_object(&w);
    is_sampled = headers_sample(header_block, &w);
    nb_json_object_end(&w);
    if (nb_json_end(&w) != NB_OK || !is_sampled) {
        nb_buf_clear(headers);
    }
    return is_sampled;
}
