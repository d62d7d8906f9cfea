/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial.h"

#include <math.h>

#include "core/trial/rule_stream.h"
#include "core/trial/trial_book.h"
#include "core/trial/trial_plan.h"

/* One market's place in its history. */
typedef struct TrialLane {
    const TrialMarket *market;
    void *state;  /* of the stream */
    size_t bar;   /* the next one */
    size_t finer; /* the next of the finer candles */
    bool lives;   /* has a bar at the instant in hand */
    TrialMoment moment;
} TrialLane;

typedef struct TrialRun {
    const TrialPlan *plan;
    const Strategy *strategy;
    RuleStream stream;
    StrategyPlan rules;
    TrialBook *book;
    TrialLane *lanes;
    TrialOutput *output;
    double newest; /* equity at the newest close, not tracked yet; below 0: there is none */
} TrialRun;

/* ---- one bar ------------------------------------------------------------------------------- */

static void feed(const TrialRun *run, const TrialLane *lane, size_t bar) {
    const TrialMarket *market = lane->market;
    double external[EXTERNAL_COUNT];
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        external[series] = market->external[series] ? market->external[series][bar] : (double)NAN;
    Bar fed = candle_series_bar(&market->candles, bar);
    rule_stream_feed(&run->stream, lane->state, &fed, external);
}

static void open_bar(const TrialRun *run, TrialLane *lane) {
    const CandleSeries *candles = &lane->market->candles;
    lane->moment.bar = (uint32_t)lane->bar;
    lane->moment.time_us = candles->time_us[lane->bar];
    trial_book_open(run->book, &lane->moment, price_of(candles->open[lane->bar]));
}

static void close_bar(const TrialRun *run, TrialLane *lane) {
    const CandleSeries *candles = &lane->market->candles;
    size_t bar = lane->bar;
    Price high = price_of(candles->high[bar]), low = price_of(candles->low[bar]);
    trial_plan_range(run->book, &lane->moment, lane->market, &lane->finer);
    lane->moment.time_us = candles->time_us[bar] + candles->length_us - 1;
    trial_book_close(run->book, &lane->moment, price_of(candles->close[bar]), high, low);
}

static void decide(const TrialRun *run, TrialLane *lane) {
    feed(run, lane, lane->bar);
    RulePosition position = trial_book_position(run->book, lane->moment.market);
    StrategyWish wish = rule_stream_wish(&run->stream, run->strategy, lane->state, &position);
    if (wish.kind != WISH_NONE) trial_book_wish(run->book, &lane->moment, &wish);
    lane->bar++;
}

/* ---- one instant --------------------------------------------------------------------------- */

/* The earliest open time of all markets' next bars; INT64_MAX: the data have ended. */
static int64_t next_instant(TrialRun *run) {
    int64_t time_us = INT64_MAX;
    for (unsigned i = 0; i < run->plan->market_count; i++) {
        const TrialLane *lane = &run->lanes[i];
        if (lane->bar < lane->market->end && lane->market->candles.time_us[lane->bar] < time_us)
            time_us = lane->market->candles.time_us[lane->bar];
    }
    for (unsigned i = 0; i < run->plan->market_count; i++) {
        TrialLane *lane = &run->lanes[i];
        lane->lives =
            lane->bar < lane->market->end && lane->market->candles.time_us[lane->bar] == time_us;
    }
    return time_us;
}

/* The newest close is tracked when the next one comes: at the end it is told anew. */
static void track(TrialRun *run, double equity) {
    if (!run->output->track) return;
    if (run->newest >= 0) equity_track_step(run->output->track, run->newest * DECIMAL_SCALE);
    run->newest = equity;
}

static void record(TrialRun *run, int64_t close_us) {
    TrialOutput *output = run->output;
    if (!output) return;
    double equity = money_double(trial_book_equity(run->book));
    track(run, equity);
    if (output->equity_count == output->equity_max) return;
    if (output->equity) output->equity[output->equity_count] = equity;
    if (output->equity_us) output->equity_us[output->equity_count] = close_us;
    output->equity_count++;
}

static void live_instant(TrialRun *run, int64_t time_us) {
    for (unsigned i = 0; i < run->plan->market_count; i++)
        if (run->lanes[i].lives) open_bar(run, &run->lanes[i]);
    for (unsigned i = 0; i < run->plan->market_count; i++)
        if (run->lanes[i].lives) close_bar(run, &run->lanes[i]);
    record(run, time_us + run->stream.length_us);
    for (unsigned i = 0; i < run->plan->market_count; i++)
        if (run->lanes[i].lives) decide(run, &run->lanes[i]);
}

/* ---- the run ------------------------------------------------------------------------------- */

size_t trial_memory(const TrialPlan *plan) {
    TrialRun run;
    Error error;
    if (!trial_plan_stream(plan, &run.rules, &run.stream, &error)) return 1;
    return arena_rounded(trial_book_size(plan->market_count)) +
           arena_rounded(plan->market_count * sizeof(TrialLane)) +
           plan->market_count * arena_rounded(run.stream.size);
}

static void begin(TrialRun *run, void *memory, TrialOutput *output) {
    const TrialPlan *plan = run->plan;
    Arena arena = arena_in(memory, trial_memory(plan));
    run->book = arena_take(&arena, trial_book_size(plan->market_count));
    run->lanes = arena_take(&arena, plan->market_count * sizeof(TrialLane));
    trial_book_begin(run->book, plan, run->rules.trails ? &run->rules.trailing : NULL, output);
    for (unsigned i = 0; i < plan->market_count; i++) {
        TrialLane *lane = &run->lanes[i];
        const TrialMarket *market = &plan->markets[i];
        *lane = (TrialLane){.market = market, .bar = market->first, .moment = {.market = i}};
        lane->state = arena_take(&arena, run->stream.size);
        lane->finer = candle_series_before(&market->finer, market->candles.time_us[market->first]);
        rule_stream_start(&run->stream, run->strategy, lane->state, plan->seed);
        for (size_t bar = 0; bar < market->first; bar++)
            feed(run, lane, bar);
    }
}

static void end(TrialRun *run, TrialResult *result) {
    TrialMoment moments[LIMIT_SYMBOLS];
    TrialOutput *output = run->output;
    for (unsigned i = 0; i < run->plan->market_count; i++)
        moments[i] = run->lanes[i].moment;
    trial_book_end(run->book, moments, result);
    if (!output) return;
    double final = money_double(result->final);
    if (output->equity && output->equity_count) output->equity[output->equity_count - 1] = final;
    if (output->track) equity_track_step(output->track, final * DECIMAL_SCALE);
}

bool trial_run(const TrialPlan *plan, void *memory, TrialOutput *output, TrialResult *result,
               Error *error) {
    TrialRun run = {.plan = plan, .output = output};
    if (!trial_plan_stream(plan, &run.rules, &run.stream, error)) return false;
    run.strategy = plan->rules ? NULL : plan->strategy;
    if (output) output->equity_count = 0;
    if (output && output->track)
        equity_track_begin(output->track, money_double(plan->balance) * DECIMAL_SCALE);
    run.newest = -1;
    begin(&run, memory, output);
    for (int64_t time_us = next_instant(&run); time_us != INT64_MAX; time_us = next_instant(&run))
        live_instant(&run, time_us);
    end(&run, result);
    return true;
}
