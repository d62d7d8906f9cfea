/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves, and when (protocol_parts.h). At the end of every step the state is walked: orders
 * that wait, cancels, then questions. The governor lets a request go or says until when it must
 * wait; what waits is found again at the next walk. A request is published once, with a time of the
 * venue's clock, and stands in the table of flights until its answer comes.
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

#define TIMER_WAKE 0

void ask_wake(Turn *turn, int64_t at_us) {
    Protocol *protocol = turn->protocol;
    if (protocol->wake_us == 0 || at_us < protocol->wake_us) protocol->wake_us = at_us;
}

BinanceTiming ask_timing(const Turn *turn) {
    return (BinanceTiming){.timestamp_ms = turn_venue_ms(turn),
                           .window_ms = (int32_t)turn->protocol->window_ms};
}

static Flight *free_flight(Protocol *protocol) {
    for (unsigned i = 0; i < PROTOCOL_FLIGHTS; i++)
        if (protocol->flights[i].id == 0) return &protocol->flights[i];
    return NULL;
}

static const char *method_word(BinanceMethod method) {
    return method == BINANCE_GET ? "GET" : method == BINANCE_POST ? "POST" : "DELETE";
}

static void copy_word(const char *from, char *target, size_t capacity) {
    bool fits = slice_copy(slice_of(from), target, capacity);
    CHECK(fits, "words of a request are constants of ours");
}

static void fill(const Turn *turn, const Sending *sending, int64_t id, VenueRequest *request) {
    const BinanceRequest *from = sending->request;
    request->id = id;
    copy_word(sending->purpose, request->purpose, sizeof request->purpose);
    copy_word(method_word(from->method), request->method, sizeof request->method);
    copy_word(from->path, request->path, sizeof request->path);
    memcpy(request->parameters, from->text, from->length + 1);
    request->needs_signature = from->is_signed;
    request->changes = sending->changes;
    request->lists = sending->lists;
    request->timestamp_ms = from->timestamp_ms;
    request->window_ms = from->window_ms;
    if (sending->order_id)
        copy_word(sending->order_id, request->order_id, sizeof request->order_id);
    if (sending->symbol >= 0)
        memcpy(request->symbol, turn->protocol->symbols[sending->symbol].symbol.name.text,
               sizeof request->symbol);
}

bool ask_send(Turn *turn, const Sending *sending) {
    Protocol *protocol = turn->protocol;
    const BinanceRequest *request = sending->request;
    BinanceUrgency urgency = sending->urgent ? BINANCE_URGENT : BINANCE_ROUTINE;
    int64_t venue_us = turn_venue_us(turn);
    Flight *flight = free_flight(protocol);
    int64_t wait_us = binance_governor_wait(&protocol->governor, request->weight, request->orders,
                                            urgency, venue_us);
    if (PLANTED(10, wait_us > venue_us, false)) {
        ask_wake(turn, turn->now_us + (wait_us - venue_us));
        return false;
    }
    if (!flight) return false; /* the next answer makes room, and this walk is made again */
    binance_governor_sent(&protocol->governor, request->weight, request->orders, venue_us);
    *flight = sending->flight;
    flight->id = ++protocol->requests;
    flight->sent_us = turn->now_us;
    flight->sent_ms = turn_venue_ms(turn);
    fill(turn, sending, flight->id, outbox_publish(turn->outbox, TOPIC_VENUE_REQUESTS));
    return true;
}

/* ---- orders ---------------------------------------------------------------------------------- */

bool ask_may_enter(const Turn *turn) {
    const Protocol *protocol = turn->protocol;
    return protocol->ready && protocol->clock_known && !protocol->other[0] &&
           !protocol->frozen[0] && !protocol->barred[0];
}

static void mark_sent(const Turn *turn, TrackedOrder *order) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (leg->state != LEG_WAITS) continue;
        leg->state = LEG_SENT;
        leg->sent_ms = turn_venue_ms(turn);
        leg->window_ms = turn->protocol->window_ms;
        leg->gap = !turn->protocol->stream_up;
    }
}

static Sending order_sending(const Turn *turn, const TrackedOrder *order) {
    return (Sending){
        .changes = true,
        .urgent = order->side == SIDE_SELL,
        .order_id = order->order_id,
        .symbol = (int)order->symbol,
        .flight = {.place = (unsigned)(order - turn->protocol->orders), .number = order->number}};
}

/* An entry that waited for longer than its signal lives is not wanted any more. */
static bool is_too_late(Turn *turn, TrackedOrder *order) {
    if (order->side != SIDE_BUY) return false;
    if (turn->now_us - order->asked_us > turn->protocol->ttl_us) {
        order_refuse(turn, order, "it could not be sent while its signal lived", false);
        return true;
    }
    ask_wake(turn, order->asked_us + turn->protocol->ttl_us + 1);
    return !ask_may_enter(turn);
}

static void send_order(Turn *turn, TrackedOrder *order) {
    Protocol *protocol = turn->protocol;
    bool moves = place_replaced(order) != NULL;
    /* Until the first look is complete the state may be older than the venue: what it wants may
     * have been done already, under the same number. */
    if (is_too_late(turn, order) || !protocol->ready) return;
    const char *fault = place_fault(protocol, order);
    if (!place_names(protocol, order)) fault = "no client id can be made for it";
    BinanceRequest request;
    Error error;
    bool built = !fault && (moves ? place_build_replace(turn, order, &request, &error)
                                  : place_build(turn, order, &request, &error));
    if (!built) {
        order_refuse(turn, order, fault ? fault : error.message, false);
        return;
    }
    Sending sending = order_sending(turn, order);
    sending.request = &request;
    sending.purpose = moves                                   ? "replace"
                      : order->action == ORDER_ACTION_PROTECT ? "protect"
                                                              : "place";
    sending.flight.kind = moves ? FLIGHT_REPLACE : FLIGHT_PLACE;
    if (ask_send(turn, &sending)) mark_sent(turn, order);
}

