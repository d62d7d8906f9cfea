/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables (store_parts.h): candles, meta and the list of migrations by numbered steps, the
 * topics by the shapes of their messages. A field that a message has gained since the file was
 * written becomes a column with the field's zero as its default; one that it has lost stays in the
 * file and is read no more.
 */
#include "shell/store/store_parts.h"

/* Step n leads from version n - 1 to n. */
static const char *const migrations[STORE_VERSION] = {
    "CREATE TABLE migrations(version INTEGER PRIMARY KEY, program TEXT NOT NULL) STRICT;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE candles(symbol TEXT NOT NULL, interval TEXT NOT NULL, time_us INTEGER NOT NULL,"
    " open TEXT NOT NULL, high TEXT NOT NULL, low TEXT NOT NULL, close TEXT NOT NULL,"
    " volume REAL NOT NULL, quote_volume REAL NOT NULL, taker_volume REAL NOT NULL,"
    " trades INTEGER NOT NULL, bars INTEGER NOT NULL, PRIMARY KEY(symbol, interval, time_us))"
    " STRICT, WITHOUT ROWID;",
    "ALTER TABLE meta ADD COLUMN row_seal INTEGER NOT NULL DEFAULT 0;"
    "UPDATE meta SET row_seal = " STORE_META_SEAL(
        "name",
        "text") ";"
                "ALTER TABLE candles ADD COLUMN row_seal INTEGER NOT NULL DEFAULT 0;"
                "UPDATE candles SET row_seal = " STORE_BAR_SEAL ";"
                "CREATE TABLE totals(name TEXT PRIMARY KEY, rows INTEGER NOT NULL, sum INTEGER NOT "
                "NULL,"
                " through INTEGER NOT NULL, row_seal INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

const Field *store_key_field(Topic topic) {
    const Field *first = &topic_message(topic)->fields[0];
    return first->type == FIELD_TEXT ? first : NULL;
}

bool store_is_column(const Field *field) {
    return strcmp(field->name, "present") != 0;
}

void store_put_name(Text *sql, const Field *field) {
    text_char(sql, '"');
    text_slice(sql, field_json_name(field));
    text_char(sql, '"');
}

static const char *column_type(FieldType type) {
    switch (type) {
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
    case FIELD_FLAG:
        return " INTEGER";
    case FIELD_REAL:
    case FIELD_MAYBE:
        return " REAL";
    default:
        return " TEXT";
    }
}

static bool may_be_null(FieldType type) {
    return type == FIELD_MAYBE || type == FIELD_MAYBE_TIME || type == FIELD_MAYBE_PRICE ||
           type == FIELD_MAYBE_TEXT || type == FIELD_MAYBE_PART;
}

static void put_column(Store *store, Text *sql, const Field *field) {
    store_put_name(sql, field);
    text_put(sql, column_type(field->type));
    if (may_be_null(field->type)) return;
    text_put(sql, " NOT NULL DEFAULT ");
    store_put_default(sql, field, store->scratch, sizeof store->scratch);
}

/* A topic that keeps the latest is keyed by its first field, or by the only row there may be. */
static void put_head(Text *sql, Topic topic) {
    bool latest = topic_shapes[topic].store == STORE_LATEST;
    text_format(sql, "CREATE TABLE \"%s\"(", topic_shapes[topic].name);
    if (latest && !store_key_field(topic))
        text_put(sql, "\"only\" INTEGER PRIMARY KEY CHECK(\"only\" = 1), ");
    text_put(sql, latest ? "sequence INTEGER NOT NULL" : "sequence INTEGER PRIMARY KEY");
    text_put(sql, ", time_us INTEGER NOT NULL");
}

static bool has_symbol(Topic topic) {
    const MessageShape *shape = topic_message(topic);
    for (unsigned i = 0; i < shape->field_count; i++)
        if (strcmp(shape->fields[i].name, "symbol") == 0) return true;
    return false;
}

static bool create_table(Store *store, Topic topic, Error *error) {
    char memory[STORE_SQL_MAX];
    Text sql = TEXT_IN(memory);
    const MessageShape *shape = topic_message(topic);
    const char *name = topic_shapes[topic].name;
    const Field *key = store_key_field(topic);
    bool latest = topic_shapes[topic].store == STORE_LATEST;
    put_head(&sql, topic);
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (!store_is_column(&shape->fields[i])) continue;
        text_put(&sql, ", ");
        put_column(store, &sql, &shape->fields[i]);
    }
    text_put(&sql, ", " STORE_SEAL " INTEGER NOT NULL DEFAULT 0");
    if (latest && key) {
        text_put(&sql, ", PRIMARY KEY(");
        store_put_name(&sql, key);
        text_char(&sql, ')');
    }
    text_put(&sql, ") STRICT;");
    if (!latest && has_symbol(topic))
        text_format(&sql, "CREATE INDEX \"%s_symbol\" ON \"%s\"(symbol, sequence);", name, name);
    CHECK(!sql.overflow, "the definition of a table is longer than STORE_SQL_MAX");
    return store_execute(store, text_end(&sql), error);
}

