/* SPDX-License-Identifier: Apache-2.0 */
/* Windows by time; in each all sets over the past, the picked one over what follows. */
#include "core/trial/walk_forward.h"

#include <math.h>

#include "core/base/arena.h"
#include "core/base/elementary.h"
#include "core/num/bounds.h"
#include "core/num/sorted.h"
#include "core/trial/sharpe_test.h"

#define YEAR_US (365 * INSTANT_DAY_US) /* crypto has no days off */

typedef struct Walk {
    const WalkForwardPlan *plan;
    WalkForwardRun *run;
    TrialPlan trial; /* of the run at hand */
    TrialMarket *markets;
    unsigned origin[LIMIT_SYMBOLS]; /* of those, in the whole plan */
    void *run_memory;
    double *equity, *returns, *measures;
    size_t equity_max;
    uint32_t trades; /* stitched so far */
} Walk;

/* ---- windows ------------------------------------------------------------------------------- */

static int64_t first_of(const TrialPlan *trial) {
    int64_t first_us = INT64_MAX;
    for (unsigned index = 0; index < trial->market_count; index++) {
        const TrialMarket *market = &trial->markets[index];
        if (market->first < market->end && market->candles.time_us[market->first] < first_us)
            first_us = market->candles.time_us[market->first];
    }
    return first_us;
}

static int64_t end_of(const TrialPlan *trial) {
    int64_t end_us = INT64_MIN;
    for (unsigned index = 0; index < trial->market_count; index++) {
        const TrialMarket *market = &trial->markets[index];
        if (market->first >= market->end) continue;
        int64_t close_us = market->candles.time_us[market->end - 1] + market->candles.length_us;
        if (close_us > end_us) end_us = close_us;
    }
    return end_us;
}

uint32_t walk_forward_windows(const WalkForwardPlan *plan) {
    int64_t first_us = first_of(plan->trial), end_us = end_of(plan->trial);
    bool sound = plan->train_us > 0 && plan->test_us > 0 && plan->purge_us >= 0 &&
                 plan->embargo_us >= 0 && first_us < end_us && plan->train_us < end_us - first_us;
    if (!sound || plan->purge_us > end_us - first_us || plan->embargo_us > end_us - first_us)
        return 0;
    int64_t left_us = end_us - first_us - plan->train_us - plan->purge_us - plan->embargo_us;
    /* the last one may be shorter */
    int64_t windows = left_us > 0 ? (left_us - 1) / plan->test_us + 1 : 0;
    return windows < INT32_MAX ? (uint32_t)windows : 0;
}

WalkForwardWindow walk_forward_window(const WalkForwardPlan *plan, uint32_t number) {
    int64_t first_us = first_of(plan->trial), end_us = end_of(plan->trial);
    int64_t train_end_us = first_us + plan->train_us + (int64_t)number * plan->test_us;
    int64_t test_us = train_end_us + plan->purge_us + plan->embargo_us;
    int64_t test_end_us = test_us + plan->test_us;
    return (WalkForwardWindow){.train_first_us =
                                   plan->anchored ? first_us : train_end_us - plan->train_us,
                               .train_end_us = train_end_us,
                               .test_first_us = test_us,
                               .test_end_us = test_end_us < end_us ? test_end_us : end_us,
                               .picked = WALK_FORWARD_NONE};
}

/* The markets cut to a stretch of time; false if no bar lies in it. A market without bars there
 * takes no part. */
static bool cut(Walk *walk, int64_t first_us, int64_t end_us) {
    const TrialPlan *whole = walk->plan->trial;
    walk->trial.market_count = 0;
    for (unsigned index = 0; index < whole->market_count; index++) {
        TrialMarket market = whole->markets[index];
        size_t first = candle_series_before(&market.candles, first_us);
        size_t end = candle_series_before(&market.candles, end_us);
        if (first > market.first) market.first = first;
        if (end < market.end) market.end = end;
        if (market.first >= market.end) continue;
        walk->origin[walk->trial.market_count] = index;
        walk->markets[walk->trial.market_count++] = market;
    }
    return walk->trial.market_count > 0;
}

/* ---- one run ------------------------------------------------------------------------------- */

static WalkForwardScore score_of(Walk *walk, const double *equity, size_t count, double start) {
    double before = start, peak = start, deepest = 0;
    for (size_t step = 0; step < count; step++) {
        if (equity[step] > peak) peak = equity[step];
        deepest = bounds_greater(deepest, 1 - equity[step] / peak);
        walk->returns[step] = before > 0 ? equity[step] / before - 1 : 0;
        before = equity[step];
    }
    double length_us = (double)walk->plan->trial->markets[0].candles.length_us;
    double steps_a_year = (double)YEAR_US / length_us, years = (double)count / steps_a_year;
    double growth = count ? before / start - 1 : 0;
    WalkForwardScore score = {.growth = growth, .drawdown = deepest};
    score.sharpe = sharpe_sample(walk->returns, count).ratio * sqrt(steps_a_year);
    score.rate = years > 0 && growth > -1 ? elementary_expm1(elementary_log1p(growth) / years)
                                          : -(double)(growth <= -1);
    return score;
}

