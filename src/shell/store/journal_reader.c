/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the journal from a mark on, over plain and compressed segments (journal.h). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "shell/store/journal_file.h"
#include "shell/sys/files.h"

#define WINDOW_BYTES (4 * RECORD_MAX) /* whole records always fit, and a refill is worth its call  \
                                       */

#define READ_BYTES 65536 /* a call */

struct JournalReader {
    char directory[512];
    gzFile file; /* NULL: no segment is open */
    JournalMark mark;
    size_t at, filled; /* of the window */
    bool ended;
    uint8_t window[WINDOW_BYTES];
};

static gzFile open_file(const char *state_directory, uint32_t segment) {
    char path[SEGMENT_PATH_MAX];
    segment_path(state_directory, segment, false, path);
    gzFile file = gzopen(path, "rbe"); /* reads plain files as they are */
    if (!file) {
        segment_path(state_directory, segment, true, path);
        file = gzopen(path, "rbe");
    }
    /* Asked whether the file is plain, zlib looks; before it has, a seek would read all that lies
     * in between. */
    if (file && gzbuffer(file, READ_BYTES) == 0) (void)gzdirect(file);
    return file;
}

bool journal_holds(const char *state_directory, const JournalMark *mark) {
    uint8_t last;
    gzFile file = open_file(state_directory, mark->segment);
    if (!file) return false;
    bool held =
        gzseek(file, (z_off_t)mark->offset - 1, SEEK_SET) >= 0 && gzread(file, &last, 1) == 1;
    gzclose(file);
    return held;
}

/* False if there is no such segment or its header does not continue the chain. */
static bool enter_segment(JournalReader *reader, uint64_t offset) {
    uint8_t header[SEGMENT_HEADER];
    reader->file = open_file(reader->directory, reader->mark.segment);
    if (!reader->file) return false;
    bool whole = gzread(reader->file, header, sizeof header) == (int)sizeof header;
    /* In mid-segment the chain has moved on since the header was written. */
    bool sound = whole && (offset > SEGMENT_HEADER ||
                           segment_header_check(header, reader->mark.segment, &reader->mark.chain));
    if (sound && offset > SEGMENT_HEADER)
        sound = gzseek(reader->file, (z_off_t)offset, SEEK_SET) >= 0;
    reader->at = reader->filled = 0;
    reader->mark.offset = offset;
    if (sound) return true;
    gzclose(reader->file);
    reader->file = NULL;
    return false;
}

JournalReader *journal_reader_open(const char *state_directory, const JournalMark *from,
                                   Error *error) {
    JournalReader *reader = calloc(1, sizeof *reader);
    if (!reader ||
        !slice_copy(slice_of(state_directory), reader->directory, sizeof reader->directory)) {
        error_set(error, ERROR_LIMIT, "out of memory, or the path is too long", state_directory,
                  NULL);
        free(reader);
        return NULL;
    }
    reader->mark = from ? *from : journal_start();
    reader->ended = !enter_segment(reader, reader->mark.offset);
    return reader;
}

static void refill(JournalReader *reader) {
    size_t left = reader->filled - reader->at;
    memmove(reader->window, reader->window + reader->at, left);
    reader->at = 0;
    reader->filled = left;
    int got = gzread(reader->file, reader->window + left, (unsigned)(WINDOW_BYTES - left));
    if (got > 0) reader->filled += (size_t)got;
}

/* At the end of a segment: is there a next one that continues the chain? */
static bool next_segment(JournalReader *reader) {
    gzclose(reader->file);
    reader->file = NULL;
    JournalMark behind = reader->mark;
    reader->mark.segment++;
    if (enter_segment(reader, SEGMENT_HEADER)) return true;
    reader->mark = behind;
    reader->ended = true;
    return false;
}

JournalAnswer journal_read(JournalReader *reader, Record *record, const uint8_t **bytes,
                           size_t *size) {
    for (;;) {
        if (reader->ended) return JOURNAL_END;
        if (reader->filled - reader->at < RECORD_MAX) refill(reader);
        if (reader->filled > reader->at) break;
        if (!next_segment(reader)) return JOURNAL_END;
    }
    *bytes = reader->window + reader->at;
    *size = record_read(*bytes, reader->filled - reader->at, record);
    if (*size == 0) return JOURNAL_TORN;
    if (record->kind == RECORD_INPUT || record->kind == RECORD_EFFECT) reader->mark.records++;
    record_chain(&reader->mark.chain, *bytes, *size);
    reader->mark.sequence = record->sequence;
    reader->mark.offset += *size;
    reader->at += *size;
    return JOURNAL_RECORD;
}

const JournalMark *journal_reader_mark(const JournalReader *reader) {
    return &reader->mark;
}

static bool segment_exists(const char *state_directory, uint32_t segment) {
    char path[SEGMENT_PATH_MAX];
    segment_path(state_directory, segment, false, path);
    if (files_exist(path)) return true;
    segment_path(state_directory, segment, true, path);
    return files_exist(path);
}

/* The newest segment may lack its header (killed while it was begun), and only the newest may end
 * torn: a segment is on the disk before the next one is begun. */
bool journal_reader_broken(const JournalReader *reader) {
    bool torn = !reader->ended;
    return segment_exists(reader->directory, reader->mark.segment + (torn ? 1 : 2));
}

void journal_reader_close(JournalReader *reader) {
    if (!reader) return;
    if (reader->file) gzclose(reader->file);
    free(reader);
}

/* ---- growth -------------------------------------------------------------------------------- */

#define KEEP_PLAIN                                                                                 \
    2 /* segments: the one that is written, and the one that a snapshot may still point into */

static bool compress_file(const char *from, const char *to) {
    static const size_t chunk = 65536;
    gzFile source = gzopen(from, "rbe"), target = gzopen(to, "wbe6");
    uint8_t *bytes = malloc(chunk);
    bool sound = source && target && bytes;
    for (int got = 1; sound && got > 0;) {
        got = gzread(source, bytes, (unsigned)chunk);
        sound = got >= 0 && (got == 0 || gzwrite(target, bytes, (unsigned)got) == got);
    }
    free(bytes);
    if (source) gzclose(source);
    if (target && gzclose(target) != Z_OK) sound = false;
    return sound;
}

bool journal_tidy(const char *state_directory, int64_t keep_us, int64_t now_us, Error *error) {
    JournalReader names = {.file = NULL};
    char plain[SEGMENT_PATH_MAX], packed[SEGMENT_PATH_MAX];
    if (!slice_copy(slice_of(state_directory), names.directory, sizeof names.directory))
        return true;
    uint32_t last = 1;
    for (;; last++) {
        segment_path(names.directory, last + 1, false, plain);
        segment_path(names.directory, last + 1, true, packed);
        if (!files_exist(plain) && !files_exist(packed)) break;
    }
    for (uint32_t segment = 1; segment + KEEP_PLAIN <= last; segment++) {
        segment_path(names.directory, segment, false, plain);
        segment_path(names.directory, segment, true, packed);
        bool old = files_changed_us(files_exist(plain) ? plain : packed) + keep_us < now_us;
        if (old) {
            unlink(plain);
            unlink(packed);
        } else if (files_exist(plain)) {
            if (!compress_file(plain, packed)) return files_refused(error, "compress", plain);
            unlink(plain);
        }
    }
    return true;
}
