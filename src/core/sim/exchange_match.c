/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where orders meet: a taker walks the market's levels and the orders that rest, best price first
 * and at one price the market before them, until it has what it wants, meets itself, or may go no
 * further. See exchange.h for the rules.
 */
#include "core/sim/exchange_parts.h"

/* ---- how far a taker may go ---------------------------------------------------------------- */

/* The execution rule PRICE_RANGE: fixed when it begins to take. */
typedef struct Range {
    int64_t low, high; /* 0: off */
} Range;

static Range range_of(const ExchangePair *pair) {
    const ExchangeRules *rules = &pair->rules;
    __int128 last = pair->last.units;
    return (Range){(int64_t)(last * rules->range_down_ppm / PPM),
                   (int64_t)(last * rules->range_up_ppm / PPM)};
}

static bool out_of(const Range *range, Price price) {
    return (range->low && price.units < range->low) || (range->high && price.units > range->high);
}

static Side other_side(Side side) {
    return side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
}

static Quantity lesser(Quantity a, Quantity b) {
    return a.units < b.units ? a : b;
}

/* ---- what it would get --------------------------------------------------------------------- */

/* The walk's next stop: a level of the market, or an order that rests. */
typedef struct Stop {
    Price price;
    Quantity quantity;
    const ExchangeOrder *maker; /* NULL: the market */
} Stop;

typedef struct Path {
    ExchangeCursor cursor;
    ExchangeLevel level;
    bool has_level; /* the market's next one */
    unsigned place; /* of the next order in its row */
} Path;

static bool next_stop(const Exchange *exchange, const ExchangeWish *wish, Path *path, Stop *stop) {
    const ExchangeStanding *row = &exchange->pairs[wish->pair].resting[other_side(wish->side)];
    const ExchangeOrder *maker =
        path->place < row->count ? &exchange->orders[row->places[path->place]] : NULL;
    if (!maker && !path->has_level) return false;
    int64_t level = path->level.price.units;
    bool market =
        !maker || (path->has_level && (wish->side == SIDE_BUY ? level <= maker->wish.price.units
                                                              : level >= maker->wish.price.units));
    if (market) {
        *stop = (Stop){path->level.price, path->level.quantity, NULL};
        path->has_level = exchange_cursor_next(&path->cursor, &path->level);
    } else {
        *stop = (Stop){maker->wish.price, exchange_left(maker), maker};
        path->place++;
    }
    return exchange_crosses(wish, stop->price);
}

static Path path_of(const Exchange *exchange, const ExchangeWish *wish) {
    Path path = {.cursor = exchange_cursor(exchange, wish->pair, other_side(wish->side))};
    path.has_level = exchange_cursor_next(&path.cursor, &path.level);
    return path;
}

/* How much of the stop's quantity it still wants. */
static Quantity wanted_at(const Exchange *exchange, const ExchangeWish *wish,
                          const ExchangeWalk *walk, const Stop *stop) {
    Quantity wanted = quantity_subtract(wish->quantity, walk->quantity);
    if (wish->quote_quantity.units)
        wanted = quantity_floor(
            money_over_price(money_subtract(wish->quote_quantity, walk->quote), stop->price),
            exchange->pairs[wish->pair].symbol.filters.step);
    return lesser(wanted, stop->quantity);
}

void exchange_walk(const Exchange *exchange, const ExchangeWish *wish, ExchangeWalk *walk) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    Range range = range_of(pair);
    Path path = path_of(exchange, wish);
    ExchangeWish asked = *wish;
    Stop stop;
    *walk = (ExchangeWalk){.prevented = false};
    while (next_stop(exchange, wish, &path, &stop) && !out_of(&range, stop.price)) {
        bool own = stop.maker && stop.maker->wish.account == wish->account && wish->prevention;
        Quantity quantity = wanted_at(exchange, &asked, walk, &stop);
        if (quantity.units <= 0) break;
        if (own && wish->prevention == PREVENT_MAKER) continue;
        walk->prevented |= own;
        if (own && (wish->prevention != PREVENT_DECREMENT || wish->quote_quantity.units)) break;
        if (own) {
            asked.quantity = quantity_subtract(asked.quantity, quantity);
            continue;
        }
        walk->quantity = quantity_add(walk->quantity, quantity);
        walk->quote = money_add(walk->quote, price_times_quantity(stop.price, quantity).money);
    }
}

