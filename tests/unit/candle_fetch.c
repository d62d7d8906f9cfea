/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching history: from a venue that is slow, refuses, has holes or is another one, from dumps
 * that are right and wrong, and stopped in the middle. */
#include "unit.h"

#include "fake_binance.h"
#include "file_server.h"
#include "temporary.h"

#include <zip.h>

#include "core/base/digest.h"
#include "shell/drivers/candle_fetch.h"
#include "shell/drivers/social_fetch.h"
#include "shell/store/candle_store.h"
#include "shell/store/candle_write.h"
#include "shell/store/filters_file.h"
#include "shell/store/social_file.h"

#define NOW_US (FAKE_START_MS * 1000 + FAKE_AHEAD_MS * 1000) /* of the fake: 2026-09-22 00:30 */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static Fake fake;
static char rest_url[64];
static atomic_bool stopping;
static unsigned told;

static int begin(void **state) {
    told = 0;
    atomic_store(&stopping, false);
    fake_open(&fake);
    atomic_store(&fake.published, 30);
    snprintf(rest_url, sizeof rest_url, "http://127.0.0.1:%u", fake.port);
    return temporary_enter(state);
}

static int end(void **state) {
    fake_close(&fake);
    return temporary_leave(state);
}

static SymbolName symbol_of(const char *text) {
    SymbolName name;
    assert_true(symbol_name_set(&name, slice_of(text)));
    return name;
}

static CandleFetchPlan plan_of(const SymbolName *symbol, const Interval *interval, unsigned days) {
    return (CandleFetchPlan){.root = "data",
                             .venue = CANDLE_VENUE,
                             .rest_url = rest_url,
                             .dump_url = "",
                             .symbols = symbol,
                             .symbol_count = 1,
                             .intervals = interval,
                             .interval_count = 1,
                             .days = days,
                             .pause_ms = 1,
                             .stop = &stopping};
}

static const Interval minute = INTERVAL_1M, hour = INTERVAL_1H;

static bool fetch_days(unsigned days, Interval interval, CandleFetchTotals *totals, Error *error) {
    SymbolName symbol = symbol_of("BTCUSDT");
    CandleFetchPlan plan = plan_of(&symbol, interval == INTERVAL_1M ? &minute : &hour, days);
    memset(error, 0, sizeof *error);
    return candle_fetch(&plan, totals, error);
}

static void fetch_well(unsigned days, Interval interval, CandleFetchTotals *totals) {
    Error error;
    if (!fetch_days(days, interval, totals, &error)) fail_msg("%s: %s", error.where, error.message);
}

static void open_stored(Interval interval, StoredCandles *stored) {
    CandleKey key = {
        .venue = CANDLE_VENUE, .symbol = symbol_of("BTCUSDT"), .length_us = interval_us(interval)};
    Error error = {0};
    if (!candle_store_open("data", &key, stored, &error) ||
        !candle_store_verify(stored, 0, SIZE_MAX, &error))
        fail_msg("%s: %s", error.where, error.message);
}

/* All rows are the fake's; how many. */
static size_t stored_rows(Interval interval) {
    StoredCandles stored;
    open_stored(interval, &stored);
    for (size_t row = 0; row < stored.series.count; row++)
        assert_int_equal(stored.series.open[row],
                         fake_price_cents(stored.series.time_us[row] / 1000) * 1000000);
    size_t count = stored.series.count;
    candle_store_close(&stored);
    return count;
}

static void test_all_that_is_asked_for(void **state) {
    (void)state;
    CandleFetchTotals totals;
    fetch_well(2, INTERVAL_1M, &totals);
    assert_int_equal(totals.bars, 2880);
    assert_int_equal(stored_rows(INTERVAL_1M), 2880);
    int requests = atomic_load(&fake.requests);
    fetch_well(2, INTERVAL_1M, &totals); /* all there: only the symbol and the clock are asked */
    assert_int_equal(totals.bars, 0);
    assert_int_equal(atomic_load(&fake.requests), requests + 1);
    fetch_well(3, INTERVAL_1M, &totals); /* what stands before */
    assert_int_equal(totals.bars, 1440);
    assert_int_equal(stored_rows(INTERVAL_1M), 4320);
    fetch_well(1, INTERVAL_1M, &totals);
    assert_int_equal(totals.bars, 0);
    fetch_well(10, INTERVAL_1H, &totals);
    assert_int_equal(stored_rows(INTERVAL_1H), 240);
}

