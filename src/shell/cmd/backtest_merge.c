/* SPDX-License-Identifier: Apache-2.0 */
/* The shards of a sweep, wherever they ran, as the one sweep that they are. */
#include <stdlib.h>

#include "shell/backtest/job_words.h"
#include "shell/backtest/sweep_screen.h"
#include "shell/cmd/command.h"

static int run(CommandCall *call, Error *error) {
    const char *const *paths;
    const char *metric = call_value(call, "metric");
    char folder[600];
    Swept swept;
    unsigned count = call_arguments(call, &paths);
    if (count == 0) {
        error_set(error, ERROR_USAGE, "say which files", NULL,
                  "those that backtest sweep --shard I/N wrote");
        return error_exit_code(error->code);
    }
    job_words_results(call_state(call), folder, sizeof folder);
    if (!sweep_merge(paths, count, folder, &swept, error)) return error_exit_code(error->code);
    const char *root = call_value(call, "data_dir");
    TrialPlace place = {.root = root ? root : JOB_DATA_PRESET, .results = folder};
    SweepScreen screen = {metric ? metric : "sharpe_ratio", call_json(call), call_color(call)};
    bool sound = sweep_show(&place, &swept, &screen, error);
    swept_free(&swept);
    return sound ? EXIT_SUCCESS : error_exit_code(error->code);
}

const Command command_backtest_merge = {
    .name = "backtest merge",
    .group = "backtest",
    .sentence = "Puts the shards of a sweep together: the same file as a sweep on one machine.",
    .arguments = "FILE...",
    .examples = {"trader backtest merge sweep-*.ndjson"},
    .options = {{"metric", OPTION_VALUE, "NAME", "the best by this (sharpe_ratio)", NULL},
                {"data_dir", OPTION_VALUE, "DIR", "where trials are counted (./data)", NULL}},
    .run = run,
};
