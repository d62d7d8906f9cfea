/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws over every registered service: the same inputs give the same bytes; a snapshot plus the tail
 * equals no restart; what is said is declared and within its bounds; the future cannot change the
 * past; the order of an instant. The law of extreme inputs stands in tests/laws/extremes.c.
 */
#include "check_aborts.h"
#include "market_script.h"

#include "core/base/random.h"
#include "core/bus/codec.h"

#define MINUTES  1800 /* 30 hours: signals, entries, exits */
#define CUTS     20
#define CANARIES 6

static Script script;

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

/* ---- the same again ------------------------------------------------------------------------ */

typedef struct PerService {
    Sha256 said[LIMIT_SERVICES];
    uint64_t count[LIMIT_SERVICES];
} PerService;

static void keep_per_service(void *context, const Message *message) {
    PerService *per = context;
    uint8_t bytes[LIMIT_PAYLOAD];
    if (message->origin == ORIGIN_INPUT) return;
    size_t size =
        codec_encode(topic_message((Topic)message->topic), message->payload, bytes, sizeof bytes);
    assert_true(size > 0);
    sha256_add(&per->said[message->origin], bytes, size);
    per->count[message->origin]++;
}

static void play_all(PerService *per, uint8_t digest[static SHA256_SIZE]) {
    KernelStage stage;
    stage_open(&stage, service_table, service_count);
    for (unsigned i = 0; i < service_count; i++)
        sha256_init(&per->said[i]);
    memset(per->count, 0, sizeof per->count);
    stage.watch = keep_per_service;
    stage.context = per;
    stage_play(&stage, &script, 0, script.count);
    stage_digest(&stage, digest);
    stage_close(&stage);
}

static void test_same_inputs_same_bytes(void **state) {
    (void)state;
    static PerService first, second;
    uint8_t a[SHA256_SIZE], b[SHA256_SIZE];
    play_all(&first, a);
    play_all(&second, b);
    assert_memory_equal(a, b, sizeof a);
    for (unsigned i = 0; i < service_count; i++) {
        uint8_t said[SHA256_SIZE], again[SHA256_SIZE];
        sha256_peek(&first.said[i], said);
        sha256_peek(&second.said[i], again);
        assert_memory_equal(said, again, sizeof said);
        print_message("%-18s said %llu\n", service_table[i]->name,
                      (unsigned long long)first.count[i]);
        /* A silent service would prove nothing here. The real venue's own laws stand in
         * tests/unit/protocol_laws.c: on paper it is silent by design. Of analyst and strategy one
         * speaks: the laws run once under each. */
        const char *silent = script_strategy[0] ? "ai_analyzer" : "strategy_signals";
        bool mute = strcmp(service_table[i]->name, "binance_venue") == 0 ||
                    (!script_social && strncmp(service_table[i]->name, "social_", 7) == 0) ||
                    strcmp(service_table[i]->name, silent) == 0;
        assert_int_equal(first.count[i] > 0, !mute);
    }
}

/* ---- snapshot plus tail -------------------------------------------------------------------- */

/* The tail from `at` on, by a kernel that knows only the copied block. */
static void expect_same_tail(const void *block, size_t size, const Sha256 *sofar, size_t at,
                             const uint8_t whole[static SHA256_SIZE]) {
    KernelStage other;
    uint8_t digest[SHA256_SIZE];
    size_t fresh_size;
    stage_open(&other, service_table, service_count);
    void *fresh = kernel_state(other.kernel, &fresh_size);
    assert_int_equal(fresh_size, size);
    memcpy(fresh, block, size);
    other.digest = *sofar;
    stage_play(&other, &script, at, script.count);
    stage_digest(&other, digest);
    assert_memory_equal(digest, whole, sizeof digest);
    stage_close(&other);
}

static void test_snapshot_and_tail_equal_no_restart(void **state) {
    (void)state;
    static PerService ignored;
    uint8_t whole[SHA256_SIZE];
    Random random = random_stream(71, 1);
    KernelStage stage;
    play_all(&ignored, whole);
    stage_open(&stage, service_table, service_count);
    size_t at = 0, step = script.count / CUTS;
    for (unsigned cut = 0; cut < CUTS; cut++) {
        size_t size, to = cut * step + random_below(&random, (uint32_t)step);
        while (at < to)
            at = stage_instant(&stage, &script, at);
        const void *state_block = kernel_state(stage.kernel, &size);
        void *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, state_block, size);
        expect_same_tail(copy, size, &stage.digest, at, whole);
        free(copy);
    }
    stage_close(&stage);
}

