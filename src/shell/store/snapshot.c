/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shell/sys/files.h"

#define SLOTS 2 /* the older stays until the newer is whole */

typedef struct SnapshotFile {
    char magic[8];
    uint64_t digest; /* of all behind it, the blocks included */
    uint64_t sizes[SNAPSHOT_BLOCKS];
    SnapshotHead head;
} SnapshotFile;

static const char magic[8] = {'T', 'R', 'A', 'D', 'E', 'R', 'S', '4'};

static size_t size_of(const SnapshotFile *file) {
    size_t size = sizeof *file;
    for (unsigned i = 0; i < SNAPSHOT_BLOCKS; i++)
        size += file->sizes[i];
    return size;
}

/* 64 bits that are mixed well tell torn and flipped bytes as surely as a CRC does, at the pace of
 * memory. */
static uint64_t digest_of(const SnapshotFile *file,
                          const SnapshotBlock blocks[static SNAPSHOT_BLOCKS]) {
    const uint8_t *from = (const uint8_t *)file->sizes;
    uint64_t parts[1 + SNAPSHOT_BLOCKS];
    parts[0] = hash64(from, sizeof *file - offsetof(SnapshotFile, sizes));
    for (unsigned i = 0; i < SNAPSHOT_BLOCKS; i++)
        parts[1 + i] = hash64(blocks[i].at, blocks[i].size);
    return hash64(parts, sizeof parts);
}

static void slot_path(const char *state_directory, unsigned slot, char path[static 640]) {
    snprintf(path, 640, "%.600s/journal/snapshot.%u", state_directory, slot);
}

/* ---- writing ------------------------------------------------------------------------------- */

static bool write_slot(int out, SnapshotFile *file,
                       const SnapshotBlock blocks[static SNAPSHOT_BLOCKS]) {
    struct iovec parts[1 + SNAPSHOT_BLOCKS] = {{.iov_base = file, .iov_len = sizeof *file}};
    for (unsigned i = 0; i < SNAPSHOT_BLOCKS; i++)
        parts[1 + i] = (struct iovec){.iov_base = blocks[i].at, .iov_len = blocks[i].size};
    ssize_t total = (ssize_t)size_of(file);
    ssize_t written = writev(out, parts, 1 + SNAPSHOT_BLOCKS);
    if (written >= 0 && written < total)
        errno = ENOSPC; /* a short write gives no reason of its own */
    return written == total && ftruncate(out, total) == 0;
}

/* The older slot is written over where it stands: while it is torn its digest does not fit, and the
 * newer one counts. A new file under the old name would cost a flush of the file system each time.
 */