/* The rules of the symbol come with its candles, in the form that backtests read. */
static void test_the_rules_of_the_symbol(void **state) {
    (void)state;
    CandleFetchTotals totals;
    Symbol symbol = {.name = symbol_of("BTCUSDT")};
    bool found;
    fetch_well(1, INTERVAL_1H, &totals);
    assert_true(
        filters_file_find("data/candles/binance/BTCUSDT/filters.json", &symbol, &found, NULL));
    assert_true(found);
    assert_string_equal(symbol.base.text, "BTC");
    assert_string_equal(symbol.quote.text, "USDT");
    assert_int_equal(symbol.filters.tick.units, 1000000);
    assert_int_equal(symbol.filters.step.units, 100000);
    assert_int_equal(symbol.filters.quantity_max.units, 9000 * DECIMAL_SCALE);
    assert_int_equal((int64_t)symbol.filters.notional_min.units, 5 * DECIMAL_SCALE);
    symbol.filters.tick.units = 0; /* off: cannot be said, so nothing is */
    assert_true(filters_file_write("data/candles/binance/BTCUSDT/filters.json", &symbol, NULL));
    assert_int_not_equal(access("data/candles/binance/BTCUSDT/filters.json", F_OK), 0);
}

static void test_a_venue_in_trouble(void **state) {
    (void)state;
    CandleFetchTotals totals;
    Error error;
    atomic_store(&fake.klines_status, 503);
    atomic_store(&fake.klines_refusals, 3);
    fetch_well(1, INTERVAL_1M, &totals);
    assert_int_equal(totals.bars, 1440);
    assert_int_equal(totals.requests, 6);
    atomic_store(&fake.klines_refusals, 1000);
    assert_false(fetch_days(2, INTERVAL_1M, &totals, &error));
    assert_int_equal(error_exit_code(error.code), 5);
    atomic_store(&fake.klines_status, 451);
    assert_false(fetch_days(2, INTERVAL_1M, &totals, &error));
    assert_int_equal(error_exit_code(error.code), 5);
    assert_non_null(strstr(error.message, "region"));
    assert_int_equal(stored_rows(INTERVAL_1M), 1440);
}

static void test_nobody_there(void **state) {
    (void)state;
    CandleFetchTotals totals;
    Error error;
    snprintf(rest_url, sizeof rest_url, "http://127.0.0.1:1");
    assert_false(fetch_days(1, INTERVAL_1M, &totals, &error));
    assert_int_equal(error.code, ERROR_NETWORK);
    assert_int_equal(totals.requests, 2);
}

static void stop_at_third(void *context, const CandleFetchProgress *progress) {
    (void)context;
    (void)progress;
    if (++told == 3) atomic_store(&stopping, true);
}

static void test_stopped_in_the_middle(void **state) {
    (void)state;
    CandleFetchTotals totals;
    Error error = {0};
    SymbolName symbol = symbol_of("BTCUSDT");
    CandleFetchPlan plan = plan_of(&symbol, &minute, 4);
    plan.on_progress = stop_at_third;
    assert_false(candle_fetch(&plan, &totals, &error));
    assert_int_equal(error.code, ERROR_INTERRUPTED);
    assert_int_equal(totals.bars, 2000);
    assert_int_equal(stored_rows(INTERVAL_1M), 2000); /* nothing that came is lost */
    atomic_store(&stopping, false);
    fetch_well(4, INTERVAL_1M, &totals);
    assert_int_equal(totals.bars, 4 * 1440 - 2000);
    assert_int_equal(stored_rows(INTERVAL_1M), 4 * 1440);
}

