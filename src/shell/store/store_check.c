/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/store/store_check.h"

#include "shell/store/store_parts.h"

/* One row "ok", or a row for each fault; the first one is told. */
static bool check_pages(Store *store, Text *finding, Error *error) {
    sqlite3_stmt *statement = store_prepare(store, "PRAGMA integrity_check(1)", error);
    if (!statement) return false;
    int code = sqlite3_step(statement);
    const char *answer =
        code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    const char *line = answer ? strrchr(answer, '\n') : NULL; /* in front of it: which database */
    if (answer && !slice_is(slice_of(answer), "ok")) text_put(finding, line ? line + 1 : answer);
    bool read = code == SQLITE_ROW || code == SQLITE_DONE ||
                store_refused(store, "cannot read the database", error);
    sqlite3_finalize(statement);
    return read;
}

/* ---- rows and totals ----------------------------------------------------------------------- */

static bool check_topic(Store *store, Topic topic, Text *finding, Error *error) {
    const char *name = topic_shapes[topic].name;
    StoreTotal seen, written;
    uint64_t broken, through;
    if (!store_schema_has(store, topic)) return true;
    if (!store_total_count(store, topic, &seen, &broken, error)) return false;
    if (broken) {
        text_format(finding, "%s: %D of %D rows damaged", name, (int64_t)broken,
                    (int64_t)seen.rows);
        return true;
    }
    if (!store_has_total(topic)) return true;
    bool told = store_total_read(store, name, &written, &through);
    if (!told && seen.rows > 0)
        text_format(finding, "%s: its total is lost or damaged", name);
    else if (seen.rows != written.rows)
        text_format(finding, "%s: %D rows where %D were written", name, (int64_t)seen.rows,
                    (int64_t)written.rows);
    else if (seen.sum != written.sum)
        text_format(finding, "%s: rows that are not those that were written", name);
    return true;
}

static bool check_topics(Store *store, const Topic *topics, int count, Text *finding,
                         Error *error) {
    for (int i = 0; i < count && finding->length == 0; i++) {
        Topic topic = topics ? topics[i] : (Topic)i;
        if (topic_shapes[topic].store != STORE_NONE && !check_topic(store, topic, finding, error))
            return false;
    }
    return true;
}

static void check_number(Store *store, const char *sql, const char *what, Text *finding) {
    int64_t broken = finding->length ? 0 : store_number(store, sql);
    if (broken) text_format(finding, "%s: %D rows damaged", what, broken);
}

static bool check_sealed(Store *store, Text *finding, Error *error) {
    static const char candles[] =
        "SELECT count(*) FROM candles WHERE " STORE_SEAL " <> " STORE_BAR_SEAL;
    static const char meta[] =
        "SELECT count(*) FROM meta WHERE " STORE_SEAL " <> " STORE_META_SEAL("name", "text");
    if (!check_topics(store, NULL, TOPIC_COUNT, finding, error)) return false;
    check_number(store, candles, "candles", finding);
    check_number(store, meta, "meta", finding);
    return true;
}

/* All of it at one moment, while another connection may write. */
bool store_check(const char *directory, Text *finding, Error *error) {
    Store *store = store_open(directory, true, error);
    if (!store) return false;
    bool sound = store_execute(store, "BEGIN", error) && check_pages(store, finding, error);
    if (sound && finding->length == 0 && store->version >= STORE_SEALED)
        sound = check_sealed(store, finding, error);
    store_close(store);
    return sound;
}

bool store_facts_check(Store *store, Text *finding, Error *error) {
    static const Topic facts[] = {
        TOPIC_SYMBOL_FILTERS,   TOPIC_ACCOUNT_FACTS, TOPIC_POSITION_FACTS, TOPIC_ORDERS,
        TOPIC_TRADE_EXECUTIONS, TOPIC_POSTINGS,      TOPIC_TRADES,         TOPIC_SIGNAL_OUTCOMES};
    store_settle(store);
    return check_topics(store, facts, sizeof facts / sizeof facts[0], finding, error);
}
