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

/* "backtest import" is a member of the family "backtest". */
static const char *member_of(const Command *command, const char *family) {
    size_t length = strlen(family);
    bool member = strncmp(command->name, family, length) == 0 && command->name[length] == ' ';
    return member ? command->name + length + 1 : NULL;
}

static bool is_member(const Command *command) {
    return strchr(command->name, ' ') != NULL;
}

static bool is_family(const Command *command) {
    for (unsigned i = 0; i < command_count; i++)
        if (member_of(command_table[i], command->name)) return true;
    return false;
}

static void member_list(const char *family) {
    for (unsigned i = 0; i < command_count; i++) {
        const char *member = member_of(command_table[i], family);
        if (member) printf(" %s", member);
    }
}

static void bash_families(void) {
    puts("        local name=${COMP_WORDS[1]}\n        case $name in");
    for (unsigned i = 0; i < command_count; i++) {
        if (!is_family(command_table[i])) continue;
        printf("        %s) [ \"$COMP_CWORD\" -gt 2 ] || words=\"", command_table[i]->name);
        member_list(command_table[i]->name);
        puts("\"; name=\"$name ${COMP_WORDS[2]}\" ;;");
    }
    puts("        esac\n        case $name in");
}

static void bash(void) {
    puts("# bash completion of trader; put it into /usr/share/bash-completion/completions/trader\n"
         "_trader() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
         "    if [ \"$COMP_CWORD\" -eq 1 ]; then");
    fputs("        words=\"", stdout);
    for (unsigned i = 0; i < command_count; i++)
        if (!is_member(command_table[i])) printf("%s%s", i ? " " : "", command_table[i]->name);
    puts("\"\n    else");
    bash_families();
    for (unsigned i = 0; i < command_count; i++) {
        printf("        '%s') words=\"", command_table[i]->name);
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

static void zsh_families(void) {
    puts("    case $command in");
    for (unsigned i = 0; i < command_count; i++) {
        if (!is_family(command_table[i])) continue;
        printf("    %s) if (( CURRENT == 2 )); then compadd", command_table[i]->name);
        member_list(command_table[i]->name);
        puts("; return; fi\n        command=\"$command $words[2]\"; shift words; (( CURRENT-- )) "
             ";;");
    }
    puts("    esac");
}

static void zsh(void) {
    puts("#compdef trader\n_trader() {\n    local -a commands\n    commands=(");
    for (unsigned i = 0; i < command_count; i++) {
        if (is_member(command_table[i])) continue;
        printf("        '%s:", command_table[i]->name);
        quoted(command_table[i]->sentence, ":");
        puts("'");
    }
    puts("    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n"
         "        return\n    fi\n    local command=$words[2]\n    shift words\n"
         "    (( CURRENT-- ))");
    zsh_families();
    puts("    case $command in");
    for (unsigned i = 0; i < command_count; i++) {
        printf("    '%s') _arguments", command_table[i]->name);
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

/* Offers the command, and fills the condition under which its options are offered. */
static void fish_condition(const Command *command, char *condition, size_t size) {
    char family[40] = "";
    const char *member = strchr(command->name, ' ');
    if (member)
        snprintf(family, sizeof family, "%.*s", (int)(member - command->name), command->name);
    const char *name = member ? member + 1 : command->name;
    if (member)
        printf("complete -c trader -n '__fish_seen_subcommand_from %s' -a %s -d '", family, name);
    else
        printf("complete -c trader -n __fish_use_subcommand -a %s -d '", name);
    for (const char *at = command->sentence; *at; at++)
        printf(*at == '\'' || *at == '\\' ? "\\%c" : "%c", *at);
    puts("'");
    if (member)
        snprintf(condition, size,
                 " -n '__fish_seen_subcommand_from %s; and __fish_seen_subcommand_from %s'", family,
                 name);
    else
        snprintf(condition, size, " -n '__fish_seen_subcommand_from %s'", name);
}

static void fish(void) {
    puts("# fish completion of trader");
    for (unsigned i = 0; i < command_count; i++) {
        const Command *command = command_table[i];
        char condition[120];
        fish_condition(command, condition, sizeof condition);
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
