/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paper venue: fills orders at recorded, generated or live prices with fees, spread and
 * slippage, under the symbol's filters. It stands at the first stage, so that stops are judged on a
 * bar's range before anybody hears the bar's close. Market orders wait for the symbol's next price;
 * one protection (stop and target, one cancels the other) may rest a symbol.
 */
#include <string.h>

#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/sim/paper_costs.h"

/* ---- state --------------------------------------------------------------------------------- */

#define WAITING_MAX 2 /* per symbol: the executor sends one entry or exit at a time */

typedef struct WaitingOrder {
    char order_id[40];
    Side side;
    Quantity quantity;
    TradeReason reason;
} WaitingOrder;

typedef struct VenueSymbol {
    WaitingOrder waiting[WAITING_MAX];
    unsigned waiting_count;
    Price price;            /* last, 0: none */
    char protection_id[40]; /* empty: none rests */
    Protection protection;
} VenueSymbol;

typedef struct PaperVenue {
    bool active;      /* orders go here: settings.venue.name is "paper" */
    PaperCosts costs; /* from here on only where it is active: else the state ends before it */
    int64_t trade_id;
    SymbolTable symbols;
    VenueSymbol desks[LIMIT_SYMBOLS];
} PaperVenue;

/* ---- options ------------------------------------------------------------------------------- */

static bool is_active(const Settings *settings) {
    return strcmp(settings->venue.name, "paper") == 0;
}

static size_t paper_venue_state_size(const Settings *settings) {
    return is_active(settings) ? sizeof(PaperVenue) : offsetof(PaperVenue, costs);
}

static void paper_venue_init(void *state, const Settings *settings) {
    PaperVenue *venue = state;
    venue->active = is_active(settings);
    if (!venue->active) return;
    venue->costs = paper_costs(settings);
}

/* ---- step ---------------------------------------------------------------------------------- */

static int desk_of(const PaperVenue *venue, const char *symbol) {
    return symbol_table_find_text(&venue->symbols, symbol);
}

static ExecutionReport *report(Outbox *outbox, const char *order_id, const char *symbol, Side side,
                               OrderState state) {
    ExecutionReport *said = outbox_publish(outbox, TOPIC_EXECUTION_REPORTS);
    memcpy(said->order_id, order_id, sizeof said->order_id);
    memcpy(said->symbol, symbol, strlen(symbol) + 1);
    said->side = side;
    said->state = state;
    return said;
}

static void report_fill(PaperVenue *venue, const Symbol *symbol, const WaitingOrder *order,
                        const PaperFill *fill, Outbox *outbox) {
    ExecutionReport *said =
        report(outbox, order->order_id, symbol->name.text, order->side, ORDER_FILLED);
    const AssetName *asset = order->side == SIDE_BUY ? &symbol->base : &symbol->quote;
    said->quantity = order->quantity;
    said->price = fill->price;
    said->fee = fill->fee;
    memcpy(said->fee_asset, asset->text, sizeof said->fee_asset);
    said->trade_id = ++venue->trade_id;
    said->slippage = fill->slippage;
    said->reason = order->reason;
}

static void fill_protection(PaperVenue *venue, int index, const PaperFill *fill, Outbox *outbox) {
    VenueSymbol *desk = &venue->desks[index];
    WaitingOrder order = {
        .side = SIDE_SELL, .quantity = desk->protection.quantity, .reason = fill->reason};
    memcpy(order.order_id, desk->protection_id, sizeof order.order_id);
    report_fill(venue, &venue->symbols.symbols[index], &order, fill, outbox);
    desk->protection_id[0] = 0;
}

static void hear_price(PaperVenue *venue, const PriceMove *move, Outbox *outbox) {
    int index = desk_of(venue, move->symbol);
    if (index < 0) return;
    VenueSymbol *desk = &venue->desks[index];
    const Symbol *symbol = &venue->symbols.symbols[index];
    PaperFill fill;
    desk->price = move->price;
    bool single = move->high.units == move->low.units;
    if (desk->protection_id[0] &&
        (single ? paper_judge_price(&venue->costs, &symbol->filters, &desk->protection, move->price,
                                    &fill)
                : paper_judge_range(&venue->costs, &symbol->filters, &desk->protection, move->high,
                                    move->low, &fill)))
        fill_protection(venue, index, &fill, outbox);
    for (unsigned i = 0; i < desk->waiting_count; i++) {
        const WaitingOrder *order = &desk->waiting[i];
        fill = paper_fill_market(&venue->costs, &symbol->filters, order->side, move->price,
                                 order->quantity);
        report_fill(venue, symbol, order, &fill, outbox);
    }
    desk->waiting_count = 0;
}

static void hear_bar(PaperVenue *venue, const MarketBar *bar, Outbox *outbox) {
    int index = desk_of(venue, bar->symbol);
    if (index < 0 || bar->live) return;
    VenueSymbol *desk = &venue->desks[index];
    PaperFill fill;
    desk->price = bar->close;
    if (desk->protection_id[0] &&
        paper_judge_range(&venue->costs, &venue->symbols.symbols[index].filters, &desk->protection,
                          bar->high, bar->low, &fill))
        fill_protection(venue, index, &fill, outbox);
}

