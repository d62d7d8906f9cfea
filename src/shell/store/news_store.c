/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/news_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/plain_text.h"
#include "core/venues/headline_item.h"
#include "shell/store/candle_write.h"
#include "shell/sys/files.h"

#define HEADER      "time,known,source,title"
#define FILE_MAX    (256u << 20)
#define ROW_BYTES   600  /* two times, a source, a title of 200 bytes with every quote doubled */
#define FIELD_BYTES 4096 /* a description that is passed over may be long */

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "headlines", NULL);
}

/* ---- rows ---------------------------------------------------------------------------------- */

/* The next field without its quotes, into `field`; what does not fit is cut. */
static void take_field(Slice *line, Text *field) {
    bool quoted = line->length && line->at[0] == '"';
    size_t at = quoted;
    for (; at < line->length; at++) {
        char c = line->at[at];
        if (!quoted && c == ',') break;
        if (quoted && c == '"') {
            if (at + 1 >= line->length || line->at[at + 1] != '"') {
                quoted = false; /* what follows up to the comma belongs to it */
                continue;
            }
            at++;
        }
        if (field->length + 1 < field->capacity) text_char(field, c);
    }
    *line =
        at < line->length ? (Slice){line->at + at + 1, line->length - at - 1} : (Slice){NULL, 0};
}

bool news_csv_header(Slice line, NewsCsv *csv) {
    *csv = (NewsCsv){-1, -1, -1, -1, 0};
    line = slice_trim(line);
    for (; line.at; csv->count++) {
        char memory[64];
        Text field = TEXT_IN(memory);
        take_field(&line, &field);
        Slice name = {field.at, field.length};
        int place = (int)csv->count;
        if (slice_is(name, "time")) csv->time = place;
        if (slice_is(name, "known")) csv->known = place;
        if (slice_is(name, "source")) csv->source = place;
        if (slice_is(name, "title")) csv->title = place;
    }
    return csv->time >= 0 && csv->source >= 0 && csv->title >= 0;
}

static const char *take_value(const NewsCsv *csv, int place, Slice value, Headline *headline) {
    if (place == csv->time && !instant_parse(slice_trim(value), &headline->published))
        return "the time is none";
    if (place == csv->known && !instant_parse(slice_trim(value), &headline->known))
        return "`known` is no time";
    if (place == csv->source) plain_text_into(value, headline->source, sizeof headline->source);
    if (place == csv->title) plain_text_into(value, headline->title, sizeof headline->title);
    return NULL;
}

const char *news_csv_row(const NewsCsv *csv, Slice line, Headline *headline) {
    char memory[FIELD_BYTES];
    unsigned count = 0;
    *headline = (Headline){.sentiment = (double)NAN, .engagement = (double)NAN};
    for (; line.at; count++) {
        Text field = TEXT_IN(memory);
        take_field(&line, &field);
        const char *fault = take_value(csv, (int)count, (Slice){field.at, field.length}, headline);
        if (fault) return fault;
    }
    if (count != csv->count) return "another count of columns than the header's";
    if (!headline->title[0]) return "no title";
    if (!headline->source[0]) return "no source";
    if (csv->known < 0) headline->known = headline->published + NEWS_KNOWN_LATER;
    if (headline->known < headline->published) return "known before it was published";
    headline_identify(headline, slice_of(headline->title));
    return NULL;
}

static void put_row(Text *text, const Headline *headline) {
    char time[25], known[25];
    instant_to_iso(headline->published, time);
    instant_to_iso(headline->known, known);
    text_format(text, "%s,%s,\"", time, known);
    for (const char *c = headline->source; *c; c++)
        *c == '"' ? text_put(text, "\"\"") : text_char(text, *c);
    text_put(text, "\",\"");
    for (const char *c = headline->title; *c; c++)
        *c == '"' ? text_put(text, "\"\"") : text_char(text, *c);
    text_put(text, "\"\n");
}

/* ---- the file ------------------------------------------------------------------------------ */

static bool make_path(const char *root, char path[static CANDLE_PATH_MAX], Error *error) {
    int printed = snprintf(path, CANDLE_PATH_MAX, "%s/social/headlines.csv", root);
    return (printed > 0 && printed < CANDLE_PATH_MAX) ||
           error_set(error, ERROR_LIMIT, "the path is too long", root, NULL);
}

static int by_known(const void *a, const void *b) {
    const Headline *left = a, *right = b;
    if (left->known != right->known) return left->known < right->known ? -1 : 1;
    return strcmp(left->id, right->id);
}

