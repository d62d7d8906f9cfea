/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plain formulas of naive.h are written in: bars and rows in extended precision, means,
 * deviations, and recursive averages written as what they are, sums over all the past with falling
 * weights. Nothing here is streaming, and nothing is shared with the program. The caller owns the
 * input and the rows of results; a value that does not exist yet is NaN.
 */
#ifndef TESTS_LAWS_NAIVE_CORE_H
#define TESTS_LAWS_NAIVE_CORE_H

#include "series.h"

#include <string.h>

typedef long double Wide;
typedef double NaiveRow[INDICATOR_OUTPUTS_MAX];

typedef struct NaiveBar {
    Wide open, high, low, close, volume;
    Wide taker; /* NaN: nobody says */
    long hour;  /* since 1970 */
} NaiveBar;

typedef struct Naive {
    const char *name;
    void (*formula)(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows);
} Naive;

#define NAIVE_STILL 1e-280L /* sums of moves below this count as no move (core/num/ratio.h) */

static const Wide naive_nan = (Wide)NAN;

static Wide naive_mean(const Wide *values, int count) {
    Wide sum = 0;
    for (int index = 0; index < count; index++)
        sum += values[index];
    return sum / count;
}

static Wide naive_stdev(const Wide *values, int count) {
    Wide mean = naive_mean(values, count), sum = 0;
    for (int index = 0; index < count; index++)
        sum += (values[index] - mean) * (values[index] - mean);
    return sqrtl(sum / count);
}

/* smoothed[t] = weight x values[t] + weight (1 - weight) values[t-1] + ..., the rest of the weight
 * on the seed, the mean of the first `length` values from `first` on. */
static void naive_smooth(const Wide *values, int first, int count, int length, Wide weight,
                         Wide *smoothed) {
    int seed = first + length - 1;
    for (int t = 0; t < count; t++) {
        Wide left = 1, sum = 0;
        for (int past = t; past > seed; past--) {
            sum += weight * left * values[past];
            left *= 1 - weight;
        }
        smoothed[t] = t < seed ? naive_nan : sum + left * naive_mean(values + first, length);
    }
}

static void naive_closes(const NaiveBar *bars, int count, Wide *closes) {
    for (int t = 0; t < count; t++)
        closes[t] = bars[t].close;
}

static Wide naive_ratio(Wide part, Wide whole, Wide still) {
    return whole > NAIVE_STILL ? part / whole : still;
}

/* Highest high and lowest low of the bars t - length + 1 to t. */
static void naive_channel(const NaiveBar *bars, int t, int length, Wide *highest, Wide *lowest) {
    *highest = bars[t].high;
    *lowest = bars[t].low;
    for (int past = t - length + 1; past < t; past++) {
        if (bars[past].high > *highest) *highest = bars[past].high;
        if (bars[past].low < *lowest) *lowest = bars[past].low;
    }
}

static Wide naive_true_range(const NaiveBar *bars, int t) {
    Wide range = bars[t].high - bars[t].low;
    Wide above = fabsl(bars[t].high - bars[t - 1].close);
    Wide below = fabsl(bars[t].low - bars[t - 1].close);
    return fmaxl(range, fmaxl(above, below));
}

#endif
