/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_order.h"

#include "core/venues/binance_path.h"

/* A request in the making; the first fault stays. */
typedef struct Draft {
    BinanceRequest *request;
    Text text;
    const char *fault;
} Draft;

static Draft begin(BinanceRequest *request, BinanceRequest call) {
    *request = call;
    return (Draft){.request = request, .text = TEXT_IN(request->text)};
}

static void demand(Draft *draft, bool condition, const char *fault) {
    if (!condition && !draft->fault) draft->fault = fault;
}

/* `Price` behind a prefix ("abovePrice"), `price` alone. */
static void put_name(Draft *draft, const char *prefix, const char *key) {
    char first = key[0];
    if (draft->text.length) text_char(&draft->text, '&');
    text_put(&draft->text, prefix);
    if (!prefix[0] && first >= 'A' && first <= 'Z') first = (char)(first + ('a' - 'A'));
    text_char(&draft->text, first);
    text_put(&draft->text, key + 1);
    text_char(&draft->text, '=');
}

static void put_word(Draft *draft, const char *prefix, const char *key, const char *value) {
    put_name(draft, prefix, key);
    binance_path_encoded(&draft->text, slice_of(value));
}

static void put_int(Draft *draft, const char *prefix, const char *key, int64_t value) {
    put_name(draft, prefix, key);
    text_int(&draft->text, value);
}

static void put_price(Draft *draft, const char *prefix, const char *key, Price price) {
    char plain[DECIMAL_TEXT_MAX];
    demand(draft, price.units >= 0, "negative price");
    if (price.units <= 0) return;
    price_to_text(price, plain);
    put_word(draft, prefix, key, plain);
}

static void put_quantity(Draft *draft, const char *prefix, const char *key, Quantity quantity) {
    char plain[DECIMAL_TEXT_MAX];
    demand(draft, quantity.units >= 0, "negative quantity");
    if (quantity.units <= 0) return;
    quantity_to_text(quantity, plain);
    put_word(draft, prefix, key, plain);
}

static bool is_id_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static void put_client(Draft *draft, const char *prefix, const char *key, const ClientId *id) {
    size_t length = strnlen(id->text, sizeof id->text);
    demand(draft, length <= BINANCE_CLIENT_ID_MAX, "client id of more than 36 characters");
    for (size_t i = 0; i < length; i++)
        demand(draft, is_id_char(id->text[i]),
               "client id of other characters than A-Z a-z 0-9 - _");
    if (length && !draft->fault) put_word(draft, prefix, key, id->text);
}

static void put_symbol(Draft *draft, const SymbolName *symbol) {
    SymbolName sound;
    Slice name = {symbol->text, strnlen(symbol->text, LIMIT_SYMBOL_TEXT)};
    demand(draft, symbol_name_set(&sound, name), "no symbol");
    if (!draft->fault) put_word(draft, "", "symbol", sound.text);
}

static bool finish(Draft *draft, const BinanceTiming *timing, Error *error) {
    BinanceRequest *request = draft->request;
    if (timing) {
        demand(draft, timing->window_ms >= 1 && timing->window_ms <= BINANCE_WINDOW_MS_MAX,
               "window is not within 1 and 60000 ms");
        demand(draft, timing->timestamp_ms >= BINANCE_STAMP_MS_MIN, "time is before 2017");
        put_int(draft, "", "recvWindow", timing->window_ms);
        put_int(draft, "", "timestamp", timing->timestamp_ms);
        request->is_signed = true;
        request->timestamp_ms = timing->timestamp_ms;
        request->window_ms = timing->window_ms;
    }
    demand(draft, !draft->text.overflow, "parameters are too long");
    request->length = draft->text.length;
    text_end(&draft->text);
    if (!draft->fault) return true;
    char message[160];
    Text text = TEXT_IN(message);
    text_format(&text, "request not made: %s", draft->fault);
    return error_set(error, ERROR_RANGE, text_end(&text), request->path, NULL);
}

/* ---- new orders ------------------------------------------------------------------------------ */

