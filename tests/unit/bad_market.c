/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bad market data through the whole program: each is refused where it enters, or skipped by the
 * market monitor with its reason in the log, and the candles of its neighbours are what they are
 * without it. And the mission's log lines of this part, byte for byte behind the time.
 */
#include "check_aborts.h"
#include "market_script.h"

#include "core/services/market_monitor.h"
#include "shell/store/log_file.h"

#define MINUTES 40
#define BAD_AT 20 /* minutes after which the bad bar comes, in the place of a good one */
#define BTC 0     /* index of the symbol */
#define COIN 100000000LL

static Script script;

static void negative_open(MarketBar *bar) { bar->open.units = -1; }
static void negative_high(MarketBar *bar) { bar->high.units = -COIN; }
static void negative_low(MarketBar *bar) { bar->low.units = -1; }
static void negative_close(MarketBar *bar) { bar->close.units = INT64_MIN; }
static void negative_volume(MarketBar *bar) { bar->volume = -1; }
static void volume_is_nan(MarketBar *bar) { bar->volume = (double)NAN; }
static void volume_is_endless(MarketBar *bar) { bar->quote_volume = (double)INFINITY; }
static void volume_is_absurd(MarketBar *bar) { bar->taker_volume = 1e19; }
static void trades_are_negative(MarketBar *bar) { bar->trades = -1; }
static void trades_are_absurd(MarketBar *bar) { bar->trades = 4294967296; }
static void interval_is_unknown(MarketBar *bar) { bar->interval = 7; }
static void time_is_negative(MarketBar *bar) { bar->open_time = -INSTANT_MINUTE_US; }
static void time_is_after_all(MarketBar *bar) { bar->open_time = INT64_MAX; }
static void symbol_has_no_end(MarketBar *bar) { memset(bar->symbol, 'X', sizeof bar->symbol); }
static void open_is_zero(MarketBar *bar) { bar->open.units = 0; }
static void low_is_zero(MarketBar *bar) { bar->low.units = 0; }
static void close_is_zero(MarketBar *bar) { bar->close.units = 0; }
static void high_below_low(MarketBar *bar) { bar->high.units = bar->low.units - 1; }
static void open_above_high(MarketBar *bar) { bar->open.units = bar->high.units + 1; }
static void open_below_low(MarketBar *bar) { bar->open.units = bar->low.units - 1; }
static void close_above_high(MarketBar *bar) { bar->close.units = bar->high.units + 1; }
static void close_below_low(MarketBar *bar) { bar->close.units = bar->low.units - 1; }
static void off_the_minute(MarketBar *bar) { bar->open_time += 1; }
static void same_again(MarketBar *bar) { bar->open_time -= INSTANT_MINUTE_US; }
static void long_ago(MarketBar *bar) { bar->open_time -= 10 * INSTANT_MINUTE_US; }
static void unknown_symbol(MarketBar *bar) { strcpy(bar->symbol, "NOBODYUSDC"); }
static void no_symbol(MarketBar *bar) { memset(bar->symbol, 0, sizeof bar->symbol); }

typedef enum Fate { REFUSED, LOGGED, NOT_MINE } Fate;

static const struct Bad {
    void (*spoil)(MarketBar *bar);
    Fate fate;
    const char *reason; /* the field's name, or words of the log line */
} bads[] = {
    {negative_open, REFUSED, "open"},
    {negative_high, REFUSED, "high"},
    {negative_low, REFUSED, "low"},
    {negative_close, REFUSED, "close"},
    {negative_volume, REFUSED, "volume"},
    {volume_is_nan, REFUSED, "volume"},
    {volume_is_endless, REFUSED, "quote_volume"},
    {volume_is_absurd, REFUSED, "taker_volume"},
    {trades_are_negative, REFUSED, "trades"},
    {trades_are_absurd, REFUSED, "trades"},
    {interval_is_unknown, REFUSED, "interval"},
    {time_is_negative, REFUSED, "open_time"},
    {time_is_after_all, REFUSED, "open_time"},
    {symbol_has_no_end, REFUSED, "symbol"},
    {open_is_zero, LOGGED, "price"},
    {low_is_zero, LOGGED, "price"},
    {close_is_zero, LOGGED, "price"},
    {high_below_low, LOGGED, "low"},
    {open_above_high, LOGGED, "open"},
    {open_below_low, LOGGED, "open"},
    {close_above_high, LOGGED, "close"},
    {close_below_low, LOGGED, "close"},
    {off_the_minute, LOGGED, "time"},
    {same_again, LOGGED, "out of order"},
    {long_ago, LOGGED, "out of order"},
    {unknown_symbol, NOT_MINE, NULL},
    {no_symbol, NOT_MINE, NULL},
};

typedef struct Lines {
    unsigned count;
    char last[240];
} Lines;

static void keep_warnings(void *context, const Message *message) {
    Lines *lines = context;
    const LogLine *line = message->payload;
    if (message->topic != TOPIC_LOG_LINES || line->level != LOG_WARNING) return;
    lines->count++;
    strcpy(lines->last, line->text);
}

static bool is_bad_place(const ScriptInput *input) {
    return input->topic == TOPIC_BARS && strcmp(input->bar.symbol, "BTCUSDC") == 0 &&
           input->bar.open_time == SCRIPT_START + BAD_AT * INSTANT_MINUTE_US;
}

/* Plays the script; the bar at the bad place is spoiled, or (NULL) left out. Says what became of
 * it. */
