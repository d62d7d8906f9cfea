/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine over a live feed that is played by the test: after a restart, history that is known is
 * neither fed nor journaled again, the minutes since the stop are lived through as bars that were
 * missed (their range is still to be judged), no minute is lost or doubled, and both lives replay.
 */
#include "unit.h"

#include "shell/drivers/engine.h"
#include <time.h>
#include <utime.h>

#include "shell/drivers/journal_check.h"
#include "shell/store/state_dir.h"

#define FIRST_MINUTE_US 1704067200000000LL /* 2024-01-01 00:00 UTC */

/* A script of minutes: history up to `history`, then live bars up to `live`, by minute number. */
typedef struct Script {
    Feed feed; /* first, so that a Feed is a Script */
    int at, history, live;
    int64_t clock_us;
} Script;

static Bar bar_of(int minute) {
    int64_t cents = 100000 + 100 * (minute % 17);
    Bar bar = {.time_us = FIRST_MINUTE_US + minute * INSTANT_MINUTE_US,
               .volume = 5,
               .quote_volume = 5000,
               .bars = 1};
    bar.open = bar.close = price_of(cents * (DECIMAL_SCALE / 100));
    bar.high = price_of(bar.open.units + DECIMAL_SCALE);
    bar.low = price_of(bar.open.units - DECIMAL_SCALE);
    return bar;
}

static FeedAnswer next(Feed *feed, FeedEvent *event, Error *error) {
    Script *script = (Script *)feed;
    (void)error;
    memset(event, 0, sizeof *event);
    strcpy(event->symbol.text, "BTCUSDC");
    event->time_us = ++script->clock_us;
    int step = script->at++;
    if (step == 0) {
        event->kind = FEED_SYMBOL;
        strcpy(event->listed.name.text, "BTCUSDC");
        strcpy(event->listed.base.text, "BTC");
        strcpy(event->listed.quote.text, "USDC");
        event->listed.filters = (Filters){.tick = price_of(1000000), .step = quantity_of(1000)};
        return FEED_EVENT;
    }
    if (step > script->live) {
        engine_stop();
        return FEED_NOTHING;
    }
    event->kind = step <= script->history ? FEED_HISTORY : FEED_BAR;
    event->candle.bar = bar_of(step - 1);
    event->candle.interval = INTERVAL_1M;
    return FEED_EVENT;
}

typedef struct Heard {
    unsigned history, missed, live;
    int last_minute, gaps;
} Heard;

static void watch(void *context, const Message *message) {
    Heard *heard = context;
    const MarketBar *bar = message->payload;
    heard->history += message->topic == TOPIC_HISTORY_BARS;
    if (message->topic != TOPIC_BARS && message->topic != TOPIC_HISTORY_BARS) return;
    int minute = (int)((bar->open_time - FIRST_MINUTE_US) / INSTANT_MINUTE_US);
    heard->gaps += minute != heard->last_minute + 1;
    heard->last_minute = minute;
    if (message->topic == TOPIC_BARS) bar->live ? heard->live++ : heard->missed++;
}

static void live(const char *directory, int history, int until, Heard *heard) {
    Settings settings;
    Error error = {0};
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC");
    Script script = {.feed = {.name = "script", .wake_descriptor = -1, .next = next},
                     .history = history,
                     .live = until,
                     .clock_us = FIRST_MINUTE_US + 86400 * INSTANT_SECOND_US + until};
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = directory,
                       .mode = "PAPER",
                       .world = "test",
                       .feed = &script.feed,
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .endless = true,
                       .watch = watch,
                       .watch_context = heard};
    Engine *engine = engine_open(&plan, NULL, &error);
    if (!engine) print_error("%s: %s\n", error.where, error.message);
    assert_non_null(engine);
    assert_int_equal(engine_run(engine, &error), ENGINE_STOPPED);
    assert_true(engine_close(engine, &error));
}

static void test_downtime_is_lived_through(void **state) {
    (void)state;
    char directory[] = "/tmp/trader-live-XXXXXX";
    assert_non_null(mkdtemp(directory));
    Heard heard = {.last_minute = -1};
    live(directory, 400, 410, &heard);
    assert_int_equal(heard.history, 400);
    assert_int_equal(heard.live, 10);
    assert_int_equal(heard.missed, 0);
    live(directory, 440, 450, &heard); /* stopped for 30 minutes */
    assert_int_equal(heard.history, 400);
    assert_int_equal(heard.missed, 30);
    assert_int_equal(heard.live, 20);
    assert_int_equal(heard.gaps, 0);
    assert_int_equal(heard.last_minute, 449);
    JournalVerdict verdict;
    Error error;
    assert_true(journal_check(directory, &verdict, &error));
    assert_true(verdict.equal);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

static KillLevel standing(const char *directory) {
    KillState kill = {.level = KILL_NONE};
    Error error;
    Store *store = store_open(directory, true, &error);
    assert_non_null(store);
    if (!store_latest(store, TOPIC_KILL_STATE, NULL, &kill)) kill.level = KILL_NONE;
    store_close(store);
    return kill.level;
}

static void say(const char *directory, KillLevel level) {
    Control control = {.level = level, .by = "cli"};
    Error error;
    assert_true(control_write(directory, &control, &error));
}

/* A level that came by a signal, when the disk could keep no word, is not lowered by an older word
 * that still stands in the state; a newer one counts. */
static void test_an_old_word_resumes_nothing(void **state) {
    (void)state;
    char directory[] = "/tmp/trader-live-XXXXXX", path[100], command[100];
    assert_non_null(mkdtemp(directory));
    Heard heard = {.last_minute = -1};
    live(directory, 20, 25, &heard);
    assert_int_equal(standing(directory), KILL_NONE);
    engine_kill(KILL_PAUSE);
    engine_kill(KILL_STOP); /* the stronger of two */
    engine_kill(KILL_PAUSE);
    live(directory, 25, 30, &heard);
    assert_int_equal(standing(directory), KILL_STOP);
    say(directory, KILL_NONE); /* as if the signal's word had not been kept, and this one stood */
    snprintf(path, sizeof path, "%s/control", directory);
    const struct utimbuf yesterday = {time(NULL) - 86400, time(NULL) - 86400};
    assert_int_equal(utime(path, &yesterday), 0);
    live(directory, 30, 35, &heard);
    assert_int_equal(standing(directory), KILL_STOP);
    say(directory, KILL_NONE);
    live(directory, 35, 40, &heard);
    assert_int_equal(standing(directory), KILL_NONE);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_downtime_is_lived_through),
                                       cmocka_unit_test(test_an_old_word_resumes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
