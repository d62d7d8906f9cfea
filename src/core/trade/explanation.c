/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/explanation.h"

#include <math.h>
#include <string.h>

#include "core/bus/shape.h"
#include "core/trade/wording.h"

/* ---- the inputs ---------------------------------------------------------------------------- */

#define SPREAD_CLOSES 100 /* a deviation over fewer is off by more than 7 % (1 / sqrt(2 n)) */

typedef enum InputKind {
    INPUT_NUMBER,
    INPUT_TREND,
    INPUT_PRICE,
    INPUT_SOCIAL, /* a number of the social sample */
    INPUT_IMPACT  /* a number of what was found of it */
} InputKind;

typedef struct JudgedInput {
    const char *name;
    InputKind kind;
    size_t offset;
    double lowest, highest;
    double strength; /* full strength in the judgement; stands in for a spread not known yet */
    bool in_ranges;  /* `strength` counts in average true ranges of the slow candles */
} JudgedInput;

#define NUMBER_INPUT(field, low, high, full, ranges)                                               \
    { #field, INPUT_NUMBER, offsetof(MarketUpdate, field), low, high, full, ranges }
#define SOCIAL_INPUT(name, field, low, high, full)                                                 \
    { name, INPUT_SOCIAL, offsetof(SocialSample, field), low, high, full, false }

static const JudgedInput judged_inputs[EXPLANATION_INPUTS] = {
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
    SOCIAL_INPUT("weighted_sentiment", weighted_sentiment, 0, 1, 0.25),
    SOCIAL_INPUT("news_impact", news_impact, -1, 1, 0.5),
    SOCIAL_INPUT("volume_trend", volume_trend.z_24h, -1000, 1000, 1),
    SOCIAL_INPUT("engagement_trend", engagement_trend.z_24h, -1000, 1000, 1),
    {"lag_correlation", INPUT_IMPACT, offsetof(SocialImpact, lag_correlation), -1, 1, 0.2, false},
};

const char *explanation_input(unsigned index) {
    return judged_inputs[index].name;
}

/* Copies of what was seen, to be changed in one place at a time. */
typedef struct Seen {
    MarketUpdate market;
    SocialSample social;
    SocialImpact impact;
    JudgementInputs inputs;
} Seen;

static void see(const JudgementInputs *inputs, Seen *seen) {
    seen->market = *inputs->market;
    seen->inputs = (JudgementInputs){.market = &seen->market};
    if (inputs->social) seen->social = *inputs->social;
    if (inputs->social) seen->inputs.social = &seen->social;
    if (inputs->impact) seen->impact = *inputs->impact;
    if (inputs->impact) seen->inputs.impact = &seen->impact;
}

static double number_at(const void *message, size_t offset) {
    double value = (double)NAN;
    if (message) memcpy(&value, (const char *)message + offset, sizeof value);
    return value;
}

/* A trend is a number too: -1 down, 0 sideways, 1 up. */
static double trend_at(const MarketUpdate *market, size_t offset) {
    Trend trend;
    memcpy(&trend, (const char *)market + offset, sizeof trend);
    return trend == TREND_UPTREND ? 1 : trend == TREND_DOWNTREND ? -1 : 0;
}

/* NaN where it is missing. */
static double input_get(const JudgementInputs *inputs, const JudgedInput *input) {
    switch (input->kind) {
    case INPUT_NUMBER:
        return number_at(inputs->market, input->offset);
    case INPUT_TREND:
        return trend_at(inputs->market, input->offset);
    case INPUT_PRICE:
        return price_double(inputs->market->current_price);
    case INPUT_SOCIAL:
        return number_at(inputs->social, input->offset);
    default:
        return number_at(inputs->impact, input->offset);
    }
}

static void input_set(Seen *seen, const JudgedInput *input, double value) {
    Trend trend = value > 0 ? TREND_UPTREND : value < 0 ? TREND_DOWNTREND : TREND_SIDEWAYS;
    switch (input->kind) {
    case INPUT_NUMBER:
        memcpy((char *)&seen->market + input->offset, &value, sizeof value);
        break;
    case INPUT_TREND:
        memcpy((char *)&seen->market + input->offset, &trend, sizeof trend);
        break;
    case INPUT_PRICE:
        seen->market.current_price = price_of((int64_t)rint(value * (double)DECIMAL_SCALE));
        break;
    case INPUT_SOCIAL:
        memcpy((char *)&seen->social + input->offset, &value, sizeof value);
        break;
    default:
        memcpy((char *)&seen->impact + input->offset, &value, sizeof value);
    }
}

/* Of each factor: the number that it is drawn from first. */
static double drawn_from(const JudgementInputs *inputs, unsigned factor) {
    static const size_t of_market[VOTE_COUNT] = {
        [VOTE_RSI] = offsetof(MarketUpdate, rsi_slow),
        [VOTE_MACD] = offsetof(MarketUpdate, macd_slow_fraction),
        [VOTE_BOLLINGER] = offsetof(MarketUpdate, bb_position),
        [VOTE_PRICE_ACTION] = offsetof(MarketUpdate, price_change_slow),
        [VOTE_OTHER] = offsetof(MarketUpdate, trend_strength_slow),
    };
    if (factor < VOTE_COUNT) return number_at(inputs->market, of_market[factor]);
    if (factor == JUDGED_LEAD)
        return number_at(inputs->impact, offsetof(SocialImpact, lag_correlation));
    return number_at(inputs->social, factor == JUDGED_NEWS
                                         ? offsetof(SocialSample, news_impact)
                                         : offsetof(SocialSample, weighted_sentiment));
}

/* ---- spreads ------------------------------------------------------------------------------- */

void explanation_spreads_init(InputSpreads *spreads) {
    for (unsigned i = 0; i < EXPLANATION_INPUTS; i++) {
        smooth_init_ema(&spreads->inputs[i].mean, SPREAD_CLOSES);
        smooth_init_ema(&spreads->inputs[i].square, SPREAD_CLOSES);
    }
}

void explanation_spreads_take(InputSpreads *spreads, const JudgementInputs *inputs) {
    for (unsigned i = 0; i < EXPLANATION_INPUTS; i++) {
        InputSpread *spread = &spreads->inputs[i];
        double value = input_get(inputs, &judged_inputs[i]);
        if (isnan(value)) continue;
        double away = spread->mean.seen ? value - spread->mean.value : 0;
        smooth_step(&spread->mean, value);
        smooth_step(&spread->square, away * away);
    }
}

/* A price drifts: its spread is the range of a slow candle. */
static double spread_of(const InputSpreads *spreads, unsigned index, const MarketUpdate *update) {
    const JudgedInput *input = &judged_inputs[index];
    const InputSpread *spread = &spreads->inputs[index];
    if (input->kind == INPUT_PRICE)
        return update->atr_slow_fraction * price_double(update->current_price);
    double measured = spread->square.seen == SPREAD_CLOSES ? sqrt(spread->square.value) : 0;
    if (measured > 0) return measured;
    return input->strength * (input->in_ranges ? update->atr_slow_fraction : 1);
}

/* ---- what would have turned it ------------------------------------------------------------- */

#define SCAN_STEPS  4     /* spreads: beyond four of them lie at most 1 in 16 (Chebyshev) */
#define CLOSE_TIMES 105   /* every third of them halves the rest, whatever its shape: 2^-35 */
#define CLOSE_PART  1e-10 /* of a spread: below any digit that is shown */

typedef struct TurnSearch {
    Seen seen; /* changed in one place at a time */
    double threshold;
    Decision decision;
    const JudgedInput *input;
    double from, spread;
    double score; /* as it was */
} TurnSearch;

/* The score with the input at `value`; a judgement that cannot be made turns nothing: NaN. */
static double score_at(TurnSearch *search, double value) {
    Judgement judgement;
    input_set(&search->seen, search->input, value);
    bool made = judgement_of(&search->seen.inputs, &judgement, NULL);
    input_set(&search->seen, search->input, search->from);
    return made ? judgement.score : (double)NAN;
}

static bool turns(const TurnSearch *search, double score, Decision *decision) {
    if (isnan(score)) return false;
    *decision = vote_decision(score, search->threshold);
    return *decision != search->decision;
}

/* Two places around the turn, and how far the scores there are from it. */
typedef struct Bracket {
    double same, to;
    double same_gap, to_gap;
} Bracket;

/* Where a line through both ends crosses, moved by a quarter of the goal to one side, so that two
 * such guesses in a row enclose it; every third guess is the middle. */
static double next_guess(const Bracket *bracket, unsigned turn, double goal) {
    double width = bracket->to - bracket->same;
    double part = bracket->same_gap / (bracket->same_gap - bracket->to_gap);
    if (turn % 3 == 2 || !(part >= 0 && part <= 1)) return bracket->same + width / 2;
    double nudge = (turn % 3 == 0 ? goal : -goal) / 4;
    double guess = bracket->same + part * width + (width > 0 ? nudge : -nudge);
    bool inside = (guess - bracket->same) * (guess - bracket->to) < 0;
    return inside ? guess : bracket->same + width / 2;
}

/* Bisection, helped by the secant where the score is a line, as it mostly is. */
static void close_in(TurnSearch *search, Bracket bracket, FlipPoint *flip) {
    double goal = search->spread * CLOSE_PART;
    bool above = search->decision == DECISION_BUY ||
                 (search->decision == DECISION_HOLD && flip->decision == DECISION_BUY);
    double level = above ? search->threshold : -search->threshold; /* that is crossed first */
    bracket.same_gap -= level;
    bracket.to_gap -= level;
    for (unsigned i = 0; i < CLOSE_TIMES && fabs(bracket.to - bracket.same) > goal; i++) {
        double guess = next_guess(&bracket, i, goal), score = score_at(search, guess);
        Decision decision;
        if (turns(search, score, &decision)) {
            flip->decision = decision;
            bracket.to = guess;
            bracket.to_gap = score - level;
        } else {
            bracket.same = guess;
            bracket.same_gap = score - level;
        }
    }
    flip->to = bracket.to;
}

static double bounded(const JudgedInput *input, double value) {
    return value < input->lowest ? input->lowest : value > input->highest ? input->highest : value;
}

/* A trend has three values, and is tried at these. */
static bool find_turn(TurnSearch *search, double direction, FlipPoint *flip) {
    const JudgedInput *input = search->input;
    bool whole = input->kind == INPUT_TREND;
    Bracket bracket = {.same = search->from, .same_gap = search->score};
    for (unsigned step = 1; step <= SCAN_STEPS; step++) {
        double away = whole ? step : step * search->spread;
        bracket.to = bounded(input, search->from + direction * away);
        if (bracket.to == bracket.same) return false;
        bracket.to_gap = score_at(search, bracket.to);
        if (turns(search, bracket.to_gap, &flip->decision)) {
            flip->to = bracket.to;
            if (!whole) close_in(search, bracket, flip);
            return true;
        }
        bracket.same = bracket.to;
        bracket.same_gap = bracket.to_gap;
    }
    return false;
}

static void add_turns(const ExplanationAsk *ask, Decision decision, ExplainedSignal *explained) {
    TurnSearch search = {
        .threshold = ask->threshold, .decision = decision, .score = ask->signal->score};
    see(&ask->inputs, &search.seen);
    for (unsigned i = 0; i < EXPLANATION_INPUTS; i++) {
        search.input = &judged_inputs[i];
        search.from = input_get(&ask->inputs, search.input);
        if (isnan(search.from)) continue;
        search.spread = spread_of(ask->spreads, i, ask->inputs.market);
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

/* From the local analyst's judgement of what was seen; without it the signal's own. */
static bool say_in_words(const ExplanationAsk *ask, Judgement *judgement,
                         ExplainedSignal *explained) {
    explained->explanation = ask->signal->explanation;
    if (!ask->inputs.market || !judgement_of(&ask->inputs, judgement, NULL)) return false;
    *ask->scratch = *ask->signal;
    wording_judgement(&ask->inputs, judgement, ask->scratch);
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

static void say_statement(const ExplanationAsk *ask, const Judgement *judgement,
                          ExplainedSignal *explained) {
    Text text = TEXT_IN(explained->explanation.summary);
    text_format(&text, "%s, judged by %s", Decision_text(ask->signal->decision),
                ask->signal->model_version);
    if (judgement) {
        Decision local = vote_decision(judgement->score, ask->threshold);
        text_format(&text, "; the local analyst on the same data says %s, score ",
                    Decision_text(local));
        text_fixed(&text, judgement->score, 2);
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

static void add_judged(const ExplanationAsk *ask, const Judgement *judgement,
                       ExplainedSignal *explained) {
    for (unsigned i = 0; i < JUDGED_COUNT; i++)
        if (judgement_heard(judgement, i))
            explanation_add(explained, judged_factor_name(i), judged_group_name(i),
                            drawn_from(&ask->inputs, i), judgement->value[i]);
}

/* What was heard is what was seen only if it leads to the same score. */
static bool leads_to_score(const JudgementInputs *inputs, const Signal *signal) {
    Judgement judgement;
    return inputs->market && judgement_of(inputs, &judgement, NULL) &&
           fabs(judgement.score - signal->score) <= EXPLANATION_TOLERANCE;
}

void explanation_of_judgement(const ExplanationAsk *ask, ExplainedSignal *explained) {
    Judgement judgement;
    explained->threshold = ask->threshold;
    explained->recomputed =
        leads_to_score(&ask->inputs, ask->signal) && say_in_words(ask, &judgement, explained);
    if (explained->recomputed) {
        add_judged(ask, &judgement, explained);
        add_turns(ask, ask->signal->decision, explained);
        say_nearest(explained);
    } else {
        explained->explanation = ask->signal->explanation;
        add_own(ask->signal, false, explained);
    }
    explanation_settle(explained);
}

void explanation_of_statement(const ExplanationAsk *ask, ExplainedSignal *explained) {
    Judgement judgement;
    bool made = say_in_words(ask, &judgement, explained);
    add_own(ask->signal, true, explained);
    if (explained->effects_count == 0 && explained->score != 0) { /* it stated no weights */
        explanation_add(explained, "model", "language_model", (double)NAN, explained->score);
        explained->effects[0].stated = true;
    }
    say_statement(ask, made ? &judgement : NULL, explained);
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
