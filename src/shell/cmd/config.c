/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "shell/cmd/command.h"
#include "shell/config/config_edit.h"
#include "shell/config/config_text.h"
#include "shell/config/config_walk.h"
#include "shell/config/settings_load.h"
#include "shell/screen/paint.h"
#include "shell/sys/files.h"

#define MINE "./config.json"

static int failed(const Error *error) {
    return error_exit_code(error->code);
}

static int fail(Error *error, ErrorCode code, const char *message, const char *hint) {
    error_set(error, code, message, "config", hint);
    return error_exit_code(code);
}

/* ---- show, get ----------------------------------------------------------------------------- */

static void value_text(const Settings *settings, const Setting *setting, Text *text) {
    setting_write(settings, setting, text);
    text_end(text);
}

static void show_origins_json(CommandCall *call, const Settings *settings) {
    static char memory[CONFIG_TEXT_MAX];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_array_begin(&writer);
    for (unsigned i = 0; i < setting_count; i++) {
        char value[1200];
        Text words = TEXT_IN(value);
        value_text(settings, &setting_table[i], &words);
        json_object_begin(&writer);
        json_key(&writer, "key");
        json_string(&writer, setting_path_of(&setting_table[i]).text);
        json_key(&writer, "value");
        json_raw(&writer, (Slice){words.at, words.length});
        json_key(&writer, "origin");
        json_string(&writer, call_origin(call, &setting_table[i]));
        json_object_end(&writer);
    }
    json_array_end(&writer);
    puts(text_end(&text));
}

static void show_json(const Settings *settings) {
    static char memory[CONFIG_TEXT_MAX];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    config_write_json(settings, &writer);
    puts(text_end(&text));
}

static void show_table(CommandCall *call, const Settings *settings, bool origins) {
    static const char *const with[] = {"KEY", "VALUE", "UNIT", "ORIGIN", NULL};
    static const char *const without[] = {"KEY", "VALUE", "UNIT", NULL};
    Table *table = table_open(origins ? with : without, 0);
    for (unsigned i = 0; i < setting_count; i++) {
        char value[1200];
        Text words = TEXT_IN(value);
        value_text(settings, &setting_table[i], &words);
        const char *origin = call_origin(call, &setting_table[i]);
        bool changed = strcmp(origin, "built-in") != 0;
        table_cell(table, STYLE_PLAIN, setting_path_of(&setting_table[i]).text);
        table_cell(table, changed ? STYLE_BOLD : STYLE_PLAIN, words.at);
        table_cell(table, STYLE_DIM, setting_table[i].unit);
        if (origins) table_cell(table, changed ? STYLE_PLAIN : STYLE_DIM, origin);
    }
    table_print(table, call_color(call), stdout);
    table_close(table);
}

static int show(CommandCall *call, Error *error) {
    const Settings *settings;
    if (!call_settings(call, &settings, error)) return failed(error);
    bool origins = call_has(call, "origin");
    if (!call_json(call))
        show_table(call, settings, origins);
    else if (origins)
        show_origins_json(call, settings);
    else
        show_json(settings);
    return 0;
}

static const Setting *known(const char *path, Error *error) {
    const Setting *setting = setting_find(slice_of(path));
    if (setting) return setting;
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    text_format(&what, "there is no setting '%s'", path);
    const Setting *nearest = setting_nearest(slice_of(path));
    if (nearest) text_format(&advice, "did you mean %s?", setting_path_of(nearest).text);
    error_set(error, ERROR_CONFIG, text_end(&what), "config", text_end(&advice));
    return NULL;
}

static int get(CommandCall *call, const char *path, Error *error) {
    const Settings *settings;
    const Setting *setting = known(path, error);
    if (!setting || !call_settings(call, &settings, error)) return failed(error);
    char value[1200];
    Text words = TEXT_IN(value);
    value_text(settings, setting, &words);
    if (setting->type == SETTING_WORDS && !call_json(call))
        puts((const char *)settings + setting->offset);
    else
        puts(words.at);
    return 0;
}

/* ---- set ----------------------------------------------------------------------------------- */

/* What ./config.json begins as: itself, else the project's file in force, else every key with its
 * built-in value. */
static bool starting_text(CommandCall *call, char **bytes, size_t *length, Error *error) {
    static SettingsLoad load;
    Settings presets;
    settings_find_files(&load, call_config(call));
    if (files_exist(load.files[CONFIG_PROJECT]))
        return files_read(load.files[CONFIG_PROJECT], CONFIG_BYTES_MAX, bytes, length, error);
    *bytes = malloc(CONFIG_TEXT_MAX);
    CHECK(*bytes, "config: out of memory");
    Text text = text_in(*bytes, CONFIG_TEXT_MAX);
    settings_presets(&presets);
    config_write_file(&presets, &text);
    *length = text.length;
    text_end(&text);
    return true;
}

/* The value as JSON, after the setting itself has judged it. */
static bool judged(const Setting *setting, const char *word, Text *value, Error *error) {
    Settings scratch;
    settings_presets(&scratch);
    if (!setting_set(&scratch, setting, slice_trim(slice_of(word)), error)) return false;
    value_text(&scratch, setting, value);
    return true;
}

