/* compression.c - what a configured compression means (spec 02 section 4.11). */
#include <natsd/clock.h>
#include <natsd/duration.h>
#include <natsd/peer_options.h>

static const struct {
    enum nserver_compression_mode mode;
    const char *name;
    const char *short_name; // NULL: none
} modes[] = {
    {NSERVER_COMPRESSION_NOT_SUPPORTED, "not supported", "not_supported"},
    {NSERVER_COMPRESSION_OFF, "off", "disabled"},
    {NSERVER_COMPRESSION_OFF, "false", NULL},
    {NSERVER_COMPRESSION_ACCEPT, "accept", NULL},
    {NSERVER_COMPRESSION_S2_AUTO, "s2_auto", "auto"},
    {NSERVER_COMPRESSION_S2_UNCOMPRESSED, "s2_uncompressed", NULL},
    {NSERVER_COMPRESSION_S2_FAST, "s2_fast", "fast"},
    {NSERVER_COMPRESSION_S2_BETTER, "s2_better", "better"},
    {NSERVER_COMPRESSION_S2_BEST, "s2_best", "best"},
};

const char *nserver_compression_name(enum nserver_compression_mode mode)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(modes); i++) {
        if (modes[i].mode == mode) {
            return modes[i].name;
        }
    }
    NB_UNREACHABLE("compression mode");
}

static bool is_name(const char *text, const char *name)
{
    return name != NULL && nb_slice_equal_nocase(nb_slice_of(text), nb_slice_of(name));
}

static bool find_mode(const char *text, enum nserver_compression_mode on,
                      enum nserver_compression_mode *out)
{
    if (is_name(text, "on") || is_name(text, "enabled") || is_name(text, "true")) {
        *out = on;
        return true;
    }
    for (size_t i = 0; i < NB_ARRAY_LEN(modes); i++) {
        if (is_name(text, modes[i].name) || is_name(text, modes[i].short_name)) {
            *out = modes[i].mode;
            return true;
        }
    }
    return false;
}

/* Thresholds. */

// As messages show them: "[10ms 50ms]".
static void format_thresholds(const int64_t *ns, size_t count, struct nb_buf *out)
{
    enum { SHOWN_MAX = 16 };

    nb_buf_must_text(out, "[");
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
        nb_buf_must_text(out, i > 0 ? " " : "");
        nb_duration_format(ns[i], out);
    }
    nb_buf_must_text(out, count > SHOWN_MAX ? " ...]" : "]");
}

static int refuse(const char *before, const int64_t *ns, size_t count, const char *after,
                  struct nb_diag *diag)
{
    struct nb_buf shown;

    nb_buf_init(&shown, 1024);
    format_thresholds(ns, count, &shown);
    nb_diag_set(diag, "%s%.*s%s", before, NB_SLICE_ARGS(nb_buf_slice(&shown)), after);
    nb_buf_fini(&shown);
    return NB_EINVALID;
}

static int64_t at_least_0(int64_t ns)
{
    return ns > 0 ? ns : 0;
}

// How many are left without the zeros at the end.
static size_t count_thresholds(const struct nserver_compression_options *options)
{
    size_t count = options->rtt_threshold_count;

    while (count > 0 && options->rtt_thresholds_ns[count - 1] <= 0) {
        count--;
    }
    return count;
}

static int check_order(const struct nserver_compression_options *options, struct nb_diag *diag)
{
    int64_t highest = 0;

    for (size_t i = 0; i < options->rtt_threshold_count; i++) {
        int64_t ns = at_least_0(options->rtt_thresholds_ns[i]);

        if (ns != 0 && ns < highest) {
            return refuse("RTT threshold values ", options->rtt_thresholds_ns,
                          options->rtt_threshold_count, " should be in ascending order", diag);
        }
        highest = ns > highest ? ns : highest;
    }
    return NB_OK;
}

static int resolve_thresholds(const struct nserver_compression_options *options,
                              struct nserver_compression *out, struct nb_diag *diag)
{
    static const int64_t defaults[] = {10 * NB_NS_PER_MS, 50 * NB_NS_PER_MS, 100 * NB_NS_PER_MS};
    size_t count = count_thresholds(options);
    struct nb_diag before;
    int rc;

    if (options->rtt_threshold_count == 0) {
        memcpy(out->rtt_thresholds_ns, defaults, sizeof(defaults));
        out->rtt_threshold_count = NB_ARRAY_LEN(defaults);
        return NB_OK;
    }
    rc = check_order(options, diag);
    if (rc != NB_OK) {
        return rc;
    }
    if (count > NSERVER_RTT_THRESHOLDS_MAX) {
        nb_diag_set(&before,
                    "compression mode \"%.64s\" should have no more than %d RTT thresholds: ",
                    options->mode, NSERVER_RTT_THRESHOLDS_MAX);
        return refuse(before.text, options->rtt_thresholds_ns, count, "", diag);
    }
    if (count == 0) {
        nb_diag_set(diag, "compression mode \"%.64s\" requires at least one RTT threshold",
                    options->mode);
        return NB_EINVALID;
    }
    for (size_t i = 0; i < count; i++) {
        out->rtt_thresholds_ns[i] = at_least_0(options->rtt_thresholds_ns[i]);
    }
    out->rtt_threshold_count = count;
    return NB_OK;
}

int nserver_compression_resolve(const struct nserver_compression_options *options,
                                enum nserver_compression_mode on,
                                enum nserver_compression_mode otherwise,
                                struct nserver_compression *out, struct nb_diag *diag)
{
    struct nserver_compression found = {.mode = otherwise};
    static const struct nserver_compression_options none = {0};
    int rc = NB_OK;

    if (options->mode != NULL && !find_mode(options->mode, on, &found.mode)) {
        nb_diag_set(diag, "unsupported compression mode \"%.256s\"", options->mode);
        return NB_EINVALID;
    }
    if (found.mode == NSERVER_COMPRESSION_S2_AUTO) {
        rc = resolve_thresholds(options->mode != NULL ? options : &none, &found, diag);
    }
    if (rc == NB_OK) {
        *out = found;
    }
    return rc;
}
