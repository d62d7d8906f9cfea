/* SPDX-License-Identifier: Apache-2.0 */
/* The states of an order are a closed table: every pair is here, written down a second time. */
#include "check_aborts.h"
#include "unit.h"

#include "core/market/order.h"

/* Rows: from; columns: to, in order of OrderState. INTENT ACKED PARTIAL FILLED CANCELED REJECTED
 * EXPIRED UNKNOWN NEVER */
static const char *const table[OrderState_COUNT] = {
    [ORDER_INTENT] = "011101110",
    [ORDER_ACKED] = "001110110",
    [ORDER_PARTIALLY_FILLED] = "001110110",
    [ORDER_FILLED] = "000000000",
    [ORDER_CANCELED] = "000000000",
    [ORDER_REJECTED] = "000000000",
    [ORDER_EXPIRED] = "000000000",
    [ORDER_UNKNOWN] = "011111101",
    [ORDER_NEVER_ARRIVED] = "000000000",
};

static void test_every_pair(void **state) {
    (void)state;
    assert_int_equal(OrderState_COUNT, 9);
    for (OrderState from = 0; from < OrderState_COUNT; from++)
        for (OrderState to = 0; to < OrderState_COUNT; to++)
            assert_int_equal(order_may_become(from, to), table[from][to] == '1');
}

static void test_terminal_states_are_never_left(void **state) {
    (void)state;
    for (OrderState from = 0; from < OrderState_COUNT; from++)
        assert_int_equal(order_is_terminal(from), strchr(table[from], '1') == NULL);
}

/* Nothing comes back to its intent, and every state that is not terminal can still end. */
static void test_the_table_leads_to_an_end(void **state) {
    (void)state;
    for (OrderState from = 0; from < OrderState_COUNT; from++) {
        assert_false(order_may_become(from, ORDER_INTENT));
        if (order_is_terminal(from)) continue;
        assert_true(order_may_become(from, ORDER_FILLED));
        assert_true(order_may_become(from, ORDER_EXPIRED));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_terminal_states_are_never_left),
        cmocka_unit_test(test_the_table_leads_to_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
