/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that read a state or speak to its holder, over states that the tests make: signals,
 * portfolio, status, kill, resume, doctor, logs. */
#include "unit.h"

#include "program.h"

#include "core/market/candle.h"
#include "shell/store/log_tail.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"
#include "shell/sys/files.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

static Signal signal_of(int number, const char *symbol) {
    Signal signal = {.decision = DECISION_BUY,
                     .confidence = 0.5,
                     .score = 0.5,
                     .unproven = true,
                     .horizon_minutes = 240,
                     .atr_fraction = 0.01};
    snprintf(signal.id, sizeof signal.id, "s-%d", number);
    strcpy(signal.symbol, symbol);
    strcpy(signal.reasoning, "because");
    signal.timestamp = signal.market_timestamp = number * INSTANT_MINUTE_US;
    signal.price = price_of(4215075000000);
    return signal;
}

static bool put(Store *store, uint64_t sequence, Topic topic, const void *payload, size_t size) {
    Error error;
    Message message = {.sequence = sequence,
                       .time_us = (int64_t)sequence * INSTANT_MINUTE_US,
                       .size = (uint32_t)size,
                       .topic = (uint8_t)topic,
                       .payload = payload};
    return store_put(store, &message, &error);
}

/* 30 signals of two symbols, a portfolio with one position. */
static void fabricate(const char *path) {
    StateDir state;
    Error error;
    World world = {.kind = "paper-binance", .description = "made by a test"};
    static Holdings holdings;
    assert_true(state_dir_create(&state, path, &error));
    assert_true(world_write(path, &world, &error));
    Store *store = store_open(path, false, &error);
    assert_non_null(store);
    for (int i = 1; i <= 30; i++) {
        static Signal signal;
        signal = signal_of(i, i % 3 ? "BTCUSDC" : "ETHUSDC");
        assert_true(put(store, (uint64_t)i, TOPIC_TRADING_SIGNALS, &signal, sizeof signal));
    }
    holdings = (Holdings){.time = INSTANT_DAY_US, .positions_count = 1, .exposure = 0.1};
    strcpy(holdings.quote_asset, "USDC");
    assert_true(money_parse(slice_of("10257.65"), &holdings.total_value));
    assert_true(money_parse(slice_of("9000.00000001"), &holdings.available));
    assert_true(money_parse(slice_of("-12.5"), &holdings.realised_pnl));
    PositionState *position = &holdings.positions[0];
    strcpy(position->symbol, "BTCUSDC");
    position->quantity = quantity_of(1190000);
    position->average_price = position->price = price_of(4215075000000);
    assert_true(put(store, 31, TOPIC_HOLDINGS, &holdings, sizeof holdings));
    assert_true(store_flush(store, &error));
    store_close(store);
}

