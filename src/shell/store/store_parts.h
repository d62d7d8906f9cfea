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

#define STORE_VERSION 2     /* of the fixed tables; columns of topics are compared one by one */
#define STORE_SEALED  2     /* from this version on every row carries a seal */
#define STORE_SQL_MAX 16384 /* the widest table has 36 columns of about 100 bytes of SQL */
#define STORE_SCRATCH                                                                              \
    (512u << 10) /* JSON of one row: LIMIT_PAYLOAD bytes, each at most 6 as an escape, and keys */
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

/* What a table holds, apart from the table itself: rows that vanish or come back are told by it.
 * Only of topics whose rows stay (EACH, LATEST). */
typedef struct StoreTotal {
    uint64_t rows, sum; /* of the rows' seals */
    bool changed;       /* since it was written */
} StoreTotal;

struct Store {
    sqlite3 *database;
    bool read_only;
    int64_t version;    /* of the file; a reader takes older ones as they are */
    uint64_t sealed;    /* topics whose rows carry a seal, a bit each */
    uint64_t last_seal; /* that the database has asked for */
    StoreTotal totals[TOPIC_COUNT];
    uint64_t through, through_written; /* all messages up to it were put */
    unsigned latest_cut; /* rows of topics that keep the latest which store_rewind took */
    bool (*before_flush)(void *context, Error *error);
    void *flush_context;
    unsigned damaged; /* rows whose seal is broken, tables that cannot be read */
    char damage[160]; /* the first of them */
    char path[600];
    uint64_t columns[TOPIC_COUNT]; /* fields that the table has, a bit each; 0: no table */
    sqlite3_stmt *insert[TOPIC_COUNT], *insert_bar, *insert_meta, *insert_total;
    sqlite3_stmt *old_seal[TOPIC_COUNT]; /* of the row that an insert meets */
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

/* store_seal.c: each row carries a digest of its columns, each table a count and a sum of them. */
bool store_seal_open(Store *store, Error *error) MUST_USE; /* the function in SQL */
/* `seal_of(...)` over the columns of a row; with `bound` over the parameters of an insert. */
void store_put_seal(Store *store, Topic topic, bool bound, Text *sql);
#define STORE_SEAL                  "row_seal" /* the column */
#define STORE_META_SEAL(name, text) "seal_of('name', " name ", 'text', " text ")"
#define STORE_BAR_SEAL                                                                             \
    "seal_of('symbol', symbol, 'interval', interval, 'time_us', time_us, 'open', open, 'high',"    \
    " high, 'low', low, 'close', close, 'volume', volume, 'quote_volume', quote_volume,"           \
    " 'taker_volume', taker_volume, 'trades', trades, 'bars', bars)"
/* Brings rows of an older version under a seal. */
bool store_seal_topic(Store *store, Topic topic, Error *error) MUST_USE;
bool store_has_total(Topic topic);
/* Reads the totals, at the opening of a writer; what they do not say is counted anew. */
bool store_totals_open(Store *store, Error *error) MUST_USE;
bool store_totals_write(Store *store, Error *error) MUST_USE;
void store_totals_written(Store *store); /* and committed */
/* Takes the rows behind a sequence off the totals. */
bool store_totals_cut(Store *store, Topic topic, uint64_t last_sequence, Error *error) MUST_USE;
/* The total as written; false: none, or its own seal is broken. */
bool store_total_read(Store *store, const char *name, StoreTotal *total, uint64_t *through);
/* Counts a table: rows, the sum of the seals that they carry, and those whose seal is broken. */
bool store_total_count(Store *store, Topic topic, StoreTotal *total, uint64_t *broken,
                       Error *error) MUST_USE;
/* Something is damaged: told once by name, and counted. */
void store_note_damage(Store *store, const char *what, const char *where);

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
