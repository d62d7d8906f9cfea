/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far the newest of an array of prices stands from their mean, in half-widths of Bollinger's
 * band (a number of population standard deviations): -1 on the lower band, 1 on the upper, 0 where
 * the band has no width. The caller owns the array; nothing is kept.
 */
#ifndef CORE_NUM_BAND_H
#define CORE_NUM_BAND_H

#include "core/num/moments.h"
#include "core/num/ratio.h"

#define BAND_DEVIATIONS 2.0 /* Bollinger's */

static inline double band_place(const double *prices, size_t count) {
    double mean = moments_mean(prices, count);
    double half = BAND_DEVIATIONS * moments_deviation(prices, count, mean);
    return ratio_or(prices[count - 1] - mean, half, 0);
}

#endif