static void without_a_state_there_is_a_hint(void **state) {
    (void)state;
    static const char *const commands[] = {"status", "signals", "portfolio",
                                           "kill",   "resume",  "token"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fails(commands[i], 6,
              "trader: nothing has run here yet: ./state; trader demo starts without keys or "
              "network; --state DIR names another place\n");
    fails("status --state nowhere", 6,
          "trader: there is no such state: nowhere; trader run --state DIR makes one\n");
    fails("logs", 6,
          "trader: nothing has logged here yet: ./logs/*.log; trader demo starts at once\n");
}

static void a_state_is_read(void **state) {
    (void)state;
    fabricate("state/paper-binance");
    works_as_json("signals --json");
    assert_null(strstr(out, "\"s-10\""));
    holds("\"s-11\"");
    assert_true(strstr(out, "\"s-11\"") < strstr(out, "\"s-30\"")); /* newest last */
    works_as_json("signals --limit 2 --symbols ETHUSDC --json");
    holds("\"s-27\"");
    holds("\"s-30\"");
    assert_null(strstr(out, "\"s-29\""));
    works_as_json("signals --limit 3 --symbols ETHUSDC BTCUSDC --json");
    holds("\"s-28\"");
    assert_null(strstr(out, "\"s-27\""));
    works("signals --limit 1");
    holds("42,150.75");
    holds("unproven");
    works_as_json("portfolio --json");
    holds("\"available\":9000.00000001");
    works("portfolio");
    holds("10,257.65 USDC");
    holds("-12.50");
    holds("0.0119");
    works_as_json("status --json");
    holds("\"running\":false");
    holds("\"equity\":10257.65");
    works("status");
    holds("not running");
    fails("status --check", 3, "trader: nothing is running: state/paper-binance; trader run\n");
    works("doctor");
    holds("sound");
}

/* In UTF-8 a true minus stands before losses. */
static void screens_follow_the_locale(void **state) {
    (void)state;
    fabricate("state/paper-binance");
    setenv("LC_ALL", "C.UTF-8", 1);
    works("portfolio");
    holds("−12.50");
    setenv("LC_ALL", "C", 1);
}

static void the_kill_switch_waits_and_is_seen(void **state) {
    (void)state;
    fabricate("state/paper-binance");
    Control control;
    Error error;
    bool found;
    works_as_json("kill --level flatten --reason 'a test' --json");
    holds("\"heard\":\"at_next_start\"");
    assert_true(control_read("state/paper-binance", &control, &found, &error));
    assert_true(found);
    assert_int_equal(control.level, KILL_FLATTEN);
    assert_string_equal(control.by, "cli");
    assert_string_equal(control.reason, "a test");
    works("status");
    holds("flatten waits for the next start");
    works("resume");
    assert_true(control_read("state/paper-binance", &control, &found, &error));
    assert_int_equal(control.level, KILL_NONE);
    works("kill --state fresh/place");
    assert_true(files_exist("fresh/place/control"));
}

static void a_real_account_is_flattened_only_when_confirmed(void **state) {
    (void)state;
    fabricate("state/live-binance");
    World world = {.kind = "live-binance"};
    Error error;
    assert_true(world_write("state/live-binance", &world, &error));
    fails("kill --level flatten", 7,
          "trader: flattening a real account was not confirmed: state/live-binance; --yes confirms "
          "it; --level stop keeps positions\n");
    assert_false(files_exist("state/live-binance/control"));
    works("kill --level flatten --yes");
    works("kill --level stop");
}

static void a_running_instance_is_named(void **state) {
    (void)state;
    fabricate("state/paper-binance");
    StateDir here;
    Error error;
    assert_true(state_dir_create(&here, "state/paper-binance", &error));
    assert_true(state_lock(&here, &error));
    works("status --check");
    works_as_json("status --json");
    holds("\"running\":true");
    state_unlock(&here);
}

static void a_damaged_database_is_a_finding(void **state) {
    (void)state;
    fabricate("state/paper-binance");
    FILE *file = fopen("state/paper-binance/trader.db", "r+");
    assert_non_null(file);
    fseek(file, 4096, SEEK_SET); /* behind the page that holds the schema */
    for (int i = 0; i < 4096; i++)
        fputc(0x5A, file);
    fclose(file);
    assert_int_equal(trader("doctor --json"), 8);
    holds("{\"name\":\"database\",\"level\":\"error\"");
}

static void logs_are_merged_by_time(void **state) {
    (void)state;
    mkdir("logs", 0755);
    temporary_write("logs/trade_executor.log",
                    "2024-11-24 21:33:45,400 - INFO - [TradeExecutor] first\n"
                    "2024-11-24 21:33:47,000 - WARNING - [TradeExecutor] third\n"
                    "2024-11-24 21:33:48,000 - INFO - [TradeExecutor] torn");
    temporary_write("logs/ai_analyzer.log",
                    "2024-11-24 21:33:46,000 - INFO - [AIAnalyzer] second\n");
    works("logs");
    assert_string_equal(out, "2024-11-24 21:33:45,400 - INFO - [TradeExecutor] first\n"
                             "2024-11-24 21:33:46,000 - INFO - [AIAnalyzer] second\n"
                             "2024-11-24 21:33:47,000 - WARNING - [TradeExecutor] third\n");
    works("logs --lines 1");
    assert_string_equal(out, "2024-11-24 21:33:47,000 - WARNING - [TradeExecutor] third\n");
    works("logs ai-analyzer");
    assert_string_equal(out, "2024-11-24 21:33:46,000 - INFO - [AIAnalyzer] second\n");
    works_as_json("logs --lines 1 --json");
    assert_string_equal(out,
                        "[{\"service\":\"trade_executor\",\"time\":\"2024-11-24T21:33:47.000Z\","
                        "\"level\":\"WARNING\",\"text\":\"[TradeExecutor] third\"}]\n");
    fails(
        "logs nobody", 6,
        "trader: there is no such log: ./logs/nobody.log; trader logs shows all that there are\n");
}

static void collect(void *context, const LogEntry *entry) {
    Text *text = context;
    text_format(text, "%S|", entry->line);
}

/* What was written before and after a rotation between two looks is all seen, once. */
static void a_rotation_loses_no_line(void **state) {
    (void)state;
    char memory[200];
    Text text = TEXT_IN(memory);
    Error error;
    mkdir("logs", 0755);
    temporary_write("logs/a.log", "1\n2\nhalf");
    LogTail *tail = log_tail_open("logs", NULL, &error);
    assert_non_null(tail);
    assert_true(log_tail_last(tail, 1, collect, &text, &error));
    assert_string_equal(text_end(&text), "2|");
    assert_true(log_tail_more(tail, collect, &text, &error));
    FILE *file = fopen("logs/a.log", "a");
    fputs(" whole\n3\n", file);
    fclose(file);
    assert_int_equal(rename("logs/a.log", "logs/a.log.1"), 0);
    temporary_write("logs/a.log", "4\n");
    temporary_write("logs/b.log", "5\n");
    assert_true(log_tail_more(tail, collect, &text, &error));
    assert_true(log_tail_more(tail, collect, &text, &error));
    assert_string_equal(text_end(&text), "2|3|4|5|half whole|");
    log_tail_close(tail);
}

int main(void) {
    if (!program_prepare()) return 1;
#define PLACED(name) cmocka_unit_test_setup_teardown(name, temporary_enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        PLACED(without_a_state_there_is_a_hint),
        PLACED(a_state_is_read),
        PLACED(screens_follow_the_locale),
        PLACED(the_kill_switch_waits_and_is_seen),
        PLACED(a_real_account_is_flattened_only_when_confirmed),
        PLACED(a_running_instance_is_named),
        PLACED(a_damaged_database_is_a_finding),
        PLACED(logs_are_merged_by_time),
        PLACED(a_rotation_loses_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
