/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canary: nothing in the program knows the future (every indicator; every strategy as a stream,
 * as a batch and as a trial; every service, with the analyst and with a strategy), and the canary
 * would tell. Eleven look-aheads of different kinds are planted into small pipelines, as they are
 * written again and again, and each is found; the same pipelines without the mistake sing.
 */
#define PLANTED_BUGS
#include "lab_stage.h"

#include "check_aborts.h"
#include "core/base/planted.h"
#include "core/lab/lab_canary.h"
#include "core/trial/canary_subjects.h"
#include "core/trial/warmup_check.h"

unsigned planted_bug;

#define DAYS 3
#define CUTS 4

typedef struct Cage {
    StageMarkets stage;
    CandleSeries series[3]; /* two symbols, and something social that comes by the hour */
    CanaryPlan plan;
    void *memory, *scratch;
} Cage;

static Cage cage;

/* Two outages, so that there are gaps. */
static void lose_rows(StageMarkets *stage, size_t from, size_t rows) {
    CandleSeries *candles = &stage->markets[0].candles;
    for (size_t row = from; row + rows < candles->count; row++) {
        Bar bar = candle_series_bar(candles, row + rows);
        bar_columns_set(stage, 0, row, &bar);
    }
    candles->count -= rows;
    stage->markets[0].end = candles->count;
}

static int open_cage(void **state) {
    (void)state;
    cage.stage = stage_generated(31, 3, DAYS, INTERVAL_1M);
    StageMarkets hours = stage_generated(32, 1, DAYS, INTERVAL_1H);
    lose_rows(&cage.stage, 1000, 5);
    lose_rows(&cage.stage, 3000, 40);
    cage.series[0] = cage.stage.markets[0].candles;
    cage.series[1] = cage.stage.markets[1].candles;
    cage.series[2] = hours.markets[0].candles;
    size_t rows = cage.series[1].count;
    cage.plan = (CanaryPlan){.series = cage.series,
                             .series_count = 3,
                             .cuts = CUTS,
                             .seed = 33,
                             .events_max = canary_events(rows + 100)};
    cage.memory = malloc(canary_memory(&cage.plan));
    cage.scratch = malloc(canary_scratch(rows));
    cage.plan.scratch = cage.scratch;
    return cage.memory && cage.scratch ? 0 : -1;
}

static int close_cage(void **state) {
    (void)state;
    stage_markets_free(&cage.stage);
    StageMarkets hours = {.count = 1, .markets = {{.candles = cage.series[2]}}};
    stage_markets_free(&hours);
    free(cage.memory);
    free(cage.scratch);
    return 0;
}

static void tell(const CanarySubject *subject, const CanaryFinding *finding, const Error *error) {
    char first[25], cut[25];
    instant_to_iso(finding->first_us, first);
    instant_to_iso(finding->cut_us, cut);
    print_error("%s %s: verdict %d, %s says something else at %s when the future from %s on is %s; "
                "%s %s\n",
                subject->kind, subject->name, finding->verdict, finding->part ? finding->part : "-",
                first, cut, canary_change_name(finding->change), error->message, error->where);
}

static uint64_t expect_song(const CanarySubject *subject) {
    Error error = {.code = ERROR_NONE};
    CanaryFinding finding = canary_watch(&cage.plan, subject, cage.memory, &error);
    if (finding.verdict != CANARY_SINGS) tell(subject, &finding, &error);
    assert_int_equal(finding.verdict, CANARY_SINGS);
    return finding.compared;
}

/* ---- what is shipped ----------------------------------------------------------------------- */

static void test_no_indicator_knows_the_future(void **state) {
    (void)state;
    uint64_t compared = 0;
    for (unsigned i = 0; i < indicator_count; i++) {
        CanarySubject subject = canary_of_indicator(indicator_table[i]);
        compared += expect_song(&subject);
    }
    print_message("%u indicators, %llu outputs the same\n", indicator_count,
                  (unsigned long long)compared);
}

static void test_no_strategy_knows_the_future(void **state) {
    (void)state;
    uint64_t compared = 0;
    CanarySubject (*const makers[])(const Strategy *) = {canary_of_stream, canary_of_columns,
                                                         canary_of_trial, canary_of_fast_trial};
    for (unsigned i = 0; i < strategy_count; i++)
        for (unsigned k = 0; k < sizeof makers / sizeof makers[0]; k++) {
            CanarySubject subject = makers[k](strategy_table[i]);
            compared += expect_song(&subject);
        }
    print_message("%u strategies, %llu values, wishes and equities the same\n", strategy_count,
                  (unsigned long long)compared);
}

