/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file is JSON with comments. This module blanks the comments out, so that the
 * strict reader of core/base sees every byte at its old place, and walks over the values: the
 * visitor is told the full path of each
 * ("risk_management.max_drawdown_limit"), its token, its raw text and its place in the file. Faults
 * become Errors with file, line and column. The walk keeps nothing; slices point into the caller's
 * text.
 */
#ifndef SHELL_CONFIG_CONFIG_WALK_H
#define SHELL_CONFIG_CONFIG_WALK_H

#include "core/base/json.h"

#define CONFIG_BYTES_MAX (1u << 20) /* every key with its comment has 10 KiB */
#define CONFIG_PATH_MAX  200        /* longest known path has 75 characters */

typedef struct ConfigValue {
    Slice path;
    JsonToken token; /* of the value; JSON_OBJECT_BEGIN: a section begins */
    Slice text;      /* strings with their quotes; objects: from { to the text's end */
    const JsonReader *reader;
    unsigned line; /* of the key, from 1 */
} ConfigValue;

/* Returns false with the error filled in to stop the walk. */
typedef bool (*ConfigVisitor)(void *context, const ConfigValue *value, Error *error);

/* Blanks // and block comments in place; lengths and lines stay. */
bool config_blank_comments(const char *file, char *text, size_t length, Error *error) MUST_USE;
/* `text` without comments. `file` is its name in messages. */
bool config_walk(const char *file, Slice text, ConfigVisitor visitor, void *context,
                 Error *error) MUST_USE;
/* Fills the error's place: "config.json:12". */
bool config_fault(Error *error, const char *file, unsigned line, const char *message,
                  const char *hint);

#endif