static void take_set(Walk *walk, uint32_t set) {
    const double *parameters = walk->plan->sets + (size_t)set * STRATEGY_PARAMETERS_MAX;
    for (unsigned index = 0; index < STRATEGY_PARAMETERS_MAX; index++)
        walk->trial.parameters[index] = parameters[index];
}

/* NaN is worse than any. */
static double measure_of(const WalkForwardPlan *plan, const WalkForwardScore *score) {
    if (score->trades < plan->trades_min || score->trades == 0) return (double)NAN;
    switch (plan->measure) {
    case WALK_FORWARD_GROWTH:
        return score->rate;
    case WALK_FORWARD_CALMAR:
        return score->drawdown > 0 ? score->rate / score->drawdown : (double)NAN;
    case WALK_FORWARD_SHARPE:
        break;
    }
    return score->sharpe;
}

/* ---- one window ---------------------------------------------------------------------------- */

/* All sets over the past; the first of the best is picked. */
static bool pick(Walk *walk, WalkForwardWindow *window, Error *error) {
    double best = -(double)INFINITY;
    uint32_t measured = 0;
    window->median = (double)NAN;
    if (!cut(walk, window->train_first_us, window->train_end_us)) return true;
    walk->trial.balance = walk->plan->trial->balance;
    for (uint32_t set = 0; set < walk->plan->set_count; set++) {
        TrialOutput output = {.equity = walk->equity, .equity_max = walk->equity_max};
        TrialResult result;
        take_set(walk, set);
        if (!walk->run(&walk->trial, walk->run_memory, &output, &result, error)) return false;
        WalkForwardScore score =
            score_of(walk, walk->equity, output.equity_count, money_double(walk->trial.balance));
        score.trades = result.trades;
        double measure = measure_of(walk->plan, &score);
        if (measure != measure) continue;
        walk->measures[measured++] = measure;
        if (!(measure > best)) continue;
        best = measure;
        window->picked = set;
        window->inside = score;
    }
    if (measured == 0) return true;
    sorted_put(walk->measures, measured);
    window->median = sorted_quantile(walk->measures, measured, 0.5);
    return true;
}

static void append(Walk *walk, TrialOutput *stitched, const TrialOutput *part) {
    size_t room = stitched->equity_max - stitched->equity_count;
    size_t count = part->equity_count < room ? part->equity_count : room;
    for (size_t step = 0; step < count; step++) {
        if (stitched->equity) stitched->equity[stitched->equity_count + step] = walk->equity[step];
        if (stitched->equity_us && part->equity_us)
            stitched->equity_us[stitched->equity_count + step] = part->equity_us[step];
    }
    stitched->equity_count += count;
}

/* Nothing is traded: the balance stands still over the window's bars. */
static void stand_still(Walk *walk, TrialOutput *stitched, Money balance) {
    const TrialMarket *market = &walk->markets[0];
    for (unsigned index = 1; index < walk->trial.market_count; index++)
        if (walk->markets[index].end - walk->markets[index].first > market->end - market->first)
            market = &walk->markets[index];
    for (size_t bar = market->first; bar < market->end; bar++) {
        if (stitched->equity_count == stitched->equity_max) return;
        size_t at = stitched->equity_count++;
        if (stitched->equity) stitched->equity[at] = money_double(balance);
        if (stitched->equity_us)
            stitched->equity_us[at] = market->candles.time_us[bar] + market->candles.length_us;
    }
}

static bool trade(Walk *walk, WalkForwardWindow *window, TrialOutput *stitched, Money *balance,
                  Error *error) {
    if (!cut(walk, window->test_first_us, window->test_end_us)) return true;
    if (window->picked == WALK_FORWARD_NONE || balance->units <= 0) {
        stand_still(walk, stitched, *balance);
        return true;
    }
    walk->trial.balance = *balance;
    take_set(walk, window->picked);
    uint32_t kept = walk->trades < stitched->trades_max ? walk->trades : stitched->trades_max;
    TrialOutput output = {
        .trades = stitched->trades ? stitched->trades + kept : NULL,
        .trades_max = stitched->trades ? stitched->trades_max - kept : 0,
        .equity = walk->equity,
        .equity_us = stitched->equity_us ? stitched->equity_us + stitched->equity_count : NULL,
        .equity_max = walk->equity_max};
    size_t room = stitched->equity_max - stitched->equity_count;
    if (stitched->equity_us && output.equity_max > room) output.equity_max = room;
    TrialResult result;
    if (!walk->run(&walk->trial, walk->run_memory, &output, &result, error)) return false;
    window->outside = score_of(walk, walk->equity, output.equity_count, money_double(*balance));
    window->outside.trades = result.trades;
    output.equity_us = NULL; /* they stand in their place already */
    append(walk, stitched, &output);
    for (uint32_t index = 0; index < result.trades && index < output.trades_max; index++)
        output.trades[index].market = walk->origin[output.trades[index].market];
    walk->trades += result.trades;
    *balance = result.final;
    return true;
}

