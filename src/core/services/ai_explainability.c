/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explainability: says of every signal why it was said, computed anew from what the decision saw:
 * the market update of the signal's own timestamp with the social data known then, a strategy's
 * columns, a language model's counterfactual answers. All of these are heard before the signal (the
 * answers behind it, and then the explanation is said again). It observes only: nothing that
 * decides hears it.
 *
 * Who decides has a row in the table of factor providers below. What learns later gets a row of its
 * own: a test whether a signal is its, and a function that fills effects whose values sum to the
 * signal's score (explanation_add for each, explanation_settle at the end).
 */
#include <string.h>

#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trial/rule_explanation.h"
#include "core/trial/strategy_choice.h"

/* ---- state --------------------------------------------------------------------------------- */

/* A model's answer may take minutes (three attempts of 60 s, with pauses): the update that it was
 * asked about is still held then. */
#define UPDATES_HELD 8

/* What was known at a close. */
typedef struct HeardClose {
    MarketUpdate market;
    SocialSample social;
    SocialImpact impact;
    bool has_social, has_impact;
} HeardClose;

typedef struct ExplainerDesk {
    HeardClose closes[UPDATES_HELD];
    uint32_t closes_heard;
    HeardClose newest; /* of social data: what the next close knows */
    InputSpreads spreads;
    RuleInputs rules;
    ModelOpinion opinion;   /* of the model that judges, to the whole question */
    ExplainedSignal judged; /* the model's last signal, while counterfactual answers may come */
    int64_t judged_market;  /* of the data that it saw */
} ExplainerDesk;

typedef struct Explainer {
    double threshold;
    int64_t social_age_us; /* older social data are none */
    bool by_strategy;
    uint16_t strategy; /* index in strategy_table */
    double parameters[STRATEGY_PARAMETERS_MAX];
    SymbolTable symbols;
    Signal scratch;
    ExplainerDesk desks[LIMIT_SYMBOLS];
} Explainer;

/* ---- options ------------------------------------------------------------------------------- */

static size_t ai_explainability_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(Explainer);
}

static void ai_explainability_init(void *state, const Settings *settings) {
    Explainer *explainer = state;
    StrategyChoice choice;
    explainer->threshold = settings->trading.signal_score_threshold;
    explainer->social_age_us = judgement_social_age(settings);
    for (unsigned i = 0; i < LIMIT_SYMBOLS; i++)
        explanation_spreads_init(&explainer->desks[i].spreads);
    if (!strategy_choice_read(settings, &choice, NULL) || !choice.strategy) return;
    explainer->by_strategy = true;
    while (strategy_table[explainer->strategy] != choice.strategy)
        explainer->strategy++;
    memcpy(explainer->parameters, choice.parameters, sizeof explainer->parameters);
}

/* ---- who decides --------------------------------------------------------------------------- */

typedef struct FactorProvider {
    const char *name;
    bool (*decided)(const Explainer *explainer, const Signal *signal);
    void (*explain)(Explainer *explainer, ExplainerDesk *desk, const Signal *signal,
                    ExplainedSignal *explained);
} FactorProvider;

static JudgementInputs inputs_of(const HeardClose *close) {
    return (JudgementInputs){.market = &close->market,
                             .social = close->has_social ? &close->social : NULL,
                             .impact = close->has_impact ? &close->impact : NULL};
}

static JudgementInputs seen_at(const ExplainerDesk *desk, int64_t timestamp) {
    for (unsigned i = 0; i < UPDATES_HELD; i++) {
        const MarketUpdate *market = &desk->closes[i].market;
        if (market->symbol[0] && market->timestamp == timestamp) return inputs_of(&desk->closes[i]);
    }
    return (JudgementInputs){.market = NULL};
}

static ExplanationAsk ask_of(Explainer *explainer, const ExplainerDesk *desk,
                             const Signal *signal) {
    return (ExplanationAsk){.signal = signal,
                            .inputs = seen_at(desk, signal->market_timestamp),
                            .spreads = &desk->spreads,
                            .threshold = explainer->threshold,
                            .scratch = &explainer->scratch};
}

static bool by_strategy(const Explainer *explainer, const Signal *signal) {
    return explainer->by_strategy && signal->selected_strategy.present;
}

static void explain_strategy(Explainer *explainer, ExplainerDesk *desk, const Signal *signal,
                             ExplainedSignal *explained) {
    StrategyPlan plan = {0};
    RuleAsk ask = {
        .signal = signal, .strategy = strategy_table[explainer->strategy], .plan = &plan};
    strategy_make_plan(ask.strategy, explainer->parameters, &plan);
    if (desk->rules.symbol[0] && desk->rules.market_timestamp == signal->market_timestamp)
        ask.inputs = &desk->rules;
    rule_explanation(&ask, explained);
}

static bool by_model(const Explainer *explainer, const Signal *signal) {
    (void)explainer;
    return signal->by_model;
}

static void explain_model(Explainer *explainer, ExplainerDesk *desk, const Signal *signal,
                          ExplainedSignal *explained) {
    ExplanationAsk ask = ask_of(explainer, desk, signal);
    explanation_of_statement(&ask, explained);
    desk->judged = *explained;
    desk->judged_market = signal->market_timestamp;
}

static bool by_analyst(const Explainer *explainer, const Signal *signal) {
    (void)explainer;
    (void)signal;
    return true;
}

