/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project's own files as text, for the tests that read them: every file below the given
 * folders, in order of their paths, with a second text in which comments, strings and (in `plain`)
 * preprocessor lines are blank, so that a word found there is code. Findings are printed as
 * path:line and counted; a test ends with tree_settle, which fails on any. Exceptions stand in
 * tests/tidy/exceptions, each with its reason; one that nothing needs is a finding too. All memory
 * lives until the program ends.
 */
#ifndef TESTS_TIDY_TREE_H
#define TESTS_TIDY_TREE_H

#include "unit.h"

#include <ctype.h>
#include <ftw.h>
#include <stdbool.h>

#include "core/base/check.h"

#define TREE_FILES_MAX      2000
#define TREE_EXCEPTIONS_MAX 20 /* the house allows no more */

typedef struct TreeFile {
    char *path;
    char *text, *code, *plain; /* same length; `code` keeps preprocessor lines */
    size_t length;
} TreeFile;

typedef struct TreeException {
    char rule[32], place[200];
    unsigned uses;
} TreeException;

static TreeFile tree_files[TREE_FILES_MAX];
static unsigned tree_count;
static TreeException tree_exceptions[TREE_EXCEPTIONS_MAX];
static unsigned tree_exception_count, tree_findings;

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static inline bool tree_ends(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static inline bool tree_starts(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

static inline bool tree_is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static inline char *tree_read(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot read %s; tests run in the project's root", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc(1, (size_t)size + 1);
    assert_non_null(text);
    *length = fread(text, 1, (size_t)size, file);
    fclose(file);
    return text;
}

/* Blanks from `at` up to the end of the comment, string or character that begins there; the place
 * after it. */
static inline size_t tree_blank_one(char *code, size_t at) {
    char first = code[at], second = code[at + 1];
    bool block = first == '/' && second == '*', line = first == '/' && second == '/';
    size_t to = at + (block || line ? 2 : 1);
    for (; code[to]; to++) {
        if (block && code[to] == '*' && code[to + 1] == '/') break;
        if (line && code[to] == '\n') break;
        if (!block && !line && code[to] == first) break;
        if (!block && !line && code[to] == '\\') to++;
    }
    size_t end = code[to] ? to + (block ? 2 : line ? 0 : 1) : to;
    bool quoted = !block && !line;
    for (size_t i = quoted ? at + 1 : at; i < (quoted ? to : end); i++)
        if (code[i] != '\n') code[i] = ' ';
    return end;
}

static inline void tree_blank_words(char *code) {
    for (size_t at = 0; code[at];) {
        bool comment = code[at] == '/' && (code[at + 1] == '*' || code[at + 1] == '/');
        /* an apostrophe between digits separates them, in no file of ours; all others begin a
         * character */
        if (comment || code[at] == '"' || code[at] == '\'')
            at = tree_blank_one(code, at);
        else
            at++;
    }
}

static inline void tree_blank_preprocessor(char *plain) {
    bool inside = false;
    for (char *line = plain; *line;) {
        char *end = strchr(line, '\n');
        if (!end) end = line + strlen(line);
        size_t blanks = strspn(line, " \t");
        inside = inside || line[blanks] == '#';
        bool goes_on = end > line && end[-1] == '\\';
        if (inside) memset(line, ' ', (size_t)(end - line));
        inside = inside && goes_on;
        line = *end ? end + 1 : end;
    }
}

static inline bool tree_is_c(const char *path) {
    return tree_ends(path, ".c") || tree_ends(path, ".h");
}

static inline bool tree_is_ours(const char *path) {
    static const char *const others[] = {"/node_modules/", "/.git/", "web/dist/", "/build/"};
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strstr(path, others[i])) return false;
    return true;
}

static int tree_visit(const char *path, const struct stat *about, int kind, struct FTW *place) {
    (void)about, (void)place;
    if (kind != FTW_F || !tree_is_ours(path)) return 0;
    assert_true(tree_count < TREE_FILES_MAX);
    tree_files[tree_count++].path = strdup(path);
    return 0;
}

static int tree_compare(const void *a, const void *b) {
    return strcmp(((const TreeFile *)a)->path, ((const TreeFile *)b)->path);
}

static inline void tree_load_exceptions(void) {
    if (tree_exception_count > 0) return;
    size_t length;
    char *text = tree_read("tests/tidy/exceptions", &length), *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (*line == '#' || *line == 0) continue;
        assert_true(tree_exception_count < TREE_EXCEPTIONS_MAX);
        TreeException *exception = &tree_exceptions[tree_exception_count++];
        int used = 0;
        sscanf(line, "%31s %199s %n", exception->rule, exception->place, &used);
        if (used == 0 || line[used] == 0) fail_msg("exception without a reason: %s", line);
    }
    free(text);
}

/* Reads every file below `folders` (the last is NULL) and the exceptions. */
static inline void tree_load(const char *const *folders) {
    for (; *folders; folders++) nftw(*folders, tree_visit, 16, FTW_PHYS);
    qsort(tree_files, tree_count, sizeof tree_files[0], tree_compare);
    for (unsigned i = 0; i < tree_count; i++) {
        TreeFile *file = &tree_files[i];
        file->text = tree_read(file->path, &file->length);
        if (!tree_is_c(file->path)) continue;
        file->code = strdup(file->text);
        tree_blank_words(file->code);
        file->plain = strdup(file->code);
        tree_blank_preprocessor(file->plain);
    }
    tree_load_exceptions();
    assert_true(tree_count > 0);
}

static inline unsigned tree_line(const char *text, size_t at) {
    unsigned line = 1;
    for (size_t i = 0; i < at; i++) line += text[i] == '\n';
    return line;
}

/* Whether the exceptions say that `rule` does not hold at `place` (a path, or path:name). */
static inline bool tree_excused(const char *rule, const char *place) {
    for (unsigned i = 0; i < tree_exception_count; i++) {
        TreeException *exception = &tree_exceptions[i];
        if (strcmp(exception->rule, rule) != 0 || strcmp(exception->place, place) != 0) continue;
        exception->uses++;
        return true;
    }
    return false;
}

__attribute__((format(printf, 3, 4))) static inline void tree_find(const char *path, unsigned line,
                                                                   const char *format, ...) {
    char text[400];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    print_error("%s:%u: %s\n", path, line, text);
    tree_findings++;
}

/* Ends the test of a rule: fails on findings and on exceptions of this rule that nothing used. */
static inline void tree_settle(const char *rule) {
    for (unsigned i = 0; i < tree_exception_count; i++)
        if (strcmp(tree_exceptions[i].rule, rule) == 0 && tree_exceptions[i].uses == 0)
            tree_find("tests/tidy/exceptions", 0, "nothing needs '%s %s'", rule,
                      tree_exceptions[i].place);
    unsigned findings = tree_findings;
    tree_findings = 0;
    if (findings > 0) fail_msg("%u findings against '%s'", findings, rule);
}

#endif
