/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reconciliation (protocol_parts.h): at every start, after a gap of the stream, after an order's
 * doubt has ended, when something does not agree, and now and then. Orders, open orders and trades
 * first, then the balances; when all of it was answered the books are those of the venue. Orders of
 * others are counted and left alone; another instance of ours, and an order of a number that this
 * state never gave, stop the trading.
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

/* Without the stream, the lists are all that shows what happens. */
#define POLL_US (15 * INSTANT_SECOND_US)

void sync_begin(Turn *turn) {
    sync_begin_at(turn, turn->now_us);
}

void sync_begin_at(Turn *turn, int64_t at_us) {
    Protocol *protocol = turn->protocol;
    protocol->syncing = true;
    protocol->account_asked = false;
    protocol->other_seen = false;
    protocol->sync_from_us = turn->now_us;
    for (unsigned i = 0; i < protocol->symbol_count; i++) {
        question_want(&protocol->symbols[i].open, at_us);
        question_want(&protocol->symbols[i].trades, at_us);
    }
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &protocol->orders[i];
        for (unsigned j = 0; j < TRACKED_LEGS; j++)
            if (order->legs[j].state == LEG_OPEN) question_want(&order->legs[j].query, at_us);
    }
}

static bool is_idle(const Question *question) {
    return !question->wanted && !question->asking;
}

bool sync_has_strangers(const Protocol *protocol, unsigned symbol) {
    for (unsigned i = 0; i < PROTOCOL_STRANGERS; i++)
        if (protocol->strangers[i].is_used && protocol->strangers[i].symbol == symbol) return true;
    return false;
}

/* What an order in doubt still asks does not hold up the rest: its symbol stays frozen. */
static bool is_quiet(const Protocol *protocol) {
    for (unsigned i = 0; i < protocol->symbol_count; i++) {
        const VenueSymbol *symbol = &protocol->symbols[i];
        bool ruled = symbol->ruled || symbol->halted;
        if (!is_idle(&symbol->open) || !is_idle(&symbol->trades) || !ruled) return false;
        if (sync_has_strangers(protocol, i)) return false;
    }
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        const TrackedOrder *order = &protocol->orders[i];
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            const Leg *leg = &order->legs[j];
            bool looked = leg->state != LEG_OPEN || leg->kind == LEG_MARKET || is_idle(&leg->query);
            if (!looked || !is_idle(&leg->trades)) return false;
        }
    }
    return true;
}

static void sync_end(Turn *turn) {
    Protocol *protocol = turn->protocol;
    protocol->syncing = false;
    protocol->ready = true;
    protocol->reconciled_us = turn->now_us;
    if (!protocol->other_seen) protocol->other[0] = 0;
    if (protocol->frozen_us < protocol->sync_from_us) protocol->frozen[0] = 0;
    int64_t pause_us = protocol->reconcile_us;
    if (!protocol->stream_up && pause_us > POLL_US) pause_us = POLL_US;
    protocol->sync_due_us = turn->now_us + pause_us;
    ask_wake(turn, protocol->sync_due_us);
}

static void release_held(Turn *turn) {
    const Protocol *protocol = turn->protocol;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &turn->protocol->orders[i];
        if (!order->held || tracked_has(order, LEG_UNKNOWN)) continue;
        order->held = false;
        order_settle(turn, order);
    }
}

void sync_look(Turn *turn) {
    Protocol *protocol = turn->protocol;
    if (!protocol->syncing) {
        release_held(turn);
        if (protocol->frozen[0] && protocol->frozen_us >= protocol->sync_from_us) sync_begin(turn);
        if (protocol->ready && turn->now_us >= protocol->sync_due_us) sync_begin(turn);
        if (protocol->ready && !protocol->syncing) ask_wake(turn, protocol->sync_due_us);
    }
    if (!protocol->syncing || protocol->symbol_count == 0 || !is_quiet(protocol)) return;
    if (!protocol->account_asked) {
        question_want(&protocol->account_question, turn->now_us);
        protocol->account_asked = true;
    } else if (is_idle(&protocol->account_question)) {
        sync_end(turn);
    }
}

/* ---- whose is it ----------------------------------------------------------------------------- */

static void hear_other(Turn *turn, const ClientReading *reading, const BinanceReport *report) {
    Protocol *protocol = turn->protocol;
    if (PLANTED(23, binance_status_ends(report->status), true))
        return; /* what is over disturbs nobody */
    protocol->other_seen = true;
    if (protocol->other[0]) return;
    Text text = TEXT_IN(protocol->other);
    text_format(&text, "another instance, %s, has an order open on this account",
                reading->instance);
    text_end(&text);
    outbox_log(turn->outbox, LOG_ERROR, "%s", protocol->other);
}

