#include "bench/options.h"

#include "file.h"
#include "value.h"

#include <natsd/clock.h>
#include <natsd/headers.h>
#include <natsd/number.h>
#include <natsd/random.h>
#include <natsd/subject.h>

enum {
    HEADERS_MAX_BYTES = 64 * 1024,
    SUBJECT_MAX_BYTES = 1024, // leaves room for what is put behind it
};

const struct args_value *bench_option(const struct cli *cli, const char *name)
{
    const struct command *command = cli_command(cli);

    for (size_t i = 0; i < command->option_count; i++) {
        if (strcmp(command->options[i].name, name) == 0) {
            return &cli->own[i];
        }
    }
    return NULL;
}

int bench_size_parse(struct slice text, size_t max, size_t *out)
{
    static const struct {
        const char *name;
        unsigned shift;
    } units[] = {{"", 0},    {"B", 0},    {"K", 10}, {"KB", 10}, {"KiB", 10}, {"M", 20},
                 {"MB", 20}, {"MiB", 20}, {"G", 30}, {"GB", 30}, {"GiB", 30}};
    size_t digits = 0;
    uint64_t number;
    int rc;

    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9') {
        digits++;
    }
    rc = nb_parse_u64(nb_slice_sub(text, 0, digits), max, &number);
    if (rc != NB_OK) {
        return rc;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(units); i++) {
        if (nb_slice_equal_nocase(nb_slice_sub(text, digits, text.n), nb_slice_of(units[i].name))) {
            if (number > max >> units[i].shift) {
                return NB_ERANGE;
            }
            *out = (size_t)number << units[i].shift;
            return NB_OK;
        }
    }
    return NB_EMALFORMED;
}

// At a rate the time is a number of messages.
uint64_t bench_options_total(const struct bench_options *options)
{
    if (options->duration_ns == 0) {
        return options->msgs;
    }
    if (options->rate == 0) {
        return UINT64_MAX;
    }
    return (uint64_t)((double)options->rate * (double)options->duration_ns / (double)NB_NS_PER_S +
                      0.5);
}

char *bench_options_wildcard(const struct bench_options *options, const char *subject)
{
    struct nb_buf buf;
    char *pattern;

    nb_buf_init(&buf, 2 * SUBJECT_MAX_BYTES);
    nb_buf_must_format(&buf, "%s%s", subject, options->has_numbers ? ".*" : "");
    pattern = nb_slice_cstr(nb_buf_slice(&buf));
    nb_buf_fini(&buf);
    return pattern;
}

uint64_t bench_share(uint64_t total, unsigned parts, unsigned index)
{
    return total / parts + (index < total % parts ? 1 : 0);
}

// -- one value each --------------------------------------------------------------------------

static uint64_t number(const struct cli *cli, const char *name, uint64_t otherwise)
{
    const struct args_value *value = bench_option(cli, name);

    return value != NULL && value->text != NULL ? value->number : otherwise;
}

static int64_t duration(const struct cli *cli, const char *name)
{
    const struct args_value *value = bench_option(cli, name);

    return value != NULL ? value->duration_ns : 0;
}

static const char *text(const struct cli *cli, const char *name)
{
    const struct args_value *value = bench_option(cli, name);

    return value != NULL ? value->text : NULL;
}

static bool is_on(const struct cli *cli, const char *name)
{
    const struct args_value *value = bench_option(cli, name);

    return value != NULL && value->is_on;
}

static int read_count(const struct cli *cli, const char *name, unsigned *out)
{
    uint64_t value = number(cli, name, 1);

    if (value == 0 || value > BENCH_CLIENTS_MAX) {
        return cli_usage(cli, "--%s is from 1 to %d", name, BENCH_CLIENTS_MAX);
    }
    *out = (unsigned)value;
    return EXIT_CODE_OK;
}

static int read_counts(const struct cli *cli, struct bench_options *out)
{
    uint64_t threads = number(cli, "threads", 0);
    int code = read_count(cli, "clients", &out->clients);

    if (code == EXIT_CODE_OK) {
        code = read_count(cli, "pubs", &out->pubs);
    }
    if (code == EXIT_CODE_OK) {
        code = read_count(cli, "subs", &out->subs);
    }
    out->threads = threads < BENCH_CLIENTS_MAX ? (unsigned)threads : BENCH_CLIENTS_MAX;
    out->msgs = number(cli, "msgs", 0);
    out->has_msgs = bench_option(cli, "msgs") != NULL && bench_option(cli, "msgs")->is_set;
    out->rate = number(cli, "throughput", 0);
    return code;
}

static int read_times(const struct cli *cli, struct bench_options *out)
{
    static const char *const names[] = {"duration", "warmup", "interval", "sleep"};

    for (size_t i = 0; i < NB_ARRAY_LEN(names); i++) {
        if (duration(cli, names[i]) < 0) {
            return cli_usage(cli, "--%s is negative", names[i]);
        }
    }
    out->duration_ns = duration(cli, "duration");
    out->warm_up_ns = duration(cli, "warmup");
    out->interval_ns = duration(cli, "interval");
    out->sleep_ns = duration(cli, "sleep");
    if (out->duration_ns > 0 && out->has_msgs) {
        return cli_usage(cli, "--duration and --msgs exclude each other");
    }
    if (out->sleep_ns > 0 && out->rate > 0) {
        return cli_usage(cli, "--sleep and --throughput exclude each other");
    }
    return EXIT_CODE_OK;
}

