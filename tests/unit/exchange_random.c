/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated exchange under whatever order of calls: three accounts, two pairs, every type,
 * every list, amendments, cancels, halts and prints, drawn by seed. After each step it agrees with
 * itself, and its balances are what its fills say. */
#include "exchange_stage.h"

#include "core/base/random.h"

#define ACCOUNTS   3
#define OPERATIONS 200000

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

/* What each account must have: the deposits and the fills, asset by asset. */
typedef struct Books {
    Money assets[ACCOUNTS][LIMIT_EXCHANGE_ASSETS];
    int64_t fills;
    int64_t low, high; /* of the last price since the book was renewed */
} Books;

static Exchange *exchange;
static Books books;
static Random draw;
static int64_t now_us;
static unsigned seen_status[EXCHANGE_STATUS_COUNT], seen_reason[EXCHANGE_REASON_COUNT];
static unsigned seen_kind[EXCHANGE_LIST_KIND_COUNT], seen_amended, seen_prevented, seen_crossed;

static int64_t below(int64_t bound) {
    return (int64_t)random_below(&draw, (uint32_t)bound);
}

static void deposit(unsigned account, const char *asset, int64_t units) {
    assert_true(exchange_deposit_to(exchange, account, slice_of(asset), money_of(units)));
    int index = exchange_find_asset(exchange, slice_of(asset));
    Money *held = &books.assets[account][index];
    *held = money_add(*held, money_of(units));
}

static void begin(uint64_t seed, ExchangeQueue queue, bool in_bnb) {
    memset(&books, 0, sizeof books);
    draw = random_stream(seed, 1);
    exchange = stage_open();
    exchange->accounts[0].balances[exchange_find_asset(exchange, SLICE("USDC"))].free = money_of(0);
    exchange->accounts[0].balances[exchange_find_asset(exchange, SLICE("BTC"))].free = money_of(0);
    exchange->costs.queue = queue;
    exchange->costs.pays_in_bnb = in_bnb;
    exchange->pairs[1].symbol.filters.tick = price_of(1); /* products that have to be rounded */
    exchange->pairs[1].rules.range_up_ppm = 1002000;      /* a fifth of a percent */
    exchange->pairs[1].rules.range_down_ppm = 998000;
    now_us = STAGE_US;
    while (exchange->account_count < ACCOUNTS)
        assert_true(exchange_add_account(exchange) > 0);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        deposit(i, "USDC", 2000000 * UNIT);
        deposit(i, "BTC", (i ? 20 : 5000) * UNIT);
        deposit(i, "BNB", 30 * UNIT);
    }
}

/* ---- what may be asked --------------------------------------------------------------------- */

static int64_t near(int64_t price, int64_t ticks) {
    int64_t away = (below(2 * ticks + 1) - ticks) * (UNIT / 100);
    return price + away > 0 ? price + away : UNIT / 100;
}

