/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/social_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/instant.h"
#include "core/base/number_text.h"
#include "core/bus/shape.h"
#include "shell/store/candle_write.h"
#include "shell/sys/files.h"

#define HEADER                                                                                     \
    "asset,time,known,social_volume,social_engagement,social_contributors,social_sentiment,"       \
    "twitter_volume,reddit_volume,news_volume,weighted_sentiment"
#define NUMBERS    8
#define FILE_MAX   (256u << 20) /* 32 assets, hourly, for ten years */
#define ROW_BYTES  (80 + NUMBERS * 26)
#define PATH_BYTES CANDLE_PATH_MAX
#define TEXT_US    1000 /* times are written in milliseconds */

static bool no_memory(const char *where, Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", where, NULL);
}

static bool make_path(const char *root, const SocialShelf *shelf, char path[static PATH_BYTES],
                      Error *error) {
    int printed =
        snprintf(path, PATH_BYTES, "%s/social/%s%s.csv", root, OutsideSource_text(shelf->source),
                 shelf->bucket_us < INSTANT_DAY_US ? "_hourly" : "");
    return (printed > 0 && printed < PATH_BYTES) ||
           error_set(error, ERROR_LIMIT, "the path is too long", root, NULL);
}

/* The numbers of a row, in the order of the header. */
static void numbers_of(SocialReading *reading, double *numbers[static NUMBERS]) {
    SocialMetrics *metrics = &reading->metrics;
    numbers[0] = &metrics->social_volume;
    numbers[1] = &metrics->social_engagement;
    numbers[2] = &metrics->social_contributors;
    numbers[3] = &metrics->social_sentiment;
    numbers[4] = &metrics->twitter_volume;
    numbers[5] = &metrics->reddit_volume;
    numbers[6] = &metrics->news_volume;
    numbers[7] = &reading->weighted_sentiment;
}

