/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every end of a question to a language model that docs/MODEL.md names, each brought about by a
 * reply of its own, and what follows from it: the row, the log, the signal and the money.
 */
#include "analyst_stage.h"

#define ERROR_BODY(code, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}"

static AnalystStage *stage;

static int open_live(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    return 0;
}

static int close_stage(void **state) {
    (void)state;
    analyst_close(stage);
    return 0;
}

static void expect_end(ModelCallEnd end, unsigned attempts) {
    assert_int_equal(stage->said[TOPIC_MODEL_CALLS], 1);
    if (stage->call.end != end)
        print_error("%s: %s\n", ModelCallEnd_text(stage->call.end), stage->call.text);
    assert_int_equal(stage->call.end, end);
    assert_int_equal(stage->call.attempts, attempts);
}

static void expect_fallback(void) {
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 1);
    assert_true(stage->signal.fallback && !stage->signal.by_model);
    assert_int_equal(stage->signal.decision, DECISION_BUY);
    assert_true(strncmp(stage->signal.model_version, "ai_trader_local_", 16) == 0);
}

static void expect_model(void) {
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 1);
    assert_true(stage->signal.by_model && !stage->signal.fallback);
    assert_int_equal(stage->signal.call_id, stage->call.id);
}

/* ---- answered -------------------------------------------------------------------------------- */

static void the_question_leaves_and_nothing_is_said_before_its_answer(void **state) {
    (void)state;
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 1);
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 0);
    assert_string_equal(stage->request.service, "ai_analyzer");
    assert_string_equal(stage->request.path, "/chat/completions");
    assert_string_equal(stage->request.purpose, "opportunity");
    assert_string_equal(stage->request.symbol, "BTCUSDC");
    assert_int_equal(stage->request.source, OUTSIDE_MODEL);
    assert_int_equal(strlen(stage->request.content_hash), 64);
    assert_true(stage->request.reserved_usd_micro > 12000);
    assert_true(json_valid(slice_of(stage->request.body)));
}

static void answered(void **state) {
    (void)state;
    analyst_answer(stage, answer_of("BUY", 0.72));
    expect_end(CALL_ANSWERED, 1);
    expect_model();
    assert_int_equal(stage->call.prompt_tokens, 1000);
    assert_int_equal(stage->call.cost_usd_micro, 4500); /* 1000 x 2.5 + 200 x 10 */
    assert_string_equal(stage->call.request_id, "req_1");
    assert_string_equal(stage->call.content_hash, stage->request.content_hash);
}

static void repaired(void **state) {
    (void)state;
    analyst_answer(stage, "{\"decision\":\"MOON\"}");
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    assert_non_null(strstr(stage->request.body, "Your last answer could not be used: decision"));
    assert_null(strstr(stage->request.body, "MOON"));
    analyst_answer(stage, answer_of("BUY", 0.72));
    expect_end(CALL_REPAIRED, 2);
    expect_model();
    assert_int_equal(stage->call.cost_usd_micro, 9000);
}

static void invalid(void **state) {
    (void)state;
    analyst_answer(stage, "I would buy.");
    analyst_answer(stage, answer_of("BUY", 8.5));
    expect_end(CALL_INVALID, 2);
    assert_string_equal(stage->call.text, "confidence: field has a wrong type or is out of bounds");
    expect_fallback();
}

static void refused(void **state) {
    (void)state;
    analyst_status(stage, 200,
                   "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null,"
                   "\"refusal\":\"I can't.\"}}]}");
    expect_end(CALL_REFUSED, 1);
    expect_fallback();
    assert_int_equal(stage->call.cost_usd_micro, stage->request.reserved_usd_micro);
}

