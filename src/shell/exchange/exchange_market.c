/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/exchange/exchange_market_parts.h"

#include <string.h>

#include "core/sim/bar_path.h"
#include "shell/sys/clock.h"

/* ---- reading ------------------------------------------------------------------------------- */

static FeedAnswer next_event(ExchangeMarket *market, FeedEvent *event, Error *error) {
    if (market->has_waiting) {
        market->has_waiting = false;
        *event = market->waiting;
        return FEED_EVENT;
    }
    return market->feed->next(market->feed, event, error);
}

/* A price times a factor, on the grid and within the filters. */
Price exchange_market_scaled(Price price, int64_t ppm, const Filters *filters) {
    __int128 units = (__int128)price.units * ppm / 1000000;
    if (filters->tick.units) units -= units % filters->tick.units;
    if (filters->price_max.units && units > filters->price_max.units)
        units = filters->price_max.units;
    if (units < filters->price_min.units) units = filters->price_min.units;
    return price_of(units > INT64_MAX ? price.units : units > 0 ? (int64_t)units : 1);
}

/* The newest minute that an earlier run has told; 0: none. */
int64_t exchange_market_newest_us(const Exchange *exchange) {
    int64_t newest = 0;
    for (unsigned i = 0; i < exchange->pair_count; i++) {
        const ExchangePair *pair = &exchange->pairs[i];
        const Bar *bar = exchange_bar(pair, 0);
        if (bar && bar->time_us > newest) newest = bar->time_us;
        if (pair->minute.bars && pair->minute.time_us > newest) newest = pair->minute.time_us;
    }
    return newest;
}

/* Behind a restart: at the price that the exchange had. */
static void fit(ExchangeMarket *market, unsigned index, Bar *bar) {
    const ExchangePair *pair = &market->exchange->pairs[index];
    int64_t *ppm = &market->fit_ppm[index];
    Price *prices[] = {&bar->open, &bar->high, &bar->low, &bar->close};
    if (!market->fits || bar->open.units <= 0) return;
    if (!*ppm && pair->last.units > 0)
        *ppm = (int64_t)((__int128)pair->last.units * 1000000 / bar->open.units);
    for (unsigned i = 0; i < 4 && *ppm; i++)
        *prices[i] = exchange_market_scaled(*prices[i], *ppm, &pair->symbol.filters);
}

/* The bars of one minute of all pairs. False at the end or when the feed fails (`*failed`). */
static bool read_minute(ExchangeMarket *market, bool *failed, Error *error) {
    market->count = 0;
    for (;;) {
        FeedEvent event;
        FeedAnswer answer = next_event(market, &event, error);
        *failed = answer == FEED_FAILED;
        if (answer != FEED_EVENT) return answer == FEED_ENDED && market->count > 0;
        if (event.kind == FEED_SYMBOL) exchange_list_pair(market->exchange, &event.listed);
        if (event.kind != FEED_BAR || event.candle.interval != INTERVAL_1M) continue;
        int pair = exchange_find_pair(market->exchange, slice_of(event.symbol.text));
        if (pair < 0) continue;
        if (market->count && event.candle.bar.time_us != market->minute_us) {
            market->waiting = event;
            market->has_waiting = true;
            return true;
        }
        market->minute_us = event.candle.bar.time_us;
        if (market->minute_us > market->told_us) fit(market, (unsigned)pair, &event.candle.bar);
        if (market->count < LIMIT_SYMBOLS)
            market->minutes[market->count++] = (MarketMinute){event.candle.bar, pair};
    }
}

static bool read_past(ExchangeMarket *market, unsigned minutes, Error *error) {
    bool failed = false;
    for (unsigned i = 0; i < minutes; i++) {
        if (!read_minute(market, &failed, error)) return !failed;
        for (unsigned k = 0; k < market->count && market->minute_us > market->told_us; k++)
            exchange_history(market->exchange, (unsigned)market->minutes[k].pair,
                             &market->minutes[k].bar);
    }
    return true;
}

/* The next minute that nobody has heard of. */
static bool read_next(ExchangeMarket *market, Error *error) {
    bool failed = false;
    do
        if (!read_minute(market, &failed, error)) return !failed;
    while (market->minute_us <= market->told_us);
    return true;
}

