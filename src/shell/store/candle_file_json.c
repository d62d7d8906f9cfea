/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Candles in JSON: one array of arrays (freqtrade, ccxt, the venue's answers), or one array a line.
 * Each inner array is found by its brackets, read strictly by the core, and given out as the line
 * that a CSV file would have; the whole text is never in memory.
 */
#include <string.h>

#include "core/market/candle_json.h"
#include "shell/store/candle_file_parts.h"

static CandleAnswer fail(const CandleFile *file, const char *message, Error *error) {
    char place[96];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D (behind row %D)", (int64_t)file->text_line,
                (int64_t)file->line_number);
    error_set(error, ERROR_DATA, message, text_end(&where),
              "expected is [[time, open, high, low, close, volume], ...]");
    packed_file_place(file->path, error);
    return CANDLE_FAILED;
}

/* The byte at the reader, or -1 at the end. */
static int peek(CandleFile *file, bool *failed, Error *error) {
    while (file->begin == file->end && !file->ended)
        if (!candle_file_fill(file, error)) {
            *failed = true;
            return -1;
        }
    return file->begin == file->end ? -1 : (unsigned char)file->buffer[file->begin];
}

/* The next byte that is no blank; the reader stands on it. */
static int peek_solid(CandleFile *file, bool *failed, Error *error) {
    int byte;
    while ((byte = peek(file, failed, error)) == ' ' || byte == '\n' || byte == '\r' ||
           byte == '\t') {
        file->text_line += byte == '\n';
        file->begin++;
    }
    return byte;
}

/* --- what it is ------------------------------------------------------------------------------- */

static bool refuse_encoding(const CandleFile *file, Error *error) {
    error_set(error, ERROR_DATA, "the text is UTF-16", "", "save it as UTF-8 or plain CSV");
    return packed_file_place(file->path, error);
}

bool candle_file_look(CandleFile *file, Error *error) {
    bool failed = false;
    if (peek(file, &failed, error) < 0) return !failed;
    const unsigned char *text = (const unsigned char *)file->buffer + file->begin;
    size_t length = file->end - file->begin, at = 0;
    if (length >= 2 &&
        ((text[0] == 0xFF && text[1] == 0xFE) || (text[0] == 0xFE && text[1] == 0xFF)))
        return refuse_encoding(file, error);
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) at = 3; /* UTF-8's mark */
    while (at < length && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    if (at == length || (text[at] != '[' && text[at] != '{')) return true;
    file->begin += at;
    file->text_line = 1;
    if (text[at] == '{') {
        fail(file, "a JSON object, not an array of candles", error);
        return false;
    }
    for (at++; at < length && text[at] && strchr(" \t\r\n", text[at]);)
        at++;
    bool array = at == length || text[at] == '[' || text[at] == ']' || text[at] == '{';
    file->shape = array ? JSON_SHAPE_ARRAY : JSON_SHAPE_LINES;
    if (array) file->begin++; /* its bracket */
    return true;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Length of the bracketed text that begins at the reader; 0: it is not all in the buffer. */
static size_t row_length(const CandleFile *file) {
    bool quoted = false;
    unsigned depth = 0;
    for (size_t at = file->begin; at < file->end; at++) {
        char byte = file->buffer[at];
        if (quoted && byte == '\\')
            at++;
        else if (byte == '"')
            quoted = !quoted;
        else if (!quoted && (byte == '[' || byte == '{'))
            depth++;
        else if (!quoted && (byte == ']' || byte == '}') && --depth == 0)
            return at + 1 - file->begin;
    }
    return 0;
}

static CandleAnswer cut_row(CandleFile *file, Slice *row, Error *error) {
    size_t length;
    while ((length = row_length(file)) == 0) {
        if (file->end - file->begin > CANDLE_LINE_MAX)
            return fail(file, "a row is longer than 4096 bytes", error);
        if (file->ended) return fail(file, "the JSON text ends too early: is it cut short?", error);
        if (!candle_file_fill(file, error)) return CANDLE_FAILED;
    }
    if (length > CANDLE_LINE_MAX) return fail(file, "a row is longer than 4096 bytes", error);
    *row = (Slice){file->buffer + file->begin, length};
    file->begin += length;
    for (size_t i = 0; i < length; i++)
        file->text_line += row->at[i] == '\n';
    return CANDLE_BAR;
}

/* Steps over what stands before a row of an array: the comma, or the end. */
static CandleAnswer before_row(CandleFile *file, Error *error) {
    bool failed = false;
    int byte = peek_solid(file, &failed, error);
    if (failed) return CANDLE_FAILED;
    if (file->closed || file->shape == JSON_SHAPE_LINES) {
        if (byte < 0) return CANDLE_ENDED;
        if (file->closed) return fail(file, "something stands behind the array", error);
        return byte == '[' ? CANDLE_BAR : fail(file, "no array where a candle should be", error);
    }
    bool first = file->line_number == 0;
    if (byte == ']') {
        file->closed = true;
        file->begin++;
        return before_row(file, error);
    }
    if (!first && byte == ',') {
        file->begin++;
        byte = peek_solid(file, &failed, error);
        if (failed) return CANDLE_FAILED;
    } else if (!first && byte >= 0) {
        return fail(file, "no comma between two candles", error);
    }
    if (byte < 0) return fail(file, "the JSON text ends too early: is it cut short?", error);
    return byte == '[' ? CANDLE_BAR : fail(file, "no array where a candle should be", error);
}

CandleAnswer candle_file_json(CandleFile *file, Error *error) {
    Slice row;
    CandleAnswer answer = before_row(file, error);
    if (answer == CANDLE_BAR) answer = cut_row(file, &row, error);
    if (answer != CANDLE_BAR) return answer;
    if (file->shape == JSON_SHAPE_ARRAY)
        file->line_number++;
    else
        file->line_number = file->text_line;
    Text line = TEXT_IN(file->written);
    if (candle_json_line(row, &line, error)) {
        file->line = (Slice){line.at, line.length};
        return CANDLE_BAR;
    }
    char place[48];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D", (int64_t)file->line_number);
    error_at(error, text_end(&where));
    return candle_file_refuse(file, error);
}

CandleAnswer candle_file_refuse(const CandleFile *file, Error *error) {
    if (file->shape == JSON_SHAPE_ARRAY) {
        char memory[sizeof error->where];
        Text where = TEXT_IN(memory);
        const char *rest = strchr(error->where, ',');
        text_format(&where, "row %D (line %D)%s", (int64_t)file->line_number,
                    (int64_t)file->text_line, rest ? rest : "");
        error_at(error, text_end(&where));
    }
    packed_file_place(file->path, error);
    return CANDLE_REFUSED;
}
