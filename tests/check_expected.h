/* SPDX-License-Identifier: Apache-2.0 */
/* The hook of core/base/check.h for tests that want to see a CHECK fail: assert_check(statement)
 * passes when the statement does; any other failing CHECK ends the program. */
#ifndef TESTS_CHECK_EXPECTED_H
#define TESTS_CHECK_EXPECTED_H

#include <stdbool.h>

#include "unit.h"

#include "core/base/check.h"

static jmp_buf check_jump;
static bool check_expected;

void check_failed(const char *file, int line, const char *text) {
    if (check_expected) longjmp(check_jump, 1);
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

#define assert_check(statement)                                                                    \
    do {                                                                                           \
        volatile bool stopped = true;                                                              \
        check_expected = true;                                                                     \
        if (setjmp(check_jump) == 0) {                                                             \
            statement;                                                                             \
            stopped = false;                                                                       \
        }                                                                                          \
        check_expected = false;                                                                    \
        assert_true(stopped);                                                                      \
    } while (0)

#endif
