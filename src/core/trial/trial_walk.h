/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One set of rules walks through one market from event to event: the next bar on which the rules
 * say something, or the price touches stop or target, is looked up; in between nothing happens but
 * the passing of bars. The bars come in windows that any number of walks share. The books are those
 * of every trial (trial_book.h), so the trades are those of trial_run; equity is tracked on the
 * way. For rules without a step, on one market, without finer candles. The caller owns all memory.
 */
#ifndef CORE_TRIAL_TRIAL_WALK_H
#define CORE_TRIAL_TRIAL_WALK_H

#include "core/trial/equity_track.h"
#include "core/trial/rule_columns.h"
#include "core/trial/rule_masks.h"
#include "core/trial/trial_book.h"

#define WALK_LINE  8 /* bars whose extremes are kept together */
#define WALK_LINES (RULE_MASK_WINDOW / WALK_LINE)

/* Bars from .. from+count-1 of the market's candles; prices as doubles in units, which are exact up
 * to 2^53 units (90 million). */
typedef struct TrialWindow {
    const TrialMarket *market;
    size_t from, count;
    bool exact; /* all of them are below that; else every bar is looked at */
    const RuleColumns *columns;
    double close[RULE_MASK_WINDOW], high[RULE_MASK_WINDOW], low[RULE_MASK_WINDOW];
    double highest[WALK_LINES], lowest[WALK_LINES];       /* of each line */
    double top[RULE_MASK_WORDS], bottom[RULE_MASK_WORDS]; /* of each word */
} TrialWindow;

typedef struct TrialWalk {
    StrategyPlan rules;
    uint32_t places[PLAN_COLUMNS_MAX]; /* of the rules' columns among the shared ones */
    EquityTrack track;
    const WideKernels *wide;
    size_t bar, marked; /* next bar to live, next bar to be tracked */
    uint64_t enter[RULE_MASK_WORDS], leave[RULE_MASK_WORDS];
    TrialBook book; /* of one market; its desk lies behind it */
} TrialWalk;

size_t trial_walk_size(void);
/* `columns` has the rules' columns at `places`. plan, output outlive the walk. */
void trial_walk_begin(TrialWalk *walk, const TrialPlan *plan, const StrategyPlan *rules,
                      TrialOutput *output);
/* The window behind the columns' newest one. */
void trial_window_fill(TrialWindow *window, const TrialMarket *market, const RuleColumns *columns,
                       size_t from, size_t count);
void trial_walk_window(TrialWalk *walk, const TrialWindow *window);
/* After the window that holds the market's last bar. */
void trial_walk_end(TrialWalk *walk, TrialResult *result);

#endif
