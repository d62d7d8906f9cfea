/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal on disk: what is appended is read, over chained segments, plain and compressed; a
 * torn tail is cut at every byte of it; a header that does not continue the chain ends the history;
 * a refused write is made again.
 */
#include "check_aborts.h"
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/random.h"
#include "shell/store/journal.h"

#define TURNS 300
#define SEGMENT_BYTES 20000
#define SEGMENT_HEADER_BYTES 48

static char directory[64];

static int make_directory(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-journal-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static void segment_name(unsigned number, const char *suffix, char path[static 128]) {
    snprintf(path, 128, "%s/journal/%08u.seg%s", directory, number, suffix);
}

static off_t size_of(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 ? about.st_size : -1;
}

static Journal *open_at(const JournalMark *mark) {
    Error error;
    Journal *journal = journal_open(directory, mark, SEGMENT_BYTES, &error);
    assert_non_null(journal);
    return journal;
}

/* One turn of one to four records with bytes that follow from its number. */
static void put_turn(Journal *journal, unsigned turn) {
    Random random = random_stream(turn, 5);
    Error error;
    unsigned records = 1 + random_below(&random, 4);
    for (unsigned i = 0; i < records; i++) {
        uint8_t payload[600], bytes[RECORD_MAX];
        for (unsigned k = 0; k < sizeof payload; k++) payload[k] = (uint8_t)random_u32(&random);
        Record record = {.kind = i ? RECORD_EFFECT : RECORD_INPUT,
                         .topic = (uint8_t)random_below(&random, TOPIC_COUNT),
                         .sequence = turn,
                         .time_us = turn,
                         .payload = payload,
                         .length = random_below(&random, sizeof payload)};
        assert_true(journal_append(journal, bytes, record_write(&record, bytes), &error));
    }
    if (turn % 7 == 0) assert_true(journal_note(journal, turn, "a note", &error));
    assert_true(journal_turn(journal, turn, turn, &error));
}

static JournalMark write_turns(unsigned from, unsigned to, const JournalMark *mark) {
    Error error;
    JournalMark start = journal_start();
    Journal *journal = open_at(mark ? mark : &start);
    for (unsigned turn = from; turn < to; turn++) put_turn(journal, turn);
    assert_true(journal_flush(journal, true, &error));
    JournalMark end = *journal_mark(journal);
    journal_close(journal);
    return end;
}

typedef struct Walk {
    JournalMark whole; /* behind the last turn */
    JournalAnswer end;
    unsigned turns, notes;
    bool broken;
} Walk;

static Walk walk_from(const JournalMark *from) {
    Error error;
    Walk walk = {.whole = from ? *from : journal_start()};
    JournalReader *reader = journal_reader_open(directory, from, &error);
    assert_non_null(reader);
    Record record;
    const uint8_t *bytes;
    size_t size;
    while ((walk.end = journal_read(reader, &record, &bytes, &size)) == JOURNAL_RECORD) {
        walk.notes += record.kind == RECORD_NOTE;
        if (record.kind != RECORD_TURN) continue;
        walk.turns++;
        walk.whole = *journal_reader_mark(reader);
    }
    assert_int_equal(journal_read(reader, &record, &bytes, &size), walk.end); /* and stays there */
    walk.broken = journal_reader_broken(reader);
    journal_reader_close(reader);
    return walk;
}

static void expect_chain(const JournalMark *a, const JournalMark *b) {
    uint8_t first[SHA256_SIZE], second[SHA256_SIZE];
    sha256_peek(&a->chain, first);
    sha256_peek(&b->chain, second);
    assert_memory_equal(first, second, SHA256_SIZE);
    assert_true(a->records == b->records && a->sequence == b->sequence);
}

static void expect_mark(const JournalMark *a, const JournalMark *b) {
    expect_chain(a, b);
    assert_true(a->segment == b->segment && a->offset == b->offset);
}

/* ---- whole journals ------------------------------------------------------------------------ */

static void test_what_is_written_is_read(void **state) {
    (void)state;
    Walk nothing = walk_from(NULL);
    assert_int_equal(nothing.end, JOURNAL_END);
    assert_int_equal(nothing.turns, 0);
    JournalMark end = write_turns(1, TURNS, NULL);
    Walk walk = walk_from(NULL);
    assert_int_equal(walk.end, JOURNAL_END);
    assert_int_equal(walk.turns, TURNS - 1);
    assert_int_equal(walk.notes, (TURNS - 1) / 7 + (end.segment - 1)); /* and one a new segment */
    assert_true(end.segment > 5);
    expect_chain(&walk.whole, &end);
}

static void test_continued_equals_written_at_once(void **state) {
    (void)state;
    JournalMark whole = write_turns(1, TURNS, NULL);
    remove_directory(state);
    make_directory(state);
    JournalMark part = write_turns(1, 100, NULL);
    JournalMark middle = write_turns(100, 101, &part);
    JournalMark end = write_turns(101, TURNS, &middle);
    expect_mark(&whole, &end);
    Walk tail = walk_from(&part);
    assert_int_equal(tail.turns, TURNS - 100);
    expect_chain(&tail.whole, &whole);
}

static void test_opening_at_a_mark_drops_what_is_behind(void **state) {
    (void)state;
    JournalMark middle = write_turns(1, 100, NULL);
    JournalMark end = write_turns(100, TURNS, &middle);
    char path[128];
    segment_name(end.segment, "", path);
    assert_true(size_of(path) >= 0);
    JournalMark same = write_turns(100, 100, &middle); /* opened and closed: nothing is written */
    expect_mark(&same, &middle);
    assert_true(size_of(path) < 0);
    Walk walk = walk_from(NULL);
    expect_mark(&walk.whole, &middle);
    JournalMark again = write_turns(100, TURNS, &middle);
    expect_mark(&again, &end);
}

/* ---- damage -------------------------------------------------------------------------------- */

/* The last turn's records, cut at every byte: all turns before stand, and writing goes on there. */
static void test_torn_at_every_byte(void **state) {
    (void)state;
    JournalMark before = write_turns(1, 20, NULL);
    JournalMark end = write_turns(20, 21, &before);
    char path[128];
    segment_name(end.segment, "", path);
    assert_int_equal(before.segment, end.segment);
    for (off_t cut = size_of(path) - 1; cut >= (off_t)before.offset; cut--) {
        assert_int_equal(truncate(path, cut), 0);
        Walk walk = walk_from(NULL);
        assert_int_equal(walk.turns, 19);
        assert_false(walk.broken); /* an end that is torn is no damage */
        expect_mark(&walk.whole, &before);
        assert_true(journal_holds(directory, &before));
        assert_false(journal_holds(directory, &end));
    }
    JournalMark again = write_turns(20, 21, &before);
    expect_mark(&again, &end);
    assert_int_equal(walk_from(NULL).turns, 20);
}

static void flip(const char *path, long at) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 4, file);
    fclose(file);
}

