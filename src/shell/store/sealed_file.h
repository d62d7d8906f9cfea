/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files that decide something (which world, what the operator said, a stored result) and must
 * not change without a word. Each is written twice, PATH and PATH.copy, as the text and behind it a
 * line with a number that grows and a seal over both. Of two sound ones the greater number counts;
 * where one is damaged, gone or older than it can be, the other counts, a line says so and the file
 * is mended. A text without a seal was written by hand or by an older version, and counts as it
 * stands. Bytes that sealed_read hands out belong to the caller, who frees them.
 */
#ifndef SHELL_STORE_SEALED_FILE_H
#define SHELL_STORE_SEALED_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "core/base/error.h"

/* `text` ends with its only line break. */
bool sealed_write(const char *path, const char *text, mode_t mode, Error *error) MUST_USE;
/* The text with a zero byte behind it. `found` is false where there is none. False: neither copy
 * can be believed. */
bool sealed_read(const char *path, char **text, bool *found, Error *error) MUST_USE;

#endif
