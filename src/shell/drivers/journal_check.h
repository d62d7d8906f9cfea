/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole journal of a state through a fresh kernel, under the settings of its first note: every
 * effect is made again and compared. Reads only; the state may be in use.
 */
#ifndef SHELL_DRIVERS_JOURNAL_CHECK_H
#define SHELL_DRIVERS_JOURNAL_CHECK_H

#include <stdint.h>

#include "core/base/error.h"
#include "core/bus/settings.h"
#include "core/kernel/record.h"

typedef struct JournalVerdict {
    uint64_t events; /* INPUT and EFFECT records that were compared */
    uint64_t turns;
    char journal_hash[65];
    bool equal;
    char first_difference[200]; /* empty where equal */
} JournalVerdict;

struct Store;
/* False only if the journal cannot be read at all (none, or one without its first note). */
bool journal_check(const char *state_directory, JournalVerdict *verdict, Error *error) MUST_USE;
/* The same, and every message that comes out again is put into a store: rows of which the journal
 * holds only a digest are made anew this way. */
bool journal_check_into(const char *state_directory, struct Store *store, JournalVerdict *verdict,
                        Error *error) MUST_USE;

/* What a start left in the journal: under which version and settings the history behind it was
 * made. */
typedef struct JournalStart {
    char version[24];
    bool cold; /* rebuilt from facts */
    Settings settings;
} JournalStart;

/* False without an error: the note is none of a start. */
bool journal_start_read(const Record *note, JournalStart *start, Error *error) MUST_USE;

#endif
