/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a strategy's rules decided as they did, from the values of the plan's columns at that close.
 * A list of rules holds when one of its groups does: a game in which conditions are the players,
 * and whose worth is 1 when the list holds and 0 when not. Each condition that held gets its
 * Shapley value in that game (Shapley and Shubik 1954, "A method for evaluating the distribution of
 * power in a committee system", American Political Science Review 48): conditions that had to hold
 * together share alike, one that sufficed alone has more, and the shares sum to 1 (to -1 for a
 * sale), which stands for the score that a strategy has not.
 *
 * A turn is a value of one column that makes the decision another with all else as it was; its
 * distance is counted in the column's last change. What a step decides (a grid, a schedule) is one
 * effect: it has no conditions to tell. Pure; the caller owns everything.
 */
#ifndef CORE_TRIAL_RULE_EXPLANATION_H
#define CORE_TRIAL_RULE_EXPLANATION_H

#include "core/trade/explanation.h"
#include "core/trial/rule_stream.h"

typedef struct RuleAsk {
    const Signal *signal;
    const Strategy *strategy;
    const StrategyPlan *plan;
    const RuleInputs *inputs; /* of that decision; NULL: they were not heard */
} RuleAsk;

/* Effects, turns and words of an explanation that has begun. */
void rule_explanation(const RuleAsk *ask, ExplainedSignal *explained);

#endif
