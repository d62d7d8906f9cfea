/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the outside that are open: answers come when they are due, in order of their
 * questions, a bounded number at once; what is out of bounds, too much or lost comes as lost; and
 * each comes exactly once.
 */
#include "unit.h"

#include "check_aborts.h"
#include "core/kernel/outside_queue.h"

enum { HEARD_MAX = 600 };

static struct {
    unsigned count;
    int64_t ids[HEARD_MAX], times[HEARD_MAX];
    OutsideOutcome outcomes[HEARD_MAX];
    size_t lengths[HEARD_MAX];
} heard;

static size_t one_byte(const Settings *settings) {
    (void)settings;
    return 1;
}

static void nothing(void *state, const Settings *settings) {
    (void)state, (void)settings;
}

static void hear(void *state, const Message *message, Outbox *outbox) {
    const OutsideReply *reply = message->payload;
    (void)state, (void)outbox;
    assert_true(heard.count < HEARD_MAX);
    assert_string_equal(reply->service, "asker");
    assert_int_equal(reply->source, OUTSIDE_MODEL);
    heard.ids[heard.count] = reply->id;
    heard.times[heard.count] = message->time_us;
    heard.lengths[heard.count] = strlen(reply->body);
    heard.outcomes[heard.count++] = reply->outcome;
}

static const Service listener = {.name = "listener",
                                 .label = "Listener",
                                 .sentence = "hears",
                                 .stage = STAGE_OBSERVER,
                                 HEARS(TOPIC_OUTSIDE_REPLIES),
                                 SAYS(TOPIC_LOG_LINES),
                                 .state_size = one_byte,
                                 .init = nothing,
                                 .step = hear};

static Settings settings;
static KernelPlan plan;
static Kernel *kernel;
static void *memory;
static OutsideQueue *queue;

static int begin(void **state) {
    static const Service *const services[] = {&listener};
    (void)state;
    settings_presets(&settings);
    plan = (KernelPlan){.services = services, .service_count = 1, .settings = &settings};
    size_t size = (kernel_size(&plan) + 15) & ~(size_t)15;
    memory = aligned_alloc(16, size);
    queue = calloc(1, sizeof *queue);
    if (!memory || !queue) return -1;
    memset(memory, 0, size);
    kernel = kernel_init(memory, &plan);
    memset(&heard, 0, sizeof heard);
    return 0;
}

static int end(void **state) {
    (void)state;
    free(memory);
    free(queue);
    return 0;
}

/* ---- an outside that answers as the question wants ----------------------------------------- */

static OutsideRequest request_of(int64_t id, int64_t latency_us) {
    OutsideRequest request;
    memset(&request, 0, sizeof request);
    strcpy(request.service, "asker");
    request.id = id;
    request.source = OUTSIDE_MODEL;
    request.latency_us = latency_us;
    request.reserved_usd_micro = 7;
    return request;
}

static size_t body_bytes;
static int64_t status;
static unsigned recalls;

static void answer(void *context, const OutsideRequest *request, OutsideReply *reply) {
    (void)context;
    memset(reply, 0, sizeof *reply);
    reply->outcome = OUTSIDE_ANSWERED;
    reply->status = status;
    reply->retry_after_ms = reply->should_retry = -1;
    reply->latency_us = request->latency_us;
    memset(reply->body, 'x', body_bytes);
}

static void recall(void *context, const OutsideRequest *request, OutsideReply *reply) {
    recalls++;
    answer(context, request, reply);
    reply->recorded = true;
}

static const Outside outside = {NULL, answer, recall};

static void ask(int64_t id, int64_t time_us, int64_t latency_us) {
    const OutsideRequest request = request_of(id, latency_us);
    outside_queue_ask(queue, &outside, &request, time_us);
}

