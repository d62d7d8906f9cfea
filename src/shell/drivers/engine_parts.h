/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's inside, shared by its files: engine.c (life and loop), engine_recover.c (snapshot,
 * journal's tail, cold start), engine_sinks.c (where messages go), engine_venue.c (the real venue).
 * The engine owns all of it but the plan.
 */
#ifndef SHELL_DRIVERS_ENGINE_PARTS_H
#define SHELL_DRIVERS_ENGINE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/base/own_clock.h"
#include "core/bus/feed_message.h"
#include "core/kernel/outside_queue.h"
#include "shell/drivers/engine.h"
#include "shell/drivers/engine_poison.h"
#include "shell/store/journal.h"
#include "shell/store/log_file.h"
#include "shell/store/model_inbox.h"

#define LATENCY_BUCKETS 32 /* powers of two of nanoseconds: 1 ns to 2 s */

typedef struct ServiceMeter {
    uint64_t begun_ns;
    uint32_t buckets[LATENCY_BUCKETS];
    uint32_t errors; /* ERROR lines */
} ServiceMeter;

/* What was taken from the feed and not used yet. */
typedef struct TakenEvent {
    FeedEvent event;
    bool is_held;
} TakenEvent;

struct Engine {
    const EnginePlan *plan;
    KernelPlan kernel_plan;
    void *memory;
    Kernel *kernel;
    Journal *journal;
    Store *store;
    LogFiles *logs;
    RunTally tally;
    uint64_t snapshots, snapshot_at; /* records at the last one */
    int64_t snapshot_time_us;
    uint8_t settings_digest[SHA256_SIZE];
    /* A state has a snapshot from its first moment (by it another version tells that the state is
     * another's), taken when the feed stands where the kernel does. */
    bool wants_snapshot;
    bool closing; /* properly: the snapshot says so */
    unsigned damages;
    char damage[400]; /* the first of them: told by name on every surface */
    bool continued;   /* this start found a history */
    struct EngineVerify *verify;
    JournalMark snapshot_mark; /* at the start: history before it is verified in the background */
    bool failed; /* a turn may be half written: only the journal knows, so no snapshot */
    TakenEvent taken;
    uint64_t feed_events_at; /* of the tally, where the feed stands: the event that is held not
                                counted */
    bool feed_ended;
    bool prompts_said;
    bool full_speed; /* not waiting for any clock */
    /* engine_tidy.c */
    pthread_t tidy_thread;
    bool tidy_running;
    atomic_bool tidy_done;
    int64_t tidied_us;
    bool had_bars[LIMIT_SYMBOLS]; /* by the monitor's index, when this start began */
    Poison poison;
    bool quarantined;       /* the instant at hand */
    int64_t started_us;     /* wall */
    Control applied;        /* the operator's last word that went in */
    uint64_t control_heard; /* control_stamp of the words that were read; 0: none yet */
    char word_heard[MODEL_INBOX_PATH]; /* file of the word that could not be removed; "": none */
    /* engine_venue.c */
    bool sends; /* recovery is over: what the core asks of the venue leaves */
    VenueMessage heard;
    /* engine_outside.c */
    OutsideQueue *asked; /* without an answer yet */
    OutsideReply answer;
    OtherClock venue_clock;
    OwnClock clock; /* a live feed's time: never back */
    /* pacing */
    int64_t pace_market_us, pace_wall_us;
    /* what is written now and then */
    int64_t flushed_us, told_us;
    unsigned turns_since_flush;
    int64_t bars_written_us[LIMIT_SYMBOLS][INTERVAL_COUNT];
    ServiceMeter meters[LIMIT_SERVICES];
};

/* engine_recover.c: brings kernel, tally and chain to where the journal ends, opens the journal for
 * writing there. */
bool engine_recover(Engine *engine, Text *note, Error *error) MUST_USE;
bool engine_snapshot(Engine *engine, Error *error) MUST_USE;
/* A NOTE with build and settings: under which rules the history behind it was made. */
bool engine_note_start(Engine *engine, bool cold, Error *error) MUST_USE;
/* engine_cold.c: places a fresh kernel behind the journal's end (`mark` comes in at a snapshot and
 * goes out there). */
