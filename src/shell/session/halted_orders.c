/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/halted_orders.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/venues/binance_account.h"
#include "core/venues/binance_error.h"
#include "core/venues/binance_order.h"
#include "shell/sys/clock.h"

#define FIRST_REQUEST 9000000000000000LL /* ids that no engine's count reaches */
#define ORDERS_MAX    256                /* of a symbol; the venue lets 200 rest */
#define ASSETS_MAX    1024
#define WAIT_MS       50
#define OPEN_ORDERS   "/api/v3/openOrders" /* what may be longer than a reply */

typedef struct Sale {
    ClientId id; /* empty: none is under way */
    Quantity quantity;
    int64_t sent_us; /* monotonic */
    Quantity done;   /* what earlier sales have sold */
    bool given_up;   /* the venue takes no such order: too small, or not traded */
} Sale;

struct Halted {
    HaltedPlan plan;
    Sale sales[LIMIT_SYMBOLS];
    int64_t requests;
    VenueRequest request;
    VenueMessage message;
    BinanceReport orders[ORDERS_MAX];
    BinanceBalance balances[ASSETS_MAX];
    unsigned balance_count;
    bool balances_known;
};

Halted *halted_open(const HaltedPlan *plan) {
    Halted *halted = calloc(1, sizeof *halted);
    CHECK(halted, "halted_orders: out of memory");
    halted->plan = *plan;
    return halted;
}

void halted_close(Halted *halted) {
    free(halted);
}

static void tell(const char *symbol, const char *what, const char *more) {
    fprintf(stderr, "! halted: %s%s%s%s%s\n", symbol, symbol[0] ? ": " : "", what,
            more[0] ? ": " : "", more);
}

/* ---- asking -------------------------------------------------------------------------------- */

static void take_clock(Halted *halted) {
    if (halted->message.topic == TOPIC_VENUE_CLOCKS) halted->plan.clock = halted->message.clock;
}

void halted_listen(Halted *halted) {
    while (halted->plan.port->next(halted->plan.port, &halted->message))
        take_clock(halted);
}

static BinanceTiming timing(const Halted *halted) {
    int64_t now_us = clock_wall_us() + halted->plan.clock.offset_us;
    return (BinanceTiming){.timestamp_ms = now_us / 1000, .window_ms = halted->plan.recv_window_ms};
}

static void fill_request(Halted *halted, const BinanceRequest *made, const char *purpose) {
    static const char *const methods[] = {"GET", "POST", "DELETE"};
    VenueRequest *request = &halted->request;
    *request = (VenueRequest){.id = FIRST_REQUEST + ++halted->requests,
                              .needs_signature = made->is_signed,
                              .changes = made->method != BINANCE_GET,
                              .lists = strcmp(made->path, OPEN_ORDERS) == 0,
                              .timestamp_ms = made->timestamp_ms,
                              .window_ms = made->window_ms};
    Text words = TEXT_IN(request->purpose), method = TEXT_IN(request->method),
         path = TEXT_IN(request->path), parameters = TEXT_IN(request->parameters);
    text_put(&words, purpose);
    text_put(&method, methods[made->method]);
    text_put(&path, made->path);
    text_slice(&parameters, (Slice){made->text, made->length});
    text_end(&words);
    text_end(&method);
    text_end(&path);
    text_end(&parameters);
    CHECK(!parameters.overflow, "halted_orders: the parameters do not fit a request");
}

/* The next reply to what was sent; NULL where it does not come in time. */
static const VenueReply *await(Halted *halted) {
    VenuePort *port = halted->plan.port;
    int64_t until_us = clock_monotonic_us() + 2000LL * halted->plan.answer_timeout_ms;
    while (clock_monotonic_us() < until_us && !halted->plan.stopping()) {
        while (port->next(port, &halted->message)) {
            take_clock(halted);
            bool ours = halted->message.topic == TOPIC_VENUE_REPLIES &&
                        halted->message.reply.id == halted->request.id;
            if (ours) return &halted->message.reply;
        }
        struct pollfd wake = {.fd = port->wake_descriptor, .events = POLLIN};
        poll(&wake, wake.fd >= 0 ? 1 : 0, WAIT_MS);
    }
    return NULL;
}

/* Sends once and waits for the reply. */
static const VenueReply *ask(Halted *halted, const BinanceRequest *made, const char *purpose) {
    fill_request(halted, made, purpose);
    halted->plan.port->send(halted->plan.port, &halted->request);
    return await(halted);
}

static Slice body_of(const VenueReply *reply) {
    return slice_of(reply->body);
}

static bool is_good(const VenueReply *reply) {
    return reply && reply->outcome == OUTCOME_ANSWERED && reply->status == 200 && !reply->cut;
}

static BinanceVerdict verdict_of(const VenueReply *reply, bool changes) {
    const BinanceHttp http = {.status = (int)reply->status,
                              .body = body_of(reply),
                              .retry_after_s = reply->retry_after_s,
                              .changes = changes};
    BinanceVerdict verdict;
    binance_error_judge(&http, &verdict);
    return verdict;
}

