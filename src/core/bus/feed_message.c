/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bus/feed_message.h"

#include <string.h>

#include "core/bus/convert.h"

static FeedCondition condition_of(FeedState state) {
    static const FeedCondition conditions[] = {
        [FEED_CONNECTING] = CONDITION_CONNECTING, [FEED_LIVE] = CONDITION_LIVE,
        [FEED_STALE] = CONDITION_STALE,           [FEED_GAP] = CONDITION_GAP,
        [FEED_REFUSED] = CONDITION_REFUSED,       [FEED_BACKFILL] = CONDITION_BACKFILL,
    };
    return conditions[state];
}

static Topic bar_message(const FeedEvent *event, bool live, MarketBar *bar) {
    message_from_bar(event->symbol.text, event->candle.interval, &event->candle.bar, bar);
    bar->live = live && !event->candle.missed;
    return event->kind == FEED_HISTORY ? TOPIC_HISTORY_BARS : TOPIC_BARS;
}

Topic feed_message(const FeedEvent *event, bool live, FeedPayload *payload) {
    memset(payload, 0, sizeof *payload);
    switch (event->kind) {
    case FEED_SYMBOL:
        filters_from_symbol(&event->listed, &payload->symbol);
        return TOPIC_SYMBOL_FILTERS;
    case FEED_HISTORY:
    case FEED_BAR:
        return bar_message(event, live, &payload->bar);
    case FEED_SOCIAL:
        payload->reading = *event->reading;
        return TOPIC_SOCIAL_READINGS;
    case FEED_STATUS:
        memcpy(payload->status.symbol, event->symbol.text, sizeof payload->status.symbol);
        payload->status.condition = condition_of(event->status.state);
        memcpy(payload->status.text, event->status.text, sizeof payload->status.text);
        return TOPIC_FEED_STATUS;
    default:
        memcpy(payload->price.symbol, event->symbol.text, sizeof payload->price.symbol);
        payload->price.price = event->price.last;
        payload->price.high = event->price.high;
        payload->price.low = event->price.low;
        return TOPIC_PRICES;
    }
}

void feed_event_reading(const SocialReading *reading, int64_t start_us, FeedEvent *event) {
    *event = (FeedEvent){.time_us = reading->known > start_us ? reading->known : start_us,
                         .kind = FEED_SOCIAL,
                         .reading = reading};
    memcpy(event->symbol.text, reading->symbol, sizeof event->symbol.text);
}

bool feed_message_is_topic(unsigned topic) {
    return topic == TOPIC_SYMBOL_FILTERS || topic == TOPIC_HISTORY_BARS || topic == TOPIC_BARS ||
           topic == TOPIC_FEED_STATUS || topic == TOPIC_PRICES || topic == TOPIC_SOCIAL_READINGS;
}
