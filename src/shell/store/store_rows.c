/* SPDX-License-Identifier: Apache-2.0 */
/* Rows back as messages and as JSON (store.h). */
#include "shell/store/store_parts.h"

#define ROWS_PRESET 1000 /* of a query without a limit */

void store_put_select(Store *store, Topic topic, Text *sql) {
    const MessageShape *shape = topic_message(topic);
    text_put(sql, "SELECT sequence, time_us");
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (!store_is_column(&shape->fields[i])) continue;
        text_put(sql, ", ");
        if (store->columns[topic] >> i & 1)
            store_put_name(sql, &shape->fields[i]);
        else
            text_put(sql, "NULL"); /* a table of an older version, read without migrating it */
    }
    text_put(sql, ", ");
    if (store->sealed >> topic & 1) {
        text_put(sql, STORE_SEAL " = ");
        store_put_seal(store, topic, false, sql);
    } else {
        text_put(sql, "1"); /* a table of an older version, read without migrating it */
    }
    text_format(sql, " AS row_is_sound FROM \"%s\"", topic_shapes[topic].name);
}

static bool take_row(Store *store, Topic topic, sqlite3_stmt *statement, void *message) {
    const MessageShape *shape = topic_message(topic);
    memset(message, 0, shape->size);
    int index = 2;
    for (unsigned i = 0; i < shape->field_count; i++)
        if (store_is_column(&shape->fields[i]) &&
            !store_column(store, statement, index++, &shape->fields[i], message))
            return false;
    return sqlite3_column_int(statement, index) && codec_fault(shape, message) == NULL;
}

bool store_row(Store *store, Topic topic, sqlite3_stmt *statement, void *message) {
    if (take_row(store, topic, statement, message)) return true;
    store_note_damage(store, "a row is damaged", topic_shapes[topic].name);
    return false;
}

static bool readable(Store *store, Topic topic) {
    store_settle(store);
    return store_schema_has(store, topic);
}

static int64_t topic_number(Store *store, Topic topic, const char *what) {
    if (!readable(store, topic)) return 0;
    char memory[160];
    Text sql = TEXT_IN(memory);
    text_format(&sql, "SELECT %s FROM \"%s\"", what, topic_shapes[topic].name);
    return store_number(store, text_end(&sql));
}

uint64_t store_last_sequence(Store *store, Topic topic) {
    return (uint64_t)topic_number(store, topic, "max(sequence)");
}

uint64_t store_count(Store *store, Topic topic) {
    return (uint64_t)topic_number(store, topic, "count(*)");
}

/* ---- queries ------------------------------------------------------------------------------- */

static const Field *text_field(Topic topic, const char *name) {
    const MessageShape *shape = topic_message(topic);
    for (unsigned i = 0; name && i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        bool text = field->type == FIELD_TEXT || field->type == FIELD_MAYBE_TEXT ||
                    field->type == FIELD_CHOICE;
        if (text && slice_is(field_json_name(field), name)) return field;
    }
    return NULL;
}

/* Fails if the query names a field that the topic does not have: then no row fits. */
static bool put_conditions(Store *store, Topic topic, const StoreQuery *query, Text *sql) {
    const Field *field = text_field(topic, query->field);
    if ((query->field && !field) || (query->symbol && !text_field(topic, "symbol"))) return false;
    store_put_select(store, topic, sql);
    text_put(sql, " WHERE sequence > ?1");
    if (query->symbol) text_put(sql, " AND symbol = ?2");
    if (!field) return true;
    text_put(sql, " AND ");
    store_put_name(sql, field);
    text_put(sql, " = ?3");
    return true;
}

static sqlite3_stmt *prepare_query(Store *store, Topic topic, const StoreQuery *query,
                                   Error *error) {
    char memory[STORE_SQL_MAX];
    Text sql = TEXT_IN(memory);
    if (query->every == 0) text_put(&sql, "SELECT * FROM (");
    if (!put_conditions(store, topic, query, &sql)) {
        error_set(error, ERROR_USAGE, "the topic has no such text field",
                  query->field ? query->field : "symbol", NULL);
        return NULL;
    }
    text_put(&sql, query->every ? " ORDER BY sequence LIMIT 1"
                                : " ORDER BY sequence DESC LIMIT ?4) ORDER BY sequence");
    CHECK(!sql.overflow, "a query is longer than STORE_SQL_MAX");
    sqlite3_stmt *statement = store_prepare(store, text_end(&sql), error);
    if (!statement) return NULL;
    sqlite3_bind_int64(statement, 1, (int64_t)query->after_sequence);
    if (query->symbol) sqlite3_bind_text(statement, 2, query->symbol, -1, SQLITE_STATIC);
    if (query->field)
        sqlite3_bind_text(statement, 3, query->value ? query->value : "", -1, SQLITE_STATIC);
    if (query->every == 0)
        sqlite3_bind_int64(statement, 4, query->limit ? query->limit : ROWS_PRESET);
    return statement;
}

/* Shows the row to the visitor; false ends the visit. A damaged row is stepped over, and counted:
 * the journal has the truth. */
static bool show(Store *store, Topic topic, sqlite3_stmt *statement, StoreVisitor visitor,
                 void *context) {
    if (!store_row(store, topic, statement, store->row)) return true;
    Message message = {.sequence = (uint64_t)sqlite3_column_int64(statement, 0),
                       .time_us = sqlite3_column_int64(statement, 1),
                       .size = topic_message(topic)->size,
                       .topic = (uint8_t)topic,
                       .origin = ORIGIN_INPUT,
                       .payload = store->row};
    return visitor(context, &message);
}

