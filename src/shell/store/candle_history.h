/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candles of one interval out of the store, whatever interval is stored: the file of that interval,
 * mapped, or, where there is none, the longest shorter one folded (candle_series.h). Only rows of
 * the range that is asked for are judged, so that a backtest over a month does not read ten years.
 * The opener owns the CandleHistory and closes it; its series lives as long.
 */
#ifndef SHELL_STORE_CANDLE_HISTORY_H
#define SHELL_STORE_CANDLE_HISTORY_H

#include "shell/store/candle_batch.h"
#include "shell/store/candle_store.h"

typedef struct CandleHistory {
    CandleSeries series;  /* rows of the range */
    int64_t source_us;    /* interval of the file it came from */
    uint64_t incomplete;  /* longer candles left out, because shorter ones are missing */
    StoredCandles stored; /* mapped */
    CandleBatch folded;   /* filled where the file is of a shorter interval */
} CandleHistory;

/* Candles whose open times are in [from_us, until_us); INT64_MIN and INT64_MAX: all. ERROR_DATA
 * when nothing is stored from which they can be made, when there are none in the range (the hint
 * says what there is), or when what is stored is damaged there. */
bool candle_history_open(const char *root, const CandleKey *key, int64_t from_us, int64_t until_us,
                         CandleHistory *history, Error *error) MUST_USE;
void candle_history_close(CandleHistory *history);

#endif
