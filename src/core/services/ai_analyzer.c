/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AI analyzer with its local analyst: a transparent vote over indicators and trend
 * (core/trade/vote.h), put into words (wording.h), with a confidence that is measured from the
 * outcomes of its own earlier signals (hit_rate.h). It decides at the first close at or behind each
 * step of a grid, so at every close of candles that are longer than a step. A signal is
 * said when the advice changes, and again when an unchanged BUY or SELL has outlived its horizon;
 * every BUY and SELL is scored, traded or not.
 */
#include <math.h>
#include <string.h>

#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trade/hit_rate.h"
#include "core/trade/version_score.h"
#include "core/trade/vote.h"
#include "core/trade/wording.h"

/* ---- state --------------------------------------------------------------------------------- */

typedef struct AnalystDesk {
    Decision last;      /* advice said last */
    int64_t last_us;    /* when */
    int64_t decided_us; /* close that was decided on last: one decision a close */
} AnalystDesk;

typedef struct Analyst {
    bool silent; /* the settings name a strategy, which trades in its place */
    int64_t grid_us;
    double threshold;
    uint32_t signals;
    char model_id[16], model_version[64];
    ModelVersion registration; /* told once a life */
    bool registered;
    SymbolTable symbols;
    AnalystDesk desks[LIMIT_SYMBOLS];
    HitRate rate;
} Analyst;

/* ---- options ------------------------------------------------------------------------------- */

#define VOTE_VERSION "vote-1" /* changes with the formulas of vote.c, so that model_id does */

static size_t ai_analyzer_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(Analyst);
}

/* READING 2: first 8 hex digits of a hash of model, template and parameters; stable over restarts.
 */
static void name_model(Analyst *analyst, const Settings *settings) {
    char memory[256];
    uint8_t digest[SHA256_SIZE];
    Text text = TEXT_IN(memory);
    text_put(&text, "local " VOTE_VERSION " ");
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
}

/* What decides, for the registry. */
static void describe_model(Analyst *analyst, const Settings *settings) {
    ModelVersion *version = &analyst->registration;
    Text config = TEXT_IN(version->config), status = TEXT_IN(version->status);
    version_begin(version, "local_analyst", analyst->model_id, analyst->model_version);
    version_put_hash(version, settings);
    text_put(&status, "champion"); /* its signals are traded */
    text_end(&status);
    text_put(&config, "{\"vote\":\"" VOTE_VERSION "\",\"threshold\":");
    text_double(&config, settings->trading.signal_score_threshold);
    text_format(&config, ",\"horizon_minutes\":%D,\"interval_seconds\":%D,\"weights\":{",
                settings->trading.signal_horizon_minutes, settings->trading.ai_analysis_interval);
    for (unsigned i = 0; i < VOTE_COUNT; i++) {
        text_format(&config, "%s\"%s\":", i ? "," : "", vote_factor_name((VoteFactor)i));
        text_double(&config, vote_weights[i]);
    }
    text_put(&config, "}}");
    text_end(&config);
}

static void register_model(Analyst *analyst, Outbox *outbox) {
    if (analyst->silent || analyst->registered) return;
    analyst->registered = true;
    *(ModelVersion *)outbox_publish(outbox, TOPIC_MODEL_REGISTRATIONS) = analyst->registration;
}

static void ai_analyzer_init(void *state, const Settings *settings) {
    Analyst *analyst = state;
    analyst->silent = settings->strategy.name[0] != 0;
    analyst->grid_us = settings->trading.ai_analysis_interval * INSTANT_SECOND_US;
    analyst->threshold = settings->trading.signal_score_threshold;
    hit_rate_init(&analyst->rate, settings);
    name_model(analyst, settings);
    describe_model(analyst, settings);
}

/* ---- step ---------------------------------------------------------------------------------- */

static int desk_of(const Analyst *analyst, const char *symbol) {
    return symbol_table_find_text(&analyst->symbols, symbol);
}

