/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A candle (bar) of one symbol and interval: exact prices, statistical volumes. Its time is its
 * open time on the UTC grid of the interval. CandleFold builds the longer intervals from one-minute
 * bars: it closes a bucket with the bucket's last minute, or, where minutes are missing, as soon as
 * a bar of a later bucket arrives. All are plain values.
 */
#ifndef CORE_MARKET_CANDLE_H
#define CORE_MARKET_CANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/decimal.h"
#include "core/base/instant.h"

typedef enum Interval {
    INTERVAL_1M,
    INTERVAL_3M,
    INTERVAL_5M,
    INTERVAL_15M,
    INTERVAL_1H,
    INTERVAL_4H,
    INTERVAL_1D,
    INTERVAL_COUNT
} Interval;

typedef struct Bar {
    int64_t time_us; /* open time */
    Price open, high, low, close;
    double volume;       /* base asset */
    double quote_volume; /* quote asset; estimated as volume x typical price where the source lacks
                            it */
    double taker_volume; /* base volume bought by takers; 0 where unknown */
    uint32_t trades;     /* 0 where unknown */
    uint32_t bars; /* one-minute bars folded in; less than the interval's minutes means gaps */
} Bar;

/* "1m" ... "1d"; length in microseconds. */
const char *interval_name(Interval interval);
int64_t interval_us(Interval interval);
bool interval_parse(Slice text, Interval *interval) MUST_USE;
/* Whether candles of `shorter` add up to those of `longer`; they do to their own. */
bool interval_adds_up(Interval shorter, Interval longer);
/* The candles that set the direction for decisions on these: the next longer of 15m, 1h, 4h and 1d;
 * of 1d, which has none, 1d itself. */
Interval interval_slower(Interval interval);
/* Start of the bucket that holds the instant (1d: 00:00 UTC, 4h: 00, 04, ...). */
int64_t interval_floor(int64_t time_us, int64_t interval_length_us);

/* The first close of such candles at or behind the next step of a grid after `now_us`. */
int64_t interval_next_on_grid(Interval interval, int64_t grid_us, int64_t now_us);

/* NULL if the bar is sound, else the reason: a price <= 0, high below low, open or close outside of
 * [low, high], a volume that is negative or not finite, a time off the grid of `length_us` (0:
 * any). */
const char *bar_fault(const Bar *bar, int64_t length_us);

/* An estimate of the quote volume: volume x (high + low + close) / 3. */
double bar_typical_quote(const Bar *bar);

typedef struct CandleFold {
    Bar bucket; /* bars == 0: empty */
    int64_t length_us;
    int64_t base_us; /* of the bars that are added; 0: each says with `bars` how many minutes */
} CandleFold;

void candle_fold_init(CandleFold *fold, Interval interval);
/* Folds bars of any length into buckets of a multiple of it. */
void candle_fold_init_lengths(CandleFold *fold, int64_t base_us, int64_t length_us);
/* Adds a closed bar (one-minute, or of base_us), in time order. Returns how many buckets closed (0
 * to 2) and puts them into `closed`: two when the bar both shows that an older bucket ended with a
 * gap and completes its own. */
unsigned candle_fold_add(CandleFold *fold, const Bar *minute, Bar closed[static 2]);

#endif
