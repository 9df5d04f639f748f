#include "message.h"

#include <natsd/number.h>

void nconf__say(struct nb_buf *message, struct slice part)
{
    if (message != NULL && nb_buf_append(message, part) != NB_OK) {
        return; // full: left out, see message.h
    }
}

void nconf__say_text(struct nb_buf *message, const char *part)
{
    nconf__say(message, nb_slice_of(part));
}

void nconf__say_number(struct nb_buf *message, uint64_t number)
{
    char digits[NB_U64_TEXT_MAX_BYTES];

    nconf__say(message, nb_slice_make(digits, nb_format_u64(number, digits)));
}