static void look_at_columns(Store *store, Topic topic) {
    const MessageShape *shape = topic_message(topic);
    CHECK(shape->field_count <= 64, "columns are counted in a 64-bit set");
    store->columns[topic] = 0;
    store->sealed &= ~(1ULL << topic);
    sqlite3_stmt *statement = store_prepare(store, "SELECT name FROM pragma_table_info(?)", NULL);
    if (!statement) return;
    sqlite3_bind_text(statement, 1, topic_shapes[topic].name, -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (name && strcmp(name, STORE_SEAL) == 0) store->sealed |= 1ULL << topic;
        for (unsigned i = 0; name && i < shape->field_count; i++)
            if (store_is_column(&shape->fields[i]) &&
                slice_is(field_json_name(&shape->fields[i]), name))
                store->columns[topic] |= 1ULL << i;
    }
    sqlite3_finalize(statement);
    bool unsealed = store->columns[topic] && !(store->sealed >> topic & 1);
    if (unsealed && store->version >= STORE_SEALED)
        store_note_damage(store, "the table has lost its seals", topic_shapes[topic].name);
}

static bool add_missing(Store *store, Topic topic, Error *error) {
    const MessageShape *shape = topic_message(topic);
    for (unsigned i = 0; i < shape->field_count; i++) {
        if (store->columns[topic] >> i & 1 || !store_is_column(&shape->fields[i])) continue;
        char memory[STORE_SQL_MAX];
        Text sql = TEXT_IN(memory);
        text_format(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", topic_shapes[topic].name);
        put_column(store, &sql, &shape->fields[i]);
        if (!store_execute(store, text_end(&sql), error)) return false;
    }
    return true;
}

static bool make_topic(Store *store, Topic topic, Error *error) {
    look_at_columns(store, topic);
    bool made = store->columns[topic] ? add_missing(store, topic, error)
                                      : create_table(store, topic, error);
    if (made) look_at_columns(store, topic);
    if (!made || store->sealed >> topic & 1) return made;
    store->sealed |= 1ULL << topic;
    return store_seal_topic(store, topic, error);
}

static bool migrate(Store *store, int64_t version, Error *error) {
    for (int64_t step = version; step < STORE_VERSION; step++) {
        char memory[160];
        Text sql = TEXT_IN(memory);
        text_format(&sql,
                    "INSERT OR REPLACE INTO migrations VALUES(%D, '%s'); PRAGMA user_version = %D",
                    step + 1, TRADER_VERSION, step + 1);
        if (!store_execute(store, migrations[step], error) ||
            !store_execute(store, text_end(&sql), error))
            return false;
    }
    return true;
}

static bool make_all(Store *store, int64_t version, Error *error) {
    if (!migrate(store, version, error)) return false;
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        if (topic_shapes[topic].store != STORE_NONE && !make_topic(store, (Topic)topic, error))
            return false;
    if (version > 0 && version < STORE_SEALED) store->through = UINT64_MAX;
    store->version = STORE_VERSION;
    if (!store_totals_open(store, error) || !store_totals_write(store, error) ||
        !store_execute(store, "COMMIT", error))
        return false;
    store_totals_written(store);
    return true;
}

bool store_schema_has(Store *store, Topic topic) {
    if (topic_shapes[topic].store == STORE_NONE) return false;
    if (!store->columns[topic]) look_at_columns(store, topic);
    return store->columns[topic] != 0;
}

/* The number stands at the file's head, where nothing seals it, and in the list of migrations. Only
 * who reads goes on when they differ, by the tables as they are now, and says so. */
static bool read_version(Store *store, int64_t *version, Error *error) {
    int64_t listed = store_number(store, "SELECT max(version) FROM migrations");
    *version = store_number(store, "PRAGMA user_version");
    if (*version == listed) return true;
    if (!store->read_only)
        return error_set(error, ERROR_DATA, "the number of the database's version is damaged",
                         store->path, "`trader db repair` makes it again from the journal");
    store_note_damage(store, "the number of its version is damaged", "migrations");
    *version = STORE_VERSION;
    return true;
}

bool store_schema_open(Store *store, Error *error) {
    int64_t version;
    if (!read_version(store, &version, error)) return false;
    if (version > STORE_VERSION)
        return error_set(error, ERROR_STATE,
                         "the state was written by a newer version of this program", store->path,
                         "use that version, or another state (--state)");
    store->version = version;
    if (store->read_only) return true;
    if (!store_execute(store, "BEGIN IMMEDIATE", error)) return false;
    if (make_all(store, version, error)) return true;
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    return false;
}
