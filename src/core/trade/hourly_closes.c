/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/hourly_closes.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/num/correlation.h"

void hourly_closes_put(HourlyCloses *closes, int64_t candle_us, int64_t end_us, double close) {
    int64_t length_us = candle_us > INSTANT_HOUR_US ? candle_us : INSTANT_HOUR_US;
    if (end_us % length_us != 0 || end_us <= 0 || !(close > 0)) return;
    if (closes->length_us > 0 && length_us > closes->length_us) return;
    if (length_us != closes->length_us) *closes = (HourlyCloses){.length_us = length_us};
    int64_t hour = end_us / length_us, place = hour % HOURLY_CLOSES_KEPT;
    if (hour < closes->hour[place]) return; /* history that comes late */
    closes->hour[place] = hour;
    closes->close[place] = close;
}

static double close_of(const HourlyCloses *closes, int64_t hour) {
    int64_t place = hour % HOURLY_CLOSES_KEPT;
    return closes->hour[place] == hour ? closes->close[place] : (double)NAN;
}

double hourly_closes_correlation(const HourlyCloses *a, const HourlyCloses *b, int64_t now_us) {
    double x[HOURLY_CLOSES_KEPT - 1], y[HOURLY_CLOSES_KEPT - 1];
    if (a->length_us == 0 || a->length_us != b->length_us) return (double)NAN;
    int64_t last = (now_us + 1) / a->length_us; /* a close is told a microsecond early */
    int64_t first = last - HOURLY_CLOSES_KEPT + 1;
    if (first <= 0) return (double)NAN;
    for (int64_t hour = first + 1; hour <= last; hour++) {
        x[hour - first - 1] = elementary_log(close_of(a, hour) / close_of(a, hour - 1));
        y[hour - first - 1] = elementary_log(close_of(b, hour) / close_of(b, hour - 1));
    }
    if (correlation_pairs(x, y, HOURLY_CLOSES_KEPT - 1) < HOURLY_CLOSES_LEAST) return (double)NAN;
    return correlation_of(x, y, HOURLY_CLOSES_KEPT - 1);
}
