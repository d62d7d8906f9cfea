/* SPDX-License-Identifier: Apache-2.0 */
/* The live feed against a small Binance on this machine: history, stream, every way of losing it, and the reasons. */
#include "unit.h"

#include <poll.h>
#include <time.h>

#include "fake_binance.h"
#include "shell/drivers/binance_address.h"
#include "shell/drivers/binance_pace.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

enum { KEPT = 60000 };

typedef struct Watch {
    Fake fake;
    Feed *feed;
    char rest[64], stream[64];
    FeedEvent *events; /* all that was heard */
    unsigned count;
} Watch;

static const BinancePace PACE = {.connect_ms = 1000, .request_ms = 1000, .backoff_first_ms = 20,
                                 .backoff_max_ms = 100, .steady_ms = 50, .silent_ms = 60000,
                                 .kline_owed_ms = 90000, .renew_ms = 60000, .overlap_ms = 100,
                                 .price_gap_ms = 50, .refill_ms = 50};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void watch_open(Watch *watch) {
    memset(watch, 0, sizeof *watch);
    fake_open(&watch->fake);
    snprintf(watch->rest, sizeof watch->rest, "http://127.0.0.1:%u", watch->fake.port);
    snprintf(watch->stream, sizeof watch->stream, "ws://127.0.0.1:%u/", watch->fake.port);
    watch->events = calloc(KEPT, sizeof *watch->events);
}

static Feed *open_feed(Watch *watch, const BinancePace *pace, const char *const names[],
                       unsigned backfill, Error *error) {
    SymbolName symbols[4];
    unsigned count = 0;
    for (; names[count]; count++) assert_true(symbol_name_set(&symbols[count], slice_of(names[count])));
    FeedBinancePlan plan = {.symbols = symbols, .symbol_count = count, .rest_url = watch->rest,
                            .stream_url = watch->stream, .backfill_bars = backfill,
                            .exchange_info_timeout_ms = 400};
    return feed_binance_open_paced(&plan, pace, error);
}

static void start(Watch *watch, const BinancePace *pace, unsigned backfill) {
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    Error error = {0};
    watch_open(watch);
    watch->feed = open_feed(watch, pace, NAMES, backfill, &error);
    if (!watch->feed) print_error("%s (%s)\n", error.message, error.where);
    assert_non_null(watch->feed);
}

static void finish(Watch *watch) {
    int64_t before = now_ms();
    if (watch->feed) watch->feed->close(watch->feed);
    assert_true(now_ms() - before < 1000);
    fake_close(&watch->fake);
    free(watch->events);
}

static bool is_status(const FeedEvent *event, FeedState state, const char *text) {
    return event->kind == FEED_STATUS && event->status.state == state &&
           strstr(event->status.text, text);
}

static unsigned count_bars(const Watch *watch) {
    unsigned count = 0;
    for (unsigned i = 0; i < watch->count; i++) count += watch->events[i].kind == FEED_BAR;
    return count;
}

/* Hears what comes until `enough` says so, at most five seconds; NULL: for `limit_ms`. */
typedef bool (*Enough)(const Watch *watch, const FeedEvent *last);

static void hear(Watch *watch, Enough enough, int64_t limit_ms) {
    int64_t until = now_ms() + limit_ms;
    while (now_ms() < until) {
        struct pollfd wake = {.fd = watch->feed->wake_descriptor, .events = POLLIN};
        Error error;
        FeedEvent *event = &watch->events[watch->count];
        FeedAnswer answer = watch->feed->next(watch->feed, event, &error);
        if (answer == FEED_NOTHING) poll(&wake, 1, 10);
        if (answer != FEED_EVENT) continue;
        watch->count++;
        assert_true(watch->count < KEPT);
        if (enough && enough(watch, event)) return;
    }
    if (!enough) return;
    for (unsigned i = watch->count < 12 ? 0 : watch->count - 12; i < watch->count; i++) {
        const FeedEvent *event = &watch->events[i];
        print_error("%d %s %s\n", (int)event->kind, event->symbol.text,
                    event->kind == FEED_STATUS ? event->status.text : "");
    }
    fail_msg("the feed did not say what was waited for");
}

static bool connected(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return is_status(last, FEED_LIVE, "connected");
}

