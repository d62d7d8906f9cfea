/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's writer (journal.h); its reader is journal_reader.c. */
#include "shell/store/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/store/journal_file.h"
#include "shell/sys/files.h"

#define BUFFER_BYTES 262144u /* one system call a quarter MiB: the cost of a call is lost in it */

struct Journal {
    char directory[512];
    int file;
    uint64_t segment_bytes;
    JournalMark mark;
    uint64_t written; /* bytes of the segment that the system has whole: a write that failed is made
                         again there */
    bool doubtful;    /* the disk refused to keep what it was given */
    size_t used, kept, chained; /* of the buffer: filled, given to the system, in the chain */
    uint8_t buffer[BUFFER_BYTES];
};

JournalMark journal_start(void) {
    JournalMark mark = {.segment = 1, .offset = SEGMENT_HEADER};
    sha256_init(&mark.chain);
    return mark;
}

/* A full disk takes a part and refuses the rest; the same bytes may be given again when there is
 * room. */
static bool write_all(Journal *journal, const uint8_t *bytes, size_t count, Error *error) {
    for (size_t done = 0; done < count;) {
        ssize_t written =
            pwrite(journal->file, bytes + done, count - done, (off_t)(journal->written + done));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return files_refused(error, "write the journal in", journal->directory);
        done += (size_t)written;
    }
    journal->written += count;
    return true;
}

static bool open_segment(Journal *journal, bool fresh, Error *error) {
    char path[SEGMENT_PATH_MAX];
    segment_path(journal->directory, journal->mark.segment, false, path);
    /* A segment that is gone on with must be there: a new file would be zeros up to the mark. */
    journal->file = open(path, O_RDWR | O_CLOEXEC | (fresh ? O_CREAT | O_TRUNC : 0), 0600);
    if (journal->file < 0) return files_refused(error, "open", path);
    if (!fresh) return true;
    uint8_t header[SEGMENT_HEADER];
    journal->written = 0;
    segment_header_write(journal->mark.segment, &journal->mark.chain, header);
    journal->mark.offset = SEGMENT_HEADER;
    if (!write_all(journal, header, sizeof header, error)) return false;
    files_flush_directory_of(path); /* else the loss of power may take the new name with it */
    return true;
}

/* Later segments than the mark's are of a future that is not kept. */
static void drop_behind(const Journal *journal) {
    for (uint32_t segment = journal->mark.segment + 1;; segment++) {
        char path[SEGMENT_PATH_MAX];
        segment_path(journal->directory, segment, false, path);
        if (unlink(path) != 0) break;
    }
}

static bool settle(Journal *journal, Error *error) {
    char path[SEGMENT_PATH_MAX];
    if (snprintf(path, sizeof path, "%s/journal", journal->directory) <= 0) return false;
    if (!files_make_directory(path, error)) return false;
    segment_path(journal->directory, journal->mark.segment, false, path);
    bool fresh = journal->mark.offset == SEGMENT_HEADER;
    drop_behind(journal);
    if (!open_segment(journal, fresh, error)) return false;
    if (fresh) return true;
    journal->written = journal->mark.offset;
    return ftruncate(journal->file, (off_t)journal->mark.offset) == 0 ||
           files_refused(error, "cut the torn end of", path);
}

Journal *journal_open(const char *state_directory, const JournalMark *mark, uint64_t segment_bytes,
                      Error *error) {
    Journal *journal = malloc(sizeof *journal);
    if (!journal) {
        error_set(error, ERROR_LIMIT, "out of memory", "journal", NULL);
        return NULL;
    }
    *journal = (Journal){.file = -1, .segment_bytes = segment_bytes, .mark = *mark};
    bool fits =
        slice_copy(slice_of(state_directory), journal->directory, sizeof journal->directory);
    if (fits && settle(journal, error)) return journal;
    if (!fits)
        error_set(error, ERROR_LIMIT, "the path of the state is too long", state_directory, NULL);
    if (journal->file >= 0) close(journal->file);
    free(journal);
    return NULL;
}

/* A record's checksum guards it at once; the chain over all of them may wait until an order has
 * left. It is complete before anyone looks at it and before the buffer is used anew. */
static void chain_up(Journal *journal) {
    while (journal->chained < journal->used) {
        uint32_t length;
        const uint8_t *record = journal->buffer + journal->chained;
        memcpy(&length, record + 4, sizeof length);
        record_chain(&journal->mark.chain, record, RECORD_HEADER + length);
        journal->chained += RECORD_HEADER + length;
    }
    if (journal->kept == journal->used) journal->used = journal->kept = journal->chained = 0;
}

bool journal_flush(Journal *journal, bool to_disk, Error *error) {
    if (journal->doubtful)
        return error_set(error, ERROR_IO,
                         "the disk did not keep the journal: what it holds is unknown",
                         journal->directory, "look at the health of the disk, then start again");
    if (!write_all(journal, journal->buffer + journal->kept, journal->used - journal->kept, error))
        return false;
    journal->kept = journal->used;
    if (!to_disk || fdatasync(journal->file) == 0) return true;
    journal->doubtful = true; /* a second try would say yes to pages that are gone */
    return files_refused(error, "flush the journal in", journal->directory);
}

static bool put(Journal *journal, const uint8_t *bytes, size_t size, Error *error) {
    if (BUFFER_BYTES - journal->used < size) {
        if (!journal_flush(journal, false, error)) return false;
        chain_up(journal);
    }
    memcpy(journal->buffer + journal->used, bytes, size);
    journal->used += size;
    journal->mark.offset += size;
    return true;
}

bool journal_append(Journal *journal, const uint8_t *record, size_t size, Error *error) {
    if (!put(journal, record, size, error)) return false;
    journal->mark.records++;
    return true;
}

static bool next_segment(Journal *journal, int64_t time_us, Error *error) {
    char text[SEGMENT_CHAIN_TEXT];
    if (!journal_flush(journal, true, error)) return false;
    chain_up(journal);
    close(journal->file);
    journal->mark.segment++;
    if (!open_segment(journal, true, error)) return false;
    segment_chain_write(&journal->mark, text);
    return journal_note(journal, time_us, text, error);
}

bool journal_turn(Journal *journal, uint64_t sequence, int64_t time_us, Error *error) {
    uint8_t record[RECORD_MAX];
    Record turn = {.kind = RECORD_TURN, .sequence = sequence, .time_us = time_us};
    size_t size = record_write(&turn, record);
    journal->mark.sequence = sequence;
    if (!put(journal, record, size, error)) return false;
    return journal->mark.offset < journal->segment_bytes || next_segment(journal, time_us, error);
}

bool journal_note(Journal *journal, int64_t time_us, const char *text, Error *error) {
    uint8_t record[RECORD_MAX];
    size_t length = strlen(text);
    Record note = {.kind = RECORD_NOTE,
                   .sequence = journal->mark.sequence,
                   .time_us = time_us,
                   .payload = (const uint8_t *)text,
                   .length = (uint32_t)(length < LIMIT_PAYLOAD ? length : LIMIT_PAYLOAD)};
    size_t size = record_write(&note, record);
    return put(journal, record, size, error);
}

const JournalMark *journal_mark(Journal *journal) {
    chain_up(journal);
    return &journal->mark;
}

void journal_close(Journal *journal) {
    if (!journal) return;
    close(journal->file);
    free(journal);
}
