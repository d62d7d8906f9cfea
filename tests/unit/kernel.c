/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who speaks next: three small services tell what they hear, and the kernel's order, timers, counts
 * and refusals are read off the list. What must never happen ends the process; those tries run in
 * one of their own.
 */
#include "check_aborts.h"

#include <sys/wait.h>

#include "unit.h"

#include "core/kernel/kernel.h"

typedef struct Heard {
    char service; /* a, b, z */
    Topic topic;
    uint64_t sequence;
    unsigned timer;
} Heard;

static Heard heard[64];
static unsigned heard_count;
static bool answers_forever, says_undeclared;

static void note(char service, const Message *message) {
    const TimerDue *due = message->payload;
    unsigned timer = message->topic == TOPIC_TIMERS ? (unsigned)due->timer : 0;
    if (heard_count < sizeof heard / sizeof heard[0])
        heard[heard_count++] = (Heard){service, (Topic)message->topic, message->sequence, timer};
}

/* ---- the services: `a` and `z` stand at the market's stage, `b` before them, at the venue's ----
 */

static size_t small(const Settings *settings) {
    (void)settings;
    return sizeof(int64_t);
}

static void zero(void *state, const Settings *settings) {
    (void)settings;
    *(int64_t *)state = 0;
}

static void refuse(Outbox *outbox, int64_t time_us) {
    Refusal *refusal = outbox_publish(outbox, TOPIC_REFUSALS);
    refusal->time = time_us;
}

/* Answers a price with two messages, a control with timers, the turn's end with one more message.
 */
static void step_a(void *state, const Message *message, Outbox *outbox) {
    note('a', message);
    ++*(int64_t *)state;
    if (says_undeclared) outbox_publish(outbox, TOPIC_TRADES);
    if (message->topic == TOPIC_PRICES) {
        refuse(outbox, message->time_us);
        refuse(outbox, message->time_us);
    }
    if (message->topic == TOPIC_CONTROLS) {
        outbox_timer(outbox, 2, message->time_us + 20);
        outbox_timer(outbox, 1, message->time_us + 20);
        outbox_timer(outbox, 3, message->time_us + 10);
        outbox_timer(outbox, 4, message->time_us + 5);
        outbox_timer(outbox, 4, message->time_us + 30); /* the new time replaces the old one */
    }
    if (message->topic == TOPIC_TURN_ENDS) refuse(outbox, message->time_us);
    if (message->topic == TOPIC_REFUSALS && answers_forever) refuse(outbox, message->time_us);
}

static void step_b(void *state, const Message *message, Outbox *outbox) {
    note('b', message);
    ++*(int64_t *)state;
    if (message->topic == TOPIC_CONTROLS) outbox_timer(outbox, 1, message->time_us + 20);
    if (message->topic == TOPIC_PRICES) outbox_log(outbox, LOG_INFO, "heard %d of %s", 1, "it");
}

static void step_z(void *state, const Message *message, Outbox *outbox) {
    (void)outbox;
    note('z', message);
    ++*(int64_t *)state;
}

static const Service service_a = {
    .name = "a",
    .label = "A",
    .stage = STAGE_MARKET,
    HEARS(TOPIC_PRICES, TOPIC_CONTROLS, TOPIC_TIMERS, TOPIC_TURN_ENDS, TOPIC_REFUSALS),
    SAYS(TOPIC_REFUSALS),
    .state_size = small,
    .init = zero,
    .step = step_a};
static const Service service_b = {.name = "b",
                                  .label = "B",
                                  .stage = STAGE_VENUE,
                                  HEARS(TOPIC_PRICES, TOPIC_CONTROLS, TOPIC_TIMERS, TOPIC_REFUSALS),
                                  SAYS(TOPIC_REFUSALS),
                                  .state_size = small,
                                  .init = zero,
                                  .step = step_b};
static const Service service_z = {.name = "z",
                                  .label = "Z",
                                  .stage = STAGE_MARKET,
                                  HEARS(TOPIC_PRICES, TOPIC_REFUSALS, TOPIC_TURN_ENDS),
                                  SAYS(TOPIC_REFUSALS),
                                  .state_size = small,
                                  .init = zero,
                                  .step = step_z};
static const Service *const services[] = {&service_a, &service_b, &service_z};

static Settings settings;
static KernelPlan plan;
static Kernel *kernel;
static void *memory;

static int open_kernel(void **state) {
    (void)state;
    heard_count = 0;
    answers_forever = says_undeclared = false;
    settings_presets(&settings);
    plan = (KernelPlan){.services = services, .service_count = 3, .settings = &settings};
    size_t size = (kernel_size(&plan) + 15) & ~(size_t)15;
    memory = aligned_alloc(16, size);
    if (!memory) return -1;
    memset(memory, 0, size);
    kernel = kernel_init(memory, &plan);
    return 0;
}

