/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the executor asks, as legs of a tracked order, and the requests that these become: a market
 * order, an order list of target and stop, a stop alone, a stop in the place of what rests
 * (protocol_parts.h). Before anything leaves it is judged by the symbol's rules; a definite "no" of
 * ours is a rejection that costs nothing.
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

/* Where a symbol has no stop that becomes a market order, its limit stands this far below the
 * trigger: far enough that a fast market does not jump over it. */
#define STOP_LIMIT_PERCENT 98
#define PERCENT            100

static void begin(Leg *leg, LegKind kind, const TrackedOrder *order, unsigned generation) {
    *leg = (Leg){.kind = kind,
                 .state = LEG_WAITS,
                 .generation = generation,
                 .quantity = quantity_subtract(order->quantity, tracked_booked(order)),
                 .trades_from = CURSOR_NONE};
}

static void begin_stop(const VenueSymbol *symbol, Leg *leg, Price stop) {
    leg->stop_price = stop;
    if (symbol->ruled && symbol->has_stop) return;
    Price limit = price_of((int64_t)((__int128)stop.units * STOP_LIMIT_PERCENT / PERCENT));
    leg->price = price_floor(limit, symbol->symbol.filters.tick);
}

static void begin_legs(const VenueSymbol *symbol, TrackedOrder *order) {
    if (order->action == ORDER_ACTION_MARKET) {
        begin(&order->legs[0], LEG_MARKET, order, 0);
        return;
    }
    order->as_list = order->target.units > 0 && (symbol->has_oco || !symbol->ruled);
    if (order->as_list) {
        begin(&order->legs[1], LEG_TARGET, order, 0);
        order->legs[1].price = order->target;
    }
    begin(&order->legs[0], LEG_STOP, order, 0);
    begin_stop(symbol, &order->legs[0], order->stop);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool name(const Protocol *protocol, const TrackedOrder *order, LegKind kind,
                 unsigned generation, ClientId *client_id) {
    ClientFacts facts = {.account = protocol->account,
                         .instance = protocol->instance,
                         .order_id = order->order_id,
                         .signal_id = order->signal_id,
                         .leg = kind,
                         .generation = PLANTED(7, generation, 0)};
    return client_name_make(&facts, client_id);
}

bool place_names(const Protocol *protocol, TrackedOrder *order) {
    if (order->as_list && !name(protocol, order, LEG_LIST, 0, &order->list_client)) return false;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (leg->state == LEG_FREE || leg->client_id.text[0]) continue;
        if (!name(protocol, order, leg->kind, leg->generation, &leg->client_id)) return false;
    }
    return true;
}

/* ---- the rules of the symbol ----------------------------------------------------------------- */

static bool is_stop(const Leg *leg) {
    return leg->stop_price.units > 0;
}

static OrderCrowd crowd_of(const Protocol *protocol, const TrackedOrder *judged) {
    OrderCrowd crowd = {.orders = protocol->symbols[judged->symbol].foreign_open};
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        const TrackedOrder *order = &protocol->orders[i];
        bool same = order->symbol == judged->symbol;
        for (unsigned j = 0; same && j < TRACKED_LEGS; j++) {
            const Leg *leg = &order->legs[j];
            bool replaced = order == judged; /* what it takes the place of */
            if (leg_is_live(leg) && !replaced) {
                crowd.orders++;
                crowd.stops += is_stop(leg);
                crowd.lists += order->as_list && is_stop(leg);
            }
        }
    }
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        crowd.legs += judged->legs[i].state == LEG_WAITS;
        crowd.stop_legs += judged->legs[i].state == LEG_WAITS && is_stop(&judged->legs[i]);
    }
    return crowd;
}

static const char *leg_fault(const VenueSymbol *symbol, Side side, const Leg *leg) {
    const Filters *filters = &symbol->symbol.filters;
    OrderShape shape = {.side = side,
                        .is_market = leg->kind == LEG_MARKET || leg->price.units == 0,
                        .price = leg->price,
                        .stop_price = leg->stop_price,
                        .reference = symbol->price,
                        .quantity = leg->quantity};
    if (symbol->ruled) return order_rules_fault(filters, &symbol->rules, &shape);
    Price judged = leg->kind == LEG_MARKET ? price_floor(symbol->price, filters->tick)
                   : leg->price.units > 0  ? leg->price
                                           : leg->stop_price;
    return judged.units > 0 ? filters_fault(filters, judged, leg->quantity) : NULL;
}

const char *place_fault(const Protocol *protocol, const TrackedOrder *order) {
    const VenueSymbol *symbol = &protocol->symbols[order->symbol];
    if (PLANTED(8, symbol->halted, false)) return "the symbol does not trade now";
    const Leg *first = NULL;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        const Leg *leg = &order->legs[i];
        if (leg->state != LEG_WAITS) continue;
        first = leg;
        const char *fault = leg_fault(symbol, order->side, leg);
        if (fault) return fault;
    }
    if (!first || !symbol->ruled) return NULL;
    OrderShape shape = {.side = order->side, .quantity = first->quantity};
    OrderCrowd crowd = crowd_of(protocol, order);
    for (unsigned i = 0; i < protocol->asset_count; i++) {
        const AssetStand *stand = &protocol->assets[i];
        if (strcmp(stand->asset.text, symbol->symbol.base.text) != 0) continue;
        crowd.base_held = money_add(stand->ours, stand->foreign);
    }
    return order_rules_crowded(&symbol->rules, &shape, &crowd);
}

