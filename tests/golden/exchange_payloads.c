/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulated exchange answers, set against what the venue documents: each payload of its
 * pages is flattened into "place: type", ours too, and every line of the venue's must be among
 * ours. What we say beyond it must be one of the fields that the venue says appear on condition.
 */
#include "exchange_stage.h"

#include "core/sim/exchange_stream.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

/* ---- shapes -------------------------------------------------------------------------------- */

#define SHAPE_LINES 400
#define LINE_SIZE   120

typedef struct Shape {
    unsigned count;
    char lines[SHAPE_LINES][LINE_SIZE];
} Shape;

static bool has(const Shape *shape, const char *line) {
    for (unsigned i = 0; i < shape->count; i++)
        if (strcmp(shape->lines[i], line) == 0) return true;
    return false;
}

static void add(Shape *shape, const char *place, const char *type) {
    char line[LINE_SIZE];
    snprintf(line, sizeof line, "%.90s: %s", place, type);
    if (has(shape, line)) return;
    assert_true(shape->count < SHAPE_LINES);
    memcpy(shape->lines[shape->count++], line, sizeof line);
}

/* All elements of an array stand at one place. */
static void flatten(JsonReader *reader, JsonToken token, const char *place, Shape *shape) {
    char below[LINE_SIZE];
    switch (token) {
    case JSON_OBJECT_BEGIN:
        while ((token = json_next(reader)) == JSON_KEY) {
            snprintf(below, sizeof below, "%.80s.%.*s", place, (int)reader->slice.length,
                     reader->slice.at);
            flatten(reader, json_next(reader), below, shape);
        }
        break;
    case JSON_ARRAY_BEGIN:
        snprintf(below, sizeof below, "%.100s[]", place);
        while ((token = json_next(reader)) != JSON_ARRAY_END) {
            assert_int_not_equal(token, JSON_ERROR);
            flatten(reader, token, below, shape);
        }
        break;
    case JSON_STRING:
        add(shape, place, "text");
        break;
    case JSON_NUMBER:
        add(shape, place, "number");
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        add(shape, place, "bool");
        break;
    default:
        add(shape, place, "null");
    }
}

static void shape_of(Slice text, Shape *shape) {
    JsonReader reader = json_reader(text);
    flatten(&reader, json_next(&reader), "", shape);
}

/* ---- what may differ, and why -------------------------------------------------------------- */

/* The venue's, and not ours. */
static const char *const absent[] = {
    ".assetFilters[]", /* none is set */
    ".sors",           /* no smart order routing */
    ".event.v",        /* stands in the example of an order that met nothing of its own */
};

/* Ours, in an answer whose example does not need them: "Conditional fields in Order Responses". */
static const char *const conditional[] = {"stopPrice",
                                          "icebergQty",
                                          "expiryReason",
                                          "trailingDelta",
                                          "trailingTime",
                                          "workingTime",
                                          "preventedQuantity",
                                          "preventedMatchId",
                                          "fills",
                                          "origQty",
                                          "takerPreventedQuantity",
                                          "makerPreventedQuantity",
                                          "filters",
                                          "rateLimits",
                                          "exchangeFilters",
                                          "symbolFilters",
                                          "eR",
                                          "W",
                                          "listStatus",
                                          "orderReports"};

static bool is_one_of(const char *line, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strstr(line, words[i])) return true;
    return false;
}

#define ONE_OF(line, words) is_one_of(line, words, sizeof words / sizeof words[0])

/* A field may be null in one example and a text in another. */
static bool is_there(const Shape *shape, const char *line) {
    size_t length = (size_t)(strstr(line, ": ") - line) + 2;
    bool any = strcmp(line + length, "null") == 0;
    for (unsigned i = 0; i < shape->count; i++) {
        bool place = strncmp(shape->lines[i], line, length) == 0;
        if (place && (any || strcmp(shape->lines[i] + length, "null") == 0)) return true;
    }
    return has(shape, line);
}

