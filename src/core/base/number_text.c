/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/number_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/lanes.h"

#define EXACT_POWER_MAX   22 /* 10^22 is the last power of ten that a double holds exactly */
#define EXACT_WHOLE_MAX   (1LL << 53) /* every whole number up to here is a double */
#define UNIQUE_DIGITS_MAX 15          /* texts of up to 15 digits name different doubles */
/* A decimal of more digits than this cannot be nearer to a half-way point than a trailing 1 tells
 * (767 suffice). */
#define DIGITS_MAX   800
#define SUBNORMAL    0x1p-1022 /* below, doubles have fewer digits than 15 */
#define EXPONENT_MAX 100000    /* far outside of what a double holds: larger ones are cut to it */

static const double powers[EXACT_POWER_MAX + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A decimal taken apart: sign, significant digits and the power of ten of the last one. */
typedef struct Decimal {
    bool negative, more; /* more: digits that are not zero were left out */
    int count, exponent;
    uint64_t whole; /* of the first 19 digits */
    char digits[DIGITS_MAX];
} Decimal;

static bool is_digit(const char *at, const char *end) {
    return at < end && (unsigned)((unsigned char)*at - '0') <= 9;
}

static void add_digit(Decimal *decimal, char digit, bool after_point) {
    bool leading_zero = decimal->count == 0 && digit == '0';
    if (leading_zero || decimal->count < DIGITS_MAX) {
        decimal->exponent -= after_point;
        if (leading_zero) return;
        if (decimal->count < 19) decimal->whole = decimal->whole * 10 + (unsigned)(digit - '0');
        decimal->digits[decimal->count++] = digit;
        return;
    }
    decimal->more |= digit != '0';
    decimal->exponent += !after_point;
}

/* Digits, at least one; returns where they end, or NULL. */
static const char *take_digits(Decimal *decimal, const char *at, const char *end, bool after) {
    if (!is_digit(at, end)) return NULL;
    for (; is_digit(at, end); at++)
        add_digit(decimal, *at, after);
    return at;
}

static const char *take_exponent(Decimal *decimal, const char *at, const char *end) {
    bool negative = at < end && *at == '-';
    int exponent = 0;
    if (at < end && (*at == '-' || *at == '+')) at++;
    if (!is_digit(at, end)) return NULL;
    for (; is_digit(at, end); at++)
        if (exponent < EXPONENT_MAX) exponent = exponent * 10 + (*at - '0');
    decimal->exponent += negative ? -exponent : exponent;
    return at;
}

static bool take_apart(Slice text, Decimal *decimal) {
    const char *at = text.at, *end = text.at + text.length;
    decimal->negative = at < end && *at == '-';
    decimal->more = false;
    decimal->count = decimal->exponent = 0;
    decimal->whole = 0;
    at = take_digits(decimal, at + decimal->negative, end, false);
    if (at && at < end && *at == '.') at = take_digits(decimal, at + 1, end, true);
    if (at && at < end && (*at == 'e' || *at == 'E')) at = take_exponent(decimal, at + 1, end);
    return at == end;
}

/* The C library reads whole digits and an exponent: no point, so that no locale can change its
 * meaning. */
static double by_library(const Decimal *decimal) {
    char buffer[DIGITS_MAX + 16];
    size_t length = (size_t)decimal->count;
    int exponent = decimal->exponent;
    memcpy(buffer, decimal->digits, length);
    if (decimal->more) {
        buffer[length++] = '1';
        exponent--;
    }
    buffer[length++] = 'e';
    if (exponent < 0) buffer[length++] = '-';
    length +=
        number_digits((uint64_t)(exponent < 0 ? -(int64_t)exponent : exponent), buffer + length);
    buffer[length] = 0;
    return strtod(buffer, NULL);
}

/* Digits after `whole`, eight at a time; the caller looks at their count, above 19 the sum has
 * wrapped. */
static inline const char *plain_digits(const char *at, const char *end, uint64_t *whole) {
    for (; end - at >= 8; at += 8) {
        uint64_t word = lanes_load(at);
        if (!lanes_all_digits(word)) break;
        *whole = *whole * 100000000u + lanes_digits(word);
    }
    for (; is_digit(at, end); at++)
        *whole = *whole * 10 + (unsigned)(*at - '0');
    return at;
}

/* The form of nearly every number of a venue: digits, perhaps a point and digits, 19 in all, up to
 * 2^53 without the point. */
const char *number_scan(const char *at, const char *end, double *value) {
    bool negative = at < end && *at == '-';
    const char *first = at + negative;
    uint64_t whole = 0;
    at = plain_digits(first, end, &whole);
    if (at == first || at - first > 19) return NULL;
    ptrdiff_t decimals = 0;
    if (at < end && *at == '.') {
        const char *point = at++;
        at = plain_digits(at, end, &whole);
        decimals = at - point - 1;
        if (decimals == 0 || at - first > 20) return NULL;
    }
    if (whole > EXACT_WHOLE_MAX) return NULL;
    double magnitude = (double)whole / powers[decimals];
    *value = negative ? -magnitude : magnitude;
    return at;
}

bool number_from_slice(Slice text, double *value) {
    Decimal decimal;
    double magnitude;
    if (text.length &&
        number_scan(text.at, text.at + text.length, &magnitude) == text.at + text.length) {
        *value = magnitude;
        return true;
    }
    if (text.length == 0 || text.length > INT32_MAX / 2 || !take_apart(text, &decimal))
        return false;
    bool exact = decimal.count <= 19 && decimal.whole <= EXACT_WHOLE_MAX;
    if (decimal.count == 0)
        magnitude = 0;
    else if (exact && decimal.exponent >= 0 && decimal.exponent <= EXACT_POWER_MAX)
        magnitude = (double)decimal.whole * powers[decimal.exponent];
    else if (exact && decimal.exponent < 0 && decimal.exponent >= -EXACT_POWER_MAX)
        magnitude = (double)decimal.whole / powers[-decimal.exponent];
    else
        magnitude = by_library(&decimal);
    if (!isfinite(magnitude)) return false;
    *value = decimal.negative ? -magnitude : magnitude;
    return true;
}

size_t number_digits(uint64_t value, char target[static 20]) {
    char reversed[20];
    size_t count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < count; i++)
        target[i] = reversed[count - 1 - i];
    return count;
}

