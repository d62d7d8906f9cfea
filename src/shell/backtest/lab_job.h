/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backtest of the whole system, from what was asked for to its Result: the candles are loaded as
 * for a trial, every service lives through them (core/lab), and what comes out is described by the
 * same function as a trial's, so that both mean the same; `engine` says which it was. The local
 * analyst decides, or a language model whose answers come through `outside`. The Result owns its
 * lists: result_free.
 */
#ifndef SHELL_BACKTEST_LAB_JOB_H
#define SHELL_BACKTEST_LAB_JOB_H

#include "core/bus/outside.h"
#include "shell/backtest/trial_job.h"

/* `job` names no strategy. What trial_job_run refuses, and --resolve: the services see bars. */
bool lab_job_run(const TrialJob *job, const Settings *settings, const Outside *outside,
                 Result *result, Error *error) MUST_USE;

#endif
