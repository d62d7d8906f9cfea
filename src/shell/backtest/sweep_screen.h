/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sweep found: as JSON, a row a set in order of index; for people the best by a metric, how
 * they spread, and the warning that belongs to a best of many. Stateless.
 */
#ifndef SHELL_BACKTEST_SWEEP_SCREEN_H
#define SHELL_BACKTEST_SWEEP_SCREEN_H

#include "shell/backtest/sweep_job.h"

void sweep_json(const Swept *swept, FILE *file);
/* `metric`: sharpe_ratio, return_pct or max_drawdown_pct; ERROR_USAGE for another. */
bool sweep_screen(const Swept *swept, const char *metric, bool color, Error *error) MUST_USE;

#endif
