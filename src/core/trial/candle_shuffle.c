/* SPDX-License-Identifier: Apache-2.0 */
/* Chain candles to a path, run, and look at the spread. */
#include "core/trial/candle_shuffle.h"

#include <math.h>

#include "core/base/arena.h"
#include "core/num/bounds.h"
#include "core/num/sorted.h"
#include "core/trial/block_length.h"
#include "core/trial/sharpe_test.h"

/* Paths wander: prices stay below a hundred times less than what 64 bits hold, so that any quantity
 * that fits can be multiplied. */
#define PRICE_UNITS_MAX 9e16

/* ---- one path ------------------------------------------------------------------------------ */

/* The tick nearest to a price, at least one. */
static int64_t on_tick(double units, int64_t tick) {
    double grid = tick > 0 ? (double)tick : 1;
    double ticks = bounds_greater(1, rint(bounds_lesser(units, PRICE_UNITS_MAX) / grid));
    return (int64_t)ticks * (tick > 0 ? tick : 1);
}

/* Candle `source` of the market, as its shape says, behind a close of `before`. */
static void chain(const TrialMarket *from, size_t source, double before,
                  const CandleShuffleColumns *columns, size_t at) {
    const CandleSeries *candles = &from->candles;
    int64_t tick = from->filters.tick.units;
    double base = (double)(source ? candles->close[source - 1] : candles->open[source]);
    double scale = before / base;
    int64_t open = on_tick((double)candles->open[source] * scale, tick);
    int64_t close = on_tick((double)candles->close[source] * scale, tick);
    int64_t high = on_tick((double)candles->high[source] * scale, tick);
    int64_t low = on_tick((double)candles->low[source] * scale, tick);
    columns->open[at] = open;
    columns->close[at] = close;
    columns->high[at] = high; /* rounding keeps the order of the four */
    columns->low[at] = low;
    columns->volume[at] = candles->volume[source];
    columns->quote_volume[at] = candles->quote_volume[source] * scale;
}

static void copy_samples(const TrialMarket *from, size_t source,
                         const CandleShuffleColumns *columns, size_t at) {
    if (from->candles.taker) columns->taker[at] = from->candles.taker[source];
    if (from->candles.trades) columns->trades[at] = from->candles.trades[source];
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        if (from->external[series]) columns->external[series][at] = from->external[series][source];
}

static void keep(const TrialMarket *from, const CandleShuffleColumns *columns, size_t at) {
    const CandleSeries *candles = &from->candles;
    columns->open[at] = candles->open[at];
    columns->high[at] = candles->high[at];
    columns->low[at] = candles->low[at];
    columns->close[at] = candles->close[at];
    columns->volume[at] = candles->volume[at];
    columns->quote_volume[at] = candles->quote_volume[at];
}

void candle_shuffle_path(const TrialMarket *from, const uint32_t *steps,
                         const CandleShuffleColumns *columns, TrialMarket *target) {
    const CandleSeries *candles = &from->candles;
    double before =
        (double)(from->first ? candles->close[from->first - 1] : candles->open[from->first]);
    for (size_t at = 0; at < from->end; at++) {
        size_t source = at < from->first ? at : from->first + steps[at - from->first];
        if (at < from->first)
            keep(from, columns, at);
        else
            chain(from, source, before, columns, at);
        copy_samples(from, source, columns, at);
        if (at >= from->first) before = (double)columns->close[at];
    }
    *target = *from;
    target->finer.count = 0;
    target->candles.count = from->end;
    target->candles.open = columns->open;
    target->candles.high = columns->high;
    target->candles.low = columns->low;
    target->candles.close = columns->close;
    target->candles.volume = columns->volume;
    target->candles.quote_volume = columns->quote_volume;
    if (candles->taker) target->candles.taker = columns->taker;
    if (candles->trades) target->candles.trades = columns->trades;
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        if (from->external[series]) target->external[series] = columns->external[series];
}

/* ---- many ---------------------------------------------------------------------------------- */

