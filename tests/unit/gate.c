/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate as a truth table: each refusal alone, every pair of reasons (the earlier one names it),
 * and every bound one step to each side.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/trade/gate.h"

#define COIN 100000000LL

static const Filters filters = {.tick = {COIN / 100},
                                .step = {1000},
                                .quantity_min = {1000},
                                .quantity_max = {1000 * COIN},
                                .notional_min = {5 * COIN}};

/* An entry of 0.5 at 100 with everything in order. */
static GateAsk good_ask(void) {
    return (GateAsk){.positions = 2,
                     .positions_max = 5,
                     .age_us = 1000,
                     .age_max_us = 120000000,
                     .price = price_of(100 * COIN),
                     .stop = price_of(98 * COIN),
                     .quantity = quantity_of(COIN / 2),
                     .free_quote = money_of(1000 * COIN),
                     .smallest = money_of(40 * COIN),
                     .committed = money_of(100 * COIN),
                     .exposure_max = money_of(800 * COIN),
                     .filters = &filters};
}

/* ---- each reason alone, in the gate's order ------------------------------------------------ */

static void make_paused(GateAsk *ask) { ask->kill = KILL_PAUSE; }
static void make_priceless(GateAsk *ask) { ask->price = price_of(0); }
static void make_stale(GateAsk *ask) { ask->stale = true; }
static void make_old(GateAsk *ask) { ask->age_us = ask->age_max_us + 1; }
static void make_held(GateAsk *ask) { ask->position_open = true; }
static void make_pending(GateAsk *ask) { ask->order_open = true; }
static void make_full(GateAsk *ask) { ask->positions = ask->positions_max; }
static void make_poor(GateAsk *ask) { ask->free_quote = money_of(ask->smallest.units - 1); }
static void make_small(GateAsk *ask) { ask->quantity = quantity_of(1000); }
static void make_exposed(GateAsk *ask) { ask->committed = ask->exposure_max; }
static void make_capped(GateAsk *ask) { ask->cap = money_of(150 * COIN - 1); }
static void make_off_grid(GateAsk *ask) { ask->quantity = quantity_of(ask->quantity.units + 1); }

static const struct Reason {
    void (*make)(GateAsk *ask);
    RefusalCode code;
} reasons[] = {
    {make_paused, DENIED_PAUSED},
    {make_priceless, DENIED_NO_PRICE},
    {make_stale, DENIED_STALE_DATA},
    {make_old, DENIED_EXPIRED},
    {make_held, DENIED_POSITION_OPEN},
    {make_pending, DENIED_ORDER_PENDING},
    {make_full, DENIED_MAX_POSITIONS},
    {make_poor, DENIED_INSUFFICIENT_BALANCE},
    {make_small, DENIED_NOTIONAL_TOO_SMALL},
    {make_exposed, DENIED_EXPOSURE},
    {make_capped, DENIED_FIRST_DAY_CAP}, /* 100 are committed, and 50 are asked */
    {make_off_grid, DENIED_FILTER},
};
#define REASONS (sizeof reasons / sizeof reasons[0])

static void test_good_is_allowed(void **state) {
    (void)state;
    GateAsk ask = good_ask();
    assert_int_equal(gate_entry(&ask), ALLOWED);
}

static void test_each_reason_alone(void **state) {
    (void)state;
    for (unsigned i = 0; i < REASONS; i++) {
        GateAsk ask = good_ask();
        reasons[i].make(&ask);
        assert_int_equal(gate_entry(&ask), reasons[i].code);
    }
}

static void test_the_first_reason_names_it(void **state) {
    (void)state;
    for (unsigned i = 0; i < REASONS; i++)
        for (unsigned k = i + 1; k < REASONS; k++) {
            GateAsk ask = good_ask();
            reasons[k].make(&ask);
            reasons[i].make(&ask);
            assert_int_equal(gate_entry(&ask), reasons[i].code);
        }
}

/* ---- bounds -------------------------------------------------------------------------------- */

static void test_bounds_of_state(void **state) {
    (void)state;
    GateAsk ask = good_ask();
    ask.age_us = ask.age_max_us;
    assert_int_equal(gate_entry(&ask), ALLOWED);
    ask = good_ask();
    ask.positions = ask.positions_max - 1;
    assert_int_equal(gate_entry(&ask), ALLOWED);
    ask.positions = ask.positions_max + 1;
    assert_int_equal(gate_entry(&ask), DENIED_MAX_POSITIONS);
    for (KillLevel level = KILL_PAUSE; level <= KILL_FLATTEN; level++) {
        ask = good_ask();
        ask.kill = level;
        assert_int_equal(gate_entry(&ask), DENIED_PAUSED);
    }
}

/* 0.5 at 100 costs 50: exactly that is enough, one unit less is not. */
static void test_bounds_of_money(void **state) {
    (void)state;
    GateAsk ask = good_ask();
    ask.free_quote = money_of(50 * COIN);
    assert_int_equal(gate_entry(&ask), ALLOWED);
    ask.free_quote = money_of(50 * COIN - 1);
    assert_int_equal(gate_entry(&ask), DENIED_INSUFFICIENT_BALANCE);
    ask = good_ask();
    ask.smallest = ask.free_quote;
    assert_int_equal(gate_entry(&ask), ALLOWED);
    ask = good_ask();
    ask.exposure_max = money_of(150 * COIN);
    assert_int_equal(gate_entry(&ask), ALLOWED);
    ask.exposure_max = money_of(150 * COIN - 1);
    assert_int_equal(gate_entry(&ask), DENIED_EXPOSURE);
}

/* At the stop the position must still be worth 110 % of the venue's smallest order: 5.5 here,
 * 0.0561224... at 98. */
static void test_bound_of_headroom_at_the_stop(void **state) {
    (void)state;
    GateAsk ask = good_ask();
    ask.quantity = quantity_of(5613000); /* 5.50074 at the stop */
    assert_int_equal(gate_entry(&ask), ALLOWED);
    ask.quantity = quantity_of(5612000); /* 5.49976 */
    assert_int_equal(gate_entry(&ask), DENIED_NOTIONAL_TOO_SMALL);
    ask.quantity = quantity_of(0);
    assert_int_equal(gate_entry(&ask), DENIED_NOTIONAL_TOO_SMALL);
    ask = good_ask();
    ask.stop = price_of(0); /* a stop that is no price protects nothing */
    assert_int_equal(gate_entry(&ask), DENIED_NOTIONAL_TOO_SMALL);
}

static void test_every_code_has_words(void **state) {
    (void)state;
    for (RefusalCode code = 0; code < RefusalCode_COUNT; code++) {
        assert_non_null(gate_words(code));
        assert_true(strlen(gate_words(code)) > 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_is_allowed),
        cmocka_unit_test(test_each_reason_alone),
        cmocka_unit_test(test_the_first_reason_names_it),
        cmocka_unit_test(test_bounds_of_state),
        cmocka_unit_test(test_bounds_of_money),
        cmocka_unit_test(test_bound_of_headroom_at_the_stop),
        cmocka_unit_test(test_every_code_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
