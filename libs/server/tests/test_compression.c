/* What a configured compression means. */
#include "nb_test.h"

#include <natsd/clock.h>
#include <natsd/peer_options.h>

#include <string.h>

#define MS NB_NS_PER_MS

static const struct {
    const char *mode; // NULL: none is set
    int64_t rtts[6];
    size_t rtt_count;
    enum nserver_compression_mode want;
    int64_t thresholds[4];
    size_t threshold_count;
} good[] = {
    {NULL, {0}, 0, NSERVER_COMPRESSION_ACCEPT, {0}, 0},
    {"on", {0}, 0, NSERVER_COMPRESSION_S2_FAST, {0}, 0},
    {"Enabled", {0}, 0, NSERVER_COMPRESSION_S2_FAST, {0}, 0},
    {"TRUE", {0}, 0, NSERVER_COMPRESSION_S2_FAST, {0}, 0},
    {"off", {0}, 0, NSERVER_COMPRESSION_OFF, {0}, 0},
    {"disabled", {0}, 0, NSERVER_COMPRESSION_OFF, {0}, 0},
    {"false", {0}, 0, NSERVER_COMPRESSION_OFF, {0}, 0},
    {"accept", {0}, 0, NSERVER_COMPRESSION_ACCEPT, {0}, 0},
    {"fast", {0}, 0, NSERVER_COMPRESSION_S2_FAST, {0}, 0},
    {"S2_Better", {0}, 0, NSERVER_COMPRESSION_S2_BETTER, {0}, 0},
    {"best", {5}, 1, NSERVER_COMPRESSION_S2_BEST, {0}, 0}, // thresholds are another mode's
    {"not supported", {0}, 0, NSERVER_COMPRESSION_NOT_SUPPORTED, {0}, 0},
    {"not_supported", {0}, 0, NSERVER_COMPRESSION_NOT_SUPPORTED, {0}, 0},
    {"auto", {0}, 0, NSERVER_COMPRESSION_S2_AUTO, {10 * MS, 50 * MS, 100 * MS}, 3},
    {"s2_auto", {1, 2, 3, 4}, 4, NSERVER_COMPRESSION_S2_AUTO, {1, 2, 3, 4}, 4},
    {"auto", {1, 0, 1, 0, 0}, 5, NSERVER_COMPRESSION_S2_AUTO, {1, 0, 1}, 3},
    {"auto", {-5, 0, 7}, 3, NSERVER_COMPRESSION_S2_AUTO, {0, 0, 7}, 3},
};

static int resolve(const char *mode, const int64_t *rtts, size_t count,
                   struct nserver_compression *out, struct nb_diag *diag)
{
    struct nserver_compression_options options = {0};
    char text[64];
    int64_t copy[8];

    memcpy(copy, rtts, count * sizeof(*rtts));
    if (mode != NULL) {
        snprintf(text, sizeof(text), "%s", mode);
        options.mode = text;
    }
    options.rtt_thresholds_ns = copy;
    options.rtt_threshold_count = count;
    return nserver_compression_resolve(&options, NSERVER_COMPRESSION_S2_FAST,
                                       NSERVER_COMPRESSION_ACCEPT, out, diag);
}

static void modes_have_many_names(void **state NB_UNUSED)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(good); i++) {
        struct nserver_compression found = {0};
        struct nb_diag diag = {0};

        if (resolve(good[i].mode, good[i].rtts, good[i].rtt_count, &found, &diag) != NB_OK ||
            found.mode != good[i].want || found.rtt_threshold_count != good[i].threshold_count ||
            memcmp(found.rtt_thresholds_ns, good[i].thresholds, sizeof(good[i].thresholds)) != 0) {
            fail_msg("row %zu, %s: %d %s", i, good[i].mode, (int)found.mode, diag.text);
        }
    }
}

static void what_is_none_is_refused(void **state NB_UNUSED)
{
    static const struct {
        const char *mode;
        int64_t rtts[6];
        size_t rtt_count;
        const char *want;
    } bad[] = {
        {"xyz", {0}, 0, "unsupported compression mode \"xyz\""},
        {"auto",
         {50 * MS, 10 * MS},
         2,
         "RTT threshold values [50ms 10ms] should be in ascending order"},
        {"auto",
         {5 * MS, 0, 4 * MS},
         3,
         "RTT threshold values [5ms 0s 4ms] should be in ascending order"},
        {"auto", {0, 0}, 2, "compression mode \"auto\" requires at least one RTT threshold"},
        {"s2_auto",
         {1, 2, 3, 4, 5},
         5,
         "compression mode \"s2_auto\" should have no more than 4 RTT thresholds: [1ns 2ns 3ns 4ns "
         "5ns]"},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(bad); i++) {
        struct nserver_compression found = {.mode = NSERVER_COMPRESSION_S2_BEST};
        struct nb_diag diag = {0};

        assert_int_equal(resolve(bad[i].mode, bad[i].rtts, bad[i].rtt_count, &found, &diag),
                         NB_EINVALID);
        assert_string_equal(diag.text, bad[i].want);
        assert_int_equal(found.mode, NSERVER_COMPRESSION_S2_BEST); // untouched
    }
}

static void names_are_those_of_the_protocol(void **state NB_UNUSED)
{
    assert_string_equal(nserver_compression_name(NSERVER_COMPRESSION_OFF), "off");
    assert_string_equal(nserver_compression_name(NSERVER_COMPRESSION_NOT_SUPPORTED),
                        "not supported");
    assert_string_equal(nserver_compression_name(NSERVER_COMPRESSION_S2_AUTO), "s2_auto");
    assert_string_equal(nserver_compression_name(NSERVER_COMPRESSION_S2_UNCOMPRESSED),
                        "s2_uncompressed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_have_many_names),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(names_are_those_of_the_protocol),
    };
    return cmocka_run_group_tests_name("compression", tests, NULL, NULL);
}
