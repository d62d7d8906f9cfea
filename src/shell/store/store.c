/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, collecting and committing (store.h, store_parts.h). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/digest.h"
#include "shell/store/store_parts.h"

static bool disk_is_full(Store *store) {
    int code = sqlite3_errcode(store->database);
    int cause = sqlite3_system_errno(store->database);
    if (code == SQLITE_FULL) return true;
    return code == SQLITE_IOERR && (cause == ENOSPC || cause == EDQUOT || cause == EFBIG);
}

static ErrorCode code_of(Store *store) {
    if (disk_is_full(store)) return ERROR_DISK_FULL;
    switch (sqlite3_errcode(store->database)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERROR_STATE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERROR_DATA;
    default:
        return ERROR_IO;
    }
}

bool store_refused(Store *store, const char *what, Error *error) {
    ErrorCode code = code_of(store);
    char memory[200];
    Text message = TEXT_IN(memory);
    text_format(&message, "%s: %s", what, sqlite3_errmsg(store->database));
    const char *hint =
        code == ERROR_DISK_FULL ? "free some space: what was to be written is kept and tried again"
        : code == ERROR_STATE   ? "another program holds the database"
        : code == ERROR_DATA    ? "the file is damaged: restore it, or start with --fresh"
                                : "look at the rights and the health of the disk";
    error_set(error, code, text_end(&message), store->path, hint);
    if (error) error->retry_helps = code == ERROR_DISK_FULL || code == ERROR_STATE;
    return false;
}

bool store_execute(Store *store, const char *sql, Error *error) {
    if (sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
    return store_refused(store, "the database refused", error);
}

sqlite3_stmt *store_prepare(Store *store, const char *sql, Error *error) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK)
        return statement;
    store_refused(store, "the database refused", error);
    return NULL;
}

int64_t store_number(Store *store, const char *sql) {
    sqlite3_stmt *statement = store_prepare(store, sql, NULL);
    if (!statement) return 0;
    int64_t number = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return number;
}

/* ---- life ---------------------------------------------------------------------------------- */

/* WAL: readers never wait; NORMAL: a crash of the machine may lose the last commits, never the
 * file, and the journal has them. The journal is the truth, so waiting for the disk at each commit
 * would buy nothing. 2 MiB of pages. */
#define WRITER_SETUP                                                                               \
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2048;"           \
    "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216"
#define READER_SETUP "PRAGMA query_only = ON; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY"
#define BUSY_MS      2000 /* a reader that checkpoints holds the lock for milliseconds */