/* Each type has its own parameters; one too many is refused by the venue like one too few. */
static void judge_leg(Draft *draft, const BinanceLeg *leg) {
    bool limit = binance_type_has_limit(leg->type), trigger = binance_type_has_trigger(leg->type);
    bool forced = limit && leg->type != BINANCE_LIMIT_MAKER;
    bool triggers = leg->stop_price.units != 0 || leg->trailing_bps != 0;
    demand(draft, leg->type > BINANCE_TYPE_OTHER && leg->type < BINANCE_TYPE_COUNT,
           "no type of order");
    demand(draft, (leg->price.units != 0) == limit,
           limit ? "no price" : "a price that is not for it");
    demand(draft, triggers == trigger, trigger ? "no stop price" : "a stop that is not for it");
    demand(draft, (leg->force != BINANCE_FORCE_NONE) == forced,
           forced ? "no time in force" : "a time in force that is not for it");
    demand(draft, leg->trailing_bps >= 0 && leg->trailing_bps <= BINANCE_TRAILING_MAX,
           "trailing delta is not within 0 and 10000");
    bool whole = leg->force == BINANCE_GTC || leg->type == BINANCE_LIMIT_MAKER;
    demand(draft, leg->iceberg.units == 0 || (limit && whole), "iceberg needs a limit in force");
}

static void put_leg(Draft *draft, const char *prefix, const char *id_key, const BinanceLeg *leg) {
    judge_leg(draft, leg);
    put_word(draft, prefix, "Type", binance_type_word(leg->type));
    if (leg->force != BINANCE_FORCE_NONE)
        put_word(draft, prefix, "TimeInForce", binance_force_word(leg->force));
    put_price(draft, prefix, "Price", leg->price);
    put_price(draft, prefix, "StopPrice", leg->stop_price);
    if (leg->trailing_bps > 0) put_int(draft, prefix, "TrailingDelta", leg->trailing_bps);
    put_quantity(draft, prefix, "IcebergQty", leg->iceberg);
    put_client(draft, prefix, id_key, &leg->client_id);
}

static void put_quote_quantity(Draft *draft, const BinanceNewOrder *order) {
    char plain[DECIMAL_TEXT_MAX];
    bool market = order->leg.type == BINANCE_MARKET, quote = order->quote_quantity.units != 0;
    demand(draft, !quote || market, "a quote quantity is for MARKET only");
    demand(draft, (order->quantity.units != 0) != quote, "either quantity or quote quantity");
    demand(draft, order->quote_quantity.units >= 0 && order->quote_quantity.units <= INT64_MAX,
           "quote quantity is out of range");
    if (!quote || draft->fault) return;
    money_to_text(order->quote_quantity, plain);
    put_word(draft, "", "quoteOrderQty", plain);
}

static void put_order(Draft *draft, const BinanceNewOrder *order) {
    put_symbol(draft, &order->symbol);
    put_word(draft, "", "side", binance_side_word(order->side));
    put_quantity(draft, "", "quantity", order->quantity);
    put_quote_quantity(draft, order);
    demand(draft, order->leg.client_id.text[0], "no client id");
    demand(draft, order->leg.iceberg.units <= order->quantity.units, "iceberg above the quantity");
    put_leg(draft, "", "newClientOrderId", &order->leg);
    put_word(draft, "", "newOrderRespType", "FULL");
}

bool binance_order_new(const BinanceNewOrder *order, BinanceTiming timing, BinanceRequest *request,
                       Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_POST,
                                                  .path = "/api/v3/order",
                                                  .socket = "order.place",
                                                  .weight = 1,
                                                  .orders = 1});
    put_order(&draft, order);
    return finish(&draft, &timing, error);
}

bool binance_order_test(const BinanceNewOrder *order, bool rates, BinanceTiming timing,
                        BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_POST,
                                                  .path = "/api/v3/order/test",
                                                  .socket = "order.test",
                                                  .weight = rates ? 20 : 1});
    put_order(&draft, order);
    if (rates) put_word(&draft, "", "computeCommissionRates", "true");
    return finish(&draft, &timing, error);
}

