/* SPDX-License-Identifier: Apache-2.0 */
/* Faults on request: which calls they meet, what becomes of those, and the words of the tester. */
#include "exchange_stage.h"

#include "core/sim/exchange_fault.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

typedef struct Stage {
    Exchange *exchange;
    ExchangeFaults faults;
    ExchangeQuery query;
    ExchangeFault fault;
} Stage;

static int open_stage(void **state) {
    Stage *stage = calloc(1, sizeof *stage);
    stage->exchange = stage_open();
    exchange_fault_init(&stage->faults, 7);
    *state = stage;
    return 0;
}

static int close_stage(void **state) {
    Stage *stage = *state;
    free(stage->exchange);
    free(stage);
    return 0;
}

static bool say(Stage *stage, const char *words) {
    JsonReader reader = json_reader(slice_of(words));
    return exchange_query_json(&stage->query, &reader, &stage->fault) &&
           exchange_fault_control(&stage->faults, stage->exchange, &stage->query, STAGE_US,
                                  &stage->fault);
}

static ExchangeVerdict judge(Stage *stage, const char *method, const char *path) {
    return exchange_fault_judge(&stage->faults, slice_of(method), slice_of(path), STAGE_US);
}

#define ORDER "/api/v3/order"

static void a_rule_meets_so_many_calls_and_no_others(void **state) {
    Stage *stage = *state;
    assert_true(say(stage, "{\"do\":\"fail\",\"method\":\"POST\",\"path\":\"/api/v3/order\","
                           "\"skip\":1,\"times\":2,\"code\":-1007}"));
    assert_false(judge(stage, "GET", ORDER).fails);
    assert_false(judge(stage, "POST", "/api/v3/orderList/oco").fails);
    assert_false(judge(stage, "POST", ORDER).fails);
    for (int i = 0; i < 2; i++) {
        ExchangeVerdict verdict = judge(stage, "POST", ORDER);
        assert_true(verdict.fails && verdict.executes);
        assert_int_equal(verdict.status, 504);
    }
    assert_false(judge(stage, "POST", ORDER).fails);
    assert_int_equal(stage->faults.met, 2);
    assert_int_equal(stage->faults.rule_count, 0);
}

static void what_has_happened_follows_the_kind(void **state) {
    static const struct {
        const char *words;
        bool executes, fails, drops, loses;
        unsigned status;
    } kinds[] = {
        {"{\"do\":\"fail\"}", false, true, false, false, 503},
        {"{\"do\":\"fail\",\"executed\":true,\"status\":502}", true, true, false, false, 502},
        {"{\"do\":\"fail\",\"code\":-1006}", true, true, false, false, 500},
        {"{\"do\":\"fail\",\"code\":-1007,\"executed\":false}", false, true, false, false, 504},
        {"{\"do\":\"fail\",\"code\":-1015}", false, true, false, false, 429},
        {"{\"do\":\"drop\"}", true, false, true, false, 503},
        {"{\"do\":\"drop\",\"executed\":false}", false, false, true, false, 503},
        {"{\"do\":\"lose\"}", true, false, false, true, 503},
        {"{\"do\":\"delay\",\"ms\":50}", true, false, false, false, 0},
    };
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_true(say(*state, kinds[i].words));
        ExchangeVerdict verdict = judge(*state, "POST", ORDER);
        assert_int_equal(verdict.executes, kinds[i].executes);
        assert_int_equal(verdict.fails, kinds[i].fails);
        assert_int_equal(verdict.drops, kinds[i].drops);
        assert_int_equal(verdict.loses, kinds[i].loses);
        if (kinds[i].fails) assert_int_equal(verdict.status, kinds[i].status);
    }
}

static void a_delay_stands_before_or_behind_what_happens(void **state) {
    Stage *stage = *state;
    assert_true(say(stage, "{\"do\":\"delay\",\"ms\":50}"));
    assert_true(say(stage, "{\"do\":\"delay\",\"ms\":70,\"executed\":true}"));
    ExchangeVerdict before = judge(stage, "POST", ORDER), behind = judge(stage, "POST", ORDER);
    assert_int_equal(before.request_us, 50000);
    assert_int_equal(before.answer_us, 0);
    assert_int_equal(behind.request_us, 0);
    assert_int_equal(behind.answer_us, 70000);
}

static void latencies_follow_the_longest_path(void **state) {
    Stage *stage = *state;
    int64_t sum = 0;
    assert_true(say(stage, "{\"do\":\"latency\",\"leg\":\"answer\",\"ms\":10}"));
    assert_true(say(stage, "{\"do\":\"latency\",\"leg\":\"answer\",\"path\":\"/api/v3/order*\","
                           "\"model\":\"exponential\",\"ms\":100}"));
    assert_int_equal(judge(stage, "GET", "/api/v3/time").answer_us, 10000);
    for (int i = 0; i < 20000; i++)
        sum += judge(stage, "POST", ORDER).answer_us;
    /* The mean of 20,000 draws lies within 3% of 100 ms: four standard errors. */
    assert_in_range(sum / 20000, 97000, 103000);
    assert_true(say(stage, "{\"do\":\"latency\",\"leg\":\"answer\",\"path\":\"/api/v3/order*\","
                           "\"ms\":3}"));
    assert_int_equal(judge(stage, "POST", ORDER).answer_us, 3000);
    assert_int_equal(stage->faults.latency_count, 2);
    assert_int_equal(exchange_fault_stream_us(&stage->faults, SLICE("btcusdc@trade")), 0);
    assert_true(say(stage, "{\"do\":\"clear\"}"));
    assert_int_equal(judge(stage, "POST", ORDER).answer_us, 0);
}

