#include "http_answer.h"

#include <http_parser.h>
#include <stdio.h>
#include <time.h>

// "Sun, 06 Nov 1994 08:49:37 GMT", without regard to the locale.
static void append_date(struct nb_wall now, struct nb_buf *out)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now.ns / NB_NS_PER_S);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL) {
        return; // a clock that far off: without the line
    }
    nb_buf_must_format(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday],
                       tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
                       tm.tm_sec);
}

void nnet__http_head_format(const struct nnet__http_head *head, struct nb_buf *out)
{
    nb_buf_must_format(out, "HTTP/1.%d %d %s\r\n", head->is_version_1_0 ? 0 : 1, head->status,
                       http_status_str((enum http_status)head->status));
    nb_buf_must_format(out, "Content-Type: %s\r\n", head->content_type);
    append_date(head->now, out);
    nb_buf_must_format(out, "Content-Length: %zu\r\n", head->body_bytes);
    if (!head->keeps_alive) {
        nb_buf_must_text(out, "Connection: close\r\n");
    } else if (head->is_version_1_0) {
        nb_buf_must_text(out, "Connection: keep-alive\r\n");
    }
    if (head->extra_headers != NULL) {
        nb_buf_must_text(out, head->extra_headers);
    }
    nb_buf_must_text(out, "\r\n");
}
