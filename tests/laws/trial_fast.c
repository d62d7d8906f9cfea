/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast trial is the plain one: over every strategy of rules with random parameters, and over
 * random rules, on walks and on real candles, the trades are the same bytes, and the figures of
 * equity agree.
 */
#include "check_aborts.h"
#include "trial_stage.h"
#include "unit.h"

#include "core/trial/trial_fast.h"
#include "shell/accel/accel.h"

#define TRADES_MAX 4000
#define EQUITY_MAX 20000
#define TOLERANCE  1e-9 /* relative, of trial_fast.h */

static TrialTrade plain_trades[TRADES_MAX], fast_trades[TRADES_MAX];
static double plain_equity[EQUITY_MAX], fast_equity[EQUITY_MAX], scratch[EQUITY_MAX];
static uint64_t compared, sold;

static void assert_near(double plain, double fast, double slack) {
    if (isnan(plain) || isnan(fast)) {
        assert_true(isnan(plain) && isnan(fast));
        return;
    }
    assert_close(plain, fast, TOLERANCE * fabs(plain) + slack);
}

/* The plain run rounds equity to 1e-8: a return is known within twice that share of it. */
static void assert_figures(const TrialPlan *plan, const TrialOutput *output,
                           const TrialResult *result, const TrialSummary *summary) {
    MetricsInput input = metrics_input(plan, output, result);
    Metrics metrics;
    metrics_of(&input, scratch, &metrics);
    double lowest = money_double(plan->balance) * (1 - metrics.max_drawdown_pct / 100);
    double grain = 2e-8 / lowest;
    assert_near(metrics.return_pct, summary->return_pct, 0);
    assert_near(metrics.max_drawdown_pct, summary->max_drawdown_pct, 100 * grain);
    assert_near(metrics.mean, summary->mean, grain);
    assert_near(metrics.deviation, summary->deviation, grain + fabs(metrics.mean) * 1e-12);
    double share = grain / metrics.deviation;
    double year = metrics.sharpe_ratio / metrics.mean * metrics.deviation; /* root of steps */
    if (metrics.deviation > 1e-6 * fabs(metrics.mean) && metrics.mean != 0)
        assert_near(metrics.sharpe_ratio, summary->sharpe_ratio,
                    share * (year + fabs(metrics.sharpe_ratio)));
}

static void assert_same(const TrialPlan *plan, const char *name) {
    TrialOutput plain = {plain_trades, TRADES_MAX, plain_equity, NULL, EQUITY_MAX, 0, NULL};
    TrialOutput fast = {fast_trades, TRADES_MAX, fast_equity, NULL, EQUITY_MAX, 0, NULL};
    TrialResult slow_result, fast_result, bare_result;
    TrialSummary summary, bare;
    Error error = {0};
    void *memory = malloc(trial_memory(plan)), *other = malloc(trial_fast_memory(plan));
    bool ran = trial_run(plan, memory, &plain, &slow_result, &error) &&
               trial_fast_run(plan, other, &fast, &fast_result, &summary, &error);
    TrialPlan wide = *plan;
    wide.wide = accel_wide();
    ran = ran && trial_fast_run(&wide, other, NULL, &bare_result, &bare, &error);
    if (!ran || slow_result.hash != fast_result.hash)
        print_error("%s: %s %s; %u and %u trades\n", name, error.message, error.where,
                    slow_result.trades, fast_result.trades);
    assert_true(ran);
    assert_true(slow_result.hash == fast_result.hash);
    assert_memory_equal(&slow_result, &fast_result, sizeof slow_result);
    assert_memory_equal(&slow_result, &bare_result, sizeof slow_result);
    assert_memory_equal(&summary, &bare, sizeof summary);
    uint32_t kept = slow_result.trades < TRADES_MAX ? slow_result.trades : TRADES_MAX;
    assert_memory_equal(plain_trades, fast_trades, kept * sizeof *plain_trades);
    assert_int_equal(plain.equity_count, fast.equity_count);
    for (size_t i = 0; i < plain.equity_count; i++)
        assert_near(plain_equity[i], fast_equity[i], 2e-8);
    assert_figures(plan, &plain, &slow_result, &summary);
    compared++;
    sold += slow_result.trades;
    free(memory);
    free(other);
}

/* ---- plans --------------------------------------------------------------------------------- */

static double random_parameter(const StrategyParameter *parameter, Random *random) {
    double share = random_uniform(random);
    if (random_below(random, 3)) share *= 0.15; /* short windows trade more */
    double value = parameter->lowest + share * (parameter->highest - parameter->lowest);
    return parameter->whole ? floor(value) : value;
}

/* Presets where chance finds none that fit together. */
static void random_parameters(const Strategy *strategy, Random *random, double *parameters) {
    for (unsigned turn = 0; turn < 200; turn++) {
        strategy_presets(strategy, parameters);
        unsigned count = strategy_parameter_count(strategy);
        for (unsigned i = 0; i < count; i++)
            parameters[i] = random_parameter(&strategy->parameters[i], random);
        if (!strategy_fault(strategy, parameters)) return;
    }
    strategy_presets(strategy, parameters);
}

