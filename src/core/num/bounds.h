/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The greater and the lesser of two numbers: the C library's fmax and fmin are calls, and are not
 * among those that the core may make. Where the first is not a number the second counts. Stateless.
 */
#ifndef CORE_NUM_BOUNDS_H
#define CORE_NUM_BOUNDS_H

static inline double bounds_greater(double value, double other) {
    return value > other ? value : other;
}

static inline double bounds_lesser(double value, double other) {
    return value < other ? value : other;
}

#endif
