/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's life and its loop (engine.h). */
#include "shell/drivers/engine.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "shell/drivers/engine_parts.h"
#include "shell/store/state_dir.h"
#include "shell/sys/clock.h"

#define FLUSH_EVERY_US 250000 /* live and paced: what a screen may lag behind */
#define FLUSH_TURNS_FULL                                                                           \
    50000u /* full speed: transactions of this size reach the bulk rate of the database */
#define TELL_EVERY_US 1000000 /* runtime and health */
#define WAIT_MAX_MS   100     /* the loop looks at the operator's flags at least this often */

static atomic_bool stop_wanted, control_wanted;
static atomic_int level_wanted; /* KillLevel that a signal asks for; KILL_NONE: none does */

void engine_stop(void) {
    atomic_store(&stop_wanted, true);
}

void engine_look_at_control(void) {
    atomic_store(&control_wanted, true);
}

/* The strongest of several that come before the loop looks. */
void engine_kill(KillLevel level) {
    int wanted = atomic_load(&level_wanted);
    while ((int)level > wanted &&
           !atomic_compare_exchange_weak(&level_wanted, &wanted, (int)level)) {
    }
}

KernelPlan engine_kernel_plan(const Settings *settings) {
    return (KernelPlan){
        .services = service_table, .service_count = service_count, .settings = settings};
}

/* ---- opening and closing ------------------------------------------------------------------- */

/* Takes from the feed, and drops, what whole turns took since the feed's place. */
static bool catch_up(Engine *engine, Error *error) {
    Feed *feed = engine->plan->feed;
    if (!feed->is_virtual)
        return true; /* a live feed goes on with now; its backfill closes the gap */
    for (; engine->feed_events_at < engine->tally.feed_events; engine->feed_events_at++) {
        bool held = engine->taken.is_held;
        FeedAnswer answer = held ? FEED_EVENT : feed->next(feed, &engine->taken.event, error);
        engine->taken.is_held = false;
        if (answer == FEED_FAILED) return false;
        if (answer != FEED_EVENT)
            return error_set(error, ERROR_DATA,
                             "the feed has fewer events than the state has taken from it",
                             engine->plan->state_directory, "give the same data again, or --fresh");
    }
    return true;
}

void engine_fresh_kernel(Engine *engine) {
    memset(engine->memory, 0, kernel_size(&engine->kernel_plan) - LIMIT_TURN_BYTES);
    engine->kernel = kernel_init(engine->memory, &engine->kernel_plan);
    engine->asked->count = engine->asked->used = 0;
}

static bool first_snapshot(Engine *engine, Error *error) {
    if (!engine->wants_snapshot) return true;
    engine->wants_snapshot = false;
    return engine_snapshot(engine, error);
}

static bool prepare(Engine *engine, Text *note, Error *error) {
    const EnginePlan *plan = engine->plan;
    settings_hash(plan->settings, engine->settings_digest);
    engine->kernel_plan = engine_kernel_plan(plan->settings);
    if (plan->services) {
        engine->kernel_plan.services = plan->services;
        engine->kernel_plan.service_count = plan->service_count;
    }
    size_t size = kernel_size(&engine->kernel_plan);
    engine->memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
    engine->asked = calloc(1, sizeof *engine->asked);
    if (!engine->memory || !engine->asked)
        return error_set(error, ERROR_LIMIT, "out of memory", "kernel", NULL);
    engine_fresh_kernel(engine);
    LogFilesPlan logs = {.directory = plan->log_directory,
                         .rotate_bytes = (uint64_t)plan->settings->logging.rotate_bytes,
                         .keep_files = (unsigned)plan->settings->logging.keep_files};
    engine->store = store_open(plan->state_directory, false, error);
    if (!engine->store) return false;
    engine->logs = log_file_open(&logs, error);
    engine->started_us = clock_wall_us();
    return engine->logs && poison_read(plan->state_directory, &engine->poison, error) &&
           engine_recover(engine, note, error) && catch_up(engine, error) &&
           engine_learn_written(engine) && first_snapshot(engine, error) &&
           engine_settle(engine, error) && engine_tell(engine, error) &&
           store_flush(engine->store, error);
}

