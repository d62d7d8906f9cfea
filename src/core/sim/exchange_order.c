/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an order: placed with what it needs locked, amended, cancelled, ended. */
#include <string.h>

#include "core/sim/exchange_parts.h"

bool exchange_has_price(ExchangeType type) {
    return type == EXCHANGE_LIMIT || type == EXCHANGE_LIMIT_MAKER ||
           type == EXCHANGE_STOP_LOSS_LIMIT || type == EXCHANGE_TAKE_PROFIT_LIMIT;
}

ExchangeBalance *exchange_balance(Exchange *exchange, unsigned account, unsigned asset) {
    return &exchange->accounts[account].balances[asset];
}

static unsigned given_asset(const Exchange *exchange, const ExchangeWish *wish) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    return wish->side == SIDE_BUY ? pair->quote : pair->base;
}

ExchangeBalance *exchange_given(Exchange *exchange, const ExchangeWish *wish) {
    return exchange_balance(exchange, wish->account, given_asset(exchange, wish));
}

Quantity exchange_left(const ExchangeOrder *order) {
    return quantity_subtract(quantity_subtract(order->wish.quantity, order->executed),
                             order->prevented);
}

/* ---- what is locked ------------------------------------------------------------------------ */

/* A stop that buys at the market's price is locked at its stop, one that trails at the price it
 * would be triggered by if the market rose from now on. */
Price exchange_bound(const Exchange *exchange, const ExchangeWish *wish) {
    if (exchange_has_price(wish->type)) return wish->price;
    Price from = wish->stop.units ? wish->stop : exchange->pairs[wish->pair].last;
    __int128 risen = (__int128)from.units * (BASIS_POINTS + wish->trailing);
    risen = (risen + BASIS_POINTS - 1) / BASIS_POINTS;
    return price_of(risen < INT64_MAX ? (int64_t)risen : INT64_MAX);
}

/* Rounded up, so that the floored costs of the fills never exceed it. */
Money exchange_need(Side side, Price bound, Quantity quantity) {
    if (side == SIDE_SELL) return money_of(quantity.units);
    Notional notional = price_times_quantity(bound, quantity);
    return money_of(notional.money.units + (notional.remainder > 0));
}

void exchange_release(Exchange *exchange, ExchangeOrder *order, Money kept) {
    Money excess = money_subtract(order->locked, kept);
    if (excess.units <= 0) return;
    ExchangeBalance *balance = exchange_given(exchange, &order->wish);
    balance->locked = money_subtract(balance->locked, excess);
    balance->free = money_add(balance->free, excess);
    order->locked = kept;
}

void exchange_lock(Exchange *exchange, ExchangeOrder *order, Money amount) {
    ExchangeBalance *balance = exchange_given(exchange, &order->wish);
    CHECK(money_compare(amount, balance->free) <= 0, "what is locked was free");
    balance->free = money_subtract(balance->free, amount);
    balance->locked = money_add(balance->locked, amount);
    order->locked = money_add(order->locked, amount);
}

/* ---- the end ------------------------------------------------------------------------------- */

static void forget_open(ExchangeAccount *account, int64_t id) {
    unsigned at = account->open_count;
    while (at > 0 && account->open[at - 1] != id)
        at--;
    if (at == 0) return;
    account->open_count--;
    memmove(&account->open[at - 1], &account->open[at],
            (account->open_count - (at - 1)) * sizeof account->open[0]);
}

void exchange_end(Exchange *exchange, ExchangeOrder *order, ExchangeStatus status,
                  ExchangeReason reason, int64_t now_us) {
    exchange_unstand(exchange, order);
    exchange_release(exchange, order, money_of(0));
    order->status = status;
    order->reason = reason;
    order->update_us = now_us;
    forget_open(&exchange->accounts[order->wish.account], order->id);
    if (status == EXCHANGE_EXPIRED_IN_MATCH)
        exchange_say_order(exchange, order, EXECUTION_PREVENTED, 0)->prevented_id =
            order->prevented_id;
    else if (status != EXCHANGE_FILLED)
        exchange_say_order(exchange, order,
                           status == EXCHANGE_CANCELED ? EXECUTION_CANCELED : EXECUTION_EXPIRED, 0);
    if (status != EXCHANGE_FILLED) exchange_say_position(exchange, &order->wish, false, now_us);
    if (order->list_id >= 0) exchange_list_moved(exchange, order, now_us);
}

