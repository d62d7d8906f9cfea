/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Killed at full speed and started under other settings: the bars that the database did not have
 * yet come back from the journal, so that the indicators never see a gap. Every series is whole and
 * equal to that of a life nobody disturbed.
 */
#include "unit.h"

#include <sys/wait.h>

#include "shell/drivers/engine.h"

#define KILLED_AFTER                                                                               \
    9001 /* bars of two symbols: a few days, in far less than the second after which bars are      \
            written */
#define MORE_BARS 60
#define ALL_BARS  9400

typedef struct Life {
    unsigned bars, kill_after, stop_after; /* 0: never */
} Life;

static void watch(void *context, const Message *message) {
    Life *life = context;
    if (message->topic != TOPIC_BARS) return;
    life->bars++;
    if (life->bars == life->kill_after) _exit(0); /* nothing is closed, nothing is flushed */
    if (life->bars == life->stop_after) engine_stop();
}

static void live(const char *directory, double stop_pct, Life *life) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    Settings settings;
    Error error;
    FeedGeneratedPlan market = {.seed = 5,
                                .days = 20,
                                .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                                .symbols = symbols,
                                .symbol_count = 2};
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    settings.trading.stop_loss_pct = stop_pct;
    settings.journal.snapshot_records = 3000;
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = directory,
                       .mode = "DEMO",
                       .world = "test",
                       .feed = feed_generated_open(&market, &error),
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .endless = true,
                       .watch = watch,
                       .watch_context = life};
    Engine *engine = engine_open(&plan, NULL, &error);
    assert_non_null(engine);
    assert_int_equal(engine_run(engine, &error), ENGINE_STOPPED);
    assert_true(engine_close(engine, &error));
    plan.feed->close(plan.feed);
}

/* The newest bars of both lives from the same instant on are equal, and none is missing in between.
 */
static void compare_series(Store *whole, Store *cold, const char *symbol, Interval interval) {
    static Bar a[LIMIT_CANDLES], b[LIMIT_CANDLES];
    unsigned in_a = store_bars(whole, symbol, interval, a, LIMIT_CANDLES);
    unsigned in_b = store_bars(cold, symbol, interval, b, LIMIT_CANDLES), at = 0, compared = 0;
    for (unsigned i = 0; i < in_b; i++) {
        if (i > 0) assert_int_equal(b[i].time_us - b[i - 1].time_us, interval_us(interval));
        while (at < in_a && a[at].time_us < b[i].time_us)
            at++;
        if (at == in_a || a[at].time_us != b[i].time_us) continue;
        assert_memory_equal(&a[at], &b[i], sizeof a[at]);
        compared++;
    }
    if (interval <= INTERVAL_1H) assert_true(compared > 50);
}

static Store *look_into(const char *directory) {
    Error error;
    Store *store = store_open(directory, true, &error);
    assert_non_null(store);
    return store;
}

static void remove_tree(const char *path) {
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", path);
    assert_int_equal(system(command), 0);
}

static void test_no_gap(void **state) {
    (void)state;
    char undisturbed[] = "/tmp/trader-whole-XXXXXX", killed[] = "/tmp/trader-kill-XXXXXX";
    Life whole = {.stop_after = ALL_BARS}, first = {.kill_after = KILLED_AFTER},
         second = {.stop_after = MORE_BARS};
    assert_non_null(mkdtemp(undisturbed));
    assert_non_null(mkdtemp(killed));
    live(undisturbed, 2.0, &whole);
    pid_t child = fork();
    if (child == 0) live(killed, 2.0, &first);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    live(killed, 3.0, &second);
    Store *a = look_into(undisturbed), *b = look_into(killed);
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++) {
        compare_series(a, b, "BTCUSDC", interval);
        compare_series(a, b, "ETHUSDC", interval);
    }
    store_close(a);
    store_close(b);
    remove_tree(undisturbed);
    remove_tree(killed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_no_gap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
