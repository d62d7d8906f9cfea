/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order's own story: the venue shows a leg, a trade is booked, and what follows of all legs
 * together is told to the executor. Whatever the order and the channel in which the venue's words
 * arrive, a trade is told once, states only move along core/market/order.h, and what cannot be is
 * an alarm (protocol_parts.h).
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

/* The stream brings trades within this; only then the list of them is asked. */
#define STREAM_TIME_US 300000
/* A market order that is not over yet is looked at again. */
#define LOOK_AGAIN_US 500000

/* ---- telling --------------------------------------------------------------------------------- */

static ExecutionReport *say(Turn *turn, TrackedOrder *order, OrderState state) {
    const VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    ExecutionReport *report = outbox_publish(turn->outbox, TOPIC_EXECUTION_REPORTS);
    memcpy(report->order_id, order->order_id, sizeof report->order_id);
    memcpy(report->symbol, symbol->symbol.name.text, sizeof report->symbol);
    report->side = order->side;
    report->state = state;
    report->reason = order->reason;
    order->told = state;
    return report;
}

/* The way to a state through those that the table of orders demands. */
static bool may_tell(Turn *turn, TrackedOrder *order, OrderState *state) {
    bool refusal = *state == ORDER_REJECTED || *state == ORDER_NEVER_ARRIVED;
    if (refusal && !order_may_become(order->told, *state)) *state = ORDER_EXPIRED;
    if (order_may_become(order->told, *state)) return true;
    if (!order_may_become(order->told, ORDER_ACKED) || !order_may_become(ORDER_ACKED, *state))
        return false;
    say(turn, order, ORDER_ACKED);
    return true;
}

static void tell(Turn *turn, TrackedOrder *order, OrderState state) {
    if (!may_tell(turn, order, &state)) {
        protocol_freeze(turn, "an order's state cannot follow its last", order->order_id);
        return;
    }
    bool was_unknown = order->told == ORDER_UNKNOWN;
    ExecutionReport *report = say(turn, order, state);
    bool over = order_is_terminal(state);
    if (over) order->over_us = turn->now_us;
    if (over && order->words[0]) memcpy(report->text, order->words, sizeof report->text);
    report->retry_helps = over && order->retry_helps;
    if (was_unknown && state != ORDER_UNKNOWN) sync_begin(turn);
}

void order_words(TrackedOrder *order, const char *words) {
    Text text = TEXT_IN(order->words);
    size_t length = strnlen(words, sizeof order->words - 1);
    while (length > 0 && ((unsigned char)words[length] & 0xC0) == 0x80)
        length--; /* a character is not cut */
    text_slice(&text, (Slice){words, length});
    text_end(&text);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool was_accepted(const TrackedOrder *order) {
    return order->settled.units > 0 || tracked_has(order, LEG_ENDED);
}

static bool has_status(const TrackedOrder *order, BinanceStatus status) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_ENDED && order->legs[i].status == status) return true;
    return false;
}

static OrderState final_state(const TrackedOrder *order) {
    bool whole = tracked_booked(order).units >= order->quantity.units;
    if (whole) return ORDER_FILLED;
    if (!was_accepted(order))
        return tracked_has(order, LEG_REJECTED) ? ORDER_REJECTED : ORDER_NEVER_ARRIVED;
    bool traded = tracked_booked(order).units > 0;
    if (has_status(order, BINANCE_STATUS_REJECTED) && !traded) return ORDER_REJECTED;
    bool canceled = order->cancelled || has_status(order, BINANCE_STATUS_CANCELED);
    return canceled ? ORDER_CANCELED : ORDER_EXPIRED;
}

void order_settle(Turn *turn, TrackedOrder *order) {
    if (!order->order_id[0] || order_is_terminal(order->told)) return;
    if (tracked_is_over(order)) {
        if (!order->held) tell(turn, order, final_state(order));
        return;
    }
    if (tracked_has(order, LEG_UNKNOWN)) {
        if (order->told != ORDER_UNKNOWN) tell(turn, order, ORDER_UNKNOWN);
        return;
    }
    bool accepted = tracked_has(order, LEG_OPEN) || tracked_has(order, LEG_ENDED);
    if (!accepted || (order->told != ORDER_INTENT && order->told != ORDER_UNKNOWN)) return;
    bool traded = tracked_booked(order).units > 0;
    tell(turn, order, traded ? ORDER_PARTIALLY_FILLED : ORDER_ACKED);
}

void leg_refuse(Leg *leg) {
    leg->state = LEG_REJECTED;
    leg->query = leg->trades = (Question){0};
}

void order_refuse(Turn *turn, TrackedOrder *order, const char *words, bool retry_helps) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_WAITS) leg_refuse(&order->legs[i]);
    order_words(order, words);
    order->retry_helps = retry_helps;
    order_settle(turn, order);
}

/* ---- a leg ----------------------------------------------------------------------------------- */

static bool agrees(const Turn *turn, const TrackedOrder *order, const Leg *leg,
                   const BinanceReport *report) {
    const VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    bool same = leg->venue_id == 0 || leg->venue_id == report->order_id;
    bool side = report->is_receipt || report->side == order->side;
    bool name = symbol_name_equal(&report->symbol, &symbol->symbol.name);
    return same && side && name && report->executed.units <= leg->quantity.units;
}

static bool is_ended(const BinanceReport *report) {
    return !report->is_receipt && binance_status_ends(report->status);
}

