/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/walk_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/sys/clock.h"

#define SETS_MAX   100000 /* each is tried anew in every window */
#define TRADES_MAX 1000000

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "walk-forward", NULL);
}

/* The sets of the space that the strategy takes. */
static bool list_sets(const SweepSpace *space, Walked *walked, Error *error) {
    uint64_t count = sweep_count(space);
    if (count == 0 || count > SETS_MAX)
        return error_set(error, ERROR_USAGE,
                         count ? "more than 100,000 sets" : "no set of parameters to try", "grid",
                         "as in --grid fast=10:50:10,slow=60:200:20");
    walked->sets = calloc(count * STRATEGY_PARAMETERS_MAX, sizeof walked->sets[0]);
    if (!walked->sets) return no_memory(error);
    for (uint64_t index = 0; index < count; index++) {
        double *set = walked->sets + (size_t)walked->set_count * STRATEGY_PARAMETERS_MAX;
        walked->set_count += sweep_parameters(space, index, set);
    }
    return walked->set_count > 0 ||
           error_set(error, ERROR_USAGE, "no set of the grid fits the strategy", "grid", NULL);
}

typedef struct Stitched {
    TrialOutput output;
    TrialResult result;
    void *memory;
} Stitched;

static bool stitched_open(Stitched *stitched, const MarketLoad *load, const WalkForwardPlan *plan,
                          Error *error) {
    size_t bars = 0;
    for (unsigned i = 0; i < load->count; i++)
        bars += load->markets[i].end - load->markets[i].first;
    uint32_t trades = bars < TRADES_MAX ? (uint32_t)bars + 1 : TRADES_MAX;
    stitched->output = (TrialOutput){.trades = calloc(trades, sizeof(TrialTrade)),
                                     .trades_max = trades,
                                     .equity = calloc(bars + 1, sizeof(double)),
                                     .equity_us = calloc(bars + 1, sizeof(int64_t)),
                                     .equity_max = bars};
    stitched->memory = malloc(walk_forward_memory(plan) + 1);
    return (stitched->output.trades && stitched->output.equity && stitched->output.equity_us &&
            stitched->memory) ||
           no_memory(error);
}

static void stitched_close(Stitched *stitched) {
    free(stitched->output.trades);
    free(stitched->output.equity);
    free(stitched->output.equity_us);
    free(stitched->memory);
}

/* The result begins where the first window trades. */
static void place(const Walked *walked, MarketLoad *load) {
    for (unsigned i = 0; i < load->count; i++) {
        TrialMarket *market = &load->markets[i];
        const WalkForwardWindow *last = &walked->windows[walked->walk.windows - 1];
        market->first = candle_series_before(&market->candles, walked->windows[0].test_first_us);
        market->end = candle_series_before(&market->candles, last->test_end_us);
    }
}

static void sum_trades(const Walked *walked, const MarketLoad *load, Stitched *stitched,
                       uint32_t count) {
    TrialResult *result = &stitched->result;
    *result = (TrialResult){.final = walked->walk.final, .trades = count};
    for (uint32_t i = 0; i < count; i++) {
        const TrialTrade *trade = &stitched->output.trades[i];
        Money bought = price_times_quantity(trade->entry, trade->quantity).money;
        Money sold = price_times_quantity(trade->exit, trade->quantity).money;
        result->fees = money_add(result->fees, trade->fees);
        result->slippage = money_add(result->slippage, trade->slippage);
        result->turnover = money_add(result->turnover, money_add(bought, sold));
        result->exposed += trade->exit_bar - trade->entry_bar;
        result->hash = trial_trade_hash(result->hash, trade);
    }
    for (unsigned i = 0; i < load->count; i++)
        result->bars += load->markets[i].end - load->markets[i].first;
}

static void tell(Walked *walked) {
    Result *result = &walked->result;
    char kept[sizeof result->note];
    memcpy(kept, result->note, sizeof kept);
    Text note = TEXT_IN(result->note);
    text_format(&note,
                "walk-forward: %D windows, %D sets each; the parameters are the presets, "
                "each window had its own",
                (int64_t)walked->walk.windows, (int64_t)walked->set_count);
    if (kept[0]) text_format(&note, "; %s", kept);
    text_end(&note);
}

static bool run_loaded(const WalkJob *job, MarketLoad *load, Walked *walked, Error *error) {
    TrialPlan trial = trial_job_plan(&job->job, load);
    Stitched stitched = {.memory = NULL};
    if (!list_sets(&job->space, walked, error)) return false;
    WalkForwardPlan plan = {.trial = &trial,
                            .sets = walked->sets,
                            .set_count = walked->set_count,
                            .train_us = job->train_us,
                            .test_us = job->test_us,
                            .purge_us = job->purge_us,
                            .embargo_us = job->embargo_us,
                            .anchored = job->anchored,
                            .measure = job->measure,
                            .trades_min = job->trades_min,
                            .run = trial_job_step,
                            .run_memory = trial_job_memory};
    uint32_t windows = walk_forward_windows(&plan);
    walked->windows = calloc(windows + 1, sizeof walked->windows[0]);
    if (!walked->windows) return no_memory(error);
    int64_t began_us = clock_monotonic_us();
    bool sound = stitched_open(&stitched, load, &plan, error) &&
                 walk_forward_of(&plan, stitched.memory, walked->windows, &stitched.output,
                                 &walked->walk, error);
    double seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    if (sound) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < walked->walk.windows; i++)
            count += walked->windows[i].outside.trades;
        if (count > stitched.output.trades_max) count = stitched.output.trades_max;
        place(walked, load);
        sum_trades(walked, load, &stitched, count);
        TrialRun run = {&job->job, load, &stitched.output, &stitched.result, seconds};
        sound = trial_run_describe(&run, &walked->result, error);
        if (sound) tell(walked);
    }
    stitched_close(&stitched);
    return sound;
}

bool walk_job_run(const WalkJob *job, Walked *walked, Error *error) {
    MarketLoad *load = calloc(1, sizeof *load);
    *walked = (Walked){.set_count = 0};
    if (!load) return no_memory(error);
    bool sound =
        market_load_open(load, &job->job.wish, error) && run_loaded(job, load, walked, error);
    market_load_close(load);
    free(load);
    if (!sound) walked_free(walked);
    return sound;
}

void walked_free(Walked *walked) {
    result_free(&walked->result);
    free(walked->windows);
    free(walked->sets);
    walked->windows = NULL;
    walked->sets = NULL;
}
