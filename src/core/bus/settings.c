/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bus/settings.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/number_text.h"

#define NONE(...)

const SettingGroup setting_group_table[] = {
#define GROUP(group, group_path, about) {.path = (group_path), .sentence = (about)},
#define NUMBER                          NONE
#define WHOLE                           NONE
#define SWITCH                          NONE
#define WORDS                           NONE
#define GROUP_END(group)
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"
};
const unsigned setting_group_count = sizeof setting_group_table / sizeof setting_group_table[0];

#define GROUP(group, path, about) static const char group_path_##group[] = path;
#define NUMBER                    NONE
#define WHOLE                     NONE
#define SWITCH                    NONE
#define WORDS                     NONE
#define GROUP_END(group)
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"

#define ROW(kind, group, name, ...)                                                                \
    {.type = (kind),                                                                               \
     .group_path = group_path_##group,                                                             \
     .key = #name,                                                                                 \
     .offset = (uint32_t)offsetof(Settings, group.name),                                           \
     __VA_ARGS__},
const Setting setting_table[] = {
#define GROUP(group, path, about)
#define NUMBER(group, name, value, low, high, about_unit, about)                                   \
    ROW(SETTING_NUMBER, group, name, .preset = (value), .lowest = (low), .highest = (high),        \
        .unit = (about_unit), .sentence = (about))
#define WHOLE(group, name, value, low, high, about_unit, about)                                    \
    ROW(SETTING_WHOLE, group, name, .preset = (value), .lowest = (low), .highest = (high),         \
        .unit = (about_unit), .sentence = (about))
#define SWITCH(group, name, value, about)                                                          \
    ROW(SETTING_SWITCH, group, name, .preset = (value), .highest = 1, .unit = "true or false",     \
        .sentence = (about))
#define WORDS(group, name, size, value, about)                                                     \
    ROW(SETTING_WORDS, group, name, .preset_words = (value), .capacity = (size), .unit = "text",   \
        .sentence = (about))
#define GROUP_END(group)
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"
};
const unsigned setting_count = sizeof setting_table / sizeof setting_table[0];

#define SETTING_PATH_MAX 128 /* longest path is 75 characters */

static void *setting_at(Settings *settings, const Setting *setting) {
    return (char *)settings + setting->offset;
}

void settings_presets(Settings *settings) {
    memset(settings, 0, sizeof *settings);
    for (unsigned i = 0; i < setting_count; i++) {
        const Setting *setting = &setting_table[i];
        void *at = setting_at(settings, setting);
        switch (setting->type) {
        case SETTING_NUMBER:
            *(double *)at = setting->preset;
            break;
        case SETTING_WHOLE:
            *(int64_t *)at = (int64_t)setting->preset;
            break;
        case SETTING_SWITCH:
            *(bool *)at = setting->preset > 0;
            break;
        case SETTING_WORDS:
            memcpy(at, setting->preset_words, strlen(setting->preset_words) + 1);
            break;
        }
    }
}

void setting_path(const Setting *setting, Text *text) {
    text_put(text, setting->group_path);
    text_char(text, '.');
    text_put(text, setting->key);
}

const Setting *setting_find(Slice path) {
    for (unsigned i = 0; i < setting_count; i++) {
        char memory[SETTING_PATH_MAX];
        Text text = TEXT_IN(memory);
        setting_path(&setting_table[i], &text);
        if (slice_is(path, text_end(&text))) return &setting_table[i];
    }
    return NULL;
}

const Setting *setting_nearest(Slice path) {
    const Setting *nearest = NULL;
    size_t least = (size_t)-1;
    for (unsigned i = 0; i < setting_count; i++) {
        char memory[SETTING_PATH_MAX];
        Text text = TEXT_IN(memory);
        setting_path(&setting_table[i], &text);
        size_t whole = slice_distance(path, slice_of(text_end(&text)));
        size_t key = slice_distance(path, slice_of(setting_table[i].key));
        size_t distance = key < whole ? key : whole;
        if (distance < least) {
            least = distance;
            nearest = &setting_table[i];
        }
    }
    return nearest;
}

bool setting_is_group(Slice path) {
    for (unsigned i = 0; i < setting_group_count; i++) {
        Slice group = slice_of(setting_group_table[i].path);
        if (slice_equal(group, path)) return true;
        bool inside = group.length > path.length && group.at[path.length] == '.';
        if (inside && memcmp(group.at, path.at, path.length) == 0) return true;
    }
    return false;
}

