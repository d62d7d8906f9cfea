/* SPDX-License-Identifier: Apache-2.0 */
/* The store: every stored message comes back as it went in, a full disk loses nothing, old schemas
 * are opened. */
#include "random_message.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/check.h"
#include "shell/store/store_parts.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

#define START_US 1732484025400000LL

static char directory[64];

static int set_up(void **state) {
    (void)state;
    strcpy(directory, "/tmp/trader-store-XXXXXX");
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static Store *opened(bool read_only) {
    Error error = {0};
    Store *store = store_open(directory, read_only, &error);
    if (!store) print_error("%s (%s)\n", error.message, error.where);
    assert_non_null(store);
    return store;
}

static Message message_of(Topic topic, uint64_t sequence, const void *payload) {
    return (Message){.sequence = sequence,
                     .time_us = START_US + (int64_t)sequence * 1000000,
                     .size = topic_message(topic)->size,
                     .topic = (uint8_t)topic,
                     .origin = ORIGIN_INPUT,
                     .payload = payload};
}

static void put(Store *store, Topic topic, uint64_t sequence, const void *payload) {
    Message message = message_of(topic, sequence, payload);
    Error error = {0};
    if (!store_put(store, &message, &error)) fail_msg("%s", error.message);
}

static void flush(Store *store) {
    Error error = {0};
    if (!store_flush(store, &error)) fail_msg("%s %s", error.message, error.where);
}

static char expected[1 << 20], seen[1 << 20];

static const char *json_of(Topic topic, const void *payload, char *target, size_t capacity) {
    Text text = text_in(target, capacity);
    JsonWriter writer = json_writer(&text);
    codec_write_json(topic_message(topic), payload, &writer);
    return text_end(&text);
}

static const char *rows_of(Store *store, Topic topic, StoreQuery query, bool numbered) {
    Text text = text_in(seen, sizeof seen);
    JsonWriter writer = json_writer(&text);
    store_write_rows(store, topic, &query, numbered, &writer);
    assert_false(text.overflow);
    return text_end(&text);
}

static unsigned count_rows(const char *json) {
    unsigned count = 0;
    JsonReader reader = json_reader(slice_of(json));
    for (JsonToken token; (token = json_next(&reader)) != JSON_END;) {
        assert_int_not_equal(token, JSON_ERROR);
        if (token == JSON_OBJECT_BEGIN && reader.depth == 2) count++;
    }
    return count;
}

/* ---- tests --------------------------------------------------------------------------------- */

static void every_topic_comes_back(void **state) {
    (void)state;
    static _Alignas(16) uint8_t payload[LIMIT_PAYLOAD];
    Random random = random_stream(7, 1);
    Store *store = opened(false);
    Store *reader = opened(true);
    uint64_t sequence = 0;
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        if (topic_shapes[topic].store == STORE_NONE) continue;
        for (int turn = 0; turn < 40; turn++) {
            memset(payload, 0, sizeof payload);
            fill(topic_message((Topic)topic), payload, &random);
            assert_null(codec_fault(topic_message((Topic)topic), payload));
            put(store, (Topic)topic, ++sequence, payload);
            flush(store);
            json_of((Topic)topic, payload, expected + 1, sizeof expected - 2);
            expected[0] = '[';
            strcat(expected, "]");
            assert_string_equal(rows_of(reader, (Topic)topic, (StoreQuery){.limit = 1}, false),
                                expected);
        }
    }
    store_close(reader);
    store_close(store);
}

static bool count_visit(void *context, const Message *message) {
    uint64_t *last = context;
    assert_true(message->sequence > *last);
    *last = message->sequence;
    return true;
}

static Fill fill_at(uint64_t i, const char *symbol) {
    Fill value = {.time = START_US + (int64_t)i,
                  .price = {4215075000000 + (int64_t)i},
                  .quantity = {1190000},
                  .fee = {50158},
                  .trade_id = (int64_t)i};
    snprintf(value.symbol, sizeof value.symbol, "%s", symbol);
    snprintf(value.fee_asset, sizeof value.fee_asset, "USDC");
    snprintf(value.order_id, sizeof value.order_id, "o-%d", (int)i);
    return value;
}

