/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The closes of a symbol's last hours, and how two symbols' hourly returns go together: what tells
 * whether a new position would be the old one again. A close is kept where a bar ends on the hour;
 * hours that no bar tells of stay empty, and a return needs two hours in a row. Where only longer
 * candles come in, what is said of hours here is of these. Places of a ring bear their hour, so
 * that what is older than the window is never read. A plain block; zeroed is empty.
 */
#ifndef CORE_TRADE_HOURLY_CLOSES_H
#define CORE_TRADE_HOURLY_CLOSES_H

#include "core/base/instant.h"

#define HOURLY_CLOSES_KEPT  169 /* returns of a week (the described system's long look) */
#define HOURLY_CLOSES_LEAST 24  /* common returns: below a day nothing is said (its short look) */

typedef struct HourlyCloses {
    int64_t length_us;                /* an hour, or of longer candles; 0: nothing was heard */
    int64_t hour[HOURLY_CLOSES_KEPT]; /* since 1970; 0: empty */
    double close[HOURLY_CLOSES_KEPT];
} HourlyCloses;

/* A candle of such length that ends at `end_us` (exclusive); one that ends within an hour is passed
 * over, and so is one that is longer than those before. Shorter ones begin anew. */
void hourly_closes_put(HourlyCloses *closes, int64_t candle_us, int64_t end_us, double close);
/* Of the returns of the window's hours up to `now_us`; NaN where there are too few in common. */
double hourly_closes_correlation(const HourlyCloses *a, const HourlyCloses *b, int64_t now_us);

#endif