/* ---- all of them --------------------------------------------------------------------------- */

static size_t bars_of(const TrialPlan *trial) {
    size_t bars = 0;
    for (unsigned index = 0; index < trial->market_count; index++)
        if (trial->markets[index].end > trial->markets[index].first)
            bars += trial->markets[index].end - trial->markets[index].first;
    return bars;
}

/* A trial's memory does not depend on where its markets are cut. */
static size_t run_memory(const WalkForwardPlan *plan) {
    TrialPlan trial = *plan->trial;
    size_t (*memory_of)(const TrialPlan *) = plan->run_memory ? plan->run_memory : trial_memory;
    size_t most = memory_of(&trial);
    for (uint32_t set = 0; set < plan->set_count; set++) {
        for (unsigned index = 0; index < STRATEGY_PARAMETERS_MAX; index++)
            trial.parameters[index] = plan->sets[(size_t)set * STRATEGY_PARAMETERS_MAX + index];
        size_t needed = memory_of(&trial);
        if (needed > most) most = needed;
    }
    return most;
}

size_t walk_forward_memory(const WalkForwardPlan *plan) {
    size_t bars = bars_of(plan->trial);
    return arena_rounded(plan->trial->market_count * sizeof(TrialMarket)) +
           2 * arena_rounded(bars * sizeof(double)) +
           arena_rounded(plan->set_count * sizeof(double)) + arena_rounded(run_memory(plan));
}

static void conclude(Walk *walk, const WalkForwardWindow *windows, const TrialOutput *stitched,
                     WalkForward *result) {
    double inside = 0, rate = 0, years = 0, winning = 0, growth = 1, deepest = 0;
    for (uint32_t number = 0; number < result->windows; number++) {
        const WalkForwardWindow *window = &windows[number];
        years += (double)(window->test_end_us - window->test_first_us) / (double)YEAR_US;
        deepest = bounds_greater(deepest, window->outside.drawdown);
        if (window->picked == WALK_FORWARD_NONE) continue;
        result->traded++;
        inside += window->inside.rate;
        winning += window->outside.growth > 0;
        growth *= 1 + window->outside.growth;
    }
    if (stitched->equity && stitched->equity_count)
        result->outside = score_of(walk, stitched->equity, stitched->equity_count,
                                   money_double(walk->plan->trial->balance));
    else /* without the stitched curve: what the windows say; drawdowns within them only */
        result->outside = (WalkForwardScore){.sharpe = (double)NAN, .drawdown = deepest};
    result->outside.growth = growth - 1;
    result->outside.trades = walk->trades;
    rate = growth > 0 && years > 0 ? elementary_expm1(elementary_log(growth) / years) : -1;
    result->outside.rate = rate;
    result->inside_rate = result->traded ? inside / result->traded : (double)NAN;
    result->efficiency = result->inside_rate > 0 ? rate / result->inside_rate : (double)NAN;
    result->winning = result->traded ? winning / result->windows : 0;
}

bool walk_forward_of(const WalkForwardPlan *plan, void *memory, WalkForwardWindow *windows,
                     TrialOutput *stitched, WalkForward *result, Error *error) {
    uint32_t count = walk_forward_windows(plan);
    if (count == 0)
        return error_set(error, ERROR_USAGE, "the history is too short for one window", "train",
                         "take a shorter training or test window");
    if (plan->set_count == 0)
        return error_set(error, ERROR_USAGE, "there are no parameters to pick from", "grid", NULL);
    Arena arena = arena_in(memory, walk_forward_memory(plan));
    Walk walk = {.plan = plan, .run = plan->run ? plan->run : trial_run, .trial = *plan->trial};
    walk.equity_max = bars_of(plan->trial);
    walk.markets = arena_take(&arena, plan->trial->market_count * sizeof(TrialMarket));
    walk.equity = arena_take(&arena, walk.equity_max * sizeof(double));
    walk.returns = arena_take(&arena, walk.equity_max * sizeof(double));
    walk.measures = arena_take(&arena, plan->set_count * sizeof(double));
    walk.run_memory = arena_take(&arena, run_memory(plan));
    walk.trial.markets = walk.markets;
    stitched->equity_count = 0;
    *result = (WalkForward){
        .windows = count, .runs = (uint64_t)count * plan->set_count, .final = plan->trial->balance};
    for (uint32_t number = 0; number < count; number++) {
        windows[number] = walk_forward_window(plan, number);
        if (!pick(&walk, &windows[number], error)) return false;
        if (!trade(&walk, &windows[number], stitched, &result->final, error)) return false;
    }
    conclude(&walk, windows, stitched, result);
    return true;
}
