/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>
#include <zlib.h>

#define READ_SIZE     65536u /* a read of this size costs far less than the inflating of it */
#define LINE_MAX_SIZE 4096u  /* 64 columns of 32 characters take 2 KiB */
#define INFLATE_SIZE                                                                               \
    131072u /* zlib's advice for speed: "128K or 256K bytes" (zlib.h, gzbuffer)                    \
             */

struct CandleFile {
    char *path;
    gzFile gz;      /* plain and gzip files */
    zip_t *archive; /* zip files: the archive and the entry being read */
    zip_file_t *entry;
    CandleColumns columns;
    int64_t last_us;      /* time of the last bar given out */
    uint64_t last_line;   /* its line */
    uint64_t line_number; /* of `line` */
    Slice line;           /* in `buffer`, until the next read */
    bool held;            /* `line` is a row that was read ahead (a file without header) */
    bool ended;           /* the source has no more bytes */
    size_t begin, end;    /* unread bytes of the buffer */
    char buffer[READ_SIZE + LINE_MAX_SIZE];
};

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool ends_with(const char *path, const char *suffix) {
    size_t length = strlen(path), size = strlen(suffix);
    return length >= size && strcmp(path + length - size, suffix) == 0;
}

/* Puts the file's name before the place that the core knows (line and column). */
void candle_file_name(const char *path, Error *error) {
    char memory[sizeof error->where];
    size_t inner = strlen(error->where) + 2, length = strlen(path);
    size_t room = sizeof memory - 1 > inner ? sizeof memory - 1 - inner : 0;
    const char *tail = length > room ? path + length - room : path; /* the end tells files apart */
    Text where = TEXT_IN(memory);
    text_put(&where, tail);
    if (error->where[0]) text_format(&where, ", %s", error->where);
    error_at(error, text_end(&where));
}

static bool refuse(const char *path, Error *error, const char *message, const char *hint) {
    error_set(error, ERROR_DATA, message, "", hint);
    candle_file_name(path, error);
    return false;
}

/* --- the three formats ------------------------------------------------------------------------ */

static bool open_zip(CandleFile *file, Error *error) {
    int code = 0;
    file->archive = zip_open(file->path, ZIP_RDONLY, &code);
    if (!file->archive)
        return refuse(file->path, error, "not a sound zip file", "fetch the file again");
    zip_int64_t count = zip_get_num_entries(file->archive, 0);
    for (zip_int64_t i = 0; i < count; i++) {
        const char *name = zip_get_name(file->archive, (zip_uint64_t)i, 0);
        if (!name || !(ends_with(name, ".csv") || ends_with(name, ".CSV"))) continue;
        file->entry = zip_fopen_index(file->archive, (zip_uint64_t)i, 0);
        if (file->entry) return true;
        return refuse(file->path, error, "the zip file's .csv entry cannot be read",
                      "it may be encrypted or use a rare compression: unpack it first");
    }
    return refuse(file->path, error, "the zip file has no .csv entry",
                  "put the candles into it as a .csv file");
}

static bool open_gz(CandleFile *file, Error *error) {
    file->gz = gzopen(file->path, "rb");
    if (!file->gz || gzbuffer(file->gz, INFLATE_SIZE) != 0)
        return refuse(file->path, error, strerror(errno), "check the path and its permissions");
    return true;
}

/* The first bytes tell the format: 1f 8b (RFC 1952), "PK" (APPNOTE.TXT 4.3.7). */
static bool open_source(CandleFile *file, Error *error) {
    unsigned char magic[2] = {0, 0};
    FILE *probe = fopen(file->path, "rbe");
    if (!probe) {
        return refuse(file->path, error, strerror(errno),
                      "check the path; candle files are .csv, .csv.gz or .zip");
    }
    size_t got = fread(magic, 1, sizeof magic, probe);
    bool failed = ferror(probe);
    fclose(probe);
    if (failed) return refuse(file->path, error, "cannot be read", "is it a folder?");
    if (got == 0) return refuse(file->path, error, "the file is empty", "fetch it again");
    bool gzip = magic[0] == 0x1f && magic[1] == 0x8b, zip = magic[0] == 'P' && magic[1] == 'K';
    if (ends_with(file->path, ".gz") && !gzip)
        return refuse(file->path, error, "named .gz but not gzip inside", "fetch it again");
    if (ends_with(file->path, ".zip") && !zip)
        return refuse(file->path, error, "named .zip but not zip inside", "fetch it again");
    return zip ? open_zip(file, error) : open_gz(file, error);
}

