/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler made: the core's objects need nothing of the world but the symbols that
 * src/LAYERS lists, hold no object that can be written, and every object of the program is reached
 * from main. Read with nm and size from the build folder (BUILD, else build).
 */
#include "tidy/layers.h"

#define SYMBOLS_MAX 30000
#define OBJECTS_MAX 1000

typedef struct Symbol {
    char name[96];
    unsigned object;
    bool defined;
} Symbol;

static char objects[OBJECTS_MAX][160];
static bool reached[OBJECTS_MAX];
static Symbol symbols[SYMBOLS_MAX];
static unsigned object_count, symbol_count;
static const char *build;

static void take_object(const char *line) {
    unsigned length = (unsigned)strlen(line);
    assert_true(object_count < OBJECTS_MAX);
    snprintf(objects[object_count++], sizeof objects[0], "%.*s", (int)length - 1, line);
}

static void take_symbol(const char *line) {
    char name[96], kind;
    Symbol *symbol = &symbols[symbol_count];
    if (tree_ends(line, ".o:")) {
        take_object(line);
    } else if (sscanf(line, "%95s %c", name, &kind) == 2) {
        assert_true(symbol_count < SYMBOLS_MAX - 1 && object_count > 0);
        *symbol = (Symbol){.object = object_count - 1, .defined = kind != 'U' && kind != 'w'};
        snprintf(symbol->name, sizeof symbol->name, "%s", name);
        symbol_count++;
    }
}

/* Runs a command on the build folder, a call of `take` for each line of its output. */
static void read_lines(const char *command, void (*take)(const char *line)) {
    char words[400], line[400];
    snprintf(words, sizeof words, command, build, build);
    FILE *pipe = popen(words, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) {
        line[strcspn(line, "\n")] = 0;
        take(line);
    }
    assert_int_equal(pclose(pipe), 0);
}

static int compare_symbols(const void *a, const void *b) {
    const Symbol *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (int)right->defined - (int)left->defined;
}

/* Objects of files that are there no more stay in the build folder: their lines are left out. */
static void forget_stale_objects(void) {
    unsigned kept = 0;
    char source[200];
    bool stale[OBJECTS_MAX] = {false};
    for (unsigned i = 0; i < object_count; i++) {
        const char *below = objects[i] + strlen(build) + strlen("/object/");
        snprintf(source, sizeof source, "%.*s.c", (int)strlen(below) - 2, below);
        stale[i] = !tree_starts(below, "generated/") && access(source, R_OK) != 0;
    }
    for (unsigned i = 0; i < symbol_count; i++)
        if (!stale[symbols[i].object]) symbols[kept++] = symbols[i];
    symbol_count = kept;
    for (unsigned i = 0; i < object_count; i++)
        reached[i] = stale[i];
}

static int load(void **state) {
    (void)state;
    build = getenv("BUILD") ? getenv("BUILD") : "build";
    layers_load();
    tree_load_exceptions();
    read_lines(
        "find %s/object/src %s/object/generated -name '*.o' | LC_ALL=C sort | xargs nm -P -A -g "
        "2>/dev/null | "
        "awk '{ sub(/:$/, \"\", $1); if ($1 != last) print (last = $1) \":\"; print $2, $3 }'",
        take_symbol);
    assert_true(object_count > 50);
    forget_stale_objects();
    qsort(symbols, symbol_count, sizeof symbols[0], compare_symbols);
    return 0;
}

static bool is_core(unsigned object) {
    const char *below = objects[object] + strlen(build);
    return tree_starts(below, "/object/src/core/") || tree_ends(below, "/table_indicator.o") ||
           tree_ends(below, "/table_service.o") || tree_ends(below, "/table_strategy.o") ||
           tree_ends(below, "/prompt_texts.o");
}

static bool is_allowed(const Symbol *symbol) {
    for (unsigned i = 0; i < layer_symbol_count; i++) {
        const LayerSymbol *known = &layer_symbols[i];
        if (strcmp(known->name, symbol->name) != 0) continue;
        size_t stem = strlen(known->file) - (known->file[0] ? 2 : 0); /* without ".c" */
        if (stem == 0 ||
            strncmp(strstr(objects[symbol->object], "/src/") + 5, known->file, stem) == 0)
            return true;
    }
    return false;
}

/* Index of the definition of a name, or -1: definitions stand before uses of the same name. */
static int definition_of(const char *name) {
    int low = 0, high = (int)symbol_count - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (strcmp(symbols[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return strcmp(symbols[low].name, name) == 0 && symbols[low].defined ? low : -1;
}

static void the_core_needs_only_what_is_listed(void **state) {
    (void)state;
    for (unsigned i = 0; i < symbol_count; i++) {
        const Symbol *symbol = &symbols[i];
        if (symbol->defined || !is_core(symbol->object) ||
            strcmp(symbol->name, "_GLOBAL_OFFSET_TABLE_") == 0)
            continue;
        int definition = definition_of(symbol->name);
        if (definition >= 0 && is_core(symbols[definition].object)) continue;
        if (!is_allowed(symbol))
            tree_find(objects[symbol->object], 0,
                      "needs '%s', which src/LAYERS does not list for the core", symbol->name);
    }
    tree_settle("symbol");
}

static void take_section(const char *line) {
    static char object[160];
    char name[96];
    unsigned long size = 0;
    if (strstr(line, ".o  :")) sscanf(line, "%159s", object);
    if (sscanf(line, "%95s %lu", name, &size) != 2 || size == 0) return;
    bool data = tree_starts(name, ".data") && !tree_starts(name, ".data.rel.ro");
    if (data || tree_starts(name, ".bss") || tree_starts(name, ".tdata") ||
        tree_starts(name, ".tbss"))
        tree_find(object, 0, "%lu bytes in %s can be written: make it const, or state of a caller",
                  size, name);
}

static void the_core_holds_nothing_that_can_be_written(void **state) {
    (void)state;
    read_lines(
        "find %s/object/src/core %s/object/generated/table_service.o -name '*.o' | xargs size -A",
        take_section);
    tree_settle("writable");
}

static void reach(unsigned object) {
    if (reached[object]) return;
    reached[object] = true;
    for (unsigned i = 0; i < symbol_count; i++) {
        if (symbols[i].object != object || symbols[i].defined) continue;
        int definition = definition_of(symbols[i].name);
        if (definition >= 0) reach(symbols[definition].object);
    }
}

static void every_file_is_reached_from_main(void **state) {
    (void)state;
    for (unsigned i = 0; i < object_count; i++)
        if (tree_ends(objects[i], "/object/src/main.o")) reach(i);
    for (unsigned i = 0; i < object_count; i++)
        if (!reached[i] &&
            !tree_excused("unreached", strstr(objects[i], "/object/") + strlen("/object/")))
            tree_find(objects[i], 0, "nothing in the program uses it: use it or delete it");
    tree_settle("unreached");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_core_needs_only_what_is_listed),
        cmocka_unit_test(the_core_holds_nothing_that_can_be_written),
        cmocka_unit_test(every_file_is_reached_from_main),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
