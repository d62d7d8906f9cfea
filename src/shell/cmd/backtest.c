/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The family of backtest commands: `trader backtest` alone says which there are. Each member is a
 * command of its own, named "backtest NAME", in backtest_NAME.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define FAMILY "backtest "

static bool is_member(const Command *command) {
    return strncmp(command->name, FAMILY, sizeof FAMILY - 1) == 0;
}

static void print_member(const Command *command, bool color) {
    printf("  %strader %-22s%s %s\n", paint_begin(STYLE_BOLD, color), command->name,
           paint_end(STYLE_BOLD, color), command->sentence);
}

static void print_json(void) {
    bool first = true;
    for (unsigned i = 0; i < command_count; i++) {
        char memory[2048];
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        if (!is_member(command_table[i])) continue;
        json_object_begin(&writer);
        json_key(&writer, "name");
        json_string(&writer, command_table[i]->name);
        json_key(&writer, "sentence");
        json_string(&writer, command_table[i]->sentence);
        json_object_end(&writer);
        printf("%s%s", first ? "[" : ",", text_end(&text));
        first = false;
    }
    puts("]");
}

static void refuse(const char *word, Error *error) {
    char message[200], hint[100];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    SliceNearest nearest = slice_nearest(slice_of(word));
    for (unsigned i = 0; i < command_count; i++)
        if (is_member(command_table[i]))
            slice_nearest_try(&nearest, command_table[i]->name + sizeof FAMILY - 1);
    if (nearest.name)
        text_format(&advice, "did you mean backtest %s?", nearest.name);
    else
        text_put(&advice, "trader backtest lists them");
    text_format(&what, "there is no command 'backtest %s'", word);
    error_set(error, ERROR_USAGE, text_end(&what), NULL, text_end(&advice));
}

static int backtest_run(CommandCall *call, Error *error) {
    const char *const *words;
    if (call_arguments(call, &words) > 0) {
        refuse(words[0], error);
        return error_exit_code(error->code);
    }
    if (call_json(call)) {
        print_json();
        return EXIT_SUCCESS;
    }
    bool color = call_color(call);
    for (unsigned i = 0; i < command_count; i++)
        if (is_member(command_table[i])) print_member(command_table[i], color);
    return EXIT_SUCCESS;
}

const Command command_backtest = {
    .name = "backtest",
    .group = "backtest",
    .sentence = "Lists the commands of the backtesting lab: history, runs, results.",
    .examples = {"trader backtest"},
    .run = backtest_run,
};