typedef struct Study {
    const CandleShufflePlan *plan;
    TrialPlan trial;
    TrialMarket *markets;
    CandleShuffleColumns columns[LIMIT_SYMBOLS];
    size_t bars; /* traded */
    Resample resample;
    uint32_t *steps;
    double *equity, *scratch;
    double *growths, *drawdowns, *ratios;
    uint32_t with_ratio;
    void *run_memory;
} Study;

static size_t columns_memory(const TrialMarket *market) {
    size_t wide = arena_rounded(market->end * sizeof(double));
    return (7 + EXTERNAL_COUNT) * wide + arena_rounded(market->end * sizeof(uint32_t));
}

size_t candle_shuffle_memory(const CandleShufflePlan *plan) {
    const TrialMarket *first = &plan->trial->markets[0];
    size_t bars = first->end - first->first, size = arena_rounded(trial_memory(plan->trial));
    for (unsigned market = 0; market < plan->trial->market_count; market++)
        size += columns_memory(&plan->trial->markets[market]);
    return size + arena_rounded(plan->trial->market_count * sizeof(TrialMarket)) +
           arena_rounded(bars * sizeof(uint32_t)) + arena_rounded(bars * sizeof(double)) +
           arena_rounded((bars + block_length_scratch(bars)) * sizeof(double)) +
           3 * arena_rounded(plan->paths * sizeof(double));
}

static bool same_bars(const TrialMarket *one, const TrialMarket *other) {
    if (one->first != other->first || one->end != other->end) return false;
    for (size_t bar = one->first; bar < one->end; bar++)
        if (one->candles.time_us[bar] != other->candles.time_us[bar]) return false;
    return true;
}

static bool plan_is_sound(const CandleShufflePlan *plan, Error *error) {
    const TrialPlan *trial = plan->trial;
    if (plan->paths == 0)
        return error_set(error, ERROR_USAGE, "a shuffle needs paths", "paths", NULL);
    for (unsigned market = 0; market < trial->market_count; market++) {
        if (trial->markets[market].first >= trial->markets[market].end)
            return error_set(error, ERROR_DATA, "a market has no bars", "markets", NULL);
        if (!same_bars(&trial->markets[0], &trial->markets[market]))
            return error_set(error, ERROR_DATA, "the markets have different bars", "markets",
                             "shuffle them one at a time");
    }
    return true;
}

static CandleShuffleColumns take_columns(Arena *arena, const TrialMarket *market) {
    size_t wide = market->end * sizeof(double);
    CandleShuffleColumns columns = {.open = arena_take(arena, wide),
                                    .high = arena_take(arena, wide),
                                    .low = arena_take(arena, wide),
                                    .close = arena_take(arena, wide),
                                    .volume = arena_take(arena, wide),
                                    .quote_volume = arena_take(arena, wide),
                                    .taker = arena_take(arena, wide)};
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        columns.external[series] = arena_take(arena, wide);
    columns.trades = arena_take(arena, market->end * sizeof(uint32_t));
    return columns;
}

/* Volatility hangs together for longer than returns do: blocks by the size of the moves. */
static Resample settled(const Study *study) {
    Resample resample = study->plan->resample;
    if (resample.length > 0) return resample;
    const TrialMarket *market = &study->plan->trial->markets[0];
    for (size_t bar = 0; bar < study->bars; bar++) {
        double open = (double)market->candles.open[market->first + bar];
        study->scratch[bar] = fabs((double)market->candles.close[market->first + bar] / open - 1);
    }
    BlockLength length = block_length_of(study->scratch, study->bars, study->scratch + study->bars);
    resample.length = resample.kind == RESAMPLE_CIRCULAR ? length.circular : length.stationary;
    return resample;
}

