/* SPDX-License-Identifier: Apache-2.0 */
/* What can still be believed of a damaged database (store.h). */
#include "shell/store/store_parts.h"

typedef struct Salvage {
    Store *store;
    uint64_t rows;
} Salvage;

static bool keep_row(void *context, const Message *message) {
    Salvage *salvage = context;
    Error error;
    if (!store_put(salvage->store, message, &error)) return false;
    salvage->rows++;
    return true;
}

/* By the database itself: a bar is no message. */
static uint64_t copy_candles(Store *store, const char *path) {
    static const char sql[] = "INSERT OR IGNORE INTO candles SELECT * FROM damaged.candles"
                              " WHERE " STORE_SEAL " = " STORE_BAR_SEAL;
    sqlite3_stmt *attach = store_prepare(store, "ATTACH ? AS damaged", NULL);
    if (!attach) return 0;
    sqlite3_bind_text(attach, 1, path, -1, SQLITE_STATIC);
    bool attached = sqlite3_step(attach) == SQLITE_DONE;
    sqlite3_finalize(attach);
    if (!attached) return 0;
    bool copied = sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK;
    uint64_t count = copied ? (uint64_t)sqlite3_changes(store->database) : 0;
    sqlite3_exec(store->database, "DETACH damaged", NULL, NULL, NULL);
    return count;
}

uint64_t store_salvage(Store *store, const char *directory) {
    Error unreadable; /* then the journal is all there is */
    Store *damaged = store_open(directory, true, &unreadable);
    Salvage salvage = {.store = store};
    if (!damaged) return 0;
    store->through_written = UINT64_MAX; /* rows come in order of topics, not of sequence */
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        if (topic_shapes[topic].store != STORE_NONE &&
            !store_visit(damaged, (Topic)topic, keep_row, &salvage, &unreadable))
            store_note_damage(damaged, unreadable.message, topic_shapes[topic].name);
    if (!store_flush(store, &unreadable)) salvage.rows = 0;
    if (damaged->version >= STORE_SEALED) salvage.rows += copy_candles(store, damaged->path);
    damaged->damaged = 0; /* it is told by who repairs */
    store_close(damaged);
    return salvage.rows;
}
