/* SPDX-License-Identifier: Apache-2.0 */
/* The live feed against a small Binance on this machine: history, stream, and every way of losing
 * it. */
#include "unit.h"

#include "feed_watch.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static bool refusal(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return last->kind == FEED_STATUS && last->status.state == FEED_REFUSED;
}

static bool any_price(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return last->kind == FEED_PRICE;
}

static bool stale(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return last->kind == FEED_STATUS && last->status.state == FEED_STALE;
}

static bool candles_back(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return is_status(last, FEED_LIVE, "candles are back");
}

static bool took_over(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return is_status(last, FEED_LIVE, "took over");
}

static void test_history_then_stream(void **state) {
    (void)state;
    static const char *const NAMES[] = {"BTCUSDT", "ETHUSDT", NULL};
    Watch watch;
    Error error;
    watch_open(&watch);
    watch.feed = open_feed(&watch, &PACE, NAMES, 1500, &error);
    assert_non_null(watch.feed);
    assert_false(watch.feed->is_virtual);
    hear(&watch, connected, 5000);
    assert_int_equal(watch.events[0].kind, FEED_SYMBOL);
    assert_int_equal(watch.events[1].kind, FEED_SYMBOL);
    assert_string_equal(watch.events[0].listed.base.text, "BTC");
    assert_int_equal(watch.events[0].listed.filters.tick.units, 1000000);
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        assert_history(&watch, "BTCUSDT", (Interval)i, 1500);
        assert_history(&watch, "ETHUSDT", (Interval)i, 1500);
    }
    publish(&watch, 1);
    hear(&watch, any_bar, 5000);
    publish(&watch, 2);
    hear(&watch, any_bar, 5000);
    assert_minutes(&watch, 2, 0);
    char line[400];
    Text text = TEXT_IN(line);
    watch.feed->describe(watch.feed, &text);
    assert_non_null(strstr(text_end(&text), "2 symbols"));
    finish(&watch);
}

static void test_lost_connection(void **state) {
    (void)state;
    Watch watch;
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    publish(&watch, 1);
    publish(&watch, 2);
    fake_drop(&watch.fake);
    atomic_store(&watch.fake.published, 4); /* told by REST only */
    hear(&watch, connected, 5000);
    while (count_bars(&watch) < 4)
        hear(&watch, any_bar, 5000);
    publish(&watch, 4); /* a repetition */
    publish(&watch, 5);
    publish(&watch, 5);
    while (count_bars(&watch) < 5)
        hear(&watch, any_bar, 5000);
    hear(&watch, NULL, 100);
    assert_minutes(&watch, 5, 0);
    finish(&watch);
}

static void test_hole_in_stream(void **state) {
    (void)state;
    Watch watch;
    unsigned gaps = 0;
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    publish(&watch, 1);
    hear(&watch, any_bar, 5000);
    publish(&watch, 4); /* 2 and 3 only by REST */
    while (count_bars(&watch) < 4)
        hear(&watch, any_bar, 5000);
    atomic_store(&watch.fake.absent, 5); /* the venue itself has none */
    publish(&watch, 6);
    hear(&watch, any_bar, 5000);
    publish(&watch, 7);
    hear(&watch, any_bar, 5000);
    assert_minutes(&watch, 7, 5);
    for (unsigned i = 0; i < watch.count; i++)
        gaps += is_status(&watch.events[i], FEED_GAP, "no candles for 1 minutes");
    assert_int_equal(gaps, 1);
    finish(&watch);
}

static void test_bad_frames(void **state) {
    (void)state;
    static const char *const FRAMES[] = {
        "", "nonsense", "{\"stream\":\"x\",\"data\":{\"e\":\"trade\"}}", "{\"e\":\"kline\"",
        "{\"code\":2,\"msg\":\"Invalid request\"}"};
    Watch watch;
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    publish(&watch, 1);
    hear(&watch, any_bar, 5000);
    for (unsigned i = 0; i < sizeof FRAMES / sizeof FRAMES[0]; i++) {
        fake_frame(&watch.fake, FRAMES[i]);
        hear(&watch, refusal, 5000);
    }
    fake_trade(&watch.fake, "BTCUSDT", 1, "100.50");
    hear(&watch, any_price, 5000);
    fake_trade(&watch.fake, "BTCUSDT", 2, "150.50"); /* far away */
    hear(&watch, refusal, 5000);
    fake_trade(&watch.fake, "DOGEUSDT", 3, "1.50");
    hear(&watch, refusal, 5000);
    fake_frame(&watch.fake, "{\"e\":\"somethingNew\",\"E\":1790035200000}");
    publish(&watch, 2);
    hear(&watch, any_bar, 5000);
    assert_minutes(&watch, 2, 0);
    char line[400];
    Text text = TEXT_IN(line);
    watch.feed->describe(watch.feed, &text);
    assert_non_null(strstr(text_end(&text), "2 minutes"));
    assert_non_null(strstr(text_end(&text), "7 refused"));
    assert_non_null(strstr(text_end(&text), "last: somethingNew"));
    finish(&watch);
}

