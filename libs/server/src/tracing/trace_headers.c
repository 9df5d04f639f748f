#include "tracing/trace_headers.h"

#include <natsd/memory.h>

#include <stdlib.h>

#include "sharing/latency_sample.h"

#define VERSION "NATS/1.0\r\n"
#define PARENT_HEADER "traceparent"

static const struct slice crlf = {(const uint8_t *)"\r\n", 2};

bool nserver__trace_headers_may_ask(struct slice block)
{
    const struct slice parent = nb_slice_of(PARENT_HEADER);

    for (;;) {
        size_t end = nb_slice_find_byte(block, '\n');

        if (block.n - end <= parent.n) { // the shorter one
            return false;
        }
        block.p += end + 1;
        block.n -= end + 1;
        if ((block.p[0] == 'N' && nb_slice_starts(block, NSERVER__TRACE_DEST_HEADER)) ||
            ((block.p[0] | 0x20) == 't' &&
             nb_slice_equal_nocase(nb_slice_sub(block, 0, parent.n), parent))) {
            return true;
        }
    }
}

struct entry {
    struct slice key, value;
};

// The next "<key>:<value>\r\n" with both; a line without a colon is a part of the next key.
static bool take_entry(struct slice *rest, struct entry *entry)
{
    do {
        size_t colon = nb_slice_find_byte(*rest, ':');
        struct slice value = nb_slice_sub(*rest, colon + 1, rest->n);
        size_t end = nb_slice_find(value, crlf);

        if (colon == rest->n || end == value.n) {
            return false;
        }
        entry->key = nb_slice_sub(*rest, 0, colon);
        entry->value = nb_slice_trim(nb_slice_sub(value, 0, end));
        *rest = nb_slice_sub(value, end + crlf.n, value.n);
    } while (entry->key.n == 0 || entry->value.n == 0);
    return true;
}

static bool begin(struct slice block, struct slice *rest)
{
    *rest = nb_slice_sub(block, sizeof(VERSION) - 1, block.n);
    return nb_slice_starts(block, VERSION);
}

static void take_first(struct slice value, bool *is_there, struct slice *out)
{
    if (!*is_there) {
        *is_there = true;
        *out = value;
    }
}

static bool is_yes(struct slice value)
{
    return nb_slice_is(value, "1") || nb_slice_equal_nocase(value, NB_SLICE("true")) ||
           nb_slice_equal_nocase(value, NB_SLICE("on"));
}

void nserver__trace_headers_read(struct slice block, struct nserver__trace_ask *ask)
{
    bool has_dest = false, has_only = false, is_sampled = false;
    struct slice only = {0};
    struct entry entry;
    struct slice rest;

    *ask = (struct nserver__trace_ask){.kind = TRACE_NOT_ASKED};
    if (!begin(block, &rest)) {
        return;
    }
    while (take_entry(&rest, &entry)) {
        if (nb_slice_is(entry.key, NSERVER__TRACE_DEST_HEADER)) {
            take_first(entry.value, &has_dest, &ask->dest);
        } else if (nb_slice_is(entry.key, "Nats-Trace-Only")) {
            take_first(entry.value, &has_only, &only);
        } else if (nb_slice_is(entry.key, "Accept-Encoding")) {
            take_first(entry.value, &ask->has_encoding, &ask->encoding);
        } else if (nb_slice_is(entry.key, "Nats-Trace-Origin-Account")) {
            take_first(entry.value, &ask->has_origin, &ask->origin);
        } else if (nb_slice_equal_nocase(entry.key, NB_SLICE(PARENT_HEADER))) {
            is_sampled = is_sampled || nserver__traceparent_samples(entry.value);
        }
    }
    if (has_dest && !nb_slice_is(ask->dest, NSERVER__TRACE_DISABLED)) {
        ask->kind = TRACE_ASKED;
        ask->is_only = is_yes(only);
    } else if (!has_dest && is_sampled) {
        ask->kind = TRACE_EXTERNAL;
    }
}

/* Shown: sorted, since they are the client's, and there may be very many. */

// By name, and those of one name as they came: they lie in one block.
static int compare(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int order = nb_slice_compare(x->key, y->key);

    return order != 0 ? order : (x->key.p > y->key.p) - (x->key.p < y->key.p);
}

static struct entry *all_of(struct slice block, size_t *count)
{
    struct entry *all;
    struct entry entry;
    struct slice rest;
    size_t n = 0;

    *count = 0;
    if (!begin(block, &rest)) {
        return NULL;
    }
    while (take_entry(&rest, &entry)) {
        n++;
    }
    all = nb_calloc(n + 1, sizeof(*all));
    (void)begin(block, &rest);
    while (take_entry(&rest, &all[*count])) {
        ++*count;
    }
    return all;
}

void nserver__trace_headers_write(struct slice block, struct nb_json_writer *w)
{
    size_t count;
    struct entry *all = all_of(block, &count);

    nb_json_object(w);
    if (count > 0) {
        qsort(all, count, sizeof(*all), compare);
    }
    for (size_t i = 0; i < count;) {
        struct slice key = all[i].key;

        nb_json_key_slice(w, key);
        nb_json_array(w);
        for (; i < count && nb_slice_equal(all[i].key, key); i++) {
            nb_json_str(w, all[i].value);
        }
        nb_json_array_end(w);
    }
    nb_json_object_end(w);
    nb_free(all);
}
