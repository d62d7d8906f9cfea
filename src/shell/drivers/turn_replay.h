/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One turn of the journal through a kernel again: its inputs are fed, and every record that comes
 * out must be the same bytes as the one that stands there. Recovery and `trader replay` are this.
 * The owner of a ReplayTurn frees it with turn_replay_free.
 */
#ifndef SHELL_DRIVERS_TURN_REPLAY_H
#define SHELL_DRIVERS_TURN_REPLAY_H

#include "core/kernel/kernel.h"
#include "core/kernel/record.h"

typedef struct ReplayTurn {
    uint8_t *bytes; /* INPUT and EFFECT records, one behind the other */
    size_t used;
    bool overflow;
} ReplayTurn;

typedef enum ReplayAnswer { REPLAY_EQUAL, REPLAY_DIFFERS, REPLAY_UNREADABLE } ReplayAnswer;

bool turn_replay_init(ReplayTurn *turn, Error *error) MUST_USE;
void turn_replay_keep(ReplayTurn *turn, const uint8_t *record, size_t size);
/* Runs the kept turn and empties it. `difference` names the first record that is not equal. The
 * kernel's messages of the turn can be walked afterwards. */
ReplayAnswer turn_replay_run(ReplayTurn *turn, Kernel *kernel, Text *difference, Error *error);
void turn_replay_free(ReplayTurn *turn);

#endif
