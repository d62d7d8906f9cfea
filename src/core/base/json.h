/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) in and out, without allocation. The reader is a strict pull parser over bytes
 * that the caller owns: each json_next gives one token; strings and numbers are slices into the
 * text, checked (UTF-8, escapes, number grammar) but not converted, so that prices stay exact
 * decimals. Nesting is limited. On the first error the reader stays at JSON_ERROR with the byte
 * position. The writer appends to a Text and places the commas itself; NaN and infinity are written
 * as null. A JsonReader and a JsonWriter are plain values over memory of the caller.
 */
#ifndef CORE_BASE_JSON_H
#define CORE_BASE_JSON_H

#include "core/base/decimal.h"
#include "core/base/error.h"
#include "core/base/text.h"

#define JSON_DEPTH_MAX                                                                             \
    64 /* deepest payload of the venues is 6; 64 leaves room and bounds hostile text */

typedef enum JsonToken {
    JSON_ERROR,
    JSON_END, /* the document is complete and only blanks follow */
    JSON_OBJECT_BEGIN,
    JSON_OBJECT_END,
    JSON_ARRAY_BEGIN,
    JSON_ARRAY_END,
    JSON_KEY, /* `slice`: raw key between the quotes */
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
} JsonToken;

typedef struct JsonReader {
    const char *at, *end, *begin;
    Slice
        slice; /* of the last key, string or number; strings without quotes, escapes still inside */
    bool escaped; /* the last string or key holds at least one backslash */
    uint8_t depth;
    uint8_t expect;   /* internal state */
    uint64_t objects; /* one bit a level: 1 = object, 0 = array */
} JsonReader;

JsonReader json_reader(Slice text);
JsonToken json_next(JsonReader *reader);
/* After a JSON_KEY or inside an array: steps over one whole value. */
bool json_skip(JsonReader *reader) MUST_USE;
/* Steps over the rest of the object or array whose begin token was read last at this depth: reads
 * up to and including its end token. */
bool json_leave(JsonReader *reader) MUST_USE;
/* Byte position of the reader (of the error, at JSON_ERROR). */
size_t json_position(const JsonReader *reader);
/* Resolves escapes of the last string or key (\uXXXX to UTF-8, lone surrogates to U+FFFD) into a
 * zero-ended array; false if it does not fit or holds a zero character. */
bool json_unescape(const JsonReader *reader, char *target, size_t capacity) MUST_USE;
/* The code point of the escape at *at (a backslash inside a checked string), which it steps over.
 */
uint32_t json_escape_code(const char **at, const char *end);
/* The whole text is one valid document. */
bool json_valid(Slice text);

/* Typed reading of the next value: false (reader at JSON_ERROR) when it is of another type. The
 * venue's numbers are strings or bare numbers: decimals accept both. */
bool json_take_int(JsonReader *reader, int64_t *value) MUST_USE;
bool json_take_double(JsonReader *reader, double *value) MUST_USE;
bool json_take_bool(JsonReader *reader, bool *value) MUST_USE;
bool json_take_string(JsonReader *reader, Slice *raw) MUST_USE;
bool json_take_price(JsonReader *reader, Price *value) MUST_USE;
bool json_take_quantity(JsonReader *reader, Quantity *value) MUST_USE;

typedef struct JsonWriter {
    Text *text;
    uint8_t depth;
    bool comma;
} JsonWriter;

JsonWriter json_writer(Text *text);
void json_object_begin(JsonWriter *writer);
void json_object_end(JsonWriter *writer);
void json_array_begin(JsonWriter *writer);
void json_array_end(JsonWriter *writer);
void json_key(JsonWriter *writer, const char *key);
void json_string(JsonWriter *writer, const char *zero_ended);
void json_slice(JsonWriter *writer, Slice text); /* invalid UTF-8 becomes U+FFFD */
void json_int(JsonWriter *writer, int64_t value);
void json_double(JsonWriter *writer, double value); /* shortest; NaN and infinity: null */
void json_key_double(JsonWriter *writer, const char *key, double value); /* both at once */
void json_bool(JsonWriter *writer, bool value);
void json_null(JsonWriter *writer);
void json_money(JsonWriter *writer, Money value); /* bare number, exact digits */
void json_price(JsonWriter *writer, Price value);
void json_quantity(JsonWriter *writer, Quantity value);
void json_time(JsonWriter *writer, int64_t time_us); /* ISO 8601 with milliseconds */
void json_key_time(JsonWriter *writer, const char *key, int64_t time_us);
void json_raw(JsonWriter *writer, Slice json); /* a value that is JSON already */

#endif
