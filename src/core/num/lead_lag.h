/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of two series leads, and how sure that is. The cross-correlation at lags from -most to
 * +most (positive: x leads y), each sum divided by one number for all lags, as usual (Brockwell and
 * Davis 1991, section 11.2), so that far lags with few pairs are not favoured. The largest of so
 * many is large by chance: its level comes from permutations of x in circular blocks, which keep
 * how x hangs together and break its bond with y, and each counts with *its* largest (Westfall and
 * Young 1993: the maximum corrects for having looked everywhere). A level is (1 + as large) /
 * (1 + draws).
 *
 * Draw number n is a function of seed and n alone, so that the work may be cut anywhere. Missing
 * values are neutral. Pure; the caller owns the arrays.
 */
#ifndef CORE_NUM_LEAD_LAG_H
#define CORE_NUM_LEAD_LAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEAD_LAG_MOST 72 /* steps each way: three days of hours, the most that may be set */

typedef struct LeadLag {
    size_t count;  /* of x and y */
    unsigned most; /* lags each way */
    size_t block;  /* steps of a block */
    double divisor;
    uint64_t seed;
    int best_lag;
    double best, together; /* correlation there, and at lag 0 */
    uint32_t draws, best_as_large, together_as_large;
} LeadLag;

/* Turns values into deviations from their mean over their standard deviation, missing ones into 0.
 * The number that were there; 0 where they do not vary. */
size_t lead_lag_standardise(double *values, size_t count);
/* Of standardised series; `most` and `block` are cut to what `count` allows (a quarter of it);
 * `divisor` is the number of values that were there, of the series with fewer. */
LeadLag lead_lag_begin(const double *x, const double *y, size_t count, const LeadLag *wish);
/* Correlation at one lag. */
double lead_lag_at(const LeadLag *test, const double *x, const double *y, int lag);
/* So many more draws; `scratch` has room for count doubles. */
void lead_lag_draw(LeadLag *test, const double *x, const double *y, uint32_t draws,
                   double *scratch);
/* Probability of a largest correlation like this, and of one at lag 0 like this, by chance. */
double lead_lag_best_level(const LeadLag *test);
double lead_lag_together_level(const LeadLag *test);
/* One permutation of x in circular blocks, number `draw` of the seed. */
void lead_lag_permute(const LeadLag *test, const double *x, uint64_t draw, double *target);

#endif