/* ---- requests -------------------------------------------------------------------------------- */

static BinanceLeg wire_leg(const Leg *leg) {
    BinanceLeg wire = {
        .price = leg->price, .stop_price = leg->stop_price, .client_id = leg->client_id};
    if (leg->kind == LEG_MARKET)
        wire.type = BINANCE_MARKET;
    else if (leg->kind == LEG_TARGET)
        wire.type = BINANCE_LIMIT_MAKER;
    else
        wire.type = leg->price.units > 0 ? BINANCE_STOP_LOSS_LIMIT : BINANCE_STOP_LOSS;
    if (wire.type == BINANCE_STOP_LOSS_LIMIT) wire.force = BINANCE_GTC;
    return wire;
}

static const Leg *waiting(const TrackedOrder *order, LegKind kind) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_WAITS && order->legs[i].kind == kind)
            return &order->legs[i];
    return NULL;
}

static BinanceNewOrder wire_order(const Turn *turn, const TrackedOrder *order, const Leg *leg) {
    return (BinanceNewOrder){.symbol = turn->protocol->symbols[order->symbol].symbol.name,
                             .side = order->side,
                             .quantity = leg->quantity,
                             .leg = wire_leg(leg)};
}

bool place_build(const Turn *turn, const TrackedOrder *order, BinanceRequest *request,
                 Error *error) {
    const Leg *stop = waiting(order, LEG_STOP), *target = waiting(order, LEG_TARGET);
    const Leg *single = stop ? stop : waiting(order, LEG_MARKET);
    if (stop && target) {
        BinanceOco oco = {.symbol = turn->protocol->symbols[order->symbol].symbol.name,
                          .list_id = order->list_client,
                          .side = order->side,
                          .quantity = stop->quantity,
                          .above = wire_leg(target),
                          .below = wire_leg(stop)};
        return binance_order_oco(&oco, ask_timing(turn), request, error);
    }
    if (!single) return error_set(error, ERROR_STATE, "nothing waits", order->order_id, NULL);
    BinanceNewOrder wire = wire_order(turn, order, single);
    return binance_order_new(&wire, ask_timing(turn), request, error);
}

const Leg *place_replaced(const TrackedOrder *order) {
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_OPEN && is_stop(&order->legs[i])) return &order->legs[i];
    return NULL;
}

bool place_build_replace(const Turn *turn, const TrackedOrder *order, BinanceRequest *request,
                         Error *error) {
    const Leg *old = place_replaced(order), *leg = waiting(order, LEG_REPLACEMENT);
    if (!old || !leg) return error_set(error, ERROR_STATE, "nothing waits", order->order_id, NULL);
    BinanceReplace replace = {.order = wire_order(turn, order, leg)};
    replace.cancel.key.symbol = replace.order.symbol;
    replace.cancel.key.client_id = old->client_id;
    return binance_order_replace(&replace, ask_timing(turn), request, error);
}

/* ---- the executor's words -------------------------------------------------------------------- */

static void say_rejected(Turn *turn, const OrderRequest *request, const char *words) {
    ExecutionReport *report = outbox_publish(turn->outbox, TOPIC_EXECUTION_REPORTS);
    memcpy(report->order_id, request->order_id, sizeof report->order_id);
    memcpy(report->symbol, request->symbol, sizeof report->symbol);
    report->side = request->side;
    report->state = ORDER_REJECTED;
    Text text = TEXT_IN(report->text);
    text_put(&text, words);
    text_end(&text);
}

static void place_new(Turn *turn, const OrderRequest *request) {
    Protocol *protocol = turn->protocol;
    int index = protocol_symbol(protocol, request->symbol);
    int64_t number = client_order_number(request->order_id);
    TrackedOrder *order = protocol_order_place(protocol);
    if (index < 0 || number == 0 || !order) {
        say_rejected(turn, request, index < 0 ? "unknown symbol" : "too many orders are tracked");
        return;
    }
    TrackedOrder fresh = {.number = number,
                          .symbol = (unsigned)index,
                          .side = request->side,
                          .action = request->action,
                          .reason = request->reason,
                          .quantity = request->quantity,
                          .stop = request->stop_price,
                          .target = request->target_price,
                          .told = ORDER_INTENT,
                          .asked_us = turn->now_us};
    memcpy(fresh.order_id, request->order_id, sizeof fresh.order_id);
    memcpy(fresh.signal_id, request->signal_id, sizeof fresh.signal_id);
    protocol_order_put(protocol, order, &fresh);
    if (number > protocol->number) protocol->number = number;
    begin_legs(&protocol->symbols[index], order);
    const char *fault = place_fault(protocol, order);
    if (fault) order_refuse(turn, order, fault, false);
}

