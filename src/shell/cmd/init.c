/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "shell/cmd/command.h"
#include "shell/config/config_text.h"
#include "shell/config/environment.h"
#include "shell/screen/paint.h"
#include "shell/sys/files.h"

#define SETTINGS_FILE    "config.json"
#define ENVIRONMENT_FILE ".env"
#define EXAMPLE_FILE     ".env.example"
#define EXAMPLE_MAX      65536

/* Overwriting what somebody wrote is asked for once, in a terminal; elsewhere --yes says it. */
static bool may_overwrite(const CommandCall *call, Error *error) {
    if (!files_exist(SETTINGS_FILE) || call_has(call, "yes")) return true;
    bool ask = !call_has(call, "no_input") && !call_json(call) && isatty(STDIN_FILENO);
    char answer[16] = "";
    if (ask) {
        fprintf(stderr, "%s is there already. Replace it? [y/N] ", SETTINGS_FILE);
        if (fgets(answer, sizeof answer, stdin) && (answer[0] | 32) == 'y') return true;
    }
    return error_set(error, ERROR_GUARD, "the file is there already", SETTINGS_FILE,
                     "--yes replaces it");
}

static bool write_settings(Error *error) {
    static char memory[CONFIG_TEXT_MAX];
    Text text = TEXT_IN(memory);
    Settings presets;
    settings_presets(&presets);
    config_write_file(&presets, &text);
    CHECK(!text.overflow, "init: the settings outgrew their memory");
    return files_write(SETTINGS_FILE, text.at, text.length, 0644, error);
}

/* The project's own .env.example if there is one, else ours; readable by its owner only, for keys
 * will stand in it. */
static bool write_environment(bool *written, Error *error) {
    static char memory[EXAMPLE_MAX];
    Text text = TEXT_IN(memory);
    *written = !files_exist(ENVIRONMENT_FILE);
    if (!*written) return true;
    if (!files_exist(EXAMPLE_FILE)) {
        environment_example(&text);
        return files_write(ENVIRONMENT_FILE, text.at, text.length, 0600, error);
    }
    char *bytes;
    size_t length;
    if (!files_read(EXAMPLE_FILE, EXAMPLE_MAX, &bytes, &length, error)) return false;
    bool good = files_write(ENVIRONMENT_FILE, bytes, length, 0600, error);
    free(bytes);
    return good;
}

static void tell(const CommandCall *call, bool environment) {
    if (call_json(call)) {
        printf("{\"written\":[\"%s\"%s]}\n", SETTINGS_FILE,
               environment ? ",\"" ENVIRONMENT_FILE "\"" : "");
        return;
    }
    bool color = call_color(call);
    paint_mark(stdout, MARK_GOOD, color);
    printf(" %s   every setting with its unit, bounds and effect\n", SETTINGS_FILE);
    paint_mark(stdout, MARK_GOOD, color);
    printf(" %s          %s\n", ENVIRONMENT_FILE,
           environment ? "fillers for keys, readable by you only" : "left as it was");
    puts("\nNo key is needed for paper trading.   next: trader run");
}

static int run(CommandCall *call, Error *error) {
    bool environment;
    if (!may_overwrite(call, error) || !write_settings(error) ||
        !write_environment(&environment, error))
        return error_exit_code(error->code);
    tell(call, environment);
    return 0;
}

const Command command_init = {
    .name = "init",
    .group = "set up",
    .sentence = "Write config.json with every setting, and .env.",
    .examples = {"trader init", "trader init --yes"},
    .run = run,
};
