/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row of Binance's dumps of trades, spot: "trades" (id, price, qty, quoteQty, time, isBuyerMaker,
 * isBestMatch) and "aggTrades" (aggId, price, qty, firstId, lastId, time, isBuyerMaker,
 * isBestMatch), told apart by their seven and eight columns. Times are milliseconds up to 2024 and
 * microseconds from 2025 on, judged row by row. Prices and quantities are exact. Plain values.
 */
#ifndef CORE_MARKET_TRADE_CSV_H
#define CORE_MARKET_TRADE_CSV_H

#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/base/text.h"

typedef struct TradeRow {
    int64_t id, time_us;
    Price price;
    Quantity quantity;
    bool buyer_is_maker;
} TradeRow;

/* The first field is no number. */
bool trade_csv_is_header(Slice line);
/* ERROR_DATA with "line 12, column 3 (qty)" where a field does not parse, is not above zero, or the
 * count of columns is another. */
bool trade_csv_row(Slice line, uint64_t line_number, TradeRow *row, Error *error) MUST_USE;

#endif
