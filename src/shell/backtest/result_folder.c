/* SPDX-License-Identifier: Apache-2.0 */
/* Which results a folder holds. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "shell/backtest/result.h"
#include "shell/sys/files.h"

#define TIME_LENGTH 19 /* 20240131-120000000- */

static int is_document(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - 5, ".json") == 0;
}

static int is_sweep(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 13 && strncmp(entry->d_name, "sweep-", 6) == 0 &&
           strcmp(entry->d_name + length - 7, ".ndjson") == 0;
}

static char **list(const char *folder, int (*is_wanted)(const struct dirent *), unsigned *count) {
    struct dirent **entries = NULL;
    *count = 0;
    int found = scandir(folder, &entries, is_wanted, alphasort);
    char **paths = found > 0 ? calloc((size_t)found, sizeof paths[0]) : NULL;
    for (int i = 0; i < found; i++) {
        if (paths && asprintf(&paths[*count], "%s/%s", folder, entries[i]->d_name) > 0) ++*count;
        free(entries[i]);
    }
    free(entries);
    return paths;
}

/* Ids begin with the time, so that order of names is order of time. */
char **result_list(const char *folder, unsigned *count) {
    return list(folder, is_document, count);
}

char **result_list_sweeps(const char *folder, unsigned *count) {
    return list(folder, is_sweep, count);
}

static bool begins(const char *path, const char *word) {
    const char *name = strrchr(path, '/');
    return strncmp(name ? name + 1 : path, word, strlen(word)) == 0;
}

/* An id is TIME-STRATEGY-HASH. */
static bool of_strategy(const char *path, const char *word) {
    const char *name = strrchr(path, '/');
    size_t length = strlen(word);
    name = name ? name + 1 : path;
    return length > 0 && strlen(name) > TIME_LENGTH + length &&
           strncmp(name + TIME_LENGTH, word, length) == 0 && name[TIME_LENGTH + length] == '-';
}

/* How many results the word means; the newest of them. A beginning of an id means all that begin
 * so; "last" and the name of a strategy mean one. */
static unsigned search(const char *folder, const char *word, Text *text) {
    unsigned count, hits = 0;
    char **paths = result_list(folder, &count);
    const char *newest = NULL;
    for (unsigned i = 0; i < count; i++) {
        bool one = strcmp(word, "last") == 0 || of_strategy(paths[i], word);
        if (!one && !begins(paths[i], word)) continue;
        newest = paths[i];
        hits = one ? 1 : hits + 1;
    }
    if (newest) text_put(text, newest);
    for (unsigned i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    return hits;
}

bool result_find(const char *folder, const char *word, char *path, size_t size, Error *error) {
    Text text = text_in(path, size);
    bool is_path = strchr(word, '/') || files_exist(word);
    unsigned hits = 1;
    if (is_path)
        text_put(&text, word);
    else
        hits = search(folder, word, &text);
    text_end(&text);
    if (text.overflow) return error_set(error, ERROR_USAGE, "the path is too long", word, NULL);
    if (hits == 1) return true;
    return error_set(error, hits ? ERROR_USAGE : ERROR_DATA,
                     hits ? "more than one result begins so" : "there is no such result", word,
                     "trader backtest analyze lists them");
}
