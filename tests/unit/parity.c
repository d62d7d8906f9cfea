/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parity of a paper run and the lab: an undisturbed run has none but equal trades, and its
 * whole journal comes out again; a run into which something came that no candle tells (an
 * operator's pause, prices between the closes, other settings, a trade that nobody made) differs,
 * and the report names every trade and the reason.
 */
#include "unit.h"

#include "core/base/random.h"
#include "shell/backtest/parity.h"
#include "shell/drivers/engine.h"
#include "shell/store/journal.h"
#include "shell/store/state_dir.h"
#include "temporary.h"

#define DAYS 4
#define STATE "state"

/* ---- runs ---------------------------------------------------------------------------------- */

/* A generated market; between open and close of each minute stands, if wanted, one more price. */
typedef struct Disturbed {
    Feed feed;
    Feed *inner;
    bool between;
    FeedEvent kept;
    bool has_kept;
} Disturbed;

static FeedAnswer disturbed_next(Feed *feed, FeedEvent *event, Error *error) {
    Disturbed *disturbed = (Disturbed *)feed;
    if (disturbed->has_kept) {
        *event = disturbed->kept;
        disturbed->has_kept = false;
        return FEED_EVENT;
    }
    FeedAnswer answer = disturbed->inner->next(disturbed->inner, event, error);
    if (answer != FEED_EVENT || !disturbed->between || event->kind != FEED_BAR) return answer;
    disturbed->kept = *event;
    disturbed->has_kept = true;
    Bar bar = event->candle.bar;
    event->kind = FEED_PRICE;
    event->time_us = bar.time_us + INSTANT_MINUTE_US / 2;
    event->price.last = event->price.high = event->price.low = bar.low;
    return FEED_EVENT;
}

static Disturbed disturbed_open(bool between) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    FeedGeneratedPlan plan = {.seed = 7,
                              .days = DAYS,
                              .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                              .symbols = symbols,
                              .symbol_count = between ? 1 : 2};
    Error error;
    Feed *inner = feed_generated_open(&plan, &error);
    assert_non_null(inner);
    Disturbed disturbed = {.feed = *inner, .inner = inner, .between = between};
    disturbed.feed.next = disturbed_next;
    disturbed.feed.place = NULL;
    return disturbed;
}

static Settings run_settings(void) {
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    return settings;
}

/* The operator pauses entries after so many trades and never resumes. */
typedef struct Operator {
    unsigned pause_after, trades;
} Operator;

static void watch(void *context, const Message *message) {
    Operator *operator= context;
    Control control = {.level = KILL_PAUSE, .by = "test", .reason = "lunch"};
    Error error;
    if (message->topic != TOPIC_TRADES || ++operator->trades != operator->pause_after) return;
    assert_true(control_write(STATE, &control, &error));
    engine_look_at_control();
}

static RunTally run_engine(bool between, unsigned pause_after) {
    Settings settings = run_settings();
    Disturbed feed = disturbed_open(between);
    Operator operator= {.pause_after = pause_after};
    char note_text[200];
    Text note = TEXT_IN(note_text);
    Error error;
    EnginePlan plan = {.settings = &settings,
                       .state_directory = STATE,
                       .log_directory = STATE,
                       .mode = "PAPER",
                       .world = "test",
                       .feed = &feed.feed,
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .watch = watch,
                       .watch_context = &operator};
    assert_int_equal(mkdir(STATE, 0700), 0);
    Engine *engine = engine_open(&plan, &note, &error);
    if (!engine) fail_msg("%s: %s", error.where, error.message);
    assert_int_equal(engine_run(engine, &error), ENGINE_DATA_ENDED);
    RunTally tally = *engine_tally(engine);
    assert_true(engine_close(engine, &error));
    feed.inner->close(feed.inner);
    return tally;
}

static Parity check(const Settings *settings) {
    Parity parity;
    Error error;
    bool sound = parity_check(STATE, settings, &parity, &error);
    if (!sound) fail_msg("%s: %s", error.where, error.message);
    return parity;
}

static unsigned count_reason(const Parity *parity, ParityReason reason) {
    unsigned count = 0;
    for (size_t i = 0; i < parity->count; i++) count += parity->differences[i].reason == reason;
    return count;
}

/* ---- tests --------------------------------------------------------------------------------- */

static void test_an_undisturbed_run_has_no_difference(void **state) {
    (void)state;
    RunTally tally = run_engine(false, 0);
    Parity parity = check(NULL);
    assert_true(tally.trades > 5);
    assert_int_equal(parity.run_trades, tally.trades);
    assert_int_equal(parity.lab_trades, tally.trades);
    assert_int_equal(parity.equal, tally.trades);
    assert_int_equal(parity.count, 0);
    assert_true(parity.same_journal && !parity.live);
    parity_free(&parity);
}

