/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where settings come from. Each place may say less than all; what a later one says wins: built-in,
 * then /etc/trader/config.json, the user's ($XDG_CONFIG_HOME/trader/config.json), the project's,
 * .env, the environment, flags. The project's file is the one of --config, else
 * ./config.json, else the shipped config/config.json (beside the program or in its source tree);
 * only one of them is read. A value of the shipped file that equals the built-in one says nothing,
 * so that the user's own file is not hidden by a file nobody has touched. Unknown keys, wrong types
 * and values out of bounds are Errors with file, line and the nearest name. The caller owns the
 * SettingsLoad and closes it.
 */
#ifndef SHELL_CONFIG_SETTINGS_LOAD_H
#define SHELL_CONFIG_SETTINGS_LOAD_H

#include "core/bus/settings.h"
#include "shell/config/dotenv.h"
#include "shell/config/environment.h"

#define SETTING_ORIGIN_MAX 96

/* How many settings there are, for arrays. */
enum {
    SETTING_ROWS = 0
#define ONE_ROW(...) +1
#define NO_ROW(...)
#define GROUP     NO_ROW
#define GROUP_END NO_ROW
#define NUMBER    ONE_ROW
#define WHOLE     ONE_ROW
#define SWITCH    ONE_ROW
#define WORDS     ONE_ROW
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"
#undef ONE_ROW
#undef NO_ROW
};

/* A setting that a flag of the command line gives. */
typedef struct SettingFlag {
    const char *flag; /* "symbols" */
    const char *path;
    const char *value;
} SettingFlag;

typedef enum ConfigFileKind {
    CONFIG_SYSTEM,
    CONFIG_USER,
    CONFIG_PROJECT,
    CONFIG_FILES
} ConfigFileKind;

typedef struct SettingsLoad {
    Settings settings;
    char origins[SETTING_ROWS][SETTING_ORIGIN_MAX];
    char files[CONFIG_FILES][512]; /* where each is looked for */
    bool read[CONFIG_FILES];       /* it is there and was read */
    bool shipped;                  /* the project's file is the shipped one */
    Dotenv dotenv;
} SettingsLoad;

bool settings_load(SettingsLoad *load, const char *config, const SettingFlag *flags,
                   unsigned flag_count, Error *error) MUST_USE;
void settings_load_close(SettingsLoad *load);

/* Fills `files` (and `shipped`) without reading them. */
void settings_find_files(SettingsLoad *load, const char *config);
/* One file over what is there already. */
bool settings_read_file(SettingsLoad *load, const char *path, bool shipped, Error *error) MUST_USE;
/* Judges a text as the file of that name would be: over the built-in values, relations included. */
bool settings_judge(const char *file, Slice text, Error *error) MUST_USE;
/* "trading_params.max_positions" of a setting, in a fixed array. */
typedef struct SettingPath {
    char text[128];
} SettingPath;
SettingPath setting_path_of(const Setting *setting);

#endif
