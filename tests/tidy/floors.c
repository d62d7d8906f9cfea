/* SPDX-License-Identifier: Apache-2.0 */
/* Which way imports point: every include of src/ against the ranks of src/LAYERS, and headers that
 * nobody includes. */
#include "tidy/layers.h"

typedef struct Include {
    const TreeFile *file;
    char target[160];
    unsigned line;
    bool quoted;
} Include;

#define INCLUDES_MAX 8000
static Include includes[INCLUDES_MAX];
static unsigned include_count;

static void read_includes(const TreeFile *file) {
    unsigned line = 1;
    for (const char *at = file->text; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL, line++) {
        Include include = {.file = file, .line = line};
        char open = 0;
        if (sscanf(at, "#include %c%159[^\">]", &open, include.target) != 2) continue;
        include.quoted = open == '"';
        assert_true(include_count < INCLUDES_MAX);
        includes[include_count++] = include;
    }
}

static int load(void **state) {
    (void)state;
    tree_load((const char *const[]){"src", "tests", "bench", "tools", NULL});
    layers_load();
    for (unsigned i = 0; i < tree_count; i++)
        if (tree_is_c(tree_files[i].path) || tree_ends(tree_files[i].path, ".def"))
            read_includes(&tree_files[i]);
    return 0;
}

static const char *below_src(const char *path) {
    return path + strlen("src/");
}

static void every_file_has_a_floor(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const char *path = tree_files[i].path;
        if (tree_starts(path, "src/") && strcmp(path, "src/LAYERS") != 0 &&
            !layer_of(below_src(path)))
            tree_find(path, 1, "its folder has no row in src/LAYERS");
    }
    tree_settle("floor");
}

static void judge_include(const Include *include) {
    const char *path = include->file->path;
    const Layer *from = layer_of(below_src(path)), *to = layer_of(include->target);
    if (!from || !to) {
        tree_find(path, include->line, "\"%s\" is not a path from src/", include->target);
    } else if (from != to && to->rank >= from->rank) {
        tree_find(path, include->line, "rank %d includes %s of rank %d: move the shared part down",
                  from->rank, include->target, to->rank);
    } else if (from == to && from->plug[0]) {
        const char *name = include->target + strlen(to->folder) + 1;
        if (strcmp(name, from->plug) != 0 && !tree_excused("plug", path))
            tree_find(path, include->line, "a plug includes no sibling: put %s into a lower folder",
                      name);
    }
}

static void includes_point_down(void **state) {
    (void)state;
    for (unsigned i = 0; i < include_count; i++)
        if (includes[i].quoted && tree_starts(includes[i].file->path, "src/"))
            judge_include(&includes[i]);
    tree_settle("plug");
}

/* What ISO C lets a program without an operating system have, and the two that the core's few
 * symbols need. */
static bool is_pure_header(const char *target) {
    static const char *const pure[] = {"stdarg.h", "stdbool.h", "stddef.h",
                                       "stdint.h", "limits.h",  "float.h",
                                       "string.h", "math.h",    "Random123/philox.h"};
    for (unsigned i = 0; i < sizeof pure / sizeof pure[0]; i++)
        if (strcmp(target, pure[i]) == 0) return true;
    return false;
}

/* A file with symbols of its own in src/LAYERS may include what declares them. */
static bool has_exception(const char *path) {
    for (unsigned i = 0; i < layer_symbol_count; i++)
        if (strcmp(layer_symbols[i].file, path) == 0) return true;
    return false;
}

static void the_core_includes_no_system(void **state) {
    (void)state;
    for (unsigned i = 0; i < include_count; i++) {
        const Include *include = &includes[i];
        const char *path = include->file->path;
        if (include->quoted || !tree_starts(path, "src/core/") || is_pure_header(include->target))
            continue;
        if (!has_exception(below_src(path)))
            tree_find(path, include->line, "<%s> in the core: the shell does this",
                      include->target);
    }
    tree_settle("pure");
}

static bool is_included(const char *path) {
    for (unsigned i = 0; i < include_count; i++)
        if (includes[i].quoted && includes[i].file->path != path &&
            tree_ends(path, includes[i].target))
            return true;
    return false;
}

static void every_header_is_included(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const char *path = tree_files[i].path;
        bool header = tree_ends(path, ".h") || tree_ends(path, ".def");
        if (header && !is_included(path)) tree_find(path, 1, "nobody includes it: delete it");
    }
    tree_settle("dead");
}

static void every_file_names_its_licence(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        if (tree_is_c(file->path) &&
            !tree_starts(file->text, "/* SPDX-License-Identifier: Apache-2.0 */\n"))
            tree_find(file->path, 1, "the first line is /* SPDX-License-Identifier: Apache-2.0 */");
    }
    tree_settle("licence");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_has_a_floor),      cmocka_unit_test(includes_point_down),
        cmocka_unit_test(the_core_includes_no_system), cmocka_unit_test(every_header_is_included),
        cmocka_unit_test(every_file_names_its_licence),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
