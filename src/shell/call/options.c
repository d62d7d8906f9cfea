/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/call/options.h"

#include <stdlib.h>
#include <string.h>

const CommandOption command_globals[] = {
    {"json", OPTION_SWITCH, NULL, "print the result as one JSON document", NULL},
    {"state", OPTION_VALUE, "DIR", "use this state directory", NULL},
    {"config", OPTION_VALUE, "FILE", "read this configuration instead of ./config.json", NULL},
    {"no_color", OPTION_SWITCH, NULL, "no colours", NULL},
    {"no_input", OPTION_SWITCH, NULL, "never ask; fail where an answer is needed", NULL},
    {"yes", OPTION_SWITCH, "y", "answer yes to what would be asked", NULL},
    {"help", OPTION_SWITCH, "h", "show the help of the command", NULL},
    {NULL, OPTION_SWITCH, NULL, NULL, NULL},
};

enum { GLOBALS = sizeof command_globals / sizeof command_globals[0] - 1 };
_Static_assert(GLOBALS <= OPTIONS_GLOBALS_MAX, "every global option has a row");

typedef struct Parse {
    Options *options;
    char **words; /* of the command line, without the program's name */
    int count, at;
    OptionWord *found;
    unsigned found_count;
    char *free; /* in options->memory */
} Parse;

const CommandOption *options_option(const Command *command, unsigned row) {
    if (row < GLOBALS) return &command_globals[row];
    if (!command || row < OPTIONS_GLOBALS_MAX || row >= OPTIONS_ROWS) return NULL;
    const CommandOption *option = &command->options[row - OPTIONS_GLOBALS_MAX];
    return option->name ? option : NULL;
}

static int row_named(const Command *command, const char *name, size_t length) {
    for (unsigned row = 0; row < OPTIONS_ROWS; row++) {
        const CommandOption *option = options_option(command, row);
        if (option && slice_same_name((Slice){name, length}, option->name)) return (int)row;
    }
    return -1;
}

int options_row(const Command *command, const char *name) {
    return row_named(command, name, strlen(name));
}

static int row_lettered(const Command *command, char letter) {
    for (unsigned row = 0; row < OPTIONS_ROWS; row++) {
        const CommandOption *option = options_option(command, row);
        bool lettered = option && option->type == OPTION_SWITCH && option->value_name;
        if (lettered && option->value_name[0] == letter) return (int)row;
    }
    return -1;
}

/* "-5" and "-.5" are values. */
static bool is_flag(const char *word) {
    if (word[0] != '-' || word[1] == 0) return false;
    return !(word[1] >= '0' && word[1] <= '9') && word[1] != '.';
}

static const char *keep(Parse *parse, const char *text, size_t length) {
    char *at = parse->free;
    memcpy(at, text, length);
    at[length] = 0;
    parse->free += length + 1;
    return at;
}

static bool add(Parse *parse, unsigned row, const char *text, size_t length, Error *error) {
    if (parse->found_count == OPTIONS_WORDS_MAX)
        return error_set(error, ERROR_USAGE, "there are more than 8192 words", NULL, NULL);
    parse->found[parse->found_count++] = (OptionWord){row, keep(parse, text, length)};
    return true;
}

/* Pieces between commas; empty ones are left out. */
static bool add_list(Parse *parse, unsigned row, const char *text, Error *error) {
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length && !add(parse, row, text, length, error)) return false;
        text += length + (text[length] == ',');
    }
    return true;
}

static void put_dashes(Text *text, const char *name, size_t length) {
    for (size_t i = 0; i < length; i++)
        text_char(text, name[i] == '_' ? '-' : name[i]);
}

/* A name that differs in half its letters is another name. */
static size_t too_far(size_t length) {
    return length < 6 ? length / 2 + 1 : 4;
}

static void put_help(Text *text, const Command *command) {
    text_put(text, command ? "trader help " : "trader help");
    if (command) text_put(text, command->name);
}

