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
#include "shell/backtest/bar_columns.h"

#define LAB_START   (INSTANT_DAY_US * 19723) /* 2024-01-01 */
#define LAB_BALANCE 10000

typedef BarColumns StageMarkets;

static inline void stage_add(StageMarkets *stage, unsigned index, const Bar *bar) {
    Error error;
    assert_true(bar_columns_add(stage, index, bar, &error));
}

/* Everything that a virtual feed says, in order of the symbols' introduction; closes the feed. */
static inline StageMarkets stage_of_feed(Feed *feed) {
    StageMarkets stage = {0};
    Error error;
    assert_true(bar_columns_of_feed(&stage, feed, &error));
    feed->close(feed);
    return stage;
}

static inline void stage_markets_free(StageMarkets *stage) {
    bar_columns_free(stage);
}

/* Whole days of the generated market, folded to bars of `interval`. */
static inline StageMarkets stage_generated(uint64_t seed, unsigned symbols, unsigned days,
                                           Interval interval) {
    static const SymbolName names[] = {{"BTCUSDC"}, {"ETHUSDC"}, {"SOLUSDC"}, {"XRPUSDC"}};
    StageMarkets stage = {0};
    CandleFold folds[LIMIT_SYMBOLS];
    MarketModel *model = malloc(sizeof *model);
    Bar bars[LIMIT_SYMBOLS], closed[2];
    Error error;
    assert_true(model && symbols <= sizeof names / sizeof names[0]);
    assert_true(market_model_init(model, seed, LAB_START, names, symbols, &error));
    for (unsigned i = 0; i < symbols; i++) {
        candle_fold_init(&folds[i], interval);
        assert_int_equal(
            bar_columns_symbol(&stage, &model->assets[i].symbol, interval_us(interval)), i);
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
