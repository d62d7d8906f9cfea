/* SPDX-License-Identifier: Apache-2.0 */
/* Candles: intervals, soundness, and the fold against a naive one over seeded series with gaps. */
#include "unit.h"

#include "core/market/candle.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void test_interval_names(void **state) {
    (void)state;
    static const char *const names[] = {"1m", "3m", "5m", "15m", "1h", "4h", "1d"};
    static const int64_t minutes[] = {1, 3, 5, 15, 60, 240, 1440};
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        Interval interval = INTERVAL_COUNT;
        assert_string_equal(interval_name((Interval)i), names[i]);
        assert_int_equal(interval_us((Interval)i), minutes[i] * 60000000);
        assert_true(interval_parse(slice_of(names[i]), &interval));
        assert_int_equal(interval, i);
    }
    Interval untouched = INTERVAL_4H;
    assert_false(interval_parse(SLICE("1M"), &untouched));
    assert_false(interval_parse(SLICE("2h"), &untouched));
    assert_false(interval_parse(SLICE(""), &untouched));
    assert_false(interval_parse(SLICE("1mm"), &untouched));
    assert_int_equal(untouched, INTERVAL_4H);
}

static void test_interval_floor(void **state) {
    (void)state;
    int64_t noon = instant_of(2024, 2, 29, 12, 34, 56);
    assert_int_equal(interval_floor(noon, interval_us(INTERVAL_1D)),
                     instant_of(2024, 2, 29, 0, 0, 0));
    assert_int_equal(interval_floor(noon, interval_us(INTERVAL_4H)),
                     instant_of(2024, 2, 29, 12, 0, 0));
    assert_int_equal(interval_floor(noon, interval_us(INTERVAL_15M)),
                     instant_of(2024, 2, 29, 12, 30, 0));
    int64_t on = instant_of(2024, 2, 29, 12, 0, 0);
    assert_int_equal(interval_floor(on, interval_us(INTERVAL_1H)), on);
    assert_int_equal(interval_floor(on - 1, interval_us(INTERVAL_1H)), on - INSTANT_HOUR_US);
    /* Before 1970 it still rounds down. */
    assert_int_equal(interval_floor(-1, INSTANT_MINUTE_US), -INSTANT_MINUTE_US);
    assert_int_equal(interval_floor(-INSTANT_MINUTE_US, INSTANT_MINUTE_US), -INSTANT_MINUTE_US);
}

static Bar sound_bar(void) {
    return (Bar){.time_us = 60000000,
                 .open = {100},
                 .high = {120},
                 .low = {90},
                 .close = {110},
                 .volume = 5,
                 .quote_volume = 6,
                 .taker_volume = 2,
                 .bars = 1};
}

#define FAULT_OF(change, text)                                                                     \
    do {                                                                                           \
        Bar bar = sound_bar();                                                                     \
        change;                                                                                    \
        const char *fault = bar_fault(&bar, INSTANT_MINUTE_US);                                    \
        assert_non_null(fault);                                                                    \
        if (!strstr(fault, text)) fail_msg("%s lacks %s", fault, text);                            \
    } while (0)

static void test_bar_fault(void **state) {
    (void)state;
    Bar sound = sound_bar();
    assert_null(bar_fault(&sound, INSTANT_MINUTE_US));
    sound.open = sound.high = sound.low = sound.close = price_of(1);
    sound.volume = sound.quote_volume = sound.taker_volume = 0;
    assert_null(bar_fault(&sound, INSTANT_MINUTE_US));
    FAULT_OF(bar.open.units = 0, "above zero");
    FAULT_OF(bar.low.units = -1, "above zero");
    FAULT_OF(bar.close.units = 0, "above zero");
    FAULT_OF(bar.high.units = 89, "high is below low");
    FAULT_OF(bar.open.units = 89, "open is outside");
    FAULT_OF(bar.open.units = 121, "open is outside");
    FAULT_OF(bar.close.units = 89, "close is outside");
    FAULT_OF(bar.close.units = 121, "close is outside");
    FAULT_OF(bar.volume = -1e-9, "volume");
    FAULT_OF(bar.volume = (double)NAN, "volume");
    FAULT_OF(bar.volume = (double)INFINITY, "volume");
    FAULT_OF(bar.quote_volume = -1, "quote volume");
    FAULT_OF(bar.taker_volume = (double)NAN, "taker volume");
    FAULT_OF(bar.time_us = 60000001, "grid");
    sound.time_us = 60000001;
    assert_null(bar_fault(&sound, 0));
}

#define MINUTES 6000

static uint32_t lottery(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    return (uint32_t)(*seed >> 33);
}

/* Minutes of about four days; in a gappy series runs of 1 to 400 minutes are missing. */
static unsigned make_series(uint64_t seed, bool gappy, Bar series[static MINUTES]) {
    unsigned count = 0;
    int64_t start = instant_of(2023, 3, 16, 22, 15, 0);
    for (unsigned i = 0; i < MINUTES; i++) {
        if (gappy && lottery(&seed) % 60 == 0) i += 1 + lottery(&seed) % 400;
        if (i >= MINUTES) break;
        int64_t low = 1000 + lottery(&seed) % 500, high = low + lottery(&seed) % 50;
        int64_t span = high - low + 1;
        series[count++] = (Bar){.time_us = start + i * INSTANT_MINUTE_US,
                                .open = {low + lottery(&seed) % span},
                                .high = {high},
                                .low = {low},
                                .close = {low + lottery(&seed) % span},
                                .volume = lottery(&seed) % 100,
                                .quote_volume = lottery(&seed) % 1000,
                                .taker_volume = lottery(&seed) % 50,
                                .trades = lottery(&seed) % 300,
                                .bars = 1};
    }
    return count;
}