/* The same lab, but each reading is told an hour before it was known. */
static bool run_early(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                      void *scratch, CanarySink *sink, Error *error) {
    CandleSeries early[CANARY_SERIES_MAX];
    CanarySubject lab = lab_canary(subject->context);
    CandleSeries *social = &early[2];
    memcpy(early, series, count * sizeof *series);
    int64_t *time_us = calloc(social->count + 1, sizeof *time_us);
    assert_non_null(time_us);
    for (size_t row = 0; row < social->count; row++)
        time_us[row] = social->time_us[row] - INSTANT_HOUR_US;
    social->time_us = time_us;
    bool sound = lab.run(&lab, early, count, scratch, sink, error);
    free(time_us);
    return sound;
}

static CanaryFinding look_at_services(const Settings *settings, bool peeks) {
    StageMarkets two = cage.stage;
    two.count = 2;
    LabPlan lab = stage_plan(&two, settings);
    CanaryPlan plan = cage.plan;
    Error error = {.code = ERROR_NONE};
    size_t rows = 2 * cage.series[0].count, readings = cage.series[2].count;
    plan.series_count = 3; /* the third is social history */
    plan.events_max = lab_canary_events(rows + readings);
    plan.scratch = aligned_alloc(16, (lab_canary_scratch(&lab, readings) + 15) & ~(size_t)15);
    void *memory = malloc(canary_memory(&plan));
    assert_true(plan.scratch && memory);
    CanarySubject subject = lab_canary(&lab);
    if (peeks) subject.run = run_early;
    CanaryFinding finding = canary_watch(&plan, &subject, memory, &error);
    if (!peeks && finding.verdict != CANARY_SINGS) tell(&subject, &finding, &error);
    free(memory);
    free(plan.scratch);
    return finding;
}

static uint64_t watch_services(const Settings *settings) {
    CanaryFinding finding = look_at_services(settings, false);
    assert_int_equal(finding.verdict, CANARY_SINGS);
    return finding.compared;
}

static void test_a_reading_before_it_was_known_is_found(void **state) {
    (void)state;
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    CanaryFinding finding = look_at_services(&settings, true);
    assert_int_equal(finding.verdict, CANARY_FUTURE);
    print_message("an early reading is told by %s\n", finding.part);
}

static void test_no_service_knows_the_future(void **state) {
    (void)state;
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC,ETHUSDC");
    settings.trading.signal_score_threshold = 0.2; /* many signals */
    print_message("analyst: %llu messages the same\n",
                  (unsigned long long)watch_services(&settings));
    strcpy(settings.strategy.name, "trend_following");
    print_message("a strategy: %llu messages the same\n",
                  (unsigned long long)watch_services(&settings));
    strcpy(settings.strategy.name, "social_trend");
    strcpy(settings.strategy.parameters, "volume=1,engagement=1");
    print_message("a social strategy: %llu messages the same\n",
                  (unsigned long long)watch_services(&settings));
}

/* ---- what is planted ----------------------------------------------------------------------- */

/* Each fills a column that it claims to know at each row's close. */
typedef void Pipeline(const CandleSeries *series, size_t rows, double *out);

static double close_at(const CandleSeries *candles, size_t row) {
    size_t last = candles->count - 1;
    return (double)candles->close[row < last ? row : last];
}

static size_t back(size_t row, size_t bars) {
    return row > bars ? row - bars : 0;
}

static double mean_of(const CandleSeries *candles, size_t from, size_t to) {
    double sum = 0;
    size_t end = to < candles->count ? to : candles->count;
    for (size_t row = from; row < end; row++)
        sum += close_at(candles, row);
    return sum / (double)(end - from);
}

static void next_close(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++)
        out[row] = close_at(series, row + PLANTED(1, 0u, 1u));
}

static void forming_hour(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++) {
        size_t begins = row - row % 60;
        out[row] = close_at(series, PLANTED(2, back(begins, 1), begins + 59));
    }
}

static void days_high(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++) {
        size_t begins = row - row % 1440, end = PLANTED(3, row + 1, begins + 1440);
        out[row] = 0;
        for (size_t k = begins; k < end && k < rows; k++)
            if ((double)series->high[k] > out[row]) out[row] = (double)series->high[k];
    }
}

static void normalised(const CandleSeries *series, size_t rows, double *out) {
    double sum = 0, whole = mean_of(series, 0, rows);
    for (size_t row = 0; row < rows; row++) {
        sum += close_at(series, row);
        out[row] = close_at(series, row) / PLANTED(5, sum / (double)(row + 1), whole);
    }
}

static void social_join(const CandleSeries *series, size_t rows, double *out) {
    const CandleSeries *social = &series[2];
    for (size_t row = 0; row < rows; row++) {
        int64_t now_us = series->time_us[row] + series->length_us;
        size_t after = candle_series_before(social, now_us), known = back(after, 1);
        bool nearer = after < social->count &&
                      social->time_us[after] - now_us < now_us - social->time_us[known];
        out[row] = (double)social->open[PLANTED(6, known, nearer ? after : known)];
    }
}

