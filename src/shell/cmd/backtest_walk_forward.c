/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters picked on the past of each window and traded on what follows: the honest sweep. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/backtest/job_words.h"
#include "shell/backtest/trial_count.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define TRAIN_DAYS 180
#define TEST_DAYS  30
#define DAYS_MAX   36500
#define ROW_BYTES  4096

static bool bad(Error *error, const char *option, const char *message, const char *hint) {
    return error_set(error, ERROR_USAGE, message, option, hint);
}

static bool take_days(const CommandCall *call, const char *option, int64_t *length_us,
                      Error *error) {
    int64_t days;
    const char *word = call_value(call, option);
    if (!word) return true;
    if (!slice_int(slice_of(word), &days) || days < 0 || days > DAYS_MAX)
        return bad(error, option, "not a number of days", "as in 90");
    *length_us = days * INSTANT_DAY_US;
    return true;
}

static bool take_measure(const CommandCall *call, WalkJob *job, Error *error) {
    const char *metric = call_value(call, "metric");
    if (!metric || strcmp(metric, "sharpe_ratio") == 0)
        job->measure = WALK_FORWARD_SHARPE;
    else if (strcmp(metric, "cagr_pct") == 0)
        job->measure = WALK_FORWARD_GROWTH;
    else if (strcmp(metric, "calmar_ratio") == 0)
        job->measure = WALK_FORWARD_CALMAR;
    else
        return bad(error, "metric", "unknown metric", "sharpe_ratio, cagr_pct or calmar_ratio");
    return true;
}

static bool take_grid(const CommandCall *call, WalkJob *job, Error *error) {
    char memory[2048];
    Text words = TEXT_IN(memory);
    JobSource source = {call, call_value, call_list, call_has};
    if (!job_words_grid(&source, &job->job, &words, &job->space, error)) return false;
    return words.length ||
           bad(error, "grid", "say what to try", "as in --grid fast=10:50:10,slow=60:200:20");
}

static bool take_all(CommandCall *call, WalkJob *job, Error *error) {
    const Settings *settings;
    JobSource source = {call, call_value, call_list, call_has};
    *job = (WalkJob){.train_us = TRAIN_DAYS * INSTANT_DAY_US,
                     .test_us = TEST_DAYS * INSTANT_DAY_US,
                     .anchored = call_has(call, "anchored"),
                     .trades_min = 1};
    if (!call_settings(call, &settings, error)) return false;
    trial_job_init(&job->job, settings);
    if (!job_words_take(&source, &job->job, error)) return false;
    if (!job->job.strategy)
        return bad(error, "strategy", "say which strategy", "trader list strategies");
    return take_grid(call, job, error) && take_measure(call, job, error) &&
           take_days(call, "train_days", &job->train_us, error) &&
           take_days(call, "test_days", &job->test_us, error) &&
           take_days(call, "purge_days", &job->purge_us, error) &&
           take_days(call, "embargo_days", &job->embargo_us, error);
}

/* ---- for machines ---------------------------------------------------------------------------- */

static void put_score(JsonWriter *writer, const char *key, const WalkForwardScore *score) {
    json_key(writer, key);
    json_object_begin(writer);
    json_key_double(writer, "sharpe_ratio", score->sharpe);
    json_key_double(writer, "return_pct", 100 * score->growth);
    json_key_double(writer, "max_drawdown_pct", 100 * score->drawdown);
    json_key(writer, "total_trades");
    json_int(writer, score->trades);
    json_object_end(writer);
}

static void put_set(JsonWriter *writer, const Strategy *strategy, const double *set) {
    json_key(writer, "parameters");
    if (!set) {
        json_null(writer);
        return;
    }
    json_object_begin(writer);
    for (unsigned i = 0; i < strategy_parameter_count(strategy); i++)
        json_key_double(writer, strategy->parameters[i].name, set[i]);
    json_object_end(writer);
}

static const double *set_of(const Walked *walked, const WalkForwardWindow *window) {
    return window->picked == WALK_FORWARD_NONE
               ? NULL
               : walked->sets + (size_t)window->picked * STRATEGY_PARAMETERS_MAX;
}

