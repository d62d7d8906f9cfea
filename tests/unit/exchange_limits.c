/* SPDX-License-Identifier: Apache-2.0 */
/* The budgets: windows, refusals, bans that grow, orders that are counted and given back. */
#include "exchange_stage.h"

#include "core/sim/exchange_limit.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

#define HOME 0x7f000001u

static ExchangeLimits limits;
static ExchangeFault fault;

static int open_stage(void **state) {
    (void)state;
    exchange_limit_init(&limits);
    return 0;
}

static bool take(int64_t weight, int64_t wall_us) {
    return exchange_limit_take(&limits, HOME, weight, wall_us, &fault);
}

static void weight_is_of_the_minute_and_the_address(void **state) {
    (void)state;
    assert_true(take(6000, STAGE_US + 1));
    assert_false(take(1, STAGE_US + 2));
    assert_int_equal(fault.status, 429);
    assert_int_equal(fault.code, -1003);
    assert_int_equal(limits.retry_us, STAGE_US + INSTANT_MINUTE_US);
    assert_true(exchange_limit_take(&limits, HOME + 1, 6000, STAGE_US + 3, &fault));
    assert_true(take(1, STAGE_US + INSTANT_MINUTE_US));
    assert_int_equal(exchange_limit_weight(&limits, HOME, STAGE_US + INSTANT_MINUTE_US), 1);
}

static void raw_requests_count_even_if_they_weigh_nothing(void **state) {
    (void)state;
    for (int i = 0; i < EXCHANGE_RAW_MAX; i++)
        assert_true(take(0, STAGE_US + 1));
    assert_false(take(0, STAGE_US + 1));
    assert_int_equal(fault.status, 429);
    assert_int_equal(limits.retry_us % (5 * INSTANT_MINUTE_US), 0);
    assert_true(limits.retry_us > STAGE_US);
    assert_true(take(0, limits.retry_us));
}

/* Ignores 429 until it is banned; how long. */
static int64_t banned_for(int64_t wall_us) {
    unsigned refused = 0;
    assert_true(take(6000, wall_us));
    do {
        assert_false(take(1, wall_us));
        refused++;
    } while (fault.status == 429);
    assert_int_equal(fault.status, 418);
    assert_int_equal(refused, EXCHANGE_IGNORED_MAX + 1);
    return limits.retry_us - wall_us;
}

static void bans_grow_from_two_minutes_to_three_days(void **state) {
    (void)state;
    int64_t wall_us = STAGE_US, expected_us = 2 * INSTANT_MINUTE_US;
    for (int i = 0; i < 14; i++) {
        int64_t length_us = banned_for(wall_us);
        assert_int_equal(length_us, expected_us);
        assert_false(take(0, wall_us + length_us - 1));
        assert_int_equal(fault.status, 418);
        wall_us = interval_floor(wall_us + length_us, INSTANT_MINUTE_US) + INSTANT_MINUTE_US;
        expected_us *= 2;
        if (expected_us > 3 * INSTANT_DAY_US) expected_us = 3 * INSTANT_DAY_US;
    }
    /* After a day of peace the next is a first one again. */
    assert_int_equal(banned_for(wall_us + 2 * INSTANT_DAY_US), 2 * INSTANT_MINUTE_US);
}

static void who_waits_is_not_banned(void **state) {
    (void)state;
    for (int minute = 0; minute < 50; minute++) {
        int64_t wall_us = STAGE_US + minute * INSTANT_MINUTE_US;
        assert_true(take(6000, wall_us));
        assert_false(take(1, wall_us));
        assert_int_equal(fault.status, 429);
    }
}

static void a_ban_is_of_one_address(void **state) {
    (void)state;
    banned_for(STAGE_US);
    assert_true(exchange_limit_take(&limits, HOME + 1, 1, STAGE_US, &fault));
    assert_false(exchange_limit_connect(&limits, HOME, true, STAGE_US, &fault));
    assert_true(exchange_limit_connect(&limits, HOME + 1, true, STAGE_US, &fault));
}

static void addresses_without_number_do_not_fill_the_table(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 10 * EXCHANGE_ADDRESSES; i++) {
        assert_true(exchange_limit_take(&limits, i + 1, 1, STAGE_US + i, &fault));
        assert_true(take(1, STAGE_US + i));
    }
    /* The one that comes often is remembered with all that it used. */
    assert_int_equal(exchange_limit_weight(&limits, HOME, STAGE_US + 10 * EXCHANGE_ADDRESSES),
                     10 * EXCHANGE_ADDRESSES);
}