bool snapshot_write(const char *state_directory, const SnapshotHead *head,
                    const SnapshotBlock blocks[static SNAPSHOT_BLOCKS], bool hurry, Error *error) {
    char path[640];
    SnapshotFile file;
    memset(&file, 0, sizeof file);
    memcpy(file.magic, magic, sizeof magic);
    for (unsigned i = 0; i < SNAPSHOT_BLOCKS; i++)
        file.sizes[i] = blocks[i].size;
    file.head = *head;
    file.digest = digest_of(&file, blocks);
    slot_path(state_directory, (unsigned)(head->count % SLOTS), path);
    int out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (out < 0) return files_refused(error, "write", path);
    bool whole = write_slot(out, &file, blocks);
    int cause = errno;
    if (hurry) sync_file_range(out, 0, 0, SYNC_FILE_RANGE_WRITE);
    whole = close(out) == 0 && whole;
    if (whole) return true;
    errno = cause;
    return files_refused(error, "write", path);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Sizes that a flipped bit has made must not lead out of what is read. */
static bool sizes_fit(const SnapshotFile *file, uint64_t total) {
    for (unsigned i = 0; i < SNAPSHOT_BLOCKS; i++)
        if (file->sizes[i] > total) return false;
    return size_of(file) == total;
}

typedef enum HeadAnswer { HEAD_NONE, HEAD_DAMAGED, HEAD_THERE } HeadAnswer;

static HeadAnswer read_head(unsigned slot, const char *state_directory, SnapshotFile *file) {
    char path[640];
    struct stat about;
    slot_path(state_directory, slot, path);
    FILE *in = fopen(path, "rbe");
    if (!in) return errno == ENOENT ? HEAD_NONE : HEAD_DAMAGED;
    bool sound = fread(file, sizeof *file, 1, in) == 1 &&
                 memcmp(file->magic, magic, sizeof magic) == 0 && fstat(fileno(in), &about) == 0 &&
                 sizes_fit(file, (uint64_t)about.st_size);
    fclose(in);
    return sound ? HEAD_THERE : HEAD_DAMAGED;
}

/* The blocks of a head that was read, one behind the other; the caller frees them. NULL: torn, or
 * damaged. */
static uint8_t *read_blocks(unsigned slot, const char *state_directory, const SnapshotFile *file) {
    char path[640];
    SnapshotBlock blocks[SNAPSHOT_BLOCKS];
    size_t size = size_of(file) - sizeof *file;
    slot_path(state_directory, slot, path);
    int in = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *loaded = in >= 0 ? malloc(size) : NULL;
    bool sound = loaded && pread(in, loaded, size, sizeof *file) == (ssize_t)size;
    if (in >= 0) close(in);
    for (size_t i = 0, at = 0; sound && i < SNAPSHOT_BLOCKS; at += file->sizes[i++])
        blocks[i] = (SnapshotBlock){loaded + at, file->sizes[i]};
    if (sound && digest_of(file, blocks) == file->digest) return loaded;
    free(loaded);
    return NULL;
}

static bool fit(const SnapshotFile *file, const SnapshotHead *wanted,
                const SnapshotBlock blocks[static SNAPSHOT_BLOCKS]) {
    for (unsigned i = 0; i < SNAPSHOT_BLOCKS; i++)
        if (file->sizes[i] != blocks[i].size) return false;
    return file->head.layout == wanted->layout &&
           memcmp(file->head.settings, wanted->settings, SHA256_SIZE) == 0;
}

/* The sound blocks of a slot; one that is ahead of the journal is removed. */
static uint8_t *load(unsigned slot, const char *state_directory, const SnapshotFile *file,
                     SnapshotFault *fault) {
    char path[640];
    uint8_t *loaded = read_blocks(slot, state_directory, file);
    if (!loaded) fault->damaged++;
    if (!loaded || journal_holds(state_directory, &file->head.mark)) return loaded;
    if (file->head.mark.sequence > fault->ahead_sequence)
        fault->ahead_sequence = file->head.mark.sequence;
    slot_path(state_directory, slot, path);
    unlink(path);
    free(loaded);
    return NULL;
}

SnapshotAnswer snapshot_read(const char *state_directory, const SnapshotHead *wanted,
                             SnapshotHead *head, const SnapshotBlock blocks[static SNAPSHOT_BLOCKS],
                             SnapshotFault *fault) {
    SnapshotFile files[SLOTS];
    HeadAnswer there[SLOTS];
    SnapshotAnswer answer = SNAPSHOT_NONE;
    *fault = (SnapshotFault){.damaged = 0};
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        there[slot] = read_head(slot, state_directory, &files[slot]);
        fault->damaged += there[slot] == HEAD_DAMAGED;
    }
    unsigned newer = there[1] == HEAD_THERE &&
                     (there[0] != HEAD_THERE || files[1].head.count > files[0].head.count);
    for (unsigned turn = 0; turn < SLOTS && answer == SNAPSHOT_NONE; turn++) {
        unsigned slot = (newer + turn) % SLOTS;
        uint8_t *loaded =
            there[slot] == HEAD_THERE ? load(slot, state_directory, &files[slot], fault) : NULL;
        if (!loaded) continue;
        *head = files[slot].head;
        answer = fit(&files[slot], wanted, blocks) ? SNAPSHOT_FITS : SNAPSHOT_OTHER;
        for (size_t i = 0, at = 0; answer == SNAPSHOT_FITS && i < SNAPSHOT_BLOCKS;
             at += blocks[i++].size)
            if (blocks[i].size) memcpy(blocks[i].at, loaded + at, blocks[i].size);
        free(loaded);
    }
    return answer;
}
