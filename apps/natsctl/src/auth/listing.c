#include "auth/listing.h"

#include "auth/describe.h"
#include "auth/moment.h"
#include "output.h"

enum {
    JSON_MAX_BYTES = 256 * 1024 * 1024,
};

const struct args_option listing_options[LISTING_OPTION_COUNT] = {
    [LISTING_NAMES] = {.name = "names", .kind = ARGS_SWITCH, .help = "only names, one a line"},
};

void listing_begin(struct listing *listing, const struct cli *cli, int names_option,
                   const char *head)
{
    struct slice rest = nb_slice_of(head);
    struct slice title;
    size_t columns = 1;

    *listing = (struct listing){.cli = cli};
    listing->only_names = names_option >= 0 && cli->own[names_option].is_on;
    for (const char *p = head; *p != '\0'; p++) {
        columns += *p == '|' ? 1 : 0;
    }
    table_init(&listing->table, columns);
    while (nb_slice_take_field(&rest, '|', &title)) {
        table_add(&listing->table, title);
    }
    while (listing->table.cell_count < columns) {
        table_add(&listing->table, (struct slice){0}); // a column without a title
    }
    nb_buf_init(&listing->buf, JSON_MAX_BYTES);
    nb_json_begin(&listing->json, &listing->buf, NB_JSON_INDENTED);
    nb_json_array(&listing->json);
}

static void add_cell(struct listing *listing, struct slice text)
{
    if (listing->only_names) {
        if (listing->cells == 0) {
            output_safe(text, false);
            output_text("\n");
        }
    } else if (!cli_wants_json(listing->cli)) {
        table_add(&listing->table, text);
    }
    listing->cells++;
}

static void begin_cell(struct listing *listing)
{
    if (listing->cells == 0) {
        nb_json_object(&listing->json);
    }
}

void listing_text(struct listing *listing, const char *key, struct slice value)
{
    begin_cell(listing);
    nb_json_put_str(&listing->json, key, value);
    add_cell(listing, value);
}

void listing_number(struct listing *listing, const char *key, int64_t value)
{
    struct nb_buf text;

    begin_cell(listing);
    nb_json_put_i64(&listing->json, key, value);
    nb_buf_init(&text, 64);
    nb_buf_must_format(&text, "%lld", (long long)value);
    add_cell(listing, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

void listing_limit(struct listing *listing, const char *key, int64_t value)
{
    struct nb_buf text;

    begin_cell(listing);
    nb_json_put_i64(&listing->json, key, value);
    nb_buf_init(&text, 64);
    describe_limit(value, &text);
    add_cell(listing, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

void listing_moment(struct listing *listing, const char *key, int64_t at_s)
{
    struct nb_buf text;

    begin_cell(listing);
    nb_json_put_i64(&listing->json, key, at_s);
    nb_buf_init(&text, 128);
    moment_format(listing->cli, at_s, &text);
    add_cell(listing, nb_buf_slice(&text));
    nb_buf_fini(&text);
}

void listing_flag(struct listing *listing, const char *key, bool is_on)
{
    begin_cell(listing);
    nb_json_put_bool(&listing->json, key, is_on);
    add_cell(listing, is_on ? nb_slice_of(key) : (struct slice){0});
}

void listing_end_row(struct listing *listing)
{
    bool is_table = !listing->only_names && !cli_wants_json(listing->cli);

    nb_json_object_end(&listing->json);
    while (is_table && listing->cells < listing->table.column_count) {
        table_add(&listing->table, (struct slice){0});
        listing->cells++;
    }
    listing->cells = 0;
    listing->rows++;
}

int listing_end(struct listing *listing, const char *empty)
{
    nb_json_array_end(&listing->json);
    if (listing->only_names) {
        // They are printed.
    } else if (cli_wants_json(listing->cli)) {
        if (nb_json_end(&listing->json) == NB_OK) {
            output_write(nb_buf_slice(&listing->buf));
            output_text("\n");
        }
    } else if (listing->rows > 0) {
        table_print(&listing->table);
    } else {
        cli_note(listing->cli, "%s", empty);
    }
    table_fini(&listing->table);
    nb_buf_fini(&listing->buf);
    return EXIT_CODE_OK;
}
