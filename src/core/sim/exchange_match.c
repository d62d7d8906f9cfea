/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where orders meet the market: the book around the last print, takers that walk it, stops that a
 * print triggers, resting orders that a print fills. See exchange.h for the rules.
 */
#include "core/sim/exchange_parts.h"

#define PPM 1000000

/* ---- the book ------------------------------------------------------------------------------ */

static int64_t part_up(int64_t value, int64_t ppm) {
    return (int64_t)(((__int128)value * ppm + PPM - 1) / PPM);
}

/* Half a spread away and then by the slippage, at least a tick; deeper levels hold more. */
typedef struct BookAt {
    Price last;
    Quantity depth;
} BookAt;

static unsigned fill_levels(const Exchange *exchange, const ExchangePair *pair, Side side,
                            BookAt at, ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]) {
    Price tick = pair->symbol.filters.tick.units ? pair->symbol.filters.tick : price_of(1);
    int64_t half = part_up(at.last.units, exchange->costs.half_spread_ppm);
    int64_t apart =
        price_ceil(price_of(part_up(at.last.units, exchange->costs.slippage_ppm)), tick).units;
    Price first = side == SIDE_SELL ? price_ceil(price_of(at.last.units + half), tick)
                                    : price_floor(price_of(at.last.units - half), tick);
    /* Where half a spread is less than a tick, bids and asks still do not meet. */
    if (side == SIDE_SELL && first.units == at.last.units) first.units += tick.units;
    if (apart < tick.units) apart = tick.units;
    unsigned count = 0;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_LEVELS; i++) {
        int64_t price = side == SIDE_SELL ? first.units + apart * i : first.units - apart * i;
        if (price <= 0) break;
        levels[count++] =
            (ExchangeLevel){price_of(price), quantity_of(at.depth.units * (1 + i / 4))};
    }
    return count;
}

unsigned exchange_book_before(const Exchange *exchange, unsigned index, Side side,
                              ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]) {
    const ExchangePair *pair = &exchange->pairs[index];
    if (pair->last_before.units <= 0) return 0;
    return fill_levels(exchange, pair, side, (BookAt){pair->last_before, pair->depth_before},
                       levels);
}

unsigned exchange_book(const Exchange *exchange, unsigned index, Side side,
                       ExchangeLevel levels[static LIMIT_EXCHANGE_LEVELS]) {
    const ExchangePair *pair = &exchange->pairs[index];
    if (pair->last.units <= 0) return 0;
    unsigned count = fill_levels(exchange, pair, side, (BookAt){pair->last, pair->depth}, levels);
    unsigned kept = 0;
    int64_t taken = pair->taken[side == SIDE_SELL ? SIDE_BUY : SIDE_SELL].units;
    for (unsigned i = 0; i < count; i++) {
        int64_t gone = taken < levels[i].quantity.units ? taken : levels[i].quantity.units;
        taken -= gone;
        levels[i].quantity.units -= gone;
        if (levels[i].quantity.units > 0) levels[kept++] = levels[i];
    }
    return kept;
}

static bool too_far(const ExchangeWish *wish, Price price) {
    if (!exchange_has_price(wish->type)) return false;
    return wish->side == SIDE_BUY ? price.units > wish->price.units
                                  : price.units < wish->price.units;
}

void exchange_walk(const Exchange *exchange, const ExchangeWish *wish, Quantity quantity,
                   ExchangeWalk *walk) {
    Quantity step = exchange->pairs[wish->pair].symbol.filters.step;
    bool by_quote = wish->quote_quantity.units > 0;
    walk->count = 0;
    walk->quantity = quantity_of(0);
    walk->quote = money_of(0);
    unsigned count = exchange_book(exchange, wish->pair,
                                   wish->side == SIDE_BUY ? SIDE_SELL : SIDE_BUY, walk->levels);
    for (unsigned i = 0; i < count; i++) {
        ExchangeLevel level = walk->levels[i];
        if (too_far(wish, level.price)) break;
        Quantity wanted = quantity_subtract(quantity, walk->quantity);
        if (by_quote)
            wanted = quantity_floor(
                money_over_price(money_subtract(wish->quote_quantity, walk->quote), level.price),
                step);
        if (wanted.units < level.quantity.units) level.quantity = wanted;
        if (level.quantity.units <= 0) break;
        walk->levels[walk->count++] = level;
        walk->quantity = quantity_add(walk->quantity, level.quantity);
        walk->quote =
            money_add(walk->quote, price_times_quantity(level.price, level.quantity).money);
    }
}

/* ---- a fill -------------------------------------------------------------------------------- */

