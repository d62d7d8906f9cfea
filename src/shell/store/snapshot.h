/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot: the kernel's state block at a turn's end, with the journal's mark there and the run's
 * tally, in STATE/journal/snapshot.0 and .1 by turns, each replaced whole. It is valid for one
 * layout of states and one set of deciding settings; another one is told apart, not read. A
 * snapshot's bytes are copied; nothing is kept.
 */
#ifndef SHELL_STORE_SNAPSHOT_H
#define SHELL_STORE_SNAPSHOT_H

#include "core/base/digest.h"
#include "core/base/error.h"
#include "shell/store/journal.h"

/* What a run counts, over all its starts. */
typedef struct RunTally {
    uint64_t feed_events; /* taken from the feed: where it is read on */
    uint64_t bars, signals, orders, fills, refusals, trades;
    Money equity;                 /* newest */
    char quote[LIMIT_ASSET_TEXT]; /* empty before the opening */
} RunTally;

typedef struct SnapshotHead {
    uint64_t layout; /* of the states: kernel_layout */
    uint8_t settings[SHA256_SIZE];
    JournalMark mark;
    RunTally tally;
    int64_t time_us; /* of the kernel */
    uint64_t count;  /* snapshots so far: the greater is the newer */
} SnapshotHead;

bool snapshot_write(const char *state_directory, const SnapshotHead *head, const void *block,
                    size_t size, Error *error) MUST_USE;
/* The newest sound snapshot. `found` false: none (no error). A snapshot of another layout or other
 * settings has `fits` false and leaves `block` alone. */
void snapshot_read(const char *state_directory, const SnapshotHead *wanted, SnapshotHead *head,
                   void *block, size_t size, bool *found, bool *fits);

#endif
