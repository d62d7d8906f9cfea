/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a strategy's result skill or luck? One run, and everything that docs/HONESTY.md has to say
 * about it: probabilistic Sharpe ratio and track record length, bootstrap intervals, placebos, its
 * trades in other orders, its candles in other orders; and, with a grid, how much the choice of
 * parameters is overfitted and how it generalises. Long runs are folded to at most JUDGE_RETURNS
 * returns of equal length for what draws returns again. What cannot be said is marked as not there,
 * with the reason. A Judgement is a plain value.
 */
#ifndef SHELL_BACKTEST_JUDGE_H
#define SHELL_BACKTEST_JUDGE_H

#include "core/trial/bootstrap.h"
#include "core/trial/candle_shuffle.h"
#include "core/trial/cross_validation.h"
#include "core/trial/overfitting.h"
#include "core/trial/placebo.h"
#include "core/trial/sweep.h"
#include "core/trial/trade_shuffle.h"
#include "shell/backtest/trial_job.h"

#define JUDGE_RETURNS 4000 /* eleven years of days */
#define JUDGE_SETS    2000 /* 64 MB of returns */
#define JUDGE_BLOCKS  10   /* 252 splits */
#define JUDGE_GROUPS  8    /* of which JUDGE_TESTS are judged: 28 splits, 7 paths */
#define JUDGE_TESTS   2

typedef struct JudgePlan {
    TrialJob job;
    const SweepSpace *space; /* NULL: no grid */
    uint32_t placebos, paths;
} JudgePlan;

/* Why a part is not there; empty: it is. */
typedef struct JudgeGap {
    char reason[240];
} JudgeGap;

typedef struct Judgement {
    Metrics metrics;
    double days_a_return;     /* after folding */
    double probability;       /* that the true Sharpe ratio is above 0 */
    double track_record_days; /* until that would be 95 %; NaN: never, it is not above 0 */
    JudgeGap no_bootstrap, no_trades, no_candles, no_sets;
    Bootstrap bootstrap;
    Placebo placebo;
    TradeShuffle order;
    CandleShuffle candles;
    uint32_t sets;
    Overfitting overfitting;
    CrossValidation validation; /* performance annualised */
} Judgement;

bool judge_run(const JudgePlan *plan, Judgement *judgement, Error *error) MUST_USE;

#endif
