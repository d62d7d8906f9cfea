/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/trial_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/check.h"
#include "core/sim/paper_costs.h"
#include "core/trial/trial_fast.h"
#include "shell/accel/accel.h"
#include "shell/store/candle_key.h"
#include "shell/sys/clock.h"

#define TRIAL_VERSION "trial-1" /* change when the same run gives other trades */
#define LAB_VERSION   "lab-1"
#define LAB_NAME      "all_services" /* in place of a strategy's */
#define TRADES_FIRST  4096           /* kept at first; a run with more is run again with room */

void trial_job_init(TrialJob *job, const Settings *settings) {
    Quantity smallest;
    bool sound = quantity_from_double(settings->trading.min_trade_amount, &smallest);
    Quantity balance;
    sound = sound && quantity_from_double(settings->paper.opening_balance, &balance);
    CHECK(sound, "min_trade_amount and opening_balance are bounded by their declarations");
    *job = (TrialJob){.fee_bps = settings->paper.fee_bps,
                      .spread_bps = settings->paper.spread_bps,
                      .slippage_bps = settings->paper.slippage_bps,
                      .wish = {.social = settings},
                      .costs = paper_costs(settings),
                      .balance = money_of(balance.units),
                      .smallest = money_of(smallest.units),
                      .size_limit = 1,
                      .positions_max = (unsigned)settings->trading.max_positions,
                      .seed = 1};
}

TrialPlan trial_job_plan(const TrialJob *job, const MarketLoad *load) {
    TrialPlan plan = {.strategy = job->strategy,
                      .wide = accel_wide(),
                      .markets = load->markets,
                      .market_count = load->count,
                      .balance = job->balance,
                      .costs = job->costs,
                      .smallest = job->smallest,
                      .size_limit = job->size_limit,
                      .positions_max = job->positions_max,
                      .seed = job->seed};
    memcpy(plan.parameters, job->parameters, sizeof plan.parameters);
    return plan;
}

size_t trial_job_memory(const TrialPlan *plan) {
    return trial_fast_fits(plan) ? trial_fast_memory(plan) : trial_memory(plan);
}

bool trial_job_step(const TrialPlan *plan, void *memory, TrialOutput *output, TrialResult *result,
                    Error *error) {
    return trial_fast_fits(plan) ? trial_fast_run(plan, memory, output, result, NULL, error)
                                 : trial_run(plan, memory, output, result, error);
}

/* ---- the run --------------------------------------------------------------------------------- */

typedef struct Work {
    const MarketLoad *load;
    TrialPlan plan;
    TrialOutput output;
    TrialResult result;
    double seconds;
    void *memory;
    size_t bars;
} Work;

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "backtest", "ask for fewer bars");
}

static void work_free(Work *work) {
    free(work->memory);
    free(work->output.trades);
    free(work->output.equity);
    free(work->output.equity_us);
}

static bool run_once(Work *work, Error *error) {
    work->output.equity_count = 0;
    int64_t began_us = clock_monotonic_us();
    bool sound = trial_job_step(&work->plan, work->memory, &work->output, &work->result, error);
    work->seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    return sound;
}

static bool room_for_trades(Work *work, uint32_t count) {
    free(work->output.trades);
    work->output.trades = calloc(count, sizeof work->output.trades[0]);
    work->output.trades_max = count;
    return work->output.trades != NULL;
}

static bool run_all(Work *work, Error *error) {
    for (unsigned i = 0; i < work->load->count; i++)
        work->bars += work->load->markets[i].end - work->load->markets[i].first;
    work->memory = malloc(trial_job_memory(&work->plan));
    work->output.equity = malloc(work->bars * sizeof work->output.equity[0]);
    work->output.equity_us = malloc(work->bars * sizeof work->output.equity_us[0]);
    work->output.equity_max = work->bars;
    if (!work->memory || !work->output.equity || !work->output.equity_us ||
        !room_for_trades(work, TRADES_FIRST))
        return no_memory(error);
    if (!run_once(work, error)) return false;
    if (work->result.trades <= work->output.trades_max) return true;
    if (!room_for_trades(work, work->result.trades)) return no_memory(error);
    return run_once(work, error);
}

/* ---- what it is worth ------------------------------------------------------------------------ */

static bool measure(const TrialRun *run, Result *result, Error *error) {
    TrialPlan plan = trial_job_plan(run->job, run->load);
    MetricsInput input = metrics_input(&plan, run->output, run->result);
    double *scratch = malloc((input.count + 1) * sizeof scratch[0]);
    if (!scratch) return no_memory(error);
    metrics_of(&input, scratch, &result->metrics);
    free(scratch);
    result->start_us = input.first_us;
    result->end_us = input.last_us;
    result->length_us = input.length_us;
    result->steps = input.count;
    return true;
}