static unsigned compare(const char *name, const Shape *theirs, const Shape *ours) {
    unsigned wrong = 0;
    for (unsigned i = 0; i < theirs->count; i++)
        if (!is_there(ours, theirs->lines[i]) && !ONE_OF(theirs->lines[i], absent)) {
            print_error("%s: we do not say %s\n", name, theirs->lines[i]);
            wrong++;
        }
    for (unsigned i = 0; i < ours->count; i++)
        if (!is_there(theirs, ours->lines[i]) && !ONE_OF(ours->lines[i], conditional)) {
            print_error("%s: the venue does not say %s\n", name, ours->lines[i]);
            wrong++;
        }
    return wrong;
}

/* ---- our answers --------------------------------------------------------------------------- */

static Exchange *exchange;
static char *memory;
static ExchangeQuery query;

static Slice ask(const char *method, const char *path, const char *parameters, bool sound) {
    static char whole[1000];
    ExchangeFault fault;
    Text text = text_in(memory, EXCHANGE_ANSWER_MAX);
    snprintf(whole, sizeof whole, "%s%stimestamp=1790000040000", parameters,
             *parameters ? "&" : "");
    assert_true(exchange_query_read(&query, slice_of(whole), SLICE(""), &fault));
    ExchangeCall call = {.method = slice_of(method),
                         .path = slice_of(path),
                         .query = &query,
                         .seal = SEAL_GOOD,
                         .now_us = STAGE_US,
                         .wall_us = STAGE_US};
    unsigned status = exchange_answer(exchange, &call, &text);
    if ((status == 200) != sound) print_error("%s %s: %s\n", path, parameters, memory);
    assert_int_equal(status == 200, sound);
    return (Slice){memory, text.length};
}

/* Orders of every kind, so that each page of the account has something to tell. */
static void live_through(void) {
    static const char *const calls[][2] = {
        {"order", "symbol=BTCUSDC&side=BUY&type=MARKET&quantity=0.05"},
        {"order", "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=49900"},
        {"order", "symbol=BTCUSDC&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=50002"},
        {"order", "symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=50003"
                  "&selfTradePreventionMode=EXPIRE_MAKER"},
        {"orderList/oco", "symbol=BTCUSDC&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice="
                          "51000&belowType=STOP_LOSS&belowStopPrice=49000"},
    };
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        char path[64];
        snprintf(path, sizeof path, "/api/v3/%s", calls[i][0]);
        ask("POST", path, calls[i][1], true);
    }
    ask("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDC&orderId=2&newQty=0.9", true);
}

