/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules by hand: every test of a condition, groups, levels, wishes with the longest stay and the
 * pause behind a position, and a plan with a fault, which is named.
 */
#include "unit.h"

#include "core/base/check.h"
#include "core/trial/rule_stream.h"

#define HOUR INSTANT_HOUR_US

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static void *start(const RuleStream *stream) {
    void *state = malloc(stream->size);
    assert_non_null(state);
    memset(state, 0x5C, stream->size);
    rule_stream_start(stream, NULL, state, 7);
    return state;
}

static void init(RuleStream *stream, const StrategyPlan *plan, int64_t length_us) {
    Error error = {0};
    if (!rule_stream_init(stream, plan, NULL, NULL, length_us, &error))
        fail_msg("%s", error.message);
}

/* ---- conditions, levels, wishes ------------------------------------------------------------ */

static void test_conditions(void **context) {
    (void)context;
    static const struct {
        RuleTest test;
        double now_left, now_right, left_before, right_before;
        bool holds;
    } cases[] = {
        {TEST_ABOVE, 2, 1, 0, 0, true},
        {TEST_ABOVE, 1, 1, 0, 0, false},
        {TEST_ABOVE, (double)NAN, 1, 0, 0, false},
        {TEST_ABOVE, 1, (double)NAN, 0, 0, false},
        {TEST_BELOW, 1, 2, 0, 0, true},
        {TEST_BELOW, 2, 2, 0, 0, false},
        {TEST_BELOW, (double)NAN, 2, 0, 0, false},
        {TEST_CROSSES_ABOVE, 2, 1, 1, 1, true},
        {TEST_CROSSES_ABOVE, 2, 1, 0, 1, true},
        {TEST_CROSSES_ABOVE, 2, 1, 1.5, 1, false},
        {TEST_CROSSES_ABOVE, 1, 1, 0, 1, false},
        {TEST_CROSSES_ABOVE, 2, 1, (double)NAN, 1, false},
        {TEST_CROSSES_ABOVE, 2, 1, 0, (double)NAN, false},
        {TEST_CROSSES_BELOW, 1, 2, 2, 2, true},
        {TEST_CROSSES_BELOW, 1, 2, 3, 2, true},
        {TEST_CROSSES_BELOW, 1, 2, 1, 2, false},
        {TEST_CROSSES_BELOW, 2, 2, 3, 2, false},
        {TEST_CROSSES_BELOW, 1, 2, (double)NAN, 2, false},
    };
    for (unsigned index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        RuleList list = {0};
        plan_when(&list, 0, cases[index].test, 1);
        double now[] = {cases[index].now_left, cases[index].now_right};
        double before[] = {cases[index].left_before, cases[index].right_before};
        if (rule_list_holds(&list, now, before) != cases[index].holds) fail_msg("case %u", index);
    }
}

static void test_groups(void **context) {
    (void)context;
    RuleList list = {0};
    const double values[] = {1, 2, 3};
    assert_false(rule_list_holds(&list, values, values));
    list.count = 1; /* a group without a condition never holds */
    assert_false(rule_list_holds(&list, values, values));
    list.count = 0;
    plan_when(&list, 0, TEST_BELOW, 1);
    plan_and(&list, 2, TEST_BELOW, 1);
    assert_false(rule_list_holds(&list, values, values)); /* both must hold */
    plan_when(&list, 2, TEST_ABOVE, 0);
    assert_true(rule_list_holds(&list, values, values)); /* one of the groups must */
}

static void test_levels(void **context) {
    (void)context;
    const double now[] = {2, (double)NAN, 0, 300};
    assert_true(rule_level(&(LevelRule){0}, now, 100, true) == 0);
    assert_true(rule_level(&(LevelRule){.fraction = 0.05}, now, 100, true) == 0.05);
    LevelRule of_range = {.multiple = 3, .column = 1};
    assert_true(rule_level(&of_range, now, 100, true) == 0.06);
    of_range.column = 2;
    assert_true(isnan(rule_level(&of_range, now, 100, true)));
    of_range.column = 3;
    assert_true(isnan(rule_level(&of_range, now, 100, true)));
    of_range.column = 4; /* nine times the price: a target may be there, a stop not */
    assert_true(isnan(rule_level(&of_range, now, 100, true)));
    assert_true(rule_level(&of_range, now, 100, false) == 9);
}

/* A plan that always enters and, above 100, leaves. */
static void plan_eager(StrategyPlan *plan) {
    *plan = (StrategyPlan){.size_fraction = 0.5, .bars_max = 3, .bars_pause = 2};
    uint8_t close = plan_bar(plan, BAR_CLOSE);
    plan_when(&plan->enter, close, TEST_ABOVE, plan_constant(plan, 0));
    plan_when(&plan->leave, close, TEST_ABOVE, plan_constant(plan, 100));
    plan->stop.fraction = 0.1;
}

static StrategyWish wish_at(const RuleStream *stream, void *state, int64_t price,
                            RulePosition position) {
    static int64_t time_us;
    Bar bar = {.time_us = time_us += HOUR,
               .open = {price},
               .high = {price},
               .low = {price},
               .close = {price}};
    rule_stream_feed(stream, state, &bar, NULL);
    return rule_stream_wish(stream, NULL, state, &position);
}

