/* SPDX-License-Identifier: Apache-2.0 */
/* The portfolio as screens see it: worked numbers, and identities on random inventories. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/trade/portfolio_view.h"

#define COIN    100000000LL
#define SYMBOLS 3

static TradingAccount account;
static DeskView desks[SYMBOLS];

static void silent(void *context, const char *asset, Account debit, Account credit, Money amount) {
    (void)context, (void)asset, (void)debit, (void)credit, (void)amount;
}

static const PostingSink sink = {.post = silent};

static void open_account(void) {
    static const char *const bases[SYMBOLS] = {"BTC", "ETH", "XRP"};
    static const char *const names[SYMBOLS] = {"BTCUSDC", "ETHUSDC", "XRPUSDC"};
    trading_account_init(&account);
    assert_true(trading_account_open(&account, "USDC", money_of(10000 * COIN), &sink));
    for (unsigned i = 0; i < SYMBOLS; i++) {
        assert_true(trading_account_symbol(&account, i, bases[i]));
        desks[i] = (DeskView){
            .symbol = names[i], .index = i, .price = price_of(100 * COIN), .signal_id = "s-1"};
    }
}

static void buy(unsigned symbol, int64_t price, int64_t quantity, int64_t fee) {
    Booking booking = {.symbol = symbol,
                       .price = price_of(price),
                       .quantity = quantity_of(quantity),
                       .fee = money_of(fee)};
    assert_true(trading_account_buy(&account, &booking, &sink));
    desks[symbol].open = true;
}

/* 20 coins at 100, one percent of them taken as a fee; the price rises to 110: 19.8 x 110 = 2178.
 */
static void test_worked_example(void **state) {
    (void)state;
    Holdings holdings = {.time = 7, .peak = money_of(10500 * COIN)};
    open_account();
    buy(0, 100 * COIN, 20 * COIN, 20 * COIN / 100);
    desks[0].price = price_of(110 * COIN);
    desks[0].average = price_of(100 * COIN);
    desks[0].stop = price_of(98 * COIN);
    desks[0].opened_us = 5;
    Money total = portfolio_fill(&account, desks, SYMBOLS, &holdings);
    assert_true(total.units == 10178 * COIN && holdings.total_value.units == total.units);
    assert_true(holdings.available.units == 8000 * COIN);
    assert_true(holdings.invested.units == 2178 * COIN);
    assert_close(holdings.exposure, 2178.0 / 10178, 1e-12);
    assert_true(holdings.unrealised_pnl.units == 178 * COIN && holdings.realised_pnl.units == 0);
    assert_true(holdings.fees.units == 20 * COIN); /* 0.2 coins at 100 */
    assert_true(holdings.peak.units == 10500 * COIN);
    assert_close(holdings.drawdown, 322.0 / 10500, 1e-12);
    assert_string_equal(holdings.quote_asset, "USDC");
    assert_int_equal(holdings.positions_count, 1);
    const PositionState *position = &holdings.positions[0];
    assert_string_equal(position->symbol, "BTCUSDC");
    assert_true(position->quantity.units == 1980 * COIN / 100 &&
                position->value.units == 2178 * COIN);
    assert_close(position->weight, 2178.0 / 10178, 1e-12);
    assert_close(position->unrealised_pct, 8.9, 1e-9);
    assert_true(position->stop_price.units == 98 * COIN && position->opened == 5);
}

static void test_a_new_high_is_the_peak(void **state) {
    (void)state;
    Holdings holdings = {.peak = money_of(9000 * COIN)};
    open_account();
    portfolio_fill(&account, desks, SYMBOLS, &holdings);
    assert_true(holdings.peak.units == 10000 * COIN);
    assert_close(holdings.drawdown, 0, 0);
    assert_int_equal(holdings.positions_count, 0);
    EquityPoint point = {0};
    portfolio_point(&holdings, money_of(3), &point);
    assert_true(point.equity.units == 10000 * COIN && point.cash.units == 3 &&
                point.positions == 0);
}

static void test_identities(void **state) {
    (void)state;
    Random random = random_stream(97, 1);
    for (unsigned round = 0; round < 5000; round++) {
        Holdings holdings = {0};
        open_account();
        for (unsigned i = 0; i < SYMBOLS; i++) {
            int64_t price = 1 + random_below(&random, 2000000000);
            int64_t quantity = 1 + (int64_t)random_below(&random, 2000000000);
            buy(i, price, quantity, quantity / 1000);
            desks[i].price = price_of(1 + random_below(&random, 2000000000));
            desks[i].open =
                random_below(&random, 2); /* dust of a closed position is still worth something */
        }
        Money total = portfolio_fill(&account, desks, SYMBOLS, &holdings);
        assert_true(total.units == portfolio_value(&account, desks, SYMBOLS).units);
        Money gain = money_subtract(total, account.opening);
        assert_true(gain.units == holdings.realised_pnl.units + holdings.unrealised_pnl.units);
        assert_true(holdings.available.units + holdings.invested.units == total.units);
        unsigned open = 0;
        __int128 value = 0;
        for (unsigned i = 0; i < SYMBOLS; i++)
            open += desks[i].open;
        for (unsigned i = 0; i < holdings.positions_count; i++)
            value += holdings.positions[i].value.units;
        assert_int_equal(holdings.positions_count, open);
        assert_true(value <= holdings.invested.units);
        assert_true(holdings.drawdown >= 0 && holdings.drawdown <= 1 && holdings.exposure <= 1);
    }
}

static void test_percent_of_a_trade(void **state) {
    (void)state;
    Trade trade = {0};
    portfolio_trade_percent(money_of(-5), money_of(200), &trade);
    assert_close(trade.pnl_pct, -2.5, 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_a_new_high_is_the_peak),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_percent_of_a_trade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
