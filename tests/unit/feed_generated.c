/* SPDX-License-Identifier: Apache-2.0 */
/* The generated feed says the model's minutes as a replay of them would be said. */
#include "unit.h"

#include "core/sim/market_model.h"
#include "shell/drivers/feed.h"

#define START 1704067200000000LL /* 2024-01-01 00:00 */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static SymbolName names[3];

static int names_set(void **state) {
    (void)state;
    return !(symbol_name_set(&names[0], SLICE("XRPUSDC")) &&
             symbol_name_set(&names[1], SLICE("BTCUSDC")) &&
             symbol_name_set(&names[2], SLICE("ETHUSDC")));
}

static FeedGeneratedPlan plan_of(unsigned days) {
    return (FeedGeneratedPlan){
        .seed = 5, .days = days, .start_us = START + 12345, .symbols = names, .symbol_count = 3};
}

static void expect(Feed *feed, FeedEventKind kind, const char *symbol, int64_t time_us,
                   FeedEvent *event) {
    Error error;
    assert_int_equal(feed->next(feed, event, &error), FEED_EVENT);
    assert_int_equal(event->kind, kind);
    assert_string_equal(event->symbol.text, symbol);
    assert_int_equal(event->time_us, time_us);
}

static void test_events_in_order(void **state) {
    (void)state;
    static const char *const sorted[] = {"BTCUSDC", "ETHUSDC", "XRPUSDC"};
    static MarketModel model;
    FeedGeneratedPlan plan = plan_of(1);
    Error error;
    FeedEvent event;
    assert_true(market_model_init(&model, 5, START, names, 3, &error));
    Feed *feed = feed_generated_open(&plan, &error);
    assert_non_null(feed);
    assert_true(feed->is_virtual);
    assert_int_equal(feed->wake_descriptor, -1);
    for (unsigned i = 0; i < 3; i++) {
        expect(feed, FEED_SYMBOL, sorted[i], START, &event);
        assert_string_equal(event.listed.name.text, sorted[i]);
        assert_string_equal(event.listed.quote.text, "USDC");
        assert_true(event.listed.filters.tick.units > 0);
    }
    for (int64_t t = START; t < START + INSTANT_DAY_US; t += INSTANT_MINUTE_US) {
        Bar bars[3];
        market_model_minute(&model, bars);
        for (unsigned i = 0; i < 3; i++) {
            expect(feed, FEED_OPEN, sorted[i], t, &event);
            assert_int_equal(event.price.last.units, bars[i].open.units);
        }
        for (unsigned i = 0; i < 3; i++) {
            expect(feed, FEED_BAR, sorted[i], t + INSTANT_MINUTE_US - 1, &event);
            assert_memory_equal(&event.candle.bar, &bars[i], sizeof bars[i]);
            assert_int_equal(event.candle.interval, INTERVAL_1M);
        }
    }
    assert_int_equal(feed->next(feed, &event, &error), FEED_ENDED);
    assert_int_equal(feed->next(feed, &event, &error), FEED_ENDED);
    char memory[200];
    Text text = TEXT_IN(memory);
    feed->describe(feed, &text);
    assert_string_equal(text_end(&text),
                        "generated market, seed 5, 3 symbols, 4320 bars of 1m so far");
    feed->close(feed);
}

static void test_without_end(void **state) {
    (void)state;
    FeedGeneratedPlan plan = plan_of(0);
    Error error;
    FeedEvent event = {0};
    Feed *feed = feed_generated_open(&plan, &error);
    assert_non_null(feed);
    for (unsigned i = 0; i < 3 + 6 * 4000; i++)
        assert_int_equal(feed->next(feed, &event, &error), FEED_EVENT);
    assert_int_equal(event.time_us, START + 4000 * INSTANT_MINUTE_US - 1);
    feed->close(feed);
}

static void test_bad_plan(void **state) {
    (void)state;
    FeedGeneratedPlan plan = plan_of(1);
    Error error;
    plan.symbol_count = 0;
    assert_null(feed_generated_open(&plan, &error));
    assert_int_equal(error.code, ERROR_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_in_order),
        cmocka_unit_test(test_without_end),
        cmocka_unit_test(test_bad_plan),
    };
    return cmocka_run_group_tests(tests, names_set, NULL);
}
