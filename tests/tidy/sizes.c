/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of it there is in one place: lines of a file (a table of constants counts as one), lines
 * and parameters of a function, depth of blocks, columns. The limits are the house's; src, tests,
 * bench and tools are judged.
 */
#include "tidy/tree.h"

#define FILE_LINES_MAX     500
#define FUNCTION_LINES_MAX 70
#define PARAMETERS_MAX     6
#define NESTING_MAX        3
#define COLUMNS_MAX        100
#define BRACES_MAX         64

/* What a walk over one file has found so far. */
typedef struct Walk {
    const TreeFile *file;
    size_t begin;          /* of the declaration at the outermost level */
    unsigned depth, inner; /* open braces; of them blocks inside a function */
    unsigned deepest;
    bool function;
    bool block[BRACES_MAX]; /* which of the open braces are blocks */
    unsigned table_lines;
} Walk;

static int load(void **state) {
    (void)state;
    tree_load((const char *const[]){"src", "tests", "bench", "tools", NULL});
    return 0;
}

static size_t skip_blanks(const char *text, size_t at) {
    while (isspace((unsigned char)text[at])) at++;
    return at;
}

/* Place of the last character before `at` that is not blank; 0 if there is none. */
static size_t before(const char *text, size_t at) {
    while (at > 0 && isspace((unsigned char)text[at - 1])) at--;
    return at > 0 ? at - 1 : 0;
}

/* The parenthesis that the one at `close` closes. */
static size_t matching(const char *text, size_t close) {
    int open = 0;
    for (size_t at = close + 1; at-- > 0;) {
        open += (text[at] == ')') - (text[at] == '(');
        if (open == 0) return at;
    }
    return 0;
}

static void word_before(const char *text, size_t at, char word[static 64]) {
    size_t last = before(text, at), first = last + 1;
    while (first > 0 && tree_is_word(text[first - 1])) first--;
    snprintf(word, 64, "%.*s", (int)(last + 1 - first), text + first);
}

static bool is_control(const char *word) {
    static const char *const words[] = {"if", "for", "while", "switch", "else", "do"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0) return true;
    return false;
}

/* Whether the brace at `at` inside a function opens a block, not a list of values. */
static bool opens_block(const Walk *walk, size_t at) {
    const char *text = walk->file->plain;
    char word[64];
    size_t last = before(text, at);
    if (!walk->block[walk->depth - 1]) return false;
    if (strchr(";{}:", text[last])) return true;
    word_before(text, text[last] == ')' ? matching(text, last) : at, word);
    return is_control(word);
}

/* The parenthesis that closes the one at `open`. */
static size_t closing(const char *text, size_t open) {
    int depth = 0;
    for (size_t at = open; text[at]; at++) {
        depth += (text[at] == '(') - (text[at] == ')');
        if (depth == 0) return at;
    }
    return open;
}

/* The list of parameters of the declaration that ends at `end`: its first parenthesis outside of
 * attributes. */
static size_t parameters_of(const char *text, size_t begin, size_t end) {
    char word[64];
    for (size_t at = begin; at < end; at++) {
        if (text[at] == '=' || text[at] == '{') return 0;
        if (text[at] != '(') continue;
        word_before(text, at, word);
        if (!tree_starts(word, "__attribute__")) return at;
        at = closing(text, at);
    }
    return 0;
}

static unsigned count_parameters(const char *text, size_t open) {
    unsigned count = 1, depth = 0;
    for (size_t at = open, end = closing(text, open); at < end; at++) {
        depth += text[at] == '(';
        depth -= text[at] == ')';
        count += text[at] == ',' && depth == 1;
    }
    return count;
}

static void judge_parameters(const Walk *walk, size_t end) {
    const char *text = walk->file->plain;
    size_t open = parameters_of(text, walk->begin, end);
    if (open == 0 || tree_starts(text + skip_blanks(text, walk->begin), "typedef")) return;
    unsigned count = count_parameters(text, open);
    char name[64], place[300];
    word_before(text, open, name);
    snprintf(place, sizeof place, "%s:%s", walk->file->path, name);
    if (count > PARAMETERS_MAX && !tree_excused("parameters", place))
        tree_find(walk->file->path, tree_line(text, open),
                  "%s has %u parameters, %d are allowed: group them", name, count, PARAMETERS_MAX);
}

static void judge_function(const Walk *walk, size_t end) {
    const TreeFile *file = walk->file;
    size_t begin = skip_blanks(file->plain, walk->begin);
    unsigned first = tree_line(file->plain, begin), lines = tree_line(file->plain, end) - first + 1;
    char name[64], place[300];
    word_before(file->plain, parameters_of(file->plain, begin, end), name);
    snprintf(place, sizeof place, "%s:%s", file->path, name);
    if (lines > FUNCTION_LINES_MAX && !tree_excused("function", place))
        tree_find(file->path, first, "%s has %u lines, %d are allowed", name, lines,
                  FUNCTION_LINES_MAX);
    if (walk->deepest > NESTING_MAX && !tree_excused("nesting", place))
        tree_find(file->path, first, "%s nests %u deep, %d is allowed", name, walk->deepest,
                  NESTING_MAX);
}