static void centred_window(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++)
        out[row] = PLANTED(7, mean_of(series, back(row, 10), row + 1),
                           mean_of(series, back(row, 5), row + 6));
}

static void label_in_features(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++) {
        double moved = close_at(series, row) - close_at(series, back(row, 1));
        double label = close_at(series, row + 60) > close_at(series, row) ? 1 : -1;
        out[row] = PLANTED(8, moved, moved * label);
    }
}

static void ranked(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++) {
        size_t from = PLANTED(10, back(row, 60), row), to = PLANTED(10, row, row + 60);
        double first = close_at(&series[0], to) / close_at(&series[0], from);
        double second = close_at(&series[1], to) / close_at(&series[1], from);
        out[row] = first > second ? 0 : 1; /* which symbol is bought */
    }
}

static void last_bars_indicator(const CandleSeries *series, size_t rows, double *out) {
    for (size_t row = 0; row < rows; row++) {
        size_t of = PLANTED(11, row, rows - 1);
        out[row] = mean_of(series, back(of, 19), of + 1);
    }
}

static bool run_pipeline(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                         void *scratch, CanarySink *sink, Error *error) {
    Pipeline *const *pipeline = subject->context;
    double *out = scratch;
    (void)error;
    assert_int_equal(count, 3);
    (*pipeline)(series, series->count, out);
    for (size_t row = 0; row < series->count; row++)
        canary_say(sink, series->time_us[row] + series->length_us - 1, 0, &out[row], sizeof *out);
    return true;
}

/* The minutes that one symbol lacks and the other has are filled: from before them, or from behind.
 */
static bool run_filled_gaps(const CanarySubject *subject, const CandleSeries *series,
                            unsigned count, void *scratch, CanarySink *sink, Error *error) {
    (void)subject, (void)count, (void)scratch, (void)error;
    const CandleSeries *clock = &series[1];
    for (size_t minute = 0; minute < clock->count; minute++) {
        size_t after = candle_series_before(series, clock->time_us[minute] + 1), row = after - 1;
        bool there = series->time_us[row] == clock->time_us[minute];
        double close = close_at(series, there ? row : PLANTED(4, row, after));
        canary_say(sink, clock->time_us[minute] + clock->length_us - 1, 0, &close, sizeof close);
    }
    return true;
}

/* A decision on the close, filled there and then, or at the next open. */
static bool run_fills(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                      void *scratch, CanarySink *sink, Error *error) {
    (void)subject, (void)count, (void)scratch, (void)error;
    for (size_t row = 1; row < series->count; row++) {
        int64_t close_us = series->time_us[row] + series->length_us - 1;
        bool rises = close_at(series, row) > close_at(series, row - 1);
        canary_say(sink, close_us, 0, &rises, sizeof rises);
        if (rises) canary_filled(sink, close_us, PLANTED(9, close_us + 1, close_us));
    }
    return true;
}

static const struct {
    unsigned number;
    const char *name;
    Pipeline *pipeline; /* NULL: `run` has its own */
    bool (*run)(const CanarySubject *, const CandleSeries *, unsigned, void *, CanarySink *,
                Error *);
} planted[] = {
    {1, "peeks at the next bar's close", next_close, run_pipeline},
    {2, "reads the hour that is still forming", forming_hour, run_pipeline},
    {3, "knows the day's high before the day ends", days_high, run_pipeline},
    {4, "fills gaps backwards", NULL, run_filled_gaps},
    {5, "normalises by the mean of the whole series", normalised, run_pipeline},
    {6, "joins social data by the nearest time", social_join, run_pipeline},
    {7, "centres its window", centred_window, run_pipeline},
    {8, "has the label among its features", label_in_features, run_pipeline},
    {9, "fills at the close of the signal's bar", NULL, run_fills},
    {10, "ranks symbols by what they will have gained", ranked, run_pipeline},
    {11, "gives every row the last bar's indicator", last_bars_indicator, run_pipeline},
};
#define PLANTED_COUNT (sizeof planted / sizeof planted[0])

static CanaryFinding watch_planted(unsigned index, unsigned bug) {
    Error error = {.code = ERROR_NONE};
    CanarySubject subject = {.kind = "pipeline",
                             .name = planted[index].name,
                             .context = &planted[index].pipeline,
                             .run = planted[index].run};
    planted_bug = bug;
    CanaryFinding finding = canary_watch(&cage.plan, &subject, cage.memory, &error);
    planted_bug = 0;
    return finding;
}

