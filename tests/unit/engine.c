/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine over a generated market: it trades; the same run twice gives the same journal hash; a
 * run that is stopped, killed, or whose journal, snapshot or both are damaged, and is started
 * again, ends with hash, equity, counts and database rows of the undisturbed one.
 */
#include "unit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/base/random.h"
#include "shell/drivers/engine.h"
#include "shell/drivers/journal_check.h"
#include "shell/store/state_dir.h"

#define DAYS 1
#define SEED 7
#define TRIES 10
#define ROWS_MAX (32u << 20)

typedef struct Outcome {
    char hash[65];
    Money equity;
    RunTally tally;
    uint8_t rows[SHA256_SIZE]; /* over every stored row */
    bool ended;
} Outcome;

/* What disturbs a run, at its n-th message; 0: nothing. */
typedef struct Disturbance {
    uint64_t stop_after, kill_after, seen;
    const char *directory;
    uint64_t pause_after; /* and resume at once */
} Disturbance;

static Outcome undisturbed;
static uint64_t messages; /* of the undisturbed run */
static char directory[64];

static Feed *market(void) {
    static const SymbolName symbols[] = {{"BTCUSDC"}, {"ETHUSDC"}};
    FeedGeneratedPlan plan = {.seed = SEED,
                              .days = DAYS,
                              .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                              .symbols = symbols,
                              .symbol_count = 2};
    Error error;
    Feed *feed = feed_generated_open(&plan, &error);
    assert_non_null(feed);
    return feed;
}

static void operate(const char *state, KillLevel level) {
    Control control = {.level = level, .by = "test", .reason = "a word"};
    Error error;
    assert_true(control_write(state, &control, &error));
    engine_look_at_control();
}

static void disturb(void *context, const Message *message) {
    Disturbance *disturbance = context;
    (void)message;
    disturbance->seen++;
    if (disturbance->seen == disturbance->stop_after) engine_stop();
    if (disturbance->seen == disturbance->kill_after) _exit(9);
    if (disturbance->pause_after == 0) return;
    if (disturbance->seen == disturbance->pause_after) operate(disturbance->directory, KILL_PAUSE);
    if (disturbance->seen == disturbance->pause_after + 1)
        operate(disturbance->directory, KILL_NONE);
}

static Settings test_settings(void) {
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    settings.journal.snapshot_records = 3000;
    settings.journal.segment_bytes = 150000;
    return settings;
}

/* ---- the rows of a state ------------------------------------------------------------------- */

static void digest_rows(Outcome *outcome) {
    Error error;
    Store *store = store_open(directory, true, &error);
    char *memory = malloc(ROWS_MAX);
    Sha256 sha;
    assert_true(store && memory);
    sha256_init(&sha);
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        bool kept =
            topic_shapes[topic].store == STORE_EACH || topic_shapes[topic].store == STORE_LATEST;
        if (!kept) continue;
        const StoreQuery all = {.limit = INT32_MAX};
        Text text = text_in(memory, ROWS_MAX);
        JsonWriter writer = json_writer(&text);
        store_write_rows(store, topic, &all, true, &writer);
        assert_false(text.overflow);
        sha256_add(&sha, text.at, text.length);
    }
    sha256_peek(&sha, outcome->rows);
    free(memory);
    store_close(store);
}

/* ---- one run ------------------------------------------------------------------------------- */

static Outcome run(Disturbance *disturbance) {
    Settings settings = test_settings();
    char logs[600];
    snprintf(logs, sizeof logs, "%s/logs", directory);
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = logs,
                       .mode = "DEMO",
                       .world = "test",
                       .feed = market(),
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE),
                       .watch = disturb,
                       .watch_context = disturbance};
    Error error = {0};
    Outcome outcome = {0};
    char asset[LIMIT_ASSET_TEXT], memory[200];
    Text note = TEXT_IN(memory);
    Engine *engine = engine_open(&plan, &note, &error);
    if (!engine) print_error("%s: %s\n", error.where, error.message);
    assert_non_null(engine);
    EngineEnd end = engine_run(engine, &error);
    assert_int_not_equal(end, ENGINE_FAILED);
    outcome.ended = end == ENGINE_DATA_ENDED;
    engine_journal_hash(engine, outcome.hash);
    assert_true(engine_equity(engine, &outcome.equity, asset));
    outcome.tally = *engine_tally(engine);
    assert_true(engine_close(engine, &error));
    plan.feed->close(plan.feed);
    return outcome;
}