static bool open_database(Store *store, Error *error) {
    int flags =
        SQLITE_OPEN_NOMUTEX |
        (store->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (store->read_only && access(store->path, F_OK) != 0)
        return error_set(error, ERROR_DATA, "there is no database here", store->path,
                         "start `trader run` or `trader demo` first, or name a state with --state");
    if (sqlite3_open_v2(store->path, &store->database, flags, NULL) != SQLITE_OK)
        return store_refused(store, "cannot open the database", error);
    sqlite3_busy_timeout(store->database, BUSY_MS);
    if (!store_execute(store, store->read_only ? READER_SETUP : WRITER_SETUP, error)) return false;
    if (!store_seal_open(store, error)) return false;
    return store_schema_open(store, error);
}

Store *store_open(const char *directory, bool read_only, Error *error) {
    Store *store = calloc(1, sizeof *store);
    if (!store) {
        error_set(error, ERROR_LIMIT, "no memory for the store", directory, NULL);
        return NULL;
    }
    Text path = TEXT_IN(store->path);
    text_format(&path, "%s/trader.db", directory);
    text_end(&path);
    store->read_only = read_only;
    store->pending.flush_at = PENDING_FLUSH;
    if (open_database(store, error)) return store;
    store_close(store);
    return NULL;
}

/* What the disk refuses at the end is not lost: the journal has it. Too many candles do no harm
 * either. */
static void finish_writing(Store *store) {
    if (store->read_only || !store->database) return;
    Error ignored;
    if (!store_flush(store, &ignored) || store->unpruned_bars == 0) return;
    if (!store_prune_bars(store, &ignored)) store->unpruned_bars = 0;
}

void store_close(Store *store) {
    if (!store) return;
    finish_writing(store);
    if (store->read_only && store->damaged)
        fprintf(stderr, "! %s: %s; %u in all are left out (trader doctor)\n", store->path,
                store->damage, store->damaged);
    for (int i = 0; i < TOPIC_COUNT; i++)
        sqlite3_finalize(store->insert[i]), sqlite3_finalize(store->old_seal[i]);
    sqlite3_finalize(store->insert_bar);
    sqlite3_finalize(store->insert_meta);
    sqlite3_finalize(store->insert_total);
    sqlite3_close(store->database);
    free(store->pending.at);
    free(store);
}

uint64_t store_through(const Store *store) {
    return store->through;
}

unsigned store_latest_cut(const Store *store) {
    return store->latest_cut;
}

unsigned store_damage(const Store *store, const char **first) {
    *first = store->damage;
    return store->damaged;
}

void store_before_flush(Store *store, bool (*call)(void *context, Error *error), void *context) {
    store->before_flush = call;
    store->flush_context = context;
}

/* ---- collecting ---------------------------------------------------------------------------- */

static size_t record_size(size_t payload) {
    return sizeof(PendingRow) + ((payload + 15) & ~(size_t)15);
}

static bool make_room(Store *store, size_t size, Error *error) {
    Pending *pending = &store->pending;
    if (store->read_only)
        return error_set(error, ERROR_STATE, "the store was opened for reading", store->path, NULL);
    if (pending->capacity - pending->used >= size) return true;
    size_t wanted = pending->capacity ? pending->capacity * 2 : 65536;
    while (wanted - pending->used < size)
        wanted *= 2;
    uint8_t *block = wanted <= PENDING_MAX ? realloc(pending->at, wanted) : NULL;
    if (!block)
        return error_set(error, ERROR_DISK_FULL,
                         "rows that cannot be written fill the memory set aside for them",
                         store->path, "free some disk space");
    pending->at = block;
    pending->capacity = wanted;
    return true;
}

/* The key of a topic that keeps the latest: its first field where that is a text, else nothing. */
static const char *key_text(Topic topic, const void *payload) {
    const Field *key = store_key_field(topic);
    return key ? (const char *)payload + key->offset : "";
}

static bool same_key(const Pending *pending, size_t row, const Message *message) {
    const PendingRow *head = (const PendingRow *)(const void *)(pending->at + row);
    if (head->topic != message->topic) return false;
    const char *text = key_text((Topic)head->topic, pending->at + row + sizeof *head);
    return strcmp(text, key_text((Topic)message->topic, message->payload)) == 0;
}

/* Finds the pending row of the message's key; otherwise remembers that it will stand at the end of
 * the block. */
static bool find_latest(Pending *pending, const Message *message, size_t *row) {
    const char *text = key_text((Topic)message->topic, message->payload);
    uint64_t key = (hash64(text, strlen(text)) + message->topic) | 1; /* 0 is a free slot */
    for (unsigned i = 0; i < 4; i++) {
        unsigned at = (unsigned)(key >> 1) + i;
        at %= PENDING_SLOTS;
        if (pending->slots[at].key == 0) {
            pending->slots[at].key = key;
            pending->slots[at].row = pending->used;
            return false;
        }
        *row = pending->slots[at].row;
        if (pending->slots[at].key == key && same_key(pending, *row, message)) return true;
    }
    return false; /* the slots near it are taken: it becomes a row of its own, which costs an insert
                   */
}

static bool append(Store *store, const PendingRow *head, const void *payload, Error *error) {
    Pending *pending = &store->pending;
    if (!make_room(store, record_size(head->size), error)) return false;
    memcpy(pending->at + pending->used, head, sizeof *head);
    memcpy(pending->at + pending->used + sizeof *head, payload, head->size);
    pending->used += record_size(head->size);
    return pending->used < pending->flush_at || store_flush(store, error);
}

bool store_put(Store *store, const Message *message, Error *error) {
    StoreMode mode = topic_shapes[message->topic].store;
    if (message->sequence > store->through || store->through == UINT64_MAX)
        store->through = message->sequence;
    if (mode == STORE_NONE) return true;
    PendingRow head = {.sequence = message->sequence,
                       .time_us = message->time_us,
                       .size = message->size,
                       .kind = PENDING_MESSAGE,
                       .topic = message->topic};
    CHECK(message->size == topic_message((Topic)message->topic)->size,
          "a payload of another size than its shape");
    if (!make_room(store, record_size(head.size), error)) return false;
    size_t row;
    if (mode == STORE_LATEST && find_latest(&store->pending, message, &row)) {
        memcpy(store->pending.at + row, &head, sizeof head);
        memcpy(store->pending.at + row + sizeof head, message->payload, message->size);
        return true;
    }
    return append(store, &head, message->payload, error);
}

bool store_put_bar(Store *store, const char *symbol, Interval interval, const Bar *bar,
                   Error *error) {
    PendingBar row = {.bar = *bar, .interval = interval};
    PendingRow head = {.size = sizeof row, .kind = PENDING_BAR};
    if (!slice_copy(slice_of(symbol), row.symbol, sizeof row.symbol))
        return error_set(error, ERROR_RANGE, "the name of a symbol is too long", symbol, NULL);
    return append(store, &head, &row, error);
}

bool store_put_meta(Store *store, const char *name, const char *text, Error *error) {
    char *memory = store->scratch;
    size_t name_size = strlen(name) + 1, text_size = strlen(text) + 1;
    if (name_size + text_size > sizeof store->scratch)
        return error_set(error, ERROR_LIMIT, "a named text is too long", name, NULL);
    memcpy(memory, name, name_size);
    memcpy(memory + name_size, text, text_size);
    PendingRow head = {.size = (uint32_t)(name_size + text_size), .kind = PENDING_META};
    return append(store, &head, memory, error);
}
