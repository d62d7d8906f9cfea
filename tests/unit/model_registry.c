/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry's service: who registers, lineage, champion and challengers, what counts as an
 * outcome of whom, each order and each refusal, what a cold start brings back. Through the kernel,
 * by the messages that it hears in a run.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/bus/codec.h"
#include "core/kernel/kernel.h"
#include "core/trade/version_score.h"

extern const Service service_model_registry;

#define START_US (INSTANT_DAY_US * 20000)

typedef struct Room {
    Settings settings;
    KernelPlan plan;
    void *memory;
    Kernel *kernel;
    int64_t now_us;
    ModelVersion version; /* said last */
    VersionEvent event;
    VersionPoint point;
    unsigned versions, events, points;
} Room;

static Room *room_open(void) {
    static const Service *const services[] = {&service_model_registry};
    Room *room = calloc(1, sizeof *room);
    assert_non_null(room);
    settings_presets(&room->settings);
    room->settings.registry.point_interval = 60;
    room->settings.registry.min_outcomes = 10;
    room->plan =
        (KernelPlan){.services = services, .service_count = 1, .settings = &room->settings};
    size_t size = (kernel_size(&room->plan) + 15) & ~(size_t)15;
    room->memory = aligned_alloc(16, size);
    assert_non_null(room->memory);
    memset(room->memory, 0, size);
    room->kernel = kernel_init(room->memory, &room->plan);
    room->now_us = START_US;
    return room;
}

static void room_close(Room *room) {
    free(room->memory);
    free(room);
}

static void keep(Room *room, const Message *m) {
    if (m->topic == TOPIC_MODEL_VERSIONS) {
        memcpy(&room->version, m->payload, sizeof room->version);
        room->versions++;
    }
    if (m->topic == TOPIC_VERSION_EVENTS) {
        memcpy(&room->event, m->payload, sizeof room->event);
        room->events++;
    }
    if (m->topic == TOPIC_VERSION_POINTS) {
        memcpy(&room->point, m->payload, sizeof room->point);
        room->points++;
    }
    const MessageShape *shape = topic_message((Topic)m->topic);
    if (codec_fault(shape, m->payload))
        fail_msg("%s.%s is out of its bounds", shape->name, codec_fault(shape, m->payload));
}

static void tell(Room *room, Topic topic, const void *payload) {
    Error error;
    if (!kernel_input(room->kernel, topic, room->now_us, payload, &error))
        fail_msg("%s: %s", error.where, error.message);
    kernel_turn(room->kernel);
    for (const Message *m = kernel_first(room->kernel); m; m = kernel_next(room->kernel, m))
        keep(room, m);
}

static void introduce(Room *room) {
    SymbolFilters filters = {.symbol = "BTCUSDC",
                             .base_asset = "BTC",
                             .quote_asset = "USDC",
                             .tick_size = price_of(1000000),
                             .step_size = quantity_of(1000),
                             .quantity_min = quantity_of(1000),
                             .notional_min = money_of((__int128)5 * DECIMAL_SCALE)};
    tell(room, TOPIC_SYMBOL_FILTERS, &filters);
}

static void enroll(Room *room, const char *type, const char *id, const char *name,
                   const char *status) {
    ModelVersion told = {.config = "{}"};
    version_begin(&told, type, id, name);
    strcpy(told.status, status);
    room->now_us += INSTANT_SECOND_US;
    tell(room, TOPIC_MODEL_REGISTRATIONS, &told);
}

static void speak(Room *room, int number, const char *id, const char *name, double confidence) {
    Signal signal = {.symbol = "BTCUSDC",
                     .decision = DECISION_BUY,
                     .confidence = confidence,
                     .price = price_of(100 * DECIMAL_SCALE),
                     .atr_fraction = 0.01};
    snprintf(signal.id, sizeof signal.id, "s-%d", number);
    strcpy(signal.model_id, id);
    strcpy(signal.model_version, name);
    signal.timestamp = signal.market_timestamp = room->now_us;
    signal.explanation = (Explanation){.summary = ""};
    tell(room, TOPIC_TRADING_SIGNALS, &signal);
}

static void settle(Room *room, int number, double return_pct) {
    SignalOutcome outcome = {.symbol = "BTCUSDC",
                             .decision = DECISION_BUY,
                             .hit = return_pct > 0,
                             .return_pct = return_pct,
                             .emitted = room->now_us,
                             .settled = room->now_us};
    snprintf(outcome.signal_id, sizeof outcome.signal_id, "s-%d", number);
    tell(room, TOPIC_SIGNAL_OUTCOMES, &outcome);
}

