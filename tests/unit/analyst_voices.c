/* SPDX-License-Identifier: Apache-2.0 */
/*
 * More voices than one: bull, bear and judge, the arena, the question for risks, counterfactuals,
 * and the view of the whole market.
 */
#include "analyst_stage.h"

#include "core/base/digest.h"

static void bull_and_bear_are_heard_before_the_judge(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.panel = true;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    assert_int_equal(stage->request_count, 2);
    OutsideRequest bull = stage->requests[0], bear = stage->requests[1];
    assert_string_equal(bull.purpose, "bull");
    assert_string_equal(bear.purpose, "bear");
    OutsideReply reply = completion_of(&bear, answer_of("SELL", 0.6));
    analyst_hear(stage, &reply, 1);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    reply = completion_of(&bull, answer_of("BUY", 0.8));
    analyst_hear(stage, &reply, 1);
    assert_string_equal(stage->request.purpose, "judge");
    assert_non_null(
        strstr(stage->request.body, "<<<DATA\\n\\\"Momentum and trend agree\\\"\\nDATA>>>"));
    analyst_answer(stage, answer_of("BUY", 0.66));
    assert_true(stage->signal.by_model);
    assert_close(stage->signal.score, 0.66, 0);
    assert_non_null(analyst_opinion(stage, "bull"));
    assert_non_null(analyst_opinion(stage, "bear"));
    assert_non_null(analyst_opinion(stage, "judge"));
    analyst_close(stage);
}

static void a_panel_without_its_bear_falls_back(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.panel = true;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    OutsideReply reply = completion_of(&stage->requests[0], answer_of("BUY", 0.8));
    analyst_hear(stage, &reply, 1);
    analyst_status(stage, 422, "");
    assert_true(stage->signal.fallback);
    assert_int_equal(stage->said[TOPIC_OUTSIDE_REQUESTS], 2);
    analyst_close(stage);
}

static void the_arena_is_only_scored(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    strcpy(settings.ai.arena, "gpt-4.1-mini, llama3@http://127.0.0.1:11434/v1");
    settings.ai.budget_per_hour_usd = 1;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    assert_int_equal(stage->request_count, 3);
    assert_int_equal(stage->said[TOPIC_MODEL_REGISTRATIONS], 4);
    assert_non_null(strstr(stage->requests[2].body, "\"model\":\"llama3\""));
    assert_int_equal(stage->requests[2].slot, 2);
    for (unsigned i = 3; i-- > 1;) {
        OutsideReply reply = completion_of(&stage->requests[i], answer_of("SELL", 0.9));
        analyst_hear(stage, &reply, 1);
    }
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 0);
    assert_non_null(strstr(analyst_opinion(stage, "arena")->model_version, "ai_trader_"));
    OutsideReply reply = completion_of(&stage->requests[0], answer_of("BUY", 0.7));
    analyst_hear(stage, &reply, 1);
    assert_int_equal(stage->signal.decision, DECISION_BUY);
    analyst_close(stage);
}

/* What was recorded of one must never be heard as the other's; at the preset address, said or not,
 * a name is one model. */
static void one_name_at_two_addresses_is_two_models(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    snprintf(settings.ai.arena, sizeof settings.ai.arena,
             "m@http://127.0.0.1:1/v1, m@http://127.0.0.1:2/v1/,m@http://127.0.0.1:1/v1/,m,m@%s/",
             settings.ai.base_url);
    settings.ai.budget_per_hour_usd = 1;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    assert_int_equal(stage->request_count, 6);
    char versions[6][64];
    for (unsigned i = 1; i < 6; i++) {
        OutsideReply reply = completion_of(&stage->requests[i], answer_of("SELL", 0.9));
        memset(stage->opinions, 0, sizeof stage->opinions);
        analyst_hear(stage, &reply, 1);
        strcpy(versions[i], analyst_opinion(stage, "arena")->model_version);
    }
    static const struct {
        unsigned one, other;
        bool same;
    } pairs[] = {{1, 2, false}, {1, 3, true}, {1, 4, false}, {2, 4, false}, {4, 5, true}};
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const OutsideRequest *one = &stage->requests[pairs[i].one];
        const OutsideRequest *other = &stage->requests[pairs[i].other];
        const char *name = versions[pairs[i].one], *second = versions[pairs[i].other];
        assert_string_equal(one->body, other->body);
        assert_int_equal(strcmp(one->content_hash, other->content_hash) == 0, pairs[i].same);
        assert_int_equal(strcmp(name, second) == 0, pairs[i].same);
    }
    analyst_close(stage);
}

/* At the preset address the name of a recorded answer is the hash of its question alone. */
static void what_was_recorded_at_the_preset_address_keeps_its_name(void **state) {
    (void)state;
    for (int moved = 0; moved < 2; moved++) {
        Settings settings = analyst_settings("live");
        uint8_t digest[SHA256_SIZE];
        char memory[65];
        Text hex = TEXT_IN(memory);
        if (moved) strcpy(settings.ai.base_url, "http://127.0.0.1:11434/v1");
        AnalystStage *stage = analyst_open(&settings);
        analyst_at_close(stage, 0.8);
        sha256_of(stage->request.body, strlen(stage->request.body), digest);
        text_hex(&hex, digest, sizeof digest);
        text_end(&hex);
        assert_int_equal(strcmp(memory, stage->request.content_hash) == 0, !moved);
        analyst_close(stage);
    }
}

