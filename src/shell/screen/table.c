/* SPDX-License-Identifier: Apache-2.0 */
/* Cells are kept until the widths of all columns are known. */
#include <stdlib.h>
#include <string.h>

#include "shell/screen/paint.h"

typedef struct Cell {
    char *text;
    Style style;
} Cell;

struct Table {
    const char *titles[TABLE_COLUMNS_MAX];
    unsigned columns, right;
    Cell *cells;
    size_t count, capacity;
};

Table *table_open(const char *const *titles, unsigned right) {
    Table *table = calloc(1, sizeof *table);
    CHECK(table, "table: out of memory");
    table->right = right;
    while (titles[table->columns]) {
        CHECK(table->columns < TABLE_COLUMNS_MAX, "table: too many columns");
        table->titles[table->columns] = titles[table->columns];
        table->columns++;
    }
    return table;
}

void table_cell(Table *table, Style style, const char *text) {
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? 2 * table->capacity : 64;
        table->cells = realloc(table->cells, table->capacity * sizeof *table->cells);
        CHECK(table->cells, "table: out of memory");
    }
    char *copy = strdup(text);
    CHECK(copy, "table: out of memory");
    table->cells[table->count++] = (Cell){copy, style};
}

void table_real(Table *table, double value, const char *unit) {
    char memory[64];
    Text text = TEXT_IN(memory);
    number_real(&text, value, unit);
    table_cell(table, STYLE_PLAIN, text_end(&text));
}

static size_t width_of(const Table *table, unsigned column) {
    size_t width = text_columns(table->titles[column]);
    for (size_t i = column; i < table->count; i += table->columns) {
        size_t columns = text_columns(table->cells[i].text);
        if (columns > width) width = columns;
    }
    return width;
}

static void print_cell(const Table *table, unsigned column, size_t width, Cell cell, bool color,
                       FILE *file) {
    size_t columns = text_columns(cell.text);
    int blanks = (int)(width > columns ? width - columns : 0);
    bool right = (table->right >> column & 1) != 0, last = column + 1 == table->columns;
    if (column) fputs("  ", file);
    if (right) fprintf(file, "%*s", blanks, "");
    fprintf(file, "%s%s%s", paint_begin(cell.style, color), cell.text,
            paint_end(cell.style, color));
    if (!right && !last) fprintf(file, "%*s", blanks, "");
    if (last) fputc('\n', file);
}

void table_print(const Table *table, bool color, FILE *file) {
    size_t widths[TABLE_COLUMNS_MAX];
    for (unsigned column = 0; column < table->columns; column++) {
        widths[column] = width_of(table, column);
        char title[64];
        snprintf(title, sizeof title, "%s", table->titles[column]);
        print_cell(table, column, widths[column], (Cell){title, STYLE_DIM}, color, file);
    }
    for (size_t i = 0; i < table->count; i++) {
        unsigned column = (unsigned)(i % table->columns);
        print_cell(table, column, widths[column], table->cells[i], color, file);
    }
}

void table_close(Table *table) {
    if (!table) return;
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}
