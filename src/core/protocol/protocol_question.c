/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions: what is asked of the venue without changing anything, and what its answers show
 * (protocol_parts.h). A question that fails, for whatever reason, tells nothing about any order: it
 * is asked again after a pause. Those after an order whose fate is unknown may use the governor's
 * reserve.
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

/* Trade 0 is the first that a symbol ever had: not one of ours. */
#define FIRST_TRADE   1
#define NO_SUCH_ORDER (-2013)
#define NOT_CANCELLED (-2011)
#define BAD_SYMBOL    (-1121)
#define FILLS_MAX     16  /* of a cancel's answer; questions show none */
#define REPORTS_MAX   128 /* an answer of 30,000 bytes holds 60: an order has 480 and more */
#define BALANCES_MAX  400 /* the same: 70 bytes a balance */

/* ---- asking ---------------------------------------------------------------------------------- */

/* Sends it if it is due; else the step is woken when it is. */
static void send(Turn *turn, Question *question, Sending *sending) {
    if (ask_send(turn, sending)) question->asking = true;
}

static bool is_due(Turn *turn, const Question *question) {
    bool waits = question->wanted && !question->asking && question->next_us > turn->now_us;
    if (waits) ask_wake(turn, question->next_us);
    return question_due(question, turn->now_us);
}

static Sending sending_of(const Turn *turn, const BinanceRequest *request, FlightKind kind,
                          unsigned place) {
    (void)turn;
    return (Sending){.request = request, .symbol = -1, .flight = {.kind = kind, .place = place}};
}

static void ask_leg(Turn *turn, TrackedOrder *order, Leg *leg) {
    BinanceOrderKey key = {.symbol = turn->protocol->symbols[order->symbol].symbol.name,
                           .client_id = leg->client_id};
    BinanceRequest request;
    Error error;
    if (!is_due(turn, &leg->query)) return;
    if (!leg->client_id.text[0] && !place_names(turn->protocol, order)) return;
    key.client_id = leg->client_id;
    if (!binance_order_query(&key, ask_timing(turn), &request, &error)) return;
    Sending sending =
        sending_of(turn, &request, FLIGHT_QUERY, (unsigned)(order - turn->protocol->orders));
    sending.purpose = "query";
    sending.urgent = true;
    sending.order_id = order->order_id;
    sending.symbol = (int)order->symbol;
    sending.flight.leg = (unsigned)(leg - order->legs);
    sending.flight.number = order->number;
    sending.flight.client_id = leg->client_id;
    send(turn, &leg->query, &sending);
}

static void ask_leg_trades(Turn *turn, const TrackedOrder *order, Leg *leg) {
    const VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    /* From the first on: without an id the newest are told, and the first page would be the last.
     */
    BinancePast past = {.symbol = symbol->symbol.name,
                        .order_id = leg->venue_id,
                        .from_id = leg->trades_from < 0 ? FIRST_TRADE : leg->trades_from,
                        .limit = symbol->page};
    BinanceRequest request;
    Error error;
    if (!is_due(turn, &leg->trades)) return;
    if (!binance_order_trades(&past, ask_timing(turn), &request, &error)) return;
    Sending sending =
        sending_of(turn, &request, FLIGHT_LEG_TRADES, (unsigned)(order - turn->protocol->orders));
    sending.purpose = "trades of order";
    sending.urgent = true;
    sending.order_id = order->order_id;
    sending.symbol = (int)order->symbol;
    sending.flight.leg = (unsigned)(leg - order->legs);
    sending.flight.number = order->number;
    sending.flight.client_id = leg->client_id;
    send(turn, &leg->trades, &sending);
}

static void ask_open(Turn *turn, unsigned index) {
    VenueSymbol *symbol = &turn->protocol->symbols[index];
    BinanceRequest request;
    Error error;
    if (!is_due(turn, &symbol->open) ||
        !binance_order_open(&symbol->symbol.name, ask_timing(turn), &request, &error))
        return;
    Sending sending = sending_of(turn, &request, FLIGHT_OPEN, index);
    sending.purpose = "open orders";
    sending.lists = true;
    sending.symbol = (int)index;
    sending.urgent = true;
    send(turn, &symbol->open, &sending);
}

