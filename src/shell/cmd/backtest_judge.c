/* SPDX-License-Identifier: Apache-2.0 */
/* Skill or luck: everything that can be said about one strategy's result. */
#include <math.h>
#include <stdlib.h>

#include "core/base/json.h"
#include "shell/backtest/job_words.h"
#include "shell/backtest/judge.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define PATHS         200
#define PATHS_MAX     100000
#define DOCUMENT_SIZE 8192

static bool bad(Error *error, const char *option, const char *message, const char *hint) {
    return error_set(error, ERROR_USAGE, message, option, hint);
}

static bool take_paths(const CommandCall *call, JudgePlan *plan, Error *error) {
    int64_t paths = PATHS;
    const char *word = call_value(call, "paths");
    if (word && (!slice_int(slice_of(word), &paths) || paths < 1 || paths > PATHS_MAX))
        return bad(error, "paths", "not a number of paths", "as in 200");
    plan->paths = (uint32_t)paths;
    plan->placebos = PLACEBO_COUNT;
    return true;
}

static bool take_grid(const CommandCall *call, JudgePlan *plan, SweepSpace *space, Error *error) {
    char memory[2048];
    Text words = TEXT_IN(memory);
    JobSource source = {call, call_value, call_list, call_has};
    if (!job_words_grid(&source, &plan->job, &words, space, error)) return false;
    if (words.length) plan->space = space;
    return true;
}

static bool take_all(CommandCall *call, JudgePlan *plan, SweepSpace *space, Error *error) {
    const Settings *settings;
    JobSource source = {call, call_value, call_list, call_has};
    if (!call_settings(call, &settings, error)) return false;
    trial_job_init(&plan->job, settings);
    if (!job_words_take(&source, &plan->job, error)) return false;
    if (!plan->job.strategy)
        return bad(error, "strategy", "say which strategy", "trader list strategies");
    return take_paths(call, plan, error) && take_grid(call, plan, space, error);
}

/* ---- for machines ---------------------------------------------------------------------------- */

static void put_interval(JsonWriter *writer, const char *key, const BootstrapInterval *interval) {
    json_key(writer, key);
    json_array_begin(writer);
    json_double(writer, interval->low);
    json_double(writer, interval->high);
    json_array_end(writer);
}

static void put_spread(JsonWriter *writer, const char *key, double low, double median,
                       double high) {
    json_key(writer, key);
    json_array_begin(writer);
    json_double(writer, low);
    json_double(writer, median);
    json_double(writer, high);
    json_array_end(writer);
}

/* False, and the reason is put, where the part is not there. */
static bool part(JsonWriter *writer, const char *key, const JudgeGap *gap) {
    json_key(writer, key);
    if (!gap->reason[0]) {
        json_object_begin(writer);
        return true;
    }
    json_object_begin(writer);
    json_key(writer, "missing");
    json_string(writer, gap->reason);
    json_object_end(writer);
    return false;
}

static void put_draws(const Judgement *judgement, JsonWriter *writer) {
    const Bootstrap *bootstrap = &judgement->bootstrap;
    if (part(writer, "bootstrap", &judgement->no_bootstrap)) {
        put_interval(writer, "sharpe_ratio_ci95", &bootstrap->sharpe);
        json_key_double(writer, "sharpe_ratio_p", bootstrap->sharpe_p);
        put_interval(writer, "total_return_ci95", &bootstrap->total_return);
        put_interval(writer, "max_drawdown_ci95", &bootstrap->max_drawdown);
        json_key_double(writer, "block_length", bootstrap->length);
        json_object_end(writer);
    }
    const CandleShuffle *candles = &judgement->candles;
    if (!part(writer, "shuffled_candles", &judgement->no_candles)) return;
    json_key_double(writer, "own_return", candles->own.growth);
    put_spread(writer, "return_5_50_95", candles->growth.low, candles->growth.median,
               candles->growth.high);
    put_spread(writer, "max_drawdown_5_50_95", candles->drawdown.low, candles->drawdown.median,
               candles->drawdown.high);
    json_key_double(writer, "loss_probability", candles->loss);
    json_key_double(writer, "p", candles->p);
    json_object_end(writer);
}

