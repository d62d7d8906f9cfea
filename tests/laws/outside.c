/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of what is asked beyond the venue: with recorded answers a replay with journal and database
 * and the lab leave the same journal_hash; the same again; and so does a replay that was stopped,
 * or killed between a question and its answer, and went on. Answers are heard at the question's
 * time plus the recorded latency, in order of their questions, and nothing is asked of anybody.
 */
#include "lab_stage.h"

#include <sys/wait.h>

#include "check_aborts.h"
#include "shell/drivers/engine.h"
#include "shell/outside/outside_open.h"
#include "shell/store/answer_file.h"
#include "temporary.h"

enum { ANSWERS = 5 }; /* of 7 questions that go round: two are not on record */

/* ---- a service that asks ------------------------------------------------------------------- */

typedef struct Asker {
    int64_t asked, next_id, heard, missing, last_due;
} Asker;

static size_t asker_size(const Settings *settings) {
    (void)settings;
    return sizeof(Asker);
}

static void asker_init(void *state, const Settings *settings) {
    (void)settings;
    ((Asker *)state)->next_id = 1;
}

static void hash_of(int64_t question, char hash[static 65]) {
    uint8_t digest[SHA256_SIZE];
    Text text = text_in(hash, 65);
    sha256_of(&question, sizeof question, digest);
    text_hex(&text, digest, sizeof digest);
    text_end(&text);
}

static void ask(Asker *asker, Outbox *outbox, int64_t question) {
    OutsideRequest *request = outbox_publish(outbox, TOPIC_OUTSIDE_REQUESTS);
    strcpy(request->service, "asker");
    request->id = asker->next_id++;
    request->source = OUTSIDE_MODEL;
    strcpy(request->purpose, "law");
    hash_of(question, request->content_hash);
    request->timeout_ms = 1000;
    request->latency_us = 777777;
    snprintf(request->body, sizeof request->body, "{\"question\":%lld}", (long long)question);
    asker->asked++;
}

static void tell_call(const OutsideReply *reply, int64_t time_us, Outbox *outbox) {
    ModelCall *call = outbox_publish(outbox, TOPIC_MODEL_CALLS);
    call->id = reply->id;
    strcpy(call->purpose, "law");
    strcpy(call->model, "law");
    strcpy(call->model_id, "law");
    call->asked = call->settled = time_us;
    call->end = reply->outcome == OUTSIDE_MISSING ? CALL_MISSING : CALL_ANSWERED;
    call->attempts = 1;
    call->recorded = reply->recorded;
    call->status = reply->status;
    hash_of(0, call->content_hash);
}

static void asker_step(void *state, const Message *message, Outbox *outbox) {
    Asker *asker = state;
    const MarketBar *bar = message->payload;
    const OutsideReply *reply = message->payload;
    if (message->topic == TOPIC_OUTSIDE_REPLIES) {
        asker->heard++;
        asker->missing += reply->outcome == OUTSIDE_MISSING;
        outbox_log(outbox, LOG_INFO, "%D %d %s %D", reply->id, (int)reply->outcome, reply->body,
                   reply->latency_us);
        tell_call(reply, message->time_us, outbox);
        if (asker->heard % 11 == 0) ask(asker, outbox, asker->heard % 7); /* one leads to another */
        return;
    }
    if (bar->interval != INTERVAL_1M) return;
    for (int64_t i = 0; i <= message->time_us / INSTANT_MINUTE_US % 3; i++)
        ask(asker, outbox, (message->time_us / INSTANT_MINUTE_US + i) % 7);
}

static const Service service_asker = {.name = "asker",
                                      .label = "Asker",
                                      .sentence = "asks at every bar",
                                      .stage = STAGE_SIGNAL,
                                      HEARS(TOPIC_BARS, TOPIC_OUTSIDE_REPLIES),
                                      SAYS(TOPIC_OUTSIDE_REQUESTS, TOPIC_MODEL_CALLS),
                                      .state_size = asker_size,
                                      .init = asker_init,
                                      .step = asker_step};

static const Service *services[2];

/* ---- the record ---------------------------------------------------------------------------- */

