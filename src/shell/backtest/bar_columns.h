/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markets as columns that grow bar by bar: what a feed says, or what a journal holds, made into
 * the history that trial and lab read. A BarColumns owns its columns until bar_columns_free; the
 * markets in it may be handed on meanwhile.
 */
#ifndef SHELL_BACKTEST_BAR_COLUMNS_H
#define SHELL_BACKTEST_BAR_COLUMNS_H

#include "core/lab/lab.h"
#include "shell/drivers/feed.h"

typedef struct BarColumns {
    LabMarket markets[LIMIT_SYMBOLS];
    size_t room[LIMIT_SYMBOLS]; /* rows that the columns can hold */
    unsigned count;
} BarColumns;

/* Index of a symbol, or -1. */
int bar_columns_find(const BarColumns *columns, const char *symbol);
/* Adds a symbol, or renews its filters; the index, or -1 when there is no room. */
int bar_columns_symbol(BarColumns *columns, const Symbol *symbol, int64_t length_us);
/* Adds a closed bar behind the others; one that is not younger than the newest is left out. */
bool bar_columns_add(BarColumns *columns, unsigned market, const Bar *bar, Error *error) MUST_USE;
/* Writes over a row. */
void bar_columns_set(BarColumns *columns, unsigned market, size_t row, const Bar *bar);
/* Everything that a virtual feed says, symbols and bars. The caller closes the feed. */
bool bar_columns_of_feed(BarColumns *columns, Feed *feed, Error *error) MUST_USE;
void bar_columns_free(BarColumns *columns);

#endif
