/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closed candles of one symbol and interval as columns, oldest first: what backtests, sweeps and
 * reports read. Prices are exact integers at 1e-8; volumes are statistics. A series is a view: the
 * columns belong to whoever made it (a mapped file of the candle store, an arena), and outlive it.
 */
#ifndef CORE_MARKET_CANDLE_SERIES_H
#define CORE_MARKET_CANDLE_SERIES_H

#include "core/market/candle.h"
#include "core/market/symbol.h"

typedef struct CandleSeries {
    SymbolName symbol;
    int64_t length_us; /* of the interval */
    size_t count;
    const int64_t *time_us;                   /* open times, rising, on the grid of the interval */
    const int64_t *open, *high, *low, *close; /* units of a Price */
    const double *volume, *quote_volume;
    const double *taker;    /* base volume bought by takers; NULL: the source does not say */
    const uint32_t *trades; /* NULL: the source does not say */
} CandleSeries;

/* Row `index` as a Bar; `bars` is the interval's minutes. */
Bar candle_series_bar(const CandleSeries *series, size_t index);
/* Number of rows whose open time is before `time_us`. */
size_t candle_series_before(const CandleSeries *series, int64_t time_us);
/* Rows [first, end) as a series of their own, over the same columns. */
CandleSeries candle_series_part(const CandleSeries *series, size_t first, size_t end);

/* Candles that are missing between two that are there. */
typedef struct CandleGap {
    int64_t from_us, until_us; /* [open of the first missing, open of the next that is there) */
    uint64_t bars;
} CandleGap;

/* The first gap behind row *row; moves *row to the row behind it. False when there is none. */
bool candle_series_gap(const CandleSeries *series, size_t *row, CandleGap *gap);

/* Longer candles out of shorter ones, on the UTC grid: the one way from an interval to a longer one
 * over history (candle.h has the step that live candles take, and this calls it). A longer candle
 * is given only when all of it is there: a bucket with a missing part, also the first and the one
 * that is still open, is counted and left out, because its high, low and close cannot be known. */
typedef struct SeriesFold {
    const CandleSeries *series;
    CandleFold fold;
    size_t row;
    Bar ready[2]; /* closed, not yet given */
    unsigned ready_count;
    uint64_t incomplete; /* buckets left out so far */
} SeriesFold;

/* `length_us`: a whole multiple of the series' interval. The series outlives the fold. */
void series_fold_init(SeriesFold *fold, const CandleSeries *series, int64_t length_us);
/* The next complete candle, its `bars` the minutes of it. False at the end. */
bool series_fold_next(SeriesFold *fold, Bar *bar);

#endif
