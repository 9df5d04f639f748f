/* table.h - rows of text in columns as wide as they need, on standard output. Threads: [main]. */
#pragma once

#include <natsd/slice.h>

#include <stddef.h>

enum {
    TABLE_COLUMNS_MAX = 16,
};

struct table {
    size_t column_count;
    bool is_right[TABLE_COLUMNS_MAX]; // numbers
    char **cells;                     // row by row, the first is the head
    size_t cell_count;
    size_t room;
};

void table_init(struct table *table, size_t column_count);
void table_fini(struct table *table);
// The next cell, copied; rows fill from left to right.
void table_add(struct table *table, struct slice text);
void table_print(const struct table *table);
