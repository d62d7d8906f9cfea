/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trading account against an exact oracle: 200,000 random fills, locks and refusals over three
 * symbols, on integers of 1e-16 that the oracle forms for itself. After every event balances, cost,
 * realised and fees are equal, the accounts of every asset sum to zero, nothing owned is negative,
 * and equity - opening = realised + unrealised.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/trade/trading_account.h"

#define EVENTS 200000
#define SYMBOLS 3
#define ASSETS (SYMBOLS + 1)
#define SUB 100000000 /* units of 1e-16 in one of 1e-8 */

typedef __int128 Wide;

/* What the postings say, told one by one. */
typedef struct Told {
    Wide balance[ASSETS][Account_COUNT];
    unsigned count;
} Told;

/* The account as plain arithmetic sees it. */
typedef struct Oracle {
    Wide free_quote, locked_quote, opening, realised, fees;
    Wide exact_spent; /* 1e-16: price x quantity of buys minus sells, never rounded */
    Wide held[SYMBOLS], locked[SYMBOLS], inventory[SYMBOLS], cost[SYMBOLS];
} Oracle;

static TradingAccount account, before;
static Oracle oracle;
static Told told;

static const char *const names[ASSETS] = {"USDC", "BTC", "ETH", "XRP"};

static void tell(void *context, const char *asset, Account debit, Account credit, Money amount) {
    Told *to = context;
    unsigned index = 0;
    while (strcmp(names[index], asset) != 0) index++;
    assert_true(amount.units > 0);
    to->balance[index][debit] += amount.units;
    to->balance[index][credit] -= amount.units;
    to->count++;
}

static const PostingSink sink = {.post = tell, .context = &told};

static void open_account(void **state) {
    (void)state;
    memset(&oracle, 0, sizeof oracle);
    memset(&told, 0, sizeof told);
    trading_account_init(&account);
    oracle.free_quote = oracle.opening = (Wide)1000000 * SUB;
    assert_true(trading_account_open(&account, names[0], money_of(oracle.opening), &sink));
    for (unsigned i = 0; i < SYMBOLS; i++)
        assert_true(trading_account_symbol(&account, i, names[i + 1]));
}

/* ---- the oracle's own booking -------------------------------------------------------------- */

static bool oracle_buy(const Booking *booking) {
    Wide exact = (Wide)booking->price.units * booking->quantity.units;
    Wide paid = exact / SUB + (exact % SUB != 0);
    unsigned symbol = booking->symbol;
    if (paid > oracle.free_quote || booking->fee.units > booking->quantity.units) return false;
    Wide net = booking->quantity.units - booking->fee.units;
    oracle.free_quote -= paid;
    oracle.exact_spent += exact;
    oracle.held[symbol] += net;
    oracle.inventory[symbol] += net;
    oracle.cost[symbol] += paid;
    oracle.fees += (Wide)booking->price.units * booking->fee.units / SUB;
    return true;
}

static bool oracle_sell(const Booking *booking, Wide *gain) {
    Wide exact = (Wide)booking->price.units * booking->quantity.units;
    Wide got = exact / SUB, quantity = booking->quantity.units;
    unsigned symbol = booking->symbol;
    if (quantity > oracle.held[symbol] || quantity > oracle.inventory[symbol] ||
        booking->fee.units > got)
        return false;
    Wide share = oracle.cost[symbol] * quantity /
                 oracle.inventory[symbol]; /* all of it for the last piece */
    oracle.held[symbol] -= quantity;
    oracle.inventory[symbol] -= quantity;
    oracle.cost[symbol] -= share;
    oracle.free_quote += got - booking->fee.units;
    oracle.exact_spent -= exact;
    oracle.fees += booking->fee.units;
    *gain = got - booking->fee.units - share;
    oracle.realised += *gain;
    return true;
}

/* ---- comparison ---------------------------------------------------------------------------- */

static Wide balance(int asset, Account of) {
    return ledger_balance(&account.ledger, asset, of).units;
}

