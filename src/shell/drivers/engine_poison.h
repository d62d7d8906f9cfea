/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A poisoned input: one on which a CHECK fails. The failing check leaves STATE/poison with the
 * input's sequence and its own text; if the next start fails on the same one, the start after that
 * puts it into quarantine: the events of that instant are refused by name instead of being fed, and
 * the kill switch is set to pause, so that data, cancels, protection and the dashboard work and
 * entries do not. A Poison is a plain value, owned by the engine.
 */
#ifndef SHELL_DRIVERS_ENGINE_POISON_H
#define SHELL_DRIVERS_ENGINE_POISON_H

#include "core/base/error.h"
#include "core/kernel/kernel.h"

typedef struct Poison {
    uint64_t sequence; /* of the first input of the instant; 0: none */
    uint64_t crashes;
    char check[200];
} Poison;

/* Reads STATE/poison; none is no error. */
bool poison_read(const char *state_directory, Poison *poison, Error *error) MUST_USE;
/* Tells the failing check where it stands from here on (NULL: nothing to tell any more). The
 * pointers must stay valid. */
void poison_watch(const char *state_directory, const Kernel *kernel, const Poison *known);
/* True if the instant that begins with this sequence is in quarantine. */
bool poison_is(const Poison *poison, uint64_t sequence);

#endif
