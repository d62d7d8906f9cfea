/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The markets of a lab as one line of feed events, in the order in which a replay of the same
 * candles says them: at one instant social readings and headlines first, then gaps, then all closes
 * by symbol, then all opens by symbol. Each market holds the one event that it would say next. A
 * plain value over the plan's columns; the lab owns it.
 */
#ifndef CORE_LAB_LAB_FEED_H
#define CORE_LAB_LAB_FEED_H

#include "core/lab/lab.h"
#include "core/market/feed_event.h"

/* In the order in which events of one instant are said. */
typedef enum LabStep { LAB_GAP, LAB_BAR, LAB_OPEN, LAB_ENDED } LabStep;

typedef struct LabMarketFeed {
    LabStep step;
    int64_t time_us; /* of the event to be said */
    size_t bar;      /* row of the market's candles */
} LabMarketFeed;

typedef struct LabFeed {
    const LabPlan *plan;
    Interval interval;
    int64_t length_us;
    unsigned open_count; /* markets that have not ended */
    int64_t next_us;     /* of the earliest event; INT64_MAX: none is left */
    int64_t start_us;
    SocialLine line;
    SocialPlace social; /* what is to be said next of it */
    LabMarketFeed markets[LIMIT_SYMBOLS];
} LabFeed;

/* NULL, or why the plan's markets cannot be fed. */
bool lab_feed_init(LabFeed *feed, const LabPlan *plan, Error *error) MUST_USE;
/* The next event at feed->next_us; false when there is none left at that instant, and next_us has
 * moved on. */
bool lab_feed_say(LabFeed *feed, FeedEvent *event);

#endif
