/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/config_edit.h"

#include <stdlib.h>
#include <string.h>

#include "shell/config/config_walk.h"

typedef struct Search {
    Slice wanted;
    const char *begin;             /* of the text without comments */
    size_t value_at, value_length; /* length 0: not found */
    size_t section_at;             /* behind the brace of the innermost section that is there */
    size_t section_path;           /* length of its path in `wanted` */
} Search;

static bool leads_to(Slice section, Slice wanted) {
    return wanted.length > section.length && wanted.at[section.length] == '.' &&
           memcmp(section.at, wanted.at, section.length) == 0;
}

static bool look(void *context, const ConfigValue *value, Error *error) {
    Search *search = context;
    (void)error;
    if (slice_equal(value->path, search->wanted)) {
        search->value_at = (size_t)(value->text.at - search->begin);
        search->value_length = value->text.length;
    } else if (value->token == JSON_OBJECT_BEGIN && leads_to(value->path, search->wanted)) {
        search->section_at = (size_t)(value->text.at - search->begin) + 1;
        search->section_path = value->path.length + 1;
    }
    return true;
}

static bool is_empty_section(Slice text, size_t at) {
    while (at < text.length && strchr(" \t\r\n", text.at[at]))
        at++;
    return at < text.length && text.at[at] == '}';
}

/* "a.b.c" below an existing "a": "b": {"c": value} */
static void insert(Slice rest, Slice value, bool alone, Text *target) {
    unsigned sections = 0;
    text_put(target, "\n    ");
    for (;;) {
        const char *dot = memchr(rest.at, '.', rest.length);
        Slice name = {rest.at, dot ? (size_t)(dot - rest.at) : rest.length};
        text_format(target, "\"%S\": ", name);
        if (!dot) break;
        text_char(target, '{');
        sections++;
        rest = (Slice){dot + 1, rest.length - name.length - 1};
    }
    text_slice(target, value);
    while (sections--)
        text_char(target, '}');
    if (!alone) text_char(target, ',');
}

bool config_edit(const char *file, Slice text, const char *path, Slice value, Text *target,
                 Error *error) {
    char *blanked = malloc(text.length + 1);
    CHECK(blanked, "config_edit: out of memory");
    memcpy(blanked, text.at, text.length);
    blanked[text.length] = 0;
    Slice bare = {blanked, text.length};
    Search search = {.wanted = slice_of(path), .begin = blanked};
    bool good = config_blank_comments(file, blanked, text.length, error) &&
                config_walk(file, bare, look, &search, error);
    if (good && search.value_length) {
        size_t behind = search.value_at + search.value_length;
        text_slice(target, (Slice){text.at, search.value_at});
        text_slice(target, value);
        text_slice(target, (Slice){text.at + behind, text.length - behind});
    } else if (good) {
        size_t at = search.section_at;
        if (!at) at = (size_t)(strchr(blanked, '{') - blanked) + 1;
        text_slice(target, (Slice){text.at, at});
        Slice rest = {path + search.section_path, strlen(path) - search.section_path};
        insert(rest, value, is_empty_section(bare, at), target);
        text_slice(target, (Slice){text.at + at, text.length - at});
    }
    free(blanked);
    if (good && target->overflow)
        return error_set(error, ERROR_LIMIT, "the file is too large to be changed", file, NULL);
    return good;
}
