/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/trade_fold.h"

void trade_fold_init(TradeFold *fold, int64_t gap_us) {
    *fold = (TradeFold){.gap_us = gap_us, .told_us = INT64_MIN / 2};
}

static void minute_open(TradeFold *fold, const Print *print) {
    int64_t open_us = interval_floor(print->time_us, INSTANT_MINUTE_US);
    fold->is_partial = !fold->has_print;
    fold->minute = (Bar){.time_us = open_us,
                         .open = print->price,
                         .high = print->price,
                         .low = print->price,
                         .bars = 1};
}

static void minute_add(Bar *minute, const Print *print) {
    double quantity = quantity_double(print->quantity);
    if (print->price.units > minute->high.units) minute->high = print->price;
    if (print->price.units < minute->low.units) minute->low = print->price;
    minute->close = print->price;
    minute->volume += quantity;
    minute->quote_volume += price_double(print->price) * quantity;
    if (!print->taker_sold) minute->taker_volume += quantity;
    minute->trades++;
}

static void point_add(TradeFold *fold, Price price) {
    PricePoint *point = &fold->point;
    if (!fold->has_point) *point = (PricePoint){price, price, price};
    if (price.units > point->high.units) point->high = price;
    if (price.units < point->low.units) point->low = price;
    point->last = price;
    fold->has_point = true;
}

FoldAnswer trade_fold_add(TradeFold *fold, const Print *print, Bar *closed, bool *partial) {
    if (fold->has_print && print->id <= fold->last_id) return FOLD_REPEATED;
    fold->last_id = print->id;
    int64_t open_us = interval_floor(print->time_us, INSTANT_MINUTE_US);
    if (fold->minute.trades && open_us < fold->minute.time_us) return FOLD_LATE;
    FoldAnswer answer = FOLD_ADDED;
    if (fold->minute.trades && open_us > fold->minute.time_us) {
        *closed = fold->minute;
        if (partial) *partial = fold->is_partial;
        fold->minute.trades = 0;
        answer = FOLD_CLOSED;
    }
    if (!fold->minute.trades) minute_open(fold, print);
    minute_add(&fold->minute, print);
    point_add(fold, print->price);
    fold->has_print = true;
    return answer;
}

bool trade_fold_price(TradeFold *fold, int64_t now_us, PricePoint *point) {
    if (!fold->has_point || now_us - fold->told_us < fold->gap_us) return false;
    *point = fold->point;
    fold->has_point = false;
    fold->told_us = now_us;
    return true;
}