static void open_brace(Walk *walk, size_t at) {
    const char *text = walk->file->plain;
    assert_true(walk->depth < BRACES_MAX);
    bool block = false;
    if (walk->depth == 0) {
        walk->function = text[before(text, at)] == ')' && parameters_of(text, walk->begin, at) != 0;
        walk->inner = walk->deepest = 0;
        block = walk->function;
    } else if (walk->function && opens_block(walk, at)) {
        block = true;
        walk->inner++;
        if (walk->inner > walk->deepest) walk->deepest = walk->inner;
    }
    walk->block[walk->depth++] = block;
}

static void close_brace(Walk *walk, size_t at) {
    assert_true(walk->depth > 0);
    walk->depth--;
    if (walk->depth > 0) {
        walk->inner -= walk->block[walk->depth];
        return;
    }
    if (walk->function) {
        judge_parameters(walk, at);
        judge_function(walk, at);
        walk->begin = at + 1;
    }
}

/* A declaration at the outermost level has ended: a prototype, or a table whose lines count as one.
 */
static void end_declaration(Walk *walk, size_t at) {
    const char *text = walk->file->plain;
    size_t begin = skip_blanks(text, walk->begin);
    const char *value = memchr(text + begin, '=', at - begin);
    if (value && memchr(value, '{', (size_t)(text + at - value)))
        walk->table_lines += tree_line(text, at) - tree_line(text, begin);
    else
        judge_parameters(walk, at);
    walk->begin = at + 1;
}

static Walk walk_file(const TreeFile *file) {
    Walk walk = {.file = file};
    for (size_t at = 0; at < file->length; at++) {
        if (file->plain[at] == '{') open_brace(&walk, at);
        if (file->plain[at] == '}') close_brace(&walk, at);
        if (file->plain[at] == ';' && walk.depth == 0) end_declaration(&walk, at);
    }
    return walk;
}

static void functions_are_short_and_flat(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++)
        if (tree_files[i].plain) walk_file(&tree_files[i]);
    tree_settle("function");
    tree_settle("nesting");
    tree_settle("parameters");
}

static void files_are_short(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        if (!file->plain) continue;
        unsigned lines = tree_line(file->text, file->length) - 1;
        if (lines <= FILE_LINES_MAX) continue;
        lines -= walk_file(file).table_lines;
        if (lines > FILE_LINES_MAX && !tree_excused("file", file->path))
            tree_find(file->path, lines, "%u lines, %d are allowed: is there a better cut?", lines,
                      FILE_LINES_MAX);
    }
    tree_settle("file");
}

/* Bytes that go on a character do not count. */
static unsigned columns_of(const char *line) {
    unsigned columns = 0;
    for (; *line && *line != '\n'; line++) columns += ((unsigned char)*line & 0xC0) != 0x80;
    return columns;
}

static void lines_are_narrow(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        if (!tree_is_c(file->path)) continue; /* a row of a .def is one line, however long */
        unsigned line = 1;
        for (const char *at = file->text; at;
             at = strchr(at, '\n'), at = at ? at + 1 : NULL, line++)
            if (columns_of(at) > COLUMNS_MAX && !tree_excused("columns", file->path))
                tree_find(file->path, line, "%u columns, %d are allowed", columns_of(at),
                          COLUMNS_MAX);
    }
    tree_settle("columns");
}

/* The judge itself: a text with one fault of each kind, and one without. */
static unsigned findings_in(const char *text) {
    TreeFile file = {.path = strdup("a sample"), .text = strdup(text), .length = strlen(text)};
    file.code = strdup(text);
    tree_blank_words(file.code);
    file.plain = strdup(file.code);
    tree_blank_preprocessor(file.plain);
    walk_file(&file);
    unsigned findings = tree_findings;
    tree_findings = 0;
    return findings;
}

static void the_judge_sees(void **state) {
    (void)state;
    char lines[400] = "int f(void) {\n";
    for (unsigned i = 0; i < FUNCTION_LINES_MAX; i++) strcat(lines, "\n");
    strcat(lines, "}\n");
    assert_int_equal(findings_in(lines), 1);
    assert_int_equal(
        findings_in("void f(int a, int b, int c, int d, int e, int g, int (*h)(int, int));\n"), 1);
    assert_int_equal(
        findings_in("void f(int a, int b, int c, int d, int e, int (*h)(int, int, int)) {\n}\n"),
        0);
    assert_int_equal(
        findings_in("void f(void) { if (1) { if (2) { if (3) { if (4) { g(); } } } } }\n"), 1);
    assert_int_equal(
        findings_in("void f(void) { if (1) { do { A a[] = {{{{1}}}}; } while (0); } }\n"), 0);
    assert_int_equal(
        findings_in("char a[] = \"{{{{\"; /* ((({ */\n#define X {{{{ \\\n {{{\nint f(void);\n"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_judge_sees),
        cmocka_unit_test(functions_are_short_and_flat),
        cmocka_unit_test(files_are_short),
        cmocka_unit_test(lines_are_narrow),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
