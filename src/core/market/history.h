/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closed bars of one symbol and interval, newest LIMIT_CANDLES of them, as a ring. A reader names
 * the instant at which it stands and cannot see a bar that had not closed by then: that is how
 * look-ahead is impossible by construction. A History is a plain block, owned by the service that
 * fills it.
 */
#ifndef CORE_MARKET_HISTORY_H
#define CORE_MARKET_HISTORY_H

#include "core/base/limits.h"
#include "core/market/candle.h"

typedef struct History {
    int64_t length_us; /* of the interval */
    uint64_t count;    /* bars ever added; the newest min(count, LIMIT_CANDLES) are held */
    Bar bars[LIMIT_CANDLES];
} History;

void history_init(History *history, Interval interval);
/* Adds a closed bar. False, and nothing changes, if it is not younger than the newest. */
bool history_add(History *history, const Bar *bar);
/* Bars held that had closed at `now_us`. */
unsigned history_closed(const History *history, int64_t now_us);
/* The bar `age` places before the newest that had closed at `now_us` (0: that one); NULL if there
 * is none. */
const Bar *history_bar(const History *history, int64_t now_us, unsigned age);
/* The bar behind one that history_bar gave; the caller knows that there is one. */
static inline const Bar *history_after(const History *history, const Bar *bar) {
    return bar == &history->bars[LIMIT_CANDLES - 1] ? history->bars : bar + 1;
}

#endif
