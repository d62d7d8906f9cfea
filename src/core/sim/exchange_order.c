/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an order: placed with what it needs locked, cancelled, ended. The two legs of an OCO
 * list lock once, the greater need of both, at one of them; whichever acts takes that over.
 */
#include <string.h>

#include "core/sim/exchange_parts.h"

bool exchange_has_price(ExchangeType type) {
    return type == EXCHANGE_LIMIT || type == EXCHANGE_LIMIT_MAKER ||
           type == EXCHANGE_STOP_LOSS_LIMIT || type == EXCHANGE_TAKE_PROFIT_LIMIT;
}

unsigned exchange_given(const Exchange *exchange, const ExchangeWish *wish) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    return wish->side == SIDE_BUY ? pair->quote : pair->base;
}

/* Rounded up, so that the floored costs of the fills never exceed it. */
Money exchange_need(const ExchangeWish *wish, Quantity quantity) {
    if (wish->side == SIDE_SELL) return money_of(quantity.units);
    Price price = exchange_has_price(wish->type) ? wish->price : wish->stop;
    Notional notional = price_times_quantity(price, quantity);
    return money_of(notional.money.units + (notional.remainder > 0));
}

void exchange_release(Exchange *exchange, ExchangeOrder *order, Money kept) {
    Money excess = money_subtract(order->locked, kept);
    if (excess.units <= 0) return;
    ExchangeBalance *balance = &exchange->balances[exchange_given(exchange, &order->wish)];
    balance->locked = money_subtract(balance->locked, excess);
    balance->free = money_add(balance->free, excess);
    order->locked = kept;
}

static void lock(Exchange *exchange, ExchangeOrder *order, Money amount) {
    ExchangeBalance *balance = &exchange->balances[exchange_given(exchange, &order->wish)];
    CHECK(money_compare(amount, balance->free) <= 0, "what is locked was free");
    balance->free = money_subtract(balance->free, amount);
    balance->locked = money_add(balance->locked, amount);
    order->locked = money_add(order->locked, amount);
}

/* ---- the end ------------------------------------------------------------------------------- */

static void forget_open(Exchange *exchange, int64_t id) {
    unsigned kept = 0;
    for (unsigned i = 0; i < exchange->open_count; i++)
        if (exchange->open[i] != id) exchange->open[kept++] = exchange->open[i];
    exchange->open_count = kept;
}

static void end_list(Exchange *exchange, int64_t list_id, int64_t now_us) {
    ExchangeList *list = &exchange->lists[list_id % LIMIT_EXCHANGE_LISTS];
    if (list->id != list_id || list->done) return;
    for (unsigned i = 0; i < 2; i++) {
        const ExchangeOrder *leg = exchange_order(exchange, list->order_ids[i]);
        if (leg && exchange_is_open(leg)) return;
    }
    list->done = true;
    exchange_say_list(exchange, list_id, now_us);
}

void exchange_end(Exchange *exchange, ExchangeOrder *order, ExchangeStatus status,
                  ExchangeReason reason, int64_t now_us) {
    exchange_release(exchange, order, money_of(0));
    order->status = status;
    order->reason = reason;
    order->update_us = now_us;
    forget_open(exchange, order->id);
    if (status != EXCHANGE_FILLED) {
        exchange_say_order(exchange, order,
                           status == EXCHANGE_CANCELED ? EXECUTION_CANCELED : EXECUTION_EXPIRED, 0);
        exchange_say_position(exchange, order->wish.pair, false, now_us);
    }
    if (order->list_id >= 0) end_list(exchange, order->list_id, now_us);
}

static ExchangeOrder *other_leg(Exchange *exchange, const ExchangeOrder *order) {
    if (order->list_id < 0) return NULL;
    const ExchangeList *list = exchange_list(exchange, order->list_id);
    if (!list) return NULL;
    int64_t id = list->order_ids[list->order_ids[0] == order->id];
    ExchangeOrder *other = exchange_slot(exchange, id);
    return other->id == id && exchange_is_open(other) ? other : NULL;
}

void exchange_end_other(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    ExchangeOrder *other = other_leg(exchange, order);
    if (!other) return;
    order->locked = money_add(order->locked, other->locked);
    other->locked = money_of(0);
    exchange_end(exchange, other, EXCHANGE_EXPIRED, EXCHANGE_OCO_TRIGGER, now_us);
}

