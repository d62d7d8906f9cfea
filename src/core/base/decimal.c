/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/decimal.h"

#include "core/base/lanes.h"
#include "core/base/number_text.h"

#define DECIMALS         8
#define VENUE_DIGITS_MAX 20 /* before and after the point, the venue's own grammar of a decimal */
#define MONEY_DIGITS_MAX 31 /* before the point; 2^127 / 1e8 has 31 digits */
#define WHOLE_MAX        (INT64_MAX / DECIMAL_SCALE)
#define CHUNK                                                                                      \
    1000000000000000000ULL /* 1e18, the largest power of ten used to split 128 bits into 64 */
#define CHUNK_DIGITS 18

typedef unsigned __int128 Wide;

static const uint32_t powers[DECIMALS + 1] = {1,      10,      100,      1000,     10000,
                                              100000, 1000000, 10000000, 100000000};

static bool is_digit(const char *at, const char *end) {
    return at < end && (unsigned)((unsigned char)*at - '0') <= 9;
}

/* Up to eight decimals as units of 1e-8, more only if they are zeros; returns where they end, or
 * NULL. */
static inline const char *scan_decimals(const char *at, const char *end, uint32_t *units) {
    const char *first = at;
    uint32_t sum = 0;
    int count = 0;
    if (end - at >= DECIMALS && lanes_all_digits(lanes_load(at))) {
        sum = lanes_digits(lanes_load(at));
        count = DECIMALS;
        at += DECIMALS;
    }
    for (; count < DECIMALS && is_digit(at, end); count++, at++)
        sum = sum * 10 + (uint32_t)(*at - '0');
    while (at < end && *at == '0')
        at++;
    *units = sum * powers[DECIMALS - count];
    return at == first || at - first > VENUE_DIGITS_MAX || is_digit(at, end) ? NULL : at;
}

/* After the whole digits: perhaps a point and decimals. */
static inline const char *scan_rest(const char *at, const char *end, uint32_t *units) {
    *units = 0;
    return at < end && *at == '.' ? scan_decimals(at + 1, end, units) : at;
}

const char *decimal_scan(const char *at, const char *end, int64_t *units) {
    bool negative = at < end && *at == '-';
    const char *first = at += negative;
    int64_t whole = 0;
    uint32_t part;
    for (; is_digit(at, end); at++) {
        whole = whole * 10 + (*at - '0');
        if (whole > WHOLE_MAX) return NULL;
    }
    if (at == first || at - first > VENUE_DIGITS_MAX) return NULL;
    at = scan_rest(at, end, &part);
    if (!at || __builtin_add_overflow(whole * DECIMAL_SCALE, (int64_t)part, &whole)) return NULL;
    *units = negative ? -whole : whole;
    return at;
}

static bool parse_units(Slice text, int64_t *units) {
    const char *end = text.at + text.length;
    int64_t value;
    if (text.length == 0 || decimal_scan(text.at, end, &value) != end) return false;
    *units = value;
    return true;
}

bool price_parse(Slice text, Price *price) {
    return parse_units(text, &price->units);
}

bool quantity_parse(Slice text, Quantity *quantity) {
    return parse_units(text, &quantity->units);
}

bool money_parse(Slice text, Money *money) {
    const char *at = text.at, *end = at + text.length;
    if (text.length == 0) return false;
    bool negative = *at == '-';
    const char *first = at += negative;
    const Wide highest = ((Wide)1 << 127) - 1;
    Wide whole = 0;
    uint32_t part;
    for (; is_digit(at, end); at++) {
        if (at - first == MONEY_DIGITS_MAX) return false;
        whole = whole * 10 + (unsigned)(*at - '0');
    }
    if (at == first || scan_rest(at, end, &part) != end) return false;
    if (whole > (highest - part) / DECIMAL_SCALE) return false;
    __int128 units = (__int128)(whole * DECIMAL_SCALE + part);
    money->units = negative ? -units : units;
    return true;
}

