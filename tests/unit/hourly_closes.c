/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hourly closes: how two symbols' returns go together is the same number whatever the candles that
 * tell of it, minutes, hours or longer ones of their own; what was heard of longer candles before
 * the shorter ones came is gone.
 */
#include "check_aborts.h"

#include "core/base/random.h"
#include "core/trade/hourly_closes.h"

static const int64_t candles[] = {INSTANT_MINUTE_US, 15 * INSTANT_MINUTE_US, INSTANT_HOUR_US,
                                  4 * INSTANT_HOUR_US, INSTANT_DAY_US};

#define STEPS 300

/* Both symbols' closes, `candle_us` long, on the hour or on their own longer grid; every candle
 * within an hour but its last bears a price that would spoil everything. */
static void feed(HourlyCloses *pair, int64_t candle_us) {
    int64_t length_us = candle_us > INSTANT_HOUR_US ? candle_us : INSTANT_HOUR_US;
    Random random = random_stream(8, 8);
    double level[2] = {100, 100};
    for (int64_t step = 1000; step < 1000 + STEPS; step++) {
        double common = random_normal(&random);
        for (unsigned i = 0; i < 2; i++) {
            level[i] *= 1 + 0.01 * (common + 0.5 * random_normal(&random));
            for (int64_t end = (step - 1) * length_us + candle_us; end <= step * length_us;
                 end += candle_us)
                hourly_closes_put(&pair[i], candle_us, end,
                                  end == step * length_us ? level[i] : 1e6 * (double)end);
        }
    }
}

static double correlation(const HourlyCloses *pair) {
    int64_t now_us = (1000 + STEPS - 1) * pair[0].length_us - 1;
    return hourly_closes_correlation(&pair[0], &pair[1], now_us);
}

static void test_the_same_of_any_candles(void **state) {
    (void)state;
    static HourlyCloses hours[2];
    memset(hours, 0, sizeof hours);
    assert_true(isnan(hourly_closes_correlation(&hours[0], &hours[1], INSTANT_DAY_US)));
    feed(hours, INSTANT_HOUR_US);
    assert_true(correlation(hours) > 0.6 && correlation(hours) < 0.95);
    for (unsigned i = 0; i < sizeof candles / sizeof candles[0]; i++) {
        static HourlyCloses pair[2];
        memset(pair, 0, sizeof pair);
        feed(pair, candles[i]);
        assert_close(correlation(pair), correlation(hours), 1e-12);
    }
}

static void test_the_shortest_decide(void **state) {
    (void)state;
    static HourlyCloses fresh[2], after[2];
    memset(fresh, 0, sizeof fresh);
    memset(after, 0, sizeof after);
    feed(after, INSTANT_DAY_US);
    feed(after, INSTANT_MINUTE_US);
    feed(fresh, INSTANT_MINUTE_US);
    assert_memory_equal(after, fresh, sizeof fresh);
    feed(after, 4 * INSTANT_HOUR_US); /* a longer candle tells nothing new */
    assert_memory_equal(after, fresh, sizeof fresh);
    fresh[1].length_us = INSTANT_DAY_US; /* symbols of other candles do not compare */
    assert_true(isnan(correlation(fresh)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_of_any_candles),
        cmocka_unit_test(test_the_shortest_decide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
