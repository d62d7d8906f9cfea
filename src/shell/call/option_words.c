/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/call/option_words.h"

#include <string.h>

const char *const command_groups[COMMAND_GROUPS] = {"run", "look", "data", "backtest", "set up"};

bool command_group_known(const char *group) {
    for (unsigned i = 0; i < COMMAND_GROUPS; i++)
        if (strcmp(group, command_groups[i]) == 0) return true;
    return false;
}

void option_words(const CommandOption *option, Text *text) {
    const char *value = option->value_name ? option->value_name : "VALUE";
    if (option->type == OPTION_SWITCH && option->value_name) text_format(text, "-%s, ", value);
    text_put(text, "--");
    for (const char *at = option->name; *at; at++)
        text_char(text, *at == '_' ? '-' : *at);
    if (option->type == OPTION_VALUE) text_format(text, " %s", value);
    if (option->type == OPTION_LIST) text_format(text, " %s...", value);
    if (option->type == OPTION_MAYBE_VALUE) text_format(text, "[=%s]", value);
}
