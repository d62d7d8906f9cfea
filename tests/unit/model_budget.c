/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The budget of language models: prices, windows, and over random histories the one law that
 * matters: what is spent never passes a cap, however requests overlap, fail and come late; a server
 * that bills a thousand times too much gets one bill.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/analyst/model_budget.h"
#include "core/base/instant.h"
#include "core/base/random.h"

#define START (INSTANT_DAY_US * 20000)

static ModelBudget budget_of(double hour, double day, double run) {
    Settings settings;
    ModelBudget budget;
    settings_presets(&settings);
    settings.ai.budget_per_hour_usd = hour;
    settings.ai.budget_per_day_usd = day;
    settings.ai.budget_per_run_usd = run;
    model_budget_init(&budget, &settings);
    return budget;
}

static void prices_are_of_a_million_tokens(void **state) {
    (void)state;
    ModelBudget budget = budget_of(1, 1, 1);
    assert_int_equal(model_budget_cost(&budget, 1000000, 0), 2500000);
    assert_int_equal(model_budget_cost(&budget, 0, 1000000), 10000000);
    assert_int_equal(model_budget_cost(&budget, 1, 0), 3); /* 2.5 rounded up */
    assert_int_equal(model_budget_cost(&budget, 0, 0), 0);
    assert_true(model_budget_bound(&budget, 3000, 700) >= model_budget_cost(&budget, 3000, 700));
    assert_int_equal(model_budget_cost(&budget, INT64_MAX, INT64_MAX), 1LL << 40);
}

static void the_tightest_cap_holds_and_is_named(void **state) {
    (void)state;
    ModelBudget budget = budget_of(0.25, 0.40, 10);
    BudgetHold hold;
    BudgetSpan full;
    assert_true(model_budget_reserve(&budget, START, 200000, &hold, &full));
    assert_false(model_budget_reserve(&budget, START + 1, 60000, &hold, &full));
    assert_string_equal(budget_span_text(full), "hour");
    assert_true(model_budget_reserve(&budget, START + 1, 50000, &hold, &full));
    assert_true(model_budget_reserve(&budget, START + INSTANT_HOUR_US, 150000, &hold, &full));
    assert_false(model_budget_reserve(&budget, START + 2 * INSTANT_HOUR_US, 1, &hold, &full));
    assert_string_equal(budget_span_text(full), "day");
    assert_true(model_budget_reserve(&budget, START + INSTANT_DAY_US, 250000, &hold, &full));
}

static void nothing_is_asked_without_a_budget(void **state) {
    (void)state;
    ModelBudget budget = budget_of(0, 1, 1);
    BudgetHold hold;
    BudgetSpan full;
    assert_false(model_budget_reserve(&budget, START, 1, &hold, &full));
    assert_true(model_budget_reserve(&budget, START, 0, &hold, &full)); /* costs nothing */
    assert_false(model_budget_reserve(&budget, START, -1, &hold, &full));
}

static void what_was_not_used_comes_back(void **state) {
    (void)state;
    ModelBudget budget = budget_of(0.1, 0.1, 0.1);
    BudgetHold hold, other;
    BudgetSpan full;
    assert_true(model_budget_reserve(&budget, START, 100000, &hold, &full));
    assert_false(model_budget_reserve(&budget, START, 1, &other, &full));
    model_budget_settle(&budget, &hold, 30000);
    assert_true(model_budget_reserve(&budget, START, 70000, &other, &full));
    assert_false(model_budget_reserve(&budget, START, 1, &other, &full));
}

static void a_late_bill_gives_nothing_back_to_the_next_hour(void **state) {
    (void)state;
    ModelBudget budget = budget_of(0.1, 1, 1);
    BudgetHold hold, next;
    BudgetSpan full;
    int64_t later = START + INSTANT_HOUR_US;
    assert_true(model_budget_reserve(&budget, later - 1, 90000, &hold, &full));
    assert_true(model_budget_reserve(&budget, later, 80000, &next, &full));
    model_budget_settle(&budget, &hold, 10000);
    assert_int_equal(budget.windows[BUDGET_HOUR].spent, 80000);
    assert_int_equal(budget.windows[BUDGET_DAY].spent, 90000);
}

