/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction from what is pending, the pruning that goes with it, and the cut behind a torn
 * journal. */
#include <stdlib.h>

#include "shell/store/store_parts.h"

static void put_columns(Text *sql, Topic topic, const char *before_each) {
    const MessageShape *shape = topic_message(topic);
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (!store_is_column(&shape->fields[i])) continue;
        text_put(sql, before_each);
        if (*before_each == ',' && before_each[1] == '?') continue;
        store_put_name(sql, &shape->fields[i]);
    }
}

/* An older message never replaces a newer one: after a crash the tail of the journal is heard
 * again. */
static void put_replacement(Text *sql, Topic topic) {
    const MessageShape *shape = topic_message(topic);
    const Field *key = store_key_field(topic);
    text_put(sql, " ON CONFLICT(");
    if (key)
        store_put_name(sql, key);
    else
        text_put(sql, "\"only\"");
    text_put(sql, ") DO UPDATE SET sequence = excluded.sequence, time_us = excluded.time_us");
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        if (!store_is_column(field) || field == key) continue;
        text_char(sql, ',');
        store_put_name(sql, field);
        text_put(sql, " = excluded.");
        store_put_name(sql, field);
    }
    text_put(sql, "," STORE_SEAL " = excluded." STORE_SEAL);
    text_put(sql, " WHERE excluded.sequence >= sequence");
}

static sqlite3_stmt *insert_of(Store *store, Topic topic, Error *error) {
    if (store->insert[topic]) return store->insert[topic];
    char memory[STORE_SQL_MAX];
    Text sql = TEXT_IN(memory);
    bool latest = topic_shapes[topic].store == STORE_LATEST;
    bool only = latest && !store_key_field(topic);
    text_format(&sql, "INSERT %sINTO \"%s\"(sequence, time_us", latest ? "" : "OR REPLACE ",
                topic_shapes[topic].name);
    put_columns(&sql, topic, ", ");
    text_format(&sql, "%s, " STORE_SEAL ") VALUES(?, ?", only ? ", \"only\"" : "");
    put_columns(&sql, topic, ",?");
    text_put(&sql, only ? ", 1, " : ", ");
    store_put_seal(store, topic, true, &sql);
    text_char(&sql, ')');
    if (latest) put_replacement(&sql, topic);
    CHECK(!sql.overflow, "an insert is longer than STORE_SQL_MAX");
    return store->insert[topic] = store_prepare(store, text_end(&sql), error);
}

static bool run_once(Store *store, sqlite3_stmt *statement, Error *error) {
    int code = sqlite3_step(statement);
    bool done = code == SQLITE_DONE || store_refused(store, "cannot write a row", error);
    sqlite3_reset(statement);
    return done;
}

/* The seal of the row that the insert will replace. */
static bool find_old(Store *store, Topic topic, const PendingRow *head, const void *payload,
                     int64_t *seal) {
    sqlite3_stmt *statement = store->old_seal[topic];
    const Field *key = store_key_field(topic);
    bool latest = topic_shapes[topic].store == STORE_LATEST;
    if (!latest && head->sequence > store->through_written) return false; /* it cannot be there */
    if (!statement) {
        char memory[256];
        Text sql = TEXT_IN(memory);
        text_format(&sql, "SELECT " STORE_SEAL " FROM \"%s\" WHERE ", topic_shapes[topic].name);
        if (latest && key)
            store_put_name(&sql, key);
        else
            text_put(&sql, latest ? "\"only\"" : "sequence");
        text_put(&sql, " = ?");
        statement = store->old_seal[topic] = store_prepare(store, text_end(&sql), NULL);
        if (!statement) return false;
    }
    if (latest && key)
        sqlite3_bind_text(statement, 1, (const char *)payload + key->offset, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(statement, 1, latest ? 1 : (int64_t)head->sequence);
    bool met = sqlite3_step(statement) == SQLITE_ROW;
    if (met) *seal = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return met;
}

static bool write_message(Store *store, const PendingRow *head, const void *payload, Error *error) {
    Topic topic = (Topic)head->topic;
    const MessageShape *shape = topic_message(topic);
    sqlite3_stmt *statement = insert_of(store, topic, error);
    if (!statement) return false;
    Text scratch = TEXT_IN(store->scratch);
    sqlite3_bind_int64(statement, 1, (int64_t)head->sequence);
    sqlite3_bind_int64(statement, 2, head->time_us);
    int index = 3;
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        if (!store_is_column(field)) continue;
        if (!store_bind(statement, index++, field, payload, &scratch))
            return error_set(error, ERROR_LIMIT, "a row is too large", field->name, shape->name);
    }
    store->unpruned[topic]++;
    if (!store_has_total(topic)) return run_once(store, statement, error);
    int64_t old = 0;
    bool met = find_old(store, topic, head, payload, &old);
    if (!run_once(store, statement, error)) return false;
    if (sqlite3_changes(store->database) == 0) return true; /* the row there is newer */
    StoreTotal *total = &store->totals[topic];
    total->rows += !met;
    total->sum += store->last_seal - (met ? (uint64_t)old : 0);
    total->changed = true;
    return true;
}