static ExchangeWish random_wish(unsigned pair) {
    int64_t last = exchange->pairs[pair].last.units, step = pair ? UNIT / 1000 : UNIT / 100000;
    int64_t spread = pair ? 300 : 20000;
    ExchangeWish wish = {.account = (unsigned)below(ACCOUNTS),
                         .pair = pair,
                         .side = (Side)below(2),
                         .type = (ExchangeType)below(EXCHANGE_TYPE_COUNT),
                         .force = (ExchangeForce)(below(3) ? 0 : below(3)),
                         .prevention = (ExchangePrevention)below(EXCHANGE_PREVENTION_COUNT),
                         .quantity = quantity_of((1 + below(pair ? 20000 : 200000)) * step),
                         .price = price_of(near(last, spread)),
                         .stop = price_of(near(last, spread))};
    /* More than the book holds. */
    if (wish.type == EXCHANGE_MARKET && below(40) == 0) wish.quantity = quantity_of(2500 * UNIT);
    if (pair) wish.price.units += below(1000);
    if (pair) wish.stop.units += below(1000);
    bool stops = exchange_is_stop(wish.type);
    bool market = wish.type == EXCHANGE_MARKET || wish.type == EXCHANGE_STOP_LOSS ||
                  wish.type == EXCHANGE_TAKE_PROFIT;
    if (!stops) wish.stop = price_of(0);
    if (market) wish.price = price_of(0);
    if (stops && below(3) == 0) wish.trailing = 10 + (unsigned)below(100);
    if (wish.trailing && below(2)) wish.stop = price_of(0);
    if (!market && wish.force == EXCHANGE_GTC && below(4) == 0)
        wish.iceberg =
            quantity_floor(quantity_of(wish.quantity.units / (1 + below(20))), quantity_of(step));
    if (wish.type == EXCHANGE_MARKET && below(3) == 0) {
        wish.quote_quantity = money_of((5 + below(50000)) * UNIT);
        wish.quantity = quantity_of(0);
    }
    if (below(10) == 0) snprintf(wish.client_id, sizeof wish.client_id, "n%d", (int)below(40));
    return wish;
}

static void place(void) {
    ExchangeWish wish = random_wish((unsigned)below(2));
    const ExchangeOrder *order;
    ExchangeFault fault;
    bool could = exchange_try(exchange, &wish, &fault);
    bool did = exchange_place(exchange, &wish, now_us, &order, &fault);
    assert_int_equal(could, did);
    if (!did) assert_true(fault.code < 0 && fault.text[0]);
}

/* Legs that have a chance to be taken: the pair's levels on both sides of the price. */
static void random_pair(ExchangeWish legs[2], int64_t at) {
    bool buys = legs[0].side == SIDE_BUY;
    int64_t away = (1 + below(5000)) * (UNIT / 100);
    static const ExchangeType losses[] = {EXCHANGE_STOP_LOSS, EXCHANGE_STOP_LOSS_LIMIT};
    static const ExchangeType profits[] = {EXCHANGE_LIMIT_MAKER, EXCHANGE_TAKE_PROFIT,
                                           EXCHANGE_TAKE_PROFIT_LIMIT};
    legs[0].type = buys ? losses[below(2)] : profits[below(3)];
    legs[1].type = buys ? profits[below(3)] : losses[below(2)];
    for (unsigned i = 0; i < 2; i++) {
        int64_t level = i ? at - away : at + away;
        bool stops = exchange_is_stop(legs[i].type);
        legs[i].stop = price_of(stops && level > 0 ? level : 0);
        legs[i].price = price_of(level > 0 ? level : UNIT);
        if (legs[i].type == EXCHANGE_STOP_LOSS || legs[i].type == EXCHANGE_TAKE_PROFIT)
            legs[i].price = price_of(0);
        if (stops && below(4) == 0) legs[i].trailing = 10 + (unsigned)below(50);
        legs[i].iceberg = quantity_of(0);
        legs[i].quote_quantity = money_of(0);
        legs[i].force = EXCHANGE_GTC;
    }
}

