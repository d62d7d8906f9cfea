/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of the order protocol over random sequences: whatever the pieces, their order, what comes
 * twice and what is dropped, every trade is booked exactly once (against an exact model); and a
 * state that is moved into a fresh kernel after every single turn says the same as one that never
 * was.
 */
#include "protocol_venue.h"

#include "core/base/random.h"

extern const Service service_binance_venue, service_trade_executor;
const Service *const service_table[] = {&service_binance_venue, &service_trade_executor};
const unsigned service_count = 2;

#define FILLS_OF_ORDER 200
/* Through frames, kernel and protocol: some seconds. LAW_FILLS=1000000 plays the full loop. */
#define FILLS 200000

/* ---- every trade once ----------------------------------------------------------------------- */

typedef struct Delivery {
    BookTrade trade;
    int64_t executed; /* after it */
    bool last;
} Delivery;

static Delivery deliveries[FILLS_OF_ORDER * 2];

/* Cuts 0.001 to 1 BTC a piece; a fifth comes twice, a tenth never, and neighbours change places. */
static unsigned plan_fills(Random *random, BookOrder *order, unsigned count, unsigned *planned) {
    unsigned said = 0;
    for (unsigned i = 0; i < count; i++) {
        int64_t left = order->quantity - order->executed;
        int64_t pieces = left / (UNIT / 1000) - (count - 1 - i);
        int64_t milli = i + 1 == count
                            ? left / (UNIT / 1000)
                            : 1 + random_below(random, (uint32_t)(pieces < 1000 ? pieces : 1000));
        int64_t cents = 9000 + random_below(random, 2000);
        Delivery delivery = {.trade = *stage_book_trade(order, ++venue_trades, milli, cents)};
        delivery.executed = order->executed;
        delivery.last = i + 1 == count;
        if (random_below(random, 10) == 0) continue;
        deliveries[said++] = delivery;
        if (random_below(random, 5) == 0) deliveries[said++] = delivery;
    }
    for (unsigned i = 0; i + 1 < said; i++) {
        if (random_below(random, 3) != 0) continue;
        unsigned other = i + 1 + random_below(random, said - i - 1 < 20 ? said - i - 1 : 20);
        Delivery moved = deliveries[i];
        deliveries[i] = deliveries[other];
        deliveries[other] = moved;
    }
    *planned = count;
    return said;
}

static void deliver(const BookOrder *order, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        BookOrder then = *order;
        then.executed = deliveries[i].executed;
        then.status = deliveries[i].last ? "FILLED" : "PARTIALLY_FILLED";
        stage_event(&then, "TRADE", &deliveries[i].trade);
    }
}

static void expect_booked_once(const BookOrder *order) {
    int64_t quantity = 0, fees = 0, model_fees = 0;
    unsigned fills = 0;
    for (unsigned i = 0; i < stage.report_count; i++) {
        const ExecutionReport *report = &stage.reports[i];
        if (report->quantity.units == 0) continue;
        fills++;
        quantity += report->quantity.units;
        fees += (int64_t)report->fee.units;
        for (unsigned j = 0; j < i; j++)
            assert_true(stage.reports[j].quantity.units == 0 ||
                        stage.reports[j].trade_id != report->trade_id);
    }
    for (unsigned i = 0; i < stage.book.trade_count; i++)
        model_fees += stage.book.trades[i].fee;
    assert_int_equal(fills, stage.book.trade_count);
    assert_int_equal(quantity, order->quantity);
    assert_int_equal(fees, model_fees);
    assert_int_equal(stage_report()->state, ORDER_FILLED);
}

static void test_every_trade_is_booked_once(void **state) {
    (void)state;
    Random random = random_stream(17, 4);
    const char *wanted = getenv("LAW_FILLS");
    unsigned fills = 0, orders = 0, most = wanted ? (unsigned)atoi(wanted) : FILLS;
    stage_begin(service_table, 1);
    while (fills < most) {
        char id[40];
        unsigned planned, count = 1 + random_below(&random, FILLS_OF_ORDER);
        stage.book.order_count = stage.book.trade_count = 0;
        stage.request_count = stage.report_count = 0;
        snprintf(id, sizeof id, "o-%u", ++orders);
        stage_order(id, ORDER_ACTION_PROTECT, SIDE_SELL, 1000 + 500 * (int64_t)count, 8000, 12000);
        venue_serve(0);
        BookOrder *order = &stage.book.orders[random_below(&random, 2)];
        unsigned said = plan_fills(&random, order, count, &planned);
        deliver(order, said);
        order->status = "FILLED";
        for (unsigned i = 0; i < 2; i++)
            if (&stage.book.orders[i] != order) stage.book.orders[i].status = "EXPIRED";
        stage_link(LINK_USER_UP); /* what was dropped is found by asking */
        stage_pass(2 * INSTANT_SECOND_US);
        expect_booked_once(order);
        fills += count;
    }
    print_message("%u orders, %u fills\n", orders, fills);
    assert_int_equal(stage.errors, 0);
    stage_end();
}

/* ---- a snapshot at every step -----------------------------------------------------------------
 */

static void buy(unsigned number) {
    RiskVerdict verdict = {.symbol = "BTCUSDC",
                           .decision = DECISION_BUY,
                           .size_fraction = 0.1,
                           .stop_loss_fraction = 0.02,
                           .take_profit_fraction = 0.04,
                           .market_timestamp = stage.now_us,
                           .price = price_of(100 * UNIT)};
    snprintf(verdict.signal_id, sizeof verdict.signal_id, "s-%u", number);
    stage_say(TOPIC_RISK_ENRICHED_SIGNALS, &verdict);
}

/* One of the fates of a request, drawn. */
static void befall(Random *random, const VenueRequest *request) {
    bool executed = random_below(random, 2) == 0;
    unsigned fate = random_below(random, 6);
    if (fate > 2 || executed) {
        int status = venue_carry_out(request);
        if (fate > 2) {
            stage_answer(request->id, OUTCOME_ANSWERED, status, venue_body);
            return;
        }
    }
    if (fate == 0)
        stage_answer(request->id, OUTCOME_LOST, 0, "timeout");
    else if (fate == 1)
        stage_answer(request->id, OUTCOME_ANSWERED, 503, "<html>");
    else
        stage_link(LINK_RESTARTED);
}

static void play(bool swaps, uint64_t seed, uint8_t digest[static SHA256_SIZE]) {
    Random random = random_stream(seed, 9);
    venue_ids = 1000;
    venue_trades = 5000;
    stage_begin(service_table, service_count);
    stage.swaps = swaps;
    unsigned served = 0;
    for (unsigned step = 0; step < 60 && stage.book.order_count + 4 < BOOK_MAX; step++) {
        if (random_below(&random, 4) == 0) buy(step);
        stage_price(9500 + random_below(&random, 1000));
        while (served < stage.request_count && stage.book.order_count + 4 < BOOK_MAX) {
            VenueRequest request = stage.requests[served++];
            befall(&random, &request);
        }
        stage_pass((1 + random_below(&random, 20)) * INSTANT_SECOND_US);
    }
    sha256_peek(&stage.digest, digest);
    stage_end();
}

static void test_a_snapshot_at_every_turn_changes_nothing(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint8_t plain[SHA256_SIZE], swapped[SHA256_SIZE];
        play(false, seed, plain);
        play(true, seed, swapped);
        assert_memory_equal(plain, swapped, sizeof plain);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_trade_is_booked_once),
        cmocka_unit_test(test_a_snapshot_at_every_turn_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
