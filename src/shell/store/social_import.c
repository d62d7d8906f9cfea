/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/social_import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number_text.h"
#include "core/market/candle_csv.h"
#include "core/venues/lunarcrush_v2.h"
#include "shell/store/news_store.h"
#include "shell/store/packed_file.h"
#include "shell/store/social_file.h"
#include "shell/store/social_store.h"

#define FILE_MAX   (256u << 20)
#define HEADER_MAX 1024
#define POSTS      "coin,hour,tweets,likes,retweets,replies"
#define INDEX      "Date,fng_value,fng_class"

typedef enum SocialForm {
    FORM_NONE,
    FORM_DAILY,
    FORM_POSTS,
    FORM_INDEX,
    FORM_OWN,
    FORM_NEWS
} SocialForm;

typedef struct SocialReader {
    const SocialImportPlan *plan;
    const char *path;
    SocialForm form;
    LunarcrushV2 columns;
    NewsCsv news_columns;
    StoredReadings readings;
    StoredNews news;
    FearGreed *index;
    size_t index_count;
    SocialImported *imported;
} SocialReader;

/* ---- text ------------------------------------------------------------------------------------ */

static SocialForm form_of(Slice header, LunarcrushV2 *columns, NewsCsv *news) {
    header = slice_trim(header);
    if (slice_is(header, POSTS)) return FORM_POSTS;
    if (slice_is(header, INDEX)) return FORM_INDEX;
    if (social_store_is_header(header)) return FORM_OWN;
    if (news_csv_header(header, news)) return FORM_NEWS;
    return lunarcrush_v2_header(header, columns) ? FORM_DAILY : FORM_NONE;
}

/* The first line, in `head`; empty: there is none, or the file cannot be opened. */
static Slice read_header(const char *path, char head[static HEADER_MAX]) {
    Error ignored;
    PackedFile *file = packed_file_open(path, &ignored);
    if (!file) return (Slice){head, 0};
    int64_t length = packed_file_read(file, head, HEADER_MAX, &ignored);
    packed_file_close(file);
    Slice rest = {head, length > 0 ? (size_t)length : 0};
    return slice_part(&rest, '\n');
}

bool social_import_knows(const char *path) {
    char head[HEADER_MAX];
    LunarcrushV2 columns;
    NewsCsv news;
    return form_of(read_header(path, head), &columns, &news) != FORM_NONE;
}

/* Candles name a price, or have no header at all. */
static bool speaks_of_candles(Slice header) {
    static const unsigned prices = CANDLE_BIT(CANDLE_OPEN) | CANDLE_BIT(CANDLE_HIGH) |
                                   CANDLE_BIT(CANDLE_LOW) | CANDLE_BIT(CANDLE_CLOSE);
    CandleColumns columns;
    Error ignored;
    if (!candle_csv_is_header(header)) return false;
    return !candle_csv_columns(header, 1, 0, &columns, &ignored) || columns.present & prices;
}

bool social_import_refuse_strange(const char *path, Error *error) {
    char head[HEADER_MAX];
    Slice header = slice_trim(read_header(path, head));
    char first = header.length ? (char)(header.at[0] | ('a' ^ 'A')) : 0;
    bool named = (first >= 'a' && first <= 'z') && memchr(header.at, ',', header.length);
    if (!named || speaks_of_candles(header) || social_import_knows(path)) return true;
    return error_set(error, ERROR_DATA, "the form of the file is not known by its header", path,
                     "known: time,open,high,low,close,volume; " POSTS "; " INDEX
                     "; time,source,title; asset,time,... (docs/CANDLES.md)");
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
    Slice field = slice_trim(slice_part(line, ','));
    return number_from_slice(field, count) && *count >= 0 && *count <= 1e15
               ? NULL
               : "a count is none, or out of its bounds";
}

/* Posts of a few accounts: their number is the volume, and what others did with them the
 * engagement. They say nothing of sentiment. */
static const char *read_posts(Slice line, StoredReading *row) {
    double none = (double)NAN, posts, likes, shares, replies;
    SocialReading *reading = &row->reading;
    Slice asset = slice_trim(slice_part(&line, ',')), hour = slice_trim(slice_part(&line, ','));
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
    Slice date = slice_trim(slice_part(&line, ','));
    if (!instant_parse(date, &row->time_us)) return "the date is none";
    if (!slice_int(slice_trim(slice_part(&line, ',')), &value) || value < 0 || value > 100)
        return "the index is no whole number from 0 to 100";
    row->value = (unsigned)value;
    return NULL;
}

static const char *read_own(Slice line, StoredReading *row) {
    if (!social_store_row(line, row)) return "not a row of readings";
    row->reading.source = OUTSIDE_FILE;
    return NULL;
}

static const char *read_row(SocialReader *reader, Slice line, StoredReading *row) {
    switch (reader->form) {
    case FORM_DAILY:
        return lunarcrush_v2_row(&reader->columns, line, &row->asset, &row->reading);
    case FORM_POSTS:
        return read_posts(line, row);
    case FORM_OWN:
        return read_own(line, row);
    default:
        row->reading.known = INT64_MIN; /* social_file.h says when it was */
        return read_index(line, &reader->index[reader->index_count]);
    }
}