/* Writes digits x 10^exponent without superfluous zeros: plain from 1e-7 to 1e21, else with an
 * exponent (the limits of ECMAScript's Number::toString, so that the page's own numbers look
 * alike). */
static size_t lay_out(const char *digits, int count, int exponent, char *target) {
    char *at = target;
    int point = count + exponent; /* digits before the point */
    if (point > 21 || point < -5) {
        *at++ = digits[0];
        if (count > 1) {
            *at++ = '.';
            memcpy(at, digits + 1, (size_t)count - 1);
            at += count - 1;
        }
        *at++ = 'e';
        *at++ = point > 0 ? '+' : '-';
        at += number_digits((uint64_t)(point > 0 ? point - 1 : 1 - point), at);
        return (size_t)(at - target);
    }
    if (point <= 0) {
        *at++ = '0';
        *at++ = '.';
        for (int i = point; i < 0; i++)
            *at++ = '0';
    }
    for (int i = 0; i < count || i < point; i++) {
        if (i == point && i > 0) *at++ = '.';
        *at++ = i < count ? digits[i] : '0';
    }
    return (size_t)(at - target);
}

/* The fewest decimals d for which some whole n below 10^15 gives n / 10^d == value. Both are exact
 * doubles and the division rounds once, as reading does; texts of up to 15 digits are unique, so
 * this one is the shortest. */
static bool short_decimal(double value, uint64_t *whole, int *decimals) {
    for (int d = 0; d <= UNIQUE_DIGITS_MAX; d++) {
        double scaled = rint(value * powers[d]);
        if (scaled >= 1e15) return false;
        if (scaled / powers[d] == value) {
            *whole = (uint64_t)scaled;
            *decimals = d;
            return true;
        }
    }
    return false;
}

/* "d.ddddde-dd" from the C library into plain digits and a power of ten, whatever the point looks
 * like there. */
