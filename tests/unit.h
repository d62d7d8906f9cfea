/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every test file includes: cmocka with its headers in order, a comparison of doubles (cmocka
 * has none), the place of the shared real data (skipped by name when absent), and check_failed as a
 * test failure.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define assert_close(a, b, tolerance)                                                              \
    do {                                                                                           \
        double close_a = (a), close_b = (b), close_t = (tolerance);                                \
        if (!(fabs(close_a - close_b) <= close_t)) {                                               \
            print_error("%s:%d: %.17g and %.17g differ by %.3g, more than %.3g\n", __FILE__,       \
                        __LINE__, close_a, close_b, fabs(close_a - close_b), close_t);             \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* Path of a file of the shared data, or skips the test by its name. */
static inline const char *shared_data(const char *path) {
    static char full[8][1024];
    static unsigned turn;
    const char *root = getenv("TRADER_DATA");
    char *target = full[turn++ % 8];
    snprintf(target, sizeof full[0], "%s/%s", root ? root : "../shared/data", path);
    if (access(target, R_OK) != 0) {
        print_message("SKIP shared data absent: %s\n", path);
        skip();
    }
    return target;
}

#endif