static void compare(Random *random) {
    assert_null(ledger_fault(&account.ledger));
    assert_true(balance(account.quote, ACCOUNT_FREE) == oracle.free_quote);
    assert_true(balance(account.quote, ACCOUNT_LOCKED) == oracle.locked_quote);
    assert_true(account.realised.units == oracle.realised && account.fees.units == oracle.fees);
    /* Nothing is lost below 1e-8: what the market holds is the exact sum plus what waits for a
     * whole unit. */
    Wide market = balance(account.quote, ACCOUNT_MARKET) * SUB;
    assert_true(market - account.ledger.assets[account.quote].sub_units == oracle.exact_spent);
    Wide equity = trading_account_cash(&account).units, unrealised = 0;
    for (unsigned i = 0; i < SYMBOLS; i++) {
        const Inventory *inventory = &account.inventories[i];
        assert_true(balance(inventory->base, ACCOUNT_FREE) == oracle.held[i]);
        assert_true(balance(inventory->base, ACCOUNT_LOCKED) == oracle.locked[i]);
        assert_true(inventory->quantity.units == oracle.inventory[i] &&
                    inventory->cost.units == oracle.cost[i]);
        assert_true(inventory->quantity.units > 0 || inventory->cost.units == 0);
        Price mark = price_of(
            1 + random_below(random, 4000000000u)); /* any price will do: the identity is exact */
        Wide value = trading_account_value(&account, i, mark).units;
        equity += value;
        unrealised += value - inventory->cost.units;
    }
    assert_true(equity - account.opening.units == account.realised.units + unrealised);
}

static void compare_told(void) {
    for (int asset = 0; asset < ASSETS; asset++)
        for (Account of = 0; of < Account_COUNT; of++)
            assert_true(told.balance[asset][of] == balance(asset, of));
}

/* ---- random events ------------------------------------------------------------------------- */

static Booking any_booking(Random *random, bool buys) {
    static const int64_t scales[SYMBOLS] = {4000000000000, 200000000000, 50000001};
    Booking booking = {.symbol = random_below(random, SYMBOLS)};
    bool tiny = random_below(random, 5) == 0; /* dust: less than one unit of quote */
    booking.price =
        price_of(tiny ? 1 + random_below(random, 1000)
                      : 1 + random_below(random, 2000000) * (scales[booking.symbol] / 1000000));
    Wide most =
        buys ? oracle.free_quote * SUB / booking.price.units : oracle.inventory[booking.symbol];
    if (most > (Wide)1 << 50) most = (Wide)1 << 50;
    uint32_t kind = random_below(random, 8);
    Wide quantity = kind == 0   ? most             /* everything */
                    : kind == 1 ? most + 1         /* one unit too many */
                    : kind == 2 ? 1 + random_below(random, 9)
                                : most * random_below(random, 1000) / 1999;
    booking.quantity = quantity_of((int64_t)(quantity > 0 ? quantity : 1));
    Wide received =
        buys ? booking.quantity.units : (Wide)booking.price.units * booking.quantity.units / SUB;
    uint32_t fee = random_below(random, 20);
    booking.fee = money_of(fee == 0   ? 0
                           : fee == 1 ? received
                           : fee == 2 ? received + 1
                                      : (received + 999) / 1000);
    return booking;
}

static bool trade(Random *random, bool buys) {
    Booking booking = any_booking(random, buys);
    Wide wanted = 0;
    Money gain = money_of(0);
    unsigned count = told.count;
    before = account;
    bool expected = buys ? oracle_buy(&booking) : oracle_sell(&booking, &wanted);
    bool booked = buys ? trading_account_buy(&account, &booking, &sink)
                       : trading_account_sell(&account, &booking, &sink, &gain);
    assert_int_equal(booked, expected);
    if (booked) assert_true(gain.units == wanted);
    if (!booked) {
        assert_memory_equal(&before, &account, sizeof account);
        assert_int_equal(count, told.count);
    }
    return booked;
}