static bool same_numbers(const SocialReading *a, const SocialReading *b) {
    SocialReading left = *a, right = *b;
    double *x[NUMBERS], *y[NUMBERS];
    numbers_of(&left, x);
    numbers_of(&right, y);
    for (unsigned i = 0; i < NUMBERS; i++)
        if (*x[i] != *y[i] && !(isnan(*x[i]) && isnan(*y[i]))) return false;
    return true;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int compare_rows(const void *a, const void *b) {
    const StoredReading *left = a, *right = b;
    if (left->reading.known != right->reading.known)
        return left->reading.known < right->reading.known ? -1 : 1;
    int order = strcmp(left->asset.text, right->asset.text);
    if (order) return order;
    if (left->reading.time != right->reading.time)
        return left->reading.time < right->reading.time ? -1 : 1;
    return 0;
}

static void sort_rows(StoredReadings *readings) {
    if (readings->count) qsort(readings->at, readings->count, sizeof *readings->at, compare_rows);
}

bool social_store_push(StoredReadings *readings, const StoredReading *row, Error *error) {
    if (readings->count == readings->capacity) {
        size_t capacity = readings->capacity ? 2 * readings->capacity : 256;
        StoredReading *grown = realloc(readings->at, capacity * sizeof *grown);
        if (!grown) return no_memory("social history", error);
        readings->at = grown;
        readings->capacity = capacity;
    }
    readings->at[readings->count++] = *row;
    return true;
}

void social_store_free(StoredReadings *readings) {
    free(readings->at);
    *readings = (StoredReadings){0};
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_number(Slice field, bool is_share, double *value) {
    *value = (double)NAN;
    if (field.length == 0) return true;
    return number_from_slice(field, value) && *value >= 0 && *value <= (is_share ? 1 : 1e15);
}

bool social_store_is_header(Slice line) {
    return slice_is(slice_trim(line), HEADER);
}

bool social_store_row(Slice line, StoredReading *row) {
    double *numbers[NUMBERS];
    Slice asset = slice_part(&line, ',');
    Slice time = slice_part(&line, ','), known = slice_part(&line, ',');
    if (!asset.length || !slice_copy(asset, row->asset.text, sizeof row->asset.text) ||
        !instant_parse(time, &row->reading.time) || !instant_parse(known, &row->reading.known) ||
        row->reading.known < row->reading.time)
        return false;
    numbers_of(&row->reading, numbers);
    for (unsigned i = 0; i < NUMBERS; i++)
        if (!read_number(slice_part(&line, ','), i == 3 || i == 7, numbers[i])) return false;
    return line.length == 0;
}

static bool refuse(const char *path, size_t line, const char *message, Error *error) {
    char place[160];
    Text where = TEXT_IN(place);
    text_format(&where, "%s, line %D", path, (int64_t)line);
    return error_set(error, ERROR_DATA, message, text_end(&where),
                     "correct the line, or move the file away and import it again");
}

static bool read_rows(const char *path, Slice text, const SocialShelf *shelf,
                      StoredReadings *readings, Error *error) {
    for (size_t line = 1; text.length > 0; line++) {
        Slice bytes = slice_trim(slice_part(&text, '\n'));
        StoredReading row = {.bucket_us = shelf->bucket_us, .reading = {.source = shelf->source}};
        if (line == 1 && !social_store_is_header(bytes))
            return refuse(path, line, "not the header of stored readings", error);
        if (line == 1 || bytes.length == 0) continue;
        if (!social_store_row(bytes, &row))
            return refuse(path, line, "not a row of readings", error);
        if (!social_store_push(readings, &row, error)) return false;
    }
    return true;
}

bool social_store_read(const char *root, const SocialShelf *shelf, StoredReadings *readings,
                       Error *error) {
    char path[PATH_BYTES], *bytes;
    size_t length;
    *readings = (StoredReadings){0};
    if (!make_path(root, shelf, path, error)) return false;
    if (!files_exist(path)) return true;
    if (!files_read(path, FILE_MAX, &bytes, &length, error)) return false;
    bool good = read_rows(path, (Slice){bytes, length}, shelf, readings, error);
    free(bytes);
    if (good)
        sort_rows(readings);
    else
        social_store_free(readings);
    return good;
}

/* --- adding ----------------------------------------------------------------------------------- */

static void put_row(Text *text, StoredReading *row) {
    char time[25], known[25];
    double *numbers[NUMBERS];
    instant_to_iso(row->reading.time, time);
    instant_to_iso(row->reading.known, known);
    text_format(text, "%s,%s,%s", row->asset.text, time, known);
    numbers_of(&row->reading, numbers);
    for (unsigned i = 0; i < NUMBERS; i++) {
        text_char(text, ',');
        if (!isnan(*numbers[i])) text_double(text, *numbers[i]);
    }
    text_char(text, '\n');
}

static bool write_rows(const char *root, const SocialShelf *shelf, StoredReadings *readings,
                       Error *error) {
    char path[PATH_BYTES];
    if (!make_path(root, shelf, path, error)) return false;
    size_t size = (readings->count + 1) * ROW_BYTES;
    char *memory = malloc(size);
    if (!memory) return no_memory(path, error);
    Text text = text_in(memory, size);
    text_put(&text, HEADER "\n");
    for (size_t i = 0; i < readings->count; i++)
        put_row(&text, &readings->at[i]);
    bool good = files_write(path, text.at, text.length, 0666, error);
    free(memory);
    return good;
}

static int compare_moments(const void *a, const void *b) {
    const StoredReading *left = a, *right = b;
    int order = strcmp(left->asset.text, right->asset.text);
    if (order) return order;
    if (left->reading.time != right->reading.time)
        return left->reading.time < right->reading.time ? -1 : 1;
    return (left->reading.known > right->reading.known) -
           (left->reading.known < right->reading.known);
}

/* What is believed now of that asset and time, among rows in order of compare_moments; NULL:
 * nothing yet. */
static const StoredReading *latest_of(const StoredReadings *rows, const StoredReading *wanted) {
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const StoredReading *row = &rows->at[middle];
        int order = strcmp(row->asset.text, wanted->asset.text);
        if (order < 0 || (order == 0 && row->reading.time <= wanted->reading.time))
            low = middle + 1;
        else
            high = middle;
    }
    const StoredReading *found = low ? &rows->at[low - 1] : NULL;
    bool same = found && strcmp(found->asset.text, wanted->asset.text) == 0 &&
                found->reading.time == wanted->reading.time;
    return same ? found : NULL;
}

/* `held` is in order of compare_moments before and is not afterwards. */
static bool merge(StoredReadings *held, const StoredReadings *rows, int64_t now_us, size_t *added,
                  Error *error) {
    StoredReadings before = {.at = NULL}; /* as they stood, in order */
    bool good = true;
    if (held->count) {
        qsort(held->at, held->count, sizeof *held->at, compare_moments);
        before.at = malloc(held->count * sizeof *before.at);
        if (!before.at) return no_memory("social history", error);
        memcpy(before.at, held->at, held->count * sizeof *before.at);
        before.count = held->count;
    }
    for (size_t i = 0; good && i < rows->count; i++) {
        StoredReading row = rows->at[i];
        const StoredReading *is = latest_of(&before, &row);
        if (is && same_numbers(&is->reading, &row.reading)) continue;
        if (is && row.reading.known < now_us)
            row.reading.known = (now_us + TEXT_US - 1) / TEXT_US * TEXT_US;
        good = social_store_push(held, &row, error);
        *added += good;
    }
    social_store_free(&before);
    return good;
}

/* A file may say the same twice. */
static void drop_repeated(StoredReadings *readings, size_t *added) {
    size_t kept = 0;
    for (size_t i = 0; i < readings->count; i++) {
        bool again = kept && compare_rows(&readings->at[kept - 1], &readings->at[i]) == 0;
        if (!again) readings->at[kept++] = readings->at[i];
        *added -= again;
    }
    readings->count = kept;
}

static bool add(const char *root, const SocialShelf *shelf, const StoredReadings *rows,
                int64_t now_us, size_t *added, Error *error) {
    StoredReadings held;
    if (!social_store_read(root, shelf, &held, error)) return false;
    bool good = merge(&held, rows, now_us, added, error);
    if (good && *added) {
        sort_rows(&held);
        drop_repeated(&held, added);
        good = write_rows(root, shelf, &held, error);
    }
    social_store_free(&held);
    return good;
}

bool social_store_add(const char *root, const SocialShelf *shelf, const StoredReadings *rows,
                      int64_t now_us, size_t *added, Error *error) {
    char path[PATH_BYTES];
    *added = 0;
    if (!make_path(root, shelf, path, error)) return false;
    int lock = candle_store_lock(path, error);
    if (lock < 0) return false;
    bool good = add(root, shelf, rows, now_us, added, error);
    close(lock);
    return good;
}

/* --- series ----------------------------------------------------------------------------------- */

StoredSeries social_store_series(const StoredReadings *readings, size_t *at) {
    const StoredReading *first = &readings->at[*at];
    StoredSeries series = {.rows = first, .bucket_us = first->bucket_us};
    for (; *at < readings->count; ++*at, series.count++) {
        const StoredReading *row = &readings->at[*at];
        if (row->reading.source != first->reading.source || row->bucket_us != first->bucket_us ||
            strcmp(row->asset.text, first->asset.text) != 0)
            break;
    }
    for (size_t i = 1; i < series.count; i++) {
        int64_t step_us = first[i].reading.time - first[i - 1].reading.time;
        if (step_us <= series.bucket_us) continue;
        series.gaps++;
        series.missing += (uint64_t)(step_us / series.bucket_us - 1);
    }
    return series;
}