static void order(Room *room, ModelAction action, const char *id) {
    ModelOrder told = {.action = action, .by = "cli", .reason = "because"};
    strcpy(told.version_id, id);
    room->now_us += INSTANT_SECOND_US;
    tell(room, TOPIC_MODEL_ORDERS, &told);
}

static Room *room_with_two(void) {
    Room *room = room_open();
    introduce(room);
    enroll(room, "local_analyst", "aaaaaaaa", "ai_trader_local_aaaaaaaa", "champion");
    enroll(room, "language_model", "bbbbbbbb", "ai_trader_gpt_4o_bbbbbbbb", "registered");
    return room;
}

/* ---- versions ------------------------------------------------------------------------------ */

static void test_registration_and_lineage(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    enroll(room, "local_analyst", "aaaaaaaa", "ai_trader_local_aaaaaaaa", "champion");
    assert_string_equal(room->version.status, "champion");
    assert_string_equal(room->version.parent_id, "");
    assert_int_equal(room->version.registration_date, room->now_us);
    assert_int_equal(room->version.promoted, room->now_us);
    assert_true(isnan(room->version.performance_metrics.win_rate) != 0); /* unknown, not 0 */
    assert_true(isnan(room->version.out_of_sample.win_rate) != 0);
    enroll(room, "local_analyst", "cccccccc", "ai_trader_local_cccccccc", "champion");
    assert_string_equal(room->version.version_id, "cccccccc");
    assert_string_equal(room->version.parent_id, "aaaaaaaa");
    assert_string_equal(room->event.by, "settings");
    assert_int_equal(room->event.action, VERSION_PROMOTE);
    unsigned events = room->events;
    enroll(room, "local_analyst", "cccccccc", "ai_trader_local_cccccccc", "champion");
    assert_int_equal(room->events, events); /* the same again is no news */
    room_close(room);
}

static void test_one_who_never_registered(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    speak(room, 1, "dddddddd", "ai_trader_x_dddddddd", 0.5);
    assert_string_equal(room->event.version_id, "dddddddd");
    settle(room, 1, 1);
    assert_string_equal(room->version.model_type, "unknown");
    assert_int_equal(room->version.performance_metrics.total_trades, 1);
    room_close(room);
}

/* ---- the record ---------------------------------------------------------------------------- */

static void test_metrics_of_outcomes(void **state) {
    (void)state;
    static const double returns[] = {2, -1, -0.1, 1};
    Room *room = room_with_two();
    for (int i = 0; i < 4; i++) {
        room->now_us += INSTANT_HOUR_US;
        speak(room, i + 1, "aaaaaaaa", "ai_trader_local_aaaaaaaa", 0.4 + 0.1 * i);
        settle(room, i + 1, returns[i]);
    }
    const VersionMetrics *metrics = &room->point.metrics;
    assert_string_equal(room->point.version_id, "aaaaaaaa");
    assert_int_equal(metrics->total_trades, 4);
    assert_int_equal(metrics->successful_trades, 2);
    assert_int_equal(metrics->failed_trades, 2);
    assert_close(metrics->win_rate, 0.5, 0);
    assert_close(metrics->profit_factor, 3 / 1.1, 1e-12);
    assert_close(metrics->accuracy, 0.75, 1e-12); /* -0.1 % was right before the costs of 0.3 % */
    assert_close(metrics->avg_confidence, 0.55, 1e-12);
    assert_int_equal(room->points, 4);
    settle(room, 4, 1); /* the same outcome twice counts once */
    assert_int_equal(room->points, 4);
    speak(room, 5, "aaaaaaaa", "ai_trader_local_aaaaaaaa", 0.5);
    settle(room, 5, 1);
    assert_int_equal(room->points, 4); /* its history has one point an interval */
    room_close(room);
}