bool engine_cold_place(Engine *engine, JournalMark *mark, Error *error) MUST_USE;
/* Rebuilds account, positions, measured outcomes and indicators from what the database holds, as
 * journaled inputs. */
bool engine_cold_rebuild(Engine *engine, Error *error) MUST_USE;
/* engine.c: a kernel at sequence 0 in the engine's memory. */
void engine_fresh_kernel(Engine *engine);
/* engine_cold_bars.c: bars on record in the journal that the database does not hold are put there.
 */
bool engine_cold_bars(Engine *engine, Error *error) MUST_USE;
/* engine.c: runs the kernel on the queued inputs and hands its messages on. */
bool engine_finish_turn(Engine *engine, Error *error) MUST_USE;

/* engine.c: the time of a turn that begins now, behind the last one's. */
int64_t engine_now(Engine *engine);
/* engine.c: entries stop until the operator has looked (trader resume). */
bool engine_halt(Engine *engine, Error *error) MUST_USE;

/* engine_models.c: turns of what the operator told the model registry. */
bool engine_models_hear(Engine *engine, Error *error) MUST_USE;

/* engine_venue.c, all without effect where there is no venue: hands the turn's requests to the
 * port, after the disk has the turn if one of them changes something; turns of what the port has
 * heard; the identity and the loss of what was out, told at every start; orders that the venue may
 * hold, into the queued turn of a cold start. */
bool engine_venue_send(Engine *engine, Error *error) MUST_USE;
bool engine_venue_hear(Engine *engine, Error *error) MUST_USE;
bool engine_venue_begin(Engine *engine, Error *error) MUST_USE;
bool engine_venue_restore(Engine *engine, int64_t time_us, Error *error) MUST_USE;

/* engine_outside.c: puts the turn's questions to the port, or where time is virtual their answers
 * into the queue; on a live feed, turns of the answers that have come; a message of the journal's
 * tail, which opens or closes a question; after the recovery, what becomes of questions whose
 * answer went with the last run; whether the answers due then are to be lost, because the program
 * failed on them. */
void engine_outside_send(Engine *engine);
bool engine_outside_hear(Engine *engine, Error *error) MUST_USE;
void engine_outside_learn(Engine *engine, const Message *message);
void engine_outside_begin(Engine *engine);
bool engine_outside_guard(Engine *engine, int64_t time_us, Error *error) MUST_USE;

/* engine_rehearse.c: goes the way of an order with one that does not exist; without effect. */
void engine_rehearse(Engine *engine);

/* engine_history.c: which symbols had bars before this start; whether the event at hand is a bar
 * that the monitor holds; turns a minute since the stop into a bar that was missed. */
void engine_history_learn(Engine *engine);
bool engine_history_is_known(const Engine *engine);
void engine_history_relive(Engine *engine);

/* engine_verify.c: something stored is not what was written: a line, the run's note, the journal,
 * the database's `damage`. */
void engine_damage(Engine *engine, const char *format, ...);
/* A thread of its own reads the journal before the start's snapshot and the whole database; what it
 * finds stops entries. `settle` takes it back when it is done (or waits for it). */
void engine_verify_start(Engine *engine);
void engine_verify_settle(Engine *engine, bool wait);
void engine_verify_end(Engine *engine); /* before the store is closed */

/* engine_tidy.c: now and then; `settle` takes a finished thread back (and waits for it, at the
 * end). */
void engine_tidy(Engine *engine);
void engine_tidy_settle(Engine *engine, bool wait);

/* engine_sinks.c */
bool engine_dispatch(Engine *engine, Error *error) MUST_USE; /* the messages of the turn */
void engine_count_call(RunTally *tally, const ModelCall *call);
bool engine_count_message(Engine *engine, const Message *message);
bool engine_write_out(Engine *engine, bool to_disk,
                      Error *error) MUST_USE;              /* database, logs, journal */
bool engine_settle(Engine *engine, Error *error) MUST_USE; /* what must not be behind a snapshot */
bool engine_learn_written(Engine *engine);                 /* which bars the database has; true */
bool engine_tell(Engine *engine, Error *error) MUST_USE;   /* meta: runtime, health */
void engine_probe(void *context, unsigned service, bool begins);

/* engine_prompts.c */
bool engine_prompts_say(Engine *engine, int64_t time_us, Error *error) MUST_USE;

#endif
