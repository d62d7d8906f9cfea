/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of the relative strength index (Wilder 1978, pages 63 to 70): the share, in percent, of
 * the smoothed gains in all smoothed moves, 100 - 100 / (1 + gain / loss) written without its
 * division by zero. Both averages are seeded by the mean of the first n changes. Only gains give
 * 100, only losses 0, no move at all 50. A plain value that its holder owns.
 */
#ifndef CORE_NUM_RELATIVE_STRENGTH_H
#define CORE_NUM_RELATIVE_STRENGTH_H

#include "core/num/ratio.h"
#include "core/num/smooth.h"

typedef struct RelativeStrength {
    double before; /* the price before */
    Smooth gain;
    Smooth loss;
    uint64_t started; /* 0 before the first price, then 1 */
} RelativeStrength;

static inline void relative_strength_init(RelativeStrength *strength, unsigned length) {
    strength->before = 0;
    strength->started = 0;
    smooth_init_wilder(&strength->gain, length);
    smooth_init_wilder(&strength->loss, length);
}

/* The index after this price, NaN while fewer than n changes have been seen. */
static inline double relative_strength_step(RelativeStrength *strength, double price) {
    double change = price - strength->before;
    strength->before = price;
    if (!strength->started) {
        strength->started = 1;
        return (double)NAN;
    }
    smooth_step(&strength->gain, change > 0 ? change : 0);
    if (!smooth_step(&strength->loss, change < 0 ? -change : 0)) return (double)NAN;
    double gain = strength->gain.value, loss = strength->loss.value;
    return 100 * ratio_or(gain, gain + loss, 0.5);
}

#endif
