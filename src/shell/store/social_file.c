/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/social_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/instant.h"
#include "core/base/number_text.h"
#include "shell/sys/files.h"

#define HEADER     "time,known,value,classification,source"
#define SOURCE     "alternative.me"
#define FILE_MAX   (64u << 20) /* a row has 90 bytes: 2,000 years of days */
#define ROW_BYTES  160
#define PATH_BYTES 1024
#define TEXT_US    1000

static bool make_path(const char *root, const char *name, char path[static PATH_BYTES],
                      Error *error) {
    int printed = snprintf(path, PATH_BYTES, "%s/social/%s.csv", root, name);
    return (printed > 0 && printed < PATH_BYTES) ||
           error_set(error, ERROR_LIMIT, "the path is too long", root, NULL);
}

/* --- reading ---------------------------------------------------------------------------------- */

static Slice cut_field(Slice *line, char separator) {
    const char *stop = line->length ? memchr(line->at, separator, line->length) : NULL;
    size_t length = stop ? (size_t)(stop - line->at) : line->length;
    Slice field = {line->at, length};
    size_t skip = length + (stop != NULL);
    *line = (Slice){line->at + skip, line->length - skip};
    return field;
}

static bool read_row(Slice line, KnownValue *sample) {
    Slice time = cut_field(&line, ','), known = cut_field(&line, ',');
    return instant_parse(time, &sample->time_us) && instant_parse(known, &sample->known_us) &&
           number_from_slice(cut_field(&line, ','), &sample->value);
}

static bool refuse(const char *path, size_t line, const char *message, Error *error) {
    char place[160];
    Text where = TEXT_IN(place);
    text_format(&where, "%s, line %D", path, (int64_t)line);
    return error_set(error, ERROR_DATA, message, text_end(&where),
                     "correct the line, or move the file away and fetch it again");
}

static bool read_rows(const char *path, Slice text, SocialSeries *series, Error *error) {
    for (size_t line = 1; text.length > 0; line++) {
        Slice row = slice_trim(cut_field(&text, '\n'));
        if (line == 1 && !slice_is(row, HEADER))
            return refuse(path, line, "not the header " HEADER, error);
        if (line == 1 || row.length == 0) continue;
        if (!read_row(row, &series->at[series->count]))
            return refuse(path, line, "not a row of time,known,value", error);
        series->count++;
    }
    return true;
}

static int compare(const void *a, const void *b) {
    const KnownValue *left = a, *right = b;
    if (left->known_us != right->known_us) return left->known_us < right->known_us ? -1 : 1;
    return left->time_us < right->time_us ? -1 : left->time_us > right->time_us;
}

static size_t count_lines(Slice text) {
    size_t lines = 1;
    for (size_t i = 0; i < text.length; i++)
        lines += text.at[i] == '\n';
    return lines;
}

bool social_file_read(const char *root, const char *name, SocialSeries *series, Error *error) {
    char path[PATH_BYTES], *bytes;
    size_t length;
    *series = (SocialSeries){0};
    if (!make_path(root, name, path, error)) return false;
    if (!files_exist(path)) return true;
    if (!files_read(path, FILE_MAX, &bytes, &length, error)) return false;
    Slice text = {bytes, length};
    series->at = calloc(count_lines(text), sizeof *series->at);
    bool good = series->at ? read_rows(path, text, series, error)
                           : error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
    free(bytes);
    if (!good) {
        social_series_free(series);
        return false;
    }
    if (series->count) qsort(series->at, series->count, sizeof *series->at, compare);
    return true;
}

void social_series_free(SocialSeries *series) {
    free(series->at);
    *series = (SocialSeries){0};
}

long social_series_known(const SocialSeries *series, int64_t now_us) {
    long best = -1;
    for (size_t i = 0; i < series->count && series->at[i].known_us <= now_us; i++)
        if (best < 0 || series->at[i].time_us >= series->at[best].time_us) best = (long)i;
    return best;
}

/* --- adding ----------------------------------------------------------------------------------- */

/* What is believed now of that day; NULL: nothing yet. */
static const KnownValue *latest_of(const SocialSeries *series, int64_t time_us) {
    const KnownValue *latest = NULL;
    for (size_t i = 0; i < series->count; i++)
        if (series->at[i].time_us == time_us) latest = &series->at[i];
    return latest;
}

static void put_row(Text *text, const KnownValue *sample) {
    char time[25], known[25];
    instant_to_iso(sample->time_us, time);
    instant_to_iso(sample->known_us, known);
    text_format(text, "%s,%s,%d,%s,%s\n", time, known, (int)sample->value,
                fear_greed_word((unsigned)sample->value), SOURCE);
}

static bool write_series(const char *root, const SocialSeries *series, Error *error) {
    char path[PATH_BYTES];
    if (!make_path(root, SOCIAL_FEAR_GREED, path, error)) return false;
    char *slash = strrchr(path, '/');
    *slash = 0;
    if (!files_make_directory(path, error)) return false;
    *slash = '/';
    size_t size = (series->count + 1) * ROW_BYTES;
    char *memory = malloc(size);
    if (!memory) return error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
    Text text = text_in(memory, size);
    text_put(&text, HEADER "\n");
    for (size_t i = 0; i < series->count; i++)
        put_row(&text, &series->at[i]);
    bool good = files_write(path, text.at, text.length, 0666, error);
    free(memory);
    return good;
}

static bool merge(SocialSeries *series, const FearGreed *rows, size_t count, int64_t now_us,
                  size_t *added) {
    /* Times are written in milliseconds: never before it was known. */
    now_us = (now_us + TEXT_US - 1) / TEXT_US * TEXT_US;
    KnownValue *grown = realloc(series->at, (series->count + count + 1) * sizeof *grown);
    if (!grown) return false;
    series->at = grown;
    for (size_t i = 0; i < count; i++) {
        const KnownValue *is = latest_of(series, rows[i].time_us);
        if (is && is->value == (double)rows[i].value) continue;
        int64_t end_us = rows[i].time_us + INSTANT_DAY_US;
        /* The newest is known now; so is a change of an old one. */
        int64_t known_us = is || end_us > now_us ? now_us : end_us;
        series->at[series->count++] =
            (KnownValue){rows[i].time_us, known_us, (double)rows[i].value};
        ++*added;
    }
    qsort(series->at, series->count, sizeof *series->at, compare);
    return true;
}

bool social_file_add(const char *root, const FearGreed *rows, size_t count, int64_t now_us,
                     size_t *added, Error *error) {
    SocialSeries series;
    *added = 0;
    if (!social_file_read(root, SOCIAL_FEAR_GREED, &series, error)) return false;
    bool good = merge(&series, rows, count, now_us, added)
                    ? *added == 0 || write_series(root, &series, error)
                    : error_set(error, ERROR_LIMIT, "out of memory", root, NULL);
    social_series_free(&series);
    return good;
}
