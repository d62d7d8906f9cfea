/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/snapshot.h"

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
    uint32_t crc; /* of all behind it, the block included */
    uint32_t reserved;
    uint64_t size;
    SnapshotHead head;
} SnapshotFile;

static const char magic[8] = {'T', 'R', 'A', 'D', 'E', 'R', 'S', '1'};

static uint32_t crc_of(const SnapshotFile *file, const void *block) {
    const uint8_t *from = (const uint8_t *)&file->reserved;
    uint32_t crc = crc32c(0, from, sizeof *file - offsetof(SnapshotFile, reserved));
    return crc32c(crc, block, file->size);
}

static void slot_path(const char *state_directory, unsigned slot, const char *suffix,
                      char path[static 640]) {
    snprintf(path, 640, "%.600s/journal/snapshot.%u%s", state_directory, slot, suffix);
}

bool snapshot_write(const char *state_directory, const SnapshotHead *head, const void *block,
                    size_t size, Error *error) {
    char path[640], fresh[640];
    SnapshotFile file;
    memset(&file, 0, sizeof file);
    memcpy(file.magic, magic, sizeof magic);
    file.size = size;
    file.head = *head;
    file.crc = crc_of(&file, block);
    slot_path(state_directory, (unsigned)(head->count % SLOTS), "", path);
    slot_path(state_directory, (unsigned)(head->count % SLOTS), ".new", fresh);
    int out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0) return files_refused(error, "write", fresh);
    struct iovec parts[] = {{.iov_base = &file, .iov_len = sizeof file},
                            {.iov_base = (void *)(uintptr_t)block, .iov_len = size}};
    bool whole = writev(out, parts, 2) == (ssize_t)(sizeof file + size);
    whole = close(out) == 0 && whole;
    if (whole && rename(fresh, path) == 0) return true;
    unlink(fresh);
    return files_refused(error, "write", path);
}

static bool load(const char *path, SnapshotFile *file, uint8_t **block) {
    FILE *in = fopen(path, "rbe");
    struct stat about;
    *block = NULL;
    if (!in) return false;
    bool sound = fread(file, sizeof *file, 1, in) == 1 &&
                 memcmp(file->magic, magic, sizeof magic) == 0 && fstat(fileno(in), &about) == 0 &&
                 (uint64_t)about.st_size == sizeof *file + file->size;
    if (sound) *block = malloc(file->size);
    sound = sound && *block && fread(*block, file->size, 1, in) == 1 &&
            crc_of(file, *block) == file->crc;
    fclose(in);
    if (sound) return true;
    free(*block);
    *block = NULL;
    return false;
}

void snapshot_read(const char *state_directory, const SnapshotHead *wanted, SnapshotHead *head,
                   void *block, size_t size, bool *found, bool *fits) {
    *found = *fits = false;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        char path[640];
        SnapshotFile file;
        uint8_t *loaded;
        slot_path(state_directory, slot, "", path);
        if (!load(path, &file, &loaded)) continue;
        if (!*found || file.head.count > head->count) {
            *found = true;
            *head = file.head;
            *fits = file.size == size && file.head.layout == wanted->layout &&
                    memcmp(file.head.settings, wanted->settings, SHA256_SIZE) == 0;
            if (*fits) memcpy(block, loaded, size);
        }
        free(loaded);
    }
}
