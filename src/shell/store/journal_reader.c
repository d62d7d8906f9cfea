/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the journal from a mark on, over plain and compressed segments (journal.h). */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "shell/store/journal_file.h"
#include "shell/sys/files.h"

#define WINDOW_BYTES                                                                               \
    (4 * RECORD_MAX) /* whole records always fit, and a refill is worth its call                   \
                      */

#define READ_BYTES 65536 /* a call */

struct JournalReader {
    char directory[512];
    gzFile file; /* NULL: no segment is open */
    JournalMark mark;
    size_t at, filled; /* of the window */
    bool ended;
    uint8_t header[SEGMENT_HEADER]; /* of the open segment */
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
static bool enter_segment(JournalReader *reader, uint64_t offset, const Sha256 *chain) {
    uint8_t *header = reader->header;
    reader->file = open_file(reader->directory, reader->mark.segment);
    if (!reader->file) return false;
    bool whole = gzread(reader->file, header, SEGMENT_HEADER) == SEGMENT_HEADER;
    /* In mid-segment the chain has moved on since the header was written. */
    if (offset > SEGMENT_HEADER) chain = NULL;
    bool sound = whole && segment_header_check(header, reader->mark.segment, chain);
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
    reader->ended = !enter_segment(reader, reader->mark.offset, &reader->mark.chain);
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
    if (enter_segment(reader, SEGMENT_HEADER, &behind.chain)) return true;
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

/* A write that was cut short leaves nothing whole behind it. */
static bool record_behind(JournalReader *reader) {
    Record record;
    size_t step = 1;
    while (reader->file) {
        reader->at += step;
        if (reader->at + RECORD_MAX > reader->filled) refill(reader);
        if (reader->filled - reader->at < RECORD_HEADER) return false;
        const uint8_t *at = reader->window + reader->at;
        bool likely = at[8] >= RECORD_INPUT && at[8] <= RECORD_NOTE && at[11] == 0;
        if (likely && record_read(at, reader->filled - reader->at, &record)) return true;
    }
    return false;
}

/* The newest segment may lack its header (killed while it was begun), and only the newest may end
 * torn: a segment is on the disk before the next one is begun. */
bool journal_reader_broken(JournalReader *reader) {
    bool torn = !reader->ended;
    if (segment_exists(reader->directory, reader->mark.segment + (torn ? 1 : 2))) return true;
    return torn && record_behind(reader);
}

/* The smallest number below STATE/journal. */
uint32_t journal_first(const char *state_directory) {
    char path[SEGMENT_PATH_MAX];
    uint32_t first = 0;
    snprintf(path, sizeof path, "%.600s/journal", state_directory);
    DIR *directory = opendir(path);
    if (!directory) return 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        int64_t number = 0;
        Slice digits = {entry->d_name, strspn(entry->d_name, "0123456789")};
        bool segment = digits.length == 8 && strncmp(entry->d_name + 8, ".seg", 4) == 0;
        if (!segment || !slice_int(digits, &number) || number < 1) continue;
        if (first == 0 || (uint32_t)number < first) first = (uint32_t)number;
    }
    closedir(directory);
    return first;
}

JournalReader *journal_reader_open_first(const char *state_directory, Error *error) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    uint32_t first = journal_first(state_directory);
    JournalReader *reader = journal_reader_open(state_directory, NULL, error);
    if (!reader || first <= 1) return reader;
    reader->mark.segment = first;
    reader->ended = !enter_segment(reader, SEGMENT_HEADER, NULL);
    if (journal_read(reader, &record, &bytes, &size) == JOURNAL_RECORD &&
        segment_chain_read(&record, reader->header, &reader->mark))
        return reader;
    error_set(error, ERROR_DATA, "the oldest journal file does not say what stood before it",
              state_directory, NULL);
    journal_reader_close(reader);
    return NULL;
}

void journal_reader_close(JournalReader *reader) {
    if (!reader) return;
    if (reader->file) gzclose(reader->file);
    free(reader);
}

/* ---- growth -------------------------------------------------------------------------------- */

#define KEEP_PLAIN                                                                                 \
    2 /* segments: the one that is written, and the one that a snapshot may still point into */

/* The plain file goes only when the packed one is there for good. */
static bool on_disk(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool kept = file >= 0 && fsync(file) == 0;
    if (file >= 0) close(file);
    if (kept) files_flush_directory_of(path);
    return kept;
}

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
    return sound && on_disk(to);
}

bool journal_tidy(const char *state_directory, int64_t keep_us, int64_t now_us, Error *error) {
    JournalReader names = {.file = NULL};
    char plain[SEGMENT_PATH_MAX], packed[SEGMENT_PATH_MAX];
    if (!slice_copy(slice_of(state_directory), names.directory, sizeof names.directory))
        return true;
    uint32_t first = journal_first(state_directory), last = first;
    for (; first; last++) {
        segment_path(names.directory, last + 1, false, plain);
        segment_path(names.directory, last + 1, true, packed);
        if (!files_exist(plain) && !files_exist(packed)) break;
    }
    for (uint32_t segment = first; first && segment + KEEP_PLAIN <= last; segment++) {
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