/* Which of our calls answers a page; the number says which of a page's examples. */
static const struct {
    const char *section;
    int example;
    const char *method, *path, *parameters;
    bool refused;
} pages[] = {
    {"> Test connectivity", 0, "GET", "ping", "", false},
    {"> Check server time", 0, "GET", "time", "", false},
    {"> Exchange information", 0, "GET", "exchangeInfo", "", false},
    {"> Order book", 0, "GET", "depth", "symbol=BTCUSDC", false},
    {"> Recent trades list", 0, "GET", "trades", "symbol=BTCUSDC", false},
    {"> Old trade lookup", 0, "GET", "historicalTrades", "symbol=BTCUSDC", false},
    {"> Compressed/Aggregate", 0, "GET", "aggTrades", "symbol=BTCUSDC", false},
    {"> Kline/Candlestick", 0, "GET", "klines", "symbol=BTCUSDC&interval=1m", false},
    {"> Current average", 0, "GET", "avgPrice", "symbol=BTCUSDC", false},
    {"> 24hr ticker", 0, "GET", "ticker/24hr", "symbol=BTCUSDC", false},
    {"> 24hr ticker", 1, "GET", "ticker/24hr", "", false},
    {"> Symbol price ticker", 0, "GET", "ticker/price", "symbol=BTCUSDC", false},
    {"> Symbol order book ticker", 0, "GET", "ticker/bookTicker", "symbol=BTCUSDC", false},
    {"> New order (TRADE)", 0, "POST", "order",
     "symbol=BTCUSDC&side=SELL&type=LIMIT_MAKER&quantity=0.1&price=51000", false},
    {"> New order (TRADE)", 1, "POST", "order",
     "symbol=BTCUSDC&side=SELL&type=MARKET&quantity=0.1&newOrderRespType=RESULT", false},
    {"> New order (TRADE)", 2, "POST", "order",
     "symbol=BTCUSDC&side=SELL&type=MARKET&quantity=0.1&newOrderRespType=FULL", false},
    {"> Test new order (TRADE)", 0, "POST", "order/test",
     "symbol=BTCUSDC&side=SELL&type=MARKET&quantity=0.1", false},
    {"> Test new order (TRADE)", 1, "POST", "order/test",
     "symbol=BTCUSDC&side=SELL&type=MARKET&quantity=0.1&computeCommissionRates=true", false},
    {"> Query order (USER", 0, "GET", "order", "symbol=BTCUSDC&orderId=2", false},
    {"> Current open orders", 0, "GET", "openOrders", "symbol=BTCUSDC", false},
    {"> All orders", 0, "GET", "allOrders", "symbol=BTCUSDC", false},
    {"> Account information", 0, "GET", "account", "", false},
    {"> Account trade list", 0, "GET", "myTrades", "symbol=BTCUSDC", false},
    {"> Query Unfilled Order Count", 0, "GET", "rateLimit/order", "", false},
    {"> Query Prevented", 0, "GET", "myPreventedMatches", "symbol=BTCUSDC&preventedMatchId=1",
     false},
    {"> Query Commission", 0, "GET", "account/commission", "symbol=BTCUSDC", false},
    {"> Query Order Amendments", 0, "GET", "order/amendments", "symbol=BTCUSDC&orderId=2", false},
    {"> Query relevant filters", 0, "GET", "myFilters", "symbol=BTCUSDC", false},
    {"> Query Order list (", 0, "GET", "orderList", "orderListId=0", false},
    {"> Query all Order lists", 0, "GET", "allOrderList", "", false},
    {"> Query Open Order lists", 0, "GET", "openOrderList", "", false},
    {"> Order Amend Keep Priority", 0, "PUT", "order/amend/keepPriority",
     "symbol=BTCUSDC&orderId=2&newQty=0.8", false},
    {"> New Order list - OCO", 0, "POST", "orderList/oco",
     "symbol=BTCUSDC&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=51000&belowType="
     "STOP_LOSS_LIMIT&belowStopPrice=49000&belowPrice=48900&belowTimeInForce=GTC&belowIcebergQty="
     "0.5",
     false},
    {"> Order Amend Keep Priority", 1, "PUT", "order/amend/keepPriority",
     "symbol=BTCUSDC&orderId=5&newQty=0.8", false},
    {"> New Order list - OTO ", 0, "POST", "orderList/oto",
     "symbol=BTCUSDC&workingType=LIMIT&workingTimeInForce=GTC&workingSide=SELL&workingPrice=51000"
     "&workingQuantity=1&pendingType=MARKET&pendingSide=BUY&pendingQuantity=1",
     false},
    {"> New Order list - OTOCO", 0, "POST", "orderList/otoco",
     "symbol=BTCUSDC&workingType=LIMIT&workingTimeInForce=GTC&workingSide=SELL&workingPrice=51000"
     "&workingQuantity=1&pendingSide=BUY&pendingQuantity=1&pendingAboveType=STOP_LOSS_LIMIT"
     "&pendingAbovePrice=52000&pendingAboveStopPrice=52000&pendingAboveTimeInForce=IOC"
     "&pendingBelowType=LIMIT_MAKER&pendingBelowPrice=49000",
     false},
    {"> New Order List - OPO ", 0, "POST", "orderList/opo",
     "symbol=BTCUSDC&workingType=LIMIT&workingTimeInForce=GTC&workingSide=BUY&workingPrice=49000"
     "&workingQuantity=0.1&pendingType=MARKET&pendingSide=SELL",
     false},
    {"> New Order List - OPOCO", 0, "POST", "orderList/opoco",
     "symbol=BTCUSDC&workingType=LIMIT&workingTimeInForce=GTC&workingSide=BUY&workingPrice=49000"
     "&workingQuantity=0.1&pendingSide=SELL&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=51000"
     "&pendingBelowType=STOP_LOSS_LIMIT&pendingBelowPrice=48000&pendingBelowStopPrice=48100"
     "&pendingBelowTimeInForce=GTC",
     false},
    {"> Cancel order (TRADE)", 0, "DELETE", "order", "symbol=BTCUSDC&orderId=2", false},
    {"> Cancel order (TRADE)", 1, "DELETE", "order",
     "symbol=BTCUSDC&orderId=4&cancelRestrictions=NOT", true},
    {"> Cancel order (TRADE)", 2, "DELETE", "order",
     "symbol=BTCUSDC&orderId=4&cancelRestrictions=ONLY_NEW", true},
    {"> Cancel Order list", 0, "DELETE", "orderList", "symbol=BTCUSDC&orderListId=0", false},
    {"> Cancel All Open Orders", 0, "DELETE", "openOrders", "symbol=BTCUSDC", false},
};
#define PAGES (sizeof pages / sizeof pages[0])

