/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static int run(CommandCall *call, Error *error) {
    (void)error;
    if (!call_json(call)) {
        printf("trader %s (%s)\n", TRADER_VERSION, COMPILER);
        return 0;
    }
    char memory[400];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "name");
    json_string(&writer, "trader");
    json_key(&writer, "version");
    json_string(&writer, TRADER_VERSION);
    json_key(&writer, "compiler");
    json_string(&writer, COMPILER);
    json_object_end(&writer);
    puts(text_end(&text));
    return 0;
}

const Command command_version = {
    .name = "version",
    .group = "set up",
    .sentence = "Print the version of the program.",
    .examples = {"trader version --json"},
    .run = run,
};