/* The newest trade alone shows where a new state begins: all before it are others'. */
static BinancePast past_of(const VenueSymbol *symbol) {
    BinancePast past = {.symbol = symbol->symbol.name, .from_id = -1, .limit = symbol->page};
    if (symbol->cursor != CURSOR_UNKNOWN)
        past.from_id = symbol->cursor < FIRST_TRADE ? FIRST_TRADE : symbol->cursor + 1;
    else if (symbol->trades_from_us > 0)
        past.from_us = symbol->trades_from_us;
    else
        past.limit = 1;
    return past;
}

static void ask_trades(Turn *turn, unsigned index) {
    VenueSymbol *symbol = &turn->protocol->symbols[index];
    BinancePast past = past_of(symbol);
    BinanceRequest request;
    Error error;
    if (!is_due(turn, &symbol->trades) ||
        !binance_order_trades(&past, ask_timing(turn), &request, &error))
        return;
    Sending sending = sending_of(turn, &request, FLIGHT_TRADES, index);
    sending.purpose = "trades";
    sending.symbol = (int)index;
    sending.urgent = true;
    send(turn, &symbol->trades, &sending);
}

static void ask_rules(Turn *turn, unsigned index) {
    VenueSymbol *symbol = &turn->protocol->symbols[index];
    BinanceRequest request;
    if (turn->now_us >= symbol->rules_due_us && !symbol->listing.wanted && !symbol->listing.asking)
        question_want(&symbol->listing, turn->now_us);
    else if (symbol->rules_due_us > turn->now_us)
        ask_wake(turn, symbol->rules_due_us);
    if (!is_due(turn, &symbol->listing) || !rules_build(turn->protocol, index, &request)) return;
    Sending sending = sending_of(turn, &request, FLIGHT_RULES, index);
    sending.purpose = "rules";
    sending.symbol = (int)index;
    send(turn, &symbol->listing, &sending);
}

static void ask_stranger(Turn *turn, Stranger *stranger) {
    BinanceOrderKey key = {.symbol = turn->protocol->symbols[stranger->symbol].symbol.name,
                           .order_id = stranger->venue_id};
    BinanceCancel cancel = {.key = key};
    BinanceRequest request;
    Error error;
    if (!is_due(turn, &stranger->question)) return;
    bool built = stranger->is_orphan
                     ? binance_order_cancel(&cancel, ask_timing(turn), &request, &error)
                     : binance_order_query(&key, ask_timing(turn), &request, &error);
    if (!built) return;
    FlightKind kind = stranger->is_orphan ? FLIGHT_ORPHAN : FLIGHT_STRANGER;
    Sending sending =
        sending_of(turn, &request, kind, (unsigned)(stranger - turn->protocol->strangers));
    sending.purpose = stranger->is_orphan ? "cancel orphan" : "query stranger";
    sending.changes = stranger->is_orphan;
    sending.symbol = (int)stranger->symbol;
    sending.urgent = true;
    sending.flight.number = stranger->venue_id;
    send(turn, &stranger->question, &sending);
}

static void ask_account(Turn *turn) {
    BinanceRequest request;
    Error error;
    Question *question = &turn->protocol->account_question;
    if (!is_due(turn, question) || !binance_order_account(ask_timing(turn), &request, &error))
        return;
    Sending sending = sending_of(turn, &request, FLIGHT_ACCOUNT, 0);
    sending.purpose = "account";
    sending.urgent = true;
    send(turn, question, &sending);
}

void question_pump(Turn *turn) {
    Protocol *protocol = turn->protocol;
    doubt_look(turn);
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &protocol->orders[i];
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            ask_leg(turn, order, &order->legs[j]);
            ask_leg_trades(turn, order, &order->legs[j]);
        }
    }
    for (unsigned i = 0; i < PROTOCOL_STRANGERS; i++)
        if (protocol->strangers[i].is_used) ask_stranger(turn, &protocol->strangers[i]);
    for (unsigned i = 0; i < protocol->symbol_count; i++) {
        ask_open(turn, i);
        ask_trades(turn, i);
        ask_rules(turn, i);
    }
    ask_account(turn);
}

/* ---- answers --------------------------------------------------------------------------------- */

/* The answer did not fit. */
static void shorten(VenueSymbol *symbol) {
    symbol->page = symbol->page / 2 > PROTOCOL_PAGE_MIN ? symbol->page / 2 : PROTOCOL_PAGE_MIN;
}

