/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One call of the program, from its words to its exit code: which command is meant (by the first
 * word, or by the name under which the program was started, as run_trader, run_backtest,
 * dashboard), its options, its settings, and how a failure is told (one line on standard error, or
 * one JSON document on standard output with --json). Commands see a CommandCall only through the
 * functions of command.h. The call lives on the stack of call_main.
 */
#ifndef SHELL_CALL_CALL_H
#define SHELL_CALL_CALL_H

#include "shell/call/options.h"
#include "shell/config/settings_load.h"

struct CommandCall {
    Options options;
    SettingsLoad load;
    Dotenv dotenv; /* for secrets, where no settings were asked for */
    char secret[VARIABLE_VALUE_MAX];
    bool loaded, dotenv_read;
};

/* Runs the command line; the exit code of the program. */
int call_main(int argc, char **argv);

#endif
