/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sum that may be added to and taken from without loss: one double for the sum as rounded,
 * another for all that the roundings lost, which is known exactly (Knuth 1969). As long as the
 * greatest sum and the last bit of the least summand lie less than about 2^100 apart, the two
 * together are the exact sum, so that the sum of what is in a window does not depend on what has
 * left it. Market prices, and volumes, span about 2^80; should anything be missed all the same, the
 * Total knows it (`missed`), and its holder forms it anew. The mean is divided with its remainder:
 * that of equal values is exactly that value. A plain value that its holder owns.
 */
#ifndef CORE_NUM_TOTAL_H
#define CORE_NUM_TOTAL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Total {
    double rounded;
    double lost;   /* the exact sum is rounded + lost, if nothing was missed */
    double missed; /* how much of `lost` was rounded away, at most; 0 as a rule */
} Total;

#define TOTAL_SPLIT                                                                                \
    134217729.0 /* 2^27 + 1 cuts a double into two halves of 26 bits (Dekker 1971) */

/* left + right exactly. */
static inline Total total_of_two(double left, double right) {
    double sum = left + right, part = sum - left;
    return (Total){sum, (left - (sum - part)) + (right - part), 0};
}

static inline void total_add(Total *total, double value) {
    Total sum = total_of_two(total->rounded, value);
    total->rounded = sum.rounded;
    Total lost = total_of_two(total->lost, sum.lost);
    total->lost = lost.rounded;
    total->missed += fabs(lost.lost);
}

/* False once something was missed, or is not a number any more. */
static inline bool total_exact(const Total *total) {
    return total->missed == 0;
}

/* The upper half of a value's bits; the rest is exact, too. */
static inline double total_upper(double value) {
    double shifted = value * TOTAL_SPLIT;
    return shifted - (shifted - value);
}

/* Adds factor x value, factor whole and below 2^26: its products with half a value are exact. */
static inline void total_add_product(Total *total, double factor, double value) {
    double upper = total_upper(value);
    total_add(total, factor * upper);
    total_add(total, factor * (value - upper));
}

/* The sum of values[count]. */
static inline Total total_of(const double *values, size_t count) {
    Total total = {.rounded = 0};
    for (size_t index = 0; index < count; index++)
        total_add(&total, values[index]);
    return total;
}

/* The sum, rounded once. */
static inline double total_sum(const Total *total) {
    return total->rounded + total->lost;
}

/* The sum divided by count, which is whole, at least 1 and below 2^26. */
static inline double total_mean(const Total *total, double count) {
    Total sum = total_of_two(total->rounded, total->lost);
    double inverse = 1 / count, rough = sum.rounded * inverse, upper = total_upper(rough);
    double remainder = (sum.rounded - count * upper) - count * (rough - upper);
    return rough + (remainder + sum.lost) * inverse;
}

#endif
