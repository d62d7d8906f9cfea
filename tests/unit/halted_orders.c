/* SPDX-License-Identifier: Apache-2.0 */
/* Stop and flatten without an engine, against a venue that answers by hand: own orders only, stops
 * and targets rest at stop, what is sold is sold once, and a lost answer is asked for. */
#include "unit.h"

#include "shell/session/halted_orders.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

#define UNIT DECIMAL_SCALE
#define ORDER(id, list, client, side)                                                              \
    "{\"symbol\":\"BTCUSDC\",\"orderId\":" id ",\"orderListId\":" list                             \
    ",\"clientOrderId\":\"" client "\",\"price\":\"50000\",\"origQty\":\"0.1\","                   \
    "\"executedQty\":\"0\",\"cummulativeQuoteQty\":\"0\",\"status\":\"NEW\","                      \
    "\"timeInForce\":\"GTC\",\"type\":\"LIMIT\",\"side\":\"" side                                  \
    "\",\"stopPrice\":\"0\",\"time\":1790000000000,\"updateTime\":1790000000000}"
#define SOLD(quantity)                                                                             \
    "{\"symbol\":\"BTCUSDC\",\"orderId\":9,\"orderListId\":-1,\"clientOrderId\":\"x\","            \
    "\"transactTime\":1790000000000,\"price\":\"0\",\"origQty\":\"0.1\",\"executedQty\":"          \
    "\"" quantity                                                                                  \
    "\",\"cummulativeQuoteQty\":\"5000\",\"status\":\"FILLED\",\"timeInForce\":\"GTC\","           \
    "\"type\":\"MARKET\",\"side\":\"SELL\"}"
#define QUERIED(quantity)                                                                          \
    "{\"symbol\":\"BTCUSDC\",\"orderId\":9,\"orderListId\":-1,\"clientOrderId\":\"x\","            \
    "\"price\":\"0\",\"origQty\":\"0.1\",\"executedQty\":\"" quantity                              \
    "\",\"cummulativeQuoteQty\":\"5000\",\"status\":\"FILLED\",\"timeInForce\":\"GTC\","           \
    "\"type\":\"MARKET\",\"side\":\"SELL\",\"time\":1790000000000,\"updateTime\":1790000000000}"

/* The venue: what rests, what is free, and what becomes of a sale. */
static struct {
    const char *open;
    const char *open_more; /* of a list that goes on in a second reply; NULL: it does not */
    char free[24];
    const char *sale, *query;
    VenueOutcome sale_outcome;
    int sale_status, query_status;
    char asked[2000]; /* method and path of each request, or the symbol of a cancel */
    unsigned sales, cancels;
    char sale_id[64], sale_quantity[32], query_id[64];
    VenueReply waiting;
    bool has_waiting;
} venue;

static void parameter(const char *parameters, const char *name, char *target, size_t capacity) {
    const char *at = strstr(parameters, name);
    snprintf(target, capacity, "%.*s", at ? (int)strcspn(at + strlen(name), "&") : 0,
             at ? at + strlen(name) : "");
}

static void answer(int status, const char *body) {
    venue.waiting.outcome = OUTCOME_ANSWERED;
    venue.waiting.status = status;
    snprintf(venue.waiting.body, sizeof venue.waiting.body, "%s", body);
}

static void take_sale(const VenueRequest *request) {
    venue.sales++;
    parameter(request->parameters, "newClientOrderId=", venue.sale_id, sizeof venue.sale_id);
    parameter(request->parameters, "quantity=", venue.sale_quantity, sizeof venue.sale_quantity);
    answer(venue.sale_status, venue.sale);
    venue.waiting.outcome = venue.sale_outcome;
    if (venue.sale_outcome == OUTCOME_ANSWERED && venue.sale_status == 200)
        snprintf(venue.free, sizeof venue.free, "0");
}

