#include "template.h"

#include <natsd/clock.h>
#include <natsd/number.h>

#include <stdio.h>
#include <time.h>

void template_values_init(struct template_values *values)
{
    uint64_t seed;

    *values = (struct template_values){.count = 0};
    nb_nuid_init(&values->nuid);
    nb_random_secure(&seed, sizeof(seed));
    nb_random_init(&values->random, seed);
}

// -- what stands for what --------------------------------------------------------------------

typedef int (*put_fn)(struct template_values *values, struct slice arguments, struct nb_buf *out);

static int put_number(uint64_t number, struct nb_buf *out)
{
    char digits[NB_U64_TEXT_MAX_BYTES];

    return nb_buf_append(out, nb_slice_make(digits, nb_format_u64(number, digits)));
}

static int put_count(struct template_values *values, struct slice arguments NB_UNUSED,
                     struct nb_buf *out)
{
    return put_number(values->count, out);
}

static int put_unix(struct template_values *values NB_UNUSED, struct slice arguments NB_UNUSED,
                    struct nb_buf *out)
{
    return put_number((uint64_t)(nb_wall_now().ns / NB_NS_PER_S), out);
}

static int put_unix_nano(struct template_values *values NB_UNUSED, struct slice arguments NB_UNUSED,
                         struct nb_buf *out)
{
    return put_number((uint64_t)nb_wall_now().ns, out);
}

static int put_timestamp(struct template_values *values, struct slice arguments NB_UNUSED,
                         struct nb_buf *out)
{
    struct nb_buf text;
    int rc;

    nb_buf_init(&text, 64);
    if (values->is_utc) {
        nb_wall_format_utc(nb_wall_now(), &text);
    } else {
        nb_wall_format_local(nb_wall_now(), &text);
    }
    rc = nb_buf_append(out, nb_buf_slice(&text));
    nb_buf_fini(&text);
    return rc;
}

static int put_time(struct template_values *values, struct slice arguments NB_UNUSED,
                    struct nb_buf *out)
{
    time_t seconds = (time_t)(nb_wall_now().ns / NB_NS_PER_S);
    struct tm now;
    char text[32];
    int hour;

    if (values->is_utc) {
        gmtime_r(&seconds, &now);
    } else {
        localtime_r(&seconds, &now);
    }
    hour = now.tm_hour % 12 == 0 ? 12 : now.tm_hour % 12;
    snprintf(text, sizeof(text), "%d:%02d%s", hour, now.tm_min, now.tm_hour < 12 ? "AM" : "PM");
    return nb_buf_append(out, nb_slice_of(text));
}

static int put_id(struct template_values *values, struct slice arguments NB_UNUSED,
                  struct nb_buf *out)
{
    char id[NB_NUID_BYTES + 1];

    nb_nuid_next(&values->nuid, id);
    return nb_buf_append(out, nb_slice_of(id));
}

static int put_request(struct template_values *values, struct slice arguments NB_UNUSED,
                       struct nb_buf *out)
{
    return values->request != NULL ? nb_buf_append(out, *values->request) : NB_EMALFORMED;
}

static bool take_number(struct slice *arguments, uint64_t *out)
{
    struct slice field;

    *arguments = nb_slice_trim(*arguments);
    return nb_slice_take_field(arguments, ' ', &field) &&
           nb_parse_u64(field, TEMPLATE_RANDOM_MAX_BYTES, out) == NB_OK;
}

static int put_random(struct template_values *values, struct slice arguments, struct nb_buf *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    uint64_t min;
    uint64_t max;
    uint8_t *to;
    size_t n;

    if (!take_number(&arguments, &min) || !take_number(&arguments, &max) || min > max ||
        nb_slice_trim(arguments).n > 0) {
        return NB_EMALFORMED;
    }
    n = (size_t)min + nb_random_below(&values->random, (uint32_t)(max - min + 1));
    if (n == 0) {
        return NB_OK;
    }
    if (nb_buf_reserve(out, n, &to) != NB_OK) {
        return NB_ELIMIT;
    }
    for (size_t i = 0; i < n; i++) {
        to[i] = (uint8_t)letters[nb_random_below(&values->random, sizeof(letters) - 1)];
    }
    nb_buf_commit(out, n);
    return NB_OK;
}

static const struct function {
    const char *name;
    put_fn put;
    bool has_arguments;
} functions[] = {{"Count", put_count, false},    {"Cnt", put_count, false},
                 {"Time", put_time, false},      {"TimeStamp", put_timestamp, false},
                 {"Unix", put_unix, false},      {"UnixNano", put_unix_nano, false},
                 {"ID", put_id, false},          {"Random", put_random, true},
                 {"Request", put_request, false}};

// -- the text --------------------------------------------------------------------------------

static int put_function(struct slice inside, struct template_values *values, struct nb_buf *out)
{
    struct slice rest = nb_slice_trim(inside);
    struct slice name = {0};

    (void)nb_slice_take_field(&rest, ' ', &name); // an empty one is none of them
    if (nb_slice_starts(name, ".")) {
        name = nb_slice_sub(name, 1, name.n);
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(functions); i++) {
        if (nb_slice_is(name, functions[i].name) &&
            (functions[i].has_arguments || nb_slice_trim(rest).n == 0)) {
            return functions[i].put(values, rest, out);
        }
    }
    return NB_EMALFORMED;
}

int template_expand(struct slice text, struct template_values *values, struct nb_buf *out,
                    struct nb_diag *diag)
{
    int rc = NB_OK;

    while (rc == NB_OK) {
        size_t begin = nb_slice_find(text, NB_SLICE("{{"));
        struct slice behind = nb_slice_sub(text, begin + 2, text.n);
        size_t end = nb_slice_find(behind, NB_SLICE("}}"));

        rc = nb_buf_append(out, nb_slice_sub(text, 0, begin));
        if (begin == text.n || rc != NB_OK) {
            break;
        }
        rc = end < behind.n ? put_function(nb_slice_sub(behind, 0, end), values, out)
                            : NB_EMALFORMED;
        if (rc == NB_EMALFORMED) {
            nb_diag_set(diag, "unknown template {{%.*s}}", (int)(end < 40 ? end : 40),
                        (const char *)behind.p);
        }
        text = nb_slice_sub(behind, end + 2, behind.n);
    }
    return rc;
}