static int close_kernel(void **state) {
    (void)state;
    free(memory);
    return 0;
}

static bool price_at(int64_t time_us) {
    PriceMove move = {.symbol = "BTCUSDC", .price = {1}, .high = {1}, .low = {1}};
    Error error;
    return kernel_input(kernel, TOPIC_PRICES, time_us, &move, &error);
}

static void control_at(int64_t time_us) {
    Control control = {.level = KILL_PAUSE, .by = "test"};
    Error error;
    assert_true(kernel_input(kernel, TOPIC_CONTROLS, time_us, &control, &error));
    kernel_turn(kernel);
}

static void expect_heard(const char *list) {
    char found[256] = "";
    for (unsigned i = 0; i < heard_count; i++) {
        char one[16];
        snprintf(one, sizeof one, "%c%d%s", heard[i].service, (int)heard[i].sequence,
                 i + 1 < heard_count ? " " : "");
        strcat(found, one);
    }
    assert_string_equal(found, list);
    heard_count = 0;
}

/* ---- order --------------------------------------------------------------------------------- */

/* Prices are 1 and 2. b hears first (its stage), then a, then z (by name); effects come behind all
 * inputs, in the order in which they were said: log 3 and refusals 4, 5 of price 1, then 6, 7, 8 of
 * price 2; the end is 9, and what is said there is 10. */
static void test_sequence_then_stage_then_name(void **state) {
    (void)state;
    assert_true(price_at(1000));
    assert_true(price_at(1000));
    kernel_turn(kernel);
    expect_heard("b1 a1 z1 b2 a2 z2 b4 a4 z4 b5 a5 z5 b7 a7 z7 b8 a8 z8 a9 z9 b10 a10 z10");
    uint64_t sequence = 0;
    unsigned ends = 0;
    for (const Message *m = kernel_first(kernel); m; m = kernel_next(kernel, m)) {
        assert_int_equal(m->sequence, ++sequence);
        assert_int_equal(m->time_us, 1000);
        const TurnEnd *end = m->payload;
        if (m->topic != TOPIC_TURN_ENDS) continue;
        ends++;
        assert_int_equal(end->inputs, 2);
        assert_int_equal(end->instant, 1000);
    }
    assert_int_equal(ends, 1);
    assert_int_equal(kernel_sequence(kernel), 10);
    assert_int_equal(kernel_time(kernel), 1000);
}

static void test_a_turn_without_inputs_is_none(void **state) {
    (void)state;
    kernel_turn(kernel);
    assert_null(kernel_first(kernel));
    assert_true(price_at(5));
    kernel_turn(kernel);
    assert_non_null(kernel_first(kernel));
    kernel_turn(kernel);
    assert_null(kernel_first(kernel));
    assert_int_equal(kernel_time(kernel), 5);
}

static void test_counts(void **state) {
    (void)state;
    assert_true(price_at(1000));
    kernel_turn(kernel);
    KernelCounts a = kernel_counts(kernel, 0), b = kernel_counts(kernel, 1),
                 z = kernel_counts(kernel, 2);
    assert_true(a.heard == 5 && a.said == 3 && a.last_us == 1000); /* price, 2 + 1 refusals, end */
    assert_true(b.heard == 4 && b.said == 1);
    assert_true(z.heard == 5 && z.said == 0);
    assert_int_equal(*(const int64_t *)kernel_service_state(kernel, "a"), 5);
    assert_null(kernel_service_state(kernel, "nobody"));
}

/* ---- refused inputs ------------------------------------------------------------------------ */

static void test_a_bad_input_is_not_queued(void **state) {
    (void)state;
    PriceMove bad = {.symbol = "BTCUSDC", .price = {1}, .high = {-1}, .low = {1}};
    Error error = {.code = ERROR_NONE};
    assert_false(kernel_input(kernel, TOPIC_PRICES, 1000, &bad, &error));
    assert_int_equal(error.code, ERROR_RANGE);
    assert_string_equal(error.where, "high");
    kernel_turn(kernel);
    assert_int_equal(heard_count, 0);
    assert_int_equal(kernel_sequence(kernel), 0);
    assert_true(price_at(500)); /* nor did it move the time */
    assert_false(kernel_input(kernel, TOPIC_PRICES, 500, &bad, &error));
    kernel_turn(kernel);
    expect_heard("b1 a1 z1 b3 a3 z3 b4 a4 z4 a5 z5 b6 a6 z6");
}

/* ---- timers -------------------------------------------------------------------------------- */

