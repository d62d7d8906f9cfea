/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One backtest with the trial engine, from what was asked for to its Result: the candles loaded,
 * the strategy run over them, its figures computed, its trades and curves kept. Every command that
 * runs a strategy (run, walk-forward, compare) comes through here, so that a result means the same
 * everywhere. The Result owns its lists: result_free.
 */
#ifndef SHELL_BACKTEST_TRIAL_JOB_H
#define SHELL_BACKTEST_TRIAL_JOB_H

#include "core/bus/settings.h"
#include "shell/backtest/market_load.h"
#include "shell/backtest/result.h"

typedef struct TrialJob {
    MarketWish wish;
    const Strategy *strategy;      /* NULL: the lab decides (lab_job.h) */
    uint8_t settings[SHA256_SIZE]; /* of the lab: digest of the settings that decide */
    double parameters[STRATEGY_PARAMETERS_MAX];
    Money balance;
    PaperCosts costs;
    double fee_bps, spread_bps, slippage_bps; /* the same as the user wrote them */
    Money smallest;
    double size_limit;
    unsigned positions_max;
    uint64_t seed;
} TrialJob;

/* Costs, smallest entry and limits as the settings have them; the rest is zero. */
void trial_job_init(TrialJob *job, const Settings *settings);
/* The plan of a trial over loaded markets. */
TrialPlan trial_job_plan(const TrialJob *job, const MarketLoad *load);
bool trial_job_run(const TrialJob *job, Result *result, Error *error) MUST_USE;
/* The same over markets that are loaded already. */
bool trial_job_over(const TrialJob *job, const MarketLoad *load, Result *result,
                    Error *error) MUST_USE;

/* ---- for others that make results ------------------------------------------------------------ */

/* trial_run, or its fast form with the same trades where that can run the plan; and the scratch
 * memory that it wants. */
size_t trial_job_memory(const TrialPlan *plan);
bool trial_job_step(const TrialPlan *plan, void *memory, TrialOutput *output, TrialResult *result,
                    Error *error) MUST_USE;

/* What a run gave, to be described. */
typedef struct TrialRun {
    const TrialJob *job;
    const MarketLoad *load;
    const TrialOutput *output;
    const TrialResult *result;
    double seconds;
} TrialRun;

/* Names, settings, figures, trades and curve of a run into a Result. */
bool trial_run_describe(const TrialRun *run, Result *result, Error *error) MUST_USE;

#endif
