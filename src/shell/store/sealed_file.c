/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/sealed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/digest.h"
#include "core/base/text.h"
#include "shell/sys/files.h"

#define SEALED_MAX 65536 /* the texts have a few hundred bytes */
#define PATH_BYTES 700
#define SEAL_FORM  "{\"number\":%020llu,\"seal\":\"%016llx\"}\n"
#define SEAL_BYTES 58 /* always as long, so that it is found from the end */

typedef enum CopyAnswer {
    COPY_ABSENT,
    COPY_DAMAGED,
    COPY_BARE, /* no seal */
    COPY_SOUND
} CopyAnswer;

typedef struct Copy {
    CopyAnswer answer;
    char *text; /* NULL where there is none to believe */
    unsigned long long number;
} Copy;

static void copy_path(const char *path, char target[static PATH_BYTES]) {
    snprintf(target, PATH_BYTES, "%.680s.copy", path);
}

static unsigned long long seal_of(const char *text, unsigned long long number) {
    uint64_t parts[2] = {hash64(text, strlen(text)), number};
    return hash64(parts, sizeof parts);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* Splits the seal off. The line is made again and compared, so that every byte of it counts. */
static CopyAnswer judge(char *text, size_t length, unsigned long long *number) {
    char seal[SEAL_BYTES + 1], wanted[SEAL_BYTES + 1];
    if (length == 0 || strlen(text) != length) return COPY_DAMAGED;
    if (length <= SEAL_BYTES) return COPY_BARE;
    char *line = text + length - SEAL_BYTES;
    memcpy(seal, line, sizeof seal);
    if (sscanf(line, "{\"number\":%20llu", number) != 1) return COPY_BARE;
    *line = 0;
    snprintf(wanted, sizeof wanted, SEAL_FORM, *number, seal_of(text, *number));
    return strcmp(seal, wanted) == 0 ? COPY_SOUND : COPY_DAMAGED;
}

static Copy read_copy(const char *path) {
    Copy copy = {.answer = COPY_ABSENT};
    size_t length;
    Error ignored; /* what cannot be read is damaged: the other copy decides */
    if (!files_exist(path)) return copy;
    copy.answer = COPY_DAMAGED;
    if (!files_read(path, SEALED_MAX, &copy.text, &length, &ignored)) copy.text = NULL;
    if (copy.text) copy.answer = judge(copy.text, length, &copy.number);
    if (copy.answer != COPY_DAMAGED) return copy;
    free(copy.text);
    copy.text = NULL;
    return copy;
}

/* A text cut short, or with a seal that is broken, is no text written by hand. */
static void judge_bare(Copy *first, const Copy *second) {
    if (first->answer != COPY_BARE || second->answer != COPY_SOUND) return;
    size_t a = strlen(first->text), b = strlen(second->text);
    if (memcmp(first->text, second->text, a < b ? a : b) == 0) first->answer = COPY_DAMAGED;
}

/* The first is written first, and so is never behind the other unless somebody put it there. */
static bool first_counts(const Copy *first, const Copy *second) {
    if (first->answer == COPY_BARE) return true;
    if (first->answer != COPY_SOUND) return false;
    return second->answer != COPY_SOUND || first->number >= second->number;
}

static void mend(const char *path, const Copy *first, const Copy *second, const char *text) {
    struct stat about;
    Error error;
    bool counts = first_counts(first, second);
    if (counts && (second->answer == COPY_SOUND || second->answer == COPY_ABSENT)) return;
    if (first->answer == COPY_BARE) return; /* written by hand: the copy is older, and no matter */
    fprintf(stderr, "! state: %s: %s\n", path,
            counts                          ? "its copy is damaged and was made again"
            : first->answer == COPY_ABSENT  ? "it is gone and was made again from its copy"
            : first->answer == COPY_DAMAGED ? "it is damaged and was made again from its copy"
                                            : "an older one stands in its place; its copy counts");
    mode_t mode = stat(path, &about) == 0 ? about.st_mode & 0777 : 0600;
    if (!sealed_write(path, text, mode, &error))
        fprintf(stderr, "! state: %s: %s\n", error.where, error.message);
}

bool sealed_read(const char *path, char **text, bool *found, Error *error) {
    char other[PATH_BYTES];
    copy_path(path, other);
    Copy first = read_copy(path), second = read_copy(other);
    judge_bare(&first, &second);
    char *chosen = first_counts(&first, &second) ? first.text
                   : second.answer == COPY_SOUND ? second.text
                                                 : NULL;
    *found = first.answer != COPY_ABSENT || second.answer != COPY_ABSENT;
    if (chosen) mend(path, &first, &second, chosen);
    if (chosen != first.text) free(first.text);
    if (chosen != second.text) free(second.text);
    *text = chosen;
    if (chosen || !*found) return true;
    return error_set(error, ERROR_STATE, "it is damaged, and so is its copy", path,
                     "restore it from a copy of the state, or remove both to begin it anew");
}

/* ---- writing ------------------------------------------------------------------------------- */

bool sealed_write(const char *path, const char *text, mode_t mode, Error *error) {
    char other[PATH_BYTES], *whole = malloc(SEALED_MAX);
    copy_path(path, other);
    Copy first = read_copy(path), second = read_copy(other);
    unsigned long long number = first.answer == COPY_SOUND ? first.number : 0;
    if (second.answer == COPY_SOUND && second.number > number) number = second.number;
    free(first.text);
    free(second.text);
    if (!whole) return error_set(error, ERROR_LIMIT, "out of memory", path, NULL);
    number++;
    int length = snprintf(whole, SEALED_MAX, "%s" SEAL_FORM, text, number, seal_of(text, number));
    bool sound = length > 0 && length < SEALED_MAX
                     ? files_write(path, whole, (size_t)length, mode, error) &&
                           files_write(other, whole, (size_t)length, mode, error)
                     : error_set(error, ERROR_LIMIT, "the text is too long", path, NULL);
    free(whole);
    return sound;
}
