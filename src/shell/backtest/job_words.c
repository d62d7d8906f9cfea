/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/job_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number_text.h"
#include "shell/store/candle_key.h"
#include "shell/sys/files.h"

#define BALANCE_MAX 1000000000000 /* a million millions: also enough in the smallest currency */
#define DAYS_MAX    36500
#define FILTERS     "config/filters.json"

static bool bad(Error *error, const char *option, const char *message, const char *hint) {
    return error_set(error, ERROR_USAGE, message, option, hint);
}

static bool take_date(const JobSource *source, const char *option, int64_t *time_us, Error *error) {
    const char *value = source->value(source->call, option);
    if (!value || instant_parse(slice_of(value), time_us)) return true;
    return bad(error, option, "not a date", "as in 2024-01-31 or 2024-01-31T12:00");
}

bool job_words_length(const char *word, int64_t *length_us) {
    return candle_length_parse(slice_of(word), length_us);
}

static bool take_length(const char *option, const char *value, int64_t *length_us, Error *error) {
    return job_words_length(value, length_us) ||
           bad(error, option, "not an interval", "as in 1m, 15m, 1h, 4h, 1d");
}

static bool take_span(const JobSource *source, MarketWish *wish, Error *error) {
    const char *days = source->value(source->call, "days");
    if (!take_date(source, "start_date", &wish->start_us, error) ||
        !take_date(source, "end_date", &wish->end_us, error))
        return false;
    bool sound = !days || (slice_int(slice_of(days), &wish->days) && wish->days > 0 &&
                           wish->days <= DAYS_MAX);
    if (!sound) return bad(error, "days", "not a number of days", "as in --days 30");
    if (wish->start_us && wish->end_us && wish->end_us <= wish->start_us)
        return bad(error, "end_date", "the end is not after the start", NULL);
    return true;
}

bool job_words_candles(const JobSource *source, MarketWish *wish, Error *error) {
    const char *const *intervals;
    const char *root = source->value(source->call, "data_dir");
    *wish = (MarketWish){.root = root ? root : JOB_DATA_PRESET, .social = wish->social};
    wish->symbol_count = source->list(source->call, "symbols", &wish->symbols);
    wish->file_count = source->list(source->call, "input", &wish->files);
    wish->filters_path = files_exist(FILTERS) ? FILTERS : NULL;
    unsigned count = source->list(source->call, "intervals", &intervals);
    if (count > 1) return bad(error, "intervals", "one run has one interval", "run each by itself");
    if (count == 1 && !take_length("intervals", intervals[0], &wish->length_us, error))
        return false;
    if (wish->length_us == 0 && wish->file_count == 0) wish->length_us = INSTANT_HOUR_US;
    return take_span(source, wish, error);
}

/* ---- strategy -------------------------------------------------------------------------------- */

static const char *nearest_strategy(const char *word) {
    SliceNearest nearest = slice_nearest(slice_of(word));
    for (unsigned i = 0; i < strategy_count; i++)
        slice_nearest_try(&nearest, strategy_table[i]->name);
    return nearest.name;
}

static bool take_strategy(TrialJob *job, const char *name, Error *error) {
    char message[160], hint[160];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    job->strategy = strategy_find(name);
    if (job->strategy) {
        strategy_presets(job->strategy, job->parameters);
        return true;
    }
    const char *nearest = nearest_strategy(name);
    text_format(&what, "there is no strategy '%s'", name);
    text_format(&advice, nearest ? "did you mean %s?" : "trader list strategies%s",
                nearest ? nearest : "");
    return bad(error, "strategy", text_end(&what), text_end(&advice));
}

static int parameter_named(const Strategy *strategy, Slice name) {
    unsigned count = strategy_parameter_count(strategy);
    for (unsigned i = 0; i < count; i++)
        if (slice_is(name, strategy->parameters[i].name)) return (int)i;
    return -1;
}

bool job_words_parameter(TrialJob *job, const char *word, Error *error) {
    char hint[200];
    Text text = TEXT_IN(hint);
    const char *equals = strchr(word, '=');
    int index =
        equals ? parameter_named(job->strategy, (Slice){word, (size_t)(equals - word)}) : -1;
    unsigned count = strategy_parameter_count(job->strategy);
    if (index >= 0 && number_from_slice(slice_of(equals + 1), &job->parameters[index])) return true;
    text_put(&text, "NAME=VALUE; it has");
    for (unsigned i = 0; i < count; i++)
        text_format(&text, " %s", job->strategy->parameters[i].name);
    return bad(error, word, index < 0 ? "no such parameter" : "not a number", text_end(&text));
}

