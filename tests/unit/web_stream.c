/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of events: what reaches them, how many there may be, and what a million messages cost. */
#include "web_stage.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

/* ---- streams ------------------------------------------------------------------------------- */

typedef struct Listener {
    pthread_t thread;
    CURL *curl;
    struct curl_slist *headers;
    pthread_mutex_t lock;
    char text[1 << 20];
    size_t length;
    atomic_bool stop;
    char url[200];
} Listener;

static Listener listeners[20];

static size_t take_event(char *bytes, size_t size, size_t count, void *context) {
    Listener *listener = context;
    size_t length = size * count;
    if (atomic_load(&listener->stop)) return 0; /* ends the transfer */
    pthread_mutex_lock(&listener->lock);
    if (listener->length + length < sizeof listener->text) {
        memcpy(listener->text + listener->length, bytes, length);
        listener->length += length;
        listener->text[listener->length] = 0;
    }
    pthread_mutex_unlock(&listener->lock);
    return length;
}

static void *listen_to(void *context) {
    Listener *listener = context;
    curl_easy_perform(listener->curl);
    return NULL;
}

static void begin_listening(Listener *listener) {
    Ask ask = {.path = "/api/v1/stream", .cookie = session};
    listener->length = 0;
    listener->text[0] = 0;
    pthread_mutex_init(&listener->lock, NULL);
    atomic_store(&listener->stop, false);
    listener->curl = request_of(&ask, NULL, listener->url, sizeof listener->url);
    curl_easy_setopt(listener->curl, CURLOPT_WRITEFUNCTION, take_event);
    curl_easy_setopt(listener->curl, CURLOPT_WRITEDATA, listener);
    curl_easy_setopt(listener->curl, CURLOPT_HEADERFUNCTION, NULL);
    curl_easy_setopt(listener->curl, CURLOPT_HEADERDATA, NULL);
    assert_int_equal(pthread_create(&listener->thread, NULL, listen_to, listener), 0);
}

static void say(Topic topic, uint64_t sequence, const void *payload) {
    Message message = message_of(topic, sequence, payload);
    web_message(web, &message);
}

/* A stream ends at the next event that comes: one is said, or, beside the state, written. */
static void end_listening(unsigned count) {
    LogLine line = {.service = "x", .level = LOG_INFO, .text = "bye"};
    for (unsigned i = 0; i < count; i++)
        atomic_store(&listeners[i].stop, true);
    say(TOPIC_LOG_LINES, 900000, &line);
    put(TOPIC_LOG_LINES, 900000, &line);
    assert_true(store_flush(store, NULL));
    for (unsigned i = 0; i < count; i++) {
        pthread_join(listeners[i].thread, NULL);
        curl_easy_cleanup(listeners[i].curl);
        pthread_mutex_destroy(&listeners[i].lock);
    }
}

static bool hears(Listener *listener, const char *part) {
    for (int i = 0; i < 300; i++) {
        pthread_mutex_lock(&listener->lock);
        bool found = strstr(listener->text, part) != NULL;
        pthread_mutex_unlock(&listener->lock);
        if (found) return true;
        usleep(10000);
    }
    print_message("heard: %.3000s\n", listener->text);
    return false;
}

static void a_signal_reaches_the_stream(void **state) {
    (void)state;
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "retry: 1000\n\n"));
    assert_true(hears(listener, "event: state\ndata: {\"mode\":\"DEMO\""));
    assert_true(hears(listener, "event: health\ndata: [{\"service\""));
    Signal signal = signal_of("s-77");
    MarketBar bar = {.symbol = "BTCUSDC",
                     .open_time = START_US,
                     .open = {100000000},
                     .high = {300000000},
                     .low = {50000000},
                     .close = {200000000},
                     .volume = 2.5};
    PriceMove move = {.symbol = "ETHUSDC", .price = {12345678}};
    LogLine line = {.service = "x", .level = LOG_WARNING, .text = "two\nlines"};
    KillState kill = {.level = KILL_STOP};
    say(TOPIC_TRADING_SIGNALS, 50, &signal);
    say(TOPIC_BARS, 51, &bar);
    say(TOPIC_PRICES, 52, &move);
    say(TOPIC_LOG_LINES, 53, &line);
    say(TOPIC_KILL_STATE, 54, &kill);
    assert_true(hears(listener, "event: signal\ndata: {\"id\":\"s-77\""));
    assert_true(hears(
        listener,
        "event: candle\ndata: {\"symbol\":\"BTCUSDC\",\"time\":1732484040,\"open\":1,\"high\":3,"
        "\"low\":0.5,\"close\":2,\"volume\":2.5}\n\n"));
    assert_true(hears(listener,
                      "event: price\ndata: {\"symbol\":\"ETHUSDC\",\"price\":0.12345678,\"time\":"
                      "\"2024-11-24T21:34:52.000Z\"}\n\n"));
    assert_true(hears(listener, "\"level\":\"WARNING\",\"text\":\"two\\nlines\"}\n\n"));
    assert_true(hears(listener, "event: kill\ndata: {\"level\":\"stop\",\"since\":null"));
    end_listening(1);
}

/* The library once span at full speed on a stream whose browser had gone. */
static void a_stream_that_ended_costs_nothing(void **state) {
    (void)state;
    begin_listening(&listeners[0]);
    assert_true(hears(&listeners[0], "event: state"));
    end_listening(1);
    usleep(50000);
    clock_t begun = clock();
    usleep(300000);
    assert_true((double)(clock() - begun) / CLOCKS_PER_SEC < 0.1);
}

