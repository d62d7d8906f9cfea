/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/journal_verify.h"

#include <string.h>

static bool same_chain(const JournalMark *a, const JournalMark *b) {
    uint8_t first[SHA256_SIZE], second[SHA256_SIZE];
    sha256_peek(&a->chain, first);
    sha256_peek(&b->chain, second);
    return a->records == b->records && memcmp(first, second, sizeof first) == 0;
}

static bool is_before(const JournalMark *mark, const JournalMark *end) {
    return !end || mark->segment < end->segment ||
           (mark->segment == end->segment && mark->offset < end->offset);
}

static bool is_stopped(const atomic_bool *stop) {
    return stop && atomic_load(stop);
}

/* The end has come before the place: is it damage? */
static void judge_end(JournalReader *reader, const JournalMark *until, Text *finding) {
    JournalMark mark = *journal_reader_mark(reader);
    if (until || journal_reader_broken(reader))
        text_format(finding, "journal file %d is damaged at byte %D", (int)mark.segment,
                    (int64_t)mark.offset);
}

static uint64_t walk(JournalReader *reader, const JournalMark *until, const atomic_bool *stop,
                     Text *finding) {
    Record record;
    const uint8_t *bytes;
    size_t size;
    uint64_t records = 0;
    const JournalMark *mark = journal_reader_mark(reader);
    while (is_before(mark, until)) {
        if (is_stopped(stop)) return records;
        if (journal_read(reader, &record, &bytes, &size) != JOURNAL_RECORD) {
            judge_end(reader, until, finding);
            return records;
        }
        records++;
    }
    if (!same_chain(mark, until))
        text_put(finding, "the journal is not the one that the snapshot was taken of");
    return records;
}

uint64_t journal_verify(const char *state_directory, const JournalMark *until,
                        const atomic_bool *stop, Text *finding) {
    Error error = {.code = ERROR_NONE};
    JournalReader *reader = journal_reader_open_first(state_directory, &error);
    uint64_t records = reader ? walk(reader, until, stop, finding) : 0;
    if (!reader) text_put(finding, error.message);
    journal_reader_close(reader);
    return records;
}
