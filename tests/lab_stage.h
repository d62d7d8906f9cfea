/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage for tests of trial and lab: markets as columns, taken out of any virtual feed or made
 * by the generated market, and a lab that runs over them. The columns belong to the stage, and live
 * until stage_markets_free.
 */
#ifndef TESTS_LAB_STAGE_H
#define TESTS_LAB_STAGE_H

#include "unit.h"

#include "core/lab/lab.h"
#include "core/sim/market_model.h"
#include "shell/drivers/feed.h"

#define LAB_START   (INSTANT_DAY_US * 19723) /* 2024-01-01 */
#define LAB_BALANCE 10000

typedef struct StageMarkets {
    LabMarket markets[LIMIT_SYMBOLS];
    size_t room[LIMIT_SYMBOLS];
    unsigned count;
} StageMarkets;

static inline void *stage_grown(const void *column, size_t rows, size_t width) {
    void *grown = realloc((void *)(uintptr_t)column, rows * width);
    assert_non_null(grown);
    return grown;
}

static inline void stage_room(StageMarkets *stage, unsigned index, size_t rows) {
    CandleSeries *candles = &stage->markets[index].candles;
    if (rows <= stage->room[index]) return;
    size_t room = stage->room[index] = rows * 2;
    candles->time_us = stage_grown(candles->time_us, room, sizeof *candles->time_us);
    candles->open = stage_grown(candles->open, room, sizeof *candles->open);
    candles->high = stage_grown(candles->high, room, sizeof *candles->high);
    candles->low = stage_grown(candles->low, room, sizeof *candles->low);
    candles->close = stage_grown(candles->close, room, sizeof *candles->close);
    candles->volume = stage_grown(candles->volume, room, sizeof *candles->volume);
    candles->quote_volume = stage_grown(candles->quote_volume, room, sizeof *candles->quote_volume);
    candles->taker = stage_grown(candles->taker, room, sizeof *candles->taker);
    candles->trades = stage_grown(candles->trades, room, sizeof *candles->trades);
}


static inline void stage_set(CandleSeries *candles, size_t row, const Bar *bar) {
    *(int64_t *)(uintptr_t)&candles->time_us[row] = bar->time_us;
    *(int64_t *)(uintptr_t)&candles->open[row] = bar->open.units;
    *(int64_t *)(uintptr_t)&candles->high[row] = bar->high.units;
    *(int64_t *)(uintptr_t)&candles->low[row] = bar->low.units;
    *(int64_t *)(uintptr_t)&candles->close[row] = bar->close.units;
    *(double *)(uintptr_t)&candles->volume[row] = bar->volume;
    *(double *)(uintptr_t)&candles->quote_volume[row] = bar->quote_volume;
    *(double *)(uintptr_t)&candles->taker[row] = bar->taker_volume;
    *(uint32_t *)(uintptr_t)&candles->trades[row] = bar->trades;
}

static inline void stage_add(StageMarkets *stage, unsigned index, const Bar *bar) {
    LabMarket *market = &stage->markets[index];
    stage_room(stage, index, market->candles.count + 1);
    stage_set(&market->candles, market->candles.count++, bar);
    market->end = market->candles.count;
}

static inline unsigned stage_market(const StageMarkets *stage, const char *name) {
    unsigned index = 0;
    while (strcmp(stage->markets[index].symbol.name.text, name) != 0) index++;
    assert_true(index < stage->count);
    return index;
}

/* Everything that a virtual feed says, in order of the symbols' introduction; closes the feed. */
static inline StageMarkets stage_of_feed(Feed *feed) {
    StageMarkets stage = {0};
    FeedEvent event;
    Error error;
    FeedAnswer answer;
    while ((answer = feed->next(feed, &event, &error)) == FEED_EVENT) {
        if (event.kind == FEED_SYMBOL) stage.markets[stage.count++].symbol = event.listed;
        if (event.kind != FEED_BAR) continue;
        unsigned index = stage_market(&stage, event.symbol.text);
        stage.markets[index].candles.length_us = interval_us(event.candle.interval);
        stage.markets[index].candles.symbol = event.symbol;
        stage_add(&stage, index, &event.candle.bar);
    }
    assert_int_equal(answer, FEED_ENDED);
    feed->close(feed);
    return stage;
}

static inline void stage_markets_free(StageMarkets *stage) {
    for (unsigned i = 0; i < stage->count; i++) {
        CandleSeries *candles = &stage->markets[i].candles;
        const void *columns[] = {candles->time_us, candles->open,   candles->high,
                                 candles->low,     candles->close,  candles->volume,
                                 candles->taker,   candles->trades, candles->quote_volume};
        for (unsigned k = 0; k < sizeof columns / sizeof columns[0]; k++)
            free((void *)(uintptr_t)columns[k]);
    }
}

/* Whole days of the generated market, folded to bars of `interval`. */
static inline StageMarkets stage_generated(uint64_t seed, unsigned symbols, unsigned days,
                                           Interval interval) {
    static const SymbolName names[] = {{"BTCUSDC"}, {"ETHUSDC"}, {"SOLUSDC"}, {"XRPUSDC"}};
    StageMarkets stage = {.count = symbols};
    CandleFold folds[LIMIT_SYMBOLS];
    MarketModel *model = malloc(sizeof *model);
    Bar bars[LIMIT_SYMBOLS], closed[2];
    Error error;
    assert_true(model && symbols <= sizeof names / sizeof names[0]);
    assert_true(market_model_init(model, seed, LAB_START, names, symbols, &error));
    for (unsigned i = 0; i < symbols; i++) {
        candle_fold_init(&folds[i], interval);
        stage.markets[i].symbol = model->assets[i].symbol;
        stage.markets[i].candles.symbol = model->assets[i].symbol.name;
        stage.markets[i].candles.length_us = interval_us(interval);
    }
    for (unsigned minute = 0; minute < days * 1440; minute++) {
        market_model_minute(model, bars);
        for (unsigned i = 0; i < symbols; i++) {
            unsigned count = candle_fold_add(&folds[i], &bars[i], closed);
            for (unsigned k = 0; k < count; k++) stage_add(&stage, i, &closed[k]);
        }
    }
    free(model);
    return stage;
}

static inline void stage_name_symbols(const StageMarkets *stage, Settings *settings) {
    Text text = TEXT_IN(settings->trading.symbols);
    for (unsigned i = 0; i < stage->count; i++) {
        if (i) text_char(&text, ',');
        text_put(&text, stage->markets[i].symbol.name.text);
    }
    text_end(&text);
}

/* A plan over the stage's markets, with every service, hashed. */
static inline LabPlan stage_plan(const StageMarkets *stage, const Settings *settings) {
    return (LabPlan){.settings = settings,
                     .services = service_table,
                     .service_count = service_count,
                     .markets = stage->markets,
                     .market_count = stage->count,
                     .balance = money_of((__int128)LAB_BALANCE * DECIMAL_SCALE),
                     .hash = true};
}

static inline void *stage_lab_memory(const LabPlan *plan) {
    size_t size = (lab_memory(plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    assert_non_null(memory);
    memset(memory, 0, size);
    return memory;
}

static inline LabResult stage_run_lab(const LabPlan *plan, TrialOutput *output) {
    LabResult result;
    Error error = {.code = ERROR_NONE};
    void *memory = stage_lab_memory(plan);
    bool sound = lab_run(plan, memory, output, &result, &error);
    if (!sound) print_error("%s: %s\n", error.where, error.message);
    assert_true(sound);
    free(memory);
    return result;
}

#endif