/* Bytes read into the end of the buffer; 0 at the end of the file, -1 with an Error. */
static int64_t source_read(CandleFile *file, char *target, Error *error) {
    if (file->entry) {
        zip_int64_t got = zip_fread(file->entry, target, READ_SIZE);
        if (got >= 0) return got;
        refuse(file->path, error, "the zip file is damaged", "fetch the file again");
        return -1;
    }
    int got = gzread(file->gz, target, READ_SIZE), code = Z_OK;
    if (got > 0) return got;
    /* A file cut short reads as an end: only the error number tells. */
    gzerror(file->gz, &code);
    if (got == 0 && (code == Z_OK || code == Z_STREAM_END)) return 0;
    refuse(file->path, error, "the gzip file is damaged or cut short", "fetch the file again");
    return -1;
}

/* --- lines ------------------------------------------------------------------------------------ */

static void line_give(CandleFile *file, size_t length, size_t skip) {
    file->line = (Slice){file->buffer + file->begin, length};
    file->begin += length + skip;
    file->line_number++;
}

/* Moves the rest to the front and fills up. False when reading failed. */
static bool buffer_fill(CandleFile *file, Error *error) {
    size_t rest = file->end - file->begin;
    memmove(file->buffer, file->buffer + file->begin, rest);
    file->begin = 0;
    file->end = rest;
    int64_t got = source_read(file, file->buffer + rest, error);
    if (got < 0) return false;
    file->ended = got == 0;
    file->end += (size_t)got;
    return true;
}

/* The next line, without its end. */
static CandleAnswer line_next(CandleFile *file, Error *error) {
    for (;;) {
        size_t rest = file->end - file->begin;
        const char *start = file->buffer + file->begin;
        const char *stop = rest ? memchr(start, '\n', rest) : NULL;
        size_t length = stop ? (size_t)(stop - start) : rest;
        if (length > LINE_MAX_SIZE) {
            refuse(file->path, error, "a line is longer than 4096 bytes", "is it a candle file?");
            return CANDLE_FAILED;
        }
        if (stop || (file->ended && rest)) {
            line_give(file, length, stop ? 1 : 0);
            return CANDLE_BAR;
        }
        if (file->ended) return CANDLE_ENDED;
        if (!buffer_fill(file, error)) return CANDLE_FAILED;
    }
}

/* The next line that is not blank, or the one that was read ahead. */
static CandleAnswer row_next(CandleFile *file, Error *error) {
    CandleAnswer answer = CANDLE_BAR;
    if (file->held) {
        file->held = false;
        return answer;
    }
    do {
        answer = line_next(file, error);
    } while (answer == CANDLE_BAR && candle_csv_blank(file->line));
    return answer;
}

static bool read_columns(CandleFile *file, unsigned needed, Error *error) {
    CandleAnswer answer = row_next(file, error);
    if (answer == CANDLE_FAILED) return false;
    if (answer == CANDLE_ENDED)
        return refuse(file->path, error, "the file holds only blank lines", "fetch it again");
    if (!candle_csv_columns(file->line, file->line_number, needed, &file->columns, error)) {
        candle_file_name(file->path, error);
        return false;
    }
    file->held = !candle_csv_is_header(file->line);
    return true;
}

/* --- the public face -------------------------------------------------------------------------- */

CandleFile *candle_file_open_lines(const char *path, Error *error) {
    Error ignored;
    if (!error) error = &ignored;
    CandleFile *file = calloc(1, sizeof *file);
    if (file) file->path = strdup(path);
    if (!file || !file->path) {
        free(file);
        error_set(error, ERROR_LIMIT, "out of memory", path, "close other programs");
        return NULL;
    }
    file->last_us = INT64_MIN;
    if (open_source(file, error)) return file;
    candle_file_close(file);
    return NULL;
}

