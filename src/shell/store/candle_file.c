/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_file.h"

#include <stdlib.h>
#include <string.h>

#include "shell/store/candle_file_parts.h"

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool refuse(const char *path, Error *error, const char *message, const char *hint) {
    error_set(error, ERROR_DATA, message, "", hint);
    return packed_file_place(path, error);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void line_give(CandleFile *file, size_t length, size_t skip) {
    file->line = (Slice){file->buffer + file->begin, length};
    file->begin += length + skip;
    file->line_number++;
}

bool candle_file_fill(CandleFile *file, Error *error) {
    size_t rest = file->end - file->begin;
    memmove(file->buffer, file->buffer + file->begin, rest);
    file->begin = 0;
    file->end = rest;
    int64_t got = packed_file_read(file->packed, file->buffer + rest, CANDLE_READ_SIZE, error);
    if (got < 0) return false;
    file->ended = got == 0;
    file->end += (size_t)got;
    return true;
}

/* The next line, without its end. */
static CandleAnswer line_next(CandleFile *file, Error *error) {
    for (;;) {
        size_t rest = file->end - file->begin;
        const char *start = file->buffer + file->begin;
        const char *stop = rest ? memchr(start, '\n', rest) : NULL;
        size_t length = stop ? (size_t)(stop - start) : rest;
        if (length > CANDLE_LINE_MAX) {
            refuse(file->path, error, "a line is longer than 4096 bytes", "is it a candle file?");
            return CANDLE_FAILED;
        }
        if (stop || (file->ended && rest)) {
            line_give(file, length, stop ? 1 : 0);
            return CANDLE_BAR;
        }
        if (file->ended) return CANDLE_ENDED;
        if (!candle_file_fill(file, error)) return CANDLE_FAILED;
    }
}

/* A crash of whoever wrote the file leaves blocks of zeros; other formats are full of them. */
static CandleAnswer refuse_zeros(const CandleFile *file, Error *error) {
    char place[48];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D", (int64_t)file->line_number);
    error_set(error, ERROR_DATA, "a zero byte in the text", text_end(&where),
              "the file is damaged, or no text: fetch it again");
    packed_file_place(file->path, error);
    return CANDLE_FAILED;
}

/* The next line that is not blank, or the one that was read ahead. */
static CandleAnswer row_next(CandleFile *file, Error *error) {
    CandleAnswer answer = CANDLE_BAR;
    if (file->held) {
        file->held = false;
        return answer;
    }
    if (file->shape != JSON_SHAPE_NONE) return candle_file_json(file, error);
    do {
        answer = line_next(file, error);
    } while (answer == CANDLE_BAR && candle_csv_blank(file->line));
    if (answer == CANDLE_BAR && memchr(file->line.at, 0, file->line.length))
        return refuse_zeros(file, error);
    return answer;
}

/* JSON has no header: six values or the venue's twelve. */
static bool json_columns(CandleFile *file, unsigned needed, Error *error) {
    unsigned commas = 0;
    for (size_t i = 0; i < file->line.length; i++)
        commas += file->line.at[i] == ',';
    if (commas == 5)
        return candle_csv_columns(SLICE("time,open,high,low,close,volume"), 1, needed,
                                  &file->columns, error);
    return candle_csv_columns(file->line, file->line_number, needed, &file->columns, error);
}

static bool read_columns(CandleFile *file, unsigned needed, Error *error) {
    CandleAnswer answer = row_next(file, error);
    bool json = file->shape != JSON_SHAPE_NONE;
    if (answer == CANDLE_FAILED || answer == CANDLE_REFUSED) return false;
    if (answer == CANDLE_ENDED)
        return refuse(file->path, error,
                      json ? "the array is empty" : "the file holds only blank lines",
                      "fetch it again");
    bool known =
        json ? json_columns(file, needed, error)
             : candle_csv_columns(file->line, file->line_number, needed, &file->columns, error);
    if (!known) {
        candle_file_refuse(file, error);
        return false;
    }
    file->held = json || !candle_csv_is_header(file->line);
    return true;
}

/* --- the public face -------------------------------------------------------------------------- */

CandleFile *candle_file_open_lines(const char *path, Error *error) {
    Error ignored;
    if (!error) error = &ignored;
    CandleFile *file = calloc(1, sizeof *file);
    if (file) file->path = strdup(path);
    if (!file || !file->path) {
        free(file);
        error_set(error, ERROR_LIMIT, "out of memory", path, "close other programs");
        return NULL;
    }
    file->last_us = INT64_MIN;
    file->packed = packed_file_open(path, error);
    if (file->packed) return file;
    candle_file_close(file);
    return NULL;
}

CandleAnswer candle_file_text(CandleFile *file, Slice *line, Error *error) {
    CandleAnswer answer = row_next(file, error);
    *line = file->line;
    return answer;
}

CandleFile *candle_file_open(const char *path, unsigned needed, Error *error) {
    Error ignored;
    if (!error) error = &ignored;
    CandleFile *file = candle_file_open_lines(path, error);
    if (!file || (candle_file_look(file, error) && read_columns(file, needed, error))) return file;
    candle_file_close(file);
    return NULL;
}

const CandleColumns *candle_file_columns(const CandleFile *file) {
    return &file->columns;
}

uint64_t candle_file_line(const CandleFile *file) {
    return file->line_number;
}

unsigned candle_file_volume_decimals(const CandleFile *file) {
    return candle_csv_volume_decimals(&file->columns, file->line);
}

static CandleAnswer refuse_row(const CandleFile *file, const char *message, const char *hint,
                               Error *error) {
    char place[64];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D", (int64_t)file->line_number);
    error_set(error, ERROR_DATA, message, text_end(&where), hint);
    return candle_file_refuse(file, error);
}

static CandleAnswer refuse_grid(const CandleFile *file, Error *error) {
    return refuse_row(file, "the open time is not a whole minute",
                      "the shortest interval that is traded on is one minute", error);
}

static CandleAnswer refuse_order(const CandleFile *file, const Bar *bar, Error *error) {
    char memory[120];
    Text message = TEXT_IN(memory);
    const char *what = bar->time_us == file->last_us ? "the row repeats the time of line %D"
                                                     : "the row is older than line %D";
    text_format(&message, what, (int64_t)file->last_line);
    return refuse_row(file, text_end(&message), "sort the file by time", error);
}

CandleAnswer candle_file_bar_unordered(CandleFile *file, Bar *bar, Error *error) {
    CandleAnswer answer = row_next(file, error);
    if (answer != CANDLE_BAR) return answer;
    if (!candle_csv_bar(&file->columns, file->line, file->line_number, bar, error)) {
        return candle_file_refuse(file, error);
    }
    return bar->time_us % INSTANT_MINUTE_US == 0 ? CANDLE_BAR : refuse_grid(file, error);
}

CandleAnswer candle_file_bar(CandleFile *file, Bar *bar, Error *error) {
    CandleAnswer answer = candle_file_bar_unordered(file, bar, error);
    if (answer != CANDLE_BAR) return answer;
    if (bar->time_us <= file->last_us) return refuse_order(file, bar, error);
    file->last_us = bar->time_us;
    file->last_line = file->line_number;
    return CANDLE_BAR;
}

unsigned candle_file_known(const CandleFile *file) {
    return candle_csv_known(&file->columns, file->line);
}

CandleAnswer candle_file_row(CandleFile *file, CandleRow *row, Error *error) {
    CandleAnswer answer = row_next(file, error);
    if (answer != CANDLE_BAR) return answer;
    if (candle_csv_row(&file->columns, file->line, file->line_number, row, error))
        return CANDLE_BAR;
    return candle_file_refuse(file, error);
}

void candle_file_close(CandleFile *file) {
    if (!file) return;
    packed_file_close(file->packed);
    free(file->path);
    free(file);
}

/* Length of the capitals and digits at the front. */
static size_t capitals(const char *text) {
    return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

/* BTC_USDT-1m.json: base and quote are told apart. */
static bool two_parts(const char *name, SymbolName *symbol) {
    char joined[LIMIT_SYMBOL_TEXT];
    Text text = TEXT_IN(joined);
    size_t base = capitals(name);
    if (base == 0 || name[base] != '_') return false;
    const char *rest = name + base + 1;
    size_t quote = capitals(rest);
    bool ends = rest[quote] == '-' || rest[quote] == '.';
    if (quote == 0 || !ends || rest[0] < 'A' || base + quote < 5 || base + quote > 20) return false;
    text_slice(&text, (Slice){name, base});
    text_slice(&text, (Slice){rest, quote});
    return symbol_name_set(symbol, slice_of(text_end(&text)));
}

bool candle_file_symbol(const char *path, SymbolName *name) {
    const char *start = base_name(path);
    if (two_parts(start, name)) return true;
    size_t length = capitals(start);
    bool letter = false; /* 20230101.csv names a day, not a symbol */
    for (size_t i = 0; i < length; i++)
        letter |= start[i] >= 'A';
    return letter && length >= 5 && length <= 20 && symbol_name_set(name, (Slice){start, length});
}
