/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal on disk: STATE/journal/NNNNNNNN.seg, each with a header that carries the chain's
 * digest at its start, so that the segments are chained by hashes; behind it the records of
 * core/kernel/record.h. A segment is closed at a turn's end once it is large enough; closed ones
 * may be compressed (gzip), the reader takes both. Behind the header of every later segment stands
 * a NOTE with the chain in mid-stream, so that a journal whose first segments were dropped can be
 * verified too. A JournalMark is a place at a turn's end with
 * all that is needed to go on from there; snapshots carry one. The caller owns a Journal and a
 * JournalReader from open to close.
 */
#ifndef SHELL_STORE_JOURNAL_H
#define SHELL_STORE_JOURNAL_H

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/kernel/record.h"

typedef struct JournalMark {
    uint32_t segment; /* from 1 */
    uint64_t offset;  /* in the (uncompressed) segment, behind a TURN or NOTE */
    uint64_t records; /* INPUT and EFFECT so far */
    uint64_t sequence;
    Sha256 chain;
} JournalMark;

typedef struct Journal Journal;

/* The place before everything. */
JournalMark journal_start(void);

/* Cuts everything behind the mark (the torn tail, later segments) and goes on writing there. */
Journal *journal_open(const char *state_directory, const JournalMark *mark, uint64_t segment_bytes,
                      Error *error);
bool journal_append(Journal *journal, const uint8_t *record, size_t size, Error *error) MUST_USE;
/* Ends a turn: a TURN record; may close the segment. */
bool journal_turn(Journal *journal, uint64_t sequence, int64_t time_us, Error *error) MUST_USE;
/* A NOTE, outside the chain. */
bool journal_note(Journal *journal, int64_t time_us, const char *text, Error *error) MUST_USE;
/* Hands everything to the system; with `to_disk` waits until the disk has it. When the disk once
 * refused that, nobody knows what it holds: the journal takes nothing more (ERROR_IO), and only a
 * new start, which reads what is there, can tell. */
bool journal_flush(Journal *journal, bool to_disk, Error *error) MUST_USE;
/* Where it stands; what was appended since the last look is taken into the chain now. */
const JournalMark *journal_mark(Journal *journal);
void journal_close(Journal *journal);

typedef struct JournalReader JournalReader;
typedef enum JournalAnswer { JOURNAL_RECORD, JOURNAL_END, JOURNAL_TORN } JournalAnswer;

/* Reads from the mark (NULL: the start). A journal without segments is at its end at once. */
JournalReader *journal_reader_open(const char *state_directory, const JournalMark *from,
                                   Error *error);
/* From the first segment there is, when older ones were dropped. NULL: it does not say where the
 * history stands (ERROR_DATA). */
JournalReader *journal_reader_open_first(const char *state_directory, Error *error);
/* The number of the first segment there is, 0: none. */
uint32_t journal_first(const char *state_directory);
/* The next record; `bytes` stay valid until the next call. TORN: damaged or cut short here. */
JournalAnswer journal_read(JournalReader *reader, Record *record, const uint8_t **bytes,
                           size_t *size);
/* The place behind the last record that was read. */
const JournalMark *journal_reader_mark(const JournalReader *reader);
/* When reading has ended: true if there is history behind that place, so that it is not the torn
 * end but damage in the middle. Asked last: it reads on. */
bool journal_reader_broken(JournalReader *reader);
void journal_reader_close(JournalReader *reader);

/* True if the journal reaches to the mark: after a loss of power a snapshot may be ahead of it. */
bool journal_holds(const char *state_directory, const JournalMark *mark);

/* Compresses closed segments older than the last two, and drops those whose last change is older
 * than `keep_us` (orders, fills and postings stay in the database for ever). */
bool journal_tidy(const char *state_directory, int64_t keep_us, int64_t now_us,
                  Error *error) MUST_USE;

#endif
