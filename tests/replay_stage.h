/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage for tests of the replay: a folder of candle files that a test writes for itself (plain,
 * gzip and zip, with the rows to put into them), and the ways to open them as a feed. The folder
 * lives from folder_make to folder_remove (group set-up and tear-down of cmocka); a path is good
 * for seven further calls.
 */
#ifndef TESTS_REPLAY_STAGE_H
#define TESTS_REPLAY_STAGE_H

#include "unit.h"

#include <sys/stat.h>
#include <zip.h>
#include <zlib.h>

#include "shell/drivers/feed.h"

#define ZERO_US 1679004900000000LL /* 2023-03-16 22:15 */
#define MINUTE  INSTANT_MINUTE_US
#define HEADER  "open_time,open,high,low,close,volume\n"

static char folder[64];

static inline int folder_make(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/trader-feed-XXXXXX");
    return mkdtemp(folder) ? 0 : 1;
}

static inline int folder_remove(void **state) {
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* Eight names live at once. */
static inline const char *path_of(const char *name) {
    static char paths[8][128];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline const char *write_bytes(const char *name, const void *bytes, size_t size) {
    const char *path = path_of(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline const char *write_text(const char *name, const char *text) {
    return write_bytes(name, text, strlen(text));
}

static inline const char *write_gz(const char *name, const char *text) {
    const char *path = path_of(name);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), (int)strlen(text));
    assert_int_equal(gzclose(file), Z_OK);
    return path;
}

static inline const char *write_zip(const char *name, const char *entry, const char *text) {
    const char *path = path_of(name);
    int code;
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    zip_source_t *note = zip_source_buffer(archive, "x", 1, 0);
    assert_true(zip_file_add(archive, "README.txt", note, 0) >= 0);
    zip_source_t *source = zip_source_buffer(archive, text, strlen(text), 0);
    assert_true(zip_file_add(archive, entry, source, 0) >= 0);
    assert_int_equal(zip_close(archive), 0);
    return path;
}

/* Rows of minutes [from, to) with the price 100 + minute. */
static inline void put_rows(Text *text, int from, int to) {
    for (int i = from; i < to; i++)
        text_format(text, "%D,%d,%d.5,%d,%d.25,%d\n", (ZERO_US + i * MINUTE) / 1000, 100 + i,
                    100 + i, 100 + i, 100 + i, i + 1);
}

static inline const char *rows(int from, int to) {
    static char memory[4][16384];
    static unsigned turn;
    Text text = text_in(memory[turn++ % 4], sizeof memory[0]);
    text_put(&text, HEADER);
    put_rows(&text, from, to);
    return text_end(&text);
}

static inline Feed *open_paths(const char *const *paths, unsigned count, Error *error) {
    FeedReplayPlan plan = {.paths = paths, .path_count = count};
    memset(error, 0, sizeof *error);
    return feed_replay_open(&plan, error);
}

static inline Feed *open_sound(const char *const *paths, unsigned count) {
    Error error;
    Feed *feed = open_paths(paths, count, &error);
    if (!feed) fail_msg("%s: %s", error.where, error.message);
    assert_true(feed->is_virtual);
    assert_int_equal(feed->wake_descriptor, -1);
    assert_string_equal(feed->name, "replay");
    return feed;
}

static inline void refused(const char *path, const char *message, const char *where) {
    Error error;
    assert_null(open_paths(&path, 1, &error));
    assert_int_equal(error.code, ERROR_DATA);
    if (!strstr(error.message, message)) fail_msg("\"%s\" lacks \"%s\"", error.message, message);
    if (!strstr(error.where, where)) fail_msg("\"%s\" lacks \"%s\"", error.where, where);
    assert_string_not_equal(error.hint, "");
}

static inline Feed *open_filtered(const char *path, const char *filters, Error *error) {
    FeedReplayPlan plan = {.paths = &path, .path_count = 1, .filters_path = filters};
    memset(error, 0, sizeof *error);
    return feed_replay_open(&plan, error);
}

static inline void expect_description(Feed *feed, const char *part) {
    char memory[1024];
    Text text = TEXT_IN(memory);
    feed->describe(feed, &text);
    if (!strstr(text_end(&text), part)) fail_msg("\"%s\" lacks \"%s\"", memory, part);
}

#endif
