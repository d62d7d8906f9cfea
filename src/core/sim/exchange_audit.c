/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the exchange agrees with itself: no balance below zero; what an account has locked is
 * what its open orders and lists hold; an order holds what is left of it, or its pair does; every
 * open order stands where it belongs, in its turn; every list is as done as its legs. Slow: for
 * tests, and for what comes out of a file.
 */
#include "core/sim/exchange_parts.h"

/* ---- orders -------------------------------------------------------------------------------- */

static bool sane_wish(const Exchange *exchange, const ExchangeWish *wish) {
    return wish->account < exchange->account_count && wish->pair < exchange->pair_count &&
           (unsigned)wish->side <= SIDE_SELL && (unsigned)wish->type < EXCHANGE_TYPE_COUNT &&
           (unsigned)wish->force < EXCHANGE_FORCE_COUNT &&
           (unsigned)wish->prevention < EXCHANGE_PREVENTION_COUNT && wish->quantity.units >= 0 &&
           wish->price.units >= 0 && wish->stop.units >= 0 &&
           wish->client_id[LIMIT_EXCHANGE_CLIENT_ID - 1] == 0;
}

static const char *audit_order(const Exchange *exchange, const ExchangeOrder *order) {
    if (!sane_wish(exchange, &order->wish)) return "an order wishes for what there is not";
    if ((unsigned)order->status >= EXCHANGE_STATUS_COUNT ||
        (unsigned)order->reason >= EXCHANGE_REASON_COUNT)
        return "an order has an unknown status";
    if (order->executed.units < 0 || order->prevented.units < 0 || exchange_left(order).units < 0)
        return "an order has executed more than was asked for";
    if (order->status == EXCHANGE_FILLED && exchange_left(order).units)
        return "a filled order has something left";
    if (!exchange_is_open(order))
        return order->locked.units || order->stand ? "a closed order holds something" : NULL;
    if (order->status == EXCHANGE_PENDING_NEW)
        return order->locked.units || order->stand ? "a pending order holds something" : NULL;
    if (exchange_left(order).units <= 0) return "an open order has nothing left";
    if (order->stand == STANDS_NOWHERE) return "an open order stands nowhere";
    if ((order->stand == STANDS_RESTING) != (order->working_us != 0))
        return "an order stands where it does not belong";
    return order->shown.units <= exchange_left(order).units ? NULL : "an order shows too much";
}

static Money need_of(const ExchangeOrder *order) {
    return exchange_need(order->wish.side, order->bound, exchange_left(order));
}

/* One that was partly filled while it was a leg's holder has its pair's lock no more. */
static const char *audit_lock(const Exchange *exchange, const ExchangeOrder *order) {
    const ExchangeList *list = exchange_list(exchange, order->list_id);
    Money need = need_of(order), locked = order->locked;
    for (unsigned i = 0; list && i < list->leg_count; i++) {
        const ExchangeOrder *leg = exchange_order(exchange, list->order_ids[i]);
        if (!leg || leg == order || !exchange_is_open(leg) || leg->status == EXCHANGE_PENDING_NEW)
            continue;
        locked = money_add(locked, leg->locked);
        if (money_compare(need_of(leg), need) > 0) need = need_of(leg);
    }
    return money_compare(locked, need) == 0 ? NULL : "an order has not locked what it needs";
}

/* ---- accounts ------------------------------------------------------------------------------ */

static const char *audit_open(const Exchange *exchange, unsigned index,
                              Money sums[static LIMIT_EXCHANGE_ASSETS]) {
    const ExchangeAccount *account = &exchange->accounts[index];
    if (account->open_count > LIMIT_EXCHANGE_OPEN) return "too many open orders";
    for (unsigned i = 0; i < account->open_count; i++) {
        const ExchangeOrder *order = exchange_order(exchange, account->open[i]);
        if (!order || !exchange_is_open(order) || order->wish.account != index)
            return "an open order is not there";
        if (i && account->open[i] <= account->open[i - 1]) return "open orders are out of order";
        const char *wrong = audit_order(exchange, order);
        if (!wrong && order->status != EXCHANGE_PENDING_NEW) wrong = audit_lock(exchange, order);
        if (wrong) return wrong;
        const ExchangePair *pair = &exchange->pairs[order->wish.pair];
        unsigned asset = order->wish.side == SIDE_BUY ? pair->quote : pair->base;
        sums[asset] = money_add(sums[asset], order->locked);
    }
    return NULL;
}

