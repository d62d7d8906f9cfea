/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of open orders that come in several replies: others may let 200 orders rest on a symbol,
 * which is more than one message holds. All pieces are one list, and one that is spoilt is none.
 */
#include "protocol_strangers.h"

static void reconcile(void) {
    stage_link(LINK_USER_UP);
    stage_pass(INSTANT_SECOND_US);
}

static void crowd(unsigned count) {
    char name[40];
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof name, "web_%u", i);
        stranger(name, "NEW");
    }
}

/* As many orders of others as the venue lets rest, in seven replies; ours stand behind them. */
static void test_a_long_list_of_strangers_is_heard_in_pieces(void **state) {
    (void)state;
    crowd(195);
    venue_protected("o-1");
    stage_link(LINK_RESTARTED);
    unsigned asked = stage.questions;
    reconcile();
    assert_int_equal(stage.state.condition, VENUE_READY);
    assert_int_equal(stage.state.foreign_orders, 195);
    for (unsigned i = 0; i < stage.book.order_count; i++)
        assert_true(strcmp(stage.book.orders[i].status, "CANCELED") != 0);
    assert_int_equal(deletes(), 0);
    assert_true(stage.questions - asked < 20); /* in one round, not again and again */
}

/* A list of which a piece cannot be read is no list, whatever its other pieces show. */
static void test_a_list_with_a_spoilt_piece_is_no_list(void **state) {
    (void)state;
    crowd(70);
    for (stage.breaks_at = 1; stage.breaks_at <= 3; stage.breaks_at++) {
        stage_link(LINK_RESTARTED);
        stage_pass(5 * INSTANT_SECOND_US);
        assert_int_equal(stage.state.condition, VENUE_RECONCILING);
    }
    stage.breaks_at = 0;
    stage_pass(INSTANT_MINUTE_US);
    assert_int_equal(stage.state.condition, VENUE_READY);
    assert_int_equal(stage.state.foreign_orders, 70);
}

/* An order of unknown fate that only a list's second piece shows rests, and is not given up. */
static void test_a_later_piece_shows_an_order_in_doubt(void **state) {
    (void)state;
    crowd(70);
    stage_order("o-1", ORDER_ACTION_PROTECT, SIDE_SELL, 200, 9800, 10400);
    VenueRequest request = *stage_last();
    venue_carry_out(&request);
    stage_answer(request.id, OUTCOME_LOST, 0, "cut");
    assert_int_equal(stage_report()->state, ORDER_UNKNOWN);
    stage_pass(2 * INSTANT_MINUTE_US);
    assert_int_equal(stage_report()->state, ORDER_ACKED);
    assert_int_equal(stage.state.unknown_orders, 0);
    assert_int_equal(stage.state.foreign_orders, 70);
}

int main(void) {
#define WITH(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        WITH(test_a_long_list_of_strangers_is_heard_in_pieces),
        WITH(test_a_list_with_a_spoilt_piece_is_no_list),
        WITH(test_a_later_piece_shows_an_order_in_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