/* ---- a fill -------------------------------------------------------------------------------- */

/* What the fee is worth in BNB; false where that cannot be told or paid. */
static bool fee_in_bnb(const Exchange *exchange, const ExchangeFill *fill, int64_t rate_ppm,
                       Money *fee, unsigned *asset) {
    int bnb = exchange_find_asset(exchange, SLICE("BNB"));
    if (bnb < 0) return false;
    int64_t reduced = rate_ppm * (PPM - exchange->costs.discount_ppm) / PPM;
    Money worth = money_share_up(fill->quote, reduced, PPM);
    *asset = (unsigned)bnb;
    for (unsigned i = 0; i < exchange->pair_count; i++) {
        const ExchangePair *priced = &exchange->pairs[i];
        if (priced->base != *asset || priced->quote != exchange->pairs[fill->pair].quote ||
            !priced->last.units)
            continue;
        *fee = money_of(money_over_price(worth, priced->last).units + 1);
        Money held = exchange->accounts[fill->account].balances[bnb].free;
        return money_compare(*fee, held) <= 0;
    }
    return false;
}

static void settle(Exchange *exchange, ExchangeOrder *order, ExchangeFill *fill) {
    const ExchangePair *pair = &exchange->pairs[fill->pair];
    bool buys = fill->side == SIDE_BUY;
    Money given = buys ? fill->quote : money_of(fill->quantity.units);
    Money received = buys ? money_of(fill->quantity.units) : fill->quote;
    ExchangeBalance *from = exchange_given(exchange, &order->wish);
    unsigned target = buys ? pair->base : pair->quote;
    CHECK(money_compare(given, order->locked) <= 0, "a fill costs no more than was locked");
    order->locked = money_subtract(order->locked, given);
    from->locked = money_subtract(from->locked, given);
    int64_t rate = fill->maker ? exchange->costs.maker_ppm : exchange->costs.taker_ppm;
    if (!exchange->costs.pays_in_bnb ||
        !fee_in_bnb(exchange, fill, rate, &fill->fee, &fill->fee_asset)) {
        fill->fee_asset = target;
        fill->fee = money_share_up(received, rate, PPM);
    }
    ExchangeBalance *to = exchange_balance(exchange, fill->account, target);
    to->free = money_add(to->free, received);
    ExchangeBalance *payer = exchange_balance(exchange, fill->account, fill->fee_asset);
    payer->free = money_subtract(payer->free, fill->fee);
    if (buys && order->list_id >= 0)
        exchange_reserve(exchange, order, received,
                         fill->fee_asset == target ? fill->fee : money_of(0));
}

/* What is left stands with less; the next part of an iceberg goes to the end of its queue. */
static void shrink_standing(Exchange *exchange, ExchangeOrder *order, Quantity gone) {
    if (order->stand != STANDS_RESTING) return;
    order->shown = quantity_subtract(order->shown, lesser(gone, order->shown));
    if (order->shown.units > 0 || exchange_left(order).units == 0) return;
    exchange_unstand(exchange, order);
    exchange_stand(exchange, order);
}

