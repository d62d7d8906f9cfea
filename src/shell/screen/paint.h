/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people on a terminal: colours only where they are wanted, numbers with thousands
 * separators and a true minus, columns that line up by what is seen and not by bytes, marks that
 * fall back to ASCII where the locale is not UTF-8. Machines get JSON instead and never see any of
 * this. A Table owns its cells from table_open to table_close.
 */
#ifndef SHELL_SCREEN_PAINT_H
#define SHELL_SCREEN_PAINT_H

#include <stdio.h>

#include "core/base/decimal.h"

typedef enum Style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD } Style;
typedef enum Mark { MARK_GOOD, MARK_WARN, MARK_BAD } Mark;

/* A terminal, and neither NO_COLOR nor TRADER_NO_COLOR nor TERM=dumb (no-color.org). */
bool paint_wanted(int descriptor);
/* The escape sequence, or "" without colour. */
const char *paint_begin(Style style, bool color);
const char *paint_end(Style style, bool color);
/* A tick, an exclamation mark or a cross, coloured. */
void paint_mark(FILE *file, Mark mark, bool color);
/* The locale's characters are UTF-8. */
bool paint_utf8(void);

/* "-1,234.50" with a true minus; `plus`: a sign before gains too. */
void number_money(Text *text, Money money, int decimals, bool plus);
void number_fixed(Text *text, double value, int decimals, bool plus);
/* With two decimals and a unit; what is not defined is a dash, never a number. */
void number_real(Text *text, double value, const char *unit);
/* "2,000" */
void number_count(Text *text, int64_t count);
/* "41 GiB" */
void number_bytes(Text *text, int64_t bytes);
/* "3 h 12 m" */
void number_duration(Text *text, int64_t seconds);
/* The shortest exact text, at most `decimals` places: prices of coins have between 2 and 8. */
void number_price(Text *text, Price price);

/* Columns of a terminal that the text takes (one a character; East Asian wide ones are not used
 * here). */
size_t text_columns(const char *text);

#define TABLE_COLUMNS_MAX 12

typedef struct Table Table;

/* `titles` ends with NULL. `right`: one bit a column, set for numbers. */
Table *table_open(const char *const *titles, unsigned right);
void table_cell(Table *table, Style style, const char *text);
/* As number_real. */
void table_real(Table *table, double value, const char *unit);
void table_print(const Table *table, bool color, FILE *file);
void table_close(Table *table);

#endif