/* ---- the document ---------------------------------------------------------------------------- */

static void hash_settings(const TrialJob *job, const MarketLoad *load, const Result *result,
                          char hex[static 2 * SHA256_SIZE + 1]) {
    char memory[16384];
    uint8_t digest[SHA256_SIZE];
    Text text = TEXT_IN(memory), out = text_in(hex, 2 * SHA256_SIZE + 1);
    text_format(&text, "%s %s", job->strategy ? TRIAL_VERSION : LAB_VERSION, result->strategy);
    for (unsigned i = 0; i < result->parameter_count; i++) {
        text_format(&text, " %s=", result->parameters[i].name);
        text_double(&text, job->parameters[i]);
    }
    text_format(&text, " %s", result->decider);
    text_format(&text, " %D %D %D %D", result->start_us, result->end_us, job->costs.fee_ppm,
                job->costs.half_spread_ppm);
    text_format(&text, " %D %D %D %D ", job->costs.slippage_ppm, (int64_t)job->positions_max,
                (int64_t)job->seed, job->wish.resolve_us);
    text_double(&text, job->size_limit);
    text_double(&text, money_double(job->balance));
    text_double(&text, money_double(job->smallest));
    for (unsigned i = 0; i < load->count; i++)
        market_load_filters(load, i, &text);
    text_hex(&text, load->digest, SHA256_SIZE);
    CHECK(!text.overflow, "the settings of a backtest fit into their memory");
    sha256_of(text.at, text.length, digest);
    text_hex(&out, digest, SHA256_SIZE);
    text_end(&out);
}

static void describe_trade(const TrialRun *run, const TrialTrade *trade, ResultTrade *said) {
    double cost = price_double(trade->entry) * quantity_double(trade->quantity);
    *said = (ResultTrade){.symbol = run->load->symbols[trade->market].name,
                          .entry_us = trade->entry_us,
                          .exit_us = trade->exit_us,
                          .entry = trade->entry,
                          .exit = trade->exit,
                          .quantity = trade->quantity,
                          .gain = trade->gain,
                          .fees = trade->fees,
                          .slippage = trade->slippage,
                          .return_pct = cost > 0 ? 100 * money_double(trade->gain) / cost : 0,
                          .worst_pct = 100 * trade->worst,
                          .best_pct = 100 * trade->best,
                          .bars = trade->exit_bar - trade->entry_bar + 1,
                          .reason = trade->reason};
}

static bool describe_lists(const TrialRun *run, Result *result, Error *error) {
    ResultPoint *points = calloc(RESULT_POINTS, sizeof points[0]);
    result->trades = calloc(run->result->trades + 1, sizeof result->trades[0]);
    if (!points || !result->trades) {
        free(points);
        return no_memory(error);
    }
    result->trade_count = run->result->trades;
    for (unsigned i = 0; i < result->trade_count; i++)
        describe_trade(run, &run->output->trades[i], &result->trades[i]);
    result_curve(result, run->output->equity, run->output->equity_us, run->output->equity_count,
                 points);
    return true;
}

/* Whether some market has a value of every social series that the strategy's rules read. */
static bool has_its_series(const TrialRun *run) {
    StrategyPlan plan = {.column_count = 0};
    strategy_make_plan(run->job->strategy, run->job->parameters, &plan);
    for (unsigned i = 0; i < run->load->count; i++) {
        bool has_all = true;
        for (unsigned k = 0; k < plan.column_count; k++)
            has_all &= plan.columns[k].kind != COLUMN_EXTERNAL ||
                       market_load_has(run->load, i, plan.columns[k].external);
        if (has_all) return true;
    }
    return false;
}

static void note(const TrialRun *run, Result *result) {
    Text text = TEXT_IN(result->note);
    unsigned derived = 0;
    for (unsigned i = 0; i < run->load->count; i++)
        derived += run->load->derived[i];
    if (derived) text_put(&text, "filters derived from the data; ");
    if (!run->job->strategy || run->job->strategy->needs_social) {
        social_history_tell(&run->load->social, &text);
        if (run->job->strategy && !has_its_series(run))
            text_put(&text, ": nothing of what the strategy goes by, it cannot trade");
        text_put(&text, "; ");
    }
    if (run->load->incomplete)
        text_format(&text, "%D candles left out because shorter ones are missing; ",
                    (int64_t)run->load->incomplete);
    if (run->load->refused)
        text_format(&text, "%D rows of the files refused; ", (int64_t)run->load->refused);
    if (run->result->refused)
        text_format(&text, "%D wishes refused (cash, places, size or filters); ",
                    (int64_t)run->result->refused);
    if (text.length > 2) text.length -= 2;
    text_end(&text);
}

