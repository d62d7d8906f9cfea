/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The straight line of least squares through an array of equally spaced values, computed afresh
 * from the values every time: its slope a step, its value at the last of them, and r^2, the share
 * of the variance that it explains. Values that are all equal have slope 0 and r^2 0: there is no
 * variance to explain. The caller owns the array; nothing is kept.
 */
#ifndef CORE_NUM_REGRESSION_H
#define CORE_NUM_REGRESSION_H

#include "core/num/moments.h"
#include "core/num/ratio.h"

typedef struct Regression {
    double slope; /* a step */
    double last;  /* the line at the last value */
    double r2;
} Regression;

/* Slope a step. Values as far before the middle as behind it weigh alike, but for the sign: so only
 * their differences count, no mean is needed, and values that are all equal give exactly 0. In four
 * lanes in a fixed order. */
static inline double regression_slope(const double *values, size_t count) {
    double length = (double)count, middle = (length - 1) / 2, lane[4] = {0, 0, 0, 0};
    double spread = length * (length * length - 1) / 12; /* sum of (index - middle)^2 */
    const double *last = values + (count - 1);
    size_t index = 0, pairs = count / 2;
    for (; index + 4 <= pairs; index += 4, middle -= 4) {
        lane[0] += middle * (last[-(ptrdiff_t)index] - values[index]);
        lane[1] += (middle - 1) * (last[-(ptrdiff_t)index - 1] - values[index + 1]);
        lane[2] += (middle - 2) * (last[-(ptrdiff_t)index - 2] - values[index + 2]);
        lane[3] += (middle - 3) * (last[-(ptrdiff_t)index - 3] - values[index + 3]);
    }
    for (; index < pairs; index++, middle -= 1)
        lane[index % 4] += middle * (last[-(ptrdiff_t)index] - values[index]);
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) / spread;
}

/* Of values[count], count >= 2. */
static inline Regression regression_of(const double *values, size_t count) {
    double mean = moments_mean(values, count), length = (double)count;
    double slope = regression_slope(values, count);
    double explained = slope * slope * (length * (length * length - 1) / 12);
    return (Regression){slope, mean + slope * (length - 1) / 2,
                        ratio_part_or(explained, moments_squares_about(values, count, mean), 0)};
}

#endif
