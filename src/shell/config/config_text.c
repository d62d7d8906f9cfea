/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/config_text.h"

#include <string.h>

#include "shell/config/environment.h"

#define LINE_COLUMNS 100

void setting_bounds(const Setting *setting, Text *text) {
    text_put(text, setting->unit);
    if (setting->type == SETTING_WORDS) {
        text_format(text, ", at most %d characters", (int)setting->capacity - 1);
    } else if (setting->type != SETTING_SWITCH) {
        text_put(text, ", ");
        text_double(text, setting->lowest);
        text_put(text, " to ");
        text_double(text, setting->highest);
    }
}

/* The part of a group's path behind `outside`, if the group stands directly inside it; NULL
 * otherwise. */
static const char *name_inside(const char *path, const char *outside) {
    size_t length = strlen(outside);
    if (length) {
        if (strncmp(path, outside, length) != 0 || path[length] != '.') return NULL;
        path += length + 1;
    }
    return strchr(path, '.') ? NULL : path;
}

/* ---- config.json with comments ------------------------------------------------------------- */

static void indent(Text *text, int depth) {
    for (int i = 0; i < depth; i++)
        text_put(text, "    ");
}

static void comment(Text *text, int depth, const char *sentence) {
    size_t column = 0;
    while (*sentence) {
        size_t length = strcspn(sentence, " ");
        if (column == 0 || column + length + 1 > LINE_COLUMNS) {
            if (column) text_char(text, '\n');
            indent(text, depth);
            text_put(text, "//");
            column = 4 * (size_t)depth + 2;
        }
        text_char(text, ' ');
        text_slice(text, (Slice){sentence, length});
        column += length + 1;
        sentence += length + (sentence[length] == ' ');
    }
    text_char(text, '\n');
}

static void comma(Text *text, bool *first) {
    text_put(text, *first ? "\n" : ",\n\n");
    *first = false;
}

static void write_key(const Settings *settings, const Setting *setting, int depth, Text *text) {
    char memory[600];
    Text sentence = TEXT_IN(memory);
    text_format(&sentence, "%s [", setting->sentence);
    setting_bounds(setting, &sentence);
    text_char(&sentence, ']');
    comment(text, depth, text_end(&sentence));
    indent(text, depth);
    text_format(text, "\"%s\": ", setting->key);
    setting_write(settings, setting, text);
}

static void write_section(const Settings *settings, const char *path, int depth, Text *text) {
    bool first = true;
    text_char(text, '{');
    for (unsigned i = 0; i < setting_count; i++) {
        if (strcmp(setting_table[i].group_path, path) != 0) continue;
        comma(text, &first);
        write_key(settings, &setting_table[i], depth, text);
    }
    for (unsigned i = 0; i < setting_group_count; i++) {
        const char *name = name_inside(setting_group_table[i].path, path);
        if (!name) continue;
        comma(text, &first);
        comment(text, depth, setting_group_table[i].sentence);
        indent(text, depth);
        text_format(text, "\"%s\": ", name);
        write_section(settings, setting_group_table[i].path, depth + 1, text);
    }
    text_char(text, '\n');
    indent(text, depth - 1);
    text_char(text, '}');
}

