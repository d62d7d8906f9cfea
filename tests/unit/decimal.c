/* SPDX-License-Identifier: Apache-2.0 */
/* Exact decimals against plain 128-bit computations, over seeded random cases and at every edge. */
#include "check_expected.h"

#include "core/base/decimal.h"
#include "core/base/random.h"

typedef __int128 Wide;

static const Wide money_highest = (Wide)(((unsigned __int128)1 << 127) - 1);

/* All magnitudes are equally likely, so that edges of digits and of overflow are met. */
static int64_t any_units(Random *random) {
    int64_t units = (int64_t)(random_u64(random) >> (1 + random_below(random, 63)));
    return random_u32(random) & 1 ? -units : units;
}

static Wide any_wide(Random *random) {
    unsigned __int128 bits = (unsigned __int128)random_u64(random) << 64 | random_u64(random);
    Wide units = (Wide)(bits >> (1 + random_below(random, 127)));
    return random_u32(random) & 1 ? -units : units;
}

static Wide floor_of(Wide value, Wide divisor) {
    return value / divisor - (value % divisor < 0);
}

static Wide ceil_of(Wide value, Wide divisor) {
    return value / divisor + (value % divisor > 0);
}

static void parses_what_the_venue_writes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t units;
    } rows[] = {{"0", 0},
                {"-0", 0},
                {"-0.0", 0},
                {"1", 100000000},
                {"0.00000001", 1},
                {"-0.00000001", -1},
                {"67523.45000000", 6752345000000},
                {"0.1", 10000000},
                {"0.123456780", 12345678},
                {"0.12345678000000000000", 12345678},
                {"00000000000000000001.5", 150000000},
                {"92233720368.54775807", INT64_MAX},
                {"-92233720368.54775807", -INT64_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Price price;
        Quantity quantity;
        Money money;
        Slice text = slice_of(rows[i].text);
        if (!price_parse(text, &price) || price.units != rows[i].units) fail_msg("%s", text.at);
        assert_true(quantity_parse(text, &quantity) && quantity.units == rows[i].units);
        assert_true(money_parse(text, &money) && money.units == rows[i].units);
    }
}

static void refuses_every_other_form(void **state) {
    (void)state;
    static const char *const both[] = {"",
                                       "-",
                                       ".",
                                       "1.",
                                       ".5",
                                       "-.5",
                                       "+1",
                                       "1e5",
                                       "1E5",
                                       " 1",
                                       "1 ",
                                       "1,5",
                                       "1.2.3",
                                       "--1",
                                       "1-",
                                       "0x1",
                                       "nan",
                                       "inf",
                                       "1_0",
                                       "0.000000001",
                                       "1.123456789",
                                       "1.00000000a",
                                       "1.0000000a",
                                       "0.000000000000000000001",
                                       "1.000000000000000000000",
                                       "a",
                                       "1a",
                                       "12345678a",
                                       "0.1234567:"};
    static const char *const narrow[] = {"92233720368.54775808",  "92233720369",
                                         "-92233720368.54775808", "100000000000",
                                         "99999999999999999999",  "000000000000000000001"};
    Price price = {7};
    Money money = {7};
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        if (price_parse(slice_of(both[i]), &price)) fail_msg("price %s", both[i]);
        if (money_parse(slice_of(both[i]), &money)) fail_msg("money %s", both[i]);
    }
    for (size_t i = 0; i < sizeof narrow / sizeof narrow[0]; i++)
        if (price_parse(slice_of(narrow[i]), &price)) fail_msg("price %s", narrow[i]);
    assert_int_equal(price.units, 7);
    assert_false(price_parse((Slice){"1\0", 2}, &price));
    assert_false(money_parse(SLICE("1701411834604692317316873037158.84105728"), &money));
    assert_true(money.units == 7);
}

