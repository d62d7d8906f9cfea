/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portfolio risk: judges every signal against the limits of the whole portfolio (drawdown,
 * exposure, allocation) and against what the analyst has proven, and says how large an entry may be
 * at most. It never makes an exit harder.
 *
 * What the social data say (core/trade/social_risk.h) moves an entry of the analyst within these
 * limits: size, stop and target by their adjustments; the size is divided by 1 + volatility_adj, as
 * if the market were that much wilder; and the threshold of correlation moves. A strategy's own
 * signal is left as it was tested: it reads social data itself, if it wants them. Without an
 * adjustment, or with one of zeros, every number is the same to the last bit.
 */
#include <math.h>
#include <string.h>

#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trade/hourly_closes.h"
#include "core/trade/social_risk.h"

/* ---- state --------------------------------------------------------------------------------- */

/* An entry that goes with what is held is the same bet again: it gets this share of its size. */
#define CORRELATED_SHARE    0.5
#define TARGET_MAX          10  /* as messages.def */
#define CORRELATION_CEILING 0.9 /* READING 2: no mood lifts the threshold beyond */

typedef struct RiskDesk {
    SocialRiskAdjustment social; /* as last heard; timestamp 0: never */
    HourlyCloses closes;
} RiskDesk;

typedef struct PortfolioRiskState {
    double position_size, allocation_limit, exposure_limit, drawdown_limit, risk_per_trade;
    double confidence_threshold, score_threshold, stop_fraction, target_fraction;
    double exposure, drawdown, largest_weight; /* as last heard */
    int64_t positions;
    bool breached; /* said once an episode */
    double correlation_threshold;
    int64_t half_life_us; /* an adjustment that was not renewed for so long is none */
    SymbolTable symbols;
    bool held[LIMIT_SYMBOLS];
    int64_t entered_us[LIMIT_SYMBOLS]; /* when an entry was last allowed, 0: never */
    int64_t underway_us;               /* so long it counts as held: its order is on its way */
    RiskDesk desks[LIMIT_SYMBOLS];
} PortfolioRiskState;

/* ---- options ------------------------------------------------------------------------------- */

static size_t portfolio_risk_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(PortfolioRiskState);
}

static void portfolio_risk_init(void *state, const Settings *settings) {
    PortfolioRiskState *risk = state;
    risk->position_size = settings->trading.position_size;
    risk->allocation_limit = settings->risk.max_portfolio_allocation;
    risk->exposure_limit = settings->risk.max_total_exposure;
    risk->drawdown_limit = settings->risk.max_drawdown_limit;
    risk->risk_per_trade = settings->risk.risk_per_trade;
    risk->confidence_threshold = settings->trading.ai_confidence_threshold;
    risk->score_threshold = settings->trading.signal_score_threshold;
    risk->stop_fraction = settings->trading.stop_loss_pct / 100;
    risk->target_fraction = settings->trading.take_profit_pct / 100;
    risk->correlation_threshold = settings->risk.correlation_threshold;
    risk->underway_us = settings->trading.signal_ttl_seconds * INSTANT_SECOND_US;
    risk->half_life_us = social_risk_rule(settings).half_life_us;
}

/* ---- step ---------------------------------------------------------------------------------- */

static double smaller(double a, double b) {
    return a < b ? a : b;
}

/* A strategy's own signal says how large its entry is to be. */
static bool is_of_strategy(const Signal *signal) {
    return signal->size_fraction > 0;
}

static int desk_of(const PortfolioRiskState *risk, const char *symbol) {
    return symbol_table_find_text(&risk->symbols, symbol);
}

/* What social data change about an entry; all zero where they change nothing. */
static SocialRiskAdjustment adjustment_of(const PortfolioRiskState *risk, const Signal *signal,
                                          int64_t now_us) {
    int index = desk_of(risk, signal->symbol);
    if (index < 0 || is_of_strategy(signal)) return (SocialRiskAdjustment){0};
    const SocialRiskAdjustment *social = &risk->desks[index].social;
    bool valid = social->timestamp > 0 && now_us - social->timestamp <= risk->half_life_us;
    return valid ? *social : (SocialRiskAdjustment){0};
}

/* Signals of one close come in one instant, before any of their orders has filled. */
static bool is_held(const PortfolioRiskState *risk, unsigned index, int64_t now_us) {
    int64_t entered_us = risk->entered_us[index];
    return risk->held[index] || (entered_us > 0 && now_us - entered_us <= risk->underway_us);
}

