/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live market: the prices that the public feed of another venue folds to four a second, as
 * prints. The feed tells no quantities: a price counts as its share of the minute before, and when
 * the venue has closed the minute, its own candle takes the place of ours. Orders here meet these
 * prices and never reach the other venue.
 */
#include <poll.h>

#include "shell/exchange/exchange_market_parts.h"
#include "shell/sys/clock.h"

#define WAIT_US         (90 * INSTANT_SECOND_US) /* for the history of all symbols */
#define WAIT_STEP_MS    100
#define PRICES_A_MINUTE 240  /* of a busy symbol: one in 250 ms */
#define EVENTS_AT_ONCE  4096 /* of one tick: a backlog is read over several */

/* What one price of this pair counts for: at least one step, so that it is a trade. */
static Quantity share_of_minute(const ExchangePair *pair) {
    const Bar *bar = exchange_bar(pair, 0);
    Quantity step = pair->symbol.filters.step, whole;
    if (!bar || !quantity_from_double(bar->volume / PRICES_A_MINUTE, &whole)) return step;
    whole = quantity_floor(whole, step);
    return whole.units > step.units ? whole : step;
}

static void say_price(ExchangeMarket *market, unsigned index, const FeedEvent *event,
                      ExchangeHeard *heard, void *context) {
    const ExchangePair *pair = &market->exchange->pairs[index];
    bool rises = event->price.last.units >= pair->last.units;
    /* The extreme against its direction comes first, as within a candle (core/sim/bar_path.h). */
    const Price path[] = {rises ? event->price.low : event->price.high,
                          rises ? event->price.high : event->price.low, event->price.last};
    int64_t before = pair->last.units;
    for (unsigned i = 0; i < 3; i++) {
        bool repeats = path[i].units == before && i < 2;
        if (repeats || path[i].units <= 0) continue;
        ExchangePrint print = {.time_us = event->time_us,
                               .price = path[i],
                               .quantity = share_of_minute(pair),
                               .buyer_is_maker = path[i].units < before};
        before = path[i].units;
        exchange_market_say(market, index, print, heard, context);
    }
}

static void take_bar(ExchangeMarket *market, unsigned pair, const FeedEvent *event) {
    if (event->candle.interval == INTERVAL_1M)
        exchange_correct(market->exchange, pair, &event->candle.bar);
}

static void take_event(ExchangeMarket *market, const FeedEvent *event, ExchangeHeard *heard,
                       void *context) {
    if (event->kind == FEED_SYMBOL) {
        int listed = exchange_list_pair(market->exchange, &event->listed);
        if (listed >= 0) market->exchange->pairs[listed].symbol.filters = event->listed.filters;
        return;
    }
    int pair = exchange_find_pair(market->exchange, slice_of(event->symbol.text));
    if (pair < 0) return;
    if (event->kind == FEED_PRICE && heard)
        say_price(market, (unsigned)pair, event, heard, context);
    if (event->kind == FEED_BAR || event->kind == FEED_HISTORY)
        take_bar(market, (unsigned)pair, event);
}

static bool read_some(ExchangeMarket *market, ExchangeHeard *heard, void *context, Error *error) {
    FeedEvent event;
    for (unsigned i = 0; i < EVENTS_AT_ONCE; i++) {
        FeedAnswer answer = market->feed->next(market->feed, &event, error);
        if (answer == FEED_FAILED) return false;
        if (answer != FEED_EVENT) return true;
        take_event(market, &event, heard, context);
    }
    return true;
}

static bool knows_all(const Exchange *exchange) {
    for (unsigned i = 0; i < exchange->pair_count; i++)
        if (exchange->pairs[i].last.units <= 0) return false;
    return exchange->pair_count > 0;
}

bool exchange_live_open(ExchangeMarket *market, const ExchangeMarketPlan *plan, Error *error) {
    int64_t until_us = clock_monotonic_us() + WAIT_US;
    market->feed = feed_binance_open(&plan->live, error);
    if (!market->feed) return false;
    while (!knows_all(market->exchange)) {
        struct pollfd wake = {.fd = market->feed->wake_descriptor, .events = POLLIN};
        if (!read_some(market, NULL, NULL, error)) return false;
        if (clock_monotonic_us() > until_us)
            return error_set(error, ERROR_STATE, "no history from the venue that is followed",
                             plan->live.rest_url, "are BINANCE_REST_URL and BINANCE_WS_URL right?");
        poll(&wake, 1, WAIT_STEP_MS);
    }
    exchange_market_start(market, clock_wall_us(), 0);
    return true;
}

bool exchange_live_play(ExchangeMarket *market, ExchangeHeard *heard, void *context, Error *error) {
    return read_some(market, heard, context, error);
}
