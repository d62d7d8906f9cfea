/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order book rebuilt from one snapshot and the changes after it (Binance Spot API, "How to
 * manage a local order book correctly"). Each change covers the update numbers first_id to last_id;
 * the book stands at the number of the last change applied. A change that ends at or before the
 * book is old and ignored; one that starts later than the next number shows a gap, and the book is
 * void until a new snapshot. After every change the best bid must be below the best ask, else the
 * book is void too. A side holds a bounded number of levels: when it is full the level farthest
 * from the touch makes room. Levels beyond the snapshot are unknown until they change, so deep
 * quantities are not to be trusted. The caller owns the memory of the levels and keeps it as long
 * as the book.
 */
#ifndef CORE_MARKET_BOOK_H
#define CORE_MARKET_BOOK_H

#include "core/base/decimal.h"

#define BOOK_LEVELS_MAX 5000 /* of one side: the deepest snapshot that the venue gives */

typedef struct BookLevel {
    Price price;
    Quantity quantity; /* 0 in a change: the level is gone */
} BookLevel;

typedef struct BookChange {
    int64_t first_id, last_id;
    const BookLevel *bids, *asks; /* any order */
    unsigned bid_count, ask_count;
} BookChange;

typedef struct BookSide {
    BookLevel *levels; /* worst first: what happens near the touch moves little memory */
    unsigned count, capacity;
} BookSide;

typedef struct Book {
    BookSide bids, asks;
    int64_t last_id;
    bool is_valid;
    uint64_t changes, old, dropped_levels;
} Book;

typedef enum BookAnswer {
    BOOK_APPLIED,
    BOOK_OLD,    /* the change ends at or before the book: ignored */
    BOOK_GAP,    /* changes are missing: the book is void */
    BOOK_CROSSED /* best bid not below best ask: the book is void */
} BookAnswer;

/* `memory` holds 2 x `levels_per_side` levels, 1 to BOOK_LEVELS_MAX a side. The book is void until
 * a snapshot. */
void book_init(Book *book, BookLevel *memory, unsigned levels_per_side);
/* A snapshot older than the first buffered change must be fetched again: true if `first_id` of that
 * change leaves no hole behind the snapshot. */
bool book_snapshot_fits(int64_t snapshot_id, int64_t first_id);
/* The snapshot as a change: its last_id is the snapshot's number. BOOK_APPLIED or BOOK_CROSSED. */
BookAnswer book_snapshot(Book *book, const BookChange *snapshot) MUST_USE;
/* On a void book: BOOK_GAP. */
BookAnswer book_apply(Book *book, const BookChange *change) MUST_USE;
/* The level `depth` steps from the touch (0: the best), or NULL. */
const BookLevel *book_bid(const Book *book, unsigned depth);
const BookLevel *book_ask(const Book *book, unsigned depth);

#endif
