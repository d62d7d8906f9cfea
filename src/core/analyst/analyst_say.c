/* SPDX-License-Identifier: Apache-2.0 */
/* What the analyst says (analyst.h): signals, opinions, views, who it is. */
#include "core/analyst/analyst.h"

#include <math.h>

#include "core/base/plain_text.h"
#include "core/bus/shape.h"
#include "core/market/candle.h"
#include "core/trade/wording.h"

/* ---- names ----------------------------------------------------------------------------------- */

#define JUDGEMENT_VERSION "judgement-1" /* changes with the formulas, so that model_id does */

/* READING 2: first 8 hex digits of a hash of model, template and parameters; stable over restarts.
 */
void analyst_name(Analyst *analyst, const Settings *settings) {
    char memory[256];
    uint8_t digest[SHA256_SIZE];
    Text text = TEXT_IN(memory), hash = TEXT_IN(analyst->settings_hash);
    text_put(&text, "local " JUDGEMENT_VERSION " ");
    text_double(&text, settings->trading.signal_score_threshold);
    text_format(&text, " %D %D", settings->trading.signal_horizon_minutes,
                settings->trading.ai_analysis_interval);
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        text_char(&text, ' ');
        text_double(&text, vote_weights[i]);
    }
    sha256_of(text.at, text.length, digest);
    Text id = TEXT_IN(analyst->model_id), version = TEXT_IN(analyst->model_version);
    text_hex(&id, digest, 4);
    text_format(&version, "ai_trader_local_%s", text_end(&id));
    text_end(&version);
    settings_hash(settings, digest);
    text_hex(&hash, digest, sizeof digest);
    text_end(&hash);
}

/* ai_trader_MODEL_ID: what is no letter or digit of the model's name becomes '_'; a long name is
 * cut so that the id stays whole. */
static void put_version(const ModelCalls *calls, unsigned model, const char *id,
                        char target[static 64]) {
    Text text = text_in(target, 64);
    text_put(&text, "ai_trader_");
    for (const char *c = calls->models[model].name; *c && text.length < 64 - 10; c++) {
        bool kept =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        text_char(&text, kept ? *c : '_');
    }
    text_format(&text, "_%s", id);
    text_end(&text);
}

static ModelVersion *begin_version(const Analyst *analyst, const char *type, const char *id,
                                   bool decides, Outbox *outbox) {
    ModelVersion *version = outbox_publish(outbox, TOPIC_MODEL_REGISTRATIONS);
    const double unknown = (double)NAN;
    Text status = TEXT_IN(version->status);
    VersionMetrics none = {.win_rate = unknown,
                           .profit_factor = unknown,
                           .accuracy = unknown,
                           .avg_confidence = unknown};
    memcpy(version->version_id, id, strlen(id) + 1);
    memcpy(version->model_type, type, strlen(type) + 1);
    memcpy(version->settings_hash, analyst->settings_hash, sizeof version->settings_hash);
    version->performance_metrics = version->out_of_sample = none;
    text_put(&status, decides ? "champion" : "registered");
    text_end(&status);
    return version;
}

static void register_local(const Analyst *analyst, Outbox *outbox) {
    ModelVersion *version = begin_version(analyst, "local_analyst", analyst->model_id,
                                          analyst->calls.mode == AI_OFF, outbox);
    Text config = TEXT_IN(version->config);
    JsonWriter writer = json_writer(&config);
    memcpy(version->version_name, analyst->model_version, sizeof version->version_name);
    json_object_begin(&writer);
    json_key(&writer, "formulas");
    json_string(&writer, JUDGEMENT_VERSION);
    json_key(&writer, "signal_score_threshold");
    json_double(&writer, analyst->threshold);
    json_key(&writer, "ai_analysis_interval");
    json_int(&writer, analyst->grid_us / INSTANT_SECOND_US);
    json_object_end(&writer);
    text_end(&config);
}

static void register_model(const Analyst *analyst, unsigned model, Outbox *outbox) {
    const ModelCalls *calls = &analyst->calls;
    char id[16];
    calls_identify(calls, model, model ? PROMPT_OPPORTUNITY : analyst_prompt(analyst), id);
    ModelVersion *version = begin_version(analyst, "language_model", id, model == 0, outbox);
    Text config = TEXT_IN(version->config);
    JsonWriter writer = json_writer(&config);
    put_version(calls, model, id, version->version_name);
    json_object_begin(&writer);
    json_key(&writer, "model");
    json_string(&writer, calls->models[model].name);
    json_key(&writer, "dialect");
    json_string(&writer, calls->settings.dialect);
    json_key(&writer, "max_tokens");
    json_int(&writer, calls->settings.max_tokens);
    json_key(&writer, "panel");
    json_bool(&writer, model == 0 && calls->settings.panel);
    json_key(&writer, "mask");
    json_bool(&writer, calls->settings.mask);
    json_key(&writer, "knowledge_cutoff");
    json_string(&writer, calls->settings.knowledge_cutoff);
    json_object_end(&writer);
    text_end(&config);
}