/* A leg of a tracked order that this process does not remember: it was made before a cold start. */
static Leg *remember(const ClientReading *reading, TrackedOrder *order,
                     const BinanceReport *report) {
    Leg *leg = tracked_leg_place(order);
    if (!leg) return NULL;
    *leg = (Leg){.kind = reading->leg,
                 .state = LEG_UNKNOWN,
                 .generation = reading->generation,
                 .client_id = report->client_id,
                 .quantity = report->quantity,
                 .price = report->price,
                 .stop_price = report->stop_price,
                 .trades_from = CURSOR_NONE};
    if (reading->generation > order->generation) order->generation = reading->generation;
    return leg;
}

static void refuse_copy(Turn *turn, const BinanceReport *report) {
    protocol_refuse(turn,
                    "the venue knows an order that this state never gave: it is a copy of an older "
                    "one",
                    report->client_id.text);
}

Leg *sync_owner(Turn *turn, const BinanceReport *report, TrackedOrder **order, bool *foreign) {
    Protocol *protocol = turn->protocol;
    ClientReading reading = client_name_read(&report->client_id, protocol->instance);
    *foreign = reading.owner != CLIENT_OURS;
    *order = NULL;
    if (reading.owner == CLIENT_OTHER_INSTANCE) hear_other(turn, &reading, report);
    if (*foreign) return NULL;
    /* Before the first look is complete nothing was placed: what bears a younger number than the
     * state had kept was placed by a process whose state is lost. */
    int64_t given = protocol->ready ? protocol->number : protocol->number_kept;
    if (PLANTED(24, reading.number > given, false)) {
        refuse_copy(turn, report);
        return NULL;
    }
    *order = protocol_order_by_number(protocol, reading.number);
    /* Restored legs have their names from here on: the identity came after them. */
    if (!*order || !place_names(protocol, *order)) return NULL;
    Leg *leg = protocol_leg(*order, &report->client_id);
    if (leg &&
        PLANTED(24, leg->state == LEG_WAITS, false)) { /* it was not sent yet, and is there */
        refuse_copy(turn, report);
        return NULL;
    }
    /* A stop that this state never moved there: what it believes of the position is old. Orders of
     * a cold start have no such memory. */
    bool unmoved = !(*order)->is_restored && reading.generation > (*order)->generation;
    if (PLANTED(24, unmoved, false)) {
        refuse_copy(turn, report);
        return NULL;
    }
    bool restored = (*order)->held && report->order_id > 0;
    return leg || !restored ? leg : remember(&reading, *order, report);
}

static Stranger *stranger_place(Protocol *protocol, unsigned symbol, int64_t venue_id,
                                bool *known) {
    Stranger *place = NULL;
    *known = false;
    for (unsigned i = 0; i < PROTOCOL_STRANGERS; i++) {
        Stranger *stranger = &protocol->strangers[i];
        if (!stranger->is_used && !place) place = stranger;
        if (stranger->is_used && stranger->symbol == symbol && stranger->venue_id == venue_id)
            *known = true;
    }
    return place;
}

/* False: no room, to be met again. */
static bool stranger_add(Turn *turn, unsigned symbol, int64_t venue_id, bool orphan) {
    bool known;
    Stranger *place = stranger_place(turn->protocol, symbol, venue_id, &known);
    if (known) return true;
    if (!place) return false;
    *place =
        (Stranger){.is_used = true, .is_orphan = orphan, .symbol = symbol, .venue_id = venue_id};
    question_want(&place->question, turn->now_us);
    return true;
}

/* ---- open orders ----------------------------------------------------------------------------- */

/* An order of ours rests that we believe over. */
static void hear_orphan(Turn *turn, const Flight *flight, const BinanceReport *report) {
    outbox_log(turn->outbox, LOG_ERROR,
               "%s rests at the venue though it is over here: it is cancelled",
               report->client_id.text);
    stranger_add(turn, flight->place, report->order_id, true);
}

static void hear_resting(Turn *turn, const Flight *flight, const BinanceReport *report) {
    Protocol *protocol = turn->protocol;
    TrackedOrder *order;
    bool foreign;
    Leg *leg = sync_owner(turn, report, &order, &foreign);
    if (foreign) protocol->symbols[flight->place].list_foreign++;
    if (PLANTED(25, false, foreign)) stranger_add(turn, flight->place, report->order_id, true);
    if (foreign || protocol->refused[0]) return;
    bool fresh =
        !order || (flight->sent_us > order->over_us && (!leg || flight->sent_us > leg->seen_us));
    bool over = !order || !leg || order_is_terminal(order->told) || leg->state == LEG_ENDED;
    if (over && fresh) {
        hear_orphan(turn, flight, report);
        return;
    }
    if (leg) leg->listed = flight->id;
    if (!leg || over) return;
    leg_adopt(turn, order, leg, report);
    leg_book_all(turn, order, leg, report);
    order_settle(turn, order);
}

