/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How orders meet recorded prices: what is touched when, at which price, and that rounding always
 * goes against us. The expected numbers are worked out by hand.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/sim/paper_fill.h"

#define COIN 100000000LL

/* 10 bps fee, 1 bps half spread, 3 bps slippage */
static const PaperCosts costs = {.fee_ppm = 1000, .half_spread_ppm = 100, .slippage_ppm = 300};
static const PaperCosts none = {0};
static const Filters cents = {.tick = {COIN / 100}, .step = {1000}};
static const Filters free_grid = {.tick = {0}, .step = {0}};

static Protection protection(double stop, double target) {
    return (Protection){.quantity = quantity_of(2 * COIN),
                        .stop = price_of((int64_t)(stop * (double)COIN)),
                        .target = price_of((int64_t)(target * (double)COIN)),
                        .stop_reason = REASON_STOP_LOSS};
}

static void test_market_orders_pay_spread_and_slippage(void **state) {
    (void)state;
    /* 100.00 x 1.0004 = 100.04: on the tick already. */
    PaperFill buy =
        paper_fill_market(&costs, &cents, SIDE_BUY, price_of(100 * COIN), quantity_of(2 * COIN));
    assert_int_equal(buy.price.units, 10004 * COIN / 100);
    assert_true(buy.fee.units == 2 * COIN / 1000);       /* in the base asset */
    assert_true(buy.slippage.units == 8 * COIN / 100);   /* 2 x 0.04 */
    PaperFill sell =
        paper_fill_market(&costs, &cents, SIDE_SELL, price_of(100 * COIN), quantity_of(2 * COIN));
    assert_int_equal(sell.price.units, 9996 * COIN / 100);
    assert_true(sell.fee.units == 19992 * COIN / 100000); /* 199.92 / 1000 in quote */
    assert_true(sell.slippage.units == 8 * COIN / 100);
}

static void test_prices_are_rounded_against_us(void **state) {
    (void)state;
    /* 100.01 x 1.0004 = 100.050004 -> 100.06; x 0.9996 = 99.969996 -> 99.96 */
    Price price = price_of(10001 * COIN / 100);
    assert_int_equal(
        paper_fill_market(&costs, &cents, SIDE_BUY, price, quantity_of(COIN)).price.units,
        10006 * COIN / 100);
    assert_int_equal(
        paper_fill_market(&costs, &cents, SIDE_SELL, price, quantity_of(COIN)).price.units,
        9996 * COIN / 100);
    /* A price below one tick cannot fall to zero. */
    PaperFill low =
        paper_fill_market(&costs, &cents, SIDE_SELL, price_of(COIN / 100), quantity_of(COIN));
    assert_int_equal(low.price.units, COIN / 100);
}

static void test_fees_are_rounded_up(void **state) {
    (void)state;
    PaperFill buy =
        paper_fill_market(&costs, &free_grid, SIDE_BUY, price_of(COIN), quantity_of(1001));
    assert_true(buy.fee.units == 2); /* 1.001 units */
    PaperFill sell =
        paper_fill_market(&costs, &free_grid, SIDE_SELL, price_of(COIN), quantity_of(1));
    assert_true(sell.fee.units ==
                0); /* proceeds of less than one unit are floored to nothing: no fee on nothing */
}

static void test_random_fills_never_favour_us(void **state) {
    (void)state;
    Random random = random_stream(11, 2);
    for (unsigned i = 0; i < 100000; i++) {
        const PaperCosts drawn = {.fee_ppm = random_below(&random, 100000),
                                  .half_spread_ppm = random_below(&random, 50000),
                                  .slippage_ppm = random_below(&random, 100000)};
        const Filters filters = {.tick = price_of(1 + random_below(&random, 1000000))};
        int64_t ticks = 1 + (int64_t)(random_u64(&random) >> (20 + random_below(&random, 40))) /
                                filters.tick.units;
        Price price = price_of(ticks * filters.tick.units);
        Quantity quantity = quantity_of(1 + random_below(&random, 4000000000u));
        PaperFill buy = paper_fill_market(&drawn, &filters, SIDE_BUY, price, quantity);
        PaperFill sell = paper_fill_market(&drawn, &filters, SIDE_SELL, price, quantity);
        assert_true(buy.price.units >= price.units && sell.price.units <= price.units &&
                    sell.price.units > 0);
        assert_int_equal(buy.price.units % filters.tick.units, 0);
        assert_int_equal(sell.price.units % filters.tick.units, 0);
        /* At least the share, and less than one tick beyond it. */
        __int128 share = (__int128)price.units * (drawn.half_spread_ppm + drawn.slippage_ppm);
        __int128 lost = (__int128)(buy.price.units - price.units) * 1000000;
        assert_true(lost >= share &&
                    lost < share + (__int128)filters.tick.units * 1000000 + 1000000);
        assert_true(buy.fee.units * 1000000 >= (__int128)quantity.units * drawn.fee_ppm);
        assert_true(buy.slippage.units >= 0 && sell.slippage.units >= 0);
    }
}