static void truncated(void **state) {
    (void)state;
    static const char body[] =
        "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"{\"}}]}";
    assert_non_null(strstr(stage->request.body, "\"max_completion_tokens\":1200"));
    analyst_status(stage, 200, body);
    assert_non_null(strstr(stage->request.body, "\"max_completion_tokens\":2400"));
    analyst_status(stage, 200, body);
    expect_end(CALL_TRUNCATED, 2);
    expect_fallback();
}

static void missing(void **state) {
    (void)state;
    Settings settings = analyst_settings("replay");
    settings.ai.budget_per_run_usd = 0; /* a replay costs nothing and needs none */
    analyst_close(stage);
    stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    OutsideReply reply = reply_to(&stage->request);
    assert_int_equal(stage->request.reserved_usd_micro, 0);
    reply.outcome = OUTSIDE_MISSING;
    reply.status = 0;
    analyst_hear(stage, &reply, 0);
    expect_end(CALL_MISSING, 1);
    expect_fallback();
    assert_int_equal(stage->call.cost_usd_micro, 0);
}

static void a_recorded_answer_costs_nothing(void **state) {
    (void)state;
    OutsideReply reply = completion_of(&stage->request, answer_of("BUY", 0.6));
    reply.recorded = true;
    analyst_hear(stage, &reply, 2);
    expect_end(CALL_ANSWERED, 1);
    assert_true(stage->call.recorded);
    assert_int_equal(stage->call.cost_usd_micro, 0);
    assert_int_equal(stage->call.completion_tokens, 200);
}

/* ---- failed ---------------------------------------------------------------------------------- */

static void an_unknown_model(void **state) {
    (void)state;
    analyst_status(stage, 404, ERROR_BODY("model_not_found", "The model `x` does not exist"));
    expect_end(CALL_FAILED, 1);
    expect_fallback();
    assert_true(analyst_logged(stage, "ERROR OpenAI API error: Invalid model specified\n"));
    assert_true(analyst_logged(stage,
                               "Call 1 (opportunity BTCUSDC): status 404, code "
                               "model_not_found, request unnamed, latency 1500 ms, attempt 1"));
    assert_int_equal(stage->call.cost_usd_micro, 0);
    analyst_at_close(stage, -0.8); /* somebody must act: it is not asked again for an hour */
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 1);
    assert_int_equal(stage->call.end, CALL_CIRCUIT_OPEN);
    analyst_wait(stage, stage->now_us + INSTANT_HOUR_US);
    analyst_at_close(stage, 0);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
}

static void a_refused_key_and_no_credit_are_not_asked_again(void **state) {
    (void)state;
    static const struct {
        int64_t status;
        const char *body, *line;
    } ends[] = {{401, ERROR_BODY("invalid_api_key", "no"), "the key is not accepted"},
                {403, "", "the key is not accepted"},
                {429, ERROR_BODY("insufficient_quota", "pay"), "no credit"},
                {402, "", "no credit"}};
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (i) open_live(NULL);
        analyst_status(stage, ends[i].status, ends[i].body);
        expect_end(CALL_FAILED, 1);
        expect_fallback();
        assert_string_equal(stage->call.text, ends[i].line);
        assert_true(analyst_logged(stage, ends[i].line));
        analyst_at_close(stage, -0.8);
        assert_int_equal(stage->call.end, CALL_CIRCUIT_OPEN);
        if (i + 1 < sizeof ends / sizeof ends[0]) analyst_close(stage);
    }
}

static void a_bad_request_is_not_repeated(void **state) {
    (void)state;
    analyst_status(stage, 422, "{\"detail\":\"x\"}");
    expect_end(CALL_FAILED, 1);
    expect_fallback();
}

static void an_unsupported_parameter_is_left_out_once(void **state) {
    (void)state;
    assert_non_null(strstr(stage->request.body, "\"temperature\""));
    analyst_status(stage, 400,
                   "{\"error\":{\"code\":\"unsupported_value\",\"param\":\"temperature\"}}");
    assert_null(strstr(stage->request.body, "\"temperature\""));
    analyst_status(stage, 400,
                   "{\"error\":{\"code\":\"unsupported_parameter\",\"param\":"
                   "\"max_completion_tokens\"}}");
    assert_non_null(strstr(stage->request.body, "\"max_tokens\":1200"));
    analyst_status(stage, 400,
                   "{\"error\":{\"code\":\"unsupported_parameter\",\"param\":"
                   "\"response_format\"}}");
    assert_null(strstr(stage->request.body, "response_format"));
    assert_int_equal(stage->said[TOPIC_MODEL_CALLS], 0);
    analyst_status(stage, 400,
                   "{\"error\":{\"code\":\"unsupported_value\",\"param\":\"temperature\"}}");
    expect_end(CALL_FAILED, 4); /* it was not sent any more */
    expect_fallback();
}

/* Waits of half a second and one, a quarter less at most; then it is over. */
static void a_busy_server_is_asked_thrice(void **state) {
    (void)state;
    for (unsigned attempt = 1; attempt <= 3; attempt++) {
        assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], attempt);
        analyst_status(stage, 500 + attempt, "<html>");
        assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], attempt);
        analyst_wait(stage, stage->now_us + (attempt == 1 ? 370000 : 740000));
        assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], attempt);
        analyst_wait(stage, stage->now_us + 270000);
    }
    expect_end(CALL_FAILED, 3);
    expect_fallback();
    assert_int_equal(stage->call.status, 503);
}

