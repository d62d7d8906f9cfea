/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders that fill in pieces, end early or are refused, through the real executor in a kernel of
 * its own: every piece is booked, the ledger balances, what was locked is free in the end, equity
 * is realised plus unrealised, and an open position is protected or on its way out.
 */
#include "unit.h"

#include "core/kernel/kernel.h"
#include "core/trade/execution.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

extern const Service service_trade_executor;
const Service *const service_table[] = {&service_trade_executor};
const unsigned service_count = 1;

#define UNIT DECIMAL_SCALE

static Settings settings;
static KernelPlan plan;
static Kernel *kernel;
static int64_t now_us;
/* What the executor said last. */
static OrderRequest request;
static Holdings holdings;
static Trade trade;
static unsigned requests, trades, errors;

static void listen(void) {
    for (const Message *message = kernel_first(kernel); message;
         message = kernel_next(kernel, message)) {
        const LogLine *line = message->payload;
        errors += message->topic == TOPIC_LOG_LINES && line->level == LOG_ERROR;
        if (message->topic == TOPIC_ORDER_REQUESTS) {
            memcpy(&request, message->payload, sizeof request);
            requests++;
        }
        if (message->topic == TOPIC_HOLDINGS) memcpy(&holdings, message->payload, sizeof holdings);
        if (message->topic != TOPIC_TRADES) continue;
        memcpy(&trade, message->payload, sizeof trade);
        trades++;
    }
}

static void say(Topic topic, const void *payload) {
    Error error;
    now_us += INSTANT_SECOND_US;
    bool queued = kernel_input(kernel, topic, now_us, payload, &error);
    if (!queued) print_error("%s: %s\n", error.where, error.message);
    assert_true(queued);
    kernel_turn(kernel);
    listen();
}

