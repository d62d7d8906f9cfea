/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The true range of a bar (Wilder 1978): the greatest of its own range and of the distances of its
 * high and its low from the close before, that is the range with a gap counted in. It needs a bar
 * before, so the first bar of a series has none. A pure function; nothing is owned.
 */
#ifndef CORE_NUM_TRUE_RANGE_H
#define CORE_NUM_TRUE_RANGE_H

static inline double true_range(double high, double low, double close_before) {
    double top = high > close_before ? high : close_before;
    double bottom = low < close_before ? low : close_before;
    return top - bottom;
}

#endif
