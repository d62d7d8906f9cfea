/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backtest with recorded answers of a language model: nothing is asked of anybody, it costs
 * nothing, it is the same bit for bit when it is repeated, misses are the local analyst's and
 * counted, and so are decisions on data that the model may have memorised.
 */
#include "lab_stage.h"

#include "check_aborts.h"
#include "core/base/digest.h"

typedef struct Record {
    unsigned asked, answered, by_model, fallback;
    int64_t latest_us; /* delay of a model's signal behind its data */
} Record;

/* The answer belongs to the question's hash; one question in five is not on record. */
static void ask(void *context, const OutsideRequest *request, OutsideReply *reply) {
    Record *record = context;
    uint64_t hash = hash64(request->content_hash, sizeof request->content_hash);
    *reply = (OutsideReply){.id = request->id,
                            .source = request->source,
                            .outcome = hash % 5 ? OUTSIDE_ANSWERED : OUTSIDE_MISSING,
                            .status = hash % 5 ? 200 : 0,
                            .retry_after_ms = -1,
                            .should_retry = -1,
                            .recorded = true,
                            .latency_us = 2000000};
    memcpy(reply->service, request->service, sizeof reply->service);
    record->asked++;
    if (reply->outcome == OUTSIDE_MISSING) return;
    record->answered++;
    snprintf(
        reply->body, sizeof reply->body,
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"{"
        "\\\"decision\\\":\\\"%s\\\",\\\"confidence\\\":0.6,\\\"risk_level\\\":\\\"LOW\\\","
        "\\\"reasoning\\\":\\\"x\\\",\\\"key_indicators\\\":[],\\\"technical_factors\\\":\\\"\\\","
        "\\\"social_factors\\\":\\\"\\\",\\\"risk_assessment\\\":\\\"\\\","
        "\\\"weight_technical\\\":1,\\\"weight_social\\\":0,\\\"weight_news\\\":0,"
        "\\\"weight_market\\\":0}\"}}]}",
        hash / 5 % 2 ? "BUY" : "SELL");
}

static void watch(void *context, const Message *message) {
    Record *record = context;
    const Signal *signal = message->payload;
    if (message->topic != TOPIC_TRADING_SIGNALS) return;
    record->by_model += signal->by_model;
    record->fallback += signal->fallback;
    int64_t delay_us = signal->timestamp - signal->market_timestamp;
    if (signal->by_model && delay_us > record->latest_us) record->latest_us = delay_us;
}

static LabResult backtest(const StageMarkets *markets, const char *cutoff, Record *record) {
    Settings settings;
    settings_presets(&settings);
    stage_name_symbols(markets, &settings);
    strcpy(settings.ai.mode, "replay");
    snprintf(settings.ai.knowledge_cutoff, sizeof settings.ai.knowledge_cutoff, "%s", cutoff);
    settings.ai.market_view = false;
    settings.ai.budget_per_run_usd = 0;
    LabPlan plan = stage_plan(markets, &settings);
    *record = (Record){0};
    plan.outside = (Outside){.context = record, .ask = ask};
    plan.watch = watch;
    plan.watch_context = record;
    return stage_run_lab(&plan, NULL);
}

static void recorded_answers_cost_nothing_and_repeat(void **state) {
    (void)state;
    StageMarkets markets = stage_generated(7, 2, 4, INTERVAL_1M);
    Record first, second;
    LabResult once = backtest(&markets, "2020-01-01", &first);
    LabResult twice = backtest(&markets, "2020-01-01", &second);
    print_message("%u asked, %u answered, %u signals of the model, %u of the local analyst\n",
                  first.asked, first.answered, first.by_model, first.fallback);
    assert_memory_equal(once.journal, twice.journal, sizeof once.journal);
    assert_int_equal(once.calls, 0);
    assert_int_equal(once.cost_usd_micro, 0);
    assert_int_equal(once.ai_missing, first.asked - first.answered);
    assert_true(first.by_model > 20 && first.fallback > 5 && once.ai_missing > 20);
    assert_int_equal(once.ai_recallable, 0);
    /* Heard when it was recorded to come: two seconds, and no sooner than the next event. */
    assert_true(first.latest_us >= 2000000 && first.latest_us < 60000000);
    stage_markets_free(&markets);
}

static void what_may_be_memorised_is_counted(void **state) {
    (void)state;
    StageMarkets markets = stage_generated(7, 1, 3, INTERVAL_1M);
    Record record;
    LabResult after = backtest(&markets, "2030-01-01", &record);
    assert_int_equal(after.ai_recallable, record.answered);
    LabResult before = backtest(&markets, "2024-01-03", &record);
    assert_true(before.ai_recallable > 0 && before.ai_recallable < record.answered);
    stage_markets_free(&markets);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_answers_cost_nothing_and_repeat),
        cmocka_unit_test(what_may_be_memorised_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
