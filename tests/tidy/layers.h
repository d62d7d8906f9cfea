/* SPDX-License-Identifier: Apache-2.0 */
/*
 * src/LAYERS as a table: the rank of each folder, the header that the files of a plug folder share,
 * and the symbols that the core may leave undefined. Read once; its texts live until the program
 * ends.
 */
#ifndef TESTS_TIDY_LAYERS_H
#define TESTS_TIDY_LAYERS_H

#include "tidy/tree.h"

#define LAYERS_MAX        64
#define LAYER_SYMBOLS_MAX 128

typedef struct Layer {
    int rank;
    char folder[64];
    char plug[64]; /* empty: its files may include one another */
} Layer;

typedef struct LayerSymbol {
    char name[64];
    char file[96]; /* empty: every file of the core may use it */
} LayerSymbol;

static Layer layers[LAYERS_MAX];
static LayerSymbol layer_symbols[LAYER_SYMBOLS_MAX];
static unsigned layer_count, layer_symbol_count;

static inline void layers_add_symbols(char *words, const char *file) {
    for (char *word; (word = strsep(&words, " "));) {
        if (*word == 0) continue;
        assert_true(layer_symbol_count < LAYER_SYMBOLS_MAX);
        LayerSymbol *symbol = &layer_symbols[layer_symbol_count++];
        snprintf(symbol->name, sizeof symbol->name, "%s", word);
        snprintf(symbol->file, sizeof symbol->file, "%s", file);
    }
}

static inline void layers_add(const char *line) {
    char file[96];
    int used = 0;
    Layer *layer = &layers[layer_count];
    if (sscanf(line, "layer %d %63s plug %63s", &layer->rank, layer->folder, layer->plug) >= 2) {
        if (layer_count++ >= LAYERS_MAX - 1) fail_msg("more layers than LAYERS_MAX");
    } else if (sscanf(line, "exception %95s %n", file, &used) == 1) {
        layers_add_symbols(strdup(line + used), file);
    } else if (tree_starts(line, "symbol ")) {
        layers_add_symbols(strdup(line + strlen("symbol ")), "");
    } else if (*line && *line != '#') {
        fail_msg("src/LAYERS has a line of no known kind: %s", line);
    }
}

static inline void layers_load(void) {
    size_t length;
    char *rest = tree_read("src/LAYERS", &length);
    for (char *line; (line = strsep(&rest, "\n"));) layers_add(line);
    assert_true(layer_count > 10);
}

/* The layer of a path below src/ ("core/base/text.h"), or NULL. */
static inline const Layer *layer_of(const char *path) {
    for (unsigned i = 0; i < layer_count; i++) {
        size_t length = strlen(layers[i].folder);
        bool inside = strncmp(path, layers[i].folder, length) == 0;
        if (inside && (path[length] == '/' || path[length] == 0)) return &layers[i];
    }
    return NULL;
}

#endif
