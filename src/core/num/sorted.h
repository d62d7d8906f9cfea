/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting numbers in order, and what can be read off numbers that are in order. The sort is a heap
 * sort (Williams 1964; Floyd 1964): no memory of its own, no bad case, and for plain numbers ties
 * cannot be told apart, so the result is one. A quantile lies between two neighbours, linearly in
 * (count - 1) x share (Hyndman and Fan 1996, type 7). No number may be NaN. The caller owns the
 * array.
 */
#ifndef CORE_NUM_SORTED_H
#define CORE_NUM_SORTED_H

#include <math.h>
#include <stddef.h>

/* Lets the value at `root` sink to its place in the heap of `count`. */
static inline void sorted_sink(double *values, size_t root, size_t count) {
    double value = values[root];
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && values[child + 1] > values[child]) child++;
        if (!(values[child] > value)) break;
        values[root] = values[child];
        root = child;
    }
    values[root] = value;
}

/* Into rising order. */
static inline void sorted_put(double *values, size_t count) {
    for (size_t root = count / 2; root-- > 0;)
        sorted_sink(values, root, count);
    for (size_t last = count; last-- > 1;) {
        double greatest = values[0];
        values[0] = values[last];
        values[last] = greatest;
        sorted_sink(values, 0, last);
    }
}

/* The value below which `share` (0 to 1) of values[count] lies; they stand in rising order, count
 * >= 1. */
static inline double sorted_quantile(const double *values, size_t count, double share) {
    double place = share * (double)(count - 1);
    size_t below = (size_t)floor(place);
    if (below + 1 >= count) return values[count - 1];
    double part = place - (double)below;
    return values[below] + part * (values[below + 1] - values[below]);
}

#endif
