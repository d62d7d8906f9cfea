/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage for the order protocol: the real service in a kernel of its own, and a venue that
 * answers by hand. What it asks without changing anything is answered from a small book that the
 * test fills (orders, trades, balances); what changes something is answered by the test, word for
 * word. Time runs by `pass`, and timers fire on the way. One stage a program.
 */
#ifndef TESTS_PROTOCOL_STAGE_H
#define TESTS_PROTOCOL_STAGE_H

#include "check_aborts.h"

#include "core/base/digest.h"
#include "core/bus/shape.h"
#include "core/kernel/kernel.h"
#include "core/protocol/client_name.h"

#define UNIT       DECIMAL_SCALE
#define KEPT       4096 /* of each kind */
#define BOOK_MAX   64
#define TRADES_MAX 4000

typedef struct BookOrder {
    char client_id[40];
    int64_t id;
    const char *status; /* NEW, FILLED ... */
    const char *side, *type;
    int64_t quantity, executed; /* at 1e-8 */
    int64_t list_id;
} BookOrder;

typedef struct BookTrade {
    int64_t id, order_id, price, quantity, fee;
    const char *fee_asset;
    bool is_buyer;
} BookTrade;

typedef struct StageBook {
    BookOrder orders[BOOK_MAX];
    unsigned order_count;
    BookTrade trades[TRADES_MAX];
    unsigned trade_count;
    int64_t usdc, btc, bnb; /* free at 1e-8 */
} StageBook;

typedef struct ProtocolStage {
    Settings settings;
    KernelPlan plan;
    Kernel *kernel;
    void *memory;
    int64_t now_us;
    int64_t offset_us; /* venue's clock - ours */
    StageBook book;
    bool mute;           /* questions are not answered by the stage */
    const char *failing; /* questions get this body with status 503; NULL: they are answered */
    const char *status;  /* of the symbol */
    const char *types;   /* of orders that it takes */
    VenueRequest requests[KEPT]; /* that change something */
    unsigned request_count, questions;
    VenueRequest held[KEPT]; /* questions that wait for an answer */
    unsigned held_count;
    ExecutionReport reports[KEPT];
    unsigned report_count;
    VenueDifference differences[16];
    unsigned difference_count;
    SymbolFilters filters;
    VenueState state;
    Opening opening;
    unsigned errors;
    Sha256 digest; /* of all that was said */
    bool swaps;    /* after each turn the state goes into a fresh kernel */
} ProtocolStage;

static ProtocolStage stage;

static const char *stage_decimal(int64_t units) {
    static char texts[16][DECIMAL_TEXT_MAX];
    static unsigned turn;
    char *text = texts[turn++ % 16];
    (void)quantity_to_text(quantity_of(units), text);
    return text;
}

static inline bool stage_listen(void) {
    bool asked = false;
    for (const Message *m = kernel_first(stage.kernel); m; m = kernel_next(stage.kernel, m)) {
        if (m->origin != ORIGIN_INPUT) sha256_add(&stage.digest, m->payload, m->size);
        const LogLine *line = m->payload;
        const VenueRequest *request = m->payload;
        if (m->topic == TOPIC_LOG_LINES) {
            stage.errors += line->level == LOG_ERROR;
            if (getenv("STAGE_LOG")) print_message("%s\n", line->text);
        }
        if (m->topic == TOPIC_VENUE_REQUESTS) {
            if (getenv("STAGE_LOG"))
                print_message("> %s %s?%s\n", request->purpose, request->path, request->parameters);
            if (request->changes)
                stage.requests[stage.request_count++ % KEPT] = *request;
            else
                stage.held[stage.held_count++ % KEPT] = *request;
            stage.questions += !request->changes;
            asked |= !request->changes;
        }
        if (m->topic == TOPIC_EXECUTION_REPORTS)
            memcpy(&stage.reports[stage.report_count++ % KEPT], m->payload,
                   sizeof(ExecutionReport));
        if (m->topic == TOPIC_VENUE_STATES) memcpy(&stage.state, m->payload, sizeof stage.state);
        if (m->topic == TOPIC_OPENINGS) memcpy(&stage.opening, m->payload, sizeof stage.opening);
        if (m->topic == TOPIC_SYMBOL_FILTERS)
            memcpy(&stage.filters, m->payload, sizeof stage.filters);
        if (m->topic == TOPIC_VENUE_DIFFERENCES)
            memcpy(&stage.differences[stage.difference_count++ % 16], m->payload,
                   sizeof(VenueDifference));
    }
    return asked;
}