static void test_a_strategy_is_scored_by_its_trades(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    enroll(room, "strategy", "eeeeeeee", "strategy_momentum", "champion");
    enroll(room, "strategy", "ffffffff", "strategy_momentum", "champion"); /* other parameters */
    Signal signal = {
        .id = "s-1",
        .symbol = "BTCUSDC",
        .decision = DECISION_BUY,
        .model_id = "ffffffff",
        .model_version = "strategy_momentum",
        .price = price_of(100 * DECIMAL_SCALE),
        .selected_strategy = {.present = true, .name = "momentum", .type = "momentum"}};
    tell(room, TOPIC_TRADING_SIGNALS, &signal);
    settle(room, 1, 5); /* no such outcome counts for it */
    assert_int_equal(room->points, 0);
    Trade trade = {.id = "t-1",
                   .symbol = "BTCUSDC",
                   .side = SIDE_BUY,
                   .quantity = quantity_of(DECIMAL_SCALE),
                   .entry_price = price_of(100 * DECIMAL_SCALE),
                   .exit_price = price_of(102 * DECIMAL_SCALE),
                   .pnl_pct = 1.8,
                   .signal_id = "s-1"};
    tell(room, TOPIC_TRADES, &trade);
    assert_string_equal(room->point.version_id, "ffffffff");
    assert_close(room->point.metrics.gains_pct, 1.8, 0);
    room_close(room);
}

static void bar(Room *room, int64_t close_us, double price) {
    MarketBar told = {
        .symbol = "BTCUSDC", .interval = 0, .open_time = close_us - INSTANT_MINUTE_US};
    told.open = told.high = told.low = told.close =
        price_of((int64_t)(price * (double)DECIMAL_SCALE));
    room->now_us = close_us;
    tell(room, TOPIC_BARS, &told);
}

static void voice(Room *room, const char *role, const char *name, Decision decision) {
    ModelOpinion opinion = {.id = "o-1",
                            .symbol = "BTCUSDC",
                            .decision = decision,
                            .confidence = 0.7,
                            .time = room->now_us,
                            .market_timestamp = room->now_us};
    strcpy(opinion.role, role);
    strcpy(opinion.model_version, name);
    tell(room, TOPIC_MODEL_OPINIONS, &opinion);
}

static void test_opinions_are_scored_here(void **state) {
    (void)state;
    Room *room = room_with_two();
    voice(room, "arena", "ai_trader_gpt_4o_bbbbbbbb", DECISION_BUY); /* no price yet: not scored */
    bar(room, START_US + INSTANT_HOUR_US, 100);
    voice(room, "arena", "ai_trader_gpt_4o_bbbbbbbb", DECISION_BUY);
    voice(room, "bull", "ai_trader_gpt_4o_bbbbbbbb", DECISION_BUY); /* a part of a panel only */
    voice(room, "arena", "ai_trader_gpt_4o_bbbbbbbb", DECISION_HOLD);
    bar(room, room->now_us + INSTANT_MINUTE_US, 100.1);
    assert_int_equal(room->points, 0);
    bar(room, room->now_us + INSTANT_MINUTE_US, 120); /* beyond the target */
    assert_int_equal(room->points, 1);
    assert_string_equal(room->point.version_id, "bbbbbbbb");
    assert_int_equal(room->point.metrics.successful_trades, 1);
    assert_close(room->point.metrics.avg_confidence, 0.7, 1e-12);
    room_close(room);
}

/* Who decides and who is only voiced are scored at each question; a signal, said only when the
 * advice changes, adds nothing to its opinion, whichever of its outcomes comes first. */
static void test_all_models_are_scored_on_the_same_closes(void **state) {
    (void)state;
    static const char *const names[] = {"ai_trader_gpt_4o_bbbbbbbb", "ai_trader_m_cccccccc"};
    static const char *const roles[] = {"analyst", "judge", "risk", "counterfactual"};
    for (int role = 0; role < 4; role++) {
        Room *room = room_open();
        int64_t scored[2] = {0, 0};
        introduce(room);
        enroll(room, "language_model", "bbbbbbbb", names[0], "champion");
        enroll(room, "language_model", "cccccccc", names[1], "registered");
        bar(room, START_US + INSTANT_HOUR_US, 100);
        for (int close = 0; close < 12; close++) {
            voice(room, roles[role], names[0], DECISION_BUY);
            voice(room, "arena", names[1], DECISION_SELL);
            if (close == 0) speak(room, 1, "bbbbbbbb", names[0], 0.7);
            room->now_us += INSTANT_MINUTE_US;
            if (close == 0) settle(room, 1, 5);
            bar(room, room->now_us, close % 2 ? 100 : 120); /* beyond target or stop of each */
            for (int i = 0; i < 2; i++) {
                enroll(room, "language_model", i ? "cccccccc" : "bbbbbbbb", names[i],
                       i ? "registered" : "champion");
                scored[i] = room->version.performance_metrics.total_trades;
            }
        }
        assert_int_equal(scored[0], role < 2 ? 12 : 1);
        assert_int_equal(scored[1], 12);
        assert_int_equal(room->version.performance_metrics.separate_trades, 12);
        room_close(room);
    }
}