static void cancel_one(Exchange *exchange, ExchangeOrder *order, const char *cancel_id,
                       int64_t now_us) {
    bool fits = slice_copy(slice_of(cancel_id), order->cancel_id, sizeof order->cancel_id);
    if (!fits || !cancel_id || !cancel_id[0]) {
        Text text = TEXT_IN(order->cancel_id);
        text_format(&text, "cancel-%D", order->id);
        text_end(&text);
    }
    exchange_end(exchange, order, EXCHANGE_CANCELED, EXCHANGE_NO_REASON, now_us);
}

bool exchange_cancel(Exchange *exchange, int64_t order_id, const char *cancel_id, int64_t now_us,
                     ExchangeFault *fault) {
    const ExchangeOrder *found = exchange_order(exchange, order_id);
    if (!found || !exchange_is_open(found))
        return exchange_refuse(fault, -2011, "Unknown order sent.");
    const ExchangeList *list = exchange_list(exchange, found->list_id);
    if (!list) {
        cancel_one(exchange, exchange_slot(exchange, order_id), cancel_id, now_us);
        return true;
    }
    for (unsigned i = 0; i < list->leg_count; i++) {
        ExchangeOrder *leg = exchange_slot(exchange, list->order_ids[i]);
        if (leg->id == list->order_ids[i] && exchange_is_open(leg))
            cancel_one(exchange, leg, cancel_id, now_us);
    }
    return true;
}

/* ---- the beginning ------------------------------------------------------------------------- */

/* A market order is bound to what the book holds now: its quantity where quote was asked for, and
 * the cost that has to be there. */
static bool weigh_market(const Exchange *exchange, ExchangeWish *wish, Money *need,
                         ExchangeFault *fault) {
    ExchangeWalk walk;
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    exchange_walk(exchange, wish, &walk);
    bool by_quote = wish->quote_quantity.units > 0;
    if (by_quote) wish->quantity = walk.quantity;
    if (!by_quote && walk.prevented) {
        /* It will meet itself: what it can get before that is little, but it may be sent. */
        *need = wish->side == SIDE_BUY ? walk.quote : money_of(wish->quantity.units);
        return true;
    }
    if (walk.quantity.units == 0 || walk.quantity.units < pair->symbol.filters.quantity_min.units)
        return exchange_refuse(
            fault, -2010, "Order book liquidity is less than `LOT_SIZE` filter minimum quantity.");
    if (by_quote && walk.quantity.units < pair->rules.market_min.units)
        return exchange_refuse(
            fault, -2010,
            "Order book liquidity is less than `MARKET_LOT_SIZE` filter minimum quantity.");
    *need = wish->side == SIDE_BUY ? walk.quote : money_of(wish->quantity.units);
    return true;
}

bool exchange_weigh(const Exchange *exchange, ExchangeWish *wish, Money *need,
                    ExchangeFault *fault) {
    if (!exchange_check_moment(exchange, wish, fault)) return false;
    if (wish->type == EXCHANGE_MARKET) return weigh_market(exchange, wish, need, fault);
    *need = exchange_need(wish->side, exchange_bound(exchange, wish), wish->quantity);
    return true;
}

bool exchange_affords(const Exchange *exchange, const ExchangeWish *wish, Money need,
                      ExchangeFault *fault) {
    const ExchangeAccount *account = &exchange->accounts[wish->account];
    const ExchangeBalance *balance = &account->balances[given_asset(exchange, wish)];
    return money_compare(need, balance->free) <= 0 ||
           exchange_refuse(fault, -2010, "Account has insufficient balance for requested action.");
}

void exchange_name(Exchange *exchange, ExchangeOrder *order, const char *client_id) {
    if (!slice_copy(slice_of(client_id), order->wish.client_id, sizeof order->wish.client_id) ||
        !order->wish.client_id[0]) {
        Text text = TEXT_IN(order->wish.client_id);
        text_format(&text, "unnamed-%D", order->id);
        if (order->amends) text_format(&text, "-%d", (int)order->amends);
        text_end(&text);
    }
    exchange->names[order->id % LIMIT_EXCHANGE_ORDERS] =
        exchange_hash(order->wish.account, slice_of(order->wish.client_id));
}

