/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/history.h"

void history_init(History *history, Interval interval) {
    history->length_us = interval_us(interval);
    history->count = 0;
}

static const Bar *at(const History *history, uint64_t index) {
    return &history->bars[index % LIMIT_CANDLES];
}

bool history_add(History *history, const Bar *bar) {
    if (history->count > 0 && at(history, history->count - 1)->time_us >= bar->time_us)
        return false;
    history->bars[history->count % LIMIT_CANDLES] = *bar;
    history->count++;
    return true;
}

/* A bar has closed with its last microsecond: the close of a recorded bar is told at the next open
 * minus one. */
static bool closed(const History *history, const Bar *bar, int64_t now_us) {
    return bar->time_us + history->length_us - 1 <= now_us;
}

unsigned history_closed(const History *history, int64_t now_us) {
    uint64_t held = history->count < LIMIT_CANDLES ? history->count : LIMIT_CANDLES;
    uint64_t oldest = history->count - held;
    while (held > 0 && !closed(history, at(history, oldest + held - 1), now_us))
        held--;
    return (unsigned)held;
}

const Bar *history_bar(const History *history, int64_t now_us, unsigned age) {
    unsigned seen = history_closed(history, now_us);
    if (age >= seen) return NULL;
    uint64_t held = history->count < LIMIT_CANDLES ? history->count : LIMIT_CANDLES;
    return at(history, history->count - held + seen - 1 - age);
}
