/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of plans: the streaming form knows closed candles only, its longer candles are those of
 * a file of that interval, a state that is copied goes on equal, and a plan with a fault is named.
 */
#include "unit.h"

#include "core/base/check.h"
#include "core/trial/rule_stream.h"
#include "laws/candle_markets.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longer_candles),
        cmocka_unit_test(test_partial_first_candle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
