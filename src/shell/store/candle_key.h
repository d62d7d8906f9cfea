/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which candles: venue, symbol and interval, and where they stand below a data directory:
 * DATA/candles/VENUE/SYMBOL/INTERVAL.candles. An interval is any number of minutes that has a name
 * here; all of them divide a day, so that the grid of each starts at 00:00 UTC. Plain values.
 */
#ifndef SHELL_STORE_CANDLE_KEY_H
#define SHELL_STORE_CANDLE_KEY_H

#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/market/symbol.h"

#define CANDLE_VENUE    "binance" /* whose candles they are unless somebody says otherwise */
#define CANDLE_PATH_MAX 1024

typedef struct CandleKey {
    char venue[LIMIT_SYMBOL_TEXT];
    SymbolName symbol;
    int64_t length_us;
} CandleKey;

/* "1m", "30m", "4h", "1d" ...; "" for a length without a name. */
const char *candle_length_name(int64_t length_us);
bool candle_length_parse(Slice text, int64_t *length_us) MUST_USE;
/* NULL if the parts can be a path and a header, else what is wrong. */
const char *candle_key_fault(const CandleKey *key);
bool candle_key_equal(const CandleKey *a, const CandleKey *b);
/* `root` is the data directory. ERROR_DATA for a key with a fault, ERROR_LIMIT if it is too long.
 */
bool candle_key_path(const char *root, const CandleKey *key, char path[static CANDLE_PATH_MAX],
                     Error *error) MUST_USE;
/* Beside the candles: the venue's trading rules of the symbol, as a fetch met them
 * (filters_file.h). */
bool candle_key_rules_path(const char *root, const CandleKey *key,
                           char path[static CANDLE_PATH_MAX], Error *error) MUST_USE;

#endif
