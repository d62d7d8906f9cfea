/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the database of a state sound? SQLite does not notice damage by itself: `PRAGMA
 * integrity_check` reads its pages, and every row is set against its seal, every table against its
 * total (store_seal.c). Opens its own read-only connection and keeps nothing.
 */
#ifndef SHELL_STORE_STORE_CHECK_H
#define SHELL_STORE_STORE_CHECK_H

#include "core/base/error.h"
#include "core/base/text.h"

/* True with an empty `finding`: sound; true with words in it: what is damaged. False: it could not
 * be read. */
bool store_check(const char *directory, Text *finding, Error *error) MUST_USE;

#endif