static const char *audit_account(const Exchange *exchange, unsigned index) {
    const ExchangeAccount *account = &exchange->accounts[index];
    Money sums[LIMIT_EXCHANGE_ASSETS] = {{0}};
    const char *wrong = audit_open(exchange, index, sums);
    if (wrong) return wrong;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_LISTS && i < exchange->list_count; i++) {
        const ExchangeList *list = &exchange->lists[i];
        if (list->account != index || list->pair >= exchange->pair_count) continue;
        unsigned base = exchange->pairs[list->pair].base;
        sums[base] = money_add(sums[base], list->reserved);
    }
    for (unsigned i = 0; i < exchange->asset_count; i++) {
        const ExchangeBalance *balance = &account->balances[i];
        if (balance->free.units < 0 || balance->locked.units < 0) return "a balance is below zero";
        if (money_compare(balance->locked, sums[i]) != 0)
            return "what is locked is not what the orders hold";
    }
    return NULL;
}

/* ---- the book ------------------------------------------------------------------------------ */

static bool in_turn(const ExchangeOrder *a, const ExchangeOrder *b) {
    if (a->stand == STANDS_WAITING || a->wish.price.units == b->wish.price.units)
        return a->turn < b->turn;
    return (a->wish.price.units > b->wish.price.units) == (a->wish.side == SIDE_BUY);
}

static const char *audit_row(const Exchange *exchange, unsigned pair, const ExchangeStanding *row,
                             ExchangeStand stand) {
    const ExchangePair *own = &exchange->pairs[pair];
    if (row->count > LIMIT_EXCHANGE_STANDING) return "too many orders stand";
    for (unsigned i = 0; i < row->count; i++) {
        if (row->places[i] >= LIMIT_EXCHANGE_ORDERS || row->places[i] > exchange->order_count)
            return "an order stands that never was";
        const ExchangeOrder *order = &exchange->orders[row->places[i]];
        const ExchangeOrder *before = i ? &exchange->orders[row->places[i - 1]] : NULL;
        if (!exchange_is_open(order) || order->stand != stand || order->wish.pair != pair)
            return "an order stands that should not";
        if (stand == STANDS_RESTING && row != &own->resting[order->wish.side])
            return "an order stands on the other side";
        if (before && !in_turn(before, order)) return "orders stand out of turn";
    }
    return NULL;
}

static unsigned open_in(const Exchange *exchange, unsigned pair) {
    unsigned count = 0;
    for (unsigned i = 0; i < exchange->account_count; i++)
        for (unsigned k = 0; k < exchange->accounts[i].open_count; k++) {
            const ExchangeOrder *order = exchange_order(exchange, exchange->accounts[i].open[k]);
            count += order->wish.pair == pair && order->status != EXCHANGE_PENDING_NEW;
        }
    return count;
}

static const char *audit_pair(const Exchange *exchange, unsigned index) {
    const ExchangePair *pair = &exchange->pairs[index];
    const char *wrong = audit_row(exchange, index, &pair->resting[0], STANDS_RESTING);
    if (!wrong) wrong = audit_row(exchange, index, &pair->resting[1], STANDS_RESTING);
    if (!wrong) wrong = audit_row(exchange, index, &pair->waiting, STANDS_WAITING);
    if (wrong) return wrong;
    unsigned standing = pair->resting[0].count + pair->resting[1].count + pair->waiting.count;
    return standing == open_in(exchange, index) ? NULL : "not every open order stands";
}

/* ---- lists --------------------------------------------------------------------------------- */

static const char *audit_list(const Exchange *exchange, const ExchangeList *list) {
    unsigned open = 0;
    if ((unsigned)list->kind >= EXCHANGE_LIST_KIND_COUNT || list->leg_count < 2 ||
        list->leg_count > LIMIT_EXCHANGE_LEGS || list->account >= exchange->account_count ||
        list->pair >= exchange->pair_count)
        return "a list is of no kind";
    for (unsigned i = 0; i < list->leg_count; i++) {
        const ExchangeOrder *leg = exchange_order(exchange, list->order_ids[i]);
        open += leg && exchange_is_open(leg);
    }
    if (list->done) return open || list->reserved.units ? "a list that is done goes on" : NULL;
    return open ? NULL : "a list without open orders goes on";
}

const char *exchange_audit(const Exchange *exchange) {
    const char *wrong = NULL;
    for (unsigned i = 0; i < exchange->account_count && !wrong; i++)
        wrong = audit_account(exchange, i);
    for (int64_t id = 1; id <= exchange->order_count && id < LIMIT_EXCHANGE_ORDERS && !wrong; id++)
        wrong = audit_order(exchange, &exchange->orders[id]);
    for (unsigned i = 0; i < exchange->pair_count && !wrong; i++)
        wrong = audit_pair(exchange, i);
    for (unsigned i = 0; i < LIMIT_EXCHANGE_LISTS && i < exchange->list_count && !wrong; i++)
        wrong = audit_list(exchange, &exchange->lists[i]);
    return wrong;
}
