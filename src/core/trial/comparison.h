/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Can results be told apart? Their returns over the same steps are drawn again together, block by
 * block, so that what moves them alike cancels out; the difference of two Sharpe ratios is then
 * measured in its own standard error (Ledoit and Wolf 2008, "Robust performance hypothesis testing
 * with the Sharpe ratio", Journal of Empirical Finance 15). All pairs are judged at once
 * (stepdown.h): whichever result is the best, that it was picked as the best is allowed for. Beside
 * that each result is judged against zero, all at once too.
 *
 * The same seed gives the same bits. Pure; the caller owns all memory.
 */
#ifndef CORE_TRIAL_COMPARISON_H
#define CORE_TRIAL_COMPARISON_H

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/trial/resample.h"

#define COMPARISON_RESULTS_MAX 32 /* 496 pairs; a person compares fewer */

typedef struct ComparisonPlan {
    const double *returns; /* of result r in step t at [r * count + t] */
    unsigned results;      /* 1 to COMPARISON_RESULTS_MAX */
    size_t count;
    double steps_a_year;
    Resample resample; /* length 0: the longest that any of the results asks for */
    uint32_t replicas; /* BOOTSTRAP_REPLICAS, say */
    double level;      /* of the pairs' intervals */
} ComparisonPlan;

typedef struct ComparisonSharpe {
    double ratio; /* annualised */
    double p;     /* of one this good if none had any skill; adjusted for how many there are */
} ComparisonSharpe;

typedef struct ComparisonPair {
    unsigned better, worse;       /* of these two results */
    double difference, low, high; /* of their ratios, annualised; the interval is the pair's own */
    double p;                     /* two-sided, of this pair alone */
    double adjusted;              /* the same, all pairs considered */
} ComparisonPair;

typedef struct Comparison {
    unsigned results, pairs;
    unsigned order[COMPARISON_RESULTS_MAX]; /* best first */
    ComparisonSharpe sharpe[COMPARISON_RESULTS_MAX];
    ComparisonPair pair[COMPARISON_RESULTS_MAX * (COMPARISON_RESULTS_MAX - 1) / 2];
    double length; /* of the blocks */
} Comparison;

size_t comparison_memory(const ComparisonPlan *plan);
/* ERROR_DATA for too few returns, one that is not finite, or a result that never moves (it has no
 * Sharpe ratio: leave it out); ERROR_USAGE for a count that is out of range. */
bool comparison_of(const ComparisonPlan *plan, void *memory, Comparison *result,
                   Error *error) MUST_USE;

/* The pair of two results, in either order. */
const ComparisonPair *comparison_pair(const Comparison *comparison, unsigned one, unsigned other);
/* In a sentence or two, which results can be told from the best at this level (0.05, say) and which
 * cannot, and whether any is above zero beyond chance. */
void comparison_say(const Comparison *comparison, const char *const *names, double level,
                    Text *text);

#endif
