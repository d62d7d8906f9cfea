/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the venue of the protocol's tests holds (orders, trades, balances), the stage that it stands
 * on, and its answers to questions, written as the venue writes them. Included by protocol_stage.h.
 */
#ifndef TESTS_PROTOCOL_BOOK_H
#define TESTS_PROTOCOL_BOOK_H

#include "check_aborts.h"

#include "core/base/digest.h"
#include "core/bus/shape.h"
#include "core/kernel/kernel.h"
#include "core/protocol/client_name.h"

#define UNIT       DECIMAL_SCALE
#define KEPT       4096 /* of each kind */
#define BOOK_MAX   512
#define PIECE_MAX  30 /* orders of one reply, as the transport cuts a long list */
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
    unsigned breaks_at;  /* this piece of a list of open orders cannot be read, 0: none */
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
    Refusal refusals[KEPT];
    unsigned refusal_count;
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
        if (m->topic == TOPIC_REFUSALS)
            stage.refusals[stage.refusal_count++ % KEPT] = *(const Refusal *)m->payload;
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

/* Those that rest from `*from` on, at most PIECE_MAX; false: they were the last. */
static inline bool stage_open_json(unsigned *from, char *target, size_t size) {
    char one[700];
    unsigned count = 0;
    size_t length = (size_t)snprintf(target, size, "[");
    for (; *from < stage.book.order_count; ++*from) {
        if (!stage_rests(&stage.book.orders[*from])) continue;
        if (count++ == PIECE_MAX) break;
        stage_order_json(&stage.book.orders[*from], one, sizeof one);
        length +=
            (size_t)snprintf(target + length, size - length, "%s%s", length > 1 ? "," : "", one);
    }
    snprintf(target + length, size - length, "]");
    return *from < stage.book.order_count;
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
    if (from <= 0 && !timed && stage.book.trade_count > limit)
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

/* Open orders, in as many replies as they need. */
static inline void stage_answer_open(const VenueRequest *request) {
    static VenueReply reply;
    bool more = true;
    assert_true(request->lists);
    for (unsigned from = 0, piece = 0; more; piece++) {
        reply = (VenueReply){
            .id = request->id, .outcome = OUTCOME_ANSWERED, .status = 200, .retry_after_s = -1};
        more = stage_open_json(&from, reply.body, sizeof reply.body);
        reply.goes_on = more;
        if (stage.breaks_at == piece + 1) reply.body[1] = 0;
        stage_input(TOPIC_VENUE_REPLIES, &reply);
    }
}

static inline void stage_answer_question(const VenueRequest *request) {
    static char body[30000];
    int status = 200;
    if (stage.failing) {
        stage_reply_full(request->id, OUTCOME_ANSWERED, 503, stage.failing);
        return;
    }
    if (strstr(request->path, "openOrders")) {
        stage_answer_open(request);
        return;
    }
    if (strstr(request->path, "exchangeInfo"))
        stage_info_json(body, sizeof body);
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

#endif