static void the_same_message_twice_is_one_row(void **state) {
    (void)state;
    Store *store = opened(false);
    Fill value = fill_at(1, "BTCUSDC");
    put(store, TOPIC_TRADE_EXECUTIONS, 5, &value);
    put(store, TOPIC_TRADE_EXECUTIONS, 5, &value);
    flush(store);
    put(store, TOPIC_TRADE_EXECUTIONS, 5, &value);
    assert_int_equal(store_count(store, TOPIC_TRADE_EXECUTIONS), 1);
    store_close(store);
}

static void queries_choose_and_number(void **state) {
    (void)state;
    Store *store = opened(false);
    for (uint64_t i = 1; i <= 100; i++) {
        Fill value = fill_at(i, i % 4 ? "BTCUSDC" : "ETHUSDC");
        put(store, TOPIC_TRADE_EXECUTIONS, i * 3, &value);
    }
    const Topic topic = TOPIC_TRADE_EXECUTIONS;
    assert_int_equal(count_rows(rows_of(store, topic, (StoreQuery){.symbol = "ETHUSDC"}, false)),
                     25);
    assert_int_equal(count_rows(rows_of(store, topic, (StoreQuery){.after_sequence = 270}, false)),
                     10);
    assert_int_equal(count_rows(rows_of(store, topic, (StoreQuery){.limit = 7}, false)), 7);
    assert_int_equal(count_rows(rows_of(store, topic,
                                        (StoreQuery){.field = "order_id", .value = "o-33"}, false)),
                     1);
    assert_string_equal(
        rows_of(store, topic, (StoreQuery){.field = "nothing", .value = "1"}, false), "[]");
    assert_string_equal(
        rows_of(store, topic, (StoreQuery){.field = "symbol\" OR 1", .value = "1"}, false), "[]");
    const char *last = rows_of(store, topic, (StoreQuery){.limit = 1}, true);
    assert_memory_equal(last, "[{\"sequence\":300,\"time_us\":1732484325400000,\"time\":", 51);
    uint64_t seen_last = 0;
    assert_true(store_visit(store, topic, count_visit, &seen_last, NULL));
    assert_int_equal(seen_last, 300);
    Fill before;
    assert_true(store_before(store, topic, START_US + 30 * 1000000, &before));
    assert_int_equal(before.trade_id, 9);
    assert_true(store_before(store, topic, 1, &before));
    assert_int_equal(before.trade_id, 1);
    store_close(store);
}

static void long_curves_are_thinned(void **state) {
    (void)state;
    Store *store = opened(false);
    for (uint64_t i = 1; i <= 5000; i++) {
        EquityPoint point = {.time = START_US + (int64_t)i * 60000000,
                             .equity = {(__int128)i * 100000000}};
        put(store, TOPIC_EQUITY, i * 17, &point);
    }
    const char *json = rows_of(store, TOPIC_EQUITY, (StoreQuery){.every = 600}, false);
    assert_in_range(count_rows(json), 590, 600);
    assert_non_null(strstr(json, "\"equity\":1,"));
    assert_non_null(strstr(json, "\"equity\":5000,"));
    assert_int_equal(count_rows(rows_of(store, TOPIC_EQUITY, (StoreQuery){.every = 1}, false)), 1);
    store_close(store);
}

