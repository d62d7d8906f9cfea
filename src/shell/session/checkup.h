/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `doctor` looks at on this machine and in a state, as findings: each has a name, a mark, a
 * sentence and, where something is to be done, what. Arming with real money asks the same: an error
 * here is a failure there. The caller owns the Checkup, which is large; findings are plain values.
 */
#ifndef SHELL_SESSION_CHECKUP_H
#define SHELL_SESSION_CHECKUP_H

#include "core/base/error.h"
#include "core/bus/settings.h"
#include "shell/screen/paint.h"
#include "shell/store/state_dir.h"

#define FINDINGS_MAX 32 /* of the machine and the state, and those of the venue */

typedef struct Finding {
    char name[16];
    Mark mark;
    char text[320];
    char fix[200];
} Finding;

typedef struct Checkup {
    Finding findings[FINDINGS_MAX];
    unsigned count;
    bool has_state;
    StateDir state;
    const Settings *settings; /* NULL: the configuration is not valid */
} Checkup;

/* Nothing is looked at yet. `state`: its directory, or NULL. */
void checkup_begin(Checkup *checkup, const Settings *settings, const char *state);
Finding *checkup_add(Checkup *checkup, const char *name, Mark mark, const char *text,
                     const char *fix);
void checkup_add_error(Checkup *checkup, const char *name, const Error *error);

void checkup_binary(Checkup *checkup);
void checkup_config(Checkup *checkup);
/* `keys`: how many are given. */
void checkup_dotenv(Checkup *checkup, unsigned keys);
/* Disk and port. */
void checkup_machine(Checkup *checkup);
/* Of a state: which it is, its database and journal, read through, and how it grows. */
void checkup_world(Checkup *checkup);
void checkup_database(Checkup *checkup);
void checkup_journal(Checkup *checkup);
/* What the running program verified in the background, and what its start found. */
void checkup_verified(Checkup *checkup);
void checkup_growth(Checkup *checkup);
void checkup_candles(Checkup *checkup);

unsigned checkup_count(const Checkup *checkup, Mark mark);

#endif