/* ---- what is said -------------------------------------------------------------------------- */

static void judge_bounds(void *context, const Message *message) {
    uint64_t *sequence = context;
    const MessageShape *shape = topic_message((Topic)message->topic);
    const char *fault = codec_fault(shape, message->payload);
    if (fault) print_error("%s.%s is out of its bounds\n", shape->name, fault);
    assert_null(fault);
    assert_true(message->sequence == *sequence + 1);
    *sequence = message->sequence;
    if (message->origin == ORIGIN_INPUT || message->topic == TOPIC_LOG_LINES ||
        message->topic == TOPIC_TIMER_REQUESTS)
        return;
    bool declared = false;
    for (const Topic *said = service_table[message->origin]->says; *said != TOPIC_COUNT; said++)
        declared |= *said == message->topic;
    assert_true(declared);
}

static void test_what_is_said_is_declared_and_in_bounds(void **state) {
    (void)state;
    uint64_t sequence = 0;
    KernelStage stage;
    stage_open(&stage, service_table, service_count);
    stage.watch = judge_bounds;
    stage.context = &sequence;
    stage_play(&stage, &script, 0, script.count);
    stage_close(&stage);
}

static void test_constants_are_whole(void **state) {
    (void)state;
    for (unsigned i = 0; i < service_count; i++) {
        const Service *service = service_table[i];
        assert_true(i == 0 || strcmp(service_table[i - 1]->name, service->name) < 0);
        assert_ptr_equal(service_find(service->name), service);
        assert_true(service->label[0] && strlen(service->sentence) > 20);
        for (const Topic *said = service->says; *said != TOPIC_COUNT; said++)
            for (unsigned k = 0; k < service_count; k++) {
                if (service->stage != STAGE_OBSERVER || service_table[k]->stage == STAGE_OBSERVER)
                    continue;
                for (const Topic *heard = service_table[k]->hears; *heard != TOPIC_COUNT; heard++)
                    assert_int_not_equal(*heard,
                                         *said); /* an observer never drives what it observes */
            }
    }
}

/* ---- the canary ---------------------------------------------------------------------------- */

/* Everything behind input `from` is another market: prices fall to two thirds, and move the other
 * way; the mood turns. */
static Script changed_future(size_t from) {
    Script other = {.inputs = calloc(script.count, sizeof(ScriptInput)), .count = script.count};
    assert_non_null(other.inputs);
    memcpy(other.inputs, script.inputs, script.count * sizeof(ScriptInput));
    for (size_t i = from; i < other.count; i++) {
        MarketBar *bar = &other.inputs[i].bar;
        PriceMove *move = &other.inputs[i].price;
        if (other.inputs[i].topic == TOPIC_PRICES) {
            move->price.units = move->high.units = move->low.units = move->price.units / 3 * 2;
        } else if (other.inputs[i].topic == TOPIC_SOCIAL_READINGS) {
            SocialMetrics *metrics = &other.inputs[i].reading.metrics;
            metrics->social_sentiment = 1 - metrics->social_sentiment;
            metrics->social_volume *= 9;
        } else if (other.inputs[i].topic == TOPIC_NEWS_HISTORY) {
            strcpy(other.inputs[i].headline.title, "Bitcoin and ether crash after hack");
        } else {
            Price high = bar->high;
            bar->open.units = bar->open.units / 3 * 2;
            bar->close.units = bar->close.units / 3 * 2;
            bar->low.units = bar->low.units / 3;
            bar->high = high;
            bar->volume *= 7;
        }
    }
    return other;
}