/* Latencies: none at all; within the bar; the same twice; beyond the next bar. */
static void record_answers(const char *directory) {
    static const int64_t latencies[ANSWERS] = {0, 1500000, 1500000, 150 * INSTANT_SECOND_US,
                                               59999999};
    static OutsideRequest request;
    static OutsideReply reply;
    Error error;
    for (int64_t i = 0; i < ANSWERS; i++) {
        hash_of(i, request.content_hash);
        strcpy(request.body, "{}");
        request.source = reply.source = OUTSIDE_MODEL;
        strcpy(request.service, "asker");
        strcpy(reply.service, "someone");
        reply.id = 1;
        reply.outcome = OUTSIDE_ANSWERED;
        reply.status = 200;
        reply.retry_after_ms = reply.should_retry = -1;
        reply.latency_us = latencies[i];
        snprintf(reply.body, sizeof reply.body, "{\"answer\":%lld}", (long long)i);
        assert_true(answer_file_write(directory, &request, &reply, LAB_START, &error));
    }
}

static OutsidePort *open_port(void) {
    static OutsidePlan plan;
    Error error;
    plan = (OutsidePlan){.model_mode = OUTSIDE_REPLAY, .social_mode = OUTSIDE_REPLAY};
    strcpy(plan.directory, "answers");
    OutsidePort *port = outside_open(&plan, &error);
    assert_non_null(port);
    return port;
}

/* ---- the engine ---------------------------------------------------------------------------- */

typedef struct Run {
    char state[80];
    Settings *settings;
    OutsidePort *port;
    void (*watch)(void *context, const Message *message);
} Run;

static unsigned messages_left; /* until the process dies, or is stopped */

static void die_at(void *context, const Message *message) {
    (void)context, (void)message;
    if (messages_left-- == 0) _exit(0);
}

static void stop_at(void *context, const Message *message) {
    (void)context, (void)message;
    if (messages_left-- == 0) engine_stop();
}

static Feed *open_feed(void) {
    static const char *const path = "BTCUSDC-1m.csv";
    FeedReplayPlan plan = {.paths = &path, .path_count = 1};
    Error error;
    Feed *feed = feed_replay_open(&plan, &error);
    assert_non_null(feed);
    return feed;
}

/* True once the data are through. */
static bool live_through(const Run *run, char hash[static 65], RunTally *tally) {
    Error error = {.code = ERROR_NONE};
    Feed *feed = open_feed();
    assert_true(mkdir(run->state, 0700) == 0 || access(run->state, W_OK) == 0);
    EnginePlan plan = {.settings = run->settings,
                       .state_directory = run->state,
                       .log_directory = run->state,
                       .mode = "REPLAY",
                       .world = "test",
                       .feed = feed,
                       .outside = run->port,
                       .services = services,
                       .service_count = 2,
                       .watch = run->watch,
                       .opening = money_of((__int128)LAB_BALANCE * DECIMAL_SCALE)};
    Engine *engine = engine_open(&plan, NULL, &error);
    if (!engine) fail_msg("%s: %s", error.where, error.message);
    EngineEnd end = engine_run(engine, &error);
    assert_int_not_equal(end, ENGINE_FAILED);
    engine_journal_hash(engine, hash);
    *tally = *engine_tally(engine);
    assert_true(engine_close(engine, &error));
    feed->close(feed);
    return end == ENGINE_DATA_ENDED;
}

/* ---- the market ---------------------------------------------------------------------------- */

static void write_candles(const CandleSeries *candles) {
    FILE *file = fopen("BTCUSDC-1m.csv", "w");
    assert_non_null(file);
    fputs("open_time,open,high,low,close,volume\n", file);
    for (size_t row = 0; row < candles->count; row++) {
        Bar bar = candle_series_bar(candles, row);
        char open[DECIMAL_TEXT_MAX], high[DECIMAL_TEXT_MAX], low[DECIMAL_TEXT_MAX],
            close[DECIMAL_TEXT_MAX];
        price_to_text(bar.open, open);
        price_to_text(bar.high, high);
        price_to_text(bar.low, low);
        price_to_text(bar.close, close);
        fprintf(file, "%lld,%s,%s,%s,%s,%.17g\n", (long long)(bar.time_us / 1000), open, high, low,
                close, bar.volume);
    }
    assert_int_equal(fclose(file), 0);
}

static Settings settings;

static void set_stage(void) {
    StageMarkets stage = stage_generated(7, 1, 1, INTERVAL_1M);
    services[0] = &service_asker;
    services[1] = service_find("market_monitor");
    write_candles(&stage.markets[0].candles);
    record_answers("answers");
    settings_presets(&settings);
    settings.journal.snapshot_records = 1000; /* several on the way */
    stage_name_symbols(&stage, &settings);
    stage_markets_free(&stage);
}

/* ---- the laws ------------------------------------------------------------------------------ */