static void random_list(RuleList *list, unsigned columns, Random *random) {
    unsigned groups = 1 + random_below(random, 2);
    for (unsigned group = 0; group < groups; group++) {
        unsigned conditions = 1 + random_below(random, 2);
        for (unsigned i = 0; i < conditions; i++)
            (i ? plan_and : plan_when)(list, (uint8_t)random_below(random, columns),
                                       random_below(random, 4),
                                       (uint8_t)random_below(random, columns));
    }
}

static LevelRule random_level(uint8_t range, Random *random) {
    static const double fractions[] = {0, 0.0005, 0.003, 0.01, 0.05};
    if (random_below(random, 4) == 0)
        return (LevelRule){.multiple = 0.5 + 3 * random_uniform(random),
                           .column = (uint8_t)(range + 1)};
    return (LevelRule){.fraction = fractions[random_below(random, 5)]};
}

static void random_rules(StrategyPlan *rules, Random *random) {
    double window = 2 + random_below(random, 12);
    *rules = (StrategyPlan){.size_fraction = 0.05 + 0.95 * random_uniform(random)};
    plan_bar(rules, (BarField)random_below(random, 4));
    plan_indicator(rules, "sma", 0, &window, 1);
    plan_bar(rules, BAR_CLOSE);
    rules->columns[rules->column_count - 1].length_us = 5 * STAGE_MINUTE;
    plan_constant(rules, 100 + 4 * random_uniform(random));
    uint8_t range = plan_indicator(rules, "atr", 0, &window, 1);
    random_list(&rules->enter, 4, random);
    random_list(&rules->leave, 4, random);
    rules->stop = random_level(range, random);
    rules->target = random_level(range, random);
    rules->bars_max = random_below(random, 3) ? 0 : 1 + random_below(random, 100);
    rules->bars_pause = random_below(random, 3) ? 0 : random_below(random, 40);
    rules->trails = random_below(random, 4) == 0;
    rules->trailing = (TrailingRule){.activation_fraction = 0.005 * random_uniform(random),
                                     .trail_fraction = 0.001 + 0.01 * random_uniform(random),
                                     .step_fraction = 0.001 * random_uniform(random),
                                     .pause_us = random_below(random, 5) * STAGE_MINUTE};
}

/* Filters, costs and a balance that bind now and then. */
static TrialPlan random_trial(TrialMarket *market, Random *random) {
    static const int64_t steps[] = {1, 1000, 100000, STAGE_COIN / 100, STAGE_COIN};
    TrialPlan plan = stage_trial(market, 1);
    market->filters.step = quantity_of(steps[random_below(random, 5)]);
    market->filters.notional_min = money_of(random_below(random, 3) * 500 * STAGE_COIN);
    market->filters.notional_max = money_of(random_below(random, 2) * 9000 * STAGE_COIN);
    market->first = random_below(random, 3) ? 0 : random_below(random, 3000);
    plan.balance = money_of((200 + random_below(random, 20000)) * (__int128)STAGE_COIN);
    plan.costs.fee_ppm = random_below(random, 3000);
    plan.costs.slippage_ppm = random_below(random, 1000);
    plan.smallest = money_of(random_below(random, 100) * STAGE_COIN);
    plan.size_limit = random_below(random, 2) ? 1 : 0.3;
    return plan;
}

/* ---- laws ---------------------------------------------------------------------------------- */

static void test_random_rules(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        Random random = random_stream(seed, 6);
        TrialMarket market = stage_market(
            stage_walk(3000 + random_below(&random, 6000), seed, 0.002 + 0.02 * (seed % 3 == 0)));
        TrialPlan plan = random_trial(&market, &random);
        StrategyPlan rules;
        random_rules(&rules, &random);
        plan.rules = &rules;
        char name[40];
        snprintf(name, sizeof name, "random rules %u", (unsigned)seed);
        assert_same(&plan, name);
        stage_free(&market.candles);
    }
    print_message("%u trials with %u trades\n", (unsigned)compared, (unsigned)sold);
    assert_true(sold > 20000);
}

static void test_strategies_on_walks(void **state) {
    (void)state;
    unsigned with_rules = 0;
    for (unsigned index = 0; index < strategy_count; index++) {
        const Strategy *strategy = strategy_table[index];
        if (strategy->step) continue;
        with_rules++;
        for (uint64_t seed = 1; seed <= 12; seed++) {
            Random random = random_stream(seed, 7);
            TrialMarket market = stage_market(stage_walk(8000, seed, 0.004));
            TrialPlan plan = random_trial(&market, &random);
            plan.strategy = strategy;
            random_parameters(strategy, &random, plan.parameters);
            assert_same(&plan, strategy->name);
            stage_free(&market.candles);
        }
    }
    assert_true(with_rules > 0);
}

