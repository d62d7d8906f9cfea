/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Divergence: how far price and momentum went apart over the last n bars. Both are followed by
 * straight lines of least squares, the closes in unit moves over the root of n (what a random walk
 * makes), the relative strength index in swings of 20 points; both bent into -1 to 1. Where they
 * point the same way there is none; else it is the weaker of the two, positive if the strength
 * rises against a falling price. It sees whole stretches, not a single reading. A plain block of
 * opposed_size(n) bytes without pointers, owned by the caller; the next block may begin at
 * opposed_end.
 */
#ifndef CORE_NUM_OPPOSED_H
#define CORE_NUM_OPPOSED_H

#include "core/base/elementary.h"
#include "core/num/lean.h"
#include "core/num/regression.h"
#include "core/num/window.h"

#define OPPOSED_SWING 20.0 /* points of the index: from 50 to the edge of its outer zone */

/* The state is two windows, one behind the other: the closes and the strengths. */
typedef struct Opposed {
    double root; /* of the number of bars */
} Opposed;

static inline size_t opposed_size(unsigned length) {
    return sizeof(Opposed) + 2 * window_size(length);
}

static inline Window *opposed_closes(Opposed *opposed) {
    return (Window *)(void *)(opposed + 1);
}

static inline Window *opposed_strengths(Opposed *opposed) {
    return window_end(opposed_closes(opposed));
}

static inline void *opposed_end(Opposed *opposed) {
    return window_end(opposed_strengths(opposed));
}

static inline void opposed_init(Opposed *opposed, unsigned length) {
    opposed->root = sqrt(length);
    window_init(opposed_closes(opposed), length);
    window_init(opposed_strengths(opposed), length);
}

/* NaN while there are fewer than n strengths, or no unit; a strength that is NaN is not one. */
static inline double opposed_next(Opposed *opposed, double close, double strength, double unit) {
    Window *closes = opposed_closes(opposed), *strengths = opposed_strengths(opposed);
    window_push(closes, close);
    if (isnan(strength) || !window_push(strengths, strength) || isnan(unit)) return (double)NAN;
    double bars = closes->length - 1.0;
    double price = regression_slope(window_all(closes), closes->length) * bars;
    double power = regression_slope(window_all(strengths), strengths->length) * bars;
    return elementary_tanh(lean_agree(-price / (unit * opposed->root), power / OPPOSED_SWING));
}

#endif