static bool refuse(const Setting *setting, const char *what, Slice value, Error *error) {
    char place[SETTING_PATH_MAX], message[200], hint[200];
    Text where = TEXT_IN(place), text = TEXT_IN(message), advice = TEXT_IN(hint);
    setting_path(setting, &where);
    text_format(&text, "'%S' %s", value, what);
    if (setting->type == SETTING_NUMBER || setting->type == SETTING_WHOLE) {
        text_put(&advice, "give a number from ");
        text_double(&advice, setting->lowest);
        text_put(&advice, " to ");
        text_double(&advice, setting->highest);
        text_format(&advice, " (%s)", setting->unit);
    } else {
        text_format(&advice, "give %s", setting->unit);
    }
    return error_set(error, ERROR_CONFIG, text_end(&text), text_end(&where), text_end(&advice));
}

static bool set_number(void *at, const Setting *setting, Slice value, Error *error) {
    double number;
    if (!number_from_slice(value, &number)) return refuse(setting, "is not a number", value, error);
    if (number < setting->lowest || number > setting->highest)
        return refuse(setting, "is out of bounds", value, error);
    if (setting->type == SETTING_NUMBER) {
        *(double *)at = number;
        return true;
    }
    if (number != floor(number)) return refuse(setting, "is not a whole number", value, error);
    *(int64_t *)at = (int64_t)number;
    return true;
}

bool setting_set(Settings *settings, const Setting *setting, Slice value, Error *error) {
    void *at = setting_at(settings, setting);
    if (setting->type == SETTING_NUMBER || setting->type == SETTING_WHOLE)
        return set_number(at, setting, value, error);
    if (setting->type == SETTING_WORDS)
        return slice_copy(value, at, setting->capacity) ||
               refuse(setting, "is too long", value, error);
    bool yes = slice_is(value, "true"), no = slice_is(value, "false");
    if (!yes && !no) return refuse(setting, "is neither true nor false", value, error);
    *(bool *)at = yes;
    return true;
}

void setting_write(const Settings *settings, const Setting *setting, Text *text) {
    const void *at = (const char *)settings + setting->offset;
    JsonWriter writer = json_writer(text);
    switch (setting->type) {
    case SETTING_NUMBER:
        json_double(&writer, *(const double *)at);
        break;
    case SETTING_WHOLE:
        json_int(&writer, *(const int64_t *)at);
        break;
    case SETTING_SWITCH:
        json_bool(&writer, *(const bool *)at);
        break;
    case SETTING_WORDS:
        json_string(&writer, at);
        break;
    }
}

bool settings_check(const Settings *settings, Error *error) {
    if (settings->trading.ai_analysis_interval % 60 != 0)
        return error_set(error, ERROR_CONFIG, "the decision grid is not a multiple of 60 seconds",
                         "trading_params.ai_analysis_interval", "give 60, 300, 900 ...");
    if (settings->risk.max_portfolio_allocation > settings->risk.max_total_exposure)
        return error_set(error, ERROR_CONFIG,
                         "one position may be larger than all positions together",
                         "risk_management.max_portfolio_allocation",
                         "keep it at or below risk_management.max_total_exposure");
    if (settings->trading.position_size > settings->risk.max_portfolio_allocation)
        return error_set(error, ERROR_CONFIG, "an entry may be larger than a position",
                         "trading_params.position_size",
                         "keep it at or below risk_management.max_portfolio_allocation");
    return true;
}

/* What only concerns screens, files and addresses cannot change a decision, so two runs that differ
 * there are equal. */
static bool decides(const Setting *setting) {
    static const char *const outside[] = {"dashboard", "logging", "journal", "feed", "data"};
    for (unsigned i = 0; i < sizeof outside / sizeof outside[0]; i++)
        if (strcmp(setting->group_path, outside[i]) == 0) return false;
    return true;
}

unsigned settings_symbol_count(const Settings *settings) {
    unsigned count = 1;
    for (const char *c = settings->trading.symbols; *c; c++)
        count += *c == ',';
    return count < LIMIT_SYMBOLS ? count : LIMIT_SYMBOLS;
}

void settings_hash(const Settings *settings, uint8_t digest[static SHA256_SIZE]) {
    Sha256 sha;
    sha256_init(&sha);
    for (unsigned i = 0; i < setting_count; i++) {
        if (!decides(&setting_table[i])) continue;
        char memory[2048]; /* the longest words have 1,200 bytes, and quotes are escaped */
        Text text = TEXT_IN(memory);
        setting_path(&setting_table[i], &text);
        text_char(&text, '=');
        setting_write(settings, &setting_table[i], &text);
        text_char(&text, '\n');
        sha256_add(&sha, text.at, text.length);
    }
    sha256_peek(&sha, digest);
}
