/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order protocol from start to end on a quiet venue: reconciliation before the first order,
 * entries, protections, fills by every channel, moves of the stop, cancels.
 */
#include "protocol_stage.h"

extern const Service service_binance_venue;
const Service *const service_table[] = {&service_binance_venue};
const unsigned service_count = 1;

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

static void test_ready_after_everything_was_asked(void **state) {
    (void)state;
    print_message("%s: %s\n", VenueCondition_text(stage.state.condition), stage.state.text);
    assert_int_equal(stage.state.condition, VENUE_READY);
    assert_true(stage.opening.amount.units == 10000 * (__int128)UNIT);
    assert_int_equal(stage.request_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ready_after_everything_was_asked, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