static void maintenance_answers_as_gateways_do(void **state) {
    Stage *stage = *state;
    char memory[1024];
    Text text = TEXT_IN(memory);
    assert_true(say(stage, "{\"do\":\"maintenance\",\"seconds\":2}"));
    ExchangeVerdict verdict = judge(stage, "POST", ORDER);
    assert_true(verdict.fails && !verdict.executes);
    assert_int_equal(verdict.status, 503);
    exchange_fault_write(&verdict, &text);
    assert_non_null(strstr(memory, "<html>"));
    assert_false(json_valid((Slice){memory, text.length}));
    verdict = exchange_fault_judge(&stage->faults, SLICE("POST"), SLICE(ORDER),
                                   STAGE_US + 2 * INSTANT_SECOND_US);
    assert_true(verdict.executes && !verdict.fails);
}

static void the_market_follows_the_tester(void **state) {
    Stage *stage = *state;
    ExchangePair *pair = &stage->exchange->pairs[0];
    int64_t before = stage_free(stage->exchange, "USDC");
    assert_true(say(stage, "{\"do\":\"symbol\",\"symbol\":\"BTCUSDC\",\"status\":\"HALT\"}"));
    assert_int_equal(pair->trading, EXCHANGE_HALT);
    assert_true(say(stage, "{\"do\":\"symbol\",\"symbol\":\"BTCUSDC\",\"status\":\"TRADING\"}"));
    assert_true(say(stage, "{\"do\":\"filters\",\"symbol\":\"BTCUSDC\",\"tickSize\":\"0.5\","
                           "\"minNotional\":\"20\"}"));
    assert_int_equal(pair->symbol.filters.tick.units, UNIT / 2);
    assert_int_equal((int64_t)pair->symbol.filters.notional_min.units, 20 * UNIT);
    assert_true(say(stage, "{\"do\":\"jump\",\"symbol\":\"BTCUSDC\",\"percent\":-10}"));
    assert_true(say(stage, "{\"do\":\"jump\",\"symbol\":\"BTCUSDC\",\"percent\":-10}"));
    assert_int_equal(stage->faults.jump_ppm[0], 810000);
    assert_true(say(stage, "{\"do\":\"deposit\",\"asset\":\"USDC\",\"amount\":\"5\"}"));
    assert_int_equal(stage_free(stage->exchange, "USDC") - before, 5 * UNIT);
}

static void what_is_no_word_is_refused_and_changes_nothing(void **state) {
    static const char *const bad[] = {
        "{}",
        "{\"do\":\"fly\"}",
        "{\"do\":\"fail\",\"times\":0}",
        "{\"do\":\"fail\",\"times\":-1}",
        "{\"do\":\"fail\",\"status\":200}",
        "{\"do\":\"fail\",\"executed\":\"perhaps\"}",
        "{\"do\":\"delay\",\"ms\":99999999}",
        "{\"do\":\"latency\",\"leg\":\"both\",\"ms\":1}",
        "{\"do\":\"latency\",\"leg\":\"answer\"}",
        "{\"do\":\"latency\",\"leg\":\"answer\",\"ms\":1,\"model\":\"odd\"}",
        "{\"do\":\"maintenance\"}",
        "{\"do\":\"limit\",\"status\":200}",
        "{\"do\":\"symbol\",\"symbol\":\"NOPE\",\"status\":\"HALT\"}",
        "{\"do\":\"symbol\",\"symbol\":\"BTCUSDC\",\"status\":\"ASLEEP\"}",
        "{\"do\":\"filters\",\"symbol\":\"BTCUSDC\",\"tickSize\":\"x\"}",
        "{\"do\":\"jump\",\"symbol\":\"BTCUSDC\",\"percent\":-100}",
        "{\"do\":\"deposit\",\"asset\":\"USDC\"}",
    };
    Stage *stage = *state;
    ExchangeFaults before = stage->faults;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (say(stage, bad[i])) print_error("taken: %s\n", bad[i]);
        assert_false(say(stage, bad[i]));
        assert_memory_equal(&before, &stage->faults, sizeof before);
    }
}

static void more_faults_than_fit_are_refused(void **state) {
    for (int i = 0; i < EXCHANGE_FAULT_RULES; i++)
        assert_true(say(*state, "{\"do\":\"fail\"}"));
    assert_false(say(*state, "{\"do\":\"fail\"}"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_rule_meets_so_many_calls_and_no_others, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(what_has_happened_follows_the_kind, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(a_delay_stands_before_or_behind_what_happens, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(latencies_follow_the_longest_path, open_stage, close_stage),
        cmocka_unit_test_setup_teardown(maintenance_answers_as_gateways_do, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(the_market_follows_the_tester, open_stage, close_stage),
        cmocka_unit_test_setup_teardown(what_is_no_word_is_refused_and_changes_nothing, open_stage,
                                        close_stage),
        cmocka_unit_test_setup_teardown(more_faults_than_fit_are_refused, open_stage, close_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
