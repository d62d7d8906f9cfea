/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/book.h"

#include <string.h>

/* Bids rise and asks fall towards the end of the array, where the best level stands. */
typedef enum Direction { RISING = 1, FALLING = -1 } Direction;

void book_init(Book *book, BookLevel *memory, unsigned levels_per_side) {
    CHECK(levels_per_side >= 1 && levels_per_side <= BOOK_LEVELS_MAX, "levels of a book side");
    *book = (Book){.bids = {memory, 0, levels_per_side},
                   .asks = {memory + levels_per_side, 0, levels_per_side}};
}

bool book_snapshot_fits(int64_t snapshot_id, int64_t first_id) {
    return snapshot_id >= first_id;
}

/* First index whose price is not before `price` in the side's order. */
static unsigned side_find(const BookSide *side, int64_t price, Direction direction) {
    unsigned low = 0, high = side->count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        int64_t at = side->levels[middle].price.units;
        if (direction == RISING ? at < price : at > price)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void side_move(BookSide *side, unsigned target, unsigned source, unsigned count) {
    memmove(side->levels + target, side->levels + source, count * sizeof *side->levels);
}

/* A full side gives up its worst level, which is the first; a level that would itself be the worst
 * is not taken. */
static void side_insert(BookSide *side, unsigned index, BookLevel level, uint64_t *dropped) {
    if (side->count < side->capacity) {
        side_move(side, index + 1, index, side->count - index);
        side->levels[index] = level;
        side->count++;
        return;
    }
    ++*dropped;
    if (index == 0) return;
    side_move(side, 0, 1, index - 1);
    side->levels[index - 1] = level;
}

static void side_set(BookSide *side, BookLevel level, Direction direction, uint64_t *dropped) {
    unsigned index = side_find(side, level.price.units, direction);
    bool known = index < side->count && side->levels[index].price.units == level.price.units;
    if (known && level.quantity.units == 0) {
        side_move(side, index, index + 1, side->count - index - 1);
        side->count--;
    } else if (known) {
        side->levels[index] = level;
    } else if (level.quantity.units != 0) { /* deleting an unknown level is normal */
        side_insert(side, index, level, dropped);
    }
}

static BookAnswer book_set(Book *book, const BookChange *change) {
    for (unsigned i = 0; i < change->bid_count; i++)
        side_set(&book->bids, change->bids[i], RISING, &book->dropped_levels);
    for (unsigned i = 0; i < change->ask_count; i++)
        side_set(&book->asks, change->asks[i], FALLING, &book->dropped_levels);
    book->last_id = change->last_id;
    const BookLevel *bid = book_bid(book, 0), *ask = book_ask(book, 0);
    book->is_valid = !bid || !ask || bid->price.units < ask->price.units;
    return book->is_valid ? BOOK_APPLIED : BOOK_CROSSED;
}

BookAnswer book_snapshot(Book *book, const BookChange *snapshot) {
    book->bids.count = book->asks.count = 0;
    return book_set(book, snapshot);
}

BookAnswer book_apply(Book *book, const BookChange *change) {
    if (!book->is_valid) return BOOK_GAP;
    if (change->last_id <= book->last_id) {
        book->old++;
        return BOOK_OLD;
    }
    if (change->first_id > book->last_id + 1) {
        book->is_valid = false;
        return BOOK_GAP;
    }
    book->changes++;
    return book_set(book, change);
}

static const BookLevel *side_level(const BookSide *side, unsigned depth) {
    return depth < side->count ? &side->levels[side->count - 1 - depth] : NULL;
}

const BookLevel *book_bid(const Book *book, unsigned depth) {
    return side_level(&book->bids, depth);
}

const BookLevel *book_ask(const Book *book, unsigned depth) {
    return side_level(&book->asks, depth);
}
