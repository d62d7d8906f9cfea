/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial_position.h"

#include "core/base/digest.h"

/* ---- the end of a trade -------------------------------------------------------------------- */

uint64_t trial_trade_hash(uint64_t hash, const TrialTrade *trade) {
    const int64_t facts[] = {(int64_t)hash,
                             trade->market,
                             trade->entry_bar,
                             trade->exit_bar,
                             trade->entry.units,
                             trade->exit.units,
                             trade->quantity.units,
                             (int64_t)trade->gain.units,
                             (int64_t)trade->fees.units,
                             trade->reason};
    return hash64(facts, sizeof facts);
}

static double excursion(Price extreme, Price entry) {
    return (double)(extreme.units - entry.units) / (double)entry.units;
}

void trial_position_close(TrialBook *book, const TrialMoment *moment) {
    TrialDesk *desk = &book->desks[moment->market];
    TrialTrade *trade = &desk->trade;
    TrialOutput *output = book->output;
    trade->exit_bar = moment->bar;
    trade->exit_us = moment->time_us;
    trade->worst = excursion(desk->lowest, trade->entry);
    trade->best = excursion(desk->highest, trade->entry);
    book->result.hash = trial_trade_hash(book->result.hash, trade);
    if (output && output->trades && book->result.trades < output->trades_max)
        output->trades[book->result.trades] = *trade;
    book->result.trades++;
    desk->open = desk->resting = desk->leaving = false;
    desk->selling = quantity_of(0);
    desk->bars_flat = 0;
}

/* ---- protection and exit ------------------------------------------------------------------- */

/* As the executor: the inventory on the step, at most what one order may hold. */
Quantity trial_position_sellable(const TrialBook *book, unsigned market) {
    const Filters *filters = book->desks[market].filters;
    Quantity held = book->account.inventories[market].quantity;
    bool over = filters->quantity_max.units > 0 && held.units > filters->quantity_max.units;
    return quantity_floor(over ? filters->quantity_max : held, filters->step);
}

/* As the executor: nothing is left that a venue would take. */
static bool is_dust(const TrialBook *book, unsigned market) {
    const TrialDesk *desk = &book->desks[market];
    Quantity left = quantity_floor(book->account.inventories[market].quantity, desk->filters->step);
    Money value = price_times_quantity(desk->price, left).money;
    return left.units == 0 || left.units < desk->filters->quantity_min.units ||
           money_compare(value, desk->filters->notional_min) < 0;
}

/* As the venue judges a market order: at the last price, on the tick. */
bool trial_position_sale_passes(const TrialDesk *desk, Quantity quantity) {
    Price price = price_floor(desk->price, desk->filters->tick);
    return !filters_fault(desk->filters, price, quantity);
}

void trial_position_order_sale(TrialDesk *desk, Quantity quantity, TradeReason reason,
                               bool leaving) {
    desk->selling = quantity;
    desk->selling_reason = reason;
    desk->leaving = leaving;
}

static bool rest(TrialBook *book, unsigned market) {
    TrialDesk *desk = &book->desks[market];
    Price stop = desk->protection.stop;
    Quantity quantity = trial_position_sellable(book, market);
    desk->protection.quantity = quantity;
    desk->protection.stop_reason = REASON_STOP_LOSS;
    desk->resting =
        stop.units == 0 ? quantity.units > 0 : !filters_fault(desk->filters, stop, quantity);
    return desk->resting;
}

static bool has_levels(const TrialBook *book, const TrialDesk *desk) {
    return book->trails || desk->protection.stop.units > 0 || desk->protection.target.units > 0;
}

/* A position whose protection the venue refuses is sold at the next open; one that cannot be sold
 * either is tried again at each price. */
static void protect(TrialBook *book, const TrialMoment *moment) {
    unsigned market = moment->market;
    TrialDesk *desk = &book->desks[market];
    desk->resting = false;
    if (!has_levels(book, desk) || rest(book, market)) return;
    Quantity quantity = trial_position_sellable(book, market);
    if (is_dust(book, market))
        trial_position_close(book, moment);
    else if (trial_position_sale_passes(desk, quantity))
        trial_position_order_sale(desk, quantity, REASON_STOP_LOSS, true);
}

void trial_position_leave(TrialBook *book, const TrialMoment *moment, TradeReason reason) {
    unsigned market = moment->market;
    TrialDesk *desk = &book->desks[market];
    if (!desk->open || desk->leaving) return;
    Quantity quantity = trial_position_sellable(book, market);
    desk->resting = false;
    if (trial_position_sale_passes(desk, quantity)) {
        trial_position_order_sale(desk, quantity, reason, true);
        return;
    }
    book->result.refused++;
    if (is_dust(book, market))
        trial_position_close(book, moment);
    else if (has_levels(book, desk))
        rest(book, market);
}

void trial_position_mend(TrialBook *book, const TrialMoment *moment) {
    const TrialDesk *desk = &book->desks[moment->market];
    bool busy = desk->resting || desk->selling.units > 0 || desk->buying.units > 0;
    if (desk->open && !busy) protect(book, moment);
}

