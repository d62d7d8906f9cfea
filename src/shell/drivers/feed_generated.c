/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generated feed: the minutes of core/sim/market_model as the same events, in the same order,
 * that a replay of recorded candles would say. One minute of all symbols is made at a time: their
 * opens by name, one microsecond before the next minute their closes by name, and so on, for the
 * days of the plan or without end.
 */
#include <stdlib.h>

#include "core/sim/market_model.h"
#include "shell/drivers/feed.h"

typedef enum Phase { PHASE_SYMBOLS, PHASE_OPENS, PHASE_BARS } Phase;

/* Where it stands in its market. */
typedef struct Place {
    MarketModel model;
    uint64_t minutes_left; /* whole minutes not yet begun; meaningless without end */
    Phase phase;
    unsigned at; /* symbol of the phase */
    uint64_t bars_said;
    Bar bars[LIMIT_SYMBOLS];
} Place;

typedef struct FeedGenerated {
    Feed feed; /* first: the engine's pointer is ours */
    uint64_t seed;
    bool endless;
    Place place;
} FeedGenerated;

static void say_symbol(const FeedGenerated *generated, FeedEvent *event) {
    event->kind = FEED_SYMBOL;
    event->time_us = generated->place.model.time_us;
    event->listed = generated->place.model.assets[generated->place.at].symbol;
}

static void say_open(const FeedGenerated *generated, FeedEvent *event) {
    const Bar *bar = &generated->place.bars[generated->place.at];
    event->kind = FEED_OPEN;
    event->time_us = bar->time_us;
    event->price.last = event->price.high = event->price.low = bar->open;
}

static void say_bar(FeedGenerated *generated, FeedEvent *event) {
    const Bar *bar = &generated->place.bars[generated->place.at];
    event->kind = FEED_BAR;
    event->time_us = bar->time_us + INSTANT_MINUTE_US - 1;
    event->candle.bar = *bar;
    event->candle.interval = INTERVAL_1M;
    generated->place.bars_said++;
}

/* All symbols of a phase were said: the next phase. False at the end of the days. */
static bool turn(FeedGenerated *generated) {
    generated->place.at = 0;
    if (generated->place.phase == PHASE_OPENS) {
        generated->place.phase = PHASE_BARS;
        return true;
    }
    if (!generated->endless && generated->place.minutes_left == 0) return false;
    generated->place.minutes_left--;
    generated->place.phase = PHASE_OPENS;
    market_model_minute(&generated->place.model, generated->place.bars);
    return true;
}

static FeedAnswer generated_next(Feed *feed, FeedEvent *event, Error *error) {
    FeedGenerated *generated = (FeedGenerated *)feed;
    (void)error; /* nothing in here can fail */
    unsigned count = generated->place.model.count;
    if (generated->place.at == count && !turn(generated)) {
        generated->place.at = count; /* asked again, it is still the end */
        return FEED_ENDED;
    }
    *event = (FeedEvent){.symbol = generated->place.model.assets[generated->place.at].symbol.name};
    if (generated->place.phase == PHASE_SYMBOLS) say_symbol(generated, event);
    if (generated->place.phase == PHASE_OPENS) say_open(generated, event);
    if (generated->place.phase == PHASE_BARS) say_bar(generated, event);
    generated->place.at++;
    return FEED_EVENT;
}

static void generated_describe(const Feed *feed, Text *text) {
    const FeedGenerated *generated = (const FeedGenerated *)feed;
    text_format(text, "generated market, seed %D, %d symbol%s, %D bars of 1m so far",
                (int64_t)generated->seed, (int)generated->place.model.count,
                generated->place.model.count == 1 ? "" : "s", (int64_t)generated->place.bars_said);
}

static void generated_close(Feed *feed) {
    free(feed);
}

Feed *feed_generated_open(const FeedGeneratedPlan *plan, Error *error) {
    FeedGenerated *generated = calloc(1, sizeof *generated);
    if (!generated) {
        error_set(error, ERROR_LIMIT, "out of memory", "generated market", "close other programs");
        return NULL;
    }
    generated->feed = (Feed){.name = "generated",
                             .is_virtual = true,
                             .wake_descriptor = -1,
                             .next = generated_next,
                             .describe = generated_describe,
                             .close = generated_close};
    generated->feed.place = &generated->place;
    generated->feed.place_size = sizeof generated->place;
    generated->seed = plan->seed;
    generated->endless = plan->days == 0;
    generated->place.minutes_left = (uint64_t)plan->days * (INSTANT_DAY_US / INSTANT_MINUTE_US);
    if (market_model_init(&generated->place.model, plan->seed, plan->start_us, plan->symbols,
                          plan->symbol_count, error))
        return &generated->feed;
    free(generated);
    return NULL;
}