static void test_the_future_does_not_change_the_past(void **state) {
    (void)state;
    Random random = random_stream(72, 1);
    for (unsigned canary = 0; canary < CANARIES; canary++) {
        KernelStage real, other;
        uint8_t a[SHA256_SIZE], b[SHA256_SIZE];
        size_t at = 0, from = script.count / 2 + random_below(&random, (uint32_t)script.count / 2);
        while (from < script.count &&
               script.inputs[from].time_us == script.inputs[from - 1].time_us)
            from++;
        Script future = changed_future(from);
        stage_open(&real, service_table, service_count);
        stage_open(&other, service_table, service_count);
        while (at < from) {
            size_t next = stage_instant(&real, &script, at);
            assert_int_equal(stage_instant(&other, &future, at), next);
            at = next;
        }
        stage_digest(&real, a);
        stage_digest(&other, b);
        assert_memory_equal(a, b, sizeof a);
        stage_play(&real, &script, at, script.count);
        stage_play(&other, &future, at, script.count);
        stage_digest(&real, a);
        stage_digest(&other, b);
        assert_true(from >= script.count || memcmp(a, b, sizeof a) != 0); /* the canary does sing */
        stage_close(&real);
        stage_close(&other);
        free(future.inputs);
    }
}

/* ---- the order of an instant --------------------------------------------------------------- */

typedef struct Order {
    int64_t time_us;
    bool inputs_over, ended;
    char last_symbol[24];
    unsigned turns, signals, fills;
    int64_t signalled_us; /* last BUY or SELL */
} Order;

static void see_input(Order *order, const Message *message) {
    const char *symbol = message->payload; /* the first field of bars and prices */
    if (message->topic != TOPIC_BARS && message->topic != TOPIC_PRICES) return;
    assert_false(order->inputs_over);
    assert_true(strcmp(order->last_symbol, symbol) < 0);
    memcpy(order->last_symbol, symbol, sizeof order->last_symbol);
    bool closes = message->time_us % INSTANT_MINUTE_US == INSTANT_MINUTE_US - 1;
    assert_int_equal(message->topic, closes ? TOPIC_BARS : TOPIC_PRICES);
}

static void see_order(void *context, const Message *message) {
    Order *order = context;
    const Fill *fill = message->payload;
    if (message->time_us != order->time_us) {
        assert_true(order->time_us == 0 || order->ended); /* every turn ends */
        *order = (Order){.time_us = message->time_us,
                         .turns = order->turns + 1,
                         .signals = order->signals,
                         .fills = order->fills,
                         .signalled_us = order->signalled_us};
    }
    if (message->topic == TOPIC_TURN_ENDS) {
        assert_false(order->ended);
        order->ended = true;
    } else if (message->origin == ORIGIN_INPUT) {
        see_input(order, message);
    } else {
        order->inputs_over = true;
    }
    if (message->topic == TOPIC_TRADING_SIGNALS) {
        order->signals++;
        order->signalled_us = message->time_us;
        assert_int_equal((message->time_us + 1) % INSTANT_MINUTE_US,
                         0); /* decisions are made at closes */
    }
    if (message->topic != TOPIC_TRADE_EXECUTIONS) return;
    order->fills++;
    if (fill->reason == REASON_SIGNAL && fill->side == SIDE_BUY) {
        assert_int_equal(message->time_us % INSTANT_MINUTE_US,
                         0); /* ... and filled at the next open */
        assert_int_equal(message->time_us, order->signalled_us + 1);
    }
}

static void test_order_of_an_instant(void **state) {
    (void)state;
    Order order = {0};
    KernelStage stage;
    stage_open(&stage, service_table, service_count);
    stage.watch = see_order;
    stage.context = &order;
    stage_play(&stage, &script, 0, script.count);
    print_message("%u turns, %u signals, %u fills\n", order.turns, order.signals, order.fills);
    assert_true(order.turns >= 2 * MINUTES && order.signals > 10 && order.fills > 2);
    stage_close(&stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constants_are_whole),
        cmocka_unit_test(test_same_inputs_same_bytes),
        cmocka_unit_test(test_snapshot_and_tail_equal_no_restart),
        cmocka_unit_test(test_what_is_said_is_declared_and_in_bounds),
        cmocka_unit_test(test_the_future_does_not_change_the_past),
        cmocka_unit_test(test_order_of_an_instant),
    };
    int failed = cmocka_run_group_tests(tests, open_script, close_script);
    script_strategy = "trend_following";
    failed += cmocka_run_group_tests_name("with a strategy", tests, open_script, close_script);
    script_social = true;
    failed += cmocka_run_group_tests_name("with social data", tests, open_script, close_script);
    return failed;
}