static bool unknown(const Parse *parse, const char *word, Error *error) {
    const Command *command = parse->options->command;
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    size_t length = strcspn(word, "="), bare = length > 2 ? length - 2 : 0;
    SliceNearest nearest = slice_nearest_within((Slice){word + 2, bare}, too_far(bare));
    for (unsigned row = 0; row < OPTIONS_ROWS; row++) {
        const CommandOption *option = options_option(command, row);
        if (option && word[1] == '-') slice_nearest_try(&nearest, option->name);
    }
    text_format(&what, "unknown option %S", (Slice){word, length});
    if (nearest.name) {
        text_put(&advice, "did you mean --");
        put_dashes(&advice, nearest.name, strlen(nearest.name));
        text_char(&advice, '?');
    } else {
        put_help(&advice, command);
    }
    return error_set(error, ERROR_USAGE, text_end(&what), command ? command->name : NULL,
                     text_end(&advice));
}

static bool needs_value(const Parse *parse, const CommandOption *option, bool does, Error *error) {
    char memory[120];
    Text what = TEXT_IN(memory);
    text_put(&what, "--");
    put_dashes(&what, option->name, strlen(option->name));
    text_put(&what, does ? " needs a value" : " takes no value");
    const Command *command = parse->options->command;
    char hint[120];
    Text advice = TEXT_IN(hint);
    put_help(&advice, command);
    return error_set(error, ERROR_USAGE, text_end(&what), command ? command->name : NULL,
                     text_end(&advice));
}

static bool take_list(Parse *parse, unsigned row, Error *error) {
    while (parse->at < parse->count && !is_flag(parse->words[parse->at]))
        if (!add_list(parse, row, parse->words[parse->at++], error)) return false;
    return true;
}

/* `value` is what stands behind '=', or NULL. */
static bool take_option(Parse *parse, unsigned row, const char *value, Error *error) {
    const CommandOption *option = options_option(parse->options->command, row);
    parse->options->rows[row].given = true;
    if (option->type == OPTION_SWITCH) return !value || needs_value(parse, option, false, error);
    if (option->type == OPTION_MAYBE_VALUE)
        return !value || add(parse, row, value, strlen(value), error);
    if (option->type == OPTION_LIST) {
        unsigned before = parse->found_count;
        bool good = value ? add_list(parse, row, value, error) : take_list(parse, row, error);
        return good && (parse->found_count > before || needs_value(parse, option, true, error));
    }
    bool next = !value && parse->at < parse->count && !is_flag(parse->words[parse->at]);
    if (next) value = parse->words[parse->at++];
    if (!value || !*value) return needs_value(parse, option, true, error);
    return add(parse, row, value, strlen(value), error);
}

static bool take_other(Parse *parse, const char *word, Error *error) {
    Options *options = parse->options;
    size_t length = strcspn(word, "=");
    if (options->other_count == OPTIONS_OTHERS_MAX)
        return error_set(error, ERROR_USAGE, "there are too many options", word, NULL);
    const char *value = word[length] ? word + length + 1 : NULL;
    if (!value && parse->at < parse->count && !is_flag(parse->words[parse->at]))
        value = parse->words[parse->at++];
    options->other_names[options->other_count] = keep(parse, word, length);
    options->other_values[options->other_count++] =
        value ? keep(parse, value, strlen(value)) : NULL;
    return true;
}

static bool take_long(Parse *parse, const char *word, Error *error) {
    const Command *command = parse->options->command;
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    int row = row_named(command, name, length);
    if (row >= 0)
        return take_option(parse, (unsigned)row, name[length] ? name + length + 1 : NULL, error);
    if (command && command->any_option) return take_other(parse, name, error);
    return unknown(parse, word, error);
}

/* -f, and -fy for -f -y. */
static bool take_letters(Parse *parse, const char *word, Error *error) {
    for (const char *letter = word + 1; *letter; letter++) {
        int row = row_lettered(parse->options->command, *letter);
        if (row < 0) return unknown(parse, word, error);
        if (!take_option(parse, (unsigned)row, NULL, error)) return false;
    }
    return true;
}

