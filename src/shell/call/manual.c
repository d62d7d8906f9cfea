/* SPDX-License-Identifier: Apache-2.0 */
/* trader.1 and docs/cli.md, made from the commands' constants, the table of variables and the table
 * of exit codes. */
#include <string.h>

#include "shell/call/option_words.h"
#include "shell/config/environment.h"

typedef struct ExitRow {
    int code;
    const char *sentence;
} ExitRow;

static const ExitRow exit_rows[] = {
    {0, "done"},
    {1, "failure"},
    {2, "usage: the command line is wrong"},
    {3, "configuration is wrong, or the state is in use or of another world"},
    {4, "credentials are missing or refused"},
    {5, "exchange or network"},
    {6, "data are missing or inconsistent"},
    {7, "refused by a risk or safety guard"},
    {8, "findings (doctor, config validate)"},
    {130, "interrupted"},
};
enum { EXIT_ROWS = sizeof exit_rows / sizeof exit_rows[0] };

/* ---- troff --------------------------------------------------------------------------------- */

/* A backslash, a hyphen and a dot or quote at a line's begin mean something to troff
 * (groff_char(7)). */
static void roff(FILE *file, const char *text) {
    if (*text == '.' || *text == '\'') fputs("\\&", file);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", file);
        else if (*text == '-')
            fputs("\\-", file);
        else
            fputc(*text, file);
    }
}

static void roff_item(FILE *file, const char *name, const char *sentence) {
    fputs(".TP\n.B ", file);
    roff(file, name);
    fputc('\n', file);
    roff(file, sentence);
    fputc('\n', file);
}

static void roff_option(FILE *file, const CommandOption *option) {
    char memory[160];
    Text words = TEXT_IN(memory);
    option_words(option, &words);
    roff_item(file, text_end(&words), option->sentence);
}

static void roff_command(FILE *file, const Command *command) {
    fputs(".SS ", file);
    roff(file, command->name);
    if (command->arguments) {
        fputc(' ', file);
        roff(file, command->arguments);
    }
    fputc('\n', file);
    roff(file, command->sentence);
    fputc('\n', file);
    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        roff_option(file, &command->options[i]);
    if (!command->examples[0]) return;
    fputs(".PP\n.RS\n.nf\n", file);
    for (unsigned i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i]; i++) {
        roff(file, command->examples[i]);
        fputc('\n', file);
    }
    fputs(".fi\n.RE\n", file);
}

void command_write_manual(FILE *file) {
    fprintf(file, ".TH TRADER 1 \"\" \"trader %s\" \"User Commands\"\n", TRADER_VERSION);
    fputs(".SH NAME\ntrader \\- an AI crypto trading system in one program\n"
          ".SH SYNOPSIS\n.B trader\n.I COMMAND\n[\\fIoptions\\fR]\n.SH DESCRIPTION\n"
          "Watches markets, scores signals, judges risk and trades, on paper unless told "
          "otherwise.\nFor education and research; not financial advice.\n.SH COMMANDS\n",
          file);
    for (unsigned i = 0; i < command_count; i++)
        roff_command(file, command_table[i]);
    fputs(".SH OPTIONS OF EVERY COMMAND\n", file);
    for (const CommandOption *option = command_globals; option->name; option++)
        roff_option(file, option);
    fputs(".SH ENVIRONMENT\nRead from the environment, then from \\fI.env\\fR, then from the file "
          "that \\fINAME\\fR_FILE names.\n",
          file);
    for (unsigned i = 0; i < variable_count; i++)
        roff_item(file, variable_table[i].name, variable_table[i].sentence);
    fputs(".SH FILES\n.TP\n.I ./config.json\nThe project's settings; else the shipped "
          "config/config.json.\n.TP\n.I $XDG_CONFIG_HOME/trader/config.json\nThe user's.\n.TP\n"
          ".I /etc/trader/config.json\nThe system's.\n.TP\n.I ./state/\nWhat survives.\n"
          ".SH EXIT STATUS\n",
          file);
    for (unsigned i = 0; i < EXIT_ROWS; i++)
        fprintf(file, ".TP\n.B %d\n%s\n", exit_rows[i].code, exit_rows[i].sentence);
}

/* ---- markdown ------------------------------------------------------------------------------ */

/* A bar would end the cell of a table, an angle bracket would begin a tag. */
static void cell(FILE *file, const char *text) {
    for (; *text; text++) {
        if (*text == '|') fputc('\\', file);
        if (*text == '<')
            fputs("&lt;", file);
        else
            fputc(*text, file);
    }
}

static void markdown_option(FILE *file, const CommandOption *option) {
    char memory[160];
    Text words = TEXT_IN(memory);
    option_words(option, &words);
    fputs("| `", file);
    cell(file, text_end(&words));
    fputs("` | ", file);
    cell(file, option->sentence);
    if (option->setting) fprintf(file, " (`%s`)", option->setting);
    fputs(" |\n", file);
}

static void markdown_command(FILE *file, const Command *command) {
    fprintf(file, "\n## trader %s\n\n%s\n\n```\n", command->name, command->sentence);
    fprintf(file, "trader %s%s%s%s\n", command->name, command->arguments ? " " : "",
            command->arguments ? command->arguments : "",
            command->options[0].name ? " [options]" : "");
    for (unsigned i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i]; i++)
        fprintf(file, "%s%s\n", i ? "" : "\n", command->examples[i]);
    fputs("```\n", file);
    if (!command->options[0].name) return;
    fputs("\n| option | does |\n|---|---|\n", file);
    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        markdown_option(file, &command->options[i]);
}

void command_write_markdown(FILE *file) {
    fputs("# Command line\n\nMade by `make docs` from the commands' declarations.\n\n"
          "`trader COMMAND [options]`. Flags may stand in any order, `-` and `_` are alike in "
          "their names,\nlists are separated by blanks or commas. `trader help COMMAND` says the "
          "same on the terminal.\n\n| command | does |\n|---|---|\n",
          file);
    for (unsigned i = 0; i < command_count; i++) {
        const char *name = command_table[i]->name;
        fprintf(file, "| [`%s`](#trader-%s) | ", name, name);
        cell(file, command_table[i]->sentence);
        fputs(" |\n", file);
    }
    fputs("\n## Every command takes\n\n| option | does |\n|---|---|\n", file);
    for (const CommandOption *option = command_globals; option->name; option++)
        markdown_option(file, option);
    for (unsigned i = 0; i < command_count; i++)
        markdown_command(file, command_table[i]);
    fputs("\n## Exit codes\n\n| code | means |\n|---|---|\n", file);
    for (unsigned i = 0; i < EXIT_ROWS; i++)
        fprintf(file, "| %d | %s |\n", exit_rows[i].code, exit_rows[i].sentence);
    fputs("\n## Environment\n\nRead from the environment, then from `.env`, then from the file "
          "that `NAME_FILE` names.\n\n| variable | what |\n|---|---|\n",
          file);
    for (unsigned i = 0; i < variable_count; i++) {
        const Variable *variable = &variable_table[i];
        fprintf(file, "| `%s` | ", variable->name);
        cell(file, variable->sentence);
        if (variable->setting) fprintf(file, " (`%s`)", variable->setting);
        fputs(" |\n", file);
    }
}
