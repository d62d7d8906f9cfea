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

/* Sum of (index - middle) x (values[index] - mean), in two lanes in a fixed order. */
static inline double regression_covariance(const double *values, size_t count, double mean) {
    double middle = (double)(count - 1) / 2, lane[2] = {0, 0};
    size_t index = 0;
    for (; index + 2 <= count; index += 2) {
        lane[0] += ((double)index - middle) * (values[index] - mean);
        lane[1] += ((double)index + 1 - middle) * (values[index + 1] - mean);
    }
    if (index < count) lane[0] += ((double)index - middle) * (values[index] - mean);
    return lane[0] + lane[1];
}

/* Of values[count], count >= 2. */
static inline Regression regression_of(const double *values, size_t count) {
    double mean = moments_mean(values, count), length = (double)count;
    double spread = length * (length * length - 1) / 12; /* sum of (index - middle)^2 */
    double slope = regression_covariance(values, count, mean) / spread;
    double explained = slope * slope * spread;
    return (Regression){slope, mean + slope * (length - 1) / 2,
                        ratio_part_or(explained, moments_squares_about(values, count, mean), 0)};
}

#endif