// -- what is sent ----------------------------------------------------------------------------

static void make_payload(struct bench_options *out, bool is_random)
{
    struct nb_random random;
    uint64_t seed;
    uint8_t *p;
    int rc = nb_buf_reserve(&out->payload, out->size, &p);

    if (rc != NB_OK || out->size == 0) {
        return; // of no bytes
    }
    memset(p, 0, out->size);
    nb_random_secure(&seed, sizeof(seed));
    nb_random_init(&random, seed);
    for (size_t i = 0; is_random && i < out->size; i++) {
        p[i] = (uint8_t)nb_random_u64(&random);
    }
    nb_buf_commit(&out->payload, out->size);
}

static int read_payload(const struct cli *cli, struct bench_options *out)
{
    const struct args_value *size = bench_option(cli, "size");
    const char *file = text(cli, "payload");
    const char *kind = text(cli, "payload-kind");
    struct nb_diag diag = {""};

    nb_buf_init(&out->payload, BENCH_SIZE_MAX_BYTES);
    if (file != NULL) {
        if (size != NULL && size->is_set) {
            return cli_usage(cli, "--payload and --size exclude each other");
        }
        if (file_read(file, &out->payload, &diag) != NB_OK) {
            return cli_usage(cli, "%s", diag.text);
        }
        out->size = nb_buf_slice(&out->payload).n;
        return EXIT_CODE_OK;
    }
    if (size != NULL && size->text != NULL &&
        bench_size_parse(nb_slice_of(size->text), BENCH_SIZE_MAX_BYTES, &out->size) != NB_OK) {
        return cli_usage(cli, "invalid value \"%s\" for --size, at most %d bytes", size->text,
                         BENCH_SIZE_MAX_BYTES);
    }
    if (kind != NULL) {
        make_payload(out, strcmp(kind, "random") == 0);
    }
    return EXIT_CODE_OK;
}

static int add_header(const struct cli *cli, const char *line, struct nb_buf *out)
{
    struct slice key;
    struct slice value;
    int rc = value_header(nb_slice_of(line), &key, &value);

    if (rc == NB_OK) {
        rc = nproto_headers_add(out, key, value);
    }
    return rc == NB_OK ? EXIT_CODE_OK : cli_usage(cli, "invalid header \"%s\"", line);
}

static int read_headers(const struct cli *cli, struct bench_options *out)
{
    const struct args_value *list = bench_option(cli, "header");
    int code = EXIT_CODE_OK;

    nb_buf_init(&out->headers, HEADERS_MAX_BYTES);
    if (list == NULL || list->list_count == 0) {
        return EXIT_CODE_OK;
    }
    if (nproto_headers_begin(&out->headers, 0, (struct slice){0}) != NB_OK) {
        return cli_usage(cli, "too many headers");
    }
    for (size_t i = 0; i < list->list_count && code == EXIT_CODE_OK; i++) {
        code = add_header(cli, list->list[i], &out->headers);
    }
    if (code == EXIT_CODE_OK && nproto_headers_end(&out->headers) != NB_OK) {
        code = cli_usage(cli, "too many headers");
    }
    return code;
}

static bool is_valid(const char *text, enum bench_subject kind)
{
    struct slice subject = nb_slice_of(text);

    return subject.n <= SUBJECT_MAX_BYTES &&
           (kind == BENCH_SUBJECT_PATTERN ? nsub_subject_is_valid(subject)
                                          : nsub_subject_is_valid_publish(subject));
}

static int check_names(const struct cli *cli, enum bench_subject kind,
                       const struct bench_options *options)
{
    if (kind != BENCH_SUBJECT_NONE && !is_valid(cli->words[0], kind)) {
        return cli_usage(cli, "invalid subject: %s", cli->words[0]);
    }
    if (options->queue != NULL && !is_valid(options->queue, BENCH_SUBJECT_LITERAL)) {
        return cli_usage(cli, "invalid queue group: %s", options->queue);
    }
    return EXIT_CODE_OK;
}

int bench_options_read(const struct cli *cli, enum bench_subject subject, struct bench_options *out)
{
    const struct args_value *progress = bench_option(cli, "progress");
    int code;

    *out = (struct bench_options){.csv = text(cli, "csv"),
                                  .hdr = text(cli, "hdr"),
                                  .has_cells = is_on(cli, "hdr-json"),
                                  .queue = text(cli, "queue"),
                                  .has_numbers = is_on(cli, "multisubject"),
                                  .number_max = number(cli, "multisubjectmax", 0),
                                  .is_random = is_on(cli, "multisubjectrandomize")};
    out->wants_bar = progress != NULL && progress->is_on && !cli_wants_json(cli) &&
                     !cli_is_on(cli, GLOBAL_QUIET);
    code = check_names(cli, subject, out);
    if (code == EXIT_CODE_OK) {
        code = read_counts(cli, out);
    }
    if (code == EXIT_CODE_OK) {
        code = read_times(cli, out);
    }
    if (code == EXIT_CODE_OK) {
        code = read_payload(cli, out);
    }
    if (code == EXIT_CODE_OK) {
        code = read_headers(cli, out);
    }
    return code;
}

void bench_options_fini(struct bench_options *options)
{
    nb_buf_fini(&options->payload);
    nb_buf_fini(&options->headers);
}
