/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files as whole things: read one completely (with a limit), replace one so that a crash leaves
 * either the old or the new text and never half of it (temporary file, fsync, rename, fsync of the
 * directory), make directories, and ask how much is used and free. What the system refuses becomes
 * an Error with the path as its place; a full disk is ERROR_DISK_FULL. Bytes that files_read hands
 * out belong to the caller, who frees them.
 */
#ifndef SHELL_SYS_FILES_H
#define SHELL_SYS_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

/* ERROR_IO (or ERROR_DISK_FULL) with what errno says: "cannot VERB: No space left on device". */
bool files_refused(Error *error, const char *verb, const char *path);

/* The whole file, a zero byte behind it. ERROR_DATA if there is none, ERROR_LIMIT above `limit`
 * bytes. */
bool files_read(const char *path, size_t limit, char **bytes, size_t *length,
                Error *error) MUST_USE;
bool files_write(const char *path, const char *bytes, size_t length, mode_t mode,
                 Error *error) MUST_USE;
/* The same for what is worth nothing after the loss of power: nobody waits for the disk. */
bool files_note(const char *path, const char *bytes, size_t length, mode_t mode,
                Error *error) MUST_USE;
/* A new name survives the loss of power only once its directory is flushed. */
void files_flush_directory_of(const char *path);
/* With its parents; one that is there already is fine. */
bool files_make_directory(const char *path, Error *error) MUST_USE;

bool files_exist(const char *path);
bool files_is_directory(const char *path);
/* Last modification in microseconds since 1970, 0 if there is no such file. */
int64_t files_changed_us(const char *path);
/* Bytes that an ordinary user may still write below `path`, -1 if unknown. */
int64_t files_free_bytes(const char *path);
/* Bytes that a file or a directory with all below it takes. */
int64_t files_used_bytes(const char *path);

#endif
