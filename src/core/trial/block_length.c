/* SPDX-License-Identifier: Apache-2.0 */
/* Autocovariances, where they end, and the two constants of the rule. */
#include "core/trial/block_length.h"

#include <math.h>

#include "core/base/elementary.h"
#include "core/num/bounds.h"
#include "core/num/moments.h"

#define LEAST_VALUES 10  /* fewer say nothing about how they hang together */
#define LEAST_LAGS   5.0 /* K of the paper: max(5, sqrt(log10 n)) */
#define SIGNIFICANCE 2.0 /* c of the paper */
#define LN_10        2.30258509299404568402
#define D_STATIONARY 2.0 /* D over the squared long-run variance; 2009, the corrected value */
#define D_CIRCULAR   (4.0 / 3.0)

static double log_ten(double x) {
    return elementary_log(x) / LN_10;
}

static size_t lags_in_a_row(size_t count) {
    return (size_t)bounds_greater(LEAST_LAGS, ceil(sqrt(log_ten((double)count))));
}

static size_t greatest_lag(size_t count) {
    return (size_t)ceil(sqrt((double)count)) + lags_in_a_row(count);
}

size_t block_length_scratch(size_t count) {
    return count + greatest_lag(count < LEAST_VALUES ? LEAST_VALUES : count) + 1;
}

/* Sum of left[i] right[i], in four lanes. */
static double product(const double *left, const double *right, size_t count) {
    double lane[4] = {0, 0, 0, 0};
    size_t index = 0;
    for (; index + 4 <= count; index += 4)
        for (size_t part = 0; part < 4; part++)
            lane[part] += left[index + part] * right[index + part];
    for (; index < count; index++)
        lane[index % 4] += left[index] * right[index];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* The first lag of `row` lags in a row that are insignificant; `lags` if there is no such place. */
static size_t where_it_ends(const double *covariance, size_t lags, size_t row, size_t count) {
    double bound =
        SIGNIFICANCE * sqrt(log_ten((double)count) / (double)count) * fabs(covariance[0]);
    size_t seen = 0;
    for (size_t lag = 1; lag <= lags; lag++) {
        seen = fabs(covariance[lag]) < bound ? seen + 1 : 0;
        if (seen == row) return lag + 1 - row;
    }
    return lags;
}

/* From G and the long-run variance. */
static BlockLength by_rule(double slope, double variance, size_t count) {
    double number = (double)count, most = ceil(bounds_lesser(3 * sqrt(number), number / 3));
    double base = slope * slope / (variance * variance) * 2 * number;
    if (!(base > 0) || !(variance != 0)) return (BlockLength){1, 1};
    double stationary = elementary_pow(base / D_STATIONARY, 1.0 / 3);
    double circular = elementary_pow(base / D_CIRCULAR, 1.0 / 3);
    return (BlockLength){bounds_greater(1, bounds_lesser(stationary, most)),
                         bounds_greater(1, bounds_lesser(circular, most))};
}

BlockLength block_length_of(const double *values, size_t count, double *scratch) {
    if (count < LEAST_VALUES) return (BlockLength){1, 1};
    double *centred = scratch, *covariance = scratch + count;
    double mean = moments_mean(values, count);
    for (size_t index = 0; index < count; index++)
        centred[index] = values[index] - mean;
    size_t lags = greatest_lag(count);
    if (lags > count - 1) lags = count - 1;
    for (size_t lag = 0; lag <= lags; lag++)
        covariance[lag] = product(centred, centred + lag, count - lag) / (double)count;
    if (!(covariance[0] > 0)) return (BlockLength){1, 1};
    size_t width = 2 * where_it_ends(covariance, lags, lags_in_a_row(count), count);
    if (width > lags) width = lags;
    double slope = 0, variance = covariance[0];
    for (size_t lag = 1; lag <= width; lag++) {
        double place = (double)lag / (double)width;
        double weight = place <= 0.5 ? 1 : 2 * (1 - place); /* the flat top */
        slope += 2 * weight * (double)lag * covariance[lag];
        variance += 2 * weight * covariance[lag];
    }
    return by_rule(slope, variance, count);
}

BlockLength block_length_of_ar1(double coefficient, size_t count) {
    /* Autocovariance c^k / (1 - c^2): sums of k c^k and of c^k over all lags of either sign. */
    double away = 1 - coefficient;
    double slope = 2 * coefficient / (away * away), variance = (1 + coefficient) / away;
    return by_rule(slope, variance, count);
}
