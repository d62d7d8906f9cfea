/* SPDX-License-Identifier: Apache-2.0 */
/* The replay feed over small files with every defect that real ones have, and over the real ones.
 */
#include "replay_stage.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static FeedEvent expect_event(Feed *feed, FeedEventKind kind, const char *symbol, int64_t time_us) {
    FeedEvent event;
    Error error = {0};
    FeedAnswer answer = feed->next(feed, &event, &error);
    if (answer != FEED_EVENT) fail_msg("answer %d: %s %s", answer, error.where, error.message);
    if (event.kind != kind)
        fail_msg("kind %d, not %d (%s)", event.kind, kind,
                 event.kind == FEED_STATUS ? event.status.text : "");
    assert_string_equal(event.symbol.text, symbol);
    assert_int_equal(event.time_us - ZERO_US, time_us - ZERO_US);
    return event;
}

static void expect_minute(Feed *feed, const char *symbol, int minute) {
    int64_t time_us = ZERO_US + minute * MINUTE;
    FeedEvent event = expect_event(feed, FEED_OPEN, symbol, time_us);
    assert_int_equal(event.price.last.units, (100 + minute) * DECIMAL_SCALE);
    assert_int_equal(event.price.high.units, event.price.last.units);
    assert_int_equal(event.price.low.units, event.price.last.units);
    event = expect_event(feed, FEED_BAR, symbol, time_us + MINUTE - 1);
    assert_int_equal(event.candle.interval, INTERVAL_1M);
    assert_int_equal(event.candle.bar.time_us, time_us);
    assert_int_equal(event.candle.bar.bars, 1);
    assert_close(event.candle.bar.volume, minute + 1, 0);
    assert_int_equal(event.candle.bar.close.units, (100 + minute) * DECIMAL_SCALE + 25000000);
}

static void expect_end(Feed *feed) {
    FeedEvent event;
    Error error;
    assert_int_equal(feed->next(feed, &event, &error), FEED_ENDED);
    assert_int_equal(feed->next(feed, &event, &error), FEED_ENDED);
}

static FeedEvent expect_status(Feed *feed, FeedState status, int64_t time_us, const char *part) {
    FeedEvent event = expect_event(feed, FEED_STATUS, "BTCUSDC", time_us);
    assert_int_equal(event.status.state, status);
    if (!strstr(event.status.text, part)) fail_msg("\"%s\" lacks \"%s\"", event.status.text, part);
    return event;
}

/* --- formats and order ------------------------------------------------------------------------ */

static void check_plain(const char *path) {
    Feed *feed = open_sound(&path, 1);
    FeedEvent event = expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    assert_string_equal(event.listed.base.text, "BTC");
    assert_string_equal(event.listed.quote.text, "USDC");
    assert_int_equal(event.listed.filters.tick.units, DECIMAL_SCALE / 100);
    assert_int_equal(event.listed.filters.step.units, DECIMAL_SCALE);
    assert_true(event.listed.filters.notional_min.units == 5 * (__int128)DECIMAL_SCALE);
    for (int i = 0; i < 90; i++)
        expect_minute(feed, "BTCUSDC", i);
    expect_end(feed);
    expect_description(feed, "1 symbol, 90 bars of 1m so far, 0 gaps");
    expect_description(feed, "BTCUSDC by its data: tick 0.01, step 1, smallest notional 5");
    feed->close(feed);
}

static void test_formats(void **state) {
    (void)state;
    check_plain(write_text("BTCUSDC-1m.csv", rows(0, 90)));
    check_plain(write_gz("BTCUSDC-1m.csv.gz", rows(0, 90)));
    check_plain(write_zip("BTCUSDC-1m.zip", "BTCUSDC-1m.csv", rows(0, 90)));
}

static void test_order_of_symbols(void **state) {
    (void)state;
    const char *paths[] = {write_text("ETHUSDC.csv", rows(0, 3)),
                           write_text("BTCUSDC.csv", rows(1, 3))};
    Feed *feed = open_sound(paths, 2);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    expect_event(feed, FEED_SYMBOL, "ETHUSDC", ZERO_US);
    expect_minute(feed, "ETHUSDC", 0);
    for (int64_t t = ZERO_US + MINUTE; t < ZERO_US + 3 * MINUTE; t += MINUTE) {
        expect_event(feed, FEED_OPEN, "BTCUSDC", t);
        expect_event(feed, FEED_OPEN, "ETHUSDC", t);
        expect_event(feed, FEED_BAR, "BTCUSDC", t + MINUTE - 1);
        expect_event(feed, FEED_BAR, "ETHUSDC", t + MINUTE - 1);
    }
    expect_end(feed);
    feed->close(feed);
}

