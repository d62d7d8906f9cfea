/* SPDX-License-Identifier: Apache-2.0 */
/* Measured confidence: the formula, the bands, stop before target, the horizon, costs, and the
 * limit of what is held. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/trade/hit_rate.h"

#define COIN 100000000LL
#define MINUTE INSTANT_MINUTE_US

static HitRate rate;

/* Stop 2 %, target 4 %, horizon 60 minutes, costs 2 x 10 + 2 + 2 x 3 = 28 bps. */
static void fresh(void) {
    Settings settings;
    memset(&rate, 0, sizeof rate);
    settings_presets(&settings);
    settings.trading.stop_loss_pct = 2;
    settings.trading.take_profit_pct = 4;
    settings.trading.signal_horizon_minutes = 60;
    settings.paper.fee_bps = 10;
    settings.paper.spread_bps = 2;
    settings.paper.slippage_bps = 3;
    hit_rate_init(&rate, &settings);
}

static Bar bar_of(double high, double low, double close) {
    return (Bar){.open = price_of((int64_t)(close * COIN)),
                 .high = price_of((int64_t)(high * COIN)),
                 .low = price_of((int64_t)(low * COIN)),
                 .close = price_of((int64_t)(close * COIN))};
}

static void hold(Decision decision, unsigned symbol, int64_t emitted_us) {
    PendingSignal signal = {.symbol = (uint16_t)symbol,
                            .decision = (uint8_t)decision,
                            .band = decision == DECISION_BUY ? 1 : 5,
                            .price = price_of(100 * COIN),
                            .emitted_us = emitted_us,
                            .horizon_us = hit_rate_horizon(&rate, MINUTE)};
    assert_true(hit_rate_hold(&rate, &signal));
}

static void test_formula(void **state) {
    (void)state;
    fresh();
    assert_close(rate.costs, 0.0028, 1e-15);
    assert_close(hit_rate_confidence(&rate, 3), 0.5, 0);
    rate.hits[3] = 20;
    rate.outcomes[3] = 29;
    assert_close(hit_rate_confidence(&rate, 3), 30.0 / 49, 1e-15);
    assert_false(hit_rate_proven(&rate, 3));
    rate.outcomes[3] = 30;
    assert_true(hit_rate_proven(&rate, 3));
    assert_close(hit_rate_confidence(&rate, 3), 0.6, 1e-15);
    rate.hits[3] = 0;
    rate.outcomes[3] = 1000000000; /* a thousand million misses are still no negative number */
    assert_close(hit_rate_confidence(&rate, 3), 10 / 1000000020.0, 1e-20);
}