static void place_list(void) {
    unsigned pair = (unsigned)below(2);
    ExchangeListWish wish = {.kind = (ExchangeListKind)below(EXCHANGE_LIST_KIND_COUNT)};
    ExchangeWish first = random_wish(pair);
    const ExchangeList *list;
    ExchangeFault fault;
    int64_t last = exchange->pairs[pair].last.units;
    if (first.quote_quantity.units) return;
    first.client_id[0] = 0;
    for (unsigned i = 0; i < LIMIT_EXCHANGE_LEGS; i++)
        wish.legs[i] = first;
    if (wish.kind == EXCHANGE_OCO) {
        random_pair(wish.legs, last);
    } else {
        wish.legs[0].type = below(2) ? EXCHANGE_LIMIT : EXCHANGE_LIMIT_MAKER;
        wish.legs[0].price = price_of(near(last, pair ? 30 : 1000));
        wish.legs[0].stop = price_of(0);
        wish.legs[0].trailing = 0;
        wish.legs[1].side = wish.legs[2].side = below(4) ? 1 - first.side : first.side;
        bool paid = wish.kind == EXCHANGE_OPO || wish.kind == EXCHANGE_OPOCO;
        if (paid && below(8)) {
            wish.legs[0].side = SIDE_BUY;
            wish.legs[1].side = wish.legs[2].side = SIDE_SELL;
        }
        if (paid) wish.legs[1].quantity = wish.legs[2].quantity = quantity_of(0);
        if (paid) wish.legs[1].iceberg = wish.legs[2].iceberg = quantity_of(0);
        if (wish.kind == EXCHANGE_OTOCO || wish.kind == EXCHANGE_OPOCO)
            random_pair(&wish.legs[1], last);
    }
    bool did = exchange_place_list(exchange, &wish, now_us, &list, &fault);
    if (did) seen_kind[wish.kind]++;
    if (!did) assert_true(fault.code < 0 && fault.text[0]);
}

static int64_t any_open(void) {
    const ExchangeAccount *account = &exchange->accounts[below(ACCOUNTS)];
    return account->open_count ? account->open[below(account->open_count)] : 0;
}

static void amend(void) {
    const ExchangeOrder *order = exchange_order(exchange, any_open());
    const ExchangeAmendment *amendment;
    ExchangeFault fault;
    if (!order) return;
    int64_t step = order->wish.pair ? UNIT / 1000 : UNIT / 100000;
    Quantity less = quantity_floor(
        quantity_of((int64_t)((__int128)order->wish.quantity.units * (1 + below(100)) / 100)),
        quantity_of(step));
    int64_t id = order->id;
    const ExchangeChange change = {id, less, below(2) ? "" : order->wish.client_id};
    if (!exchange_amend(exchange, &change, now_us, &amendment, &fault)) return;
    assert_int_equal(amendment->order_id, id);
    seen_amended++;
}

static void print(void) {
    unsigned pair = (unsigned)below(2);
    int64_t centre = pair ? 500 * UNIT : STAGE_PRICE;
    int64_t price = near(below(4) ? exchange->pairs[pair].last.units : centre, pair ? 60 : 3000);
    ExchangePrint told = {.time_us = now_us,
                          .price = price_of(price),
                          .quantity = quantity_of(below(5) ? below(300) * (UNIT / 100) : 0),
                          .buyer_is_maker = below(2)};
    exchange_print(exchange, pair, &told);
}

static void halt(void) {
    static const ExchangeTrading states[] = {EXCHANGE_HALT, EXCHANGE_BREAK, EXCHANGE_CANCEL_ONLY,
                                             EXCHANGE_GONE};
    unsigned pair = (unsigned)below(2);
    exchange_set_trading(exchange, pair, states[below(20) ? below(3) : 3], now_us);
    print();
    place();
    exchange_set_trading(exchange, pair, EXCHANGE_TRADING, now_us);
}

static void operate(void) {
    ExchangeFault fault;
    int64_t kind = below(100);
    now_us += 1 + below(2000000);
    if (kind < 40)
        print();
    else if (kind < 65)
        place();
    else if (kind < 77)
        place_list();
    else if (kind < 85)
        amend();
    else if (kind < 99)
        (void)!exchange_cancel(exchange, any_open(), "", now_us, &fault);
    else
        halt();
}

/* ---- what must hold ------------------------------------------------------------------------ */

static void book_fill(const ExchangeFill *fill) {
    const ExchangePair *pair = &exchange->pairs[fill->pair];
    Money *assets = books.assets[fill->account];
    int sign = fill->side == SIDE_BUY ? 1 : -1;
    assert_true(fill->quantity.units > 0 && fill->price.units > 0 && fill->fee.units >= 0);
    assert_int_equal(fill->quantity.units % pair->symbol.filters.step.units, 0);
    assert_true(price_times_quantity(fill->price, fill->quantity).money.units == fill->quote.units);
    assets[pair->base].units += sign * fill->quantity.units;
    assets[pair->quote].units -= sign * fill->quote.units;
    assets[fill->fee_asset].units -= fill->fee.units;
}