static void tell_no(const char *symbol, const char *what, const VenueReply *reply) {
    char memory[200];
    Text text = TEXT_IN(memory);
    if (!reply)
        text_put(&text, "no answer");
    else if (reply->outcome != OUTCOME_ANSWERED)
        text_put(&text, reply->outcome == OUTCOME_NOT_SENT ? "not sent" : "no answer");
    else
        text_format(&text, "HTTP %d %s", (int)reply->status, verdict_of(reply, true).fault.text);
    tell(symbol, what, text_end(&text));
}

/* ---- orders that rest ---------------------------------------------------------------------- */

static bool is_ours(const Halted *halted, const BinanceReport *order) {
    const char *instance = halted->plan.port->identity.instance;
    const char *id = order->client_id.text;
    size_t length = strlen(instance);
    return id[0] == 't' && (id[1] == 'r' || id[1] == 'h') &&
           strncmp(id + 2, instance, length) == 0 && id[2 + length] == '-';
}

static bool cancel_one(Halted *halted, const BinanceReport *order) {
    BinanceRequest made;
    Error error;
    const BinanceListKey list = {.symbol = order->symbol, .list_id = order->list_id};
    const BinanceCancel alone = {.key = {.symbol = order->symbol, .order_id = order->order_id}};
    bool in_list = order->list_id >= 0;
    bool sound = in_list ? binance_order_list_cancel(&list, timing(halted), &made, &error)
                         : binance_order_cancel(&alone, timing(halted), &made, &error);
    if (!sound) {
        tell(order->symbol.text, "a cancel could not be made", error.message);
        return false;
    }
    tell(order->symbol.text, "cancelling", order->client_id.text);
    const VenueReply *reply = ask(halted, &made, "halted cancel");
    if (is_good(reply)) return true;
    tell_no(order->symbol.text, "not cancelled yet", reply);
    return false;
}

/* A cancel may be repeated as often as it takes: what is gone cannot be cancelled twice. The orders
 * of one list go together. */
static bool cancel_all(Halted *halted, KillLevel level, const BinanceReports *orders) {
    bool clean = true;
    for (unsigned i = 0; i < orders->count; i++) {
        const BinanceReport *order = &orders->at[i];
        bool listed = false;
        for (unsigned k = 0; k < i && order->list_id >= 0; k++)
            listed = listed || orders->at[k].list_id == order->list_id;
        if (listed || !is_ours(halted, order)) continue;
        if (level < KILL_FLATTEN && order->side == SIDE_SELL) continue;
        (void)cancel_one(halted, order);
        clean = false; /* the next pass sees whether it is gone */
    }
    return clean;
}

/* All replies that hold the list; false: the orders are not known, and why is told. */
static bool read_open(Halted *halted, const char *symbol, const VenueReply *reply,
                      BinanceReports *orders) {
    Error error;
    for (;; reply = await(halted)) {
        BinanceReports piece = {.at = orders->at + orders->count,
                                .capacity = orders->capacity - orders->count};
        if (!is_good(reply)) {
            tell_no(symbol, "open orders are not known", reply);
            return false;
        }
        if (!binance_reply_orders(body_of(reply), &piece, &error)) {
            tell(symbol, "open orders cannot be read", error.message);
            return false;
        }
        orders->count += piece.count;
        if (!reply->goes_on) return true;
    }
}

static bool clear_symbol(Halted *halted, KillLevel level, const SymbolName *symbol) {
    BinanceRequest made;
    Error error;
    BinanceReports orders = {.at = halted->orders, .capacity = ORDERS_MAX};
    if (!binance_order_open(symbol, timing(halted), &made, &error)) {
        tell(symbol->text, "open orders could not be asked for", error.message);
        return false;
    }
    const VenueReply *reply = ask(halted, &made, "halted look");
    return read_open(halted, symbol->text, reply, &orders) && cancel_all(halted, level, &orders);
}

/* ---- selling ------------------------------------------------------------------------------- */

static bool read_balances(Halted *halted) {
    BinanceRequest made;
    BinanceAccount account;
    BinanceBalances balances = {.at = halted->balances, .capacity = ASSETS_MAX};
    Error error;
    if (!binance_order_account(timing(halted), &made, &error)) return false;
    const VenueReply *reply = ask(halted, &made, "halted balances");
    halted->balances_known =
        is_good(reply) && binance_account_read(body_of(reply), &account, &balances, &error);
    halted->balance_count = balances.count;
    if (!halted->balances_known) tell_no("", "balances are not known", reply);
    return halted->balances_known;
}

static int64_t free_units(const Halted *halted, const AssetName *asset) {
    for (unsigned i = 0; i < halted->balance_count; i++) {
        if (strcmp(halted->balances[i].asset.text, asset->text) != 0) continue;
        __int128 units = halted->balances[i].free.units;
        return units > INT64_MAX ? INT64_MAX : (int64_t)units;
    }
    return 0;
}

/* What was held, without what is sold, at most what is free, down to the step. */
static Quantity left_to_sell(const Halted *halted, unsigned index) {
    const HaltedHolding *holding = &halted->plan.holdings[index];
    int64_t units = holding->held.units - halted->sales[index].done.units;
    int64_t most = free_units(halted, &holding->base);
    if (units > most) units = most;
    if (holding->step.units > 0) units -= units % holding->step.units;
    return quantity_of(units > 0 ? units : 0);
}

