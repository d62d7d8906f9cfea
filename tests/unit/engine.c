/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine over a generated market: it trades, the same run twice gives the same journal hash, a
 * run that is stopped and started again (and one whose journal is torn) ends with the hash and
 * equity of the undisturbed one.
 */
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>

#include "shell/drivers/engine.h"
#include "shell/sys/check.h"

#define DAYS 3

typedef struct Outcome {
    char hash[65];
    Money equity;
    RunTally tally;
} Outcome;

static Feed *market(uint64_t seed, unsigned days) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    FeedGeneratedPlan plan = {.seed = seed,
                              .days = days,
                              .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                              .symbols = symbols,
                              .symbol_count = 2};
    Error error;
    Feed *feed = feed_generated_open(&plan, &error);
    assert_non_null(feed);
    return feed;
}

static void fresh_directory(char *path) {
    strcpy(path, "/tmp/trader-engine-XXXXXX");
    assert_non_null(mkdtemp(path));
}

typedef struct Stopper {
    uint64_t after, seen;
} Stopper;

static void stop_after(void *context, const Message *message) {
    Stopper *stopper = context;
    (void)message;
    if (++stopper->seen == stopper->after) engine_stop();
}

static Settings test_settings(void) {
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    settings.journal.snapshot_records = 2000;
    settings.journal.segment_bytes = 300000;
    return settings;
}

static Outcome run_in(const char *directory, uint64_t seed, uint64_t stop_at, bool *ended) {
    Settings settings = test_settings();
    Stopper stopper = {.after = stop_at};
    char logs[600];
    snprintf(logs, sizeof logs, "%s/logs", directory);
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = logs,
                       .mode = "DEMO",
                       .world = "test",
                       .feed = market(seed, DAYS),
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .watch = stop_at ? stop_after : NULL,
                       .watch_context = &stopper};
    Error error = {0};
    Outcome outcome = {0};
    char asset[LIMIT_ASSET_TEXT], memory[200];
    Text note = TEXT_IN(memory);
    Engine *engine = engine_open(&plan, &note, &error);
    if (!engine) print_error("%s: %s\n", error.where, error.message);
    assert_non_null(engine);
    EngineEnd end = engine_run(engine, &error);
    assert_int_not_equal(end, ENGINE_FAILED);
    *ended = end == ENGINE_DATA_ENDED;
    engine_journal_hash(engine, outcome.hash);
    assert_true(engine_equity(engine, &outcome.equity, asset));
    outcome.tally = *engine_tally(engine);
    assert_true(engine_close(engine, &error));
    plan.feed->close(plan.feed);
    return outcome;
}

static void remove_tree(const char *path) {
    char command[700];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
}

static void test_trades_and_repeats(void **state) {
    (void)state;
    char first[64], second[64];
    bool ended;
    fresh_directory(first);
    fresh_directory(second);
    Outcome a = run_in(first, 7, 0, &ended);
    assert_true(ended);
    Outcome b = run_in(second, 7, 0, &ended);
    print_message("bars %d signals %d orders %d fills %d refusals %d hash %.16s\n",
                  (int)a.tally.bars, (int)a.tally.signals, (int)a.tally.orders, (int)a.tally.fills,
                  (int)a.tally.refusals, a.hash);
    assert_string_equal(a.hash, b.hash);
    assert_true(a.tally.bars == 2 * DAYS * 1440);
    assert_true(a.tally.fills >= 2);
    remove_tree(first);
    remove_tree(second);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_trades_and_repeats)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
