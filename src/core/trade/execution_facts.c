/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of the account and its positions: said after every booking, taken back at a cold start
 * (execution.h). */
#include <string.h>

#include "core/market/order.h"
#include "core/trade/execution.h"

#define MILLION 1000000

static void tell_account(Scene *scene, Money peak) {
    const Execution *execution = scene->execution;
    const TradingAccount *account = &execution->account;
    AccountFact *fact = outbox_publish(scene->outbox, TOPIC_ACCOUNT_FACTS);
    memcpy(fact->asset, account->ledger.assets[account->quote].name.text, sizeof fact->asset);
    fact->cash = trading_account_cash(account);
    fact->opening = account->opening;
    fact->realised = account->realised;
    fact->fees = account->fees;
    fact->peak = peak;
    fact->orders = execution->orders;
    fact->trades = execution->trades;
    fact->kill = execution->kill;
}

static void tell_position(Scene *scene, unsigned index) {
    const Execution *execution = scene->execution;
    const Desk *desk = &execution->desks[index];
    const Inventory *inventory = &execution->account.inventories[index];
    PositionFact *fact = outbox_publish(scene->outbox, TOPIC_POSITION_FACTS);
    memcpy(fact->symbol, execution->symbols.symbols[index].name.text, sizeof fact->symbol);
    fact->quantity = inventory->quantity;
    fact->cost = inventory->cost;
    fact->open = desk->open;
    fact->price = desk->price;
    if (!desk->open) return;
    fact->stop_price = desk->stop;
    fact->target_price = desk->target;
    fact->high_water = desk->high_water;
    fact->entry_cost = desk->cost;
    fact->fees_before = money_subtract(execution->account.fees, desk->trade.fees);
    fact->bought = desk->trade.quantity;
    fact->entry_price = desk->trade.entry_price;
    fact->entry_time = desk->trade.entry_time;
    memcpy(fact->trade_id, desk->trade.id, sizeof fact->trade_id);
    memcpy(fact->signal_id, desk->trade.signal_id, sizeof fact->signal_id);
}

void execution_tell_facts(Scene *scene, Money peak) {
    Execution *execution = scene->execution;
    tell_account(scene, peak);
    for (unsigned i = 0; i < execution->symbols.count; i++) {
        bool holds = execution->account.inventories[i].quantity.units > 0;
        if (holds || execution->desks[i].fact_told) tell_position(scene, i);
        execution->desks[i].fact_told = holds;
    }
}

bool execution_restore_account(Scene *scene, const AccountFact *fact) {
    Execution *execution = scene->execution;
    PostingSink sink = execution_sink(scene, "");
    AccountStand stand = {.quote = fact->asset,
                          .cash = fact->cash,
                          .opening = fact->opening,
                          .realised = fact->realised,
                          .fees = fact->fees};
    execution->orders = fact->orders;
    execution->trades = fact->trades;
    execution->kill = fact->kill;
    return trading_account_restore(&execution->account, &stand, &sink);
}

/* The base behind a protection that a real venue may hold, as far as it is there: the position may
 * come back before its orders or after them. */
static void lock_restored(Scene *scene, unsigned index) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    const OrderRecord *order = &desk->protection;
    int base = execution->account.inventories[index].base;
    if (!execution_order_active(order) || desk->locked.units > 0) return;
    Quantity wanted = quantity_subtract(order->quantity, order->filled);
    PostingSink sink = execution_sink(scene, order->order_id);
    if (trading_account_lock(&execution->account, base, money_of(wanted.units), &sink))
        desk->locked = wanted;
}

/* Quote for what an entry may still buy, at the last price known, or all that is free. */
static void reserve_restored(Scene *scene, unsigned index) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    Money free_quote = trading_account_free(&execution->account);
    Quantity left = quantity_subtract(desk->entry.quantity, desk->entry.filled);
    Money wanted =
        desk->price.units > 0 ? price_times_quantity(desk->price, left).money : free_quote;
    if (money_compare(wanted, free_quote) > 0) wanted = free_quote;
    PostingSink sink = execution_sink(scene, desk->entry.order_id);
    if (trading_account_lock(&execution->account, execution->account.quote, wanted, &sink))
        desk->reserved = wanted;
}

static void restore_trade(Desk *desk, const PositionFact *fact, Money fees) {
    desk->open = true;
    desk->stop = fact->stop_price;
    desk->target = fact->target_price;
    desk->high_water = fact->high_water;
    desk->cost = fact->entry_cost;
    desk->trade = (Trade){.side = SIDE_BUY,
                          .quantity = fact->bought,
                          .entry_time = fact->entry_time,
                          .entry_price = fact->entry_price,
                          .fees = money_subtract(fees, fact->fees_before)};
    memcpy(desk->trade.id, fact->trade_id, sizeof desk->trade.id);
    memcpy(desk->trade.symbol, fact->symbol, sizeof desk->trade.symbol);
    memcpy(desk->trade.signal_id, fact->signal_id, sizeof desk->trade.signal_id);
    memcpy(desk->verdict.signal_id, fact->signal_id, sizeof desk->verdict.signal_id);
}

bool execution_restore_position(Scene *scene, const PositionFact *fact) {
    Execution *execution = scene->execution;
    PostingSink sink = execution_sink(scene, "");
    int index = execution_desk(execution, fact->symbol);
    if (index < 0) return false;
    Desk *desk = &execution->desks[index];
    if (!trading_account_restore_inventory(&execution->account, (unsigned)index, fact->quantity,
                                           fact->cost, &sink))
        return false;
    if (desk->price.units == 0) desk->price = fact->price; /* no newer one is known */
    desk->fact_told = true;
    if (!fact->open) return true;
    restore_trade(desk, fact, execution->account.fees);
    lock_restored(scene, (unsigned)index);
    /* A real venue may hold its protection still: the next price protects it if none is there. */
    if (!execution->venue.real) execution_protect(scene, (unsigned)index);
    return true;
}

/* What the earlier life judged an entry by is lost; what it turns out to have bought is protected
 * by the settings' own levels. */
static void judge_restored(const Execution *execution, Desk *desk) {
    RiskVerdict *verdict = &desk->verdict;
    verdict->stop_loss_fraction = (double)execution->stop_ppm / MILLION;
    verdict->take_profit_fraction = (double)execution->target_ppm / MILLION;
    memcpy(verdict->signal_id, desk->entry.signal_id, sizeof verdict->signal_id);
    memcpy(verdict->symbol, desk->entry.symbol, sizeof verdict->symbol);
}

bool execution_restore_order(Scene *scene, const OrderRecord *record) {
    Execution *execution = scene->execution;
    int index = execution_desk(execution, record->symbol);
    if (index < 0 || order_is_terminal(record->state)) return false;
    if (record->filled.units > record->quantity.units) return false; /* no order is like that */
    Desk *desk = &execution->desks[index];
    OrderRecord *order = record->action == ORDER_ACTION_PROTECT ? &desk->protection
                         : record->side == SIDE_BUY             ? &desk->entry
                                                                : &desk->exit;
    if (order->order_id[0]) return false;
    *order = *record;
    order->state = ORDER_UNKNOWN;
    if (order == &desk->entry) judge_restored(execution, desk);
    if (order == &desk->entry) reserve_restored(scene, (unsigned)index);
    lock_restored(scene, (unsigned)index);
    execution_say_order(scene, order);
    return true;
}
