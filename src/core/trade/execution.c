/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/execution.h"

#include <string.h>

#include "core/base/planted.h"
#include "core/bus/shape.h"
#include "core/market/order.h"
#include "core/trade/gate.h"
#include "core/trade/sizing.h"

#define PERCENT 100
#define MILLION 1000000
#define RESERVE_PERCENT                                                                            \
    2 /* of an entry kept locked above its notional: spread, slippage, next open */

/* ---- orders ---------------------------------------------------------------------------------- */

static void say_posting(void *context, const char *asset, Account debit, Account credit,
                        Money amount) {
    const Scene *scene = context;
    Posting *posting = outbox_publish(scene->outbox, TOPIC_POSTINGS);
    memcpy(posting->asset, asset, strlen(asset) + 1);
    posting->debit = debit;
    posting->credit = credit;
    posting->amount = amount;
    memcpy(posting->order_id, scene->order_id, strlen(scene->order_id) + 1);
}

PostingSink execution_sink(Scene *scene, const char *order_id) {
    scene->order_id = order_id;
    return (PostingSink){.post = say_posting, .context = scene};
}

bool execution_order_active(const OrderRecord *order) {
    if (PLANTED(30, false, order->state == ORDER_UNKNOWN)) return false;
    return order->order_id[0] && !order_is_terminal(order->state);
}

void execution_say_order(const Scene *scene, OrderRecord *order) {
    order->updated = scene->now_us;
    *(OrderRecord *)outbox_publish(scene->outbox, TOPIC_ORDERS) = *order;
}

static void send(const Scene *scene, const OrderRecord *order, OrderAction action) {
    OrderRequest *request = outbox_publish(scene->outbox, TOPIC_ORDER_REQUESTS);
    memcpy(request->order_id, order->order_id, sizeof request->order_id);
    memcpy(request->symbol, order->symbol, sizeof request->symbol);
    memcpy(request->signal_id, order->signal_id, sizeof request->signal_id);
    request->action = action;
    request->side = order->side;
    request->quantity = order->quantity;
    request->stop_price = order->stop_price;
    request->target_price = order->target_price;
    request->reason = order->reason;
}

static void new_order(const Scene *scene, OrderRecord *order, unsigned index, Side side,
                      Quantity quantity) {
    Execution *execution = scene->execution;
    *order = (OrderRecord){.side = side, .quantity = quantity, .created = scene->now_us};
    Text id = TEXT_IN(order->order_id);
    text_format(&id, "o-%D", PLANTED(39, ++execution->orders, execution->orders + 1));
    text_end(&id);
    memcpy(order->symbol, execution->symbols.symbols[index].name.text, sizeof order->symbol);
}

/* The inventory on the step, at most what one order may hold. */
static Quantity sellable(const Execution *execution, unsigned index) {
    const Filters *filters = &execution->symbols.symbols[index].filters;
    Quantity held = quantity_floor(execution->account.inventories[index].quantity, filters->step);
    bool over = filters->quantity_max.units > 0 && held.units > filters->quantity_max.units;
    return over ? quantity_floor(filters->quantity_max, filters->step) : held;
}

void execution_protect(Scene *scene, unsigned index) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    const Inventory *inventory = &execution->account.inventories[index];
    Quantity quantity = sellable(execution, index);
    OrderRecord *order = &desk->protection;
    new_order(scene, order, index, SIDE_SELL, quantity);
    order->action = ORDER_ACTION_PROTECT;
    order->reason = REASON_PROTECT;
    order->stop_price = desk->stop;
    order->target_price = desk->target;
    memcpy(order->signal_id, desk->verdict.signal_id, sizeof order->signal_id);
    PostingSink sink = execution_sink(scene, order->order_id);
    bool locked =
        trading_account_lock(&execution->account, inventory->base, money_of(quantity.units), &sink);
    CHECK(locked, "a position's inventory is free when it is protected");
    desk->locked = quantity;
    desk->target_local = false;
    execution_say_order(scene, order);
    send(scene, order, ORDER_ACTION_PROTECT);
}