static int library_digits(double value, int precision, char *digits, int *exponent) {
    char buffer[48];
    int count = 0;
    snprintf(buffer, sizeof buffer, "%.*e", precision - 1, value);
    char *mark = strchr(buffer, 'e');
    for (char *at = buffer; at < mark; at++)
        if (*at >= '0' && *at <= '9') digits[count++] = *at;
    int power = 0;
    for (char *at = mark + 2; *at; at++)
        power = power * 10 + (*at - '0');
    *exponent = (mark[1] == '-' ? -power : power) - count + 1;
    return count;
}

static size_t shortest_by_library(double value, char *target) {
    char digits[24];
    double back = 0;
    int exponent = 0, count = 0;
    /* Subnormal numbers lie so far apart that one digit may do. */
    for (int precision = value < SUBNORMAL ? 1 : UNIQUE_DIGITS_MAX; precision <= 17; precision++) {
        count = library_digits(value, precision, digits, &exponent);
        while (count > 1 && digits[count - 1] == '0') {
            count--;
            exponent++;
        }
        size_t length = lay_out(digits, count, exponent, target);
        if (number_from_slice((Slice){target, length}, &back) && back == value) return length;
    }
    CHECK(false, "number_to_text: 17 digits did not read back");
}

size_t number_to_text(double value, char target[static 32]) {
    CHECK(isfinite(value), "number_to_text: not finite");
    char *at = target;
    uint64_t whole;
    int decimals;
    if (value < 0) *at++ = '-';
    double magnitude = fabs(value);
    if (magnitude == 0) {
        *at++ = '0';
    } else if (short_decimal(magnitude, &whole, &decimals)) {
        char digits[20];
        at += lay_out(digits, (int)number_digits(whole, digits), -decimals, at);
    } else {
        at += shortest_by_library(magnitude, at);
    }
    *at = 0;
    return (size_t)(at - target);
}

/* Where the scaled value is small and clearly not half-way, rounding the product is rounding the
 * exact value: below 2^40 the product's own error is under 2^-13. */
static bool fixed_whole(double magnitude, int decimals, uint64_t *whole) {
    double scaled = magnitude * powers[decimals], nearest = rint(scaled);
    if (!(scaled < 0x1p40) || !(fabs(fabs(scaled - nearest) - 0.5) > 0x1p-12)) return false;
    *whole = (uint64_t)nearest;
    return true;
}

/* One digit, perhaps a point of the locale, the decimals: only digits are kept, the point set anew.
 */
static size_t fixed_by_library(double magnitude, int decimals, char *target) {
    char buffer[384];
    size_t count = 0, length = 0;
    snprintf(buffer, sizeof buffer, "%.*f", decimals, magnitude);
    for (const char *at = buffer; *at; at++)
        if (*at >= '0' && *at <= '9') buffer[count++] = *at;
    for (size_t i = 0; i < count; i++) {
        if (decimals && i == count - (size_t)decimals) target[length++] = '.';
        target[length++] = buffer[i];
    }
    return length;
}

static size_t fixed_digits(uint64_t whole, int decimals, char *target) {
    char digits[20];
    size_t count = number_digits(whole, digits), length = 0, places = (size_t)decimals;
    for (size_t i = count > places ? count : places + 1; i > 0; i--) {
        if (places && i == places) target[length++] = '.';
        target[length++] = i > count ? '0' : digits[count - i];
    }
    return length;
}

size_t number_to_fixed(double value, int decimals, char *target, size_t capacity) {
    CHECK(isfinite(value), "number_to_fixed: not finite");
    CHECK(decimals >= 0 && decimals <= 17, "number_to_fixed: 0 to 17 decimals");
    char buffer[384];
    uint64_t whole;
    double magnitude = fabs(value);
    size_t length = fixed_whole(magnitude, decimals, &whole)
                        ? fixed_digits(whole, decimals, buffer)
                        : fixed_by_library(magnitude, decimals, buffer);
    bool zero = true;
    for (size_t i = 0; i < length && zero; i++)
        zero = buffer[i] == '0' || buffer[i] == '.';
    bool sign = value < 0 && !zero;
    if (length + sign >= capacity) {
        if (capacity) target[0] = 0;
        return 0;
    }
    if (sign) target[0] = '-';
    memcpy(target + sign, buffer, length);
    target[length + sign] = 0;
    return length + sign;
}
