/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A market without memory: each price is the one before it times 1 plus noise of mean zero (and a
 * drift, if one is asked for), sixteen small moves a candle, so that no strategy can expect to earn
 * anything before costs beyond the drift. The candles stand on the heap; the caller ends them.
 */
#ifndef TESTS_WALK_MARKET_H
#define TESTS_WALK_MARKET_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/random.h"
#include "core/trial/trial.h"

#define WALK_MOVES 16

typedef struct WalkMarket {
    TrialMarket market;
    int64_t *cells; /* time, open, high, low, close */
    double *volumes;
} WalkMarket;

typedef struct WalkPlan {
    size_t bars;
    int64_t length_us;
    double deviation; /* of one candle's return */
    double drift;     /* of one candle's return */
    uint64_t seed;
    bool stormy; /* calm and storms in turn, and single moves that are far out */
} WalkPlan;

/* The candle's deviation after one that moved by `change`: GARCH(1,1) (Bollerslev 1986) around the
 * plan's, and never more than five times it, so that a long walk cannot come near 0. */
static inline double walk_deviation(const WalkPlan *plan, double deviation, double change) {
    if (!plan->stormy) return deviation;
    double usual = plan->deviation * plan->deviation;
    double variance = 0.02 * usual + 0.10 * change * change + 0.88 * deviation * deviation;
    return sqrt(fmin(variance, 25 * usual));
}

/* Of deviation 1. */
static inline double walk_noise(const WalkPlan *plan, Random *random) {
    return plan->stormy ? random_student_t(random, 5) * sqrt(0.6) : random_normal(random);
}

static inline int64_t walk_units(double price) {
    return (int64_t)(price * 1e6) * 100; /* on a tick of 0.000001 */
}

static inline WalkMarket walk_market(const WalkPlan *plan) {
    WalkMarket walk = {.cells = malloc(5 * plan->bars * sizeof(int64_t)),
                       .volumes = malloc(2 * plan->bars * sizeof(double))};
    int64_t *time = walk.cells, *open = time + plan->bars, *high = open + plan->bars,
            *low = high + plan->bars, *close = low + plan->bars;
    Random random = random_stream(plan->seed, 0x77616c6b); /* "walk" */
    double price = 100, deviation = plan->deviation;
    for (size_t bar = 0; bar < plan->bars; bar++) {
        double top = price, bottom = price, first = price;
        for (unsigned part = 0; part < WALK_MOVES; part++) {
            double move = deviation / 4; /* root of the moves of a candle */
            price *= 1 + move * walk_noise(plan, &random) + plan->drift / WALK_MOVES;
            top = price > top ? price : top;
            bottom = price < bottom ? price : bottom;
        }
        deviation = walk_deviation(plan, deviation, price / first - 1);
        time[bar] = INT64_C(1577836800000000) + (int64_t)bar * plan->length_us; /* 2020-01-01 */
        open[bar] = walk_units(first);
        high[bar] = walk_units(top);
        low[bar] = walk_units(bottom);
        close[bar] = walk_units(price);
        walk.volumes[bar] = 1000;
        walk.volumes[plan->bars + bar] = 1000 * price;
    }
    walk.market = (TrialMarket){
        .candles = {.symbol = {"WALKUSDT"},
                    .length_us = plan->length_us,
                    .count = plan->bars,
                    .time_us = time,
                    .open = open,
                    .high = high,
                    .low = low,
                    .close = close,
                    .volume = walk.volumes,
                    .quote_volume = walk.volumes + plan->bars},
        .filters = {.tick = price_of(100), .step = quantity_of(100), .notional_min = money_of(1)},
        .end = plan->bars};
    return walk;
}

static inline void walk_end(WalkMarket *walk) {
    free(walk->cells);
    free(walk->volumes);
}

/* A plan over one market: 10,000 in the quote asset, everything staked, costs as given. */
static inline TrialPlan walk_trial(const WalkMarket *walk, const char *strategy, PaperCosts costs) {
    TrialPlan plan = {.strategy = strategy_find(strategy),
                      .markets = &walk->market,
                      .market_count = 1,
                      .balance = money_of((__int128)10000 * DECIMAL_SCALE),
                      .costs = costs,
                      .smallest = money_of(1),
                      .size_limit = 1,
                      .positions_max = 1};
    CHECK(plan.strategy, "the strategy is there");
    strategy_presets(plan.strategy, plan.parameters);
    return plan;
}

#endif