/* The leg that was asked for; NULL where its place has another order by now. */
static Leg *leg_of(Protocol *protocol, const Flight *flight, TrackedOrder **order) {
    *order = protocol_order_of(protocol, flight);
    if (!*order) return NULL;
    Leg *leg = &(*order)->legs[flight->leg];
    return strcmp(leg->client_id.text, flight->client_id.text) == 0 ? leg : NULL;
}

/* An order's status; an answer to a question shows no fills. */
static void hear_query(Turn *turn, const Flight *flight, const VenueReply *reply) {
    TrackedOrder *order;
    Leg *leg = leg_of(turn->protocol, flight, &order);
    Answer answer = answer_judge(turn, reply, false);
    BinanceFills none = {0};
    BinanceReport report;
    Error error;
    if (!leg) return;
    bool read = answer.kind == ANSWER_ACCEPTED &&
                binance_reply_order(slice_of(reply->body), &none, &report, &error) &&
                strcmp(report.client_id.text, leg->client_id.text) == 0;
    if (!read) question_failed(&leg->query, turn->now_us);
    if (!read && answer.code == NO_SUCH_ORDER) doubt_not_found(turn, order, leg, flight->sent_ms);
    if (PLANTED(22, false, !read && leg->state == LEG_UNKNOWN)) {
        leg->state = LEG_GONE; /* planted: no answer taken for "no such order" */
        order_settle(turn, order);
    }
    if (!read) return;
    question_done(&leg->query);
    leg_adopt(turn, order, leg, &report);
    leg_book_all(turn, order, leg, &report);
    order_settle(turn, order);
}

static void hear_leg_trades(Turn *turn, const Flight *flight, const VenueReply *reply) {
    BinanceTrade memory[PROTOCOL_PAGE];
    BinanceTrades trades = {.at = memory, .capacity = PROTOCOL_PAGE};
    TrackedOrder *order;
    Leg *leg = leg_of(turn->protocol, flight, &order);
    Answer answer = answer_judge(turn, reply, false);
    Error error;
    if (!leg) return;
    VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    if (reply->cut) shorten(symbol);
    bool read = answer.kind == ANSWER_ACCEPTED &&
                binance_account_trades(slice_of(reply->body), &trades, &error);
    for (unsigned i = 0; read && i < trades.count; i++)
        if (memory[i].order_id == leg->venue_id) leg_book(turn, order, leg, &memory[i].fill);
    bool more = read && trades.count >= symbol->page;
    if (more) leg->trades_from = memory[trades.count - 1].fill.trade_id + 1;
    if (!more) leg->trades_from = CURSOR_NONE;
    if (read && (more || leg_is_over(leg) || leg->booked.units >= leg->executed.units))
        question_done(&leg->trades);
    else
        question_failed(&leg->trades, turn->now_us); /* the venue's lists lag behind its orders */
    if (more) question_want(&leg->trades, turn->now_us);
    order_settle(turn, order);
}

/* A symbol that the venue does not list any more has nothing to be asked for. */
static void fail_of_symbol(Turn *turn, unsigned index, Question *question, const Answer *answer) {
    if (answer->code == BAD_SYMBOL) {
        rules_gone(turn, index);
        question_done(question);
    } else {
        question_failed(question, turn->now_us);
    }
}

static void hear_open(Turn *turn, const Flight *flight, const VenueReply *reply) {
    BinanceReport memory[REPORTS_MAX];
    BinanceReports reports = {.at = memory, .capacity = REPORTS_MAX};
    VenueSymbol *symbol = &turn->protocol->symbols[flight->place];
    Answer answer = answer_judge(turn, reply, false);
    Error error;
    bool read = answer.kind == ANSWER_ACCEPTED &&
                binance_reply_orders(slice_of(reply->body), &reports, &error);
    if (!read) {
        answer_forget(turn, flight->id); /* what would follow is part of nothing */
        fail_of_symbol(turn, flight->place, &symbol->open, &answer);
        return;
    }
    sync_open(turn, flight, &reports);
    if (reply->goes_on) return;
    question_done(&symbol->open);
    sync_open_ends(turn, flight);
}