static bool take_command(Parse *parse, const char *word, Error *error) {
    parse->options->command = command_find(word);
    if (parse->options->command) return true;
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    SliceNearest nearest = slice_nearest_within(slice_of(word), too_far(strlen(word)));
    text_format(&what, "there is no command '%s'", word);
    for (unsigned i = 0; i < command_count; i++)
        slice_nearest_try(&nearest, command_table[i]->name);
    if (nearest.name)
        text_format(&advice, "did you mean %s?", nearest.name);
    else
        text_put(&advice, "trader help lists them");
    return error_set(error, ERROR_USAGE, text_end(&what), NULL, text_end(&advice));
}

/* A command's first argument may make it one of a family: `backtest` and `fetch` are the command
 * named "backtest fetch". The family's own name means its run: `backtest backtest`, which the
 * mission's script was called with. */
static const Command *member(const Command *family, const char *word) {
    char name[64];
    if (slice_same_name(slice_of(word), family->name)) word = "run";
    Text text = TEXT_IN(name);
    text_format(&text, "%s %s", family->name, word);
    text_end(&text);
    return text.overflow ? NULL : command_find(name);
}

static bool take_word(Parse *parse, Error *error) {
    Options *options = parse->options;
    const char *word = parse->words[parse->at++];
    if (is_flag(word))
        return word[1] == '-' ? take_long(parse, word, error) : take_letters(parse, word, error);
    if (!options->command) return take_command(parse, word, error);
    const Command *narrower = options->argument_count ? NULL : member(options->command, word);
    if (narrower) {
        options->command = narrower;
        return true;
    }
    options->arguments[options->argument_count++] = keep(parse, word, strlen(word));
    return true;
}

static bool take_all(Parse *parse, Error *error) {
    while (parse->at < parse->count && strcmp(parse->words[parse->at], "--") != 0)
        if (!take_word(parse, error)) return false;
    Options *options = parse->options;
    for (parse->at++; parse->at < parse->count; parse->at++) {
        const char *word = parse->words[parse->at];
        options->arguments[options->argument_count++] = keep(parse, word, strlen(word));
    }
    return true;
}

/* Values of one option stand side by side, in the order in which they were given. */
static void group(Parse *parse) {
    Options *options = parse->options;
    unsigned filled = 0;
    for (unsigned row = 0; row < OPTIONS_ROWS; row++) {
        options->rows[row].first = filled;
        for (unsigned i = 0; i < parse->found_count; i++)
            if (parse->found[i].row == row) options->values[filled++] = parse->found[i].text;
        options->rows[row].count = filled - options->rows[row].first;
    }
}

bool options_parse(Options *options, const Command *command, int argc, char **argv, Error *error) {
    memset(options, 0, sizeof *options);
    options->command = command;
    size_t bytes = 1;
    for (int i = 1; i < argc; i++)
        bytes += 2 * strlen(argv[i]) + 2;
    options->memory = calloc(1, bytes);
    options->arguments = calloc((size_t)argc + 1, sizeof *options->arguments);
    options->values = calloc(OPTIONS_WORDS_MAX, sizeof *options->values);
    OptionWord *found = calloc(OPTIONS_WORDS_MAX, sizeof *found);
    CHECK(options->memory && options->arguments && options->values && found,
          "options: out of memory");
    Parse parse = {.options = options,
                   .words = argv + 1,
                   .count = argc > 0 ? argc - 1 : 0,
                   .found = found,
                   .free = options->memory};
    bool good = take_all(&parse, error);
    if (good) group(&parse);
    free(found);
    if (!good) options_close(options);
    return good;
}

void options_close(Options *options) {
    free(options->memory);
    free(options->arguments);
    free(options->values);
    memset(options, 0, sizeof *options);
}
