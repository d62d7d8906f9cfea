/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/candle_catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/store/candle_store.h"
#include "shell/sys/files.h"

#define SUFFIX ".candles"

bool candle_catalog_add(CandleCatalog *catalog, const CandleKey *key, Error *error) {
    for (size_t i = 0; i < catalog->count; i++)
        if (candle_key_equal(&catalog->keys[i], key)) return true;
    if (catalog->count == catalog->capacity) {
        size_t capacity = catalog->capacity ? 2 * catalog->capacity : 64;
        CandleKey *grown = realloc(catalog->keys, capacity * sizeof *grown);
        if (!grown)
            return error_set(error, ERROR_LIMIT, "out of memory", "candles",
                             "close other programs");
        catalog->keys = grown;
        catalog->capacity = capacity;
    }
    catalog->keys[catalog->count++] = *key;
    return true;
}

static int compare(const void *a, const void *b) {
    const CandleKey *left = a, *right = b;
    int order = strcmp(left->venue, right->venue);
    if (order == 0) order = strcmp(left->symbol.text, right->symbol.text);
    if (order != 0) return order;
    return left->length_us < right->length_us ? -1 : left->length_us > right->length_us;
}

void candle_catalog_sort(CandleCatalog *catalog) {
    if (catalog->count) qsort(catalog->keys, catalog->count, sizeof catalog->keys[0], compare);
}

void candle_catalog_free(CandleCatalog *catalog) {
    free(catalog->keys);
    *catalog = (CandleCatalog){0};
}

/* Takes a file of DATA/candles/VENUE/SYMBOL. */
static bool take_file(CandleCatalog *catalog, CandleKey key, const char *name, Error *error) {
    size_t length = strlen(name), suffix = sizeof SUFFIX - 1;
    if (length <= suffix || strcmp(name + length - suffix, SUFFIX) != 0) return true;
    if (!candle_length_parse((Slice){name, length - suffix}, &key.length_us)) return true;
    return candle_key_fault(&key) || candle_catalog_add(catalog, &key, error);
}

/* Depth 0: venues, 1: symbols, 2: files. */
static bool walk(CandleCatalog *catalog, const char *path, int depth, CandleKey key, Error *error) {
    char child[CANDLE_PATH_MAX];
    DIR *directory = opendir(path);
    if (!directory && (errno == ENOENT || errno == ENOTDIR)) return true;
    if (!directory) return files_refused(error, "read", path);
    bool good = true;
    for (struct dirent *entry; good && (entry = readdir(directory));) {
        const char *name = entry->d_name;
        if (name[0] == '.') continue;
        if (depth == 2) {
            good = take_file(catalog, key, name, error);
            continue;
        }
        bool fits = depth == 0 ? slice_copy(slice_of(name), key.venue, sizeof key.venue)
                               : symbol_name_set(&key.symbol, slice_of(name));
        int printed = snprintf(child, sizeof child, "%s/%s", path, name);
        if (fits && printed > 0 && (size_t)printed < sizeof child)
            good = walk(catalog, child, depth + 1, key, error);
    }
    closedir(directory);
    return good;
}

bool candle_catalog_read(const char *root, CandleCatalog *catalog, Error *error) {
    char path[CANDLE_PATH_MAX];
    *catalog = (CandleCatalog){0};
    int printed = snprintf(path, sizeof path, "%s/candles", root);
    if (printed < 0 || (size_t)printed >= sizeof path)
        return error_set(error, ERROR_LIMIT, "the path is too long", root, NULL);
    if (!walk(catalog, path, 0, (CandleKey){0}, error)) {
        candle_catalog_free(catalog);
        return false;
    }
    candle_catalog_sort(catalog);
    return true;
}

bool candle_catalog_gaps(const char *root, const CandleCatalog *catalog, CandleGaps *gaps,
                         Error *error) {
    for (size_t i = 0; i < catalog->count; i++) {
        StoredCandles stored;
        CandleGap gap;
        size_t row = 0;
        if (!candle_store_open(root, &catalog->keys[i], &stored, error)) return false;
        while (candle_series_gap(&stored.series, &row, &gap)) {
            gaps->gaps++;
            gaps->missing += gap.bars;
            if (gaps->on_gap) gaps->on_gap(gaps->context, &catalog->keys[i], &gap);
        }
        candle_store_close(&stored);
    }
    return true;
}
