/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/packed_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zip.h>
#include <zlib.h>

#include "core/base/text.h"

#define INFLATE_SIZE                                                                               \
    131072u /* zlib's advice for speed: "128K or 256K bytes" (zlib.h, gzbuffer)                    \
             */
/* Tables of candles pack 3 to 40 times; deflate reaches 1,000 on what says nothing. */
#define UNPACKED_TIMES 200u
#define UNPACKED_FREE  (64ull << 20) /* below this nobody is hurt */

struct PackedFile {
    char *path;
    gzFile gz;      /* plain and gzip files */
    zip_t *archive; /* zip files: the archive and the entry being read */
    zip_file_t *entry;
    uint64_t packed, unpacked; /* bytes */
};

bool packed_file_place(const char *path, Error *error) {
    char memory[sizeof error->where];
    size_t inner = strlen(error->where) + 2, length = strlen(path);
    size_t room = sizeof memory - 1 > inner ? sizeof memory - 1 - inner : 0;
    const char *tail = length > room ? path + length - room : path; /* the end tells files apart */
    Text where = TEXT_IN(memory);
    text_put(&where, tail);
    if (error->where[0]) text_format(&where, ", %s", error->where);
    return error_at(error, text_end(&where));
}

static bool refuse(const char *path, Error *error, const char *message, const char *hint) {
    error_set(error, ERROR_DATA, message, "", hint);
    return packed_file_place(path, error);
}

static bool ends_with(const char *path, const char *suffix) {
    size_t length = strlen(path), size = strlen(suffix);
    return length >= size && strcmp(path + length - size, suffix) == 0;
}

static bool is_table(const char *name) {
    return name && (ends_with(name, ".csv") || ends_with(name, ".CSV") || ends_with(name, ".json"));
}

static bool choose_entry(PackedFile *file, zip_uint64_t *chosen, Error *error) {
    zip_int64_t count = zip_get_num_entries(file->archive, 0);
    unsigned tables = 0;
    for (zip_int64_t i = 0; i < count; i++) {
        if (!is_table(zip_get_name(file->archive, (zip_uint64_t)i, 0))) continue;
        if (tables++ == 0) *chosen = (zip_uint64_t)i;
    }
    if (tables == 1) return true;
    if (tables == 0)
        return refuse(file->path, error, "the zip file has no .csv entry",
                      "put the candles into it as a .csv file");
    return refuse(file->path, error, "the zip file has more than one .csv or .json entry",
                  "unpack it: one file holds one table");
}

static bool open_zip(PackedFile *file, Error *error) {
    int code = 0;
    zip_uint64_t chosen = 0;
    file->archive = zip_open(file->path, ZIP_RDONLY, &code);
    if (!file->archive)
        return refuse(file->path, error, "not a sound zip file", "fetch the file again");
    if (!choose_entry(file, &chosen, error)) return false;
    file->entry = zip_fopen_index(file->archive, chosen, 0);
    if (file->entry) return true;
    return refuse(file->path, error, "the zip file's .csv entry cannot be read",
                  "it may be encrypted or use a rare compression: unpack it first");
}

static bool open_gz(PackedFile *file, Error *error) {
    file->gz = gzopen(file->path, "rb");
    if (!file->gz || gzbuffer(file->gz, INFLATE_SIZE) != 0)
        return refuse(file->path, error, strerror(errno), "check the path and its permissions");
    return true;
}

/* The first bytes tell the format: 1f 8b (RFC 1952), "PK" (APPNOTE.TXT 4.3.7). */
static bool open_source(PackedFile *file, Error *error) {
    unsigned char magic[2] = {0, 0};
    struct stat status;
    FILE *probe = fopen(file->path, "rbe");
    if (!probe) {
        return refuse(file->path, error, strerror(errno),
                      "check the path; candle files are .csv, .json, .gz or .zip");
    }
    size_t got = fread(magic, 1, sizeof magic, probe);
    bool failed = ferror(probe) || fstat(fileno(probe), &status) != 0;
    fclose(probe);
    if (failed) return refuse(file->path, error, "cannot be read", "is it a folder?");
    if (got == 0) return refuse(file->path, error, "the file is empty", "fetch it again");
    file->packed = (uint64_t)status.st_size;
    bool gzip = magic[0] == 0x1f && magic[1] == 0x8b, zip = magic[0] == 'P' && magic[1] == 'K';
    if (ends_with(file->path, ".gz") && !gzip)
        return refuse(file->path, error, "named .gz but not gzip inside", "fetch it again");
    if (ends_with(file->path, ".zip") && !zip)
        return refuse(file->path, error, "named .zip but not zip inside", "fetch it again");
    return zip ? open_zip(file, error) : open_gz(file, error);
}

PackedFile *packed_file_open(const char *path, Error *error) {
    PackedFile *file = calloc(1, sizeof *file);
    if (file) file->path = strdup(path);
    if (!file || !file->path) {
        free(file);
        error_set(error, ERROR_LIMIT, "out of memory", path, "close other programs");
        return NULL;
    }
    if (open_source(file, error)) return file;
    packed_file_close(file);
    return NULL;
}

static int64_t read_bytes(PackedFile *file, char *target, size_t size, Error *error) {
    if (file->entry) {
        zip_int64_t got = zip_fread(file->entry, target, size);
        if (got >= 0) return got;
        refuse(file->path, error, "the zip file is damaged", "fetch the file again");
        return -1;
    }
    int got = gzread(file->gz, target, (unsigned)size), code = Z_OK;
    if (got > 0) return got;
    /* A file cut short reads as an end: only the error number tells. */
    gzerror(file->gz, &code);
    if (got == 0 && (code == Z_OK || code == Z_STREAM_END)) return 0;
    refuse(file->path, error, "the gzip file is damaged or cut short", "fetch the file again");
    return -1;
}

int64_t packed_file_read(PackedFile *file, char *target, size_t size, Error *error) {
    int64_t got = read_bytes(file, target, size, error);
    if (got <= 0) return got;
    file->unpacked += (uint64_t)got;
    if (file->unpacked < UNPACKED_FREE || file->unpacked / UNPACKED_TIMES < file->packed)
        return got;
    refuse(file->path, error, "the file unpacks to over 200 times its size: no table does",
           "unpack it and look at it");
    return -1;
}

void packed_file_close(PackedFile *file) {
    if (!file) return;
    if (file->gz) gzclose(file->gz);
    if (file->entry) zip_fclose(file->entry);
    if (file->archive) zip_discard(file->archive);
    free(file->path);
    free(file);
}
