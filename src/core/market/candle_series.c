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
