/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/canary_subjects.h"

#include <string.h>

#include "core/trial/rule_columns.h"
#include "core/trial/rule_stream.h"
#include "core/trial/trial_fast.h"

#define STATE_BYTES   (1u << 20) /* of an indicator, a stream or a trial of one symbol: far above */
#define BALANCE       ((__int128)1000000 * DECIMAL_SCALE)
#define FEE_PPM       1000
#define SLIPPAGE_PPM  300
#define SAID_OF_A_BAR 3 /* columns, wish, and what a trial closes */

size_t canary_scratch(size_t rows) {
    size_t columns = PLAN_COLUMNS_MAX * arena_rounded((rows + 64) * sizeof(double));
    size_t curves = 2 * arena_rounded(rows * sizeof(double));
    size_t trades = arena_rounded(rows * sizeof(TrialTrade));
    size_t bars = arena_rounded(rows * sizeof(IndicatorBar));
    size_t longer = 4 * bars + 2 * columns; /* of longer intervals, one bar before, a fast trial */
    return STATE_BYTES + columns + curves + trades + bars + longer;
}

size_t canary_events(size_t rows) {
    return SAID_OF_A_BAR * rows + 1;
}

static int64_t close_us(const CandleSeries *candles, size_t row) {
    return candles->time_us[row] + candles->length_us - 1;
}

/* ---- an indicator -------------------------------------------------------------------------- */

static bool run_indicator(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                          void *scratch, CanarySink *sink, Error *error) {
    const Indicator *indicator = subject->context;
    double options[INDICATOR_OPTIONS_MAX], outputs[INDICATOR_OUTPUTS_MAX];
    size_t size = indicator_output_count(indicator) * sizeof(double);
    (void)count, (void)error;
    indicator_presets(indicator, options);
    CHECK(indicator->state_size(options) <= STATE_BYTES, "an indicator's state is small");
    indicator->init(scratch, options);
    for (size_t row = 0; row < series->count; row++) {
        Bar bar = candle_series_bar(series, row);
        IndicatorBar in = indicator_bar(&bar);
        indicator->step(scratch, &in, outputs);
        canary_say(sink, close_us(series, row), 0, outputs, size);
    }
    return true;
}

CanarySubject canary_of_indicator(const Indicator *indicator) {
    return (CanarySubject){
        .kind = "indicator", .name = indicator->name, .context = indicator, .run = run_indicator};
}

/* ---- a strategy's stream ------------------------------------------------------------------- */

static bool stream_of(const Strategy *strategy, int64_t length_us, StrategyPlan *plan,
                      RuleStream *stream, Error *error) {
    double parameters[STRATEGY_PARAMETERS_MAX];
    strategy_presets(strategy, parameters);
    strategy_make_plan(strategy, parameters, plan);
    return rule_stream_init(stream, plan, strategy, parameters, length_us, error);
}

/* A position that follows the wishes, without prices: what is entered is held from the next bar
 * on. */
static void follow(RulePosition *position, const StrategyWish *wish, double close) {
    if (position->open)
        position->bars_held++;
    else if (position->bars_flat != RULE_NEVER)
        position->bars_flat++;
    if (wish->kind == WISH_ENTER || (wish->kind == WISH_ADD && !position->open))
        *position = (RulePosition){.open = true, .bars_held = 1, .average = close};
    if (wish->kind == WISH_LEAVE) *position = (RulePosition){.bars_flat = 1};
}

static bool run_stream(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                       void *scratch, CanarySink *sink, Error *error) {
    const Strategy *strategy = subject->context;
    StrategyPlan plan;
    RuleStream stream;
    RulePosition position = {.bars_flat = RULE_NEVER};
    (void)count;
    if (!stream_of(strategy, series->length_us, &plan, &stream, error)) return false;
    CHECK(stream.size <= STATE_BYTES, "a stream's state is small");
    rule_stream_start(&stream, strategy, scratch, 1);
    for (size_t row = 0; row < series->count; row++) {
        Bar bar = candle_series_bar(series, row);
        rule_stream_feed(&stream, scratch, &bar, NULL);
        StrategyWish wish = rule_stream_wish(&stream, strategy, scratch, &position);
        follow(&position, &wish, price_double(bar.close));
        const double wished[] = {wish.kind, wish.fraction, wish.stop_fraction,
                                 wish.target_fraction};
        canary_say(sink, close_us(series, row), 0, rule_stream_columns(&stream, scratch),
                   plan.column_count * sizeof(double));
        canary_say(sink, close_us(series, row), 0, wished, sizeof wished);
    }
    return true;
}

CanarySubject canary_of_stream(const Strategy *strategy) {
    return (CanarySubject){
        .kind = "strategy", .name = strategy->name, .context = strategy, .run = run_stream};
}

/* ---- its columns as a batch ---------------------------------------------------------------- */

