/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lab/lab_feed.h"

#include <string.h>

#include "core/bus/feed_message.h"

/* ---- the plan ------------------------------------------------------------------------------ */

static bool interval_of(int64_t length_us, Interval *interval) {
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        *interval = (Interval)i;
        if (interval_us(*interval) == length_us) return true;
    }
    return false;
}

static bool check_order(const LabPlan *plan, unsigned index, Error *error) {
    const Symbol *symbol = &plan->markets[index].symbol;
    if (index == 0) return true;
    const LabMarket *before = &plan->markets[index - 1];
    if (strcmp(before->symbol.quote.text, symbol->quote.text) != 0)
        return error_set(error, ERROR_CONFIG,
                         "symbols with different quote assets cannot share a balance",
                         symbol->name.text, "choose symbols of one quote asset");
    if (before->candles.length_us != plan->markets[index].candles.length_us)
        return error_set(error, ERROR_DATA, "markets of several intervals", symbol->name.text,
                         "all candles of one backtest have one interval");
    return strcmp(before->symbol.name.text, symbol->name.text) < 0 ||
           error_set(error, ERROR_USAGE, "a symbol is named twice, or not in order of the names",
                     symbol->name.text, NULL);
}

static bool check_markets(const LabPlan *plan, Error *error) {
    if (plan->market_count == 0 || plan->market_count > LIMIT_SYMBOLS)
        return error_set(error, ERROR_USAGE, "not 1 to 32 symbols", "symbols", NULL);
    for (unsigned i = 0; i < plan->market_count; i++) {
        const LabMarket *market = &plan->markets[i];
        if (market->first >= market->end || market->end > market->candles.count)
            return error_set(error, ERROR_DATA, "no candles between the dates asked for",
                             market->symbol.name.text, NULL);
        if (!check_order(plan, i, error)) return false;
    }
    return true;
}

/* ---- the line of events -------------------------------------------------------------------- */

static int64_t social_time(const LabFeed *feed) {
    return social_line_due(&feed->line, &feed->social, feed->start_us);
}

static void find_next(LabFeed *feed) {
    feed->next_us = INT64_MAX;
    for (unsigned i = 0; i < feed->plan->market_count; i++) {
        const LabMarketFeed *market = &feed->markets[i];
        if (market->step != LAB_ENDED && market->time_us < feed->next_us)
            feed->next_us = market->time_us;
    }
    /* What became known after the last candle is nobody's any more. */
    if (feed->next_us != INT64_MAX && social_time(feed) < feed->next_us)
        feed->next_us = social_time(feed);
}

/* Behind a bar's close: the next bar's open, or first what is missing before it. */
static void become_next(LabFeed *feed, unsigned index) {
    const LabMarket *market = &feed->plan->markets[index];
    LabMarketFeed *at = &feed->markets[index];
    int64_t expected_us = at->time_us + 1;
    if (++at->bar == market->end) {
        at->step = LAB_ENDED;
        return;
    }
    at->time_us = market->candles.time_us[at->bar];
    at->step = at->time_us > expected_us ? LAB_GAP : LAB_OPEN;
}

bool lab_feed_init(LabFeed *feed, const LabPlan *plan, Error *error) {
    *feed = (LabFeed){.plan = plan, .line = lab_social_line(plan)};
    if (!check_markets(plan, error)) return false;
    feed->length_us = plan->markets[0].candles.length_us;
    if (!interval_of(feed->length_us, &feed->interval))
        return error_set(error, ERROR_DATA, "candles of an interval that the services do not know",
                         plan->markets[0].symbol.name.text,
                         "the intervals are 1m, 3m, 5m, 15m, 1h, 4h and 1d");
    for (unsigned i = 0; i < plan->market_count; i++) {
        const LabMarket *market = &plan->markets[i];
        feed->markets[i] = (LabMarketFeed){.step = LAB_OPEN,
                                           .bar = market->first,
                                           .time_us = market->candles.time_us[market->first]};
    }
    feed->start_us = INT64_MAX;
    for (unsigned i = 0; i < plan->market_count; i++)
        if (feed->markets[i].time_us < feed->start_us) feed->start_us = feed->markets[i].time_us;
    find_next(feed);
    return true;
}

static void say_gap(LabFeed *feed, const CandleSeries *candles, LabMarketFeed *at,
                    FeedEvent *event) {
    int64_t from_us = candles->time_us[at->bar - 1] + feed->length_us;
    Text text = TEXT_IN(event->status.text);
    event->kind = FEED_STATUS;
    event->status.state = FEED_GAP;
    feed_gap_text(from_us, (at->time_us - from_us) / feed->length_us, feed->interval, &text);
    at->step = LAB_OPEN;
}

static void say_open(LabFeed *feed, const CandleSeries *candles, LabMarketFeed *at,
                     FeedEvent *event) {
    event->kind = FEED_OPEN;
    event->price.last = event->price.high = event->price.low = price_of(candles->open[at->bar]);
    at->step = LAB_BAR;
    at->time_us += feed->length_us - 1;
}

static void say_bar(LabFeed *feed, unsigned index, FeedEvent *event) {
    event->kind = FEED_BAR;
    event->candle.bar =
        candle_series_bar(&feed->plan->markets[index].candles, feed->markets[index].bar);
    event->candle.interval = feed->interval;
    event->candle.missed = false;
    become_next(feed, index);
}

bool lab_feed_say(LabFeed *feed, FeedEvent *event) {
    if (feed->next_us != INT64_MAX && social_time(feed) == feed->next_us) {
        feed_event_social(&feed->line, &feed->social, feed->start_us, event);
        return true;
    }
    unsigned found = feed->plan->market_count;
    for (unsigned i = 0; i < feed->plan->market_count; i++) {
        const LabMarketFeed *at = &feed->markets[i];
        if (at->step == LAB_ENDED || at->time_us != feed->next_us) continue;
        if (found == feed->plan->market_count || at->step < feed->markets[found].step) found = i;
    }
    if (found == feed->plan->market_count) {
        find_next(feed);
        return false;
    }
    const LabMarket *market = &feed->plan->markets[found];
    LabMarketFeed *at = &feed->markets[found];
    event->time_us = feed->next_us;
    event->symbol = market->symbol.name;
    if (at->step == LAB_GAP)
        say_gap(feed, &market->candles, at, event);
    else if (at->step == LAB_OPEN)
        say_open(feed, &market->candles, at, event);
    else
        say_bar(feed, found, event);
    return true;
}
