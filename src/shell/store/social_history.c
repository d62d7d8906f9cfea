/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/social_history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/store/social_file.h"

#define INDEX_MOST 100 /* of Fear & Greed */

static const OutsideSource sources[] = {OUTSIDE_LUNARCRUSH, OUTSIDE_FILE};
#define SOURCES (sizeof sources / sizeof sources[0])

/* The index speaks of the whole market, and of sentiment alone. */
static bool read_index(const char *root, StoredReadings *readings, Error *error) {
    SocialSeries series;
    double none = (double)NAN;
    if (!social_file_read(root, SOCIAL_FEAR_GREED, &series, error)) return false;
    bool good = true;
    for (size_t i = 0; good && i < series.count; i++) {
        StoredReading row = {
            .asset = {"*"},
            .reading = {
                .source = OUTSIDE_FEAR_GREED,
                .time = series.at[i].time_us,
                .known = series.at[i].known_us,
                .metrics = {none, none, none, series.at[i].value / INDEX_MOST, none, none, none},
                .weighted_sentiment = none}};
        good = social_store_push(readings, &row, error);
    }
    social_series_free(&series);
    return good;
}

const char *social_history_root(const Settings *settings) {
    return strcmp(settings->social.mode, "off") == 0 ? NULL : settings->history.directory;
}

static bool add_for(StoredReadings *wanted, const StoredReadings *readings, const Symbol *symbols,
                    unsigned symbol_count, SocialSpan span, Error *error) {
    for (size_t i = 0; i < readings->count; i++) {
        StoredReading row = readings->at[i];
        const SocialReading *reading = &row.reading;
        if (reading->known < span.from_us || reading->known >= span.until_us) continue;
        bool all = strcmp(row.asset.text, "*") == 0;
        for (unsigned k = 0; k < (all ? 1 : symbol_count); k++) {
            if (!all && strcmp(row.asset.text, symbols[k].base.text) != 0) continue;
            memcpy(row.reading.symbol, all ? "*" : symbols[k].name.text,
                   all ? 2 : sizeof symbols[k].name.text);
            if (!social_store_push(wanted, &row, error)) return false;
        }
    }
    return true;
}

static int compare(const void *a, const void *b) {
    const SocialReading *left = &((const StoredReading *)a)->reading;
    const SocialReading *right = &((const StoredReading *)b)->reading;
    if (left->known != right->known) return left->known < right->known ? -1 : 1;
    if (left->source != right->source) return left->source < right->source ? -1 : 1;
    int order = strcmp(left->symbol, right->symbol);
    if (order) return order;
    return (left->time > right->time) - (left->time < right->time);
}

static bool keep(SocialHistory *history, const StoredReadings *wanted, Error *error) {
    Sha256 sha;
    history->at = calloc(wanted->count + 1, sizeof *history->at);
    if (!history->at) return error_set(error, ERROR_LIMIT, "out of memory", "social history", NULL);
    history->count = wanted->count;
    sha256_init(&sha);
    for (size_t i = 0; i < wanted->count; i++) {
        SocialReading *reading = &history->at[i];
        *reading = wanted->at[i].reading;
        sha256_add(&sha, reading->symbol, sizeof reading->symbol);
        sha256_add(&sha, &reading->time, sizeof reading->time);
        sha256_add(&sha, &reading->known, sizeof reading->known);
        sha256_add(&sha, &reading->metrics, sizeof reading->metrics);
        sha256_add(&sha, &reading->weighted_sentiment, sizeof reading->weighted_sentiment);
    }
    sha256_peek(&sha, history->digest);
    return true;
}

static bool read_source(const char *root, unsigned index, StoredReadings *readings, Error *error) {
    *readings = (StoredReadings){.at = NULL};
    return index < SOURCES ? social_store_read(root, sources[index], readings, error)
                           : read_index(root, readings, error);
}

static int compare_stored(const void *a, const void *b) {
    const StoredReading *left = a, *right = b;
    if (left->reading.source != right->reading.source)
        return left->reading.source < right->reading.source ? -1 : 1;
    int order = strcmp(left->asset.text, right->asset.text);
    if (order) return order;
    return (left->reading.time > right->reading.time) - (left->reading.time < right->reading.time);
}

bool social_history_stored(const char *root, StoredReadings *all, Error *error) {
    StoredReadings readings;
    bool good = true;
    *all = (StoredReadings){.at = NULL};
    for (unsigned i = 0; good && i <= SOURCES; i++) {
        good = read_source(root, i, &readings, error);
        for (size_t k = 0; good && k < readings.count; k++)
            good = social_store_push(all, &readings.at[k], error);
        social_store_free(&readings);
    }
    if (all->count) qsort(all->at, all->count, sizeof *all->at, compare_stored);
    if (!good) social_store_free(all);
    return good;
}

bool social_history_open(SocialHistory *history, const char *root, const Symbol *symbols,
                         unsigned symbol_count, SocialSpan span, Error *error) {
    StoredReadings wanted = {.at = NULL}, readings;
    bool good = true;
    *history = (SocialHistory){.count = 0};
    for (unsigned i = 0; good && i <= SOURCES; i++) {
        good = read_source(root, i, &readings, error);
        good = good && add_for(&wanted, &readings, symbols, symbol_count, span, error);
        social_store_free(&readings);
    }
    if (good && wanted.count) qsort(wanted.at, wanted.count, sizeof *wanted.at, compare);
    good = good && keep(history, &wanted, error);
    social_store_free(&wanted);
    return good;
}

void social_history_close(SocialHistory *history) {
    free(history->at);
    *history = (SocialHistory){.count = 0};
}