void exchange_fill_order(Exchange *exchange, ExchangeOrder *order, const ExchangeLevel *level,
                         bool maker, int64_t now_us) {
    int64_t id = ++exchange->fill_count;
    ExchangeFill *fill = &exchange->fills[id % LIMIT_EXCHANGE_FILLS];
    *fill = (ExchangeFill){.id = id,
                           .order_id = order->id,
                           .list_id = order->list_id,
                           .account = order->wish.account,
                           .pair = order->wish.pair,
                           .side = order->wish.side,
                           .price = level->price,
                           .quantity = level->quantity,
                           .quote = price_times_quantity(level->price, level->quantity).money,
                           .time_us = now_us,
                           .maker = maker};
    if (!order->first_fill) order->first_fill = id;
    exchange_end_other(exchange, order, now_us);
    settle(exchange, order, fill);
    order->executed = quantity_add(order->executed, fill->quantity);
    order->quote_executed = money_add(order->quote_executed, fill->quote);
    order->update_us = now_us;
    Quantity rest = exchange_left(order);
    order->status = rest.units == 0 ? EXCHANGE_FILLED : EXCHANGE_PARTIALLY_FILLED;
    if (rest.units == 0)
        exchange_end(exchange, order, EXCHANGE_FILLED, EXCHANGE_NO_REASON, now_us);
    else if (exchange_has_price(order->wish.type))
        exchange_release(exchange, order, exchange_need(order->wish.side, order->bound, rest));
    exchange_say_order(exchange, order, EXECUTION_TRADE, id);
    exchange_say_position(exchange, &order->wish, true, now_us);
    shrink_standing(exchange, order, fill->quantity);
}

/* ---- self-trade prevention ----------------------------------------------------------------- */

static void prevent_one(Exchange *exchange, ExchangeOrder *order, ExchangePrevented *match,
                        Quantity quantity) {
    exchange_end_other(exchange, order, match->time_us); /* as when it trades */
    order->prevented = quantity_add(order->prevented, quantity);
    order->prevented_id = match->id;
    order->update_us = match->time_us;
    Quantity left = exchange_left(order);
    if (left.units == 0) {
        exchange_end(exchange, order, EXCHANGE_EXPIRED_IN_MATCH, EXCHANGE_NO_REASON,
                     match->time_us);
        return;
    }
    if (exchange_has_price(order->wish.type))
        exchange_release(exchange, order, exchange_need(order->wish.side, order->bound, left));
    exchange_say_order(exchange, order, EXECUTION_PREVENTED, 0)->prevented_id = match->id;
    exchange_say_position(exchange, &order->wish, false, match->time_us);
    shrink_standing(exchange, order, quantity);
}

static void prevent(Exchange *exchange, ExchangeOrder *taker, ExchangeOrder *maker,
                    int64_t now_us) {
    int64_t id = ++exchange->prevented_count;
    ExchangePrevention mode = taker->wish.prevention;
    Quantity both = lesser(exchange_left(taker), exchange_left(maker));
    bool decrements = mode == PREVENT_DECREMENT;
    ExchangePrevented *match = &exchange->prevented[id % LIMIT_EXCHANGE_PREVENTED];
    *match = (ExchangePrevented){.id = id,
                                 .taker_id = taker->id,
                                 .maker_id = maker->id,
                                 .account = taker->wish.account,
                                 .pair = taker->wish.pair,
                                 .mode = mode,
                                 .price = maker->wish.price,
                                 .taker = decrements              ? both
                                          : mode == PREVENT_MAKER ? quantity_of(0)
                                                                  : exchange_left(taker),
                                 .maker = decrements              ? both
                                          : mode == PREVENT_TAKER ? quantity_of(0)
                                                                  : exchange_left(maker),
                                 .time_us = now_us};
    if (match->maker.units) prevent_one(exchange, maker, match, match->maker);
    if (match->taker.units) prevent_one(exchange, taker, match, match->taker);
}

/* ---- a taker ------------------------------------------------------------------------------- */

/* A triggered market order may cost more than its stop price had locked: the rest has to be free,
 * or it takes less. */
static void fund(Exchange *exchange, ExchangeOrder *order, Money quote) {
    if (order->wish.side == SIDE_SELL || exchange_has_price(order->wish.type)) return;
    Money lacking = money_subtract(quote, order->locked);
    Money free = exchange_given(exchange, &order->wish)->free;
    if (money_compare(lacking, free) > 0) lacking = free;
    if (lacking.units > 0) exchange_lock(exchange, order, lacking);
}