static void a_rate_limit_is_waited_out_as_told(void **state) {
    (void)state;
    OutsideReply reply = reply_to(&stage->request);
    reply.status = 429;
    reply.retry_after_ms = 20000;
    analyst_hear(stage, &reply, 1);
    analyst_wait(stage, stage->now_us + 19999999);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 1);
    analyst_wait(stage, stage->now_us + 2);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    reply = reply_to(&stage->request);
    reply.status = 429;
    reply.retry_after_ms = 120001; /* longer than anybody waits */
    analyst_hear(stage, &reply, 1);
    expect_end(CALL_FAILED, 2);
    expect_fallback();
}

static void the_servers_word_on_retries_goes_first(void **state) {
    (void)state;
    OutsideReply reply = reply_to(&stage->request);
    reply.status = 422;
    reply.should_retry = 1;
    analyst_hear(stage, &reply, 1);
    analyst_wait(stage, stage->now_us + INSTANT_SECOND_US);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    reply = reply_to(&stage->request);
    reply.status = 503;
    reply.should_retry = 0;
    analyst_hear(stage, &reply, 1);
    expect_end(CALL_FAILED, 2);
}

static void a_garbled_reply_is_asked_again(void **state) {
    (void)state;
    analyst_status(stage, 200, "{\"choices\":[{\"mess");
    analyst_wait(stage, stage->now_us + INSTANT_SECOND_US);
    analyst_answer(stage, answer_of("BUY", 0.7));
    expect_end(CALL_ANSWERED, 2);
    expect_model();
    /* Its reservation is gone: nobody knows what the first one cost. */
    assert_true(stage->call.cost_usd_micro > 4500 + 12000);
}

static void lost(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        OutsideReply reply = reply_to(&stage->request);
        reply.outcome = OUTSIDE_LOST;
        reply.status = 0;
        analyst_hear(stage, &reply, 1);
        analyst_wait(stage, stage->now_us + 2 * INSTANT_SECOND_US);
    }
    expect_end(CALL_FAILED, 3);
    expect_fallback();
    assert_int_equal(stage->call.cost_usd_micro, 3 * stage->request.reserved_usd_micro);
}

static void not_sent_costs_nothing(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        OutsideReply reply = reply_to(&stage->request);
        reply.outcome = OUTSIDE_NOT_SENT;
        reply.status = 0;
        analyst_hear(stage, &reply, 0);
        analyst_wait(stage, stage->now_us + 2 * INSTANT_SECOND_US);
    }
    expect_end(CALL_FAILED, 3);
    expect_fallback();
    assert_int_equal(stage->call.cost_usd_micro, 0);
}

/* A crash between question and answer: nothing ever comes. */
static void an_answer_that_never_comes_is_lost(void **state) {
    (void)state;
    analyst_wait(stage, stage->now_us + 89 * INSTANT_SECOND_US);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 1);
    analyst_wait(stage, stage->now_us + 300 * INSTANT_SECOND_US);
    expect_end(CALL_FAILED, 3);
    expect_fallback();
}

static void a_filtered_answer_is_none(void **state) {
    (void)state;
    analyst_status(stage, 200,
                   "{\"choices\":[{\"finish_reason\":\"content_filter\",\"message\":{"
                   "\"content\":\"\"}}]}");
    expect_end(CALL_FAILED, 1);
    expect_fallback();
    assert_true(analyst_logged(stage, "code content_filter"));
}

/* OpenRouter: once it has begun to generate, its errors come as 200. */
static void an_error_inside_of_a_200_is_one(void **state) {
    (void)state;
    analyst_status(stage, 200, "{\"error\":{\"code\":503,\"message\":\"no provider\"}}");
    analyst_wait(stage, stage->now_us + INSTANT_SECOND_US);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    analyst_status(stage, 200, "{\"error\":{\"code\":402,\"message\":\"credits\"}}");
    expect_end(CALL_FAILED, 2);
    expect_fallback();
    assert_string_equal(stage->call.text, "no credit");
}

/* ---- not asked ------------------------------------------------------------------------------- */

