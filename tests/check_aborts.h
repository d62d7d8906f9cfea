/* SPDX-License-Identifier: Apache-2.0 */
/* The hook of core/base/check.h for tests that link the core alone: a CHECK that fails ends the
 * program. */
#ifndef TESTS_CHECK_ABORTS_H
#define TESTS_CHECK_ABORTS_H

#include "unit.h"

#include "core/base/check.h"

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK at %s:%d: %s\n", file, line, text);
    abort();
}

#endif
