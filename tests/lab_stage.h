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

/* The trial of the same markets, with the costs of the settings, and no limit that binds. */
static inline TrialPlan stage_trial_plan(const StageMarkets *stage, const Settings *settings,
                                         const Strategy *strategy,
                                         TrialMarket markets[static LIMIT_SYMBOLS]) {
    const double bps[] = {settings->paper.fee_bps, settings->paper.spread_bps / 2,
                          settings->paper.slippage_bps};
    int64_t ppm[3];
    for (unsigned i = 0; i < 3; i++) ppm[i] = (int64_t)(bps[i] * 100 + 0.5);
    for (unsigned i = 0; i < stage->count; i++)
        markets[i] = (TrialMarket){.candles = stage->markets[i].candles,
                                   .filters = stage->markets[i].symbol.filters,
                                   .first = stage->markets[i].first,
                                   .end = stage->markets[i].end};
    TrialPlan plan = {.strategy = strategy,
                      .markets = markets,
                      .market_count = stage->count,
                      .balance = money_of((__int128)LAB_BALANCE * DECIMAL_SCALE),
                      .costs = {.fee_ppm = ppm[0],
                                .half_spread_ppm = ppm[1],
                                .slippage_ppm = ppm[2]},
                      .smallest = money_of((__int128)10 * DECIMAL_SCALE),
                      .size_limit = 1,
                      .positions_max = 32,
                      .seed = 5};
    strategy_presets(strategy, plan.parameters);
    return plan;
}

static inline TrialResult stage_run_trial(const TrialPlan *plan, TrialOutput *output) {
    TrialResult result;
    Error error = {.code = ERROR_NONE};
    void *memory = aligned_alloc(16, (trial_memory(plan) + 15) & ~(size_t)15);
    assert_non_null(memory);
    bool sound = trial_run(plan, memory, output, &result, &error);
    if (!sound) print_error("%s: %s\n", error.where, error.message);
    assert_true(sound);
    free(memory);
    return result;
}

/* Nothing of the portfolio's own binds: the strategy's size, stop and target are its word. */
static inline Settings stage_free_settings(const StageMarkets *stage, const Strategy *strategy) {
    Settings settings;
    settings_presets(&settings);
    stage_name_symbols(stage, &settings);
    strcpy(settings.strategy.name, strategy->name);
    strcpy(settings.strategy.interval,
           stage->markets[0].candles.length_us == INSTANT_HOUR_US ? "1h" : "1m");
    settings.strategy.seed = 5;
    settings.trading.position_size = 1;
    settings.trading.max_positions = 32;
    settings.trading.min_trade_amount = 10;
    settings.trading.signal_ttl_seconds = 86400;
    settings.risk.max_portfolio_allocation = 1;
    settings.risk.max_total_exposure = 1;
    settings.risk.max_drawdown_limit = 1;
    settings.risk.risk_per_trade = 1; /* beyond what a file may say: a law needs no guard */
    return settings;
}

#endif