/* A new stop whose old one has gone has nothing to take the place of. */
static bool drop_orphaned_move(TrackedOrder *order) {
    bool dropped = false;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        bool orphaned =
            leg->state == LEG_WAITS && leg->kind == LEG_REPLACEMENT && !place_replaced(order);
        if (!orphaned) continue;
        *leg = (Leg){0};
        dropped = true;
    }
    return dropped;
}

/* ---- cancels --------------------------------------------------------------------------------- */

static bool rests_as_list(const TrackedOrder *order) {
    bool target = false, stop = false;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        target |= order->legs[i].kind == LEG_TARGET && order->legs[i].state == LEG_OPEN;
        stop |= order->legs[i].kind == LEG_STOP && order->legs[i].state == LEG_OPEN;
    }
    return order->as_list && target && stop;
}

static const Leg *first_open(const TrackedOrder *order) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_OPEN) return &order->legs[i];
    return NULL;
}

static bool build_cancel(const Turn *turn, const TrackedOrder *order, const Leg *leg,
                         BinanceRequest *request, Error *error) {
    SymbolName symbol = turn->protocol->symbols[order->symbol].symbol.name;
    if (rests_as_list(order)) {
        BinanceListKey list = {.symbol = symbol, .list_id = -1, .client_id = order->list_client};
        return binance_order_list_cancel(&list, ask_timing(turn), request, error);
    }
    BinanceCancel cancel = {.key = {.symbol = symbol, .client_id = leg->client_id}};
    return binance_order_cancel(&cancel, ask_timing(turn), request, error);
}

static void send_cancel(Turn *turn, TrackedOrder *order) {
    const Leg *leg = first_open(order);
    if (!leg) return; /* what is on its way or unknown is cancelled when it is seen */
    if (!question_due(&order->cancel, turn->now_us)) {
        bool later = order->cancel.wanted && !order->cancel.asking;
        if (later) ask_wake(turn, order->cancel.next_us);
        if (!order->cancel.wanted && !order->cancel.asking)
            question_want(&order->cancel, turn->now_us);
        if (!question_due(&order->cancel, turn->now_us)) return;
    }
    BinanceRequest request;
    Error error;
    bool built = build_cancel(turn, order, leg, &request, &error);
    CHECK(built, "what rests has an id by which it is cancelled");
    Sending sending = order_sending(turn, order);
    sending.request = &request;
    sending.purpose = "cancel";
    sending.urgent = true;
    sending.flight.kind = FLIGHT_CANCEL;
    sending.flight.client_id = leg->client_id;
    if (ask_send(turn, &sending)) order->cancel.asking = true;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static void pump_orders(Turn *turn, Side side) {
    Protocol *protocol = turn->protocol;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        TrackedOrder *order = &protocol->orders[i];
        if (order->side != side) continue;
        if (order->cancelled && !order_is_terminal(order->told)) send_cancel(turn, order);
        if (!tracked_has(order, LEG_WAITS)) continue;
        if (drop_orphaned_move(order))
            order_settle(turn, order);
        else
            send_order(turn, order);
    }
}

/* Nothing is sent any more: the executor shall not wait for it. */
static void refuse_waiting(Turn *turn) {
    const Protocol *protocol = turn->protocol;
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS; i = table_next(protocol, i + 1))
        if (tracked_has(&turn->protocol->orders[i], LEG_WAITS))
            order_refuse(turn, &turn->protocol->orders[i], turn->protocol->refused, false);
}

void ask_timer(Turn *turn) {
    Protocol *protocol = turn->protocol;
    bool soon = protocol->timer_us != 0 && protocol->timer_us <= protocol->wake_us;
    if (protocol->wake_us == 0 || soon) return; /* waking early costs a walk, nothing else */
    int64_t at_us = protocol->wake_us > turn->now_us ? protocol->wake_us : turn->now_us + 1;
    outbox_timer(turn->outbox, TIMER_WAKE, at_us);
    protocol->timer_us = at_us;
}

void ask_pump(Turn *turn) {
    Protocol *protocol = turn->protocol;
    if (protocol->linked && protocol->identified && !protocol->refused[0]) {
        pump_orders(turn, SIDE_SELL);
        pump_orders(turn, SIDE_BUY);
        if (protocol->clock_known) question_pump(turn);
    }
    if (protocol->refused[0]) refuse_waiting(turn);
}

/* ---- for nobody ------------------------------------------------------------------------------ */

#define NO_REQUEST 0 /* requests are numbered from 1 */

bool protocol_rehearse(const Protocol *protocol, int64_t now_us, VenueRequest *request) {
    /* A Turn may change the state; what is called with this one only reads it. */
    const Turn turn = {.protocol = (Protocol *)(uintptr_t)protocol, .now_us = now_us};
    BinanceRequest made;
    if (!protocol->identified || !protocol->clock_known || protocol->symbol_count == 0 ||
        !place_rehearse(&turn, &made))
        return false;
    (void)sync_has_strangers(protocol, 0); /* of the walk behind an order */
    (void)table_find(protocol, protocol->number + 1);
    Sending sending = {.request = &made, .purpose = "rehearse", .changes = true};
    memset(request, 0, sizeof *request);
    fill(&turn, &sending, NO_REQUEST, request);
    return binance_governor_wait(&protocol->governor, made.weight, made.orders, BINANCE_ROUTINE,
                                 turn_venue_us(&turn)) <= turn_venue_us(&turn);
}
