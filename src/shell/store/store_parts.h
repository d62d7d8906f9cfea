/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the store share, and nobody else includes. A Store collects what is put into it
 * in `pending`, a block of records in memory, and writes them in one transaction at store_flush:
 * SQLite rolls a whole transaction back when the disk is full, so only rows that are still in
 * memory can be tried again. Where a topic keeps the latest row only, a newer message overwrites
 * the pending older one of its key, so that a million prices cost a few rows. Reading through a
 * writing Store flushes first. The Store owns everything in it.
 */
#ifndef SHELL_STORE_STORE_PARTS_H
#define SHELL_STORE_STORE_PARTS_H

#include <sqlite3.h>

#include "shell/store/store.h"

#define STORE_VERSION 1     /* of the fixed tables; columns of topics are compared one by one */
#define STORE_SQL_MAX 16384 /* the widest table has 36 columns of about 100 bytes of SQL */
#define STORE_SCRATCH                                                                              \
    (256u << 10) /* JSON of one row: LIMIT_PAYLOAD bytes, each at most 6 as an escape, and keys */
#define STORE_RECENT_ROWS 2000 /* of topics that keep the recent (topic.def) */
#define STORE_PRUNE_ROWS                                                                           \
    500 /* and so many more before they are pruned: one delete for 500 inserts */
#define STORE_PRUNE_BARS 20000 /* bars put between two prunings of the candles */
#define PENDING_FLUSH                                                                              \
    (1u << 20) /* about 10,000 rows: large enough to be fast, small enough for the memory figure   \
                */
#define PENDING_MAX (64u << 20) /* while the disk is full: beyond it new rows are refused */
#define PENDING_SLOTS                                                                              \
    1024u /* keys of latest rows remembered: 32 symbols x 7 topics, orders, room */

typedef enum PendingKind { PENDING_MESSAGE, PENDING_BAR, PENDING_META } PendingKind;

/* A record of the block; the payload follows, rounded up to 16 bytes because Money wants that
 * alignment. */
typedef struct PendingRow {
    uint64_t sequence;
    int64_t time_us;
    uint32_t size;
    uint8_t kind, topic;
    uint8_t unused[10];
} PendingRow;
_Static_assert(sizeof(PendingRow) == 32, "payloads must stay aligned to 16 bytes");

typedef struct PendingBar {
    Bar bar;
    char symbol[LIMIT_SYMBOL_TEXT];
    Interval interval;
} PendingBar;

typedef struct Pending {
    uint8_t *at;
    size_t used, capacity;
    size_t flush_at; /* PENDING_FLUSH; higher after a failure, so that a full disk is not tried at
                        every row */
    struct {
        uint64_t key; /* hash of topic and key; 0: free */
        size_t row;
    } slots[PENDING_SLOTS];
} Pending;

struct Store {
    sqlite3 *database;
    bool read_only;
    char path[600];
    uint64_t columns[TOPIC_COUNT]; /* fields that the table has, a bit each; 0: no table */
    sqlite3_stmt *insert[TOPIC_COUNT], *insert_bar, *insert_meta;
    unsigned unpruned[TOPIC_COUNT], unpruned_bars;
    Pending pending;
    _Alignas(16) uint8_t row[LIMIT_PAYLOAD];
    char scratch[STORE_SCRATCH];
};

/* Fills the error from SQLite's last one and returns false. */
bool store_refused(Store *store, const char *what, Error *error);
bool store_execute(Store *store, const char *sql, Error *error) MUST_USE;
sqlite3_stmt *store_prepare(Store *store, const char *sql, Error *error);
/* The number in the first column of the first row, 0 if there is none. */
int64_t store_number(Store *store, const char *sql);

/* store_write.c: what is pending becomes readable */
void store_settle(Store *store);

/* store_schema.c: the tables */
bool store_schema_open(Store *store, Error *error) MUST_USE;
/* The topic's columns are known (a reader looks again while there is no table). */
bool store_schema_has(Store *store, Topic topic);
/* The field by which a table keeps the latest rows, NULL: one row. */
const Field *store_key_field(Topic topic);
/* "present" inside a part says that it is there; it is no column. */
bool store_is_column(const Field *field);
void store_put_name(Text *sql, const Field *field);

/* store_column.c: fields to columns and back */
/* Binds a field of `message`; texts stand in `scratch` until the statement is reset. */
bool store_bind(sqlite3_stmt *statement, int index, const Field *field, const void *message,
                Text *scratch);
/* Reads a column into the field; false if it does not fit the field. */
bool store_column(Store *store, sqlite3_stmt *statement, int index, const Field *field,
                  void *message);
/* The field's value in a message of zeros as SQL. */
void store_put_default(Text *sql, const Field *field, char *scratch, size_t capacity);

/* store_bars.c */
bool store_write_bar(Store *store, const PendingBar *row, Error *error) MUST_USE;
bool store_prune_bars(Store *store, Error *error) MUST_USE;

/* store_rows.c: a statement "SELECT sequence, time_us, fields... FROM topic" and the row it stands
 * at */
void store_put_select(Store *store, Topic topic, Text *sql);
bool store_row(Store *store, Topic topic, sqlite3_stmt *statement, void *message);

#endif
