/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed's event as an input of the kernel: its topic and payload. Engine and lab turn the same
 * event into the same message here, so that the same data leave the same journal. Pure; the payload
 * is the caller's.
 */
#ifndef CORE_BUS_FEED_MESSAGE_H
#define CORE_BUS_FEED_MESSAGE_H

#include "core/bus/social_line.h"
#include "core/market/feed_event.h"

typedef union FeedPayload {
    SymbolFilters symbol;
    MarketBar bar;
    PriceMove price;
    FeedStatus status;
    SocialReading reading;
    Headline headline;
} FeedPayload;

/* The next row of stored social history as a feed that starts there says it. */
void feed_event_social(const SocialLine *line, SocialPlace *place, int64_t start_us,
                       FeedEvent *event);
Topic feed_message(const FeedEvent *event, bool live, FeedPayload *payload);
/* True for topics whose inputs come from the feed: they count as its events when it is read on
 * after a restart. */
bool feed_message_is_topic(unsigned topic);

#endif