static void tell_set(bool as_json, const char *file, const char *path, Slice value) {
    if (!as_json) {
        printf("%s = %.*s   (%s)\n", path, (int)value.length, value.at, file);
        return;
    }
    char memory[8192]; /* a path of the system, each byte escaped to two */
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "file");
    json_string(&writer, file);
    json_key(&writer, "key");
    json_string(&writer, path);
    json_key(&writer, "value");
    json_raw(&writer, value);
    json_object_end(&writer);
    puts(text_end(&text));
}

static int set(CommandCall *call, const char *path, const char *word, Error *error) {
    char memory[1200], *bytes;
    size_t length;
    const char *file = call_config(call) ? call_config(call) : MINE;
    Text value = TEXT_IN(memory);
    const Setting *setting = known(path, error);
    if (!setting || !judged(setting, word, &value, error)) return failed(error);
    if (!starting_text(call, &bytes, &length, error)) return failed(error);
    size_t room = length + sizeof memory + CONFIG_PATH_MAX;
    Text edited = {.at = malloc(room), .capacity = room};
    CHECK(edited.at, "config: out of memory");
    bool good = config_edit(file, (Slice){bytes, length}, path, (Slice){value.at, value.length},
                            &edited, error) &&
                settings_judge(file, (Slice){edited.at, edited.length}, error) &&
                files_write(file, edited.at, edited.length, 0644, error);
    free(bytes);
    free(edited.at);
    if (!good) return failed(error);
    tell_set(call_json(call), file, path, (Slice){value.at, value.length});
    return 0;
}

/* ---- validate, schema, path, defaults ------------------------------------------------------ */

static bool judge_file(const char *file, Error *error) {
    char *bytes;
    size_t length;
    if (!files_read(file, CONFIG_BYTES_MAX, &bytes, &length, error)) return false;
    bool good = settings_judge(file, (Slice){bytes, length}, error);
    free(bytes);
    return good;
}

static int validate(CommandCall *call, const char *file, Error *error) {
    const Settings *settings;
    bool good = file ? judge_file(file, error) : call_settings(call, &settings, error);
    if (!good) return failed(error);
    if (call_json(call))
        puts("{\"valid\":true}");
    else
        printf("valid: %s\n", file ? file : "every file, .env and the environment");
    return 0;
}

static int schema(void) {
    static char memory[CONFIG_TEXT_MAX];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    config_write_schema(&writer);
    CHECK(!text.overflow, "config: the schema outgrew its memory");
    puts(text_end(&text));
    return 0;
}

static int path(CommandCall *call) {
    static const char *const kinds[] = {"system", "user", "project"};
    static SettingsLoad load;
    char memory[4096];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    settings_find_files(&load, call_config(call));
    json_object_begin(&writer);
    for (int i = 0; i < CONFIG_FILES; i++) {
        bool there = load.files[i][0] && files_exist(load.files[i]);
        json_key(&writer, kinds[i]);
        json_object_begin(&writer);
        json_key(&writer, "path");
        json_string(&writer, load.files[i]);
        json_key(&writer, "present");
        json_bool(&writer, there);
        json_object_end(&writer);
        if (!call_json(call))
            printf("%-8s %s%s\n", kinds[i], load.files[i], there ? "" : "  (absent)");
    }
    json_object_end(&writer);
    if (call_json(call)) puts(text_end(&text));
    return 0;
}

static int defaults(CommandCall *call) {
    static char memory[CONFIG_TEXT_MAX];
    Text text = TEXT_IN(memory);
    Settings presets;
    settings_presets(&presets);
    if (call_json(call)) {
        show_json(&presets);
        return 0;
    }
    if (call_has(call, "markdown"))
        config_write_markdown(&text);
    else if (call_has(call, "environment"))
        environment_example(&text);
    else
        config_write_file(&presets, &text);
    CHECK(!text.overflow, "config: the defaults outgrew their memory");
    fputs(text_end(&text), stdout);
    return 0;
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    unsigned count = call_arguments(call, &words);
    const char *verb = count ? words[0] : "show";
    if (strcmp(verb, "show") == 0 && count <= 1) return show(call, error);
    if (strcmp(verb, "get") == 0 && count == 2) return get(call, words[1], error);
    if (strcmp(verb, "set") == 0 && count == 3) return set(call, words[1], words[2], error);
    if (strcmp(verb, "validate") == 0 && count <= 2)
        return validate(call, count == 2 ? words[1] : NULL, error);
    if (strcmp(verb, "schema") == 0 && count == 1) return schema();
    if (strcmp(verb, "path") == 0 && count == 1) return path(call);
    if (strcmp(verb, "defaults") == 0 && count == 1) return defaults(call);
    return fail(error, ERROR_USAGE, "this is none of its forms",
                "show | get KEY | set KEY VALUE | validate [FILE] | schema | path | defaults");
}

const Command command_config = {
    .name = "config",
    .group = "set up",
    .sentence = "Show, check and change settings.",
    .arguments = "show | get KEY | set KEY VALUE | validate [FILE] | schema | path | defaults",
    .examples = {"trader config show --origin", "trader config set trading_params.max_positions 3",
                 "trader config validate config.json"},
    .options = {{"origin", OPTION_SWITCH, NULL, "show: say where each value came from", NULL},
                {"markdown", OPTION_SWITCH, NULL, "defaults: print docs/CONFIGURATION.md", NULL},
                {"environment", OPTION_SWITCH, NULL, "defaults: print .env.example", NULL}},
    .run = run,
};
