/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What survives, in SQLite (STATE/trader.db, WAL, strict tables): one table a stored topic, its
 * columns made from messages.def (money and times as canonical text or integers, parts and lists as
 * JSON text), keyed by the message's sequence number, so that writing the same message twice
 * changes nothing. The engine's thread owns the writing Store; readers open their own, read-only,
 * and never wait for the writer. Candles and a few named texts (`meta`) stand beside. Opening
 * migrates an older schema; a newer one is refused (ERROR_STATE).
 */
#ifndef SHELL_STORE_STORE_H
#define SHELL_STORE_STORE_H

#include "core/bus/codec.h"
#include "core/market/candle.h"

typedef struct Store Store;

/* `directory`/trader.db; a writer creates it, a reader of a state that has none gets ERROR_DATA. */
Store *store_open(const char *directory, bool read_only, Error *error);
void store_close(Store *store);

/* Takes the message into the open transaction if its topic is stored (topic_shapes[].store).
 * What was put stays in memory until a transaction has taken it: after an error the next
 * store_flush tries again, nothing is lost. */
bool store_put(Store *store, const Message *message, Error *error) MUST_USE;
/* Closed bar, replaced by (symbol, interval, time); at most LIMIT_CANDLES newest a symbol and
 * interval are kept. */
bool store_put_bar(Store *store, const char *symbol, Interval interval, const Bar *bar,
                   Error *error) MUST_USE;
bool store_put_meta(Store *store, const char *name, const char *text, Error *error) MUST_USE;
/* Commits what was put; a full disk is ERROR_DISK_FULL, and what was put is kept for another
 * try. */
bool store_flush(Store *store, Error *error) MUST_USE;
/* Removes rows with a greater sequence: the journal's torn tail was cut there. */
bool store_rewind(Store *store, uint64_t last_sequence, Error *error) MUST_USE;

/* The sequence up to which all messages were put and committed; UINT64_MAX: not known (a file of an
 * older version). */
uint64_t store_through(const Store *store);
/* Rows of topics that keep the latest which store_rewind took away with nothing in their place. */
unsigned store_latest_cut(const Store *store);
/* How many rows or tables were found damaged on the way, and the first of them in words. */
unsigned store_damage(const Store *store, const char **first);
/* Called before each transaction: what the database knows must be in the journal already. */
void store_before_flush(Store *store, bool (*call)(void *context, Error *error), void *context);
/* Puts again what the journal has in full, of sequences in (from, to]; `latest_only`: of topics
 * that keep the latest. */
bool store_refill(Store *store, const char *state_directory, uint64_t from, uint64_t to,
                  bool latest_only, Error *error) MUST_USE;

/* Sets the tables that a cold start believes (account, positions, orders, fills, rules, outcomes)
 * against their seals and totals; words in `finding`: what is damaged. */
bool store_facts_check(Store *store, Text *finding, Error *error) MUST_USE;

/* Copies the sound rows of another database into this one, candles too; rows that are damaged stay
 * behind, and tables that cannot be read. The count of rows copied. */
uint64_t store_salvage(Store *store, const char *directory);

/* Text into the caller's memory; false when there is none or it does not fit. */
bool store_meta(Store *store, const char *name, char *target, size_t capacity) MUST_USE;
/* The newest bars, oldest first; the count. */
unsigned store_bars(Store *store, const char *symbol, Interval interval, Bar *bars,
                    unsigned capacity);

typedef struct StoreQuery {
    const char *symbol; /* NULL: all (topics whose message has a field `symbol`) */
    const char *field;  /* NULL, or a text field that must equal `value` */
    const char *value;
    uint64_t after_sequence; /* only newer rows; 0: all */
    unsigned limit;          /* newest so many, printed oldest first; 0: 1,000 */
    unsigned every; /* thin out: at most `every` rows evenly over all (0: off); for long curves */
} StoreQuery;

/* Writes a JSON array of the messages of a topic, each as codec_write_json would (plus
 * "sequence" and "time_us" only if `numbered`). Returns the greatest sequence seen (0: none). */
uint64_t store_write_rows(Store *store, Topic topic, const StoreQuery *query, bool numbered,
                          JsonWriter *writer);
/* The newest message of a topic (and key: its first field where that is a text, else NULL) back
 * as a struct. */
bool store_latest(Store *store, Topic topic, const char *key, void *message) MUST_USE;
/* Visits the rows of a topic in order of sequence as structs (for cold recovery); the visitor
 * returns false to end. */
typedef bool (*StoreVisitor)(void *context, const Message *message);
bool store_visit(Store *store, Topic topic, StoreVisitor visitor, void *context,
                 Error *error) MUST_USE;
/* The same over the rows of a query. */
bool store_select(Store *store, Topic topic, const StoreQuery *query, StoreVisitor visitor,
                  void *context, Error *error) MUST_USE;
/* The newest message that is older than `before_us`, else the first there is. */
bool store_before(Store *store, Topic topic, int64_t before_us, void *message) MUST_USE;
/* The greatest sequence and the number of rows of a topic; 0: none. */
uint64_t store_last_sequence(Store *store, Topic topic);
uint64_t store_count(Store *store, Topic topic);

#endif