static void send_request(VenuePort *port, const VenueRequest *request) {
    char account[300];
    size_t used = strlen(venue.asked);
    (void)port;
    snprintf(venue.asked + used, sizeof venue.asked - used, "%s %s\n", request->method,
             request->path);
    memset(&venue.waiting, 0, sizeof venue.waiting);
    venue.waiting.id = request->id;
    venue.has_waiting = true;
    assert_int_equal(request->changes, strcmp(request->method, "GET") != 0);
    assert_true(request->needs_signature);
    if (strcmp(request->path, "/api/v3/openOrders") == 0) {
        answer(200, venue.open);
        assert_true(request->lists);
        venue.waiting.goes_on = venue.open_more != NULL;
    } else if (strcmp(request->path, "/api/v3/account") == 0) {
        snprintf(account, sizeof account,
                 "{\"canTrade\":true,\"canWithdraw\":false,\"balances\":[{\"asset\":\"BTC\","
                 "\"free\":\"%s\",\"locked\":\"0\"}]}",
                 venue.free);
        answer(200, account);
    } else if (strcmp(request->method, "DELETE") == 0) {
        venue.cancels++;
        answer(200, "{}");
    } else if (strcmp(request->method, "POST") == 0) {
        take_sale(request);
    } else {
        parameter(request->parameters, "origClientOrderId=", venue.query_id, sizeof venue.query_id);
        answer(venue.query_status, venue.query);
    }
}

static bool next_message(VenuePort *port, VenueMessage *message) {
    (void)port;
    if (!venue.has_waiting) return false;
    message->topic = TOPIC_VENUE_REPLIES;
    message->reply = venue.waiting;
    venue.has_waiting = venue.waiting.goes_on;
    if (venue.has_waiting) answer(200, venue.open_more);
    venue.waiting.goes_on = false;
    return true;
}

static bool never(void) {
    return false;
}

static VenuePort port = {.name = "hand",
                         .wake_descriptor = -1,
                         .identity = {.instance = "abcdefgh"},
                         .send = send_request,
                         .next = next_message};

static Halted *opened(int64_t held) {
    HaltedPlan plan = {.port = &port,
                       .recv_window_ms = 5000,
                       .answer_timeout_ms = 100,
                       .count = 1,
                       .stopping = never};
    plan.holdings[0] = (HaltedHolding){.symbol = {"BTCUSDC"},
                                       .base = {"BTC"},
                                       .held = quantity_of(held),
                                       .step = quantity_of(UNIT / 100000)};
    return halted_open(&plan);
}

static int prepare(void **state) {
    (void)state;
    memset(&venue, 0, sizeof venue);
    venue.open = "[]";
    snprintf(venue.free, sizeof venue.free, "0.1234567");
    venue.sale = SOLD("0.1");
    venue.sale_status = venue.query_status = 200;
    venue.sale_outcome = OUTCOME_ANSWERED;
    return 0;
}

static const char *const resting = "[" ORDER("1", "-1", "trabcdefgh-1-e0-x", "BUY") "," ORDER(
    "2", "7", "trabcdefgh-2-s0-x",
    "SELL") "," ORDER("3", "7", "trabcdefgh-2-t0-x",
                      "SELL") "," ORDER("4", "-1", "somebody",
                                        "BUY") "," ORDER("5", "-1", "trzzzzzzzz-1-e0-x", "BUY") "]";

static void pause_asks_for_nothing(void **state) {
    (void)state;
    Halted *halted = opened(UNIT / 10);
    venue.open = resting;
    assert_true(halted_carry_out(halted, KILL_PAUSE));
    assert_string_equal(venue.asked, "");
    halted_close(halted);
}

/* Buys of this instance only; stops and targets go on resting. */
static void stop_leaves_protection_and_others(void **state) {
    (void)state;
    Halted *halted = opened(UNIT / 10);
    venue.open = resting;
    assert_false(halted_carry_out(halted, KILL_STOP)); /* whether it is gone is seen next */
    assert_int_equal(venue.cancels, 1);
    assert_non_null(strstr(venue.asked, "DELETE /api/v3/order\n"));
    assert_int_equal(venue.sales, 0);
    venue.open = "[" ORDER("2", "7", "trabcdefgh-2-s0-x", "SELL") "]";
    assert_true(halted_carry_out(halted, KILL_STOP));
    assert_int_equal(venue.cancels, 1);
    halted_close(halted);
}

