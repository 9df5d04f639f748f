#include "bench/result.h"

#include <natsd/clock.h>

#include <assert.h>
#include <stdarg.h>

enum {
    TEXT_MAX_BYTES = 4096,
};

// Letters as other tools have them, P for who sends and S for the others; the phases of
// `bench interest`, which others don't have, are told apart.
static const struct {
    const char *name;
    char letter;
} roles[] = {
    [BENCH_PUBLISHER] = {"publisher", 'P'}, [BENCH_SUBSCRIBER] = {"subscriber", 'S'},
    [BENCH_REQUESTER] = {"requester", 'P'}, [BENCH_RESPONDER] = {"responder", 'S'},
    [BENCH_CONNECTOR] = {"connector", 'S'}, [BENCH_INSERTER] = {"inserter", 'I'},
    [BENCH_MATCHER] = {"matcher", 'M'},     [BENCH_REMOVER] = {"remover", 'R'},
};
static_assert(NB_ARRAY_LEN(roles) == BENCH_ROLE_COUNT, "each role has a name");

void bench_result_init(struct bench_result *result, const char *kind)
{
    struct nb_nuid nuid;

    *result = (struct bench_result){.kind = kind};
    nb_nuid_init(&nuid);
    nb_nuid_next(&nuid, result->run_id);
}

void bench_result_fini(struct bench_result *result)
{
    for (size_t i = 0; i < result->argument_count; i++) {
        nb_free(result->arguments[i].text);
    }
    for (size_t i = 0; i < result->warning_count; i++) {
        nb_free(result->warnings[i]);
    }
    for (size_t i = 0; i < result->client_count; i++) {
        bench_client_fini(&result->clients[i]);
    }
    nb_free(result->clients);
    *result = (struct bench_result){.kind = NULL};
}

static char *NB_PRINTF(1, 0) format_text(const char *format, va_list args)
{
    char text[TEXT_MAX_BYTES];

    vsnprintf(text, sizeof(text), format, args);
    return nb_strdup(text);
}

void bench_result_add_argument(struct bench_result *result, const char *name, bool is_number,
                               const char *format, ...)
{
    struct bench_argument *argument = &result->arguments[result->argument_count];
    va_list args;

    if (result->argument_count == BENCH_ARGUMENTS_MAX) {
        return;
    }
    va_start(args, format);
    *argument = (struct bench_argument){
        .name = name,
        .text = format_text(format, args),
        .is_number = is_number,
    };
    va_end(args);
    assert(!is_number || argument->text[0] == '-' ||
           (argument->text[0] >= '0' && argument->text[0] <= '9'));
    result->argument_count++;
}

static bool has_warning(const struct bench_result *result, const char *text)
{
    for (size_t i = 0; i < result->warning_count; i++) {
        if (strcmp(result->warnings[i], text) == 0) {
            return true;
        }
    }
    return false;
}

void bench_result_warn(struct bench_result *result, const char *format, ...)
{
    char *text;
    va_list args;

    va_start(args, format);
    text = format_text(format, args);
    va_end(args);
    if (result->warning_count == BENCH_WARNINGS_MAX || has_warning(result, text)) {
        nb_free(text);
        return;
    }
    result->warnings[result->warning_count++] = text;
}

static void add_time(struct bench_client *total, const struct bench_client *client)
{
    if (client->started_ns == 0) {
        return;
    }
    if (total->started_ns == 0 || client->started_ns < total->started_ns) {
        total->started_ns = client->started_ns;
    }
    if (client->ended_ns > total->ended_ns) {
        total->ended_ns = client->ended_ns;
    }
}

static void add_client(struct bench_client *total, const struct bench_client *client)
{
    add_time(total, client);
    total->msgs += client->msgs;
    total->bytes += client->bytes;
    total->errors += client->errors;
    total->reconnects += client->reconnects;
    if (client->has_latency && !total->has_latency) {
        total->has_latency = true;
        bench_histogram_init(&total->latency);
        bench_histogram_init(&total->uncorrected);
    }
    if (client->has_latency) {
        bench_histogram_merge(&total->latency, &client->latency);
        bench_histogram_merge(&total->uncorrected, &client->uncorrected);
    }
}

bool bench_result_total(const struct bench_result *result, enum bench_role role,
                        struct bench_client *out)
{
    if (bench_result_role_size(result, role) == 0) {
        return false;
    }
    bench_client_init(out, role, 0, false);
    for (size_t i = 0; i < result->client_count; i++) {
        if (result->clients[i].role == role) {
            add_client(out, &result->clients[i]);
        }
    }
    return true;
}

enum bench_role bench_result_main_role(const struct bench_result *result)
{
    static const enum bench_role order[] = {BENCH_SUBSCRIBER, BENCH_REQUESTER, BENCH_MATCHER,
                                            BENCH_PUBLISHER,  BENCH_RESPONDER, BENCH_CONNECTOR,
                                            BENCH_INSERTER,   BENCH_REMOVER};
    static_assert(NB_ARRAY_LEN(order) == BENCH_ROLE_COUNT, "each role has its place");

    for (size_t i = 0; i < NB_ARRAY_LEN(order); i++) {
        if (bench_result_role_size(result, order[i]) > 0) {
            return order[i];
        }
    }
    return order[0];
}

size_t bench_result_role_size(const struct bench_result *result, enum bench_role role)
{
    size_t n = 0;

    for (size_t i = 0; i < result->client_count; i++) {
        n += result->clients[i].role == role;
    }
    return n;
}

void bench_client_init(struct bench_client *client, enum bench_role role, unsigned index,
                       bool has_latency)
{
    *client = (struct bench_client){.role = role, .index = index, .has_latency = has_latency};
    if (has_latency) {
        bench_histogram_init(&client->latency);
        bench_histogram_init(&client->uncorrected);
    }
}

void bench_client_fini(struct bench_client *client)
{
    bench_histogram_fini(&client->latency);
    bench_histogram_fini(&client->uncorrected);
}

double bench_client_seconds(const struct bench_client *client)
{
    int64_t ns = client->ended_ns - client->started_ns;

    return client->started_ns > 0 && ns > 0 ? (double)ns / (double)NB_NS_PER_S : 0;
}

double bench_client_per_second(const struct bench_client *client, uint64_t n)
{
    double seconds = bench_client_seconds(client);

    return seconds > 0 ? (double)n / seconds : 0;
}

const char *bench_role_name(enum bench_role role)
{
    return roles[role].name;
}

char bench_role_letter(enum bench_role role)
{
    return roles[role].letter;
}
