/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage for the order protocol: the real service in a kernel of its own, and a venue that
 * answers by hand. What it asks without changing anything is answered from a small book that the
 * test fills (orders, trades, balances); what changes something is answered by the test, word for
 * word. Time runs by `pass`, and timers fire on the way. One stage a program.
 */
#ifndef TESTS_PROTOCOL_STAGE_H
#define TESTS_PROTOCOL_STAGE_H

#include "protocol_book.h"

/* ---- time ------------------------------------------------------------------------------------ */

static inline void stage_kernel(const Service *const *services, unsigned count) {
    stage.plan =
        (KernelPlan){.services = services, .service_count = count, .settings = &stage.settings};
    size_t size = (kernel_size(&stage.plan) + 15) & ~(size_t)15;
    stage.memory = aligned_alloc(16, size);
    assert_non_null(stage.memory);
    memset(stage.memory, 0, size);
    stage.kernel = kernel_init(stage.memory, &stage.plan);
}

/* The state goes on in another kernel, as after a restart from a snapshot. */
static inline void stage_swap(void) {
    size_t size, again;
    void *memory = stage.memory, *old = kernel_state(stage.kernel, &size);
    stage_kernel(stage.plan.services, stage.plan.service_count);
    void *fresh = kernel_state(stage.kernel, &again);
    assert_int_equal(size, again);
    memcpy(fresh, old, size);
    free(memory);
}

/* Ends the turn; questions are answered 20 ms later until none comes. */
static inline void stage_turn(void) {
    kernel_turn(stage.kernel);
    bool asked = stage_listen();
    if (stage.swaps) stage_swap();
    for (unsigned round = 0; asked && !stage.mute && round < 200; round++) {
        static VenueRequest now[KEPT];
        unsigned count = stage.held_count;
        memcpy(now, stage.held, count * sizeof now[0]);
        stage.held_count = 0;
        stage.now_us += 20000;
        for (unsigned i = 0; i < count; i++)
            stage_answer_question(&now[i]);
        kernel_turn(stage.kernel);
        asked = stage_listen();
        if (stage.swaps) stage_swap();
    }
}

static inline void stage_say(Topic topic, const void *payload) {
    stage.now_us += 1000;
    stage_input(topic, payload);
    stage_turn();
}

static inline void stage_pass(int64_t us) {
    int64_t until = stage.now_us + us;
    for (;;) {
        int64_t due = kernel_timer_due(stage.kernel);
        if (due > until) break;
        if (due > stage.now_us) stage.now_us = due;
        kernel_input_timers(stage.kernel, stage.now_us);
        stage_turn();
    }
    if (until > stage.now_us) stage.now_us = until;
}

static inline void stage_link(VenueLinkState state) {
    VenueLink link = {.state = state, .text = "stage"};
    stage_say(TOPIC_VENUE_LINKS, &link);
}

static inline void stage_answer(int64_t id, VenueOutcome outcome, int status, const char *body) {
    stage.now_us += 20000;
    stage_reply_full(id, outcome, status, body);
    stage_turn();
}