/* What the fee is worth in BNB; false where that cannot be told or paid. */
static bool fee_in_bnb(const Exchange *exchange, const ExchangePair *pair, Money quote,
                       int64_t rate_ppm, Money *fee, unsigned *asset) {
    int bnb = exchange_find_asset(exchange, SLICE("BNB"));
    if (!exchange->costs.pays_in_bnb || bnb < 0) return false;
    int64_t reduced = rate_ppm * (PPM - exchange->costs.discount_ppm) / PPM;
    Money worth = money_share_up(quote, reduced, PPM);
    *asset = (unsigned)bnb;
    for (unsigned i = 0; i < exchange->pair_count; i++) {
        const ExchangePair *priced = &exchange->pairs[i];
        if (priced->base != (unsigned)bnb || priced->quote != pair->quote || !priced->last.units)
            continue;
        *fee = money_of(money_over_price(worth, priced->last).units + 1);
        return money_compare(*fee, exchange->balances[bnb].free) <= 0;
    }
    return false;
}

static void settle(Exchange *exchange, ExchangeOrder *order, ExchangeFill *fill) {
    const ExchangePair *pair = &exchange->pairs[order->wish.pair];
    bool buys = order->wish.side == SIDE_BUY;
    Money given = buys ? fill->quote : money_of(fill->quantity.units);
    Money received = buys ? money_of(fill->quantity.units) : fill->quote;
    ExchangeBalance *from = &exchange->balances[buys ? pair->quote : pair->base];
    unsigned target = buys ? pair->base : pair->quote;
    CHECK(money_compare(given, order->locked) <= 0, "a fill costs no more than was locked");
    order->locked = money_subtract(order->locked, given);
    from->locked = money_subtract(from->locked, given);
    int64_t rate = fill->maker ? exchange->costs.maker_ppm : exchange->costs.taker_ppm;
    if (!fee_in_bnb(exchange, pair, fill->quote, rate, &fill->fee, &fill->fee_asset)) {
        fill->fee_asset = target;
        fill->fee = money_share_up(received, rate, PPM);
    }
    ExchangeBalance *to = &exchange->balances[target];
    to->free = money_add(to->free, received);
    ExchangeBalance *payer = &exchange->balances[fill->fee_asset];
    payer->free = money_subtract(payer->free, fill->fee);
}

void exchange_fill_order(Exchange *exchange, ExchangeOrder *order, const ExchangeLevel *level,
                         bool maker, int64_t now_us) {
    int64_t id = ++exchange->fill_count;
    ExchangeFill *fill = &exchange->fills[id % LIMIT_EXCHANGE_FILLS];
    *fill = (ExchangeFill){.id = id,
                           .order_id = order->id,
                           .list_id = order->list_id,
                           .pair = order->wish.pair,
                           .side = order->wish.side,
                           .price = level->price,
                           .quantity = level->quantity,
                           .quote = price_times_quantity(level->price, level->quantity).money,
                           .time_us = now_us,
                           .maker = maker};
    exchange_end_other(exchange, order, now_us);
    settle(exchange, order, fill);
    order->executed = quantity_add(order->executed, fill->quantity);
    order->quote_executed = money_add(order->quote_executed, fill->quote);
    order->update_us = now_us;
    Quantity rest = quantity_subtract(order->wish.quantity, order->executed);
    order->status = rest.units == 0 ? EXCHANGE_FILLED : EXCHANGE_PARTIALLY_FILLED;
    if (rest.units == 0)
        exchange_end(exchange, order, EXCHANGE_FILLED, EXCHANGE_NO_REASON, now_us);
    else if (exchange_has_price(order->wish.type))
        exchange_release(exchange, order, exchange_need(&order->wish, rest));
    exchange_say_order(exchange, order, EXECUTION_TRADE, id);
    exchange_say_position(exchange, order->wish.pair, true, now_us);
}

/* ---- takers -------------------------------------------------------------------------------- */

/* A triggered market order may cost more than its stop price had locked: the rest has to be free,
 * or it takes less. */
static void fund(Exchange *exchange, ExchangeOrder *order, ExchangeWalk *walk) {
    ExchangeBalance *balance = &exchange->balances[exchange_given(exchange, &order->wish)];
    if (order->wish.side == SIDE_SELL || exchange_has_price(order->wish.type)) return;
    Money lacking = money_subtract(walk->quote, order->locked);
    if (lacking.units <= 0) return;
    if (money_compare(lacking, balance->free) > 0) {
        ExchangeWish bounded = order->wish;
        bounded.quote_quantity = money_add(order->locked, balance->free);
        exchange_walk(exchange, &bounded, bounded.quantity, walk);
        lacking = money_subtract(walk->quote, order->locked);
        if (lacking.units <= 0) return;
    }
    balance->free = money_subtract(balance->free, lacking);
    balance->locked = money_add(balance->locked, lacking);
    order->locked = money_add(order->locked, lacking);
}

void exchange_take(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    ExchangeWalk walk;
    ExchangeWish wish = order->wish;
    wish.quote_quantity = money_of(0); /* placed, it is bound to its quantity */
    exchange_walk(exchange, &wish, wish.quantity, &walk);
    bool priced = exchange_has_price(wish.type);
    if (priced && wish.force == EXCHANGE_FOK && walk.quantity.units < wish.quantity.units) {
        exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_UNFILLED_FOK, now_us);
        return;
    }
    fund(exchange, order, &walk);
    Quantity *taken = &exchange->pairs[wish.pair].taken[wish.side];
    *taken = quantity_add(*taken, walk.quantity);
    for (unsigned i = 0; i < walk.count; i++)
        exchange_fill_order(exchange, order, &walk.levels[i], false, now_us);
    if (!exchange_is_open(order)) return;
    if (!priced)
        exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_NO_LIQUIDITY, now_us);
    else if (wish.force == EXCHANGE_IOC)
        exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_UNFILLED_IOC, now_us);
}

