/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Order lists. Two legs of a pair (OCO, and the pending ones of OTOCO and OPOCO) lock once, the
 * greater need of both, at one of them; whichever acts takes that over and ends the other. Pending
 * legs lock nothing; they enter when their working order is wholly filled, at the end of the call
 * that filled it, and are judged by every rule at that moment: one that fails ends both as EXPIRED,
 * REJECTED. What the working order of an OPO list receives is put by for its pending legs, less the
 * fee unless enough is free beside it (Binance Spot API, "Order lists", "One Pays the Other").
 */
#include <string.h>

#include "core/sim/exchange_parts.h"

/* ---- legs ---------------------------------------------------------------------------------- */

static bool has_working(ExchangeListKind kind) {
    return kind != EXCHANGE_OCO;
}

static bool is_paid(ExchangeListKind kind) {
    return kind == EXCHANGE_OPO || kind == EXCHANGE_OPOCO;
}

static unsigned legs_of(ExchangeListKind kind) {
    return kind == EXCHANGE_OTOCO || kind == EXCHANGE_OPOCO ? 3 : 2;
}

/* The first leg of the pair; leg_count: there is none. */
static unsigned pair_begin(const ExchangeList *list) {
    if (list->kind == EXCHANGE_OCO) return 0;
    return list->leg_count == 3 ? 1 : list->leg_count;
}

bool exchange_is_working(const ExchangeList *list, const ExchangeOrder *order) {
    return has_working(list->kind) && list->order_ids[0] == order->id;
}

static ExchangeOrder *open_leg(Exchange *exchange, const ExchangeList *list, unsigned index) {
    int64_t id = list->order_ids[index];
    ExchangeOrder *leg = exchange_slot(exchange, id);
    return leg->id == id && exchange_is_open(leg) ? leg : NULL;
}

ExchangeOrder *exchange_other_leg(Exchange *exchange, const ExchangeOrder *order) {
    const ExchangeList *list = exchange_list(exchange, order->list_id);
    if (!list) return NULL;
    unsigned begin = pair_begin(list);
    for (unsigned i = begin; i < list->leg_count; i++)
        if (list->order_ids[i] == order->id)
            return open_leg(exchange, list, begin + (i == begin ? 1 : 0));
    return NULL;
}

void exchange_end_other(Exchange *exchange, ExchangeOrder *order, int64_t now_us) {
    if (order->list_id < 0) return;
    ExchangeOrder *other = exchange_other_leg(exchange, order);
    if (!other) return;
    order->locked = money_add(order->locked, other->locked);
    other->locked = money_of(0);
    /* The other one may have needed more. */
    exchange_release(exchange, order,
                     exchange_need(order->wish.side, order->bound, exchange_left(order)));
    exchange_end(exchange, other, EXCHANGE_EXPIRED, EXCHANGE_OCO_TRIGGER, now_us);
}

/* ---- what a working order receives --------------------------------------------------------- */

void exchange_reserve(Exchange *exchange, const ExchangeOrder *order, Money received, Money fee) {
    ExchangeList *list = &exchange->lists[order->list_id % LIMIT_EXCHANGE_LISTS];
    if (list->id != order->list_id || !is_paid(list->kind) || list->order_ids[0] != order->id)
        return;
    ExchangeBalance *base =
        exchange_balance(exchange, list->account, exchange->pairs[list->pair].base);
    bool keeps_all =
        !slice_is(SLICE("BNB"), base->asset.text) && money_compare(base->free, received) >= 0;
    Money kept = keeps_all ? received : money_subtract(received, fee);
    base->free = money_subtract(base->free, kept);
    base->locked = money_add(base->locked, kept);
    list->reserved = money_add(list->reserved, kept);
}

static void free_reserve(Exchange *exchange, ExchangeList *list) {
    ExchangeBalance *base =
        exchange_balance(exchange, list->account, exchange->pairs[list->pair].base);
    base->locked = money_subtract(base->locked, list->reserved);
    base->free = money_add(base->free, list->reserved);
    list->reserved = money_of(0);
}

/* ---- what follows from an end -------------------------------------------------------------- */

static void finish_list(Exchange *exchange, ExchangeList *list, const ExchangeOrder *order,
                        int64_t now_us) {
    for (unsigned i = 0; i < list->leg_count; i++)
        if (open_leg(exchange, list, i)) return;
    list->done = true;
    if (list->reserved.units) {
        free_reserve(exchange, list);
        exchange_say_position(exchange, &order->wish, false, now_us);
    }
    exchange_say_list(exchange, list, now_us);
}

