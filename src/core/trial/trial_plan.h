/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every way to run a trial needs of its plan: whether it can be run at all, its rules as a
 * stream, and how a position's levels meet the inside of a bar. Pure; nothing is kept.
 */
#ifndef CORE_TRIAL_TRIAL_PLAN_H
#define CORE_TRIAL_TRIAL_PLAN_H

#include "core/trial/trial_book.h"

/* Checks the plan (trial.h says for what) and makes its rules and their stream. */
bool trial_plan_stream(const TrialPlan *plan, StrategyPlan *rules, RuleStream *stream,
                       Error *error) MUST_USE;

/* The range of the market's bar moment->bar, which opened at moment->time_us: as a whole, or finer
 * candle by finer candle. `finer`: the place among the finer candles, moved on behind the bar; the
 * caller keeps it. Where finer candles are missing the whole range decides what they do not. */
void trial_plan_range(TrialBook *book, const TrialMoment *moment, const TrialMarket *market,
                      size_t *finer);

#endif
