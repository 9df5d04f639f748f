/* read_jetstream.c - JetStream: the block, and what stands at the top level (spec 02 section 4.16). */
#include <stddef.h>

#include <natsd/number.h>

#include "options/read_block.h"

/* Sizes: an integer, or a text that ends in K, M, G or T. */

static bool unit_of(uint8_t letter, int64_t *unit)
{
    static const char letters[] = "KMGT";
    const char *at = letter != '\0' ? strchr(letters, letter) : NULL;

    if (at == NULL) {
        return false;
    }
    *unit = INT64_C(1) << (10 * (at - letters + 1));
    return true;
}

// `what` and the fault; false when there is one.
static bool parse_size(struct reading *r, const struct nconf_value *value, const char *what,
                       int64_t *out)
{
    struct slice digits = nb_slice_sub(value->text, 0, value->text.n - 1);
    int64_t number;
    int64_t unit;
    int rc = nb_parse_i64(digits, INT64_MIN, INT64_MAX, &number);

    if (rc != NB_OK) {
        nserver__read_error(r, value, "%s strconv.ParseInt: parsing %s: %s", what,
                            nserver__quoted(r, digits),
                            rc == NB_ERANGE ? "value out of range" : "invalid syntax");
        return false;
    }
    if (!unit_of(value->text.p[value->text.n - 1], &unit)) {
        nserver__read_error(r, value, "%s sizes defined as strings must end in K, M, G, T", what);
        return false;
    }
    if (__builtin_mul_overflow(number, unit, out)) {
        nserver__read_error(r, value, "%s value is too big", what);
        return false;
    }
    return true;
}

static bool read_size(struct reading *r, const struct nconf_value *value, const char *what,
                      int64_t *out)
{
    if (value->type == NCONF_INTEGER) {
        *out = value->integer;
        return true;
    }
    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "%s must be int64 or string", what);
        return false;
    }
    if (value->text.n == 0) {
        *out = 0;
        return true;
    }
    return parse_size(r, value, what, out);
}

/* Where. */

void nserver__read_store_dir(struct reading *r, const struct nconf_value *value)
{
    char **store_dir = &r->opts->jetstream.store_dir;

    if (*store_dir != NULL) {
        nserver__read_error(r, value, "Duplicate 'store_dir' configuration");
        return;
    }
    (void)nserver__read_kept_text(r, value, store_dir);
}

static void read_store_dir(struct reading *r, const struct nconf_value *value,
                           void *block NB_UNUSED)
{
    nserver__read_store_dir(r, value);
}

/* How much. */

static void read_max_memory(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_jetstream_options *js = block;

    if (read_size(r, value, "max_mem_store", &js->max_memory)) {
        js->has_max_memory = true;
    }
}

static void read_max_store(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_jetstream_options *js = block;

    if (read_size(r, value, "max_file_store", &js->max_store)) {
        js->has_max_store = true;
    }
}

static void read_max_catchup(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)read_size(r, value, "max_outstanding_catchup",
                    &((struct nserver_jetstream_options *)block)->max_outstanding_catchup);
}

static void read_buffered_size(struct reading *r, const struct nconf_value *value, void *block)
{
    (void)read_size(r, value, "max_buffered_size",
                    &((struct nserver_jetstream_options *)block)->max_buffered_size);
}

// An integer with words of its own for another type.
static void read_count(struct reading *r, const struct nconf_value *value, int64_t *out)
{
    if (value->type == NCONF_INTEGER) {
        *out = value->integer;
        return;
    }
    nserver__read_error(r, value, "Expected a parseable size for %s, got %s",
                        nserver__quoted(r, value->key), nserver__shown(r, value));
}

static void read_buffered_msgs(struct reading *r, const struct nconf_value *value, void *block)
{
    read_count(r, value, &((struct nserver_jetstream_options *)block)->max_buffered_msgs);
}

static void read_request_limit(struct reading *r, const struct nconf_value *value, void *block)
{
    read_count(r, value, &((struct nserver_jetstream_options *)block)->request_queue_limit);
}

static void read_info_limit(struct reading *r, const struct nconf_value *value, void *block)
{
    read_count(r, value, &((struct nserver_jetstream_options *)block)->info_queue_limit);
}

static void refuse_size(struct reading *r, const struct nconf_value *value, const char *range)
{
    nserver__read_error(r, value, "Expected an absolute size for %s%s, got %s",
                        nserver__quoted(r, value->key), range, nserver__shown(r, value));
}

static void read_meta_compact(struct reading *r, const struct nconf_value *value, void *block)
{
    if (value->type != NCONF_INTEGER || value->integer < 0) {
        refuse_size(r, value, "");
        return;
    }
    ((struct nserver_jetstream_options *)block)->meta_compact = value->integer;
}

