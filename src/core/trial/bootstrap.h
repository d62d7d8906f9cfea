/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of a result is luck of the draw: the returns are drawn again in blocks, many times, and
 * each figure is computed anew. The intervals of mean and Sharpe ratio are studentised: each
 * replica is measured in its own standard error, which makes them right for skewed and fat-tailed
 * returns where plain percentiles are too narrow (Hall 1992, "The bootstrap and Edgeworth
 * expansion", 3.2; the standard error over drawn blocks as in Goetze and Kuensch 1996; for the
 * Sharpe ratio by its influence function, as Ledoit and Wolf 2008). Total return and greatest
 * drawdown have no standard error worth the name: theirs are percentiles over the replicas, what
 * the same returns would have made in another order and mixture.
 *
 * The same seed gives the same bits. Pure; the caller owns the memory.
 */
#ifndef CORE_TRIAL_BOOTSTRAP_H
#define CORE_TRIAL_BOOTSTRAP_H

#include "core/base/error.h"
#include "core/trial/resample.h"

#define BOOTSTRAP_REPLICAS    1999 /* (replicas + 1) x 2.5 % is whole; what the commands take */
#define BOOTSTRAP_RETURNS_MIN 20   /* fewer returns carry no interval */

typedef struct BootstrapPlan {
    const double *returns; /* simple returns of equal steps */
    size_t count;
    double steps_a_year; /* for the Sharpe ratio; 1: of one step */
    Resample resample;   /* length 0: chosen from the data (block_length.h) */
    uint32_t replicas;
    double level; /* of the intervals, such as 0.95 */
} BootstrapPlan;

typedef struct BootstrapInterval {
    double estimate, low, high;
} BootstrapInterval;

typedef struct Bootstrap {
    BootstrapInterval mean;         /* of one step */
    BootstrapInterval sharpe;       /* annualised; NaN where the returns are all equal */
    BootstrapInterval total_return; /* a share of the start */
    BootstrapInterval max_drawdown; /* a share of the peak, >= 0 */
    double sharpe_p;                /* of a Sharpe ratio this good if the true one were 0 or less */
    double length;                  /* of the blocks, as used */
    uint32_t replicas, undefined;   /* drawn; of these, without a Sharpe ratio */
} Bootstrap;

size_t bootstrap_memory(const BootstrapPlan *plan);
/* ERROR_DATA for fewer than BOOTSTRAP_RETURNS_MIN returns or one that is not finite; ERROR_USAGE
 * for no replicas or a level outside (0, 1). */
bool bootstrap_of(const BootstrapPlan *plan, void *memory, Bootstrap *result,
                  Error *error) MUST_USE;

/* ---- for others that studentise -------------------------------------------------------------- */

/* The Sharpe ratio's influence function: what each return adds to the estimate's error, of
 * returns[count] into influence[count], which sums to 0. False (and nothing) if all are equal. */
bool bootstrap_influence(const double *returns, size_t count, double *ratio, double *influence);
/* Long-run variance of values that sum to 0, under the weights that the resampling implies, wrapped
 * around: (1 - 1/length)^k (stationary) or 1 - k/length (circular) at distance k. */
double bootstrap_variance(const double *values, size_t count, const Resample *resample);
/* The same, but never less than for values that do not follow one another (sharpe_interval.h): for
 * the error of what was seen. Of replicas it is not taken: there blocks are what follows. */
double bootstrap_cautious_variance(const double *values, size_t count, const Resample *resample);
/* bootstrap_variance of a drawn replica: the mean square of the sums over its blocks. `values`
 * stand in the replica's order. */
double bootstrap_block_variance(const double *values, const uint32_t *steps, size_t count,
                                size_t history);

#endif