static void the_latest_row_of_each_key_stays(void **state) {
    (void)state;
    Store *store = opened(false);
    for (uint64_t i = 1; i <= 3000; i++) {
        PriceMove move = {.price = {(int64_t)i}};
        snprintf(move.symbol, sizeof move.symbol, "S%d", (int)(i % 3));
        put(store, TOPIC_PRICES, i, &move);
    }
    assert_true(store->pending.used < 1000); /* three rows, not 3,000 */
    PriceMove old = {.symbol = "S0", .price = {7}};
    assert_int_equal(store_count(store, TOPIC_PRICES), 3);
    put(store, TOPIC_PRICES, 2, &old);
    PriceMove got;
    assert_true(store_latest(store, TOPIC_PRICES, "S0", &got));
    assert_int_equal(got.price.units, 3000);
    assert_false(store_latest(store, TOPIC_PRICES, "none", &got));
    Holdings holdings = {.total_value = {5}};
    put(store, TOPIC_HOLDINGS, 4000, &holdings);
    holdings.total_value.units = 6;
    put(store, TOPIC_HOLDINGS, 4001, &holdings);
    flush(store);
    holdings.total_value.units = 9;
    put(store, TOPIC_HOLDINGS, 4002, &holdings);
    assert_int_equal(store_count(store, TOPIC_HOLDINGS), 1);
    assert_true(store_latest(store, TOPIC_HOLDINGS, NULL, &holdings));
    assert_true(holdings.total_value.units == 9);
    store_close(store);
}

static void the_recent_rows_stay(void **state) {
    (void)state;
    Store *store = opened(false);
    LogLine line = {.service = "market_monitor", .level = LOG_INFO, .text = "x"};
    for (uint64_t i = 1; i <= 7000; i++) {
        put(store, TOPIC_LOG_LINES, i, &line);
        if (i % 100 == 0) flush(store);
    }
    assert_in_range(store_count(store, TOPIC_LOG_LINES), STORE_RECENT_ROWS,
                    STORE_RECENT_ROWS + STORE_PRUNE_ROWS + 100);
    assert_int_equal(store_last_sequence(store, TOPIC_LOG_LINES), 7000);
    store_close(store);
}

static void rewinding_cuts_the_tail(void **state) {
    (void)state;
    Store *store = opened(false);
    for (uint64_t i = 1; i <= 10; i++) {
        Fill value = fill_at(i, "BTCUSDC");
        put(store, TOPIC_TRADE_EXECUTIONS, i, &value);
    }
    Error error = {0};
    assert_true(store_rewind(store, 6, &error));
    assert_int_equal(store_last_sequence(store, TOPIC_TRADE_EXECUTIONS), 6);
    store_close(store);
}

static void candles_and_texts(void **state) {
    (void)state;
    static Bar bars[LIMIT_CANDLES];
    Store *store = opened(false);
    Error error = {0};
    for (int i = 0; i < LIMIT_CANDLES + 300; i++) {
        Bar bar = {.time_us = i * INSTANT_MINUTE_US,
                   .open = {100 + i},
                   .high = {300 + i},
                   .low = {50 + i},
                   .close = {200 + i},
                   .volume = 0.1 * i,
                   .trades = 4294967295u,
                   .bars = 1};
        assert_true(store_put_bar(store, "BTCUSDC", INTERVAL_1M, &bar, &error));
    }
    assert_true(store_put_meta(store, "runtime", "{\"mode\":\"DEMO\"}", &error));
    store_close(store);
    store = opened(true);
    assert_int_equal(store_number(store, "SELECT count(*) FROM candles"), LIMIT_CANDLES);
    assert_int_equal(store_bars(store, "BTCUSDC", INTERVAL_1M, bars, LIMIT_CANDLES), LIMIT_CANDLES);
    assert_int_equal(bars[0].time_us, 300 * INSTANT_MINUTE_US);
    assert_int_equal(bars[LIMIT_CANDLES - 1].close.units, 200 + LIMIT_CANDLES + 299);
    assert_true(bars[1].volume == 0.1 * 301 && bars[1].trades == 4294967295u);
    assert_int_equal(store_bars(store, "BTCUSDC", INTERVAL_1M, bars, 3), 3);
    assert_int_equal(bars[2].close.units, 200 + LIMIT_CANDLES + 299);
    assert_int_equal(store_bars(store, "BTCUSDC", INTERVAL_5M, bars, 3), 0);
    char text[64], small[4];
    assert_true(store_meta(store, "runtime", text, sizeof text));
    assert_string_equal(text, "{\"mode\":\"DEMO\"}");
    assert_false(store_meta(store, "runtime", small, sizeof small));
    assert_false(store_meta(store, "absent", text, sizeof text));
    assert_false(store_put_meta(store, "a", "b", &error));
    assert_int_equal(error.code, ERROR_STATE);
    store_close(store);
}

