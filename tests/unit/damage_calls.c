/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery under failing calls: killed at any call that changes a file, three times one inside the
 * other, it ends with the truth of an undisturbed one; where any one such call fails, or all from
 * one on, the program says so and does not fall, and the next recovery is whole. A disk that
 * refused a flush is never asked a second time. `trader db repair` makes the rows again.
 *
 *   CALLS=1 build/tests/unit/damage_calls     every call instead of a sample
 */
#include "faulty_calls.h"

#include "damage_stage.h"

#include <limits.h>

#include "shell/drivers/database_repair.h"
#include "shell/store/store_check.h"

#define SAMPLE 12 /* one call of so many, at each test */

static Original originals[2];
static unsigned calls; /* of one recovery */

static unsigned sample(void) {
    return getenv("CALLS") ? 1 : SAMPLE;
}

/* ---- one recovery in a child --------------------------------------------------------------- */

typedef struct Attempt {
    unsigned at, until;
    int error; /* FAULT_KILL, an errno, 0: none */
    bool syncs_only;
} Attempt;

/* Opens and closes properly. Exit: 0 done, 1 refused with an Error, 2 refused without one. */
static void recover_and_end(const Attempt *attempt) {
    Settings settings = stage_settings();
    EnginePlan plan = stage_plan(&settings, work, stage_market(true));
    Error error = {.code = ERROR_NONE};
    if (!freopen("/dev/null", "w", stderr)) _exit(3);
    fault.armed = true;
    fault.at = attempt->at;
    fault.until = attempt->until;
    fault.error = attempt->error;
    fault.syncs_only = attempt->syncs_only;
    Engine *engine = engine_open(&plan, NULL, &error);
    bool sound = engine && engine_close(engine, &error);
    fault.armed = false;
    if (sound) _exit(0);
    _exit(error.code != ERROR_NONE && error.message[0] ? 1 : 2);
}

static int attempt(unsigned at, unsigned until, int error, bool syncs_only) {
    const Attempt how = {.at = at, .until = until, .error = error, .syncs_only = syncs_only};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) recover_and_end(&how);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        fail_msg("call %u: the program fell with signal %d", at, WTERMSIG(status));
    return WEXITSTATUS(status);
}

static void expect_truth(const Original *original, const char *what, unsigned at) {
    Truth truth = stage_recover(work);
    if (!stage_equal(&truth, &original->truth))
        fail_msg("%s at call %u: hash %d kernel %d rows %d files %d %s", what, at,
                 strcmp(truth.hash, original->truth.hash) == 0,
                 truth.kernel == original->truth.kernel, truth.rows == original->truth.rows,
                 truth.files == original->truth.files, truth.said);
}

/* ---- tests --------------------------------------------------------------------------------- */

static int make_states(void **state) {
    (void)state;
    stage_begin();
    snprintf(work, sizeof work, "%s/work", stage_root);
    for (unsigned i = 0; i < 2; i++) {
        Original *original = &originals[i];
        snprintf(original->path, sizeof original->path, "%s/%s", stage_root,
                 i ? "killed" : "closed");
        snprintf(original->old, sizeof original->old, "%.150s-old", original->path);
        stage_make(original->path, original->old, i == 1);
        stage_list(original, "");
        stage_copy(original);
        original->truth = stage_recover(work);
        assert_true(original->truth.opened);
    }
    return 0;
}

static int remove_states(void **state) {
    (void)state;
    stage_end();
    return 0;
}

/* A kill at a number beyond the last call kills nothing. */
static void test_count_the_calls(void **state) {
    (void)state;
    calls = 1;
    for (unsigned step = 4096; step > 0; step /= 2) {
        stage_copy(&originals[1]);
        if (attempt(calls + step, 0, FAULT_KILL, false) == 9) calls += step;
    }
    print_message("a recovery that ends properly makes %u calls that change files\n", calls);
    assert_true(calls > 10 && calls < 8000);
}