static int begin(void **state) {
    (void)state;
    settings_presets(&settings);
    plan = (KernelPlan){
        .services = service_table, .service_count = service_count, .settings = &settings};
    size_t size = (kernel_size(&plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    memset(memory, 0, size);
    kernel = kernel_init(memory, &plan);
    now_us = instant_of(2024, 1, 1, 0, 0, 0);
    requests = trades = errors = 0;
    SymbolFilters filters = {.symbol = "BTCUSDC",
                             .base_asset = "BTC",
                             .quote_asset = "USDC",
                             .tick_size = price_of(UNIT / 100),
                             .step_size = quantity_of(UNIT / 1000),
                             .notional_min = money_of(5 * (__int128)UNIT)};
    Opening opening = {.asset = "USDC", .amount = money_of(10000 * (__int128)UNIT)};
    PriceMove price = {.symbol = "BTCUSDC",
                       .price = price_of(100 * UNIT),
                       .high = price_of(100 * UNIT),
                       .low = price_of(100 * UNIT)};
    say(TOPIC_SYMBOL_FILTERS, &filters);
    say(TOPIC_OPENINGS, &opening);
    say(TOPIC_PRICES, &price);
    return 0;
}

static int end(void **state) {
    (void)state;
    free(kernel);
    return 0;
}

static void buy(void) {
    RiskVerdict verdict = {.signal_id = "s-1",
                           .symbol = "BTCUSDC",
                           .decision = DECISION_BUY,
                           .size_fraction = 0.1,
                           .stop_loss_fraction = 0.02,
                           .take_profit_fraction = 0.04,
                           .market_timestamp = now_us,
                           .price = price_of(100 * UNIT)};
    say(TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
    assert_int_equal(request.action, ORDER_ACTION_MARKET);
    assert_int_equal(request.quantity.units, 10 * UNIT);
}

static void report(const char *order_id, OrderState state, Side side, int64_t milli, int64_t cents,
                   int64_t fee_units) {
    ExecutionReport said = {.symbol = "BTCUSDC", .state = state, .side = side};
    snprintf(said.order_id, sizeof said.order_id, "%s", order_id);
    snprintf(said.fee_asset, sizeof said.fee_asset, "%s", side == SIDE_BUY ? "BTC" : "USDC");
    said.quantity = quantity_of(milli * (UNIT / 1000));
    said.price = price_of(cents * (UNIT / 100));
    said.fee = money_of(fee_units);
    said.trade_id = milli > 0;
    say(TOPIC_EXECUTION_REPORTS, &said);
}

/* equity - opening = realised + unrealised, and nothing stays locked without an order. */
static void expect_sound(void) {
    Money gain = money_subtract(holdings.total_value, money_of(10000 * (__int128)UNIT));
    assert_true(money_compare(gain, money_add(holdings.realised_pnl, holdings.unrealised_pnl)) ==
                0);
    assert_int_equal(errors, 0);
}

static void test_entry_in_pieces(void **state) {
    (void)state;
    buy();
    char entry[40];
    strcpy(entry, request.order_id);
    report(entry, ORDER_ACKED, SIDE_BUY, 0, 0, 0);
    report(entry, ORDER_PARTIALLY_FILLED, SIDE_BUY, 4000, 10010, 400000);
    expect_sound();
    assert_int_equal(request.action, ORDER_ACTION_MARKET); /* not protected while it still fills */
    report(entry, ORDER_PARTIALLY_FILLED, SIDE_BUY, 1000, 10050, 100000);
    report(entry, ORDER_FILLED, SIDE_BUY, 5000, 10030, 500000);
    expect_sound();
    assert_int_equal(holdings.positions_count, 1);
    assert_int_equal(holdings.positions[0].quantity.units, 10 * UNIT - 1000000);
    /* (4 x 100.10 + 1 x 100.50 + 5 x 100.30) / 10 */
    assert_int_equal(holdings.positions[0].average_price.units, 10024 * (UNIT / 100));
    assert_int_equal(request.action, ORDER_ACTION_PROTECT);
    assert_int_equal(request.quantity.units, 9990 * (UNIT / 1000));  /* the fee left dust */
    assert_int_equal(request.stop_price.units, 9824 * (UNIT / 100)); /* 98.2352, up to the tick */
    Money cash = money_of((10000 - 1002) * (__int128)UNIT - 40 * (UNIT / 100));
    assert_true(money_compare(holdings.available, cash) == 0); /* nothing stays reserved */
}

static void test_protection_in_pieces(void **state) {
    (void)state;
    buy();
    report(request.order_id, ORDER_FILLED, SIDE_BUY, 10000, 10000, 0);
    char protection[40];
    strcpy(protection, request.order_id);
    report(protection, ORDER_ACKED, SIDE_SELL, 0, 0, 0);
    report(protection, ORDER_PARTIALLY_FILLED, SIDE_SELL, 6000, 9790, 5874000);
    expect_sound();
    assert_int_equal(trades, 0);
    assert_int_equal(holdings.positions_count, 1);
    report(protection, ORDER_FILLED, SIDE_SELL, 4000, 9780, 3912000);
    expect_sound();
    assert_int_equal(trades, 1);
    assert_int_equal(holdings.positions_count, 0);
    assert_int_equal(trade.exit_price.units, 9786 * (UNIT / 100));
    /* 10 x (97.86 - 100) - 0.05874 - 0.03912 */
    assert_true(money_compare(trade.pnl, money_of(-2140000000LL - 9786000)) == 0);
    assert_true(money_compare(holdings.total_value, holdings.available) == 0);
}

static void test_entry_ends_early(void **state) {
    (void)state;
    buy();
    char entry[40];
    strcpy(entry, request.order_id);
    report(entry, ORDER_ACKED, SIDE_BUY, 0, 0, 0);
    report(entry, ORDER_PARTIALLY_FILLED, SIDE_BUY, 3000, 10000, 0);
    report(entry, ORDER_CANCELED, SIDE_BUY, 0, 0, 0);
    expect_sound();
    assert_int_equal(request.action, ORDER_ACTION_PROTECT);
    assert_int_equal(request.quantity.units, 3 * UNIT);
    assert_true(money_compare(holdings.available, money_of(9700 * (__int128)UNIT)) == 0);
}

static void test_entry_refused(void **state) {
    (void)state;
    buy();
    report(request.order_id, ORDER_REJECTED, SIDE_BUY, 0, 0, 0);
    assert_int_equal(errors, 1);
    assert_int_equal(requests, 1);
    assert_int_equal(holdings.positions_count, 0);
    buy(); /* the desk is free again, and so is the money */
    assert_int_equal(requests, 2);
}

static void test_exit_ends_unfinished(void **state) {
    (void)state;
    buy();
    report(request.order_id, ORDER_FILLED, SIDE_BUY, 10000, 10000, 0);
    report(request.order_id, ORDER_ACKED, SIDE_SELL, 0, 0, 0);
    Control flatten = {.level = KILL_FLATTEN, .by = "test", .reason = "test"};
    say(TOPIC_CONTROLS, &flatten);
    assert_int_equal(request.action, ORDER_ACTION_CANCEL);
    report(request.order_id, ORDER_CANCELED, SIDE_SELL, 0, 0, 0);
    assert_int_equal(request.action, ORDER_ACTION_MARKET);
    char exit_id[40];
    strcpy(exit_id, request.order_id);
    report(exit_id, ORDER_ACKED, SIDE_SELL, 0, 0, 0);
    report(exit_id, ORDER_PARTIALLY_FILLED, SIDE_SELL, 2500, 9990, 0);
    report(exit_id, ORDER_EXPIRED, SIDE_SELL, 0, 0, 0);
    expect_sound();
    assert_int_equal(request.action, ORDER_ACTION_PROTECT);
    assert_int_equal(request.quantity.units, 7500 * (UNIT / 1000));
}

static void test_protection_refused(void **state) {
    (void)state;
    buy();
    report(request.order_id, ORDER_FILLED, SIDE_BUY, 10000, 10000, 0);
    report(request.order_id, ORDER_REJECTED, SIDE_SELL, 0, 0, 0);
    assert_int_equal(request.action, ORDER_ACTION_MARKET); /* not kept without protection */
    assert_int_equal(request.side, SIDE_SELL);
    assert_int_equal(request.quantity.units, 10 * UNIT);
}

static void queue_rejection(const char *order_id) {
    ExecutionReport said = {
        .symbol = "BTCUSDC", .state = ORDER_REJECTED, .side = SIDE_SELL, .fee_asset = "USDC"};
    Error error;
    snprintf(said.order_id, sizeof said.order_id, "%s", order_id);
    assert_true(kernel_input(kernel, TOPIC_EXECUTION_REPORTS, now_us, &said, &error));
}

static void say_price(int64_t cents) {
    Price price = price_of(cents * (UNIT / 100));
    PriceMove move = {.symbol = "BTCUSDC", .price = price, .high = price, .low = price};
    say(TOPIC_PRICES, &move);
}

static void test_two_rejections_at_one_instant(void **state) {
    (void)state;
    buy();
    report(request.order_id, ORDER_FILLED, SIDE_BUY, 10000, 10000, 0);
    assert_string_equal(request.order_id, "o-2"); /* the protection */
    now_us += INSTANT_SECOND_US;
    queue_rejection("o-2"); /* an exit follows: o-3 */
    queue_rejection("o-3"); /* and is rejected in the same instant: the turn ends */
    kernel_turn(kernel);
    listen();
    assert_int_equal(requests, 3);
    assert_int_equal(errors, 2);
    say_price(9990); /* the next price tries again */
    assert_int_equal(requests, 4);
    assert_int_equal(request.action, ORDER_ACTION_PROTECT);
    say_price(9980); /* once */
    assert_int_equal(requests, 4);
}

static void test_dust_ends_the_trade(void **state) {
    (void)state;
    buy();
    report(request.order_id, ORDER_FILLED, SIDE_BUY, 10000, 10000, 0);
    report(request.order_id, ORDER_ACKED, SIDE_SELL, 0, 0, 0);
    char protection[40];
    strcpy(protection, request.order_id);
    /* 0.04 BTC at 100 are 4 USDC, below the smallest order of 5 */
    report(protection, ORDER_PARTIALLY_FILLED, SIDE_SELL, 9960, 10000, 0);
    assert_int_equal(trades, 1);
    assert_int_equal(holdings.positions_count, 0);
    expect_sound();
    report(protection, ORDER_EXPIRED, SIDE_SELL, 0, 0, 0);
    assert_int_equal(requests, 2); /* nothing more is tried */
    assert_int_equal(trades, 1);
    expect_sound();
}

/* ---- a cold start ---------------------------------------------------------------------------- */

/* Another build at a real venue, in whose earlier life an entry was on its way. */
static int begin_cold(void **state) {
    begin(state);
    free(kernel);
    strcpy(settings.venue.name, "binance");
    settings.trading.stop_loss_pct = 3;
    settings.trading.take_profit_pct = 6;
    size_t size = (kernel_size(&plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    memset(memory, 0, size);
    kernel = kernel_init(memory, &plan);
    requests = trades = errors = 0;
    SymbolFilters filters = {.symbol = "BTCUSDC",
                             .base_asset = "BTC",
                             .quote_asset = "USDC",
                             .tick_size = price_of(UNIT / 100),
                             .step_size = quantity_of(UNIT / 1000)};
    AccountFact account = {.asset = "USDC",
                           .cash = money_of(10000 * (__int128)UNIT),
                           .opening = money_of(10000 * (__int128)UNIT),
                           .peak = money_of(10000 * (__int128)UNIT),
                           .orders = 7};
    OrderRecord entry = {.order_id = "o-7",
                         .symbol = "BTCUSDC",
                         .action = ORDER_ACTION_MARKET,
                         .side = SIDE_BUY,
                         .state = ORDER_ACKED,
                         .quantity = quantity_of(10 * UNIT),
                         .signal_id = "s-3",
                         .created = now_us,
                         .updated = now_us};
    VenueState ready = {.condition = VENUE_READY};
    say(TOPIC_SYMBOL_FILTERS, &filters);
    say(TOPIC_RESTORED_ACCOUNTS, &account);
    say(TOPIC_RESTORED_ORDERS, &entry);
    say(TOPIC_VENUE_STATES, &ready);
    return 0;
}

/* The verdict that it was judged by is gone with the old state: the settings' own stop and target
 * protect what it turns out to have bought. */
static void test_what_a_restored_entry_bought_has_a_stop(void **state) {
    (void)state;
    report("o-7", ORDER_FILLED, SIDE_BUY, 10000, 10000, 1000000);
    assert_int_equal(request.action, ORDER_ACTION_PROTECT);
    assert_string_equal(request.signal_id, "s-3");
    assert_int_equal(request.stop_price.units, 97 * UNIT);
    assert_int_equal(request.target_price.units, 106 * UNIT);
    assert_int_equal(holdings.positions_count, 1);
    expect_sound();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_entry_in_pieces, begin, end),
        cmocka_unit_test_setup_teardown(test_protection_in_pieces, begin, end),
        cmocka_unit_test_setup_teardown(test_entry_ends_early, begin, end),
        cmocka_unit_test_setup_teardown(test_entry_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_exit_ends_unfinished, begin, end),
        cmocka_unit_test_setup_teardown(test_protection_refused, begin, end),
        cmocka_unit_test_setup_teardown(test_two_rejections_at_one_instant, begin, end),
        cmocka_unit_test_setup_teardown(test_dust_ends_the_trade, begin, end),
        cmocka_unit_test_setup_teardown(test_what_a_restored_entry_bought_has_a_stop, begin_cold,
                                        end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
