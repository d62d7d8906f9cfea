/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function call per token. What comes next is known from `expect`; whether the innermost level
 * is an object is the lowest bit of `objects`. Plain runs of strings and digits are stepped over
 * eight bytes at a time; all hot functions stand in this file so that they inline. Nothing is read
 * at or beyond `end`.
 */
#include "core/base/json.h"
#include "core/base/lanes.h"
#include "core/base/number_text.h"
#include "core/base/utf8.h"

enum {
    EXPECT_VALUE,
    EXPECT_FIRST_ITEM, /* after [ : a value or ] */
    EXPECT_FIRST_KEY,  /* after { : a key or } */
    EXPECT_MORE,       /* after a value inside a level: a comma or the level's end */
    EXPECT_NOTHING,    /* after the whole document */
    EXPECT_FAILED
};

JsonReader json_reader(Slice text) {
    const char *at = text.at ? text.at : "";
    return (JsonReader){.at = at, .end = at + text.length, .begin = at};
}

size_t json_position(const JsonReader *reader) {
    return (size_t)(reader->at - reader->begin);
}

__attribute__((cold)) static JsonToken refuse(JsonReader *reader, const char *at) {
    reader->at = at;
    reader->expect = EXPECT_FAILED;
    return JSON_ERROR;
}

static inline const char *skip_blanks(const char *at, const char *end) {
    if (__builtin_expect(at < end && (unsigned char)*at > ' ', 1)) return at;
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

static bool is_escape(const char *at, const char *end) {
    if (end - at < 2) return false;
    if (at[1] != 'u') return at[1] && strchr("\"\\/bfnrt", at[1]);
    return end - at >= 6 && is_hex(at[2]) && is_hex(at[3]) && is_hex(at[4]) && is_hex(at[5]);
}

/* One escape or one character that is not ASCII; NULL where neither is well formed. */
static const char *scan_special(JsonReader *reader, const char *at) {
    if (*at == '\\') {
        reader->escaped = true;
        return is_escape(at, reader->end) ? at + (at[1] == 'u' ? 6 : 2) : NULL;
    }
    int step = utf8_step(at, reader->end);
    return step > 1 ? at + step : NULL; /* one byte here is a control character */
}

static inline bool is_plain(char c) {
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* To the first byte that is not a plain character, or the end. */
static inline const char *scan_plain(const char *at, const char *end) {
    while (end - at >= 8) {
        uint64_t stops = lanes_not_plain(lanes_load(at));
        if (stops) return at + lanes_before(stops);
        at += 8;
    }
    while (at < end && is_plain(*at))
        at++;
    return at;
}

/* The string whose opening quote stands before `at` becomes the slice; returns past the closing
 * quote, or NULL. */
static inline const char *scan_string(JsonReader *reader, const char *at) {
    const char *begin = at;
    reader->escaped = false;
    /* Keys of the venue's streams have one letter. Asked first, because the processor runs ahead of
     * a guessed branch, but not of a position computed from the bytes. */
    if (reader->end - at >= 2 && at[1] == '"' && is_plain(*at)) {
        reader->slice = (Slice){at, 1};
        return at + 2;
    }
    for (;;) {
        at = scan_plain(at, reader->end);
        if (__builtin_expect(at == reader->end, 0)) break;
        if (__builtin_expect(*at == '"', 1)) {
            reader->slice = (Slice){begin, (size_t)(at - begin)};
            return at + 1;
        }
        const char *next = scan_special(reader, at);
        if (!next) break;
        at = next;
    }
    refuse(reader, at);
    return NULL;
}

static inline bool is_digit(const char *at, const char *end) {
    return at < end && (unsigned)((unsigned char)*at - '0') <= 9;
}

static inline const char *scan_digits(const char *at, const char *end) {
    while (end - at >= 8 && lanes_all_digits(lanes_load(at)))
        at += 8;
    while (is_digit(at, end))
        at++;
    return at;
}

static const char *scan_exponent(const char *at, const char *end) {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    return is_digit(at, end) ? scan_digits(at, end) : NULL;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? ; NULL where a digit is missing. */
static inline const char *scan_number(const char *at, const char *end) {
    at += *at == '-';
    if (!is_digit(at, end)) return NULL;
    at = *at == '0' ? at + 1 : scan_digits(at, end);
    if (at < end && *at == '.') {
        if (!is_digit(at + 1, end)) return NULL;
        at = scan_digits(at + 1, end);
    }
    if (at < end && (*at | 32) == 'e') return scan_exponent(at, end);
    return at;
}

static inline JsonToken done(JsonReader *reader, const char *at, JsonToken token) {
    reader->at = at;
    reader->expect = reader->depth ? EXPECT_MORE : EXPECT_NOTHING;
    return token;
}

static JsonToken read_number(JsonReader *reader, const char *at) {
    const char *after = scan_number(at, reader->end);
    if (!after) return refuse(reader, at);
    reader->slice = (Slice){at, (size_t)(after - at)};
    return done(reader, after, JSON_NUMBER);
}

static JsonToken read_word(JsonReader *reader, const char *at, Slice word, JsonToken token) {
    Slice here = {at, word.length};
    bool room = (size_t)(reader->end - at) >= word.length;
    if (!room || !slice_equal(here, word)) return refuse(reader, at);
    return done(reader, at + word.length, token);
}

static JsonToken enter(JsonReader *reader, const char *at, bool object) {
    if (reader->depth == JSON_DEPTH_MAX) return refuse(reader, at);
    reader->depth++;
    reader->objects = reader->objects << 1 | object;
    reader->at = at + 1;
    reader->expect = object ? EXPECT_FIRST_KEY : EXPECT_FIRST_ITEM;
    return object ? JSON_OBJECT_BEGIN : JSON_ARRAY_BEGIN;
}

static JsonToken leave(JsonReader *reader, const char *at) {
    JsonToken token = reader->objects & 1 ? JSON_OBJECT_END : JSON_ARRAY_END;
    reader->depth--;
    reader->objects >>= 1;
    return done(reader, at + 1, token);
}

static inline JsonToken read_value(JsonReader *reader, const char *at) {
    if (at == reader->end) return refuse(reader, at);
    switch (*at) {
    case '"': {
        const char *after = scan_string(reader, at + 1);
        return after ? done(reader, after, JSON_STRING) : JSON_ERROR;
    }
    case '{':
        return enter(reader, at, true);
    case '[':
        return enter(reader, at, false);
    case 't':
        return read_word(reader, at, SLICE("true"), JSON_TRUE);
    case 'f':
        return read_word(reader, at, SLICE("false"), JSON_FALSE);
    case 'n':
        return read_word(reader, at, SLICE("null"), JSON_NULL);
    default:
        return read_number(reader, at);
    }
}

/* A key and its colon, so that the reader stands before the value. */
static inline JsonToken read_key(JsonReader *reader, const char *at) {
    if (at == reader->end || *at != '"') return refuse(reader, at);
    at = scan_string(reader, at + 1);
    if (!at) return JSON_ERROR;
    at = skip_blanks(at, reader->end);
    if (at == reader->end || *at != ':') return refuse(reader, at);
    reader->at = at + 1;
    reader->expect = EXPECT_VALUE;
    return JSON_KEY;
}

static inline JsonToken read_more(JsonReader *reader, const char *at) {
    bool object = reader->objects & 1;
    if (at == reader->end) return refuse(reader, at);
    if (*at == ',') {
        at = skip_blanks(at + 1, reader->end);
        return object ? read_key(reader, at) : read_value(reader, at);
    }
    return *at == (object ? '}' : ']') ? leave(reader, at) : refuse(reader, at);
}

JsonToken json_next(JsonReader *reader) {
    const char *at = skip_blanks(reader->at, reader->end);
    bool more = at < reader->end;
    switch (reader->expect) {
    case EXPECT_MORE:
        return read_more(reader, at);
    case EXPECT_VALUE:
        return read_value(reader, at);
    case EXPECT_FIRST_KEY:
        return more && *at == '}' ? leave(reader, at) : read_key(reader, at);
    case EXPECT_FIRST_ITEM:
        return more && *at == ']' ? leave(reader, at) : read_value(reader, at);
    case EXPECT_NOTHING:
        return more ? refuse(reader, at) : JSON_END;
    default:
        return JSON_ERROR;
    }
}

bool json_leave(JsonReader *reader) {
    if (reader->expect == EXPECT_FAILED) return false;
    CHECK(reader->depth > 0, "json_leave: outside of every object and array");
    uint8_t outside = (uint8_t)(reader->depth - 1);
    for (;;) {
        JsonToken token = json_next(reader);
        if (token == JSON_ERROR) return false;
        bool ended = token == JSON_OBJECT_END || token == JSON_ARRAY_END;
        if (ended && reader->depth == outside) return true;
    }
}

bool json_skip(JsonReader *reader) {
    const char *begin = reader->at;
    switch (json_next(reader)) {
    case JSON_OBJECT_BEGIN:
    case JSON_ARRAY_BEGIN:
        return json_leave(reader);
    case JSON_STRING:
    case JSON_NUMBER:
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return true;
    case JSON_ERROR:
        return false;
    default:
        refuse(reader, begin);
        return false;
    }
}

bool json_valid(Slice text) {
    JsonReader reader = json_reader(text);
    return json_skip(&reader) && json_next(&reader) == JSON_END;
}

static uint32_t hex4(const char *at) {
    uint32_t code = 0;
    for (int i = 0; i < 4; i++)
        code = code << 4 | (uint32_t)(at[i] <= '9' ? at[i] - '0' : (at[i] | 32) - 'a' + 10);
    return code;
}

/* The code point of the \u escape at `at`, with its second half if it is a surrogate pair; moves
 * past it. */
static uint32_t take_unicode(const char **at, const char *end) {
    uint32_t code = hex4(*at + 2);
    *at += 6;
    if (code < 0xD800 || code > 0xDFFF) return code;
    bool pair = code < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u';
    uint32_t low = pair ? hex4(*at + 2) : 0;
    if (low < 0xDC00 || low > 0xDFFF) return 0xFFFD;
    *at += 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

uint32_t json_escape_code(const char **at, const char *end) {
    char letter = (*at)[1];
    if (letter == 'u') return take_unicode(at, end);
    *at += 2;
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return (unsigned char)letter; /* quote, backslash, slash */
    }
}

bool json_unescape(const JsonReader *reader, char *target, size_t capacity) {
    CHECK(capacity > 0, "json_unescape: no room for the closing zero");
    const char *at = reader->slice.at, *end = at + reader->slice.length;
    Text text = text_in(target, capacity);
    bool zero = false;
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        text_slice(&text, (Slice){at, (size_t)((escape ? escape : end) - at)});
        if (!escape) break;
        char character[4];
        at = escape;
        uint32_t code = json_escape_code(&at, end);
        zero |= code == 0;
        text_slice(&text, (Slice){character, (size_t)utf8_put(code, character)});
    }
    text_end(&text);
    if (text.overflow || zero) target[0] = 0;
    return !text.overflow && !zero;
}

/* The reader was at a value of another type or range: it stays at JSON_ERROR, at that value. */
static bool mistaken(JsonReader *reader, const char *begin) {
    if (reader->expect != EXPECT_FAILED) refuse(reader, skip_blanks(begin, reader->end));
    return false;
}

static inline bool next_numeric(JsonReader *reader) {
    JsonToken token = json_next(reader);
    return token == JSON_NUMBER || token == JSON_STRING;
}

/* The value after a key, if it begins with `first`; else NULL, and the long way decides. The short
 * ways below convert a number while they step over it, so that the venue's messages are read once.
 */
static inline const char *value_with(const JsonReader *reader, char first) {
    const char *at = skip_blanks(reader->at, reader->end);
    return reader->expect == EXPECT_VALUE && at < reader->end && *at == first ? at + 1 : NULL;
}

static inline bool ended(JsonReader *reader, const char *begin, const char *after) {
    if (!after || after == reader->end || *after != '"') return false;
    reader->slice = (Slice){begin, (size_t)(after - begin)};
    reader->escaped = false;
    done(reader, after + 1, JSON_STRING);
    return true;
}

static inline bool quoted_decimal(JsonReader *reader, int64_t *units) {
    const char *at = value_with(reader, '"');
    return at && ended(reader, at, decimal_scan(at, reader->end, units));
}

/* Up to 18 digits without sign, not beginning with 0, and with something behind them that cannot
 * belong to a number. */
static inline bool bare_whole(JsonReader *reader, int64_t *value) {
    const char *at = skip_blanks(reader->at, reader->end), *end = reader->end, *begin = at;
    int64_t sum = 0;
    if (reader->expect != EXPECT_VALUE || end - at < 2 || *at == '0') return false;
    if (end - at >= 8 && lanes_all_digits(lanes_load(at))) {
        sum = lanes_digits(lanes_load(at));
        at += 8;
    }
    for (; is_digit(at, end) && at - begin < 18; at++)
        sum = sum * 10 + (*at - '0');
    if (at == begin || at == end || (*at != ',' && *at != '}')) return false;
    reader->slice = (Slice){begin, (size_t)(at - begin)};
    *value = sum;
    done(reader, at, JSON_NUMBER);
    return true;
}

bool json_take_int(JsonReader *reader, int64_t *value) {
    if (bare_whole(reader, value)) return true;
    const char *begin = reader->at;
    if (json_next(reader) == JSON_NUMBER && slice_int(reader->slice, value)) return true;
    return mistaken(reader, begin);
}

bool json_take_double(JsonReader *reader, double *value) {
    const char *at = value_with(reader, '"'), *begin = reader->at;
    double number;
    if (at && ended(reader, at, number_scan(at, reader->end, &number))) {
        *value = number;
        return true;
    }
    if (next_numeric(reader) && number_from_slice(reader->slice, value)) return true;
    return mistaken(reader, begin);
}

bool json_take_bool(JsonReader *reader, bool *value) {
    const char *begin = reader->at;
    JsonToken token = json_next(reader);
    if (token != JSON_TRUE && token != JSON_FALSE) return mistaken(reader, begin);
    *value = token == JSON_TRUE;
    return true;
}

bool json_take_string(JsonReader *reader, Slice *raw) {
    const char *begin = reader->at;
    if (json_next(reader) != JSON_STRING) return mistaken(reader, begin);
    *raw = reader->slice;
    return true;
}

static inline bool take_units(JsonReader *reader, int64_t *units) {
    const char *begin = reader->at;
    int64_t value;
    bool taken = quoted_decimal(reader, &value);
    if (!taken && next_numeric(reader)) {
        const char *end = reader->slice.at + reader->slice.length;
        taken = decimal_scan(reader->slice.at, end, &value) == end;
    }
    if (!taken) return mistaken(reader, begin);
    *units = value;
    return true;
}

bool json_take_price(JsonReader *reader, Price *value) {
    return take_units(reader, &value->units);
}

bool json_take_quantity(JsonReader *reader, Quantity *value) {
    return take_units(reader, &value->units);
}
