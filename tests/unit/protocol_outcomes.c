/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outcome table: every way in which a request can end, for every kind of request, whether the
 * venue has carried it out or not. Nothing that makes an order is sent twice, and a minute later
 * the order's told state is the venue's truth.
 */
#include "protocol_venue.h"

extern const Service service_binance_venue;
const Service *const service_table[] = {&service_binance_venue};
const unsigned service_count = 1;

/* The wall of the venue asks for five minutes of silence. */
#define LONG_US (7 * INSTANT_MINUTE_US)

typedef enum Meaning { DEFINITE_NO, IN_DOUBT } Meaning;

typedef struct Row {
    const char *name;
    VenueOutcome outcome;
    int status;
    const char *body;
    bool cut;
    Meaning meaning;
    bool retry_helps; /* of a definite no */
} Row;

#define FAULT(code, text) "{\"code\":" #code ",\"msg\":\"" text "\"}"

static const Row rows[] = {
    {"nothing came", OUTCOME_LOST, 0, "timeout", false, IN_DOUBT, false},
    {"not sent", OUTCOME_NOT_SENT, 0, "connection refused", false, DEFINITE_NO, true},
    {"500", OUTCOME_ANSWERED, 500, FAULT(-1000, "An unknown error"), false, IN_DOUBT, false},
    {"502 page", OUTCOME_ANSWERED, 502, "<html>bad gateway</html>", false, IN_DOUBT, false},
    {"503 busy", OUTCOME_ANSWERED, 503, FAULT(-1008, "Server is busy"), false, IN_DOUBT, false},
    {"504", OUTCOME_ANSWERED, 504, "", false, IN_DOUBT, false},
    {"-1006", OUTCOME_ANSWERED, 400, FAULT(-1006, "Unexpected response"), false, IN_DOUBT, false},
    {"-1007", OUTCOME_ANSWERED, 408, FAULT(-1007, "Timeout waiting"), false, IN_DOUBT, false},
    {"-1001", OUTCOME_ANSWERED, 400, FAULT(-1001, "Internal error"), false, IN_DOUBT, false},
    {"a code of next year", OUTCOME_ANSWERED, 400, FAULT(-3999, "?"), false, IN_DOUBT, false},
    {"200, empty", OUTCOME_ANSWERED, 200, "", false, IN_DOUBT, false},
    {"200, half", OUTCOME_ANSWERED, 200, "{\"symbol\":\"BTCUSDC\",\"orderId\":1", false, IN_DOUBT,
     false},
    {"200, another thing", OUTCOME_ANSWERED, 200, "[]", false, IN_DOUBT, false},
    {"200, cut", OUTCOME_ANSWERED, 200, "{}", true, IN_DOUBT, false},
    {"400 page", OUTCOME_ANSWERED, 400, "<html>no</html>", false, IN_DOUBT, false},
    {"403 wall", OUTCOME_ANSWERED, 403, "<html>forbidden</html>", false, IN_DOUBT, false},
    {"418", OUTCOME_ANSWERED, 418, FAULT(-1003, "Way too many requests"), false, DEFINITE_NO, true},
    {"429", OUTCOME_ANSWERED, 429, FAULT(-1003, "Too many requests"), false, DEFINITE_NO, true},
    {"-1015", OUTCOME_ANSWERED, 429, FAULT(-1015, "Too many new orders"), false, DEFINITE_NO, true},
    {"-1021", OUTCOME_ANSWERED, 400, FAULT(-1021, "Timestamp"), false, DEFINITE_NO, true},
    {"-1013", OUTCOME_ANSWERED, 400, FAULT(-1013, "Filter failure: LOT_SIZE"), false, DEFINITE_NO,
     false},
    {"-1102", OUTCOME_ANSWERED, 400, FAULT(-1102, "Mandatory parameter"), false, DEFINITE_NO,
     false},
    {"-2010", OUTCOME_ANSWERED, 400, FAULT(-2010, "Account has insufficient balance"), false,
     DEFINITE_NO, false},
    {"duplicate", OUTCOME_ANSWERED, 400, FAULT(-2010, "Duplicate order sent."), false, IN_DOUBT,
     false},
    {"-2015", OUTCOME_ANSWERED, 401, FAULT(-2015, "Invalid API-key"), false, DEFINITE_NO, false},
};

/* Requests that make an order, by the number of our order. */
static unsigned makers(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < stage.request_count; i++)
        count += strcmp(stage.requests[i].method, "POST") == 0;
    return count;
}

