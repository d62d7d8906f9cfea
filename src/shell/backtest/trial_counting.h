/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result's `trials` and `deflated_sharpe_p`, from the ledger of everything that was ever tried
 * (trial_ledger.h), which stands beside the candles: DATA/trials.ledger. Before a result is stored
 * its trial is written down, the newest stored result is called as a witness, and the number, the
 * p-value and the ledger's mark go into the result. Where the ledger cannot be kept, the result
 * says that its trials are not counted; the backtest itself does not fail for it. Nothing is owned.
 */
#ifndef SHELL_BACKTEST_TRIAL_COUNTING_H
#define SHELL_BACKTEST_TRIAL_COUNTING_H

#include "shell/backtest/result.h"
#include "shell/backtest/trial_job.h"
#include "shell/backtest/trial_ledger.h"

/* Counts the result's trial and fills its trials, deflated_sharpe_p and trials_ledger. `folder`: of
 * the stored results. */
void trial_counting_result(const TrialJob *job, const char *folder, Result *result);

/* Trials that made no result of their own (a sweep's, a walk-forward's) over the loaded markets:
 * set s has its parameters at [s * STRATEGY_PARAMETERS_MAX]; `ratios`: their Sharpe ratios,
 * annualised, or NULL. False with an Error if they cannot be written down: what is not counted must
 * not be shown. */
bool trial_counting_sets(const TrialJob *job, const MarketLoad *load, const double *sets,
                         const double *ratios, size_t count, Error *error) MUST_USE;

#endif
