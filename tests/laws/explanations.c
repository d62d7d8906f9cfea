/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of explanations: of every signal, whoever said it, the effects sum to its score; those of
 * the local analyst are computed anew and equal what it said; each turn that is named does turn the
 * vote, and the decision stands right before it. Over the generated market, over every strategy,
 * and over 46 days of real minutes (skipped by name without them).
 */
#include "lab_stage.h"

#include "core/bus/shape.h"
#include "core/trade/explanation.h"
#include "core/trade/vote.h"
#include "core/trial/rule_explanation.h"
#include "shell/drivers/feed.h"

#define TOLERANCE 1e-9

typedef struct Count {
    Signal recent[LIMIT_SYMBOLS]; /* of one turn, and some before */
    MarketUpdate update[LIMIT_SYMBOLS];
    double threshold;
    uint64_t signals, explained, recomputed, flips, without_flips, by_rules;
} Count;

static unsigned place_of(Count *count, const char *symbol) {
    unsigned at = 0;
    while (count->update[at].symbol[0] && strcmp(count->update[at].symbol, symbol) != 0)
        at++;
    assert_true(at < LIMIT_SYMBOLS);
    return at;
}

static void expect_sum(const ExplainedSignal *explained) {
    double sum = 0;
    for (unsigned i = 0; i < explained->effects_count; i++) {
        sum += explained->effects[i].value;
        assert_true(isfinite(explained->effects[i].value) != 0);
        if (i)
            assert_true(fabs(explained->effects[i - 1].value) >= fabs(explained->effects[i].value));
    }
    assert_true(explained->effects_count > 0);
    assert_close(sum, explained->score, TOLERANCE);
    assert_close(explained->remainder, 0, TOLERANCE);
}

static const Contribution *own(const Signal *signal, const char *factor) {
    for (unsigned i = 0; i < signal->contributions_count; i++)
        if (strcmp(signal->contributions[i].factor, factor) == 0) return &signal->contributions[i];
    fail_msg("the signal has no factor %s", factor);
    return NULL;
}

static const Signal *signal_of(const Count *count, const char *id) {
    for (unsigned i = 0; i < LIMIT_SYMBOLS; i++)
        if (strcmp(count->recent[i].id, id) == 0) return &count->recent[i];
    fail_msg("%s was not said before its explanation", id);
    return NULL;
}

static Decision decide(const MarketUpdate *update, double threshold) {
    Vote vote;
    assert_true(vote_on(update, &vote, NULL));
    return vote_decision(vote.score, threshold);
}

/* Only what can be set without the explanation's own table is tried here. */
static double *place_of_input(MarketUpdate *update, const char *name) {
    const struct {
        const char *name;
        double *at;
    } inputs[] = {{"rsi", &update->rsi},
                  {"rsi_slow", &update->rsi_slow},
                  {"macd_slow_fraction", &update->macd_slow_fraction},
                  {"atr_slow_fraction", &update->atr_slow_fraction},
                  {"bb_position", &update->bb_position},
                  {"price_change_slow", &update->price_change_slow},
                  {"trend_strength", &update->trend_strength},
                  {"trend_strength_slow", &update->trend_strength_slow}};
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (strcmp(inputs[i].name, name) == 0) return inputs[i].at;
    return NULL;
}

static void expect_turns(Count *count, const ExplainedSignal *explained) {
    MarketUpdate update = count->update[place_of(count, explained->symbol)];
    for (unsigned i = 0; i < explained->flips_count; i++) {
        const FlipPoint *flip = &explained->flips[i];
        double *at = place_of_input(&update, flip->factor);
        assert_int_not_equal(flip->decision, explained->decision);
        if (i) assert_true(explained->flips[i - 1].steps <= flip->steps);
        if (!at) continue;
        assert_true(*at == flip->from);
        *at = flip->to;
        if (decide(&update, count->threshold) != flip->decision)
            print_error("%s %s: %s from %.17g to %.17g, %.3g steps, does not turn to %s\n",
                        explained->signal_id, explained->symbol, flip->factor, flip->from, flip->to,
                        flip->steps, Decision_text(flip->decision));
        assert_int_equal(decide(&update, count->threshold), flip->decision);
        /* It is closed in to 1e-10 of a spread. */
        double back = fmin(1, fmax(1e-6, 2e-10 / flip->steps));
        *at = flip->to - (flip->to - flip->from) * back;
        assert_int_equal(decide(&update, count->threshold), explained->decision);
        *at = flip->from;
        count->flips++;
    }
    if (explained->flips_count == 0) count->without_flips++;
}

