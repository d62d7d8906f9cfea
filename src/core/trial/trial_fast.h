/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial of rules, fast: columns are computed once and window by window, rules become bits, and
 * the run goes from event to event (trial_walk.h). The trades are those of trial_run, to the last
 * unit and hash; equity is in doubles, so that figures made from it agree within 1e-9 relative and
 * the rounding of the plain run's equity to 1e-8 (the Sharpe ratio where the deviation is more than
 * a millionth of the mean). Without an equity column the summary is tracked on the way, in little
 * memory. The caller owns all memory.
 */
#ifndef CORE_TRIAL_TRIAL_FAST_H
#define CORE_TRIAL_TRIAL_FAST_H

#include "core/trial/trial.h"

/* What is known of equity without keeping it; formulas as in metrics.h. */
typedef struct TrialSummary {
    double return_pct, sharpe_ratio, max_drawdown_pct;
    double mean, deviation; /* of the step returns */
} TrialSummary;

TrialSummary trial_summary(const TrialPlan *plan, const TrialResult *result,
                           const EquityTrack *track);

/* Whether the plan can be run this way: rules without a step, one market, no finer candles. */
bool trial_fast_fits(const TrialPlan *plan);
/* Bytes of scratch memory, to be aligned as malloc does. */
size_t trial_fast_memory(const TrialPlan *plan);
/* As trial_run, with the same Errors, and ERROR_CONFIG for a plan that does not fit. `output` and
 * `summary` may be NULL. */
bool trial_fast_run(const TrialPlan *plan, void *memory, TrialOutput *output, TrialResult *result,
                    TrialSummary *summary, Error *error) MUST_USE;

#endif