static void hear_trades(Turn *turn, const Flight *flight, const VenueReply *reply) {
    BinanceTrade memory[PROTOCOL_PAGE];
    BinanceTrades trades = {.at = memory, .capacity = PROTOCOL_PAGE};
    VenueSymbol *symbol = &turn->protocol->symbols[flight->place];
    Answer answer = answer_judge(turn, reply, false);
    Error error;
    if (reply->cut) shorten(symbol);
    bool read = answer.kind == ANSWER_ACCEPTED &&
                binance_account_trades(slice_of(reply->body), &trades, &error);
    if (!read) {
        fail_of_symbol(turn, flight->place, &symbol->trades, &answer);
        return;
    }
    question_done(&symbol->trades);
    if (!sync_trades(turn, flight, &trades)) question_want(&symbol->trades, turn->now_us);
}

static void hear_rules(Turn *turn, const Flight *flight, const VenueReply *reply) {
    VenueSymbol *symbol = &turn->protocol->symbols[flight->place];
    Answer answer = answer_judge(turn, reply, false);
    bool gone = answer.code == BAD_SYMBOL;
    if (gone) rules_gone(turn, flight->place);
    bool read =
        answer.kind == ANSWER_ACCEPTED && rules_hear(turn, flight->place, slice_of(reply->body));
    if (read || gone)
        question_done(&symbol->listing);
    else
        question_failed(&symbol->listing, turn->now_us);
    /* Halts end within minutes, and until then nothing that is held can be sold. */
    int64_t pause_us = symbol->halted ? INSTANT_MINUTE_US : INSTANT_HOUR_US;
    symbol->rules_due_us = turn->now_us + pause_us;
}

static void hear_stranger(Turn *turn, const Flight *flight, const VenueReply *reply) {
    BinanceFill memory[FILLS_MAX];
    BinanceFills fills = {.at = memory, .capacity = FILLS_MAX};
    Stranger *stranger = &turn->protocol->strangers[flight->place];
    bool orphan = flight->kind == FLIGHT_ORPHAN;
    Answer answer = answer_judge(turn, reply, orphan);
    BinanceReport report;
    Error error;
    if (!stranger->is_used || stranger->venue_id != flight->number) return;
    bool read = answer.kind == ANSWER_ACCEPTED &&
                binance_reply_order(slice_of(reply->body), &fills, &report, &error) &&
                report.order_id == stranger->venue_id;
    bool gone = orphan && (answer.code == NOT_CANCELLED || answer.code == NO_SUCH_ORDER);
    if (!read && !gone) {
        question_failed(&stranger->question, turn->now_us);
        return;
    }
    Stranger known = *stranger;
    *stranger = (Stranger){0};
    if (!orphan) sync_stranger(turn, &known, &report);
    if (orphan && read && report.executed.units > 0)
        protocol_freeze(turn, "an order believed over has traded", report.client_id.text);
}

static void hear_account(Turn *turn, const Flight *flight, const VenueReply *reply) {
    BinanceBalance memory[BALANCES_MAX];
    BinanceBalances balances = {.at = memory, .capacity = BALANCES_MAX};
    Answer answer = answer_judge(turn, reply, false);
    Question *question = &turn->protocol->account_question;
    BinanceAccount account;
    Error error;
    bool read = answer.kind == ANSWER_ACCEPTED &&
                binance_account_read(slice_of(reply->body), &account, &balances, &error);
    if (!read) {
        question_failed(question, turn->now_us);
        return;
    }
    question_done(question);
    balance_account(turn, flight, &account, &balances);
}

void question_reply(Turn *turn, const Flight *flight, const VenueReply *reply) {
    switch (flight->kind) {
    case FLIGHT_QUERY:
        hear_query(turn, flight, reply);
        break;
    case FLIGHT_LEG_TRADES:
        hear_leg_trades(turn, flight, reply);
        break;
    case FLIGHT_OPEN:
        hear_open(turn, flight, reply);
        break;
    case FLIGHT_TRADES:
        hear_trades(turn, flight, reply);
        break;
    case FLIGHT_RULES:
        hear_rules(turn, flight, reply);
        break;
    case FLIGHT_ACCOUNT:
        hear_account(turn, flight, reply);
        break;
    default:
        hear_stranger(turn, flight, reply);
    }
}