static void test_a_wrong_header_ends_the_history(void **state) {
    (void)state;
    char path[128];
    write_turns(1, TURNS, NULL);
    unsigned whole = walk_from(NULL).turns;
    segment_name(3, "", path);
    for (long at = 0; at < SEGMENT_HEADER_BYTES; at++) {
        flip(path, at);
        Walk walk = walk_from(NULL);
        assert_int_equal(walk.whole.segment, 2);
        assert_true(walk.turns > 0 && walk.turns < whole);
        assert_true(walk.broken);
        flip(path, at);
    }
    assert_int_equal(walk_from(NULL).turns, whole);
    assert_false(walk_from(NULL).broken);
}

/* Another history under the same names: each segment is sound alone, but not behind this chain. */
static void test_a_foreign_segment_is_refused(void **state) {
    (void)state;
    char path[128], other[160];
    write_turns(1, TURNS, NULL);
    segment_name(3, "", path);
    snprintf(other, sizeof other, "%s/foreign", directory);
    assert_int_equal(rename(path, other), 0);
    JournalMark start = journal_start();
    write_turns(2, TURNS, &start); /* begins one turn later, and so differs everywhere */
    Walk whole = walk_from(NULL);
    assert_int_equal(rename(other, path), 0);
    Walk walk = walk_from(NULL);
    assert_int_equal(walk.end, JOURNAL_END);
    assert_int_equal(walk.whole.segment, 2);
    assert_true(walk.turns < whole.turns);
}

static void test_flips_are_noticed(void **state) {
    (void)state;
    Random random = random_stream(95, 1);
    char path[128];
    write_turns(1, 100, NULL);
    unsigned whole = walk_from(NULL).turns;
    segment_name(1, "", path);
    for (unsigned i = 0; i < 200; i++) {
        long at = (long)random_below(&random, (uint32_t)size_of(path));
        flip(path, at);
        Walk walk = walk_from(NULL);
        assert_true(walk.turns < whole && walk.broken);
        flip(path, at);
    }
}

