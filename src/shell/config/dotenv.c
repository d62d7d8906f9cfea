/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/dotenv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/text.h"
#include "shell/sys/files.h"

static bool is_name(char c, bool first) {
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

static char *skip_blanks(char *at) {
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static bool is_comment_or_end(const char *at) {
    return *at == 0 || *at == '#';
}

static char resolved(char c) {
    return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/* Unquotes in place; NULL where the closing quote is missing or something follows it. */
static char *take_quoted(char *at) {
    char quote = *at, *target = at;
    char *source = at + 1;
    for (; *source && *source != quote; source++) {
        if (quote == '"' && *source == '\\' && source[1])
            *target++ = resolved(*++source);
        else
            *target++ = *source;
    }
    if (*source != quote || !is_comment_or_end(skip_blanks(source + 1))) return NULL;
    *target = 0;
    return at;
}

static char *take_plain(char *at) {
    char *end = at;
    while (*end && !(*end == '#' && end > at && (end[-1] == ' ' || end[-1] == '\t')))
        end++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = 0;
    return at;
}

/* NULL if the line is sound, else what is wrong with it. */
static const char *parse_line(Dotenv *dotenv, char *line, unsigned number) {
    char *at = skip_blanks(line);
    if (is_comment_or_end(at)) return NULL;
    if (strncmp(at, "export", 6) == 0 && (at[6] == ' ' || at[6] == '\t')) at = skip_blanks(at + 6);
    char *name = at;
    while (is_name(*at, at == name))
        at++;
    char *name_end = at;
    at = skip_blanks(at);
    if (name_end == name || *at != '=') return "this line is not KEY=VALUE";
    at = skip_blanks(at + 1);
    *name_end = 0;
    bool empty = *at == '#';
    char *value = empty ? name_end : *at == '"' || *at == '\'' ? take_quoted(at) : take_plain(at);
    if (!value) return "the closing quote is missing, or something follows it";
    if (dotenv->count == DOTENV_PAIRS_MAX) return "there are more than 256 lines KEY=VALUE";
    dotenv->pairs[dotenv->count++] = (DotenvPair){name, value, number};
    return NULL;
}

static bool parse(Dotenv *dotenv, const char *path, Error *error) {
    unsigned number = 1;
    for (char *line = dotenv->bytes, *end; line; line = end, number++) {
        end = strchr(line, '\n');
        if (end) *end++ = 0;
        size_t length = strlen(line);
        if (length && line[length - 1] == '\r') line[length - 1] = 0;
        const char *fault = parse_line(dotenv, line, number);
        if (!fault) continue;
        char place[160];
        Text where = TEXT_IN(place);
        text_format(&where, "%s:%d", path, (int)number);
        return error_set(error, ERROR_CONFIG, fault, text_end(&where),
                         "write KEY=VALUE, or begin the line with #");
    }
    return true;
}

bool dotenv_open(Dotenv *dotenv, const char *path, Error *error) {
    struct stat status;
    size_t length;
    *dotenv = (Dotenv){0};
    if (stat(path, &status) != 0) return true;
    if (!files_read(path, DOTENV_BYTES_MAX, &dotenv->bytes, &length, error)) {
        if (error) error->code = ERROR_CONFIG;
        return false;
    }
    if (memchr(dotenv->bytes, 0, length)) {
        dotenv_close(dotenv);
        return error_set(error, ERROR_CONFIG, "the file holds a zero byte", path,
                         "write plain text");
    }
    dotenv->length = length;
    dotenv->present = true;
    dotenv->mode = status.st_mode & 0777u;
    dotenv->readable_by_others = (status.st_mode & S_IROTH) != 0;
    if (parse(dotenv, path, error)) return true;
    dotenv_close(dotenv);
    return false;
}

const DotenvPair *dotenv_find(const Dotenv *dotenv, const char *name) {
    for (unsigned i = dotenv->count; i-- > 0;)
        if (strcmp(dotenv->pairs[i].name, name) == 0) return &dotenv->pairs[i];
    return NULL;
}

void dotenv_forget(const Dotenv *dotenv, const char *name) {
    for (unsigned i = 0; i < dotenv->count; i++) {
        if (strcmp(dotenv->pairs[i].name, name) != 0) continue;
        char *value = dotenv->bytes + (dotenv->pairs[i].value - dotenv->bytes);
        explicit_bzero(value, strlen(value));
    }
}

void dotenv_close(Dotenv *dotenv) {
    if (dotenv->bytes) explicit_bzero(dotenv->bytes, dotenv->length);
    free(dotenv->bytes);
    *dotenv = (Dotenv){0};
}