static void execute(const char *sql) {
    char path[160];
    snprintf(path, sizeof path, "%s/trader.db", directory);
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s", message);
    sqlite3_close(database);
}

static void an_older_schema_is_migrated(void **state) {
    (void)state;
    Store *store = opened(false);
    Fill value = fill_at(3, "BTCUSDC");
    put(store, TOPIC_TRADE_EXECUTIONS, 3, &value);
    store_close(store);
    execute("ALTER TABLE trade_executions DROP COLUMN slippage; ALTER TABLE trade_executions DROP "
            "COLUMN reason;"
            "ALTER TABLE trade_executions ADD COLUMN given_up TEXT NOT NULL DEFAULT 'x';"
            "DROP TABLE refusals; DROP TABLE meta; DROP TABLE candles; DROP TABLE migrations; "
            "DROP TABLE totals; ALTER TABLE trade_executions DROP COLUMN row_seal; "
            "PRAGMA user_version = 0");
    Store *reader = opened(true); /* reads what is there, changes nothing */
    assert_int_equal(count_rows(rows_of(reader, TOPIC_TRADE_EXECUTIONS, (StoreQuery){0}, false)),
                     1);
    assert_string_equal(rows_of(reader, TOPIC_REFUSALS, (StoreQuery){0}, false), "[]");
    store = opened(false);
    value = fill_at(4, "ETHUSDC");
    put(store, TOPIC_TRADE_EXECUTIONS, 4, &value);
    Refusal refusal = {.symbol = "ETHUSDC", .code = DENIED_PAUSED, .text = "paused"};
    put(store, TOPIC_REFUSALS, 5, &refusal);
    flush(store);
    assert_int_equal(count_rows(rows_of(store, TOPIC_TRADE_EXECUTIONS, (StoreQuery){0}, false)), 2);
    assert_int_equal(count_rows(rows_of(reader, TOPIC_REFUSALS, (StoreQuery){0}, false)), 1);
    assert_int_equal(store_number(store, "PRAGMA user_version"), STORE_VERSION);
    assert_int_equal(store_number(store, "SELECT max(version) FROM migrations"), STORE_VERSION);
    store_close(reader);
    store_close(store);
}

static void a_newer_schema_is_refused(void **state) {
    (void)state;
    store_close(opened(false));
    execute("INSERT INTO migrations VALUES(999, 'later'); PRAGMA user_version = 999");
    Error error = {0};
    assert_null(store_open(directory, false, &error));
    assert_int_equal(error.code, ERROR_STATE);
    assert_null(store_open(directory, true, &error));
    assert_int_equal(error.code, ERROR_STATE);
}

/* One bit of the head: it must neither choose what is run on the file nor how its rows are read. */
static void a_damaged_version_is_told(void **state) {
    (void)state;
    static const char *const numbers[] = {"-2147483646", "0", "3", "1073741826"};
    char sql[60];
    Fill value = fill_at(3, "BTCUSDC");
    Store *store = opened(false);
    put(store, TOPIC_TRADE_EXECUTIONS, 3, &value);
    store_close(store);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *words;
        Error error = {0};
        snprintf(sql, sizeof sql, "PRAGMA user_version = %s", numbers[i]);
        execute(sql);
        assert_null(store_open(directory, false, &error));
        assert_int_equal(error.code, ERROR_DATA);
        store = opened(true);
        assert_int_equal(count_rows(rows_of(store, TOPIC_TRADE_EXECUTIONS, (StoreQuery){0}, false)),
                         1);
        assert_int_equal(store_damage(store, &words), 1);
        assert_non_null(strstr(words, "version"));
        store_close(store);
    }
}

