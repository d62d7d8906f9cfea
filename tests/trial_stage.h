/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage for trials: candles from a few lines of prices or from a seeded walk, a market over them,
 * and a strategy that reads its wishes from a script (by number of the bar). The stage owns the
 * memory; stage_close gives it back.
 */
#ifndef TESTS_TRIAL_STAGE_H
#define TESTS_TRIAL_STAGE_H

#include "core/base/random.h"
#include "core/trial/metrics.h"
#include "core/trial/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAGE_COIN    100000000LL
#define STAGE_MINUTE  60000000LL
#define STAGE_WISHES  4096
#define STAGE_MARKETS 4

/* Prices in hundredths: 10000 is 100.00. */
typedef struct StageBar {
    int open, high, low, close;
} StageBar;

typedef struct StageColumns {
    int64_t *time, *open, *high, *low, *close;
    double *volume;
} StageColumns;

static StrategyWish stage_script[STAGE_MARKETS][STAGE_WISHES];

static inline CandleSeries stage_series(size_t count, int64_t length_us) {
    int64_t *cells = calloc(count * 5 + 1, sizeof *cells);
    double *volume = calloc(count + 1, sizeof *volume);
    for (size_t i = 0; i < count; i++) {
        cells[i] = 1704067200000000LL + (int64_t)i * length_us; /* 2024-01-01 */
        volume[i] = 10;
    }
    return (CandleSeries){.symbol = {"TESTUSDT"},
                          .length_us = length_us,
                          .count = count,
                          .time_us = cells,
                          .open = cells + count,
                          .high = cells + 2 * count,
                          .low = cells + 3 * count,
                          .close = cells + 4 * count,
                          .volume = volume,
                          .quote_volume = volume};
}

static inline void stage_free(const CandleSeries *series) {
    free((void *)(uintptr_t)series->time_us);
    free((void *)(uintptr_t)series->volume);
}

static inline void stage_put(const CandleSeries *series, size_t i, StageBar bar) {
    int64_t unit = STAGE_COIN / 100;
    ((int64_t *)(uintptr_t)series->open)[i] = bar.open * unit;
    ((int64_t *)(uintptr_t)series->high)[i] = bar.high * unit;
    ((int64_t *)(uintptr_t)series->low)[i] = bar.low * unit;
    ((int64_t *)(uintptr_t)series->close)[i] = bar.close * unit;
}

static inline CandleSeries stage_bars(const StageBar *bars, size_t count, int64_t length_us) {
    CandleSeries series = stage_series(count, length_us);
    for (size_t i = 0; i < count; i++)
        stage_put(&series, i, bars[i]);
    return series;
}

/* A walk on the tick of 0.01 around 100.00, with a gap between close and open now and then. */
static inline CandleSeries stage_walk(size_t count, uint64_t seed, double width) {
    CandleSeries series = stage_series(count, STAGE_MINUTE);
    Random random = random_stream(seed, 1);
    double price = 10000;
    for (size_t i = 0; i < count; i++) {
        bool gaps = random_uniform(&random) < 0.02;
        double open = price * (gaps ? 1 + 10 * width * (random_uniform(&random) - 0.5) : 1);
        price = open * (1 + width * (random_uniform(&random) - 0.5));
        if (price < 100) price = 100;
        double high = (open > price ? open : price) * (1 + width / 2 * random_uniform(&random));
        double low = (open < price ? open : price) * (1 - width / 2 * random_uniform(&random));
        stage_put(&series, i, (StageBar){(int)open, (int)high + 1, (int)low, (int)price});
        ((double *)(uintptr_t)series.volume)[i] = 1 + 100 * random_uniform(&random);
    }
    return series;
}

/* The first `most` candles of a compressed file of Binance's columns, times in milliseconds. */
static inline CandleSeries stage_file(const char *path, int64_t length_us, size_t most) {
    char command[1400], line[512];
    CandleSeries series = stage_series(most, length_us);
    int64_t *prices[] = {(int64_t *)(uintptr_t)series.open, (int64_t *)(uintptr_t)series.high,
                         (int64_t *)(uintptr_t)series.low, (int64_t *)(uintptr_t)series.close};
    snprintf(command, sizeof command, "zcat '%s'", path);
    FILE *file = popen(command, "r");
    series.count = 0;
    while (file && series.count < most && fgets(line, sizeof line, file)) {
        int64_t time_ms = strtoll(line, NULL, 10);
        const char *at = strchr(line, ','), *end = line + strlen(line);
        for (unsigned i = 0; i < 4 && at && time_ms; i++)
            at = decimal_scan(at + 1, end, &prices[i][series.count]);
        if (!at || !time_ms) continue; /* a head */
        ((int64_t *)(uintptr_t)series.time_us)[series.count] = time_ms * 1000;
        ((double *)(uintptr_t)series.volume)[series.count++] = strtod(at + 1, NULL);
    }
    if (file) pclose(file);
    return series;
}

static inline TrialMarket stage_market(CandleSeries candles) {
    return (TrialMarket){.candles = candles,
                         .filters = {.tick = {STAGE_COIN / 100},
                                     .step = {STAGE_COIN / 100000},
                                     .quantity_min = {STAGE_COIN / 100000},
                                     .notional_min = {5 * STAGE_COIN}},
                         .end = candles.count};
}

/* ---- the strategy that reads ------------------------------------------------------------------
 */

/* The script's row is what the market says of itself as sentiment: its number; without, row 0. */
static inline void stage_plan(const double *parameters, StrategyPlan *plan) {
    (void)parameters;
    plan_external(plan, EXTERNAL_SENTIMENT);
    plan->size_fraction = 1;
}

static inline StrategyWish stage_step(void *state, const StrategyView *view) {
    (void)state;
    double row = view->columns[0];
    return stage_script[row > 0 ? (unsigned)row : 0][view->index];
}

static const Strategy stage_reader = {
    .name = "reader", .group = "test", .plan = stage_plan, .step = stage_step};

static inline void stage_forget(void) {
    memset(stage_script, 0, sizeof stage_script);
}

static inline TrialPlan stage_trial(const TrialMarket *markets, unsigned count) {
    return (TrialPlan){.strategy = &stage_reader,
                       .markets = markets,
                       .market_count = count,
                       .balance = {10000 * (__int128)STAGE_COIN},
                       .costs = {.fee_ppm = 1000, .half_spread_ppm = 100, .slippage_ppm = 300},
                       .smallest = {40 * (__int128)STAGE_COIN},
                       .size_limit = 1,
                       .positions_max = 1,
                       .seed = 1};
}

#endif
