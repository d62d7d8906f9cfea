/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first day of real money: all positions together stay below 100 units of the quote or 1 % of
 * the opening balance, whichever is smaller, for 24 hours from the first arming; executor and order
 * protocol together, against a venue that answers by hand.
 */
#include "protocol_venue.h"

extern const Service service_binance_venue, service_trade_executor;
const Service *const service_table[] = {&service_binance_venue, &service_trade_executor};
const unsigned service_count = 2;

static int begin(void **state) {
    (void)state;
    stage_begin(service_table, service_count);
    return 0;
}

static int end(void **state) {
    (void)state;
    stage_end();
    return 0;
}

static void arm(bool live, int64_t since_us) {
    VenueIdentity identity = {
        .account = "acct", .instance = "abcdefgh", .live = live, .armed_since = since_us};
    stage_say(TOPIC_VENUE_IDENTITIES, &identity);
}

/* A wish to buy for `share` of the balance of 10,000, at 100 a coin. */
static void wish(const char *signal, double share) {
    RiskVerdict verdict = {.symbol = "BTCUSDC",
                           .decision = DECISION_BUY,
                           .size_fraction = share,
                           .stop_loss_fraction = 0.02,
                           .take_profit_fraction = 0.04,
                           .market_timestamp = stage.now_us,
                           .price = price_of(100 * UNIT)};
    stage_copy(verdict.signal_id, sizeof verdict.signal_id, signal);
    stage_say(TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
}

static void expect_denied(const char *signal, double share) {
    unsigned sent = stage.request_count, denied = stage.refusal_count;
    wish(signal, share);
    assert_int_equal(stage.request_count, sent);
    assert_int_equal(stage.refusal_count, denied + 1);
    assert_int_equal(stage.refusals[denied % KEPT].code, DENIED_FIRST_DAY_CAP);
}

static void expect_sent(const char *signal, double share) {
    unsigned sent = stage.request_count;
    wish(signal, share);
    assert_int_equal(stage.request_count, sent + 1);
    assert_string_equal(stage_last()->purpose, "place");
}

/* 1 % of 10,000 is the cap's 100: 99 pass, 101 do not. */
static void test_the_cap_binds_to_the_coin(void **state) {
    (void)state;
    arm(true, stage.now_us);
    expect_denied("s-1", 0.1);
    expect_denied("s-2", 0.0101);
    expect_sent("s-3", 0.0099);
}

static void test_play_money_has_no_cap(void **state) {
    (void)state;
    arm(false, stage.now_us);
    expect_sent("s-1", 0.1);
}

/* To the microsecond, and by the first arming: a restart tells it again and begins no new day. */
static void test_it_ends_after_a_day(void **state) {
    (void)state;
    int64_t armed_us = stage.now_us;
    arm(true, armed_us);
    expect_denied("s-1", 0.1);
    stage_pass(armed_us + INSTANT_DAY_US - 10 * INSTANT_SECOND_US - stage.now_us);
    arm(true, armed_us);
    stage_price(10000);
    expect_denied("s-2", 0.1);
    stage_pass(armed_us + INSTANT_DAY_US - stage.now_us);
    stage_price(10000);
    expect_sent("s-3", 0.1);
}

/* A clock that is set back into the time before the arming lifts nothing. */
static void test_before_the_arming_it_binds_too(void **state) {
    (void)state;
    arm(true, stage.now_us + INSTANT_HOUR_US);
    expect_denied("s-1", 0.1);
}

static int begin_with(int64_t usdc, double cap, double cap_pct) {
    stage_prepare();
    stage.settings.venue.first_day_cap = cap;
    stage.settings.venue.first_day_cap_pct = cap_pct;
    stage.book.usdc = usdc * UNIT;
    stage_open(service_table, service_count);
    return 0;
}

static int begin_small(void **state) {
    (void)state;
    return begin_with(6000, 100, 1);
}

/* 1 % of 6,000 is 60. */
static void test_of_a_small_balance_the_share_binds(void **state) {
    (void)state;
    arm(true, stage.now_us);
    expect_denied("s-1", 0.0101);
    expect_sent("s-2", 0.0099);
}

static int begin_rich(void **state) {
    (void)state;
    return begin_with(1000000, 100, 1);
}

static void test_of_a_large_balance_the_sum_binds(void **state) {
    (void)state;
    arm(true, stage.now_us);
    expect_denied("s-1", 0.000102);
    expect_sent("s-2", 0.000098);
}

int main(void) {
#define WITH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        WITH(test_the_cap_binds_to_the_coin),
        WITH(test_play_money_has_no_cap),
        WITH(test_it_ends_after_a_day),
        WITH(test_before_the_arming_it_binds_too),
        cmocka_unit_test_setup_teardown(test_of_a_small_balance_the_share_binds, begin_small, end),
        cmocka_unit_test_setup_teardown(test_of_a_large_balance_the_sum_binds, begin_rich, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