void analyst_register(Analyst *analyst, int64_t now_us, Outbox *outbox) {
    (void)now_us;
    analyst->registered = true;
    register_local(analyst, outbox);
    for (unsigned i = 0; analyst->calls.mode != AI_OFF && i < analyst->calls.model_count; i++)
        register_model(analyst, i, outbox);
}

/* ---- signals --------------------------------------------------------------------------------- */

static void fill_weights(const GroupWeights *groups, Signal *signal) {
    TechnicalWeights *technical = &signal->factor_weights.technical_indicators;
    technical->rsi = vote_weights[VOTE_RSI];
    technical->macd = vote_weights[VOTE_MACD];
    technical->bollinger_bands = vote_weights[VOTE_BOLLINGER];
    technical->price_action = vote_weights[VOTE_PRICE_ACTION];
    technical->other = vote_weights[VOTE_OTHER];
    /* The inner weights of a group that has no say still sum to 1 (the mission's sample). */
    signal->factor_weights.social_metrics = judgement_social_weights;
    signal->factor_weights.market_regime = groups->market_regime;
    signal->factor_weights.strategy_performance = groups->strategy_performance;
    signal->factor_weights.social_correlation = groups->social_correlation;
    signal->group_weights = *groups;
}

/* How long the shortest candles that come in are; 0: they are not named. */
static int64_t candle_of(const MarketUpdate *update) {
    Interval interval;
    return interval_parse(slice_of(update->interval), &interval) ? interval_us(interval) : 0;
}

static int64_t horizon_of(const Analyst *analyst, const Sight *sight) {
    return hit_rate_horizon(&analyst->rate, candle_of(&sight->market));
}

static void hold(Analyst *analyst, unsigned desk, const Signal *signal, unsigned band,
                 Outbox *outbox) {
    PendingSignal pending = {.number = analyst->signals,
                             .symbol = (uint16_t)desk,
                             .band = (uint8_t)band,
                             .decision = (uint8_t)signal->decision,
                             .price = signal->price,
                             .emitted_us = signal->timestamp,
                             .horizon_us = signal->horizon_minutes * INSTANT_MINUTE_US};
    if (signal->decision == DECISION_HOLD || hit_rate_hold(&analyst->rate, &pending)) return;
    outbox_log(outbox, LOG_WARNING, "Signal %s is not scored: too many wait for their outcome",
               signal->id);
}

/* What every signal says of itself. */
static Signal *begin_signal(Analyst *analyst, const Sight *sight, Decision decision, double score,
                            unsigned band, Outbox *outbox) {
    Signal *signal = outbox_publish(outbox, TOPIC_TRADING_SIGNALS);
    Text id = TEXT_IN(signal->id);
    text_format(&id, "s-%D", (int64_t)++analyst->signals);
    text_end(&id);
    memcpy(signal->symbol, sight->market.symbol, sizeof signal->symbol);
    signal->decision = decision;
    signal->score = score;
    signal->confidence = hit_rate_confidence(&analyst->rate, band);
    signal->unproven = !hit_rate_proven(&analyst->rate, band);
    signal->outcomes = analyst->rate.outcomes[band];
    signal->horizon_minutes = horizon_of(analyst, sight) / INSTANT_MINUTE_US;
    signal->market_timestamp = sight->market.timestamp;
    signal->price = sight->market.current_price;
    signal->atr_fraction = sight->market.atr_slow_fraction;
    return signal;
}

static void end_signal(Analyst *analyst, unsigned desk, const Signal *signal, unsigned band,
                       Outbox *outbox) {
    hold(analyst, desk, signal, band, outbox);
    outbox_log(outbox, LOG_INFO, "%s %s %s: %s", signal->id, signal->symbol,
               Decision_text(signal->decision), signal->reasoning);
}

/* A signal is said when the advice changes, and again when an unchanged BUY or SELL has outlived
 * its horizon. */
static bool is_news(const Analyst *analyst, const AnalystDesk *desk, const Sight *sight,
                    Decision decision, int64_t now_us) {
    bool outlived =
        decision != DECISION_HOLD && now_us - desk->last_us >= horizon_of(analyst, sight);
    return decision != desk->last || outlived;
}

