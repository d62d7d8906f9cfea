/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A candle file from elsewhere into the store. Symbol and interval come from its name or from the
 * caller, the interval else from its smallest spacing. A row that cannot be is left out, told with
 * its line, and counted; rows in any order are sorted; repeated rows must agree. What makes the
 * whole file doubtful (it is damaged, rows contradict one another or the store, intervals are
 * mixed) refuses it whole, with nothing stored. Stateless; the caller owns plan and report.
 */
#ifndef SHELL_STORE_CANDLE_IMPORT_H
#define SHELL_STORE_CANDLE_IMPORT_H

#include "shell/store/candle_write.h"

typedef struct CandleImportPlan {
    const char *root;   /* directory */
    const char *venue;  /* "binance" */
    const char *symbol; /* for files whose names do not say one; NULL: none */
    int64_t length_us;  /* 0: by the file */
    /* A row was refused: `reason` has file, line and column. */
    void (*on_refused)(void *context, const Error *reason);
    void *context;
} CandleImportPlan;

typedef struct CandleImported {
    CandleKey key;
    int64_t first_us, last_us; /* of the sound rows */
    uint64_t rows;             /* sound */
    uint64_t added, improved;
    uint64_t duplicates; /* rows that the file repeats, or that were stored already */
    uint64_t refused;
} CandleImported;

/* False with an Error that names file and line: nothing of the file is stored. */
bool candle_import(const CandleImportPlan *plan, const char *path, CandleImported *imported,
                   Error *error) MUST_USE;
/* The interval that a file's name says ("BTCUSDT-1h-2024-01.zip"). */
bool candle_name_length(const char *path, int64_t *length_us) MUST_USE;

#endif