static bool run_columns(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                        void *scratch, CanarySink *sink, Error *error) {
    StrategyPlan plan;
    RuleStream stream;
    RuleColumns columns;
    uint32_t places[PLAN_COLUMNS_MAX];
    Arena arena = arena_in(scratch, canary_scratch(series->count));
    (void)count;
    if (!stream_of(subject->context, series->length_us, &plan, &stream, error)) return false;
    rule_columns_init(&columns, &arena, PLAN_COLUMNS_MAX, series->length_us);
    if (!rule_columns_add(&columns, &plan, places, error)) return false;
    rule_columns_open(&columns, &arena, series->count);
    size_t rows = rule_columns_next(&columns, series, NULL);
    for (size_t row = 0; row < rows; row++) {
        double now[PLAN_COLUMNS_MAX];
        for (unsigned i = 0; i < plan.column_count; i++) {
            const double *values = rule_columns_values(&columns, places[i]);
            now[i] = values ? values[row] : plan.columns[i].factor;
        }
        canary_say(sink, close_us(series, row), 0, now, plan.column_count * sizeof *now);
    }
    return true;
}

CanarySubject canary_of_columns(const Strategy *strategy) {
    return (CanarySubject){
        .kind = "columns", .name = strategy->name, .context = strategy, .run = run_columns};
}

/* ---- a trial ------------------------------------------------------------------------------- */

static TrialPlan trial_plan_of(const Strategy *strategy, const TrialMarket *market) {
    TrialPlan plan = {.strategy = strategy,
                      .markets = market,
                      .market_count = 1,
                      .balance = money_of(BALANCE),
                      .costs = {.fee_ppm = FEE_PPM, .slippage_ppm = SLIPPAGE_PPM},
                      .size_limit = 1,
                      .positions_max = 1,
                      .seed = 1};
    strategy_presets(strategy, plan.parameters);
    return plan;
}

/* At the end of the data everything is sold at the last close, which nobody could know before: so
 * such trades are left out, and equity is told a bar late. */
static void say_trial(const TrialOutput *output, const TrialResult *result,
                      const CandleSeries *series, CanarySink *sink) {
    uint32_t trade = 0;
    for (size_t row = 1; row < output->equity_count; row++) {
        int64_t now_us = close_us(series, row);
        for (; trade < result->trades && output->trades[trade].exit_us <= now_us; trade++) {
            uint64_t hash = trial_trade_hash(0, &output->trades[trade]);
            if (output->trades[trade].reason != REASON_FLATTEN)
                canary_say(sink, now_us, 0, &hash, sizeof hash);
        }
        canary_say(sink, now_us, 0, &output->equity[row - 1], sizeof output->equity[0]);
    }
}

static bool run_either(const TrialPlan *plan, bool fast, Arena *arena, TrialOutput *output,
                       TrialResult *result, Error *error) {
    fast = fast && trial_fast_fits(plan);
    size_t size = fast ? trial_fast_memory(plan) : trial_memory(plan);
    if (size > arena->size - arena->used)
        return error_set(error, ERROR_LIMIT, "the canary has too little room for a trial",
                         plan->strategy->name, NULL);
    void *memory = arena_take(arena, size);
    return fast ? trial_fast_run(plan, memory, output, result, NULL, error)
                : trial_run(plan, memory, output, result, error);
}

static bool run_trials(const CanarySubject *subject, const CandleSeries *series, bool fast,
                       void *scratch, CanarySink *sink, Error *error) {
    const Strategy *strategy = subject->context;
    Arena arena = arena_in(scratch, canary_scratch(series->count));
    TrialMarket market = {.candles = *series,
                          .filters = {.tick = price_of(1), .step = quantity_of(1)},
                          .end = series->count};
    TrialPlan plan = trial_plan_of(strategy, &market);
    TrialOutput output = {.trades_max = (uint32_t)series->count, .equity_max = series->count};
    TrialResult result;
    output.trades = arena_take(&arena, series->count * sizeof *output.trades);
    output.equity = arena_take(&arena, series->count * sizeof *output.equity);
    if (!run_either(&plan, fast, &arena, &output, &result, error)) return false;
    if (result.trades > output.trades_max)
        return error_set(error, ERROR_LIMIT, "more trades than bars", strategy->name, NULL);
    say_trial(&output, &result, series, sink);
    return true;
}

static bool run_trial(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                      void *scratch, CanarySink *sink, Error *error) {
    (void)count;
    return run_trials(subject, series, false, scratch, sink, error);
}

static bool run_fast_trial(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                           void *scratch, CanarySink *sink, Error *error) {
    (void)count;
    return run_trials(subject, series, true, scratch, sink, error);
}

CanarySubject canary_of_trial(const Strategy *strategy) {
    return (CanarySubject){
        .kind = "trial", .name = strategy->name, .context = strategy, .run = run_trial};
}

CanarySubject canary_of_fast_trial(const Strategy *strategy) {
    return (CanarySubject){
        .kind = "fast trial", .name = strategy->name, .context = strategy, .run = run_fast_trial};
}