/* The strongest correlation with what is held besides; NaN: none is known. */
static double strongest(const PortfolioRiskState *risk, int index, int64_t now_us) {
    double most = (double)NAN;
    for (unsigned i = 0; i < risk->symbols.count; i++) {
        if ((int)i == index || !is_held(risk, i, now_us)) continue;
        double r =
            hourly_closes_correlation(&risk->desks[index].closes, &risk->desks[i].closes, now_us);
        if (!(r <= most) && !isnan(r)) most = r;
    }
    return most;
}

static bool goes_with_held(const PortfolioRiskState *risk, const Signal *signal,
                           const SocialRiskAdjustment *social, int64_t now_us) {
    int index = desk_of(risk, signal->symbol);
    if (index < 0 || is_of_strategy(signal)) return false;
    double threshold = smaller(risk->correlation_threshold + social->correlation_threshold_adj,
                               CORRELATION_CEILING);
    return strongest(risk, index, now_us) > threshold;
}

/* What is wished for before the hard limits. */
static double wished(const PortfolioRiskState *risk, const Signal *signal,
                     const SocialRiskAdjustment *social, bool correlated) {
    double size = smaller(risk->position_size, risk->allocation_limit);
    if (is_of_strategy(signal)) return smaller(size, signal->size_fraction);
    size = risk->position_size * (1 + social->position_size_adj) / (1 + social->volatility_adj);
    return correlated ? size * CORRELATED_SHARE : size;
}

/* Of equity: the loss at the stop is at most risk_per_trade (without a stop nothing bounds it), the
 * position at most its allocation, all at most the exposure limit. A limit of all equity is none:
 * on spot cash decides, to the unit, in the gate. A stop that a mood has drawn nearer does not buy
 * more: the loss is measured at the farther of both, in a market as wild as social data say. */
static double largest_entry(const PortfolioRiskState *risk, const Signal *signal,
                            const SocialRiskAdjustment *social, bool correlated) {
    bool own = is_of_strategy(signal);
    double stop = own ? signal->stop_loss_fraction : risk->stop_fraction;
    if (social->stop_loss_adj > 0) stop *= 1 + social->stop_loss_adj;
    double size = smaller(wished(risk, signal, social, correlated), risk->allocation_limit);
    if (stop > 0)
        size = smaller(size, risk->risk_per_trade / (stop * (1 + social->volatility_adj)));
    if (risk->exposure_limit >= 1) return size;
    double room = risk->exposure_limit - risk->exposure;
    return room > 0 ? smaller(size, room) : 0;
}

static RefusalCode judge(const PortfolioRiskState *risk, const Signal *signal, double size) {
    bool own = is_of_strategy(signal);
    if (signal->decision != DECISION_BUY) return ALLOWED;
    if (!own && signal->score < risk->score_threshold) return DENIED_SCORE_TOO_LOW;
    if (!own && !signal->unproven && signal->confidence < risk->confidence_threshold)
        return DENIED_CONFIDENCE_TOO_LOW;
    if (risk->drawdown >= risk->drawdown_limit) return DENIED_DRAWDOWN;
    return size > 0 ? ALLOWED : DENIED_EXPOSURE;
}

static void note_entry(PortfolioRiskState *risk, const RiskVerdict *verdict, int64_t now_us) {
    int index = desk_of(risk, verdict->symbol);
    bool enters = verdict->decision == DECISION_BUY && verdict->verdict == ALLOWED;
    if (index >= 0 && enters) risk->entered_us[index] = now_us;
}

static void hear_signal(PortfolioRiskState *risk, const Signal *signal, int64_t now_us,
                        Outbox *outbox) {
    if (signal->decision == DECISION_HOLD) return;
    bool own = is_of_strategy(signal), buys = signal->decision == DECISION_BUY;
    SocialRiskAdjustment social = adjustment_of(risk, signal, now_us);
    bool correlated = buys && goes_with_held(risk, signal, &social, now_us);
    double size = largest_entry(risk, signal, &social, correlated);
    double stop = own ? signal->stop_loss_fraction : risk->stop_fraction;
    double target = own ? signal->take_profit_fraction : risk->target_fraction;
    RiskVerdict *verdict = outbox_publish(outbox, TOPIC_RISK_ENRICHED_SIGNALS);
    memcpy(verdict->signal_id, signal->id, sizeof verdict->signal_id);
    memcpy(verdict->symbol, signal->symbol, sizeof verdict->symbol);
    verdict->decision = signal->decision;
    verdict->verdict = judge(risk, signal, size);
    verdict->size_fraction = size;
    verdict->smallest = signal->unproven && !own;
    verdict->confidence = signal->confidence;
    verdict->score = signal->score;
    verdict->unproven = signal->unproven;
    verdict->stop_loss_fraction = smaller(stop * (1 + social.stop_loss_adj), 1);
    verdict->take_profit_fraction = smaller(target * (1 + social.take_profit_adj), TARGET_MAX);
    verdict->market_timestamp = signal->market_timestamp;
    verdict->price = signal->price;
    note_entry(risk, verdict, now_us);
    if (correlated)
        outbox_log(outbox, LOG_INFO, "%s %s goes with what is held: half its size", signal->id,
                   signal->symbol);
}