static void test_long_file(void **state) {
    (void)state;
    enum { COUNT = 20000 }; /* about 800 KB: the buffer is refilled a dozen times */
    size_t size = COUNT * 64;
    char *memory = malloc(size);
    Text text = text_in(memory, size);
    text_put(&text, HEADER);
    put_rows(&text, 0, COUNT);
    const char *path = write_gz("BTCUSDC-long.csv.gz", text_end(&text));
    assert_false(text.overflow);
    Feed *feed = open_sound(&path, 1);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    for (int i = 0; i < COUNT; i++)
        expect_minute(feed, "BTCUSDC", i);
    expect_end(feed);
    feed->close(feed);
    free(memory);
}

/* --- defects ---------------------------------------------------------------------------------- */

static void test_gap(void **state) {
    (void)state;
    char memory[4096];
    Text text = TEXT_IN(memory);
    text_put(&text, HEADER);
    put_rows(&text, 0, 2);
    put_rows(&text, 5, 7);
    const char *path = write_text("BTCUSDC-gap.csv", text_end(&text));
    Feed *feed = open_sound(&path, 1);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    expect_minute(feed, "BTCUSDC", 0);
    expect_minute(feed, "BTCUSDC", 1);
    expect_status(feed, FEED_GAP, ZERO_US + 5 * MINUTE,
                  "3 candles of 1m missing from 2023-03-16T22:17:00.000Z on");
    expect_minute(feed, "BTCUSDC", 5);
    expect_minute(feed, "BTCUSDC", 6);
    expect_end(feed);
    expect_description(feed, "4 bars of 1m so far, 1 gaps (3 bars missing)");
    feed->close(feed);
}

/* A defect between the minutes 2 and 3: the reason it is refused with, and its line. */
static const struct {
    const char *row, *reason, *line;
} defects[] = {
    {"1679005080000,103,103.5,103,103.25", "5 columns where 6", "line 5"},
    {"1679005080000,103,103.5,103,103.25,4,5", "7 columns where 6", "line 5"},
    {"1679005080000,103,,103,103.25,4", "the price is missing", "line 5, column 3 (high)"},
    {"1679005080000,103,103.5,abc,103.25,4", "not a price", "line 5, column 4 (low)"},
    {"1679005080000,103,103.5,103,1.0325e2,4", "exponent", "line 5, column 5 (close)"},
    {"1679005080000,103,103.5,103,103.250000001,4", "8 decimals", "line 5, column 5 (close)"},
    {"1679005080000,103,102.5,103,103.25,4", "high is below low", "line 5"},
    {"1679005080000,103,103.5,103,103.75,4", "close is outside", "line 5"},
    {"1679005080000,103,103.5,0,103.25,4", "not above zero", "line 5"},
    {"1679005080000,103,103.5,103,103.25,-4", "volume is negative", "line 5"},
    {"1679005080000,103,103.5,103,103.25,nan", "not a number", "line 5, column 6 (volume)"},
    {"soon,103,103.5,103,103.25,4", "not a time stamp", "line 5, column 1 (time)"},
    {"1679005080001,103,103.5,103,103.25,4", "not a whole minute", "line 5"},
    {"1679005020000,102,102.5,102,102.25,3", "repeats the time of line 4", "line 5"},
    {"1679004960000,101,101.5,101,101.25,2", "older than line 4", "line 5"},
    {"open_time,open,high,low,close,volume", "not a time stamp", "line 5, column 1 (time)"},
    {"<html>", "1 columns where 6", "line 5"},
};

