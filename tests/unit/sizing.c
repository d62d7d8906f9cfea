/* SPDX-License-Identifier: Apache-2.0 */
/* How much, and where stop, target and trail stand: worked examples, and rounding towards less risk
 * on random asks. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/trade/sizing.h"

#define COIN 100000000LL

static const Filters filters = {.tick = {COIN / 100}, .step = {1000}, .quantity_max = {50 * COIN}};

static SizeAsk good_ask(void) {
    return (SizeAsk){.equity = money_of(10000 * COIN),
                     .free_quote = money_of(10000 * COIN),
                     .size_fraction = 0.2,
                     .smallest = money_of(40 * COIN),
                     .price = price_of(100 * COIN),
                     .reserve_percent = 2};
}

static void test_sizes(void **state) {
    (void)state;
    SizeAsk ask = good_ask();
    assert_int_equal(sizing_quantity(&ask, &filters).units, 20 * COIN); /* 2000 / 100 */
    ask.only_smallest = true;
    assert_int_equal(sizing_quantity(&ask, &filters).units, 40 * COIN / 100);
    ask = good_ask();
    ask.size_fraction = 0; /* the smallest entry is the least of any */
    assert_int_equal(sizing_quantity(&ask, &filters).units, 40 * COIN / 100);
    ask = good_ask();
    ask.free_quote = money_of(1000 * COIN); /* 2 % stay behind */
    assert_int_equal(sizing_quantity(&ask, &filters).units, 98 * COIN / 10);
    ask = good_ask();
    ask.size_fraction = 1; /* 98 wanted, the venue takes 50 */
    assert_int_equal(sizing_quantity(&ask, &filters).units, 50 * COIN);
}

static void test_nothing_is_nothing(void **state) {
    (void)state;
    SizeAsk ask = good_ask();
    ask.price = price_of(0);
    assert_int_equal(sizing_quantity(&ask, &filters).units, 0);
    ask = good_ask();
    ask.free_quote = money_of(0);
    assert_int_equal(sizing_quantity(&ask, &filters).units, 0);
    ask = good_ask();
    ask.price = price_of(1); /* 2e11 coins for 2000 do not fit a quantity */
    ask.equity = ask.free_quote = money_of((__int128)1000000000 * COIN);
    assert_int_equal(sizing_quantity(&ask, &filters).units, 0);
}

static void test_random_sizes_are_on_the_step_and_paid_for(void **state) {
    (void)state;
    Random random = random_stream(21, 1);
    for (unsigned i = 0; i < 100000; i++) {
        SizeAsk ask = good_ask();
        ask.price =
            price_of(1 + (int64_t)(random_u64(&random) >> (14 + random_below(&random, 40))));
        ask.free_quote = money_of(random_below(&random, 2000000000) * (COIN / 1000));
        ask.equity = money_of(ask.free_quote.units * (1 + random_below(&random, 4)));
        ask.size_fraction = random_uniform(&random);
        Quantity quantity = sizing_quantity(&ask, &filters);
        assert_int_equal(quantity.units % filters.step.units, 0);
        assert_true(quantity.units >= 0 && quantity.units <= filters.quantity_max.units);
        /* Exactly: price x quantity is within the payable 98 %, up to the last digits of a double.
         */
        __int128 cost = (__int128)ask.price.units * quantity.units * 100;
        __int128 payable = ask.free_quote.units * COIN * 98;
        assert_true(cost <= payable + payable / 1000000000000);
    }
}

static void test_stop_up_target_down(void **state) {
    (void)state;
    /* 33.33 x 0.98 = 32.6634 -> 32.67; x 1.04 = 34.6632 -> 34.66 */
    Price entry = price_of(3333 * COIN / 100);
    assert_int_equal(sizing_stop(entry, 0.02, &filters).units, 3267 * COIN / 100);
    assert_int_equal(sizing_target(entry, 0.04, &filters).units, 3466 * COIN / 100);
    assert_int_equal(sizing_stop(entry, 1.0, &filters).units, 0);
    assert_int_equal(sizing_stop(entry, 1.5, &filters).units, 0); /* negative is no price */
    assert_int_equal(sizing_target(price_of(INT64_MAX), 0.5, &filters).units, 0);
    Random random = random_stream(22, 1);
    for (unsigned i = 0; i < 100000; i++) {
        Price drawn = price_of((1 + random_below(&random, 100000000)) * filters.tick.units);
        double fraction = 0.001 + random_uniform(&random) / 2;
        Price stop = sizing_stop(drawn, fraction, &filters),
              target = sizing_target(drawn, fraction, &filters);
        assert_int_equal(stop.units % filters.tick.units, 0);
        assert_int_equal(target.units % filters.tick.units, 0);
        double slack = 1e-9 * (double)drawn.units;
        assert_true((double)stop.units >= (double)drawn.units * (1 - fraction) - slack);
        assert_true((double)target.units <= (double)drawn.units * (1 + fraction) + slack);
        assert_true(stop.units <= drawn.units && target.units >= drawn.units);
    }
}

/* ---- the trailing stop --------------------------------------------------------------------- */

static const TrailingRule rule = {
    .activation_fraction = 0.01, .trail_fraction = 0.008, .step_fraction = 0.002};

static int64_t trail(double entry, double high, double stop) {
    Price moved =
        sizing_trail(&rule, price_of((int64_t)(entry * COIN)), price_of((int64_t)(high * COIN)),
                     price_of((int64_t)(stop * COIN)), &filters);
    return moved.units;
}

static void test_trailing(void **state) {
    (void)state;
    assert_int_equal(trail(100, 100.5, 98), 0);                      /* not active yet */
    assert_int_equal(trail(100, 101, 98), 10019 * COIN / 100);       /* 101 x 0.992 = 100.192 */
    assert_int_equal(trail(100, 101.1, 100.19), 0); /* 100.29 is less than 0.2 % above */
    assert_int_equal(trail(100, 101.3, 100.19), 10048 * COIN / 100); /* 100.4896 */
    assert_int_equal(trail(100, 101, 101), 0);                       /* never down */
}

static void test_a_trail_never_falls(void **state) {
    (void)state;
    Random random = random_stream(23, 1);
    for (unsigned run = 0; run < 200; run++) {
        Price entry = price_of(100 * COIN), high = entry, price = entry,
              stop = sizing_stop(entry, 0.02, &filters);
        for (unsigned i = 0; i < 500; i++) {
            price.units = (int64_t)((double)price.units * (1 + 0.002 * random_normal(&random)));
            if (price.units > high.units) high = price;
            Price moved = sizing_trail(&rule, entry, high, stop, &filters);
            if (moved.units == 0) continue;
            assert_true(moved.units > stop.units && moved.units < high.units);
            assert_int_equal(moved.units % filters.tick.units, 0);
            stop = moved;
        }
    }
}

static void test_ratio(void **state) {
    (void)state;
    assert_close(sizing_ratio(money_of(25), money_of(100)), 0.25, 0);
    assert_close(sizing_ratio(money_of(25), money_of(0)), 0, 0);
    assert_close(sizing_ratio(money_of(25), money_of(-1)), 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_nothing_is_nothing),
        cmocka_unit_test(test_random_sizes_are_on_the_step_and_paid_for),
        cmocka_unit_test(test_stop_up_target_down),
        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_a_trail_never_falls),
        cmocka_unit_test(test_ratio),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
