/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A state that goes on under other settings: its snapshot no longer fits, so account, positions,
 * measured outcomes and indicators are rebuilt from facts. Equity, positions and stops are what
 * they were, nothing is decided twice, and the journal over both lives still replays to the same
 * effects. Without leave for a cold start it is refused.
 */
#include "unit.h"

#include "shell/drivers/engine.h"
#include "shell/drivers/journal_check.h"

#define QUIET_BARS 4000 /* of two symbols: well past warm-up, so that positions open and close */

typedef struct Life {
    unsigned bars, stop_after_bars; /* 0: stop at an open position once QUIET_BARS have passed */
    Holdings first, last;
    bool heard;
} Life;

static void watch(void *context, const Message *message) {
    Life *life = context;
    if (message->topic == TOPIC_BARS) life->bars++;
    if (message->topic != TOPIC_HOLDINGS) return;
    memcpy(&life->last, message->payload, sizeof life->last);
    if (!life->heard) life->first = life->last;
    life->heard = true;
    bool held = life->bars > QUIET_BARS && life->last.positions_count > 0;
    if (life->stop_after_bars ? life->bars >= life->stop_after_bars : held) engine_stop();
}

static Feed *market(void) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    Error error;
    FeedGeneratedPlan plan = {.seed = 11,
                              .days = 20,
                              .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                              .symbols = symbols,
                              .symbol_count = 2};
    return feed_generated_open(&plan, &error);
}

static bool live(const char *directory, double stop_pct, bool endless, Life *life,
                 Error *error) {
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    settings.trading.stop_loss_pct = stop_pct;
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = directory,
                       .mode = "DEMO",
                       .world = "test",
                       .feed = market(),
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .endless = endless,
                       .watch = watch,
                       .watch_context = life};
    Engine *engine = engine_open(&plan, NULL, error);
    if (!engine) {
        plan.feed->close(plan.feed);
        return false;
    }
    assert_int_equal(engine_run(engine, error), ENGINE_STOPPED);
    assert_true(engine_close(engine, error));
    plan.feed->close(plan.feed);
    return true;
}

static void assert_money(Money a, Money b) {
    assert_int_equal(money_compare(a, b), 0);
}

static void test_facts_come_back(void **state) {
    (void)state;
    static Life before, after;
    char directory[] = "/tmp/trader-cold-XXXXXX";
    Error error = {.code = ERROR_NONE};
    assert_non_null(mkdtemp(directory));
    assert_true(live(directory, 2.0, false, &before, &error));
    assert_true(before.last.positions_count > 0);

    assert_false(live(directory, 3.0, false, &after, &error));
    assert_int_equal(error.code, ERROR_STATE);

    after.stop_after_bars = 40;
    assert_true(live(directory, 3.0, true, &after, &error));
    const Holdings *was = &before.last, *is = &after.first;
    assert_money(is->total_value, was->total_value);
    assert_money(is->realised_pnl, was->realised_pnl);
    assert_money(is->fees, was->fees);
    assert_money(is->peak, was->peak);
    assert_int_equal(is->positions_count, was->positions_count);
    for (unsigned i = 0; i < was->positions_count; i++) {
        assert_string_equal(is->positions[i].symbol, was->positions[i].symbol);
        assert_int_equal(is->positions[i].quantity.units, was->positions[i].quantity.units);
        assert_int_equal(is->positions[i].stop_price.units, was->positions[i].stop_price.units);
        assert_int_equal(is->positions[i].target_price.units, was->positions[i].target_price.units);
        assert_int_equal(is->positions[i].opened, was->positions[i].opened);
    }
    JournalVerdict verdict;
    assert_true(journal_check(directory, &verdict, &error));
    assert_string_equal(verdict.first_difference, "");
    assert_true(verdict.equal);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_facts_come_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
