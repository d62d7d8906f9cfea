/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The markets that every strategy has to live through, as candles with exact prices: seeded walks,
 * a walk on a coarse grid of prices (many equal closes), flat, rising, falling, one spike in a flat
 * market, a walk with gaps (minutes, hours and a day that are missing) and a market without volume.
 * The same seed gives the same bars everywhere. A CandleMarket owns its columns.
 */
#ifndef TESTS_LAWS_CANDLE_MARKETS_H
#define TESTS_LAWS_CANDLE_MARKETS_H

#include "core/market/candle_series.h"

#include <string.h>

#define CANDLE_MARKET_BARS 2400 /* of an hour: a hundred days, twice the longest preset's warm-up  \
                                 */
#define CANDLE_MARKET_START 1704067200000000LL /* 2024-01-01 00:00 UTC, a Monday */

typedef enum CandleMarketKind {
    CANDLES_WALK,
    CANDLES_WALK_AGAIN,
    CANDLES_TICKS,
    CANDLES_FLAT,
    CANDLES_RISING,
    CANDLES_FALLING,
    CANDLES_SPIKE,
    CANDLES_GAPS,
    CANDLES_WITHOUT_VOLUME,
    CANDLES_KINDS
} CandleMarketKind;

static const char *const candle_market_names[CANDLES_KINDS] = {
    "walk", "walk again", "ticks", "flat", "rising", "falling", "spike", "gaps", "without volume"};

typedef struct CandleMarket {
    CandleSeries series;
    int64_t time_us[CANDLE_MARKET_BARS];
    int64_t open[CANDLE_MARKET_BARS], high[CANDLE_MARKET_BARS];
    int64_t low[CANDLE_MARKET_BARS], close[CANDLE_MARKET_BARS];
    double volume[CANDLE_MARKET_BARS], quote_volume[CANDLE_MARKET_BARS], taker[CANDLE_MARKET_BARS];
} CandleMarket;

static inline uint64_t candle_market_bits(uint64_t *seed) { /* splitmix64, Steele et al. 2014 */
    uint64_t mixed = (*seed += 0x9e3779b97f4a7c15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

static inline double candle_market_uniform(uint64_t *seed) {
    return (double)(candle_market_bits(seed) >> 11) * 0x1p-53;
}

/* The next close after `price`. */
static inline int64_t candle_market_move(CandleMarketKind kind, int64_t price, double *swing,
                                         uint64_t *seed) {
    double now = (double)price;
    switch (kind) {
    case CANDLES_TICKS: { /* whole cents of a quarter */
        int64_t step = ((int64_t)(3 * candle_market_uniform(seed)) - 1) * 25000000;
        return price + step > 100000000 ? price + step : price;
    }
    case CANDLES_FLAT:
    case CANDLES_SPIKE:
        return price;
    case CANDLES_RISING:
        return (int64_t)(now * 1.001);
    case CANDLES_FALLING:
        return (int64_t)(now * 0.999);
    default:
        *swing = 0.97 * *swing + 0.001 * (candle_market_uniform(seed) - 0.5);
        return (int64_t)(now * (1 + *swing + 0.02 * (candle_market_uniform(seed) - 0.5)));
    }
}

static inline void candle_market_bar(CandleMarket *market, size_t bar, int64_t open, int64_t close,
                                     uint64_t *seed) {
    bool still = open == close;
    int64_t top = open > close ? open : close, bottom = open > close ? close : open;
    double wick = still ? 0 : 0.004;
    market->open[bar] = open;
    market->close[bar] = close;
    market->high[bar] = top + (int64_t)(wick * (double)top * candle_market_uniform(seed));
    market->low[bar] = bottom - (int64_t)(wick * (double)bottom * candle_market_uniform(seed));
    market->volume[bar] = 1000 * candle_market_uniform(seed);
    market->taker[bar] = market->volume[bar] * candle_market_uniform(seed);
    market->quote_volume[bar] = market->volume[bar] * (double)close / 1e8;
}

/* Whether the bar is missing in the market with gaps. */
static inline bool candle_market_lacks(size_t bar) {
    return bar % 97 == 23 || (bar % 500 > 470 && bar % 500 < 477) || (bar > 1000 && bar < 1030);
}

static inline void candle_market_make(CandleMarket *market, CandleMarketKind kind,
                                      int64_t length_us, uint64_t seed) {
    int64_t price = 10010000000;
    double swing = 0;
    size_t count = 0;
    for (size_t at = 0; count < CANDLE_MARKET_BARS; at++) {
        int64_t close = candle_market_move(kind, price, &swing, &seed);
        if (kind == CANDLES_SPIKE && count == 1500) close = 10 * price;
        if (kind == CANDLES_SPIKE && count == 1501) close = price / 10;
        bool lacks = kind == CANDLES_GAPS && candle_market_lacks(at);
        if (!lacks) {
            candle_market_bar(market, count, price, close, &seed);
            market->time_us[count++] = CANDLE_MARKET_START + (int64_t)at * length_us;
        }
        price = close;
    }
    if (kind == CANDLES_WITHOUT_VOLUME) {
        memset(market->volume, 0, sizeof market->volume);
        memset(market->quote_volume, 0, sizeof market->quote_volume);
        memset(market->taker, 0, sizeof market->taker);
    }
    market->series = (CandleSeries){.length_us = length_us,
                                    .count = CANDLE_MARKET_BARS,
                                    .time_us = market->time_us,
                                    .open = market->open,
                                    .high = market->high,
                                    .low = market->low,
                                    .close = market->close,
                                    .volume = market->volume,
                                    .quote_volume = market->quote_volume,
                                    .taker = market->taker};
}

#endif