static void say_outcome(const Analyst *analyst, const HitOutcome *outcome, int64_t now_us,
                        Outbox *outbox) {
    SignalOutcome *said = outbox_publish(outbox, TOPIC_SIGNAL_OUTCOMES);
    Text id = TEXT_IN(said->signal_id);
    text_format(&id, "s-%D", (int64_t)outcome->signal.number);
    text_end(&id);
    memcpy(said->symbol, analyst->symbols.symbols[outcome->signal.symbol].name.text,
           sizeof said->symbol);
    said->decision = (Decision)outcome->signal.decision;
    said->band = outcome->signal.band;
    said->hit = outcome->hit;
    said->return_pct = outcome->return_fraction * 100;
    said->emitted = outcome->signal.emitted_us;
    said->settled = now_us;
}

static void hear_bar(Analyst *analyst, const MarketBar *heard, int64_t now_us, Outbox *outbox) {
    int index = desk_of(analyst, heard->symbol);
    if (index < 0) return;
    Bar bar = bar_from_message(heard);
    HitOutcome outcome;
    while (hit_rate_settle(&analyst->rate, (unsigned)index, &bar, now_us, &outcome))
        say_outcome(analyst, &outcome, now_us, outbox);
}

static void fill_weights(Signal *signal) {
    TechnicalWeights *technical = &signal->factor_weights.technical_indicators;
    technical->rsi = vote_weights[VOTE_RSI];
    technical->macd = vote_weights[VOTE_MACD];
    technical->bollinger_bands = vote_weights[VOTE_BOLLINGER];
    technical->price_action = vote_weights[VOTE_PRICE_ACTION];
    technical->other = vote_weights[VOTE_OTHER];
    /* The inner weights of a group that has no say yet still sum to 1 (the mission's sample). */
    signal->factor_weights.social_metrics =
        (SocialWeights){.sentiment = 0.5, .volume = 0.3, .engagement = 0.2};
    signal->group_weights.technical_indicators =
        1; /* the only group with data: weights renormalised */
}

static void hold(Analyst *analyst, unsigned index, const Signal *signal, int64_t now_us,
                 Outbox *outbox) {
    PendingSignal pending = {.number = analyst->signals,
                             .symbol = (uint16_t)index,
                             .band = (uint8_t)hit_rate_band(signal->score),
                             .decision = (uint8_t)signal->decision,
                             .price = signal->price,
                             .emitted_us = now_us,
                             .horizon_us = signal->horizon_minutes * INSTANT_MINUTE_US};
    if (signal->decision == DECISION_HOLD || hit_rate_hold(&analyst->rate, &pending)) return;
    outbox_log(outbox, LOG_WARNING, "Signal %s is not scored: too many wait for their outcome",
               signal->id);
}

/* How long the shortest candles that come in are; 0: they are not named. */
static int64_t candle_of(const MarketUpdate *update) {
    Interval interval;
    return interval_parse(slice_of(update->interval), &interval) ? interval_us(interval) : 0;
}

static int64_t horizon_of(const Analyst *analyst, const MarketUpdate *update) {
    return hit_rate_horizon(&analyst->rate, candle_of(update));
}

/* A step of the grid lies at the close, or since the close before it. */
static bool on_grid(const Analyst *analyst, const MarketUpdate *update) {
    int64_t close_us = update->timestamp + 1;
    return close_us / analyst->grid_us != (close_us - candle_of(update)) / analyst->grid_us;
}

