/* SPDX-License-Identifier: Apache-2.0 */
/* The ring of booked trades against a model that forgets nothing: an id is new once, whatever the
 * order, as long as it is not later than the ring holds. */
#include "check_aborts.h"

#include "core/base/random.h"
#include "core/protocol/trade_ring.h"

#define IDS 20000

static void test_each_id_is_new_once(void **state) {
    (void)state;
    static TradeRing ring;
    static bool known[IDS + 64];
    Random random = random_stream(5, 5);
    unsigned repeated = 0;
    trade_ring_init(&ring);
    for (int64_t next = 0; next < IDS; next++) {
        int64_t late = random_below(&random, 20); /* overtaken by at most twenty */
        int64_t id = next > late ? next - late : next;
        assert_int_equal(trade_ring_has(&ring, id), known[id]);
        assert_int_equal(trade_ring_add(&ring, id), !known[id]);
        repeated += known[id];
        known[id] = true;
    }
    assert_true(repeated > 1000);
    assert_int_equal(ring.count, TRADE_RING_MAX);
}

static void test_what_has_left_counts_as_known(void **state) {
    (void)state;
    static TradeRing ring;
    trade_ring_init(&ring);
    assert_true(trade_ring_add(&ring, 0));
    for (int64_t id = 1; id <= TRADE_RING_MAX; id++)
        assert_true(trade_ring_add(&ring, 1000 - id));
    assert_int_equal(ring.left, 0); /* the smallest, not the oldest */
    assert_false(trade_ring_add(&ring, 0));
    assert_true(trade_ring_add(&ring, 1));
    assert_false(trade_ring_add(&ring, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_id_is_new_once),
        cmocka_unit_test(test_what_has_left_counts_as_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
