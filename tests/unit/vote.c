/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local analyst's vote: its contributions sum to the score to the last bit, a missing input is
 * named, the mirrored market gives the mirrored score, and the unit in which a price is quoted does
 * not matter.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/bus/codec.h"
#include "core/market/candle.h"
#include "core/trade/vote.h"
#include "core/trade/wording.h"

#define COIN 100000000LL

static void name_intervals(MarketUpdate *update, Interval base) {
    snprintf(update->interval, sizeof update->interval, "%s", interval_name(base));
    snprintf(update->slow_interval, sizeof update->slow_interval, "%s",
             interval_name(interval_slower(base)));
}

static MarketUpdate any_market(Random *random) {
    MarketUpdate update = {.current_price =
                               price_of((1000 + random_below(random, 100000)) * COIN / 10)};
    name_intervals(&update, (Interval)random_below(random, INTERVAL_COUNT));
    update.rsi = 100 * random_uniform(random);
    update.rsi_slow = 100 * random_uniform(random);
    update.atr_slow_fraction = 0.0005 + 0.01 * random_uniform(random);
    update.macd_slow_fraction = 0.004 * random_normal(random);
    update.macd = 3 * update.macd_slow_fraction * price_double(update.current_price);
    update.bb_position = 0.5 + random_normal(random);
    update.price_change_slow = random_normal(random);
    update.trend = (Trend)random_below(random, 3);
    update.trend_slow = (Trend)random_below(random, 3);
    update.trend_strength = random_uniform(random);
    update.trend_strength_slow = random_uniform(random);
    int64_t half = update.current_price.units / 100;
    int64_t shift = (int64_t)random_below(random, 5) - 2; /* beyond a channel in two of five */
    update.donchian_high_20 = price_of(update.current_price.units + half + shift * half);
    update.donchian_low_20 = price_of(update.current_price.units - half + shift * half);
    return update;
}

static void test_contributions_sum_to_the_score(void **state) {
    (void)state;
    Random random = random_stream(31, 1);
    double weights = 0;
    for (unsigned i = 0; i < VOTE_COUNT; i++) weights += vote_weights[i];
    assert_close(weights, 1, 1e-15);
    for (unsigned round = 0; round < 100000; round++) {
        MarketUpdate update = any_market(&random);
        Vote vote;
        assert_true(vote_on(&update, &vote, NULL));
        double sum = 0;
        for (unsigned i = 0; i < VOTE_COUNT; i++) {
            sum += vote.value[i];
            assert_true(fabs(vote.value[i]) <= vote_weights[i]);
        }
        assert_true(sum == vote.score); /* not close: equal */
        assert_true(fabs(vote.score) <= 1);
    }
}

/* Full agreement: the five largest contributions may not round beyond one. */
static void test_unanimous(void **state) {
    (void)state;
    MarketUpdate update = {.current_price = price_of(110 * COIN),
                           .donchian_high_20 = price_of(100 * COIN)};
    name_intervals(&update, INTERVAL_1M);
    update.rsi = 50;
    update.rsi_slow = 100;
    update.atr_slow_fraction = 0.001;
    update.macd_slow_fraction = 1;
    update.price_change_slow = 10;
    update.trend = update.trend_slow = TREND_UPTREND;
    update.trend_strength = update.trend_strength_slow = 1;
    update.bb_position = -1;
    Vote vote;
    assert_true(vote_on(&update, &vote, NULL));
    assert_close(vote.score, 1, 1e-15);
    assert_true(vote.score <= 1);
}

static void test_missing_inputs_are_named(void **state) {
    (void)state;
    static const struct {
        size_t offset;
        const char *name;
    } inputs[] = {
        {offsetof(MarketUpdate, rsi), "rsi"},
        {offsetof(MarketUpdate, rsi_slow), "rsi_slow"},
        {offsetof(MarketUpdate, macd_slow_fraction), "macd_slow"},
        {offsetof(MarketUpdate, bb_position), "bb_position"},
        {offsetof(MarketUpdate, price_change_slow), "price_change_slow"},
        {offsetof(MarketUpdate, atr_slow_fraction), "atr_slow"},
        {offsetof(MarketUpdate, trend_strength), "trend_strength"},
        {offsetof(MarketUpdate, trend_strength_slow), "trend_strength_slow"},
    };
    Random random = random_stream(32, 1);
    for (unsigned i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        MarketUpdate update = any_market(&random);
        const double none = (double)NAN;
        const char *missing = NULL;
        Vote vote;
        assert_true(vote_on(&update, &vote, &missing));
        assert_null(missing);
        memcpy((char *)&update + inputs[i].offset, &none, sizeof none);
        assert_false(vote_on(&update, &vote, &missing));
        assert_string_equal(missing, inputs[i].name);
    }
    MarketUpdate flat = any_market(&random), nameless = flat;
    const char *missing = NULL;
    Vote vote;
    nameless.slow_interval[0] = 0;
    assert_false(vote_on(&nameless, &vote, &missing));
    assert_string_equal(missing, "slow_interval");
    strcpy(nameless.interval, "7m");
    assert_false(vote_on(&nameless, &vote, &missing));
    assert_string_equal(missing, "interval");
    flat.atr_slow_fraction = 0; /* no range at all: nothing can be measured in it */
    assert_false(vote_on(&flat, &vote, &missing));
    assert_string_equal(missing, "atr_slow");
}

static Trend opposite(Trend trend) {
    return trend == TREND_UPTREND     ? TREND_DOWNTREND
           : trend == TREND_DOWNTREND ? TREND_UPTREND
                                      : trend;
}

