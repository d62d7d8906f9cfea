/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole look for look-ahead over one set of candles: every indicator, every strategy in its
 * three forms, every service under the analyst and under each strategy, and whether warm-ups hold
 * what they say. Findings are told one by one. Memory is found here and freed here.
 */
#ifndef SHELL_BACKTEST_CANARY_WATCH_H
#define SHELL_BACKTEST_CANARY_WATCH_H

#include "core/bus/settings.h"
#include "core/trial/canary.h"
#include "core/trial/warmup_check.h"
#include "shell/backtest/bar_columns.h"

typedef struct CanaryTotals {
    unsigned indicators, strategies, services; /* subjects watched */
    unsigned warmups, no_promise, too_short;   /* memories tested, that are none, that need more */
    unsigned findings;
    uint64_t compared; /* things said that were the same in every future */
} CanaryTotals;

typedef struct CanaryWatch {
    const BarColumns *columns;
    const Settings *settings;
    unsigned cuts;
    /* Told of every finding, in words. */
    void (*tell)(void *context, const char *kind, const char *name, const char *words);
    void *context;
} CanaryWatch;

bool canary_watch_all(const CanaryWatch *watch, CanaryTotals *totals, Error *error) MUST_USE;

#endif