static void test_every_planted_look_ahead_is_found(void **state) {
    (void)state;
    unsigned found = 0;
    for (unsigned i = 0; i < PLANTED_COUNT; i++) {
        CanaryFinding finding = watch_planted(i, planted[i].number);
        bool same_bar = finding.verdict == CANARY_SAME_BAR;
        found += same_bar || finding.verdict == CANARY_FUTURE;
        print_message("  %2u %-46s %s%s\n", planted[i].number, planted[i].name,
                      same_bar                           ? "found: fills in its own bar"
                      : finding.verdict == CANARY_FUTURE ? "found: future "
                                                         : "NOT FOUND",
                      finding.verdict == CANARY_FUTURE ? canary_change_name(finding.change) : "");
    }
    assert_int_equal(found, PLANTED_COUNT);
    assert_true(found >= 10);
}

static void test_the_same_pipelines_without_the_mistake_sing(void **state) {
    (void)state;
    for (unsigned i = 0; i < PLANTED_COUNT; i++) {
        CanaryFinding finding = watch_planted(i, 0);
        if (finding.verdict != CANARY_SINGS) print_error("%s\n", planted[i].name);
        assert_int_equal(finding.verdict, CANARY_SINGS);
    }
}

/* A subject that says nothing proves nothing, and is told. */
static bool run_silent(const CanarySubject *subject, const CandleSeries *series, unsigned count,
                       void *scratch, CanarySink *sink, Error *error) {
    (void)subject, (void)series, (void)count, (void)scratch, (void)sink, (void)error;
    return true;
}

static void test_silence_is_no_song(void **state) {
    (void)state;
    Error error;
    CanarySubject subject = {.kind = "pipeline", .name = "mute", .run = run_silent};
    CanaryFinding finding = canary_watch(&cage.plan, &subject, cage.memory, &error);
    assert_int_equal(finding.verdict, CANARY_SILENT);
}

/* ---- warm-up ------------------------------------------------------------------------------- */

#define LATER 977

static void test_no_indicator_remembers_more_than_it_says(void **state) {
    (void)state;
    unsigned tested = 0, no_promise = 0;
    for (unsigned i = 0; i < indicator_count; i++) {
        const Indicator *indicator = indicator_table[i];
        void *scratch = malloc(warmup_check_scratch(indicator));
        WarmupFinding finding = warmup_check(indicator, &cage.series[1], LATER, scratch);
        if (finding.verdict == WARMUP_UNSTABLE)
            print_error("%s.%s at row %zu: %.17g and %.17g\n", indicator->name, finding.output,
                        finding.row, finding.earlier, finding.later);
        assert_true(finding.verdict == WARMUP_STABLE || finding.verdict == WARMUP_NO_PROMISE);
        tested += finding.verdict == WARMUP_STABLE;
        no_promise += finding.verdict == WARMUP_NO_PROMISE;
        free(scratch);
    }
    print_message("%u indicators forget where the history begins, %u promise nothing\n", tested,
                  no_promise);
    assert_true(tested > 40);
}

/* A mean that says it has a window, and is a running sum over everything. */
static unsigned false_warmup(const double *options) {
    (void)options;
    return 19;
}
static unsigned false_window(const double *options) {
    (void)options;
    return 20;
}
static size_t false_size(const double *options) {
    (void)options;
    return 2 * sizeof(double);
}
static void false_init(void *block, const double *options) {
    (void)options;
    memset(block, 0, false_size(NULL));
}
static void false_step(void *block, const IndicatorBar *bar, double *outputs) {
    double *sums = block;
    sums[0] += bar->close;
    sums[1] += 1;
    outputs[0] = sums[1] < 20 ? (double)NAN : sums[0] / sums[1];
}

static void test_a_false_window_is_found(void **state) {
    (void)state;
    const Indicator mean = {.name = "mean",
                            .memory = MEMORY_WINDOW,
                            .outputs = {{.name = "mean", .price_scale = SCALE_LINEAR}},
                            .warmup = false_warmup,
                            .window = false_window,
                            .state_size = false_size,
                            .init = false_init,
                            .step = false_step};
    double scratch[8];
    WarmupFinding finding = warmup_check(&mean, &cage.series[1], LATER, scratch);
    assert_int_equal(finding.verdict, WARMUP_UNSTABLE);
    assert_string_equal(finding.output, "mean");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_planted_look_ahead_is_found),
        cmocka_unit_test(test_the_same_pipelines_without_the_mistake_sing),
        cmocka_unit_test(test_silence_is_no_song),
        cmocka_unit_test(test_no_indicator_knows_the_future),
        cmocka_unit_test(test_no_strategy_knows_the_future),
        cmocka_unit_test(test_no_service_knows_the_future),
        cmocka_unit_test(test_a_reading_before_it_was_known_is_found),
        cmocka_unit_test(test_no_indicator_remembers_more_than_it_says),
        cmocka_unit_test(test_a_false_window_is_found),
    };
    return cmocka_run_group_tests(tests, open_cage, close_cage);
}