static void a_thousandfold_bill_is_the_last_one(void **state) {
    (void)state;
    ModelBudget budget = budget_of(1, 1, 1);
    BudgetHold hold;
    BudgetSpan full;
    assert_true(model_budget_reserve(&budget, START, 20000, &hold, &full));
    model_budget_settle(&budget, &hold, 20000000);
    assert_int_equal(budget.windows[BUDGET_RUN].spent, 20000000);
    assert_true(model_budget_reserve(&budget, START, 0, &hold, &full)); /* a model of one's own */
    assert_false(model_budget_reserve(&budget, START, 1, &hold, &full));
    assert_false(model_budget_reserve(&budget, START + 3 * INSTANT_DAY_US, 1, &hold, &full));
}

static void an_earlier_life_counts_in_its_hour_and_day(void **state) {
    (void)state;
    ModelBudget budget = budget_of(0.1, 0.5, 0.5);
    BudgetHold hold;
    BudgetSpan full;
    model_budget_recall(&budget, START - INSTANT_DAY_US, 500000); /* another day */
    model_budget_recall(&budget, START, 300000);
    model_budget_recall(&budget, START + 2 * INSTANT_HOUR_US, 90000);
    model_budget_recall(&budget, START + 2 * INSTANT_HOUR_US, -5);
    int64_t now = START + 2 * INSTANT_HOUR_US + INSTANT_MINUTE_US;
    assert_false(model_budget_reserve(&budget, now, 20000, &hold, &full));
    assert_true(model_budget_reserve(&budget, now, 10000, &hold, &full));
    assert_false(model_budget_reserve(&budget, now + INSTANT_HOUR_US, 100001, &hold, &full));
    assert_int_equal(budget.windows[BUDGET_RUN].spent, 10000);
}

/* ---- random histories ------------------------------------------------------------------------ */

#define HELD 24

typedef struct History {
    Random random;
    ModelBudget budget;
    BudgetHold held[HELD];
    unsigned count;
    int64_t now_us;
    int64_t billed_total;
} History;

static void settle_one(History *history) {
    if (history->count == 0) return;
    unsigned index = random_below(&history->random, history->count);
    BudgetHold hold = history->held[index];
    history->held[index] = history->held[--history->count];
    bool lost = random_below(&history->random, 5) == 0; /* keeps what was taken */
    int64_t cost =
        lost ? hold.amount : (int64_t)random_below(&history->random, (uint32_t)hold.amount + 1);
    model_budget_settle(&history->budget, &hold, cost);
    history->billed_total += cost;
}

static void reserve_one(History *history) {
    BudgetHold hold;
    BudgetSpan full;
    int64_t amount = 1 + (int64_t)random_below(&history->random, 60000);
    if (history->count == HELD) return;
    if (model_budget_reserve(&history->budget, history->now_us, amount, &hold, &full))
        history->held[history->count++] = hold;
}

static void no_history_passes_a_cap(void **state) {
    (void)state;
    uint64_t reserved = 0;
    for (unsigned seed = 0; seed < 200; seed++) {
        History history = {.random = random_stream(seed, 9), .now_us = START};
        history.budget = budget_of(0.25, 1, 3);
        for (unsigned step = 0; step < 3000; step++) {
            history.now_us += random_below(&history.random, 240) * INSTANT_SECOND_US;
            unsigned kind = random_below(&history.random, 3);
            unsigned before = history.count;
            if (kind == 0)
                settle_one(&history);
            else
                reserve_one(&history);
            reserved += history.count > before;
            int64_t open = 0;
            for (unsigned i = 0; i < history.count; i++)
                open += history.held[i].amount;
            for (unsigned i = 0; i < BUDGET_SPANS; i++)
                assert_true(history.budget.windows[i].spent <= history.budget.windows[i].cap);
            assert_int_equal(history.budget.windows[BUDGET_RUN].spent, history.billed_total + open);
        }
        assert_true(history.billed_total <= 3000000);
    }
    assert_true(reserved > 10000); /* it did not hold by refusing everything */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prices_are_of_a_million_tokens),
        cmocka_unit_test(the_tightest_cap_holds_and_is_named),
        cmocka_unit_test(nothing_is_asked_without_a_budget),
        cmocka_unit_test(what_was_not_used_comes_back),
        cmocka_unit_test(a_late_bill_gives_nothing_back_to_the_next_hour),
        cmocka_unit_test(a_thousandfold_bill_is_the_last_one),
        cmocka_unit_test(an_earlier_life_counts_in_its_hour_and_day),
        cmocka_unit_test(no_history_passes_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