/* ---- one order again ------------------------------------------------------------------------- */

static void put_key(Draft *draft, const BinanceOrderKey *key, const char *id, const char *client) {
    demand(draft, key->order_id >= 0, "order id below 0");
    demand(draft, key->order_id > 0 || key->client_id.text[0], "no id of the order");
    if (key->order_id > 0) put_int(draft, "", id, key->order_id);
    put_client(draft, "", client, &key->client_id);
}

static void put_restriction(Draft *draft, BinanceRestriction restriction) {
    if (restriction == BINANCE_CANCEL_ONLY_NEW)
        put_word(draft, "", "cancelRestrictions", "ONLY_NEW");
    if (restriction == BINANCE_CANCEL_ONLY_PARTIALLY_FILLED)
        put_word(draft, "", "cancelRestrictions", "ONLY_PARTIALLY_FILLED");
}

bool binance_order_query(const BinanceOrderKey *key, BinanceTiming timing, BinanceRequest *request,
                         Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/order",
                                                  .socket = "order.status",
                                                  .weight = 4});
    put_symbol(&draft, &key->symbol);
    put_key(&draft, key, "orderId", "origClientOrderId");
    return finish(&draft, &timing, error);
}

bool binance_order_cancel(const BinanceCancel *cancel, BinanceTiming timing,
                          BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_DELETE,
                                                  .path = "/api/v3/order",
                                                  .socket = "order.cancel",
                                                  .weight = 1});
    put_symbol(&draft, &cancel->key.symbol);
    put_key(&draft, &cancel->key, "orderId", "origClientOrderId");
    put_client(&draft, "", "newClientOrderId", &cancel->cancel_id);
    put_restriction(&draft, cancel->restriction);
    return finish(&draft, &timing, error);
}

bool binance_order_replace(const BinanceReplace *replace, BinanceTiming timing,
                           BinanceRequest *request, Error *error) {
    const BinanceCancel *cancel = &replace->cancel;
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_POST,
                                                  .path = "/api/v3/order/cancelReplace",
                                                  .socket = "order.cancelReplace",
                                                  .weight = 1,
                                                  .orders = 1});
    demand(&draft, symbol_name_equal(&cancel->key.symbol, &replace->order.symbol),
           "the new order is of another symbol");
    put_order(&draft, &replace->order);
    put_word(&draft, "", "cancelReplaceMode",
             replace->even_if_cancel_fails ? "ALLOW_FAILURE" : "STOP_ON_FAILURE");
    put_key(&draft, &cancel->key, "cancelOrderId", "cancelOrigClientOrderId");
    put_client(&draft, "", "cancelNewClientOrderId", &cancel->cancel_id);
    put_restriction(&draft, cancel->restriction);
    if (replace->cancel_over_limit)
        put_word(&draft, "", "orderRateLimitExceededMode", "CANCEL_ONLY");
    return finish(&draft, &timing, error);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool takes_profit(BinanceType type) {
    return type == BINANCE_LIMIT_MAKER || type == BINANCE_TAKE_PROFIT ||
           type == BINANCE_TAKE_PROFIT_LIMIT;
}

static bool stops_loss(BinanceType type) {
    return type == BINANCE_STOP_LOSS || type == BINANCE_STOP_LOSS_LIMIT;
}

/* The price at which the leg goes off; 0: it trails. */
static Price leg_level(const BinanceLeg *leg) {
    return leg->type == BINANCE_LIMIT_MAKER ? leg->price : leg->stop_price;
}

static void judge_pair(Draft *draft, const BinanceOco *oco) {
    const BinanceLeg *profit = oco->side == SIDE_SELL ? &oco->above : &oco->below;
    const BinanceLeg *stop = oco->side == SIDE_SELL ? &oco->below : &oco->above;
    Price above = leg_level(&oco->above), below = leg_level(&oco->below);
    demand(draft, takes_profit(profit->type) && stops_loss(stop->type),
           "a sell list has its profit above and its stop below, a buy list turned");
    demand(draft, !above.units || !below.units || above.units > below.units,
           "the upper leg is not above the lower one");
}