static inline void stage_frame(const char *frame) {
    static VenueEvent event;
    event = (VenueEvent){0};
    snprintf(event.frame, sizeof event.frame, "%s", frame);
    stage_say(TOPIC_VENUE_EVENTS, &event);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static inline void stage_order(const char *order_id, OrderAction action, Side side, int64_t milli,
                               int64_t stop_cents, int64_t target_cents) {
    OrderRequest request = {.action = action,
                            .side = side,
                            .symbol = "BTCUSDC",
                            .quantity = quantity_of(milli * (UNIT / 1000)),
                            .stop_price = price_of(stop_cents * (UNIT / 100)),
                            .target_price = price_of(target_cents * (UNIT / 100)),
                            .reason =
                                action == ORDER_ACTION_PROTECT ? REASON_PROTECT : REASON_SIGNAL,
                            .signal_id = "s-1"};
    snprintf(request.order_id, sizeof request.order_id, "%s", order_id);
    stage_say(TOPIC_ORDER_REQUESTS, &request);
}

static inline const VenueRequest *stage_last(void) {
    assert_true(stage.request_count > 0);
    return &stage.requests[(stage.request_count - 1) % KEPT];
}

static inline const ExecutionReport *stage_report(void) {
    assert_true(stage.report_count > 0);
    return &stage.reports[(stage.report_count - 1) % KEPT];
}

static inline void stage_copy(char *target, size_t size, const char *text) {
    bool fits = slice_copy(slice_of(text), target, size);
    assert_true(fits);
}

/* The venue takes the order of a request into its book, with a trade per `milli` (0 ends them). */
static inline BookOrder *stage_book_add(const VenueRequest *request, const char *id_name,
                                        const char *type, const char *status, int64_t id) {
    assert_true(stage.book.order_count < BOOK_MAX);
    BookOrder *order = &stage.book.orders[stage.book.order_count++];
    *order = (BookOrder){.id = id, .status = status, .type = type, .list_id = -1};
    stage_copy(order->client_id, sizeof order->client_id, stage_parameter(request, id_name));
    assert_true(order->client_id[0]);
    const char *side = stage_parameter(request, "side");
    order->side = side && strcmp(side, "SELL") == 0 ? "SELL" : "BUY";
    Quantity quantity;
    assert_true(quantity_parse(slice_of(stage_parameter(request, "quantity")), &quantity));
    order->quantity = quantity.units;
    return order;
}

static inline const BookTrade *stage_book_trade(BookOrder *order, int64_t id, int64_t milli,
                                                int64_t cents) {
    assert_true(stage.book.trade_count < TRADES_MAX);
    BookTrade *trade = &stage.book.trades[stage.book.trade_count++];
    bool buy = strcmp(order->side, "BUY") == 0;
    *trade = (BookTrade){.id = id,
                         .order_id = order->id,
                         .price = cents * (UNIT / 100),
                         .quantity = milli * (UNIT / 1000),
                         .is_buyer = buy,
                         .fee_asset = buy ? "BTC" : "USDC"};
    trade->fee = buy ? trade->quantity / 1000 : trade->quantity / 1000 * cents / 100;
    order->executed += trade->quantity;
    int64_t value =
        (int64_t)price_times_quantity(price_of(trade->price), quantity_of(trade->quantity))
            .money.units;
    stage.book.usdc += buy ? -value : value - trade->fee;
    stage.book.btc += buy ? trade->quantity - trade->fee : -trade->quantity;
    return trade;
}

/* The answer to a new order, with the trades that the book has of it. */
static inline void stage_full_json(const BookOrder *order, char *target, size_t size) {
    size_t length = (size_t)snprintf(
        target, size,
        "{\"symbol\":\"BTCUSDC\",\"orderId\":%lld,\"orderListId\":%lld,\"clientOrderId\":\"%s\","
        "\"transactTime\":%lld,\"price\":\"0\",\"origQty\":\"%s\",\"executedQty\":\"%s\","
        "\"cummulativeQuoteQty\":\"0\",\"origQuoteOrderQty\":\"0\",\"status\":\"%s\","
        "\"timeInForce\":\"GTC\",\"type\":\"%s\",\"side\":\"%s\",\"fills\":[",
        (long long)order->id, (long long)order->list_id, order->client_id,
        (long long)(stage.now_us / 1000), stage_decimal(order->quantity),
        stage_decimal(order->executed), order->status, order->type, order->side);
    unsigned count = 0;
    for (unsigned i = 0; i < stage.book.trade_count; i++) {
        const BookTrade *trade = &stage.book.trades[i];
        if (trade->order_id != order->id) continue;
        length += (size_t)snprintf(
            target + length, size - length,
            "%s{\"price\":\"%s\",\"qty\":\"%s\",\"commission\":\"%s\",\"commissionAsset\":\"%s\","
            "\"tradeId\":%lld}",
            count++ ? "," : "", stage_decimal(trade->price), stage_decimal(trade->quantity),
            stage_decimal(trade->fee), trade->fee_asset, (long long)trade->id);
    }
    snprintf(target + length, size - length, "]}");
}

/* An executionReport of the order as the book has it; `trade` may be NULL. */
static inline const char *stage_event_text(const BookOrder *order, const char *kind,
                                           const BookTrade *trade) {
    static char frame[4000];
    static int64_t execution;
    snprintf(
        frame, sizeof frame,
        "{\"subscriptionId\":0,\"event\":{\"e\":\"executionReport\",\"E\":%lld,\"s\":\"BTCUSDC\","
        "\"c\":\"%s\",\"S\":\"%s\",\"o\":\"%s\",\"f\":\"GTC\",\"q\":\"%s\",\"p\":\"0\","
        "\"P\":\"0\",\"F\":\"0\",\"g\":%lld,\"C\":\"\",\"x\":\"%s\",\"X\":\"%s\","
        "\"r\":\"NONE\",\"i\":%lld,\"l\":\"%s\",\"z\":\"%s\",\"L\":\"%s\",\"n\":\"%s\","
        "\"N\":%s%s%s,\"T\":%lld,\"t\":%lld,\"I\":%lld,\"w\":false,\"m\":false,"
        "\"Z\":\"0\",\"Q\":\"0\"}}",
        (long long)(stage.now_us / 1000), order->client_id, order->side, order->type,
        stage_decimal(order->quantity), (long long)order->list_id, kind, order->status,
        (long long)order->id, stage_decimal(trade ? trade->quantity : 0),
        stage_decimal(order->executed), stage_decimal(trade ? trade->price : 0),
        stage_decimal(trade ? trade->fee : 0), trade ? "\"" : "", trade ? trade->fee_asset : "null",
        trade ? "\"" : "", (long long)(stage.now_us / 1000), (long long)(trade ? trade->id : -1),
        (long long)++execution);
    return frame;
}

static inline void stage_event(const BookOrder *order, const char *kind, const BookTrade *trade) {
    stage_frame(stage_event_text(order, kind, trade));
}

/* ---- opening --------------------------------------------------------------------------------- */

static inline void stage_price(int64_t cents) {
    PriceMove move = {.symbol = "BTCUSDC", .price = price_of(cents * (UNIT / 100))};
    move.high = move.low = move.price;
    stage_say(TOPIC_PRICES, &move);
}

static inline void stage_identity(const char *account, const char *instance) {
    VenueIdentity identity = {.armed_since = stage.now_us};
    snprintf(identity.account, sizeof identity.account, "%s", account);
    snprintf(identity.instance, sizeof identity.instance, "%s", instance);
    stage_say(TOPIC_VENUE_IDENTITIES, &identity);
}

/* Settings and the venue's book, which a test may change before it opens the stage. */
static inline void stage_prepare(void) {
    memset(&stage, 0, sizeof stage);
    settings_presets(&stage.settings);
    strcpy(stage.settings.venue.name, "binance");
    sha256_init(&stage.digest);
    stage.status = "TRADING";
    stage.types = "\"LIMIT\",\"MARKET\",\"STOP_LOSS\",\"STOP_LOSS_LIMIT\",\"LIMIT_MAKER\"";
    stage.book.usdc = 10000 * UNIT;
}

/* Up to the first reconciliation. */
static inline void stage_open(const Service *const *services, unsigned count) {
    stage_kernel(services, count);
    stage.now_us = instant_of(2024, 1, 1, 0, 0, 0);
    SymbolFilters filters = {.symbol = "BTCUSDC",
                             .base_asset = "BTC",
                             .quote_asset = "USDC",
                             .tick_size = price_of(UNIT / 100),
                             .step_size = quantity_of(UNIT / 1000),
                             .notional_min = money_of(5 * (__int128)UNIT)};
    VenueClock clock = {.offset_us = 0, .uncertainty_us = 10000};
    stage_say(TOPIC_SYMBOL_FILTERS, &filters);
    stage_price(10000);
    stage_identity("acct", "abcdefgh");
    stage_link(LINK_RESTARTED);
    stage_say(TOPIC_VENUE_CLOCKS, &clock);
    stage_link(LINK_USER_UP);
    stage_pass(INSTANT_SECOND_US);
}

static inline void stage_begin(const Service *const *services, unsigned count) {
    stage_prepare();
    stage_open(services, count);
}

static inline void stage_end(void) {
    free(stage.memory);
    stage.memory = NULL;
}

#endif
