/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategy that the settings name, read: which one, with which parameters, on which candles.
 * Who starts a run reads it first and tells the Error; a service that finds one stays silent. A
 * plain value over constants; the caller owns it.
 */
#ifndef CORE_TRIAL_STRATEGY_CHOICE_H
#define CORE_TRIAL_STRATEGY_CHOICE_H

#include "core/bus/settings.h"
#include "core/market/candle.h"
#include "core/trial/rule_stream.h"

typedef struct StrategyChoice {
    const Strategy *strategy; /* NULL: the settings name none */
    double parameters[STRATEGY_PARAMETERS_MAX];
    Interval interval;
    StrategyPlan plan;
    RuleStream stream;
} StrategyChoice;

/* Fills the parameters of a strategy from "name=value,name=value"; what is not named keeps its
 * preset. ERROR_CONFIG names what is unknown, no number or out of its bounds. */
bool strategy_parameters_read(const Strategy *strategy, Slice text,
                              double parameters[static STRATEGY_PARAMETERS_MAX],
                              Error *error) MUST_USE;
bool strategy_choice_read(const Settings *settings, StrategyChoice *choice, Error *error) MUST_USE;

#endif
