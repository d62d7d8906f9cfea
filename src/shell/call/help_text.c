/* SPDX-License-Identifier: Apache-2.0 */
/* Help on the terminal, from the commands' constants alone. */
#include <string.h>

#include "shell/call/option_words.h"
#include "shell/screen/paint.h"

#define NAME_COLUMN  26 /* the longest option with its value has 24 characters */
#define WORD_COLUMN  16 /* names of commands have at most 12 characters */
#define LINE_COLUMNS 100

/* Words of `sentence` from a column on, with line breaks. */
static void print_wrapped(FILE *file, const char *sentence, size_t begin) {
    size_t column = begin;
    while (*sentence) {
        size_t length = strcspn(sentence, " ");
        if (column + length >= LINE_COLUMNS && column > begin) {
            fprintf(file, "\n%*s", (int)begin, "");
            column = begin;
        } else if (column > begin) {
            fputc(' ', file);
        }
        fprintf(file, "%.*s", (int)length, sentence);
        column += length + 1;
        sentence += length + strspn(sentence + length, " ");
    }
    fputc('\n', file);
}

static void print_option(const CommandOption *option, bool color, FILE *file) {
    char memory[160];
    Text words = TEXT_IN(memory);
    option_words(option, &words);
    int blanks = NAME_COLUMN - 2 - (int)words.length;
    fprintf(file, "  %s%s%s%*s", paint_begin(STYLE_BOLD, color), text_end(&words),
            paint_end(STYLE_BOLD, color), blanks > 1 ? blanks : 2, "");
    if (blanks <= 1) fprintf(file, "\n%*s", NAME_COLUMN, "");
    print_wrapped(file, option->sentence, NAME_COLUMN);
}

static void print_title(const char *title, bool color, FILE *file) {
    fprintf(file, "\n%s%s%s\n", paint_begin(STYLE_BOLD, color), title,
            paint_end(STYLE_BOLD, color));
}

void command_write_help(const Command *command, bool color, FILE *file) {
    fprintf(file, "%strader %s%s%s%s\n", paint_begin(STYLE_BOLD, color), command->name,
            command->arguments ? " " : "", command->arguments ? command->arguments : "",
            paint_end(STYLE_BOLD, color));
    print_wrapped(file, command->sentence, 0);
    if (command->examples[0]) print_title("EXAMPLES", color, file);
    for (unsigned i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i]; i++)
        fprintf(file, "  %s\n", command->examples[i]);
    if (command->options[0].name) print_title("OPTIONS", color, file);
    for (unsigned i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
        print_option(&command->options[i], color, file);
    print_title("EVERY COMMAND", color, file);
    for (const CommandOption *option = command_globals; option->name; option++)
        print_option(option, color, file);
}

static bool is_empty(const char *group) {
    for (unsigned i = 0; i < command_count; i++)
        if (strcmp(command_table[i]->group, group) == 0) return false;
    return true;
}

static void print_group(const char *group, bool color, FILE *file) {
    if (is_empty(group)) return;
    char title[40];
    snprintf(title, sizeof title, "%s", group);
    for (char *letter = title; *letter; letter++)
        if (*letter >= 'a' && *letter <= 'z') *letter = (char)(*letter - 32);
    print_title(title, color, file);
    for (unsigned i = 0; i < command_count; i++) {
        const Command *command = command_table[i];
        if (strcmp(command->group, group) != 0) continue;
        fprintf(file, "  %s%-12s%s  ", paint_begin(STYLE_BOLD, color), command->name,
                paint_end(STYLE_BOLD, color));
        print_wrapped(file, command->sentence, WORD_COLUMN);
    }
}

static bool is_first_of_group(unsigned index) {
    for (unsigned i = 0; i < index; i++)
        if (strcmp(command_table[i]->group, command_table[index]->group) == 0) return false;
    return true;
}

void command_write_list(bool color, FILE *file) {
    fprintf(file, "trader %s: an AI crypto trading system in one program\n\n", TRADER_VERSION);
    fputs("  trader COMMAND [options]      trader help COMMAND\n", file);
    for (unsigned i = 0; i < COMMAND_GROUPS && command_groups[i]; i++)
        print_group(command_groups[i], color, file);
    for (unsigned i = 0; i < command_count; i++)
        if (is_first_of_group(i) && !command_group_known(command_table[i]->group))
            print_group(command_table[i]->group, color, file);
    print_title("EVERY COMMAND", color, file);
    for (const CommandOption *option = command_globals; option->name; option++)
        print_option(option, color, file);
}
