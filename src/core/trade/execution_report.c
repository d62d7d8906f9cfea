/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's word on an order, booked: fills in one piece or in many, rejections, cancellations.
 * A position opens with the first fill of its entry and is protected when the entry has ended; it
 * closes when nothing that the venue would take is left of it. What an order had locked is freed
 * as it fills, and the rest when it ends (execution.h).
 */
#include <string.h>

#include "core/base/planted.h"
#include "core/bus/shape.h"
#include "core/market/order.h"
#include "core/trade/execution.h"
#include "core/trade/sizing.h"

static void say_fill(const Scene *scene, const OrderRecord *order, const ExecutionReport *report) {
    Fill *fill = outbox_publish(scene->outbox, TOPIC_TRADE_EXECUTIONS);
    fill->time = scene->now_us;
    memcpy(fill->symbol, order->symbol, sizeof fill->symbol);
    memcpy(fill->order_id, order->order_id, sizeof fill->order_id);
    memcpy(fill->signal_id, order->signal_id, sizeof fill->signal_id);
    memcpy(fill->fee_asset, report->fee_asset, sizeof fill->fee_asset);
    fill->side = order->side;
    fill->price = report->price;
    fill->quantity = report->quantity;
    fill->fee = report->fee;
    fill->slippage = report->slippage;
    fill->reason = report->reason;
    fill->trade_id = report->trade_id;
}

/* Value / quantity, floored; a single fill keeps its own price. */
static Price mean_price(Money value, Quantity quantity, Price only) {
    if (only.units > 0) return only;
    return price_of((int64_t)(value.units * DECIMAL_SCALE / quantity.units));
}

/* ---- what was locked ------------------------------------------------------------------------- */

static void unlock_quote(Scene *scene, unsigned index, Money amount) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    PostingSink sink = execution_sink(scene, desk->entry.order_id);
    if (money_compare(amount, desk->reserved) > 0) amount = desk->reserved;
    bool unlocked =
        trading_account_unlock(&execution->account, execution->account.quote, amount, &sink);
    CHECK(unlocked, "what an entry reserved is still locked");
    desk->reserved = money_subtract(desk->reserved, amount);
}

static void unlock_base(Scene *scene, unsigned index, Quantity quantity) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    PostingSink sink = execution_sink(scene, desk->protection.order_id);
    int base = execution->account.inventories[index].base;
    /* A part may have been freed already, when the account held less than the books. */
    if (quantity.units > desk->locked.units) quantity = desk->locked;
    bool unlocked =
        trading_account_unlock(&execution->account, base, money_of(quantity.units), &sink);
    CHECK(unlocked, "what a protection holds is still locked");
    desk->locked = quantity_subtract(desk->locked, quantity);
}

/* A fill is booked out of FREE: its part is freed first, everything where the order ends. */
static void unlock(Scene *scene, unsigned index, const OrderRecord *order,
                   const ExecutionReport *report) {
    Desk *desk = &scene->execution->desks[index];
    bool ends = PLANTED(35, order_is_terminal(order->state), false) ||
                PLANTED(34, false, order->state == ORDER_UNKNOWN);
    if (order == &desk->entry) {
        Notional cost = price_times_quantity(report->price, report->quantity);
        unlock_quote(scene, index, ends ? desk->reserved : money_add(cost.money, money_of(1)));
    } else if (order == &desk->protection) {
        unlock_base(scene, index, ends ? desk->locked : report->quantity);
    }
}

/* ---- positions ------------------------------------------------------------------------------- */

static void open_position(Scene *scene, unsigned index) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    desk->open = true;
    desk->cost = desk->proceeds = desk->gain = money_of(0);
    desk->sold = quantity_of(0);
    desk->high_water = price_of(0);
    desk->trade = (Trade){.side = SIDE_BUY, .entry_time = scene->now_us};
    Text id = TEXT_IN(desk->trade.id);
    text_format(&id, "t-%D", ++execution->trades);
    text_end(&id);
    memcpy(desk->trade.symbol, desk->entry.symbol, sizeof desk->trade.symbol);
    memcpy(desk->trade.signal_id, desk->verdict.signal_id, sizeof desk->trade.signal_id);
}