static void put_trades(const Judgement *judgement, JsonWriter *writer) {
    const Placebo *placebo = &judgement->placebo;
    const TradeShuffle *order = &judgement->order;
    if (part(writer, "placebo", &judgement->no_trades)) {
        json_key_double(writer, "own_return", placebo->own);
        put_spread(writer, "return_5_50_95", placebo->low, placebo->median, placebo->high);
        json_key_double(writer, "p", placebo->p);
        json_object_end(writer);
    }
    if (!part(writer, "shuffled_trades", &judgement->no_trades)) return;
    json_key_double(writer, "own_max_drawdown", order->drawdown);
    put_spread(writer, "max_drawdown_50_95_99", order->drawdown_median, order->drawdown_high,
               order->drawdown_99);
    json_key_double(writer, "loss_probability", order->loss);
    json_key_double(writer, "ruin_probability", order->ruin);
    json_object_end(writer);
}

static void put_picks(const Judgement *judgement, JsonWriter *writer) {
    const CrossValidation *paths = &judgement->validation;
    if (!part(writer, "choice_of_parameters", &judgement->no_sets)) return;
    json_key(writer, "sets");
    json_int(writer, judgement->sets);
    json_key_double(writer, "overfitting_probability", judgement->overfitting.probability);
    json_key_double(writer, "degradation_slope", judgement->overfitting.slope);
    json_key_double(writer, "loss_probability", judgement->overfitting.loss);
    put_spread(writer, "out_of_sample_sharpe_5_50_95", paths->low, paths->median, paths->high);
    json_object_end(writer);
}

static void say_json(const JudgePlan *plan, const Judgement *judgement) {
    char memory[DOCUMENT_SIZE];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "strategy");
    json_string(&writer, plan->job.strategy->name);
    json_key_double(&writer, "return_pct", judgement->metrics.return_pct);
    json_key_double(&writer, "sharpe_ratio", judgement->metrics.sharpe_ratio);
    json_key(&writer, "total_trades");
    json_int(&writer, judgement->metrics.total_trades);
    json_key_double(&writer, "days_a_return", judgement->days_a_return);
    json_key_double(&writer, "skill_probability", judgement->probability);
    json_key_double(&writer, "track_record_days", judgement->track_record_days);
    put_draws(judgement, &writer);
    put_trades(judgement, &writer);
    put_picks(judgement, &writer);
    json_object_end(&writer);
    puts(text_end(&text));
}

/* ---- for people ------------------------------------------------------------------------------ */

static void row(Table *table, const char *what, const char *figure, const char *meaning) {
    table_cell(table, STYLE_PLAIN, what);
    table_cell(table, STYLE_BOLD, figure);
    table_cell(table, STYLE_DIM, meaning);
}

/* A number or a dash; `share`: as percent. */
static const char *words(double value, bool share, char target[static 32]) {
    Text text = text_in(target, 32);
    if (!isfinite(value)) return "-";
    number_fixed(&text, share ? 100 * value : value, share ? 1 : 3, false);
    if (share) text_put(&text, " %");
    return text_end(&text);
}

static void row_range(Table *table, const char *what, double low, double high,
                      const char *meaning) {
    char figure[80], one[32], other[32];
    Text text = TEXT_IN(figure);
    text_format(&text, "%s to %s", words(low, true, one), words(high, true, other));
    row(table, what, text_end(&text), meaning);
}

static void rows_of_run(const Judgement *judgement, Table *table) {
    char figure[80], one[32], other[32];
    Text text = TEXT_IN(figure);
    row(table, "Sharpe ratio", words(judgement->metrics.sharpe_ratio, false, one), "a year");
    row(table, "is truly above 0", words(judgement->probability, true, one),
        "probabilistic Sharpe ratio");
    if (isfinite(judgement->track_record_days)) {
        number_count(&text, (int64_t)ceil(judgement->track_record_days));
        row(table, "days until sure", text_end(&text), "minimum track record, 95 %");
        text_clear(&text);
    }
    if (judgement->no_bootstrap.reason[0]) {
        row(table, "bootstrap", "-", judgement->no_bootstrap.reason);
        return;
    }
    const Bootstrap *bootstrap = &judgement->bootstrap;
    text_format(&text, "%s to %s", words(bootstrap->sharpe.low, false, one),
                words(bootstrap->sharpe.high, false, other));
    row(table, "Sharpe ratio lies in", text_end(&text), "95 %, blocks drawn again");
    row_range(table, "return lies in", bootstrap->total_return.low, bootstrap->total_return.high,
              "the same");
    row_range(table, "drawdown lies in", bootstrap->max_drawdown.low, bootstrap->max_drawdown.high,
              "the same");
}

