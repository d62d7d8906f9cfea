/* SPDX-License-Identifier: Apache-2.0 */
/* Every combination of a grid, or so many drawn sets of parameters, tried on both cores. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/backtest/job_words.h"
#include "shell/backtest/sweep_screen.h"
#include "shell/cmd/command.h"

#define SETS_MAX    100000000
#define SHARDS_MAX  100000
#define THREADS_MAX 64

static bool bad(Error *error, const char *option, const char *message, const char *hint) {
    return error_set(error, ERROR_USAGE, message, option, hint);
}

static bool take_whole(const CommandCall *call, const char *option, int64_t most, int64_t *number,
                       Error *error) {
    const char *word = call_value(call, option);
    if (!word) return true;
    if (slice_int(slice_of(word), number) && *number > 0 && *number <= most) return true;
    return bad(error, option, "not a whole number in its bounds", "as in 100");
}

/* "2/8": the second of eight. */
static bool take_shard(const CommandCall *call, SweepJob *job, Error *error) {
    const char *word = call_value(call, "shard");
    int64_t shard, shards;
    job->shards = 1;
    if (!word) return true;
    const char *slash = strchr(word, '/');
    bool sound = slash && slice_int((Slice){word, (size_t)(slash - word)}, &shard) &&
                 slice_int(slice_of(slash + 1), &shards) && shard > 0 && shard <= shards &&
                 shards <= SHARDS_MAX;
    if (!sound) return bad(error, "shard", "not a shard", "as in --shard 1/4 to 4/4");
    job->shard = (unsigned)shard - 1;
    job->shards = (unsigned)shards;
    return true;
}

static bool take_grid(const CommandCall *call, SweepJob *job, Text *words, Error *error) {
    JobSource source = {call, call_value, call_list, call_has};
    if (!job_words_grid(&source, &job->job, words, &job->space, error)) return false;
    return words->length ||
           bad(error, "grid", "say what to try", "as in --grid fast=5:50:5,slow=60:200:20");
}

static bool take_search(const CommandCall *call, SweepJob *job, Error *error) {
    const char *search = call_value(call, "search");
    int64_t sets = 0;
    if (!take_whole(call, "sets", SETS_MAX, &sets, error)) return false;
    if (!search || strcmp(search, "grid") == 0)
        return sets == 0 ||
               bad(error, "sets", "a grid counts its own sets", "--search random or quasi_random");
    if (strcmp(search, "random") == 0)
        job->space.kind = SWEEP_RANDOM;
    else if (strcmp(search, "quasi_random") == 0 || strcmp(search, "quasi-random") == 0)
        job->space.kind = SWEEP_HALTON;
    else
        return bad(error, "search", "unknown search", "grid, random or quasi_random");
    if (sets == 0) return bad(error, "sets", "say how many sets to draw", "as in --sets 1000");
    job->space.count = (uint64_t)sets;
    return true;
}

static bool take_all(CommandCall *call, SweepJob *job, Text *words, Error *error) {
    const Settings *settings;
    JobSource source = {call, call_value, call_list, call_has};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t threads = cores > 0 && cores <= THREADS_MAX ? cores : 1;
    if (!call_settings(call, &settings, error)) return false;
    trial_job_init(&job->job, settings);
    if (!job_words_take(&source, &job->job, error)) return false;
    if (!job->job.strategy)
        return bad(error, "strategy", "say which strategy", "trader list strategies");
    if (!take_grid(call, job, words, error) || !take_search(call, job, error) ||
        !take_shard(call, job, error) || !take_whole(call, "threads", THREADS_MAX, &threads, error))
        return false;
    job->space.seed = job->job.seed;
    job->words = text_end(words);
    job->threads = (unsigned)threads;
    job->progress = !call_json(call) && isatty(STDERR_FILENO);
    return true;
}

static int run(CommandCall *call, Error *error) {
    char memory[2048], folder[600];
    Text words = TEXT_IN(memory);
    const char *metric = call_value(call, "metric");
    SweepJob job = {.shards = 1};
    Swept swept;
    if (!take_all(call, &job, &words, error)) return error_exit_code(error->code);
    job_words_results(call_state(call), folder, sizeof folder);
    job.folder = folder;
    if (!sweep_job_run(&job, &swept, error)) return error_exit_code(error->code);
    TrialPlace place = {.root = job.job.wish.root, .results = folder};
    SweepScreen screen = {metric ? metric : "sharpe_ratio", call_json(call), call_color(call)};
    bool sound = sweep_show(&place, &swept, &screen, error);
    swept_free(&swept);
    return sound ? EXIT_SUCCESS : error_exit_code(error->code);
}

const Command command_backtest_sweep = {
    .name = "backtest sweep",
    .group = "backtest",
    .sentence =
        "Tries every combination of a grid, or many drawn sets of parameters; goes on where "
        "it was stopped.",
    .examples = {"trader backtest sweep --symbols BTCUSDC --strategy trend_following --grid "
                 "fast=5:50:5,slow=60:200:20",
                 "trader backtest sweep --symbols BTCUSDC --strategy trend_following --grid "
                 "fast=5:50,slow=60:200 --search quasi_random --sets 1000 --shard 1/4"},
    .options = {JOB_DATA_OPTIONS,
                JOB_RUN_OPTIONS,
                {"grid", OPTION_LIST, "NAME=FIRST:LAST:STEP", "what to try", NULL},
                {"search", OPTION_VALUE, "KIND", "grid (default), random, quasi_random", NULL},
                {"sets", OPTION_VALUE, "N", "how many sets a random search draws", NULL},
                {"shard", OPTION_VALUE, "I/N", "only the I-th of N parts; then backtest merge",
                 NULL},
                {"threads", OPTION_VALUE, "N", "at once (one a core)", NULL},
                {"metric", OPTION_VALUE, "NAME", "the best by this (sharpe_ratio)", NULL}},
    .run = run,
};
