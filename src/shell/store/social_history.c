/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/social_history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shell/store/social_file.h"

#define INDEX_MOST 100 /* of Fear & Greed */

/* Of one source hours stand before days. */
static const SocialShelf shelves[] = {{OUTSIDE_LUNARCRUSH, INSTANT_HOUR_US},
                                      {OUTSIDE_LUNARCRUSH, INSTANT_DAY_US},
                                      {OUTSIDE_FILE, INSTANT_HOUR_US},
                                      {OUTSIDE_FILE, INSTANT_DAY_US}};
#define SHELVES (sizeof shelves / sizeof shelves[0])

/* The index speaks of the whole market, and of sentiment alone. */
static bool read_index(const char *root, StoredReadings *readings, Error *error) {
    SocialSeries series;
    double none = (double)NAN;
    if (!social_file_read(root, SOCIAL_FEAR_GREED, &series, error)) return false;
    bool good = true;
    for (size_t i = 0; good && i < series.count; i++) {
        StoredReading row = {
            .asset = {"*"},
            .bucket_us = INSTANT_DAY_US,
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

static bool is_early(const SocialReading *reading, SocialSpan span) {
    return reading->known + SOCIAL_HISTORY_BEFORE_US < span.start_us;
}

static bool add_for(StoredReadings *wanted, const StoredReadings *readings, const Symbol *symbols,
                    unsigned symbol_count, SocialSpan span, Error *error) {
    for (size_t i = 0; i < readings->count; i++) {
        StoredReading row = readings->at[i];
        const SocialReading *reading = &row.reading;
        if (reading->known >= span.until_us || is_early(reading, span)) continue;
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
    if (left->time != right->time) return left->time < right->time ? -1 : 1;
    int64_t bucket = ((const StoredReading *)a)->bucket_us;
    int64_t other = ((const StoredReading *)b)->bucket_us;
    return (bucket > other) - (bucket < other);
}

/* ---- what is heard --------------------------------------------------------------------------- */

/* What is kept of one source and symbol. */
typedef struct Heard {
    OutsideSource source;
    char symbol[LIMIT_SYMBOL_TEXT];
    size_t kept; /* the newest row, + 1 */
} Heard;

typedef struct Hearing {
    Heard of[(LIMIT_SYMBOLS + 1) * OutsideSource_COUNT];
    size_t count;
} Hearing;

static Heard *heard_of(Hearing *hearing, const SocialReading *reading) {
    for (size_t i = 0; i < hearing->count; i++)
        if (hearing->of[i].source == reading->source &&
            strcmp(hearing->of[i].symbol, reading->symbol) == 0)
            return &hearing->of[i];
    Heard *heard = &hearing->of[hearing->count++];
    *heard = (Heard){.source = reading->source};
    memcpy(heard->symbol, reading->symbol, sizeof heard->symbol);
    return heard;
}

/* An hour of a day is later than the day, except its first one, which has the same time. What comes
 * to be known later decides nothing: a run would otherwise hear of it before its time. */
static bool is_passed_over(const StoredReading *row, const StoredReading *last) {
    if (row->reading.time != last->reading.time) return row->reading.time < last->reading.time;
    return row->bucket_us > last->bucket_us;
}

/* Rows come, and stay, in order of `known`. */
static void keep_newest(StoredReadings *wanted) {
    Hearing hearing = {.count = 0};
    size_t kept = 0;
    for (size_t i = 0; i < wanted->count; i++) {
        const StoredReading *row = &wanted->at[i];
        Heard *heard = heard_of(&hearing, &row->reading);
        StoredReading *last = heard->kept ? &wanted->at[heard->kept - 1] : NULL;
        if (last && is_passed_over(row, last)) continue;
        if (last && row->reading.known == last->reading.known) {
            *last = *row;
            continue;
        }
        wanted->at[kept] = *row;
        heard->kept = ++kept;
    }
    wanted->count = kept;
}

static void drop_oldest(StoredReadings *wanted, int64_t start_us) {
    size_t before = 0;
    while (before < wanted->count && wanted->at[before].reading.known < start_us)
        before++;
    if (before <= SOCIAL_HISTORY_BEFORE_MAX) return;
    size_t drop = before - SOCIAL_HISTORY_BEFORE_MAX;
    wanted->count -= drop;
    memmove(wanted->at, wanted->at + drop, wanted->count * sizeof wanted->at[0]);
}

/* The newest of those that come at one instant. */
static bool take_news(SocialHistory *history, const char *root, SocialSpan span, Error *error) {
    StoredNews news;
    if (!news_store_read(root, &news, error)) return false;
    size_t kept = 0, together = 0;
    int64_t instant_us = INT64_MIN;
    for (size_t i = 0; i < news.count; i++) {
        int64_t known_us = news.at[i].known;
        if (known_us >= span.until_us || known_us + SOCIAL_HISTORY_BEFORE_US < span.start_us)
            continue;
        if (known_us < span.start_us) known_us = span.start_us;
        together = known_us == instant_us ? together + 1 : 1;
        instant_us = known_us;
        if (together > SOCIAL_HISTORY_NEWS_MAX) {
            size_t first = kept - SOCIAL_HISTORY_NEWS_MAX;
            memmove(&news.at[first], &news.at[first + 1],
                    (SOCIAL_HISTORY_NEWS_MAX - 1) * sizeof news.at[0]);
            kept--;
        }
        news.at[kept++] = news.at[i];
    }
    history->news = news.at;
    history->news_count = kept;
    return true;
}

static void add_news(const SocialHistory *history, Sha256 *sha) {
    for (size_t i = 0; i < history->news_count; i++) {
        const Headline *headline = &history->news[i];
        sha256_add(sha, headline->id, strlen(headline->id));
        sha256_add(sha, headline->source, strlen(headline->source) + 1);
        sha256_add(sha, &headline->published, sizeof headline->published);
        sha256_add(sha, &headline->known, sizeof headline->known);
    }
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
    add_news(history, &sha);
    sha256_peek(&sha, history->digest);
    return true;
}

static bool read_source(const char *root, unsigned index, StoredReadings *readings, Error *error) {
    *readings = (StoredReadings){.at = NULL};
    return index < SHELVES ? social_store_read(root, &shelves[index], readings, error)
                           : read_index(root, readings, error);
}

static int compare_stored(const void *a, const void *b) {
    const StoredReading *left = a, *right = b;
    if (left->reading.source != right->reading.source)
        return left->reading.source < right->reading.source ? -1 : 1;
    if (left->bucket_us != right->bucket_us) return left->bucket_us < right->bucket_us ? -1 : 1;
    int order = strcmp(left->asset.text, right->asset.text);
    if (order) return order;
    return (left->reading.time > right->reading.time) - (left->reading.time < right->reading.time);
}

bool social_history_stored(const char *root, StoredReadings *all, Error *error) {
    StoredReadings readings;
    bool good = true;
    *all = (StoredReadings){.at = NULL};
    for (unsigned i = 0; good && i <= SHELVES; i++) {
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
    for (unsigned i = 0; good && i <= SHELVES; i++) {
        good = read_source(root, i, &readings, error);
        good = good && add_for(&wanted, &readings, symbols, symbol_count, span, error);
        social_store_free(&readings);
    }
    if (good && wanted.count) qsort(wanted.at, wanted.count, sizeof *wanted.at, compare);
    keep_newest(&wanted);
    drop_oldest(&wanted, span.start_us);
    good = good && take_news(history, root, span, error) && keep(history, &wanted, error);
    social_store_free(&wanted);
    return good;
}

void social_history_tell(const SocialHistory *history, Text *text) {
    char from[25], to[25];
    if (history->count == 0) {
        text_put(text, "no social data");
        if (history->news_count)
            text_format(text, " but %D headlines", (int64_t)history->news_count);
        return;
    }
    instant_to_iso(history->at[0].known, from);
    instant_to_iso(history->at[history->count - 1].known, to);
    text_format(text, "with social data from %S to %S", (Slice){from, 10}, (Slice){to, 10});
    if (history->news_count) text_format(text, " and %D headlines", (int64_t)history->news_count);
}

SocialLine social_history_line(const SocialHistory *history) {
    return (SocialLine){history->at, history->news, history->count, history->news_count};
}

void social_history_close(SocialHistory *history) {
    free(history->at);
    free(history->news);
    *history = (SocialHistory){.count = 0};
}