bool exchange_cancel(Exchange *exchange, int64_t order_id, const char *cancel_id, int64_t now_us,
                     ExchangeFault *fault) {
    ExchangeOrder *order = exchange_slot(exchange, order_id > 0 ? order_id : 0);
    if (order_id <= 0 || order->id != order_id || !exchange_is_open(order))
        return exchange_refuse(fault, -2011, "Unknown order sent.");
    ExchangeOrder *legs[2] = {order, other_leg(exchange, order)};
    for (unsigned i = 0; i < 2; i++) {
        if (!legs[i]) continue;
        bool fits = slice_copy(slice_of(cancel_id), legs[i]->cancel_id, sizeof legs[i]->cancel_id);
        if (!fits || !cancel_id || !cancel_id[0]) {
            Text text = TEXT_IN(legs[i]->cancel_id);
            text_format(&text, "cancel-%D", legs[i]->id);
            text_end(&text);
        }
        exchange_end(exchange, legs[i], EXCHANGE_CANCELED, EXCHANGE_NO_REASON, now_us);
    }
    return true;
}

/* ---- the beginning ------------------------------------------------------------------------- */

static bool insufficient(ExchangeFault *fault) {
    return exchange_refuse(fault, -2010, "Account has insufficient balance for requested action.");
}

/* A market order is bound to what the book holds now: its quantity where quote was asked for, and
 * the cost that has to be there. */
static bool weigh_market(const Exchange *exchange, ExchangeWish *wish, Money *need,
                         ExchangeFault *fault) {
    ExchangeWalk walk;
    const Filters *filters = &exchange->pairs[wish->pair].symbol.filters;
    exchange_walk(exchange, wish, wish->quantity, &walk);
    if (wish->quote_quantity.units) wish->quantity = walk.quantity;
    if (walk.quantity.units == 0 || walk.quantity.units < filters->quantity_min.units)
        return exchange_refuse(
            fault, -2010, "Order book liquidity is less than `LOT_SIZE` filter minimum quantity.");
    *need = wish->side == SIDE_BUY ? walk.quote : money_of(wish->quantity.units);
    return true;
}

static bool weigh(const Exchange *exchange, ExchangeWish *wish, Money *need, ExchangeFault *fault) {
    if (!exchange_check(exchange, wish, fault)) return false;
    if (wish->type == EXCHANGE_MARKET) return weigh_market(exchange, wish, need, fault);
    *need = exchange_need(wish, wish->quantity);
    return true;
}

static bool affordable(const Exchange *exchange, const ExchangeWish *wish, Money need,
                       ExchangeFault *fault) {
    const ExchangeBalance *balance = &exchange->balances[exchange_given(exchange, wish)];
    return money_compare(need, balance->free) <= 0 || insufficient(fault);
}

/* The place of the next id must not hold an order that is still open. */
static bool has_room(const Exchange *exchange, int64_t orders, ExchangeFault *fault) {
    for (int64_t id = exchange->order_count + 1; id <= exchange->order_count + orders; id++) {
        const ExchangeOrder *old = &exchange->orders[id % LIMIT_EXCHANGE_ORDERS];
        if (old->id && exchange_is_open(old))
            return exchange_refuse(fault, -1015, "Too many new orders.");
    }
    return true;
}

static ExchangeOrder *enter(Exchange *exchange, const ExchangeWish *wish, int64_t list_id,
                            int64_t now_us) {
    int64_t id = ++exchange->order_count;
    ExchangeOrder *order = exchange_slot(exchange, id);
    *order = (ExchangeOrder){.id = id,
                             .list_id = list_id,
                             .wish = *wish,
                             .time_us = now_us,
                             .update_us = now_us,
                             .working_us = exchange_is_stop(wish->type) ? 0 : now_us};
    if (!wish->client_id[0]) {
        Text text = TEXT_IN(order->wish.client_id);
        text_format(&text, "unnamed-%D", id);
        text_end(&text);
    }
    exchange->open[exchange->open_count++] = id;
    return order;
}

bool exchange_try(Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault) {
    ExchangeWish asked = *wish;
    Money need;
    return exchange_check_counts(exchange, wish->pair, 1, exchange_is_stop(wish->type), fault) &&
           has_room(exchange, 1, fault) && weigh(exchange, &asked, &need, fault) &&
           affordable(exchange, &asked, need, fault);
}

bool exchange_place(Exchange *exchange, const ExchangeWish *wish, int64_t now_us,
                    const ExchangeOrder **placed, ExchangeFault *fault) {
    ExchangeWish asked = *wish;
    Money need;
    if (!exchange_try(exchange, wish, fault) || !weigh(exchange, &asked, &need, fault))
        return false;
    ExchangeOrder *order = enter(exchange, &asked, -1, now_us);
    lock(exchange, order, need);
    exchange_say_order(exchange, order, EXECUTION_NEW, 0);
    exchange_say_position(exchange, asked.pair, false, now_us);
    if (asked.type == EXCHANGE_LIMIT || asked.type == EXCHANGE_MARKET)
        exchange_take(exchange, order, now_us);
    *placed = order;
    return true;
}

