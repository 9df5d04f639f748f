#include <natsd/error.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *nb_error_text(int code)
{
    switch (code) {
#define NB_ERROR(name, value, text) \
    case name:                      \
        return text;
#include <natsd/error.def>
#undef NB_ERROR
    }
    return "unknown error";
}

int nb_error_from_errno(int error_number)
{
    static const struct {
        int error_number;
        int code;
    } rows[] = {
        {0, NB_OK},
        {ENOENT, NB_ENOTFOUND},
        {EEXIST, NB_EEXISTS},
        {EINVAL, NB_EINVALID},
        {EAGAIN, NB_EAGAIN},
        {EINTR, NB_EAGAIN},
        {ECANCELED, NB_ECANCELED},
        {ETIMEDOUT, NB_ETIMEDOUT},
        {EPIPE, NB_ECLOSED},
        {ECONNRESET, NB_ECLOSED},
        {EACCES, NB_EDENIED},
        {EPERM, NB_EDENIED},
        {EADDRINUSE, NB_EADDRINUSE},
        {ECONNREFUSED, NB_EREFUSED},
        {EOPNOTSUPP, NB_EUNSUPPORTED},
        {ENOSYS, NB_EUNSUPPORTED},
        {ERANGE, NB_ERANGE},
        {EOVERFLOW, NB_ERANGE},
        {EMFILE, NB_ELIMIT},
        {ENFILE, NB_ELIMIT},
        {ENAMETOOLONG, NB_ELIMIT},
    };

    for (size_t i = 0; i < NB_ARRAY_LEN(rows); i++) {
        if (rows[i].error_number == error_number) {
            return rows[i].code;
        }
    }
    return NB_EIO;
}

const char *nb_errno_text(int error_number, char *buf, size_t size)
{
    char found[256];

    snprintf(buf, size, "%s", strerror_r(error_number, found, sizeof(found)));
    if (size > 0 && buf[0] >= 'A' && buf[0] <= 'Z') {
        buf[0] = (char)(buf[0] + ('a' - 'A'));
    }
    return buf;
}

void nb_diag_set(struct nb_diag *diag, const char *format, ...)
{
    va_list args;

    if (diag == NULL) {
        return;
    }
    va_start(args, format);
    if (vsnprintf(diag->text, sizeof(diag->text), format, args) < 0) {
        diag->text[0] = '\0';
    }
    va_end(args);
}

void nb_unreachable(const char *why, const char *file, int line)
{
    fprintf(stderr, "unreachable: %s (%s:%d)\n", why, file, line);
    abort();
}