static void answer_risk(AnalystStage *stage, const char *level, const char *objection) {
    char content[200];
    snprintf(content, sizeof content,
             "{\"risk_level\":\"%s\",\"objection\":%s,\"reasoning\":\"A crash\"}", level,
             objection);
    assert_string_equal(stage->request.purpose, "risk");
    analyst_answer(stage, content);
}

static void risks_only_ever_tighten(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.risk_question = true;
    settings.ai.budget_per_hour_usd = 1;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    analyst_answer(stage, answer_of("BUY", 0.7));
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 0);
    answer_risk(stage, "LOW", "false");
    assert_int_equal(stage->signal.decision, DECISION_BUY);
    assert_int_equal(stage->signal.risk_level, RISK_MEDIUM); /* not lowered */
    assert_string_equal(stage->signal.explanation.risk_assessment, "A crash");
    analyst_at_close(stage, -0.8);
    analyst_answer(stage, answer_of("SELL", 0.7)); /* an exit is not held back */
    assert_int_equal(stage->signal.decision, DECISION_SELL);
    analyst_at_close(stage, 0.8);
    analyst_answer(stage, answer_of("BUY", 0.7));
    answer_risk(stage, "HIGH", "true");
    assert_int_equal(stage->signal.decision, DECISION_HOLD);
    assert_int_equal(stage->signal.risk_level, RISK_HIGH);
    assert_close(stage->signal.score, 0, 0);
    analyst_close(stage);
}

static void without_an_answer_on_risk_the_signal_stands(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.risk_question = true;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    analyst_answer(stage, answer_of("BUY", 0.7));
    analyst_status(stage, 422, "");
    assert_int_equal(stage->signal.decision, DECISION_BUY);
    assert_true(stage->signal.by_model);
    analyst_close(stage);
}

static void counterfactuals_change_one_group_each(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.counterfactuals = true;
    settings.ai.budget_per_hour_usd = 1;
    AnalystStage *stage = analyst_open(&settings);
    analyst_social(stage, 0.7, 0, "A headline");
    analyst_at_close(stage, 0.8);
    assert_non_null(strstr(stage->request.body, "A headline"));
    analyst_answer(stage, answer_of("BUY", 0.7));
    assert_int_equal(stage->request_count, 3);
    assert_non_null(strstr(stage->requests[0].body, "\\\"rsi_slow\\\":50,"));
    assert_non_null(strstr(stage->requests[0].body, "A headline"));
    assert_null(strstr(stage->requests[1].body, "A headline"));
    assert_null(strstr(stage->requests[1].body, "weighted_sentiment\\\":0.7"));
    assert_non_null(strstr(stage->requests[2].body, "weighted_sentiment\\\":0.7"));
    assert_null(strstr(stage->requests[2].body, "A headline"));
    OutsideReply reply = completion_of(&stage->requests[1], answer_of("HOLD", 0.7));
    analyst_hear(stage, &reply, 1);
    assert_string_equal(analyst_opinion(stage, "counterfactual")->changed, "social_metrics");
    assert_int_equal(stage->said[TOPIC_TRADING_SIGNALS], 1);
    analyst_close(stage);
}

static void the_market_is_viewed_once_an_hour(void **state) {
    (void)state;
    Settings settings = analyst_settings("live");
    settings.ai.market_view = true;
    settings.ai.budget_per_hour_usd = 1;
    AnalystStage *stage = analyst_open(&settings);
    analyst_at_close(stage, 0.8);
    analyst_wait(stage, stage->now_us + 2 * INSTANT_SECOND_US);
    assert_string_equal(stage->request.purpose, "market");
    assert_non_null(strstr(stage->request.body, "\\\"symbol\\\":\\\"BTCUSDC\\\""));
    analyst_answer(stage, "{\"market_sentiment\":\"BULLISH\",\"summary\":\"Calm\","
                          "\"top_opportunities\":[\"BTC\"],\"risks\":[]}");
    assert_int_equal(stage->view.market_sentiment, SENTIMENT_BULLISH);
    assert_string_equal(stage->view.top_opportunities[0], "BTC");
    analyst_at_close(stage, -0.8);
    analyst_wait(stage, stage->now_us + 2 * INSTANT_SECOND_US);
    assert_string_equal(stage->request.purpose, "opportunity");
    analyst_close(stage);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bull_and_bear_are_heard_before_the_judge),
        cmocka_unit_test(a_panel_without_its_bear_falls_back),
        cmocka_unit_test(the_arena_is_only_scored),
        cmocka_unit_test(one_name_at_two_addresses_is_two_models),
        cmocka_unit_test(what_was_recorded_at_the_preset_address_keeps_its_name),
        cmocka_unit_test(risks_only_ever_tighten),
        cmocka_unit_test(without_an_answer_on_risk_the_signal_stands),
        cmocka_unit_test(counterfactuals_change_one_group_each),
        cmocka_unit_test(the_market_is_viewed_once_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
