/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portfolio risk: judges every signal against the limits of the whole portfolio (drawdown,
 * exposure, allocation) and against what the analyst has proven, and says how large an entry may be
 * at most. It never makes an exit harder.
 */
#include <string.h>

#include "core/bus/service.h"
#include "core/bus/shape.h"

/* ---- state --------------------------------------------------------------------------------- */

typedef struct PortfolioRiskState {
    double position_size, allocation_limit, exposure_limit, drawdown_limit, risk_per_trade;
    double confidence_threshold, score_threshold, stop_fraction, target_fraction;
    double exposure, drawdown, largest_weight; /* as last heard */
    int64_t positions;
    bool breached; /* said once an episode */
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
}

/* ---- step ---------------------------------------------------------------------------------- */

static double smaller(double a, double b) {
    return a < b ? a : b;
}

/* A strategy's own signal says how large its entry is to be. */
static bool is_of_strategy(const Signal *signal) {
    return signal->size_fraction > 0;
}

/* Of equity: the loss at the stop is at most risk_per_trade (without a stop nothing bounds it), the
 * position at most its allocation, all at most the exposure limit. A limit of all equity is none:
 * on spot cash decides, to the unit, in the gate. */
static double largest_entry(const PortfolioRiskState *risk, const Signal *signal) {
    bool own = is_of_strategy(signal);
    double stop = own ? signal->stop_loss_fraction : risk->stop_fraction;
    double size = smaller(risk->position_size, risk->allocation_limit);
    if (own) size = smaller(size, signal->size_fraction);
    if (stop > 0) size = smaller(size, risk->risk_per_trade / stop);
    if (risk->exposure_limit >= 1) return size;
    double room = risk->exposure_limit - risk->exposure;
    return room > 0 ? smaller(size, room) : 0;
}

static RefusalCode judge(const PortfolioRiskState *risk, const Signal *signal) {
    bool own = is_of_strategy(signal);
    if (signal->decision != DECISION_BUY) return ALLOWED;
    if (!own && signal->score < risk->score_threshold) return DENIED_SCORE_TOO_LOW;
    if (!own && !signal->unproven && signal->confidence < risk->confidence_threshold)
        return DENIED_CONFIDENCE_TOO_LOW;
    if (risk->drawdown >= risk->drawdown_limit) return DENIED_DRAWDOWN;
    return largest_entry(risk, signal) > 0 ? ALLOWED : DENIED_EXPOSURE;
}

static void hear_signal(const PortfolioRiskState *risk, const Signal *signal, Outbox *outbox) {
    if (signal->decision == DECISION_HOLD) return;
    bool own = is_of_strategy(signal);
    RiskVerdict *verdict = outbox_publish(outbox, TOPIC_RISK_ENRICHED_SIGNALS);
    memcpy(verdict->signal_id, signal->id, sizeof verdict->signal_id);
    memcpy(verdict->symbol, signal->symbol, sizeof verdict->symbol);
    verdict->decision = signal->decision;
    verdict->verdict = judge(risk, signal);
    verdict->size_fraction = largest_entry(risk, signal);
    verdict->smallest = signal->unproven && !own;
    verdict->confidence = signal->confidence;
    verdict->score = signal->score;
    verdict->unproven = signal->unproven;
    verdict->stop_loss_fraction = own ? signal->stop_loss_fraction : risk->stop_fraction;
    verdict->take_profit_fraction = own ? signal->take_profit_fraction : risk->target_fraction;
    verdict->market_timestamp = signal->market_timestamp;
    verdict->price = signal->price;
}

static void hear_holdings(PortfolioRiskState *risk, const Holdings *holdings, Outbox *outbox) {
    risk->exposure = holdings->exposure;
    risk->drawdown = holdings->drawdown;
    risk->positions = holdings->positions_count;
    risk->largest_weight = 0;
    for (unsigned i = 0; i < holdings->positions_count; i++)
        if (holdings->positions[i].weight > risk->largest_weight)
            risk->largest_weight = holdings->positions[i].weight;
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
    if (message->topic == TOPIC_TRADING_SIGNALS)
        hear_signal(state, message->payload, outbox);
    else
        hear_holdings(state, message->payload, outbox);
}

const Service service_portfolio_risk = {
    .name = "portfolio_risk",
    .label = "PortfolioRisk",
    .sentence = "Judges signals against the limits of the whole portfolio and says how large an "
                "entry may be.",
    .stage = STAGE_RISK,
    .port = 8011,
    HEARS(TOPIC_TRADING_SIGNALS, TOPIC_HOLDINGS),
    SAYS(TOPIC_RISK_ENRICHED_SIGNALS, TOPIC_PORTFOLIO_RISK),
    .state_size = portfolio_risk_state_size,
    .init = portfolio_risk_init,
    .step = portfolio_risk_step,
};