static void turn(int64_t time_us) {
    outside_queue_input(queue, kernel, time_us);
    kernel_turn(kernel);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void test_in_order_of_due_time_then_of_asking(void **state) {
    (void)state;
    status = 200;
    body_bytes = 10;
    ask(1, 100, 50);
    ask(2, 100, 20);
    ask(3, 100, 50);
    ask(4, 110, 10);
    assert_int_equal(outside_queue_due(queue), 120);
    turn(119);
    assert_int_equal(heard.count, 0);
    turn(120);
    turn(200);
    const int64_t expected[] = {2, 4, 1, 3};
    assert_int_equal(heard.count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(heard.ids[i], expected[i]);
    assert_int_equal(heard.times[0], 120);
    assert_int_equal(outside_queue_due(queue), INT64_MAX);
    assert_int_equal(queue->used, 0);
}

static void test_a_flood_comes_by_and_by(void **state) {
    (void)state;
    for (int64_t id = 1; id <= 500; id++)
        ask(id, 0, 5);
    for (int64_t at = 5; heard.count < 500; at++) {
        unsigned before = heard.count;
        turn(at);
        assert_in_range(heard.count - before, 1, 20);
    }
    for (unsigned i = 0; i < 500; i++)
        assert_int_equal(heard.ids[i], i + 1);
}

static void test_too_much_and_out_of_bounds_is_lost(void **state) {
    (void)state;
    status = 200;
    body_bytes = 50000;
    for (int64_t id = 1; id <= 40; id++)
        ask(id, 0, 5); /* two megabytes: one is kept */
    status = 5000;
    body_bytes = 1;
    ask(41, 0, 5);
    status = 200;
    for (unsigned i = 0; i < 5; i++)
        turn(5);
    assert_int_equal(heard.count, 41);
    unsigned whole = 0, lost = 0;
    for (unsigned i = 0; i < 40; i++) {
        whole += heard.outcomes[i] == OUTSIDE_ANSWERED && heard.lengths[i] == 50000;
        lost += heard.outcomes[i] == OUTSIDE_LOST;
    }
    assert_true(whole >= 20 && whole + lost == 40 && lost > 0);
    assert_int_equal(heard.outcomes[40], OUTSIDE_LOST);
    assert_int_equal(queue->used, 0);
}

static void test_open_ones_are_closed_once_or_recalled(void **state) {
    (void)state;
    uint64_t calls, cost;
    body_bytes = 3;
    for (int64_t id = 1; id <= 5; id++) {
        const OutsideRequest request = request_of(id, 1000);
        outside_queue_open(queue, &request, 100);
    }
    assert_int_equal(outside_queue_due(queue), INT64_MAX);
    outside_queue_unheard(queue, &calls, &cost);
    assert_true(calls == 5 && cost == 35);
    assert_true(outside_queue_close(queue, "asker", 3));
    assert_false(outside_queue_close(queue, "asker", 3));
    assert_false(outside_queue_close(queue, "other", 4));
    recalls = 0;
    outside_queue_recall(queue, &outside, 0);
    assert_int_equal(recalls, 4);
    outside_queue_recall(queue, &outside, 0); /* what has an answer is not recalled again */
    assert_int_equal(recalls, 4);
    assert_int_equal(outside_queue_due(queue), 1100); /* when it would have come */
    outside_queue_unheard(queue, &calls, &cost);
    assert_true(calls == 0 && cost == 0); /* out of the record */
    turn(1100);
    const int64_t expected[] = {1, 2, 4, 5};
    assert_int_equal(heard.count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(heard.ids[i], expected[i]);
}

static void test_what_the_program_fails_on_is_lost(void **state) {
    (void)state;
    body_bytes = 100;
    ask(1, 0, 5);
    ask(2, 0, 50);
    outside_queue_lose(queue, 10);
    turn(10);
    turn(50);
    assert_int_equal(heard.outcomes[0], OUTSIDE_LOST);
    assert_int_equal(heard.outcomes[1], OUTSIDE_ANSWERED);
    assert_int_equal(heard.lengths[1], 100);
}

static void test_where_nothing_answers_everything_is_missing(void **state) {
    (void)state;
    const Outside none = {0};
    const OutsideRequest request = request_of(1, 40);
    outside_queue_ask(queue, &none, &request, 2);
    turn(42);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.outcomes[0], OUTSIDE_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_in_order_of_due_time_then_of_asking, begin, end),
        cmocka_unit_test_setup_teardown(test_a_flood_comes_by_and_by, begin, end),
        cmocka_unit_test_setup_teardown(test_too_much_and_out_of_bounds_is_lost, begin, end),
        cmocka_unit_test_setup_teardown(test_open_ones_are_closed_once_or_recalled, begin, end),
        cmocka_unit_test_setup_teardown(test_what_the_program_fails_on_is_lost, begin, end),
        cmocka_unit_test_setup_teardown(test_where_nothing_answers_everything_is_missing, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