void exchange_trigger(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    exchange_end_other(exchange, order, now_us);
    order->working_us = order->update_us = now_us;
    exchange_say_order(exchange, order, EXECUTION_NEW, 0);
    exchange_take(exchange, order, now_us);
}

/* ---- a print ------------------------------------------------------------------------------- */

static void begin_minute(ExchangePair *pair, const ExchangePrint *print) {
    pair->minute = (Bar){.time_us = interval_floor(print->time_us, INSTANT_MINUTE_US),
                         .open = print->price,
                         .high = print->price,
                         .low = print->price,
                         .bars = 1};
}

static void note_print(ExchangePair *pair, const ExchangePrint *print) {
    Bar *bar = &pair->minute;
    bar->close = print->price;
    if (print->price.units > bar->high.units) bar->high = print->price;
    if (print->price.units < bar->low.units) bar->low = print->price;
    pair->last = print->price;
    pair->taken[0] = pair->taken[1] = quantity_of(0);
    if (print->quantity.units == 0) return; /* the price of a quiet market, not a trade */
    double quantity = quantity_double(print->quantity);
    bar->volume += quantity;
    bar->quote_volume += quantity * price_double(print->price);
    if (!print->buyer_is_maker) bar->taker_volume += quantity;
    bar->trades++;
    int64_t id = ++pair->print_count;
    pair->prints[id % LIMIT_EXCHANGE_PRINTS] = *print;
    pair->prints[id % LIMIT_EXCHANGE_PRINTS].id = id;
}

static void trigger_stops(Exchange *exchange, unsigned index, const ExchangePrint *print) {
    int64_t due[LIMIT_EXCHANGE_OPEN];
    unsigned count = 0;
    for (unsigned i = 0; i < exchange->open_count; i++) {
        const ExchangeOrder *order = exchange_slot(exchange, exchange->open[i]);
        if (order->wish.pair == index && order->working_us == 0 &&
            exchange_stop_reached(&order->wish, print->price))
            due[count++] = order->id;
    }
    for (unsigned i = 0; i < count; i++) {
        ExchangeOrder *order = exchange_slot(exchange, due[i]);
        if (exchange_is_open(order)) exchange_trigger(exchange, order, print->time_us);
    }
}

static bool comes_before(const ExchangeOrder *a, const ExchangeOrder *b) {
    if (a->wish.price.units == b->wish.price.units) return a->id < b->id;
    return (a->wish.price.units > b->wish.price.units) == (a->wish.side == SIDE_BUY);
}

/* The best resting order of the side that the print touches; NULL: none. */
static ExchangeOrder *best_touched(Exchange *exchange, unsigned index, Side side, Price price) {
    ExchangeOrder *best = NULL;
    for (unsigned i = 0; i < exchange->open_count; i++) {
        ExchangeOrder *order = exchange_slot(exchange, exchange->open[i]);
        if (order->wish.pair != index || order->wish.side != side || order->working_us == 0)
            continue;
        bool touched = side == SIDE_BUY ? price.units <= order->wish.price.units
                                        : price.units >= order->wish.price.units;
        if (touched && (!best || comes_before(order, best))) best = order;
    }
    return best;
}

static void fill_resting(Exchange *exchange, unsigned index, const ExchangePrint *print) {
    Quantity step = exchange->pairs[index].symbol.filters.step;
    Quantity rest =
        quantity_floor(quantity_share(print->quantity, exchange->costs.share_ppm, PPM), step);
    for (Side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        ExchangeOrder *order;
        while (rest.units > 0 && (order = best_touched(exchange, index, side, print->price))) {
            Quantity wanted = quantity_subtract(order->wish.quantity, order->executed);
            ExchangeLevel level = {order->wish.price, wanted.units < rest.units ? wanted : rest};
            rest = quantity_subtract(rest, level.quantity);
            exchange_fill_order(exchange, order, &level, true, print->time_us);
        }
    }
}

bool exchange_print(Exchange *exchange, unsigned index, const ExchangePrint *print) {
    ExchangePair *pair = &exchange->pairs[index];
    pair->last_before = pair->last;
    pair->depth_before = pair->depth;
    pair->update_count++;
    bool closes = pair->minute.bars && print->time_us >= pair->minute.time_us + INSTANT_MINUTE_US;
    if (closes) {
        Bar closed = pair->minute;
        exchange_history(exchange, index, &closed);
    }
    if (closes || !pair->minute.bars) begin_minute(pair, print);
    note_print(pair, print);
    trigger_stops(exchange, index, print);
    fill_resting(exchange, index, print);
    return closes;
}