/* A market order buys no more than its money is enough for. */
static Quantity payable(const Exchange *exchange, const ExchangeOrder *order, Price price,
                        Quantity wanted) {
    if (order->wish.side == SIDE_SELL ||
        money_compare(price_times_quantity(price, wanted).money, order->locked) <= 0)
        return wanted;
    Quantity step = exchange->pairs[order->wish.pair].symbol.filters.step;
    return lesser(wanted, quantity_floor(money_over_price(order->locked, price), step));
}

/* The best maker if no level of the market stands before it. */
static ExchangeOrder *maker_before(Exchange *exchange, const ExchangeWish *wish,
                                   const ExchangeLevel *level) {
    ExchangeOrder *maker = exchange_best(exchange, wish->pair, other_side(wish->side));
    if (!maker || !level) return maker;
    bool before = wish->side == SIDE_BUY ? maker->wish.price.units < level->price.units
                                         : maker->wish.price.units > level->price.units;
    return before ? maker : NULL;
}

/* One step of the walk; false: it ends here. */
static bool take_step(Exchange *exchange, ExchangeOrder *taker, ExchangeLevel *level,
                      const Range *range, int64_t now_us) {
    ExchangeOrder *maker = maker_before(exchange, &taker->wish, level);
    if (!maker && !level) return false;
    Price price = maker ? maker->wish.price : level->price;
    if (!exchange_crosses(&taker->wish, price)) return false;
    if (out_of(range, price)) {
        exchange_end(exchange, taker, EXCHANGE_EXPIRED, EXCHANGE_OUT_OF_RANGE, now_us);
        return false;
    }
    if (maker && maker->wish.account == taker->wish.account && taker->wish.prevention) {
        prevent(exchange, taker, maker, now_us);
        return exchange_is_open(taker);
    }
    Quantity offered = maker ? maker->shown : level->quantity;
    ExchangeLevel part = {price,
                          payable(exchange, taker, price, lesser(exchange_left(taker), offered))};
    if (part.quantity.units <= 0) return false;
    if (maker) {
        exchange_fill_order(exchange, maker, &part, true, now_us);
    } else {
        Quantity *taken = &exchange->pairs[taker->wish.pair].taken[taker->wish.side];
        *taken = quantity_add(*taken, part.quantity);
        level->quantity = quantity_subtract(level->quantity, part.quantity);
    }
    exchange_fill_order(exchange, taker, &part, false, now_us);
    return exchange_is_open(taker);
}

static void take_all(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    Range range = range_of(&exchange->pairs[order->wish.pair]);
    Path path = path_of(exchange, &order->wish);
    while (take_step(exchange, order, path.has_level ? &path.level : NULL, &range, now_us))
        if (path.has_level && path.level.quantity.units == 0)
            path.has_level = exchange_cursor_next(&path.cursor, &path.level);
}

void exchange_take(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    ExchangeWalk walk;
    ExchangeWish wish = order->wish;
    bool priced = exchange_has_price(wish.type);
    wish.quote_quantity = money_of(0); /* placed, it is bound to its quantity */
    wish.quantity = exchange_left(order);
    if (!priced || wish.force == EXCHANGE_FOK) {
        exchange_walk(exchange, &wish, &walk);
        if (priced && walk.quantity.units < wish.quantity.units) {
            exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_UNFILLED_FOK, now_us);
            return;
        }
        fund(exchange, order, walk.quote);
    }
    take_all(exchange, order, now_us);
    if (!exchange_is_open(order)) return;
    if (!priced)
        exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_NO_LIQUIDITY, now_us);
    else if (wish.force == EXCHANGE_IOC)
        exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_UNFILLED_IOC, now_us);
    else
        exchange_stand(exchange, order);
}
