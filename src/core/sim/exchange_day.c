/* SPDX-License-Identifier: Apache-2.0 */
/* A window of a pair: the last 24 hours, or another, from its closed minutes and the open one. */
#include "core/sim/exchange_api.h"

static void add_bar(ExchangeDay *day, const Bar *bar) {
    day->open = bar->open; /* from the newest to the oldest: the oldest stays */
    day->open_us = bar->time_us;
    if (bar->high.units > day->high.units) day->high = bar->high;
    if (!day->low.units || bar->low.units < day->low.units) day->low = bar->low;
    day->volume += bar->volume;
    day->quote_volume += bar->quote_volume;
    day->trades += bar->trades;
}

ExchangeDay exchange_window(const ExchangePair *pair, int64_t start_us, int64_t now_us) {
    ExchangeDay day = {.open = pair->last, .open_us = now_us};
    if (pair->minute.bars) add_bar(&day, &pair->minute);
    for (uint64_t age = 0;; age++) {
        const Bar *bar = exchange_bar(pair, age);
        if (!bar || bar->time_us < start_us) break;
        add_bar(&day, bar);
    }
    day.weighted = day.volume > 0 ? day.quote_volume / day.volume : price_double(pair->last);
    return day;
}

ExchangeDay exchange_day(const ExchangePair *pair, int64_t now_us) {
    return exchange_window(pair, now_us - INSTANT_DAY_US, now_us);
}