static void test_killed_three_times_inside(void **state) {
    (void)state;
    Random random = random_stream(71, 1);
    unsigned kills = 0, rounds = 0;
    for (unsigned at = 1; at <= calls; at += sample(), rounds++) {
        stage_copy(&originals[1]);
        kills += attempt(at, 0, FAULT_KILL, false) == 9;
        kills += attempt(1 + random_below(&random, calls), 0, FAULT_KILL, false) == 9;
        kills += attempt(1 + random_below(&random, calls), 0, FAULT_KILL, false) == 9;
        expect_truth(&originals[1], "killed", at);
    }
    print_message("%u recoveries, %u kills: equal each time\n", rounds, kills);
    assert_true(kills > rounds);
}

static void fail_each(const char *what, int error, unsigned until) {
    unsigned refused = 0, rounds = 0;
    for (unsigned at = 1; at <= calls; at += sample(), rounds++) {
        stage_copy(&originals[1]);
        int ended = attempt(at, until, error, false);
        if (ended > 1) fail_msg("%s at call %u: ended with %d", what, at, ended);
        refused += ended == 1;
        expect_truth(&originals[1], what, at);
    }
    print_message("%s: %u of %u recoveries said so, all are whole afterwards\n", what, refused,
                  rounds);
    assert_true(refused > 0);
}

static void test_any_call_fails_once(void **state) {
    (void)state;
    fail_each("one input or output error", EIO, 0);
    fail_each("one refusal of a full disk", ENOSPC, 0);
}

static void test_all_calls_fail_from_one_on(void **state) {
    (void)state;
    fail_each("a disk that is gone", EIO, UINT_MAX);
    fail_each("a disk that stays full", ENOSPC, UINT_MAX);
}

/* Asked to keep it and refused: what the disk has is unknown, and asking again would be answered
 * with yes. */
static void test_a_refused_flush_is_the_end(void **state) {
    (void)state;
    Error error = {.code = ERROR_NONE};
    JournalMark start = journal_start();
    char path[2 * STAGE_PATH];
    snprintf(path, sizeof path, "%s/sync", stage_root);
    Journal *journal = journal_open(path, &start, 1 << 20, &error);
    assert_non_null(journal);
    assert_true(journal_note(journal, 1, "{\"a\":1}", &error));
    fault.armed = true;
    fault.syncs_only = true;
    fault.count = 0;
    fault.at = 1;
    fault.until = 0;
    fault.error = EIO;
    assert_false(journal_flush(journal, true, &error));
    assert_int_equal(error.code, ERROR_IO);
    assert_int_equal(fault.count, 1);
    assert_true(journal_note(journal, 2, "{\"b\":2}", &error)); /* into memory */
    assert_false(journal_flush(journal, true, &error));
    assert_false(journal_flush(journal, false, &error));
    assert_non_null(strstr(error.message, "unknown"));
    assert_int_equal(fault.count, 1); /* never a second time */
    fault.armed = false;
    journal_close(journal);
}

/* ---- repair -------------------------------------------------------------------------------- */

static void flip_database(Random *random, unsigned times) {
    char path[2 * STAGE_PATH];
    struct stat about;
    uint8_t byte;
    snprintf(path, sizeof path, "%s/trader.db", work);
    int file = open(path, O_RDWR);
    assert_true(file >= 0 && fstat(file, &about) == 0);
    for (unsigned i = 0; i < times; i++) {
        off_t at = (off_t)random_below(random, (uint32_t)about.st_size);
        assert_int_equal(pread(file, &byte, 1, at), 1);
        byte ^= 8;
        assert_int_equal(pwrite(file, &byte, 1, at), 1);
    }
    close(file);
}

static void expect_repaired(const Original *original, bool replayed) {
    DatabaseRepair repair;
    Error error = {.code = ERROR_NONE};
    char memory[300];
    Text finding = TEXT_IN(memory);
    bool sound = database_repair(work, &repair, &error);
    if (!sound) fail_msg("%s: %s", error.where, error.message);
    assert_int_equal(repair.replayed, replayed);
    assert_true(store_check(work, &finding, &error));
    if (finding.length) fail_msg("%s", text_end(&finding));
    expect_truth(original, "repaired", 0);
}