/* engine_stop sets a flag for the life of a process, and a kill ends one: each disturbed run has
 * its own. */
static int run_apart(Disturbance *disturbance) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run(disturbance);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void fresh_directory(void) {
    strcpy(directory, "/tmp/trader-engine-XXXXXX");
    assert_non_null(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[200];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

/* Goes on to the end: everything is as if nothing had happened. */
static void expect_undisturbed(void) {
    Disturbance none = {0};
    JournalVerdict verdict;
    Error error;
    Outcome outcome = run(&none);
    digest_rows(&outcome);
    assert_true(outcome.ended);
    assert_string_equal(outcome.hash, undisturbed.hash);
    assert_true(outcome.equity.units == undisturbed.equity.units);
    assert_memory_equal(&outcome.tally, &undisturbed.tally, sizeof outcome.tally);
    assert_memory_equal(outcome.rows, undisturbed.rows, sizeof outcome.rows);
    assert_true(journal_check(directory, &verdict, &error));
    if (!verdict.equal) print_error("%s\n", verdict.first_difference);
    assert_true(verdict.equal);
    assert_string_equal(verdict.journal_hash, undisturbed.hash);
}

/* ---- damage -------------------------------------------------------------------------------- */

static void path_of(const char *name, char path[static 200]) {
    snprintf(path, 200, "%s/journal/%s", directory, name);
}

static void last_segment(char path[static 200]) {
    char name[32];
    for (unsigned number = 1;; number++) {
        snprintf(name, sizeof name, "%08u.seg", number + 1);
        path_of(name, path);
        if (access(path, F_OK) == 0) continue;
        snprintf(name, sizeof name, "%08u.seg", number);
        path_of(name, path);
        return;
    }
}

static void tear(Random *random) {
    char path[200];
    struct stat about;
    last_segment(path);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(truncate(path, random_below(random, (uint32_t)about.st_size + 1)), 0);
}

static void spoil(const char *name, Random *random) {
    char path[200];
    struct stat about;
    path_of(name, path);
    if (stat(path, &about) != 0) return;
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, (long)random_below(random, (uint32_t)about.st_size), SEEK_SET);
    int byte = fgetc(file);
    fseek(file, -1, SEEK_CUR);
    fputc(byte ^ 0x10, file);
    fclose(file);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void test_trades_and_repeats(void **state) {
    (void)state;
    Disturbance first = {0}, second = {0};
    fresh_directory();
    undisturbed = run(&first);
    digest_rows(&undisturbed);
    remove_directory();
    messages = first.seen;
    fresh_directory();
    Outcome again = run(&second);
    digest_rows(&again);
    remove_directory();
    print_message(
        "%d messages, %d bars, %d signals, %d orders, %d fills, %d refusals, hash %.16s\n",
        (int)messages, (int)again.tally.bars, (int)again.tally.signals, (int)again.tally.orders,
        (int)again.tally.fills, (int)again.tally.refusals, again.hash);
    assert_true(undisturbed.ended && undisturbed.tally.bars == 2 * DAYS * 1440 &&
                undisturbed.tally.fills >= 2);
    assert_string_equal(again.hash, undisturbed.hash);
    assert_memory_equal(again.rows, undisturbed.rows, sizeof again.rows);
}

static void test_stopped_and_continued(void **state) {
    (void)state;
    Random random = random_stream(61, 1);
    for (unsigned i = 0; i < TRIES; i++) {
        Disturbance stop = {.stop_after = 1 + random_below(&random, (uint32_t)messages)};
        fresh_directory();
        assert_int_equal(run_apart(&stop), 0);
        expect_undisturbed();
        remove_directory();
    }
}

/* Killed in the middle of a turn, twice in a row. */
static void test_killed_and_continued(void **state) {
    (void)state;
    Random random = random_stream(62, 1);
    for (unsigned i = 0; i < TRIES; i++) {
        fresh_directory();
        for (unsigned k = 0; k < 2; k++) {
            Disturbance kill = {.kill_after = 1 + random_below(&random, (uint32_t)messages / 2)};
            assert_int_equal(run_apart(&kill), 9);
        }
        expect_undisturbed();
        remove_directory();
    }
}

/* Power was lost: the journal's last segment ends anywhere, even before the place of the newest
 * snapshots. */
static void test_torn_journal(void **state) {
    (void)state;
    Random random = random_stream(63, 1);
    for (unsigned i = 0; i < TRIES; i++) {
        Disturbance stop = {.stop_after = 1 + random_below(&random, (uint32_t)messages)};
        fresh_directory();
        assert_int_equal(run_apart(&stop), 0);
        tear(&random);
        Disturbance kill = {.kill_after = 1 + random_below(&random, 300)};
        run_apart(&kill); /* and once more, right behind the recovery */
        expect_undisturbed();
        remove_directory();
    }
}

static void test_spoilt_snapshots(void **state) {
    (void)state;
    Random random = random_stream(64, 1);
    for (unsigned i = 0; i < TRIES / 2; i++) {
        Disturbance stop = {.stop_after =
                                messages / 2 + random_below(&random, (uint32_t)messages / 2)};
        fresh_directory();
        assert_int_equal(run_apart(&stop), 0);
        spoil("snapshot.0", &random);
        if (i % 2) spoil("snapshot.1", &random);
        if (i % 4 == 3) tear(&random);
        expect_undisturbed();
        remove_directory();
    }
}

/* A live market says things once: damage in the middle of its journal is an error, and nothing is
 * cut. */
static void test_live_history_is_not_cut(void **state) {
    (void)state;
    char path[200], memory[200];
    struct stat before, after;
    Disturbance none = {0};
    Error error = {.code = ERROR_NONE};
    Settings settings = test_settings();
    Text note = TEXT_IN(memory);
    Random random = random_stream(65, 1);
    fresh_directory();
    run(&none);
    path_of("snapshot.0", path);
    unlink(path);
    path_of("snapshot.1", path);
    unlink(path);
    spoil("00000001.seg", &random);
    last_segment(path);
    assert_int_equal(stat(path, &before), 0);
    Feed *feed = market();
    feed->is_virtual = false;
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = directory,
                       .mode = "PAPER",
                       .world = "test",
                       .feed = feed,
                       .opening = money_of(DECIMAL_SCALE)};
    assert_null(engine_open(&plan, &note, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.message, "damaged in the middle"));
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_size == after.st_size);
    feed->close(feed);
    remove_directory();
}

/* The operator's words take instants of their own; the market's go on behind them. Ends as a whole
 * journal. */
static void test_operator_between_close_and_open(void **state) {
    (void)state;
    for (uint64_t at = 1000; at < 1012; at++) {
        Disturbance words = {.pause_after = at, .stop_after = at + 200, .directory = directory};
        JournalVerdict verdict;
        Error error;
        fresh_directory();
        assert_int_equal(run_apart(&words), 0);
        assert_true(journal_check(directory, &verdict, &error));
        assert_true(verdict.equal);
        remove_directory();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trades_and_repeats),
        cmocka_unit_test(test_stopped_and_continued),
        cmocka_unit_test(test_killed_and_continued),
        cmocka_unit_test(test_torn_journal),
        cmocka_unit_test(test_spoilt_snapshots),
        cmocka_unit_test(test_live_history_is_not_cut),
        cmocka_unit_test(test_operator_between_close_and_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