static bool refuse_parameter(const TrialJob *job, const char *name, Error *error) {
    char hint[200];
    Text text = TEXT_IN(hint);
    int index = parameter_named(job->strategy, slice_of(name));
    const StrategyParameter *parameter = &job->strategy->parameters[index < 0 ? 0 : index];
    text_put(&text, "from ");
    text_double(&text, parameter->lowest);
    text_put(&text, " to ");
    text_double(&text, parameter->highest);
    text_format(&text, " %s%s", parameter->unit ? parameter->unit : "",
                parameter->whole ? ", whole" : "");
    double value = job->parameters[index < 0 ? 0 : index];
    bool within = value >= parameter->lowest && value <= parameter->highest &&
                  (!parameter->whole || value == floor(value));
    return bad(error, name, within ? "does not fit the other parameters" : "out of its bounds",
               text_end(&text));
}

static bool take_parameters(const JobSource *source, TrialJob *job, Error *error) {
    const char *const *words;
    unsigned count = source->list(source->call, "parameters", &words);
    if (count && !job->strategy)
        return bad(error, "parameters", "parameters of which strategy?", "--strategy NAME");
    for (unsigned i = 0; i < count; i++)
        if (!job_words_parameter(job, words[i], error)) return false;
    const char *fault = job->strategy ? strategy_fault(job->strategy, job->parameters) : NULL;
    return !fault || refuse_parameter(job, fault, error);
}

/* ---- the rest -------------------------------------------------------------------------------- */

static bool take_balance(const JobSource *source, TrialJob *job, Error *error) {
    const char *balance = source->value(source->call, "balance");
    if (balance && (!money_parse(slice_of(balance), &job->balance) || job->balance.units <= 0))
        return bad(error, "balance", "not a positive amount", "as in --balance 10000");
    if (job->balance.units > (__int128)BALANCE_MAX * DECIMAL_SCALE)
        return bad(error, "balance", "more than there is", "at most 1000000000000");
    return true;
}

static bool take_seed(const JobSource *source, TrialJob *job, Error *error) {
    int64_t seed = 1;
    const char *word = source->value(source->call, "seed");
    if (word && (!slice_int(slice_of(word), &seed) || seed < 0))
        return bad(error, "seed", "not a whole number in its bounds", "as in 7");
    job->seed = (uint64_t)seed;
    return true;
}

/* A strategy that reads no social data is the same with and without them. */
static void take_social(const JobSource *source, TrialJob *job) {
    bool reads = !job->strategy || job->strategy->needs_social;
    if (!reads || source->has(source->call, "no_social")) job->wish.social = NULL;
}

bool job_words_take(const JobSource *source, TrialJob *job, Error *error) {
    const char *strategy = source->value(source->call, "strategy");
    const char *resolve = source->value(source->call, "resolve");
    if (!job_words_candles(source, &job->wish, error)) return false;
    if (resolve && !take_length("resolve", resolve, &job->wish.resolve_us, error)) return false;
    if ((strategy && !take_strategy(job, strategy, error)) ||
        !take_parameters(source, job, error) || !take_balance(source, job, error) ||
        !take_seed(source, job, error))
        return false;
    take_social(source, job);
    return true;
}

/* A list of the command line is one text again: commas are what separates axes. */
bool job_words_grid(const JobSource *source, const TrialJob *job, Text *words, SweepSpace *space,
                    Error *error) {
    const char *const *axes;
    unsigned count = source->list(source->call, "grid", &axes);
    for (unsigned i = 0; i < count; i++)
        text_format(words, "%s%s", i ? "," : "", axes[i]);
    if (words->overflow) return bad(error, "grid", "the grid is too long", NULL);
    if (count == 0) return true;
    if (!sweep_space_parse(space, job->strategy, text_end(words), error)) return false;
    memcpy(space->others, job->parameters, sizeof space->others);
    return true;
}

void job_words_results(const char *state, char *path, size_t size) {
    Text text = text_in(path, size);
    if (state)
        text_format(&text, "%s/results", state);
    else
        text_put(&text, JOB_RESULTS);
    text_end(&text);
}
