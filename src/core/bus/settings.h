/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a run: one struct made from settings.def, and its table. Values come from flags,
 * environment, .env, files and presets (the shell reads those); here they are named, bounded,
 * printed and hashed. A Settings is a plain value; services copy what they need when they are
 * initialised.
 */
#ifndef CORE_BUS_SETTINGS_H
#define CORE_BUS_SETTINGS_H

#include <stdint.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"

#define GROUP(group, path, sentence) typedef struct Settings_##group {
#define GROUP_END(group)                                                                           \
    }                                                                                              \
    Settings_##group;
#define NUMBER(group, key, preset, lowest, highest, unit, sentence) double key;
#define WHOLE(group, key, preset, lowest, highest, unit, sentence)  int64_t key;
#define SWITCH(group, key, preset, sentence)                        bool key;
#define WORDS(group, key, capacity, preset, sentence)               char key[capacity];
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"

typedef struct Settings {
#define GROUP(group, path, sentence) Settings_##group group;
#define GROUP_END(group)
#define NUMBER(...)
#define WHOLE(...)
#define SWITCH(...)
#define WORDS(...)
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"
} Settings;

typedef enum SettingType {
    SETTING_NUMBER,
    SETTING_WHOLE,
    SETTING_SWITCH,
    SETTING_WORDS
} SettingType;

typedef struct Setting {
    const char *group_path; /* "risk_management.trailing_stop_settings" */
    const char *key;        /* "trail_percent" */
    SettingType type;
    double preset, lowest, highest;
    const char *preset_words;
    const char *unit, *sentence;
    uint32_t offset, capacity;
} Setting;

typedef struct SettingGroup {
    const char *path, *sentence;
} SettingGroup;

extern const Setting setting_table[];
extern const unsigned setting_count;
extern const SettingGroup setting_group_table[];
extern const unsigned setting_group_count;

void settings_presets(Settings *settings);
/* By full path ("trading_params.max_positions"), or NULL. */
const Setting *setting_find(Slice path);
/* The known path that is nearest to a wrong one, for the message. */
const Setting *setting_nearest(Slice path);
bool setting_is_group(Slice path);
/* Sets from text ("0.2", "5", "true", words); an error names path, bounds and unit. */
bool setting_set(Settings *settings, const Setting *setting, Slice value, Error *error) MUST_USE;
/* The value as JSON (words quoted). */
void setting_write(const Settings *settings, const Setting *setting, Text *text);
/* "trading_params.max_positions" */
void setting_path(const Setting *setting, Text *text);
/* Relations between settings (stop below target, interval a multiple of 60 ...). */
bool settings_check(const Settings *settings, Error *error) MUST_USE;
/* Symbols that trading_params.symbols names, at most LIMIT_SYMBOLS: services size their state by
 * it.
 */
unsigned settings_symbol_count(const Settings *settings);
/* SHA-256 over paths and values, in order of the table, without what cannot change a decision
 * (dashboard, logging, journal, feed addresses, data directory). */
void settings_hash(const Settings *settings, uint8_t digest[static SHA256_SIZE]);

#endif
