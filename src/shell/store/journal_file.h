/* SPDX-License-Identifier: Apache-2.0 */
/* Names and header of journal segments, shared by the journal's writer and reader. Nothing is kept.
 */
#ifndef SHELL_STORE_JOURNAL_FILE_H
#define SHELL_STORE_JOURNAL_FILE_H

#include "shell/store/journal.h"

#define SEGMENT_PATH_MAX 640
#define SEGMENT_HEADER                                                                             \
    48 /* magic 8, segment number 4, CRC-32C of what follows 4, chain digest 32 */

void segment_path(const char *state_directory, uint32_t segment, bool compressed,
                  char target[static SEGMENT_PATH_MAX]);
void segment_header_write(uint32_t segment, const Sha256 *chain,
                          uint8_t target[static SEGMENT_HEADER]);
/* False if it is not the header of that segment; with a chain also if the digest differs (NULL: any
 * chain). */
bool segment_header_check(const uint8_t header[static SEGMENT_HEADER], uint32_t segment,
                          const Sha256 *chain);

/* The text of the NOTE behind a header, and the mark's chain and records out of it; false: it is
 * another note, or does not fit the header. */
#define SEGMENT_CHAIN_TEXT 320 /* 208 hex digits, a number, the names */
void segment_chain_write(const JournalMark *mark, char target[static SEGMENT_CHAIN_TEXT]);
bool segment_chain_read(const Record *note, const uint8_t header[static SEGMENT_HEADER],
                        JournalMark *mark);

#endif
