/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sum that may be added to and taken from without loss: two doubles, the second holding what the
 * first could not (Knuth 1969, Dekker 1971). As long as the greatest sum and the last bit of the
 * least summand lie less than 2^104 apart, nothing is ever rounded, so that the sum of what is in a
 * window does not depend on what has left it; market prices, and volumes, span about 2^80. The mean
 * is divided with its remainder: that of equal values is exactly that value. A plain value that its
 * holder owns.
 */
#ifndef CORE_NUM_TOTAL_H
#define CORE_NUM_TOTAL_H

#include <math.h>
#include <stddef.h>

typedef struct Total {
    double value; /* the sum, rounded once */
    double rest;  /* what is missing in it */
} Total;

/* left + right exactly, as a rounded sum and its rest. */
static inline Total total_of_two(double left, double right) {
    double sum = left + right, part = sum - left;
    return (Total){sum, (left - (sum - part)) + (right - part)};
}

static inline void total_add(Total *total, double value) {
    Total sum = total_of_two(total->value, value);
    *total = total_of_two(sum.value, total->rest + sum.rest);
}

/* Adds factor x value, whose rounding would else be lost. */
static inline void total_add_product(Total *total, double factor, double value) {
    double product = factor * value;
    total_add(total, product);
    total_add(total, fma(factor, value, -product));
}

/* The sum of values[count]. */
static inline Total total_of(const double *values, size_t count) {
    Total total = {0, 0};
    for (size_t index = 0; index < count; index++)
        total_add(&total, values[index]);
    return total;
}

/* The sum divided by count >= 1. */
static inline double total_mean(const Total *total, double count) {
    double rough = total->value / count;
    return rough + (fma(-count, rough, total->value) + total->rest) / count;
}

#endif