/* The place of the next id may hold an order that is still open: that id is passed over. The limits
 * leave most places closed. */
static int64_t next_id(Exchange *exchange) {
    do
        exchange->order_count++;
    while (exchange->order_count > LIMIT_EXCHANGE_ORDERS &&
           exchange_is_open(exchange_slot(exchange, exchange->order_count)));
    return exchange->order_count;
}

ExchangeOrder *exchange_enter(Exchange *exchange, const ExchangeWish *wish, int64_t list_id,
                              int64_t now_us) {
    ExchangeAccount *account = &exchange->accounts[wish->account];
    int64_t id = next_id(exchange);
    ExchangeOrder *order = exchange_slot(exchange, id);
    *order = (ExchangeOrder){.id = id,
                             .list_id = list_id,
                             .wish = *wish,
                             .time_us = now_us,
                             .update_us = now_us,
                             .working_us = exchange_is_stop(wish->type) ? 0 : now_us};
    order->bound = exchange_bound(exchange, wish);
    exchange_name(exchange, order, wish->client_id);
    CHECK(account->open_count < LIMIT_EXCHANGE_OPEN, "the filters leave room for open orders");
    account->open[account->open_count++] = id;
    return order;
}

void exchange_begin(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    if (order->wish.type == EXCHANGE_LIMIT || order->wish.type == EXCHANGE_MARKET)
        exchange_take(exchange, order, now_us);
    else
        exchange_stand(exchange, order);
}

static bool weigh_one(const Exchange *exchange, ExchangeWish *wish, Money *need,
                      ExchangeFault *fault) {
    return exchange_weigh(exchange, wish, need, fault) &&
           exchange_check_names(exchange, wish, fault) &&
           exchange_check_counts(exchange, wish, 1, 0, fault) &&
           exchange_affords(exchange, wish, *need, fault);
}

bool exchange_try(const Exchange *exchange, const ExchangeWish *wish, ExchangeFault *fault) {
    ExchangeWish asked = *wish;
    Money need;
    return weigh_one(exchange, &asked, &need, fault);
}

bool exchange_try_filters(const Exchange *exchange, const ExchangeWish *wish,
                          ExchangeFault *fault) {
    const ExchangePair *pair = &exchange->pairs[wish->pair];
    return exchange_check_form(exchange, wish, fault) && exchange_check_amount(pair, wish, fault) &&
           exchange_check_counts(exchange, wish, 1, 0, fault);
}

bool exchange_place(Exchange *exchange, const ExchangeWish *wish, int64_t now_us,
                    const ExchangeOrder **placed, ExchangeFault *fault) {
    ExchangeWish asked = *wish;
    Money need;
    if (!weigh_one(exchange, &asked, &need, fault)) return false;
    ExchangeOrder *order = exchange_enter(exchange, &asked, -1, now_us);
    exchange_lock(exchange, order, need);
    exchange_say_order(exchange, order, EXECUTION_NEW, 0);
    exchange_say_position(exchange, &asked, false, now_us);
    exchange_begin(exchange, order, now_us);
    exchange_enter_due(exchange, now_us);
    *placed = order;
    return true;
}

/* ---- amendments ---------------------------------------------------------------------------- */

static bool may_amend(const Exchange *exchange, const ExchangeOrder *order, Quantity quantity,
                      ExchangeFault *fault) {
    const ExchangePair *pair = &exchange->pairs[order->wish.pair];
    ExchangeWish less = order->wish;
    less.quantity = quantity;
    if (less.iceberg.units > quantity.units) less.iceberg = quantity;
    if (!pair->rules.allows_amend)
        return exchange_refuse(fault, -2038, "Order amend is not supported for this symbol.");
    if (pair->trading != EXCHANGE_TRADING)
        return exchange_refuse(fault, -2038, "Market is closed.");
    if (order->status == EXCHANGE_PENDING_NEW && order->wish.quantity.units == 0)
        return exchange_refuse(fault, -2038, "Order amend (pending OPO order) is not supported.");
    if (quantity.units == order->wish.quantity.units)
        return exchange_refuse(fault, -2038,
                               "The requested action would change no state; rejecting");
    if (quantity.units > order->wish.quantity.units)
        return exchange_refuse(fault, -2038, "Order amend (quantity increase) is not supported.");
    if (order->amends >= pair->rules.amends_max)
        return exchange_refuse(fault, -1013, "Filter failure: MAX_NUM_ORDER_AMENDS");
    return exchange_check_amount(pair, &less, fault);
}

