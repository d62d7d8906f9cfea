/* SPDX-License-Identifier: Apache-2.0 */
/* Minutes of a market that is a formula, for tests of what the disk keeps of them. */
#ifndef TESTS_STORED_MINUTES_H
#define TESTS_STORED_MINUTES_H

#include "core/market/candle.h"

#define FIRST_US 1704067200000000LL /* 2024-01-01 */

/* Minute `i`. */
static inline Bar bar_at(size_t i) {
    int64_t price = 100000000LL * (100 + (int64_t)(i * 7 % 31));
    return (Bar){.time_us = FIRST_US + (int64_t)i * INSTANT_MINUTE_US,
                 .open = {price},
                 .high = {price + 5},
                 .low = {price - 3},
                 .close = {price + 1},
                 .volume = (double)(i % 17),
                 .quote_volume = (double)(i % 17) * 100.5,
                 .taker_volume = (double)(i % 5),
                 .trades = (uint32_t)(i % 1000),
                 .bars = 1};
}

#endif