static int by_id(const void *a, const void *b) {
    const Headline *left = a, *right = b;
    int order = strcmp(left->id, right->id);
    if (order) return order;
    return (left->known > right->known) - (left->known < right->known);
}

static void sort(StoredNews *news, int (*order)(const void *, const void *)) {
    if (news->count) qsort(news->at, news->count, sizeof news->at[0], order);
}

bool news_store_push(StoredNews *news, const Headline *headline, Error *error) {
    if (news->count == news->capacity) {
        size_t capacity = news->capacity ? 2 * news->capacity : 256;
        Headline *grown = realloc(news->at, capacity * sizeof *grown);
        if (!grown) return no_memory(error);
        news->at = grown;
        news->capacity = capacity;
    }
    news->at[news->count++] = *headline;
    return true;
}

void news_store_free(StoredNews *news) {
    free(news->at);
    *news = (StoredNews){0};
}

static bool refuse(const char *path, size_t line, const char *message, Error *error) {
    char place[200];
    Text where = TEXT_IN(place);
    text_format(&where, "%s, line %D", path, (int64_t)line);
    return error_set(error, ERROR_DATA, message, text_end(&where),
                     "correct the line, or move the file away and import it again");
}

static bool read_rows(const char *path, Slice text, StoredNews *news, Error *error) {
    NewsCsv csv;
    Headline headline;
    if (!news_csv_header(slice_part(&text, '\n'), &csv))
        return refuse(path, 1, "not the header " HEADER, error);
    for (size_t line = 2; text.length > 0; line++) {
        Slice row = slice_trim(slice_part(&text, '\n'));
        if (row.length == 0) continue;
        const char *fault = news_csv_row(&csv, row, &headline);
        if (fault) return refuse(path, line, fault, error);
        if (!news_store_push(news, &headline, error)) return false;
    }
    return true;
}

bool news_store_read(const char *root, StoredNews *news, Error *error) {
    char path[CANDLE_PATH_MAX], *bytes;
    size_t length;
    *news = (StoredNews){0};
    if (!make_path(root, path, error)) return false;
    if (!files_exist(path)) return true;
    if (!files_read(path, FILE_MAX, &bytes, &length, error)) return false;
    bool good = read_rows(path, (Slice){bytes, length}, news, error);
    free(bytes);
    if (good)
        sort(news, by_known);
    else
        news_store_free(news);
    return good;
}

static bool write_rows(const char *path, const StoredNews *news, Error *error) {
    size_t size = (news->count + 1) * ROW_BYTES;
    char *memory = malloc(size);
    if (!memory) return no_memory(error);
    Text text = text_in(memory, size);
    text_put(&text, HEADER "\n");
    for (size_t i = 0; i < news->count; i++)
        put_row(&text, &news->at[i]);
    bool good = files_write(path, text.at, text.length, 0666, error);
    free(memory);
    return good;
}

/* Of each title the earliest moment, but what is stored stays as it is. */
static void drop_repeated(StoredNews *news) {
    size_t kept = 0;
    sort(news, by_id);
    for (size_t i = 0; i < news->count; i++)
        if (kept == 0 || strcmp(news->at[kept - 1].id, news->at[i].id) != 0)
            news->at[kept++] = news->at[i];
    news->count = kept;
    sort(news, by_known);
}

static bool is_stored(const StoredNews *stored, const Headline *headline) {
    size_t low = 0, high = stored->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(stored->at[middle].id, headline->id);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool add(const char *root, const char *path, const StoredNews *news, size_t *added,
                Error *error) {
    StoredNews all, fresh = {.at = NULL};
    if (!news_store_read(root, &all, error)) return false;
    sort(&all, by_id);
    bool good = true;
    for (size_t i = 0; good && i < news->count; i++)
        if (!is_stored(&all, &news->at[i])) good = news_store_push(&fresh, &news->at[i], error);
    drop_repeated(&fresh);
    *added = fresh.count;
    for (size_t i = 0; good && i < fresh.count; i++)
        good = news_store_push(&all, &fresh.at[i], error);
    sort(&all, by_known);
    good = good && (fresh.count == 0 || write_rows(path, &all, error));
    news_store_free(&fresh);
    news_store_free(&all);
    return good;
}

bool news_store_add(const char *root, const StoredNews *news, size_t *added, Error *error) {
    char path[CANDLE_PATH_MAX];
    *added = 0;
    if (!make_path(root, path, error)) return false;
    int lock = candle_store_lock(path, error);
    if (lock < 0) return false;
    bool good = add(root, path, news, added, error);
    close(lock);
    return good;
}