/* ---- lists --------------------------------------------------------------------------------- */

static Price level_of(const ExchangeWish *wish) {
    return exchange_is_stop(wish->type) ? wish->stop : wish->price;
}

/* One leg takes the profit, the other the loss, and the price stands between them. */
static bool check_legs(const Exchange *exchange, const ExchangeWish wishes[static 2],
                       ExchangeFault *fault) {
    unsigned losses = 0;
    for (unsigned i = 0; i < 2; i++) {
        ExchangeType type = wishes[i].type;
        losses += type == EXCHANGE_STOP_LOSS || type == EXCHANGE_STOP_LOSS_LIMIT;
        if (type == EXCHANGE_LIMIT || type == EXCHANGE_MARKET)
            return exchange_refuse(fault, -1158, "Invalid type for this leg of an order list.");
    }
    int64_t last = exchange->pairs[wishes[0].pair].last.units;
    bool apart = level_of(&wishes[0]).units > last && level_of(&wishes[1]).units < last;
    bool loss_above =
        wishes[0].type == EXCHANGE_STOP_LOSS || wishes[0].type == EXCHANGE_STOP_LOSS_LIMIT;
    if (losses != 1 || !apart || loss_above != (wishes[0].side == SIDE_BUY))
        return exchange_refuse(fault, -2010,
                               "The relationship of the prices for the orders is not correct.");
    return true;
}

/* The place of the next list must not hold one that is still open. */
static bool has_list_room(const Exchange *exchange, ExchangeFault *fault) {
    const ExchangeList *old = &exchange->lists[exchange->list_count % LIMIT_EXCHANGE_LISTS];
    return !old->time_us || old->done || exchange_refuse(fault, -1015, "Too many new orders.");
}

static bool weigh_legs(const Exchange *exchange, ExchangeWish legs[static 2], Money needs[static 2],
                       ExchangeFault *fault) {
    if (!check_legs(exchange, legs, fault)) return false;
    unsigned stops = exchange_is_stop(legs[0].type) + (unsigned)exchange_is_stop(legs[1].type);
    if (!exchange_check_counts(exchange, legs[0].pair, 2, stops, fault) ||
        !has_room(exchange, 2, fault) || !has_list_room(exchange, fault) ||
        !weigh(exchange, &legs[0], &needs[0], fault) ||
        !weigh(exchange, &legs[1], &needs[1], fault))
        return false;
    if (legs[0].client_id[0] && slice_is(slice_of(legs[0].client_id), legs[1].client_id))
        return exchange_refuse(fault, -2010, "Duplicate order sent.");
    Money need = money_compare(needs[0], needs[1]) >= 0 ? needs[0] : needs[1];
    return affordable(exchange, &legs[0], need, fault);
}

static ExchangeList *enter_list(Exchange *exchange, unsigned pair, const char *client_id,
                                int64_t now_us) {
    int64_t id = exchange->list_count++;
    ExchangeList *list = &exchange->lists[id % LIMIT_EXCHANGE_LISTS];
    *list = (ExchangeList){.id = id, .pair = pair, .time_us = now_us};
    if (!slice_copy(slice_of(client_id), list->client_id, sizeof list->client_id) ||
        !list->client_id[0]) {
        Text text = TEXT_IN(list->client_id);
        text_format(&text, "list-%D", id);
        text_end(&text);
    }
    return list;
}

bool exchange_place_oco(Exchange *exchange, const ExchangeWish wishes[static 2],
                        const char *client_id, int64_t now_us, const ExchangeList **placed,
                        ExchangeFault *fault) {
    ExchangeWish legs[2] = {wishes[0], wishes[1]};
    Money needs[2];
    if (!weigh_legs(exchange, legs, needs, fault)) return false;
    ExchangeList *list = enter_list(exchange, legs[0].pair, client_id, now_us);
    unsigned holder = money_compare(needs[1], needs[0]) > 0;
    for (unsigned i = 0; i < 2; i++) {
        ExchangeOrder *order = enter(exchange, &legs[i], list->id, now_us);
        list->order_ids[i] = order->id;
        if (i == holder) lock(exchange, order, needs[i]);
        exchange_say_order(exchange, order, EXECUTION_NEW, 0);
    }
    exchange_say_list(exchange, list->id, now_us);
    exchange_say_position(exchange, legs[0].pair, false, now_us);
    *placed = list;
    return true;
}
