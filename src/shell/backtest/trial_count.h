/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often somebody has tried, told to a result before it is shown: what was tried is written into
 * the ledger ROOT/trials.ledger (trial_ledger.h), beside the candles, so that a new state is no
 * fresh start; `trials`, `deflated_sharpe_p` and the ledger's mark of the result come from there.
 * The mark of the newest result in the folder is held against the ledger first: a ledger that was
 * set back is noticed, and numbers are "at least" from then on. Sweeps of that folder that were
 * stopped before they could count themselves are counted too. Nothing is owned.
 */
#ifndef SHELL_BACKTEST_TRIAL_COUNT_H
#define SHELL_BACKTEST_TRIAL_COUNT_H

#include "shell/backtest/sweep_job.h"
#include "shell/backtest/trial_ledger.h"
#include "shell/backtest/walk_job.h"

typedef struct TrialPlace {
    const char *root;    /* of the candle store */
    const char *results; /* the folder of results; NULL: none bears witness */
    const char *sweep;   /* the file of the sweep that is being counted, or NULL */
} TrialPlace;

/* A run of one strategy; of the lab: its settings' digest is the trial's name. */
bool trial_count_run(const TrialPlace *place, Result *result, Error *error) MUST_USE;
/* Every set that picking tried, for the stitched result. */
bool trial_count_walk(const TrialPlace *place, const Strategy *strategy, Walked *walked,
                      Error *error) MUST_USE;
/* Sets that make no result: set s has its parameters at [s * STRATEGY_PARAMETERS_MAX]; `ratios`:
 * their Sharpe ratios, annualised. What is not counted must not be shown. */
bool trial_count_sets(const TrialJob *job, const MarketLoad *load, const double *sets,
                      const double *ratios, size_t count, Error *error) MUST_USE;
/* Every set of a sweep; `swept->trials` says what the count is now. */
bool trial_count_sweep(const TrialPlace *place, Swept *swept, Error *error) MUST_USE;

#endif
