/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The markets that every indicator has to live through: seeded walks, a walk on a coarse price grid
 * (many equal closes), flat, rising, falling, one spike in a flat market, a market without volume
 * and a single candle. The same seed gives the same bars everywhere. The caller owns the array of
 * bars.
 */
#ifndef TESTS_LAWS_SERIES_H
#define TESTS_LAWS_SERIES_H

#include "core/indicators/indicator.h"

#include <math.h>
#include <stdint.h>

#define SERIES_BARS  1300 /* more than the longest warm-up, 2 x 500 - 1 bars of ADX */
#define SERIES_SPIKE 260  /* presets have warmed up, and 1000 bars are left to forget it */
/* In the flat market: an average of 2 bars halves 600 times behind it, still far from RATIO_LEAST.
 */
#define SERIES_LATE_SPIKE  700
#define SERIES_WEEK        168    /* bars of an hour */
#define SERIES_MONDAY_HOUR 473352 /* 2024-01-01 00:00 UTC in hours since 1970 */

typedef enum SeriesKind {
    SERIES_WALK,
    SERIES_WALK_AGAIN,
    SERIES_TICKS,
    SERIES_FLAT,
    SERIES_RISING,
    SERIES_FALLING,
    SERIES_FLAT_WITH_SPIKE,
    SERIES_WITHOUT_VOLUME,
    SERIES_SINGLE,
    SERIES_KINDS
} SeriesKind;

static const char *const series_names[SERIES_KINDS] = {
    "walk",    "walk again",      "ticks",          "flat",  "rising",
    "falling", "flat with spike", "without volume", "single"};

static inline uint64_t series_bits(uint64_t *seed) { /* splitmix64, Steele et al. 2014 */
    uint64_t mixed = (*seed += 0x9e3779b97f4a7c15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

static inline double series_uniform(uint64_t *seed) {
    return (double)(series_bits(seed) >> 11) * 0x1p-53;
}

static inline IndicatorBar series_bar(double open, double close, uint64_t *seed) {
    double top = open > close ? open : close, bottom = open > close ? close : open;
    double high = top * (1 + 0.004 * series_uniform(seed));
    double low = bottom * (1 - 0.004 * series_uniform(seed));
    return (IndicatorBar){.open = open,
                          .high = high,
                          .low = low,
                          .close = close,
                          .volume = 1000 * series_uniform(seed)};
}

/* Moves of up to 1 % with a slow swing, so that there are trends. */
static inline void series_walk(IndicatorBar *bars, uint64_t seed) {
    double price = 100.1, swing = 0;
    for (int bar = 0; bar < SERIES_BARS; bar++) {
        swing = 0.95 * swing + 0.001 * (series_uniform(&seed) - 0.5);
        double close = price * (1 + swing + 0.02 * (series_uniform(&seed) - 0.5));
        bars[bar] = series_bar(price, close, &seed);
        price = close;
    }
}

/* Prices are whole sixty-fourths, exact in binary: ties are ties. Now and then nothing is traded.
 */
static inline void series_ticks(IndicatorBar *bars, uint64_t seed) {
    double price = 20;
    for (int bar = 0; bar < SERIES_BARS; bar++) {
        double close = price + (floor(3 * series_uniform(&seed)) - 1) / 64;
        if (close < 1) close = 1;
        double top = price > close ? price : close, bottom = price > close ? close : price;
        double high = top + floor(2 * series_uniform(&seed)) / 64;
        bars[bar] = (IndicatorBar){.open = price,
                                   .high = high,
                                   .low = bottom,
                                   .close = close,
                                   .volume = floor(4 * series_uniform(&seed))};
        price = close;
    }
}

/* Every bar goes straight from the close before to its own. */
static inline void series_straight(IndicatorBar *bars, double factor) {
    double price = 100.1;
    for (int bar = 0; bar < SERIES_BARS; bar++) {
        double close = price * factor;
        bars[bar] = (IndicatorBar){.open = price,
                                   .high = price > close ? price : close,
                                   .low = price > close ? close : price,
                                   .close = close,
                                   .volume = 10};
        price = close;
    }
}

static inline void series_spike(IndicatorBar *bars, int bar) {
    bars[bar].high = bars[bar].close = 1000 * bars[bar].high;
    bars[bar].volume = 1000 * (bars[bar].volume + 1);
}

/* Bars of an hour from a Monday on, and of each volume a part bought by takers; in every seventh
 * bar nobody says which. */
static inline void series_complete(IndicatorBar *bars, uint64_t seed) {
    for (int bar = 0; bar < SERIES_BARS; bar++) {
        bars[bar].time_us = (SERIES_MONDAY_HOUR + bar) * 3600000000LL;
        bars[bar].taker = bar % 7 == 3 ? (double)NAN : bars[bar].volume * series_uniform(&seed);
    }
}

/* Writes SERIES_BARS bars and returns how many of them are the series (1 for the single candle). */
static inline unsigned series_make(SeriesKind kind, IndicatorBar bars[static SERIES_BARS]) {
    switch (kind) {
    case SERIES_TICKS:
        series_ticks(bars, 3);
        break;
    case SERIES_FLAT:
    case SERIES_FLAT_WITH_SPIKE:
        series_straight(bars, 1);
        break;
    case SERIES_RISING:
        series_straight(bars, 1.003);
        break;
    case SERIES_FALLING:
        series_straight(bars, 0.997);
        break;
    default:
        series_walk(bars, (uint64_t)kind + 1);
        break;
    }
    if (kind == SERIES_FLAT_WITH_SPIKE) series_spike(bars, SERIES_LATE_SPIKE);
    for (int bar = 0; kind == SERIES_WITHOUT_VOLUME && bar < SERIES_BARS; bar++)
        bars[bar].volume = 0;
    series_complete(bars, 11);
    for (int bar = 0; kind == SERIES_FLAT && bar < SERIES_BARS; bar++)
        bars[bar].taker = bars[bar].volume / 2;
    return kind == SERIES_SINGLE ? 1 : SERIES_BARS;
}

#endif
