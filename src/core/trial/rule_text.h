/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan in words, for screens, documents and the record of what evolution tried: "sma(20) crosses
 * above sma(50)". One column is `factor x earlier NAME(options) of INTERVAL`, with what does not
 * apply left out. The words go into the caller's Text.
 */
#ifndef CORE_TRIAL_RULE_TEXT_H
#define CORE_TRIAL_RULE_TEXT_H

#include "core/base/text.h"
#include "core/strategies/strategy.h"

void rule_text_column(Text *text, const RuleColumn *column);
/* "A and B, or C and D"; nothing for an empty list. */
void rule_text_list(Text *text, const StrategyPlan *plan, const RuleList *list);
/* "stop 5 %, target 2 x atr(14), at most 24 bars, ..."; nothing where there is no exit but the
 * rules'. */
void rule_text_exits(Text *text, const StrategyPlan *plan);
/* All three, "enters: ...", "leaves: ...", "exits: ...", each between `before` and `after`; what is
 * empty is left out. */
void rule_text_plan(Text *text, const StrategyPlan *plan, const char *before, const char *after);

#endif