static void test_a_minute_that_the_venue_has_not(void **state) {
    (void)state;
    CandleFetchTotals totals;
    StoredCandles stored;
    CandleGap gap;
    size_t row = 0;
    atomic_store(&fake.absent, 7);
    fetch_well(1, INTERVAL_1M, &totals);
    assert_int_equal(totals.bars, 1439);
    open_stored(INTERVAL_1M, &stored);
    assert_true(candle_series_gap(&stored.series, &row, &gap));
    assert_int_equal(gap.from_us, (FAKE_START_MS + 6 * FAKE_MINUTE_MS) * 1000);
    assert_int_equal(gap.bars, 1);
    candle_store_close(&stored);
    atomic_store(&fake.absent, 0); /* the venue has it after all */
    fetch_well(1, INTERVAL_1M, &totals);
    assert_int_equal(totals.bars, 1);
    assert_int_equal(stored_rows(INTERVAL_1M), 1440);
}

/* What is stored came from elsewhere: nothing is joined to it. */
static void test_another_market(void **state) {
    (void)state;
    CandleFetchTotals totals;
    Error error;
    CandlePut put;
    CandleBatch batch;
    CandleKey key = {
        .venue = CANDLE_VENUE, .symbol = symbol_of("BTCUSDT"), .length_us = INSTANT_MINUTE_US};
    Bar bar = {.time_us = NOW_US - INSTANT_DAY_US,
               .open = {5},
               .high = {5},
               .low = {5},
               .close = {5},
               .volume = 1};
    candle_batch_init(&batch);
    assert_true(candle_batch_add(&batch, &bar, CANDLE_ALL_KNOWN, 0, NULL));
    assert_true(candle_store_put("data", &key, &batch, &put, NULL));
    candle_batch_deinit(&batch);
    assert_false(fetch_days(2, INTERVAL_1M, &totals, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.message, "another candle"));
    StoredCandles stored;
    open_stored(INTERVAL_1M, &stored);
    assert_int_equal(stored.series.count, 1);
    candle_store_close(&stored);
}

/* --- dumps ------------------------------------------------------------------------------------ */

#define DUMP       "BTCUSDT-1m-2026-08.zip"
#define DUMP_PLACE "host/data/spot/monthly/klines/BTCUSDT/1m/"

