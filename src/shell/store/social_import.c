/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/social_import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number_text.h"
#include "core/venues/lunarcrush_v2.h"
#include "shell/store/packed_file.h"
#include "shell/store/social_file.h"
#include "shell/store/social_store.h"
#include "shell/sys/clock.h"

#define FILE_MAX   (256u << 20)
#define HEADER_MAX 1024
#define POSTS      "coin,hour,tweets,likes,retweets,replies"
#define INDEX      "Date,fng_value,fng_class"

typedef enum SocialForm { FORM_NONE, FORM_DAILY, FORM_POSTS, FORM_INDEX } SocialForm;

typedef struct SocialReader {
    SocialForm form;
    LunarcrushV2 columns;
    StoredReadings readings;
    FearGreed *index;
    size_t index_count;
    SocialImported *imported;
} SocialReader;

/* ---- text ------------------------------------------------------------------------------------ */

static Slice cut(Slice *rest, char mark) {
    const char *stop = rest->length ? memchr(rest->at, mark, rest->length) : NULL;
    size_t length = stop ? (size_t)(stop - rest->at) : rest->length;
    Slice piece = {rest->at, length};
    length += stop != NULL;
    *rest = (Slice){rest->at + length, rest->length - length};
    return piece;
}

static SocialForm form_of(Slice header, LunarcrushV2 *columns) {
    header = slice_trim(header);
    if (slice_is(header, POSTS)) return FORM_POSTS;
    if (slice_is(header, INDEX)) return FORM_INDEX;
    return lunarcrush_v2_header(header, columns) ? FORM_DAILY : FORM_NONE;
}

bool social_import_knows(const char *path) {
    char head[HEADER_MAX];
    LunarcrushV2 columns;
    Error ignored;
    PackedFile *file = packed_file_open(path, &ignored);
    if (!file) return false;
    int64_t length = packed_file_read(file, head, sizeof head, &ignored);
    packed_file_close(file);
    Slice rest = {head, length > 0 ? (size_t)length : 0};
    return form_of(cut(&rest, '\n'), &columns) != FORM_NONE;
}

static bool read_whole(const char *path, char **bytes, size_t *length, Error *error) {
    PackedFile *file = packed_file_open(path, error);
    size_t capacity = 1u << 16;
    int64_t got = 0;
    *length = 0;
    if (!file) return false;
    *bytes = malloc(capacity);
    while (*bytes &&
           (got = packed_file_read(file, *bytes + *length, capacity - *length, error)) > 0) {
        *length += (size_t)got;
        if (*length < capacity) continue;
        char *grown = capacity < FILE_MAX ? realloc(*bytes, capacity *= 2) : NULL;
        if (!grown) free(*bytes);
        *bytes = grown;
    }
    packed_file_close(file);
    if (!*bytes) return error_set(error, ERROR_LIMIT, "too large for the memory", path, NULL);
    if (got == 0) return true;
    free(*bytes);
    return false;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const char *read_count(Slice *line, double *count) {
    Slice field = slice_trim(cut(line, ','));
    return number_from_slice(field, count) && *count >= 0 && *count <= 1e15
               ? NULL
               : "a count is none, or out of its bounds";
}

/* Posts of a few accounts: their number is the volume, and what others did with them the
 * engagement. They say nothing of sentiment. */
static const char *read_posts(Slice line, StoredReading *row) {
    double none = (double)NAN, posts, likes, shares, replies;
    SocialReading *reading = &row->reading;
    Slice asset = slice_trim(cut(&line, ',')), hour = slice_trim(cut(&line, ','));
    if (!asset.length || !slice_copy(asset, row->asset.text, sizeof row->asset.text))
        return "no coin";
    if (!instant_parse(hour, &reading->time)) return "the hour is no time";
    const char *fault = read_count(&line, &posts);
    if (!fault) fault = read_count(&line, &likes);
    if (!fault) fault = read_count(&line, &shares);
    if (!fault) fault = read_count(&line, &replies);
    if (fault) return fault;
    if (line.length) return "more columns than the header's";
    reading->source = OUTSIDE_FILE;
    reading->known = reading->time + INSTANT_HOUR_US;
    reading->metrics =
        (SocialMetrics){posts, likes + shares + replies, none, none, posts, none, none};
    reading->weighted_sentiment = none;
    return NULL;
}

static const char *read_index(Slice line, FearGreed *row) {
    int64_t value;
    Slice date = slice_trim(cut(&line, ','));
    if (!instant_parse(date, &row->time_us)) return "the date is none";
    if (!slice_int(slice_trim(cut(&line, ',')), &value) || value < 0 || value > 100)
        return "the index is no whole number from 0 to 100";
    row->value = (unsigned)value;
    return NULL;
}

static bool take(SocialReader *reader, Slice line, size_t number, Error *error) {
    StoredReading row = {.asset = {""}};
    const char *fault = reader->form == FORM_DAILY
                            ? lunarcrush_v2_row(&reader->columns, line, &row.asset, &row.reading)
                        : reader->form == FORM_POSTS
                            ? read_posts(line, &row)
                            : read_index(line, &reader->index[reader->index_count]);
    reader->imported->rows++;
    if (fault) {
        if (reader->imported->refused++ > 0) return true;
        reader->imported->first_refused = number;
        reader->imported->why = fault;
        return true;
    }
    if (reader->form != FORM_INDEX) return social_store_push(&reader->readings, &row, error);
    reader->index_count++;
    return true;
}

static size_t lines_of(Slice text) {
    size_t lines = 1;
    for (size_t i = 0; i < text.length; i++)
        lines += text.at[i] == '\n';
    return lines;
}

static bool take_all(SocialReader *reader, Slice text, const char *path, Error *error) {
    reader->form = form_of(cut(&text, '\n'), &reader->columns);
    if (reader->form == FORM_NONE)
        return error_set(error, ERROR_DATA, "not a file of social data", path, NULL);
    reader->index = calloc(lines_of(text), sizeof *reader->index);
    if (!reader->index) return error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
    for (size_t number = 2; text.length > 0; number++) {
        Slice line = slice_trim(cut(&text, '\n'));
        if (line.length && !take(reader, line, number, error)) return false;
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool store(SocialReader *reader, const char *root, Error *error) {
    SocialImported *imported = reader->imported;
    int64_t now_us = clock_wall_us();
    imported->source = reader->form == FORM_DAILY   ? OUTSIDE_LUNARCRUSH
                       : reader->form == FORM_POSTS ? OUTSIDE_FILE
                                                    : OUTSIDE_FEAR_GREED;
    if (reader->form == FORM_INDEX)
        return social_file_add(root, reader->index, reader->index_count, now_us, &imported->added,
                               error);
    return social_store_add(root, imported->source, &reader->readings, now_us, &imported->added,
                            error);
}

bool social_import(const char *root, const char *path, SocialImported *imported, Error *error) {
    SocialReader reader = {.imported = imported};
    char *bytes;
    size_t length;
    *imported = (SocialImported){.rows = 0};
    if (!read_whole(path, &bytes, &length, error)) return false;
    bool good =
        take_all(&reader, (Slice){bytes, length}, path, error) && store(&reader, root, error);
    free(bytes);
    free(reader.index);
    social_store_free(&reader.readings);
    return good;
}
