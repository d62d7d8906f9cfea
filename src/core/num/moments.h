/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mean and standard deviation of an array, computed afresh from the values every time. The order of
 * additions is fixed by the position in the array (four lanes, so that the processor need not wait
 * for each sum): equal values in equal order give equal bits, whatever came before them. The mean
 * is refined by one pass over the deviations, so that the mean of equal values is exactly that
 * value, and its deviation exactly 0: an indicator may ask "is it flat?" by comparing. The caller
 * owns the array; nothing is kept.
 */
#ifndef CORE_NUM_MOMENTS_H
#define CORE_NUM_MOMENTS_H

#include <math.h>
#include <stddef.h>

/* Sum of (value - centre) over values[count]. */
static inline double moments_sum_about(const double *values, size_t count, double centre) {
    double lane[4] = {0, 0, 0, 0};
    size_t index = 0;
    for (; index + 4 <= count; index += 4) {
        lane[0] += values[index] - centre;
        lane[1] += values[index + 1] - centre;
        lane[2] += values[index + 2] - centre;
        lane[3] += values[index + 3] - centre;
    }
    for (; index < count; index++)
        lane[index % 4] += values[index] - centre;
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static inline double moments_square(double value) {
    return value * value;
}

/* Sum of (value - centre)^2 over values[count]. */
static inline double moments_squares_about(const double *values, size_t count, double centre) {
    double lane[4] = {0, 0, 0, 0};
    size_t index = 0;
    for (; index + 4 <= count; index += 4) {
        lane[0] += moments_square(values[index] - centre);
        lane[1] += moments_square(values[index + 1] - centre);
        lane[2] += moments_square(values[index + 2] - centre);
        lane[3] += moments_square(values[index + 3] - centre);
    }
    for (; index < count; index++)
        lane[index % 4] += moments_square(values[index] - centre);
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* Arithmetic mean of values[count], count >= 1. The rough one may be off by some last bits, since
 * what it lacks is added: so one division serves for both. */
static inline double moments_mean(const double *values, size_t count) {
    double inverse = 1 / (double)count;
    double rough = moments_sum_about(values, count, 0.0) * inverse;
    return rough + moments_sum_about(values, count, rough) * inverse;
}

/* Standard deviation of the population (divided by count, not count - 1) about its own mean. */
static inline double moments_deviation(const double *values, size_t count, double mean) {
    return sqrt(moments_squares_about(values, count, mean) / (double)count);
}

#endif
