/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exponential smoothing in its two usual forms, one step per value: the exponential moving average
 * with weight 2 / (n + 1), and Wilder's smoothing with weight 1 / n (New Concepts in Technical
 * Trading Systems, 1978). Both are seeded by the mean of the first n values, and there is no result
 * before that. The mean is formed as it goes (mean += (x - mean) / k), which keeps a flat series
 * exactly flat. A Smooth is a plain value that its holder owns.
 */
#ifndef CORE_NUM_SMOOTH_H
#define CORE_NUM_SMOOTH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Smooth {
    double value;
    double weight;   /* of a new value, once seeded */
    uint32_t length; /* values in the seed */
    uint32_t seen;   /* of them taken in so far */
} Smooth;

static inline void smooth_init_ema(Smooth *smooth, unsigned length) {
    *smooth = (Smooth){.weight = 2.0 / (length + 1.0), .length = length};
}

static inline void smooth_init_wilder(Smooth *smooth, unsigned length) {
    *smooth = (Smooth){.weight = 1.0 / length, .length = length};
}

/* True once the seed is complete, from then on `value` holds. */
static inline bool smooth_step(Smooth *smooth, double value) {
    if (smooth->seen < smooth->length) {
        smooth->seen++;
        smooth->value += (value - smooth->value) / smooth->seen;
    } else {
        smooth->value += smooth->weight * (value - smooth->value);
    }
    return smooth->seen == smooth->length;
}

/* Takes the value in and gives the smoothed one, NaN while the seed is not complete. */
static inline double smooth_next(Smooth *smooth, double value) {
    return smooth_step(smooth, value) ? smooth->value : (double)NAN;
}

#endif