void exchange_list_moved(Exchange *exchange, const ExchangeOrder *order, int64_t now_us) {
    ExchangeList *list = &exchange->lists[order->list_id % LIMIT_EXCHANGE_LISTS];
    if (list->id != order->list_id || list->done) return;
    bool expired = order->status >= EXCHANGE_EXPIRED;
    if (exchange_is_working(list, order)) {
        if (order->status == EXCHANGE_FILLED && !list->due) {
            list->due = true;
            exchange->due[exchange->due_count++] = list->id;
        }
        for (unsigned i = 1; i < list->leg_count && expired; i++) {
            ExchangeOrder *leg = open_leg(exchange, list, i);
            if (leg)
                exchange_end(exchange, leg, EXCHANGE_EXPIRED, EXCHANGE_PHASE_ONE_EXPIRED, now_us);
        }
    }
    if (!list->done) finish_list(exchange, list, order, now_us);
}

/* ---- the rules of a pair ------------------------------------------------------------------- */

static bool takes_profit(ExchangeType type) {
    return type == EXCHANGE_TAKE_PROFIT || type == EXCHANGE_TAKE_PROFIT_LIMIT;
}

static bool stops_loss(ExchangeType type) {
    return type == EXCHANGE_STOP_LOSS || type == EXCHANGE_STOP_LOSS_LIMIT;
}

/* Which types may stand above and below. */
static bool check_types(const ExchangeWish *above, const ExchangeWish *below,
                        ExchangeFault *fault) {
    bool buys = above->side == SIDE_BUY;
    const ExchangeWish *loss = buys ? above : below, *profit = buys ? below : above;
    const ExchangeType types[] = {above->type, below->type};
    for (unsigned i = 0; i < 2; i++)
        if (types[i] == EXCHANGE_LIMIT || types[i] == EXCHANGE_MARKET)
            return exchange_refuse(fault, -1158, "Order type not supported in OCO.");
    if (above->type == EXCHANGE_LIMIT_MAKER && below->type == EXCHANGE_LIMIT_MAKER)
        return exchange_refuse(fault, -1168, "At least one OCO order must be contingent.");
    if (loss->type == EXCHANGE_LIMIT_MAKER)
        return exchange_refuse(fault, buys ? -1165 : -1166,
                               buys ? "A limit order in a buy OCO must be below."
                                    : "A limit order in a sell OCO must be above.");
    if (stops_loss(profit->type))
        return exchange_refuse(fault, buys ? -1196 : -1197,
                               buys ? "A stop loss order in a buy OCO must be above."
                                    : "A stop loss order in a sell OCO must be below.");
    if (takes_profit(loss->type))
        return exchange_refuse(fault, buys ? -1198 : -1199,
                               buys ? "A take profit order in a buy OCO must be below."
                                    : "A take profit order in a sell OCO must be above.");
    return true;
}

static int64_t level_of(const ExchangeWish *wish) {
    return exchange_is_stop(wish->type) ? wish->stop.units : wish->price.units;
}

/* A level that is not given (a stop that trails from now on) stands nowhere. */
static bool check_levels(const ExchangeWish *above, const ExchangeWish *below, int64_t last,
                         ExchangeFault *fault) {
    int64_t high = level_of(above), low = level_of(below);
    bool sound = !(high && last && high <= last) && !(low && last && low >= last) &&
                 !(high && low && high <= low);
    return sound || exchange_refuse(fault, -2010,
                                    "The relationship of the prices for the orders is not "
                                    "correct.");
}

/* ---- placing ------------------------------------------------------------------------------- */

static bool check_allowed(const ExchangePair *pair, ExchangeListKind kind, ExchangeFault *fault) {
    const ExchangeRules *rules = &pair->rules;
    bool has_pair = kind == EXCHANGE_OCO || legs_of(kind) == 3;
    if (has_pair && !rules->allows_oco)
        return exchange_refuse(fault, -2010, "OCO orders are not supported for this symbol");
    if (has_working(kind) && !rules->allows_oto)
        return exchange_refuse(fault, -2010, "OTO orders are not supported for this symbol");
    if (is_paid(kind) && !rules->allows_opo)
        return exchange_refuse(fault, -2010, "OPO orders are not supported for this symbol.");
    return true;
}

static bool same_name(const char *a, const char *b) {
    return a[0] && slice_is(slice_of(a), b);
}

static bool check_list_names(const Exchange *exchange, const ExchangeListWish *wish, unsigned count,
                             ExchangeFault *fault) {
    const ExchangeAccount *account = &exchange->accounts[wish->legs[0].account];
    bool twice = false;
    for (unsigned i = 0; i < count; i++) {
        if (!exchange_check_names(exchange, &wish->legs[i], fault)) return false;
        for (unsigned k = 0; k < i; k++)
            twice |= same_name(wish->legs[i].client_id, wish->legs[k].client_id);
    }
    for (unsigned i = 0; i < account->open_count && wish->client_id[0]; i++) {
        const ExchangeOrder *order = exchange_order(exchange, account->open[i]);
        const ExchangeList *list = order ? exchange_list(exchange, order->list_id) : NULL;
        twice |= list && same_name(wish->client_id, list->client_id);
    }
    return !twice || exchange_refuse(fault, -2010, "Duplicate order sent.");
}