static void test_defective_rows(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof defects / sizeof defects[0]; i++) {
        char memory[4096], name[32];
        Text text = TEXT_IN(memory);
        text_put(&text, HEADER);
        put_rows(&text, 0, 3);
        text_format(&text, "%s\r\n\n", defects[i].row);
        put_rows(&text, 3, 6);
        snprintf(name, sizeof name, "BTCUSDC-%u.csv", i);
        const char *path = write_text(name, text_end(&text));
        Feed *feed = open_sound(&path, 1);
        expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
        for (int k = 0; k < 3; k++)
            expect_minute(feed, "BTCUSDC", k);
        FeedEvent event =
            expect_status(feed, FEED_REFUSED, ZERO_US + 3 * MINUTE - 1, defects[i].reason);
        assert_non_null(strstr(event.status.text, name));
        assert_non_null(strstr(event.status.text, defects[i].line));
        for (int k = 3; k < 6; k++)
            expect_minute(feed, "BTCUSDC", k);
        expect_end(feed);
        expect_description(feed, "6 bars of 1m so far, 0 gaps (0 bars missing)");
        expect_description(feed, "1 rows refused");
        feed->close(feed);
        FeedReplayPlan strict = {.paths = &path, .path_count = 1, .strict = true};
        Error error;
        assert_null(feed_replay_open(&strict, &error));
        assert_int_equal(error.code, ERROR_DATA);
        assert_non_null(strstr(error.message, defects[i].reason));
        assert_non_null(strstr(error.where, defects[i].line));
    }
}

static void test_bad_row_first_and_last(void **state) {
    (void)state;
    char memory[4096];
    Text text = TEXT_IN(memory);
    text_put(&text, HEADER "x,1,1,1,1,1\n");
    put_rows(&text, 0, 3);
    text_put(&text, "1679005080000,103,103");
    const char *path = write_text("BTCUSDC-torn.csv", text_end(&text));
    Feed *feed = open_sound(&path, 1);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    expect_status(feed, FEED_REFUSED, ZERO_US, "line 2, column 1 (time)");
    for (int k = 0; k < 3; k++)
        expect_minute(feed, "BTCUSDC", k);
    expect_status(feed, FEED_REFUSED, ZERO_US + 3 * MINUTE - 1, "line 6");
    expect_end(feed);
    feed->close(feed);
}

static void test_zero_volume(void **state) {
    (void)state;
    const char *path = write_text("BTCUSDC-zero.csv", HEADER "1679004900000,100,100,100,100,0\n"
                                                             "1679004960000,100,100,100,100,0.0\n"
                                                             "1679005020000,100,101,100,100,7\n");
    Feed *feed = open_sound(&path, 1);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    for (int64_t t = ZERO_US; t < ZERO_US + 3 * MINUTE; t += MINUTE) {
        expect_event(feed, FEED_OPEN, "BTCUSDC", t);
        expect_event(feed, FEED_BAR, "BTCUSDC", t + MINUTE - 1);
    }
    expect_end(feed);
    expect_description(feed, "2 of zero volume");
    feed->close(feed);
}

/* --- many files ------------------------------------------------------------------------------- */

static void test_files_of_one_symbol(void **state) {
    (void)state;
    const char *paths[] = {write_text("BTCUSDC-c.csv", rows(50, 70)),
                           write_gz("BTCUSDC-a.csv.gz", rows(0, 30)),
                           write_text("BTCUSDC-d.csv", rows(55, 60)),
                           write_zip("BTCUSDC-b.zip", "b.csv", rows(20, 50))};
    Feed *feed = open_sound(paths, 4);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", ZERO_US);
    for (int i = 0; i < 70; i++)
        expect_minute(feed, "BTCUSDC", i);
    expect_end(feed);
    expect_description(feed, "70 bars of 1m so far, 0 gaps (0 bars missing)");
    expect_description(feed, "15 duplicates");
    feed->close(feed);
}

static void test_overlap_must_agree(void **state) {
    (void)state;
    char memory[4096];
    Text text = TEXT_IN(memory);
    text_put(&text, HEADER);
    put_rows(&text, 10, 12);
    text_format(&text, "%D,112,112.5,112,112.24,13\n", (ZERO_US + 12 * MINUTE) / 1000);
    put_rows(&text, 13, 20);
    const char *paths[] = {write_text("BTCUSDC-one.csv", rows(0, 30)),
                           write_text("BTCUSDC-two.csv", text_end(&text))};
    Error error;
    assert_null(open_paths(paths, 2, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.message, "disagree about the candle of 2023-03-16T22:27"));
    assert_non_null(strstr(error.message, "BTCUSDC-one.csv, line 14"));
    assert_non_null(strstr(error.where, "BTCUSDC-two.csv, line 4"));
}