/* The bucket that starts at `start`, from its minutes, found by looking at all of them. */
static Bar naive_bucket(const Bar *series, unsigned count, int64_t start, int64_t length) {
    Bar bucket = {.time_us = start};
    for (unsigned i = 0; i < count; i++) {
        const Bar *bar = &series[i];
        if (bar->time_us < start || bar->time_us >= start + length) continue;
        if (bucket.bars == 0) bucket.open = bar->open;
        if (bucket.bars == 0 || bar->high.units > bucket.high.units) bucket.high = bar->high;
        if (bucket.bars == 0 || bar->low.units < bucket.low.units) bucket.low = bar->low;
        bucket.close = bar->close;
        bucket.volume += bar->volume;
        bucket.quote_volume += bar->quote_volume;
        bucket.taker_volume += bar->taker_volume;
        bucket.trades += bar->trades;
        bucket.bars++;
    }
    return bucket;
}

static void same_bar(const Bar *a, const Bar *b) {
    assert_int_equal(a->time_us, b->time_us);
    assert_int_equal(a->open.units, b->open.units);
    assert_int_equal(a->high.units, b->high.units);
    assert_int_equal(a->low.units, b->low.units);
    assert_int_equal(a->close.units, b->close.units);
    assert_close(a->volume, b->volume, 0);
    assert_close(a->quote_volume, b->quote_volume, 0);
    assert_close(a->taker_volume, b->taker_volume, 0);
    assert_int_equal(a->trades, b->trades);
    assert_int_equal(a->bars, b->bars);
}

/* A bucket must have been given out with its last minute, or with the first bar behind it, and
 * never twice. */
static void check_fold(const Bar *series, unsigned count, Interval interval) {
    CandleFold fold;
    int64_t length = interval_us(interval), last_start = INT64_MIN;
    unsigned folded = 0;
    candle_fold_init(&fold, interval);
    for (unsigned i = 0; i < count; i++) {
        Bar closed[2];
        unsigned given = candle_fold_add(&fold, &series[i], closed);
        assert_in_range(given, 0, 2);
        for (unsigned k = 0; k < given; k++) {
            Bar naive = naive_bucket(series, i + 1, closed[k].time_us, length);
            same_bar(&closed[k], &naive);
            assert_true(closed[k].time_us > last_start);
            last_start = closed[k].time_us;
            folded += closed[k].bars;
            bool complete = series[i].time_us + INSTANT_MINUTE_US >= closed[k].time_us + length;
            assert_true(complete);
        }
        /* Nothing that is over is held back. */
        if (fold.bucket.bars > 0)
            assert_true(series[i].time_us + INSTANT_MINUTE_US < fold.bucket.time_us + length);
    }
    assert_int_equal(folded + fold.bucket.bars, count);
}

static void test_fold_is_naive_fold(void **state) {
    (void)state;
    static Bar series[MINUTES];
    for (uint64_t seed = 1; seed <= 6; seed++) {
        unsigned count = make_series(seed, seed > 1, series);
        for (unsigned interval = 0; interval < INTERVAL_COUNT; interval++)
            check_fold(series, count, (Interval)interval);
    }
}

static void test_fold_two_at_once(void **state) {
    (void)state;
    CandleFold fold;
    Bar closed[2], bar = sound_bar();
    candle_fold_init(&fold, INTERVAL_3M);
    bar.time_us = 0;
    assert_int_equal(candle_fold_add(&fold, &bar, closed), 0);
    /* The minute 5 ends the bucket 0..2, of which two minutes are missing, and completes 3..5. */
    bar.time_us = 5 * INSTANT_MINUTE_US;
    assert_int_equal(candle_fold_add(&fold, &bar, closed), 2);
    assert_int_equal(closed[0].time_us, 0);
    assert_int_equal(closed[1].time_us, 3 * INSTANT_MINUTE_US);
    assert_int_equal(closed[0].bars, 1);
    assert_int_equal(closed[1].bars, 1);
}

static void test_fold_of_longer_bars(void **state) {
    (void)state;
    CandleFold fold;
    Bar closed[2], bar = sound_bar();
    candle_fold_init(&fold, INTERVAL_4H);
    bar.bars = 60;
    for (unsigned hour = 0; hour < 3; hour++) {
        bar.time_us = hour * INSTANT_HOUR_US;
        assert_int_equal(candle_fold_add(&fold, &bar, closed), 0);
    }
    bar.time_us = 3 * INSTANT_HOUR_US;
    assert_int_equal(candle_fold_add(&fold, &bar, closed), 1);
    assert_int_equal(closed[0].bars, 240);
    assert_close(closed[0].volume, 20, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_names),   cmocka_unit_test(test_interval_floor),
        cmocka_unit_test(test_bar_fault),        cmocka_unit_test(test_fold_is_naive_fold),
        cmocka_unit_test(test_fold_two_at_once), cmocka_unit_test(test_fold_of_longer_bars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