/* Killed between the two writes that begin a segment: the newest has no header yet. */
static void test_a_segment_without_header_is_no_damage(void **state) {
    (void)state;
    char path[128];
    JournalMark end = write_turns(1, TURNS, NULL);
    segment_name(end.segment, "", path);
    for (off_t cut = 0; cut < SEGMENT_HEADER_BYTES; cut += 16) {
        assert_int_equal(truncate(path, cut), 0);
        Walk walk = walk_from(NULL);
        assert_int_equal(walk.whole.segment, end.segment - 1);
        assert_false(walk.broken);
    }
    Walk walk = walk_from(NULL);
    JournalMark again = write_turns((unsigned)walk.whole.sequence + 1, TURNS, &walk.whole);
    expect_chain(&again, &end); /* one more turn stands in the segment before */
}

static void test_a_missing_segment_is_not_made_up(void **state) {
    (void)state;
    char path[128];
    Error error = {.code = ERROR_NONE};
    JournalMark end = write_turns(1, 20, NULL);
    segment_name(end.segment, "", path);
    assert_int_equal(unlink(path), 0);
    assert_null(journal_open(directory, &end, SEGMENT_BYTES, &error));
    assert_int_equal(error.code, ERROR_IO);
    assert_true(size_of(path) < 0);
}

/* ---- growth -------------------------------------------------------------------------------- */

static void test_compressed_segments_are_read(void **state) {
    (void)state;
    Error error;
    char plain[128], packed[128];
    JournalMark middle = write_turns(1, 40, NULL);
    JournalMark end = write_turns(40, TURNS, &middle);
    Walk before = walk_from(NULL);
    int64_t now = (int64_t)time(NULL) * INSTANT_SECOND_US;
    assert_true(journal_tidy(directory, INSTANT_DAY_US, now, &error));
    for (unsigned segment = 1; segment <= end.segment; segment++) {
        segment_name(segment, "", plain);
        segment_name(segment, ".gz", packed);
        bool closed = segment + 2 <= end.segment;
        assert_int_equal(size_of(packed) > 0, closed);
        assert_int_equal(size_of(plain) > 0, !closed);
    }
    Walk after = walk_from(NULL);
    assert_int_equal(after.turns, before.turns);
    expect_mark(&after.whole, &before.whole);
    assert_true(journal_holds(directory, &middle)); /* inside a compressed one */
    Walk tail = walk_from(&middle);
    assert_int_equal(tail.turns, TURNS - 40);
    expect_chain(&tail.whole, &end);
    assert_true(journal_tidy(directory, INSTANT_DAY_US, now + 2 * INSTANT_DAY_US,
                             &error)); /* too old now */
    segment_name(1, ".gz", packed);
    assert_true(size_of(packed) < 0);
    Walk rest = walk_from(&end);
    assert_int_equal(rest.turns, 0);
    expect_mark(&rest.whole, &end);
}

/* ---- no room ------------------------------------------------------------------------------- */

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_refused_write_is_made_again(void **state) {
    (void)state;
    JournalMark truth = write_turns(1, 20, NULL);
    remove_directory(state);
    make_directory(state);
    signal(SIGXFSZ, SIG_IGN);
    JournalMark start = journal_start();
    Journal *journal = open_at(&start);
    for (unsigned turn = 1; turn < 20; turn++) put_turn(journal, turn);
    for (rlim_t room = 100; room < 10000; room += 3333) { /* a part is written each time */
        Error error = {.code = ERROR_NONE};
        limit_files(room);
        assert_false(journal_flush(journal, false, &error));
        assert_int_equal(error.code, ERROR_DISK_FULL);
    }
    Error error;
    limit_files(RLIM_INFINITY);
    assert_true(journal_flush(journal, true, &error));
    journal_close(journal);
    Walk walk = walk_from(NULL);
    assert_int_equal(walk.end, JOURNAL_END);
    expect_mark(&walk.whole, &truth);
}

#define IN_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_DIRECTORY(test_what_is_written_is_read),
        IN_A_DIRECTORY(test_continued_equals_written_at_once),
        IN_A_DIRECTORY(test_opening_at_a_mark_drops_what_is_behind),
        IN_A_DIRECTORY(test_torn_at_every_byte),
        IN_A_DIRECTORY(test_a_wrong_header_ends_the_history),
        IN_A_DIRECTORY(test_a_foreign_segment_is_refused),
        IN_A_DIRECTORY(test_flips_are_noticed),
        IN_A_DIRECTORY(test_a_segment_without_header_is_no_damage),
        IN_A_DIRECTORY(test_a_missing_segment_is_not_made_up),
        IN_A_DIRECTORY(test_compressed_segments_are_read),
        IN_A_DIRECTORY(test_a_refused_write_is_made_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
