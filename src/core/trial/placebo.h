/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Was it the choice of the moment? A placebo makes as many trades as the strategy made, in the same
 * markets, held for as many bars each, in a random order and at random times that do not overlap;
 * with the same costs. What the strategy did better than its placebos is timing; what they do too
 * is being in a rising market (the idea: Aronson 2007, "Evidence-based technical analysis", chapter
 * 6; the p-value counts the strategy itself among the placebos, Davison and Hinkley 1997, 4.2).
 *
 * All are measured alike, the strategy too: bought at the open of the entry bar, sold at the open
 * of the exit bar where a signal sold it, else (stop, target, end of data) at that bar's close, or,
 * for the strategy, where its stop or target really sold it; growths are compounded with equal
 * stakes. Deterministic and pure; the caller owns the memory.
 */
#ifndef CORE_TRIAL_PLACEBO_H
#define CORE_TRIAL_PLACEBO_H

#include "core/trial/trial.h"

#define PLACEBO_COUNT 1999 /* what the commands draw: p-values down to 1/2000 */

typedef struct PlaceboPlan {
    const TrialPlan *trial;   /* its markets and costs */
    const TrialTrade *trades; /* of its run */
    uint32_t trade_count;
    uint32_t placebos;
    uint64_t seed;
} PlaceboPlan;

typedef struct Placebo {
    uint32_t placebos, trades;
    double own;               /* growth of one unit staked again and again: 0.1 is 10 % */
    double low, median, high; /* of the placebos: 5, 50 and 95 % */
    double p;                 /* of a placebo at least as good */
} Placebo;

size_t placebo_memory(const PlaceboPlan *plan);
/* `outcomes`: NULL, or room for each placebo's growth, which comes sorted. ERROR_DATA without
 * trades; ERROR_USAGE without placebos; ERROR_RANGE for trades that do not fit the markets. */
bool placebo_of(const PlaceboPlan *plan, void *memory, double *outcomes, Placebo *result,
                Error *error) MUST_USE;

#endif