static void connecting_is_limited(void **state) {
    (void)state;
    for (int i = 0; i < EXCHANGE_CONNECTS_MAX; i++)
        assert_true(exchange_limit_connect(&limits, HOME, i % 2, STAGE_US, &fault));
    assert_int_equal(exchange_limit_weight(&limits, HOME, STAGE_US), EXCHANGE_CONNECTS_MAX);
    assert_false(exchange_limit_connect(&limits, HOME, false, STAGE_US, &fault));
    assert_int_equal(fault.code, -1034);
    assert_true(exchange_limit_connect(&limits, HOME, false, limits.retry_us, &fault));
}

static void orders_are_counted_and_given_back(void **state) {
    (void)state;
    for (int i = 0; i < 25; i++)
        assert_true(exchange_limit_orders(&limits, 1, 2, STAGE_US, &fault));
    assert_false(exchange_limit_orders(&limits, 1, 1, STAGE_US, &fault));
    assert_int_equal(fault.status, 429);
    assert_int_equal(fault.code, -1015);
    assert_string_equal(fault.text, "Too many new orders; current limit is 50 orders per 10 "
                                    "SECOND.");
    assert_int_equal(limits.retry_us, STAGE_US + 10 * INSTANT_SECOND_US);
    assert_true(exchange_limit_orders(&limits, 2, 1, STAGE_US, &fault));
    exchange_limit_filled(&limits, 1, true);
    assert_int_equal(exchange_limit_counts(&limits, 1, STAGE_US).ten, 45);
    exchange_limit_filled(&limits, 1, false);
    exchange_limit_forgive(&limits, 1, 3);
    assert_int_equal(exchange_limit_counts(&limits, 1, STAGE_US).day, 41);
    ExchangeOrderCount later = exchange_limit_counts(&limits, 1, STAGE_US + 10 * INSTANT_SECOND_US);
    assert_int_equal(later.ten, 0);
    assert_int_equal(later.day, 41);
    for (int i = 0; i < 20; i++)
        exchange_limit_filled(&limits, 1, true);
    assert_int_equal(exchange_limit_counts(&limits, 1, STAGE_US).day, 0);
}

static void the_day_ends_at_midnight(void **state) {
    (void)state;
    int64_t midnight_us = interval_floor(STAGE_US, INSTANT_DAY_US) + INSTANT_DAY_US;
    limits.day_max = 1;
    assert_true(exchange_limit_orders(&limits, 0, 1, midnight_us - 1, &fault));
    assert_false(exchange_limit_orders(&limits, 0, 1, midnight_us - 1, &fault));
    assert_string_equal(fault.text, "Too many new orders; current limit is 1 orders per 1 DAY.");
    assert_int_equal(limits.retry_us, midnight_us);
    assert_true(exchange_limit_orders(&limits, 0, 1, midnight_us, &fault));
}

/* ---- what calls weigh ---------------------------------------------------------------------- */

static char *memory;
static ExchangeQuery query;

static unsigned ask(Exchange *exchange, const char *method, const char *path,
                    const char *parameters) {
    Text text = text_in(memory, EXCHANGE_ANSWER_MAX);
    assert_true(exchange_query_read(&query, slice_of(parameters), SLICE(""), &fault));
    ExchangeCall call = {.method = slice_of(method),
                         .path = slice_of(path),
                         .query = &query,
                         .seal = SEAL_GOOD,
                         .address = HOME,
                         .limits = &limits,
                         .now_us = STAGE_US,
                         .wall_us = STAGE_US};
    unsigned status = exchange_answer(exchange, &call, &text);
    stage_drain(exchange);
    return status;
}

#define STAMP "timestamp=1790000040000"
#define BUY   "&symbol=BTCUSDC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price="

