/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/settings_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "shell/sys/files.h"

#define SYSTEM_FILE "/etc/trader/config.json"
#define MINE        "./config.json"

static void user_file(char target[static 512]) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    target[0] = 0;
    if (config && config[0] == '/')
        snprintf(target, 512, "%s/trader/config.json", config);
    else if (home && home[0])
        snprintf(target, 512, "%s/.config/trader/config.json", home);
}

/* The shipped file: in the working directory, beside the program, in the source tree of
 * build/trader, installed. */
static bool shipped_file(char target[static 512]) {
    static const char *const places[] = {"config/config.json", "../config/config.json",
                                         "../share/trader/config.json"};
    char program[400];
    snprintf(target, 512, "config/config.json");
    if (files_exist(target)) return true;
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0) return false;
    program[length] = 0;
    char *slash = strrchr(program, '/');
    if (!slash) return false;
    *slash = 0;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(target, 512, "%s/%s", program, places[i]);
        if (files_exist(target)) return true;
    }
    return false;
}

void settings_find_files(SettingsLoad *load, const char *config) {
    snprintf(load->files[CONFIG_SYSTEM], sizeof load->files[0], SYSTEM_FILE);
    user_file(load->files[CONFIG_USER]);
    char *project = load->files[CONFIG_PROJECT];
    load->shipped = false;
    if (config) {
        snprintf(project, sizeof load->files[0], "%s", config);
    } else if (files_exist(MINE) || !shipped_file(project)) {
        snprintf(project, sizeof load->files[0], MINE);
    } else {
        load->shipped = true;
    }
}

static bool read_files(SettingsLoad *load, bool demanded, Error *error) {
    for (int kind = 0; kind < CONFIG_FILES; kind++) {
        const char *path = load->files[kind];
        bool must = demanded && kind == CONFIG_PROJECT;
        if (!path[0] || (!must && !files_exist(path))) continue;
        bool shipped = kind == CONFIG_PROJECT && load->shipped;
        if (!settings_read_file(load, path, shipped, error)) return false;
        load->read[kind] = true;
    }
    return true;
}

static void place_of(const VariableValue *value, const char *name, char target[static 160]) {
    Text text = text_in(target, 160);
    if (value->place == PLACE_DOTENV)
        text_format(&text, ".env:%d (%s)", (int)value->line, name);
    else if (value->place == PLACE_FILE)
        text_format(&text, "the file of %s_FILE", name);
    else
        text_format(&text, "environment variable %s", name);
    text_end(&text);
}

static const char *origin_name(VariablePlace place) {
    return place == PLACE_DOTENV ? ".env" : "environment";
}

static void set_origin(SettingsLoad *load, const Setting *setting, const char *origin) {
    Text text = TEXT_IN(load->origins[setting - setting_table]);
    text_put(&text, origin);
    text_end(&text);
}

static bool apply(SettingsLoad *load, const char *path, const char *value, const char *origin,
                  Error *error) {
    const Setting *setting = setting_find(slice_of(path));
    CHECK(setting, "settings_load: a variable or flag names a setting that does not exist");
    if (!setting_set(&load->settings, setting, slice_trim(slice_of(value)), error)) return false;
    set_origin(load, setting, origin);
    return true;
}

static bool refuse_variable(const Variable *variable, const VariableValue *value, const char *fault,
                            Error *error) {
    char message[240], place[160];
    Text what = TEXT_IN(message);
    place_of(value, variable->name, place);
    text_format(&what, "'%s' %s", variable_is_secret(variable) ? "(secret)" : value->text, fault);
    return error_set(error, ERROR_CONFIG, text_end(&what), place, variable->sentence);
}

static bool apply_variable(SettingsLoad *load, const Variable *variable, const VariableValue *value,
                           Error *error) {
    char place[160];
    const char *fault = variable_fault(variable, value->text);
    if (fault) return refuse_variable(variable, value, fault, error);
    const char *settings[] = {variable->setting, variable->second};
    for (unsigned i = 0; i < 2; i++) {
        if (!settings[i]) continue;
        if (apply(load, settings[i], value->text, origin_name(value->place), error)) continue;
        place_of(value, variable->name, place);
        return error_at(error, place);
    }
    return true;
}