static unsigned judge(unsigned page, Slice payload) {
    static Shape theirs, ours;
    char path[80];
    snprintf(path, sizeof path, "/api/v3/%s", pages[page].path);
    Slice answer = ask(pages[page].method, path, pages[page].parameters, !pages[page].refused);
    theirs.count = ours.count = 0;
    shape_of(payload, &theirs);
    shape_of(answer, &ours);
    return compare(pages[page].section, &theirs, &ours);
}

static char *find_example(char *text, const char *section, int example) {
    for (char *at = text; (at = strstr(at, "\"section\": \"")); at++) {
        char *end = strchr(at, '\n'), *found = strstr(at, section);
        if (found && (!end || found < end) && example-- == 0)
            return strstr(at, "\"payload\": ") + 11;
    }
    return NULL;
}

static char *file_text(const char *path) {
    static char text[1 << 20];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static Slice payload_at(char *text, const char *section, int example) {
    char *payload = find_example(text, section, example);
    if (!payload) fail_msg("no page %s", section);
    char *end = strchr(payload, '\n');
    size_t length = end ? (size_t)(end - payload) : strlen(payload);
    return (Slice){payload, length - 1};
}

static void answers_have_the_documented_fields(void **state) {
    (void)state;
    char *text = file_text(shared_data("api/binance/docs/rest-api.examples.jsonl"));
    unsigned wrong = 0;
    exchange = stage_open();
    memory = malloc(EXCHANGE_ANSWER_MAX);
    stage_print(exchange, 0, STAGE_PRICE, UNIT);
    stage_print(exchange, 1, 500 * UNIT, UNIT);
    live_through();
    for (unsigned i = 0; i < PAGES; i++)
        wrong += judge(i, payload_at(text, pages[i].section, pages[i].example));
    print_message("exchange answers: %u pages of the venue, %u differences\n", (unsigned)PAGES,
                  wrong);
    assert_int_equal(wrong, 0);
    free(memory);
    free(exchange);
}

/* The events of those calls, each kind at least once. */
static void events_have_the_documented_fields(void **state) {
    (void)state;
    static Shape theirs, ours;
    static const char *const sections[] = {"> Order Update", "> Account Update",
                                           "> Order Update > Order Reject Reason"};
    char *text = file_text(shared_data("api/binance/docs/user-data-stream.examples.jsonl"));
    static char frame[65536];
    unsigned seen[3] = {0}, wrong = 0;
    exchange = stage_open();
    memory = malloc(EXCHANGE_ANSWER_MAX);
    live_through();
    const ExchangeEvent *event;
    while ((event = exchange_next_event(exchange))) {
        /* A match that was prevented says more than the example. */
        if (event->execution == EXECUTION_PREVENTED || seen[event->kind]++) continue;
        Text written = TEXT_IN(frame);
        char whole[70000];
        stream_event_write(exchange, event, &written);
        snprintf(whole, sizeof whole, "{\"subscriptionId\":0,\"event\":%s}", frame);
        theirs.count = ours.count = 0;
        shape_of(payload_at(text, sections[event->kind], 0), &theirs);
        shape_of(slice_of(whole), &ours);
        wrong += compare(sections[event->kind], &theirs, &ours);
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    assert_int_equal(wrong, 0);
    free(memory);
    free(exchange);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_have_the_documented_fields),
        cmocka_unit_test(events_have_the_documented_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