static void test_the_database_is_made_again(void **state) {
    (void)state;
    Random random = random_stream(72, 1);
    char path[2 * STAGE_PATH];
    FILE *kept = stderr;
    stderr = fopen("/dev/null", "w");
    stage_copy(&originals[0]);
    expect_repaired(&originals[0], true); /* a sound one stays as it is */
    for (unsigned i = 0; i < 8; i++) {
        stage_copy(&originals[0]);
        flip_database(&random, 1 + i * 4);
        expect_repaired(&originals[0], true);
    }
    stage_copy(&originals[0]);
    snprintf(path, sizeof path, "%s/trader.db", work);
    assert_int_equal(unlink(path), 0);
    expect_repaired(&originals[0], true);
    fclose(stderr);
    stderr = kept;
}

static uint64_t digest_of(Store *store, Topic topic, uint64_t *rows) {
    static char memory[STAGE_ROWS];
    const StoreQuery all = {.limit = INT32_MAX};
    Text text = text_in(memory, sizeof memory);
    JsonWriter writer = json_writer(&text);
    store_write_rows(store, topic, &all, true, &writer);
    assert_false(text.overflow);
    *rows += store_count(store, topic);
    return hash64(text.at, text.length);
}

/* Every row that the journal has in full. */
static void expect_rows_of_journal(void) {
    char other[2 * STAGE_PATH];
    uint64_t rows = 0, wanted = 0;
    Error error = {.code = ERROR_NONE};
    snprintf(other, sizeof other, "%s/whole", stage_root);
    assert_true(files_make_directory(other, &error));
    Store *fresh = store_open(other, false, &error), *kept = store_open(work, true, &error);
    assert_true(fresh && kept && store_refill(fresh, work, 0, UINT64_MAX, false, &error));
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        const TopicShape *shape = &topic_shapes[topic];
        bool stays = shape->store == STORE_EACH || shape->store == STORE_LATEST;
        if (!stays || shape->journal != JOURNAL_FULL) continue;
        bool equal = digest_of(kept, topic, &rows) == digest_of(fresh, topic, &wanted);
        if (!equal) fail_msg("%s: %d rows, not %d", shape->name, (int)rows, (int)wanted);
    }
    assert_true(rows == wanted && rows > 10);
    store_close(fresh);
    store_close(kept);
}

static void newest_segment(char path[static 2 * STAGE_PATH]) {
    for (unsigned number = 9; number > 0; number--) {
        snprintf(path, 2 * STAGE_PATH, "%s/journal/%08u.seg", work, number);
        if (access(path, R_OK) == 0) return;
    }
    fail_msg("no segment in %s", work);
}

static void put_older_database(const Original *original) {
    static const char *const parts[] = {"trader.db", "trader.db-wal", "trader.db-shm"};
    char from[2 * STAGE_PATH], to[2 * STAGE_PATH];
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(from, sizeof from, "%s/%s", original->old, parts[i]);
        snprintf(to, sizeof to, "%s/%s", work, parts[i]);
        unlink(to);
        if (access(from, R_OK) == 0) stage_copy_file(from, to);
    }
}

/* How many snapshots there were when it was written: its head stands behind magic, digest and sizes
 * (snapshot.c). The clock of files is too coarse to tell which of two is the newer. */
static uint64_t snapshot_number(const char *path) {
    uint64_t count = 0;
    struct Begin {
        uint64_t before[2 + SNAPSHOT_BLOCKS];
        SnapshotHead head;
    };
    off_t place = (off_t)offsetof(struct Begin, head.count);
    int file = open(path, O_RDONLY);
    assert_true(file >= 0);
    assert_int_equal(pread(file, &count, sizeof count, place), sizeof count);
    close(file);
    assert_in_range(count, 1, 1000);
    return count;
}

/* So that the tail is a long one. */
static void remove_newer_snapshot(const Original *original) {
    char path[2][2 * STAGE_PATH];
    uint64_t number[2];
    for (unsigned slot = 0; slot < 2; slot++) {
        snprintf(path[slot], sizeof path[slot], "%s/journal/snapshot.%u", original->path, slot);
        number[slot] = snapshot_number(path[slot]);
    }
    unsigned newer = number[0] > number[1] ? 0 : 1;
    snprintf(path[0], sizeof path[0], "%s/journal/snapshot.%u", work, newer);
    assert_int_equal(unlink(path[0]), 0);
}