static size_t put_padded(uint64_t value, int digits, char *target) {
    for (int i = digits - 1; i >= 0; i--) {
        target[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return (size_t)digits;
}

static size_t put_whole(Wide value, char *target) {
    if (value < CHUNK) return number_digits((uint64_t)value, target);
    size_t length = put_whole(value / CHUNK, target);
    return length + put_padded((uint64_t)(value % CHUNK), CHUNK_DIGITS, target + length);
}

static size_t put_units(bool negative, Wide whole, uint64_t part, int decimals, char *target) {
    size_t length = negative;
    if (negative) target[0] = '-';
    length += put_whole(whole, target + length);
    if (decimals) {
        target[length++] = '.';
        length += put_padded(part, decimals, target + length);
    }
    target[length] = 0;
    return length;
}

static Wide magnitude_of(__int128 units) {
    return units < 0 ? 0 - (Wide)units : (Wide)units;
}

size_t money_to_text(Money money, char target[static DECIMAL_TEXT_MAX]) {
    Wide magnitude = magnitude_of(money.units);
    uint64_t part = (uint64_t)(magnitude % DECIMAL_SCALE);
    int decimals = part ? DECIMALS : 0;
    for (; part && part % 10 == 0; decimals--)
        part /= 10;
    return put_units(money.units < 0, magnitude / DECIMAL_SCALE, part, decimals, target);
}

size_t price_to_text(Price price, char target[static DECIMAL_TEXT_MAX]) {
    uint64_t magnitude = price.units < 0 ? 0 - (uint64_t)price.units : (uint64_t)price.units;
    uint64_t part = magnitude % DECIMAL_SCALE;
    int decimals = part ? DECIMALS : 0;
    for (; part && part % 10 == 0; decimals--)
        part /= 10;
    return put_units(price.units < 0, magnitude / DECIMAL_SCALE, part, decimals, target);
}

size_t quantity_to_text(Quantity quantity, char target[static DECIMAL_TEXT_MAX]) {
    return price_to_text(price_of(quantity.units), target);
}

size_t money_to_fixed(Money money, int decimals, char target[static DECIMAL_TEXT_MAX]) {
    CHECK(decimals >= 0 && decimals <= DECIMALS, "money_to_fixed: 0 to 8 decimals");
    Wide magnitude = magnitude_of(money.units), unit = powers[DECIMALS - decimals];
    Wide quotient = magnitude / unit, twice = magnitude % unit * 2;
    if (twice > unit || (twice == unit && (quotient & 1))) quotient++;
    Wide whole = quotient / powers[decimals];
    uint64_t part = (uint64_t)(quotient % powers[decimals]);
    return put_units(money.units < 0 && quotient, whole, part, decimals, target);
}

Money money_add(Money a, Money b) {
    Money sum;
    CHECK(!__builtin_add_overflow(a.units, b.units, &sum.units), "money_add: overflow");
    return sum;
}

Money money_subtract(Money a, Money b) {
    Money difference;
    CHECK(!__builtin_sub_overflow(a.units, b.units, &difference.units), "money_subtract: overflow");
    return difference;
}

Quantity quantity_add(Quantity a, Quantity b) {
    Quantity sum;
    CHECK(!__builtin_add_overflow(a.units, b.units, &sum.units), "quantity_add: overflow");
    return sum;
}

Quantity quantity_subtract(Quantity a, Quantity b) {
    Quantity difference;
    CHECK(!__builtin_sub_overflow(a.units, b.units, &difference.units),
          "quantity_subtract: overflow");
    return difference;
}

int money_compare(Money a, Money b) {
    return (a.units > b.units) - (a.units < b.units);
}

/* A product of two values that are not negative, by divisions with a constant alone, which cost
 * multiplications: with 2^64 = SHARE x 1e8 + REST, high x 2^64 + low has high x SHARE + (high x
 * REST) / 1e8 + low / 1e8 whole parts, and one more where the two remainders make one. */
#define SHARE     (UINT64_MAX / DECIMAL_SCALE)
#define REST      (UINT64_MAX % DECIMAL_SCALE + 1)
#define HIGH_MOST (UINT64_MAX / REST)
_Static_assert(REST < DECIMAL_SCALE, "2^64 is no multiple of 1e8");

static Notional split_product(uint64_t high, uint64_t low) {
    uint64_t scale = DECIMAL_SCALE, middle = high * REST;
    uint64_t rest = middle % scale + low % scale;
    Wide whole = (Wide)high * SHARE + middle / scale + low / scale + rest / scale;
    return (Notional){{(__int128)whole}, (int64_t)(rest % scale)};
}

Notional price_times_quantity(Price price, Quantity quantity) {
    __int128 product = (__int128)price.units * quantity.units;
    if (product >= 0 && (uint64_t)(product >> 64) <= HIGH_MOST)
        return split_product((uint64_t)(product >> 64), (uint64_t)product);
    __int128 whole = product / DECIMAL_SCALE;
    int64_t remainder = (int64_t)(product - whole * DECIMAL_SCALE);
    if (remainder < 0) {
        whole--;
        remainder += DECIMAL_SCALE;
    }
    return (Notional){{whole}, remainder};
}

static int64_t floor_units(int64_t value, int64_t step) {
    CHECK(value >= 0 && step >= 0, "decimal: a value on a grid is not negative");
    return step ? value - value % step : value;
}

Quantity quantity_floor(Quantity quantity, Quantity step) {
    return quantity_of(floor_units(quantity.units, step.units));
}

Price price_floor(Price price, Price tick) {
    return price_of(floor_units(price.units, tick.units));
}

Price price_ceil(Price price, Price tick) {
    int64_t floor = floor_units(price.units, tick.units), up = floor;
    if (floor != price.units)
        CHECK(!__builtin_add_overflow(floor, tick.units, &up), "price_ceil: overflow");
    return price_of(up);
}

/* |value| x |parts| / whole as a magnitude, cut or rounded up, with the sign put back. */
static Quantity share_of(Quantity value, int64_t parts, int64_t whole, bool up) {
    CHECK(whole > 0, "quantity_share: whole must be above 0");
    int64_t small; /* most values: one division of 64 bits */
    if (value.units >= 0 && parts >= 0 && !__builtin_mul_overflow(value.units, parts, &small))
        return quantity_of(small / whole + (up && small % whole != 0));
    __int128 product = (__int128)value.units * parts;
    __int128 quotient = product / whole;
    if (up && quotient * whole != product) quotient += product < 0 ? -1 : 1;
    CHECK(quotient <= INT64_MAX && quotient >= -INT64_MAX, "quantity_share: overflow");
    return quantity_of((int64_t)quotient);
}

Quantity quantity_share(Quantity value, int64_t parts, int64_t whole) {
    return share_of(value, parts, whole, false);
}

Quantity quantity_share_up(Quantity value, int64_t parts, int64_t whole) {
    return share_of(value, parts, whole, true);
}

/* a x b, checked. Written out because clang's own check of a signed 128-bit product needs a library
 * that gcc's lacks: |a| = high x 2^64 + low, so the product fits if high x |b| and the carry of low
 * x |b| do. */
static __int128 checked_product(__int128 a, int64_t b) {
    Wide magnitude = magnitude_of(a), factor = magnitude_of(b);
    Wide high = (magnitude >> 64) * factor, low = (Wide)(uint64_t)magnitude * factor;
    high += low >> 64;
    CHECK(high < (Wide)1 << 63, "money_share: overflow");
    __int128 product = (__int128)(high << 64 | (uint64_t)low);
    return (a < 0) != (b < 0) ? -product : product;
}

/* The quotient by `whole` is taken first, so that the intermediate stays within 128 bits:
 * value = q x whole + r, value x parts / whole = q x parts + r x parts / whole, and r x parts <
 * 2^126. */
static Money money_share_of(Money value, int64_t parts, int64_t whole, bool up) {
    CHECK(whole > 0, "money_share: whole must be above 0");
    int64_t small; /* most amounts: one division of 64 bits */
    if (value.units >= 0 && value.units <= INT64_MAX && parts >= 0 &&
        !__builtin_mul_overflow((int64_t)value.units, parts, &small))
        return money_of(small / whole + (up && small % whole != 0));
    __int128 quotient = value.units / whole, rest = value.units % whole;
    __int128 product = rest * parts, part = product / whole, left = product % whole;
    if (up && left > 0) part++;
    if (!up && left < 0) part--;
    return money_add(money_of(checked_product(quotient, parts)), money_of(part));
}

Money money_share(Money value, int64_t parts, int64_t whole) {
    return money_share_of(value, parts, whole, false);
}

Money money_share_up(Money value, int64_t parts, int64_t whole) {
    return money_share_of(value, parts, whole, true);
}

Quantity money_over_price(Money money, Price price) {
    CHECK(price.units > 0 && money.units >= 0, "money_over_price: price above 0, money not below");
    __int128 whole = money.units / price.units, rest = money.units % price.units;
    if (whole > WHOLE_MAX) return quantity_of(INT64_MAX);
    __int128 units = whole * DECIMAL_SCALE + rest * DECIMAL_SCALE / price.units;
    return quantity_of(units > INT64_MAX ? INT64_MAX : (int64_t)units);
}

/* A double is mantissa x 2^exponent: times 1e8 in whole numbers, then shifted, so that nothing is
 * rounded but the last cut (0.29 is slightly below 0.29 as a double, and becomes 0.28999999). */
static bool units_from_double(double value, int64_t *units) {
    union {
        double number;
        uint64_t bits;
    } form = {value};
    if (!(value >= 0) || value >= 9.3e10) return false; /* false for NaN too */
    int exponent = (int)(form.bits >> 52 & 0x7FF) - 1075;
    Wide product = (Wide)((form.bits & ((1ULL << 52) - 1)) | 1ULL << 52) * DECIMAL_SCALE;
    if (exponent <= -128 || (form.bits >> 52 & 0x7FF) == 0) {
        *units = 0; /* below 2^-47 units, subnormal or zero */
        return true;
    }
    product >>= -exponent; /* value < 9.3e10 < 2^37, so the exponent is -16 at most */
    if (product > INT64_MAX) return false;
    *units = (int64_t)product;
    return true;
}

bool quantity_from_double(double value, Quantity *quantity) {
    return units_from_double(value, &quantity->units);
}

bool price_from_double(double value, Price *price) {
    return units_from_double(value, &price->units);
}
