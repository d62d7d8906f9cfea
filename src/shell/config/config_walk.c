/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/config_walk.h"

#include <string.h>

#define DEPTH_MAX 8 /* sections inside one another; the deepest known key has 3 */

typedef struct Walk {
    const char *file;
    Slice text;
    JsonReader reader;
    char memory[CONFIG_PATH_MAX];
    Text path;
    size_t lengths[DEPTH_MAX]; /* of the path outside of each open section */
    unsigned depth;
    size_t counted; /* bytes whose lines are counted */
    unsigned line;
    ConfigVisitor visitor;
    void *context;
} Walk;

bool config_fault(Error *error, const char *file, unsigned line, const char *message,
                  const char *hint) {
    char memory[160];
    Text where = TEXT_IN(memory);
    text_format(&where, "%s:%d", file, (int)line);
    return error_set(error, ERROR_CONFIG, message, text_end(&where), hint);
}

/* Length of the string that begins at `at`, both quotes included. */
static size_t string_length(const char *at, const char *end) {
    const char *begin = at++;
    while (at < end && *at != '"' && *at != '\n')
        at += *at == '\\' && at + 1 < end ? 2 : 1;
    return (size_t)(at < end ? at + 1 - begin : end - begin);
}

/* Blanks from `at` to `stop`, line ends excepted. */
static void blank(char *at, const char *stop) {
    for (; at < stop; at++)
        if (*at != '\n') *at = ' ';
}

static unsigned lines_before(const char *begin, const char *at) {
    unsigned lines = 1;
    for (; begin < at; begin++)
        lines += *begin == '\n';
    return lines;
}

bool config_blank_comments(const char *file, char *text, size_t length, Error *error) {
    char *at = text, *end = text + length;
    while (at < end) {
        char next = at + 1 < end ? at[1] : 0;
        if (*at == '"') {
            at += string_length(at, end);
        } else if (*at == '/' && next == '/') {
            char *stop = memchr(at, '\n', (size_t)(end - at));
            blank(at, stop ? stop : end);
            at = stop ? stop : end;
        } else if (*at == '/' && next == '*') {
            char *stop = memmem(at + 2, (size_t)(end - at - 2), "*/", 2);
            if (!stop)
                return config_fault(error, file, lines_before(text, at),
                                    "a comment begins with /* and never ends", "close it with */");
            blank(at, stop + 2);
            at = stop + 2;
        } else {
            at++;
        }
    }
    return true;
}

static unsigned line_of(Walk *walk, const char *at) {
    size_t position = (size_t)(at - walk->text.at);
    if (position < walk->counted) return lines_before(walk->text.at, at);
    walk->line += lines_before(walk->text.at + walk->counted, at) - 1;
    walk->counted = position;
    return walk->line;
}

static bool syntax_fault(Walk *walk, Error *error) {
    const char *at = walk->text.at + json_position(&walk->reader);
    const char *line_begin = at;
    while (line_begin > walk->text.at && line_begin[-1] != '\n')
        line_begin--;
    char memory[160];
    Text where = TEXT_IN(memory);
    text_format(&where, "%s:%d:%d", walk->file, (int)lines_before(walk->text.at, at),
                (int)(at - line_begin) + 1);
    return error_set(error, ERROR_CONFIG, "this is not valid JSON", text_end(&where),
                     "look for a missing comma or quote, or a comma before a closing brace");
}

static Slice raw_text(const Walk *walk, JsonToken token, const char *before) {
    Slice slice = walk->reader.slice;
    if (token == JSON_STRING) return (Slice){slice.at - 1, slice.length + 2};
    if (token == JSON_NUMBER) return slice;
    while (*before == ':' || *before == ' ' || *before == '\n' || *before == '\t' ||
           *before == '\r')
        before++;
    const char *end = token == JSON_OBJECT_BEGIN || token == JSON_ARRAY_BEGIN
                          ? walk->text.at + walk->text.length
                          : walk->reader.at;
    return (Slice){before, (size_t)(end - before)};
}

static bool visit_key(Walk *walk, Error *error) {
    Slice key = walk->reader.slice;
    size_t outside = walk->path.length;
    if (outside) text_char(&walk->path, '.');
    text_slice(&walk->path, key);
    unsigned line = line_of(walk, key.at);
    if (walk->path.overflow)
        return config_fault(error, walk->file, line, "this key is longer than any known one", NULL);
    const char *before = walk->reader.at;
    JsonToken token = json_next(&walk->reader);
    if (token == JSON_ERROR) return syntax_fault(walk, error);
    ConfigValue value = {.path = {walk->path.at, walk->path.length},
                         .token = token,
                         .text = raw_text(walk, token, before),
                         .reader = &walk->reader,
                         .line = line};
    if (!walk->visitor(walk->context, &value, error)) return false;
    if (token == JSON_OBJECT_BEGIN) {
        if (walk->depth == DEPTH_MAX)
            return config_fault(error, walk->file, line, "sections are nested too deeply", NULL);
        walk->lengths[walk->depth++] = outside;
        return true;
    }
    if (token == JSON_ARRAY_BEGIN && !json_leave(&walk->reader)) return syntax_fault(walk, error);
    walk->path.length = outside;
    return true;
}

bool config_walk(const char *file, Slice text, ConfigVisitor visitor, void *context, Error *error) {
    Walk walk = {.file = file, .text = text, .visitor = visitor, .context = context, .line = 1};
    walk.path = TEXT_IN(walk.memory);
    walk.reader = json_reader(text);
    if (json_next(&walk.reader) != JSON_OBJECT_BEGIN) return syntax_fault(&walk, error);
    for (;;) {
        JsonToken token = json_next(&walk.reader);
        if (token == JSON_END) return true;
        if (token == JSON_ERROR) return syntax_fault(&walk, error);
        if (token == JSON_KEY && !visit_key(&walk, error)) return false;
        if (token == JSON_OBJECT_END && walk.depth) walk.path.length = walk.lengths[--walk.depth];
    }
}