static void a_missing_or_foreign_file_is_an_error(void **state) {
    (void)state;
    Error error = {0};
    assert_null(store_open(directory, true, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_null(store_open("/nowhere/at/all", false, &error));
    assert_int_equal(error.code, ERROR_IO);
    char path[160];
    snprintf(path, sizeof path, "%s/trader.db", directory);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 4096; i++)
        fputs("not a database ", file);
    fclose(file);
    assert_null(store_open(directory, false, &error));
    assert_int_equal(error.code, ERROR_DATA);
}

static Error put_until_refused(Store *store, uint64_t *count) {
    Error error = {0};
    bool failed = false;
    for (*count = 0; *count < 20000 && !failed; ++*count) {
        Fill value = fill_at(*count, "BTCUSDC");
        Message message = message_of(TOPIC_TRADE_EXECUTIONS, *count + 1, &value);
        failed = !store_put(store, &message, &error) ||
                 (*count % 500 == 499 && !store_flush(store, &error));
    }
    assert_true(failed);
    return error;
}

/* SQLite's own limit of pages gives the code of a full disk. */
static void a_full_disk_loses_nothing(void **state) {
    (void)state;
    Store *store = opened(false);
    Error error = {0};
    uint64_t count;
    assert_true(store_execute(store, "PRAGMA max_page_count = 150", &error));
    error = put_until_refused(store, &count);
    assert_int_equal(error.code, ERROR_DISK_FULL);
    assert_true(error.retry_helps);
    assert_false(store_flush(store, &error)); /* still full */
    assert_true(store_execute(store, "PRAGMA max_page_count = 100000", &error));
    assert_true(store_flush(store, &error));
    assert_int_equal(store_count(store, TOPIC_TRADE_EXECUTIONS), count);
    store_close(store);
}

/* A limit of file sizes makes writes fail in the middle of a transaction. */
static void a_failed_write_loses_nothing(void **state) {
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    Store *store = opened(false);
    struct rlimit old, tight;
    getrlimit(RLIMIT_FSIZE, &old);
    tight = old;
    tight.rlim_cur = 700 * 1024;
    setrlimit(RLIMIT_FSIZE, &tight);
    uint64_t count;
    Error error = put_until_refused(store, &count);
    bool flushed = store_flush(store, &error);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(error.code, ERROR_IO);
    assert_false(flushed);
    assert_true(store_flush(store, &error));
    assert_int_equal(store_count(store, TOPIC_TRADE_EXECUTIONS), count);
    store_close(store);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The aim is 150,000 rows a second; a busy or sanitized machine is given a tenth of it. */
static void bulk_is_fast(void **state) {
    (void)state;
    Store *store = opened(false);
    EquityPoint point = {
        .time = START_US, .equity = {1025765000000}, .cash = {5}, .exposure = 0.5, .positions = 2};
    double begun = seconds();
    for (uint64_t i = 1; i <= 100000; i++)
        put(store, TOPIC_EQUITY, i, &point);
    flush(store);
    double rate = 100000 / (seconds() - begun);
    print_message("store: %.0f equity rows a second\n", rate);
    assert_true(rate > 15000);
    store_close(store);
}

int main(void) {
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORE_TEST(every_topic_comes_back),
        STORE_TEST(the_same_message_twice_is_one_row),
        STORE_TEST(queries_choose_and_number),
        STORE_TEST(long_curves_are_thinned),
        STORE_TEST(the_latest_row_of_each_key_stays),
        STORE_TEST(the_recent_rows_stay),
        STORE_TEST(rewinding_cuts_the_tail),
        STORE_TEST(candles_and_texts),
        STORE_TEST(an_older_schema_is_migrated),
        STORE_TEST(a_newer_schema_is_refused),
        STORE_TEST(a_damaged_version_is_told),
        STORE_TEST(a_missing_or_foreign_file_is_an_error),
        STORE_TEST(a_full_disk_loses_nothing),
        STORE_TEST(a_failed_write_loses_nothing),
        STORE_TEST(bulk_is_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
