/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/log_tail.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "shell/sys/files.h"

#define TIME_LENGTH 23         /* 2024-11-24 21:33:45,400 */
#define BLOCK_BYTES (1u << 20) /* the newest lines are looked for in the last MiB of a file */
#define NAME_BYTES  64
#define FILES_MAX   (2 * LIMIT_SERVICES) /* a service may have left; its log stays */

typedef struct LogSource {
    char name[NAME_BYTES];
    dev_t device;
    ino_t inode;
    off_t at; /* behind the last whole line that was read */
} LogSource;

typedef struct KeptLine {
    unsigned source;
    size_t order; /* of lines with one time: as they stand in their file */
    char *text;
} KeptLine;

struct LogTail {
    char directory[512];
    char wanted[NAME_BYTES]; /* empty: all */
    LogSource sources[FILES_MAX];
    unsigned count;
    KeptLine *lines;
    size_t line_count, line_capacity;
};

static void split(LogEntry *entry) {
    Slice line = entry->line;
    if (line.length < TIME_LENGTH + 6 || memcmp(line.at + TIME_LENGTH, " - ", 3) != 0) return;
    const char *level = line.at + TIME_LENGTH + 3, *end = line.at + line.length;
    const char *dash = memmem(level, (size_t)(end - level), " - ", 3);
    if (!dash) return;
    entry->time = (Slice){line.at, TIME_LENGTH};
    entry->level = (Slice){level, (size_t)(dash - level)};
    entry->text = (Slice){dash + 3, (size_t)(end - dash - 3)};
}

static void visit(LogTail *tail, unsigned source, Slice line, LogVisitor visitor, void *context) {
    LogEntry entry = {.service = tail->sources[source].name, .line = line};
    split(&entry);
    visitor(context, &entry);
}

/* ---- which files --------------------------------------------------------------------------- */

static bool is_log(const char *name, size_t *length) {
    size_t whole = strlen(name);
    if (whole < 5 || strcmp(name + whole - 4, ".log") != 0) return false;
    *length = whole - 4;
    return *length < NAME_BYTES;
}

static int source_named(const LogTail *tail, Slice name) {
    for (unsigned i = 0; i < tail->count; i++)
        if (slice_is(name, tail->sources[i].name)) return (int)i;
    return -1;
}

static void find_sources(LogTail *tail) {
    DIR *directory = opendir(tail->directory);
    if (!directory) return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        size_t length;
        if (!is_log(entry->d_name, &length) || tail->count == FILES_MAX) continue;
        Slice name = {entry->d_name, length};
        if (tail->wanted[0] && !slice_is(name, tail->wanted)) continue;
        if (source_named(tail, name) >= 0) continue;
        LogSource *source = &tail->sources[tail->count];
        *source = (LogSource){.at = 0};
        if (slice_copy(name, source->name, sizeof source->name)) tail->count++;
    }
    closedir(directory);
}

