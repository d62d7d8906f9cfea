/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book: the market's levels around the last print, and the orders that stand in it. Each pair
 * has three rows of places: orders to buy and orders to sell, best price first and then by turn,
 * and stops that wait, by turn. A row is short, so that finding a place in it is a search and a
 * move.
 */
#include "core/sim/exchange_parts.h"

#include <string.h>

/* ---- the market's levels ------------------------------------------------------------------- */

static int64_t part_up(int64_t value, int64_t ppm) {
    return (int64_t)(((__int128)value * ppm + PPM - 1) / PPM);
}

/* Where the book stands: around a price, with so much on its first level. */
typedef struct BookAt {
    Price last;
    Quantity depth;
} BookAt;

/* Half a spread away and then by the slippage, at least a tick. */
typedef struct BookSide {
    int64_t first, apart; /* apart: below zero on the side that bids */
    int64_t depth;
} BookSide;

static BookSide side_of(const Exchange *exchange, const ExchangePair *pair, Side side, BookAt at) {
    Price tick = pair->symbol.filters.tick.units ? pair->symbol.filters.tick : price_of(1);
    int64_t half = part_up(at.last.units, exchange->costs.half_spread_ppm);
    int64_t apart =
        price_ceil(price_of(part_up(at.last.units, exchange->costs.slippage_ppm)), tick).units;
    Price first = side == SIDE_SELL ? price_ceil(price_of(at.last.units + half), tick)
                                    : price_floor(price_of(at.last.units - half), tick);
    /* Where half a spread is less than a tick, bids and asks still do not meet. */
    if (side == SIDE_SELL && first.units == at.last.units) first.units += tick.units;
    if (apart < tick.units) apart = tick.units;
    return (BookSide){first.units, side == SIDE_SELL ? apart : -apart, at.depth.units};
}

/* Deeper levels hold more. */
static int64_t quantity_at(const BookSide *side, unsigned level) {
    return side->depth * (1 + (int64_t)level / 4);
}

static unsigned fill_levels(const BookSide *side,
                            ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]) {
    unsigned count = 0;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_LEVELS; i++) {
        int64_t price = side->first + side->apart * (int64_t)i;
        if (price <= 0) break;
        levels[count++] = (ExchangeLevel){price_of(price), quantity_of(quantity_at(side, i))};
    }
    return count;
}

unsigned exchange_book_before(const Exchange *exchange, unsigned index, Side side,
                              ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]) {
    const ExchangePair *pair = &exchange->pairs[index];
    if (pair->last_before.units <= 0) return 0;
    BookSide book = side_of(exchange, pair, side, (BookAt){pair->last_before, pair->depth_before});
    return fill_levels(&book, levels);
}

ExchangeCursor exchange_cursor(const Exchange *exchange, unsigned index, Side side) {
    const ExchangePair *pair = &exchange->pairs[index];
    if (pair->last.units <= 0) return (ExchangeCursor){.level = LIMIT_EXCHANGE_LEVELS};
    BookSide book = side_of(exchange, pair, side, (BookAt){pair->last, pair->depth});
    return (ExchangeCursor){.first = book.first,
                            .apart = book.apart,
                            .depth = book.depth,
                            .taken = pair->taken[side == SIDE_SELL ? SIDE_BUY : SIDE_SELL].units};
}

bool exchange_cursor_next(ExchangeCursor *cursor, ExchangeLevel *level) {
    const BookSide book = {cursor->first, cursor->apart, cursor->depth};
    while (cursor->level < LIMIT_EXCHANGE_LEVELS) {
        int64_t price = book.first + book.apart * (int64_t)cursor->level;
        int64_t quantity = quantity_at(&book, cursor->level++);
        int64_t gone = cursor->taken < quantity ? cursor->taken : quantity;
        cursor->taken -= gone;
        if (price <= 0) return false;
        if (quantity == gone) continue;
        *level = (ExchangeLevel){price_of(price), quantity_of(quantity - gone)};
        return true;
    }
    return false;
}

unsigned exchange_book(const Exchange *exchange, unsigned index, Side side,
                       ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]) {
    ExchangeCursor cursor = exchange_cursor(exchange, index, side);
    unsigned count = 0;
    while (count < LIMIT_EXCHANGE_LEVELS && exchange_cursor_next(&cursor, &levels[count]))
        count++;
    return count;
}