void sync_open(Turn *turn, const Flight *flight, const BinanceReports *reports) {
    VenueSymbol *symbol = &turn->protocol->symbols[flight->place];
    if (symbol->list_id != flight->id) symbol->list_foreign = 0;
    symbol->list_id = flight->id;
    for (unsigned i = 0; i < reports->count; i++)
        hear_resting(turn, flight, &reports->at[i]);
}

void sync_open_ends(Turn *turn, const Flight *flight) {
    Protocol *protocol = turn->protocol;
    VenueSymbol *symbol = &protocol->symbols[flight->place];
    symbol->foreign_open = symbol->list_foreign;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &protocol->orders[i];
        if (order->symbol != flight->place) continue;
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            Leg *leg = &order->legs[j];
            bool missing = leg->state == LEG_OPEN && leg->seen_us < flight->sent_us &&
                           leg->listed != flight->id;
            if (missing) question_want(&leg->query, turn->now_us);
        }
    }
    doubt_evidence(turn, flight->place, EVIDENCE_OPEN, flight->sent_ms);
}

/* ---- trades ---------------------------------------------------------------------------------- */

static bool is_foreign(const VenueSymbol *symbol, int64_t venue_id) {
    unsigned count =
        symbol->foreign_count < PROTOCOL_FOREIGN ? symbol->foreign_count : PROTOCOL_FOREIGN;
    for (unsigned i = 0; i < count; i++)
        if (symbol->foreign[i] == venue_id) return true;
    return false;
}

/* False: it could not be dealt with. */
static bool hear_trade(Turn *turn, unsigned index, const BinanceTrade *trade) {
    VenueSymbol *symbol = &turn->protocol->symbols[index];
    TrackedOrder *order;
    Leg *leg = protocol_leg_by_id(turn->protocol, index, trade->order_id, &order);
    if (leg) {
        leg_book(turn, order, leg, &trade->fill);
        order_settle(turn, order);
        return true;
    }
    if (is_foreign(symbol, trade->order_id) || trade_ring_has(&symbol->ring, trade->fill.trade_id))
        return true;
    return stranger_add(turn, index, trade->order_id, false);
}

bool sync_trades(Turn *turn, const Flight *flight, const BinanceTrades *trades) {
    VenueSymbol *symbol = &turn->protocol->symbols[flight->place];
    bool first = symbol->cursor == CURSOR_UNKNOWN && symbol->trades_from_us == 0;
    for (unsigned i = 0; i < trades->count; i++) {
        const BinanceTrade *trade = &trades->at[i];
        if (!first && trade->fill.trade_id <= symbol->cursor) continue;
        /* What came before this state is others'; that it was ours would show a lost state. */
        if (first) (void)stranger_add(turn, flight->place, trade->order_id, false);
        if (!first && !hear_trade(turn, flight->place, trade)) return false;
        symbol->cursor = trade->fill.trade_id;
    }
    if (!first && trades->count >= symbol->page) return false;
    if (symbol->cursor == CURSOR_UNKNOWN) symbol->cursor = CURSOR_NONE;
    symbol->trades_from_us = 0;
    if (!sync_has_strangers(turn->protocol, flight->place))
        doubt_evidence(turn, flight->place, EVIDENCE_TRADES, flight->sent_ms);
    return true;
}

void sync_stranger(Turn *turn, Stranger *stranger, const BinanceReport *report) {
    VenueSymbol *symbol = &turn->protocol->symbols[stranger->symbol];
    TrackedOrder *order;
    bool foreign;
    Leg *leg = sync_owner(turn, report, &order, &foreign);
    if (foreign) {
        symbol->foreign[symbol->foreign_count++ % PROTOCOL_FOREIGN] = stranger->venue_id;
        return;
    }
    if (turn->protocol->refused[0]) return;
    if (!leg) {
        protocol_freeze(turn, "an order believed over has traded", report->client_id.text);
        symbol->foreign[symbol->foreign_count++ % PROTOCOL_FOREIGN] = stranger->venue_id;
        return;
    }
    leg_adopt(turn, order, leg, report);
    leg_book_all(turn, order, leg, report);
    order_settle(turn, order);
}