static bool write_meta(Store *store, const char *name, Error *error) {
    if (!store->insert_meta)
        store->insert_meta = store_prepare(store,
                                           "INSERT OR REPLACE INTO meta(name, text, " STORE_SEAL
                                           ") VALUES(?1, ?2, " STORE_META_SEAL("?1", "?2") ")",
                                           error);
    if (!store->insert_meta) return false;
    sqlite3_bind_text(store->insert_meta, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(store->insert_meta, 2, name + strlen(name) + 1, -1, SQLITE_STATIC);
    return run_once(store, store->insert_meta, error);
}

static bool write_rows(Store *store, Error *error) {
    const Pending *pending = &store->pending;
    for (size_t at = 0; at < pending->used;) {
        const PendingRow *head = (const PendingRow *)(const void *)(pending->at + at);
        const void *payload = pending->at + at + sizeof *head;
        bool written = head->kind == PENDING_MESSAGE ? write_message(store, head, payload, error)
                       : head->kind == PENDING_BAR   ? store_write_bar(store, payload, error)
                                                     : write_meta(store, payload, error);
        if (!written) return false;
        at += sizeof *head + ((head->size + 15u) & ~(size_t)15);
    }
    return true;
}

static bool prune_topic(Store *store, const char *name, Error *error) {
    char memory[256];
    Text sql = TEXT_IN(memory);
    text_format(
        &sql,
        "DELETE FROM \"%s\" WHERE sequence <= (SELECT sequence FROM \"%s\" ORDER BY sequence DESC"
        " LIMIT 1 OFFSET %d)",
        name, name, STORE_RECENT_ROWS);
    return store_execute(store, text_end(&sql), error);
}

static bool prune(Store *store, Error *error) {
    for (int i = 0; i < TOPIC_COUNT; i++) {
        if (topic_shapes[i].store != STORE_RECENT || store->unpruned[i] < STORE_PRUNE_ROWS)
            continue;
        if (!prune_topic(store, topic_shapes[i].name, error)) return false;
        store->unpruned[i] = 0;
    }
    if (store->unpruned_bars < STORE_PRUNE_BARS) return true;
    store->unpruned_bars = 0;
    return store_prune_bars(store, error);
}

/* The rows are in the file: the block is empty again, and small, so that a burst does not stay in
 * memory. */
static void forget_pending(Pending *pending) {
    pending->used = 0;
    pending->flush_at = PENDING_FLUSH;
    memset(pending->slots, 0, sizeof pending->slots);
    if (pending->capacity <= 2 * PENDING_FLUSH) return;
    free(pending->at);
    pending->at = NULL;
    pending->capacity = 0;
}

static bool write_pending(Store *store, Error *error) {
    StoreTotal before[TOPIC_COUNT]; /* what is rolled back is not counted */
    memcpy(before, store->totals, sizeof before);
    if (!store_execute(store, "BEGIN IMMEDIATE", error)) return false;
    if (write_rows(store, error) && prune(store, error) && store_totals_write(store, error) &&
        store_execute(store, "COMMIT", error)) {
        store_totals_written(store);
        return true;
    }
    memcpy(store->totals, before, sizeof before);
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

bool store_flush(Store *store, Error *error) {
    if (store->pending.used == 0) return true;
    if (store->before_flush && !store->before_flush(store->flush_context, error)) return false;
    if (write_pending(store, error)) {
        forget_pending(&store->pending);
        return true;
    }
    store->pending.flush_at = store->pending.used + PENDING_FLUSH;
    return false;
}

void store_settle(Store *store) {
    Error ignored; /* when it cannot be written, the rows already there are still shown */
    if (!store->read_only && !store_flush(store, &ignored)) ignored.code = ERROR_NONE;
}

static bool cut_topics(Store *store, uint64_t last_sequence, Error *error) {
    for (int i = 0; i < TOPIC_COUNT; i++) {
        if (topic_shapes[i].store == STORE_NONE) continue;
        char memory[160];
        Text sql = TEXT_IN(memory);
        text_format(&sql, "DELETE FROM \"%s\" WHERE sequence > %D", topic_shapes[i].name,
                    (int64_t)last_sequence);
        if (store_has_total((Topic)i) && !store_totals_cut(store, (Topic)i, last_sequence, error))
            return false;
        if (!store_execute(store, text_end(&sql), error)) return false;
    }
    return store_totals_write(store, error) && store_execute(store, "COMMIT", error);
}

bool store_rewind(Store *store, uint64_t last_sequence, Error *error) {
    StoreTotal before[TOPIC_COUNT];
    uint64_t through = store->through;
    if (!store_flush(store, error) || !store_execute(store, "BEGIN IMMEDIATE", error)) return false;
    memcpy(before, store->totals, sizeof before);
    if (through > last_sequence) store->through = last_sequence;
    if (cut_topics(store, last_sequence, error)) {
        store_totals_written(store);
        return true;
    }
    memcpy(store->totals, before, sizeof before);
    store->through = through;
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