static void interval_text(int64_t length_us, char *target, size_t size) {
    Text text = text_in(target, size);
    text_put(&text, length_us ? candle_length_name(length_us) : "");
    text_end(&text);
}

/* The time first, so that names sort by it; then what and with which settings. */
static void name_result(Result *result) {
    Calendar at = instant_calendar(result->created_us);
    Text text = TEXT_IN(result->id);
    text_int_padded(&text, at.year, 4);
    text_int_padded(&text, at.month, 2);
    text_int_padded(&text, at.day, 2);
    text_char(&text, '-');
    text_int_padded(&text, at.hour, 2);
    text_int_padded(&text, at.minute, 2);
    text_int_padded(&text, at.second, 2);
    text_int_padded(&text, at.microsecond / 1000, 3);
    text_format(&text, "-%s-%S", result->strategy, (Slice){result->settings_hash, 8});
    text_end(&text);
}

static void describe_decider(const TrialJob *job, Result *result) {
    Text strategy = TEXT_IN(result->strategy), engine = TEXT_IN(result->engine);
    text_put(&strategy, job->strategy ? job->strategy->name : LAB_NAME);
    text_put(&engine, job->strategy ? "trial" : "lab");
    text_end(&strategy);
    text_end(&engine);
    if (!job->strategy) {
        Text decider = TEXT_IN(result->decider);
        text_hex(&decider, job->settings, SHA256_SIZE);
        text_end(&decider);
    }
    result->parameter_count = job->strategy ? strategy_parameter_count(job->strategy) : 0;
    for (unsigned i = 0; i < result->parameter_count; i++) {
        Text name = TEXT_IN(result->parameters[i].name);
        text_put(&name, job->strategy->parameters[i].name);
        text_end(&name);
        result->parameters[i].value = job->parameters[i];
    }
}

static void describe(const TrialRun *run, Result *result) {
    const TrialJob *job = run->job;
    const MarketLoad *load = run->load;
    describe_decider(job, result);
    result->symbol_count = load->count;
    for (unsigned i = 0; i < load->count; i++)
        result->symbols[i] = load->symbols[i].name;
    result->quote = load->symbols[0].quote;
    interval_text(load->markets[0].candles.length_us, result->interval, sizeof result->interval);
    interval_text(job->wish.resolve_us, result->resolve, sizeof result->resolve);
    result->fee_bps = job->fee_bps;
    result->spread_bps = job->spread_bps;
    result->slippage_bps = job->slippage_bps;
    result->initial = job->balance;
    result->final = run->result->final;
    result->fees = run->result->fees;
    result->slippage = run->result->slippage;
    result->social_readings = load->social.count;
    if (load->social.count) {
        result->social_from_us = load->social.at[0].known;
        result->social_to_us = load->social.at[load->social.count - 1].known;
    }
    result->bars = run->result->bars;
    result->refused = run->result->refused;
    result->bars_per_second = run->seconds > 0 ? (double)run->result->bars / run->seconds : 0;
    Text trades = TEXT_IN(result->trades_hash);
    for (int shift = 56; shift >= 0; shift -= 8)
        text_hex(&trades, &(uint8_t){(uint8_t)(run->result->hash >> shift)}, 1);
    text_end(&trades);
}

bool trial_run_describe(const TrialRun *run, Result *result, Error *error) {
    *result = (Result){.created_us = clock_wall_us(), .deflated_sharpe_p = (double)NAN};
    if (run->result->ledger_fault)
        return error_set(error, ERROR_FAILURE, run->result->ledger_fault, "ledger",
                         "this is a defect: please report it");
    if (!measure(run, result, error)) return false;
    describe(run, result);
    note(run, result);
    hash_settings(run->job, run->load, result, result->settings_hash);
    name_result(result);
    bool sound = describe_lists(run, result, error);
    if (!sound) result_free(result);
    return sound;
}

bool trial_job_over(const TrialJob *job, const MarketLoad *load, Result *result, Error *error) {
    Work work = {.load = load, .plan = trial_job_plan(job, load)};
    bool sound = run_all(&work, error);
    TrialRun run = {job, load, &work.output, &work.result, work.seconds};
    sound = sound && trial_run_describe(&run, result, error);
    work_free(&work);
    return sound;
}

bool trial_job_run(const TrialJob *job, Result *result, Error *error) {
    MarketLoad *load = calloc(1, sizeof *load); /* its 32 markets are too large for a stack */
    if (!load) return no_memory(error);
    bool sound =
        market_load_open(load, &job->wish, error) && trial_job_over(job, load, result, error);
    market_load_close(load);
    free(load);
    return sound;
}
