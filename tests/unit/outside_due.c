/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When an answer is due: whatever latency a recorded answer bears, it is due at the limit of its
 * question at the latest, so that one file of a record cannot fill the list.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/instant.h"
#include "core/kernel/outside_queue.h"

static OutsideQueue queue;

/* An answer out of a record, of the latency that `context` points to. */
static void recorded(void *context, const OutsideRequest *request, OutsideReply *reply) {
    memset(reply, 0, sizeof *reply);
    (void)request;
    reply->outcome = OUTSIDE_ANSWERED;
    reply->status = 200;
    reply->retry_after_ms = reply->should_retry = -1;
    reply->recorded = true;
    reply->latency_us = *(const int64_t *)context;
}

static int64_t due_of(int64_t latency_us, int64_t timeout_ms) {
    const Outside outside = {.context = &latency_us, .ask = recorded};
    OutsideRequest request = {.id = 1, .timeout_ms = timeout_ms, .latency_us = 6};
    memset(&queue, 0, sizeof queue);
    outside_queue_ask(&queue, &outside, &request, 1000);
    return outside_queue_due(&queue) - 1000;
}

static void an_answer_is_due_at_its_latency(void **state) {
    (void)state;
    assert_int_equal(due_of(5, 1), 5);
    assert_int_equal(due_of(1000, 1), 1000);
    assert_int_equal(due_of(5 * INSTANT_DAY_US, 0), 5 * INSTANT_DAY_US); /* no limit was named */
}

static void a_slow_one_is_due_at_the_limit(void **state) {
    (void)state;
    assert_int_equal(due_of(1001, 1), 1000);
    assert_int_equal(due_of(11 * INSTANT_DAY_US, 60000), INSTANT_MINUTE_US);
}

/* The limit stands with the question, and so holds for what a recovery recalls. */
static void a_recalled_answer_has_the_same_limit(void **state) {
    (void)state;
    int64_t latency_us = INSTANT_DAY_US;
    const Outside outside = {.context = &latency_us, .recall = recorded};
    OutsideRequest request = {.id = 1, .timeout_ms = 60000, .latency_us = 6};
    memset(&queue, 0, sizeof queue);
    outside_queue_open(&queue, &request, 1000);
    outside_queue_recall(&queue, &outside, 0);
    assert_int_equal(outside_queue_due(&queue), 1000 + INSTANT_MINUTE_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_due_at_its_latency),
        cmocka_unit_test(a_slow_one_is_due_at_the_limit),
        cmocka_unit_test(a_recalled_answer_has_the_same_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