static void test_wishes(void **context) {
    (void)context;
    StrategyPlan plan;
    RuleStream stream;
    plan_eager(&plan);
    init(&stream, &plan, HOUR);
    void *state = start(&stream);
    const int64_t low = 5000000000, high = 15000000000;
    StrategyWish wish = wish_at(&stream, state, low, (RulePosition){.bars_flat = RULE_NEVER});
    assert_int_equal(wish.kind, WISH_ENTER);
    assert_true(wish.fraction == 0.5 && wish.stop_fraction == 0.1 && wish.target_fraction == 0);
    /* where both hold, it leaves, or stays out */
    wish = wish_at(&stream, state, high, (RulePosition){.bars_flat = RULE_NEVER});
    assert_int_equal(wish.kind, WISH_NONE);
    wish = wish_at(&stream, state, high, (RulePosition){.open = true, .bars_held = 1});
    assert_int_equal(wish.kind, WISH_LEAVE);
    /* held too long */
    wish = wish_at(&stream, state, low, (RulePosition){.open = true, .bars_held = 2});
    assert_int_equal(wish.kind, WISH_NONE);
    wish = wish_at(&stream, state, low, (RulePosition){.open = true, .bars_held = 3});
    assert_int_equal(wish.kind, WISH_LEAVE);
    /* the pause behind a position */
    for (uint32_t flat = 1; flat <= 3; flat++) {
        wish = wish_at(&stream, state, low, (RulePosition){.bars_flat = flat});
        assert_int_equal(wish.kind, flat <= 2 ? WISH_NONE : WISH_ENTER);
    }
    free(state);
}

/* ---- plans with a fault -------------------------------------------------------------------- */

static void fault_factor(StrategyPlan *plan) {
    plan->columns[0].factor = (double)NAN;
}
static void fault_length(StrategyPlan *plan) {
    plan->columns[0].length_us = -1;
}
static void fault_longest(StrategyPlan *plan) {
    plan->columns[0].length_us = INT64_MAX;
}
static void fault_lag(StrategyPlan *plan) {
    plan->columns[0].lag = 2;
}
static void fault_field(StrategyPlan *plan) {
    plan->columns[0].field = (BarField)9;
}
static void fault_kind(StrategyPlan *plan) {
    plan->columns[0].kind = (ColumnKind)9;
}
static void fault_indicator(StrategyPlan *plan) {
    plan->columns[0].kind = COLUMN_INDICATOR;
}
static void fault_output(StrategyPlan *plan) {
    plan->columns[plan_indicator(plan, "sma", 0, NULL, 0)].output = 1;
}
static void fault_options(StrategyPlan *plan) {
    plan->columns[plan_indicator(plan, "sma", 0, NULL, 0)].options[0] = 0;
}
static void fault_external(StrategyPlan *plan) {
    plan->columns[plan_external(plan, EXTERNAL_SENTIMENT)].external = EXTERNAL_COUNT;
}
static void fault_condition(StrategyPlan *plan) {
    plan->leave.groups[0].conditions[0].right = 3;
}
static void fault_test(StrategyPlan *plan) {
    plan->enter.groups[0].conditions[0].test = (RuleTest)4;
}
static void fault_groups(StrategyPlan *plan) {
    plan->enter.count = PLAN_GROUPS_MAX + 1;
}
static void fault_conditions(StrategyPlan *plan) {
    plan->enter.groups[0].count = PLAN_CONDITIONS_MAX + 1;
}
static void fault_columns(StrategyPlan *plan) {
    plan->column_count = PLAN_COLUMNS_MAX + 1;
}
static void fault_stop(StrategyPlan *plan) {
    plan->stop.fraction = 1;
}
static void fault_stop_column(StrategyPlan *plan) {
    plan->stop = (LevelRule){.multiple = 1, .column = 4};
}
static void fault_target(StrategyPlan *plan) {
    plan->target.fraction = (double)INFINITY;
}
static void fault_size(StrategyPlan *plan) {
    plan->size_fraction = 0;
}
static void fault_trailing(StrategyPlan *plan) {
    plan->trails = true;
}

static void test_faults(void **context) {
    (void)context;
    static void (*const faults[])(StrategyPlan *) = {
        fault_longest,     fault_lag,       fault_factor,  fault_length,   fault_field,
        fault_kind,        fault_indicator, fault_output,  fault_options,  fault_external,
        fault_condition,   fault_test,      fault_groups,  fault_stop,     fault_conditions,
        fault_stop_column, fault_target,    fault_columns, fault_trailing, fault_size};
    enum { FAULTS = sizeof faults / sizeof faults[0] };
    for (unsigned index = 0; index < FAULTS; index++) {
        StrategyPlan plan;
        RuleStream stream;
        Error error = {0};
        plan_eager(&plan);
        assert_null(rule_plan_fault(&plan));
        faults[index](&plan);
        if (!rule_plan_fault(&plan)) fail_msg("fault %u passed", index);
        assert_false(rule_stream_init(&stream, &plan, NULL, NULL, HOUR, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
    }
}

static void test_intervals_that_do_not_fit(void **context) {
    (void)context;
    StrategyPlan plan;
    RuleStream stream;
    Error error = {0};
    plan = (StrategyPlan){.size_fraction = 1};
    plan.columns[plan_bar(&plan, BAR_OPEN)].length_us = 4 * HOUR;
    assert_false(rule_stream_init(&stream, &plan, NULL, NULL, 24 * HOUR, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_false(rule_stream_init(&stream, &plan, NULL, NULL, 3 * HOUR, &error));
    assert_int_equal(error.code, ERROR_DATA);
    plan = (StrategyPlan){.size_fraction = 1};
    for (int64_t hours = 2; hours <= 6; hours++)
        plan.columns[plan_bar(&plan, BAR_CLOSE)].length_us = hours * HOUR;
    assert_false(rule_stream_init(&stream, &plan, NULL, NULL, HOUR, &error));
    assert_int_equal(error.code, ERROR_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_groups),
        cmocka_unit_test(test_levels),     cmocka_unit_test(test_wishes),
        cmocka_unit_test(test_faults),     cmocka_unit_test(test_intervals_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