static void take_memory(Study *study, void *memory) {
    const CandleShufflePlan *plan = study->plan;
    Arena arena = arena_in(memory, candle_shuffle_memory(plan));
    study->markets = arena_take(&arena, plan->trial->market_count * sizeof(TrialMarket));
    for (unsigned market = 0; market < plan->trial->market_count; market++)
        study->columns[market] = take_columns(&arena, &plan->trial->markets[market]);
    study->steps = arena_take(&arena, study->bars * sizeof(uint32_t));
    study->equity = arena_take(&arena, study->bars * sizeof(double));
    study->scratch =
        arena_take(&arena, (study->bars + block_length_scratch(study->bars)) * sizeof(double));
    study->growths = arena_take(&arena, plan->paths * sizeof(double));
    study->drawdowns = arena_take(&arena, plan->paths * sizeof(double));
    study->ratios = arena_take(&arena, plan->paths * sizeof(double));
    study->run_memory = arena_take(&arena, trial_memory(plan->trial));
}

static bool run(Study *study, const TrialPlan *trial, CandleShuffleRun *seen, Error *error) {
    TrialOutput output = {.equity = study->equity, .equity_max = study->bars};
    TrialResult result;
    if (!trial_run(trial, study->run_memory, &output, &result, error)) return false;
    double start = money_double(trial->balance), before = start, peak = start, deepest = 0;
    for (size_t step = 0; step < output.equity_count; step++) {
        double equity = study->equity[step];
        if (equity > peak) peak = equity;
        deepest = bounds_greater(deepest, 1 - equity / peak);
        study->scratch[step] = before > 0 ? equity / before - 1 : 0;
        before = equity;
    }
    *seen = (CandleShuffleRun){.growth = money_double(result.final) / start - 1,
                               .drawdown = deepest,
                               .ratio = sharpe_sample(study->scratch, output.equity_count).ratio,
                               .trades = result.trades};
    return true;
}

static bool run_path(Study *study, uint32_t path, CandleShuffleRun *seen, Error *error) {
    const TrialPlan *trial = study->plan->trial;
    resample_steps(&study->resample, path, study->bars, study->steps, study->bars);
    for (unsigned market = 0; market < trial->market_count; market++)
        candle_shuffle_path(&trial->markets[market], study->steps, &study->columns[market],
                            &study->markets[market]);
    if (!run(study, &study->trial, seen, error)) return false;
    study->growths[path] = seen->growth;
    study->drawdowns[path] = seen->drawdown;
    if (seen->ratio == seen->ratio) study->ratios[study->with_ratio++] = seen->ratio;
    return true;
}

static CandleShuffleSpread spread_of(double *values, uint32_t count) {
    if (count == 0) return (CandleShuffleSpread){(double)NAN, (double)NAN, (double)NAN};
    sorted_put(values, count);
    return (CandleShuffleSpread){sorted_quantile(values, count, 0.05),
                                 sorted_quantile(values, count, 0.5),
                                 sorted_quantile(values, count, 0.95)};
}

bool candle_shuffle_of(const CandleShufflePlan *plan, void *memory, CandleShuffleRun *runs,
                       CandleShuffle *result, Error *error) {
    if (!plan_is_sound(plan, error)) return false;
    const TrialMarket *first = &plan->trial->markets[0];
    Study study = {.plan = plan, .trial = *plan->trial, .bars = first->end - first->first};
    take_memory(&study, memory);
    study.trial.markets = study.markets;
    study.resample = settled(&study);
    *result = (CandleShuffle){.paths = plan->paths, .length = study.resample.length};
    if (!run(&study, plan->trial, &result->own, error)) return false;
    uint32_t better = 0, lost = 0;
    for (uint32_t path = 0; path < plan->paths; path++) {
        CandleShuffleRun seen;
        if (!run_path(&study, path, &seen, error)) return false;
        if (runs) runs[path] = seen;
        better += seen.growth >= result->own.growth;
        lost += seen.growth < 0;
    }
    result->growth = spread_of(study.growths, plan->paths);
    result->drawdown = spread_of(study.drawdowns, plan->paths);
    result->ratio = spread_of(study.ratios, study.with_ratio);
    result->loss = lost / (double)plan->paths;
    result->p = (better + 1.0) / (plan->paths + 1.0);
    return true;
}