static bool any_bar(const Watch *watch, const FeedEvent *last) {
    (void)watch;
    return last->kind == FEED_BAR;
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

/* The bars heard are the minutes from 1 to `last`, each once, in order, but for `absent`. */
static void assert_minutes(const Watch *watch, int last, int absent) {
    int minute = 0;
    for (unsigned i = 0; i < watch->count; i++) {
        const FeedEvent *event = &watch->events[i];
        if (event->kind != FEED_BAR) continue;
        if (++minute == absent) minute++;
        int64_t open_ms = FAKE_START_MS + (minute - 1) * FAKE_MINUTE_MS;
        assert_int_equal(event->candle.bar.time_us, open_ms * 1000);
        assert_int_equal(event->candle.bar.close.units, fake_price_cents(open_ms) * 1000000);
        assert_int_equal(event->candle.interval, INTERVAL_1M);
    }
    assert_int_equal(minute, last);
}

static void publish(Watch *watch, int minute) {
    atomic_store(&watch->fake.published, minute);
    fake_candle(&watch->fake, "BTCUSDT", minute);
}

static void assert_history(const Watch *watch, const char *symbol, Interval interval,
                           unsigned bars) {
    int64_t length_us = interval_us(interval), last_us = 0;
    int64_t server_us = (FAKE_START_MS + FAKE_AHEAD_MS) * 1000, end_us = FAKE_START_MS * 1000;
    int64_t until_us = interval_floor(server_us, length_us);
    unsigned count = 0, unpublished = (unsigned)((until_us - end_us) / length_us);
    for (unsigned i = 0; i < watch->count; i++) {
        const FeedEvent *event = &watch->events[i];
        if (event->kind != FEED_HISTORY || event->candle.interval != interval) continue;
        if (strcmp(event->symbol.text, symbol) != 0) continue;
        if (count++) assert_int_equal(event->candle.bar.time_us, last_us + length_us);
        last_us = event->candle.bar.time_us;
    }
    assert_int_equal(count, bars - unpublished);
    assert_int_equal(last_us, end_us - length_us);
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
    assert_string_equal(watch.events[0].info.base.text, "BTC");
    assert_int_equal(watch.events[0].info.filters.tick.units, 1000000);
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
    assert_non_null(strstr(text_end(&text), "2 minutes"));
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
    while (count_bars(&watch) < 4) hear(&watch, any_bar, 5000);
    publish(&watch, 4); /* a repetition */
    publish(&watch, 5);
    publish(&watch, 5);
    while (count_bars(&watch) < 5) hear(&watch, any_bar, 5000);
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
    while (count_bars(&watch) < 4) hear(&watch, any_bar, 5000);
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

/* A candle that is overdue: stale for its symbol and one new connection, not one after the other. */
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
    while (count_bars(&watch) < (unsigned)minute) hear(&watch, any_bar, 2000);
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
    fake_frame(&watch.fake, "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":"
                            "1790035200000}}");
    for (int i = 0; i < 100 && atomic_load(&watch.fake.connects) < 2; i++) hear(&watch, NULL, 10);
    publish(&watch, 1); /* to both */
    hear(&watch, took_over, 5000);
    publish(&watch, 2);
    while (count_bars(&watch) < 2) hear(&watch, any_bar, 5000);
    assert_minutes(&watch, 2, 0);
    finish(&watch);
}

static void test_too_many_requests(void **state) {
    (void)state;
    Watch watch;
    int64_t begin = now_ms();
    watch_open(&watch);
    atomic_store(&watch.fake.klines_status, 429);
    atomic_store(&watch.fake.klines_refusals, 1);
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    watch.feed = open_feed(&watch, &PACE, NAMES, 10, NULL);
    assert_non_null(watch.feed);
    hear(&watch, connected, 5000);
    assert_true(now_ms() - begin >= 1000); /* Retry-After: 1 */
    assert_history(&watch, "BTCUSDT", INTERVAL_1H, 10);
    /* exchangeInfo, one refusal, and a page or two of each interval: nothing was asked meanwhile */
    assert_true(atomic_load(&watch.fake.requests) <= 2 + 2 * INTERVAL_COUNT + 1);
    finish(&watch);
}

static void test_unknown_symbols(void **state) {
    (void)state;
    static const char *const SOME[] = {"BTCUSDT", "NONAME", "ETHUSDT", NULL};
    static const char *const NONE[] = {"NONAME", NULL};
    Watch watch;
    Error error = {0};
    watch_open(&watch);
    atomic_store(&watch.fake.knows_one_only, true);
    assert_null(open_feed(&watch, &PACE, NONE, 10, &error));
    assert_non_null(strstr(error.message, "Invalid symbol"));
    watch.feed = open_feed(&watch, &PACE, SOME, 10, &error);
    assert_non_null(watch.feed);
    hear(&watch, connected, 5000);
    unsigned symbols = 0, unknown = 0, halted = 0;
    for (unsigned i = 0; i < watch.count; i++) {
        symbols += watch.events[i].kind == FEED_SYMBOL;
        unknown += is_status(&watch.events[i], FEED_REFUSED, "does not know this symbol");
        halted += is_status(&watch.events[i], FEED_REFUSED, "BREAK");
    }
    assert_int_equal(symbols, 1);
    assert_int_equal(unknown, 1);
    assert_int_equal(halted, 1);
    finish(&watch);
}

static void assert_refused(Watch *watch, ErrorCode code, const char *text) {
    static const char *const NAMES[] = {"BTCUSDT", NULL};
    Error error = {0};
    int64_t before = now_ms();
    assert_null(open_feed(watch, &PACE, NAMES, 10, &error));
    assert_true(now_ms() - before < 1500);
    if (!strstr(error.message, text)) print_error("got: %s (%s)\n", error.message, error.where);
    assert_non_null(strstr(error.message, text));
    assert_null(strchr(error.message, '\n'));
    assert_int_equal(error.code, code);
}

static void test_reasons(void **state) {
    (void)state;
    Watch watch;
    watch_open(&watch);
    atomic_store(&watch.fake.info_status, 451);
    assert_refused(&watch, ERROR_EXCHANGE, "451");
    atomic_store(&watch.fake.info_status, 418);
    assert_refused(&watch, ERROR_EXCHANGE, "asks to wait (HTTP 418, 7 s)");
    atomic_store(&watch.fake.info_status, 503);
    assert_refused(&watch, ERROR_EXCHANGE, "HTTP 503");
    atomic_store(&watch.fake.hangs, true);
    assert_refused(&watch, ERROR_NETWORK, "no answer within 400 ms");
    atomic_store(&watch.fake.hangs, false);
    snprintf(watch.rest, sizeof watch.rest, "https://127.0.0.1:%u", watch.fake.port);
    assert_refused(&watch, ERROR_NETWORK, "TLS"); /* plain words where TLS is due */
    snprintf(watch.rest, sizeof watch.rest, "http://data-api.binance.vision");
    assert_refused(&watch, ERROR_CONFIG, "only for this machine");
    snprintf(watch.rest, sizeof watch.rest, "gopher://127.0.0.1");
    assert_refused(&watch, ERROR_CONFIG, "not an address");
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    snprintf(watch.rest, sizeof watch.rest, "https://data-api.binance.vision");
    assert_refused(&watch, ERROR_NETWORK, "no connection");
    unsetenv("HTTPS_PROXY");
    snprintf(watch.rest, sizeof watch.rest, "http://127.0.0.1:1");
    assert_refused(&watch, ERROR_NETWORK, "no connection");
    finish(&watch);
}

/* A proxy of the environment is not for the own machine, neither of curl nor of the stream. */
static void test_proxy_is_not_for_loopback(void **state) {
    (void)state;
    Watch watch;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    finish(&watch);
    unsetenv("http_proxy");
}

static void test_refused_stream(void **state) {
    (void)state;
    Watch watch;
    start(&watch, &PACE, 10);
    hear(&watch, connected, 5000);
    atomic_store(&watch.fake.refuses_streams, true);
    fake_drop(&watch.fake);
    for (bool seen = false; !seen;) {
        hear(&watch, NULL, 20);
        for (unsigned i = 0; i < watch.count; i++)
            seen |= is_status(&watch.events[i], FEED_CONNECTING, "HTTP 451");
    }
    atomic_store(&watch.fake.refuses_streams, false);
    hear(&watch, connected, 5000);
    finish(&watch);
}

static void test_addresses(void **state) {
    (void)state;
    BinanceAddress address;
    assert_true(binance_address_read("wss://h.example/a/b/", false, &address, NULL));
    assert_true(address.is_secure && address.port == 443);
    assert_string_equal(address.host, "h.example");
    assert_string_equal(address.path, "/a/b");
    assert_true(binance_address_read("ws://[::1]:8080", false, &address, NULL));
    assert_string_equal(address.host, "::1");
    assert_int_equal(address.port, 8080);
    assert_true(binance_address_read("http://localhost", false, &address, NULL));
    assert_true(binance_address_read("http://10.0.0.1:9", true, &address, NULL));
    static const char *const BAD[] = {"http://10.0.0.1", "https://", "https://h:0", "https://h:x",
                                      "https://u:p@h", "https://[::1", "h.example", "ws://127.evil",
                                      "https://h:70000"};
    for (unsigned i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(binance_address_read(BAD[i], false, &address, NULL));
    setenv("HTTPS_PROXY", "http://u:p@proxy.example:3128/", 1);
    setenv("NO_PROXY", "other.example, .vision", 1);
    assert_true(binance_address_read("wss://h.example", false, &address, NULL));
    assert_string_equal(address.proxy, "u:p@proxy.example:3128");
    assert_true(binance_address_read("wss://a.binance.vision", false, &address, NULL));
    assert_string_equal(address.proxy, "");
    assert_true(binance_address_read("wss://127.0.0.1", false, &address, NULL));
    assert_string_equal(address.proxy, "");
    unsetenv("HTTPS_PROXY");
    unsetenv("NO_PROXY");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),        cmocka_unit_test(test_history_then_stream),
        cmocka_unit_test(test_lost_connection),  cmocka_unit_test(test_hole_in_stream),
        cmocka_unit_test(test_bad_frames),       cmocka_unit_test(test_prices_are_folded),
        cmocka_unit_test(test_silence),          cmocka_unit_test(test_late_candle),
        cmocka_unit_test(test_renewal),          cmocka_unit_test(test_shutdown_notice),
        cmocka_unit_test(test_too_many_requests), cmocka_unit_test(test_unknown_symbols),
        cmocka_unit_test(test_reasons),          cmocka_unit_test(test_proxy_is_not_for_loopback),
        cmocka_unit_test(test_refused_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
