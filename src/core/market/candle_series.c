/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/candle_series.h"

Bar candle_series_bar(const CandleSeries *series, size_t index) {
    return (Bar){.time_us = series->time_us[index],
                 .open = {series->open[index]},
                 .high = {series->high[index]},
                 .low = {series->low[index]},
                 .close = {series->close[index]},
                 .volume = series->volume[index],
                 .quote_volume = series->quote_volume[index],
                 .taker_volume = series->taker ? series->taker[index] : 0,
                 .trades = series->trades ? series->trades[index] : 0,
                 .bars = (uint32_t)(series->length_us / INSTANT_MINUTE_US)};
}

size_t candle_series_before(const CandleSeries *series, int64_t time_us) {
    size_t low = 0, high = series->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->time_us[middle] < time_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

CandleSeries candle_series_part(const CandleSeries *series, size_t first, size_t end) {
    CHECK(first <= end && end <= series->count, "a part lies inside of its series");
    CandleSeries part = *series;
    part.count = end - first;
    part.time_us += first;
    part.open += first;
    part.high += first;
    part.low += first;
    part.close += first;
    part.volume += first;
    part.quote_volume += first;
    if (part.taker) part.taker += first;
    if (part.trades) part.trades += first;
    return part;
}

bool candle_series_gap(const CandleSeries *series, size_t *row, CandleGap *gap) {
    while (++*row < series->count) {
        int64_t due_us = series->time_us[*row - 1] + series->length_us;
        if (series->time_us[*row] <= due_us) continue;
        *gap = (CandleGap){due_us, series->time_us[*row],
                           (uint64_t)((series->time_us[*row] - due_us) / series->length_us)};
        return true;
    }
    return false;
}

void series_fold_init(SeriesFold *fold, const CandleSeries *series, int64_t length_us) {
    CHECK(length_us >= series->length_us && length_us % series->length_us == 0,
          "a longer candle is made of whole shorter ones");
    *fold = (SeriesFold){.series = series, .fold = {.length_us = length_us}};
}

/* One more bar of the series, or its end. False: there is nothing more. */
static bool series_fold_step(SeriesFold *fold) {
    if (fold->row < fold->series->count) {
        Bar bar = candle_series_bar(fold->series, fold->row++);
        fold->ready_count = candle_fold_add(&fold->fold, &bar, fold->ready);
        return true;
    }
    fold->incomplete += fold->fold.bucket.bars > 0;
    fold->fold.bucket.bars = 0;
    return false;
}

bool series_fold_next(SeriesFold *fold, Bar *bar) {
    for (;;) {
        while (fold->ready_count > 0) {
            *bar = fold->ready[0];
            fold->ready[0] = fold->ready[1];
            fold->ready_count--;
            if (bar->bars * INSTANT_MINUTE_US == fold->fold.length_us) return true;
            fold->incomplete++;
        }
        if (!series_fold_step(fold)) return false;
    }
}
