/* listing.h - rows for people (a table), for programs (JSON) or for shells (--names). The first
 * cell of a row is its name. Threads: [main].
 */
#pragma once

#include "cli.h"
#include "table.h"

#include <natsd/json_writer.h>

enum listing_option { LISTING_NAMES, LISTING_OPTION_COUNT };

extern const struct args_option listing_options[LISTING_OPTION_COUNT];

// Fields of a struct command that lists.
#define LISTING_COMMAND \
    .name = "ls", .options = listing_options, .option_count = LISTING_OPTION_COUNT

struct listing {
    const struct cli *cli;
    bool only_names;
    struct table table;
    struct nb_buf buf;
    struct nb_json_writer json;
    size_t cells; // in this row
    size_t rows;
};

// `head` are the titles of the columns, with | between; the last may be empty. `names_option` is the one that asks
// for names alone, or -1.
void listing_begin(struct listing *listing, const struct cli *cli, int names_option,
                   const char *head);
void listing_text(struct listing *listing, const char *key, struct slice value);
void listing_number(struct listing *listing, const char *key, int64_t value);
void listing_limit(struct listing *listing, const char *key, int64_t value); // -1: unlimited
void listing_moment(struct listing *listing, const char *key, int64_t at_s);
void listing_flag(struct listing *listing, const char *key, bool is_on); // the key, or nothing
void listing_end_row(struct listing *listing);
// Prints; `empty` is said to people when there are no rows. EXIT_CODE_OK.
int listing_end(struct listing *listing, const char *empty);