/* ---- orders -------------------------------------------------------------------------------- */

static void expect_refused(Room *room, ModelAction action, const char *id, const char *why) {
    unsigned versions = room->versions;
    order(room, action, id);
    assert_int_equal(room->versions, versions); /* nothing changed */
    assert_int_equal(room->event.action, action);
    if (!strstr(room->event.text, why)) fail_msg("\"%s\" lacks \"%s\"", room->event.text, why);
    assert_memory_equal(room->event.text, "refused: ", 9);
}

static void test_orders(void **state) {
    (void)state;
    Room *room = room_with_two();
    expect_refused(room, VERSION_PROMOTE, "zzzzzzzz", "no such version");
    expect_refused(room, VERSION_PROMOTE, "aaaaaaaa", "already");
    expect_refused(room, VERSION_RETIRE, "aaaaaaaa", "promote another first");
    expect_refused(room, VERSION_CHALLENGE, "aaaaaaaa", "challenge itself");
    expect_refused(room, VERSION_ROLL_BACK, "aaaaaaaa", "no earlier champion");
    expect_refused(room, VERSION_REGISTER, "aaaaaaaa", "not by order");
    order(room, VERSION_PROMOTE, "bbbbbbbb");
    assert_string_equal(room->version.version_id, "bbbbbbbb");
    assert_string_equal(room->version.status, "champion");
    assert_string_equal(room->event.by, "cli");
    assert_string_equal(room->event.text, "because");
    expect_refused(room, VERSION_ROLL_BACK, "aaaaaaaa", "not the champion");
    order(room, VERSION_ROLL_BACK, "bbbbbbbb");
    assert_string_equal(room->version.version_id, "aaaaaaaa");
    order(room, VERSION_RETIRE, "bbbbbbbb");
    assert_string_equal(room->version.status, "retired");
    expect_refused(room, VERSION_CHALLENGE, "bbbbbbbb", "retired");
    expect_refused(room, VERSION_ROLL_BACK, "aaaaaaaa", "no earlier champion");
    room_close(room);
}

/* ---- challengers --------------------------------------------------------------------------- */

/* Both speak on `days` days; the challenger earns `edge` more. */
static void contest(Room *room, int first, unsigned days, double edge) {
    for (unsigned day = 0; day < days; day++) {
        int number = first + 2 * (int)day;
        double noise = day % 3 == 0 ? -0.5 : 0.4;
        room->now_us += INSTANT_DAY_US;
        speak(room, number, "aaaaaaaa", "ai_trader_local_aaaaaaaa", 0.5);
        speak(room, number + 1, "bbbbbbbb", "ai_trader_gpt_4o_bbbbbbbb", 0.5);
        settle(room, number, noise);
        settle(room, number + 1, noise + edge + 0.01 * (day % 2));
    }
}

static void test_a_better_challenger_is_told(void **state) {
    (void)state;
    Room *room = room_with_two();
    contest(room, 1, 30, 1); /* before the challenge: counts for nothing */
    assert_int_not_equal(room->event.action, VERSION_CHALLENGE);
    order(room, VERSION_CHALLENGE, "bbbbbbbb");
    contest(room, 101, 9, 1);
    assert_string_equal(room->event.by, "cli");
    contest(room, 201, 1, 1); /* the tenth: the first look */
    assert_string_equal(room->event.by, "registry");
    assert_int_equal(room->event.action, VERSION_CHALLENGE); /* only said */
    assert_non_null(strstr(room->event.text, "better; look 1: same closes 1.004"));
    assert_true(room->event.p_value < 0.01);
    contest(room, 301, 9, 1); /* the second at twice as many */
    assert_non_null(strstr(room->event.text, "look 1:"));
    contest(room, 401, 1, 1);
    assert_non_null(strstr(room->event.text, "look 2:"));
    room_close(room);
}

/* Many outcomes on few days do not use up the looks. */
static void test_a_look_waits_for_its_days(void **state) {
    (void)state;
    Room *room = room_with_two();
    order(room, VERSION_CHALLENGE, "bbbbbbbb");
    for (int i = 0; i < 10 * 24; i++) {
        room->now_us = START_US + INSTANT_DAY_US + i * INSTANT_HOUR_US;
        speak(room, 2 * i + 1, "aaaaaaaa", "ai_trader_local_aaaaaaaa", 0.5);
        speak(room, 2 * i + 2, "bbbbbbbb", "ai_trader_gpt_4o_bbbbbbbb", 0.5);
        settle(room, 2 * i + 1, 0.1);
        settle(room, 2 * i + 2, 1.1);
        if (i < 9 * 24) assert_string_equal(room->event.by, "cli");
    }
    assert_string_equal(room->event.by, "registry");
    assert_non_null(strstr(room->event.text, "better; look"));
    room_close(room);
}

