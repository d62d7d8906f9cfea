/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/base/text.h"
#include "shell/cmd/command.h"

static int unknown(const char *name, Error *error) {
    char message[240];
    Text what = TEXT_IN(message);
    text_format(&what, "there is no command '%s'", name);
    error_set(error, ERROR_USAGE, text_end(&what), "help", "trader help lists them");
    return 2;
}

static int run(CommandCall *call, Error *error) {
    const char *const *names;
    unsigned count = call_arguments(call, &names);
    if (call_has(call, "man")) {
        command_write_manual(stdout);
        return 0;
    }
    if (call_has(call, "markdown")) {
        command_write_markdown(stdout);
        return 0;
    }
    if (count == 0) command_write_list(call_color(call), stdout);
    for (unsigned i = 0; i < count; i++) {
        const Command *command = command_find(names[i]);
        if (!command) return unknown(names[i], error);
        command_write_help(command, call_color(call), stdout);
    }
    return 0;
}

const Command command_help = {
    .name = "help",
    .group = "set up",
    .sentence = "List the commands, or show the help of some.",
    .arguments = "[COMMAND...]",
    .examples = {"trader help compute", "trader help --man | man -l -"},
    .options = {{"man", OPTION_SWITCH, NULL, "print the man page (troff)", NULL},
                {"markdown", OPTION_SWITCH, NULL, "print docs/cli.md", NULL}},
    .run = run,
};
