/* options_fixture.h - configurations read inside a test. Positions are those of "f.conf". */
#pragma once

#include "nb_test.h"

#include <natsd/memory.h>
#include <natsd/server_options.h>

#include <string.h>

// What came of a text.
struct outcome {
    int rc;
    struct nserver_options opts;
    char *warnings; // owned, terminated
    char *errors;
};

static inline struct outcome read_config(const char *text)
{
    size_t n = strlen(text);
    char *exact = n > 0 ? malloc(n) : NULL; // of the exact size, for the address sanitizer
    struct nserver_option_report report;
    struct outcome out;

    if (n > 0) {
        memcpy(exact, text, n);
    }
    nserver_option_report_init(&report);
    nserver_options_init(&out.opts);
    out.rc = nserver_options_read_text(&out.opts, "f.conf", nb_slice_make(exact, n), &report);
    out.warnings = nb_slice_cstr(nb_buf_slice(&report.warnings));
    out.errors = nb_slice_cstr(nb_buf_slice(&report.errors));
    nserver_option_report_fini(&report);
    free(exact);
    return out;
}

static inline void outcome_fini(struct outcome *out)
{
    nserver_options_fini(&out->opts);
    nb_free(out->warnings);
    nb_free(out->errors);
}

// The options of a text without fault. The caller frees them.
static inline struct nserver_options read_good(const char *text)
{
    struct outcome out = read_config(text);

    if (out.rc != NB_OK || out.warnings[0] != '\0') {
        fail_msg("%s\n%d %s%s", text, out.rc, out.warnings, out.errors);
    }
    nb_free(out.warnings);
    nb_free(out.errors);
    return out.opts;
}

struct refusal {
    const char *text;
    const char *errors; // each with its line end
};

static inline void expect_refusal(const char *text, const char *errors)
{
    struct outcome out = read_config(text);

    if (out.rc != NB_EMALFORMED || strcmp(out.errors, errors) != 0 || out.warnings[0] != '\0') {
        fail_msg("%s\nhas  %d %s%s\nnot  %s", text, out.rc, out.warnings, out.errors, errors);
    }
    outcome_fini(&out);
}

static inline void expect_refusals(const struct refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        expect_refusal(cases[i].text, cases[i].errors);
    }
}

static inline void expect_good(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct nserver_options opts = read_good(texts[i]);

        nserver_options_fini(&opts);
    }
}
