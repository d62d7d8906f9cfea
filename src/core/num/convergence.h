/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fast minus a slow exponential average of the closes (MACD), in unit moves and bent into -1 to
 * 1: the same reading for every price and volatility. Both averages are seeded by the mean of their
 * first values. A plain value that its holder owns.
 */
#ifndef CORE_NUM_CONVERGENCE_H
#define CORE_NUM_CONVERGENCE_H

#include "core/base/elementary.h"
#include "core/num/smooth.h"

typedef struct Convergence {
    Smooth fast, slow;
} Convergence;

static inline void convergence_init(Convergence *convergence, unsigned fast, unsigned slow) {
    smooth_init_ema(&convergence->fast, fast);
    smooth_init_ema(&convergence->slow, slow);
}

/* tanh of the distance in units; NaN while an average is not seeded or the unit is NaN. */
static inline double convergence_next(Convergence *convergence, double close, double unit) {
    bool fast = smooth_step(&convergence->fast, close);
    bool slow = smooth_step(&convergence->slow, close);
    if (!fast || !slow || isnan(unit)) return (double)NAN;
    return elementary_tanh((convergence->fast.value - convergence->slow.value) / unit);
}

#endif