static inline void stage_input(Topic topic, const void *payload) {
    Error error = {0};
    bool queued = kernel_input(stage.kernel, topic, stage.now_us, payload, &error);
    if (!queued) print_error("%s: %s\n", error.where, error.message);
    assert_true(queued);
}

/* ---- the answers of the book ----------------------------------------------------------------- */

static inline const char *stage_parameter(const VenueRequest *request, const char *name) {
    static char value[128];
    char key[64];
    snprintf(key, sizeof key, "%s=", name);
    for (const char *at = request->parameters; at && *at;) {
        if (strncmp(at, key, strlen(key)) == 0) {
            snprintf(value, sizeof value, "%.*s", (int)strcspn(at + strlen(key), "&"),
                     at + strlen(key));
            return value;
        }
        at = strchr(at, '&');
        if (at) at++;
    }
    return NULL;
}

static inline void stage_order_json(const BookOrder *order, char *target, size_t size) {
    snprintf(
        target, size,
        "{\"symbol\":\"BTCUSDC\",\"orderId\":%lld,\"orderListId\":%lld,\"clientOrderId\":\"%s\","
        "\"price\":\"0\",\"origQty\":\"%s\",\"executedQty\":\"%s\",\"cummulativeQuoteQty\":"
        "\"%s\",\"status\":\"%s\",\"timeInForce\":\"GTC\",\"type\":\"%s\",\"side\":\"%s\","
        "\"stopPrice\":\"0\",\"icebergQty\":\"0\",\"time\":%lld,\"updateTime\":%lld,"
        "\"isWorking\":true,\"origQuoteOrderQty\":\"0\"}",
        (long long)order->id, (long long)order->list_id, order->client_id,
        stage_decimal(order->quantity), stage_decimal(order->executed),
        stage_decimal(order->executed * 100), order->status, order->type, order->side,
        (long long)(stage.now_us / 1000), (long long)(stage.now_us / 1000));
}

static inline BookOrder *stage_book_find(const char *client_id, int64_t id) {
    for (unsigned i = 0; i < stage.book.order_count; i++) {
        BookOrder *order = &stage.book.orders[i];
        if (client_id ? strcmp(order->client_id, client_id) == 0 : order->id == id) return order;
    }
    return NULL;
}

static inline bool stage_rests(const BookOrder *order) {
    return strcmp(order->status, "NEW") == 0 || strcmp(order->status, "PARTIALLY_FILLED") == 0;
}

static inline void stage_open_json(char *target, size_t size) {
    char one[700];
    size_t length = (size_t)snprintf(target, size, "[");
    for (unsigned i = 0; i < stage.book.order_count; i++) {
        if (!stage_rests(&stage.book.orders[i])) continue;
        stage_order_json(&stage.book.orders[i], one, sizeof one);
        length +=
            (size_t)snprintf(target + length, size - length, "%s%s", length > 1 ? "," : "", one);
    }
    snprintf(target + length, size - length, "]");
}

static inline void stage_trades_json(const VenueRequest *request, char *target, size_t size) {
    const char *word = stage_parameter(request, "orderId");
    int64_t order_id = word ? atoll(word) : 0;
    word = stage_parameter(request, "fromId");
    int64_t from = word ? atoll(word) : -1;
    bool timed = stage_parameter(request, "startTime") != NULL;
    word = stage_parameter(request, "limit");
    unsigned limit = word ? (unsigned)atoi(word) : 500, count = 0;
    size_t length = (size_t)snprintf(target, size, "[");
    unsigned first = 0;
    if (from < 0 && !timed && stage.book.trade_count > limit)
        first = stage.book.trade_count - limit; /* the newest */
    for (unsigned i = first; i < stage.book.trade_count && count < limit; i++) {
        const BookTrade *trade = &stage.book.trades[i];
        if (trade->id < from || (order_id && trade->order_id != order_id)) continue;
        length += (size_t)snprintf(
            target + length, size - length,
            "%s{\"symbol\":\"BTCUSDC\",\"id\":%lld,\"orderId\":%lld,\"orderListId\":-1,\"price\":"
            "\"%s\",\"qty\":\"%s\",\"quoteQty\":\"0\",\"commission\":\"%s\",\"commissionAsset\":"
            "\"%s\",\"time\":%lld,\"isBuyer\":%s,\"isMaker\":false,\"isBestMatch\":true}",
            count++ ? "," : "", (long long)trade->id, (long long)trade->order_id,
            stage_decimal(trade->price), stage_decimal(trade->quantity), stage_decimal(trade->fee),
            trade->fee_asset, (long long)(stage.now_us / 1000), trade->is_buyer ? "true" : "false");
    }
    snprintf(target + length, size - length, "]");
}

