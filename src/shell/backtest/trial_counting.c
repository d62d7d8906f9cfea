/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/trial_counting.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "shell/backtest/job_words.h"
#include "shell/sys/files.h"

#define PATH_BYTES 700

static TrialLedger *ledger_of(const TrialJob *job, char notice[static 200], Error *error) {
    char path[PATH_BYTES];
    if (!files_make_directory(job->wish.root, error)) return NULL;
    snprintf(path, sizeof path, "%.600s/trials.ledger", job->wish.root);
    return trial_ledger_open(path, notice, error);
}

static TrialEntry entry_of(const Strategy *strategy, const double *parameters, int64_t length_us,
                           double ratio) {
    TrialEntry entry = {.ratio = ratio};
    trial_ledger_name(strategy->name, parameters, strategy_parameter_count(strategy), length_us,
                      entry.trial);
    return entry;
}

/* ---- marks: "12:" and 64 hexadecimal digits ------------------------------------------------ */

static void mark_write(const TrialMark *mark, char *target, size_t size) {
    Text text = text_in(target, size);
    text_int(&text, (int64_t)mark->blocks);
    text_char(&text, ':');
    text_hex(&text, mark->head, SHA256_SIZE);
    text_end(&text);
}

static bool mark_read(const char *word, TrialMark *mark) {
    unsigned long long blocks;
    int digits;
    if (sscanf(word, "%20llu:%n", &blocks, &digits) != 1) return false;
    mark->blocks = blocks;
    for (unsigned index = 0; index < SHA256_SIZE; index++) {
        unsigned byte;
        if (sscanf(word + digits + 2 * (size_t)index, "%2x", &byte) != 1) return false;
        mark->head[index] = (uint8_t)byte;
    }
    return true;
}

/* ---- the newest result --------------------------------------------------------------------- */

static bool call_witness(TrialLedger *ledger, const char *path, Error *error) {
    Result *newest = calloc(1, sizeof *newest);
    TrialMark mark;
    bool sound = true;
    Error ignored; /* a document that cannot be read is nobody's witness */
    if (!newest) return true;
    if (result_read(path, newest, &ignored)) {
        if (mark_read(newest->trials_ledger, &mark))
            sound = trial_ledger_witness(ledger, &mark, newest->symbols, newest->symbol_count,
                                         newest->trials, error);
        result_free(newest);
    }
    free(newest);
    return sound;
}

static bool call_newest(TrialLedger *ledger, const char *folder, Error *error) {
    unsigned count;
    char **paths = result_list(folder, &count);
    bool sound = count == 0 || call_witness(ledger, paths[count - 1], error);
    for (unsigned index = 0; index < count; index++)
        free(paths[index]);
    free(paths);
    return sound;
}

/* ---- a result ------------------------------------------------------------------------------ */

static void add_note(Result *result, const char *words) {
    size_t length = strlen(result->note);
    snprintf(result->note + length, sizeof result->note - length, "%s%s", length ? "; " : "",
             words);
}

static void say(Result *result, const TrialLedger *ledger, const TrialCount *count,
                int64_t length_us) {
    const Metrics *metrics = &result->metrics;
    TrialMark mark = trial_ledger_mark(ledger);
    size_t steps = (size_t)((result->end_us - result->start_us) / length_us);
    result->trials = count->trials;
    result->deflated_sharpe_p =
        trial_ledger_p(count, metrics->mean / metrics->deviation, metrics->skewness,
                       metrics->kurtosis, steps, length_us);
    if (!isfinite(result->deflated_sharpe_p)) result->deflated_sharpe_p = (double)NAN;
    mark_write(&mark, result->trials_ledger, sizeof result->trials_ledger);
    if (count->complete) return;
    char words[80];
    snprintf(words, sizeof words, "trials unknown: at least %lld", (long long)count->trials);
    add_note(result, words);
}

static bool count_result(const TrialJob *job, TrialLedger *ledger, const char *folder,
                         Result *result, Error *error) {
    int64_t length_us;
    if (!job_words_length(result->interval, &length_us)) return false;
    TrialEntry entry =
        entry_of(job->strategy, job->parameters, length_us, result->metrics.sharpe_ratio);
    if (!call_newest(ledger, folder, error) ||
        !trial_ledger_add(ledger, result->symbols, result->symbol_count, &entry, 1, error))
        return false;
    TrialCount count = trial_ledger_count(ledger, result->symbols, result->symbol_count);
    say(result, ledger, &count, length_us);
    return true;
}

void trial_counting_result(const TrialJob *job, const char *folder, Result *result) {
    char notice[200];
    Error error = {.message = "it cannot be kept"};
    TrialLedger *ledger = ledger_of(job, notice, &error);
    bool counted = ledger && count_result(job, ledger, folder, result, &error);
    trial_ledger_close(ledger);
    if (ledger && notice[0]) add_note(result, notice);
    if (!counted) add_note(result, "trials not counted: the ledger of trials cannot be kept");
}

/* ---- many ---------------------------------------------------------------------------------- */

bool trial_counting_sets(const TrialJob *job, const MarketLoad *load, const double *sets,
                         const double *ratios, size_t count, Error *error) {
    char notice[200];
    SymbolName symbols[LIMIT_SYMBOLS];
    int64_t length_us = load->markets[0].candles.length_us;
    TrialEntry *entries = malloc((count + 1) * sizeof *entries);
    if (!entries) return error_set(error, ERROR_LIMIT, "out of memory", "trials", NULL);
    for (unsigned index = 0; index < load->count; index++)
        symbols[index] = load->symbols[index].name;
    for (size_t set = 0; set < count; set++)
        entries[set] = entry_of(job->strategy, sets + set * STRATEGY_PARAMETERS_MAX, length_us,
                                ratios ? ratios[set] : (double)NAN);
    TrialLedger *ledger = ledger_of(job, notice, error);
    bool sound = ledger && trial_ledger_add(ledger, symbols, load->count, entries, count, error);
    trial_ledger_close(ledger);
    free(entries);
    return sound;
}