static void expect_local(Count *count, const ExplainedSignal *explained) {
    const Signal *signal = signal_of(count, explained->signal_id);
    assert_true(explained->recomputed);
    assert_int_equal(explained->effects_count, signal->contributions_count);
    for (unsigned i = 0; i < explained->effects_count; i++) {
        const FactorEffect *effect = &explained->effects[i];
        assert_close(effect->value, own(signal, effect->factor)->value, TOLERANCE);
        assert_true(isfinite(effect->input) != 0);
        assert_false(effect->stated);
    }
    assert_close(explained->score, signal->score, 0);
    expect_turns(count, explained);
}

static void watch(void *context, const Message *message) {
    Count *count = context;
    const MarketUpdate *update = message->payload;
    const ExplainedSignal *explained = message->payload;
    if (message->topic == TOPIC_MARKET_UPDATES)
        count->update[place_of(count, update->symbol)] = *update;
    if (message->topic == TOPIC_TRADING_SIGNALS) {
        memcpy(&count->recent[count->signals++ % LIMIT_SYMBOLS], message->payload, sizeof(Signal));
    }
    if (message->topic != TOPIC_EXPLAINED_SIGNALS) return;
    assert_int_equal(explained->decision, signal_of(count, explained->signal_id)->decision);
    expect_sum(explained);
    const char *word = Decision_text(explained->decision);
    assert_memory_equal(explained->explanation.summary, word, strlen(word));
    if (strcmp(explained->provider, "local_analyst") == 0) expect_local(count, explained);
    if (strcmp(explained->effects[0].group, "rules") == 0) count->by_rules++;
    if (explained->recomputed) count->recomputed++;
    count->explained++;
}

static void explain_all(const StageMarkets *stage, const char *strategy, Count *count) {
    static Settings settings;
    memset(count, 0, sizeof *count);
    settings_presets(&settings);
    stage_name_symbols(stage, &settings);
    strcpy(settings.strategy.name, strategy);
    strcpy(settings.strategy.interval, "15m");
    count->threshold = settings.trading.signal_score_threshold;
    LabPlan plan = stage_plan(stage, &settings);
    plan.hash = false;
    plan.watch = watch;
    plan.watch_context = count;
    LabResult result = stage_run_lab(&plan, NULL);
    assert_int_equal(result.signals, count->signals);
    assert_int_equal(count->explained, count->signals);
}

/* ---- the analyst --------------------------------------------------------------------------- */

static Count count;

static void test_generated_market(void **state) {
    (void)state;
    StageMarkets stage = stage_generated(46, 2, 10, INTERVAL_1M);
    explain_all(&stage, "", &count);
    stage_markets_free(&stage);
    print_message("%llu signals, %llu turns, %llu without one\n", (unsigned long long)count.signals,
                  (unsigned long long)count.flips, (unsigned long long)count.without_flips);
    assert_true(count.signals > 100 && count.flips > count.signals);
}

static void test_real_46_days(void **state) {
    (void)state;
    static const char *const names[] = {"ADAUSDT", "BTCUSDT", "DOGEUSDT", "ETHUSDT", "SOLUSDT"};
    enum { COUNT = sizeof names / sizeof names[0] };
    const char *paths[COUNT];
    Error error;
    char name[128];
    for (unsigned i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "ohlcv/1m/%s-1m-2023-03-16_2023-05-01.csv.gz", names[i]);
        paths[i] = shared_data(name);
    }
    FeedReplayPlan plan = {.paths = paths, .path_count = COUNT};
    Feed *feed = feed_replay_open(&plan, &error);
    if (!feed) fail_msg("%s: %s", error.where, error.message);
    StageMarkets stage = stage_of_feed(feed);
    explain_all(&stage, "", &count);
    stage_markets_free(&stage);
    print_message("%llu signals, %llu turns, %llu without one\n", (unsigned long long)count.signals,
                  (unsigned long long)count.flips, (unsigned long long)count.without_flips);
    assert_true(count.signals > 1000 && count.without_flips < count.signals / 50);
}

/* ---- strategies ---------------------------------------------------------------------------- */

static void test_every_strategy(void **state) {
    (void)state;
    uint64_t signals = 0, by_rules = 0;
    StageMarkets stage = stage_generated(47, 2, 20, INTERVAL_15M);
    for (unsigned i = 0; i < strategy_count; i++) {
        explain_all(&stage, strategy_table[i]->name, &count);
        assert_int_equal(count.recomputed, count.signals);
        signals += count.signals;
        by_rules += count.by_rules;
    }
    stage_markets_free(&stage);
    print_message("%llu signals, %llu by rules\n", (unsigned long long)signals,
                  (unsigned long long)by_rules);
    assert_true(by_rules > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generated_market),
        cmocka_unit_test(test_real_46_days),
        cmocka_unit_test(test_every_strategy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