static inline void stage_info_json(char *target, size_t size) {
    snprintf(target, size,
             "{\"timezone\":\"UTC\",\"serverTime\":%lld,\"rateLimits\":[],\"exchangeFilters\":[],"
             "\"symbols\":[{\"symbol\":\"BTCUSDC\",\"status\":\"%s\",\"baseAsset\":\"BTC\","
             "\"quoteAsset\":\"USDC\",\"orderTypes\":[%s],\"ocoAllowed\":true,"
             "\"cancelReplaceAllowed\":true,\"filters\":[{\"filterType\":\"PRICE_FILTER\","
             "\"minPrice\":\"0.01\",\"maxPrice\":\"1000000\",\"tickSize\":\"0.01\"},{"
             "\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"9000\",\"stepSize\":"
             "\"0.001\"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5\",\"applyMinToMarket\":"
             "true,\"maxNotional\":\"9000000\",\"applyMaxToMarket\":false,\"avgPriceMins\":5},{"
             "\"filterType\":\"MAX_NUM_ORDERS\",\"maxNumOrders\":200}]}]}",
             (long long)(stage.now_us / 1000), stage.status, stage.types);
}

static inline void stage_account_json(char *target, size_t size) {
    snprintf(target, size,
             "{\"makerCommission\":10,\"takerCommission\":10,\"canTrade\":true,\"canWithdraw\":"
             "false,\"canDeposit\":true,\"updateTime\":1700000000000,\"accountType\":\"SPOT\","
             "\"balances\":[{\"asset\":\"USDC\",\"free\":\"%s\",\"locked\":\"0\"},{\"asset\":"
             "\"BTC\",\"free\":\"%s\",\"locked\":\"0\"},{\"asset\":\"BNB\",\"free\":\"%s\","
             "\"locked\":\"0\"}],\"uid\":7}",
             stage_decimal(stage.book.usdc), stage_decimal(stage.book.btc),
             stage_decimal(stage.book.bnb));
}

static inline void stage_reply_full(int64_t id, VenueOutcome outcome, int status,
                                    const char *body) {
    static VenueReply reply;
    reply = (VenueReply){.id = id, .outcome = outcome, .status = status, .retry_after_s = -1};
    snprintf(reply.body, sizeof reply.body, "%s", body);
    stage_input(TOPIC_VENUE_REPLIES, &reply);
}

static inline void stage_answer_question(const VenueRequest *request) {
    static char body[30000];
    int status = 200;
    if (stage.failing) {
        stage_reply_full(request->id, OUTCOME_ANSWERED, 503, stage.failing);
        return;
    }
    if (strstr(request->path, "exchangeInfo"))
        stage_info_json(body, sizeof body);
    else if (strstr(request->path, "openOrders"))
        stage_open_json(body, sizeof body);
    else if (strstr(request->path, "myTrades"))
        stage_trades_json(request, body, sizeof body);
    else if (strstr(request->path, "account"))
        stage_account_json(body, sizeof body);
    else {
        const char *client = stage_parameter(request, "origClientOrderId");
        const char *number = client ? NULL : stage_parameter(request, "orderId");
        const BookOrder *order = stage_book_find(client, number ? atoll(number) : 0);
        if (order)
            stage_order_json(order, body, sizeof body);
        else
            snprintf(body, sizeof body, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}");
        if (!order) status = 400;
    }
    stage_reply_full(request->id, OUTCOME_ANSWERED, status, body);
}

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
static inline void stage_event(const BookOrder *order, const char *kind, const BookTrade *trade) {
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
    stage_frame(frame);
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

/* Up to the first reconciliation. */
static inline void stage_begin(const Service *const *services, unsigned count) {
    memset(&stage, 0, sizeof stage);
    settings_presets(&stage.settings);
    strcpy(stage.settings.venue.name, "binance");
    sha256_init(&stage.digest);
    stage.status = "TRADING";
    stage.types = "\"LIMIT\",\"MARKET\",\"STOP_LOSS\",\"STOP_LOSS_LIMIT\",\"LIMIT_MAKER\"";
    stage.book.usdc = 10000 * UNIT;
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

static inline void stage_end(void) {
    free(stage.memory);
    stage.memory = NULL;
}

#endif
