/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A print of the market: it goes into its minute, renews the book, moves and triggers stops, and
 * fills what rests at its price. Nothing is looked at but the rows of its pair.
 */
#include "core/sim/exchange_parts.h"

#include <string.h>

/* ---- the minute ---------------------------------------------------------------------------- */

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

/* ---- stops --------------------------------------------------------------------------------- */

static void trigger(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    exchange_end_other(exchange, order, now_us);
    exchange_unstand(exchange, order);
    order->working_us = order->update_us = now_us;
    exchange_say_order(exchange, order, EXECUTION_NEW, 0);
    exchange_take(exchange, order, now_us);
}

/* A trailing stop follows the best price since it began to, from its stop price on if it has one,
 * and is due when the price has come back by its basis points. */
static bool follow(ExchangeOrder *order, const ExchangePrint *print) {
    bool sells = order->wish.side == SIDE_SELL;
    int64_t price = print->price.units;
    if (!order->trailing_us) {
        if (order->wish.stop.units && !exchange_stop_reached(&order->wish, print->price))
            return false;
        order->trailing_us = print->time_us;
        order->extreme = print->price;
        return false;
    }
    if (sells ? price > order->extreme.units : price < order->extreme.units)
        order->extreme = print->price;
    __int128 scaled = (__int128)price * BASIS_POINTS, from = order->extreme.units;
    int64_t delta = order->wish.trailing;
    return sells ? scaled <= from * (BASIS_POINTS - delta)
                 : scaled >= from * (BASIS_POINTS + delta);
}

static bool is_due(ExchangeOrder *order, const ExchangePrint *print) {
    return order->wish.trailing ? follow(order, print)
                                : exchange_stop_reached(&order->wish, print->price);
}

static void trigger_stops(Exchange *exchange, ExchangePair *pair, const ExchangePrint *print) {
    uint16_t due[LIMIT_EXCHANGE_STANDING];
    unsigned count = 0;
    for (unsigned i = 0; i < pair->waiting.count; i++)
        if (is_due(&exchange->orders[pair->waiting.places[i]], print))
            due[count++] = pair->waiting.places[i];
    for (unsigned i = 0; i < count; i++) {
        ExchangeOrder *order = &exchange->orders[due[i]];
        if (order->stand == STANDS_WAITING) trigger(exchange, order, print->time_us);
    }
}

/* ---- orders that rest ---------------------------------------------------------------------- */

static bool touches(const ExchangeOrder *order, Price price) {
    return order->wish.side == SIDE_BUY ? price.units <= order->wish.price.units
                                        : price.units >= order->wish.price.units;
}

static void fill_part(Exchange *exchange, ExchangeOrder *order, Quantity quantity,
                      const ExchangePrint *print) {
    ExchangeLevel level = {order->wish.price, quantity};
    exchange_fill_order(exchange, order, &level, true, print->time_us);
}

static void fill_by_share(Exchange *exchange, unsigned index, const ExchangePrint *print) {
    Quantity step = exchange->pairs[index].symbol.filters.step;
    Quantity rest =
        quantity_floor(quantity_share(print->quantity, exchange->costs.share_ppm, PPM), step);
    for (Side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        ExchangeOrder *order;
        while (rest.units > 0 && (order = exchange_best(exchange, index, side)) &&
               touches(order, print->price)) {
            Quantity part = order->shown.units < rest.units ? order->shown : rest;
            rest = quantity_subtract(rest, part);
            fill_part(exchange, order, part, print);
        }
    }
}

/* At their own price: what stood there of the market trades first, then each in its turn. */
static void fill_in_turn(Exchange *exchange, ExchangePair *pair, Side side,
                         const ExchangePrint *print) {
    uint16_t places[LIMIT_EXCHANGE_STANDING];
    const ExchangeStanding *row = &pair->resting[side];
    unsigned count = 0;
    while (count < row->count &&
           exchange->orders[row->places[count]].wish.price.units == print->price.units) {
        places[count] = row->places[count];
        count++;
    }
    int64_t rest = print->quantity.units, market = 0;
    for (unsigned i = 0; i < count; i++) {
        ExchangeOrder *order = &exchange->orders[places[i]];
        if (order->stand != STANDS_RESTING) continue;
        int64_t ahead = order->ahead.units - market;
        int64_t gone = ahead <= 0 ? 0 : ahead < rest ? ahead : rest;
        market += gone;
        rest -= gone;
        order->ahead.units = ahead > gone ? ahead - gone : 0;
        if (rest <= 0) continue;
        int64_t part = order->shown.units < rest ? order->shown.units : rest;
        rest -= part;
        fill_part(exchange, order, quantity_of(part), print);
    }
}

/* A print through a price has traded everything at it. */
static void fill_by_queue(Exchange *exchange, unsigned index, const ExchangePrint *print) {
    ExchangePair *pair = &exchange->pairs[index];
    if (print->quantity.units <= 0) return;
    for (Side side = SIDE_BUY; side <= SIDE_SELL; side++) {
        ExchangeOrder *order;
        while ((order = exchange_best(exchange, index, side)) && touches(order, print->price) &&
               order->wish.price.units != print->price.units)
            fill_part(exchange, order, order->shown, print);
        if (order && touches(order, print->price) && print->buyer_is_maker == (side == SIDE_BUY))
            fill_in_turn(exchange, pair, side, print);
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void match(Exchange *exchange, unsigned index, const ExchangePrint *print) {
    ExchangePair *pair = &exchange->pairs[index];
    if (pair->waiting.count) trigger_stops(exchange, pair, print);
    if (!pair->resting[SIDE_BUY].count && !pair->resting[SIDE_SELL].count) {
        exchange_enter_due(exchange, print->time_us);
        return;
    }
    if (exchange->costs.queue == EXCHANGE_QUEUE_TRADES)
        fill_by_queue(exchange, index, print);
    else
        fill_by_share(exchange, index, print);
    exchange_enter_due(exchange, print->time_us);
}

bool exchange_print(Exchange *exchange, unsigned index, const ExchangePrint *told) {
    ExchangePair *pair = &exchange->pairs[index];
    bool trades = pair->trading == EXCHANGE_TRADING;
    ExchangePrint print = *told;
    if (!trades) { /* time passes at the last price */
        print.price = pair->last;
        print.quantity = quantity_of(0);
    }
    if (print.price.units <= 0) return false;
    pair->last_before = pair->last;
    pair->depth_before = pair->depth;
    pair->update_count++;
    bool closes = pair->minute.bars && print.time_us >= pair->minute.time_us + INSTANT_MINUTE_US;
    if (closes) {
        Bar closed = pair->minute;
        exchange_history(exchange, index, &closed);
    }
    if (closes || !pair->minute.bars) begin_minute(pair, &print);
    note_print(pair, &print);
    if (trades) match(exchange, index, &print);
    return closes;
}