static void text_goes_round(void **state) {
    (void)state;
    Random random = random_stream(1, 1);
    char text[DECIMAL_TEXT_MAX], plain[64];
    for (int i = 0; i < 1000000; i++) {
        Price price = price_of(any_units(&random)), back;
        size_t length = price_to_text(price, text);
        assert_true(price_parse((Slice){text, length}, &back));
        assert_true(back.units == price.units && text[length] == 0);
        if (i % 16) continue;
        uint64_t size = (uint64_t)(price.units < 0 ? -price.units : price.units);
        snprintf(plain, sizeof plain, "%s%llu.%08llu", price.units < 0 ? "-" : "",
                 (unsigned long long)(size / 100000000), (unsigned long long)(size % 100000000));
        assert_true(price_parse(slice_of(plain), &back) && back.units == price.units);
        assert_memory_equal(plain, text, length);
        assert_true(strspn(plain + length, ".0") == strlen(plain + length));
    }
    for (int i = 0; i < 300000; i++) {
        Money money = money_of(any_wide(&random)), back;
        assert_true(money_parse((Slice){text, money_to_text(money, text)}, &back));
        assert_true(back.units == money.units);
    }
    assert_int_equal(money_to_text(money_of(-money_highest - 1), text), 41);
    assert_string_equal(text, "-1701411834604692317316873037158.84105728");
    price_to_text(price_of(INT64_MIN), text);
    assert_string_equal(text, "-92233720368.54775808");
    quantity_to_text(quantity_of(1230000000), text);
    assert_string_equal(text, "12.3");
}

