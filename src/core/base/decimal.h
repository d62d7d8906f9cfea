/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Money is exact. Price and Quantity are 64-bit integers at 1e-8, the venue's own grid; Money is
 * 128 bits at 1e-8. They are one-field structs so that they cannot be mixed. Text is parsed
 * straight to integers: a ninth decimal that is not zero, an exponent, a blank or a value out of
 * range is an Error, never rounded. Every operation that can overflow is checked. price x quantity
 * is formed at 1e-16 and split into Money and a remainder that the ledger books. All are plain
 * values.
 */
#ifndef CORE_BASE_DECIMAL_H
#define CORE_BASE_DECIMAL_H

#include "core/base/error.h"
#include "core/base/text.h"

#define DECIMAL_SCALE 100000000LL /* 1e8: one unit is 1e-8 */
#define DECIMAL_TEXT_MAX                                                                           \
    48 /* longest Money as text: sign, 31 digits, point, 8 digits, closing zero */

typedef struct Price {
    int64_t units;
} Price;
typedef struct Quantity {
    int64_t units;
} Quantity;
typedef struct Money {
    __int128 units;
} Money;

/* Parse plain decimals, the venue's grammar with an optional minus: -?[0-9]{1,20}(\.[0-9]{1,20})?,
 * Money up to 31 digits before the point. Refused: "", ".", "1.", ".5", "+1", "1e5", blanks. Price
 * and Quantity: |value| fits 64 bits at 1e-8 (up to 92233720368.54775807). On false the target is
 * unchanged. */
bool price_parse(Slice text, Price *price) MUST_USE;
bool quantity_parse(Slice text, Quantity *quantity) MUST_USE;
bool money_parse(Slice text, Money *money) MUST_USE;
/* The same grammar at the front of a longer text, for readers that go on behind it: returns where
 * the decimal ends, or NULL. */
const char *decimal_scan(const char *at, const char *end, int64_t *units) MUST_USE;

/* Canonical text: no exponent, no trailing zeros after the point, no point without decimals.
 * Zero-ended; returns the length. */
size_t price_to_text(Price price, char target[static DECIMAL_TEXT_MAX]);
size_t quantity_to_text(Quantity quantity, char target[static DECIMAL_TEXT_MAX]);
size_t money_to_text(Money money, char target[static DECIMAL_TEXT_MAX]);
/* With exactly `decimals` digits (0 to 8), rounded half to even: for log lines and screens. */
size_t money_to_fixed(Money money, int decimals, char target[static DECIMAL_TEXT_MAX]);

static inline Price price_of(int64_t units) {
    return (Price){units};
}
static inline Quantity quantity_of(int64_t units) {
    return (Quantity){units};
}
static inline Money money_of(__int128 units) {
    return (Money){units};
}

/* For statistics only; a ledger, an order or a gate never calls them (a test bans double there). */
static inline double price_double(Price price) {
    return (double)price.units / (double)DECIMAL_SCALE;
}
static inline double quantity_double(Quantity quantity) {
    return (double)quantity.units / (double)DECIMAL_SCALE;
}
static inline double money_double(Money money) {
    return (double)money.units / (double)DECIMAL_SCALE;
}

/* Checked sums; overflow is a CHECK (the limits of inputs make it a bug of ours). */
Money money_add(Money a, Money b);
Money money_subtract(Money a, Money b);
Quantity quantity_add(Quantity a, Quantity b);
Quantity quantity_subtract(Quantity a, Quantity b);
int money_compare(Money a, Money b);

/* price x quantity = money + remainder x 1e-16, remainder in [0, 1e8) units of 1e-16 (floor:
 * towards less). */
typedef struct Notional {
    Money money;
    int64_t remainder;
} Notional;
Notional price_times_quantity(Price price, Quantity quantity);

/* The greatest multiple of `step` that is not above the value (step 0: the value itself). Value >=
 * 0. */
Quantity quantity_floor(Quantity quantity, Quantity step);
Price price_floor(Price price, Price tick);
Price price_ceil(Price price, Price tick);

/* value x parts / whole, floored (sign kept by flooring the magnitude for Quantity, towards minus
 * infinity for Money); whole > 0. For fees (basis points) and shares, on a 128-bit intermediate. */
Quantity quantity_share(Quantity value, int64_t parts, int64_t whole);
Quantity quantity_share_up(Quantity value, int64_t parts, int64_t whole);
Money money_share(Money value, int64_t parts, int64_t whole);
Money money_share_up(Money value, int64_t parts, int64_t whole);

/* The greatest quantity that `money` buys at `price` (floor at 1e-8); price > 0, money >= 0;
 * saturates. */
Quantity money_over_price(Money money, Price price);

/* The one audited way from a double to a Price or Quantity: the exact value of the double, rounded
 * towards zero at 1e-8 (the double nearest to 0.29 lies below it and gives 0.28999999); false if
 * the value is not finite, negative or out of range. Sizing and stop prices pass here and nowhere
 * else. */
bool quantity_from_double(double value, Quantity *quantity) MUST_USE;
bool price_from_double(double value, Price *price) MUST_USE;

#endif