static void put_window(const Walked *walked, const Strategy *strategy, uint32_t index) {
    char memory[ROW_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    const WalkForwardWindow *window = &walked->windows[index];
    json_object_begin(&writer);
    json_key_time(&writer, "train_start", window->train_first_us);
    json_key_time(&writer, "train_end", window->train_end_us);
    json_key_time(&writer, "test_start", window->test_first_us);
    json_key_time(&writer, "test_end", window->test_end_us);
    put_set(&writer, strategy, set_of(walked, window));
    put_score(&writer, "inside", &window->inside);
    put_score(&writer, "outside", &window->outside);
    json_object_end(&writer);
    printf("%s%s", index ? "," : "", text_end(&text));
}

static void say_json(const Walked *walked, const Strategy *strategy) {
    char memory[ROW_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "result_id");
    json_string(&writer, walked->result.id);
    json_key(&writer, "sets");
    json_int(&writer, walked->set_count);
    json_key(&writer, "trials");
    json_int(&writer, walked->result.trials);
    json_key_double(&writer, "efficiency", walked->walk.efficiency);
    json_key_double(&writer, "winning_windows", walked->walk.winning);
    put_score(&writer, "outside", &walked->walk.outside);
    printf("%s,\"windows\":[", text_end(&text)); /* the object is closed below */
    for (uint32_t i = 0; i < walked->walk.windows; i++)
        put_window(walked, strategy, i);
    puts("]}");
}

/* ---- for people ------------------------------------------------------------------------------ */

static void window_row(const Walked *walked, const Strategy *strategy, uint32_t index,
                       Table *table) {
    const WalkForwardWindow *window = &walked->windows[index];
    const double *set = set_of(walked, window);
    char iso[25], words[512];
    Text text = TEXT_IN(words);
    instant_to_iso(window->test_first_us, iso);
    iso[10] = 0;
    table_cell(table, STYLE_PLAIN, iso);
    table_real(table, window->inside.sharpe, "");
    table_real(table, window->outside.sharpe, "");
    table_real(table, 100 * window->outside.growth, " %");
    for (unsigned i = 0; set && i < strategy_parameter_count(strategy); i++) {
        text_format(&text, "%s%s=", i ? "," : "", strategy->parameters[i].name);
        text_double(&text, set[i]);
    }
    if (!set) text_put(&text, "none qualified: not traded");
    table_cell(table, STYLE_PLAIN, text_end(&text));
}

static void say_outside(const WalkForward *walk) {
    char memory[256];
    Text text = TEXT_IN(memory);
    text_put(&text, "Outside: return ");
    number_fixed(&text, 100 * walk->outside.growth, 2, false);
    text_put(&text, " %, Sharpe ratio ");
    if (isnan(walk->outside.sharpe))
        text_put(&text, "not defined");
    else
        number_fixed(&text, walk->outside.sharpe, 2, false);
    text_put(&text, ", drawdown ");
    number_fixed(&text, 100 * walk->outside.drawdown, 2, false);
    text_put(&text, " %; ");
    number_fixed(&text, 100 * walk->winning, 0, false);
    printf("\n%s %% of the windows gained.\n", text_end(&text));
}

static const char *number_of(int64_t count, char memory[static 32]) {
    Text text = text_in(memory, 32);
    number_count(&text, count);
    return text_end(&text);
}

static void say_table(const Walked *walked, const Strategy *strategy, const char *folder,
                      bool color) {
    static const char *const titles[] = {"from",   "Sharpe inside", "outside",
                                         "return", "picked",        NULL};
    const WalkForward *walk = &walked->walk;
    char trials[32];
    Table *table = table_open(titles, 0xe); /* the three in the middle are numbers */
    for (uint32_t i = 0; i < walk->windows; i++)
        window_row(walked, strategy, i, table);
    table_print(table, color, stdout);
    table_close(table);
    say_outside(walk);
    printf("%s different trials were made on %s so far.\n",
           number_of(walked->result.trials, trials),
           walked->result.symbol_count > 1 ? "the most tried of these symbols" : "this symbol");
    if (isnan(walk->efficiency))
        puts("The picks did not gain even where they were picked.");
    else
        printf("Efficiency %.2f: what the picks made outside, a year, over what they made inside. "
               "Below about 0.5 the past says little about the future.\n",
               walk->efficiency);
    printf("%s/%s.json\n", folder, walked->result.id);
}

static int run(CommandCall *call, Error *error) {
    char folder[600];
    WalkJob job;
    Walked walked;
    if (!take_all(call, &job, error) || !walk_job_run(&job, &walked, error))
        return error_exit_code(error->code);
    job_words_results(call_state(call), folder, sizeof folder);
    TrialPlace place = {.root = job.job.wish.root, .results = folder};
    bool sound = trial_count_walk(&place, job.job.strategy, &walked, error) &&
                 result_store(&walked.result, folder, error);
    if (sound && call_json(call))
        say_json(&walked, job.job.strategy);
    else if (sound)
        say_table(&walked, job.job.strategy, folder, call_color(call));
    walked_free(&walked);
    return sound ? EXIT_SUCCESS : error_exit_code(error->code);
}

const Command command_backtest_walk_forward = {
    .name = "backtest walk_forward",
    .group = "backtest",
    .sentence = "Picks parameters on the past of each window and trades what follows: what tuning "
                "would have earned.",
    .examples = {"trader backtest walk-forward --symbols BTCUSDC --strategy trend_following --grid "
                 "fast=10:50:10,slow=60:200:20"},
    .options = {JOB_DATA_OPTIONS,
                JOB_RUN_OPTIONS,
                {"grid", OPTION_LIST, "NAME=FIRST:LAST:STEP", "what to try", NULL},
                {"train_days", OPTION_VALUE, "N", "of the past that picks (180)", NULL},
                {"test_days", OPTION_VALUE, "N", "of what follows (30)", NULL},
                {"purge_days", OPTION_VALUE, "N", "left out at the end of the past (0)", NULL},
                {"embargo_days", OPTION_VALUE, "N", "left out behind it (0)", NULL},
                {"anchored", OPTION_SWITCH, NULL, "the past is everything since the start", NULL},
                {"metric", OPTION_VALUE, "NAME", "picked by: sharpe_ratio, cagr_pct, calmar_ratio",
                 NULL}},
    .run = run,
};