void execution_send_exit(const Scene *scene, unsigned index) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    desk->exit_wanted = false;
    new_order(scene, &desk->exit, index, SIDE_SELL, sellable(execution, index));
    desk->exit.action = ORDER_ACTION_MARKET;
    desk->exit.reason = desk->exit_reason;
    memcpy(desk->exit.signal_id, desk->verdict.signal_id, sizeof desk->exit.signal_id);
    execution_say_order(scene, &desk->exit);
    send(scene, &desk->exit, ORDER_ACTION_MARKET);
}

void execution_mend(Scene *scene, unsigned index) {
    const Desk *desk = &scene->execution->desks[index];
    bool busy = execution_order_active(&desk->entry) || execution_order_active(&desk->protection) ||
                execution_order_active(&desk->exit);
    bool wanted = desk->exit_again || desk->rest_us > scene->now_us;
    if (wanted || !execution_venue_works(scene->execution, index)) return;
    if (desk->open && !busy) execution_protect(scene, index);
}

void execution_cancel(const Scene *scene, const OrderRecord *order) {
    send(scene, order, ORDER_ACTION_CANCEL);
}

/* The protection holds the coins: it is cancelled first, and the exit goes when the venue says so.
 */
void execution_exit(Scene *scene, unsigned index, TradeReason reason) {
    Desk *desk = &scene->execution->desks[index];
    if (!desk->open || desk->exit_wanted || execution_order_active(&desk->exit)) return;
    if (!execution_venue_works(scene->execution, index)) { /* kept until it does */
        desk->exit_again = true;
        desk->exit_reason = reason;
        return;
    }
    desk->slicing.active = false;
    desk->exit_wanted = true;
    desk->exit_reason = reason;
    if (PLANTED(31, execution_order_active(&desk->protection), false))
        send(scene, &desk->protection, ORDER_ACTION_CANCEL);
    else
        execution_send_exit(scene, index);
}

/* ---- entries --------------------------------------------------------------------------------- */

static void refuse(const Scene *scene, const RiskVerdict *verdict, RefusalCode code) {
    Refusal *refusal = outbox_publish(scene->outbox, TOPIC_REFUSALS);
    refusal->time = scene->now_us;
    memcpy(refusal->symbol, verdict->symbol, sizeof refusal->symbol);
    memcpy(refusal->signal_id, verdict->signal_id, sizeof refusal->signal_id);
    refusal->code = code;
    Text text = TEXT_IN(refusal->text);
    text_put(&text, gate_words(code));
    text_end(&text);
    outbox_log(scene->outbox, code == DENIED_INSUFFICIENT_BALANCE ? LOG_WARNING : LOG_INFO,
               "%s %s refused: %s (%s)", verdict->signal_id, verdict->symbol,
               RefusalCode_text(code), gate_words(code));
}

/* Value of all inventories, and what is locked for entries on their way. */
static Money committed(const Execution *execution) {
    Money sum = money_of(0);
    for (unsigned i = 0; i < execution->symbols.count; i++) {
        sum = money_add(sum,
                        trading_account_value(&execution->account, i, execution->desks[i].price));
        sum = money_add(sum, PLANTED(38, execution->desks[i].reserved, money_of(0)));
    }
    return sum;
}

static unsigned busy_positions(const Execution *execution) {
    unsigned count = 0;
    for (unsigned i = 0; i < execution->symbols.count; i++)
        count += execution->desks[i].open || execution_order_active(&execution->desks[i].entry);
    return count;
}