static void explain_analyst(Explainer *explainer, ExplainerDesk *desk, const Signal *signal,
                            ExplainedSignal *explained) {
    ExplanationAsk ask = ask_of(explainer, desk, signal);
    explanation_of_judgement(&ask, explained);
}

/* The first that decided is asked; the local analyst stands behind all. */
static const FactorProvider providers[] = {
    {"strategy", by_strategy, explain_strategy},
    {"language_model", by_model, explain_model},
    {"local_analyst", by_analyst, explain_analyst},
};

/* ---- step ---------------------------------------------------------------------------------- */

static ExplainerDesk *desk_of(Explainer *explainer, const char *symbol) {
    int index = symbol_table_find_text(&explainer->symbols, symbol);
    return index < 0 ? NULL : &explainer->desks[index];
}

static void hear_update(Explainer *explainer, const MarketUpdate *update, int64_t now_us) {
    ExplainerDesk *desk = desk_of(explainer, update->symbol);
    if (!desk) return;
    HeardClose *close = &desk->closes[desk->closes_heard++ % UPDATES_HELD];
    close->market = *update;
    close->has_social = desk->newest.has_social && !desk->newest.social.fallback &&
                        judgement_is_fresh(&desk->newest.social, now_us, explainer->social_age_us);
    close->has_impact = desk->newest.has_impact;
    if (close->has_social) close->social = desk->newest.social;
    if (close->has_impact) close->impact = desk->newest.impact;
    JudgementInputs inputs = inputs_of(close);
    explanation_spreads_take(&desk->spreads, &inputs);
}

static void hear_social(Explainer *explainer, const SocialUpdate *update) {
    ExplainerDesk *desk = desk_of(explainer, update->symbol);
    const SocialSample *sample = &update->data;
    if (!desk) return;
    desk->newest.social = *sample;
    desk->newest.has_social = true;
}

static void hear_impact(Explainer *explainer, const SocialImpact *impact) {
    ExplainerDesk *desk = desk_of(explainer, impact->symbol);
    if (!desk) return;
    desk->newest.impact = *impact;
    desk->newest.has_impact = true;
}

static void hear_rules(Explainer *explainer, const RuleInputs *inputs) {
    ExplainerDesk *desk = desk_of(explainer, inputs->symbol);
    if (desk) desk->rules = *inputs;
}

static void hear_signal(Explainer *explainer, const Signal *signal, int64_t now_us,
                        Outbox *outbox) {
    ExplainerDesk *desk = desk_of(explainer, signal->symbol);
    if (!desk) return;
    const FactorProvider *provider = providers;
    while (!provider->decided(explainer, signal))
        provider++;
    ExplainedSignal *explained = outbox_publish(outbox, TOPIC_EXPLAINED_SIGNALS);
    explanation_begin(signal, now_us, provider->name, explained);
    provider->explain(explainer, desk, signal, explained);
    outbox_log(outbox, LOG_INFO, "%s %s: %s", signal->id, signal->symbol,
               explained->explanation.summary);
}

static void hear_opinion(Explainer *explainer, const ModelOpinion *opinion, int64_t now_us,
                         Outbox *outbox) {
    ExplainerDesk *desk = desk_of(explainer, opinion->symbol);
    if (!desk) return;
    if (strcmp(opinion->role, "analyst") == 0 || strcmp(opinion->role, "judge") == 0)
        desk->opinion = *opinion;
    bool same = strcmp(opinion->model_version, desk->judged.model_version) == 0 &&
                opinion->market_timestamp == desk->judged_market;
    if (strcmp(opinion->role, "counterfactual") != 0 || !same) return;
    if (!explanation_take_counterfactual(&desk->judged, &desk->opinion, opinion)) return;
    desk->judged.time = now_us;
    ExplainedSignal *again = outbox_publish(outbox, TOPIC_EXPLAINED_SIGNALS);
    *again = desk->judged;
}

static void ai_explainability_step(void *state, const Message *message, Outbox *outbox) {
    Explainer *explainer = state;
    Symbol symbol;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        if (symbol_from_filters(message->payload, &symbol))
            symbol_table_put(&explainer->symbols, &symbol);
        break;
    case TOPIC_MARKET_UPDATES:
        hear_update(explainer, message->payload, message->time_us);
        break;
    case TOPIC_SOCIAL_UPDATES:
        hear_social(explainer, message->payload);
        break;
    case TOPIC_SOCIAL_IMPACT:
        hear_impact(explainer, message->payload);
        break;
    case TOPIC_RULE_INPUTS:
        hear_rules(explainer, message->payload);
        break;
    case TOPIC_MODEL_OPINIONS:
        hear_opinion(explainer, message->payload, message->time_us, outbox);
        break;
    default:
        hear_signal(explainer, message->payload, message->time_us, outbox);
    }
}

const Service service_ai_explainability = {
    .name = "ai_explainability",
    .label = "AIExplainability",
    .sentence = "Says why each signal was said, from the inputs that it was made of, and what "
                "would have turned it.",
    .stage = STAGE_OBSERVER,
    .port = 8007,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_MARKET_UPDATES, TOPIC_SOCIAL_UPDATES, TOPIC_SOCIAL_IMPACT,
          TOPIC_RULE_INPUTS, TOPIC_MODEL_OPINIONS, TOPIC_TRADING_SIGNALS),
    SAYS(TOPIC_EXPLAINED_SIGNALS),
    .state_size = ai_explainability_state_size,
    .init = ai_explainability_init,
    .step = ai_explainability_step,
};
