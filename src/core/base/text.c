/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/text.h"

#include <stdarg.h>

#include "core/base/lanes.h"
#include "core/base/number_text.h"

#define DISTANCE_MAX 64 /* no command, key or option is longer */
#define FIXED_TEXT_MAX                                                                             \
    360 /* the largest double has 309 digits; sign, point, 17 decimals, closing zero */

Slice slice_of(const char *zero_ended) {
    return (Slice){zero_ended, zero_ended ? strlen(zero_ended) : 0};
}

bool slice_starts(Slice a, const char *prefix) {
    size_t length = strlen(prefix);
    return a.length >= length && (length == 0 || memcmp(a.at, prefix, length) == 0);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Slice slice_trim(Slice a) {
    while (a.length && is_blank(a.at[0])) {
        a.at++;
        a.length--;
    }
    while (a.length && is_blank(a.at[a.length - 1]))
        a.length--;
    return a;
}

Slice slice_part(Slice *rest, char separator) {
    const char *end = rest->length ? memchr(rest->at, separator, rest->length) : NULL;
    Slice part = {rest->at, end ? (size_t)(end - rest->at) : rest->length};
    size_t used = part.length + (end != NULL);
    *rest = (Slice){rest->at + used, rest->length - used};
    return part;
}

bool slice_copy(Slice a, char *target, size_t capacity) {
    CHECK(capacity > 0, "slice_copy: no room for the closing zero");
    bool fits = a.length < capacity;
    if (fits && a.length) memcpy(target, a.at, a.length);
    target[fits ? a.length : 0] = 0;
    return fits;
}

bool slice_int(Slice a, int64_t *value) {
    const char *at = a.at, *end = a.at + a.length;
    bool negative = a.length && *at == '-';
    uint64_t sum = 0;
    at += negative;
    if (at == end) return false;
    /* 16 digits cannot overflow: two steps of eight. */
    for (int step = 0; step < 2 && end - at >= 8; step++, at += 8) {
        uint64_t word = lanes_load(at);
        if (!lanes_all_digits(word)) return false;
        sum = sum * 100000000u + lanes_digits(word);
    }
    for (; at < end; at++) {
        unsigned digit = (unsigned)((unsigned char)*at - '0');
        if (digit > 9 || __builtin_mul_overflow(sum, 10u, &sum) ||
            __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (sum > (uint64_t)INT64_MAX + negative) return false;
    *value = (int64_t)(negative ? 0 - sum : sum);
    return true;
}

static char unified(char letter) {
    return letter == '-' ? '_' : letter;
}

bool slice_same_name(Slice a, const char *name) {
    for (size_t i = 0; i < a.length; i++)
        if (!name[i] || unified(a.at[i]) != unified(name[i])) return false;
    return name[a.length] == 0;
}

size_t slice_distance(Slice a, Slice b) {
    size_t rows = a.length < DISTANCE_MAX ? a.length : DISTANCE_MAX;
    size_t columns = b.length < DISTANCE_MAX ? b.length : DISTANCE_MAX;
    size_t cost[DISTANCE_MAX + 1];
    for (size_t j = 0; j <= columns; j++)
        cost[j] = j;
    for (size_t i = 1; i <= rows; i++) {
        size_t diagonal = cost[0];
        cost[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t replaced = diagonal + (a.at[i - 1] != b.at[j - 1]);
            size_t one_more = (cost[j] < cost[j - 1] ? cost[j] : cost[j - 1]) + 1;
            diagonal = cost[j];
            cost[j] = replaced < one_more ? replaced : one_more;
        }
    }
    return cost[columns];
}

SliceNearest slice_nearest(Slice word) {
    return slice_nearest_within(word, word.length / 2 + 1);
}

SliceNearest slice_nearest_within(Slice word, size_t too_far) {
    return (SliceNearest){.word = word, .distance = too_far};
}

void slice_nearest_try(SliceNearest *nearest, const char *name) {
    size_t distance = slice_distance(nearest->word, slice_of(name));
    if (distance >= nearest->distance) return;
    nearest->distance = distance;
    nearest->name = name;
}

Text text_in(char *memory, size_t capacity) {
    CHECK(capacity > 0, "text_in: no room for the closing zero");
    memory[0] = 0;
    return (Text){.at = memory, .capacity = capacity};
}

void text_clear(Text *text) {
    text->length = 0;
    text->overflow = false;
    text->at[0] = 0;
}

void text_slice(Text *text, Slice slice) {
    size_t room = text->capacity - 1 - text->length;
    if (text->overflow || slice.length == 0) return;
    text->overflow = slice.length > room;
    if (text->overflow) slice.length = room;
    memcpy(text->at + text->length, slice.at, slice.length);
    text->length += slice.length;
}

void text_char(Text *text, char c) {
    text_slice(text, (Slice){&c, 1});
}

void text_put(Text *text, const char *zero_ended) {
    text_slice(text, slice_of(zero_ended));
}

void text_int(Text *text, int64_t value) {
    text_int_padded(text, value, 1);
}

void text_int_padded(Text *text, int64_t value, int digits) {
    char buffer[20];
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    size_t length = number_digits(magnitude, buffer);
    if (value < 0) text_char(text, '-');
    for (size_t i = length; digits > 0 && i < (size_t)digits; i++)
        text_char(text, '0');
    text_slice(text, (Slice){buffer, length});
}

void text_fixed(Text *text, double value, int decimals) {
    char buffer[FIXED_TEXT_MAX];
    text_slice(text, (Slice){buffer, number_to_fixed(value, decimals, buffer, sizeof buffer)});
}

void text_double(Text *text, double value) {
    char buffer[32];
    text_slice(text, (Slice){buffer, number_to_text(value, buffer)});
}

void text_hex(Text *text, const uint8_t *bytes, size_t count) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        text_slice(text, (Slice){pair, 2});
    }
}

void text_format_list(Text *text, const char *format, va_list values) {
    while (*format) {
        const char *percent = strchr(format, '%');
        size_t plain = percent ? (size_t)(percent - format) : strlen(format);
        text_slice(text, (Slice){format, plain});
        format += plain;
        if (!percent) break;
        switch (format[1]) {
        case 's':
            text_put(text, va_arg(values, const char *));
            break;
        case 'S':
            text_slice(text, va_arg(values, Slice));
            break;
        case 'd':
            text_int(text, va_arg(values, int));
            break;
        case 'D':
            text_int(text, va_arg(values, int64_t));
            break;
        case '%':
            text_char(text, '%');
            break;
        default:
            CHECK(false, "text_format: unknown conversion");
        }
        format += 2;
    }
}

void text_format(Text *text, const char *format, ...) {
    va_list values;
    va_start(values, format);
    text_format_list(text, format, values);
    va_end(values);
}

const char *text_end(Text *text) {
    text->at[text->length] = 0;
    return text->at;
}
