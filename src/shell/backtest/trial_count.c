/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/trial_count.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/backtest/sweep_file.h"
#include "shell/sys/files.h"

#define NAME_MAX_BYTES 128 /* "all_services" and a digest in hex */

typedef struct SweepRows {
    const SweptRow *rows;
    uint64_t count;
    unsigned parameter_count;
    int64_t length_us;
} SweepRows;

/* Who is tried, and on which symbols. */
typedef struct Tried {
    const SymbolName *symbols;
    unsigned symbol_count;
    TrialEntry *entries;
    size_t count;
} Tried;

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "trials", NULL);
}

/* ---- the mark of a result ----------------------------------------------------------------------
 */

static void mark_text(const TrialMark *mark, char *target, size_t size) {
    Text text = text_in(target, size);
    text_format(&text, "%D:", (int64_t)mark->blocks);
    text_hex(&text, mark->head, SHA256_SIZE);
    text_end(&text);
}

static int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False for a result without one, or of somebody's making. */
static bool mark_of(const char *text, TrialMark *mark) {
    int64_t blocks;
    const char *colon = strchr(text, ':');
    if (!colon || !slice_int((Slice){text, (size_t)(colon - text)}, &blocks) || blocks <= 0 ||
        strlen(colon + 1) != 2 * SHA256_SIZE)
        return false;
    mark->blocks = (uint64_t)blocks;
    for (size_t i = 0; i < SHA256_SIZE; i++) {
        int high = nibble(colon[1 + 2 * i]), low = nibble(colon[2 + 2 * i]);
        if (high < 0 || low < 0) return false;
        mark->head[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The newest result bears the longest chain that was ever shown. One that cannot be read bears
 * witness to nothing, and is the business of those who read it. */
static bool hear_witness(TrialLedger *ledger, const TrialPlace *place, Error *error) {
    unsigned count;
    if (!place->results) return true;
    char **paths = result_list(place->results, &count);
    bool sound = true;
    Result *newest = count ? malloc(sizeof *newest) : NULL;
    Error unread;
    if (newest && result_read(paths[count - 1], newest, &unread)) {
        TrialMark mark;
        if (mark_of(newest->trials_mark, &mark))
            sound = trial_ledger_witness(ledger, &mark, newest->symbols, newest->symbol_count,
                                         newest->trials, error);
        result_free(newest);
    }
    free(newest);
    for (unsigned i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    return sound;
}

/* ---- sweeps that were stopped ------------------------------------------------------------------
 */

/* Of the rows that fit, of a strategy's sweep; their number into `count`. */
static TrialEntry *list_rows(const char *strategy, const SweepRows *swept, size_t *count) {
    TrialEntry *entries = calloc(swept->count + 1, sizeof entries[0]);
    *count = 0;
    for (uint64_t i = 0; entries && i < swept->count; i++) {
        const SweptRow *row = &swept->rows[i];
        if (!row->fits) continue;
        TrialEntry *entry = &entries[(*count)++];
        entry->ratio = row->sharpe_ratio;
        trial_ledger_name(strategy, row->parameters, swept->parameter_count, swept->length_us,
                          entry->trial);
    }
    return entries;
}

/* What its file says has been tried, whoever stopped it. A file that cannot be read says nothing.
 */
static bool count_sweep_file(TrialLedger *ledger, const char *path, Error *error) {
    SweepFile file;
    Error unread;
    size_t count;
    if (!sweep_file_read(path, &file, &unread)) return true;
    SweepRows rows = {file.rows, file.count, file.head.parameter_count, file.head.length_us};
    TrialEntry *entries = list_rows(file.head.strategy, &rows, &count);
    bool sound = entries ? trial_ledger_add(ledger, file.head.symbols, file.head.symbol_count,
                                            entries, count, error)
                         : no_memory(error);
    free(entries);
    sweep_file_free(&file);
    return sound;
}

/* A sweep that ends is counted by itself. One that was killed, or stands still, is counted by
 * whoever counts next: the files that are younger than the ledger, which knows the others. */
static bool hear_sweeps(TrialLedger *ledger, const TrialPlace *place, int64_t known_us,
                        Error *error) {
    unsigned count;
    if (!place->results) return true;
    char **paths = result_list_sweeps(place->results, &count);
    bool sound = true;
    for (unsigned i = 0; i < count; i++) {
        bool own = place->sweep && strcmp(paths[i], place->sweep) == 0;
        if (sound && !own && files_changed_us(paths[i]) >= known_us)
            sound = count_sweep_file(ledger, paths[i], error);
        free(paths[i]);
    }
    free(paths);
    return sound;
}

/* ---- writing it down ---------------------------------------------------------------------------
 */

/* `changed_us`: when somebody last counted, 0: never. */
static TrialLedger *open_ledger(const TrialPlace *place, char notice[static 200],
                                int64_t *changed_us, Error *error) {
    char path[600];
    Text text = TEXT_IN(path);
    text_format(&text, "%s/trials.ledger", place->root);
    text_end(&text);
    if (!files_make_directory(place->root, error)) return NULL;
    *changed_us = files_changed_us(path);
    return trial_ledger_open(path, notice, error);
}

typedef struct Counted {
    TrialCount count;
    TrialMark mark;
    char notice[200]; /* what had to be mended */
} Counted;

static bool count_trials(const TrialPlace *place, const Tried *tried, Counted *counted,
                         Error *error) {
    int64_t changed_us;
    TrialLedger *ledger = open_ledger(place, counted->notice, &changed_us, error);
    if (!ledger) return false;
    bool sound = hear_witness(ledger, place, error) &&
                 hear_sweeps(ledger, place, changed_us, error) &&
                 trial_ledger_add(ledger, tried->symbols, tried->symbol_count, tried->entries,
                                  tried->count, error);
    if (sound) {
        counted->count = trial_ledger_count(ledger, tried->symbols, tried->symbol_count);
        counted->mark = trial_ledger_mark(ledger);
    }
    trial_ledger_close(ledger);
    return sound;
}

static void note(const Counted *counted, Result *result) {
    char kept[sizeof result->note];
    memcpy(kept, result->note, sizeof kept);
    Text text = TEXT_IN(result->note);
    if (!counted->count.complete)
        text_format(&text, "trials unknown: at least %D; ", (int64_t)counted->count.trials);
    if (counted->notice[0]) text_format(&text, "%s; ", counted->notice);
    text_put(&text, kept);
    if (!kept[0] && text.length > 2) text.length -= 2;
    text_end(&text);
}

static bool count_for(const TrialPlace *place, const Tried *tried, Result *result, Error *error) {
    Counted counted;
    const Metrics *metrics = &result->metrics;
    const TrialCount *count = &counted.count;
    if (!count_trials(place, tried, &counted, error)) return false;
    result->trials = count->trials;
    result->trials_lost = !count->complete;
    mark_text(&counted.mark, result->trials_mark, sizeof result->trials_mark);
    note(&counted, result);
    result->deflated_sharpe_p =
        metrics->deviation > 0
            ? trial_ledger_p(count, metrics->mean / metrics->deviation, metrics->skewness,
                             metrics->kurtosis, result->steps, result->length_us)
            : (double)NAN;
    return true;
}

bool trial_count_run(const TrialPlace *place, Result *result, Error *error) {
    char name[NAME_MAX_BYTES];
    double parameters[STRATEGY_PARAMETERS_MAX];
    TrialEntry entry = {.ratio = result->metrics.sharpe_ratio};
    Tried tried = {result->symbols, result->symbol_count, &entry, 1};
    Text text = TEXT_IN(name);
    text_put(&text, result->strategy);
    if (result->decider[0]) text_format(&text, " %s", result->decider);
    text_end(&text);
    for (unsigned i = 0; i < result->parameter_count; i++)
        parameters[i] = result->parameters[i].value;
    trial_ledger_name(name, parameters, result->parameter_count, result->length_us, entry.trial);
    return count_for(place, &tried, result, error);
}

/* ---- many at once ------------------------------------------------------------------------------
 */

/* `ratios` NULL: a set has no one ratio, its windows' differ. */
static TrialEntry *list_entries(const Strategy *strategy, const double *sets, const double *ratios,
                                size_t count, int64_t length_us) {
    TrialEntry *entries = calloc(count + 1, sizeof entries[0]);
    unsigned parameters = strategy_parameter_count(strategy);
    for (size_t i = 0; entries && i < count; i++) {
        entries[i].ratio = ratios ? ratios[i] : (double)NAN;
        trial_ledger_name(strategy->name, sets + i * STRATEGY_PARAMETERS_MAX, parameters, length_us,
                          entries[i].trial);
    }
    return entries;
}

bool trial_count_walk(const TrialPlace *place, const Strategy *strategy, Walked *walked,
                      Error *error) {
    Result *result = &walked->result;
    TrialEntry *entries =
        list_entries(strategy, walked->sets, NULL, walked->set_count, result->length_us);
    if (!entries) return no_memory(error);
    Tried tried = {result->symbols, result->symbol_count, entries, walked->set_count};
    bool sound = count_for(place, &tried, result, error);
    free(entries);
    return sound;
}

bool trial_count_sets(const TrialJob *job, const MarketLoad *load, const double *sets,
                      const double *ratios, size_t count, Error *error) {
    SymbolName symbols[LIMIT_SYMBOLS];
    TrialPlace place = {.root = job->wish.root};
    Counted counted;
    TrialEntry *entries =
        list_entries(job->strategy, sets, ratios, count, load->markets[0].candles.length_us);
    if (!entries) return no_memory(error);
    for (unsigned i = 0; i < load->count; i++)
        symbols[i] = load->symbols[i].name;
    Tried tried = {symbols, load->count, entries, count};
    bool sound = count_trials(&place, &tried, &counted, error);
    free(entries);
    return sound;
}

bool trial_count_sweep(const TrialPlace *place, Swept *swept, Error *error) {
    Counted counted;
    TrialPlace here = *place;
    SweepRows rows = {swept->rows, swept->count, swept->parameter_count, swept->length_us};
    Tried tried = {swept->symbols, swept->symbol_count, NULL, 0};
    here.sweep = swept->path;
    tried.entries = list_rows(swept->strategy, &rows, &tried.count);
    if (!tried.entries) return no_memory(error);
    bool sound = count_trials(&here, &tried, &counted, error);
    if (sound) swept->trials = counted.count.trials;
    free(tried.entries);
    return sound;
}
