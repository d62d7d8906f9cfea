/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the outside, the operator's prompts or an earlier life say, in whatever order, with
 * every field at either end or at random: the analyst with a model stays within its bounds
 * and goes on saying signals.
 */
#include "analyst_stage.h"
#include "any_message.h"

#define TRIES 6000

static const Topic foreign[] = {TOPIC_OUTSIDE_REPLIES, TOPIC_SOCIAL_UPDATES,
                                TOPIC_SOCIAL_IMPACT,   TOPIC_PROMPT_TEMPLATES,
                                TOPIC_RESTORED_CALLS,  TOPIC_RESTORED_OUTCOMES};
enum { FOREIGN = sizeof foreign / sizeof foreign[0] };

static _Alignas(16) uint8_t message[LIMIT_PAYLOAD];

static AnyStyle any_style(Random *random) {
    uint32_t kind = random_below(random, 6);
    return kind == 0 ? ANY_LOWEST : kind == 1 ? ANY_HIGHEST : ANY_RANDOM;
}

/* To a question that is out, so that it is not simply stepped over. */
static void hear_any_reply(AnalystStage *stage, Random *random) {
    OutsideReply *reply = (OutsideReply *)(void *)message;
    any_message(topic_message(TOPIC_OUTSIDE_REPLIES), any_style(random), random, message);
    strcpy(reply->service, "ai_analyzer");
    reply->source = OUTSIDE_MODEL;
    unsigned which = stage->request_count ? random_below(random, stage->request_count) : 0;
    reply->id = stage->request_count ? stage->requests[which].id : 1;
    if (random_below(random, 3) == 0 && stage->request_count) {
        OutsideReply sound = completion_of(&stage->requests[which], answer_of("BUY", 0.9));
        memcpy(reply->body, sound.body, sizeof reply->body);
        reply->status = 200;
        reply->outcome = OUTSIDE_ANSWERED;
    }
    analyst_turn(stage, TOPIC_OUTSIDE_REPLIES, reply);
}

static void hear_any(AnalystStage *stage, Topic topic, Random *random) {
    const MessageShape *shape = topic_message(topic);
    any_message(shape, any_style(random), random, message);
    for (unsigned i = 0; i < shape->field_count; i++)
        if (strcmp(shape->fields[i].name, "symbol") == 0)
            strcpy((char *)message + shape->fields[i].offset, "BTCUSDC");
    analyst_turn(stage, topic, message);
}

static void live_through(uint64_t seed, bool panel) {
    Settings settings = analyst_settings("live");
    Random random = random_stream(seed, 11);
    settings.ai.panel = panel;
    settings.ai.risk_question = settings.ai.counterfactuals = settings.ai.market_view = true;
    strcpy(settings.ai.arena, "second,third@http://127.0.0.1:1/v1");
    settings.ai.price_prompt_usd = settings.ai.price_completion_usd = 0; /* asked all the time */
    settings.ai.circuit_failures = 100;
    settings.ai.min_interval = 60;
    AnalystStage *stage = analyst_open(&settings);
    for (unsigned i = 0; i < TRIES; i++) {
        uint32_t kind = random_below(&random, 10);
        stage->log[0] = 0;
        if (kind < 2) {
            analyst_at_close(stage, 2 * random_uniform(&random) - 1);
        } else if (kind < 7) {
            hear_any_reply(stage, &random);
        } else if (kind == 7) {
            analyst_wait(stage, stage->now_us + random_below(&random, 100) * INSTANT_SECOND_US);
        } else {
            hear_any(stage, foreign[1 + random_below(&random, FOREIGN - 1)], &random);
        }
    }
    print_message("%u questions, %u calls ended, %u opinions, %u signals, %u views\n",
                  stage->said[TOPIC_OUTSIDE_REQUESTS], stage->said[TOPIC_MODEL_CALLS],
                  stage->said[TOPIC_MODEL_OPINIONS], stage->said[TOPIC_TRADING_SIGNALS],
                  stage->said[TOPIC_MARKET_VIEWS]);
    assert_true(stage->said[TOPIC_OUTSIDE_REQUESTS] > 200 && stage->said[TOPIC_MODEL_CALLS] > 100);
    assert_true(stage->said[TOPIC_TRADING_SIGNALS] > 50);
    analyst_close(stage);
}

static void nothing_that_is_heard_stops_it(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++)
        live_through(seed, seed % 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_that_is_heard_stops_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