LogTail *log_tail_open(const char *directory, const char *service, Error *error) {
    LogTail *tail = calloc(1, sizeof *tail);
    CHECK(tail, "log_tail: out of memory");
    bool fits = slice_copy(slice_of(directory), tail->directory, sizeof tail->directory) &&
                slice_copy(slice_of(service ? service : ""), tail->wanted, sizeof tail->wanted);
    if (fits) find_sources(tail);
    if (tail->count) return tail;
    char path[600];
    snprintf(path, sizeof path, "%s/%s.log", directory, service ? service : "*");
    error_set(error, ERROR_DATA, service ? "there is no such log" : "nothing has logged here yet",
              path,
              service ? "trader logs shows all that there are" : "trader demo starts at once");
    free(tail);
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------------- */

/* The bytes from source->at to the end; with `last`, of the last block at most. */
static bool read_rest(int file, LogSource *source, off_t size, bool last, char **bytes,
                      size_t *count) {
    if (last && size > (off_t)BLOCK_BYTES) source->at = size - (off_t)BLOCK_BYTES;
    if (size <= source->at) return true;
    *bytes = malloc((size_t)(size - source->at));
    CHECK(*bytes, "log_tail: out of memory");
    ssize_t got = pread(file, *bytes, (size_t)(size - source->at), source->at);
    *count = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

/* Opens NAME.log`suffix`; -1 where there is none. */
static int open_log(const LogTail *tail, const LogSource *source, const char *suffix,
                    struct stat *status) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s.log%s", tail->directory, source->name, suffix);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, status) == 0) return file;
    if (file >= 0) close(file);
    return -1;
}

static bool is_file_of(const LogSource *source, const struct stat *status) {
    return status->st_ino == source->inode && status->st_dev == source->device &&
           status->st_size >= source->at;
}

static void keep(LogTail *tail, unsigned source, Slice line) {
    if (tail->line_count == tail->line_capacity) {
        tail->line_capacity = tail->line_capacity ? 2 * tail->line_capacity : 256;
        tail->lines = realloc(tail->lines, tail->line_capacity * sizeof *tail->lines);
        CHECK(tail->lines, "log_tail: out of memory");
    }
    char *copy = malloc(line.length + 1);
    CHECK(copy, "log_tail: out of memory");
    memcpy(copy, line.at, line.length);
    copy[line.length] = 0;
    tail->lines[tail->line_count] = (KeptLine){source, tail->line_count, copy};
    tail->line_count++;
}

/* Keeps the whole lines among the bytes; the last `lines` of them at most. */
static void keep_lines(LogTail *tail, unsigned index, Slice bytes, bool cut, size_t lines) {
    const char *first = bytes.at;
    const char *stop = bytes.length ? memrchr(first, '\n', bytes.length) : NULL;
    if (!stop) return;
    tail->sources[index].at += stop + 1 - first;
    if (cut)
        first = (const char *)memchr(first, '\n', bytes.length) + 1; /* it began inside a line */
    const char *at = stop, *mark = stop;
    for (size_t found = 0; found < lines && mark > first; found++) {
        const char *before = memrchr(first, '\n', (size_t)(mark - first));
        at = before ? before + 1 : first;
        mark = before ? before : first;
    }
    while (at < stop) {
        const char *next = memchr(at, '\n', (size_t)(stop + 1 - at));
        keep(tail, index, (Slice){at, (size_t)(next - at)});
        at = next + 1;
    }
}

/* The stamps begin the lines, so that order of text is order of time. */
static int in_time(const void *a, const void *b) {
    const KeptLine *left = a, *right = b;
    int order = strncmp(left->text, right->text, TIME_LENGTH);
    if (order) return order;
    return left->order < right->order ? -1 : left->order > right->order;
}

/* Once NAME.log is another file, the old one is NAME.log.1: its last lines are read first. */
static void finish_rotated(LogTail *tail, unsigned index) {
    LogSource *source = &tail->sources[index];
    struct stat status;
    char *bytes = NULL;
    size_t count = 0;
    int file = source->inode ? open_log(tail, source, ".1", &status) : -1;
    bool same = file >= 0 && is_file_of(source, &status);
    if (same && read_rest(file, source, status.st_size, false, &bytes, &count))
        keep_lines(tail, index, (Slice){bytes, count}, false, SIZE_MAX);
    if (file >= 0) close(file);
    free(bytes);
}

static bool gather_one(LogTail *tail, unsigned index, bool last, size_t lines) {
    LogSource *source = &tail->sources[index];
    struct stat status;
    char *bytes = NULL;
    size_t count = 0;
    int file = open_log(tail, source, "", &status);
    if (file < 0) return true; /* between two names, or gone */
    if (!is_file_of(source, &status)) {
        finish_rotated(tail, index);
        source->inode = status.st_ino;
        source->device = status.st_dev;
        source->at = 0;
    }
    bool good = read_rest(file, source, status.st_size, last, &bytes, &count);
    bool cut = last && source->at > 0;
    if (good) keep_lines(tail, index, (Slice){bytes, count}, cut, lines);
    close(file);
    free(bytes);
    return good;
}

static bool gather(LogTail *tail, bool last, size_t lines, Error *error) {
    for (unsigned i = 0; i < tail->count; i++)
        if (!gather_one(tail, i, last, lines))
            return files_refused(error, "read the log", tail->sources[i].name);
    return true;
}

static void hand_out(LogTail *tail, size_t lines, LogVisitor visitor, void *context) {
    if (tail->line_count) qsort(tail->lines, tail->line_count, sizeof *tail->lines, in_time);
    size_t first = tail->line_count > lines ? tail->line_count - lines : 0;
    for (size_t i = 0; i < tail->line_count; i++) {
        KeptLine *line = &tail->lines[i];
        if (i >= first) visit(tail, line->source, slice_of(line->text), visitor, context);
        free(line->text);
    }
    tail->line_count = 0;
}

bool log_tail_last(LogTail *tail, unsigned lines, LogVisitor visitor, void *context, Error *error) {
    bool good = gather(tail, true, lines, error);
    hand_out(tail, good ? lines : 0, visitor, context);
    return good;
}

bool log_tail_more(LogTail *tail, LogVisitor visitor, void *context, Error *error) {
    find_sources(tail);
    bool good = gather(tail, false, SIZE_MAX, error);
    hand_out(tail, good ? SIZE_MAX : 0, visitor, context);
    return good;
}

void log_tail_close(LogTail *tail) {
    if (!tail) return;
    free(tail->lines);
    free(tail);
}