static bool check_pending(const Exchange *exchange, const ExchangeListWish *wish, unsigned count,
                          ExchangeFault *fault) {
    const ExchangeWish *legs = wish->legs;
    if (legs[0].type != EXCHANGE_LIMIT && legs[0].type != EXCHANGE_LIMIT_MAKER)
        return exchange_refuse(fault, -1116, "Invalid orderType.");
    for (unsigned i = 1; i < count; i++) {
        if (is_paid(wish->kind) && legs[0].side != SIDE_BUY)
            return exchange_refuse(fault, -1222, "Working order in an OPO list must be a bid.");
        if (is_paid(wish->kind) && legs[i].side != SIDE_SELL)
            return exchange_refuse(fault, -1223, "Pending orders in an OPO list must be asks.");
        if (legs[i].quote_quantity.units || (!is_paid(wish->kind) && legs[i].quantity.units <= 0))
            return exchange_refuse(fault, -1013, "Filter failure: LOT_SIZE");
        if (!exchange_check_form(exchange, &legs[i], fault)) return false;
    }
    return count < 3 ||
           (check_types(&legs[1], &legs[2], fault) && check_levels(&legs[1], &legs[2], 0, fault));
}

/* What the legs that enter at once need: the working one's, or the greater of a pair. */
static bool weigh_legs(const Exchange *exchange, ExchangeListWish *wish, Money needs[static 2],
                       ExchangeFault *fault) {
    unsigned count = legs_of(wish->kind);
    const ExchangePair *pair = &exchange->pairs[wish->legs[0].pair];
    needs[1] = money_of(0);
    if (!check_allowed(pair, wish->kind, fault)) return false;
    if (has_working(wish->kind)) {
        if (!check_pending(exchange, wish, count, fault) ||
            !exchange_weigh(exchange, &wish->legs[0], &needs[0], fault))
            return false;
    } else if (!check_types(&wish->legs[0], &wish->legs[1], fault) ||
               !check_levels(&wish->legs[0], &wish->legs[1], pair->last.units, fault) ||
               !exchange_weigh(exchange, &wish->legs[0], &needs[0], fault) ||
               !exchange_weigh(exchange, &wish->legs[1], &needs[1], fault)) {
        return false;
    }
    Money need = money_compare(needs[0], needs[1]) >= 0 ? needs[0] : needs[1];
    return check_list_names(exchange, wish, count, fault) &&
           exchange_check_counts(exchange, wish->legs, count, 1, fault) &&
           exchange_affords(exchange, &wish->legs[0], need, fault);
}

/* A place whose list is still open is passed over, as with orders. */
static ExchangeList *enter_list(Exchange *exchange, const ExchangeListWish *wish, int64_t now_us) {
    ExchangeList *list;
    int64_t id;
    do {
        id = exchange->list_count++;
        list = &exchange->lists[id % LIMIT_EXCHANGE_LISTS];
    } while (id >= LIMIT_EXCHANGE_LISTS && !list->done);
    *list = (ExchangeList){.id = id,
                           .kind = wish->kind,
                           .leg_count = legs_of(wish->kind),
                           .account = wish->legs[0].account,
                           .pair = wish->legs[0].pair,
                           .time_us = now_us};
    if (!slice_copy(slice_of(wish->client_id), list->client_id, sizeof list->client_id) ||
        !list->client_id[0]) {
        Text text = TEXT_IN(list->client_id);
        text_format(&text, "list-%D", id);
        text_end(&text);
    }
    return list;
}

static void enter_pending(Exchange *exchange, ExchangeOrder *order) {
    order->status = EXCHANGE_PENDING_NEW;
    order->working_us = 0;
    exchange_say_order(exchange, order, EXECUTION_NEW, 0);
}

bool exchange_place_list(Exchange *exchange, const ExchangeListWish *wish, int64_t now_us,
                         const ExchangeList **placed, ExchangeFault *fault) {
    ExchangeListWish asked = *wish;
    ExchangeOrder *orders[LIMIT_EXCHANGE_LEGS];
    Money needs[2];
    if (!weigh_legs(exchange, &asked, needs, fault)) return false;
    ExchangeList *list = enter_list(exchange, &asked, now_us);
    bool works = has_working(list->kind);
    unsigned holder = money_compare(needs[1], needs[0]) > 0;
    for (unsigned i = 0; i < list->leg_count; i++) {
        orders[i] = exchange_enter(exchange, &asked.legs[i], list->id, now_us);
        list->order_ids[i] = orders[i]->id;
    }
    exchange_say_list(exchange, list, now_us);
    exchange_lock(exchange, orders[holder], needs[holder]);
    for (unsigned i = 0; i < list->leg_count; i++) {
        if (works && i > 0)
            enter_pending(exchange, orders[i]);
        else
            exchange_say_order(exchange, orders[i], EXECUTION_NEW, 0);
    }
    exchange_say_position(exchange, &asked.legs[0], false, now_us);
    for (unsigned i = 0; i < (works ? 1u : 2u); i++)
        exchange_begin(exchange, orders[i], now_us);
    exchange_enter_due(exchange, now_us);
    *placed = list;
    return true;
}

