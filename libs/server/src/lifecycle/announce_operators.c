#include "lifecycle/announce_operators.h"

#include <natsd/quote.h>

#include <stdio.h>
#include <time.h>

enum {
    QUOTED_MAX = 1024,
    DATE_MAX = 64,
};

static void log_quoted(const struct nb_logger *log, const char *what, struct slice text)
{
    struct nb_buf quoted;

    nb_buf_init(&quoted, QUOTED_MAX);
    if (nb_quote(text, &quoted) != NB_OK) {
        nb_buf_clear(&quoted);
        nb_buf_must_text(&quoted, "\"...\"");
    }
    nb_log_info(log, "  %s: %.*s", what, NB_SLICE_ARGS(nb_buf_slice(&quoted)));
    nb_buf_fini(&quoted);
}

static void log_date(const struct nb_logger *log, const char *what, int64_t unix_s)
{
    time_t t = (time_t)unix_s;
    struct tm tm;
    char text[DATE_MAX];

    if (localtime_r(&t, &tm) == NULL ||
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z %Z", &tm) == 0) {
        snprintf(text, sizeof(text), "%lld s after 1970", (long long)unix_s); // in a far future
    }
    nb_log_info(log, "  %s: %s", what, text);
}

void nserver__announce_operators(const struct nserver__operators *operators,
                                 const char *system_account, const struct nb_logger *log)
{
    if (operators == NULL || operators->count == 0) { // trusted keys have nothing to show
        return;
    }
    nb_log_info(log, "Trusted Operators");
    for (size_t i = 0; i < operators->count; i++) {
        const struct nauth_claims *claims = &operators->claims[i];

        log_quoted(log, "System  ", claims->audience);
        log_quoted(log, "Operator", claims->name);
        log_date(log, "Issued  ", claims->issued_at);
        if (claims->expires == 0) {
            nb_log_info(log, "  Expires : Never");
        } else {
            log_date(log, "Expires ", claims->expires);
        }
    }
    if (system_account == NULL) {
        nb_log_warn(log, "Trusted Operators should utilize a System Account");
    }
}
