/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of recorded trades (.csv, .csv.gz, .zip as Binance's dumps come) of one or several symbols
 * as one stream in order of time; of the same time, in the order of the files. Each file is read
 * line by line, so that a month of trades costs no more memory than an hour. The name of a file
 * begins with its symbol. A bad row is an Error that names it: a market with a hole is not the one
 * that was recorded. The opener owns the TradeMerge and closes it.
 */
#ifndef SHELL_STORE_TRADE_MERGE_H
#define SHELL_STORE_TRADE_MERGE_H

#include "core/base/error.h"
#include "core/market/symbol.h"
#include "core/market/trade_csv.h"

typedef struct TradeMergePlan {
    const char *const *paths;
    unsigned path_count;
    const char *filters_path; /* config/filters.json or NULL: then the data say the grids */
} TradeMergePlan;

typedef struct TradeMerge TradeMerge;

TradeMerge *trade_merge_open(const TradeMergePlan *plan, Error *error);
unsigned trade_merge_symbol_count(const TradeMerge *merge);
const Symbol *trade_merge_symbol(const TradeMerge *merge, unsigned index);
/* The next row and the index of its symbol; `*ended`: there is none. */
bool trade_merge_next(TradeMerge *merge, TradeRow *row, unsigned *symbol, bool *ended,
                      Error *error) MUST_USE;
void trade_merge_close(TradeMerge *merge);

#endif