void analyst_say_local(Analyst *analyst, unsigned index, const Sight *sight, bool fallback,
                       int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    const Judgement *judgement = &sight->judgement;
    Decision decision = vote_decision(judgement->score, analyst->threshold);
    unsigned band = hit_rate_band(judgement->score);
    const JudgementInputs inputs = sight_inputs(sight);
    if (!is_news(analyst, desk, sight, decision, now_us)) return;
    desk->last = decision;
    desk->last_us = now_us;
    Signal *signal = begin_signal(analyst, sight, decision, judgement->score, band, outbox);
    memcpy(signal->model_id, analyst->model_id, sizeof signal->model_id);
    memcpy(signal->model_version, analyst->model_version, sizeof signal->model_version);
    signal->timestamp = now_us;
    signal->fallback = fallback;
    fill_weights(&judgement->weights, signal);
    wording_judgement(&inputs, judgement, signal);
    end_signal(analyst, index, signal, band, outbox);
}

/* ---- a model's signal ------------------------------------------------------------------------ */

#define STATED_COUNT 4

static const struct {
    const char *factor, *group, *label;
} stated_factors[STATED_COUNT] = {
    {"stated_indicators", "technical_indicators", "Indicators"},
    {"stated_social", "social_metrics", "Social data"},
    {"stated_news", "social_metrics", "News"},
    {"stated_rest", "market_regime", "Market"},
};

/* The model's own weights as shares of its score; without any the whole is one share. */
static void put_stated(const ModelSignalAnswer *answer, Signal *signal) {
    const double weights[STATED_COUNT] = {answer->weight_technical, answer->weight_social,
                                          answer->weight_news, answer->weight_market};
    double shares[STATED_COUNT] = {0, 0, 0, 1}, all = 0;
    Explanation *explanation = &signal->explanation;
    for (unsigned i = 0; i < STATED_COUNT; i++)
        all += weights[i];
    for (unsigned i = 0; i < STATED_COUNT; i++) {
        if (all > 0) shares[i] = weights[i] / all;
        Contribution *contribution = &signal->contributions[signal->contributions_count++];
        memcpy(contribution->factor, stated_factors[i].factor,
               strlen(stated_factors[i].factor) + 1);
        memcpy(contribution->group, stated_factors[i].group, strlen(stated_factors[i].group) + 1);
        contribution->value = shares[i] * signal->score;
        if (shares[i] <= 0) continue;
        memcpy(explanation->key_indicators[explanation->key_indicators_count++],
               stated_factors[i].label, strlen(stated_factors[i].label) + 1);
    }
    const GroupWeights groups = {.technical_indicators = shares[0],
                                 .social_metrics = shares[1] + shares[2],
                                 .market_regime = shares[3]};
    fill_weights(&groups, signal);
}

static void put_cut(const char *words, char *target, size_t capacity) {
    plain_text_into(slice_of(words), target, capacity);
}

static void put_texts(const Sight *sight, const ModelSignalAnswer *answer, Signal *signal) {
    const JudgementInputs inputs = sight_inputs(sight);
    Explanation *explanation = &signal->explanation;
    put_cut(answer->reasoning, signal->reasoning, sizeof signal->reasoning);
    for (unsigned i = 0; i < answer->key_indicators_count; i++)
        put_cut(answer->key_indicators[i], signal->key_indicators[i],
                sizeof signal->key_indicators[i]);
    signal->key_indicators_count = answer->key_indicators_count;
    wording_social(&inputs, signal); /* what was found of leads is ours to say */
    if (judgement_has_social(inputs.social))
        put_cut(answer->social_factors, signal->social_impact, sizeof signal->social_impact);
    put_cut(answer->reasoning, explanation->summary, sizeof explanation->summary);
    put_cut(answer->technical_factors, explanation->technical_factors,
            sizeof explanation->technical_factors);
    put_cut(answer->social_factors, explanation->social_factors,
            sizeof explanation->social_factors);
    put_cut(answer->risk_assessment, explanation->risk_assessment,
            sizeof explanation->risk_assessment);
}

static double signed_confidence(const ModelSignalAnswer *answer) {
    return answer->decision == DECISION_BUY    ? answer->confidence
           : answer->decision == DECISION_SELL ? -answer->confidence
                                               : 0;
}