static void read_meta_compact_size(struct reading *r, const struct nconf_value *value, void *block)
{
    int64_t size;

    if (!read_size(r, value, "meta_compact_size", &size)) {
        return;
    }
    if (size < 0) {
        refuse_size(r, value, "");
        return;
    }
    ((struct nserver_jetstream_options *)block)->meta_compact_size = size;
}

static void read_max_io(struct reading *r, const struct nconf_value *value, void *block)
{
    if (value->type != NCONF_INTEGER || value->integer < NSERVER_JETSTREAM_IO_MIN ||
        value->integer > NSERVER_JETSTREAM_IO_MAX) {
        refuse_size(r, value, " between 4 and 8192");
        return;
    }
    ((struct nserver_jetstream_options *)block)->max_concurrent_io = value->integer;
}

/* How. */

static void read_strict(struct reading *r, const struct nconf_value *value, void *block)
{
    if (value->type != NCONF_BOOL) {
        nserver__read_error(r, value, "Expected 'true' or 'false' for bool value, got '%s'",
                            nserver__shown(r, value));
        return;
    }
    ((struct nserver_jetstream_options *)block)->no_strict = !value->is_true;
}

static void read_sync(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_jetstream_options *js = block;

    js->sync_is_set = true;
    js->sync_always = value->type == NCONF_STRING && nb_slice_is(value->text, "always");
    if (!js->sync_always) {
        (void)nserver__read_duration(r, value, &js->sync_interval_ns);
    }
}

static void read_cipher_name(struct reading *r, const struct nconf_value *value,
                             enum nserver_jetstream_cipher *out)
{
    const char *name;

    if (value->type != NCONF_STRING) {
        nserver__read_error(r, value, "expected string, got %s", nconf_type_name(value->type));
        return;
    }
    name = nserver__lowered(r, value->text);
    if (strcmp(name, "aes") == 0) {
        *out = NSERVER_JETSTREAM_CIPHER_AES;
    } else if (strcmp(name, "chacha") == 0 || strcmp(name, "chachapoly") == 0) {
        *out = NSERVER_JETSTREAM_CIPHER_CHACHA;
    } else {
        nserver__read_error(r, value, "Unknown cipher type: %s", nserver__quoted(r, value->text));
    }
}

static void read_cipher(struct reading *r, const struct nconf_value *value, void *block)
{
    read_cipher_name(r, value, &((struct nserver_jetstream_options *)block)->cipher);
}

static void read_unique_tag(struct reading *r, const struct nconf_value *value, void *block)
{
    char **out = &((struct nserver_jetstream_options *)block)->unique_tag;

    if (nserver__read_kept_text(r, value, out)) {
        *out = nserver__keep_text(r, nb_slice_of(nserver__lowered(r, nb_slice_trim(value->text))));
    }
}

static void read_limits(struct reading *r, const struct nconf_value *value, void *block)
{
    nserver__read_jetstream_limits(r, value, &((struct nserver_jetstream_options *)block)->limits);
}

/* A key that a chip keeps. */

static const struct nserver__option tpm_options[] = {
    {"keys_file", NSERVER__OPTION_TEXT, offsetof(struct nserver_jetstream_options, tpm.keys_file),
     NULL, NULL},
    {"encryption_password", NSERVER__OPTION_TEXT,
     offsetof(struct nserver_jetstream_options, tpm.encryption_password), NULL, NULL},
    {"srk_password", NSERVER__OPTION_TEXT,
     offsetof(struct nserver_jetstream_options, tpm.srk_password), NULL, NULL},
    {"pcr", NSERVER__OPTION_INT, offsetof(struct nserver_jetstream_options, tpm.pcr), NULL, NULL},
    {"cipher", NSERVER__OPTION_SPECIAL, 0, read_cipher, NULL},
};

static void read_tpm(struct reading *r, const struct nconf_value *value, void *block)
{
    struct nserver_jetstream_options *js = block;

    if (value->type != NCONF_MAP) {
        nserver__read_error(r, value, "Expected a map to define JetStreamLimits, got %s",
                            nconf_type_name(value->type));
        return;
    }
    js->tpm =
        (struct nserver_jetstream_tpm){.is_set = true, .pcr = NSERVER_JETSTREAM_TPM_PCR_DEFAULT};
    nserver__read_block(r, value, tpm_options, NB_ARRAY_LEN(tpm_options), js);
}

/* The block. */

#define MEMBER(name) offsetof(struct nserver_jetstream_options, name)