static void over_budget(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.budget_per_run_usd = 0.01; /* less than one question may cost */
    analyst_close(stage);
    stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 0);
    expect_end(CALL_OVER_BUDGET, 0);
    expect_fallback();
    assert_true(analyst_logged(stage, "the budget of the run"));
    analyst_at_close(stage, -0.8);
    assert_null(strstr(strstr(stage->log, "the budget of") + 1, "the budget of")); /* told once */
}

static void the_circuit_opens_and_closes(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        if (i) analyst_at_close(stage, i % 2 ? -0.8 : 0.8);
        analyst_status(stage, 422, "");
    }
    unsigned asked = stage->said[TOPIC_OUTSIDE_REQUESTS];
    assert_int_equal(asked, 3);
    assert_true(analyst_logged(stage, "not asked for 300 s: 3 failures in a row"));
    analyst_at_close(stage, -0.8);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], asked);
    assert_int_equal(stage->call.end, CALL_CIRCUIT_OPEN);
    analyst_at_close(stage, 0.8);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], asked + 1);
    analyst_answer(stage, answer_of("BUY", 0.6));
    assert_true(stage->signal.by_model);
}

/* ---- too late -------------------------------------------------------------------------------- */

static void an_answer_after_its_time_is_not_used(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.timeout_ms = 600000;
    settings.ai.answer_ttl = 120;
    analyst_close(stage);
    stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    OutsideReply reply = completion_of(&stage->request, answer_of("SELL", 0.9));
    analyst_hear(stage, &reply, 121);
    assert_int_equal(stage->call.end, CALL_ANSWERED);
    expect_fallback();
    assert_true(analyst_logged(stage, "came too late and is not used"));
}

static void an_answer_to_an_older_question_is_not_used(void **state) {
    (void)state;
    OutsideRequest first = stage->request;
    Settings settings = analyst_settings("live");
    settings.ai.timeout_ms = 600000;
    analyst_close(stage);
    stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    first = stage->request;
    analyst_at_close(stage, -0.8);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    OutsideReply reply = completion_of(&first, answer_of("BUY", 0.9));
    analyst_hear(stage, &reply, 1);
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 0);
    analyst_answer(stage, answer_of("SELL", 0.6));
    expect_model();
    assert_int_equal(stage->signal.decision, DECISION_SELL);
}

static void replies_to_nobody_are_left_alone(void **state) {
    (void)state;
    OutsideReply reply = completion_of(&stage->request, answer_of("BUY", 0.9));
    strcpy(reply.service, "social_monitor");
    analyst_hear(stage, &reply, 1);
    strcpy(reply.service, "ai_analyzer");
    reply.id = 77;
    analyst_hear(stage, &reply, 1);
    reply.id = stage->request.id;
    reply.source = OUTSIDE_RSS;
    analyst_hear(stage, &reply, 1);
    assert_int_equal(stage->said[TOPIC_MODEL_CALLS], 0);
    reply.source = OUTSIDE_MODEL;
    analyst_hear(stage, &reply, 1);
    analyst_hear(stage, &reply, 1); /* the same again */
    expect_end(CALL_ANSWERED, 1);
}

#define LIVE(test) cmocka_unit_test_setup_teardown(test, open_live, close_stage)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIVE(the_question_leaves_and_nothing_is_said_before_its_answer),
        LIVE(answered),
        LIVE(repaired),
        LIVE(invalid),
        LIVE(refused),
        LIVE(truncated),
        LIVE(missing),
        LIVE(a_recorded_answer_costs_nothing),
        LIVE(an_unknown_model),
        LIVE(a_refused_key_and_no_credit_are_not_asked_again),
        LIVE(a_bad_request_is_not_repeated),
        LIVE(an_unsupported_parameter_is_left_out_once),
        LIVE(a_busy_server_is_asked_thrice),
        LIVE(a_rate_limit_is_waited_out_as_told),
        LIVE(the_servers_word_on_retries_goes_first),
        LIVE(a_garbled_reply_is_asked_again),
        LIVE(lost),
        LIVE(not_sent_costs_nothing),
        LIVE(an_answer_that_never_comes_is_lost),
        LIVE(a_filtered_answer_is_none),
        LIVE(an_error_inside_of_a_200_is_one),
        LIVE(over_budget),
        LIVE(the_circuit_opens_and_closes),
        LIVE(an_answer_after_its_time_is_not_used),
        LIVE(an_answer_to_an_older_question_is_not_used),
        LIVE(replies_to_nobody_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
