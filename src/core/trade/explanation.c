/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/explanation.h"

#include <math.h>
#include <string.h>

#include "core/bus/shape.h"
#include "core/trade/vote.h"
#include "core/trade/wording.h"

/* ---- the inputs of the vote ---------------------------------------------------------------- */

#define SPREAD_CLOSES 100 /* a deviation over fewer is off by more than 7 % (1 / sqrt(2 n)) */

typedef enum InputKind { INPUT_NUMBER, INPUT_TREND, INPUT_PRICE } InputKind;

typedef struct VoteInput {
    const char *name;
    InputKind kind;
    size_t offset;
    double lowest, highest;
    double strength; /* full strength in vote.c; stands in for a spread that is not known yet */
    bool in_ranges;  /* `strength` counts in average true ranges of the slow candles */
} VoteInput;

#define NUMBER_INPUT(field, low, high, full, ranges)                                               \
    { #field, INPUT_NUMBER, offsetof(MarketUpdate, field), low, high, full, ranges }

static const VoteInput vote_inputs[EXPLANATION_INPUTS] = {
    NUMBER_INPUT(rsi, 0, 100, 25, false),
    NUMBER_INPUT(rsi_slow, 0, 100, 25, false),
    NUMBER_INPUT(macd_slow_fraction, -10, 10, 1, true),
    NUMBER_INPUT(atr_slow_fraction, 0, 10, 1, true),
    NUMBER_INPUT(bb_position, -1e6, 1e6, 0.5, false),
    NUMBER_INPUT(price_change_slow, -100, 1e6, 100, true),
    NUMBER_INPUT(trend_strength, 0, 1, 0.5, false),
    NUMBER_INPUT(trend_strength_slow, 0, 1, 0.5, false),
    {"trend", INPUT_TREND, offsetof(MarketUpdate, trend), -1, 1, 1, false},
    {"trend_slow", INPUT_TREND, offsetof(MarketUpdate, trend_slow), -1, 1, 1, false},
    {"current_price", INPUT_PRICE, offsetof(MarketUpdate, current_price), 0, 1e9, 1, true},
};

/* Of each factor: the input that it is drawn from first. */
static const size_t drawn_from[VOTE_COUNT] = {
    [VOTE_RSI] = offsetof(MarketUpdate, rsi_slow),
    [VOTE_MACD] = offsetof(MarketUpdate, macd_slow_fraction),
    [VOTE_BOLLINGER] = offsetof(MarketUpdate, bb_position),
    [VOTE_PRICE_ACTION] = offsetof(MarketUpdate, price_change_slow),
    [VOTE_OTHER] = offsetof(MarketUpdate, trend_strength_slow),
};

const char *explanation_input(unsigned index) {
    return vote_inputs[index].name;
}

static double number_at(const MarketUpdate *update, size_t offset) {
    double value;
    memcpy(&value, (const char *)update + offset, sizeof value);
    return value;
}

/* A trend is a number too: -1 down, 0 sideways, 1 up. */
static double input_get(const MarketUpdate *update, const VoteInput *input) {
    const char *at = (const char *)update + input->offset;
    if (input->kind == INPUT_PRICE) return price_double(update->current_price);
    if (input->kind == INPUT_NUMBER) return number_at(update, input->offset);
    Trend trend;
    memcpy(&trend, at, sizeof trend);
    return trend == TREND_UPTREND ? 1 : trend == TREND_DOWNTREND ? -1 : 0;
}

static void input_set(MarketUpdate *update, const VoteInput *input, double value) {
    char *at = (char *)update + input->offset;
    if (input->kind == INPUT_NUMBER) memcpy(at, &value, sizeof value);
    if (input->kind == INPUT_PRICE)
        update->current_price = price_of((int64_t)rint(value * (double)DECIMAL_SCALE));
    if (input->kind != INPUT_TREND) return;
    Trend trend = value > 0 ? TREND_UPTREND : value < 0 ? TREND_DOWNTREND : TREND_SIDEWAYS;
    memcpy(at, &trend, sizeof trend);
}

/* ---- spreads ------------------------------------------------------------------------------- */

void explanation_spreads_init(InputSpreads *spreads) {
    for (unsigned i = 0; i < EXPLANATION_INPUTS; i++) {
        smooth_init_ema(&spreads->inputs[i].mean, SPREAD_CLOSES);
        smooth_init_ema(&spreads->inputs[i].square, SPREAD_CLOSES);
    }
}

void explanation_spreads_take(InputSpreads *spreads, const MarketUpdate *update) {
    for (unsigned i = 0; i < EXPLANATION_INPUTS; i++) {
        InputSpread *spread = &spreads->inputs[i];
        double value = input_get(update, &vote_inputs[i]);
        if (isnan(value)) continue;
        double away = spread->mean.seen ? value - spread->mean.value : 0;
        smooth_step(&spread->mean, value);
        smooth_step(&spread->square, away * away);
    }
}

/* A price drifts: its spread is the range of a slow candle. */
static double spread_of(const InputSpreads *spreads, unsigned index, const MarketUpdate *update) {
    const VoteInput *input = &vote_inputs[index];
    const InputSpread *spread = &spreads->inputs[index];
    if (input->kind == INPUT_PRICE)
        return update->atr_slow_fraction * price_double(update->current_price);
    double measured = spread->square.seen == SPREAD_CLOSES ? sqrt(spread->square.value) : 0;
    if (measured > 0) return measured;
    return input->strength * (input->in_ranges ? update->atr_slow_fraction : 1);
}

/* ---- what would have turned it ------------------------------------------------------------- */

#define SCAN_STEPS   16 /* half spreads: eight spreads away is out of all experience */
#define BISECT_TIMES 40 /* half a spread / 2^40 is below the last digit of any input */

typedef struct TurnSearch {
    MarketUpdate update; /* changed in one place at a time */
    double threshold;
    Decision decision;
    const VoteInput *input;
    double from, spread;
} TurnSearch;

/* Whether the decision is another with the input at `value`; a vote that cannot be cast is none. */
static bool turns_at(TurnSearch *search, double value, Decision *decision) {
    Vote vote;
    input_set(&search->update, search->input, value);
    bool cast = vote_on(&search->update, &vote, NULL);
    input_set(&search->update, search->input, search->from);
    if (!cast) return false;
    *decision = vote_decision(vote.score, search->threshold);
    return *decision != search->decision;
}

static void close_in(TurnSearch *search, double same, FlipPoint *flip) {
    Decision decision;
    for (unsigned i = 0; i < BISECT_TIMES; i++) {
        double middle = same + (flip->to - same) / 2;
        if (!turns_at(search, middle, &decision)) {
            same = middle;
            continue;
        }
        flip->to = middle;
        flip->decision = decision;
    }
}

static double bounded(const VoteInput *input, double value) {
    return value < input->lowest ? input->lowest : value > input->highest ? input->highest : value;
}

/* A trend has three values, and is tried at these. */
static bool find_turn(TurnSearch *search, double direction, FlipPoint *flip) {
    const VoteInput *input = search->input;
    bool whole = input->kind == INPUT_TREND;
    double same = search->from;
    for (unsigned step = 1; step <= SCAN_STEPS; step++) {
        double away = whole ? step : step * search->spread / 2;
        double value = bounded(input, search->from + direction * away);
        if (value == same) return false;
        if (turns_at(search, value, &flip->decision)) {
            flip->to = value;
            if (!whole) close_in(search, same, flip);
            return true;
        }
        same = value;
    }
    return false;
}

static void add_turns(const ExplanationAsk *ask, Decision decision, ExplainedSignal *explained) {
    TurnSearch search = {.update = *ask->market, .threshold = ask->threshold, .decision = decision};
    for (unsigned i = 0; i < EXPLANATION_INPUTS; i++) {
        search.input = &vote_inputs[i];
        search.from = input_get(ask->market, search.input);
        search.spread = spread_of(ask->spreads, i, ask->market);
        for (int direction = -1; direction <= 1; direction += 2) {
            FlipPoint flip = {.from = search.from};
            if (!find_turn(&search, direction, &flip)) continue;
            flip.steps = fabs(flip.to - flip.from) / search.spread;
            memcpy(flip.factor, search.input->name, strlen(search.input->name) + 1);
            explanation_add_flip(explained, &flip);
        }
    }
}

/* ---- lists --------------------------------------------------------------------------------- */

#define EFFECTS_MAX (sizeof((ExplainedSignal *)0)->effects / sizeof(FactorEffect))
#define FLIPS_MAX   (sizeof((ExplainedSignal *)0)->flips / sizeof(FlipPoint))
#define ANSWERS_MAX (sizeof((ExplainedSignal *)0)->counterfactuals / sizeof(Counterfactual))

void explanation_add(ExplainedSignal *explained, const char *factor, const char *group,
                     double input, double value) {
    CHECK(explained->effects_count < EFFECTS_MAX, "more effects than there is room for");
    FactorEffect *effect = &explained->effects[explained->effects_count++];
    Text name = TEXT_IN(effect->factor), whose = TEXT_IN(effect->group);
    text_put(&name, factor);
    text_end(&name);
    text_put(&whose, group);
    text_end(&whose);
    effect->input = input;
    effect->value = value;
}

void explanation_add_flip(ExplainedSignal *explained, const FlipPoint *flip) {
    unsigned at = explained->flips_count;
    if (at == FLIPS_MAX && explained->flips[--at].steps <= flip->steps) return;
    if (explained->flips_count < FLIPS_MAX) explained->flips_count++;
    for (; at > 0 && explained->flips[at - 1].steps > flip->steps; at--)
        explained->flips[at] = explained->flips[at - 1];
    explained->flips[at] = *flip;
}

void explanation_settle(ExplainedSignal *explained) {
    double sum = 0;
    for (unsigned i = 0; i < explained->effects_count; i++) {
        FactorEffect effect = explained->effects[i];
        unsigned at = i;
        sum += effect.value;
        for (; at > 0 && fabs(explained->effects[at - 1].value) < fabs(effect.value); at--)
            explained->effects[at] = explained->effects[at - 1];
        explained->effects[at] = effect;
    }
    double rest = explained->score - sum;
    explained->remainder = rest > 1 ? 1 : rest < -1 ? -1 : rest;
}

/* ---- words --------------------------------------------------------------------------------- */

/* Four digits that count, at most eight decimals. */
static void put_number(Text *text, double value) {
    double size = fabs(value);
    int decimals = 2;
    for (double least = 10; size < least && size > 0 && decimals < 8; least /= 10)
        decimals++;
    text_fixed(text, value, size >= 1000 ? 0 : decimals);
}

void explanation_put_flip(Text *text, const FlipPoint *flip) {
    text_format(text, "%s at %s ", Decision_text(flip->decision), flip->factor);
    put_number(text, flip->to);
    text_put(text, " (");
    put_number(text, flip->from);
    text_put(text, ", ");
    text_fixed(text, flip->steps, 1);
    text_put(text, " spreads away)");
}

/* Every signal but a model's has a vote behind it, whose words the signal has too. */
static bool say_in_words(const ExplanationAsk *ask, Vote *vote, ExplainedSignal *explained) {
    explained->explanation = ask->signal->explanation;
    if (!ask->market || !vote_on(ask->market, vote, NULL)) return false;
    *ask->scratch = *ask->signal;
    wording_explain(ask->market, vote, ask->scratch);
    explained->explanation = ask->scratch->explanation;
    return true;
}

static void say_nearest(ExplainedSignal *explained) {
    if (explained->flips_count == 0) return;
    char said[sizeof explained->explanation.summary];
    memcpy(said, explained->explanation.summary, sizeof said);
    Text text = TEXT_IN(explained->explanation.summary);
    text_format(&text, "%s; ", said);
    explanation_put_flip(&text, &explained->flips[0]);
    text_end(&text);
}

static void say_statement(const ExplanationAsk *ask, const Vote *vote, ExplainedSignal *explained) {
    Text text = TEXT_IN(explained->explanation.summary);
    text_format(&text, "%s, judged by %s", Decision_text(ask->signal->decision),
                ask->signal->model_version);
    if (vote) {
        Decision local = vote_decision(vote->score, ask->threshold);
        text_format(&text, "; the local vote on the same data says %s, score ",
                    Decision_text(local));
        text_fixed(&text, vote->score, 2);
    }
    text_end(&text);
}

/* ---- whole explanations -------------------------------------------------------------------- */

void explanation_begin(const Signal *signal, int64_t now_us, const char *provider,
                       ExplainedSignal *explained) {
    memset(explained, 0, sizeof *explained);
    memcpy(explained->signal_id, signal->id, sizeof explained->signal_id);
    memcpy(explained->symbol, signal->symbol, sizeof explained->symbol);
    memcpy(explained->model_version, signal->model_version, sizeof explained->model_version);
    memcpy(explained->provider, provider, strlen(provider) + 1);
    explained->time = now_us;
    explained->decision = signal->decision;
    explained->score = signal->score;
}

static void add_own(const Signal *signal, bool stated, ExplainedSignal *explained) {
    for (unsigned i = 0; i < signal->contributions_count; i++) {
        const Contribution *own = &signal->contributions[i];
        explanation_add(explained, own->factor, own->group, (double)NAN, own->value);
        explained->effects[explained->effects_count - 1].stated = stated;
    }
}

void explanation_of_vote(const ExplanationAsk *ask, ExplainedSignal *explained) {
    Vote vote;
    explained->threshold = ask->threshold;
    explained->recomputed = say_in_words(ask, &vote, explained);
    if (explained->recomputed) {
        for (unsigned i = 0; i < VOTE_COUNT; i++)
            explanation_add(explained, vote_factor_name((VoteFactor)i), "technical_indicators",
                            number_at(ask->market, drawn_from[i]), vote.value[i]);
        add_turns(ask, ask->signal->decision, explained);
        say_nearest(explained);
    } else {
        add_own(ask->signal, false, explained);
    }
    explanation_settle(explained);
}

void explanation_of_statement(const ExplanationAsk *ask, ExplainedSignal *explained) {
    Vote vote;
    bool cast = say_in_words(ask, &vote, explained);
    add_own(ask->signal, true, explained);
    if (explained->effects_count == 0 && explained->score != 0) { /* it stated no weights */
        explanation_add(explained, "model", "language_model", (double)NAN, explained->score);
        explained->effects[0].stated = true;
    }
    say_statement(ask, cast ? &vote : NULL, explained);
    explanation_settle(explained);
}

/* ---- measured on a model ------------------------------------------------------------------- */

static double signed_confidence(const ModelOpinion *opinion) {
    return opinion->decision == DECISION_BUY    ? opinion->confidence
           : opinion->decision == DECISION_SELL ? -opinion->confidence
                                                : 0;
}

bool explanation_take_counterfactual(ExplainedSignal *explained, const ModelOpinion *own,
                                     const ModelOpinion *other) {
    bool fits = strcmp(own->model_version, other->model_version) == 0 &&
                own->market_timestamp == other->market_timestamp && other->changed[0];
    if (!fits || explained->counterfactuals_count == ANSWERS_MAX) return false;
    for (unsigned i = 0; i < explained->counterfactuals_count; i++)
        if (strcmp(explained->counterfactuals[i].changed, other->changed) == 0) return false;
    Counterfactual *answer = &explained->counterfactuals[explained->counterfactuals_count++];
    memcpy(answer->changed, other->changed, sizeof answer->changed);
    answer->decision = other->decision;
    answer->confidence = other->confidence;
    answer->effect = signed_confidence(own) - signed_confidence(other);
    return true;
}
