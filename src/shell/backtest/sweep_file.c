/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/sweep_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "shell/sys/files.h"

#define LINE_BYTES 2048
#define FILE_MAX   (2048u << 20) /* ten million sets */

uint64_t sweep_shard_begin(uint64_t sets, unsigned shard, unsigned shards) {
    return (uint64_t)((unsigned __int128)sets * shard / shards);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_line(Text *text, FILE *file) {
    fputs(text_end(text), file);
    fputc('\n', file);
}

void sweep_head_write(const SweepHead *head, FILE *file) {
    char memory[LINE_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "sweep");
    json_string(&writer, head->sweep);
    json_key(&writer, "strategy");
    json_string(&writer, head->strategy);
    json_key(&writer, "sets");
    json_int(&writer, (int64_t)head->sets);
    json_key(&writer, "bars");
    json_int(&writer, (int64_t)head->bars);
    json_key(&writer, "shard");
    json_int(&writer, head->shard);
    json_key(&writer, "shards");
    json_int(&writer, head->shards);
    json_key(&writer, "symbols");
    json_array_begin(&writer);
    for (unsigned i = 0; i < head->symbol_count; i++)
        json_string(&writer, head->symbols[i].text);
    json_array_end(&writer);
    json_key(&writer, "interval_seconds");
    json_int(&writer, head->length_us / INSTANT_SECOND_US);
    json_key(&writer, "parameters");
    json_array_begin(&writer);
    for (unsigned i = 0; i < head->parameter_count; i++)
        json_string(&writer, head->names[i]);
    json_array_end(&writer);
    json_object_end(&writer);
    put_line(&text, file);
}

void sweep_row_write(const SweepHead *head, const SweptRow *row, FILE *file) {
    char memory[LINE_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "index");
    json_int(&writer, (int64_t)row->index);
    json_key(&writer, "parameters");
    json_array_begin(&writer);
    for (unsigned i = 0; i < head->parameter_count; i++)
        json_double(&writer, row->parameters[i]);
    json_array_end(&writer);
    json_key(&writer, "fits");
    json_bool(&writer, row->fits);
    if (row->fits) {
        json_key_double(&writer, "return_pct", row->return_pct);
        json_key_double(&writer, "sharpe_ratio", row->sharpe_ratio);
        json_key_double(&writer, "max_drawdown_pct", row->max_drawdown_pct);
        json_key_double(&writer, "final_balance", row->final_balance);
        json_key_double(&writer, "fees", row->fees);
        json_key(&writer, "total_trades");
        json_int(&writer, row->trades);
    }
    json_object_end(&writer);
    put_line(&text, file);
}

void sweep_end_write(uint64_t rows, FILE *file) {
    fprintf(file, "{\"rows\":%llu}\n", (unsigned long long)rows);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool take_count(JsonReader *json, uint64_t *value) {
    int64_t number;
    if (!json_take_int(json, &number) || number < 0) return false;
    *value = (uint64_t)number;
    return true;
}

static bool take_small(JsonReader *json, unsigned *value) {
    uint64_t number;
    if (!take_count(json, &number) || number > UINT32_MAX) return false;
    *value = (unsigned)number;
    return true;
}

static bool take_text(JsonReader *json, char *target, size_t capacity) {
    Slice raw;
    return json_take_string(json, &raw) && json_unescape(json, target, capacity);
}

/* A number, or null for what is not defined. */
static bool take_real(JsonReader *json, double *value) {
    JsonReader before = *json;
    *value = (double)NAN;
    if (json_next(json) == JSON_NULL) return true;
    *json = before;
    return json_take_double(json, value);
}

static bool take_names(JsonReader *json, SweepHead *head) {
    JsonToken token;
    if (json_next(json) != JSON_ARRAY_BEGIN) return false;
    while ((token = json_next(json)) == JSON_STRING) {
        if (head->parameter_count == STRATEGY_PARAMETERS_MAX) return false;
        char *name = head->names[head->parameter_count++];
        if (!json_unescape(json, name, sizeof head->names[0])) return false;
    }
    return token == JSON_ARRAY_END;
}

static bool take_symbols(JsonReader *json, SweepHead *head) {
    JsonToken token;
    if (json_next(json) != JSON_ARRAY_BEGIN) return false;
    while ((token = json_next(json)) == JSON_STRING) {
        if (head->symbol_count == LIMIT_SYMBOLS) return false;
        SymbolName *symbol = &head->symbols[head->symbol_count++];
        if (!json_unescape(json, symbol->text, sizeof symbol->text)) return false;
    }
    return token == JSON_ARRAY_END;
}

static bool take_length(JsonReader *json, SweepHead *head) {
    unsigned seconds = 0;
    bool sound = take_small(json, &seconds);
    head->length_us = seconds * INSTANT_SECOND_US;
    return sound;
}

static bool take_head_field(JsonReader *json, SweepHead *head) {
    Slice key = json->slice;
    if (slice_is(key, "sweep")) return take_text(json, head->sweep, sizeof head->sweep);
    if (slice_is(key, "strategy")) return take_text(json, head->strategy, sizeof head->strategy);
    if (slice_is(key, "sets")) return take_count(json, &head->sets);
    if (slice_is(key, "bars")) return take_count(json, &head->bars);
    if (slice_is(key, "shard")) return take_small(json, &head->shard);
    if (slice_is(key, "shards")) return take_small(json, &head->shards);
    if (slice_is(key, "symbols")) return take_symbols(json, head);
    if (slice_is(key, "interval_seconds")) return take_length(json, head);
    if (slice_is(key, "parameters")) return take_names(json, head);
    return json_skip(json);
}

static bool read_head(Slice line, SweepHead *head) {
    JsonReader json = json_reader(line);
    JsonToken token;
    if (json_next(&json) != JSON_OBJECT_BEGIN) return false;
    while ((token = json_next(&json)) == JSON_KEY)
        if (!take_head_field(&json, head)) return false;
    return token == JSON_OBJECT_END && head->sweep[0] && head->shards > 0 &&
           head->shard < head->shards && head->length_us > 0 && head->symbol_count > 0;
}

static bool take_values(JsonReader *json, const SweepHead *head, SweptRow *row) {
    if (json_next(json) != JSON_ARRAY_BEGIN) return false;
    for (unsigned i = 0; i < head->parameter_count; i++)
        if (!json_take_double(json, &row->parameters[i])) return false;
    return json_next(json) == JSON_ARRAY_END;
}

static bool take_row_field(JsonReader *json, const SweepHead *head, SweptRow *row) {
    Slice key = json->slice;
    if (slice_is(key, "index")) return take_count(json, &row->index);
    if (slice_is(key, "parameters")) return take_values(json, head, row);
    if (slice_is(key, "fits")) return json_take_bool(json, &row->fits);
    if (slice_is(key, "return_pct")) return take_real(json, &row->return_pct);
    if (slice_is(key, "sharpe_ratio")) return take_real(json, &row->sharpe_ratio);
    if (slice_is(key, "max_drawdown_pct")) return take_real(json, &row->max_drawdown_pct);
    if (slice_is(key, "final_balance")) return take_real(json, &row->final_balance);
    if (slice_is(key, "fees")) return take_real(json, &row->fees);
    if (slice_is(key, "total_trades")) return take_small(json, &row->trades);
    return json_skip(json);
}

static bool read_row(Slice line, const SweepHead *head, SweptRow *row) {
    JsonReader json = json_reader(line);
    JsonToken token;
    *row = (SweptRow){.index = UINT64_MAX};
    if (json_next(&json) != JSON_OBJECT_BEGIN) return false;
    while ((token = json_next(&json)) == JSON_KEY)
        if (!take_row_field(&json, head, row)) return false;
    return token == JSON_OBJECT_END;
}

static bool refuse(Error *error, const char *path, uint64_t line) {
    char where[160];
    Text text = TEXT_IN(where);
    text_format(&text, "%s:%D", path, (int64_t)line);
    return error_set(error, ERROR_DATA, "not a line of a sweep", text_end(&text),
                     "trader backtest sweep writes such files");
}

/* A row must be the next of its shard; the last line counts them all. */
static bool take_line(SweepFile *file, Slice line, const char *path, Error *error) {
    uint64_t begin = sweep_shard_begin(file->head.sets, file->head.shard, file->head.shards);
    int64_t rows;
    JsonReader json = json_reader(line);
    bool counts = json_next(&json) == JSON_OBJECT_BEGIN && json_next(&json) == JSON_KEY &&
                  slice_is(json.slice, "rows");
    if (counts) {
        file->ended = json_take_int(&json, &rows) && rows == (int64_t)file->count;
        return file->ended || refuse(error, path, file->count + 2);
    }
    if ((file->count & (file->count - 1)) == 0) { /* room doubles */
        size_t room = file->count ? 2 * file->count : 1;
        SweptRow *grown = realloc(file->rows, room * sizeof grown[0]);
        if (!grown) return error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
        file->rows = grown;
    }
    SweptRow *row = &file->rows[file->count];
    bool next =
        !file->ended && read_row(line, &file->head, row) && row->index == begin + file->count;
    if (next) file->count++;
    return next || refuse(error, path, file->count + 2);
}

static bool read_lines(SweepFile *file, Slice bytes, const char *path, Error *error) {
    const char *end = bytes.at + bytes.length;
    const char *at = bytes.at, *stop;
    bool first = true;
    while ((stop = memchr(at, '\n', (size_t)(end - at)))) {
        Slice line = {at, (size_t)(stop - at)};
        if (first && !read_head(line, &file->head)) return refuse(error, path, 1);
        if (!first && !take_line(file, line, path, error)) return false;
        first = false;
        at = stop + 1;
        file->sound = at - bytes.at;
    }
    return true;
}

bool sweep_file_read(const char *path, SweepFile *file, Error *error) {
    char *bytes;
    size_t length;
    *file = (SweepFile){.count = 0};
    if (!files_read(path, FILE_MAX, &bytes, &length, error)) return false;
    bool sound = read_lines(file, (Slice){bytes, length}, path, error);
    free(bytes);
    if (!sound) sweep_file_free(file);
    return sound;
}

void sweep_file_free(SweepFile *file) {
    free(file->rows);
    *file = (SweepFile){.count = 0};
}
