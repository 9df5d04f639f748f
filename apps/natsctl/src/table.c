#include "table.h"

#include "output.h"

#include <natsd/quote.h>

#include <assert.h>

void table_init(struct table *table, size_t column_count)
{
    assert(column_count > 0 && column_count <= TABLE_COLUMNS_MAX);
    *table = (struct table){.column_count = column_count};
}

void table_fini(struct table *table)
{
    for (size_t i = 0; i < table->cell_count; i++) {
        nb_free(table->cells[i]);
    }
    nb_free(table->cells);
    table->cells = NULL;
    table->cell_count = 0;
}

void table_add(struct table *table, struct slice text)
{
    if (table->cell_count == table->room) {
        table->room = table->room > 0 ? table->room * 2 : 32;
        table->cells = nb_realloc(table->cells, table->room * sizeof(*table->cells));
    }
    table->cells[table->cell_count++] = nb_slice_cstr(text);
}

// In runes: good enough for what stands in our tables.
static size_t width_of(const char *text)
{
    struct slice rest = nb_slice_of(text);
    size_t width = 0;

    while (rest.n > 0) {
        uint32_t rune;

        rest = nb_slice_sub(rest, nb_utf8_decode(rest, &rune), rest.n);
        width++;
    }
    return width;
}

static void pad(size_t n)
{
    while (n-- > 0) {
        output_text(" ");
    }
}

static void print_cell(const struct table *table, size_t index, const size_t *widths)
{
    const char *text = table->cells[index];
    size_t column = index % table->column_count;
    size_t missing = widths[column] - width_of(text);
    bool is_last = column + 1 == table->column_count;

    if (table->is_right[column]) {
        pad(missing);
    }
    output_safe(nb_slice_of(text), false);
    if (!table->is_right[column] && !is_last) {
        pad(missing);
    }
    output_text(is_last ? "\n" : "  ");
}

void table_print(const struct table *table)
{
    size_t widths[TABLE_COLUMNS_MAX] = {0};

    assert(table->cell_count % table->column_count == 0);
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t width = width_of(table->cells[i]);
        size_t column = i % table->column_count;

        widths[column] = width > widths[column] ? width : widths[column];
    }
    for (size_t i = 0; i < table->cell_count; i++) {
        print_cell(table, i, widths);
    }
}
