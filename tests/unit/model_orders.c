/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator tells the model registry, as a user and a script see it: words wait in the
 * state's inbox in their order, are heard at the next start, stand in the journal and change the
 * registry; what cannot be read is put aside and stops nothing. And the commands that read:
 * models and explain.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "program.h"

#include "shell/drivers/engine.h"
#include "shell/drivers/journal_check.h"
#include "shell/store/model_inbox.h"
#include "shell/sys/files.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* The program's unlink, which a test lets fail for words. */
static bool words_stay;

int unlink(const char *path) {
    if (!words_stay || !strstr(path, "models/inbox/")) return unlinkat(AT_FDCWD, path, 0);
    errno = EPERM;
    return -1;
}

/* ---- a life -------------------------------------------------------------------------------- */

static unsigned bars, bars_wanted, orders_heard;
static char last_heard[9];
static int64_t last_heard_us;
static const char *ai_mode = ""; /* of lives */

static void watch(void *context, const Message *message) {
    (void)context;
    if (message->topic == TOPIC_MODEL_ORDERS) {
        ModelOrder order;
        memcpy(&order, message->payload, sizeof order);
        memcpy(last_heard, order.version_id, sizeof last_heard);
        last_heard_us = message->time_us;
        orders_heard++;
    }
    if (message->topic == TOPIC_BARS && ++bars >= bars_wanted) engine_stop();
}

/* Goes on where the state stands, for so many bars of two symbols. */
static void live(double stop_pct, unsigned count) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    Settings settings;
    Error error;
    FeedGeneratedPlan market = {.seed = 11,
                                .days = 20,
                                .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                                .symbols = symbols,
                                .symbol_count = 2};
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    settings.trading.stop_loss_pct = stop_pct;
    strcpy(settings.ai.mode, ai_mode);
    EnginePlan plan = {.settings = &settings,
                       .state_directory = "s",
                       .log_directory = "s",
                       .mode = "DEMO",
                       .world = "test",
                       .feed = feed_generated_open(&market, &error),
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .endless = true,
                       .watch = watch};
    assert_non_null(plan.feed);
    Engine *engine = engine_open(&plan, NULL, &error);
    if (!engine) fail_msg("%s: %s", error.where, error.message);
    bars = orders_heard = 0;
    bars_wanted = count;
    assert_int_equal(engine_run(engine, &error), ENGINE_STOPPED);
    assert_true(engine_close(engine, &error));
    plan.feed->close(plan.feed);
}

static int enter(void **state) {
    if (temporary_enter(state) != 0) return -1;
    return mkdir("s", 0700);
}

/* The id of the champion, as `models --json` has it first. */
static const char *champion(void) {
    static char id[9];
    static const char key[] = "[{\"version_id\":\"";
    works_as_json("models --json --state s");
    assert_memory_equal(out, key, sizeof key - 1);
    memcpy(id, out + sizeof key - 1, 8);
    return id;
}

static void order(const char *word, const char *id) {
    char words[160];
    snprintf(words, sizeof words, "models %s %s --state s --reason 'tried and found good'", word,
             id);
    works(words);
    holds("next start");
}

/* ---- words --------------------------------------------------------------------------------- */

static void test_words_wait_for_the_next_start(void **state) {
    (void)state;
    char first[9], words[160];
    live(2, 4000);
    strcpy(first, champion());
    order("retire", first); /* refused when heard: it is the champion */
    live(2, 40);
    snprintf(words, sizeof words, "models show %s --state s", first);
    works(words);
    holds("retire by cli: refused: the champion cannot be retired");
    holds("  out of sample  -\n"); /* nothing measured it */
    holds("champion");
    assert_int_not_equal(trader("models promote nobody --state s"), 0);
    assert_non_null(strstr(err, "there is no such version"));
    JournalVerdict verdict;
    Error error;
    assert_true(journal_check("s", &verdict, &error));
    assert_true(verdict.equal);
}

static void test_the_inbox_keeps_order_and_puts_aside(void **state) {
    (void)state;
    ModelOrder told = {.action = VERSION_PROMOTE, .by = "cli", .reason = "a"}, heard;
    char file[MODEL_INBOX_PATH];
    Error error;
    int holder = 1;
    assert_false(model_inbox_next("s", &heard, file, &error)); /* there is no inbox yet */
    for (char id = 'a'; id < 'd'; id++) {
        snprintf(told.version_id, sizeof told.version_id, "%c", id);
        assert_true(model_inbox_put("s", &told, &holder, &error));
        assert_int_equal(holder, 0);
        usleep(10);
    }
    temporary_write("s/models/inbox/00000000000000000001-1.json", "{\"version_id\":\"x\"}\n");
    temporary_write("s/models/inbox/note.txt", "not a word\n");
    for (char id = 'a'; id < 'd'; id++) {
        assert_true(model_inbox_next("s", &heard, file, &error));
        assert_int_equal(heard.version_id[0], id);
        assert_int_equal(error.code == ERROR_NONE, id > 'a'); /* one was put aside on the way */
        assert_true(model_inbox_done(file));
    }
    assert_false(model_inbox_next("s", &heard, file, &error));
    assert_true(files_exist("s/models/inbox/00000000000000000001-1.json.bad"));
}

