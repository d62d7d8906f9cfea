/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seals (store_parts.h). SQLite gives back what the disk gives it: a flipped bit in a page is
 * another amount of money, without a word. So every row carries a digest of its columns, made by
 * the function seal_of in the same statement that writes or reads the row, and every table whose
 * rows stay has its count and the sum of its seals in `totals`: rows that vanish, come back or
 * change with their seal are told by it. A column that holds its default adds nothing, so that a
 * column which a later version adds changes no seal.
 */
#include "core/base/digest.h"
#include "shell/store/store_parts.h"

/* ---- the function -------------------------------------------------------------------------- */

static uint64_t value_digest(sqlite3_value *value) {
    int64_t whole;
    double real;
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        whole = sqlite3_value_int64(value);
        return hash64(&whole, sizeof whole);
    case SQLITE_FLOAT:
        real = sqlite3_value_double(value) + 0.0; /* the file keeps no sign of zero */
        return hash64(&real, sizeof real);
    default: {
        const void *bytes = sqlite3_value_blob(value);
        int size = sqlite3_value_bytes(value);
        return hash64(size ? bytes : "", (size_t)size);
    }
    }
}

/* Arguments: name, value, name, value... The order of columns does not matter. */
static void seal_of(sqlite3_context *context, int count, sqlite3_value **values) {
    uint64_t seal = 0;
    for (int i = 0; i + 1 < count; i += 2) {
        int type = sqlite3_value_type(values[i + 1]);
        if (type == SQLITE_NULL) continue;
        const unsigned char *name = sqlite3_value_text(values[i]);
        uint64_t parts[3] = {hash64(name, (size_t)sqlite3_value_bytes(values[i])), (uint64_t)type,
                             value_digest(values[i + 1])};
        seal += hash64(parts, sizeof parts);
    }
    ((Store *)sqlite3_user_data(context))->last_seal = seal;
    sqlite3_result_int64(context, (int64_t)seal);
}

bool store_seal_open(Store *store, Error *error) {
    int code = sqlite3_create_function(store->database, "seal_of", -1, SQLITE_UTF8, store, seal_of,
                                       NULL, NULL);
    return code == SQLITE_OK || store_refused(store, "cannot prepare the database", error);
}

/* ---- the columns under it ------------------------------------------------------------------ */

/* The parameter of an insert that bears a column, 0: none (the column then has its default). */
static int parameter_of(Topic topic, const char *column) {
    const MessageShape *shape = topic_message(topic);
    if (strcmp(column, "sequence") == 0) return 1;
    if (strcmp(column, "time_us") == 0) return 2;
    int parameter = 3;
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (!store_is_column(&shape->fields[i])) continue;
        if (slice_is(field_json_name(&shape->fields[i]), column)) return parameter;
        parameter++;
    }
    return 0;
}

static void put_argument(Text *sql, const char *column, int parameter, const char *preset) {
    text_format(sql, "'%s', ", column);
    if (preset) text_put(sql, "nullif(");
    if (parameter)
        text_format(sql, "?%d", parameter);
    else
        text_format(sql, "\"%s\"", column);
    if (!preset) return;
    text_put(sql, ", ");
    text_put(sql, preset);
    text_char(sql, ')');
}

void store_put_seal(Store *store, Topic topic, bool bound, Text *sql) {
    sqlite3_stmt *columns =
        store_prepare(store, "SELECT name, dflt_value FROM pragma_table_info(?)", NULL);
    bool first = true;
    text_put(sql, "seal_of(");
    if (columns) sqlite3_bind_text(columns, 1, topic_shapes[topic].name, -1, SQLITE_STATIC);
    while (columns && sqlite3_step(columns) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(columns, 0);
        int parameter = bound && name ? parameter_of(topic, name) : 0;
        bool outside = !name || strcmp(name, STORE_SEAL) == 0 || strcmp(name, "only") == 0;
        if (outside || (bound && !parameter)) continue;
        if (!first) text_put(sql, ", ");
        put_argument(sql, name, parameter, (const char *)sqlite3_column_text(columns, 1));
        first = false;
    }
    sqlite3_finalize(columns);
    text_char(sql, ')');
}

bool store_seal_topic(Store *store, Topic topic, Error *error) {
    char memory[STORE_SQL_MAX];
    Text sql = TEXT_IN(memory);
    const char *name = topic_shapes[topic].name;
    text_format(&sql,
                "ALTER TABLE \"%s\" ADD COLUMN " STORE_SEAL " INTEGER NOT NULL DEFAULT 0;"
                "UPDATE \"%s\" SET " STORE_SEAL " = ",
                name, name);
    store_put_seal(store, topic, false, &sql);
    CHECK(!sql.overflow, "the seal of a table is longer than STORE_SQL_MAX");
    return store_execute(store, text_end(&sql), error);
}

/* ---- totals -------------------------------------------------------------------------------- */

#define TOTAL_SEAL(name, rows, sum, through)                                                       \
    "seal_of('name', " name ", 'rows', " rows ", 'sum', " sum ", 'through', " through ")"
#define THROUGH_NAME "through" /* the row that says up to where messages were put */

_Static_assert(TOPIC_COUNT <= 64, "sealed topics are a 64-bit set");

bool store_has_total(Topic topic) {
    return topic_shapes[topic].store == STORE_EACH || topic_shapes[topic].store == STORE_LATEST;
}