static void check_fill(const ExchangeFill *fill) {
    const ExchangeOrder *order = exchange_order(exchange, fill->order_id);
    book_fill(fill);
    if (!order || order->wish.price.units == 0) return;
    if (fill->side == SIDE_BUY)
        assert_true(fill->price.units <= order->wish.price.units);
    else
        assert_true(fill->price.units >= order->wish.price.units);
    if (fill->maker) assert_int_equal(fill->price.units, order->wish.price.units);
}

static void check_events(void) {
    const ExchangeEvent *event;
    int64_t execution = 0;
    while ((event = exchange_next_event(exchange))) {
        if (event->kind != EXCHANGE_EXECUTION) continue;
        assert_true(event->execution_id > execution);
        execution = event->execution_id;
        assert_int_equal(event->account, event->order.wish.account);
        seen_status[event->order.status]++;
        seen_reason[event->order.reason]++;
        if (event->execution == EXECUTION_TRADE)
            assert_non_null(exchange_fill(exchange, event->fill_id));
        if (event->execution == EXECUTION_PREVENTED) seen_prevented++;
    }
}

static void check_all(bool deeply) {
    while (books.fills < exchange->fill_count) {
        const ExchangeFill *fill = exchange_fill(exchange, ++books.fills);
        const ExchangeFill *next = exchange_fill(exchange, books.fills + 1);
        assert_non_null(fill);
        check_fill(fill);
        if (next && fill->maker && !next->maker && next->price.units == fill->price.units &&
            next->side != fill->side && next->quantity.units == fill->quantity.units)
            seen_crossed++;
    }
    for (unsigned i = 0; i < ACCOUNTS; i++)
        for (unsigned k = 0; k < exchange->asset_count; k++) {
            const ExchangeBalance *held = &exchange->accounts[i].balances[k];
            assert_true(held->free.units >= 0 && held->locked.units >= 0);
            assert_true(held->free.units + held->locked.units == books.assets[i][k].units);
        }
    check_events();
    const char *wrong = deeply ? exchange_audit(exchange) : NULL;
    if (wrong) print_error("%s\n", wrong);
    assert_null(wrong);
}

static void run(uint64_t seed, ExchangeQueue queue, bool in_bnb, unsigned operations) {
    begin(seed, queue, in_bnb);
    for (unsigned i = 0; i < operations; i++) {
        operate();
        check_all(i % 16 == 0);
    }
    check_all(true);
    free(exchange);
}

/* ---- the tests ----------------------------------------------------------------------------- */

static void it_agrees_with_itself(void **state) {
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        run(100 + i, i % 2 ? EXCHANGE_QUEUE_TRADES : EXCHANGE_QUEUE_SHARE, i > 1, OPERATIONS / 4);
    for (ExchangeStatus status = 0; status < EXCHANGE_STATUS_COUNT; status++)
        assert_true(seen_status[status] > 0);
    for (ExchangeReason reason = 0; reason < EXCHANGE_REASON_COUNT; reason++)
        if (!seen_reason[reason]) print_error("never: %s\n", exchange_reason_name(reason));
    for (ExchangeReason reason = 0; reason < EXCHANGE_REASON_COUNT; reason++)
        assert_true(seen_reason[reason] > 0);
    for (ExchangeListKind kind = 0; kind < EXCHANGE_LIST_KIND_COUNT; kind++)
        assert_true(seen_kind[kind] > 100);
    assert_true(seen_amended > 1000 && seen_prevented > 500 && seen_crossed > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_agrees_with_itself)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
