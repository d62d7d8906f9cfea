/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed files: what was written is read; with one copy flipped at any bit, cut at any byte, gone
 * or older, the other one is read and both are mended; with both damaged nothing is believed; a
 * text written by hand counts.
 */
#include "check_aborts.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "shell/store/sealed_file.h"
#include "shell/sys/files.h"

#define OLD_TEXT "{\"level\":\"none\"}\n"
#define NEW_TEXT "{\"level\":\"pause\",\"why\":\"x\"}\n"

static char directory[64], path[96], copy[104];
static int told; /* where the tellings go when no test runs */

static int set_up(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-sealed-XXXXXX");
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/word", directory);
    snprintf(copy, sizeof copy, "%s.copy", path);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    told = dup(STDERR_FILENO);
    bool silenced = nowhere >= 0 && told >= 0 && dup2(nowhere, STDERR_FILENO) >= 0;
    close(nowhere);
    return silenced ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[120];
    dup2(told, STDERR_FILENO);
    close(told);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static void write_word(const char *text) {
    Error error;
    assert_true(sealed_write(path, text, 0600, &error));
}

static void expect(const char *wanted) {
    char *text;
    bool found;
    Error error = {.code = ERROR_NONE};
    bool sound = sealed_read(path, &text, &found, &error);
    if (!sound) fail_msg("%s: %s", error.where, error.message);
    assert_true(found);
    assert_string_equal(text, wanted);
    free(text);
}

static void put_bytes(const char *name, const char *bytes, size_t length) {
    FILE *file = fopen(name, "wb");
    assert_true(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
}

static size_t take_bytes(const char *name, char bytes[static 512]) {
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, 512, file);
    fclose(file);
    return length;
}

static void nothing_is_not_found(void **state) {
    (void)state;
    char *text;
    bool found = true;
    Error error;
    assert_true(sealed_read(path, &text, &found, &error));
    assert_false(found);
    assert_null(text);
}

static void the_newest_is_read(void **state) {
    (void)state;
    write_word(OLD_TEXT);
    expect(OLD_TEXT);
    write_word(NEW_TEXT);
    expect(NEW_TEXT);
}

static void every_flip_is_mended(void **state) {
    (void)state;
    char whole[512], bytes[512];
    write_word(NEW_TEXT);
    const char *const files[] = {path, copy};
    size_t length = take_bytes(path, whole);
    for (size_t bit = 0; bit < 8 * length; bit++)
        for (unsigned i = 0; i < 2; i++) {
            memcpy(bytes, whole, length);
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
            put_bytes(files[i], bytes, length);
            expect(NEW_TEXT);
            expect(NEW_TEXT);
            put_bytes(path, whole, length);
            put_bytes(copy, whole, length);
        }
}

static void every_cut_is_mended(void **state) {
    (void)state;
    char whole[512];
    write_word(NEW_TEXT);
    const char *const files[] = {path, copy};
    size_t length = take_bytes(path, whole);
    for (size_t cut = 0; cut < length; cut++)
        for (unsigned i = 0; i < 2; i++) {
            put_bytes(files[i], whole, cut);
            expect(NEW_TEXT);
            put_bytes(path, whole, length);
            put_bytes(copy, whole, length);
        }
}

static void an_older_or_missing_one_does_not_count(void **state) {
    (void)state;
    char old[512], seen[512];
    write_word(OLD_TEXT);
    size_t length = take_bytes(path, old);
    write_word(NEW_TEXT);
    put_bytes(path, old, length);
    expect(NEW_TEXT);
    put_bytes(copy, old, length); /* as after a write that was cut short between the two */
    expect(NEW_TEXT);
    write_word(NEW_TEXT);
    unlink(path);
    expect(NEW_TEXT);
    length = take_bytes(path, seen); /* it is there again */
    assert_true(length > strlen(NEW_TEXT));
    unlink(copy);
    expect(NEW_TEXT);
}

static void both_damaged_is_an_error(void **state) {
    (void)state;
    char *text;
    bool found;
    Error error = {.code = ERROR_NONE};
    write_word(NEW_TEXT);
    put_bytes(path, "", 0);
    put_bytes(copy, "", 0);
    assert_false(sealed_read(path, &text, &found, &error));
    assert_int_equal(error.code, ERROR_STATE);
    assert_string_equal(error.where, path);
    assert_string_not_equal(error.hint, "");
}

static void what_a_hand_wrote_counts(void **state) {
    (void)state;
    write_word(NEW_TEXT);
    put_bytes(path, OLD_TEXT, strlen(OLD_TEXT));
    expect(OLD_TEXT);
    write_word(NEW_TEXT);
    put_bytes(path, "{\n  \"level\": \"none\"\n}\n", 22);
    expect("{\n  \"level\": \"none\"\n}\n");
}

#define SEALED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        SEALED(nothing_is_not_found),
        SEALED(the_newest_is_read),
        SEALED(every_flip_is_mended),
        SEALED(every_cut_is_mended),
        SEALED(an_older_or_missing_one_does_not_count),
        SEALED(both_damaged_is_an_error),
        SEALED(what_a_hand_wrote_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
