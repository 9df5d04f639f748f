#include "quoted.h"

#include <natsd/quote.h>

struct slice nauth__quoted(struct slice text)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, NAUTH__QUOTED_MAX_BYTES);
    if (nb_quote(text, &quoted) < 0) {
        nb_buf_clear(&quoted);
    }
    return nb_buf_take(&quoted);
}

void nauth__diag_quoted(struct nb_diag *diag, const char *before, struct slice text,
                        const char *after)
{
    struct slice quoted = nauth__quoted(text);

    nb_diag_set(diag, "%s%.*s%s", before, NB_SLICE_ARGS(quoted), after);
    nb_slice_free(&quoted);
}
