/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment variables that mean something here: the mission's block (keys, ports, Redis),
 * addresses, and those that set a setting. One table says them all; the loader, .env.example, the
 * man page and the tests read it. A value is looked up in the environment, then in .env, then in
 * the file that NAME_FILE names (a secret as Docker and systemd hand it over). Empty values and the
 * `your_...` fillers of .env.example mean "not given". Stateless.
 */
#ifndef SHELL_CONFIG_ENVIRONMENT_H
#define SHELL_CONFIG_ENVIRONMENT_H

#include "core/base/text.h"
#include "shell/config/dotenv.h"

#define VARIABLE_VALUE_MAX 4096 /* an RSA key in PEM has about 3,300 characters */

typedef enum VariableUse {
    VARIABLE_SECRET,  /* a key: never printed */
    VARIABLE_PEM,     /* a private key in PEM: never printed */
    VARIABLE_PORT,    /* 1 to 65535 */
    VARIABLE_HOST,    /* a name or an address */
    VARIABLE_HTTP,    /* an address, http or https */
    VARIABLE_STREAM,  /* an address, ws or wss */
    VARIABLE_WORD,    /* any text */
    VARIABLE_SETTING, /* judged by the setting it stands for */
} VariableUse;

typedef struct Variable {
    const char *name;
    VariableUse use;
    const char *setting; /* path, or NULL */
    const char *second;  /* another setting that follows it, or NULL */
    const char *example; /* in .env.example; NULL: not in it */
    const char *group;   /* comment line above its group, NULL: same group as the row before */
    const char *sentence;
} Variable;

extern const Variable variable_table[];
extern const unsigned variable_count;

typedef enum VariablePlace {
    PLACE_NONE,
    PLACE_ENVIRONMENT,
    PLACE_DOTENV,
    PLACE_FILE,
} VariablePlace;

typedef struct VariableValue {
    char text[VARIABLE_VALUE_MAX];
    VariablePlace place;
    unsigned line;  /* of .env */
    char path[256]; /* of the file; empty: it came from elsewhere */
    bool readable_by_others;
} VariableValue;

/* PLACE_NONE where it is not given. ERROR_CONFIG if NAME_FILE names a file that cannot be read. */
bool variable_get(const char *name, const Dotenv *dotenv, VariableValue *value,
                  Error *error) MUST_USE;
/* NULL if the text can be a value of this variable, else what is wrong. */
const char *variable_fault(const Variable *variable, const char *text);
/* http, https, ws, wss as `use` says, with a host. Plain ones are for loopback unless
 * `allow_plain`. */
const char *address_fault(VariableUse use, const char *text, bool allow_plain);
bool variable_is_secret(const Variable *variable);
/* The text of .env.example. */
void environment_example(Text *text);

#endif