static void answer(const VenueRequest *request, const Row *row) {
    static VenueReply reply;
    reply = (VenueReply){.id = request->id,
                         .outcome = row->outcome,
                         .status = row->status,
                         .retry_after_s = row->status == 429 || row->status == 418 ? 3 : -1,
                         .cut = row->cut};
    snprintf(reply.body, sizeof reply.body, "%s", row->body);
    stage_say(TOPIC_VENUE_REPLIES, &reply);
}

static void begin(void) {
    stage_begin(service_table, service_count);
    assert_int_equal(stage.state.condition, VENUE_READY);
}

static void play_place(const Row *row, bool executed) {
    begin();
    stage_order("o-1", ORDER_ACTION_MARKET, SIDE_BUY, 200, 0, 0);
    VenueRequest request = *stage_last();
    if (executed) venue_carry_out(&request);
    answer(&request, row);
    OrderState first = row->meaning == IN_DOUBT ? ORDER_UNKNOWN : ORDER_REJECTED;
    assert_int_equal(stage.reports[0].state, first);
    if (row->meaning == DEFINITE_NO)
        assert_int_equal(stage_report()->retry_helps, row->retry_helps);
    stage_pass(LONG_US);
    assert_int_equal(makers(), 1);
    OrderState truth = executed                      ? ORDER_FILLED
                       : row->meaning == DEFINITE_NO ? ORDER_REJECTED
                                                     : ORDER_NEVER_ARRIVED;
    assert_int_equal(stage_report()->state, truth);
    int64_t sum = 0;
    for (unsigned i = 0; i < stage.report_count; i++)
        sum += stage.reports[i].quantity.units;
    assert_int_equal(sum, executed ? 200 * UNIT / 1000 : 0);
    stage_end();
}

static void play_protect(const Row *row, bool executed) {
    begin();
    stage_order("o-1", ORDER_ACTION_PROTECT, SIDE_SELL, 200, 9800, 10400);
    VenueRequest request = *stage_last();
    assert_string_equal(request.path, "/api/v3/orderList/oco");
    if (executed) venue_carry_out(&request);
    answer(&request, row);
    stage_pass(LONG_US);
    assert_int_equal(makers(), 1);
    OrderState truth = executed                      ? ORDER_ACKED
                       : row->meaning == DEFINITE_NO ? ORDER_REJECTED
                                                     : ORDER_NEVER_ARRIVED;
    assert_int_equal(stage_report()->state, truth);
    stage_end();
}

/* Whatever became of it, one stop rests at the end and the order is ACKED. */
static void play_replace(const Row *row, bool executed) {
    begin();
    venue_protected("o-1");
    stage_order("o-1", ORDER_ACTION_MOVE_STOP, SIDE_SELL, 200, 9900, 0);
    VenueRequest request = *stage_last();
    assert_string_equal(request.path, "/api/v3/order/cancelReplace");
    if (executed) venue_carry_out(&request);
    answer(&request, row);
    stage_pass(LONG_US);
    assert_int_equal(makers(), 2);
    assert_int_equal(stage_report()->state, ORDER_ACKED);
    assert_int_equal(stage.state.open_orders, executed ? 1 : 2);
    assert_int_equal(stage.state.unknown_orders, 0);
    stage_end();
}

/* A cancel may be sent again; in the end nothing rests. */
static void play_cancel(const Row *row, bool executed) {
    begin();
    venue_protected("o-1");
    stage_order("o-1", ORDER_ACTION_CANCEL, SIDE_SELL, 200, 0, 0);
    VenueRequest request = *stage_last();
    assert_string_equal(request.method, "DELETE");
    unsigned from = stage.request_count;
    if (executed) venue_carry_out(&request);
    answer(&request, row);
    for (unsigned second = 0; second < LONG_US / INSTANT_SECOND_US; second++) {
        stage_pass(INSTANT_SECOND_US);
        from = venue_serve(from);
    }
    assert_int_equal(makers(), 1);
    assert_int_equal(stage_report()->state, ORDER_CANCELED);
    assert_int_equal(stage.state.open_orders, 0);
    stage_end();
}

typedef void Play(const Row *row, bool executed);

static void play_all(Play *play) {
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (unsigned executed = 0; executed < 2; executed++) {
            bool impossible = executed && rows[i].meaning == DEFINITE_NO;
            if (impossible) continue;
            print_message("%s, %s\n", rows[i].name, executed ? "carried out" : "not carried out");
            play(&rows[i], executed);
        }
}

static void test_place(void **state) {
    (void)state;
    play_all(play_place);
}
static void test_protect(void **state) {
    (void)state;
    play_all(play_protect);
}
static void test_replace(void **state) {
    (void)state;
    play_all(play_replace);
}
static void test_cancel(void **state) {
    (void)state;
    play_all(play_cancel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_protect),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
