/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One text per strategy, tests/golden/strategies/NAME.txt: what it wishes with its presets over two
 * hundred days of a generated market, so that a change of meaning shows as a changed line. The
 * lines come from the naive strategies of naive_strategies.h, not from the program. Rewritten on
 * purpose only, by the one who changed a definition: `build/tests/golden/strategies --write` from
 * the root of the project.
 */
#include "unit.h"

#include "core/base/check.h"
#include "golden/naive_strategies.h"

#define FOLDER      "tests/golden/strategies/"
#define GOLDEN_SEED 36 /* any on which every strategy trades */
#define WALKS       6
#define LENGTH_US   (4 * INSTANT_HOUR_US)

static CandleMarket market;
static RecordedWish wishes[CANDLE_MARKET_BARS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static const char *const kinds[] = {"none", "enter", "add", "reduce", "leave"};

/* A walk; moods that wander, so that each threshold is passed now and then. */
static void make_market(uint64_t market_seed) {
    static const double tops[EXTERNAL_COUNT] = {1, 30000, 20000, 1};
    uint64_t seed = 5;
    candle_market_make(&market, CANDLES_WALK, LENGTH_US, market_seed);
    naive_fold_count = 0;
    market.series.count = NAIVE_BARS;
    for (size_t bar = 0; bar < NAIVE_BARS; bar++) {
        Bar own = candle_series_bar(&market.series, bar);
        naive_bars[bar] = indicator_bar(&own);
    }
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++) {
        double level = 0.5;
        for (size_t bar = 0; bar < NAIVE_BARS; bar++) {
            level = fmin(1, fmax(0, level + 0.2 * (candle_market_uniform(&seed) - 0.5)));
            naive_samples[series][bar] = tops[series] * level;
        }
    }
}

static FILE *golden_open(const char *name, const char *mode) {
    char path[256];
    snprintf(path, sizeof path, FOLDER "%s.txt", name);
    FILE *file = fopen(path, mode);
    if (!file) fail_msg("%s: no golden wishes (run from the root of the project)", path);
    return file;
}

/* The account of strategy_run.h, asked by the naive strategy. */
static void naive_record(const NaiveStrategy *of) {
    StrategyAccount account = {.cash = 1, .position = {.bars_flat = RULE_NEVER}};
    for (int bar = 0; bar < NAIVE_BARS; bar++) {
        strategy_run_fill(&account, &naive_bars[bar]);
        strategy_run_count(&account, naive_close(bar));
        account.pending = naive_wish(of, bar, &account.position);
        wishes[bar] = strategy_run_record(&account.pending);
    }
}

static void golden_write(const NaiveStrategy *of) {
    FILE *file = golden_open(of->name, "w");
    naive_record(of);
    fprintf(file,
            "# %s\n# Source: the definition, computed by tests/golden/naive_strategies.h over a "
            "seeded walk of %d bars of four hours.\n# bar close wish fraction of_start stop "
            "target\n",
            of->name, NAIVE_BARS);
    for (int bar = 0; bar < NAIVE_BARS; bar++)
        if (wishes[bar].kind != WISH_NONE)
            fprintf(file, "%d %.8f %s %.10g %u %.10g %.10g\n", bar, naive_close(bar),
                    kinds[wishes[bar].kind], wishes[bar].fraction, wishes[bar].of_start,
                    wishes[bar].stop_fraction, wishes[bar].target_fraction);
    fclose(file);
}

/* The line's wish is the program's at that bar; between the lines it wishes nothing. */
static int golden_line(const char *name, const char *line, int next) {
    char kind[16];
    int bar;
    unsigned of_start;
    double close, fraction, stop, target;
    if (sscanf(line, "%d %lf %15s %lf %u %lf %lf", &bar, &close, kind, &fraction, &of_start, &stop,
               &target) != 7)
        fail_msg("%s: not a golden line: %s", name, line);
    assert_true(bar >= next && bar < NAIVE_BARS);
    for (int quiet = next; quiet < bar; quiet++)
        if (wishes[quiet].kind != WISH_NONE)
            fail_msg("%s: bar %d: %s, where the golden file has none", name, quiet,
                     kinds[wishes[quiet].kind]);
    const RecordedWish *got = &wishes[bar];
    if (strcmp(kinds[got->kind], kind) != 0 || got->of_start != of_start)
        fail_msg("%s: %s, the golden line: %s", name, kinds[got->kind], line);
    assert_close(naive_close(bar), close, 1e-8);
    assert_close(got->fraction, fraction, 1e-9);
    assert_close(got->stop_fraction, stop, 1e-9);
    assert_close(got->target_fraction, target, 1e-9);
    return bar + 1;
}

static void record(const Strategy *strategy) {
    StrategyCase of = {.strategy = strategy, .seed = NAIVE_SEED};
    strategy_presets(strategy, of.parameters);
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        of.external[series] = naive_samples[series];
    assert_true(strategy_run_whole(&of, &market.series, 0, wishes));
}

static unsigned golden_check(const Strategy *strategy) {
    char line[256];
    unsigned lines = 0;
    int next = 0;
    FILE *file = golden_open(strategy->name, "r");
    record(strategy);
    while (fgets(line, sizeof line, file)) {
        if (*line == '#') continue;
        next = golden_line(strategy->name, line, next);
        lines++;
    }
    for (; next < NAIVE_BARS; next++)
        assert_int_equal(wishes[next].kind, WISH_NONE);
    fclose(file);
    return lines;
}

static void test_golden(void **context) {
    (void)context;
    assert_int_equal(strategy_count, NAIVE_STRATEGIES);
    make_market(GOLDEN_SEED);
    for (unsigned index = 0; index < strategy_count; index++) {
        unsigned lines = golden_check(strategy_table[index]);
        print_message("  %-20s %3u wishes\n", strategy_table[index]->name, lines);
        assert_true(lines > 0);
    }
}

static bool same_wish(const RecordedWish *left, const RecordedWish *right) {
    return left->kind == right->kind && left->of_start == right->of_start &&
           fabs(left->fraction - right->fraction) <= 1e-9 &&
           fabs(left->stop_fraction - right->stop_fraction) <= 1e-9 &&
           fabs(left->target_fraction - right->target_fraction) <= 1e-9;
}

/* On other walks too, the program and the naive strategies wish the same at every close. */
static void test_naive(void **context) {
    (void)context;
    static RecordedWish naive_wishes[CANDLE_MARKET_BARS];
    for (uint64_t seed = 0; seed < WALKS; seed++) {
        make_market(seed);
        for (unsigned index = 0; index < NAIVE_STRATEGIES; index++) {
            naive_record(&naive_strategies[index]);
            memcpy(naive_wishes, wishes, sizeof wishes);
            record(strategy_find(naive_strategies[index].name));
            for (unsigned bar = 0; bar < NAIVE_BARS; bar++)
                if (!same_wish(&naive_wishes[bar], &wishes[bar]))
                    fail_msg("%s, walk %u, bar %u: %s, the naive one %s",
                             naive_strategies[index].name, (unsigned)seed, bar,
                             kinds[wishes[bar].kind], kinds[naive_wishes[bar].kind]);
        }
    }
}

int main(int count, char **words) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_naive)};
    if (count == 2 && strcmp(words[1], "--write") == 0) {
        make_market(GOLDEN_SEED);
        for (unsigned index = 0; index < NAIVE_STRATEGIES; index++)
            golden_write(&naive_strategies[index]);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
