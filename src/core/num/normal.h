/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The normal distribution: density, the share below a value, and the value below which a share
 * lies. Near the middle the share is a series in odd powers (Marsaglia 2004, "Evaluating the normal
 * distribution"), in the tails a continued fraction (Laplace 1805; Abramowitz and Stegun 26.2.14),
 * so that a tail of 1e-300 is as exact, relatively, as one of 0.1. The quantile starts from a
 * rational guess (Abramowitz and Stegun 26.2.23, off by less than 4.5e-4) and is refined by
 * Halley's method on the share itself. Only additions, multiplications, divisions and our own exp
 * and log: the same bits everywhere. Stateless.
 */
#ifndef CORE_NUM_NORMAL_H
#define CORE_NUM_NORMAL_H

double normal_density(double x);
/* Share of a standard normal below x; relative error below 1e-14 down to the smallest tail. */
double normal_below(double x);
/* The x with normal_below(x) == share; 0 and 1 give minus and plus infinity, anything outside of
 * [0, 1] NaN. */
double normal_quantile(double share);

#endif
