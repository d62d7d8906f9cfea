/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot: the kernel's state block at a turn's end and the feed's place, with the journal's
 * mark there and the run's tally, in STATE/journal/snapshot.0 and .1 by turns. A digest over all of
 * it tells a torn one; then the other counts. It is valid for one layout of states and one set of
 * deciding settings; another one is told apart, not read. A snapshot's bytes are copied; nothing is
 * kept.
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
    /* Of language models: requests made, questions missing in the record, cost. */
    uint64_t calls, ai_missing, cost_usd_micro;
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
    uint64_t closed; /* 1: the run ended properly here */
} SnapshotHead;

/* What a snapshot copies: the kernel's state, and what the engine keeps beside it. */
typedef struct SnapshotBlock {
    void *at;
    size_t size;
} SnapshotBlock;
#define SNAPSHOT_BLOCKS 4

/* With `hurry` its way to the disk begins at once, so that never both slots are on it; nobody waits
 * for it. */
bool snapshot_write(const char *state_directory, const SnapshotHead *head,
                    const SnapshotBlock blocks[static SNAPSHOT_BLOCKS], bool hurry,
                    Error *error) MUST_USE;

typedef enum SnapshotAnswer {
    SNAPSHOT_NONE,
    SNAPSHOT_OTHER, /* of another layout, settings or sizes; `head` is filled, the blocks are not */
    SNAPSHOT_FITS
} SnapshotAnswer;

/* What was seen on the way to it. */
typedef struct SnapshotFault {
    unsigned damaged;        /* whose bytes are not those that were written, or only in part */
    uint64_t ahead_sequence; /* of one that the journal does not reach, 0: none */
} SnapshotFault;

/* The newest sound snapshot. One that is ahead of the journal (power was lost) belongs to a future
 * that is not kept: it is removed. */
SnapshotAnswer snapshot_read(const char *state_directory, const SnapshotHead *wanted,
                             SnapshotHead *head, const SnapshotBlock blocks[static SNAPSHOT_BLOCKS],
                             SnapshotFault *fault);

#endif
