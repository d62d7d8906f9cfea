/* SPDX-License-Identifier: Apache-2.0 */
/* A trial run to its end and written down whole: its trades and equity, which the next run
 * overwrites. One record a program. */
#ifndef TESTS_TRIAL_RECORD_H
#define TESTS_TRIAL_RECORD_H

#include "trial_stage.h"
#include "unit.h"

#define TRADES_MAX 2000
#define EQUITY_MAX 5000

static TrialTrade trades[TRADES_MAX];
static double equity[EQUITY_MAX];
static int64_t equity_us[EQUITY_MAX];
static TrialOutput output;

static inline TrialResult run(const TrialPlan *plan) {
    TrialResult result;
    Error error = {0};
    void *memory = malloc(trial_memory(plan));
    output = (TrialOutput){.trades = trades,
                           .trades_max = TRADES_MAX,
                           .equity = equity,
                           .equity_us = equity_us,
                           .equity_max = EQUITY_MAX};
    bool ran = trial_run(plan, memory, &output, &result, &error);
    if (!ran) print_error("%s (%s)\n", error.message, error.where);
    assert_true(ran);
    assert_null(result.ledger_fault);
    free(memory);
    return result;
}

#endif