static void test_bands(void **state) {
    (void)state;
    static const struct {
        double score;
        unsigned band;
    } rows[] = {{0, 0}, {0.35, 0},  {0.4499, 0}, {0.45, 1},  {0.5499, 1},  {0.55, 2},  {0.65, 3},
                {1, 3}, {-0.35, 4}, {-0.45, 5},  {-0.55, 6}, {-0.6499, 6}, {-0.65, 7}, {-1, 7}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(hit_rate_band(rows[i].score), rows[i].band);
}

/* One bar decides a BUY at 100 and a SELL at 100; returns are after costs. */
static void test_one_bar(void **state) {
    (void)state;
    static const struct {
        double high, low, close;
        int64_t minutes; /* after the emission */
        Decision decision;
        bool settles, hit;
        double moved;
    } rows[] = {
        {103, 99, 102, 1, DECISION_BUY, false, false, 0},
        {104, 99, 103, 1, DECISION_BUY, true, true, 0.04},
        {103, 98, 99, 1, DECISION_BUY, true, false, -0.02},
        {104, 98, 103, 1, DECISION_BUY, true, false, -0.02}, /* both touched: the stop */
        {101, 99, 100.29, 60, DECISION_BUY, true, true, 0.0029},
        {101, 99, 100.27, 60, DECISION_BUY, true, false,
         0.0027}, /* a gain that does not pay the costs */
        {101, 99, 100.5, 59, DECISION_BUY, false, false, 0},
        {101, 96, 97, 1, DECISION_SELL, true, true, 0.04},
        {102, 99, 100, 1, DECISION_SELL, true, false, -0.02},
        {102, 96, 97, 1, DECISION_SELL, true, false, -0.02},
        {101, 99, 99.5, 60, DECISION_SELL, true, true, 0.005},
        {101, 99, 99.8, 60, DECISION_SELL, true, false, 0.002},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Bar bar = bar_of(rows[i].high, rows[i].low, rows[i].close);
        HitOutcome outcome;
        unsigned band = rows[i].decision == DECISION_BUY ? 1 : 5;
        fresh();
        hold(rows[i].decision, 0, 7 * MINUTE);
        bool settles = hit_rate_settle(&rate, 0, &bar, (7 + rows[i].minutes) * MINUTE, &outcome);
        assert_int_equal(settles, rows[i].settles);
        assert_int_equal(rate.outcomes[band], rows[i].settles);
        assert_int_equal(rate.pending_count, !rows[i].settles);
        if (!settles) continue;
        assert_int_equal(outcome.hit, rows[i].hit);
        assert_int_equal(rate.hits[band], rows[i].hit);
        assert_close(outcome.return_fraction, rows[i].moved - 0.0028, 1e-12);
        assert_false(hit_rate_settle(&rate, 0, &bar, (7 + rows[i].minutes) * MINUTE, &outcome));
    }
}

/* The settings' 60 minutes, where they hold at least four candles. */
static void test_the_horizon_holds_candles(void **state) {
    (void)state;
    static const struct {
        int64_t candle, horizon; /* minutes */
    } rows[] = {{1, 60}, {3, 60}, {5, 60}, {15, 60}, {60, 240}, {240, 960}, {1440, 5760}};
    Bar bar = bar_of(101, 99, 100.5);
    HitOutcome outcome;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fresh();
        int64_t horizon = hit_rate_horizon(&rate, rows[i].candle * MINUTE);
        assert_int_equal(horizon, rows[i].horizon * MINUTE);
        PendingSignal signal = {.price = price_of(100 * COIN), .emitted_us = 7,
                                .decision = DECISION_BUY, .horizon_us = horizon};
        assert_true(hit_rate_hold(&rate, &signal));
        assert_false(hit_rate_settle(&rate, 0, &bar, 7 + horizon - 1, &outcome));
        assert_true(hit_rate_settle(&rate, 0, &bar, 7 + horizon, &outcome));
    }
}

static void test_only_later_bars_of_the_symbol_judge(void **state) {
    (void)state;
    Bar stop = bar_of(104, 90, 100);
    HitOutcome outcome;
    fresh();
    hold(DECISION_BUY, 3, 100 * MINUTE);
    assert_false(
        hit_rate_settle(&rate, 3, &stop, 100 * MINUTE, &outcome)); /* the bar it was emitted on */
    assert_false(hit_rate_settle(&rate, 3, &stop, 99 * MINUTE, &outcome));
    assert_false(hit_rate_settle(&rate, 2, &stop, 101 * MINUTE, &outcome));
    assert_true(hit_rate_settle(&rate, 3, &stop, 101 * MINUTE, &outcome));
}

static void test_all_that_wait_are_settled(void **state) {
    (void)state;
    Random random = random_stream(41, 1);
    unsigned settled = 0, mine = 0;
    HitOutcome outcome;
    fresh();
    for (unsigned i = 0; i < 1000; i++) {
        unsigned symbol = random_below(&random, 3);
        mine += symbol == 1;
        hold(random_below(&random, 2) ? DECISION_BUY : DECISION_SELL, symbol, i);
    }
    Bar wide = bar_of(110, 90, 100);
    while (hit_rate_settle(&rate, 1, &wide, 2 * MINUTE, &outcome)) {
        assert_int_equal(outcome.signal.symbol, 1);
        settled++;
    }
    assert_int_equal(settled, mine);
    assert_int_equal(rate.pending_count, 1000 - mine);
    for (uint32_t i = 0; i < rate.pending_count; i++)
        assert_int_not_equal(rate.pending[i].symbol, 1);
}

static void test_the_limit_refuses_the_new(void **state) {
    (void)state;
    PendingSignal more = {.price = price_of(1), .emitted_us = 5};
    fresh();
    for (unsigned i = 0; i < LIMIT_HELD_SIGNALS; i++) hold(DECISION_BUY, 0, 1);
    assert_false(hit_rate_hold(&rate, &more));
    assert_int_equal(rate.pending_count, LIMIT_HELD_SIGNALS);
    assert_int_equal(rate.pending[LIMIT_HELD_SIGNALS - 1].emitted_us, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_bands),
        cmocka_unit_test(test_one_bar),
        cmocka_unit_test(test_the_horizon_holds_candles),
        cmocka_unit_test(test_only_later_bars_of_the_symbol_judge),
        cmocka_unit_test(test_all_that_wait_are_settled),
        cmocka_unit_test(test_the_limit_refuses_the_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