static void add_bought(Scene *scene, unsigned index, const ExecutionReport *report) {
    Desk *desk = &scene->execution->desks[index];
    const Filters *filters = &scene->execution->symbols.symbols[index].filters;
    bool first = desk->trade.quantity.units == 0;
    Trade *trade = &desk->trade;
    desk->cost = money_add(desk->cost, price_times_quantity(report->price, report->quantity).money);
    trade->quantity = quantity_add(trade->quantity, report->quantity);
    trade->entry_price =
        mean_price(desk->cost, trade->quantity, first ? report->price : price_of(0));
    double stop = desk->verdict.stop_loss_fraction, target = desk->verdict.take_profit_fraction;
    desk->stop = stop > 0 ? sizing_stop(trade->entry_price, stop, filters) : price_of(0);
    desk->target = target > 0 ? sizing_target(trade->entry_price, target, filters) : price_of(0);
    if (report->price.units > desk->high_water.units) desk->high_water = report->price;
    desk->stop_moved_us = scene->now_us;
}

/* Of this position alone: others pay fees meanwhile. */
static void add_fees(const Scene *scene, unsigned index, Money before) {
    Trade *trade = &scene->execution->desks[index].trade;
    trade->fees = money_add(trade->fees, money_subtract(scene->execution->account.fees, before));
}

static void add_sold(Desk *desk, const ExecutionReport *report, Money gain) {
    bool first = desk->sold.units == 0;
    desk->sold = quantity_add(desk->sold, report->quantity);
    desk->proceeds =
        money_add(desk->proceeds, price_times_quantity(report->price, report->quantity).money);
    desk->gain = money_add(desk->gain, gain);
    desk->trade.exit_price =
        mean_price(desk->proceeds, desk->sold, first ? report->price : price_of(0));
    desk->trade.reason = report->reason;
}

void execution_close(const Scene *scene, unsigned index) {
    Desk *desk = &scene->execution->desks[index];
    Trade *trade = outbox_publish(scene->outbox, TOPIC_TRADES);
    *trade = desk->trade;
    trade->exit_time = scene->now_us;
    trade->pnl = desk->gain;
    portfolio_trade_percent(desk->gain, desk->cost, trade);
    desk->open = false;
    desk->slicing = (Slicing){0};
    desk->stop = desk->target = desk->high_water = price_of(0);
    char pnl[DECIMAL_TEXT_MAX];
    money_to_fixed(desk->gain, 2, pnl);
    outbox_log(scene->outbox, LOG_INFO, "%s %s closed by %s, result %s", trade->id, trade->symbol,
               TradeReason_text(trade->reason), pnl);
}

/* Nothing is left that the venue would take: what remains is dust, and stays in the inventory. */
bool execution_is_dust(const Execution *execution, unsigned index) {
    const Filters *filters = &execution->symbols.symbols[index].filters;
    Quantity left = quantity_floor(execution->account.inventories[index].quantity, filters->step);
    Money value = price_times_quantity(execution->desks[index].price, left).money;
    return left.units == 0 || left.units < filters->quantity_min.units ||
           money_compare(value, filters->notional_min) < 0;
}

/* ---- booking --------------------------------------------------------------------------------- */

static void book_buy(Scene *scene, unsigned index, const Booking *booking,
                     const ExecutionReport *report) {
    Execution *execution = scene->execution;
    OrderRecord *order = &execution->desks[index].entry;
    PostingSink sink = execution_sink(scene, order->order_id);
    Money fees = execution->account.fees;
    if (!trading_account_buy(&execution->account, booking, &sink)) {
        outbox_log(scene->outbox, LOG_ERROR, "%s: the fill does not fit the ledger, not booked",
                   order->order_id);
        return;
    }
    say_fill(scene, order, report);
    if (!execution->desks[index].open) open_position(scene, index);
    add_bought(scene, index, report);
    add_fees(scene, index, fees);
}

