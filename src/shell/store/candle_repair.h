/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a .candles file what was written, and if not, what can be had of it? Every block of every
 * column is read against its checksum. A single damaged byte of a block, or flipped bit of a
 * header, is found by trying: the checksum of 64 bits proves what it was. Times in a stretch
 * without gaps follow from their neighbours, and the checksum proves them too. A damaged count of
 * trades or taker volume becomes unknown, a damaged quote volume an estimate. Only rows whose time,
 * price or volume nothing proves are left out: a gap, which a fetch or an import closes. The good
 * rows become a new file; the damaged one is kept beside it. Stateless.
 */
#ifndef SHELL_STORE_CANDLE_REPAIR_H
#define SHELL_STORE_CANDLE_REPAIR_H

#include "shell/store/candle_store.h"

typedef struct CandleDamage {
    uint64_t blocks; /* of single columns, that do not match their checksums */
    bool header;     /* one of its copies, or of a checksum's, is damaged: nothing is lost */
} CandleDamage;

/* Reads all of it. False with an Error that names the first damage (or why it cannot be read);
 * `damage` counts it. A damaged copy alone is no Error. */
bool candle_check(const char *path, CandleDamage *damage, Error *error) MUST_USE;

typedef struct CandleRepair {
    uint64_t rows, kept;   /* of the damaged file, of the new one */
    uint64_t bytes;        /* damaged bytes that were put right */
    uint64_t times;        /* blocks of times that followed from their neighbours */
    uint64_t unknown;      /* rows that lost a field that may be unknown */
    uint64_t lost;         /* rows left out */
    int64_t lost_first_us; /* open times of the first and the last of them, where known; else 0 */
    int64_t lost_last_us;
    char aside[CANDLE_PATH_MAX + 16]; /* the damaged file; empty: it was sound, nothing was done */
} CandleRepair;

/* ERROR_DATA when nothing of it can be proved; the file stays as it is. */
bool candle_repair(const char *path, CandleRepair *repair, Error *error) MUST_USE;

#endif