/* Up becomes down everywhere: the score changes its sign and nothing else. */
static void test_mirror(void **state) {
    (void)state;
    Random random = random_stream(33, 1);
    for (unsigned round = 0; round < 20000; round++) {
        MarketUpdate up = any_market(&random), down = up;
        Vote a, b;
        down.rsi = 100 - up.rsi;
        down.rsi_slow = 100 - up.rsi_slow;
        down.macd_slow_fraction = -up.macd_slow_fraction;
        down.bb_position = 1 - up.bb_position;
        down.price_change_slow = -up.price_change_slow;
        down.trend = opposite(up.trend);
        down.trend_slow = opposite(up.trend_slow);
        down.donchian_high_20 = price_of(2 * up.current_price.units - up.donchian_low_20.units);
        down.donchian_low_20 = price_of(2 * up.current_price.units - up.donchian_high_20.units);
        assert_true(vote_on(&up, &a, NULL) && vote_on(&down, &b, NULL));
        for (unsigned i = 0; i < VOTE_COUNT; i++) assert_close(a.value[i], -b.value[i], 1e-12);
        assert_close(a.score, -b.score, 1e-12);
    }
}

/* The same market quoted in another unit: only prices change, and the vote does not. */
static void test_scale(void **state) {
    (void)state;
    Random random = random_stream(34, 1);
    for (unsigned round = 0; round < 20000; round++) {
        MarketUpdate coins = any_market(&random), cents = coins;
        Vote a, b;
        cents.current_price.units *= 100;
        cents.donchian_high_20.units *= 100;
        cents.donchian_low_20.units *= 100;
        cents.macd *= 100;
        assert_true(vote_on(&coins, &a, NULL) && vote_on(&cents, &b, NULL));
        assert_memory_equal(&a, &b, sizeof a);
    }
}

/* 20 slow candles; the same in every unit of time. */
static void test_words_of_intervals(void **state) {
    (void)state;
    static const struct {
        Interval base;
        const char *slow, *channel, *change, *range, *rsi;
    } rows[] = {
        {INTERVAL_1M, "15m", "last 5 hours", "in 15 minutes", "of 15 minutes is", "on 1m and"},
        {INTERVAL_3M, "15m", "last 5 hours", "in 15 minutes", "of 15 minutes is", "on 3m and"},
        {INTERVAL_5M, "15m", "last 5 hours", "in 15 minutes", "of 15 minutes is", "on 5m and"},
        {INTERVAL_15M, "1h", "last 20 hours", "in 1 hour", "of 1 hour is", "on 15m and"},
        {INTERVAL_1H, "4h", "last 80 hours", "in 4 hours", "of 4 hours is", "on 1h and"},
        {INTERVAL_4H, "1d", "last 20 days", "in 1 day", "of 1 day is", "on 4h and"},
        {INTERVAL_1D, "1d", "last 20 days", "in 1 day", "of 1 day is", "on 1d and"},
    };
    Random random = random_stream(36, 1);
    for (unsigned i = 0; i < 7 * 300; i++) {
        MarketUpdate update = any_market(&random);
        Signal signal = {.decision = DECISION_BUY};
        Vote vote;
        name_intervals(&update, rows[i % 7].base);
        assert_true(vote_on(&update, &vote, NULL));
        wording_explain(&update, &vote, &signal);
        bool beyond = vote_breaks_above(&update) || vote_breaks_below(&update);
        const char *technical = signal.explanation.technical_factors;
        assert_non_null(strstr(technical, beyond ? rows[i % 7].channel : rows[i % 7].change));
        assert_non_null(strstr(technical, rows[i % 7].rsi));
        assert_non_null(strstr(technical, rows[i % 7].slow));
        assert_non_null(strstr(signal.explanation.risk_assessment, rows[i % 7].range));
    }
}

/* No phrase names an interval that the data are not of. */
static void expect_right_intervals(const MarketUpdate *update, const Signal *signal) {
    for (unsigned i = 0; i < signal->key_indicators_count; i++)
        for (Interval other = INTERVAL_1M; other < INTERVAL_COUNT; other++) {
            char on[12];
            snprintf(on, sizeof on, " on %s", interval_name(other));
            if (strcmp(interval_name(other), update->slow_interval) != 0)
                assert_null(strstr(signal->key_indicators[i], on));
        }
}

/* What is printed of a signal: contributions that sum to the score, words that never name what is
 * not there. */
static void test_wording(void **state) {
    (void)state;
    Random random = random_stream(35, 1);
    for (unsigned round = 0; round < 20000; round++) {
        MarketUpdate update = any_market(&random);
        Signal signal = {.decision = (Decision)random_below(&random, 3), .symbol = "BTCUSDC"};
        Vote vote;
        assert_true(vote_on(&update, &vote, NULL));
        signal.score = vote.score;
        signal.unproven = random_below(&random, 2);
        wording_explain(&update, &vote, &signal);
        assert_null(codec_fault(&message_shapes[MESSAGE_SIGNAL], &signal));
        double sum = 0;
        for (unsigned i = 0; i < signal.contributions_count; i++)
            sum += signal.contributions[i].value;
        assert_true(sum == signal.score);
        bool above = vote_breaks_above(&update), below = vote_breaks_below(&update);
        bool speaks = strstr(signal.explanation.technical_factors, " of the last ") != NULL;
        assert_int_equal(speaks, above || below);
        expect_right_intervals(&update, &signal);
        assert_non_null(strstr(signal.explanation.social_factors, "No social data"));
        assert_true(strlen(signal.reasoning) > 40 &&
                    strlen(signal.reasoning) < sizeof signal.reasoning - 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contributions_sum_to_the_score),
        cmocka_unit_test(test_unanimous),
        cmocka_unit_test(test_missing_inputs_are_named),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_words_of_intervals),
        cmocka_unit_test(test_wording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