static void book_sell(Scene *scene, unsigned index, const OrderRecord *order,
                      const Booking *booking, const ExecutionReport *report) {
    Execution *execution = scene->execution;
    PostingSink sink = execution_sink(scene, order->order_id);
    Money fees = execution->account.fees, gain;
    if (!trading_account_sell(&execution->account, booking, &sink, &gain)) {
        outbox_log(scene->outbox, LOG_ERROR, "%s: the fill does not fit the ledger, not booked",
                   order->order_id);
        return;
    }
    say_fill(scene, order, report);
    if (!execution->desks[index].open) return; /* sold what no open position held: only booked */
    add_sold(&execution->desks[index], report, gain);
    add_fees(scene, index, fees);
    /* At a real venue an order may end while others of the position go on (slices). */
    bool whole = order->state == ORDER_FILLED && !execution->venue.real;
    if (whole || execution_is_dust(execution, index)) execution_close(scene, index);
}

static OrderRecord *order_of(Desk *desk, const char *order_id) {
    OrderRecord *const orders[] = {&desk->entry, &desk->protection, &desk->exit};
    for (unsigned i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (strcmp(orders[i]->order_id, order_id) == 0) return orders[i];
    return NULL;
}

static void log_rejection(const Scene *scene, const OrderRecord *order,
                          const ExecutionReport *report) {
    outbox_log(scene->outbox, LOG_ERROR, "Order %s %s rejected by the venue: %s", order->order_id,
               order->symbol, report->text);
}

/* What is too small to be sold ends the trade in the books, once, instead of being tried for ever.
 */
static void leave_dust(Scene *scene, unsigned index) {
    Desk *desk = &scene->execution->desks[index];
    outbox_log(scene->outbox, LOG_WARNING, "%s: what is left is below the venue's smallest order",
               desk->trade.symbol);
    desk->exit_wanted = false;
    execution_close(scene, index);
}

/* A position never stays without protection: one that ended by the venue's will is an exit, an exit
 * that ended unfinished is protected again. After a second rejection at one instant the next price
 * tries again (execution_mend): a turn must end. */
static void after_end(Scene *scene, unsigned index, const OrderRecord *order,
                      const ExecutionReport *report) {
    Desk *desk = &scene->execution->desks[index];
    bool rejected = order->state == ORDER_REJECTED;
    bool again = rejected && desk->rejected_us == scene->now_us;
    if (rejected) log_rejection(scene, order, report);
    if (rejected) desk->rejected_us = scene->now_us;
    if (execution_venue_after_end(scene, index, order, report)) return;
    if (!desk->open || again) return;
    if (execution_is_dust(scene->execution, index))
        leave_dust(scene, index);
    else if (order == &desk->protection && desk->exit_wanted)
        execution_send_exit(scene, index);
    else if (order == &desk->protection)
        execution_exit(scene, index, REASON_STOP_LOSS);
    else
        execution_protect(scene, index);
}

static bool fits(const OrderRecord *order, const ExecutionReport *report) {
    return order && order_may_become(order->state, report->state) &&
           report->quantity.units <= order->quantity.units - order->filled.units;
}

bool execution_report(Scene *scene, const ExecutionReport *report) {
    int found = execution_desk(scene->execution, report->symbol);
    if (found < 0) return false;
    unsigned index = (unsigned)found;
    Desk *desk = &scene->execution->desks[index];
    OrderRecord *order = order_of(desk, report->order_id);
    if (!fits(order, report)) {
        outbox_log(scene->outbox, LOG_ERROR, "Report on %s to %s does not fit: ignored",
                   report->order_id, OrderState_text(report->state));
        return false;
    }
    Booking booking = {.symbol = index,
                       .price = report->price,
                       .quantity = report->quantity,
                       .fee = report->fee,
                       .fee_asset = report->fee_asset,
                       .happened = scene->execution->venue.real};
    bool filled = report->quantity.units > 0;
    order->state = report->state;
    order->filled = quantity_add(order->filled, report->quantity);
    bool unlocks = filled || order_is_terminal(order->state) ||
                   PLANTED(34, false, order->state == ORDER_UNKNOWN);
    if (unlocks) unlock(scene, index, order, report);
    execution_say_order(scene, order);
    if (filled && order->side == SIDE_BUY) book_buy(scene, index, &booking, report);
    if (filled && order->side == SIDE_SELL) book_sell(scene, index, order, &booking, report);
    if (!desk->open) desk->exit_wanted = false; /* the protection was faster */
    if (order_is_terminal(order->state)) after_end(scene, index, order, report);
    execution_venue_covered(scene, index);
    return filled || order_is_terminal(order->state);
}