static void test_intervals(void **state) {
    (void)state;
    char memory[1024];
    Text text = TEXT_IN(memory);
    text_put(&text, HEADER);
    for (int i = 0; i < 3; i++)
        text_format(&text, "%D,5,6,4,5,1\n", 1672531200000 + i * (INSTANT_HOUR_US / 1000));
    const char *paths[] = {write_text("BTCUSDC-1h.csv", text_end(&text)),
                           write_text("ETHUSDC-1m.csv", rows(0, 5)),
                           write_text("SOLUSDC-2m.csv", HEADER "1672531200000,5,6,4,5,1\n"
                                                               "1672531320000,5,6,4,5,1\n")};
    Feed *feed = open_sound(paths, 1);
    int64_t start = instant_of(2023, 1, 1, 0, 0, 0);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", start);
    for (int i = 0; i < 3; i++, start += INSTANT_HOUR_US) {
        expect_event(feed, FEED_OPEN, "BTCUSDC", start);
        FeedEvent event = expect_event(feed, FEED_BAR, "BTCUSDC", start + INSTANT_HOUR_US - 1);
        assert_int_equal(event.candle.interval, INTERVAL_1H);
        assert_int_equal(event.candle.bar.bars, 60);
    }
    expect_end(feed);
    feed->close(feed);
    Error error;
    assert_null(open_paths(paths, 2, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.message, "60 s apart, those of other files 3600 s"));
    assert_null(open_paths(paths + 2, 1, &error));
    assert_non_null(strstr(error.message, "120 s apart"));
}

/* --- selection -------------------------------------------------------------------------------- */

static void test_dates(void **state) {
    (void)state;
    const char *paths[] = {write_text("BTCUSDC-1.csv", rows(0, 30)),
                           write_text("BTCUSDC-2.csv", rows(30, 60)),
                           write_text("BTCUSDC-3.csv", rows(60, 90))};
    FeedReplayPlan plan = {.paths = paths,
                           .path_count = 3,
                           .start_us = ZERO_US + 35 * MINUTE,
                           .end_us = ZERO_US + 62 * MINUTE};
    Error error;
    Feed *feed = feed_replay_open(&plan, &error);
    assert_non_null(feed);
    expect_event(feed, FEED_SYMBOL, "BTCUSDC", plan.start_us);
    for (int i = 35; i < 62; i++)
        expect_minute(feed, "BTCUSDC", i);
    expect_end(feed);
    feed->close(feed);
    plan.start_us = ZERO_US + 90 * MINUTE;
    plan.end_us = 0;
    assert_null(feed_replay_open(&plan, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.message, "no candles between the dates"));
    assert_non_null(strstr(error.hint, "2023-03-16T22:15:00.000Z to 2023-03-16T23:44:00.000Z"));
}

static void test_symbols(void **state) {
    (void)state;
    const char *paths[] = {write_text("BTCUSDC.csv", rows(0, 3)),
                           write_text("ETHUSDC.csv", rows(0, 3)),
                           write_text("candles.csv", rows(0, 3))};
    SymbolName names[2];
    Error error;
    assert_true(symbol_name_set(&names[0], SLICE("ETHUSDC")));
    assert_true(symbol_name_set(&names[1], SLICE("XRPUSDC")));
    FeedReplayPlan plan = {.paths = paths, .path_count = 2, .symbols = names, .symbol_count = 1};
    Feed *feed = feed_replay_open(&plan, &error);
    assert_non_null(feed);
    expect_event(feed, FEED_SYMBOL, "ETHUSDC", ZERO_US);
    expect_minute(feed, "ETHUSDC", 0);
    feed->close(feed);
    plan.symbol_count = 2;
    assert_null(feed_replay_open(&plan, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_string_equal(error.where, "XRPUSDC");
    /* A file without a symbol in its name: usage, unless one symbol is given. */
    plan = (FeedReplayPlan){.paths = paths + 2, .path_count = 1};
    assert_null(feed_replay_open(&plan, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    plan.symbols = names + 1;
    plan.symbol_count = 1;
    feed = feed_replay_open(&plan, &error);
    assert_non_null(feed);
    expect_event(feed, FEED_SYMBOL, "XRPUSDC", ZERO_US);
    feed->close(feed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_order_of_symbols),
        cmocka_unit_test(test_long_file),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_defective_rows),
        cmocka_unit_test(test_bad_row_first_and_last),
        cmocka_unit_test(test_zero_volume),
        cmocka_unit_test(test_files_of_one_symbol),
        cmocka_unit_test(test_overlap_must_agree),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_symbols),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
