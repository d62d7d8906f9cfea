/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a command line, sorted by the options that a Command declares. Flags may stand in
 * any order, before or behind the command; '-' and '_' are alike in their names; a value follows
 * behind '=' or as the next word; a list takes all words up to the next flag, and commas separate
 * too; "--" ends the flags. An unknown flag is an Error with the nearest name. Everything that an
 * Options says belongs to it and lives until options_close.
 */
#ifndef SHELL_CALL_OPTIONS_H
#define SHELL_CALL_OPTIONS_H

#include "shell/cmd/command.h"

#define OPTIONS_GLOBALS_MAX 16
#define OPTIONS_ROWS        (OPTIONS_GLOBALS_MAX + COMMAND_OPTIONS_MAX)
#define OPTIONS_WORDS_MAX   8192 /* ten years of daily dumps are 3,653 files */
#define OPTIONS_OTHERS_MAX  64   /* an indicator has 4 options */

typedef struct OptionWord {
    unsigned row;
    const char *text;
} OptionWord;

typedef struct OptionGiven {
    bool given;
    unsigned first, count; /* of its values */
} OptionGiven;

typedef struct Options {
    const Command *command; /* NULL: none was named */
    OptionGiven rows[OPTIONS_ROWS];
    const char **values; /* grouped by row */
    const char **arguments;
    unsigned argument_count;
    const char *other_names[OPTIONS_OTHERS_MAX];
    const char *other_values[OPTIONS_OTHERS_MAX];
    unsigned other_count;
    char *memory; /* the words, cut at commas */
} Options;

/* `command`: the one that argv[0] means, or NULL: then the first word that is no flag names it. */
bool options_parse(Options *options, const Command *command, int argc, char **argv,
                   Error *error) MUST_USE;
void options_close(Options *options);

/* Row of a name among the global options and those of the command, or -1. */
int options_row(const Command *command, const char *name);
const CommandOption *options_option(const Command *command, unsigned row);

#endif