/* Rows that wait are written at the end, and the journal before them: it is closed last. */
static void release(Engine *engine) {
    poison_watch(NULL, NULL, NULL);
    engine_tidy_settle(engine, true);
    if (engine->store) store_close(engine->store);
    if (engine->logs) log_file_close(engine->logs);
    journal_close(engine->journal);
    free(engine->memory);
    free(engine->asked);
    free(engine);
}

/* A word in the state that is older than the switch as it stands, and weaker, was heard already: a
 * stronger one came by a signal when the disk could not keep it. */
static void learn_applied(Engine *engine) {
    KillState kill;
    Control control;
    Error ignored;
    bool found;
    const char *state = engine->plan->state_directory;
    if (!store_latest(engine->store, TOPIC_KILL_STATE, NULL, &kill)) return;
    engine->applied.level = kill.level;
    bool comparable = !engine->plan->feed->is_virtual; /* else the switch's time is the market's */
    if (comparable && control_read(state, &control, &found, &ignored) &&
        control.level < kill.level && control_changed_us(state) < kill.since)
        engine->control_heard = control_stamp(state);
}

Engine *engine_open(const EnginePlan *plan, Text *note, Error *error) {
    Engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        error_set(error, ERROR_LIMIT, "out of memory", "engine", NULL);
        return NULL;
    }
    engine->plan = plan;
    engine->full_speed = plan->feed->is_virtual;
    if (!prepare(engine, note, error)) {
        release(engine);
        return NULL;
    }
    poison_watch(plan->state_directory, engine->kernel, &engine->poison);
    learn_applied(engine);
    engine_history_learn(engine);
    engine_outside_begin(engine);
    engine_look_at_control();
    if (engine_venue_begin(engine, error)) return engine;
    release(engine);
    return NULL;
}

/* After a failure the state stands as after a kill, and is recovered like one. */
bool engine_close(Engine *engine, Error *error) {
    engine->full_speed = false;
    engine->closing = true;
    bool sound = engine->failed ||
                 (engine_tell(engine, error) && engine_snapshot(engine, error) &&
                  journal_flush(engine->journal, true, error) && store_flush(engine->store, error));
    release(engine);
    return sound;
}

/* ---- one turn ------------------------------------------------------------------------------ */

bool engine_finish_turn(Engine *engine, Error *error) {
    kernel_turn(engine->kernel);
    if (!engine_dispatch(engine, error)) return false;
    if (engine->wants_snapshot) return true; /* still being rebuilt */
    const JournalMark *mark = journal_mark(engine->journal);
    uint64_t since = mark->records - engine->snapshot_at;
    return since < (uint64_t)engine->plan->settings->journal.snapshot_records ||
           engine_snapshot(engine, error);
}

/* The opening balance follows the first symbol, in its quote asset; all symbols must share it. A
 * real venue knows the balance itself, and its service tells it. */
static bool open_account(Engine *engine, const Symbol *symbol, int64_t time_us, Error *error) {
    char *quote = engine->tally.quote;
    if (quote[0] && strcmp(quote, symbol->quote.text) != 0)
        return error_set(error, ERROR_CONFIG,
                         "symbols with different quote assets cannot share a balance",
                         symbol->name.text, "choose symbols of one quote asset with --symbols");
    if (quote[0]) return true;
    Opening opening = {.amount = engine->plan->opening};
    memcpy(opening.asset, symbol->quote.text, sizeof opening.asset);
    memcpy(quote, symbol->quote.text, sizeof engine->tally.quote);
    if (engine->plan->venue) return true;
    return kernel_input(engine->kernel, TOPIC_OPENINGS, time_us, &opening, error);
}

/* Bad data: its reason stands in its place, so that the count of the feed's events stays true. */
static bool put_refusal(Engine *engine, int64_t time_us, const char *where, const char *why,
                        Error *error) {
    FeedStatus status = {.condition = CONDITION_REFUSED};
    Text text = TEXT_IN(status.text);
    memcpy(status.symbol, engine->taken.event.symbol.text, sizeof status.symbol);
    text_format(&text, "%s: %s", where, why);
    text_end(&text);
    return kernel_input(engine->kernel, TOPIC_FEED_STATUS, time_us, &status, error);
}

