/* SPDX-License-Identifier: Apache-2.0 */
/* One configuration file over the settings: every key is known, given once, of its type and within
 * its bounds. */
#include <stdlib.h>
#include <string.h>

#include "shell/config/config_walk.h"
#include "shell/config/settings_load.h"
#include "shell/sys/files.h"

typedef struct FileRead {
    SettingsLoad *load;
    const char *file;
    unsigned lines[SETTING_ROWS]; /* where a key was given; 0: not yet */
    bool shipped;
} FileRead;

SettingPath setting_path_of(const Setting *setting) {
    SettingPath path;
    Text text = TEXT_IN(path.text);
    setting_path(setting, &text);
    text_end(&text);
    return path;
}

static bool unknown_key(const FileRead *read, const ConfigValue *value, Error *error) {
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    text_format(&what, "unknown key '%S'", value->path);
    const Setting *nearest = setting_nearest(value->path);
    if (nearest) text_format(&advice, "did you mean %s?", setting_path_of(nearest).text);
    return config_fault(error, read->file, value->line, text_end(&what), text_end(&advice));
}

static const char *type_wanted(const Setting *setting) {
    switch (setting->type) {
    case SETTING_NUMBER:
        return "a number";
    case SETTING_WHOLE:
        return "a whole number";
    case SETTING_SWITCH:
        return "true or false";
    default:
        return "text in double quotes";
    }
}

static bool type_fits(const Setting *setting, JsonToken token) {
    if (setting->type == SETTING_SWITCH) return token == JSON_TRUE || token == JSON_FALSE;
    return token == (setting->type == SETTING_WORDS ? JSON_STRING : JSON_NUMBER);
}

static void cut_into(Text *text, Slice raw) {
    Slice first = {raw.at, raw.length > 40 ? 40 : raw.length};
    char *newline = memchr(first.at, '\n', first.length);
    if (newline) first.length = (size_t)(newline - first.at);
    text_slice(text, first);
}

static bool wrong_type(const FileRead *read, const Setting *setting, const ConfigValue *value,
                       Error *error) {
    char message[240], hint[200];
    Text what = TEXT_IN(message), advice = TEXT_IN(hint);
    text_format(&what, "%S is ", value->path);
    cut_into(&what, value->text);
    text_format(&what, ", not %s", type_wanted(setting));
    if (setting->type == SETTING_NUMBER || setting->type == SETTING_WHOLE) {
        text_put(&advice, "give a number from ");
        text_double(&advice, setting->lowest);
        text_put(&advice, " to ");
        text_double(&advice, setting->highest);
        text_format(&advice, " (%s)", setting->unit);
    } else {
        text_format(&advice, "give %s", type_wanted(setting));
    }
    return config_fault(error, read->file, value->line, text_end(&what), text_end(&advice));
}

/* The setting's own refusal, with the file's line in front of the key. */
static bool with_line(const FileRead *read, const ConfigValue *value, Error *error) {
    char memory[160];
    Text where = TEXT_IN(memory);
    text_format(&where, "%s:%d (%S)", read->file, (int)value->line, value->path);
    return error_at(error, text_end(&where));
}

static bool given_twice(const FileRead *read, const ConfigValue *value, unsigned first,
                        Error *error) {
    char message[240];
    Text what = TEXT_IN(message);
    text_format(&what, "%S is given twice, first in line %d", value->path, (int)first);
    return config_fault(error, read->file, value->line, text_end(&what), "remove one of them");
}

/* Words are unescaped, the rest is taken as it stands. */
static bool assign(Settings *settings, const Setting *setting, const ConfigValue *value,
                   Error *error) {
    char words[1024];
    if (setting->type != SETTING_WORDS) return setting_set(settings, setting, value->text, error);
    if (!json_unescape(value->reader, words, sizeof words))
        return setting_set(settings, setting, value->reader->slice, error);
    return setting_set(settings, setting, slice_of(words), error);
}

static bool says_nothing(const Settings *settings, const Setting *setting) {
    Settings presets;
    char left[1200], right[1200];
    Text a = TEXT_IN(left), b = TEXT_IN(right);
    settings_presets(&presets);
    setting_write(&presets, setting, &a);
    setting_write(settings, setting, &b);
    return slice_equal((Slice){a.at, a.length}, (Slice){b.at, b.length});
}

static bool take_setting(FileRead *read, const Setting *setting, const ConfigValue *value,
                         Error *error) {
    size_t row = (size_t)(setting - setting_table);
    if (read->lines[row]) return given_twice(read, value, read->lines[row], error);
    read->lines[row] = value->line;
    if (!type_fits(setting, value->token)) return wrong_type(read, setting, value, error);
    Settings before = read->load->settings;
    if (!assign(&read->load->settings, setting, value, error)) return with_line(read, value, error);
    if (read->shipped && says_nothing(&read->load->settings, setting)) {
        read->load->settings = before;
        return true;
    }
    Text origin = TEXT_IN(read->load->origins[row]);
    text_format(&origin, "%s:%d", read->file, (int)value->line);
    text_end(&origin);
    return true;
}

static bool visit(void *context, const ConfigValue *value, Error *error) {
    FileRead *read = context;
    if (slice_is(value->path, "$schema") && value->token == JSON_STRING) return true;
    const Setting *setting = setting_find(value->path);
    if (setting) return take_setting(read, setting, value, error);
    if (!setting_is_group(value->path)) return unknown_key(read, value, error);
    if (value->token == JSON_OBJECT_BEGIN) return true;
    char message[240];
    Text what = TEXT_IN(message);
    text_format(&what, "%S is a section, not a value", value->path);
    return config_fault(error, read->file, value->line, text_end(&what),
                        "write { ... } with its keys inside");
}

bool settings_read_file(SettingsLoad *load, const char *path, bool shipped, Error *error) {
    char *bytes;
    size_t length;
    if (!files_read(path, CONFIG_BYTES_MAX, &bytes, &length, error)) {
        if (error) error->code = ERROR_CONFIG;
        return false;
    }
    FileRead read = {.load = load, .file = path, .shipped = shipped};
    bool good = config_blank_comments(path, bytes, length, error) &&
                config_walk(path, (Slice){bytes, length}, visit, &read, error);
    free(bytes);
    return good;
}

bool settings_judge(const char *file, Slice text, Error *error) {
    SettingsLoad *load = calloc(1, sizeof *load);
    char *bytes = malloc(text.length + 1);
    CHECK(load && bytes, "config_file: out of memory");
    memcpy(bytes, text.at, text.length);
    bytes[text.length] = 0;
    settings_presets(&load->settings);
    FileRead read = {.load = load, .file = file};
    bool good = config_blank_comments(file, bytes, text.length, error) &&
                config_walk(file, (Slice){bytes, text.length}, visit, &read, error) &&
                settings_check(&load->settings, error);
    free(bytes);
    free(load);
    return good;
}