/* What is executed already cannot be amended away: then nothing is left, and it expires. */
static void reduce(Exchange *exchange, ExchangeOrder *order, Quantity quantity, int64_t now_us) {
    Quantity least = quantity_add(order->executed, order->prevented);
    order->wish.quantity = quantity.units > least.units ? quantity : least;
    if (order->wish.iceberg.units > quantity.units) order->wish.iceberg = quantity;
    order->update_us = now_us;
    Quantity left = exchange_left(order);
    if (order->shown.units > left.units) order->shown = left;
    if (order->status == EXCHANGE_PENDING_NEW) return;
    /* Of a pair the leg that needs more holds it, and the other nothing. */
    exchange_release(exchange, order, exchange_need(order->wish.side, order->bound, left));
}

static ExchangeAmendment *note_amendment(Exchange *exchange, const ExchangeOrder *order,
                                         Quantity before, const char *former, int64_t now_us) {
    int64_t id = ++exchange->amended_count;
    ExchangeAmendment *amendment = &exchange->amended[id % LIMIT_EXCHANGE_AMENDED];
    *amendment = (ExchangeAmendment){.id = id,
                                     .order_id = order->id,
                                     .execution_id = exchange->execution_count,
                                     .time_us = now_us,
                                     .before = before,
                                     .after = order->wish.quantity};
    memcpy(amendment->former_id, former, sizeof amendment->former_id);
    memcpy(amendment->client_id, order->wish.client_id, sizeof amendment->client_id);
    return amendment;
}

static bool rename_order(Exchange *exchange, ExchangeOrder *order, const char *client_id,
                         char former[static LIMIT_EXCHANGE_CLIENT_ID]) {
    memcpy(former, order->wish.client_id, LIMIT_EXCHANGE_CLIENT_ID);
    order->amends++;
    if (!client_id || !slice_is(slice_of(client_id), former))
        exchange_name(exchange, order, client_id ? client_id : "");
    return !slice_is(slice_of(former), order->wish.client_id);
}

bool exchange_amend(Exchange *exchange, const ExchangeChange *change, int64_t now_us,
                    const ExchangeAmendment **amendment, ExchangeFault *fault) {
    const char *client_id = change->client_id;
    Quantity quantity = change->quantity;
    const ExchangeOrder *found = exchange_order(exchange, change->order_id);
    if (!found || !exchange_is_open(found))
        return exchange_refuse(fault, -2038, "Unknown order sent.");
    ExchangeOrder *order = exchange_slot(exchange, found->id), *other;
    ExchangeWish named = order->wish;
    bool fits = slice_copy(slice_of(client_id), named.client_id, sizeof named.client_id);
    bool renames = fits && !slice_is(slice_of(order->wish.client_id), named.client_id);
    if (!may_amend(exchange, order, quantity, fault) ||
        (renames && !exchange_check_names(exchange, &named, fault)))
        return false;
    char former[LIMIT_EXCHANGE_CLIENT_ID];
    Quantity before = order->wish.quantity;
    other = exchange_other_leg(exchange, order);
    bool renamed = rename_order(exchange, order, client_id, former);
    reduce(exchange, order, quantity, now_us);
    ExchangeEvent *event = exchange_say_order(exchange, order, EXECUTION_REPLACED, 0);
    memcpy(event->order.cancel_id, former, sizeof former);
    *amendment = note_amendment(exchange, order, before, former, now_us);
    if (other) {
        reduce(exchange, other, quantity, now_us);
        event = exchange_say_order(exchange, other, EXECUTION_REPLACED, 0);
        memcpy(event->order.cancel_id, other->wish.client_id, sizeof former);
    }
    exchange_say_position(exchange, &order->wish, false, now_us);
    const ExchangeList *list = exchange_list(exchange, order->list_id);
    if (list && renamed) exchange_say_list(exchange, list, now_us)->updated = true;
    if (exchange_left(order).units == 0)
        exchange_end(exchange, order, EXCHANGE_EXPIRED, EXCHANGE_NO_REASON, now_us);
    return true;
}