static void test_an_operators_word_is_the_reason(void **state) {
    (void)state;
    RunTally tally = run_engine(false, 3);
    Parity parity = check(NULL);
    assert_true(parity.lab_trades > tally.trades); /* the lab was not told to pause */
    assert_true(parity.equal >= 3 && parity.count > 0);
    assert_int_equal(count_reason(&parity, PARITY_OPERATOR), parity.count);
    assert_non_null(strstr(parity.differences[0].text, "lunch"));
    for (size_t i = 0; i < parity.count; i++)
        assert_true(parity.differences[i].side != PARITY_ONLY_RUN);
    parity_free(&parity);
}

static void test_prices_between_the_closes_are_the_reason(void **state) {
    (void)state;
    RunTally tally = run_engine(true, 0);
    Parity parity = check(NULL);
    assert_true(tally.trades > 0 && parity.live && parity.count > 0);
    assert_int_equal(count_reason(&parity, PARITY_LIVE_PRICES), parity.count);
    assert_false(parity.same_journal);
    parity_free(&parity);
}

static void test_other_settings_are_the_reason(void **state) {
    (void)state;
    run_engine(false, 0);
    Settings settings = run_settings();
    settings.trading.stop_loss_pct = 0.5;
    Parity parity = check(&settings);
    assert_true(parity.count > 0);
    assert_int_equal(count_reason(&parity, PARITY_OTHER_SETTINGS), parity.count);
    parity_free(&parity);
    settings = run_settings();
    parity = check(&settings); /* the same as the run's: nothing differs */
    assert_int_equal(parity.count, 0);
    parity_free(&parity);
}

/* A trade in the journal that no decision made: nothing explains it, and the report says so. */
static void test_what_nothing_explains_is_told(void **state) {
    (void)state;
    Trade trade = {.id = "t-999",
                   .symbol = "BTCUSDC",
                   .quantity = quantity_of(1000),
                   .entry_time = instant_of(2024, 1, 2, 3, 4, 0),
                   .exit_time = instant_of(2024, 1, 2, 5, 6, 0),
                   .entry_price = price_of(4200000000000),
                   .exit_price = price_of(4300000000000)};
    uint8_t record[RECORD_MAX];
    Error error;
    run_engine(false, 0);
    JournalReader *reader = journal_reader_open(STATE, NULL, &error);
    Record read;
    const uint8_t *bytes;
    size_t size;
    while (journal_read(reader, &read, &bytes, &size) == JOURNAL_RECORD) {
    }
    JournalMark mark = *journal_reader_mark(reader);
    journal_reader_close(reader);
    Message message = {.sequence = mark.sequence + 1,
                       .time_us = instant_of(2024, 1, 5, 0, 0, 0),
                       .size = sizeof trade,
                       .topic = TOPIC_TRADES,
                       .payload = &trade};
    size = record_of_message(&message, record);
    Journal *journal = journal_open(STATE, &mark, 1 << 24, &error);
    assert_non_null(journal);
    assert_true(journal_append(journal, record, size, &error));
    assert_true(journal_turn(journal, mark.sequence + 1, message.time_us, &error));
    assert_true(journal_flush(journal, true, &error));
    journal_close(journal);
    Parity parity = check(NULL);
    assert_int_equal(parity.count, 1);
    assert_int_equal(parity.differences[0].side, PARITY_ONLY_RUN);
    assert_int_equal(parity.differences[0].reason, PARITY_UNEXPLAINED);
    assert_string_equal(parity.differences[0].run.id, "t-999");
    assert_false(parity.same_journal);
    parity_free(&parity);
}

static void test_a_state_without_a_run_is_refused(void **state) {
    (void)state;
    Parity parity;
    Error error = {.code = ERROR_NONE};
    assert_int_equal(mkdir(STATE, 0700), 0);
    assert_false(parity_check(STATE, NULL, &parity, &error));
    assert_int_equal(error.code, ERROR_DATA);
}

int main(void) {
#define EACH(test) cmocka_unit_test_setup_teardown(test, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        EACH(test_an_undisturbed_run_has_no_difference),
        EACH(test_an_operators_word_is_the_reason),
        EACH(test_prices_between_the_closes_are_the_reason),
        EACH(test_other_settings_are_the_reason),
        EACH(test_what_nothing_explains_is_told),
        EACH(test_a_state_without_a_run_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
