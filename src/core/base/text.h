/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text without allocation: a Slice points at bytes that somebody else owns; a Text collects bytes
 * in memory that the caller hands in. A Text that runs full remembers it (`overflow`) and stops
 * writing: check once at the end. Numbers are printed the same on every machine and in every
 * locale. The caller owns the memory of both.
 */
#ifndef CORE_BASE_TEXT_H
#define CORE_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/base/check.h"

typedef struct Slice {
    const char *at;
    size_t length;
} Slice;

typedef struct Text {
    char *at;
    size_t capacity; /* bytes that `at` can hold, the closing zero included */
    size_t length;
    bool overflow;
} Text;

#define SLICE(literal) ((Slice){(literal), sizeof(literal) - 1})

Slice slice_of(const char *zero_ended); /* NULL is empty */

/* Inline, because readers compare keys with literals for every token of a tick. */
static inline bool slice_equal(Slice a, Slice b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}
static inline bool slice_is(Slice a, const char *zero_ended) {
    return slice_equal(a, (Slice){zero_ended, strlen(zero_ended)});
}
bool slice_starts(Slice a, const char *prefix);
/* Cuts blanks (space, tab, CR, LF) from both ends. */
Slice slice_trim(Slice a);
/* Cuts the part before the first `separator` off the front of *rest; all of it where there is none.
 */
Slice slice_part(Slice *rest, char separator);
/* Copies into a zero-ended array; false (and an empty target) if it does not fit. */
bool slice_copy(Slice a, char *target, size_t capacity) MUST_USE;
/* Whole decimal integer with optional minus; false on anything else or on overflow. */
bool slice_int(Slice a, int64_t *value) MUST_USE;
/* The same name of an option, a plug or a setting: '-' and '_' are alike. */
bool slice_same_name(Slice a, const char *name);
/* Edit distance (Levenshtein 1966) over bytes, of the first 64 of each, for "did you mean". */
size_t slice_distance(Slice a, Slice b);

/* Of the names that were tried, the one nearest to a word; NULL while none is near enough. */
typedef struct SliceNearest {
    Slice word;
    size_t distance;
    const char *name;
} SliceNearest;

/* A name that differs in half its letters is another; `slice_nearest_within`: in so many. */
SliceNearest slice_nearest(Slice word);
SliceNearest slice_nearest_within(Slice word, size_t too_far);
void slice_nearest_try(SliceNearest *nearest, const char *name);

Text text_in(char *memory, size_t capacity);
#define TEXT_IN(array) text_in((array), sizeof(array))
void text_clear(Text *text);
void text_char(Text *text, char c);
void text_slice(Text *text, Slice slice);
void text_put(Text *text, const char *zero_ended);
void text_int(Text *text, int64_t value);
/* At least `digits` digits, padded with zeros on the left. */
void text_int_padded(Text *text, int64_t value, int digits);
/* Fixed decimals, rounded half to even on the exact value ("-0.00" is printed as "0.00"). */
void text_fixed(Text *text, double value, int decimals);
/* The shortest text that reads back as the same double; NaN and infinities are a CHECK. */
void text_double(Text *text, double value);
void text_hex(Text *text, const uint8_t *bytes, size_t count);
/* printf in small for messages: %s (const char *), %S (Slice), %d (int), %D (int64_t), %%; any
 * other is a CHECK. */
void text_format(Text *text, const char *format, ...);
void text_format_list(Text *text, const char *format, va_list values);
/* The text so far, always zero-ended. */
const char *text_end(Text *text);

#endif
