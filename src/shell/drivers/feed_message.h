/* SPDX-License-Identifier: Apache-2.0 */
/* A feed's event as an input of the kernel: its topic and payload. Pure; the payload is the
 * caller's. */
#ifndef SHELL_DRIVERS_FEED_MESSAGE_H
#define SHELL_DRIVERS_FEED_MESSAGE_H

#include "core/bus/message.h"
#include "core/market/feed_event.h"

typedef union FeedPayload {
    SymbolFilters symbol;
    MarketBar bar;
    PriceMove price;
    FeedStatus status;
} FeedPayload;

Topic feed_message(const FeedEvent *event, bool live, FeedPayload *payload);
/* True for topics whose inputs come from the feed: they count as its events when it is read on
 * after a restart. */
bool feed_message_is_topic(unsigned topic);

#endif
