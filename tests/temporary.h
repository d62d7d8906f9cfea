/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory of its own for each test: temporary_enter makes one below /tmp and goes there,
 * temporary_leave goes back and removes it. The user's and the machine's settings are out of sight
 * meanwhile. For files that include unit.h.
 */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

#include <limits.h>
#include <sys/stat.h>

static char temporary_home[PATH_MAX]; /* where the tests were started */
static char temporary_directory[64];

static inline int temporary_enter(void **state) {
    (void)state;
    if (!temporary_home[0] && !getcwd(temporary_home, sizeof temporary_home)) return -1;
    strcpy(temporary_directory, "/tmp/trader-test-XXXXXX");
    if (!mkdtemp(temporary_directory) || chdir(temporary_directory) != 0) return -1;
    setenv("HOME", temporary_directory, 1);
    unsetenv("XDG_CONFIG_HOME");
    return 0;
}

static inline int temporary_leave(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", temporary_directory);
    return chdir(temporary_home) == 0 ? system(command) : -1;
}

static inline void temporary_write(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#endif
