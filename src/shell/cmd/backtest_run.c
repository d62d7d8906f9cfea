/* SPDX-License-Identifier: Apache-2.0 */
/* A backtest: with a strategy the trial engine, without one the whole system over history. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/backtest/job_words.h"
#include "shell/backtest/lab_job.h"
#include "shell/backtest/result_screen.h"
#include "shell/backtest/trial_count.h"
#include "shell/cmd/command.h"
#include "shell/outside/outside_open.h"

/* The whole system, with the language model that the plan allows. */
static bool run_lab(const CommandCall *call, const TrialJob *job, Settings *settings,
                    Result *result, Error *error) {
    OutsidePlan plan;
    OutsideWish wish = {.is_budget_given = call_value(call, "ai_budget") != NULL,
                        .data_root = job->wish.root,
                        .dotenv = call_dotenv(call)};
    if (!outside_plan_make(settings, &wish, &plan, error)) return false;
    OutsidePort *port = outside_open(&plan, error);
    outside_plan_wipe(&plan);
    if (!port) return false;
    bool sound = lab_job_run(job, settings, &port->outside, result, error);
    port->close(port);
    return sound;
}

static int say(const CommandCall *call, const Result *result, const char *folder) {
    if (call_json(call)) {
        result_write(result, stdout);
        putchar('\n');
    } else {
        result_screen(result, folder, call_color(call), stdout);
    }
    return EXIT_SUCCESS;
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings;
    Settings own; /* its modes are settled */
    TrialJob job;
    Result result;
    char folder[600];
    JobSource source = {call, call_value, call_list, call_has};
    if (!call_settings(call, &settings, error)) return error_exit_code(error->code);
    own = *settings;
    if (call_has(call, "no_social")) memcpy(own.social.mode, "off", sizeof "off");
    trial_job_init(&job, &own);
    if (!job_words_take(&source, &job, error)) return error_exit_code(error->code);
    job_words_results(call_state(call), folder, sizeof folder);
    TrialPlace place = {.root = job.wish.root, .results = folder};
    bool ran = job.strategy ? trial_job_run(&job, &result, error)
                            : run_lab(call, &job, &own, &result, error);
    if (!ran) return error_exit_code(error->code);
    bool stored = trial_count_run(&place, &result, error) && result_store(&result, folder, error);
    int code = stored ? say(call, &result, folder) : error_exit_code(error->code);
    result_free(&result);
    return code;
}

const Command command_backtest_run = {
    .name = "backtest run",
    .group = "backtest",
    .sentence = "Runs a strategy, or without one the whole system, over stored candles: what it "
                "would have earned after costs, and whether that can be told from luck.",
    .examples = {"trader backtest run --symbols BTCUSDC --intervals 1h --days 30 --balance 10000",
                 "trader backtest run --symbols BTCUSDC --intervals 1h --days 30 --balance 10000 "
                 "--strategy trend_following",
                 "trader backtest run --input BTCUSDT-1h.csv.gz --strategy donchian_breakout "
                 "--parameters entry=55"},
    .options = {JOB_DATA_OPTIONS,
                JOB_RUN_OPTIONS,
                {"ai", OPTION_VALUE, "MODE",
                 "who judges: off (the local analyst), replay (recorded answers of the language "
                 "model), cached (recorded, else asked), live",
                 "openai.mode"},
                {"ai_budget", OPTION_VALUE, "USD", "what cached and live may spend in this run",
                 "openai.budget_per_run_usd"},
                {"social", OPTION_VALUE, "MODE", "off, or replay (what is recorded and stored)",
                 "social.mode"}},
    .run = run,
};