/* An older database and a journal whose tail is damaged: the start is refused. What the start wrote
 * until then must not hide from the next one, with the journal's file put back, what is missing. */
static void test_a_refused_start_hides_nothing(void **state) {
    (void)state;
    char path[2 * STAGE_PATH], kept[2 * STAGE_PATH];
    struct stat about;
    uint8_t byte;
    stage_copy(&originals[1]);
    put_older_database(&originals[1]);
    remove_newer_snapshot(&originals[1]);
    newest_segment(path);
    snprintf(kept, sizeof kept, "%s/kept.seg", stage_root);
    stage_copy_file(path, kept);
    int file = open(path, O_RDWR);
    assert_true(file >= 0 && fstat(file, &about) == 0);
    /* So far from the end that whole turns lie behind it: a torn tail would be cut, not refused. */
    assert_int_equal(pread(file, &byte, 1, about.st_size - 4000), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, about.st_size - 4000), 1);
    close(file);
    Truth refused = stage_recover(work);
    assert_false(refused.opened);
    assert_non_null(strstr(refused.said, "damaged in the middle"));
    stage_copy_file(kept, path);
    Truth truth = stage_recover(work);
    assert_true(truth.opened);
    assert_true(truth.kernel == originals[1].truth.kernel);
    expect_rows_of_journal();
}

/* Power was lost and took the journal's end, but not the database's: the rows behind the end go,
 * and what was the latest before them comes back. */
static void test_the_latest_rows_come_back(void **state) {
    (void)state;
    static const Topic latest[] = {TOPIC_ORDERS, TOPIC_ACCOUNT_FACTS, TOPIC_POSITION_FACTS,
                                   TOPIC_PRICES, TOPIC_SYMBOL_FILTERS};
    char path[2 * STAGE_PATH], other[2 * STAGE_PATH];
    uint64_t rows = 0, wanted = 0;
    struct stat about;
    Error error = {.code = ERROR_NONE};
    stage_copy(&originals[1]);
    newest_segment(path);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(truncate(path, about.st_size / 2), 0);
    Truth truth = stage_recover(work);
    assert_true(truth.opened && truth.sequence < originals[1].truth.sequence);
    assert_non_null(strstr(truth.said, "the journal ends"));
    snprintf(other, sizeof other, "%s/other", stage_root);
    assert_true(files_make_directory(other, &error));
    Store *fresh = store_open(other, false, &error), *kept = store_open(work, true, &error);
    assert_true(fresh && kept && store_refill(fresh, work, 0, UINT64_MAX, false, &error));
    for (size_t i = 0; i < sizeof latest / sizeof latest[0]; i++)
        assert_true(digest_of(kept, latest[i], &rows) == digest_of(fresh, latest[i], &wanted));
    assert_true(rows == wanted && rows > 4);
    store_close(fresh);
    store_close(kept);
}

/* Where the journal no longer reaches back, no good row is lost. */
static void test_good_rows_outlive_the_journal(void **state) {
    (void)state;
    char path[2 * STAGE_PATH];
    stage_copy(&originals[0]);
    for (unsigned number = 1; number <= 3; number++) {
        snprintf(path, sizeof path, "%s/journal/%08u.seg.gz", work, number);
        assert_int_equal(unlink(path), 0);
    }
    expect_repaired(&originals[0], false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count_the_calls),
        cmocka_unit_test(test_killed_three_times_inside),
        cmocka_unit_test(test_any_call_fails_once),
        cmocka_unit_test(test_all_calls_fail_from_one_on),
        cmocka_unit_test(test_a_refused_flush_is_the_end),
        cmocka_unit_test(test_the_database_is_made_again),
        cmocka_unit_test(test_the_latest_rows_come_back),
        cmocka_unit_test(test_a_refused_start_hides_nothing),
        cmocka_unit_test(test_good_rows_outlive_the_journal),
    };
    return cmocka_run_group_tests(tests, make_states, remove_states);
}