void store_note_damage(Store *store, const char *what, const char *where) {
    if (store->damaged++) return;
    Text text = TEXT_IN(store->damage);
    text_format(&text, "%s: %s", where, what);
    text_end(&text);
}

bool store_total_read(Store *store, const char *name, StoreTotal *total, uint64_t *through) {
    static const char sql[] = "SELECT rows, sum, through FROM totals WHERE name = ? AND " STORE_SEAL
                              " = " TOTAL_SEAL("name", "rows", "sum", "through");
    sqlite3_stmt *statement = store_prepare(store, sql, NULL);
    *total = (StoreTotal){.rows = 0};
    *through = 0;
    if (!statement) return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    bool found = sqlite3_step(statement) == SQLITE_ROW;
    if (found) {
        total->rows = (uint64_t)sqlite3_column_int64(statement, 0);
        total->sum = (uint64_t)sqlite3_column_int64(statement, 1);
        *through = (uint64_t)sqlite3_column_int64(statement, 2);
    }
    sqlite3_finalize(statement);
    return found;
}

bool store_total_count(Store *store, Topic topic, StoreTotal *total, uint64_t *broken,
                       Error *error) {
    char memory[STORE_SQL_MAX];
    Text sql = TEXT_IN(memory);
    text_put(&sql, "SELECT " STORE_SEAL ", ");
    store_put_seal(store, topic, false, &sql);
    text_format(&sql, " FROM \"%s\"", topic_shapes[topic].name);
    *total = (StoreTotal){.rows = 0};
    *broken = 0;
    sqlite3_stmt *statement = store_prepare(store, text_end(&sql), error);
    if (!statement) return false;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        uint64_t seal = (uint64_t)sqlite3_column_int64(statement, 0);
        total->rows++;
        total->sum += seal;
        *broken += seal != (uint64_t)sqlite3_column_int64(statement, 1);
    }
    bool read = code == SQLITE_DONE || store_refused(store, "cannot read rows", error);
    sqlite3_finalize(statement);
    return read;
}

/* A state without a total has no rows, or is of an older version, or lost it. */
static bool open_total(Store *store, Topic topic, Error *error) {
    StoreTotal *total = &store->totals[topic];
    uint64_t through, broken;
    if (store_total_read(store, topic_shapes[topic].name, total, &through)) return true;
    if (!store_total_count(store, topic, total, &broken, error)) return false;
    total->changed = total->rows > 0;
    if (total->rows > 0 && store->through > 0 && store->through < UINT64_MAX)
        store_note_damage(store, "its total is lost: counted anew", topic_shapes[topic].name);
    return true;
}

bool store_totals_open(Store *store, Error *error) {
    StoreTotal none;
    uint64_t through;
    bool known = store_total_read(store, THROUGH_NAME, &none, &through);
    if (known) store->through = through;
    store->through_written = known ? through : 0;
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        if (store_has_total((Topic)topic) && !open_total(store, (Topic)topic, error)) return false;
    bool is_new = store_number(store, "SELECT count(*) FROM totals") == 0;
    if (known || is_new || store->through == UINT64_MAX) return true;
    store_note_damage(store, "up to where it was written is lost", "totals");
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        uint64_t last =
            store_has_total((Topic)topic) ? store_last_sequence(store, (Topic)topic) : 0;
        if (last > store->through) store->through = last;
    }
    return true;
}

static bool write_total(Store *store, const char *name, const StoreTotal *total, uint64_t through,
                        Error *error) {
    static const char sql[] = "INSERT OR REPLACE INTO totals(name, rows, sum, through, " STORE_SEAL
                              ") VALUES(?1, ?2, ?3, ?4, " TOTAL_SEAL("?1", "?2", "?3", "?4") ")";
    if (!store->insert_total) store->insert_total = store_prepare(store, sql, error);
    sqlite3_stmt *statement = store->insert_total;
    if (!statement) return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (int64_t)total->rows);
    sqlite3_bind_int64(statement, 3, (int64_t)total->sum);
    sqlite3_bind_int64(statement, 4, (int64_t)through);
    bool done = sqlite3_step(statement) == SQLITE_DONE ||
                store_refused(store, "cannot write a total", error);
    sqlite3_reset(statement);
    return done;
}

bool store_totals_write(Store *store, Error *error) {
    const StoreTotal none = {.rows = 0};
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        const StoreTotal *total = &store->totals[topic];
        if (total->changed && !write_total(store, topic_shapes[topic].name, total, 0, error))
            return false;
    }
    return store->through == store->through_written ||
           write_total(store, THROUGH_NAME, &none, store->through, error);
}

void store_totals_written(Store *store) {
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        store->totals[topic].changed = false;
    store->through_written = store->through;
}

bool store_totals_cut(Store *store, Topic topic, uint64_t last_sequence, Error *error) {
    char memory[160];
    Text sql = TEXT_IN(memory);
    StoreTotal *total = &store->totals[topic];
    text_format(&sql, "SELECT " STORE_SEAL " FROM \"%s\" WHERE sequence > ?",
                topic_shapes[topic].name);
    sqlite3_stmt *statement = store_prepare(store, text_end(&sql), error);
    if (!statement) return false;
    sqlite3_bind_int64(statement, 1, (int64_t)last_sequence);
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        total->rows--;
        total->sum -= (uint64_t)sqlite3_column_int64(statement, 0);
        total->changed = true;
        store->latest_cut += topic_shapes[topic].store == STORE_LATEST;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE || store_refused(store, "cannot read rows", error);
}
