#include "server_error.h"

static const struct row {
    enum nclient__server_error kind;
    const char *text;
} rows[] = {
#define SERVER_ERROR(kind, text) {NCLIENT__SERVER_ERROR_##kind, text},
#include "server_error.def"
#undef SERVER_ERROR
};

enum nclient__server_error nclient__server_error_kind(struct slice text)
{
    for (size_t i = 0; i < NB_ARRAY_LEN(rows); i++) {
        struct slice known = nb_slice_of(rows[i].text);

        if (nb_slice_equal_nocase(nb_slice_sub(text, 0, known.n), known)) {
            return rows[i].kind;
        }
    }
    return NCLIENT__SERVER_ERROR_FATAL;
}

struct slice nclient__server_error_text(struct slice arg)
{
    struct slice text = nb_slice_trim(arg);

    if (nb_slice_wrapped(text, "'", "'")) {
        return nb_slice_sub(text, 1, text.n - 2);
    }
    return text;
}