unsigned execution_views(const Execution *execution, DeskView views[static LIMIT_SYMBOLS]) {
    for (unsigned i = 0; i < execution->symbols.count; i++) {
        const Desk *desk = &execution->desks[i];
        views[i] = (DeskView){.symbol = execution->symbols.symbols[i].name.text,
                              .index = i,
                              .price = desk->price,
                              .average = desk->trade.entry_price,
                              .stop = desk->stop,
                              .target = desk->target,
                              .high_water = desk->high_water,
                              .open = desk->open,
                              .opened_us = desk->trade.entry_time,
                              .signal_id = desk->verdict.signal_id};
    }
    return execution->symbols.count;
}

static Money current_equity(const Execution *execution) {
    DeskView views[LIMIT_SYMBOLS];
    return portfolio_value(&execution->account, views, execution_views(execution, views));
}

static Quantity size_entry(const Execution *execution, unsigned index, const RiskVerdict *verdict) {
    SizeAsk ask = {.equity = current_equity(execution),
                   .free_quote = trading_account_free(&execution->account),
                   .size_fraction = verdict->size_fraction,
                   .smallest = execution->smallest,
                   .only_smallest = verdict->smallest,
                   .price = execution->desks[index].price,
                   .reserve_percent = RESERVE_PERCENT};
    return sizing_quantity(&ask, &execution->symbols.symbols[index].filters);
}

/* The gate's question for an entry; a slice belongs to a position that it may add to, and to a
 * decision that passed when it was fresh. */
static RefusalCode ask_gate(const Scene *scene, unsigned index, const RiskVerdict *verdict,
                            Quantity quantity, bool slice) {
    const Execution *execution = scene->execution;
    const Desk *desk = &execution->desks[index];
    const Filters *filters = &execution->symbols.symbols[index].filters;
    GateAsk ask = {.kill = execution->kill,
                   .stale = PLANTED(17, execution->stale || desk->stale, false),
                   .position_open = desk->open && !slice,
                   .order_open = execution_order_active(&desk->entry) ||
                                 execution_order_active(&desk->exit) || desk->exit_wanted,
                   .positions = busy_positions(execution) - (slice && desk->open),
                   .positions_max = (unsigned)execution->positions_max,
                   .age_us = slice ? 0 : scene->now_us - verdict->market_timestamp,
                   .age_max_us = execution->ttl_us,
                   .price = desk->price,
                   .stop = sizing_stop(desk->price, verdict->stop_loss_fraction, filters),
                   .quantity = quantity,
                   .free_quote = trading_account_free(&execution->account),
                   .smallest = execution->smallest,
                   .committed = committed(execution),
                   .exposure_max =
                       money_share(current_equity(execution), execution->exposure_ppm, MILLION),
                   .filters = filters,
                   .venue = execution_venue_refusal(scene, index),
                   .cap = execution_venue_cap(scene)};
    return gate_entry(&ask);
}

static void send_entry(Scene *scene, unsigned index, Quantity quantity) {
    Execution *execution = scene->execution;
    Desk *desk = &execution->desks[index];
    Money notional = price_times_quantity(desk->price, quantity).money;
    Money reserve = money_share_up(notional, PERCENT + RESERVE_PERCENT, PERCENT);
    Money free_quote = trading_account_free(&execution->account);
    if (money_compare(reserve, free_quote) > 0) reserve = free_quote;
    new_order(scene, &desk->entry, index, SIDE_BUY, quantity);
    desk->entry.action = ORDER_ACTION_MARKET;
    desk->entry.reason = REASON_SIGNAL;
    memcpy(desk->entry.signal_id, desk->verdict.signal_id, sizeof desk->entry.signal_id);
    PostingSink sink = execution_sink(scene, desk->entry.order_id);
    bool locked =
        trading_account_lock(&execution->account, execution->account.quote, reserve, &sink);
    CHECK(locked, "the reserve was cut to what is free");
    desk->reserved = reserve;
    execution_say_order(scene, &desk->entry);
    send(scene, &desk->entry, ORDER_ACTION_MARKET);
}

