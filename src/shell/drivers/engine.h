/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: one kernel between one feed and the world. Its loop takes events from the feed,
 * timers from the kernel and the operator's words, forms turns out of them (all events of one
 * instant are one turn), runs the kernel, and hands every message on: to the journal first, then
 * the database, the logs and the dashboard. Virtual feeds run at full speed or are paced; live
 * feeds are waited for. On opening it recovers: snapshot, journal's tail, and the place in the
 * feed. The caller owns plan, feed, venue and web; they must outlive the engine.
 */
#ifndef SHELL_DRIVERS_ENGINE_H
#define SHELL_DRIVERS_ENGINE_H

#include "core/bus/settings.h"
#include "core/kernel/kernel.h"
#include "shell/drivers/feed.h"
#include "shell/drivers/outside_port.h"
#include "shell/drivers/venue_port.h"
#include "shell/store/snapshot.h"
#include "shell/store/store.h"

typedef struct Engine Engine;

typedef struct EnginePlan {
    const Settings *settings;
    const char *state_directory;
    const char *log_directory;
    const char *mode;  /* badge: DEMO, PAPER, REPLAY, LIVE */
    const char *world; /* "demo", "paper-binance" ... */
    Feed *feed;
    VenuePort *venue;     /* real orders; NULL: on paper */
    OutsidePort *outside; /* sources and models; NULL: what is asked of them is missing */
    const PromptTemplate *prompts; /* the operator's own */
    unsigned prompt_count;
    /* Instead of the program's own services, for tests that script one; NULL: all of them. */
    const Service *const *services;
    unsigned service_count;
    Money opening; /* balance of a new state, in the symbols' quote asset */
    double speed;  /* times real time; 0: as fast as possible */
    /* A world without end: of another version or other settings it is rebuilt from facts (else it
     * is refused), and its old journal is compressed and dropped in time. */
    bool endless;
    int64_t paced_from_us; /* market time from which `speed` holds (demo: 30 days after the start);
                              0: always */
    /* Told of every message of a turn after it was journaled and stored; NULL: nobody. */
    void (*watch)(void *context, const Message *message);
    void *watch_context;
    /* Told now and then while running at full speed: market time reached and events taken. NULL:
     * nobody. */
    void (*progress)(void *context, int64_t market_us, const RunTally *tally);
    void *progress_context;
} EnginePlan;

/* Recovers or begins. `note` gets one line about how the state was found ("new", "snapshot and 312
 * records"). */
Engine *engine_open(const EnginePlan *plan, Text *note, Error *error);

typedef enum EngineEnd { ENGINE_DATA_ENDED, ENGINE_STOPPED, ENGINE_FAILED } EngineEnd;
/* Runs until the data end or engine_stop (async-signal-safe) is called. */
EngineEnd engine_run(Engine *engine, Error *error);
/* After ENGINE_FAILED the engine sends nothing more; until engine_close the caller may use the
 * venue's port in its place, and read on here: a service's state as of the last turn (NULL: no such
 * service), and the database with what was not yet written through. */
const void *engine_service_state(const Engine *engine, const char *service);
Store *engine_store(Engine *engine);
void engine_stop(void);
/* SIGUSR2: the operator's words in STATE/control are to be read; a signal that bears a level itself
 * (SIGUSR1: pause) raises the kill switch to it. Async-signal-safe. */
void engine_look_at_control(void);
void engine_kill(KillLevel level);

const RunTally *engine_tally(const Engine *engine);
/* What language models were asked without an answer yet: requests, and the most that they cost. */
void engine_unheard(const Engine *engine, uint64_t *calls, uint64_t *cost_usd_micro);
/* Newest equity and its asset; false before the opening. */
bool engine_equity(const Engine *engine, Money *equity, char asset[static LIMIT_ASSET_TEXT]);
/* Hex SHA-256 over the canonical bytes of all inputs and effects so far. */
void engine_journal_hash(const Engine *engine, char hash[static 65]);
int64_t engine_time(const Engine *engine);
/* Snapshot, flush and free; false if something could not be written. */
bool engine_close(Engine *engine, Error *error) MUST_USE;

/* The services of this program that run in one process on a paper venue. */
KernelPlan engine_kernel_plan(const Settings *settings);

#endif
