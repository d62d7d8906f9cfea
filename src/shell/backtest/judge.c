/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/trial/sharpe_test.h"
#include "shell/backtest/trial_count.h"

#define TRADES_MAX 200000 /* more are drawn from these: the distribution is the same */
#define RUIN       0.5    /* half of the money gone */
#define LEVEL      0.95
#define YEAR_US    (365 * INSTANT_DAY_US)

typedef struct Desk {
    const JudgePlan *plan;
    MarketLoad *load;
    TrialPlan trial;
    TrialOutput output;
    TrialResult result;
    void *memory;
    double *scratch, *returns; /* folded */
    size_t bars, fold, count;  /* steps a return; returns */
    double steps_a_year;       /* of the folded returns */
} Desk;

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "judge", "ask for fewer bars");
}

/* A part that cannot be said is a gap, not a failure. */
static void *take(size_t size, JudgeGap *gap) {
    void *memory = malloc(size ? size : 1);
    if (!memory) snprintf(gap->reason, sizeof gap->reason, "out of memory");
    return memory;
}

static void leave_gap(JudgeGap *gap, const Error *error) {
    snprintf(gap->reason, sizeof gap->reason, "%s", error->message);
}

/* ---- the run --------------------------------------------------------------------------------- */

static void desk_free(Desk *desk) {
    free(desk->memory);
    free(desk->output.trades);
    free(desk->output.equity);
    free(desk->scratch);
    free(desk->returns);
}

static bool desk_open(Desk *desk, Error *error) {
    desk->trial = trial_job_plan(&desk->plan->job, desk->load);
    for (unsigned index = 0; index < desk->load->count; index++)
        desk->bars += desk->load->markets[index].end - desk->load->markets[index].first;
    desk->memory = malloc(trial_job_memory(&desk->trial));
    desk->output.trades = calloc(TRADES_MAX, sizeof(TrialTrade));
    desk->output.trades_max = TRADES_MAX;
    desk->output.equity = malloc(desk->bars * sizeof(double));
    desk->output.equity_max = desk->bars;
    desk->scratch = malloc(desk->bars * sizeof(double));
    desk->returns = malloc((JUDGE_RETURNS + 1) * sizeof(double));
    return (desk->memory && desk->output.trades && desk->output.equity && desk->scratch &&
            desk->returns) ||
           no_memory(error);
}

/* Returns over `fold` steps each, the oldest that do not fill one left out. */
static void fold_returns(const Desk *desk, double *returns) {
    size_t skipped = desk->output.equity_count - desk->count * desk->fold;
    const double *equity = desk->output.equity;
    double before = skipped ? equity[skipped - 1] : money_double(desk->trial.balance);
    for (size_t index = 0; index < desk->count; index++) {
        double after = equity[skipped + (index + 1) * desk->fold - 1];
        returns[index] = before > 0 ? after / before - 1 : 0;
        before = after;
    }
}

static bool desk_run(Desk *desk, Judgement *judgement, Error *error) {
    if (!trial_job_step(&desk->trial, desk->memory, &desk->output, &desk->result, error))
        return false;
    MetricsInput input = metrics_input(&desk->trial, &desk->output, &desk->result);
    metrics_of(&input, desk->scratch, &judgement->metrics);
    size_t steps = desk->output.equity_count;
    desk->fold = steps / JUDGE_RETURNS + 1;
    desk->count = steps / desk->fold;
    double length_us = (double)desk->trial.markets[0].candles.length_us * (double)desk->fold;
    desk->steps_a_year = (double)YEAR_US / length_us;
    judgement->days_a_return = length_us / (double)INSTANT_DAY_US;
    fold_returns(desk, desk->returns);
    return true;
}

/* ---- its parts ------------------------------------------------------------------------------- */

static void judge_sharpe(const Desk *desk, Judgement *judgement) {
    SharpeSample sample = sharpe_sample(desk->returns, desk->count);
    judgement->probability = sharpe_probability(&sample, 0);
    judgement->track_record_days =
        sharpe_track_record(&sample, 0, LEVEL) * judgement->days_a_return;
}

static void judge_bootstrap(const Desk *desk, Judgement *judgement) {
    Error error;
    BootstrapPlan plan = {.returns = desk->returns,
                          .count = desk->count,
                          .steps_a_year = desk->steps_a_year,
                          .resample = {.seed = desk->plan->job.seed},
                          .replicas = BOOTSTRAP_REPLICAS,
                          .level = LEVEL};
    void *memory = take(bootstrap_memory(&plan), &judgement->no_bootstrap);
    if (memory && !bootstrap_of(&plan, memory, &judgement->bootstrap, &error))
        leave_gap(&judgement->no_bootstrap, &error);
    free(memory);
}

static uint32_t kept_trades(const Desk *desk) {
    return desk->result.trades < TRADES_MAX ? desk->result.trades : TRADES_MAX;
}

static void judge_trades(const Desk *desk, Judgement *judgement) {
    Error error;
    PlaceboPlan placebo = {.trial = &desk->trial,
                           .trades = desk->output.trades,
                           .trade_count = kept_trades(desk),
                           .placebos = desk->plan->placebos,
                           .seed = desk->plan->job.seed};
    TradeShufflePlan order = {.trades = desk->output.trades,
                              .count = kept_trades(desk),
                              .balance = desk->trial.balance,
                              .paths = desk->plan->placebos,
                              .seed = desk->plan->job.seed,
                              .ruin = RUIN};
    size_t first = placebo_memory(&placebo), second = trade_shuffle_memory(&order);
    void *memory = take(first > second ? first : second, &judgement->no_trades);
    bool sound = memory && placebo_of(&placebo, memory, NULL, &judgement->placebo, &error) &&
                 trade_shuffle_of(&order, memory, &judgement->order, &error);
    if (memory && !sound) leave_gap(&judgement->no_trades, &error);
    free(memory);
}

