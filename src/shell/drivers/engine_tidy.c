/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the journal of a world without end from growing for ever: closed segments are compressed
 * and the oldest dropped, once an hour, in a thread of its own, because a segment takes most of a
 * second and prices do not wait. The thread touches only files that nobody writes any more.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "shell/drivers/engine_parts.h"
#include "shell/sys/clock.h"

#define TIDY_EVERY_US (3600 * INSTANT_SECOND_US)

static void *tidy(void *context) {
    Engine *engine = context;
    Error error;
    int64_t keep_us = engine->plan->settings->journal.journal_keep_days * INSTANT_DAY_US;
    if (!journal_tidy(engine->plan->state_directory, keep_us, clock_wall_us(), &error))
        fprintf(stderr, "! journal: %s: %s\n", error.where, error.message);
    atomic_store(&engine->tidy_done, true);
    return NULL;
}

void engine_tidy(Engine *engine) {
    int64_t now = clock_monotonic_us();
    if (!engine->verify) engine_verify_start(engine);
    if (!engine->plan->endless) return;
    if (engine->tidied_us == 0) engine->tidied_us = now; /* not while the program is starting */
    if (now - engine->tidied_us < TIDY_EVERY_US || engine->tidy_running) return;
    engine->tidied_us = now;
    atomic_store(&engine->tidy_done, false);
    engine->tidy_running = pthread_create(&engine->tidy_thread, NULL, tidy, engine) == 0;
}

void engine_tidy_settle(Engine *engine, bool wait) {
    if (wait)
        engine_verify_end(engine);
    else
        engine_verify_settle(engine, false);
    if (!engine->tidy_running || (!wait && !atomic_load(&engine->tidy_done))) return;
    pthread_join(engine->tidy_thread, NULL);
    engine->tidy_running = false;
}