/* ---- protections --------------------------------------------------------------------------- */

static void test_gap_through_the_stop_fills_at_the_open(void **state) {
    (void)state;
    Protection rests = protection(98, 104);
    PaperFill fill;
    assert_true(paper_judge_price(&none, &cents, &rests, price_of(95 * COIN), &fill));
    assert_int_equal(fill.price.units, 95 * COIN);
    assert_int_equal(fill.reason, REASON_STOP_LOSS);
    assert_true(paper_judge_price(&none, &cents, &rests, price_of(98 * COIN),
                                  &fill)); /* touched is triggered */
    assert_false(paper_judge_price(&none, &cents, &rests, price_of(98 * COIN + 1), &fill));
    assert_true(paper_judge_price(&costs, &cents, &rests, price_of(95 * COIN), &fill));
    assert_int_equal(fill.price.units, 9496 * COIN / 100); /* 95 x 0.9996 = 94.962 */
}

static void test_gap_over_the_target_fills_at_the_open(void **state) {
    (void)state;
    Protection rests = protection(98, 104);
    PaperFill fill;
    assert_true(paper_judge_price(&costs, &cents, &rests, price_of(107 * COIN), &fill));
    assert_int_equal(fill.price.units, 107 * COIN); /* a limit: the better price, no slippage */
    assert_true(fill.slippage.units == 0);
    assert_int_equal(fill.reason, REASON_TAKE_PROFIT);
    assert_true(paper_judge_price(&costs, &cents, &rests, price_of(104 * COIN), &fill));
    assert_false(paper_judge_price(&costs, &cents, &rests, price_of(104 * COIN - 1), &fill));
}

static void test_ranges(void **state) {
    (void)state;
    static const struct {
        double high, low;
        bool fills;
        double price;
        TradeReason reason;
    } rows[] = {
        {103, 99, false, 0, REASON_SIGNAL},       {103, 98, true, 98, REASON_STOP_LOSS},
        {103, 90, true, 98, REASON_STOP_LOSS}, /* the bar opened above: the stop is met at its level
                                                */
        {104, 99, true, 104, REASON_TAKE_PROFIT}, {110, 99, true, 104, REASON_TAKE_PROFIT},
        {110, 90, true, 98, REASON_STOP_LOSS}, /* both touched: the stop */
    };
    Protection rests = protection(98, 104);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        PaperFill fill;
        bool fills =
            paper_judge_range(&none, &cents, &rests, price_of((int64_t)(rows[i].high * COIN)),
                              price_of((int64_t)(rows[i].low * COIN)), &fill);
        assert_int_equal(fills, rows[i].fills);
        if (!fills) continue;
        assert_int_equal(fill.price.units, (int64_t)(rows[i].price * COIN));
        assert_int_equal(fill.reason, rows[i].reason);
    }
}

static void test_absent_levels_are_never_touched(void **state) {
    (void)state;
    PaperFill fill;
    Protection only_target = protection(0, 104), only_stop = protection(98, 0);
    assert_false(paper_judge_price(&none, &cents, &only_target, price_of(1), &fill));
    assert_false(paper_judge_price(&none, &cents, &only_stop, price_of(1000 * COIN), &fill));
    assert_false(
        paper_judge_range(&none, &cents, &only_target, price_of(103 * COIN), price_of(1), &fill));
    assert_false(paper_judge_range(&none, &cents, &only_stop, price_of(1000 * COIN),
                                   price_of(99 * COIN), &fill));
}

static void test_a_moved_stop_says_so(void **state) {
    (void)state;
    Protection rests = protection(98, 104);
    PaperFill fill;
    rests.stop_reason = REASON_TRAILING_STOP;
    assert_true(paper_judge_price(&none, &cents, &rests, price_of(97 * COIN), &fill));
    assert_int_equal(fill.reason, REASON_TRAILING_STOP);
}

/* What the world may send: the greatest price fills, or is passed over, but nothing overflows. */
static void test_greatest_prices(void **state) {
    (void)state;
    Protection rests = protection(98, 104);
    PaperFill fill;
    assert_true(paper_judge_price(&costs, &cents, &rests, price_of(INT64_MAX), &fill));
    fill = paper_fill_market(&costs, &cents, SIDE_BUY, price_of(INT64_MAX), quantity_of(INT64_MAX));
    assert_true(fill.price.units > 0);
    fill =
        paper_fill_market(&costs, &cents, SIDE_SELL, price_of(INT64_MAX), quantity_of(INT64_MAX));
    assert_true(fill.price.units > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_market_orders_pay_spread_and_slippage),
        cmocka_unit_test(test_prices_are_rounded_against_us),
        cmocka_unit_test(test_fees_are_rounded_up),
        cmocka_unit_test(test_random_fills_never_favour_us),
        cmocka_unit_test(test_gap_through_the_stop_fills_at_the_open),
        cmocka_unit_test(test_gap_over_the_target_fills_at_the_open),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_absent_levels_are_never_touched),
        cmocka_unit_test(test_a_moved_stop_says_so),
        cmocka_unit_test(test_greatest_prices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