void config_write_file(const Settings *settings, Text *text) {
    text_put(text, "// Settings of trader. Comments are allowed; a key that is left out has its "
                   "built-in value.\n// `trader config validate` checks this file, `trader config "
                   "show --origin` says what is in force.\n");
    write_section(settings, "", 1, text);
    text_char(text, '\n');
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void json_section(const Settings *settings, const char *path, JsonWriter *writer) {
    json_object_begin(writer);
    for (unsigned i = 0; i < setting_count; i++) {
        if (strcmp(setting_table[i].group_path, path) != 0) continue;
        char memory[1200];
        Text value = TEXT_IN(memory);
        setting_write(settings, &setting_table[i], &value);
        json_key(writer, setting_table[i].key);
        json_raw(writer, (Slice){value.at, value.length});
    }
    for (unsigned i = 0; i < setting_group_count; i++) {
        const char *name = name_inside(setting_group_table[i].path, path);
        if (!name) continue;
        json_key(writer, name);
        json_section(settings, setting_group_table[i].path, writer);
    }
    json_object_end(writer);
}

void config_write_json(const Settings *settings, JsonWriter *writer) {
    json_section(settings, "", writer);
}

static void schema_setting(const Setting *setting, JsonWriter *writer) {
    static const char *const types[] = {"number", "integer", "boolean", "string"};
    char memory[1200];
    Text preset = TEXT_IN(memory);
    Settings settings;
    settings_presets(&settings);
    setting_write(&settings, setting, &preset);
    json_key(writer, setting->key);
    json_object_begin(writer);
    json_key(writer, "type");
    json_string(writer, types[setting->type]);
    json_key(writer, "description");
    json_string(writer, setting->sentence);
    json_key(writer, "default");
    json_raw(writer, (Slice){preset.at, preset.length});
    if (setting->type == SETTING_NUMBER || setting->type == SETTING_WHOLE) {
        json_key(writer, "minimum");
        json_double(writer, setting->lowest);
        json_key(writer, "maximum");
        json_double(writer, setting->highest);
    } else if (setting->type == SETTING_WORDS) {
        json_key(writer, "maxLength");
        json_int(writer, (int64_t)setting->capacity - 1);
    }
    json_object_end(writer);
}

static void schema_section(const char *path, const char *sentence, JsonWriter *writer) {
    json_key(writer, "type");
    json_string(writer, "object");
    json_key(writer, "description");
    json_string(writer, sentence);
    json_key(writer, "additionalProperties");
    json_bool(writer, false);
    json_key(writer, "properties");
    json_object_begin(writer);
    if (!path[0]) {
        json_key(writer, "$schema");
        json_raw(writer, SLICE("{\"type\":\"string\"}"));
    }
    for (unsigned i = 0; i < setting_count; i++)
        if (strcmp(setting_table[i].group_path, path) == 0)
            schema_setting(&setting_table[i], writer);
    for (unsigned i = 0; i < setting_group_count; i++) {
        const char *name = name_inside(setting_group_table[i].path, path);
        if (!name) continue;
        json_key(writer, name);
        json_object_begin(writer);
        schema_section(setting_group_table[i].path, setting_group_table[i].sentence, writer);
        json_object_end(writer);
    }
    json_object_end(writer);
}

void config_write_schema(JsonWriter *writer) {
    json_object_begin(writer);
    json_key(writer, "$schema");
    json_string(writer, "https://json-schema.org/draft/2020-12/schema");
    json_key(writer, "title");
    json_string(writer, "trader config.json");
    schema_section("", "settings of trader", writer);
    json_object_end(writer);
}

/* ---- docs/CONFIGURATION.md ----------------------------------------------------------------- */

static void markdown_rows(const char *path, const Settings *presets, Text *text) {
    text_put(text, "\n| key | default | unit and bounds | effect |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < setting_count; i++) {
        const Setting *setting = &setting_table[i];
        if (strcmp(setting->group_path, path) != 0) continue;
        text_format(text, "| `%s` | `", setting->key);
        setting_write(presets, setting, text);
        text_put(text, "` | ");
        setting_bounds(setting, text);
        text_format(text, " | %s |\n", setting->sentence);
    }
}

void config_write_markdown(Text *text) {
    Settings presets;
    settings_presets(&presets);
    text_put(text,
             "# Configuration\n\nMade by `make docs` from `src/core/bus/settings.def`.\n\n"
             "What a later place says wins: built-in values, `/etc/trader/config.json`, "
             "`$XDG_CONFIG_HOME/trader/config.json`\n(or `~/.config/trader/config.json`), the "
             "project's file (`--config FILE`, else `./config.json`, else the shipped\n"
             "`config/config.json`; only one of them is read), `.env`, the environment, flags. A "
             "value of the shipped file that\nequals the built-in one says nothing. `trader config "
             "show --origin` tells where each value came from.\n\nThe file is JSON; `//` and "
             "`/* */` comments are allowed. An unknown key, a wrong type or a value out of bounds\n"
             "is refused with its line (exit code 3).\n");
    for (unsigned i = 0; i < setting_group_count; i++) {
        const SettingGroup *group = &setting_group_table[i];
        text_format(text, "\n## %s\n\n%s\n", group->path, group->sentence);
        markdown_rows(group->path, &presets, text);
    }
    text_put(text,
             "\n## Environment variables\n\nRead from the environment, then from `.env`, then "
             "from the file that `NAME_FILE` names. Empty values and the\n`your_...` fillers "
             "of `.env.example` mean: not given.\n\n| variable | setting | what |\n"
             "|---|---|---|\n");
    for (unsigned i = 0; i < variable_count; i++) {
        const Variable *variable = &variable_table[i];
        text_format(text, "| `%s` | %s%s%s | %s |\n", variable->name, variable->setting ? "`" : "",
                    variable->setting ? variable->setting : "", variable->setting ? "`" : "",
                    variable->sentence);
    }
}
