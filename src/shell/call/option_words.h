/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a declared option is written, for help, the man page and the documentation alike:
 * "-f, --follow", "--symbols S...", "--live[=WORD]". And the order in which groups of commands are
 * shown. Stateless.
 */
#ifndef SHELL_CALL_OPTION_WORDS_H
#define SHELL_CALL_OPTION_WORDS_H

#include "core/base/text.h"
#include "shell/cmd/command.h"

#define COMMAND_GROUPS 5

extern const char *const command_groups[COMMAND_GROUPS];
bool command_group_known(const char *group);
void option_words(const CommandOption *option, Text *text);

#endif