CandleAnswer candle_file_text(CandleFile *file, Slice *line, Error *error) {
    CandleAnswer answer = row_next(file, error);
    *line = file->line;
    return answer;
}

CandleFile *candle_file_open(const char *path, unsigned needed, Error *error) {
    Error ignored;
    if (!error) error = &ignored;
    CandleFile *file = candle_file_open_lines(path, error);
    if (!file || read_columns(file, needed, error)) return file;
    candle_file_close(file);
    return NULL;
}

const CandleColumns *candle_file_columns(const CandleFile *file) {
    return &file->columns;
}

uint64_t candle_file_line(const CandleFile *file) {
    return file->line_number;
}

unsigned candle_file_volume_decimals(const CandleFile *file) {
    return candle_csv_volume_decimals(&file->columns, file->line);
}

static CandleAnswer refuse_row(const CandleFile *file, const char *message, const char *hint,
                               Error *error) {
    char place[64];
    Text where = TEXT_IN(place);
    text_format(&where, "line %D", (int64_t)file->line_number);
    error_set(error, ERROR_DATA, message, text_end(&where), hint);
    candle_file_name(file->path, error);
    return CANDLE_REFUSED;
}

static CandleAnswer refuse_grid(const CandleFile *file, Error *error) {
    return refuse_row(file, "the open time is not a whole minute",
                      "the shortest interval that is traded on is one minute", error);
}

static CandleAnswer refuse_order(const CandleFile *file, const Bar *bar, Error *error) {
    char memory[120];
    Text message = TEXT_IN(memory);
    const char *what = bar->time_us == file->last_us ? "the row repeats the time of line %D"
                                                     : "the row is older than line %D";
    text_format(&message, what, (int64_t)file->last_line);
    return refuse_row(file, text_end(&message), "sort the file by time", error);
}

CandleAnswer candle_file_bar_unordered(CandleFile *file, Bar *bar, Error *error) {
    CandleAnswer answer = row_next(file, error);
    if (answer != CANDLE_BAR) return answer;
    if (!candle_csv_bar(&file->columns, file->line, file->line_number, bar, error)) {
        candle_file_name(file->path, error);
        return CANDLE_REFUSED;
    }
    return bar->time_us % INSTANT_MINUTE_US == 0 ? CANDLE_BAR : refuse_grid(file, error);
}

CandleAnswer candle_file_bar(CandleFile *file, Bar *bar, Error *error) {
    CandleAnswer answer = candle_file_bar_unordered(file, bar, error);
    if (answer != CANDLE_BAR) return answer;
    if (bar->time_us <= file->last_us) return refuse_order(file, bar, error);
    file->last_us = bar->time_us;
    file->last_line = file->line_number;
    return CANDLE_BAR;
}

unsigned candle_file_known(const CandleFile *file) {
    return candle_csv_known(&file->columns, file->line);
}

CandleAnswer candle_file_row(CandleFile *file, CandleRow *row, Error *error) {
    CandleAnswer answer = row_next(file, error);
    if (answer != CANDLE_BAR) return answer;
    if (candle_csv_row(&file->columns, file->line, file->line_number, row, error))
        return CANDLE_BAR;
    candle_file_name(file->path, error);
    return CANDLE_REFUSED;
}

void candle_file_close(CandleFile *file) {
    if (!file) return;
    if (file->gz) gzclose(file->gz);
    if (file->entry) zip_fclose(file->entry);
    if (file->archive) zip_discard(file->archive);
    free(file->path);
    free(file);
}

bool candle_file_symbol(const char *path, SymbolName *name) {
    const char *start = base_name(path);
    size_t length = 0;
    bool letter = false;
    for (;; length++) {
        bool capital = start[length] >= 'A' && start[length] <= 'Z';
        if (!capital && !(start[length] >= '0' && start[length] <= '9')) break;
        letter |= capital; /* 20230101.csv names a day, not a symbol */
    }
    return letter && length >= 5 && length <= 20 && symbol_name_set(name, (Slice){start, length});
}
