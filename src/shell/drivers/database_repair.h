/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database made anew beside a damaged one: the rows of it that are sound by their seals, and over
 * them all that the journal makes again (through the kernel where the journal is whole, else what
 * it has in full). The damaged one is moved aside, never deleted. The caller holds the state's
 * lock.
 */
#ifndef SHELL_DRIVERS_DATABASE_REPAIR_H
#define SHELL_DRIVERS_DATABASE_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct DatabaseRepair {
    uint64_t salvaged; /* rows out of the damaged one */
    uint64_t events;   /* records of the journal that were made again */
    bool replayed;     /* the whole journal came out again; else only what it has in full */
    char aside[640];   /* where the damaged one is now; empty: there was none */
} DatabaseRepair;

bool database_repair(const char *state_directory, DatabaseRepair *repair, Error *error) MUST_USE;

#endif
