/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A .env file: lines KEY=VALUE, with `export` before it if you like. Values may stand in single
 * quotes (taken as they are) or double quotes (\n \t \" \\ \$ are resolved); without quotes a value
 * ends at " #" or the end of the line. Lines that are blank or begin with # say nothing. There is
 * no substitution: a value never depends on another. A line that is none of these is an Error with
 * its number. The opener owns the Dotenv; values point into it.
 */
#ifndef SHELL_CONFIG_DOTENV_H
#define SHELL_CONFIG_DOTENV_H

#include <stddef.h>

#include "core/base/error.h"

#define DOTENV_PAIRS_MAX 256   /* the mission's block has 15 */
#define DOTENV_BYTES_MAX 65536 /* a key file in PEM has 2 KiB */

typedef struct DotenvPair {
    const char *name, *value;
    unsigned line;
} DotenvPair;

typedef struct Dotenv {
    char *bytes; /* the file, cut into zero-ended pieces; wiped when it is closed */
    size_t length;
    DotenvPair pairs[DOTENV_PAIRS_MAX];
    unsigned count;
    bool present;
    bool readable_by_others; /* its mode lets others read it */
    unsigned mode;
} Dotenv;

/* A file that does not exist is an empty Dotenv. */
bool dotenv_open(Dotenv *dotenv, const char *path, Error *error) MUST_USE;
/* The last line that sets it, or NULL. */
const DotenvPair *dotenv_find(const Dotenv *dotenv, const char *name);
/* Overwrites the values of a name: it is then as if it were not given. */
void dotenv_forget(const Dotenv *dotenv, const char *name);
void dotenv_close(Dotenv *dotenv);

#endif
