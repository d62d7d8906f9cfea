/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* rename */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/bus/shape.h"

#define LOG_FILES_MAX (LIMIT_SERVICES + 1) /* every service and the program itself */
#define LOG_LINE_MAX                                                                               \
    2048 /* the longest text of a message has 240 bytes, each at most 4 when escaped */
#define LOG_BUFFER     8192 /* about 80 lines: one write instead of 80; 16 services take 128 KiB */
#define LOG_BUFFER_MAX (1u << 20) /* while the disk is full: about 10,000 lines a service */

typedef struct LogFile {
    char path[600];
    int descriptor; /* -1: not open */
    uint64_t size;  /* of the file */
    char *buffer;
    size_t used, capacity;
    char service[32];
} LogFile;

struct LogFiles {
    char directory[512];
    uint64_t rotate_bytes;
    unsigned keep_files, count;
    LogFile files[LOG_FILES_MAX];
};

static bool refused(Error *error, const char *what, const char *path) {
    char memory[200];
    Text message = TEXT_IN(memory);
    int cause = errno;
    bool full = cause == ENOSPC || cause == EDQUOT || cause == EFBIG;
    text_format(&message, "cannot %s the log file: %s", what, strerror(cause));
    error_set(error, full ? ERROR_DISK_FULL : ERROR_IO, text_end(&message), path,
              full ? "free some space: lines are kept in memory and tried again"
                   : "look at the rights of the directory (logging.log_directory)");
    if (error) error->retry_helps = full;
    return false;
}

/* ---- a line -------------------------------------------------------------------------------- */