Quantity exchange_ahead_at(const Exchange *exchange, const ExchangeWish *wish) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    BookSide book = side_of(exchange, pair, wish->side, (BookAt){pair->last, pair->depth});
    int64_t beyond = (wish->price.units - book.first) * (book.apart < 0 ? -1 : 1);
    if (beyond < 0) return quantity_of(0); /* better than the market's best */
    int64_t apart = book.apart < 0 ? -book.apart : book.apart;
    int64_t level = (beyond + apart - 1) / apart;
    if (level >= LIMIT_EXCHANGE_LEVELS) level = LIMIT_EXCHANGE_LEVELS - 1;
    return quantity_of(quantity_at(&book, (unsigned)level));
}

/* ---- orders that stand --------------------------------------------------------------------- */

static ExchangeStanding *row_of(Exchange *exchange, const ExchangeOrder *order) {
    ExchangePair *pair = &exchange->pairs[order->wish.pair];
    return order->stand == STANDS_RESTING ? &pair->resting[order->wish.side] : &pair->waiting;
}

/* Better price first, then the earlier turn; those that wait have no price among them. */
static bool comes_before(const ExchangeOrder *a, const ExchangeOrder *b) {
    if (a->stand == STANDS_WAITING || a->wish.price.units == b->wish.price.units)
        return a->turn < b->turn;
    return (a->wish.price.units > b->wish.price.units) == (a->wish.side == SIDE_BUY);
}

/* How many of the row stand before it. */
static unsigned index_in(const Exchange *exchange, const ExchangeStanding *row,
                         const ExchangeOrder *order) {
    unsigned low = 0, high = row->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (comes_before(&exchange->orders[row->places[middle]], order))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

_Static_assert(LIMIT_EXCHANGE_ORDERS <= UINT16_MAX, "a place fits into a row");

void exchange_stand(Exchange *exchange, ExchangeOrder *order) {
    order->stand = order->working_us ? STANDS_RESTING : STANDS_WAITING;
    order->turn = ++exchange->turn_count;
    if (order->stand == STANDS_RESTING) {
        Quantity left = exchange_left(order);
        bool hides = order->wish.iceberg.units && order->wish.iceberg.units < left.units;
        order->shown = hides ? order->wish.iceberg : left;
        order->ahead = exchange_ahead_at(exchange, &order->wish);
    }
    ExchangeStanding *row = row_of(exchange, order);
    CHECK(row->count < LIMIT_EXCHANGE_STANDING, "the filters leave room in the book");
    unsigned index = index_in(exchange, row, order);
    memmove(&row->places[index + 1], &row->places[index],
            (row->count - index) * sizeof row->places[0]);
    row->places[index] = (uint16_t)(order - exchange->orders);
    row->count++;
}

void exchange_unstand(Exchange *exchange, ExchangeOrder *order) {
    if (order->stand == STANDS_NOWHERE) return;
    ExchangeStanding *row = row_of(exchange, order);
    unsigned index = index_in(exchange, row, order);
    CHECK(index < row->count && &exchange->orders[row->places[index]] == order,
          "an order stands where it was put");
    row->count--;
    memmove(&row->places[index], &row->places[index + 1],
            (row->count - index) * sizeof row->places[0]);
    order->stand = STANDS_NOWHERE;
    order->shown = order->ahead = quantity_of(0);
}

static const ExchangeOrder *best_of(const Exchange *exchange, unsigned pair, Side side) {
    const ExchangeStanding *row = &exchange->pairs[pair].resting[side];
    return row->count ? &exchange->orders[row->places[0]] : NULL;
}

ExchangeOrder *exchange_best(Exchange *exchange, unsigned pair, Side side) {
    const ExchangeOrder *best = best_of(exchange, pair, side);
    return best ? &exchange->orders[best - exchange->orders] : NULL;
}

bool exchange_crosses(const ExchangeWish *wish, Price price) {
    if (!exchange_has_price(wish->type)) return true;
    return wish->side == SIDE_BUY ? price.units <= wish->price.units
                                  : price.units >= wish->price.units;
}

Price exchange_touch(const Exchange *exchange, unsigned pair, Side side) {
    ExchangeCursor cursor = exchange_cursor(exchange, pair, side);
    ExchangeLevel level = {price_of(0), quantity_of(0)};
    const ExchangeOrder *best = best_of(exchange, pair, side);
    bool any = exchange_cursor_next(&cursor, &level);
    if (!best) return level.price;
    if (!any) return best->wish.price;
    bool better = side == SIDE_BUY ? best->wish.price.units > level.price.units
                                   : best->wish.price.units < level.price.units;
    return better ? best->wish.price : level.price;
}