void exchange_market_start(ExchangeMarket *market, int64_t begin_us, int64_t late_us) {
    market->begun_us = market->now_us = begin_us;
    market->begun_at_us = clock_monotonic_us() - (int64_t)((double)late_us / market->speed);
}

static bool open_minutes(ExchangeMarket *market, const ExchangeMarketPlan *plan, Error *error) {
    bool is_recorded = plan->replay.path_count > 0;
    market->feed = is_recorded ? feed_replay_open(&plan->replay, error)
                               : feed_generated_open(&plan->generated, error);
    market->fits = plan->resumes && !is_recorded;
    /* A recording that goes on has no past beside what was told. */
    unsigned past = plan->resumes && is_recorded ? 0 : plan->history_minutes;
    if (!market->feed || !read_past(market, past, error) || !read_next(market, error)) return false;
    if (market->count == 0)
        return error_set(error, ERROR_DATA, "the market has no minute after its history", NULL,
                         "a longer recording, or a smaller --history");
    /* A generated market ends its past with the last whole minute: it begins a little late. */
    int64_t late_us = clock_wall_us() - market->minute_us;
    if (late_us < 0 || late_us > 2 * INSTANT_MINUTE_US) late_us = 0;
    exchange_market_start(market, market->minute_us, late_us);
    return true;
}

bool exchange_market_open(ExchangeMarket *market, Exchange *exchange,
                          const ExchangeMarketPlan *plan, Error *error) {
    memset(market, 0, sizeof *market);
    market->source = plan->source;
    market->exchange = exchange;
    market->speed = plan->speed;
    market->told_us = plan->resumes ? exchange_market_newest_us(exchange) : 0;
    bool sound = plan->source == MARKET_LIVE     ? exchange_live_open(market, plan, error)
                 : plan->source == MARKET_TRADES ? exchange_trades_open(market, plan, error)
                                                 : open_minutes(market, plan, error);
    if (!sound) exchange_market_close(market);
    return sound;
}

void exchange_market_close(ExchangeMarket *market) {
    if (market->feed) market->feed->close(market->feed);
    market->feed = NULL;
    trade_merge_close(market->trades);
    market->trades = NULL;
}

/* ---- playing ------------------------------------------------------------------------------- */

int64_t exchange_market_now_us(const ExchangeMarket *market) {
    if (market->source == MARKET_LIVE) return clock_wall_us();
    if (market->ended) return market->now_us;
    int64_t past_us = clock_monotonic_us() - market->begun_at_us;
    return market->begun_us + (int64_t)((double)past_us * market->speed);
}

void exchange_market_say(ExchangeMarket *market, unsigned pair, ExchangePrint print,
                         ExchangeHeard *heard, void *context) {
    int64_t ppm = market->jump_ppm ? market->jump_ppm[pair] : 0;
    const Filters *filters = &market->exchange->pairs[pair].symbol.filters;
    if (ppm) print.price = exchange_market_scaled(print.price, ppm, filters);
    bool closed = exchange_print(market->exchange, pair, &print);
    heard(context, pair, closed);
}

static void play_step(ExchangeMarket *market, ExchangeHeard *heard, void *context) {
    for (unsigned i = 0; i < market->count; i++) {
        const MarketMinute *minute = &market->minutes[i];
        unsigned pair = (unsigned)minute->pair;
        const Filters *filters = &market->exchange->pairs[pair].symbol.filters;
        exchange_market_say(market, pair, bar_path(&minute->bar, filters, market->step), heard,
                            context);
    }
    market->step++;
}

/* When the next step's prints are due: a gap of the recording is waited through like a quiet hour.
 */
static int64_t due_us(const ExchangeMarket *market) {
    return market->minute_us + (INSTANT_MINUTE_US - 1) * market->step / (BAR_PATH_STEPS - 1);
}

bool exchange_market_play(ExchangeMarket *market, ExchangeHeard *heard, void *context,
                          Error *error) {
    bool failed = false;
    market->now_us = exchange_market_now_us(market);
    if (market->source == MARKET_LIVE) return exchange_live_play(market, heard, context, error);
    if (market->source == MARKET_TRADES) return exchange_trades_play(market, heard, context, error);
    while (!market->ended && due_us(market) <= market->now_us) {
        play_step(market, heard, context);
        if (market->step < BAR_PATH_STEPS) continue;
        market->step = 0;
        if (read_minute(market, &failed, error)) continue;
        market->ended = true;
    }
    return !failed;
}
