/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/sys/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/base/text.h"

#define STEP_BYTES     65536 /* reading grows by this: one or two steps for every settings file */
#define TREE_DEPTH_MAX 16    /* a state has 3 levels; a loop of links ends here */

bool files_refused(Error *error, const char *verb, const char *path) {
    int reason = errno;
    char memory[200];
    Text text = TEXT_IN(memory);
    text_format(&text, "cannot %s: %s", verb, strerror(reason));
    if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
        return error_set(error, ERROR_DISK_FULL, text_end(&text), path, "free some space");
    return error_set(error, ERROR_IO, text_end(&text), path, NULL);
}

static bool read_all(int file, const char *path, size_t limit, Text *text, Error *error) {
    for (;;) {
        if (text->capacity - text->length < STEP_BYTES) {
            char *grown = realloc(text->at, text->capacity + STEP_BYTES);
            CHECK(grown, "files: out of memory");
            text->at = grown;
            text->capacity += STEP_BYTES;
        }
        ssize_t count = read(file, text->at + text->length, STEP_BYTES - 1);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return files_refused(error, "read", path);
        if (count == 0) return true;
        text->length += (size_t)count;
        if (text->length > limit)
            return error_set(error, ERROR_LIMIT, "the file is too large", path, NULL);
    }
}

bool files_read(const char *path, size_t limit, char **bytes, size_t *length, Error *error) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT)
        return error_set(error, ERROR_DATA, "there is no such file", path, NULL);
    if (file < 0) return files_refused(error, "open", path);
    Text text = {0};
    bool good = read_all(file, path, limit, &text, error);
    close(file);
    if (!good) {
        free(text.at);
        return false;
    }
    text.at[text.length] = 0;
    *bytes = text.at;
    *length = text.length;
    return true;
}

static bool write_all(int file, const char *bytes, size_t length) {
    while (length) {
        ssize_t count = write(file, bytes, length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

void files_flush_directory_of(const char *path) {
    char directory[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (length >= sizeof directory) return;
    memcpy(directory, path, length);
    directory[length] = 0;
    int file = open(length ? directory : slash ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    (void)!fsync(file);
    close(file);
}

static bool put_in_place(const char *path, Slice bytes, mode_t mode, bool to_disk, Error *error) {
    char temporary[PATH_MAX];
    int printed = snprintf(temporary, sizeof temporary, "%s.%d.part", path, (int)gettid());
    if (printed < 0 || (size_t)printed >= sizeof temporary)
        return error_set(error, ERROR_LIMIT, "the path is too long", path, NULL);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0) return files_refused(error, "write", path);
    bool good = write_all(file, bytes.at, bytes.length) && (!to_disk || fsync(file) == 0);
    int reason = errno;
    good = close(file) == 0 && good;
    if (good && rename(temporary, path) == 0) {
        if (to_disk) files_flush_directory_of(path);
        return true;
    }
    if (!good) errno = reason;
    files_refused(error, "write", path);
    unlink(temporary);
    return false;
}

bool files_write(const char *path, const char *bytes, size_t length, mode_t mode, Error *error) {
    return put_in_place(path, (Slice){bytes, length}, mode, true, error);
}

bool files_note(const char *path, const char *bytes, size_t length, mode_t mode, Error *error) {
    return put_in_place(path, (Slice){bytes, length}, mode, false, error);
}

bool files_make_directory(const char *path, Error *error) {
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return error_set(error, ERROR_LIMIT, "the path is empty or too long", path, NULL);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != 0) continue;
        memcpy(part, path, i);
        part[i] = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return files_refused(error, "make the directory", part);
    }
    if (files_is_directory(path)) return true;
    return error_set(error, ERROR_IO, "there is a file where a directory should be", path, NULL);
}

bool files_exist(const char *path) {
    return access(path, F_OK) == 0;
}

bool files_is_directory(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int64_t files_changed_us(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) return 0;
    return (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
}

int64_t files_free_bytes(const char *path) {
    struct statvfs status;
    if (statvfs(path, &status) != 0) return -1;
    return (int64_t)(status.f_bavail * status.f_frsize);
}

static int64_t used_below(const char *path, int depth) {
    struct stat status;
    if (lstat(path, &status) != 0) return 0;
    int64_t bytes = (int64_t)status.st_blocks * 512; /* st_blocks counts 512 bytes (stat(3type)) */
    DIR *directory = S_ISDIR(status.st_mode) && depth ? opendir(path) : NULL;
    if (!directory) return bytes;
    for (struct dirent *entry; (entry = readdir(directory));) {
        char child[PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int printed = snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (printed > 0 && (size_t)printed < sizeof child) bytes += used_below(child, depth - 1);
    }
    closedir(directory);
    return bytes;
}

int64_t files_used_bytes(const char *path) {
    return used_below(path, TREE_DEPTH_MAX);
}