static void say_signal(Analyst *analyst, unsigned index, const MarketUpdate *update,
                       const Vote *vote, Decision decision, Outbox *outbox) {
    unsigned band = hit_rate_band(vote->score);
    Signal *signal = outbox_publish(outbox, TOPIC_TRADING_SIGNALS);
    Text id = TEXT_IN(signal->id);
    text_format(&id, "s-%D", (int64_t)++analyst->signals);
    text_end(&id);
    memcpy(signal->symbol, update->symbol, sizeof signal->symbol);
    memcpy(signal->model_id, analyst->model_id, sizeof signal->model_id);
    memcpy(signal->model_version, analyst->model_version, sizeof signal->model_version);
    signal->decision = decision;
    signal->score = vote->score;
    signal->confidence = hit_rate_confidence(&analyst->rate, band);
    signal->unproven = !hit_rate_proven(&analyst->rate, band);
    signal->outcomes = analyst->rate.outcomes[band];
    signal->horizon_minutes = horizon_of(analyst, update) / INSTANT_MINUTE_US;
    signal->market_timestamp = update->timestamp;
    signal->timestamp = analyst->desks[index].last_us;
    signal->price = update->current_price;
    signal->atr_fraction = update->atr_slow_fraction;
    fill_weights(signal);
    wording_explain(update, vote, signal);
    hold(analyst, index, signal, signal->timestamp, outbox);
    outbox_log(outbox, LOG_INFO, "%s %s %s: %s", signal->id, signal->symbol,
               Decision_text(decision), signal->reasoning);
}

static void hear_update(Analyst *analyst, const MarketUpdate *update, int64_t now_us,
                        Outbox *outbox) {
    int index = desk_of(analyst, update->symbol);
    Vote vote;
    if (analyst->silent || index < 0 || !on_grid(analyst, update)) return;
    AnalystDesk *desk = &analyst->desks[index];
    if (desk->decided_us == update->timestamp || !vote_on(update, &vote, NULL)) return;
    desk->decided_us = update->timestamp;
    Decision decision = vote_decision(vote.score, analyst->threshold);
    bool outlived =
        decision != DECISION_HOLD && now_us - desk->last_us >= horizon_of(analyst, update);
    if (decision == desk->last && !outlived) return;
    desk->last = decision;
    desk->last_us = now_us;
    say_signal(analyst, (unsigned)index, update, &vote, decision, outbox);
}

/* Signals are numbered on behind those of the earlier life; s-N of an outcome is the least that was
 * given. */
static void hear_restored(Analyst *analyst, const SignalOutcome *outcome) {
    int64_t number = 0;
    Slice id = slice_of(outcome->signal_id);
    if (id.length > 2 && slice_int((Slice){id.at + 2, id.length - 2}, &number) &&
        number > analyst->signals)
        analyst->signals = (uint32_t)number;
    if (outcome->decision != DECISION_HOLD)
        hit_rate_recall(&analyst->rate, (unsigned)outcome->band, outcome->hit);
}

static void ai_analyzer_step(void *state, const Message *message, Outbox *outbox) {
    Analyst *analyst = state;
    Symbol symbol;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        if (symbol_from_filters(message->payload, &symbol))
            symbol_table_put(&analyst->symbols, &symbol);
        register_model(analyst, outbox);
        break;
    case TOPIC_RESTORED_OUTCOMES:
        hear_restored(analyst, message->payload);
        break;
    case TOPIC_BARS:
        hear_bar(analyst, message->payload, message->time_us, outbox);
        break;
    default:
        hear_update(analyst, message->payload, message->time_us, outbox);
    }
}

const Service service_ai_analyzer = {
    .name = "ai_analyzer",
    .label = "AIAnalyzer",
    .sentence = "Turns market data into trading signals with reasons; its confidence is its "
                "measured hit rate.",
    .stage = STAGE_SIGNAL,
    .port = 8003,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_BARS, TOPIC_MARKET_UPDATES, TOPIC_RESTORED_OUTCOMES),
    SAYS(TOPIC_TRADING_SIGNALS, TOPIC_SIGNAL_OUTCOMES, TOPIC_MODEL_REGISTRATIONS),
    .state_size = ai_analyzer_state_size,
    .init = ai_analyzer_init,
    .step = ai_analyzer_step,
};