static void hear_symbol(PortfolioRiskState *risk, const SymbolFilters *filters) {
    Symbol symbol;
    if (symbol_from_filters(filters, &symbol)) symbol_table_put(&risk->symbols, &symbol);
}

static void hear_bar(PortfolioRiskState *risk, const MarketBar *bar) {
    int64_t length_us = interval_us((Interval)bar->interval), end_us = bar->open_time + length_us;
    if (end_us % INSTANT_HOUR_US != 0) return;
    int index = desk_of(risk, bar->symbol);
    if (index < 0) return;
    hourly_closes_put(&risk->desks[index].closes, length_us, end_us, price_double(bar->close));
}

static void hear_social(PortfolioRiskState *risk, const SocialRiskAdjustment *social) {
    int index = desk_of(risk, social->symbol);
    if (index >= 0) risk->desks[index].social = *social;
}

static void learn_held(PortfolioRiskState *risk, const Holdings *holdings) {
    memset(risk->held, 0, sizeof risk->held);
    for (unsigned i = 0; i < holdings->positions_count; i++) {
        int index = desk_of(risk, holdings->positions[i].symbol);
        if (index >= 0) risk->held[index] = true;
    }
}

static void hear_holdings(PortfolioRiskState *risk, const Holdings *holdings, Outbox *outbox) {
    risk->exposure = holdings->exposure;
    risk->drawdown = holdings->drawdown;
    risk->positions = holdings->positions_count;
    risk->largest_weight = 0;
    for (unsigned i = 0; i < holdings->positions_count; i++)
        if (holdings->positions[i].weight > risk->largest_weight)
            risk->largest_weight = holdings->positions[i].weight;
    learn_held(risk, holdings);
    bool breach = risk->drawdown >= risk->drawdown_limit;
    if (breach != risk->breached)
        outbox_log(outbox, breach ? LOG_WARNING : LOG_INFO,
                   breach ? "Drawdown limit reached: no entries"
                          : "Drawdown is below its limit again");
    risk->breached = breach;
    PortfolioRisk *said = outbox_publish(outbox, TOPIC_PORTFOLIO_RISK);
    said->time = holdings->time;
    said->exposure = risk->exposure;
    said->exposure_limit = risk->exposure_limit;
    said->drawdown = risk->drawdown;
    said->drawdown_limit = risk->drawdown_limit;
    said->largest_weight = risk->largest_weight;
    said->allocation_limit = risk->allocation_limit;
    said->positions = risk->positions;
    said->entries_allowed = !breach && risk->exposure < risk->exposure_limit;
}

static void portfolio_risk_step(void *state, const Message *message, Outbox *outbox) {
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(state, message->payload);
        break;
    case TOPIC_HISTORY_BARS:
    case TOPIC_BARS:
        hear_bar(state, message->payload);
        break;
    case TOPIC_SOCIAL_RISK_ADJUSTMENTS:
        hear_social(state, message->payload);
        break;
    case TOPIC_TRADING_SIGNALS:
        hear_signal(state, message->payload, message->time_us, outbox);
        break;
    default:
        hear_holdings(state, message->payload, outbox);
    }
}

const Service service_portfolio_risk = {
    .name = "portfolio_risk",
    .label = "PortfolioRisk",
    .sentence = "Judges signals against the limits of the whole portfolio and says how large an "
                "entry may be.",
    .stage = STAGE_RISK,
    .port = 8011,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_HISTORY_BARS, TOPIC_BARS, TOPIC_SOCIAL_RISK_ADJUSTMENTS,
          TOPIC_TRADING_SIGNALS, TOPIC_HOLDINGS),
    SAYS(TOPIC_RISK_ENRICHED_SIGNALS, TOPIC_PORTFOLIO_RISK),
    .state_size = portfolio_risk_state_size,
    .init = portfolio_risk_init,
    .step = portfolio_risk_step,
};