static bool put_event(Engine *engine, int64_t time_us, Error *error) {
    FeedPayload payload;
    Error refused;
    bool live = !engine->plan->feed->is_virtual;
    Topic topic = feed_message(&engine->taken.event, live, &payload);
    engine->taken.is_held = false;
    if (engine->quarantined)
        return put_refusal(engine, time_us, "quarantined", engine->poison.check, error);
    if (!kernel_input(engine->kernel, topic, time_us, &payload, &refused))
        return put_refusal(engine, time_us, refused.where, refused.message, error);
    return engine->taken.event.kind != FEED_SYMBOL ||
           open_account(engine, &engine->taken.event.listed, time_us, error);
}

static FeedAnswer take_event(Engine *engine, Error *error) {
    if (engine->taken.is_held) return FEED_EVENT;
    if (engine->feed_ended) return FEED_ENDED;
    FeedAnswer answer;
    do {
        answer = engine->plan->feed->next(engine->plan->feed, &engine->taken.event, error);
    } while (answer == FEED_EVENT && engine_history_is_known(engine));
    if (answer == FEED_EVENT) engine_history_relive(engine);
    engine->taken.is_held = answer == FEED_EVENT;
    engine->feed_ended = answer == FEED_ENDED;
    return answer;
}

bool engine_halt(Engine *engine, Error *error) {
    Control control = {.level = KILL_PAUSE, .by = "quarantine"};
    Text text = TEXT_IN(control.reason);
    text_put(&text, engine->poison.check);
    text_end(&text);
    engine_look_at_control();
    return control_write(engine->plan->state_directory, &control, error);
}

/* Timers, then answers of the outside, as in the lab. */
static void put_due(Engine *engine, int64_t time_us) {
    kernel_input_timers(engine->kernel, time_us);
    outside_queue_input(engine->asked, engine->kernel, time_us);
}

static int64_t due_between(const Engine *engine) {
    int64_t timer = kernel_timer_due(engine->kernel), answer = outside_queue_due(engine->asked);
    return timer < answer ? timer : answer;
}

/* All events of the held event's instant, and what is due by then, are one turn. */
static bool turn_of_events(Engine *engine, int64_t time_us, Error *error) {
    engine->quarantined = poison_is(&engine->poison, kernel_sequence(engine->kernel) + 1);
    if (engine->quarantined && !engine_halt(engine, error)) return false;
    if (!engine_outside_guard(engine, time_us, error)) return false;
    put_due(engine, time_us);
    if (!engine_prompts_say(engine, time_us, error)) return false;
    bool same = true;
    while (same) {
        if (!put_event(engine, time_us, error)) return false;
        FeedAnswer answer = take_event(engine, error);
        if (answer == FEED_FAILED) return false;
        same = answer == FEED_EVENT && engine->taken.event.time_us == time_us;
    }
    return engine_finish_turn(engine, error);
}

/* Between the feed's events. */
static bool turn_between(Engine *engine, int64_t time_us, Error *error) {
    if (!engine_outside_guard(engine, time_us, error)) return false;
    put_due(engine, time_us);
    return engine_finish_turn(engine, error);
}

/* ---- the operator -------------------------------------------------------------------------- */

static bool apply_control(Engine *engine, const Control *control, Error *error) {
    if (control->level == engine->applied.level) return true;
    int64_t now =
        engine_now(engine); /* on a virtual feed the next event may be a microsecond away */
    engine->applied = *control;
    return kernel_input(engine->kernel, TOPIC_CONTROLS, now, control, error) &&
           engine_finish_turn(engine, error);
}