static const struct nserver__option options[] = {
    {"store_dir", NSERVER__OPTION_SPECIAL, 0, read_store_dir, NULL},
    {"storedir", NSERVER__OPTION_SPECIAL, 0, read_store_dir, NULL},
    {"store", NSERVER__OPTION_SPECIAL, 0, read_store_dir, NULL},
    {"max_memory_store", NSERVER__OPTION_SPECIAL, 0, read_max_memory, NULL},
    {"max_mem_store", NSERVER__OPTION_SPECIAL, 0, read_max_memory, NULL},
    {"max_mem", NSERVER__OPTION_SPECIAL, 0, read_max_memory, NULL},
    {"max_file_store", NSERVER__OPTION_SPECIAL, 0, read_max_store, NULL},
    {"max_file", NSERVER__OPTION_SPECIAL, 0, read_max_store, NULL},
    {"strict", NSERVER__OPTION_SPECIAL, 0, read_strict, NULL},
    {"sync_interval", NSERVER__OPTION_SPECIAL, 0, read_sync, NULL},
    {"sync", NSERVER__OPTION_SPECIAL, 0, read_sync, NULL},
    {"domain", NSERVER__OPTION_TEXT, MEMBER(domain), NULL, NULL},
    {"enabled", NSERVER__OPTION_BOOL, MEMBER(is_on), NULL, NULL},
    {"enable", NSERVER__OPTION_BOOL, MEMBER(is_on), NULL, NULL},
    {"key", NSERVER__OPTION_TEXT, MEMBER(key), NULL, NULL},
    {"ek", NSERVER__OPTION_TEXT, MEMBER(key), NULL, NULL},
    {"encryption_key", NSERVER__OPTION_TEXT, MEMBER(key), NULL, NULL},
    {"prev_key", NSERVER__OPTION_TEXT, MEMBER(prev_key), NULL, NULL},
    {"prev_ek", NSERVER__OPTION_TEXT, MEMBER(prev_key), NULL, NULL},
    {"prev_encryption_key", NSERVER__OPTION_TEXT, MEMBER(prev_key), NULL, NULL},
    {"cipher", NSERVER__OPTION_SPECIAL, 0, read_cipher, NULL},
    {"extension_hint", NSERVER__OPTION_TEXT, MEMBER(extension_hint), NULL, NULL},
    {"limits", NSERVER__OPTION_SPECIAL, 0, read_limits, NULL},
    {"tpm", NSERVER__OPTION_SPECIAL, 0, read_tpm, NULL},
    {"unique_tag", NSERVER__OPTION_SPECIAL, 0, read_unique_tag, NULL},
    {"max_outstanding_catchup", NSERVER__OPTION_SPECIAL, 0, read_max_catchup, NULL},
    {"max_buffered_size", NSERVER__OPTION_SPECIAL, 0, read_buffered_size, NULL},
    {"max_buffered_msgs", NSERVER__OPTION_SPECIAL, 0, read_buffered_msgs, NULL},
    {"request_queue_limit", NSERVER__OPTION_SPECIAL, 0, read_request_limit, NULL},
    {"info_queue_limit", NSERVER__OPTION_SPECIAL, 0, read_info_limit, NULL},
    {"meta_compact", NSERVER__OPTION_SPECIAL, 0, read_meta_compact, NULL},
    {"meta_compact_size", NSERVER__OPTION_SPECIAL, 0, read_meta_compact_size, NULL},
    {"meta_compact_sync", NSERVER__OPTION_BOOL, MEMBER(meta_compact_sync), NULL, NULL},
    {"max_concurrent_io", NSERVER__OPTION_SPECIAL, 0, read_max_io, NULL},
};

static void read_word(struct reading *r, const struct nconf_value *value,
                      struct nserver_jetstream_options *js)
{
    const char *word = nserver__lowered(r, value->text);

    if (strcmp(word, "enabled") == 0 || strcmp(word, "enable") == 0) {
        js->is_on = true;
    } else if (strcmp(word, "disabled") == 0 || strcmp(word, "disable") == 0) {
        js->is_on = false;
    } else {
        nserver__read_error(r, value, "Expected 'enabled' or 'disabled' for string value, got '%s'",
                            nserver__shown(r, value));
    }
}

void nserver__read_jetstream(struct reading *r, const struct nconf_value *value)
{
    struct nserver_jetstream_options *js = &r->opts->jetstream;

    switch (value->type) {
    case NCONF_BOOL:
        js->is_on = value->is_true;
        return;
    case NCONF_STRING:
        read_word(r, value, js);
        return;
    case NCONF_MAP:
        js->is_on = true; // unless it says otherwise
        nserver__read_block(r, value, options, NB_ARRAY_LEN(options), js);
        return;
    case NCONF_INTEGER:
    case NCONF_FLOAT:
    case NCONF_TIME:
    case NCONF_ARRAY:
        break;
    }
    nserver__read_error(r, value, "Expected map, bool or string to define JetStream, got %s",
                        nconf_type_name(value->type));
}