/* A stop only rises, and only where one rests; the list it stands in is replaced with it. */
static void place_move(Turn *turn, TrackedOrder *order, Price stop) {
    const VenueSymbol *symbol = &turn->protocol->symbols[order->symbol];
    const Leg *old = place_replaced(order);
    bool busy = tracked_has(order, LEG_SENT) || tracked_has(order, LEG_UNKNOWN) || order->cancelled;
    bool rises = stop.units > order->stop.units || PLANTED(9, false, true);
    if (!old || busy || !rises || (symbol->ruled && !symbol->has_replace)) return;
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_WAITS) order->legs[i] = (Leg){0};
    Leg *leg = tracked_leg_place(order);
    if (!leg || order->generation == CLIENT_GENERATION_MAX) return;
    begin(leg, LEG_REPLACEMENT, order, ++order->generation);
    begin_stop(symbol, leg, stop);
    if (place_fault(turn->protocol, order)) *leg = (Leg){0};
}

static void place_cancel(Turn *turn, TrackedOrder *order) {
    order->cancelled = true;
    bool sent = false;
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        sent |= leg_is_live(&order->legs[i]) || order->legs[i].state == LEG_ENDED;
    for (unsigned i = 0; i < TRACKED_LEGS; i++)
        if (order->legs[i].state == LEG_WAITS && sent) order->legs[i] = (Leg){0};
    if (sent)
        question_want(&order->cancel, turn->now_us);
    else
        order_refuse(turn, order, "cancelled before it was sent", false);
}

void place_request(Turn *turn, const OrderRequest *request) {
    TrackedOrder *order = protocol_order(turn->protocol, request->order_id);
    bool is_new = request->action == ORDER_ACTION_MARKET || request->action == ORDER_ACTION_PROTECT;
    if (is_new && order) return; /* the number was given already: sent once */
    if (is_new) {
        place_new(turn, request);
        return;
    }
    if (!order || order_is_terminal(order->told)) return; /* ended in this very instant */
    if (request->action == ORDER_ACTION_MOVE_STOP)
        place_move(turn, order, request->stop_price);
    else
        place_cancel(turn, order);
}

/* ---- a cold start ---------------------------------------------------------------------------- */

/* The order may rest, may have traded, may never have left: the same questions find out. */
void place_restored(Turn *turn, const OrderRecord *record) {
    Protocol *protocol = turn->protocol;
    int index = protocol_symbol(protocol, record->symbol);
    int64_t number = client_order_number(record->order_id);
    bool known = protocol_order(protocol, record->order_id) != NULL;
    TrackedOrder *order = protocol_order_place(protocol);
    if (index < 0 || number == 0 || !order || known || order_is_terminal(record->state)) return;
    VenueSymbol *symbol = &protocol->symbols[index];
    TrackedOrder fresh = {.number = number,
                          .symbol = (unsigned)index,
                          .side = record->side,
                          .action = record->action,
                          .reason = record->reason,
                          .quantity = record->quantity,
                          .stop = record->stop_price,
                          .target = record->target_price,
                          .told = ORDER_UNKNOWN,
                          .held = true,
                          .is_restored = true,
                          .asked_us = record->created};
    memcpy(fresh.order_id, record->order_id, sizeof fresh.order_id);
    memcpy(fresh.signal_id, record->signal_id, sizeof fresh.signal_id);
    protocol_order_put(protocol, order, &fresh);
    if (number > protocol->number) protocol->number = number;
    if (number > protocol->number_kept) protocol->number_kept = number;
    begin_legs(symbol, order);
    order->settled = order->to_skip = record->filled;
    for (unsigned i = 0; i < TRACKED_LEGS; i++) {
        Leg *leg = &order->legs[i];
        if (leg->state != LEG_WAITS) continue;
        doubt_begin(turn, leg);
        leg->sent_ms = (record->updated + protocol->offset_us) / 1000;
        leg->window_ms = protocol->window_ms;
        leg->gap = true;
    }
    int64_t since = record->created - INSTANT_MINUTE_US; /* clocks differ by less */
    if (symbol->trades_from_us == 0 || since < symbol->trades_from_us)
        symbol->trades_from_us = since;
}

/* ---- for nobody ------------------------------------------------------------------------------ */

bool place_rehearse(const Turn *turn, BinanceRequest *request) {
    const Protocol *protocol = turn->protocol;
    const VenueSymbol *symbol = &protocol->symbols[0];
    TrackedOrder order = {.order_id = "o-1",
                          .signal_id = "s-1",
                          .number = 1,
                          .side = SIDE_BUY,
                          .action = ORDER_ACTION_MARKET,
                          .quantity = symbol->symbol.filters.step};
    Error error;
    begin_legs(symbol, &order);
    (void)place_fault(protocol, &order);
    if (!place_names(protocol, &order)) return false;
    BinanceNewOrder wire = wire_order(turn, &order, &order.legs[0]);
    return binance_order_test(&wire, false, ask_timing(turn), request, &error);
}