/* A month of minutes of two symbols, every strategy of rules at presets and at random. */
static void test_strategies_on_real_candles(void **state) {
    (void)state;
    static const char *const files[] = {"ohlcv/1m/BTCUSDT-1m-2021-09-17_2021-10-17.csv.gz",
                                        "ohlcv/1m/DOGEUSDT-1m-2021-09-17_2021-10-17.csv.gz"};
    for (unsigned each = 0; each < 2; each++) {
        CandleSeries series = stage_file(shared_data(files[each]), STAGE_MINUTE, EQUITY_MAX);
        assert_true(series.count > 10000);
        TrialMarket market = stage_market(series);
        market.filters.tick = price_of(each ? 100 : STAGE_COIN / 100);
        for (unsigned index = 0; index < strategy_count; index++) {
            Random random = random_stream(index, 8);
            if (strategy_table[index]->step) continue;
            TrialPlan plan = stage_trial(&market, 1);
            plan.strategy = strategy_table[index];
            strategy_presets(plan.strategy, plan.parameters);
            assert_same(&plan, plan.strategy->name);
            random_parameters(plan.strategy, &random, plan.parameters);
            assert_same(&plan, plan.strategy->name);
        }
        stage_free(&series);
    }
}

/* Prices beyond what a double holds exactly: every bar is looked at. */
static void test_prices_too_large_for_doubles(void **state) {
    (void)state;
    TrialMarket market = stage_market(stage_walk(3000, 5, 0.01));
    int64_t *columns[] = {
        (int64_t *)(uintptr_t)market.candles.open, (int64_t *)(uintptr_t)market.candles.high,
        (int64_t *)(uintptr_t)market.candles.low, (int64_t *)(uintptr_t)market.candles.close};
    for (unsigned each = 0; each < 4; each++)
        for (size_t i = 0; i < market.candles.count; i++)
            columns[each][i] *= 1000003;
    market.filters.step = quantity_of(1);
    TrialPlan plan = stage_trial(&market, 1);
    plan.balance = money_of(1000000000 * (__int128)STAGE_COIN);
    plan.strategy = strategy_find("trend_following");
    strategy_presets(plan.strategy, plan.parameters);
    assert_same(&plan, "large prices");
    stage_free(&market.candles);
}

/* The same trades on every compiler, level and processor: written down once. */
static void test_the_same_everywhere(void **state) {
    (void)state;
    TrialMarket market = stage_market(stage_walk(20000, 11, 0.004));
    TrialPlan plan = stage_trial(&market, 1);
    plan.strategy = &stage_reader;
    StrategyPlan rules = {.size_fraction = 0.1, .bars_max = 300, .trails = false};
    uint8_t fast = plan_indicator(&rules, "sma", 0, &(double){20}, 1);
    uint8_t slow = plan_indicator(&rules, "sma", 0, &(double){50}, 1);
    uint8_t range = plan_indicator(&rules, "atr", 0, &(double){14}, 1);
    plan_when(&rules.enter, fast, TEST_CROSSES_ABOVE, slow);
    plan_when(&rules.leave, fast, TEST_CROSSES_BELOW, slow);
    rules.stop = (LevelRule){.multiple = 3, .column = (uint8_t)(range + 1)};
    rules.target.fraction = 0.02;
    plan.rules = &rules;
    assert_same(&plan, "written down");
    TrialResult result;
    TrialSummary summary;
    Error error;
    void *memory = malloc(trial_fast_memory(&plan));
    assert_true(trial_fast_run(&plan, memory, NULL, &result, &summary, &error));
    assert_true(result.hash == 0x4b097556ee04ba09ULL);
    assert_int_equal(result.trades, 227);
    assert_true(summary.mean == -0x1.1fc2ac19d32c4p-18);
    assert_true(summary.deviation == 0x1.16da8a695183dp-13);
    free(memory);
    stage_free(&market.candles);
}

static void test_what_does_not_fit(void **state) {
    (void)state;
    TrialMarket market = stage_market(stage_walk(100, 5, 0.01));
    TrialPlan plan = stage_trial(&market, 1);
    TrialResult result;
    Error error = {0};
    void *memory = malloc(trial_fast_memory(&plan));
    assert_false(trial_fast_fits(&plan)); /* a step */
    assert_false(trial_fast_run(&plan, memory, NULL, &result, NULL, &error));
    assert_string_equal(error.hint, "run it bar by bar");
    free(memory);
    stage_free(&market.candles);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_rules),
        cmocka_unit_test(test_strategies_on_walks),
        cmocka_unit_test(test_strategies_on_real_candles),
        cmocka_unit_test(test_prices_too_large_for_doubles),
        cmocka_unit_test(test_the_same_everywhere),
        cmocka_unit_test(test_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
