/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sweep found: as JSON, a row a set in order of index; for people the best by a metric, how
 * they spread, and the warning that belongs to a best of many. Stateless.
 */
#ifndef SHELL_BACKTEST_SWEEP_SCREEN_H
#define SHELL_BACKTEST_SWEEP_SCREEN_H

#include "shell/backtest/trial_count.h"

typedef struct SweepScreen {
    const char *metric; /* sharpe_ratio, return_pct or max_drawdown_pct; of the best, for people */
    bool json, color;
} SweepScreen;

/* Counts what was tried, and only then shows it on standard output. ERROR_USAGE for an unknown
 * metric. */
bool sweep_show(const TrialPlace *place, Swept *swept, const SweepScreen *screen,
                Error *error) MUST_USE;

#endif
