/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account's own stream (protocol_parts.h): faster than any question, and never to be relied on
 * alone. Events race with answers and with one another; one that tells less executed than is known
 * is old. A frame that cannot be read is a gap, and a gap is asked about.
 */
#include <string.h>

#include "core/protocol/protocol_parts.h"
#include "core/venues/binance_user.h"

#define BALANCES_MAX 64 /* of one event: the assets that it changed */

static void hear_trade(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceOrderEvent *event) {
    if (event->last.quantity.units > 0) leg_book(turn, order, leg, &event->last);
}

static void hear_order(Turn *turn, const BinanceOrderEvent *event) {
    TrackedOrder *order;
    bool foreign;
    BinanceReport report = event->report;
    Leg *leg = sync_owner(turn, &report, &order, &foreign);
    if (foreign || turn->protocol->refused[0]) return;
    if (!leg || !order) { /* told again, of an order that left the table, or a copy's */
        if (event->last.quantity.units > 0) sync_begin(turn);
        return;
    }
    const SymbolName *symbol = &turn->protocol->symbols[order->symbol].symbol.name;
    if (!PLANTED(2, symbol_name_equal(&report.symbol, symbol), true)) {
        sync_begin(turn); /* what contradicts itself is asked about, and nothing of it is booked */
        return;
    }
    bool old = report.executed.units < leg->executed.units;
    hear_trade(turn, order, leg, event); /* a trade counts whenever it comes */
    if (PLANTED(27, !old, true)) leg_adopt(turn, order, leg, &report);
    leg_book_all(turn, order, leg, &report);
    order_settle(turn, order);
}

static bool is_known_symbol(const Protocol *protocol, const BinanceReport *report) {
    return protocol_symbol(protocol, report->symbol.text) >= 0;
}

void event_hear(Turn *turn, const VenueEvent *event) {
    BinanceBalance memory[BALANCES_MAX];
    BinanceBalances balances = {.at = memory, .capacity = BALANCES_MAX};
    BinanceUserEvent heard;
    Error error;
    bool read = !event->cut && binance_user_read(slice_of(event->frame), &balances, &heard, &error);
    if (!read) {
        outbox_log(turn->outbox, LOG_WARNING,
                   "A frame of the account's stream cannot be read: all is asked again");
        sync_begin(turn);
        return;
    }
    if (heard.kind == BINANCE_USER_ORDER && is_known_symbol(turn->protocol, &heard.order.report))
        hear_order(turn, &heard.order);
    if (heard.kind == BINANCE_USER_BALANCE || heard.kind == BINANCE_USER_LOCK)
        question_want(&turn->protocol->account_question, turn->now_us);
}
