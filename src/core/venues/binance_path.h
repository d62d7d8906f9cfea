/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of Binance's public data, behind the host: REST paths with their queries and the
 * path of combined streams, written into a Text. What comes from outside is percent-encoded (RFC
 * 3986, unreserved characters stay): symbols may hold any UTF-8. Stateless; the caller checks
 * `overflow`.
 */
#ifndef CORE_VENUES_BINANCE_PATH_H
#define CORE_VENUES_BINANCE_PATH_H

#include "core/market/candle.h"
#include "core/market/symbol.h"

#define BINANCE_KLINES_MAX           1000 /* candles of one call */
#define BINANCE_KLINES_WEIGHT        2    /* of one call, of any length */
#define BINANCE_EXCHANGE_INFO_WEIGHT 20
/* 32 symbols twice, each of 23 bytes that may triple, and the stream's name. */
#define BINANCE_PATH_TEXT 8192

void binance_path_encoded(Text *text, Slice value);
void binance_path_time(Text *text);
void binance_path_exchange_info(Text *text, const SymbolName *symbols, unsigned count);
/* Candles whose open time is in [from_us, until_us). */
typedef struct BinanceKlineRange {
    SymbolName symbol;
    Interval interval;
    int64_t from_us, until_us;
} BinanceKlineRange;
void binance_path_klines(Text *text, const BinanceKlineRange *range);
void binance_path_depth(Text *text, const SymbolName *symbol, unsigned limit);
/* `SYMBOL@kline_1m` and `SYMBOL@trade` of every symbol, combined. */
void binance_path_streams(Text *text, const SymbolName *symbols, unsigned count);

#endif
