/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walk-forward from what was asked for: the sets of a grid tried on the past of each window, the
 * best traded on what follows (core/trial/walk_forward.h), and the stitched run as a Result, so
 * that it can be ranked, compared and reported like any other. A Walked owns its lists.
 */
#ifndef SHELL_BACKTEST_WALK_JOB_H
#define SHELL_BACKTEST_WALK_JOB_H

#include "core/trial/sweep.h"
#include "core/trial/walk_forward.h"
#include "shell/backtest/trial_job.h"

typedef struct WalkJob {
    TrialJob job;
    SweepSpace space;
    int64_t train_us, test_us, purge_us, embargo_us;
    bool anchored;
    WalkForwardMeasure measure;
    uint32_t trades_min;
} WalkJob;

typedef struct Walked {
    Result result; /* of the stitched run */
    WalkForward walk;
    WalkForwardWindow *windows;
    double *sets; /* as in WalkForwardPlan */
    uint32_t set_count;
} Walked;

bool walk_job_run(const WalkJob *job, Walked *walked, Error *error) MUST_USE;
void walked_free(Walked *walked);

#endif
