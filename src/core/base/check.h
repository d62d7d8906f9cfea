/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bug of ours stops the program: CHECK says what and where, in release builds too, and aborts.
 * Start-up and crash recovery are the same path, so stopping is safe. What the outside world sends
 * can never trigger a CHECK: it is an Error (error.h). The hook is defined by whoever links the
 * core: the shell writes the journal's tail first, a unit test fails. MUST_USE marks results that
 * have to be looked at.
 */
#ifndef CORE_BASE_CHECK_H
#define CORE_BASE_CHECK_H

#define MUST_USE __attribute__((warn_unused_result))

__attribute__((noreturn, cold)) void check_failed(const char *file, int line, const char *text);

#define CHECK(condition, text)                                                                     \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) check_failed(__FILE__, __LINE__, text);             \
    } while (0)

#endif