/* A leg that was refused or proven absent, and is there: nobody waits for it, so it must go. */
static void return_from_nowhere(Turn *turn, TrackedOrder *order) {
    protocol_freeze(turn, "the venue shows an order that it had refused", order->order_id);
}

void leg_adopt(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceReport *report) {
    if (!agrees(turn, order, leg, report)) {
        protocol_freeze(turn, "the venue shows another order under our id", order->order_id);
        return;
    }
    bool is_new = leg->state != LEG_OPEN && leg->state != LEG_ENDED;
    if (leg->state == LEG_REJECTED || leg->state == LEG_GONE) return_from_nowhere(turn, order);
    leg->venue_id = report->order_id;
    if (is_new) leg->evidence = 0;
    Quantity executed =
        PLANTED(3, report->executed,
                report->status == BINANCE_STATUS_FILLED ? leg->quantity : quantity_of(0));
    if (executed.units > leg->executed.units) leg->executed = executed;
    bool ended = is_ended(report) || leg->state == LEG_ENDED;
    if (is_ended(report)) leg->status = report->status;
    if (PLANTED(4, false, ended && leg->status != BINANCE_STATUS_FILLED))
        leg->executed = leg->booked; /* planted: what ended early has traded nothing */
    LegState state = ended ? LEG_ENDED : LEG_OPEN;
    if (state != leg->state) leg->seen_us = turn->now_us;
    leg->state = state;
    if (!leg->query.asking) leg->query = (Question){0};
    if (leg->state == LEG_OPEN && leg->kind == LEG_MARKET)
        question_want(&leg->query, turn->now_us + LOOK_AGAIN_US);
}

/* What was executed and not told is asked for, after the stream had its time. */
static void want_trades(const Turn *turn, Leg *leg) {
    if (leg->booked.units >= leg->executed.units) {
        if (!leg->trades.asking) leg->trades = (Question){0};
        return;
    }
    int64_t wait_us = turn->protocol->stream_up ? STREAM_TIME_US : 0;
    if (PLANTED(29, !leg->trades.wanted && !leg->trades.asking, false))
        question_want(&leg->trades, turn->now_us + wait_us);
}

void leg_book_all(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceReport *report) {
    for (unsigned i = 0; i < report->fill_count; i++)
        leg_book(turn, order, leg, &report->fills[i]);
    want_trades(turn, leg);
}

/* ---- trades ---------------------------------------------------------------------------------- */

/* The first trades of a restored order were booked before the start: they move from what is
 * settled to the leg, and are not told. False: this one is new. */
static bool skip_booked(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceFill *fill) {
    if (order->to_skip.units == 0) return false;
    Quantity part = fill->quantity;
    if (part.units > order->to_skip.units) {
        protocol_freeze(turn, "the trades of an order are not those on record", order->order_id);
        part = order->to_skip;
    }
    order->to_skip = quantity_subtract(order->to_skip, part);
    order->settled = quantity_subtract(order->settled, part);
    leg->booked = quantity_add(leg->booked, part);
    return true;
}

static void say_fill(Turn *turn, TrackedOrder *order, const Leg *leg, const BinanceFill *fill) {
    bool whole = tracked_booked(order).units == order->quantity.units;
    bool was_unknown = order->told == ORDER_UNKNOWN;
    ExecutionReport *report = say(turn, order, whole ? ORDER_FILLED : ORDER_PARTIALLY_FILLED);
    report->quantity = PLANTED(27, fill->quantity, order->quantity);
    report->price = PLANTED(2, fill->price, price_of(fill->price.units + 1));
    report->fee = PLANTED(5, fill->commission, money_of(0));
    const AssetName *asset =
        PLANTED(26, &fill->commission_asset, &turn->protocol->symbols[order->symbol].symbol.quote);
    memcpy(report->fee_asset, asset->text, sizeof report->fee_asset);
    report->trade_id = fill->trade_id;
    report->reason = tracked_reason(order, leg);
    if (whole) order->over_us = turn->now_us;
    if (whole && was_unknown) sync_begin(turn);
}

void leg_book(Turn *turn, TrackedOrder *order, Leg *leg, const BinanceFill *fill) {
    VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    bool sound = fill->trade_id >= 0 && fill->price.units > 0 && fill->quantity.units > 0 &&
                 fill->commission.units >= 0;
    if (!sound) {
        protocol_freeze(turn, "a trade without number, price or quantity", order->order_id);
        return;
    }
    if (order->to_skip.units > 0 && !leg->trades.asking) { /* the list tells which are new */
        question_want(&leg->trades, turn->now_us);
        return;
    }
    bool is_new = trade_ring_add(&symbol->ring, fill->trade_id);
    if (!PLANTED(6, is_new, true)) return;
    if (skip_booked(turn, order, leg, fill)) return;
    Quantity left = quantity_subtract(order->quantity, tracked_booked(order));
    bool beyond =
        PLANTED(40, fill->quantity.units > left.units, fill->quantity.units >= left.units);
    if (beyond || order_is_terminal(order->told)) {
        protocol_freeze(turn, "more was traded than was ordered", order->order_id);
        return;
    }
    leg->booked = quantity_add(leg->booked, fill->quantity);
    if (leg->booked.units > leg->executed.units) leg->executed = leg->booked;
    turn->protocol->fill_us = turn->now_us;
    say_fill(turn, order, leg, fill);
}
