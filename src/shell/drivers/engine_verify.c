/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what is stored still what was written? A start reads the newest snapshot and the journal
 * behind it; all that is older is read here, in a thread of its own, after the program is ready:
 * every record's checksum, the chain from the first file to the snapshot's place, every row and
 * total of the database. What it finds is told by name, and stops entries until the operator has
 * looked: somebody's disk is losing his money.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/json.h"
#include "shell/drivers/engine_parts.h"
#include "shell/store/journal_verify.h"
#include "shell/store/state_dir.h"
#include "shell/store/store_check.h"
#include "shell/sys/clock.h"

#define VERIFY_NICE 10 /* prices come first */

typedef struct EngineVerify {
    pthread_t thread;
    bool running;
    atomic_bool done, stop;
    const char *directory;
    JournalMark until;
    char finding[240]; /* empty: sound */
    uint64_t records;
    int64_t took_us;
} EngineVerify;

/* ---- telling ------------------------------------------------------------------------------- */

void engine_damage(Engine *engine, const char *format, ...) {
    char memory[sizeof engine->damage];
    Text text = TEXT_IN(memory);
    va_list values;
    va_start(values, format);
    text_format_list(&text, format, values);
    va_end(values);
    fprintf(stderr, "! state: %s\n", text_end(&text));
    if (engine->damages++ == 0) memcpy(engine->damage, memory, sizeof memory);
}

static void halt(Engine *engine, const char *finding) {
    Control control = {.level = KILL_PAUSE, .by = "storage"};
    Error error;
    Text text = TEXT_IN(control.reason);
    text_put(&text, finding);
    text_end(&text);
    engine_look_at_control();
    if (!control_raise(engine->plan->state_directory, &control, &error))
        fprintf(stderr, "! state: %s: %s\n", error.where, error.message);
}

/* `trader doctor` prints it. */
static void put_verdict(Engine *engine, const EngineVerify *verify) {
    char memory[1024];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    Error error;
    json_object_begin(&writer);
    json_key(&writer, "time");
    json_time(&writer, clock_wall_us());
    json_key(&writer, "records");
    json_int(&writer, (int64_t)verify->records);
    json_key(&writer, "milliseconds");
    json_int(&writer, verify->took_us / 1000);
    json_key(&writer, "finding");
    if (verify->finding[0])
        json_string(&writer, verify->finding);
    else
        json_null(&writer);
    json_object_end(&writer);
    if (!store_put_meta(engine->store, "verified", text_end(&text), &error))
        fprintf(stderr, "! state: %s: %s\n", error.where, error.message);
}

/* ---- the thread ---------------------------------------------------------------------------- */

static void verify_journal(EngineVerify *verify) {
    Text finding = TEXT_IN(verify->finding);
    verify->records = journal_verify(verify->directory, &verify->until, &verify->stop, &finding);
    text_end(&finding);
}

static void verify_store(EngineVerify *verify) {
    Error error = {.code = ERROR_NONE};
    Text finding = TEXT_IN(verify->finding);
    if (!store_check(verify->directory, &finding, &error)) text_put(&finding, error.message);
    text_end(&finding);
}

static void *run_verify(void *context) {
    EngineVerify *verify = context;
    int64_t begun = clock_monotonic_us();
    setpriority(PRIO_PROCESS, 0, VERIFY_NICE); /* 0: this thread */
    if (verify->until.records > 0) verify_journal(verify);
    if (!verify->finding[0] && !atomic_load(&verify->stop)) verify_store(verify);
    verify->took_us = clock_monotonic_us() - begun;
    atomic_store(&verify->done, true);
    return NULL;
}

void engine_verify_start(Engine *engine) {
    EngineVerify *verify = calloc(1, sizeof *verify);
    engine->verify = verify;
    if (!verify) return;
    verify->directory = engine->plan->state_directory;
    verify->until = engine->snapshot_mark;
    if (!engine->continued) return; /* a new state has nothing older */
    verify->running = pthread_create(&verify->thread, NULL, run_verify, verify) == 0;
}

void engine_verify_settle(Engine *engine, bool wait) {
    EngineVerify *verify = engine->verify;
    if (!verify || !verify->running || (!wait && !atomic_load(&verify->done))) return;
    pthread_join(verify->thread, NULL);
    verify->running = false;
    if (atomic_load(&verify->stop)) return; /* what was not read is not judged */
    put_verdict(engine, verify);
    if (!verify->finding[0]) return;
    engine_damage(engine, "%s", verify->finding);
    halt(engine, verify->finding);
}

void engine_verify_end(Engine *engine) {
    if (!engine->verify) return;
    if (!atomic_load(&engine->verify->done)) atomic_store(&engine->verify->stop, true);
    engine_verify_settle(engine, true);
    free(engine->verify);
    engine->verify = NULL;
}