static void test_prices_are_folded(void **state) {
    (void)state;
    BinancePace pace = PACE;
    Watch watch;
    pace.price_gap_ms = 200;
    start(&watch, &pace, 10);
    hear(&watch, connected, 5000);
    fake_trade(&watch.fake, "BTCUSDT", 1, "100.00");
    hear(&watch, any_price, 5000);
    unsigned first = watch.count;
    int64_t begin = now_ms();
    fake_trade(&watch.fake, "BTCUSDT", 2, "104.00");
    fake_trade(&watch.fake, "BTCUSDT", 3, "98.00");
    fake_trade(&watch.fake, "BTCUSDT", 3, "98.00");
    fake_trade(&watch.fake, "BTCUSDT", 4, "99.00");
    hear(&watch, any_price, 5000);
    const FeedEvent *event = &watch.events[watch.count - 1];
    assert_true(now_ms() - begin >= 150);
    assert_int_equal(watch.count, first + 1);
    assert_int_equal(event->price.high.units, 104 * DECIMAL_SCALE);
    assert_int_equal(event->price.low.units, 98 * DECIMAL_SCALE);
    assert_int_equal(event->price.last.units, 99 * DECIMAL_SCALE);
    finish(&watch);
}

static void test_silence(void **state) {
    (void)state;
    BinancePace pace = PACE;
    Watch watch;
    pace.silent_ms = 200;
    start(&watch, &pace, 10);
    hear(&watch, stale, 5000);
    assert_non_null(strstr(watch.events[watch.count - 1].status.text, "no frame"));
    hear(&watch, connected, 5000);
    publish(&watch, 1);
    hear(&watch, any_bar, 5000);
    assert_minutes(&watch, 1, 0);
    finish(&watch);
}

/* A candle that is overdue: stale for its symbol and one new connection, not one after the other.
 */
static void test_late_candle(void **state) {
    (void)state;
    BinancePace pace = PACE;
    Watch watch;
    pace.kline_owed_ms = 250;
    start(&watch, &pace, 10);
    hear(&watch, stale, 5000);
    assert_string_equal(watch.events[watch.count - 1].symbol.text, "BTCUSDT");
    hear(&watch, connected, 5000);
    hear(&watch, NULL, 400);
    assert_int_equal(atomic_load(&watch.fake.connects), 2);
    publish(&watch, 1);
    hear(&watch, candles_back, 5000);
    assert_minutes(&watch, 1, 0);
    finish(&watch);
}

static void test_renewal(void **state) {
    (void)state;
    BinancePace pace = PACE;
    Watch watch;
    int minute = 0;
    pace.renew_ms = 300;
    start(&watch, &pace, 10);
    hear(&watch, connected, 5000);
    for (int64_t until = now_ms() + 700; now_ms() < until;) {
        publish(&watch, ++minute);
        hear(&watch, NULL, 40);
    }
    assert_true(atomic_load(&watch.fake.connects) >= 2);
    while (count_bars(&watch) < (unsigned)minute)
        hear(&watch, any_bar, 2000);
    assert_minutes(&watch, minute, 0);
    for (unsigned i = 0; i < watch.count; i++) /* never without a connection */
        assert_false(watch.events[i].kind == FEED_STATUS &&
                     watch.events[i].status.state == FEED_CONNECTING);
    finish(&watch);
}

static void test_shutdown_notice(void **state) {
    (void)state;
    Watch watch;
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    fake_frame(&watch.fake,
               "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":"
               "1790035200000}}");
    for (int i = 0; i < 100 && atomic_load(&watch.fake.connects) < 2; i++)
        hear(&watch, NULL, 10);
    publish(&watch, 1); /* to both */
    hear(&watch, took_over, 5000);
    publish(&watch, 2);
    while (count_bars(&watch) < 2)
        hear(&watch, any_bar, 5000);
    assert_minutes(&watch, 2, 0);
    finish(&watch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_then_stream), cmocka_unit_test(test_lost_connection),
        cmocka_unit_test(test_hole_in_stream),      cmocka_unit_test(test_bad_frames),
        cmocka_unit_test(test_prices_are_folded),   cmocka_unit_test(test_silence),
        cmocka_unit_test(test_late_candle),         cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_shutdown_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