bool exchange_place_oco(Exchange *exchange, const ExchangeWish wishes[static 2],
                        const char *client_id, int64_t now_us, const ExchangeList **placed,
                        ExchangeFault *fault) {
    ExchangeListWish wish = {.kind = EXCHANGE_OCO, .legs = {wishes[0], wishes[1]}};
    if (!slice_copy(slice_of(client_id), wish.client_id, sizeof wish.client_id))
        wish.client_id[0] = 0;
    return exchange_place_list(exchange, &wish, now_us, placed, fault);
}

/* ---- pending legs enter -------------------------------------------------------------------- */

/* OPO: what was put by, on the grids that the leg's type has to keep. */
static Quantity paid_quantity(const Exchange *exchange, const ExchangeList *list,
                              const ExchangeWish *wish) {
    const ExchangePair *pair = &exchange->pairs[list->pair];
    Quantity quantity =
        quantity_floor(quantity_of((int64_t)list->reserved.units), pair->symbol.filters.step);
    if (wish->type == EXCHANGE_MARKET) quantity = quantity_floor(quantity, pair->rules.market_step);
    return quantity;
}

static bool weigh_pending(Exchange *exchange, ExchangeList *list,
                          ExchangeOrder *legs[static LIMIT_EXCHANGE_LEGS],
                          Money needs[static LIMIT_EXCHANGE_LEGS]) {
    ExchangeFault fault;
    for (unsigned i = 1; i < list->leg_count; i++)
        if (!exchange_weigh(exchange, &legs[i]->wish, &needs[i], &fault)) return false;
    Money need = needs[1];
    if (list->leg_count == 3) {
        if (!check_levels(&legs[1]->wish, &legs[2]->wish, exchange->pairs[list->pair].last.units,
                          &fault))
            return false;
        if (money_compare(needs[2], need) > 0) need = needs[2];
    }
    return exchange_affords(exchange, &legs[1]->wish, need, &fault);
}

static void start_leg(Exchange *exchange, ExchangeOrder *leg, int64_t now_us) {
    leg->status = EXCHANGE_NEW;
    leg->update_us = now_us;
    leg->working_us = exchange_is_stop(leg->wish.type) ? 0 : now_us;
    leg->bound = exchange_bound(exchange, &leg->wish);
    exchange_say_order(exchange, leg, EXECUTION_NEW, 0);
}

static void enter_legs(Exchange *exchange, ExchangeList *list, int64_t now_us) {
    ExchangeOrder *legs[LIMIT_EXCHANGE_LEGS];
    Money needs[LIMIT_EXCHANGE_LEGS] = {{0}};
    list->due = false;
    for (unsigned i = 1; i < list->leg_count; i++) {
        legs[i] = open_leg(exchange, list, i);
        CHECK(legs[i], "pending legs wait for their working order");
        if (is_paid(list->kind)) {
            legs[i]->wish.quantity = paid_quantity(exchange, list, &legs[i]->wish);
            if (legs[i]->wish.iceberg.units > legs[i]->wish.quantity.units)
                legs[i]->wish.iceberg = legs[i]->wish.quantity;
        }
    }
    free_reserve(exchange, list);
    if (!weigh_pending(exchange, list, legs, needs)) {
        for (unsigned i = 1; i < list->leg_count; i++)
            exchange_end(exchange, legs[i], EXCHANGE_EXPIRED, EXCHANGE_REJECTED, now_us);
        return;
    }
    unsigned holder = list->leg_count == 3 && money_compare(needs[2], needs[1]) > 0 ? 2 : 1;
    exchange_lock(exchange, legs[holder], needs[holder]);
    for (unsigned i = 1; i < list->leg_count; i++)
        start_leg(exchange, legs[i], now_us);
    exchange_say_position(exchange, &legs[1]->wish, false, now_us);
    for (unsigned i = 1; i < list->leg_count; i++)
        exchange_begin(exchange, legs[i], now_us);
}

void exchange_enter_due(Exchange *exchange, int64_t now_us) {
    for (unsigned i = 0; i < exchange->due_count; i++) {
        ExchangeList *list = &exchange->lists[exchange->due[i] % LIMIT_EXCHANGE_LISTS];
        if (list->due) enter_legs(exchange, list, now_us);
    }
    exchange->due_count = 0;
}
