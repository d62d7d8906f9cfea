/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AI analyzer: at closes on a grid it says what it makes of each symbol, as a trading signal
 * with its reasons. Its local analyst is a transparent sum of factors over indicators and social
 * data; a language model judges in its place where one is configured, asked only when something has
 * changed, within a budget, and never trusted: core/analyst/analyst.h has the rules. Confidence is
 * measured from the outcomes of earlier signals, traded or not.
 */
#include "core/analyst/analyst.h"
#include "core/bus/convert.h"
#include "core/bus/service.h"

static size_t ai_analyzer_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(Analyst);
}

static void ai_analyzer_init(void *state, const Settings *settings) {
    analyst_init(state, settings);
}

static void hear_symbol(Analyst *analyst, const SymbolFilters *filters) {
    Symbol symbol;
    if (symbol_from_filters(filters, &symbol)) symbol_table_put(&analyst->symbols, &symbol);
}

static void ai_analyzer_step(void *state, const Message *message, Outbox *outbox) {
    int64_t now_us = message->time_us;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(state, message->payload);
        break;
    case TOPIC_RESTORED_OUTCOMES:
        analyst_hear_restored(state, message->payload);
        break;
    case TOPIC_RESTORED_CALLS:
        analyst_hear_spent(state, message->payload);
        break;
    case TOPIC_PROMPT_TEMPLATES:
        analyst_hear_prompt(state, message->payload, outbox);
        break;
    case TOPIC_SOCIAL_UPDATES:
        analyst_hear_social(state, message->payload);
        break;
    case TOPIC_SOCIAL_IMPACT:
        analyst_hear_impact(state, message->payload);
        break;
    case TOPIC_BARS:
        analyst_hear_bar(state, message->payload, now_us, outbox);
        break;
    case TOPIC_OUTSIDE_REPLIES:
        analyst_hear_reply(state, message->payload, now_us, outbox);
        break;
    case TOPIC_TIMERS:
        analyst_hear_timer(state, message->payload, now_us, outbox);
        break;
    default:
        analyst_hear_market(state, message->payload, now_us, outbox);
    }
}

const Service service_ai_analyzer = {
    .name = "ai_analyzer",
    .label = "AIAnalyzer",
    .sentence = "Turns market data into trading signals with reasons; its confidence is its "
                "measured hit rate.",
    .stage = STAGE_SIGNAL,
    .port = 8003,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_BARS, TOPIC_MARKET_UPDATES, TOPIC_SOCIAL_UPDATES,
          TOPIC_SOCIAL_IMPACT, TOPIC_OUTSIDE_REPLIES, TOPIC_PROMPT_TEMPLATES, TOPIC_TIMERS,
          TOPIC_RESTORED_OUTCOMES, TOPIC_RESTORED_CALLS),
    SAYS(TOPIC_TRADING_SIGNALS, TOPIC_SIGNAL_OUTCOMES, TOPIC_OUTSIDE_REQUESTS, TOPIC_MODEL_CALLS,
         TOPIC_MODEL_OPINIONS, TOPIC_MARKET_VIEWS, TOPIC_MODEL_REGISTRATIONS),
    .state_size = ai_analyzer_state_size,
    .init = ai_analyzer_init,
    .step = ai_analyzer_step,
};