static void rows_of_trades(const Judgement *judgement, Table *table) {
    char one[32];
    if (judgement->no_trades.reason[0]) {
        row(table, "placebo", "-", judgement->no_trades.reason);
        return;
    }
    const Placebo *placebo = &judgement->placebo;
    row_range(table, "placebos made", placebo->low, placebo->high,
              "as many trades, as long, at random times: 5 to 95 %");
    row(table, "its trades made", words(placebo->own, true, one), "measured alike");
    row(table, "placebo p", words(placebo->p, false, one), "chance did as well so often");
    row_range(table, "drawdown in other orders", judgement->order.drawdown_median,
              judgement->order.drawdown_high, "of the same trades: 50 and 95 %");
    row(table, "ruin", words(judgement->order.ruin, true, one),
        "half lost on the way, trades drawn again");
}

static void rows_of_candles(const Judgement *judgement, Table *table) {
    char one[32];
    if (judgement->no_candles.reason[0]) {
        row(table, "shuffled candles", "-", judgement->no_candles.reason);
        return;
    }
    row_range(table, "on shuffled candles", judgement->candles.growth.low,
              judgement->candles.growth.high, "return, 5 to 95 %");
    row(table, "shuffle p", words(judgement->candles.p, false, one),
        "a shuffled market did as well so often");
}

static void rows_of_picks(const Judgement *judgement, Table *table) {
    char figure[80], one[32], other[32];
    Text text = TEXT_IN(figure);
    if (judgement->no_sets.reason[0]) {
        row(table, "choice of parameters", "-", "--grid judges it");
        return;
    }
    row(table, "overfitting", words(judgement->overfitting.probability, true, one),
        "the best of the past is below the median after");
    row(table, "degradation", words(judgement->overfitting.slope, false, one),
        "what comes back of a better past");
    text_format(&text, "%s to %s", words(judgement->validation.low, false, one),
                words(judgement->validation.high, false, other));
    row(table, "picked, out of sample", text_end(&text), "Sharpe ratio of the paths, 5 to 95 %");
}

static bool say(const Judgement *judgement, bool color, Error *error) {
    Table *table = table_open((const char *const[]){"", "figure", "what it is", NULL}, 2);
    if (!table) return error_set(error, ERROR_LIMIT, "out of memory", "judge", NULL);
    rows_of_run(judgement, table);
    rows_of_trades(judgement, table);
    rows_of_candles(judgement, table);
    rows_of_picks(judgement, table);
    table_print(table, color, stdout);
    table_close(table);
    return true;
}

static int run(CommandCall *call, Error *error) {
    JudgePlan plan = {.space = NULL};
    SweepSpace space;
    Judgement judgement;
    if (!take_all(call, &plan, &space, error) || !judge_run(&plan, &judgement, error))
        return error_exit_code(error->code);
    if (call_json(call))
        say_json(&plan, &judgement);
    else if (!say(&judgement, call_color(call), error))
        return error_exit_code(error->code);
    return EXIT_SUCCESS;
}

const Command command_backtest_judge = {
    .name = "backtest judge",
    .group = "backtest",
    .sentence = "Is it skill or luck? Intervals, placebos, shuffled trades and candles, and with a "
                "grid how much the choice of parameters is overfitted.",
    .examples = {"trader backtest judge --symbols BTCUSDC --strategy trend_following",
                 "trader backtest judge --input BTCUSDT-1h.csv.gz --strategy trend_following "
                 "--grid fast=10:50:10,slow=60:200:20"},
    .options = {JOB_DATA_OPTIONS,
                JOB_RUN_OPTIONS,
                {"grid", OPTION_LIST, "NAME=FROM:TO:STEP",
                 "sets of parameters whose choice is judged (2 to 2,000)", NULL},
                {"paths", OPTION_VALUE, "N", "markets of shuffled candles (200)", NULL}},
    .run = run,
};