static void fixed_text_rounds_half_to_even(void **state) {
    (void)state;
    static const struct {
        int64_t units;
        int decimals;
        const char *text;
    } rows[] = {{12500000, 2, "0.12"},      {37500000, 2, "0.38"},  {-12500000, 2, "-0.12"},
                {-100000, 2, "0.00"},       {50000000, 0, "0"},     {150000000, 0, "2"},
                {99999999, 7, "1.0000000"}, {123, 8, "0.00000123"}, {12500001, 2, "0.13"}};
    char text[DECIMAL_TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t length = money_to_fixed(money_of(rows[i].units), rows[i].decimals, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(length, strlen(text));
    }
    money_to_fixed(money_of(money_highest), 8, text);
    assert_string_equal(text, "1701411834604692317316873037158.84105727");
    assert_check(money_to_fixed(money_of(1), 9, text));
}

static void products_and_shares_are_exact(void **state) {
    (void)state;
    Random random = random_stream(2, 1);
    for (int i = 0; i < 1000000; i++) {
        int64_t price = any_units(&random), quantity = any_units(&random);
        Notional notional = price_times_quantity(price_of(price), quantity_of(quantity));
        assert_in_range(notional.remainder, 0, DECIMAL_SCALE - 1);
        assert_true(notional.money.units * DECIMAL_SCALE + notional.remainder ==
                    (Wide)price * quantity);
        int64_t parts = any_units(&random) >> 20, whole = (any_units(&random) & INT64_MAX) | 1;
        int64_t value = any_units(&random) >> 22;
        Wide product = (Wide)value * parts;
        Money money = money_of(value);
        assert_true(money_share(money, parts, whole).units == floor_of(product, whole));
        assert_true(money_share_up(money, parts, whole).units == ceil_of(product, whole));
        if (product / whole > INT64_MAX / 2 || product / whole < INT64_MIN / 2) continue;
        Wide up = product < 0 ? floor_of(product, whole) : ceil_of(product, whole);
        assert_true(quantity_share(quantity_of(value), parts, whole).units == product / whole);
        assert_true(quantity_share_up(quantity_of(value), parts, whole).units == up);
    }
}

/* value x parts / whole where the product needs up to 190 bits: checked by multiplying back. */
static void wide_shares_do_not_overflow_between(void **state) {
    (void)state;
    Random random = random_stream(3, 1);
    for (int i = 0; i < 200000; i++) {
        Wide value = any_wide(&random);
        int64_t whole = (any_units(&random) & INT64_MAX) | 1;
        assert_true(money_share(money_of(value), whole, whole).units == value);
        assert_true(money_share_up(money_of(value), whole, whole).units == value);
        int64_t parts = (int64_t)(random_u64(&random) % (uint64_t)whole);
        Wide part = money_share(money_of(value), parts, whole).units;
        Wide rest = money_share_up(money_of(value), whole - parts, whole).units;
        assert_true(part + rest == value); /* floor(v p / w) + ceil(v (w - p) / w) = v */
    }
    assert_check(money_share(money_of(money_highest), 2, 1));
    assert_check(money_share(money_of(1), 1, 0));
    assert_check(quantity_share(quantity_of(INT64_MAX), 2, 1));
}

static void sums_are_checked(void **state) {
    (void)state;
    Money highest = money_of(money_highest), one = money_of(1);
    assert_true(money_add(money_subtract(highest, one), one).units == money_highest);
    assert_check(money_add(highest, one));
    assert_check(money_subtract(money_of(-money_highest - 1), one));
    assert_check(quantity_add(quantity_of(INT64_MAX), quantity_of(1)));
    assert_check(quantity_subtract(quantity_of(INT64_MIN), quantity_of(1)));
    assert_int_equal(quantity_add(quantity_of(5), quantity_of(-7)).units, -2);
    assert_int_equal(quantity_subtract(quantity_of(5), quantity_of(-7)).units, 12);
    assert_int_equal(money_compare(one, highest), -1);
    assert_int_equal(money_compare(highest, one), 1);
    assert_int_equal(money_compare(one, one), 0);
}

static void grids_are_kept(void **state) {
    (void)state;
    Random random = random_stream(4, 1);
    for (int i = 0; i < 200000; i++) {
        int64_t value = any_units(&random) & (INT64_MAX >> 2),
                step = any_units(&random) & (INT64_MAX >> 2);
        int64_t down = quantity_floor(quantity_of(value), quantity_of(step)).units;
        int64_t up = price_ceil(price_of(value), price_of(step)).units;
        assert_int_equal(price_floor(price_of(value), price_of(step)).units, down);
        if (step == 0) {
            assert_true(down == value && up == value);
            continue;
        }
        assert_true(down % step == 0 && down <= value && value - down < step);
        assert_true(up % step == 0 && up >= value && up - value < step);
    }
    assert_check(quantity_floor(quantity_of(-1), quantity_of(1)));
    assert_check(price_ceil(price_of(INT64_MAX), price_of(2)));
}

static void money_buys_what_it_can_pay(void **state) {
    (void)state;
    Random random = random_stream(5, 1);
    for (int i = 0; i < 200000; i++) {
        Price price = price_of((any_units(&random) & (INT64_MAX - 1)) + 1);
        Money money = money_of(any_units(&random) & INT64_MAX);
        int64_t quantity = money_over_price(money, price).units;
        Wide funds = money.units * DECIMAL_SCALE;
        assert_true((Wide)quantity * price.units <= funds);
        assert_true(quantity == INT64_MAX || ((Wide)quantity + 1) * price.units > funds);
    }
    assert_true(money_over_price(money_of(money_highest), price_of(1)).units == INT64_MAX);
    assert_check(money_over_price(money_of(1), price_of(0)));
}

static void doubles_come_in_rounded_down(void **state) {
    (void)state;
    Random random = random_stream(6, 1);
    for (int i = 0; i < 300000; i++) {
        Quantity quantity = {0};
        double value = ldexp(random_uniform(&random), (int)random_below(&random, 80) - 43);
        int exponent; /* value = whole x 2^exponent, and whole x 1e8 has 80 bits */
        Wide whole = (Wide)ldexp(frexp(value, &exponent), 53);
        int right = 53 - exponent;
        Wide want = right > 120 ? 0 : whole * DECIMAL_SCALE >> right;
        assert_int_equal(quantity_from_double(value, &quantity), want <= INT64_MAX);
        if (want <= INT64_MAX) assert_true(quantity.units == want);
    }
    Price price = {7};
    const double refused[] = {-1e-300, -1, (double)NAN, (double)INFINITY, 92233720368.547759,
                              1e300};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(price_from_double(refused[i], &price));
    assert_int_equal(price.units, 7);
    assert_true(price_from_double(0.29, &price) && price.units == 28999999);
    assert_true(price_from_double(5e-324, &price) && price.units == 0);
    assert_true(price_from_double(-0.0, &price) && price.units == 0);
    assert_true(price_from_double(0.5, &price) && price.units == 50000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_what_the_venue_writes),
        cmocka_unit_test(refuses_every_other_form),
        cmocka_unit_test(text_goes_round),
        cmocka_unit_test(fixed_text_rounds_half_to_even),
        cmocka_unit_test(products_and_shares_are_exact),
        cmocka_unit_test(wide_shares_do_not_overflow_between),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(grids_are_kept),
        cmocka_unit_test(money_buys_what_it_can_pay),
        cmocka_unit_test(doubles_come_in_rounded_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
