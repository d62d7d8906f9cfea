/* SPDX-License-Identifier: Apache-2.0 */
/* Completion scripts, made from the commands' constants. */
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "shell/cmd/command.h"

static void dashed(const char *name) {
    for (; *name; name++)
        putchar(*name == '_' ? '-' : *name);
}

static void option_list(const CommandOption *options, unsigned count) {
    for (unsigned i = 0; i < count && options[i].name; i++) {
        fputs(" --", stdout);
        dashed(options[i].name);
    }
}

static void bash(void) {
    puts("# bash completion of trader; put it into /usr/share/bash-completion/completions/trader\n"
         "_trader() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
         "    if [ \"$COMP_CWORD\" -eq 1 ]; then");
    fputs("        words=\"", stdout);
    for (unsigned i = 0; i < command_count; i++)
        printf("%s%s", i ? " " : "", command_table[i]->name);
    puts("\"\n    else\n        case ${COMP_WORDS[1]} in");
    for (unsigned i = 0; i < command_count; i++) {
        printf("        %s) words=\"", command_table[i]->name);
        option_list(command_table[i]->options, COMMAND_OPTIONS_MAX);
        puts("\" ;;");
    }
    fputs("        esac\n        words=\"$words", stdout);
    option_list(command_globals, COMMAND_OPTIONS_MAX);
    puts("\"\n    fi\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "}\n"
         "complete -o filenames -F _trader trader");
}

/* Inside single quotes: a quote ends them, stands escaped, and they begin again. */
static void quoted(const char *text, const char *special) {
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr(special, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void zsh_options(const CommandOption *options) {
    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && options[i].name; i++) {
        bool value = options[i].type == OPTION_VALUE || options[i].type == OPTION_LIST;
        fputs(" '--", stdout);
        dashed(options[i].name);
        fputs(value ? "=[" : "[", stdout);
        quoted(options[i].sentence, "[]:");
        printf("]%s'", value ? ":value:_files" : "");
    }
}

static void zsh(void) {
    puts("#compdef trader\n_trader() {\n    local -a commands\n    commands=(");
    for (unsigned i = 0; i < command_count; i++) {
        printf("        '%s:", command_table[i]->name);
        quoted(command_table[i]->sentence, ":");
        puts("'");
    }
    puts("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n"
         "        return\n    fi\n    local command=$words[2]\n    shift words\n"
         "    (( CURRENT-- ))\n    case $command in");
    for (unsigned i = 0; i < command_count; i++) {
        printf("    %s) _arguments", command_table[i]->name);
        zsh_options(command_table[i]->options);
        for (const CommandOption *option = command_globals; option->name; option++) {
            fputs(" --", stdout);
            dashed(option->name);
        }
        puts(" '*:file:_files' ;;");
    }
    puts("    esac\n}\ncompdef _trader trader");
}

static void fish_option(const char *condition, const CommandOption *option) {
    printf("complete -c trader%s -l ", condition);
    dashed(option->name);
    bool value = option->type == OPTION_VALUE || option->type == OPTION_LIST;
    printf("%s -d '", value ? " -r" : "");
    for (const char *at = option->sentence; *at; at++)
        printf(*at == '\'' || *at == '\\' ? "\\%c" : "%c", *at);
    puts("'");
}

static void fish(void) {
    puts("# fish completion of trader");
    for (unsigned i = 0; i < command_count; i++) {
        const Command *command = command_table[i];
        char condition[80];
        printf("complete -c trader -n __fish_use_subcommand -a %s -d '", command->name);
        for (const char *at = command->sentence; *at; at++)
            printf(*at == '\'' || *at == '\\' ? "\\%c" : "%c", *at);
        puts("'");
        snprintf(condition, sizeof condition, " -n '__fish_seen_subcommand_from %s'",
                 command->name);
        for (unsigned k = 0; k < COMMAND_OPTIONS_MAX && command->options[k].name; k++)
            fish_option(condition, &command->options[k]);
    }
    for (const CommandOption *option = command_globals; option->name; option++)
        fish_option("", option);
}

static int run(CommandCall *call, Error *error) {
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    const char *const *words;
    unsigned count = call_arguments(call, &words);
    for (size_t i = 0; count == 1 && i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(words[0], shells[i].name) != 0) continue;
        shells[i].print();
        return 0;
    }
    error_set(error, ERROR_USAGE, "say which shell", "completion", "bash, zsh or fish");
    return error_exit_code(ERROR_USAGE);
}

const Command command_completion = {
    .name = "completion",
    .group = "set up",
    .sentence = "Print the completion script of a shell.",
    .arguments = "bash|zsh|fish",
    .examples = {"source <(trader completion bash)"},
    .run = run,
};
