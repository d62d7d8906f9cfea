/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the world sends can never stop the program: every service, in the middle of a market, hears every topic that it
 * hears with every field at its lowest, at its highest, each field alone at either end, and at random; alone, and the
 * world's own topics in the whole program too. Each try is a process of its own, so that a CHECK names its cause.
 */
#include "check_aborts.h"

#include <sys/wait.h>

#include "any_message.h"
#include "market_script.h"

#define MINUTES 1300 /* 900 of them before the extremes */
#define BEFORE 900   /* ... and until a position is open */
#define RANDOM_TRIES 400

static Script script;
static char resting[40]; /* id of the protection that rests, while one does */

static void see_resting(void *context, const Message *message) {
    const OrderRecord *order = message->payload;
    (void)context;
    if (message->topic != TOPIC_ORDERS || order->action != ORDER_ACTION_PROTECT) return;
    memset(resting, 0, sizeof resting);
    if (order->state == ORDER_ACKED) memcpy(resting, order->order_id, sizeof resting);
}

/* A known symbol and asset half of the time, so that the message is not simply stepped over. */
static void make_known(const MessageShape *shape, uint8_t *message, Random *random) {
    static const struct {
        const char *field, *value;
    } known[] = {{"symbol", "BTCUSDC"}, {"asset", "USDC"},   {"quote_asset", "USDC"}, {"base_asset", "BTC"},
                 {"fee_asset", "BTC"},  {"order_id", "o-1"}, {"signal_id", "s-1"}};
    if (random_below(random, 4) == 0) return;
    for (unsigned i = 0; i < shape->field_count; i++)
        for (unsigned k = 0; k < sizeof known / sizeof known[0]; k++)
            if (strcmp(shape->fields[i].name, known[k].field) == 0) {
                memset(message + shape->fields[i].offset, 0, shape->fields[i].capacity);
                memcpy(message + shape->fields[i].offset, known[k].value, strlen(known[k].value));
                if (known[k].value[0] == 'o' && resting[0]) memcpy(message + shape->fields[i].offset, resting, sizeof resting);
            }
}

static void hear(KernelStage *stage, Topic topic, const void *message) {
    Error error;
    int64_t now = kernel_time(stage->kernel) + 1;
    if (!kernel_input(stage->kernel, topic, now, message, &error)) {
        fprintf(stderr, "refused within its bounds: %s %s\n", error.where, error.message);
        abort();
    }
    stage_turn(stage);
}

/* Each field alone at one end, the others as in a random message. */
static void hear_each_field(KernelStage *stage, Topic topic, Random *random) {
    static _Alignas(16) uint8_t message[LIMIT_PAYLOAD];
    const MessageShape *shape = topic_message(topic);
    for (unsigned i = 0; i < shape->field_count; i++)
        for (AnyStyle style = ANY_LOWEST; style <= ANY_HIGHEST; style++) {
            any_message(shape, ANY_RANDOM, random, message);
            any_field(&shape->fields[i], style, random, message);
            if (strcmp(shape->fields[i].name, "symbol") != 0) make_known(shape, message, random);
            hear(stage, topic, message);
        }
}

static void hear_extremes(KernelStage *stage, Topic topic) {
    static _Alignas(16) uint8_t message[LIMIT_PAYLOAD];
    const MessageShape *shape = topic_message(topic);
    Random random = random_stream(81, topic);
    for (AnyStyle style = ANY_LOWEST; style <= ANY_HIGHEST; style++)
        for (unsigned known = 0; known < 2; known++) {
            any_message(shape, style, &random, message);
            if (known) make_known(shape, message, &random);
            hear(stage, topic, message);
        }
    hear_each_field(stage, topic, &random);
    for (unsigned i = 0; i < RANDOM_TRIES; i++) {
        any_message(shape, ANY_RANDOM, &random, message);
        make_known(shape, message, &random);
        hear(stage, topic, message);
    }
}

/* The market goes on behind the extremes. */
static void hear_the_rest(KernelStage *stage, size_t at) {
    while (at < script.count && script.inputs[at].time_us <= kernel_time(stage->kernel)) at++;
    stage_play(stage, &script, at, script.count);
}

/* True if a process in which the services hear the market, the extremes, and the market again, ends well. */
static bool survives(const Service *const *services, unsigned count, Topic topic) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        KernelStage stage;
        stage_open(&stage, services, count);
        size_t part = SCRIPT_SYMBOLS + 1 + 2 * SCRIPT_SYMBOLS * BEFORE, at = 0;
        stage.watch = see_resting;
        while (at < part || (count > 1 && !resting[0])) at = stage_instant(&stage, &script, at);
        hear_extremes(&stage, topic);
        hear_the_rest(&stage, at);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A venue that fills more than was asked, again and again, is not believed. */
static void test_too_much_filled(void **state) {
    (void)state;
    KernelStage stage;
    size_t at = 0;
    stage_open(&stage, service_table, service_count);
    stage.watch = see_resting;
    while (!resting[0]) at = stage_instant(&stage, &script, at);
    ExecutionReport report = {.symbol = "BTCUSDC", .state = ORDER_PARTIALLY_FILLED, .side = SIDE_SELL};
    memcpy(report.order_id, resting, sizeof report.order_id);
    report.quantity = quantity_of(INT64_MAX);
    report.price = price_of(DECIMAL_SCALE);
    for (unsigned i = 0; i < 3; i++) {
        hear(&stage, TOPIC_EXECUTION_REPORTS, &report);
        memcpy(report.symbol, "ETHUSDC", 8); /* whichever of the two it is */
    }
    assert_true(resting[0] != 0);
    hear_the_rest(&stage, at);
    stage_close(&stage);
}

static bool is_said(Topic topic) {
    for (unsigned i = 0; i < service_count; i++)
        for (const Topic *said = service_table[i]->says; *said != TOPIC_COUNT; said++)
            if (*said == topic) return true;
    return false;
}

static void test_each_service_alone(void **state) {
    unsigned fallen = 0;
    (void)state;
    for (unsigned i = 0; i < service_count; i++)
        for (const Topic *heard = service_table[i]->hears; *heard != TOPIC_COUNT; heard++) {
            if (*heard == TOPIC_TURN_ENDS || survives(&service_table[i], 1, *heard)) continue;
            print_error("%s falls over %s\n", service_table[i]->name, topic_shapes[*heard].name);
            fallen++;
        }
    assert_int_equal(fallen, 0);
}

/* The venue's word comes from the world, too, as soon as the venue is a real one. */
static void test_the_whole_program(void **state) {
    unsigned fallen = 0;
    (void)state;
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        bool from_world = !is_said(topic) || topic == TOPIC_EXECUTION_REPORTS;
        if (!from_world || topic == TOPIC_TURN_ENDS || survives(service_table, service_count, topic)) continue;
        print_error("the program falls over %s\n", topic_shapes[topic].name);
        fallen++;
    }
    assert_int_equal(fallen, 0);
}

static int open_script(void **state) {
    (void)state;
    script = script_of(12, MINUTES);
    return 0;
}

static int close_script(void **state) {
    (void)state;
    free(script.inputs);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_service_alone),
        cmocka_unit_test(test_the_whole_program),
        cmocka_unit_test(test_too_much_filled),
    };
    return cmocka_run_group_tests(tests, open_script, close_script);
}