static bool read_variable(SettingsLoad *load, const Variable *variable, Error *error) {
    VariableValue value;
    bool sound = variable_get(variable->name, &load->dotenv, &value, error);
    if (sound && value.place != PLACE_NONE) sound = apply_variable(load, variable, &value, error);
    if (variable_is_secret(variable)) explicit_bzero(&value, sizeof value);
    return sound;
}

static bool apply_flag(SettingsLoad *load, const SettingFlag *flag, Error *error) {
    if (apply(load, flag->path, flag->value, "flag", error)) return true;
    char memory[80];
    Text where = TEXT_IN(memory);
    text_format(&where, "--%s", flag->flag);
    if (error) error->code = ERROR_USAGE;
    return error_at(error, text_end(&where));
}

/* "trading_params.x" becomes "./config.json:12 (trading_params.x)" where a file or variable gave
 * it. */
static bool with_origin(const SettingsLoad *load, Error *error) {
    const Setting *setting = error ? setting_find(slice_of(error->where)) : NULL;
    if (!setting) return false;
    char memory[160], path[160];
    Text where = TEXT_IN(memory);
    snprintf(path, sizeof path, "%s", error->where);
    text_format(&where, "%s (%s)", load->origins[setting - setting_table], path);
    return error_at(error, text_end(&where));
}

static bool check_address(const SettingsLoad *load, const char *path, VariableUse use,
                          const char *address, Error *error) {
    const char *fault = address_fault(use, address, load->settings.feed.allow_plain_http);
    if (!fault) return true;
    char message[240];
    Text what = TEXT_IN(message);
    text_format(&what, "'%s' %s", address, fault);
    error_set(error, ERROR_CONFIG, text_end(&what), path,
              "feed.allow_plain_http accepts addresses without encryption");
    return with_origin(load, error);
}

/* "BTCUSDC, ETHUSDC" and "BTCUSDC ETHUSDC" become "BTCUSDC,ETHUSDC". */
static void join_symbols(char *symbols) {
    char *target = symbols;
    for (const char *at = symbols; *at;) {
        at += strspn(at, ", \t");
        size_t length = strcspn(at, ", \t");
        if (length && target > symbols) *target++ = ',';
        memmove(target, at, length);
        target += length;
        at += length;
    }
    *target = 0;
}

static bool check_symbols(const SettingsLoad *load, Error *error) {
    unsigned count = 1;
    for (const char *at = load->settings.trading.symbols; *at; at++)
        count += *at == ',';
    if (load->settings.trading.symbols[0] && count <= LIMIT_SYMBOLS) return true;
    error_set(error, ERROR_CONFIG, count == 1 ? "no symbol is given" : "there are too many symbols",
              "trading_params.symbols", "give 1 to 32 symbols, separated by commas");
    return with_origin(load, error);
}

static bool check(const SettingsLoad *load, Error *error) {
    if (!check_symbols(load, error)) return false;
    if (!settings_check(&load->settings, error)) return with_origin(load, error);
    return check_address(load, "feed.binance_rest_url", VARIABLE_HTTP,
                         load->settings.feed.binance_rest_url, error) &&
           check_address(load, "feed.binance_ws_url", VARIABLE_STREAM,
                         load->settings.feed.binance_ws_url, error) &&
           check_address(load, "venue.rest_url", VARIABLE_HTTP, load->settings.venue.rest_url,
                         error) &&
           check_address(load, "venue.ws_api_url", VARIABLE_STREAM, load->settings.venue.ws_api_url,
                         error);
}

bool settings_load(SettingsLoad *load, const char *config, const SettingFlag *flags,
                   unsigned flag_count, Error *error) {
    memset(load, 0, sizeof *load);
    settings_presets(&load->settings);
    for (unsigned i = 0; i < setting_count; i++)
        set_origin(load, &setting_table[i], "built-in");
    settings_find_files(load, config);
    if (!read_files(load, config != NULL, error)) return false;
    if (!dotenv_open(&load->dotenv, ".env", error)) return false;
    for (unsigned i = 0; i < variable_count; i++)
        if (!read_variable(load, &variable_table[i], error)) return false;
    for (unsigned i = 0; i < flag_count; i++)
        if (!apply_flag(load, &flags[i], error)) return false;
    join_symbols(load->settings.trading.symbols);
    return check(load, error);
}

void settings_load_close(SettingsLoad *load) {
    dotenv_close(&load->dotenv);
}
