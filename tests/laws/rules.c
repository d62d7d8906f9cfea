/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of plans: the streaming form knows closed candles only, its longer candles are those of
 * a file of that interval, a state that is copied goes on equal, the batch form says the same bit
 * for bit in windows of any length, and the warm-up is what is said.
 */
#include "unit.h"

#include "core/base/check.h"
#include "core/trial/rule_columns.h"
#include "core/trial/rule_stream.h"
#include "laws/candle_markets.h"
#include "shell/store/candle_file.h"

#define HOUR INSTANT_HOUR_US

static CandleMarket market, longer_market;

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

static bool same_bits(double left, double right) {
    return memcmp(&left, &right, sizeof left) == 0 || (isnan(left) && isnan(right));
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

/* The series' bars folded to `length_us`, as a file of that interval would hold them. A bucket
 * that has not ended by the last bar is not closed. */
static void fold_market(const CandleSeries *series, int64_t length_us) {
    CandleFold fold;
    CandleMarket *to = &longer_market;
    size_t count = 0;
    candle_fold_init_lengths(&fold, series->length_us, length_us);
    for (size_t bar = 0; bar < series->count; bar++) {
        Bar closed[2], from = candle_series_bar(series, bar);
        unsigned given = candle_fold_add(&fold, &from, closed);
        for (unsigned each = 0; each < given; each++, count++) {
            to->time_us[count] = closed[each].time_us;
            to->open[count] = closed[each].open.units;
            to->high[count] = closed[each].high.units;
            to->low[count] = closed[each].low.units;
            to->close[count] = closed[each].close.units;
            to->volume[count] = closed[each].volume;
            to->quote_volume[count] = closed[each].quote_volume;
            to->taker[count] = closed[each].taker_volume;
        }
    }
    to->series = (CandleSeries){.length_us = length_us,
                                .count = count,
                                .time_us = to->time_us,
                                .open = to->open,
                                .high = to->high,
                                .low = to->low,
                                .close = to->close,
                                .volume = to->volume,
                                .quote_volume = to->quote_volume,
                                .taker = to->taker};
}

/* A column of each kind, of one interval. */
static void plan_of(StrategyPlan *plan, int64_t length_us) {
    *plan = (StrategyPlan){.size_fraction = 1};
    plan_bar(plan, BAR_OPEN);
    plan_bar(plan, BAR_HIGH);
    plan_bar(plan, BAR_LOW);
    plan_bar(plan, BAR_CLOSE);
    plan_bar(plan, BAR_VOLUME);
    plan_indicator(plan, "sma", 0, (double[]){5}, 1);
    plan_indicator(plan, "macd", 2, NULL, 0);
    plan_indicator(plan, "atr", 0, NULL, 0);
    plan_indicator(plan, "supertrend", 0, NULL, 0);
    plan_indicator(plan, "supertrend", 1, NULL, 0);
    plan_indicator(plan, "mfi", 0, NULL, 0);
    plan_earlier(plan, 3);
    plan_earlier(plan, 9);
    for (unsigned index = 0; index < plan->column_count; index++)
        plan->columns[index].length_us = length_us;
}

/* What the columns say at each bar is what they say on the newest candle of the longer file that
 * had closed by then; what had closed by then is asked of the times alone. */
static void law_longer(CandleMarketKind kind, int64_t length_us) {
    StrategyPlan plan, longer_plan;
    RuleStream stream, longer_stream;
    candle_market_make(&market, kind, HOUR, 1);
    fold_market(&market.series, length_us);
    plan_of(&plan, length_us);
    plan_of(&longer_plan, 0);
    init(&stream, &plan, HOUR);
    init(&longer_stream, &longer_plan, length_us);
    void *state = start(&stream), *longer_state = start(&longer_stream);
    size_t fed = 0;
    for (size_t bar = 0; bar < market.series.count; bar++) {
        Bar own = candle_series_bar(&market.series, bar);
        rule_stream_feed(&stream, state, &own, NULL);
        while (fed < longer_market.series.count &&
               longer_market.time_us[fed] + length_us <= own.time_us + HOUR) {
            Bar candle = candle_series_bar(&longer_market.series, fed++);
            rule_stream_feed(&longer_stream, longer_state, &candle, NULL);
        }
        const double *got = rule_stream_columns(&stream, state);
        const double *expected = rule_stream_columns(&longer_stream, longer_state);
        for (unsigned column = 0; column < plan.column_count; column++)
            if (!same_bits(got[column], expected[column]))
                fail_msg("%s, length %lld h, bar %zu, column %u: %.17g, the file says %.17g",
                         candle_market_names[kind], (long long)(length_us / HOUR), bar, column,
                         got[column], expected[column]);
    }
    assert_true(fed > 10);
    free(state);
    free(longer_state);
}

static void test_longer_candles(void **context) {
    (void)context;
    for (CandleMarketKind kind = 0; kind < CANDLES_KINDS; kind++) {
        law_longer(kind, 4 * HOUR);
        law_longer(kind, 24 * HOUR);
        law_longer(kind, 3 * HOUR);
    }
}

/* A series that begins in the middle of a day: the day is not a candle. */
static void test_partial_first_candle(void **context) {
    (void)context;
    StrategyPlan plan = {.size_fraction = 1};
    RuleStream stream;
    candle_market_make(&market, CANDLES_WALK, HOUR, 5);
    plan_bar(&plan, BAR_OPEN);
    plan.columns[0].length_us = 24 * HOUR;
    init(&stream, &plan, HOUR);
    void *state = start(&stream);
    for (size_t bar = 5; bar < 48; bar++) {
        Bar own = candle_series_bar(&market.series, bar);
        rule_stream_feed(&stream, state, &own, NULL);
        double got = rule_stream_columns(&stream, state)[0];
        if (bar < 47)
            assert_true(isnan(got));
        else
            assert_true(got == (double)market.open[24] / 1e8);
    }
    free(state);
}

/* The candle of the file that begins at `time_us`; false: it has none. */
static bool file_bar(CandleFile *file, int64_t time_us, Bar *bar) {
    Error error = {0};
    while (bar->time_us < time_us)
        if (candle_file_bar(file, bar, &error) != CANDLE_BAR) return false;
    return bar->time_us == time_us;
}

/* Hours of recorded minutes are the hours that the venue published. */
static void test_recorded_hours(void **context) {
    (void)context;
    Error error = {0};
    CandleFile *minutes = candle_file_open(
        shared_data("ohlcv/1m/BTCUSDT-1m-2023-03-16_2023-05-01.csv.gz"), CANDLE_FULL, &error);
    CandleFile *hours = candle_file_open(shared_data("ohlcv/1h/BTCUSDT-1h-to_2024-12-31.csv.gz"),
                                         CANDLE_FULL, &error);
    assert_true(minutes && hours);
    StrategyPlan plan = {.size_fraction = 1};
    RuleStream stream;
    Bar minute = {0}, hour = {0};
    unsigned compared = 0;
    for (BarField field = BAR_OPEN; field <= BAR_VOLUME; field++)
        plan.columns[plan_bar(&plan, field)].length_us = HOUR;
    init(&stream, &plan, INSTANT_MINUTE_US);
    void *state = start(&stream);
    while (candle_file_bar(minutes, &minute, &error) == CANDLE_BAR) {
        rule_stream_feed(&stream, state, &minute, NULL);
        int64_t end_us = minute.time_us + INSTANT_MINUTE_US;
        const double *columns = rule_stream_columns(&stream, state);
        if (end_us % HOUR != 0 || isnan(columns[0])) continue;
        if (!file_bar(hours, end_us - HOUR, &hour)) continue;
        IndicatorBar published = indicator_bar(&hour);
        for (BarField field = BAR_OPEN; field <= BAR_CLOSE; field++)
            assert_true(columns[field] == rule_bar_field(&published, field));
        assert_close(columns[BAR_VOLUME], published.volume, 1e-9 * published.volume);
        compared++;
    }
    print_message("  %u hours of minutes equal the published ones\n", compared);
    assert_true(compared > 1000);
    candle_file_close(minutes);
    candle_file_close(hours);
    free(state);
}

/* ---- the batch form ------------------------------------------------------------------------ */

#define PLANS   4
#define PLACES  (PLANS * PLAN_COLUMNS_MAX)
#define WINDOWS 4

static StrategyPlan plans[PLANS];
static uint32_t places[PLANS][PLAN_COLUMNS_MAX];
static double samples[CANDLE_MARKET_BARS];

/* Columns of all kinds and three intervals, some of them several times. */
static void make_plans(void) {
    for (unsigned index = 0; index < PLANS; index++)
        plan_of(&plans[index], (int64_t[]){0, 4 * HOUR, 24 * HOUR, HOUR}[index]);
    plan_constant(&plans[0], 30);
    plan_constant(&plans[1], 30);
    plan_external(&plans[0], EXTERNAL_SENTIMENT);
    plan_scaled(&plans[0], 5, 1.01);
    plan_external(&plans[2], EXTERNAL_NEWS_IMPACT);
    plan_earlier(&plans[1], plan_external(&plans[1], EXTERNAL_SENTIMENT));
    for (size_t bar = 0; bar < CANDLE_MARKET_BARS; bar++)
        samples[bar] = bar % 5 ? (double)bar : (double)NAN;
}

static const double *const *make_external(void) {
    static const double *external[EXTERNAL_COUNT];
    external[EXTERNAL_SENTIMENT] = samples;
    return external;
}

static void feed_with_samples(const RuleStream *stream, void *state, size_t bar) {
    double known[EXTERNAL_COUNT];
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        known[series] = series == EXTERNAL_SENTIMENT ? samples[bar] : (double)NAN;
    Bar own = candle_series_bar(&market.series, bar);
    rule_stream_feed(stream, state, &own, known);
}

static void require_window(const RuleColumns *columns, unsigned plan, const RuleStream *stream,
                           void *state, size_t from, size_t count) {
    double before[PLAN_COLUMNS_MAX];
    for (size_t bar = from; bar < from + count; bar++) {
        memcpy(before, rule_stream_columns(stream, state), sizeof before);
        feed_with_samples(stream, state, bar);
        const double *now = rule_stream_columns(stream, state);
        for (unsigned column = 0; column < plans[plan].column_count; column++) {
            const double *values = rule_columns_values(columns, places[plan][column]);
            if (!values) {
                assert_int_equal(plans[plan].columns[column].kind, COLUMN_CONSTANT);
                continue;
            }
            if (!same_bits(values[bar - from], now[column]) ||
                !same_bits(values[(ptrdiff_t)(bar - from) - 1], before[column]))
                fail_msg("plan %u column %u bar %zu: batch %.17g, stream %.17g", plan, column, bar,
                         values[bar - from], now[column]);
        }
    }
}

/* The whole series in windows of the given length, against a stream of each plan. */
static void law_batch(RuleColumns *columns, size_t window) {
    RuleStream streams[PLANS];
    void *states[PLANS];
    for (unsigned plan = 0; plan < PLANS; plan++) {
        init(&streams[plan], &plans[plan], HOUR);
        states[plan] = start(&streams[plan]);
    }
    size_t from = 0, count;
    while ((count = rule_columns_next(columns, &market.series, make_external()))) {
        assert_true(count <= window);
        for (unsigned plan = 0; plan < PLANS; plan++)
            require_window(columns, plan, &streams[plan], states[plan], from, count);
        from += count;
    }
    assert_int_equal(from, market.series.count);
    for (unsigned plan = 0; plan < PLANS; plan++)
        free(states[plan]);
}

static void law_batch_of_market(CandleMarketKind kind) {
    static const size_t windows[WINDOWS] = {CANDLE_MARKET_BARS, 1, 1000, 1031};
    candle_market_make(&market, kind, HOUR, 3);
    for (unsigned index = 0; index < WINDOWS; index++) {
        RuleColumns columns;
        Error error = {0};
        size_t size = rule_columns_size(PLACES);
        void *memory = malloc(size), *values_memory;
        Arena arena = arena_in(memory, size);
        rule_columns_init(&columns, &arena, PLACES, HOUR);
        for (unsigned plan = 0; plan < PLANS; plan++)
            assert_true(rule_columns_add(&columns, &plans[plan], places[plan], &error));
        size = rule_columns_memory(&columns, windows[index]);
        values_memory = malloc(size);
        arena = arena_in(values_memory, size);
        rule_columns_open(&columns, &arena, windows[index]);
        law_batch(&columns, windows[index]);
        rule_columns_rewind(&columns);
        law_batch(&columns, windows[index]);
        free(values_memory);
        free(memory);
    }
}

static void test_batch_equals_stream(void **context) {
    (void)context;
    make_plans();
    law_batch_of_market(CANDLES_WALK);
    law_batch_of_market(CANDLES_GAPS);
    law_batch_of_market(CANDLES_TICKS);
}

static void test_equal_columns_are_shared(void **context) {
    (void)context;
    RuleColumns columns;
    Error error = {0};
    size_t size = rule_columns_size(PLACES);
    void *memory = malloc(size);
    Arena arena = arena_in(memory, size);
    make_plans();
    rule_columns_init(&columns, &arena, PLACES, HOUR);
    for (unsigned plan = 0; plan < PLANS; plan++)
        assert_true(rule_columns_add(&columns, &plans[plan], places[plan], &error));
    /* Plan 3 reads the series' own interval by its length: the columns of plan 0, of interval 0.
     */
    for (unsigned column = 0; column < 13; column++)
        assert_int_equal(places[3][column], places[0][column]);
    assert_int_equal(places[0][13], places[1][13]);
    assert_true(places[0][5] != places[0][15]); /* another factor */
    assert_int_equal(columns.count, 3 * 13 + 1 + 3 + 1);
    /* sma, macd, atr, supertrend (two outputs), mfi in three intervals; the factor shares a step.
     */
    assert_int_equal(columns.source_count, 3 * 5);
    free(memory);
}

static void test_no_room(void **context) {
    (void)context;
    RuleColumns columns;
    Error error = {0};
    size_t size = rule_columns_size(5);
    void *memory = malloc(size);
    Arena arena = arena_in(memory, size);
    make_plans();
    rule_columns_init(&columns, &arena, 5, HOUR);
    assert_false(rule_columns_add(&columns, &plans[0], places[0], &error));
    assert_int_equal(error.code, ERROR_LIMIT);
    arena = arena_in(memory, size);
    rule_columns_init(&columns, &arena, 5, 7 * HOUR);
    assert_false(rule_columns_add(&columns, &plans[1], places[1], &error));
    assert_int_equal(error.code, ERROR_DATA);
    free(memory);
}

/* ---- warm-up ------------------------------------------------------------------------------- */

/* Begun at the worst hour of the day, the last column has its value exactly at the warm-up. */
static void test_warmup(void **context) {
    (void)context;
    StrategyPlan plan;
    RuleStream stream;
    candle_market_make(&market, CANDLES_WALK, HOUR, 9);
    plan_of(&plan, 24 * HOUR);
    plan_indicator(&plan, "sma", 0, (double[]){200}, 1);
    init(&stream, &plan, HOUR);
    /* macd with its presets: 33 candles; the 34th closes in hour 34 x 24 - 1 of the first whole
     * day; 23 hours of a day that is dropped before it. */
    assert_int_equal(rule_stream_warmup(&stream), 23 + 34 * 24 - 1);
    void *state = start(&stream);
    for (size_t bar = 1; bar < 1000; bar++) {
        Bar own = candle_series_bar(&market.series, bar);
        rule_stream_feed(&stream, state, &own, NULL);
        bool known = true;
        for (unsigned column = 0; column < plan.column_count; column++)
            known &= !isnan(rule_stream_columns(&stream, state)[column]);
        if (known != (bar - 1 >= rule_stream_warmup(&stream))) fail_msg("bar %zu", bar);
    }
    free(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longer_candles),
        cmocka_unit_test(test_partial_first_candle),
        cmocka_unit_test(test_recorded_hours),
        cmocka_unit_test(test_batch_equals_stream),
        cmocka_unit_test(test_equal_columns_are_shared),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_warmup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