/* Both legs of a list go by one cancel; nothing is sold while something of ours still rests. */
static void flatten_cancels_then_sells_once(void **state) {
    (void)state;
    Halted *halted = opened(UNIT / 10);
    venue.open = resting;
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.cancels, 2);
    assert_non_null(strstr(venue.asked, "DELETE /api/v3/orderList\n"));
    assert_int_equal(venue.sales, 0);
    venue.open = "[" ORDER("4", "-1", "somebody", "BUY") "]";
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.sales, 1);
    assert_string_equal(venue.sale_quantity, "0.1"); /* what was held, not all that is free */
    assert_int_equal(strncmp(venue.sale_id, "thabcdefgh-", 11), 0);
    assert_true(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.sales, 1);
    halted_close(halted);
}

/* Ours stands behind a crowd of others, in the second reply; a second reply that cannot be read
 * means that nothing is known, and nothing is sold. */
static void a_long_list_is_read_to_its_end(void **state) {
    (void)state;
    Halted *halted = opened(UNIT / 10);
    venue.open = "[" ORDER("4", "-1", "somebody", "BUY") "]";
    venue.open_more = "[" ORDER("1", "-1", "trabcdefgh-1-e0-x", "BUY") "]";
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.cancels, 1);
    venue.open_more = "[{]";
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.cancels, 1);
    assert_int_equal(venue.sales, 0);
    halted_close(halted);
}

static void no_more_is_sold_than_is_free_on_the_step(void **state) {
    (void)state;
    Halted *halted = opened(UNIT);
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_string_equal(venue.sale_quantity, "0.12345");
    halted_close(halted);
}

static void a_sale_without_an_answer_is_asked_for(void **state) {
    (void)state;
    Halted *halted = opened(UNIT / 10);
    venue.sale_outcome = OUTCOME_LOST;
    venue.query_status = 400;
    venue.query = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";
    for (unsigned i = 0; i < 5; i++)
        assert_false(halted_carry_out(halted, KILL_FLATTEN)); /* too early to be sure */
    assert_int_equal(venue.sales, 1);
    assert_string_equal(venue.query_id, venue.sale_id);
    venue.query_status = 503; /* no answer changes nothing */
    venue.query = "<html>";
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.sales, 1);
    venue.query_status = 200;
    venue.query = QUERIED("0.1");
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_true(halted_carry_out(halted, KILL_FLATTEN)); /* it was there: nothing more is sold */
    assert_int_equal(venue.sales, 1);
    halted_close(halted);
}

/* 5xx may have been executed; a definite no was not, and is not tried for ever. */
static void what_is_not_certain_is_not_repeated(void **state) {
    (void)state;
    Halted *halted = opened(UNIT / 10);
    venue.sale_status = 504;
    venue.sale = "<html>";
    venue.query_status = 400;
    venue.query = "{\"code\":-2013,\"msg\":\"Order does not exist.\"}";
    for (unsigned i = 0; i < 3; i++)
        assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.sales, 1);
    halted_close(halted);
    prepare(NULL);
    halted = opened(UNIT / 10);
    venue.sale_outcome = OUTCOME_NOT_SENT;
    for (unsigned i = 0; i < 3; i++)
        assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.sales, 3); /* certainly not one byte of it left */
    halted_close(halted);
    prepare(NULL);
    halted = opened(UNIT / 10);
    venue.sale_status = 400;
    venue.sale = "{\"code\":-1013,\"msg\":\"Filter failure: NOTIONAL\"}";
    assert_false(halted_carry_out(halted, KILL_FLATTEN));
    assert_true(halted_carry_out(halted, KILL_FLATTEN));
    assert_int_equal(venue.sales, 1);
    halted_close(halted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pause_asks_for_nothing, prepare),
        cmocka_unit_test_setup(stop_leaves_protection_and_others, prepare),
        cmocka_unit_test_setup(flatten_cancels_then_sells_once, prepare),
        cmocka_unit_test_setup(a_long_list_is_read_to_its_end, prepare),
        cmocka_unit_test_setup(no_more_is_sold_than_is_free_on_the_step, prepare),
        cmocka_unit_test_setup(a_sale_without_an_answer_is_asked_for, prepare),
        cmocka_unit_test_setup(what_is_not_certain_is_not_repeated, prepare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
