/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a signal was said, computed from what it was made of. The effects are the shares of the
 * judgement (judgement.h), made anew from the inputs that the analyst saw; their sum is set against
 * the score, and what is left stands in `remainder`. What would have turned the decision is
 * searched on the judgement itself: one input is moved alone, in steps of its own spread up to four
 * of them and never past its bounds, and the first turn is then closed in by bisection, so
 * that `to` is a value at which it does decide otherwise. An input's spread is its standard
 * deviation over the latest closes; until there are enough of these, the full strength of that
 * input stands in.
 *
 * A language model's shares are what it stated, and are marked so; what can be measured on it are
 * its answers to the same question with a group of inputs made neutral.
 *
 * Pure; the caller owns everything.
 */
#ifndef CORE_TRADE_EXPLANATION_H
#define CORE_TRADE_EXPLANATION_H

#include "core/base/text.h"
#include "core/num/smooth.h"
#include "core/trade/judgement.h"

#define EXPLANATION_INPUTS    16
#define EXPLANATION_TOLERANCE 1e-9 /* within which effects sum to a score */

/* How far each input usually lies from its mean, over the latest closes. Plain. */
typedef struct InputSpread {
    Smooth mean, square;
} InputSpread;

typedef struct InputSpreads {
    InputSpread inputs[EXPLANATION_INPUTS];
} InputSpreads;

typedef struct ExplanationAsk {
    const Signal *signal;
    JudgementInputs inputs; /* that the decision saw; without market: they were not heard */
    const InputSpreads *spreads;
    double threshold;
    Signal *scratch; /* for the words; 6 KiB are too much for a stack */
} ExplanationAsk;

/* Name of an input that is moved, as in its message. */
const char *explanation_input(unsigned index);
void explanation_spreads_init(InputSpreads *spreads);
/* One more close. */
void explanation_spreads_take(InputSpreads *spreads, const JudgementInputs *inputs);

/* Whom and when an explanation is about; the rest is still empty. */
void explanation_begin(const Signal *signal, int64_t now_us, const char *provider,
                       ExplainedSignal *explained);
/* Effects, turns and words of a signal of the local analyst. Without the inputs, or where
 * these do not lead to its score, the signal's own shares and words, and no turns. */
void explanation_of_judgement(const ExplanationAsk *ask, ExplainedSignal *explained);
/* The same of a language model's: its stated shares; the words come from the numbers that it was
 * shown. */
void explanation_of_statement(const ExplanationAsk *ask, ExplainedSignal *explained);
/* Takes a model's answer to the question with something made neutral beside `own`, its answer to
 * the whole question: true if they belong together and it is new. */
bool explanation_take_counterfactual(ExplainedSignal *explained, const ModelOpinion *own,
                                     const ModelOpinion *other);
/* An effect at the end of the list; more than there is room for is a CHECK. */
void explanation_add(ExplainedSignal *explained, const char *factor, const char *group,
                     double input, double value);
/* A turn in its place, nearest first; the farthest falls off. */
void explanation_add_flip(ExplainedSignal *explained, const FlipPoint *flip);
/* Effects in order of size, and the remainder. */
void explanation_settle(ExplainedSignal *explained);
/* What a turn says: "HOLD at rsi_slow 57.9 (61.2, 0.4 spreads away)". */
void explanation_put_flip(Text *text, const FlipPoint *flip);

#endif
