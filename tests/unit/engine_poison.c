/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A service that fails a CHECK on one bar: the program dies on it twice; the third start refuses
 * that instant by name, sets the kill switch to pause, and goes on to the end.
 */
#include "unit.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "shell/drivers/engine.h"
#include "shell/store/state_dir.h"

#define POISONED_MINUTE (1704067200000000LL + 100 * 60000000LL) /* 2024-01-01 01:40 */

extern const Service service_market_monitor, service_paper_venue, service_trade_executor;

static size_t fragile_size(const Settings *settings) {
    (void)settings;
    return sizeof(int64_t);
}

static void fragile_init(void *state, const Settings *settings) {
    (void)settings;
    *(int64_t *)state = 0;
}

static void fragile_step(void *state, const Message *message, Outbox *outbox) {
    const MarketBar *bar = message->payload;
    (void)outbox;
    *(int64_t *)state = bar->open_time;
    CHECK(bar->open_time != POISONED_MINUTE, "planted");
}

static const Service service_fragile = {
    .name = "fragile",
    .label = "Fragile",
    .sentence = "fails on purpose",
    .stage = STAGE_OBSERVER,
    HEARS(TOPIC_BARS),
    .says = (const Topic[]){TOPIC_COUNT},
    .state_size = fragile_size,
    .init = fragile_init,
    .step = fragile_step,
};

/* This program's own table stands in for the generated one. */
const Service *const service_table[] = {&service_fragile, &service_market_monitor,
                                        &service_paper_venue, &service_trade_executor};
const unsigned service_count = sizeof service_table / sizeof service_table[0];

static void run_once(const char *directory) {
    static const SymbolName symbols[] = {{"BTCUSDC"}};
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.trading.symbols, "BTCUSDC");
    FeedGeneratedPlan market = {.seed = 5,
                                .days = 1,
                                .start_us = instant_of(2024, 1, 1, 0, 0, 0),
                                .symbols = symbols,
                                .symbol_count = 1};
    Error error = {0};
    EnginePlan plan = {.settings = &settings,
                       .state_directory = directory,
                       .log_directory = directory,
                       .mode = "DEMO",
                       .world = "test",
                       .feed = feed_generated_open(&market, &error),
                       .opening = money_of((__int128)10000 * DECIMAL_SCALE)};
    Engine *engine = engine_open(&plan, NULL, &error);
    if (!engine) _exit(3);
    EngineEnd end = engine_run(engine, &error);
    if (end != ENGINE_DATA_ENDED || !engine_close(engine, &error)) _exit(4);
    _exit(0);
}

static int status_of_run(const char *directory) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        if (!freopen("/dev/null", "w", stderr)) _exit(5);
        run_once(directory);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_third_start_goes_on(void **state) {
    (void)state;
    char directory[] = "/tmp/trader-poison-XXXXXX";
    assert_non_null(mkdtemp(directory));
    for (int crash = 0; crash < 2; crash++) {
        int status = status_of_run(directory);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
    int status = status_of_run(directory);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    Control control;
    Error error;
    bool found;
    assert_true(control_read(directory, &control, &found, &error));
    assert_true(found && control.level == KILL_PAUSE);
    assert_string_equal(control.by, "quarantine");
    assert_non_null(strstr(control.reason, "planted"));
    Store *store = store_open(directory, true, &error);
    assert_non_null(store);
    static char memory[65536];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    store_write_rows(store, TOPIC_FEED_STATUS, &(StoreQuery){.limit = 10}, false, &writer);
    assert_non_null(strstr(text_end(&text), "quarantined"));
    store_close(store);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_third_start_goes_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