/* One seek for each point of an even grid over the sequences: the cost does not grow with the
 * table. */
static void visit_thinned(Store *store, Topic topic, sqlite3_stmt *statement,
                          const StoreQuery *query, StoreVisitor visitor, void *context) {
    uint64_t last = store_last_sequence(store, topic), after = query->after_sequence, first = 0;
    for (uint64_t i = 0; i < query->every && after < last; i++) {
        sqlite3_bind_int64(statement, 1, (int64_t)after);
        bool found = sqlite3_step(statement) == SQLITE_ROW;
        uint64_t at = found ? (uint64_t)sqlite3_column_int64(statement, 0) : last;
        bool more = found && show(store, topic, statement, visitor, context);
        sqlite3_reset(statement);
        if (!more) return;
        if (i == 0) first = at;
        uint64_t next =
            query->every > 1 ? first + (last - first) * (i + 1) / (query->every - 1) : last;
        after = next > at + 1 ? next - 1 : at;
    }
}

bool store_select(Store *store, Topic topic, const StoreQuery *query, StoreVisitor visitor,
                  void *context, Error *error) {
    if (!readable(store, topic)) return true;
    sqlite3_stmt *statement = prepare_query(store, topic, query, error);
    if (!statement) return false;
    int code = SQLITE_DONE;
    if (query->every)
        visit_thinned(store, topic, statement, query, visitor, context);
    else
        while ((code = sqlite3_step(statement)) == SQLITE_ROW &&
               show(store, topic, statement, visitor, context)) {
        }
    bool read = code == SQLITE_DONE || code == SQLITE_ROW ||
                store_refused(store, "cannot read rows", error);
    if (!read) store_note_damage(store, sqlite3_errmsg(store->database), topic_shapes[topic].name);
    sqlite3_finalize(statement);
    return read;
}

bool store_visit(Store *store, Topic topic, StoreVisitor visitor, void *context, Error *error) {
    const StoreQuery all = {.limit = UINT32_MAX};
    return store_select(store, topic, &all, visitor, context, error);
}

typedef struct Rows {
    Store *store;
    JsonWriter *writer;
    bool numbered;
    uint64_t last;
} Rows;

/* The two numbers are put in front of the message's own fields. */
static bool write_numbered(const Message *message, Rows *rows) {
    Text text = TEXT_IN(rows->store->scratch);
    text_format(&text, "{\"sequence\":%D,\"time_us\":%D", (int64_t)message->sequence,
                message->time_us);
    size_t brace = text.length;
    JsonWriter writer = json_writer(&text);
    codec_write_json(topic_message((Topic)message->topic), message->payload, &writer);
    if (text.overflow) return false;
    text.at[brace] = ',';
    json_raw(rows->writer, (Slice){text.at, text.length});
    return true;
}

static bool write_row(void *context, const Message *message) {
    Rows *rows = context;
    rows->last = message->sequence;
    if (rows->numbered) return write_numbered(message, rows);
    codec_write_json(topic_message((Topic)message->topic), message->payload, rows->writer);
    return true;
}

uint64_t store_write_rows(Store *store, Topic topic, const StoreQuery *query, bool numbered,
                          JsonWriter *writer) {
    Rows rows = {.store = store, .writer = writer, .numbered = numbered};
    json_array_begin(writer);
    bool read = store_select(store, topic, query, write_row, &rows, NULL);
    json_array_end(writer);
    return read ? rows.last : 0;
}

/* ---- single rows --------------------------------------------------------------------------- */

static bool first_row(Store *store, Topic topic, sqlite3_stmt *statement, void *message) {
    if (!statement) return false;
    int code = sqlite3_step(statement);
    bool found = code == SQLITE_ROW && store_row(store, topic, statement, message);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        store_note_damage(store, sqlite3_errmsg(store->database), topic_shapes[topic].name);
    sqlite3_finalize(statement);
    return found;
}

bool store_latest(Store *store, Topic topic, const char *key, void *message) {
    if (!readable(store, topic)) return false;
    char memory[STORE_SQL_MAX];
    Text sql = TEXT_IN(memory);
    const Field *field = store_key_field(topic);
    store_put_select(store, topic, &sql);
    if (key && field) {
        text_put(&sql, " WHERE ");
        store_put_name(&sql, field);
        text_put(&sql, " = ?");
    }
    text_put(&sql, " ORDER BY sequence DESC LIMIT 1");
    sqlite3_stmt *statement = store_prepare(store, text_end(&sql), NULL);
    if (statement && key && field) sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    return first_row(store, topic, statement, message);
}

bool store_before(Store *store, Topic topic, int64_t before_us, void *message) {
    if (!readable(store, topic)) return false;
    char memory[STORE_SQL_MAX];
    for (int first = 0; first < 2; first++) {
        Text sql = TEXT_IN(memory);
        store_put_select(store, topic, &sql);
        text_put(&sql, first ? " ORDER BY sequence LIMIT 1"
                             : " WHERE time_us < ? ORDER BY sequence DESC LIMIT 1");
        sqlite3_stmt *statement = store_prepare(store, text_end(&sql), NULL);
        if (statement && !first) sqlite3_bind_int64(statement, 1, before_us);
        if (first_row(store, topic, statement, message)) return true;
    }
    return false;
}