static void put(const char *id) {
    ModelOrder told = {.action = VERSION_PROMOTE, .by = "cli", .reason = "a"};
    int holder;
    Error error;
    strcpy(told.version_id, id);
    assert_true(model_inbox_put("s", &told, &holder, &error));
    usleep(10); /* the next bears a later name */
}

static void test_a_word_that_cannot_be_removed_is_heard_once(void **state) {
    (void)state;
    live(2, 40);
    put("a");
    put("b");
    words_stay = true;
    live(2, 4000); /* looks into the inbox many times */
    words_stay = false;
    assert_int_equal(orders_heard, 1);
    assert_string_equal(last_heard, "a");
    live(2, 40);
    assert_int_equal(orders_heard, 2); /* as after a crash, and the one behind it */
    assert_string_equal(last_heard, "b");
    live(2, 40);
    assert_int_equal(orders_heard, 0);
}

/* A run on generated time has no time before its first bar. */
static void test_a_word_before_the_first_bar_has_its_time(void **state) {
    (void)state;
    put("a");
    live(2, 40);
    assert_int_equal(orders_heard, 1);
    assert_true(last_heard_us >= instant_of(2024, 1, 1, 0, 0, 0));
    assert_true(last_heard_us <= instant_of(2024, 1, 1, 0, 2, 0));
}

/* Through a cold start, too, a version has what it had earned. */
static void test_a_cold_start_keeps_the_record(void **state) {
    (void)state;
    char first[9], second[9], words[160];
    live(2, 4000);
    strcpy(first, champion());
    works_as_json("models --json --state s");
    const char *record = strstr(out, "\"total_trades\":");
    assert_non_null(record);
    long scored = atol(record + strlen("\"total_trades\":"));
    assert_true(scored > 3);
    live(3, 40); /* cold, but what decides is the same: the stop is not the vote's */
    strcpy(second, champion());
    assert_string_equal(second, first);
    record = strstr(out, "\"total_trades\":");
    assert_true(atol(record + strlen("\"total_trades\":")) >= scored);
    snprintf(words, sizeof words, "models compare %s %s --json --state s", first, second);
    works_as_json(words);
    holds("\"paired\":true");
}

/* ---- explain ------------------------------------------------------------------------------- */

static void test_explain(void **state) {
    (void)state;
    assert_int_equal(trader("explain --state s"), 6);
    live(2, 4000);
    works("explain --state s --no-color");
    holds("What would have turned it");
    holds("score");
    assert_null(strchr(out, '\033'));
    works_as_json("explain s-2 --json --state s");
    holds("{\"signal_id\":\"s-2\",");
    holds("\"recomputed\":true");
    holds("\"provider\":\"local_analyst\"");
    assert_int_equal(trader("explain s-999999 --state s"), 6);
    assert_non_null(strstr(err, "there is no such signal"));
    assert_int_equal(trader("explain s-1 s-2 --state s"), 2);
    assert_int_equal(trader("models frobnicate --state s"), 2);
    assert_int_equal(trader("models show --state s"), 2);
}

/* Nothing is on record of any model: each signal is the local analyst's in its place. */
static void test_explain_says_who_stood_in(void **state) {
    (void)state;
    static const char stood_in[] = "Said by the local analyst: a language model should have";
    live(2, 4000);
    works("explain --state s");
    assert_null(strstr(out, stood_in));
    ai_mode = "replay";
    live(2, 4000);
    ai_mode = "";
    works("explain --state s");
    holds(stood_in);
}

int main(void) {
    if (!program_prepare()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words_wait_for_the_next_start, enter, temporary_leave),
        cmocka_unit_test_setup_teardown(test_the_inbox_keeps_order_and_puts_aside, enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_word_that_cannot_be_removed_is_heard_once, enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_word_before_the_first_bar_has_its_time, enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_cold_start_keeps_the_record, enter, temporary_leave),
        cmocka_unit_test_setup_teardown(test_explain, enter, temporary_leave),
        cmocka_unit_test_setup_teardown(test_explain_says_who_stood_in, enter, temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