static Fate play(KernelStage *stage, Lines *lines, void (*spoil)(MarketBar *bar),
                 char reason[static 240]) {
    Fate fate = NOT_MINE;
    stage_open(stage, service_table, service_count);
    stage->watch = keep_warnings;
    stage->context = lines;
    for (size_t i = 0; i < script.count;) {
        int64_t time_us = script.inputs[i].time_us;
        for (; i < script.count && script.inputs[i].time_us == time_us; i++) {
            ScriptInput input = script.inputs[i];
            Error error = {.code = ERROR_NONE};
            bool bad = is_bad_place(&input);
            if (bad && !spoil) continue;
            if (bad) spoil(&input.bar);
            bool queued = kernel_input(stage->kernel, input.topic, time_us, &input.filters, &error);
            assert_true(queued || (bad && error.code == ERROR_RANGE));
            if (queued) continue;
            fate = REFUSED;
            snprintf(reason, 240, "%s", error.where);
        }
        stage_turn(stage);
    }
    if (lines->count == 0) return fate;
    snprintf(reason, 240, "%s", lines->last);
    return LOGGED;
}

static void expect_equal_candles(const KernelStage *a, const KernelStage *b) {
    const void *first = kernel_service_state(a->kernel, "market_monitor");
    const void *second = kernel_service_state(b->kernel, "market_monitor");
    for (unsigned symbol = 0; symbol < SCRIPT_SYMBOLS; symbol++)
        for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
            assert_memory_equal(market_monitor_history(first, symbol, interval),
                                market_monitor_history(second, symbol, interval), sizeof(History));
}

/* Candles with a bad bar are candles without that bar: no neighbour is touched, of its symbol or
 * the other. */
static void test_bad_bars_are_skipped_with_their_reason(void **state) {
    (void)state;
    KernelStage without;
    Lines none = {0};
    char reason[240];
    play(&without, &none, NULL, reason);
    assert_int_equal(none.count, 0);
    for (unsigned i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        KernelStage with;
        Lines lines = {0};
        Fate fate = play(&with, &lines, bads[i].spoil, reason);
        if (fate != bads[i].fate) print_error("bad bar %u: fate %d\n", i, (int)fate);
        assert_int_equal(fate, bads[i].fate);
        assert_int_equal(lines.count, fate == LOGGED);
        if (fate == REFUSED) assert_string_equal(reason, bads[i].reason);
        if (fate == LOGGED && !strstr(reason, bads[i].reason))
            print_error("bad bar %u: %s\n", i, reason);
        if (fate == LOGGED) assert_non_null(strstr(reason, bads[i].reason));
        if (fate == LOGGED)
            assert_non_null(strstr(reason, "Invalid market data for BTCUSDC skipped: "));
        expect_equal_candles(&with, &without);
        stage_close(&with);
    }
    stage_close(&without);
}

/* ---- the mission's log lines --------------------------------------------------------------- */

/* Every line of a log, behind "2024-11-24 21:33:45,400". */
static bool has_line(const char *path, const char *wanted) {
    char line[400];
    bool found = false;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        int year, month, day, hour, minute, second, milli, used = 0;
        int read = sscanf(line, "%4d-%2d-%2d %2d:%2d:%2d,%3d%n", &year, &month, &day, &hour,
                          &minute, &second, &milli, &used);
        assert_int_equal(read, 7);
        assert_int_equal(used, 23);
        found |= strcmp(line + used, wanted) == 0;
    }
    fclose(file);
    return found;
}

static void to_log(void *context, const Message *message) {
    const LogLine *line = message->payload;
    Error error;
    if (message->topic != TOPIC_LOG_LINES) return;
    LogFileLine out = {.service = line->service,
                       .label = service_find(line->service)->label,
                       .level = line->level,
                       .time_us = message->time_us,
                       .text = line->text};
    assert_true(log_file_put(context, &out, &error));
}

static void test_the_missions_log_lines(void **state) {
    (void)state;
    char directory[] = "/tmp/trader-log-XXXXXX", path[80], command[80];
    Error error;
    KernelStage stage;
    assert_non_null(mkdtemp(directory));
    LogFilesPlan plan = {.directory = directory, .rotate_bytes = 1 << 20, .keep_files = 2};
    LogFiles *logs = log_file_open(&plan, &error);
    assert_non_null(logs);
    Opening opening = {.asset = "USDC", .amount = money_of(25765 * COIN / 100)};
    stage_open(&stage, service_table, service_count);
    stage.watch = to_log;
    stage.context = logs;
    assert_true(kernel_input(stage.kernel, TOPIC_SYMBOL_FILTERS, SCRIPT_START,
                             &script.inputs[BTC].filters, &error));
    assert_true(kernel_input(stage.kernel, TOPIC_OPENINGS, SCRIPT_START, &opening, &error));
    stage_turn(&stage);
    assert_true(log_file_flush(logs, &error));
    log_file_close(logs);
    stage_close(&stage);
    snprintf(path, sizeof path, "%s/trade_executor.log", directory);
    assert_true(has_line(
        path, " - INFO - [TradeExecutor] Updated holdings - Total Portfolio Value: $257.65"));
    assert_true(has_line(path, " - INFO - [TradeExecutor] Available USDC: $257.65"));
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

static int open_script(void **state) {
    (void)state;
    script = script_of(5, MINUTES);
    return 0;
}

static int close_script(void **state) {
    (void)state;
    free(script.inputs);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_bars_are_skipped_with_their_reason),
        cmocka_unit_test(test_the_missions_log_lines),
    };
    return cmocka_run_group_tests(tests, open_script, close_script);
}