static void prices_are_folded(void **state) {
    (void)state;
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: health"));
    for (uint64_t i = 1; i <= 5000; i++) {
        PriceMove move = {.symbol = "BTCUSDC", .price = {(int64_t)i * 100000000}};
        say(TOPIC_PRICES, 100 + i, &move);
        if (i % 100 == 0) usleep(2000);
    }
    assert_true(hears(listener, "\"price\":5000,"));
    unsigned count = 0;
    for (const char *at = listener->text; (at = strstr(at, "event: price")); at++)
        count++;
    assert_in_range(count, 1, 20); /* 100 ms and more at one a 50 ms, not 5,000 */
    end_listening(1);
}

static void streams_are_at_most_16(void **state) {
    (void)state;
    for (int i = 0; i < 16; i++)
        begin_listening(&listeners[i]);
    for (int i = 0; i < 16; i++)
        assert_true(hears(&listeners[i], "event: state"));
    assert_int_equal(ask_for((Ask){.path = "/api/v1/stream", .cookie = session}), 503);
    check_headers();
    Signal signal = signal_of("s-16");
    say(TOPIC_TRADING_SIGNALS, 60, &signal);
    for (int i = 0; i < 16; i++)
        assert_true(hears(&listeners[i], "s-16"));
    end_listening(16);
    assert_int_equal(ask_for((Ask){.path = "/api/v1/stream"}), 401);
    usleep(100000);
    begin_listening(&listeners[0]); /* the places are free again */
    assert_true(hears(&listeners[0], "event: state"));
    end_listening(1);
}

static void a_process_beside_follows_the_state(void **state) {
    (void)state;
    web_stop(web);
    WebPlan plan = {
        .state_directory = directory, .host = "localhost", .refresh_ms = 50, .follow_store = true};
    web = web_start(&plan, NULL);
    assert_non_null(web);
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: price\ndata: {\"symbol\":\"BTCUSDC\",\"price\":42150.75"));
    assert_null(strstr(listener->text, "s-1\"")); /* what was there before is read by the page */
    Signal signal = signal_of("s-88");
    put(TOPIC_TRADING_SIGNALS, 70, &signal);
    Bar bar = {.time_us = START_US,
               .open = {100000000},
               .high = {300000000},
               .low = {50000000},
               .close = {200000000}};
    assert_true(store_put_bar(store, "BTCUSDC", INTERVAL_1M, &bar, NULL));
    assert_true(store_flush(store, NULL));
    assert_true(hears(listener, "event: signal\ndata: {\"id\":\"s-88\""));
    assert_true(
        hears(listener, "event: candle\ndata: {\"symbol\":\"BTCUSDC\",\"time\":1732484040,"));
    end_listening(1);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- what it costs ------------------------------------------------------------------------- */

static long resident_kb(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;
    assert_int_equal(fscanf(file, "%ld %ld", &all, &resident), 2);
    fclose(file);
    return resident * 4;
}

static double say_many(unsigned count) {
    PriceMove move = {.symbol = "BTCUSDC", .price = {1}};
    MarketBar bar = {.symbol = "BTCUSDC", .open = {1}, .high = {1}, .low = {1}, .close = {1}};
    Signal signal = signal_of("s-9");
    double begun = seconds();
    for (unsigned i = 0; i < count; i++) {
        if (i % 3 == 0) say(TOPIC_BARS, i, &bar);
        if (i % 3 == 1) say(TOPIC_PRICES, i, &move);
        if (i % 3 == 2) say(i % 30 ? TOPIC_MARKET_UPDATES : TOPIC_TRADING_SIGNALS, i, &signal);
    }
    return (seconds() - begun) * 1e9 / count;
}

static void a_million_messages_cost_nothing(void **state) {
    (void)state;
    say_many(1000);
    long before = resident_kb();
    double alone = say_many(1000000);
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: state"));
    double heard = say_many(1000000);
    end_listening(1);
    long growth = resident_kb() - before;
    print_message("web_message: %.1f ns unheard, %.1f ns heard; memory +%ld KB\n", alone, heard,
                  growth);
    assert_true(alone < 100);
    assert_true(growth < 8192); /* ring, backlog, the listener's own megabyte */
    assert_int_equal(ask_for((Ask){.path = "/api/v1/state", .cookie = session}), 200);
}

/* A flood leaves the stream alive with the newest, and closes it when it is over. */
static void a_flood_ends_with_reading_anew(void **state) {
    (void)state;
    Listener *listener = &listeners[0];
    begin_listening(listener);
    assert_true(hears(listener, "event: state"));
    MarketBar bar = {.symbol = "BTCUSDC", .open = {1}, .high = {1}, .low = {1}, .close = {1}};
    for (unsigned i = 0; i < 20000; i++)
        say(TOPIC_BARS, i, &bar);
    PriceMove move = {.symbol = "XRPUSDC", .price = {4242000000}};
    usleep(200000);
    say(TOPIC_PRICES, 30000, &move);
    assert_true(hears(listener, "\"price\":42.42,"));
    double begun = seconds();
    pthread_join(listener->thread, NULL); /* closed by the server */
    assert_true(seconds() - begun < 3);
    curl_easy_cleanup(listener->curl);
    pthread_mutex_destroy(&listener->lock);
    assert_int_equal(listener->text[listener->length - 1], '\n'); /* no event was cut */
    assert_int_equal(listener->text[listener->length - 2], '\n');
}

int main(void) {
#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WEB_TEST(a_signal_reaches_the_stream),
        WEB_TEST(a_stream_that_ended_costs_nothing),
        WEB_TEST(prices_are_folded),
        WEB_TEST(streams_are_at_most_16),
        WEB_TEST(a_process_beside_follows_the_state),
        WEB_TEST(a_million_messages_cost_nothing),
        WEB_TEST(a_flood_ends_with_reading_anew),
    };
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
