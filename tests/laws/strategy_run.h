/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A strategy over a market of candle_markets.h, with the simplest account that lets every kind of
 * wish happen: fills at the next open without costs, stops and targets on the bar's range, shares
 * of equity as doubles. What is recorded is what it wished at each close. It is the canary's eye:
 * two runs whose bars agree up to some bar have to wish the same up to it. The caller owns all
 * arrays.
 */
#ifndef TESTS_LAWS_STRATEGY_RUN_H
#define TESTS_LAWS_STRATEGY_RUN_H

#include "core/trial/rule_stream.h"
#include "laws/candle_markets.h"

#include <math.h>
#include <stdlib.h>

typedef struct RecordedWish {
    uint32_t kind, of_start;
    double fraction, stop_fraction, target_fraction;
} RecordedWish;

typedef struct StrategyCase {
    const Strategy *strategy;
    double parameters[STRATEGY_PARAMETERS_MAX];
    uint64_t seed;
    const double *external[EXTERNAL_COUNT]; /* by bar, or NULL */
} StrategyCase;

typedef struct StrategyAccount {
    double cash, quantity, average, stop, target; /* equity at the start: 1 */
    RulePosition position;
    StrategyWish pending;
} StrategyAccount;

typedef struct StrategyRun {
    const StrategyCase *of;
    StrategyPlan plan;
    RuleStream stream;
    StrategyAccount account;
    void *state;
} StrategyRun;

static inline bool strategy_run_open(StrategyRun *run, const StrategyCase *of, int64_t length_us,
                                     int rubbish) {
    Error error;
    memset(run, 0, sizeof *run);
    run->of = of;
    strategy_make_plan(of->strategy, of->parameters, &run->plan);
    if (!rule_stream_init(&run->stream, &run->plan, of->strategy, of->parameters, length_us,
                          &error))
        return false;
    run->state = malloc(run->stream.size);
    memset(run->state, rubbish, run->stream.size);
    rule_stream_start(&run->stream, of->strategy, run->state, of->seed);
    run->account = (StrategyAccount){.cash = 1, .position = {.bars_flat = RULE_NEVER}};
    return true;
}

static inline void strategy_run_sell(StrategyAccount *account, double share, double price) {
    account->cash += share * account->quantity * price;
    account->quantity -= share * account->quantity;
    if (share < 1) return;
    account->quantity = 0;
    account->position = (RulePosition){.bars_flat = 0};
}

static inline void strategy_run_buy(StrategyAccount *account, const StrategyWish *wish,
                                    double price) {
    double equity = wish->of_start ? 1 : account->cash + account->quantity * price;
    double cost = fmin(wish->fraction * equity, account->cash);
    double held = account->quantity * account->average + cost;
    if (!(cost > 0)) return;
    account->cash -= cost;
    account->quantity += cost / price;
    account->average = held / account->quantity;
    account->position.open = true;
    account->stop = wish->stop_fraction > 0 ? account->average * (1 - wish->stop_fraction) : 0;
    account->target = wish->target_fraction > 0 ? account->average * (1 + wish->target_fraction)
                                                : (double)INFINITY;
}

static inline void strategy_run_fill(StrategyAccount *account, const IndicatorBar *bar) {
    StrategyWish wish = account->pending;
    if (wish.kind == WISH_ENTER || wish.kind == WISH_ADD)
        strategy_run_buy(account, &wish, bar->open);
    else if (wish.kind == WISH_LEAVE || wish.kind == WISH_REDUCE)
        strategy_run_sell(account, wish.kind == WISH_LEAVE ? 1 : wish.fraction, bar->open);
    if (account->position.open && bar->low <= account->stop)
        strategy_run_sell(account, 1, fmin(account->stop, bar->open));
    else if (account->position.open && bar->high >= account->target)
        strategy_run_sell(account, 1, fmax(account->target, bar->open));
}

/* The position at a close. */
static inline void strategy_run_count(StrategyAccount *account, double close) {
    RulePosition *position = &account->position;
    double value = account->quantity * close;
    if (position->open)
        position->bars_held++;
    else if (position->bars_flat != RULE_NEVER)
        position->bars_flat++;
    position->average = account->average;
    position->growth = account->cash + value;
    position->held_fraction = value / position->growth;
}

/* One bar: fills, feeds, asks. */
static inline StrategyWish strategy_run_bar(StrategyRun *run, const CandleSeries *series,
                                            size_t index) {
    StrategyAccount *account = &run->account;
    Bar bar = candle_series_bar(series, index);
    IndicatorBar own = indicator_bar(&bar);
    double external[EXTERNAL_COUNT];
    strategy_run_fill(account, &own);
    for (unsigned each = 0; each < EXTERNAL_COUNT; each++)
        external[each] = run->of->external[each] ? run->of->external[each][index] : (double)NAN;
    rule_stream_feed(&run->stream, run->state, &bar, external);
    strategy_run_count(account, own.close);
    account->pending =
        rule_stream_wish(&run->stream, run->of->strategy, run->state, &account->position);
    return account->pending;
}

static inline RecordedWish strategy_run_record(const StrategyWish *wish) {
    return (RecordedWish){.kind = wish->kind,
                          .of_start = wish->of_start,
                          .fraction = wish->fraction,
                          .stop_fraction = wish->stop_fraction,
                          .target_fraction = wish->target_fraction};
}

/* All bars from `from` to `to` (exclusive) of an open run. */
static inline void strategy_run_bars(StrategyRun *run, const CandleSeries *series, size_t from,
                                     size_t to, RecordedWish *wishes) {
    for (size_t bar = from; bar < to; bar++) {
        StrategyWish wish = strategy_run_bar(run, series, bar);
        wishes[bar] = strategy_run_record(&wish);
    }
}

/* A whole run; false where the strategy cannot run on the series' interval. */
static inline bool strategy_run_whole(const StrategyCase *of, const CandleSeries *series,
                                      int rubbish, RecordedWish *wishes) {
    StrategyRun run;
    if (!strategy_run_open(&run, of, series->length_us, rubbish)) return false;
    strategy_run_bars(&run, series, 0, series->count, wishes);
    free(run.state);
    return true;
}

#endif