static void test_it_is_promoted_where_that_is_wanted(void **state) {
    (void)state;
    for (int good = 0; good < 2; good++) {
        Room *room = room_open();
        room->settings.registry.auto_promote = true;
        room->kernel = kernel_init(room->memory, &room->plan);
        introduce(room);
        enroll(room, "local_analyst", "aaaaaaaa", "ai_trader_local_aaaaaaaa", "champion");
        enroll(room, "language_model", "bbbbbbbb", "ai_trader_gpt_4o_bbbbbbbb", "registered");
        order(room, VERSION_CHALLENGE, "bbbbbbbb");
        contest(room, 1, 10, good ? 1 : -0.005);
        assert_int_equal(room->event.action, good ? VERSION_PROMOTE : VERSION_CHALLENGE);
        if (good) assert_string_equal(room->version.version_id, "bbbbbbbb");
        assert_int_equal(strstr(room->event.text, "not shown") != NULL, !good);
        room_close(room);
    }
}

/* ---- cold start ---------------------------------------------------------------------------- */

static void test_a_cold_start_brings_the_record_back(void **state) {
    (void)state;
    Room *room = room_with_two();
    for (int i = 1; i <= 3; i++) {
        room->now_us += INSTANT_HOUR_US;
        speak(room, i, "aaaaaaaa", "ai_trader_local_aaaaaaaa", 0.6);
        settle(room, i, i == 2 ? -1 : 1.5);
    }
    ModelVersion old = room->version;
    assert_int_equal(old.performance_metrics.separate_trades, 3);
    room_close(room);
    room = room_open();
    introduce(room);
    room->now_us += INSTANT_DAY_US;
    tell(room, TOPIC_RESTORED_VERSIONS, &old);
    enroll(room, "local_analyst", "aaaaaaaa", "ai_trader_local_aaaaaaaa", "champion");
    assert_int_equal(room->version.registration_date, old.registration_date);
    assert_int_equal(room->version.promoted, old.promoted);
    speak(room, 4, "aaaaaaaa", "ai_trader_local_aaaaaaaa", 0.6);
    settle(room, 4, 1);
    assert_int_equal(room->point.metrics.total_trades, 4);
    assert_int_equal(room->point.metrics.separate_trades, 4);
    assert_close(room->point.metrics.profit_factor, 4, 1e-12);
    assert_close(room->point.metrics.accuracy, 0.75, 1e-12);
    assert_close(room->point.metrics.avg_confidence, 0.6, 1e-12);
    room_close(room);
}

/* More versions than there are places: those without a record give way, the oldest first. */
static void test_places_run_out(void **state) {
    (void)state;
    Room *room = room_with_two();
    speak(room, 1, "bbbbbbbb", "ai_trader_gpt_4o_bbbbbbbb", 0.5);
    settle(room, 1, 1);
    for (int i = 0; i < 200; i++) {
        char id[16];
        snprintf(id, sizeof id, "v%07d", i);
        enroll(room, "strategy", id, "variant", "registered");
        assert_string_equal(room->version.version_id, id);
    }
    order(room, VERSION_PROMOTE, "v0000000"); /* long gone */
    assert_non_null(strstr(room->event.text, "no such version"));
    order(room, VERSION_PROMOTE, "v0000199");
    assert_string_equal(room->version.version_id, "v0000199");
    order(room, VERSION_PROMOTE, "bbbbbbbb"); /* has a record: still there */
    assert_int_equal(room->version.performance_metrics.total_trades, 1);
    room_close(room);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registration_and_lineage),
        cmocka_unit_test(test_one_who_never_registered),
        cmocka_unit_test(test_metrics_of_outcomes),
        cmocka_unit_test(test_a_strategy_is_scored_by_its_trades),
        cmocka_unit_test(test_opinions_are_scored_here),
        cmocka_unit_test(test_all_models_are_scored_on_the_same_closes),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_a_better_challenger_is_told),
        cmocka_unit_test(test_a_look_waits_for_its_days),
        cmocka_unit_test(test_it_is_promoted_where_that_is_wanted),
        cmocka_unit_test(test_places_run_out),
        cmocka_unit_test(test_a_cold_start_brings_the_record_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