/* By the time after which it was known: corrections are known later. */
static const char *judge(const SocialReader *reader, StoredReading *row) {
    int64_t span_us = row->reading.known - row->reading.time;
    if (reader->form == FORM_INDEX) return NULL;
    row->bucket_us = span_us < INSTANT_DAY_US ? INSTANT_HOUR_US : INSTANT_DAY_US;
    if (span_us < row->bucket_us) return "known before its hour was over";
    if (row->reading.time % row->bucket_us != 0) return "not the start of an hour or a day";
    return row->reading.known > reader->plan->now_us ? "its hour or day is not over" : NULL;
}

static void refuse_row(SocialReader *reader, size_t number, const char *fault) {
    Error reason;
    char place[200];
    Text where = TEXT_IN(place);
    reader->imported->refused++;
    text_format(&where, "%s, line %D", reader->path, (int64_t)number);
    (void)!error_set(&reason, ERROR_DATA, fault, text_end(&where), NULL);
    if (reader->plan->on_refused) reader->plan->on_refused(reader->plan->context, &reason);
}

static void note_time(SocialImported *imported, int64_t time_us) {
    bool first = imported->rows == imported->refused + 1;
    if (first || time_us < imported->first_us) imported->first_us = time_us;
    if (first || time_us > imported->last_us) imported->last_us = time_us;
}

static bool take_news(SocialReader *reader, Slice line, size_t number, Error *error) {
    Headline headline;
    const char *fault = news_csv_row(&reader->news_columns, line, &headline);
    reader->imported->rows++;
    if (!fault && headline.known > reader->plan->now_us) fault = "it lies in the future";
    if (fault) {
        refuse_row(reader, number, fault);
        return true;
    }
    note_time(reader->imported, headline.published);
    return news_store_push(&reader->news, &headline, error);
}

static bool take(SocialReader *reader, Slice line, size_t number, Error *error) {
    SocialImported *imported = reader->imported;
    if (reader->form == FORM_NEWS) return take_news(reader, line, number, error);
    StoredReading row = {.asset = {""}};
    const char *fault = read_row(reader, line, &row);
    if (!fault) fault = judge(reader, &row);
    imported->rows++;
    if (fault) {
        refuse_row(reader, number, fault);
        return true;
    }
    note_time(imported, reader->form == FORM_INDEX ? reader->index[reader->index_count].time_us
                                                   : row.reading.time);
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
    reader->form = form_of(slice_part(&text, '\n'), &reader->columns, &reader->news_columns);
    if (reader->form == FORM_NONE)
        return error_set(error, ERROR_DATA, "not a file of social data", path, NULL);
    reader->index = calloc(lines_of(text), sizeof *reader->index);
    if (!reader->index) return error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
    for (size_t number = 2; text.length > 0; number++) {
        Slice line = slice_trim(slice_part(&text, '\n'));
        if (line.length && !take(reader, line, number, error)) return false;
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
    const StoredReading *left = a, *right = b;
    if (left->bucket_us != right->bucket_us) return left->bucket_us < right->bucket_us ? -1 : 1;
    int order = strcmp(left->asset.text, right->asset.text);
    if (order) return order;
    return (left->reading.time > right->reading.time) - (left->reading.time < right->reading.time);
}

/* Rows of one length of bucket. */
static bool store_shelf(SocialReader *reader, int64_t bucket_us, Error *error) {
    StoredReadings rows = {.at = NULL}; /* a stretch of the reader's, which stand in order */
    size_t added;
    for (size_t i = 0; i < reader->readings.count; i++) {
        if (reader->readings.at[i].bucket_us != bucket_us) continue;
        if (rows.count++ == 0) rows.at = &reader->readings.at[i];
    }
    if (rows.count == 0) return true;
    for (size_t at = 0; at < rows.count;) {
        StoredSeries series = social_store_series(&rows, &at);
        reader->imported->gaps += series.gaps;
        reader->imported->missing += series.missing;
    }
    SocialShelf shelf = {reader->imported->source, bucket_us};
    bool good =
        social_store_add(reader->plan->root, &shelf, &rows, reader->plan->now_us, &added, error);
    reader->imported->added += added;
    return good;
}

static bool store(SocialReader *reader, Error *error) {
    SocialImported *imported = reader->imported;
    StoredReadings *rows = &reader->readings;
    imported->source = reader->form == FORM_DAILY   ? OUTSIDE_LUNARCRUSH
                       : reader->form == FORM_INDEX ? OUTSIDE_FEAR_GREED
                                                    : OUTSIDE_FILE;
    imported->is_news = reader->form == FORM_NEWS;
    if (imported->is_news)
        return news_store_add(reader->plan->root, &reader->news, &imported->added, error);
    if (reader->form == FORM_INDEX)
        return social_file_add(reader->plan->root, reader->index, reader->index_count,
                               reader->plan->now_us, &imported->added, error);
    if (rows->count) qsort(rows->at, rows->count, sizeof rows->at[0], compare);
    return store_shelf(reader, INSTANT_HOUR_US, error) &&
           store_shelf(reader, INSTANT_DAY_US, error);
}

bool social_import(const SocialImportPlan *plan, const char *path, SocialImported *imported,
                   Error *error) {
    SocialReader reader = {.plan = plan, .path = path, .imported = imported};
    char *bytes;
    size_t length;
    *imported = (SocialImported){.rows = 0};
    if (!read_whole(path, &bytes, &length, error)) return false;
    bool good = take_all(&reader, (Slice){bytes, length}, path, error) && store(&reader, error);
    free(bytes);
    free(reader.index);
    social_store_free(&reader.readings);
    news_store_free(&reader.news);
    return good;
}