/* `above` and `below`: the prefixes of the legs. */
static void put_pair(Draft *draft, const BinanceOco *oco, const char *above, const char *below) {
    judge_pair(draft, oco);
    demand(draft, oco->above.client_id.text[0] && oco->below.client_id.text[0], "no client id");
    demand(draft, oco->quantity.units > 0, "no quantity");
    put_leg(draft, above, "ClientOrderId", &oco->above);
    put_leg(draft, below, "ClientOrderId", &oco->below);
}

static void put_list_id(Draft *draft, const ClientId *id) {
    demand(draft, id->text[0], "no client id of the list");
    put_client(draft, "", "listClientOrderId", id);
}

bool binance_order_oco(const BinanceOco *oco, BinanceTiming timing, BinanceRequest *request,
                       Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_POST,
                                                  .path = "/api/v3/orderList/oco",
                                                  .socket = "orderList.place.oco",
                                                  .weight = 1,
                                                  .orders = 2});
    put_symbol(&draft, &oco->symbol);
    put_list_id(&draft, &oco->list_id);
    put_word(&draft, "", "side", binance_side_word(oco->side));
    put_quantity(&draft, "", "quantity", oco->quantity);
    put_pair(&draft, oco, "above", "below");
    put_word(&draft, "", "newOrderRespType", "FULL");
    return finish(&draft, &timing, error);
}

bool binance_order_otoco(const BinanceOtoco *otoco, BinanceTiming timing, BinanceRequest *request,
                         Error *error) {
    const BinanceNewOrder *working = &otoco->working;
    const BinanceOco *pending = &otoco->pending;
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_POST,
                                                  .path = "/api/v3/orderList/otoco",
                                                  .socket = "orderList.place.otoco",
                                                  .weight = 1,
                                                  .orders = 3});
    demand(&draft, working->leg.type == BINANCE_LIMIT || working->leg.type == BINANCE_LIMIT_MAKER,
           "the working order is LIMIT or LIMIT_MAKER");
    demand(&draft, working->quantity.units > 0, "no quantity");
    demand(&draft, working->quote_quantity.units == 0, "a quote quantity is for MARKET only");
    demand(&draft, working->leg.client_id.text[0], "no client id");
    put_symbol(&draft, &working->symbol);
    put_list_id(&draft, &pending->list_id);
    put_word(&draft, "working", "Side", binance_side_word(working->side));
    put_quantity(&draft, "working", "Quantity", working->quantity);
    put_leg(&draft, "working", "ClientOrderId", &working->leg);
    put_word(&draft, "pending", "Side", binance_side_word(pending->side));
    put_quantity(&draft, "pending", "Quantity", pending->quantity);
    put_pair(&draft, pending, "pendingAbove", "pendingBelow");
    put_word(&draft, "", "newOrderRespType", "FULL");
    return finish(&draft, &timing, error);
}

static void put_list_key(Draft *draft, const BinanceListKey *key, const char *client) {
    demand(draft, key->list_id >= 0 || key->client_id.text[0], "no id of the list");
    if (key->list_id >= 0) put_int(draft, "", "orderListId", key->list_id);
    put_client(draft, "", client, &key->client_id);
}

bool binance_order_list_cancel(const BinanceListKey *key, BinanceTiming timing,
                               BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_DELETE,
                                                  .path = "/api/v3/orderList",
                                                  .socket = "orderList.cancel",
                                                  .weight = 1});
    put_symbol(&draft, &key->symbol);
    put_list_key(&draft, key, "listClientOrderId");
    return finish(&draft, &timing, error);
}

bool binance_order_list_query(const BinanceListKey *key, BinanceTiming timing,
                              BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/orderList",
                                                  .socket = "orderList.status",
                                                  .weight = 4});
    put_list_key(&draft, key, "origClientOrderId");
    return finish(&draft, &timing, error);
}

