/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Equity bar by bar without keeping it: mean and deviation of the step returns, peak and deepest
 * drawdown, while cash and holding stay as they are over a span of bars. Sums run in eight lanes,
 * lane = number of the bar modulo 8, so that they are the same bits however the spans are cut and
 * whatever the processor can do at once. Prices and cash are doubles in units of 1e-8. A plain
 * value.
 */
#ifndef CORE_TRIAL_EQUITY_TRACK_H
#define CORE_TRIAL_EQUITY_TRACK_H

#include <stddef.h>
#include <stdint.h>

#include "core/num/wide.h"

typedef struct EquityTrack {
    WideGrowth growth; /* cash, quantity, peak, lowest since it, sums of the returns in lanes */
    double equity;     /* at the newest close */
    double deepest;    /* drawdown up to the peak, 0 to 1 */
    uint64_t count;
} EquityTrack;

void equity_track_begin(EquityTrack *track, double opening);
/* One more close. */
void equity_track_step(EquityTrack *track, double equity);
/* What is held from the next close on. */
void equity_track_hold(EquityTrack *track, double cash, double quantity);
/* At a price. */
double equity_track_value(const EquityTrack *track, double price);
/* The closes of bars from .. end-1: close[i] is that of bar base + i, and 8 divides base. */
void equity_track_span(EquityTrack *track, const WideKernels *wide, const double *close,
                       size_t from, size_t end);

double equity_track_mean(const EquityTrack *track);
/* Of the sample (count - 1); NaN for fewer than two. */
double equity_track_deviation(const EquityTrack *track);
double equity_track_drawdown(const EquityTrack *track);

#endif
