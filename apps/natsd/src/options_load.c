#include "options_load.h"

const char *options_path(const struct flags *flags)
{
    const struct flag_value *flag = &flags->values[FLAG_CONFIG];

    return flag->is_set && flag->text[0] != '\0' ? flag->text : NULL;
}

int options_load(const struct flags *flags, const char *path, struct nserver_options *opts,
                 struct nserver_option_report *report, struct nb_diag *diag)
{
    int rc = NB_OK;

    nserver_options_init(opts);
    flags_prepare(flags, opts);
    if (path != NULL) {
        rc = nserver_options_read_file(opts, path, report);
    }
    return rc == NB_OK ? flags_apply(flags, opts, diag) : rc;
}

struct slice options_fault(const struct nserver_option_report *report, const struct nb_diag *diag)
{
    struct slice errors = nb_buf_slice(&report->errors);

    return errors.n > 0 ? errors : nb_slice_of(diag->text);
}
