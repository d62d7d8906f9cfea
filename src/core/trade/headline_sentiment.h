/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a headline says about whoever holds the thing it is about, by words and a grammar of a few
 * rules: 0 bad, 0.5 neither, 1 good. Not by counting: what moves is judged with what moves (fees
 * fall), what ends turns what it ends (ban lifted), a negation turns what follows it, what stands
 * behind "despite" or "after" counts less than the main clause, questions and conditionals count
 * less. docs/SENTIMENT.md has the rules, the figures of their agreement with labelled headlines,
 * and what they cannot do. Pure, and the same on every machine.
 */
#ifndef CORE_TRADE_HEADLINE_SENTIMENT_H
#define CORE_TRADE_HEADLINE_SENTIMENT_H

#include "core/base/text.h"

/* As near to 0.5 as this a headline counts as neutral where three classes are wanted. */
#define HEADLINE_NEUTRAL 0.06

/* Of a plain title (plain_text.h). Exactly 0.5 where the lexicon knows no word that judges. */
double headline_sentiment(Slice title);

#endif