bool analyst_say_model(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    AnalystDesk *desk = &analyst->desks[index];
    const ModelSignalAnswer *answer = &desk->answer;
    double score = signed_confidence(answer);
    unsigned band = HIT_RATE_MODEL + hit_rate_band(score);
    if (!is_news(analyst, desk, &desk->asked, answer->decision, now_us)) return false;
    desk->last = answer->decision;
    desk->last_us = now_us;
    Signal *signal = begin_signal(analyst, &desk->asked, answer->decision, score, band, outbox);
    calls_identify(&analyst->calls, 0, analyst_prompt(analyst), signal->model_id);
    put_version(&analyst->calls, 0, signal->model_id, signal->model_version);
    signal->timestamp = now_us;
    signal->by_model = true;
    signal->call_id = desk->answer_call;
    signal->risk_level = answer->risk_level;
    put_stated(answer, signal);
    put_texts(&desk->asked, answer, signal);
    end_signal(analyst, index, signal, band, outbox);
    return true;
}

/* ---- opinions -------------------------------------------------------------------------------- */

static ModelOpinion *begin_opinion(Analyst *analyst, const char *symbol, const char *role,
                                   int64_t market_us, int64_t now_us, Outbox *outbox) {
    ModelOpinion *opinion = outbox_publish(outbox, TOPIC_MODEL_OPINIONS);
    Text id = TEXT_IN(opinion->id), whose = TEXT_IN(opinion->role);
    text_format(&id, "o-%D", (int64_t)++analyst->opinions);
    text_end(&id);
    text_put(&whose, role);
    text_end(&whose);
    memcpy(opinion->symbol, symbol, sizeof opinion->symbol);
    opinion->time = now_us;
    opinion->market_timestamp = market_us;
    opinion->expires = market_us + analyst->calls.settings.answer_ttl * INSTANT_SECOND_US;
    return opinion;
}

void analyst_say_opinion(Analyst *analyst, const ModelQuestion *question,
                         const ModelSignalAnswer *answer, const char *role, int64_t now_us,
                         Outbox *outbox) {
    const ModelAsk *ask = &question->ask;
    ModelOpinion *opinion =
        begin_opinion(analyst, ask->symbol, role, ask->market_us, now_us, outbox);
    put_version(&analyst->calls, ask->model, question->model_id, opinion->model_version);
    opinion->decision = answer->decision;
    opinion->confidence = answer->confidence;
    opinion->risk_level = answer->risk_level;
    put_cut(answer->reasoning, opinion->reasoning, sizeof opinion->reasoning);
    opinion->recallable = ask->market_us < analyst->cutoff_us;
    opinion->masked = analyst->calls.settings.mask;
    if (ask->neutral != INPUTS_ALL) {
        const char *name = input_group_name((InputGroup)ask->neutral);
        memcpy(opinion->changed, name, strlen(name) + 1);
    }
}

void analyst_say_local_opinion(Analyst *analyst, unsigned index, int64_t now_us, Outbox *outbox) {
    const Sight *sight = &analyst->desks[index].asked;
    const JudgementInputs inputs = sight_inputs(sight);
    Signal worded = {.decision = analyst->desks[index].asked_local};
    wording_judgement(&inputs, &sight->judgement, &worded);
    ModelOpinion *opinion = begin_opinion(analyst, sight->market.symbol, "local",
                                          sight->market.timestamp, now_us, outbox);
    memcpy(opinion->model_version, analyst->model_version, sizeof opinion->model_version);
    opinion->decision = worded.decision;
    opinion->confidence =
        hit_rate_confidence(&analyst->rate, hit_rate_band(sight->judgement.score));
    opinion->risk_level = worded.risk_level;
    memcpy(opinion->reasoning, worded.reasoning, sizeof opinion->reasoning);
}

void analyst_say_view(Analyst *analyst, const ModelQuestion *question,
                      const ModelMarketAnswer *answer, int64_t now_us, Outbox *outbox) {
    MarketView *view = outbox_publish(outbox, TOPIC_MARKET_VIEWS);
    put_version(&analyst->calls, question->ask.model, question->model_id, view->model_version);
    view->time = now_us;
    view->market_sentiment = answer->market_sentiment;
    put_cut(answer->summary, view->summary, sizeof view->summary);
    view->top_opportunities_count = answer->top_opportunities_count;
    view->risks_count = answer->risks_count;
    for (unsigned i = 0; i < answer->top_opportunities_count; i++)
        put_cut(answer->top_opportunities[i], view->top_opportunities[i],
                sizeof view->top_opportunities[i]);
    for (unsigned i = 0; i < answer->risks_count; i++)
        put_cut(answer->risks[i], view->risks[i], sizeof view->risks[i]);
}
