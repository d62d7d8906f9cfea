/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subcommand is. A file of this folder ends with one constant `const Command command_NAME =
 * {...}`; the build lists the folder into `command_table`, and main.c calls what the first word
 * names. Options are declared in the constant: parsing, help, man pages, completion and docs/cli.md
 * come from it. A command returns its exit code; on failure it fills the Error, and main prints it
 * (one line, or one JSON document with --json). Standard output is the result, standard error
 * everything else.
 */
#ifndef SHELL_CMD_COMMAND_H
#define SHELL_CMD_COMMAND_H

#include <stdio.h>

#include "core/base/error.h"
#include "core/bus/settings.h"
#include "shell/config/dotenv.h"

#define COMMAND_OPTIONS_MAX  32
#define COMMAND_EXAMPLES_MAX 4
#define COMMAND_VALUES_MAX   64

typedef enum OptionType { OPTION_SWITCH, OPTION_VALUE, OPTION_LIST, OPTION_MAYBE_VALUE } OptionType;

typedef struct CommandOption {
    const char *name; /* "start_date": --start-date and --start_date */
    OptionType
        type; /* LIST: values separated by spaces or commas; MAYBE_VALUE: --live or --live=WORD */
    const char *value_name; /* of a SWITCH: its letter ("f": -f too), or NULL */
    const char *sentence;
    const char *setting; /* path of the setting that this flag overrides, or NULL */
} CommandOption;

typedef struct CommandCall CommandCall;

typedef struct Command {
    const char *name;
    const char *group; /* "run", "look", "set up", "data" */
    const char *sentence;
    const char *arguments; /* "[SERVICE]" */
    const char *const examples[COMMAND_EXAMPLES_MAX];
    CommandOption options[COMMAND_OPTIONS_MAX];
    bool any_option; /* words behind -- are not checked here (compute: options of the indicator) */
    int (*run)(CommandCall *call, Error *error);
} Command;

extern const Command *const command_table[];
extern const unsigned command_count;

const Command *command_find(const char *name);
/* Options that every command takes; the last row has no name. */
extern const CommandOption command_globals[];
/* Help of one command; and what is made from all of them: list, trader.1 (troff), docs/cli.md. */
void command_write_help(const Command *command, bool color, FILE *file);
void command_write_list(bool color, FILE *file);
void command_write_manual(FILE *file);
void command_write_markdown(FILE *file);

/* ---- what a command may ask of its call ---------------------------------------------------- */

bool call_has(const CommandCall *call, const char *option);
const char *call_value(const CommandCall *call, const char *option); /* NULL: not given */
unsigned call_list(const CommandCall *call, const char *option, const char *const **values);
unsigned call_arguments(const CommandCall *call, const char *const **arguments);
/* With any_option: the name of the index-th word behind -- that the constant does not declare, in
 * order of the command line, and its value (NULL: none was given). NULL past the last. */
const char *call_other(const CommandCall *call, unsigned index, const char **value);
bool call_json(const CommandCall *call);
bool call_color(const CommandCall *call);        /* colours wanted on standard output */
const char *call_state(const CommandCall *call); /* --state, or NULL */
/* Flags > environment > .env > project > user > system > built-in, checked; loaded once a call. */
bool call_settings(CommandCall *call, const Settings **settings, Error *error) MUST_USE;
/* Where the value of a setting came from ("flag", "environment", ".env", "./config.json:12",
 * "built-in"). */
const char *call_origin(const CommandCall *call, const Setting *setting);
/* A variable of the mission's .env block (environment first, then .env, then *_FILE), NULL if
 * absent, empty or a your_... filler. Valid until the next call of it. */
const char *call_secret(CommandCall *call, const char *variable);
/* Where the settings' .env was read to, after call_settings. */
const Dotenv *call_dotenv(const CommandCall *call);
/* The file of --config, or NULL. */
const char *call_config(const CommandCall *call);

#endif
