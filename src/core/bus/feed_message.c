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
    memset(bar, 0, sizeof *bar);
    message_from_bar(event->symbol.text, event->candle.interval, &event->candle.bar, bar);
    bar->live = live && !event->candle.missed;
    return event->kind == FEED_HISTORY ? TOPIC_HISTORY_BARS : TOPIC_BARS;
}

/* Each case clears its own message alone: a headline is much larger than a price. */
Topic feed_message(const FeedEvent *event, bool live, FeedPayload *payload) {
    switch (event->kind) {
    case FEED_SYMBOL:
        memset(&payload->symbol, 0, sizeof payload->symbol);
        filters_from_symbol(&event->listed, &payload->symbol);
        return TOPIC_SYMBOL_FILTERS;
    case FEED_HISTORY:
    case FEED_BAR:
        return bar_message(event, live, &payload->bar);
    case FEED_SOCIAL:
        payload->reading = *event->reading;
        return TOPIC_SOCIAL_READINGS;
    case FEED_NEWS:
        payload->headline = *event->headline;
        return TOPIC_NEWS_HISTORY;
    case FEED_STATUS:
        memset(&payload->status, 0, sizeof payload->status);
        memcpy(payload->status.symbol, event->symbol.text, sizeof payload->status.symbol);
        payload->status.condition = condition_of(event->status.state);
        memcpy(payload->status.text, event->status.text, sizeof payload->status.text);
        return TOPIC_FEED_STATUS;
    default:
        memset(&payload->price, 0, sizeof payload->price);
        memcpy(payload->price.symbol, event->symbol.text, sizeof payload->price.symbol);
        payload->price.price = event->price.last;
        payload->price.high = event->price.high;
        payload->price.low = event->price.low;
        return TOPIC_PRICES;
    }
}

void feed_event_social(const SocialLine *line, SocialPlace *place, int64_t start_us,
                       FeedEvent *event) {
    Topic topic;
    *event = (FeedEvent){.time_us = social_line_due(line, place, start_us), .kind = FEED_NEWS};
    const void *row = social_line_take(line, place, &topic);
    if (topic == TOPIC_NEWS_HISTORY) {
        event->headline = row;
        return;
    }
    event->kind = FEED_SOCIAL;
    event->reading = row;
    memcpy(event->symbol.text, event->reading->symbol, sizeof event->symbol.text);
}

bool feed_message_is_topic(unsigned topic) {
    return topic == TOPIC_SYMBOL_FILTERS || topic == TOPIC_HISTORY_BARS || topic == TOPIC_BARS ||
           topic == TOPIC_FEED_STATUS || topic == TOPIC_PRICES || topic == TOPIC_SOCIAL_READINGS ||
           topic == TOPIC_NEWS_HISTORY;
}
