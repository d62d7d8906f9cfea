/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why rules decided: shares of their conditions against those worked out by hand, and what would
 * have turned them. The law that shares sum stands in tests/laws/explanations.c.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/bus/codec.h"
#include "core/trial/rule_explanation.h"

/* (A and B) or C over four columns: 0 above 1, 1 above 2, 0 above 3. */
static StrategyPlan three_conditions(void) {
    StrategyPlan plan = {0};
    for (unsigned i = 0; i < 4; i++)
        plan_bar(&plan, (BarField)i);
    plan_when(&plan.enter, 0, TEST_ABOVE, 1);
    plan_and(&plan.enter, 1, TEST_ABOVE, 2);
    plan_when(&plan.enter, 0, TEST_ABOVE, 3);
    plan_when(&plan.leave, 3, TEST_ABOVE, 0);
    plan.size_fraction = 1;
    return plan;
}

static ExplainedSignal explain(const StrategyPlan *plan, Decision decision, const double *now,
                               const double *before) {
    static const Strategy strategy = {.name = "three", .sentence = "three conditions"};
    Signal signal = {.decision = decision, .id = "s-1"};
    RuleInputs inputs = {.values_count = 4};
    ExplainedSignal explained;
    for (unsigned i = 0; i < 4; i++)
        inputs.values[i] = (RuleValue){.now = now[i], .before = before[i]};
    RuleAsk ask = {.signal = &signal, .strategy = &strategy, .plan = plan, .inputs = &inputs};
    explanation_begin(&signal, 1, "strategy", &explained);
    rule_explanation(&ask, &explained);
    assert_null(codec_fault(&message_shapes[MESSAGE_EXPLAINED_SIGNAL], &explained));
    return explained;
}

static double share(const ExplainedSignal *explained, const char *factor) {
    for (unsigned i = 0; i < explained->effects_count; i++)
        if (strcmp(explained->effects[i].factor, factor) == 0) return explained->effects[i].value;
    fail_msg("no effect of %s", factor);
    return 0;
}

static void test_shares_of_conditions(void **state) {
    (void)state;
    StrategyPlan plan = three_conditions();
    const double before[] = {4, 3, 2, 1};
    ExplainedSignal all = explain(&plan, DECISION_BUY, (double[]){4, 3, 2, 1}, before);
    /* Of the six orders in which A, B, C may come, C completes a group in four, A and B in one. */
    assert_close(share(&all, "open above high"), 1.0 / 6, 1e-15);
    assert_close(share(&all, "high above low"), 1.0 / 6, 1e-15);
    assert_close(share(&all, "open above close"), 4.0 / 6, 1e-15);
    assert_close(all.remainder, 0, 1e-15);
    ExplainedSignal pair = explain(&plan, DECISION_BUY, (double[]){4, 3, 2, 4}, before);
    assert_int_equal(pair.effects_count, 2);
    assert_close(share(&pair, "open above high"), 0.5, 0);
    ExplainedSignal sale = explain(&plan, DECISION_SELL, (double[]){1, 2, 3, 4}, before);
    assert_int_equal(sale.effects_count, 1);
    assert_close(share(&sale, "close above open"), -1, 0);
}

static void test_turns_of_rules(void **state) {
    (void)state;
    StrategyPlan plan = three_conditions();
    /* Only C holds; it ends where open falls to close, or close rises to open. The open moved by 2,
     * the close by 0.5. */
    ExplainedSignal one =
        explain(&plan, DECISION_BUY, (double[]){4, 5, 6, 3}, (double[]){2, 5, 6, 2.5});
    assert_int_equal(one.flips_count, 2); /* the rule to leave turns it there too */
    assert_string_equal(one.flips[0].factor, "open");
    assert_close(one.flips[0].from, 4, 0);
    assert_close(one.flips[0].to, 3, 0);
    assert_close(one.flips[0].steps, 0.5, 0);
    assert_int_equal(one.flips[0].decision, DECISION_HOLD);
    assert_string_equal(one.flips[1].factor, "close");
    assert_close(one.flips[1].steps, 2, 1e-9);
    /* With both groups holding, no fall of `high` alone ends it. */
    ExplainedSignal both =
        explain(&plan, DECISION_BUY, (double[]){4, 3, 2, 1}, (double[]){4, 3, 2, 2});
    for (unsigned i = 0; i < both.flips_count; i++)
        assert_string_not_equal(both.flips[i].factor, "high");
}

static void test_steps_have_one_effect(void **state) {
    (void)state;
    const Strategy *grid = strategy_find("grid");
    assert_non_null(grid);
    double parameters[STRATEGY_PARAMETERS_MAX];
    StrategyPlan plan = {0};
    strategy_presets(grid, parameters);
    strategy_make_plan(grid, parameters, &plan);
    Signal signal = {.decision = DECISION_BUY, .id = "s-1"};
    ExplainedSignal explained;
    RuleAsk ask = {.signal = &signal, .strategy = grid, .plan = &plan};
    explanation_begin(&signal, 1, "strategy", &explained);
    rule_explanation(&ask, &explained);
    assert_false(explained.recomputed);
    assert_int_equal(explained.effects_count, 1);
    assert_string_equal(explained.effects[0].factor, "grid");
    assert_close(explained.effects[0].value, 1, 0);
    assert_int_equal(explained.flips_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_of_conditions),
        cmocka_unit_test(test_turns_of_rules),
        cmocka_unit_test(test_steps_have_one_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