static void put_escape(Text *text, unsigned char c) {
    static const char digits[] = "0123456789abcdef";
    if (c == '\n' || c == '\r' || c == '\t') {
        text_put(text, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
        return;
    }
    text_put(text, "\\x");
    text_char(text, digits[c >> 4]);
    text_char(text, digits[c & 15]);
}

/* Control characters of ASCII, and U+0080 to U+009F, which terminals obey too. */
static void put_safe(Text *text, const char *from) {
    for (const unsigned char *at = (const unsigned char *)from; *at; at++) {
        if (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
            put_escape(text, *++at);
        else if (*at < 0x20 || *at == 0x7f)
            put_escape(text, *at);
        else
            text_char(text, (char)*at);
    }
}

void log_file_format(Text *text, const LogFileLine *line) {
    char time[24], memory[LOG_LINE_MAX];
    Text body = TEXT_IN(memory);
    instant_to_log(line->time_us, time);
    text_format(&body, "%s - %s - [%s] ", time, LogLevel_text(line->level), line->label);
    put_safe(&body, line->text);
    text_put(text, text_end(&body));
    text_char(text, '\n');
}

/* ---- a file -------------------------------------------------------------------------------- */

static bool write_some(LogFile *file, const char *bytes, size_t count, size_t *written) {
    ssize_t done = write(file->descriptor, bytes, count);
    if (done < 0 && errno == EINTR) done = 0;
    if (done < 0) return false;
    *written = (size_t)done;
    file->size += (size_t)done;
    return true;
}

static bool open_file(LogFile *file, Error *error) {
    file->descriptor = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    struct stat status;
    if (file->descriptor < 0 || fstat(file->descriptor, &status) != 0)
        return refused(error, "open", file->path);
    file->size = (uint64_t)status.st_size;
    return true;
}

/* What a full disk took of the buffer is taken off it: the next try goes on behind the last byte.
 */
static bool flush_file(LogFile *file, Error *error) {
    size_t at = 0, written = 0;
    bool sound =
        file->descriptor >= 0 || open_file(file, NULL); /* a rotation may have failed half-way */
    while (sound && at < file->used) {
        sound = write_some(file, file->buffer + at, file->used - at, &written);
        if (sound) at += written;
    }
    int cause = errno;
    memmove(file->buffer, file->buffer + at, file->used - at);
    file->used -= at;
    errno = cause;
    return sound || refused(error, "write", file->path);
}

/* A line that a kill cut in the middle is ended, so that the next one stands alone. */
static void end_torn_line(LogFile *file) {
    char last = '\n';
    if (file->size == 0 || pread(file->descriptor, &last, 1, (off_t)file->size - 1) != 1) return;
    if (last != '\n') file->buffer[file->used++] = '\n';
}

static void rotated_path(const LogFile *file, unsigned number, char *target, size_t capacity) {
    Text text = text_in(target, capacity);
    text_put(&text, file->path);
    if (number > 0) text_format(&text, ".%d", (int)number);
    text_end(&text);
}

static bool rotate(const LogFiles *files, LogFile *file, Error *error) {
    char from[640], to[640];
    if (!flush_file(file, error)) return false;
    for (unsigned number = files->keep_files; number > 0; number--) {
        rotated_path(file, number - 1, from, sizeof from);
        rotated_path(file, number, to, sizeof to);
        if (rename(from, to) != 0 && errno != ENOENT) return refused(error, "rotate", from);
    }
    close(file->descriptor);
    return open_file(file, error);
}

static bool grow(LogFile *file, size_t size) {
    if (file->capacity - file->used >= size) return true;
    size_t wanted = file->capacity * 2;
    char *buffer = wanted <= LOG_BUFFER_MAX ? realloc(file->buffer, wanted) : NULL;
    if (!buffer) return false;
    file->buffer = buffer;
    file->capacity = wanted;
    return file->capacity - file->used >= size;
}

/* ---- all files ----------------------------------------------------------------------------- */

LogFiles *log_file_open(const LogFilesPlan *plan, Error *error) {
    if (mkdir(plan->directory, 0755) != 0 && errno != EEXIST) {
        refused(error, "make the directory of", plan->directory);
        return NULL;
    }
    LogFiles *files = calloc(1, sizeof *files);
    if (!files ||
        !slice_copy(slice_of(plan->directory), files->directory, sizeof files->directory)) {
        error_set(error, ERROR_LIMIT, "the path of the logs is too long", plan->directory, NULL);
        free(files);
        return NULL;
    }
    files->rotate_bytes = plan->rotate_bytes;
    files->keep_files = plan->keep_files;
    return files;
}

/* The name becomes part of a path: letters, digits, '_' and '-' only. */
static bool name_is_safe(const char *name) {
    size_t length =
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return length > 0 && name[length] == 0;
}

static LogFile *add_file(LogFiles *files, const char *service, Error *error) {
    LogFile *file = &files->files[files->count];
    if (files->count == LOG_FILES_MAX || !name_is_safe(service) ||
        !slice_copy(slice_of(service), file->service, sizeof file->service)) {
        error_set(error, ERROR_LIMIT, "no log file for this name", service,
                  "names of services only");
        return NULL;
    }
    Text path = TEXT_IN(file->path);
    text_format(&path, "%s/%s.log", files->directory, service);
    text_end(&path);
    if (!file->buffer) file->buffer = malloc(LOG_BUFFER);
    if (!file->buffer || !open_file(file, error)) return NULL;
    file->capacity = LOG_BUFFER;
    file->used = 0;
    end_torn_line(file);
    files->count++;
    return file;
}

static LogFile *file_of(LogFiles *files, const char *service, Error *error) {
    for (unsigned i = 0; i < files->count; i++)
        if (strcmp(files->files[i].service, service) == 0) return &files->files[i];
    return add_file(files, service, error);
}

bool log_file_put(LogFiles *files, const LogFileLine *line, Error *error) {
    char memory[LOG_LINE_MAX + 1];
    Text text = TEXT_IN(memory);
    log_file_format(&text, line);
    LogFile *file = file_of(files, line->service, error);
    if (!file) return false;
    bool sound = true;
    if (file->size + file->used + text.length > files->rotate_bytes && file->size + file->used > 0)
        sound = rotate(files, file, error);
    else if (file->capacity - file->used < text.length)
        sound = flush_file(file, error);
    if (!grow(file, text.length)) return false;
    if (!sound && error) error->code = ERROR_NONE; /* the line is kept: log_file_flush will tell */
    memcpy(file->buffer + file->used, text.at, text.length);
    file->used += text.length;
    return true;
}

bool log_file_flush(LogFiles *files, Error *error) {
    bool sound = true;
    for (unsigned i = 0; i < files->count; i++)
        if (files->files[i].used > 0 && !flush_file(&files->files[i], error)) sound = false;
    return sound;
}

void log_file_close(LogFiles *files) {
    if (!files) return;
    Error ignored;
    if (!log_file_flush(files, &ignored))
        ignored.code = ERROR_NONE; /* nobody is left to try again */
    for (unsigned i = 0; i < files->count; i++) {
        close(files->files[i].descriptor);
        free(files->files[i].buffer);
    }
    free(files);
}