static void name_sale(const Halted *halted, ClientId *id) {
    Text text = TEXT_IN(id->text);
    text_format(&text, "th%s-%D", halted->plan.port->identity.instance,
                clock_wall_us() / 1000 + halted->requests);
    text_end(&text);
}

static void finish_sale(Sale *sale, const char *symbol, Quantity executed) {
    char amount[DECIMAL_TEXT_MAX];
    quantity_to_text(executed, amount);
    tell(symbol, "sold", amount);
    sale->done = quantity_of(sale->done.units + executed.units);
    *sale = (Sale){.done = sale->done};
}

/* The venue itself gives up after ten seconds; behind the window, that, and a second more, what it
 * does not know never arrived. */
static bool is_past(const Halted *halted, const Sale *sale) {
    int64_t window_us = (halted->plan.recv_window_ms + 11000LL) * 1000;
    return clock_monotonic_us() - sale->sent_us > window_us + halted->plan.clock.uncertainty_us;
}

/* The fate of a sale that was not answered. */
static void ask_for_sale(Halted *halted, unsigned index) {
    const HaltedHolding *holding = &halted->plan.holdings[index];
    Sale *sale = &halted->sales[index];
    const BinanceOrderKey key = {.symbol = holding->symbol, .client_id = sale->id};
    BinanceRequest made;
    BinanceReport report;
    Error error;
    if (!binance_order_query(&key, timing(halted), &made, &error)) return;
    const VenueReply *reply = ask(halted, &made, "halted query");
    if (is_good(reply) && binance_reply_order(body_of(reply), NULL, &report, &error)) {
        finish_sale(sale, holding->symbol.text, report.executed);
        return;
    }
    bool unknown =
        reply && reply->outcome == OUTCOME_ANSWERED && verdict_of(reply, false).fault.code == -2013;
    if (unknown && is_past(halted, sale)) {
        tell(holding->symbol.text, "the sale never arrived", sale->id.text);
        *sale = (Sale){.done = sale->done};
    }
}

static void judge_sale(Halted *halted, unsigned index, const VenueReply *reply) {
    const HaltedHolding *holding = &halted->plan.holdings[index];
    Sale *sale = &halted->sales[index];
    BinanceFill fills[64]; /* a market order walks few levels; more of them is asked for by query */
    BinanceFills room = {.at = fills, .capacity = 64};
    BinanceReport report;
    Error error;
    if (is_good(reply) && binance_reply_order(body_of(reply), &room, &report, &error)) {
        finish_sale(sale, holding->symbol.text, report.executed);
        return;
    }
    tell_no(holding->symbol.text, "the sale is not confirmed", reply);
    BinanceAction action = reply ? verdict_of(reply, true).action : BINANCE_ASK;
    bool refused = reply && reply->outcome == OUTCOME_ANSWERED && action != BINANCE_ASK &&
                   reply->status < 500 && reply->status != 200;
    if (refused || (reply && reply->outcome == OUTCOME_NOT_SENT))
        *sale = (Sale){.done = sale->done, .given_up = refused && action != BINANCE_LATER};
}

static void sell(Halted *halted, unsigned index, Quantity quantity) {
    const HaltedHolding *holding = &halted->plan.holdings[index];
    Sale *sale = &halted->sales[index];
    char amount[DECIMAL_TEXT_MAX];
    BinanceNewOrder order = {.symbol = holding->symbol,
                             .side = SIDE_SELL,
                             .quantity = quantity,
                             .leg = {.type = BINANCE_MARKET}};
    BinanceRequest made;
    Error error;
    name_sale(halted, &order.leg.client_id);
    if (!binance_order_new(&order, timing(halted), &made, &error)) {
        tell(holding->symbol.text, "a sale could not be made", error.message);
        return;
    }
    quantity_to_text(quantity, amount);
    tell(holding->symbol.text, "selling at the market", amount);
    sale->id = order.leg.client_id;
    sale->quantity = quantity;
    sale->sent_us = clock_monotonic_us();
    judge_sale(halted, index, ask(halted, &made, "halted sale"));
}

static bool sell_all(Halted *halted) {
    bool clean = true;
    if (!read_balances(halted)) return false;
    for (unsigned i = 0; i < halted->plan.count && !halted->plan.stopping(); i++) {
        if (halted->sales[i].id.text[0]) {
            ask_for_sale(halted, i);
            clean = false;
            continue;
        }
        Quantity left = left_to_sell(halted, i);
        if (left.units == 0 || halted->sales[i].given_up) continue;
        sell(halted, i, left);
        clean = false;
    }
    return clean;
}

bool halted_carry_out(Halted *halted, KillLevel level) {
    bool clean = true;
    halted_listen(halted);
    for (unsigned i = 0; i < halted->plan.count && level >= KILL_STOP; i++)
        if (!clear_symbol(halted, level, &halted->plan.holdings[i].symbol)) clean = false;
    return clean && (level < KILL_FLATTEN || sell_all(halted));
}
