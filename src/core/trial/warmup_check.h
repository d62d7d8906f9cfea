/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does it matter where a history begins? An indicator that started later must, once what it says
 * of its memory has passed, give the values of the one that started earlier: exactly where it
 * forgets (a window, a session), nearly where it forgets by degrees. Sums since the start and paths
 * of events promise nothing, and are named. Pure; the scratch is the caller's.
 */
#ifndef CORE_TRIAL_WARMUP_CHECK_H
#define CORE_TRIAL_WARMUP_CHECK_H

#include "core/indicators/indicator.h"
#include "core/market/candle_series.h"

typedef enum WarmupVerdict {
    WARMUP_STABLE,
    WARMUP_UNSTABLE,
    WARMUP_NO_PROMISE, /* its memory begins with the history */
    WARMUP_TOO_SHORT   /* the series ends before its memory has passed */
} WarmupVerdict;

typedef struct WarmupFinding {
    WarmupVerdict verdict;
    size_t row; /* UNSTABLE: where, and what the earlier and the later one say */
    const char *output;
    double earlier, later;
} WarmupFinding;

size_t warmup_check_scratch(const Indicator *indicator);
/* With presets; the second run starts at row `later`. */
WarmupFinding warmup_check(const Indicator *indicator, const CandleSeries *candles, size_t later,
                           void *scratch);

#endif