static void reject(const OrderRequest *request, const char *why, Outbox *outbox) {
    ExecutionReport *said =
        report(outbox, request->order_id, request->symbol, request->side, ORDER_REJECTED);
    Text text = TEXT_IN(said->text);
    text_put(&text, why);
    text_end(&text);
}

/* As the venue judges it: a market order at the last price, a protection at its stop. */
static bool passes(const VenueSymbol *desk, const Filters *filters, const OrderRequest *request,
                   Outbox *outbox) {
    char memory[80];
    Text text = TEXT_IN(memory);
    Price price = request->action == ORDER_ACTION_PROTECT
                      ? request->stop_price
                      : price_floor(desk->price, filters->tick); /* it names no price itself */
    const char *fault = price.units > 0 ? filters_fault(filters, price, request->quantity) : NULL;
    if (!fault) return true;
    text_format(&text, "Filter failure: %s", fault);
    reject(request, text_end(&text), outbox);
    return false;
}

static void accept_market(VenueSymbol *desk, const OrderRequest *request, Outbox *outbox) {
    if (desk->waiting_count == WAITING_MAX) {
        reject(request, "too many orders are waiting", outbox);
        return;
    }
    WaitingOrder *order = &desk->waiting[desk->waiting_count++];
    *order = (WaitingOrder){
        .side = request->side, .quantity = request->quantity, .reason = request->reason};
    memcpy(order->order_id, request->order_id, sizeof order->order_id);
    report(outbox, request->order_id, request->symbol, request->side, ORDER_ACKED);
}

static void accept_protection(VenueSymbol *desk, const OrderRequest *request, Outbox *outbox) {
    if (desk->protection_id[0]) {
        reject(request, "a protection rests already", outbox);
        return;
    }
    memcpy(desk->protection_id, request->order_id, sizeof desk->protection_id);
    desk->protection = (Protection){.quantity = request->quantity,
                                    .stop = request->stop_price,
                                    .target = request->target_price,
                                    .stop_reason = REASON_STOP_LOSS};
    report(outbox, request->order_id, request->symbol, request->side, ORDER_ACKED);
}

static void move_stop(VenueSymbol *desk, const OrderRequest *request) {
    if (strcmp(desk->protection_id, request->order_id) != 0)
        return; /* filled in this very instant */
    desk->protection.stop = request->stop_price;
    desk->protection.stop_reason = REASON_TRAILING_STOP;
}

static void cancel(VenueSymbol *desk, const OrderRequest *request, Outbox *outbox) {
    if (strcmp(desk->protection_id, request->order_id) == 0) {
        desk->protection_id[0] = 0;
        report(outbox, request->order_id, request->symbol, request->side, ORDER_CANCELED);
        return;
    }
    for (unsigned i = 0; i < desk->waiting_count; i++) {
        if (strcmp(desk->waiting[i].order_id, request->order_id) != 0) continue;
        report(outbox, request->order_id, request->symbol, request->side, ORDER_CANCELED);
        desk->waiting[i] = desk->waiting[--desk->waiting_count];
        return;
    }
}

static void hear_request(PaperVenue *venue, const OrderRequest *request, Outbox *outbox) {
    int index = desk_of(venue, request->symbol);
    if (index < 0) {
        reject(request, "unknown symbol", outbox);
        return;
    }
    VenueSymbol *desk = &venue->desks[index];
    const Filters *filters = &venue->symbols.symbols[index].filters;
    switch (request->action) {
    case ORDER_ACTION_MARKET:
        if (passes(desk, filters, request, outbox)) accept_market(desk, request, outbox);
        break;
    case ORDER_ACTION_PROTECT:
        if (passes(desk, filters, request, outbox)) accept_protection(desk, request, outbox);
        break;
    case ORDER_ACTION_MOVE_STOP:
        move_stop(desk, request);
        break;
    default:
        cancel(desk, request, outbox);
    }
}

static void paper_venue_step(void *state, const Message *message, Outbox *outbox) {
    PaperVenue *venue = state;
    Symbol symbol;
    if (!venue->active) return;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        if (symbol_from_filters(message->payload, &symbol))
            symbol_table_put(&venue->symbols, &symbol);
        break;
    case TOPIC_PRICES:
        hear_price(venue, message->payload, outbox);
        break;
    case TOPIC_BARS:
        hear_bar(venue, message->payload, outbox);
        break;
    default:
        hear_request(venue, message->payload, outbox);
    }
}

const Service service_paper_venue = {
    .name = "paper_venue",
    .label = "PaperVenue",
    .sentence = "Fills orders on paper at market prices, with fees, spread, slippage and the "
                "symbol's filters.",
    .stage = STAGE_VENUE,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_PRICES, TOPIC_BARS, TOPIC_ORDER_REQUESTS),
    SAYS(TOPIC_EXECUTION_REPORTS),
    .state_size = paper_venue_state_size,
    .init = paper_venue_init,
    .step = paper_venue_step,
};
