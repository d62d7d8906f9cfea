/* SPDX-License-Identifier: Apache-2.0 */
/* Candles and named texts (store.h). */
#include "shell/store/store_parts.h"

#define BAR_COLUMNS                                                                                \
    "time_us, open, high, low, close, volume, quote_volume, taker_volume, trades, bars"

#define BAR_NEWEST                                                                                 \
    " FROM candles WHERE symbol = ? AND interval = ? ORDER BY time_us DESC LIMIT ?)"               \
    " ORDER BY time_us"

static void bind_price(sqlite3_stmt *statement, int index, Price price) {
    char digits[DECIMAL_TEXT_MAX];
    size_t length = price_to_text(price, digits);
    sqlite3_bind_text(statement, index, digits, (int)length, SQLITE_TRANSIENT);
}

bool store_write_bar(Store *store, const PendingBar *row, Error *error) {
    if (!store->insert_bar)
        store->insert_bar =
            store_prepare(store,
                          "INSERT OR REPLACE INTO candles(symbol, interval, " BAR_COLUMNS
                          ", " STORE_SEAL ") SELECT *, " STORE_BAR_SEAL
                          " FROM (SELECT ? symbol, ? interval, ? time_us, ? open, ? high, ? low,"
                          " ? close, ? volume, ? quote_volume, ? taker_volume, ? trades, ? bars)",
                          error);
    sqlite3_stmt *statement = store->insert_bar;
    if (!statement) return false;
    const Bar *bar = &row->bar;
    sqlite3_bind_text(statement, 1, row->symbol, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, interval_name(row->interval), -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, bar->time_us);
    bind_price(statement, 4, bar->open);
    bind_price(statement, 5, bar->high);
    bind_price(statement, 6, bar->low);
    bind_price(statement, 7, bar->close);
    sqlite3_bind_double(statement, 8, bar->volume);
    sqlite3_bind_double(statement, 9, bar->quote_volume);
    sqlite3_bind_double(statement, 10, bar->taker_volume);
    sqlite3_bind_int64(statement, 11, bar->trades);
    sqlite3_bind_int64(statement, 12, bar->bars);
    int code = sqlite3_step(statement);
    bool written = code == SQLITE_DONE || store_refused(store, "cannot write a candle", error);
    sqlite3_reset(statement);
    store->unpruned_bars++;
    return written;
}

static bool prune_series(Store *store, const char *symbol, const char *interval, Error *error) {
    static const char sql[] =
        "DELETE FROM candles WHERE symbol = ?1 AND interval = ?2 AND time_us <= (SELECT time_us"
        " FROM candles WHERE symbol = ?1 AND interval = ?2 ORDER BY time_us DESC"
        " LIMIT 1 OFFSET ?3)";
    sqlite3_stmt *statement = store_prepare(store, sql, error);
    if (!statement) return false;
    sqlite3_bind_text(statement, 1, symbol, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 2, interval, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int(statement, 3, LIMIT_CANDLES);
    bool pruned = sqlite3_step(statement) == SQLITE_DONE ||
                  store_refused(store, "cannot prune candles", error);
    sqlite3_finalize(statement);
    return pruned;
}

bool store_prune_bars(Store *store, Error *error) {
    sqlite3_stmt *series = store_prepare(
        store, "SELECT symbol, interval FROM candles GROUP BY 1, 2 HAVING count(*) > ?", error);
    if (!series) return false;
    sqlite3_bind_int(series, 1, LIMIT_CANDLES);
    bool pruned = true;
    while (pruned && sqlite3_step(series) == SQLITE_ROW)
        pruned = prune_series(store, (const char *)sqlite3_column_text(series, 0),
                              (const char *)sqlite3_column_text(series, 1), error);
    sqlite3_finalize(series);
    return pruned;
}

static bool take_price(sqlite3_stmt *statement, int index, Price *price) {
    const char *text = (const char *)sqlite3_column_text(statement, index);
    return text && price_parse(slice_of(text), price);
}

static bool take_bar(sqlite3_stmt *statement, Bar *bar) {
    *bar = (Bar){.time_us = sqlite3_column_int64(statement, 0),
                 .volume = sqlite3_column_double(statement, 5),
                 .quote_volume = sqlite3_column_double(statement, 6),
                 .taker_volume = sqlite3_column_double(statement, 7),
                 .trades = (uint32_t)sqlite3_column_int64(statement, 8),
                 .bars = (uint32_t)sqlite3_column_int64(statement, 9)};
    return sqlite3_column_int(statement, 10) && take_price(statement, 1, &bar->open) &&
           take_price(statement, 2, &bar->high) && take_price(statement, 3, &bar->low) &&
           take_price(statement, 4, &bar->close);
}

unsigned store_bars(Store *store, const char *symbol, Interval interval, Bar *bars,
                    unsigned capacity) {
    store_settle(store);
    static const char unsealed[] = "SELECT * FROM (SELECT " BAR_COLUMNS ", 1" BAR_NEWEST;
    static const char sealed[] =
        "SELECT * FROM (SELECT " BAR_COLUMNS ", " STORE_SEAL " = " STORE_BAR_SEAL BAR_NEWEST;
    sqlite3_stmt *statement =
        store_prepare(store, store->version < STORE_SEALED ? unsealed : sealed, NULL);
    if (!statement) return 0;
    sqlite3_bind_text(statement, 1, symbol, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, interval_name(interval), -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, capacity < LIMIT_CANDLES ? capacity : LIMIT_CANDLES);
    unsigned count = 0;
    int code = SQLITE_ROW;
    while (count < capacity && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (take_bar(statement, &bars[count]))
            count++;
        else
            store_note_damage(store, "a row is damaged", "candles");
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        store_note_damage(store, sqlite3_errmsg(store->database), "candles");
    sqlite3_finalize(statement);
    return count;
}

static Slice text_column(sqlite3_stmt *statement, int column) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return slice_of(text ? text : "");
}

bool store_meta(Store *store, const char *name, char *target, size_t capacity) {
    store_settle(store);
    const char *sql = store->version < STORE_SEALED
                          ? "SELECT text, 1 FROM meta WHERE name = ?"
                          : "SELECT text, " STORE_SEAL
                            " = " STORE_META_SEAL("name", "text") " FROM meta WHERE name = ?";
    sqlite3_stmt *statement = store_prepare(store, sql, NULL);
    if (!statement) return false;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    bool sound = code == SQLITE_DONE || (code == SQLITE_ROW && sqlite3_column_int(statement, 1));
    bool found =
        code == SQLITE_ROW && sound && slice_copy(text_column(statement, 0), target, capacity);
    if (!sound) store_note_damage(store, "a row is damaged", "meta");
    sqlite3_finalize(statement);
    return found;
}
