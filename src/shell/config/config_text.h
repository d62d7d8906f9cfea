/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration written down, from the table of settings alone: the commented config.json with
 * every key, its unit, bounds and effect; the JSON Schema that editors check it with;
 * docs/CONFIGURATION.md. Sections nest as their paths do. Texts go to memory of the caller.
 */
#ifndef SHELL_CONFIG_CONFIG_TEXT_H
#define SHELL_CONFIG_CONFIG_TEXT_H

#include "core/base/json.h"
#include "core/bus/settings.h"

#define CONFIG_TEXT_MAX 65536 /* the commented file has about 9 KiB, the schema 12 KiB */

void config_write_file(const Settings *settings, Text *text);
/* The same values as one JSON object without comments. */
void config_write_json(const Settings *settings, JsonWriter *writer);
void config_write_schema(JsonWriter *writer);
void config_write_markdown(Text *text);
/* "fraction of equity, 0.001 to 1" */
void setting_bounds(const Setting *setting, Text *text);

#endif