static void test_replay_and_lab_hear_the_same(void **state) {
    (void)state;
    char engine_hash[65], again_hash[65], lab_hash[65];
    RunTally tally, again;
    set_stage();
    OutsidePort *port = open_port();
    Run run = {.state = "first", .settings = &settings, .port = port};
    assert_true(live_through(&run, engine_hash, &tally));
    strcpy(run.state, "second");
    assert_true(live_through(&run, again_hash, &again));
    assert_string_equal(engine_hash, again_hash);

    StageMarkets markets = stage_of_feed(open_feed());
    LabPlan plan = stage_plan(&markets, &settings);
    plan.services = services;
    plan.service_count = 2;
    plan.outside = port->outside;
    LabResult result = stage_run_lab(&plan, NULL);
    Text text = TEXT_IN(lab_hash);
    text_hex(&text, result.journal, sizeof result.journal);
    assert_string_equal(text_end(&text), engine_hash);
    assert_int_equal(result.calls, 0);
    assert_int_equal(tally.calls, 0);
    assert_int_equal(tally.cost_usd_micro, 0);
    assert_true(result.ai_missing > 500);
    assert_int_equal(result.ai_missing, tally.ai_missing);

    plan.outside = (Outside){0}; /* other answers are another history */
    result = stage_run_lab(&plan, NULL);
    text = TEXT_IN(lab_hash);
    text_hex(&text, result.journal, sizeof result.journal);
    assert_string_not_equal(text_end(&text), engine_hash);
    stage_markets_free(&markets);
    port->close(port);
}

static void test_a_stop_changes_nothing(void **state) {
    (void)state;
    char whole[65], stopped[65];
    RunTally tally;
    set_stage();
    OutsidePort *port = open_port();
    Run run = {.state = "whole", .settings = &settings, .port = port};
    assert_true(live_through(&run, whole, &tally));
    run = (Run){.state = "stopped", .settings = &settings, .port = port, .watch = stop_at};
    unsigned stops = 0;
    do {
        messages_left = 1371;
    } while (!live_through(&run, stopped, &tally) && ++stops < 100);
    assert_true(stops >= 4);
    assert_string_equal(stopped, whole);
    port->close(port);
}

static void die_in_a_child(const Run *run) {
    char hash[65];
    RunTally tally;
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        Run own = *run;
        own.port = open_port(); /* threads do not come along */
        own.watch = die_at;
        live_through(&own, hash, &tally);
        _exit(0);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_a_kill_changes_nothing(void **state) {
    (void)state;
    char whole[65], killed[65];
    RunTally tally;
    set_stage();
    OutsidePort *port = open_port();
    Run run = {.state = "whole", .settings = &settings, .port = port};
    assert_true(live_through(&run, whole, &tally));
    strcpy(run.state, "killed");
    for (unsigned i = 0; i < 12; i++) {
        messages_left = 1500 + 97 * i;
        die_in_a_child(&run);
    }
    assert_true(live_through(&run, killed, &tally));
    assert_string_equal(killed, whole);
    port->close(port);
}

/* A damaged answer is a missing one: what does not fit its seal is not believed. */
static void test_a_damaged_answer_is_missing(void **state) {
    (void)state;
    char hash[65], path[160];
    static OutsideReply reply;
    bool found, damaged;
    record_answers("answers");
    hash_of(3, hash);
    answer_file_read("answers", hash, &reply, &found, &damaged);
    assert_true(found && !damaged);
    assert_string_equal(reply.body, "{\"answer\":3}");
    assert_int_equal(reply.latency_us, 150 * INSTANT_SECOND_US);
    snprintf(path, sizeof path, "answers/%.2s/%s.answer", hash, hash);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    fseek(file, -20, SEEK_END);
    int byte = fgetc(file);
    fseek(file, -20, SEEK_END);
    fputc(byte ^ 1, file);
    fclose(file);
    answer_file_read("answers", hash, &reply, &found, &damaged);
    assert_true(!found && damaged);
    hash_of(6, hash);
    answer_file_read("answers", hash, &reply, &found, &damaged);
    assert_true(!found && !damaged);
    answer_file_read("answers", "../../etc/passwd", &reply, &found, &damaged);
    assert_true(!found && !damaged);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replay_and_lab_hear_the_same, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_stop_changes_nothing, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_kill_changes_nothing, temporary_enter,
                                        temporary_leave),
        cmocka_unit_test_setup_teardown(test_a_damaged_answer_is_missing, temporary_enter,
                                        temporary_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
