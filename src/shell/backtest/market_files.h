/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candle files as columns in memory, one series a symbol, for a backtest that does not go through
 * the candle store. Files of one symbol are merged, overlaps must agree (shell/store/candle_merge).
 * A MarketFiles owns its columns until market_files_free.
 */
#ifndef SHELL_BACKTEST_MARKET_FILES_H
#define SHELL_BACKTEST_MARKET_FILES_H

#include "shell/backtest/market_load.h"

typedef struct MarketFiles {
    unsigned count;
    CandleSeries series[LIMIT_SYMBOLS];
    void *columns[LIMIT_SYMBOLS];
    uint64_t refused; /* rows that were not sound */
} MarketFiles;

/* Reads wish->files, of the symbols that the wish names (none: all). */
bool market_files_read(MarketFiles *files, const MarketWish *wish, Error *error) MUST_USE;
void market_files_free(MarketFiles *files);

#endif