static void judge_candles(const Desk *desk, Judgement *judgement) {
    Error error;
    CandleShufflePlan plan = {.trial = &desk->trial,
                              .resample = {.seed = desk->plan->job.seed},
                              .paths = desk->plan->paths};
    void *memory = take(candle_shuffle_memory(&plan), &judgement->no_candles);
    if (memory && !candle_shuffle_of(&plan, memory, NULL, &judgement->candles, &error))
        leave_gap(&judgement->no_candles, &error);
    free(memory);
}

/* ---- the grid -------------------------------------------------------------------------------- */

typedef struct Grid {
    double *returns, *sets, *ratios;
    uint32_t count;
} Grid;

static void grid_free(Grid *grid) {
    free(grid->returns);
    free(grid->sets);
    free(grid->ratios);
}

static bool grid_open(const Desk *desk, uint64_t count, Grid *grid, Error *error) {
    if (count < 2 || count > JUDGE_SETS)
        return error_set(error, ERROR_USAGE, "a grid of 2 to 2,000 sets can be judged", "grid",
                         "take larger steps");
    grid->returns = malloc(count * desk->count * sizeof(double));
    grid->sets = calloc(count * STRATEGY_PARAMETERS_MAX, sizeof(double));
    grid->ratios = malloc(count * sizeof(double));
    return (grid->returns && grid->sets && grid->ratios) || no_memory(error);
}

/* Every set that fits, run over the whole: its folded returns are a row. */
static bool grid_run(Desk *desk, uint64_t count, Grid *grid, Error *error) {
    for (uint64_t index = 0; index < count; index++) {
        double *set = grid->sets + (size_t)grid->count * STRATEGY_PARAMETERS_MAX;
        if (!sweep_parameters(desk->plan->space, index, set)) continue;
        TrialPlan trial = desk->trial;
        memcpy(trial.parameters, set, sizeof trial.parameters);
        void *memory = malloc(trial_job_memory(&trial));
        if (!memory) return no_memory(error);
        bool sound = trial_job_step(&trial, memory, &desk->output, &desk->result, error);
        free(memory);
        if (!sound) return false;
        double *row = grid->returns + (size_t)grid->count * desk->count;
        fold_returns(desk, row);
        grid->ratios[grid->count++] =
            sharpe_sample(row, desk->count).ratio * sqrt(desk->steps_a_year);
    }
    return true;
}

static void annualise(CrossValidation *validation, double a_year) {
    double *const figures[] = {&validation->low, &validation->median, &validation->high,
                               &validation->mean, &validation->deviation};
    for (unsigned index = 0; index < sizeof figures / sizeof figures[0]; index++)
        *figures[index] *= a_year;
}

static bool judge_picks(const Desk *desk, const Grid *grid, Judgement *judgement, Error *error) {
    OverfittingInput picks = {.returns = grid->returns,
                              .sets = grid->count,
                              .steps = desk->count,
                              .blocks = JUDGE_BLOCKS};
    CrossValidationInput paths = {.returns = grid->returns,
                                  .sets = grid->count,
                                  .steps = desk->count,
                                  .groups = JUDGE_GROUPS,
                                  .tests = JUDGE_TESTS,
                                  .purge = 1,
                                  .embargo = desk->count / 100}; /* a hundredth, as the book has */
    size_t first = overfitting_memory(grid->count, JUDGE_BLOCKS);
    size_t second = cross_validation_memory(&paths);
    void *memory = malloc(first > second ? first : second);
    if (!memory) return no_memory(error);
    bool sound = overfitting_of(&picks, memory, NULL, &judgement->overfitting, error) &&
                 cross_validation_of(&paths, memory, NULL, NULL, &judgement->validation, error);
    free(memory);
    annualise(&judgement->validation, sqrt(desk->steps_a_year));
    return sound;
}

/* A grid is asked for: what is wrong with it is an error. Its sets are trials like any others. */
static bool judge_grid(Desk *desk, Judgement *judgement, Error *error) {
    Grid grid = {.count = 0};
    uint64_t count = sweep_count(desk->plan->space);
    bool sound =
        grid_open(desk, count, &grid, error) && grid_run(desk, count, &grid, error) &&
        judge_picks(desk, &grid, judgement, error) &&
        trial_count_sets(&desk->plan->job, desk->load, grid.sets, grid.ratios, grid.count, error);
    judgement->sets = grid.count;
    grid_free(&grid);
    return sound;
}

static bool judge_all(Desk *desk, Judgement *judgement, Error *error) {
    if (!desk_open(desk, error) || !desk_run(desk, judgement, error) ||
        !trial_count_sets(&desk->plan->job, desk->load, desk->plan->job.parameters,
                          &judgement->metrics.sharpe_ratio, 1, error))
        return false;
    judge_sharpe(desk, judgement);
    judge_bootstrap(desk, judgement);
    judge_trades(desk, judgement);
    judge_candles(desk, judgement);
    if (!desk->plan->space) {
        snprintf(judgement->no_sets.reason, sizeof judgement->no_sets.reason, "no grid was given");
        return true;
    }
    return judge_grid(desk, judgement, error);
}

bool judge_run(const JudgePlan *plan, Judgement *judgement, Error *error) {
    Desk desk = {.plan = plan, .load = calloc(1, sizeof *desk.load)};
    if (!desk.load) return no_memory(error);
    *judgement = (Judgement){.sets = 0};
    bool sound =
        market_load_open(desk.load, &plan->job.wish, error) && judge_all(&desk, judgement, error);
    desk_free(&desk);
    market_load_close(desk.load);
    free(desk.load);
    return sound;
}