/* What a signal asks for holds whether or not the disk can keep it. */
static bool hear_signal(Engine *engine, KillLevel level, Error *error) {
    Control control = {.level = level, .by = "signal", .reason = "asked for by a signal"};
    Error unkept;
    if (level <= engine->applied.level) return true;
    if (control_write(engine->plan->state_directory, &control, &unkept))
        engine->control_heard = control_stamp(engine->plan->state_directory);
    return apply_control(engine, &control, error);
}

static bool hear_operator(Engine *engine, Error *error) {
    Control control;
    Error unreadable;
    bool found = false;
    const char *state = engine->plan->state_directory;
    KillLevel level = (KillLevel)atomic_exchange(&level_wanted, KILL_NONE);
    if (level != KILL_NONE) return hear_signal(engine, level, error);
    if (!atomic_exchange(&control_wanted, false)) return true;
    if (!engine_models_hear(engine, error)) return false;
    uint64_t stamp = control_stamp(state);
    if (stamp == engine->control_heard) return true;
    engine->control_heard = stamp;
    /* A control file that cannot be read stops entries: the operator wanted something. It lowers
     * nothing. */
    if (!control_read(state, &control, &found, &unreadable)) {
        if (engine->applied.level != KILL_NONE) return true;
        control = (Control){
            .level = KILL_PAUSE, .by = "trader", .reason = "STATE/control cannot be read"};
        found = true;
    }
    /* The word of an empty file is kept like any other: removing the file resumes nothing. */
    bool marked = found && strcmp(control.by, "file") == 0;
    if (marked && control_write(state, &control, &unreadable))
        engine->control_heard = control_stamp(state);
    return !found || apply_control(engine, &control, error);
}

/* ---- time ---------------------------------------------------------------------------------- */

int64_t engine_now(Engine *engine) {
    int64_t last = kernel_time(engine->kernel);
    if (engine->plan->feed->is_virtual) return last;
    return own_clock_read(&engine->clock, clock_wall_us(), clock_monotonic_us(), last);
}

/* ---- pacing -------------------------------------------------------------------------------- */

static bool is_paced(const Engine *engine, int64_t market_us) {
    return engine->plan->feed->is_virtual && engine->plan->speed > 0 &&
           market_us >= engine->plan->paced_from_us;
}

/* Milliseconds until the instant may come; 0: now. */
static int wait_ms(Engine *engine, int64_t market_us) {
    int64_t now = clock_monotonic_us();
    if (engine->pace_wall_us == 0) {
        engine->pace_wall_us = now;
        engine->pace_market_us = market_us;
    }
    double due = (double)(market_us - engine->pace_market_us) / engine->plan->speed;
    double left_ms = ((double)engine->pace_wall_us + due - (double)now) / 1000;
    if (left_ms <= 0) return 0;
    return left_ms < WAIT_MAX_MS ? (int)left_ms + 1 : WAIT_MAX_MS;
}

static void sleep_for(const Engine *engine, int milliseconds) {
    const VenuePort *venue = engine->plan->venue;
    const OutsidePort *outside = engine->plan->outside;
    struct pollfd wakes[] = {/* a descriptor below 0 is passed over */
                             {.fd = engine->plan->feed->wake_descriptor, .events = POLLIN},
                             {.fd = venue ? venue->wake_descriptor : -1, .events = POLLIN},
                             {.fd = outside ? outside->wake_descriptor : -1, .events = POLLIN}};
    poll(wakes, 3, milliseconds);
}

static bool now_and_then(Engine *engine, Error *error) {
    int64_t now = clock_monotonic_us();
    bool flush = engine->full_speed ? ++engine->turns_since_flush >= FLUSH_TURNS_FULL
                                    : now - engine->flushed_us >= FLUSH_EVERY_US;
    if (flush) atomic_store(&control_wanted, true); /* a file may have been put into the state */
    if (now - engine->told_us >= TELL_EVERY_US) {
        engine_tidy_settle(engine, false);
        engine_tidy(engine);
        if (!engine_tell(engine, error)) return false;
        if (engine->plan->progress)
            engine->plan->progress(engine->plan->progress_context, kernel_time(engine->kernel),
                                   &engine->tally);
        flush = true;
    }
    return !flush || engine_write_out(engine, false, error);
}