/* August of the fake's market as the venue writes it. */
static void make_dump(void) {
    static char csv[44640 * 110];
    Text text = TEXT_IN(csv);
    int64_t first_ms = instant_of(2026, 8, 1, 0, 0, 0) / 1000;
    for (int i = 0; i < 31 * 1440; i++) {
        int64_t open_ms = first_ms + i * FAKE_MINUTE_MS, cents = fake_price_cents(open_ms);
        char row[160];
        snprintf(row, sizeof row, "%lld000,%lld.%02lld,%lld.99,%lld.00,%lld.%02lld,2.5,%lld999,",
                 (long long)open_ms, (long long)cents / 100, (long long)cents % 100,
                 (long long)cents / 100, (long long)cents / 100, (long long)cents / 100,
                 (long long)cents % 100, (long long)(open_ms + FAKE_MINUTE_MS - 1));
        text_put(&text, row);
        text_put(&text, "250.0,7,1.5,150.0,0\n");
    }
    assert_false(text.overflow);
    int code;
    assert_int_equal(system("mkdir -p " DUMP_PLACE), 0);
    zip_t *archive = zip_open(DUMP_PLACE DUMP, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    zip_source_t *source = zip_source_buffer(archive, text.at, text.length, 0);
    assert_true(zip_file_add(archive, "BTCUSDT-1m-2026-08.csv", source, 0) >= 0);
    assert_int_equal(zip_close(archive), 0);
}

static void make_sum(bool right) {
    static char bytes[1 << 22];
    char hex[80], line[160];
    uint8_t digest[SHA256_SIZE];
    FILE *file = fopen(DUMP_PLACE DUMP, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    sha256_of(bytes, size, digest);
    digest[31] = (uint8_t)(digest[31] ^ !right);
    Text text = TEXT_IN(hex);
    text_hex(&text, digest, sizeof digest);
    snprintf(line, sizeof line, "%s  " DUMP "\n", text_end(&text));
    temporary_write(DUMP_PLACE DUMP ".CHECKSUM", line);
}

static bool fetch_dumps(const FileServer *server, CandleFetchTotals *totals, Error *error) {
    SymbolName symbol = symbol_of("BTCUSDT");
    CandleFetchPlan plan = plan_of(&symbol, &minute, 55); /* from 29 July on */
    plan.dump_url = server->url;
    memset(error, 0, sizeof *error);
    return candle_fetch(&plan, totals, error);
}

static void test_whole_months_are_dumps(void **state) {
    (void)state;
    CandleFetchTotals totals;
    FileServer server;
    Error error;
    make_dump();
    make_sum(true);
    file_server_open(&server, "host");
    bool good = fetch_dumps(&server, &totals, &error);
    file_server_close(&server);
    if (!good) fail_msg("%s: %s", error.where, error.message);
    assert_int_equal(totals.dumps, 1);
    assert_int_equal(totals.bars, 55 * 1440);
    assert_int_equal(stored_rows(INTERVAL_1M), 55 * 1440);
    assert_true(totals.requests < 45); /* by REST alone: 80 */
    assert_int_not_equal(access("data/candles/" DUMP, F_OK), 0);
}

static void test_a_dump_with_another_checksum(void **state) {
    (void)state;
    CandleFetchTotals totals;
    FileServer server;
    Error error;
    make_dump();
    make_sum(false);
    file_server_open(&server, "host");
    assert_false(fetch_dumps(&server, &totals, &error));
    file_server_close(&server);
    assert_int_equal(error.code, ERROR_DATA);
    assert_non_null(strstr(error.message, "checksum"));
    assert_string_equal(error.where, DUMP);
    StoredCandles stored; /* July is there, nothing of August */
    open_stored(INTERVAL_1M, &stored);
    assert_true(stored.series.time_us[stored.series.count - 1] < instant_of(2026, 8, 1, 0, 0, 0));
    candle_store_close(&stored);
}

static void test_a_month_without_a_dump(void **state) {
    (void)state;
    CandleFetchTotals totals;
    FileServer server;
    Error error;
    assert_int_equal(mkdir("host", 0700), 0);
    file_server_open(&server, "host");
    assert_true(fetch_dumps(&server, &totals, &error));
    file_server_close(&server);
    assert_int_equal(totals.dumps, 0);
    assert_int_equal(stored_rows(INTERVAL_1M), 55 * 1440);
}

/* --- social history --------------------------------------------------------------------------- */

static bool fetch_social(const FileServer *server, SocialFetched *fetched, Error *error) {
    SocialFetchPlan plan = {.root = "data", .url = server->url, .stop = &stopping};
    return social_fetch(&plan, fetched, error);
}

static void test_fear_and_greed(void **state) {
    (void)state;
    SocialFetched fetched;
    SocialSeries series;
    FileServer server;
    Error error = {0};
    assert_int_equal(system("mkdir -p host/fng"), 0);
    file_server_open(&server, "host");
    assert_false(fetch_social(&server, &fetched, &error)); /* 404 */
    assert_int_equal(error_exit_code(error.code), 5);
    temporary_write("host/fng/index", "{\"data\":[{\"value\":\"44\",\"timestamp\":\"1710028800\"},"
                                      "{\"value\":\"40\",\"timestamp\":\"1709942400\"}]}");
    assert_true(fetch_social(&server, &fetched, &error));
    assert_int_equal(fetched.days, 2);
    assert_int_equal(fetched.added, 2);
    assert_true(fetch_social(&server, &fetched, &error));
    assert_int_equal(fetched.added, 0);
    temporary_write("host/fng/index", "<html>");
    assert_false(fetch_social(&server, &fetched, &error));
    assert_int_equal(error.code, ERROR_DATA);
    file_server_close(&server);
    assert_true(social_file_read("data", SOCIAL_FEAR_GREED, &series, &error));
    assert_int_equal(series.count, 2);
    assert_int_equal(series.at[1].known_us - series.at[1].time_us, INSTANT_DAY_US);
    social_series_free(&series);
}

static void test_what_was_known_when(void **state) {
    (void)state;
    size_t added;
    SocialSeries series;
    Error error = {0};
    int64_t day_us = instant_of(2024, 3, 10, 0, 0, 0), now_us = day_us + 7 * INSTANT_HOUR_US;
    FearGreed rows[] = {{day_us, 80}, {day_us - INSTANT_DAY_US, 60}};
    assert_true(social_file_add("data", rows, 2, now_us, &added, &error));
    assert_int_equal(added, 2);
    assert_true(social_file_add("data", rows, 2, now_us + INSTANT_HOUR_US, &added, &error));
    assert_int_equal(added, 0);
    rows[1].value = 20; /* changed by the source five hours later */
    assert_true(social_file_add("data", rows, 2, now_us + 5 * INSTANT_HOUR_US, &added, &error));
    assert_int_equal(added, 1);
    assert_true(social_file_read("data", SOCIAL_FEAR_GREED, &series, &error));
    assert_int_equal(series.count, 3);
    assert_int_equal(social_series_known(&series, day_us - 1), -1); /* the day was not over */
    assert_close(series.at[social_series_known(&series, day_us)].value, 60, 0);
    assert_close(series.at[social_series_known(&series, now_us - 1)].value, 60, 0);
    assert_close(series.at[social_series_known(&series, now_us)].value, 80, 0);
    assert_close(series.at[social_series_known(&series, INT64_MAX)].value, 80, 0);
    assert_close(series.at[2].value, 20, 0);
    social_series_free(&series);
    temporary_write("data/social/fear_greed.csv",
                    "time,known,value,classification,source\nx,y,z\n");
    assert_false(social_file_read("data", SOCIAL_FEAR_GREED, &series, &error));
    assert_non_null(strstr(error.where, "line 2"));
}

static void test_the_answer_of_the_index(void **state) {
    (void)state;
    static const char good[] =
        "{\"name\":\"x\",\"data\":[{\"value\":\"44\",\"value_classification\":\"Fear\","
        "\"timestamp\":\"1789948800\",\"time_until_update\":\"5\"},{\"timestamp\":1789862400,"
        "\"value\":7},{\"value\":\"101\",\"timestamp\":\"1789862400\"}],\"metadata\":{}}";
    FearGreed rows[8];
    size_t count, refused;
    assert_true(fear_greed_read(slice_of(good), rows, 8, &count, &refused, NULL));
    assert_int_equal(count, 2);
    assert_int_equal(refused, 1);
    assert_int_equal(rows[0].value, 44);
    assert_int_equal(rows[0].time_us, 1789948800000000LL);
    assert_string_equal(fear_greed_word(rows[0].value), "Fear");
    for (size_t cut = 0; cut + 1 < sizeof good - 1; cut++)
        assert_false(fear_greed_read((Slice){good, cut}, rows, 8, &count, &refused, NULL));
    assert_false(fear_greed_read(SLICE("{\"data\":7}"), rows, 8, &count, &refused, NULL));
    assert_false(fear_greed_read(SLICE("{}"), rows, 8, &count, &refused, NULL));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(test_all_that_is_asked_for),
        TEST(test_the_rules_of_the_symbol),
        TEST(test_a_venue_in_trouble),
        TEST(test_nobody_there),
        TEST(test_stopped_in_the_middle),
        TEST(test_a_minute_that_the_venue_has_not),
        TEST(test_another_market),
        TEST(test_whole_months_are_dumps),
        TEST(test_a_dump_with_another_checksum),
        TEST(test_a_month_without_a_dump),
        TEST(test_fear_and_greed),
        TEST(test_what_was_known_when),
        cmocka_unit_test(test_the_answer_of_the_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