/* ---- fills --------------------------------------------------------------------------------- */

/* Value / quantity, floored; a single fill keeps its own price. */
static Price mean_price(Money value, Quantity quantity, const PaperFill *only) {
    return only ? only->price : price_of((int64_t)(value.units * DECIMAL_SCALE / quantity.units));
}

/* What every fill adds to the trade and the result. */
static Money count_fill(TrialBook *book, TrialTrade *trade, const PaperFill *fill,
                        Quantity quantity, Money fees_before) {
    Money notional = price_times_quantity(fill->price, quantity).money;
    trade->fees = money_add(trade->fees, money_subtract(book->account.fees, fees_before));
    trade->slippage = money_add(trade->slippage, fill->slippage);
    book->result.slippage = money_add(book->result.slippage, fill->slippage);
    book->result.turnover = money_add(book->result.turnover, notional);
    return notional;
}

void trial_position_see(TrialDesk *desk, Price price) {
    if (price.units < desk->lowest.units) desk->lowest = price;
    if (price.units > desk->highest.units) desk->highest = price;
}

void trial_position_sell(TrialBook *book, const TrialMoment *moment, const PaperFill *fill,
                         Quantity quantity, bool whole) {
    TrialDesk *desk = &book->desks[moment->market];
    TrialTrade *trade = &desk->trade;
    Booking booking = {
        .symbol = moment->market, .price = fill->price, .quantity = quantity, .fee = fill->fee};
    Money fees = book->account.fees, gain;
    bool booked = trading_account_sell(&book->account, &booking, &trial_position_sink, &gain);
    CHECK(booked, "a trial sells what it holds");
    bool first = desk->sold.units == 0;
    Money notional = count_fill(book, trade, fill, quantity, fees);
    desk->sold = quantity_add(desk->sold, quantity);
    desk->proceeds = money_add(desk->proceeds, notional);
    trade->gain = money_add(trade->gain, gain);
    trade->exit = mean_price(desk->proceeds, desk->sold, first ? fill : NULL);
    trade->reason = fill->reason;
    desk->selling = quantity_of(0);
    trial_position_see(desk, fill->price);
    if (whole || is_dust(book, moment->market))
        trial_position_close(book, moment);
    else
        protect(book, moment);
}

static void begin_trade(TrialDesk *desk, const TrialMoment *moment, const PaperFill *fill) {
    desk->open = true;
    desk->bought = desk->sold = quantity_of(0);
    desk->cost = desk->proceeds = money_of(0);
    desk->high_water = price_of(0);
    desk->lowest = desk->highest = fill->price;
    desk->bars_held = 0;
    desk->trade = (TrialTrade){
        .market = moment->market, .entry_bar = moment->bar, .entry_us = moment->time_us};
}

static void set_levels(TrialDesk *desk) {
    Price entry = desk->trade.entry, none = price_of(0);
    desk->protection.stop =
        desk->stop_fraction > 0 ? sizing_stop(entry, desk->stop_fraction, desk->filters) : none;
    desk->protection.target = desk->target_fraction > 0
                                  ? sizing_target(entry, desk->target_fraction, desk->filters)
                                  : none;
}

static void add_bought(TrialDesk *desk, const TrialMoment *moment, const PaperFill *fill,
                       Quantity quantity, Money notional) {
    TrialTrade *trade = &desk->trade;
    bool first = desk->bought.units == 0;
    desk->cost = money_add(desk->cost, notional);
    desk->bought = quantity_add(desk->bought, quantity);
    trade->entry = mean_price(desk->cost, desk->bought, first ? fill : NULL);
    int64_t held = desk->bought.units - desk->sold.units;
    if (held > trade->quantity.units) trade->quantity = quantity_of(held);
    desk->stop_fraction = desk->buying_stop;
    desk->target_fraction = desk->buying_target;
    set_levels(desk);
    if (fill->price.units > desk->high_water.units) desk->high_water = fill->price;
    desk->stop_moved_us = moment->time_us;
    trial_position_see(desk, fill->price);
}

void trial_position_buy(TrialBook *book, const TrialMoment *moment, const PaperFill *fill) {
    TrialDesk *desk = &book->desks[moment->market];
    TradingAccount *account = &book->account;
    Quantity quantity = desk->buying;
    Booking booking = {
        .symbol = moment->market, .price = fill->price, .quantity = quantity, .fee = fill->fee};
    bool freed =
        trading_account_unlock(account, account->quote, desk->reserved, &trial_position_sink);
    CHECK(freed, "what an entry reserved is still locked");
    desk->reserved = money_of(0);
    desk->buying = quantity_of(0);
    Money fees = account->fees;
    if (!trading_account_buy(account, &booking, &trial_position_sink)) {
        book->result.refused++; /* the open lies so far above the close that cash does not pay it */
        return;
    }
    if (!desk->open) begin_trade(desk, moment, fill);
    Money notional = count_fill(book, &desk->trade, fill, quantity, fees);
    add_bought(desk, moment, fill, quantity, notional);
    protect(book, moment);
}
