/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a file that may be packed: plain, gzip (zlib) or the one table of a zip archive
 * (libzip; nothing is ever unpacked to the disk, so the names inside mean nothing). What a file is,
 * its first bytes say; a name that promises another format is an Error, and so is a file that
 * unpacks to far more than any table would. The opener owns the PackedFile and closes it.
 */
#ifndef SHELL_STORE_PACKED_FILE_H
#define SHELL_STORE_PACKED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct PackedFile PackedFile;

/* NULL with ERROR_DATA: missing, empty, a folder, another format than its name says, damaged, or an
 * archive with no or several .csv or .json entries. */
PackedFile *packed_file_open(const char *path, Error *error);
/* Bytes read; 0 at the end; -1 with ERROR_DATA when the rest is damaged, cut short, or too much. */
int64_t packed_file_read(PackedFile *file, char *target, size_t size, Error *error);
void packed_file_close(PackedFile *file);

/* Puts the file's name before the place (line, column) that an error holds. Returns false. */
bool packed_file_place(const char *path, Error *error);

#endif