/* ---- the loop ------------------------------------------------------------------------------ */

/* One step of the loop on a virtual feed: the earlier of next event and next timer, when its time
 * has come. */
static bool step_virtual(Engine *engine, Error *error) {
    FeedAnswer answer = take_event(engine, error);
    if (answer == FEED_FAILED) return false;
    if (answer == FEED_ENDED) return true;
    /* The operator's words take instants of their own, so that the market may be behind by some
     * microseconds. */
    int64_t now = kernel_time(engine->kernel);
    if (engine->taken.event.time_us < now) engine->taken.event.time_us = now;
    int64_t between = due_between(engine), event = engine->taken.event.time_us;
    if (between < now) between = now;
    int64_t due = between < event ? between : event;
    if (is_paced(engine, due)) {
        if (engine->full_speed)
            engine->told_us = 0; /* the page learns at once that history is through */
        engine->full_speed = false;
        int wait = wait_ms(engine, due);
        engine->kernel_plan.probe = engine_probe;
        if (wait > 0) {
            sleep_for(engine, wait);
            return true;
        }
    }
    return between < event ? turn_between(engine, between, error)
                           : turn_of_events(engine, event, error);
}

/* On a live feed: what waits is taken at its receipt time, never before the last turn's; the
 * venue's words before the market's, and those before what people say. */
static bool step_live(Engine *engine, Error *error) {
    if (!engine_venue_hear(engine, error)) return false;
    FeedAnswer answer = take_event(engine, error);
    if (answer == FEED_FAILED) return false;
    if (answer == FEED_ENDED) return true;
    int64_t after = kernel_time(engine->kernel) + 1;
    if (answer == FEED_EVENT) {
        if (engine->taken.event.time_us < after) engine->taken.event.time_us = after;
        return turn_of_events(engine, engine->taken.event.time_us, error);
    }
    if (!engine_outside_hear(engine, error)) return false;
    int64_t now = engine_now(engine);
    if (due_between(engine) <= now) return turn_between(engine, now, error);
    /* What is written now need not be written when an order waits for its flush. */
    if (engine->plan->venue && !journal_flush(engine->journal, false, error)) return false;
    engine_rehearse(engine);
    sleep_for(engine, WAIT_MAX_MS);
    return true;
}

EngineEnd engine_run(Engine *engine, Error *error) {
    engine->kernel_plan.probe_context = engine;
    bool is_virtual = engine->plan->feed->is_virtual;
    if (!is_virtual) engine->kernel_plan.probe = engine_probe;
    while (!atomic_load(&stop_wanted) && !(engine->feed_ended && !engine->taken.is_held)) {
        bool sound = hear_operator(engine, error) &&
                     (is_virtual ? step_virtual(engine, error) : step_live(engine, error)) &&
                     now_and_then(engine, error);
        engine->failed = !sound;
        if (!sound) return ENGINE_FAILED;
    }
    bool stopped = atomic_exchange(&stop_wanted, false) && !engine->feed_ended;
    return stopped ? ENGINE_STOPPED : ENGINE_DATA_ENDED;
}

/* ---- views --------------------------------------------------------------------------------- */

const void *engine_service_state(const Engine *engine, const char *service) {
    return kernel_service_state(engine->kernel, service);
}

Store *engine_store(Engine *engine) {
    return engine->store;
}

const RunTally *engine_tally(const Engine *engine) {
    return &engine->tally;
}

bool engine_equity(const Engine *engine, Money *equity, char asset[static LIMIT_ASSET_TEXT]) {
    *equity = engine->tally.equity;
    memcpy(asset, engine->tally.quote, LIMIT_ASSET_TEXT);
    return asset[0] != 0;
}

void engine_journal_hash(const Engine *engine, char hash[static 65]) {
    uint8_t digest[SHA256_SIZE];
    Text text = text_in(hash, 65);
    sha256_peek(&journal_mark(engine->journal)->chain, digest);
    text_hex(&text, digest, sizeof digest);
    text_end(&text);
}

int64_t engine_time(const Engine *engine) {
    return kernel_time(engine->kernel);
}
