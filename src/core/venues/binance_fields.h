/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one JSON object of the venue by a table: each row names a key, what its value must be,
 * whether it must be there, and where it goes in a struct. Keys that the table does not name are
 * stepped over, since the venue adds fields; a key that comes twice, a required one that is missing
 * and a value of the wrong kind are Errors with the byte position and the key. Nested objects and
 * arrays are kept as a JsonReader before their value, to be read by a table of their own. Slices
 * and readers point into the caller's text; tables are constants.
 */
#ifndef CORE_VENUES_BINANCE_FIELDS_H
#define CORE_VENUES_BINANCE_FIELDS_H

#include "core/base/json.h"

#define FIELDS_MAX 32 /* of one table: one bit of `seen` each */

typedef enum FieldType {
    FIELD_STAMP,    /* int64_t, microseconds, from ms or us */
    FIELD_INT,      /* int64_t */
    FIELD_COUNT,    /* uint32_t, from 0 */
    FIELD_PRICE,    /* Price; string or bare number, as all decimals */
    FIELD_QUANTITY, /* Quantity */
    FIELD_MONEY,    /* Money */
    FIELD_VOLUME,   /* double */
    FIELD_BOOL,     /* bool */
    FIELD_SYMBOL,   /* SymbolName */
    FIELD_ASSET,    /* AssetName; null is empty */
    FIELD_CLIENT,   /* ClientId */
    FIELD_SLICE,    /* Slice: a string, raw */
    FIELD_VALUE     /* JsonReader standing before the value */
} FieldType;

typedef struct Field {
    const char *key;
    FieldType type;
    bool required;
    size_t at; /* offset in the target */
} Field;

typedef struct FieldTable {
    const char *noun; /* for the error: "kline" */
    const Field *fields;
    unsigned count;
} FieldTable;

#define FIELD_TABLE(noun, rows)                                                                    \
    { (noun), (rows), sizeof(rows) / sizeof(rows)[0] }

/* The reader stands behind the object's opening brace and is left behind its closing one. Bit i of
 * `seen` (may be NULL): row i was there. */
bool binance_fields_read(JsonReader *reader, const FieldTable *table, void *target, uint32_t *seen,
                         Error *error) MUST_USE;
/* The same for a value kept as FIELD_VALUE: must be an object. */
bool binance_fields_inside(JsonReader value, const FieldTable *table, void *target,
                           Error *error) MUST_USE;
/* A whole body of one object: nothing may follow it. */
bool binance_fields_whole(Slice body, const FieldTable *table, void *target, uint32_t *seen,
                          Error *error) MUST_USE;
/* An array of objects: `take` gets the reader behind each opening brace and leaves it behind the
 * closing one. */
typedef bool BinanceTake(JsonReader *object, void *target, Error *error);
bool binance_fields_each(JsonReader *array, const char *noun, BinanceTake *take, void *target,
                         Error *error) MUST_USE;
/* The same for a whole body. */
bool binance_fields_list(Slice body, const char *noun, BinanceTake *take, void *target,
                         Error *error) MUST_USE;
/* A decimal, string or bare, as the nearest double. */
bool binance_take_volume(JsonReader *reader, double *value) MUST_USE;
bool binance_take_stamp(JsonReader *reader, int64_t *time_us) MUST_USE;
/* Fills a data error with the reader's byte position; returns false. */
bool binance_fail(Error *error, const JsonReader *reader, const char *noun, const char *reason);

#endif
