/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A state directory belongs to one world (live-binance, paper-binance, demo, one replay). This
 * module names it, locks it (flock on STATE/lock, which holds the pid), says which world it is
 * (STATE/world.json), and passes the operator's words to whoever holds the lock (STATE/control,
 * written atomically, then SIGUSR2). The kill switch must work where the disk does not: a word that
 * cannot be written becomes an empty file named PAUSE, STOP or FLATTEN, which an operator may make
 * by hand too, and a signal that carries the level. A StateDir is a plain value; the lock is held
 * until state_unlock or the end of the process.
 */
#ifndef SHELL_STORE_STATE_DIR_H
#define SHELL_STORE_STATE_DIR_H

#include "core/base/error.h"
#include "core/bus/message.h"

typedef struct World {
    char kind[24];         /* live-binance, paper-binance, demo, replay, generated */
    char fingerprint[65];  /* hex SHA-256 of what makes this world: feed, data files (name, size,
                              head and tail), symbols,  dates, seed, core settings; equal: the same
                              world continues */
    char description[160]; /* for people: "replay of BTCUSDT-1m-....csv.gz" */
    bool finished;
    char version[24];
} World;

typedef struct StateDir {
    char path[512];
    int lock_descriptor; /* -1: not locked by us */
} StateDir;

/* Makes the directory (and its parents) if need be. */
bool state_dir_create(StateDir *state, const char *path, Error *error) MUST_USE;
/* Locks; a second instance gets ERROR_STATE naming the pid that holds it. */
bool state_lock(StateDir *state, Error *error) MUST_USE;
void state_unlock(StateDir *state);
/* The pid that holds the lock, 0 if nobody. */
int state_holder(const char *path);

bool world_read(const char *path, World *world, bool *found, Error *error) MUST_USE;
bool world_write(const char *path, const World *world, Error *error) MUST_USE;

/* Where reading commands look without --state: a state whose lock is held (the newest of several),
 * else the newest state below ./state and ./state/runs. ERROR_DATA with a hint when there is none.
 */
bool state_find(const char *wanted, StateDir *state, Error *error) MUST_USE;

/* How an operator's word got through. */
typedef struct ControlTold {
    bool kept;   /* it stands in the state and survives a restart */
    int holder;  /* pid of the instance that was signalled, 0: none runs */
    Error fault; /* why it could not be kept */
} ControlTold;

/* The kill switch's word, atomically (temporary file, rename, fsync), then SIGUSR2 to the holder,
 * if any. Where the disk refuses: an empty marker file, and the level with the signal. True if the
 * word was kept or somebody heard it; a word that resumes must be kept. Markers go with a word that
 * was written. */
bool control_tell(const char *path, const Control *control, ControlTold *told,
                  Error *error) MUST_USE;
/* The same, and false unless it was kept. */
bool control_write(const char *path, const Control *control, Error *error) MUST_USE;
/* The same, but never lowers what the operator has said: nothing is written where the level is as
 * high already. For what the program finds by itself. */
bool control_raise(const char *path, const Control *control, Error *error) MUST_USE;
/* The stronger of the file's word and the markers'. */
bool control_read(const char *path, Control *control, bool *found, Error *error) MUST_USE;
/* Another number after each word, whoever wrote it; and the time of the youngest one, 0: none. */
uint64_t control_stamp(const char *path);
int64_t control_changed_us(const char *path);

/* What a queued SIGUSR2 says: the level, or -1 if its value is none of ours. */
int control_signal_level(int value);

#endif