static bool move_lock(Random *random) {
    unsigned symbol = random_below(random, ASSETS); /* SYMBOLS: the quote */
    bool quote = symbol == SYMBOLS, locks = random_below(random, 2);
    Wide *free_side = quote ? &oracle.free_quote : &oracle.held[symbol];
    Wide *locked_side = quote ? &oracle.locked_quote : &oracle.locked[symbol];
    Wide *from = locks ? free_side : locked_side, *to = locks ? locked_side : free_side;
    Wide amount = *from * random_below(random, 1200) / 1000;
    int asset = quote ? account.quote : account.inventories[symbol].base;
    bool expected = amount <= *from;
    before = account;
    bool moved = locks ? trading_account_lock(&account, asset, money_of(amount), &sink)
                       : trading_account_unlock(&account, asset, money_of(amount), &sink);
    assert_int_equal(moved, expected);
    if (!moved) assert_memory_equal(&before, &account, sizeof account);
    if (moved) {
        *from -= amount;
        *to += amount;
    }
    return moved;
}

static void test_random_fills_equal_the_oracle(void **state) {
    Random random = random_stream(20240101, 1);
    unsigned done = 0, refused = 0;
    open_account(state);
    for (unsigned event = 0; event < EVENTS; event++) {
        uint32_t kind = random_below(&random, 10);
        bool sound = kind < 4   ? trade(&random, true)
                     : kind < 8 ? trade(&random, false)
                                : move_lock(&random);
        if (sound) done++;
        else refused++;
        compare(&random);
        if (event % 100 == 0) compare_told();
    }
    compare_told();
    print_message("%u events booked, %u refused, %u postings\n", done, refused, told.count);
    assert_true(done > EVENTS / 4 && refused > EVENTS / 20);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void test_fills_that_are_none_are_refused(void **state) {
    static const struct {
        int64_t price, quantity, fee;
    } wrongs[] = {{0, 1, 0},  {-1, 1, 0}, {1, 0, 0},
                  {1, -1, 0}, {1, 1, -1}, {INT64_MAX, INT64_MAX, 0}};
    Money gain;
    open_account(state);
    Booking sound = {.price = price_of(SUB), .quantity = quantity_of(SUB), .fee = money_of(0)};
    assert_true(trading_account_buy(&account, &sound, &sink));
    before = account;
    for (unsigned i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        Booking wrong = {.price = price_of(wrongs[i].price),
                         .quantity = quantity_of(wrongs[i].quantity),
                         .fee = money_of(wrongs[i].fee)};
        assert_false(trading_account_buy(&account, &wrong, &sink));
        assert_false(trading_account_sell(&account, &wrong, &sink, &gain));
        assert_memory_equal(&before, &account, sizeof account);
    }
}

static void test_one_quote_asset(void **state) {
    open_account(state);
    before = account;
    assert_false(trading_account_open(&account, "USDC", money_of(-1), &sink));
    assert_memory_equal(&before, &account, sizeof account);
    assert_false(trading_account_open(&account, "EUR", money_of(1), &sink));
    assert_true(account.opening.units == before.opening.units && account.quote == before.quote);
    assert_true(trading_account_open(&account, "USDC", money_of(5), &sink));
    assert_true(account.opening.units == before.opening.units + 5);
}

static void test_nothing_is_booked_before_the_opening(void **state) {
    (void)state;
    Booking booking = {.price = price_of(SUB), .quantity = quantity_of(SUB)};
    trading_account_init(&account);
    assert_true(trading_account_symbol(&account, 0, "BTC"));
    assert_false(trading_account_buy(&account, &booking, &sink));
    assert_true(trading_account_cash(&account).units == 0 &&
                trading_account_free(&account).units == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_fills_equal_the_oracle),
        cmocka_unit_test(test_fills_that_are_none_are_refused),
        cmocka_unit_test(test_one_quote_asset),
        cmocka_unit_test(test_nothing_is_booked_before_the_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
