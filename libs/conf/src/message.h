/* message.h - the text of an error, put together piece by piece.
 *
 * What does not fit is left out: a message is for a person, and the code is what counts.
 */
#pragma once

#include <natsd/buf.h>

#include <stdint.h>

// `message` may be NULL in all of them.
void nconf__say(struct nb_buf *message, struct slice part);
void nconf__say_text(struct nb_buf *message, const char *part);
void nconf__say_number(struct nb_buf *message, uint64_t number);
