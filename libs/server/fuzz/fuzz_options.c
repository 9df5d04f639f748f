/* Options from any text. Reading is the same each time; what is accepted can be copied, and a
 * server that runs with it could be told it again. Files are left alone: a text that names some
 * is not read.
 */
#include <natsd/memory.h>
#include <natsd/server_options.h>

#include <assert.h>

static bool names_files(struct slice text)
{
    static const char *const words[] = {"include", "cert", "_file", "operator", "root", "dir"};

    for (size_t i = 0; i < text.n; i++) {
        for (size_t k = 0; k < NB_ARRAY_LEN(words); k++) {
            struct slice word = nb_slice_of(words[k]);

            if (nb_slice_equal_nocase(nb_slice_sub(text, i, word.n), word)) {
                return true;
            }
        }
    }
    return false;
}

struct reading_result {
    int rc;
    struct nserver_options opts;
    struct nserver_option_report report;
};

static void read_text(struct slice text, struct reading_result *result)
{
    nserver_option_report_init(&result->report);
    nserver_options_init(&result->opts);
    result->rc = nserver_options_read_text(&result->opts, "f.conf", text, &result->report);
    assert((result->rc == NB_OK) == (nb_buf_slice(&result->report.errors).n == 0));
}

static void drop(struct reading_result *result)
{
    nserver_options_fini(&result->opts);
    nserver_option_report_fini(&result->report);
}

static void check_accepted(struct nserver_options *opts)
{
    struct nserver_options copy;
    struct nb_diag diag = {0};
    int rc;

    nserver_options_defaults(opts);
    nserver_options_copy(&copy, opts);
    rc = nserver_options_validate(opts, &diag);
    assert(rc == NB_OK || diag.text[0] != '\0');
    rc = nserver_options_check_reload(opts, &copy, &diag);
    assert(rc == NB_OK);
    nserver_options_fini(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = nb_slice_make(data, size);
    struct reading_result first;
    struct reading_result second;

    if (names_files(text)) {
        return 0;
    }
    read_text(text, &first);
    read_text(text, &second);
    assert(first.rc == second.rc);
    assert(nb_slice_equal(nb_buf_slice(&first.report.errors), nb_buf_slice(&second.report.errors)));
    assert(nb_slice_equal(nb_buf_slice(&first.report.warnings),
                          nb_buf_slice(&second.report.warnings)));
    if (first.rc == NB_OK) {
        check_accepted(&first.opts);
    }
    drop(&first);
    drop(&second);
    return 0;
}