/* ---- account --------------------------------------------------------------------------------- */

bool binance_order_open(const SymbolName *symbol, BinanceTiming timing, BinanceRequest *request,
                        Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/openOrders",
                                                  .socket = "openOrders.status",
                                                  .weight = symbol ? 6 : 80});
    if (symbol) put_symbol(&draft, symbol);
    return finish(&draft, &timing, error);
}

bool binance_order_cancel_all(const SymbolName *symbol, BinanceTiming timing,
                              BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_DELETE,
                                                  .path = "/api/v3/openOrders",
                                                  .socket = "openOrders.cancelAll",
                                                  .weight = 1});
    put_symbol(&draft, symbol);
    return finish(&draft, &timing, error);
}

static void put_past(Draft *draft, const BinancePast *past) {
    bool from = past->from_us > 0, until = past->until_us > 0;
    demand(draft, past->from_us >= 0 && past->until_us >= 0, "time is before 1970");
    demand(draft,
           !(from && until) || (past->until_us >= past->from_us &&
                                past->until_us - past->from_us <= BINANCE_SPAN_US_MAX),
           "more than 24 hours, or turned");
    demand(draft, past->limit <= BINANCE_TRADES_MAX, "more than 1000 of one call");
    put_symbol(draft, &past->symbol);
    if (past->order_id > 0) put_int(draft, "", "orderId", past->order_id);
    if (from) put_int(draft, "", "startTime", past->from_us / 1000);
    if (until) put_int(draft, "", "endTime", past->until_us / 1000);
    if (past->limit > 0) put_int(draft, "", "limit", past->limit);
}

bool binance_order_all(const BinancePast *past, BinanceTiming timing, BinanceRequest *request,
                       Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/allOrders",
                                                  .socket = "allOrders",
                                                  .weight = 20});
    demand(&draft, past->from_id < 0, "orders are asked from an order id");
    put_past(&draft, past);
    return finish(&draft, &timing, error);
}

/* The venue takes a first trade id with the symbol or the order's id, not with a time. */
bool binance_order_trades(const BinancePast *past, BinanceTiming timing, BinanceRequest *request,
                          Error *error) {
    bool timed = past->from_us > 0 || past->until_us > 0;
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/myTrades",
                                                  .socket = "myTrades",
                                                  .weight = past->order_id > 0 ? 5 : 20});
    demand(&draft, !timed || (past->from_id < 0 && past->order_id <= 0),
           "a time does not go with an id");
    put_past(&draft, past);
    if (past->from_id >= 0) put_int(&draft, "", "fromId", past->from_id);
    return finish(&draft, &timing, error);
}

bool binance_order_account(BinanceTiming timing, BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/account",
                                                  .socket = "account.status",
                                                  .weight = 20});
    put_word(&draft, "", "omitZeroBalances", "true");
    return finish(&draft, &timing, error);
}

bool binance_order_commission(const SymbolName *symbol, BinanceTiming timing,
                              BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/account/commission",
                                                  .socket = "account.commission",
                                                  .weight = 20});
    put_symbol(&draft, symbol);
    return finish(&draft, &timing, error);
}

bool binance_order_counts(BinanceTiming timing, BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/api/v3/rateLimit/order",
                                                  .socket = "account.rateLimits.orders",
                                                  .weight = 40});
    return finish(&draft, &timing, error);
}

bool binance_order_restrictions(BinanceTiming timing, BinanceRequest *request, Error *error) {
    Draft draft = begin(request, (BinanceRequest){.method = BINANCE_GET,
                                                  .path = "/sapi/v1/account/apiRestrictions",
                                                  .weight = 1});
    return finish(&draft, &timing, error);
}

void binance_order_time(BinanceRequest *request) {
    Draft draft = begin(
        request, (BinanceRequest){
                     .method = BINANCE_GET, .path = "/api/v3/time", .socket = "time", .weight = 1});
    CHECK(finish(&draft, NULL, NULL), "a request without parameters is sound");
}