static void expect_timers(const char *list) {
    char found[64] = "";
    for (unsigned i = 0; i < heard_count; i++) {
        if (heard[i].topic != TOPIC_TIMERS) continue;
        char one[16];
        snprintf(one, sizeof one, "%c%u ", heard[i].service, heard[i].timer);
        strcat(found, one);
    }
    assert_string_equal(found, list);
    heard_count = 0;
}

static void turn_of_timers(int64_t time_us) {
    kernel_input_timers(kernel, time_us);
    kernel_turn(kernel);
}

static void test_timers_come_in_order_to_who_asked(void **state) {
    (void)state;
    assert_true(kernel_timer_due(kernel) == INT64_MAX);
    control_at(100);
    heard_count = 0;
    assert_int_equal(kernel_timer_due(kernel), 110);
    turn_of_timers(109);
    assert_int_equal(heard_count, 0);
    turn_of_timers(125); /* by due time, service, id */
    expect_timers("a3 a1 a2 b1 ");
    assert_int_equal(kernel_timer_due(kernel), 130);
    turn_of_timers(130);
    expect_timers("a4 ");
    assert_true(kernel_timer_due(kernel) == INT64_MAX);
}

/* In a replay the journal says that a timer came due; it is then spent. */
static void test_a_replayed_timer_is_spent(void **state) {
    (void)state;
    TimerDue due = {.service = "a", .timer = 3};
    Error error;
    control_at(100);
    heard_count = 0;
    assert_true(kernel_input(kernel, TOPIC_TIMERS, 110, &due, &error));
    kernel_turn(kernel);
    expect_timers("a3 ");
    assert_int_equal(kernel_timer_due(kernel), 120);
    TimerDue strange = {.service = "nobody", .timer = 200}; /* nobody asked: nobody hears */
    assert_true(kernel_input(kernel, TOPIC_TIMERS, 111, &strange, &error));
    kernel_turn(kernel);
    expect_timers("");
    assert_int_equal(kernel_timer_due(kernel), 120);
}

/* ---- the snapshot's block ------------------------------------------------------------------ */

static void test_the_block_is_all_there_is(void **state) {
    size_t size;
    control_at(100);
    assert_true(price_at(101));
    kernel_turn(kernel);
    void *copy = malloc(LIMIT_TURN_BYTES);
    assert_non_null(copy);
    void *block = kernel_state(kernel, &size);
    memcpy(copy, block, size);
    close_kernel(state);
    assert_int_equal(open_kernel(state), 0);
    memcpy(kernel_state(kernel, &size), copy, size);
    free(copy);
    assert_int_equal(kernel_time(kernel), 101);
    assert_int_equal(kernel_timer_due(kernel), 110);
    assert_int_equal(*(const int64_t *)kernel_service_state(kernel, "z"), 7);
    turn_of_timers(125);
    expect_timers("a3 a1 a2 b1 ");
}

static void test_layout_tells_plans_apart(void **state) {
    (void)state;
    KernelPlan fewer = plan;
    fewer.service_count = 2;
    assert_true(kernel_layout(&plan) == kernel_layout(&plan));
    assert_true(kernel_layout(&plan) != kernel_layout(&fewer));
}

/* ---- what must never happen ---------------------------------------------------------------- */

static void run_backwards(void) {
    price_at(1000);
    kernel_turn(kernel);
    price_at(999);
}

static void mix_times(void) {
    price_at(1000);
    price_at(1001);
}

static void answer_forever(void) {
    answers_forever = true;
    price_at(1000);
    kernel_turn(kernel);
}

static void say_undeclared(void) {
    says_undeclared = true;
    price_at(1000);
    kernel_turn(kernel);
}

static void snapshot_in_a_turn(void) {
    size_t size;
    price_at(1000);
    kernel_state(kernel, &size);
}

static void test_bugs_stop_the_program(void **state) {
    (void)state;
    void (*const bugs[])(void) = {run_backwards, mix_times, answer_forever, say_undeclared,
                                  snapshot_in_a_turn};
    for (unsigned i = 0; i < sizeof bugs / sizeof bugs[0]; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            fclose(stderr);
            bugs[i]();
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

#define ON_A_KERNEL(test) cmocka_unit_test_setup_teardown(test, open_kernel, close_kernel)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_A_KERNEL(test_sequence_then_stage_then_name),
        ON_A_KERNEL(test_a_turn_without_inputs_is_none),
        ON_A_KERNEL(test_counts),
        ON_A_KERNEL(test_a_bad_input_is_not_queued),
        ON_A_KERNEL(test_timers_come_in_order_to_who_asked),
        ON_A_KERNEL(test_a_replayed_timer_is_spent),
        ON_A_KERNEL(test_the_block_is_all_there_is),
        ON_A_KERNEL(test_layout_tells_plans_apart),
        ON_A_KERNEL(test_bugs_stop_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