void execution_enter(Scene *scene, unsigned index, const RiskVerdict *verdict) {
    Desk *desk = &scene->execution->desks[index];
    Quantity quantity = size_entry(scene->execution, index, verdict);
    RefusalCode code = verdict->verdict;
    bool judged = PLANTED(32, true, verdict != &desk->verdict);
    if (code == ALLOWED && judged) code = ask_gate(scene, index, verdict, quantity, false);
    if (code != ALLOWED) {
        refuse(scene, verdict, code);
        return;
    }
    if (verdict != &desk->verdict) desk->verdict = *verdict;
    send_entry(scene, index, execution_slice_first(scene, index, quantity));
}

bool execution_enter_slice(Scene *scene, unsigned index, Quantity quantity) {
    const RiskVerdict *verdict = &scene->execution->desks[index].verdict;
    RefusalCode code = ask_gate(scene, index, verdict, quantity, true);
    if (code == ALLOWED)
        send_entry(scene, index, quantity);
    else
        refuse(scene, verdict, code);
    return code == ALLOWED;
}

int execution_desk(const Execution *execution, const char *symbol) {
    return symbol_table_find_text(&execution->symbols, symbol);
}

void execution_verdict(Scene *scene, const RiskVerdict *verdict) {
    int index = execution_desk(scene->execution, verdict->symbol);
    if (index < 0 || scene->execution->account.quote < 0) return;
    scene->execution->desks[index].entry_tries = 0;
    scene->execution->desks[index].entry_again = false;
    if (verdict->decision == DECISION_BUY)
        execution_enter(scene, (unsigned)index, verdict);
    else /* on spot there is nothing to sell without a position: the wish changes nothing */
        execution_exit(scene, (unsigned)index, REASON_SIGNAL);
}

RefusalCode execution_rehearse(const Execution *execution, int64_t now_us) {
    /* A Scene may change the state; what is called with this one only reads it. */
    const Scene scene = {.execution = (Execution *)(uintptr_t)execution, .now_us = now_us};
    const RiskVerdict nobodys = {.verdict = ALLOWED, .stop_loss_fraction = 0.01};
    if (execution->symbols.count == 0) return ALLOWED;
    return ask_gate(&scene, 0, &nobodys, size_entry(execution, 0, &nobodys), false);
}

void execution_cancel_entries(Scene *scene) {
    for (unsigned i = 0; i < scene->execution->symbols.count; i++)
        if (execution_order_active(&scene->execution->desks[i].entry))
            send(scene, &scene->execution->desks[i].entry, ORDER_ACTION_CANCEL);
}

void execution_move_stop(Scene *scene, unsigned index, Price stop) {
    Desk *desk = &scene->execution->desks[index];
    if (desk->protection.state != ORDER_ACKED || desk->exit_wanted) return;
    StopMove *move = outbox_publish(scene->outbox, TOPIC_STOP_MOVES);
    move->time = scene->now_us;
    memcpy(move->symbol, desk->protection.symbol, sizeof move->symbol);
    move->from_price = desk->stop;
    move->to_price = stop;
    move->high_water = desk->high_water;
    desk->stop = desk->protection.stop_price = stop;
    desk->stop_moved_us = scene->now_us;
    desk->target_local = scene->execution->venue.real; /* the list became a single stop */
    execution_say_order(scene, &desk->protection);
    send(scene, &desk->protection, ORDER_ACTION_MOVE_STOP);
}

/* ---- opening --------------------------------------------------------------------------------- */

bool execution_symbol(Execution *execution, const Symbol *symbol) {
    bool known = symbol_table_find(&execution->symbols, &symbol->name) >= 0;
    int index = symbol_table_put(&execution->symbols, symbol);
    if (index < 0 || known) return index >= 0;
    return trading_account_symbol(&execution->account, (unsigned)index, symbol->base.text);
}

bool execution_open(Scene *scene, const char *asset, Money amount) {
    PostingSink sink = execution_sink(scene, "");
    return trading_account_open(&scene->execution->account, asset, amount, &sink);
}
