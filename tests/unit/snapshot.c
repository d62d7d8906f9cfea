/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots: the newer of two counts, a torn or flipped one does not, another layout or size is
 * told apart. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "shell/store/snapshot.h"
#include "shell/sys/files.h"

enum { STATE = 200000, PLACE = 999 };

static char directory[64];
static uint8_t state[STATE], taken[8], place[PLACE];
static const SnapshotBlock blocks[SNAPSHOT_BLOCKS] = {
    {state, STATE}, {taken, sizeof taken}, {place, PLACE}};

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static int make_directory(void **context) {
    (void)context;
    char path[80];
    strcpy(directory, "/tmp/trader-snapshot-XXXXXX");
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/journal", directory);
    if (mkdir(path, 0700) != 0) return -1;
    JournalMark start = journal_start(); /* a snapshot ahead of the journal would not count */
    Journal *journal = journal_open(directory, &start, 1 << 20, NULL);
    if (!journal) return -1;
    journal_close(journal);
    return 0;
}

static int remove_directory(void **context) {
    (void)context;
    char path[120];
    for (int slot = 0; slot < 2; slot++) {
        snprintf(path, sizeof path, "%s/journal/snapshot.%d", directory, slot);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/journal/00000001.seg", directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/journal", directory);
    rmdir(path);
    return rmdir(directory);
}

static void write_one(uint64_t count) {
    SnapshotHead head;
    memset(&head, 0, sizeof head);
    head.count = count;
    head.mark = journal_start();
    head.layout = 7;
    head.tally.bars = 100 * count;
    memset(state, (int)count, sizeof state);
    memset(place, (int)count + 1, sizeof place);
    assert_true(snapshot_write(directory, &head, blocks, count % 3 == 0, NULL));
}

static uint64_t read_newest(uint64_t layout, bool *fits) {
    SnapshotHead wanted, head;
    SnapshotFault fault;
    memset(&wanted, 0, sizeof wanted);
    memset(&head, 0, sizeof head);
    wanted.layout = layout;
    memset(state, 0xEE, sizeof state);
    memset(place, 0xEE, sizeof place);
    SnapshotAnswer answer = snapshot_read(directory, &wanted, &head, blocks, &fault);
    *fits = answer == SNAPSHOT_FITS;
    return answer == SNAPSHOT_NONE ? 0 : head.count;
}

static void expect(uint64_t count) {
    bool fits;
    assert_int_equal(read_newest(7, &fits), count);
    assert_true(fits);
    assert_int_equal(state[0], count);
    assert_int_equal(state[STATE - 1], count);
    assert_int_equal(place[0], count + 1);
    assert_int_equal(place[PLACE - 1], count + 1);
}

/* Turns one bit of the slot's file around, at `offset` from its end. */
static void flip(unsigned slot, off_t offset) {
    char path[120];
    uint8_t byte;
    snprintf(path, sizeof path, "%s/journal/snapshot.%u", directory, slot);
    int file = open(path, O_RDWR);
    assert_true(file >= 0);
    off_t at = lseek(file, -offset, SEEK_END);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

static void test_newest(void **context) {
    (void)context;
    bool fits;
    assert_int_equal(read_newest(7, &fits), 0);
    for (uint64_t count = 1; count <= 5; count++) {
        write_one(count);
        expect(count);
    }
}

static void test_flipped(void **context) {
    (void)context;
    static const off_t places[] = {1, 500, PLACE + 9, 100000, STATE + PLACE + 9};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        write_one(6);
        write_one(7);
        flip(1, places[i]);
        expect(6);
        flip(1, places[i]);
        expect(7);
    }
}

static void test_torn(void **context) {
    (void)context;
    char path[120];
    bool fits;
    write_one(8);
    write_one(9);
    snprintf(path, sizeof path, "%s/journal/snapshot.1", directory);
    assert_int_equal(truncate(path, 1000), 0);
    expect(8);
    snprintf(path, sizeof path, "%s/journal/snapshot.0", directory);
    assert_int_equal(truncate(path, 3), 0);
    assert_int_equal(read_newest(7, &fits), 0);
    assert_false(fits);
    write_one(10);
    expect(10);
}

static void test_other_layout(void **context) {
    (void)context;
    bool fits;
    write_one(11);
    assert_int_equal(read_newest(8, &fits), 11);
    assert_false(fits);
    assert_int_equal(state[0], 0xEE);
    assert_int_equal(place[0], 0xEE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_newest),
                                       cmocka_unit_test(test_flipped), cmocka_unit_test(test_torn),
                                       cmocka_unit_test(test_other_layout)};
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
