/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vote in words: phrases, names of indicators and the explanation of a signal, drawn only from
 * numbers that are there. What is not known is said to be unknown; a breakout is spoken of only on
 * its test. Writes into the Signal.
 */
#ifndef CORE_TRADE_WORDING_H
#define CORE_TRADE_WORDING_H

#include "core/trade/judgement.h"

/* Fills reasoning, risk_level, key_indicators, explanation and contributions of a signal whose
 * decision and score are set. */
void wording_judgement(const JudgementInputs *inputs, const Judgement *judgement, Signal *signal);
/* The same of a vote alone. */
void wording_explain(const MarketUpdate *update, const Vote *vote, Signal *signal);
/* What was found of social data and price, in words: of a model's signal too. */
void wording_social(const JudgementInputs *inputs, Signal *signal);

#endif
