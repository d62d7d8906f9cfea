/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program itself inside a test: `trader` runs build/trader in the test's own directory and
 * keeps what it printed; works, fails and their JSON forms say what every call must hold to. For
 * files that include unit.h; main begins with program_prepare, and each test is set up by
 * temporary_enter.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include "temporary.h"

#include <sys/wait.h>

#include "core/base/json.h"
#include "shell/config/environment.h"

static char program[PATH_MAX];
static char out[1 << 20], err[1 << 16];

static inline void slurp(const char *name, char *target, size_t capacity) {
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    size_t length = fread(target, 1, capacity - 1, file);
    assert_true(length < capacity - 1);
    target[length] = 0;
    fclose(file);
}

/* Runs `trader WORDS`; the exit code. */
static inline int trader(const char *words) {
    char command[PATH_MAX + 1024];
    /* Redirections of the words themselves stand behind ours and win. */
    snprintf(command, sizeof command, ">%s.out 2>%s.err </dev/null '%s' %s", temporary_directory,
             temporary_directory, program, words);
    int status = system(command);
    char name[80];
    snprintf(name, sizeof name, "%s.out", temporary_directory);
    slurp(name, out, sizeof out);
    unlink(name);
    snprintf(name, sizeof name, "%s.err", temporary_directory);
    slurp(name, err, sizeof err);
    unlink(name);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void works(const char *words) {
    if (trader(words) == 0) return;
    print_error("trader %s: %s%s\n", words, out, err);
    fail();
}

static inline void works_as_json(const char *words) {
    works(words);
    assert_true(json_valid(slice_of(out)));
    assert_string_equal(err, "");
    assert_non_null(strchr(out, '\n'));
    assert_string_equal(strchr(out, '\n'), "\n"); /* one document, one line */
}

/* One line on standard error, nothing on standard output, and the same as JSON. */
static inline void fails(const char *words, int code, const char *line) {
    char as_json[1024];
    int got = trader(words);
    if (got != code || strcmp(err, line) != 0 || out[0])
        print_error("trader %s: %d, %s%s", words, got, out, err);
    assert_int_equal(got, code);
    assert_string_equal(err, line);
    assert_string_equal(out, "");
    snprintf(as_json, sizeof as_json, "%s --json", words);
    assert_int_equal(trader(as_json), code);
    assert_string_equal(err, "");
    assert_true(json_valid(slice_of(out)));
    assert_int_equal(strncmp(out, "{\"error\":{\"code\":\"", 18), 0);
}

static inline void holds(const char *text) {
    if (strstr(out, text)) return;
    print_error("missing: %s\nin: %s\n", text, out);
    fail();
}

/* build/tests/unit/NAME stands beside build/trader. */
static inline bool find_program(void) {
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return false;
    program[length] = 0;
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(program, '/');
        if (!slash) return false;
        *slash = 0;
    }
    strcat(program, "/trader");
    return access(program, X_OK) == 0;
}

/* False, with a word on it, if the program is not built. The caller's environment is out of sight.
 */
static inline bool program_prepare(void) {
    if (!find_program()) {
        print_error("%s is missing: make\n", program);
        return false;
    }
    for (unsigned i = 0; i < variable_count; i++)
        unsetenv(variable_table[i].name);
    setenv("LC_ALL", "C", 1);
    return true;
}

#endif