static void calls_weigh_what_is_documented(void **state) {
    static const struct {
        const char *method, *path, *parameters;
        int weight;
    } calls[] = {
        {"GET", "/api/v3/time", "", 1},
        {"GET", "/api/v3/exchangeInfo", "", 20},
        {"GET", "/api/v3/depth", "symbol=BTCUSDC", 5},
        {"GET", "/api/v3/depth", "symbol=BTCUSDC&limit=101", 25},
        {"GET", "/api/v3/depth", "symbol=BTCUSDC&limit=1000", 50},
        {"GET", "/api/v3/depth", "symbol=BTCUSDC&limit=5000", 250},
        {"GET", "/api/v3/ticker/24hr", "symbol=BTCUSDC", 2},
        {"GET", "/api/v3/ticker/24hr", "", 80},
        {"GET", "/api/v3/ticker/price", "", 4},
        {"GET", "/api/v3/ticker", "symbols=[\"BTCUSDC\",\"BNBUSDC\"]", 8},
        {"GET", "/api/v3/openOrders", STAMP, 80},
        {"GET", "/api/v3/openOrders", STAMP "&symbol=BTCUSDC", 6},
        {"GET", "/api/v3/myTrades", STAMP "&symbol=BTCUSDC", 20},
        {"GET", "/api/v3/myTrades", STAMP "&symbol=BTCUSDC&orderId=1", 5},
        {"GET", "/api/v3/rateLimit/order", STAMP, 40},
        /* Orders weigh nothing where they succeed, and something where they do not. */
        {"POST", "/api/v3/order", STAMP BUY "40000", 0},
        {"POST", "/api/v3/order", STAMP BUY "0.001", 1},
        {"DELETE", "/api/v3/order", STAMP "&symbol=BTCUSDC&orderId=1", 0},
        {"DELETE", "/api/v3/order", STAMP "&symbol=BTCUSDC&orderId=1", 1},
        {"POST", "/api/v3/order/test", STAMP BUY "40000", 1},
    };
    (void)state;
    Exchange *exchange = stage_open();
    memory = malloc(EXCHANGE_ANSWER_MAX);
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        int64_t before = exchange_limit_weight(&limits, HOME, STAGE_US);
        ask(exchange, calls[i].method, calls[i].path, calls[i].parameters);
        int64_t weight = exchange_limit_weight(&limits, HOME, STAGE_US) - before;
        if (weight != calls[i].weight) print_error("%s %s\n", calls[i].path, calls[i].parameters);
        assert_int_equal(weight, calls[i].weight);
    }
    assert_int_equal(exchange_limit_counts(&limits, 0, STAGE_US).ten, 1);
    free(exchange);
    free(memory);
}

static void only_orders_that_were_taken_count(void **state) {
    (void)state;
    Exchange *exchange = stage_open();
    memory = malloc(EXCHANGE_ANSWER_MAX);
    for (int i = 0; i < 60; i++)
        ask(exchange, "POST", "/api/v3/order", STAMP BUY "0.001");
    assert_int_equal(exchange_limit_counts(&limits, 0, STAGE_US).ten, 0);
    for (int i = 0; i < EXCHANGE_ORDERS_TEN_MAX; i++)
        assert_int_equal(ask(exchange, "POST", "/api/v3/order", STAMP BUY "40000"), 200);
    assert_true(limits.placed);
    assert_int_equal(ask(exchange, "POST", "/api/v3/order", STAMP BUY "40000"), 429);
    assert_false(limits.placed);
    assert_non_null(strstr(memory, "{\"code\":-1015,"));
    assert_int_equal(exchange->accounts[0].open_count, EXCHANGE_ORDERS_TEN_MAX);
    free(exchange);
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(weight_is_of_the_minute_and_the_address, open_stage),
        cmocka_unit_test_setup(raw_requests_count_even_if_they_weigh_nothing, open_stage),
        cmocka_unit_test_setup(bans_grow_from_two_minutes_to_three_days, open_stage),
        cmocka_unit_test_setup(who_waits_is_not_banned, open_stage),
        cmocka_unit_test_setup(a_ban_is_of_one_address, open_stage),
        cmocka_unit_test_setup(addresses_without_number_do_not_fill_the_table, open_stage),
        cmocka_unit_test_setup(connecting_is_limited, open_stage),
        cmocka_unit_test_setup(orders_are_counted_and_given_back, open_stage),
        cmocka_unit_test_setup(the_day_ends_at_midnight, open_stage),
        cmocka_unit_test_setup(calls_weigh_what_is_documented, open_stage),
        cmocka_unit_test_setup(only_orders_that_were_taken_count, open_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
