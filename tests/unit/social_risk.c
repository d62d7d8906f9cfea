/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social risk: the mission's sample comes out of its own score; each field of an adjustment alone
 * changes the quantity that it names by the stated amount and within bounds; old, poor or missing
 * data and a spike of popularity change nothing.
 */
#include "check_aborts.h"
#include "market_script.h"

#include "core/base/random.h"
#include "core/bus/codec.h"
#include "core/trade/social_risk.h"

#define NOW (INSTANT_DAY_US * 19723)

static double none(void) {
    return (double)NAN;
}

static SocialMood mood_of(double sentiment) {
    return (SocialMood){.sentiment = sentiment,
                        .news_sentiment = none(),
                        .quality = 1,
                        .posts = 15000,
                        .engagement_z = none(),
                        .volume_z = none(),
                        .born_us = NOW};
}

static SocialRiskRule preset_rule(void) {
    Settings settings;
    settings_presets(&settings);
    return social_risk_rule(&settings);
}

static SocialRiskAdjustment adjusted(const SocialMood *mood, int64_t now_us) {
    SocialRiskRule rule = preset_rule();
    SocialRiskAdjustment said = {.symbol = "BTCUSDC"};
    social_risk_adjust(&rule, mood, now_us, &said);
    assert_null(codec_fault(&message_shapes[MESSAGE_SOCIAL_RISK_ADJUSTMENT], &said));
    return said;
}

static void expect_none(const SocialRiskAdjustment *said) {
    assert_true(said->position_size_adj == 0 && said->stop_loss_adj == 0);
    assert_true(said->take_profit_adj == 0 && said->correlation_threshold_adj == 0);
    assert_true(said->volatility_adj == 0);
    assert_int_equal(said->sentiment_type, SENTIMENT_NEUTRAL);
    assert_true(social_risk_is_none(said));
}

/* ---- the formula ----------------------------------------------------------------------------- */

/* The mission's sample: 0.75 BULLISH, 0.15, -0.1, 0.2, confidence 0.85. (Its 0.1 for the
 * correlation and 0.08 for the volatility are in the same direction and within 0.25 x 0.5 and
 * 0.15.) */
static void test_the_sample_of_the_mission(void **state) {
    (void)state;
    SocialMood mood = mood_of(0.75);
    mood.quality = 0.85;
    mood.engagement_z = mood.volume_z = 2;
    SocialRiskAdjustment said = adjusted(&mood, NOW);
    assert_close(said.sentiment_score, 0.75, 0);
    assert_int_equal(said.sentiment_type, SENTIMENT_BULLISH);
    assert_close(said.position_size_adj, 0.15, 1e-15);
    assert_close(said.stop_loss_adj, -0.1, 1e-15);
    assert_close(said.take_profit_adj, 0.2, 1e-15);
    assert_close(said.correlation_threshold_adj, 0.125, 1e-15);
    assert_close(said.volatility_adj, 0.075, 1e-15); /* half way from 1 to 3 deviations */
    assert_close(said.confidence, 0.85, 1e-15);
    assert_false(said.fallback);
}

static void test_bearish_is_handled_differently(void **state) {
    (void)state;
    SocialMood mood = mood_of(0.2);
    SocialRiskAdjustment said = adjusted(&mood, NOW);
    assert_int_equal(said.sentiment_type, SENTIMENT_BEARISH);
    assert_close(said.position_size_adj, -0.18, 1e-15);
    assert_close(said.stop_loss_adj, -0.12, 1e-15); /* nearer, as of a bullish mood */
    assert_close(said.take_profit_adj, -0.24, 1e-15);
    assert_close(said.correlation_threshold_adj, -0.15, 1e-15);
}

static void test_news_have_their_share(void **state) {
    (void)state;
    SocialMood mood = mood_of(0.6);
    expect_none(&(SocialRiskAdjustment[]){adjusted(&mood, NOW)}[0]);
    mood.news_sentiment = 0.9;
    SocialRiskAdjustment said = adjusted(&mood, NOW);
    assert_close(said.sentiment_score, 0.65 * 0.6 + 0.35 * 0.9, 1e-15);
    assert_int_equal(said.sentiment_type, SENTIMENT_BULLISH);
}

static void test_a_spike_of_popularity_changes_nothing(void **state) {
    (void)state;
    SocialMood mood = mood_of(0.5);
    mood.posts = 1e12;
    mood.engagement_z = mood.volume_z = 900;
    SocialRiskAdjustment said = adjusted(&mood, NOW);
    expect_none(&said);
    assert_false(said.fallback);
}

static void test_decay_ends_at_exactly_nothing(void **state) {
    (void)state;
    SocialMood mood = mood_of(1);
    double before = 1;
    for (int64_t hour = 0; hour < 200; hour++) {
        SocialRiskAdjustment said = adjusted(&mood, NOW + hour * INSTANT_HOUR_US);
        assert_true(said.freshness <= before);
        before = said.freshness;
        if (hour % 6 == 0 && hour < 48)
            assert_close(said.freshness, pow(0.5, (double)hour / 6), 1e-14);
        if (said.sentiment_type != SENTIMENT_NEUTRAL)
            assert_close(said.position_size_adj, 0.3 * said.freshness, 1e-15);
        if (hour >= 48) assert_true(said.freshness == 0 && said.fallback);
        if (said.sentiment_type == SENTIMENT_NEUTRAL) expect_none(&said);
    }
}

static void test_poor_and_missing_data_are_no_adjustment(void **state) {
    (void)state;
    SocialMood poor = mood_of(1), missing = mood_of(none()), few = mood_of(1);
    poor.quality = 0.4999;
    few.quality = 0.7;
    few.posts = 99; /* 0.7 x 0.7 < 0.5 */
    SocialRiskAdjustment said[] = {adjusted(&poor, NOW), adjusted(&missing, NOW),
                                   adjusted(&few, NOW)};
    for (unsigned i = 0; i < 3; i++) {
        expect_none(&said[i]);
        assert_true(said[i].fallback && said[i].reason[0]);
    }
    assert_true(isnan(said[1].sentiment_score));
    poor.quality = 0.5;
    assert_false(adjusted(&poor, NOW).fallback);
}

static void test_bounds_hold_whatever_the_settings(void **state) {
    (void)state;
    Random random = random_stream(77, 3);
    for (unsigned round = 0; round < 20000; round++) {
        SocialRiskRule rule = preset_rule();
        rule.size_impact = random_uniform(&random);
        rule.stop_impact = random_uniform(&random);
        rule.target_impact = random_uniform(&random);
        rule.correlation_impact = random_uniform(&random);
        rule.volatility_impact = random_uniform(&random);
        rule.bound = random_uniform(&random);
        SocialMood mood = mood_of(random_uniform(&random));
        mood.news_sentiment = random_uniform(&random);
        mood.engagement_z = 10 * random_normal(&random);
        SocialRiskAdjustment said = {.symbol = "BTCUSDC"};
        social_risk_adjust(&rule, &mood, NOW, &said);
        assert_true(fabs(said.position_size_adj) <= rule.bound);
        assert_true(said.stop_loss_adj <= 0 && said.stop_loss_adj >= -rule.bound);
        assert_true(fabs(said.take_profit_adj) <= rule.bound);
        assert_true(fabs(said.correlation_threshold_adj) <= rule.bound);
        assert_true(said.volatility_adj >= 0 && said.volatility_adj <= rule.bound);
    }
}

/* ---- what portfolio risk does with it -------------------------------------------------------- */

typedef struct Judge {
    Settings settings;
    KernelPlan plan;
    const Service *services[1];
    void *memory;
    Kernel *kernel;
    RiskVerdict verdict;
    int64_t now_us;
} Judge;

static void put(Judge *judge, Topic topic, const void *payload) {
    Error error = {.code = ERROR_NONE};
    bool queued = kernel_input(judge->kernel, topic, judge->now_us, payload, &error);
    if (!queued) print_error("%s: %s\n", error.where, error.message);
    assert_true(queued);
    kernel_turn(judge->kernel);
    for (const Message *m = kernel_first(judge->kernel); m; m = kernel_next(judge->kernel, m))
        if (m->topic == TOPIC_RISK_ENRICHED_SIGNALS)
            memcpy(&judge->verdict, m->payload, sizeof judge->verdict);
}

static void introduce(Judge *judge, const char *name) {
    Symbol symbol = {.filters = {.tick = {1}, .step = {1}}};
    SymbolFilters filters;
    assert_true(symbol_name_set(&symbol.name, slice_of(name)));
    assert_true(symbol_split(&symbol.name, &symbol.base, &symbol.quote));
    filters_from_symbol(&symbol, &filters);
    put(judge, TOPIC_SYMBOL_FILTERS, &filters);
}

static void judge_open(Judge *judge) {
    *judge = (Judge){.now_us = NOW, .services = {service_find("portfolio_risk")}};
    settings_presets(&judge->settings);
    judge->settings.risk.risk_per_trade =
        0.004; /* so that size and stop both bind: 0.2 = 0.004 / 0.02 */
    judge->plan =
        (KernelPlan){.services = judge->services, .service_count = 1, .settings = &judge->settings};
    size_t size = (kernel_size(&judge->plan) + 15) & ~(size_t)15;
    judge->memory = aligned_alloc(16, size);
    assert_non_null(judge->memory);
    memset(judge->memory, 0, size);
    judge->kernel = kernel_init(judge->memory, &judge->plan);
    introduce(judge, "BTCUSDC");
    introduce(judge, "ETHUSDC");
}

static Signal any_signal(void) {
    Signal signal = {.id = "s-1", .symbol = "BTCUSDC", .decision = DECISION_BUY};
    signal.score = 0.9;
    signal.confidence = 0.9;
    signal.model_version[0] = signal.model_id[0] = 'm';
    signal.timestamp = signal.market_timestamp = NOW;
    signal.horizon_minutes = 240;
    signal.price = price_of(DECIMAL_SCALE);
    signal.atr_fraction = (double)NAN;
    return signal;
}

static RiskVerdict verdict_with(Judge *judge, SocialRiskAdjustment social, const Signal *signal) {
    memcpy(social.symbol, "BTCUSDC", 8);
    social.timestamp = judge->now_us;
    put(judge, TOPIC_SOCIAL_RISK_ADJUSTMENTS, &social);
    put(judge, TOPIC_TRADING_SIGNALS, signal);
    return judge->verdict;
}

static void test_each_field_changes_what_it_names(void **state) {
    (void)state;
    Judge judge;
    judge_open(&judge);
    Signal signal = any_signal();
    put(&judge, TOPIC_TRADING_SIGNALS, &signal);
    RiskVerdict plain = judge.verdict;
    assert_close(plain.size_fraction, 0.2, 1e-15);
    /* field by field: what size, stop and target become */
    const struct {
        SocialRiskAdjustment social;
        double size, stop, target;
    } rows[] = {
        {{.position_size_adj = 0}, 0.2, 0.02, 0.04},
        {{.position_size_adj = -0.3}, 0.14, 0.02, 0.04},
        /* larger, but the loss at the stop is a hard limit, and it binds already */
        {{.position_size_adj = 0.3}, 0.2, 0.02, 0.04},
        {{.stop_loss_adj = -0.1}, 0.2, 0.018, 0.04},  /* nearer; it does not buy more */
        {{.stop_loss_adj = 0.25}, 0.16, 0.025, 0.04}, /* farther: the loss is kept */
        {{.take_profit_adj = 0.2}, 0.2, 0.02, 0.048},
        {{.take_profit_adj = -0.2}, 0.2, 0.02, 0.032},
        {{.volatility_adj = 0.25}, 0.16, 0.02, 0.04},
        {{.correlation_threshold_adj = 0.1}, 0.2, 0.02, 0.04}, /* nothing is held */
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        RiskVerdict verdict = verdict_with(&judge, rows[i].social, &signal);
        assert_close(verdict.size_fraction, rows[i].size, 1e-15);
        assert_close(verdict.stop_loss_fraction, rows[i].stop, 1e-15);
        assert_close(verdict.take_profit_fraction, rows[i].target, 1e-15);
    }
    RiskVerdict zero = verdict_with(&judge, (SocialRiskAdjustment){0}, &signal);
    assert_memory_equal(&zero, &plain, sizeof zero);
    free(judge.memory);
}

/* Where risk per trade leaves room, a bullish mood enlarges, to the largest allocation. */
static void test_hard_limits_hold(void **state) {
    (void)state;
    Judge judge;
    judge_open(&judge);
    free(judge.memory);
    judge.settings.risk.risk_per_trade = 0.1;
    judge.memory = aligned_alloc(16, (kernel_size(&judge.plan) + 15) & ~(size_t)15);
    assert_non_null(judge.memory);
    memset(judge.memory, 0, kernel_size(&judge.plan));
    judge.kernel = kernel_init(judge.memory, &judge.plan);
    introduce(&judge, "BTCUSDC");
    Signal signal = any_signal();
    assert_close(verdict_with(&judge, (SocialRiskAdjustment){.position_size_adj = 0.15}, &signal)
                     .size_fraction,
                 0.23, 1e-15);
    assert_close(verdict_with(&judge, (SocialRiskAdjustment){.position_size_adj = 0.5}, &signal)
                     .size_fraction,
                 0.25, 1e-15);
    /* A strategy's own signal is left as it was tested. */
    signal.size_fraction = 0.1;
    signal.stop_loss_fraction = 0.03;
    RiskVerdict own =
        verdict_with(&judge,
                     (SocialRiskAdjustment){
                         .position_size_adj = -0.5, .stop_loss_adj = -0.5, .volatility_adj = 0.5},
                     &signal);
    assert_true(own.size_fraction == 0.1 && own.stop_loss_fraction == 0.03);
    /* What was not renewed for a half-life is no adjustment. */
    signal.size_fraction = signal.stop_loss_fraction = 0;
    judge.now_us += 6 * INSTANT_HOUR_US + 1;
    put(&judge, TOPIC_TRADING_SIGNALS, &signal);
    assert_close(judge.verdict.size_fraction, 0.2, 1e-15);
    free(judge.memory);
}

/* ---- correlation ----------------------------------------------------------------------------- */

/* Hours of two symbols whose returns share one part: correlation about share^2. */
static void feed_hours(Judge *judge, double share, unsigned hours) {
    Random random = random_stream(5, 9);
    double level[2] = {100, 100};
    static const char *const names[] = {"BTCUSDC", "ETHUSDC"};
    for (unsigned hour = 0; hour < hours; hour++) {
        double common = random_normal(&random);
        judge->now_us += INSTANT_HOUR_US;
        for (unsigned i = 0; i < 2; i++) {
            double own = sqrt(1 - share * share) * random_normal(&random);
            level[i] *= 1 + 0.01 * (share * common + own);
            Bar bar = {.time_us = judge->now_us - INSTANT_HOUR_US};
            MarketBar message;
            assert_true(price_from_double(level[i], &bar.close));
            bar.open = bar.high = bar.low = bar.close;
            message_from_bar(names[i], INTERVAL_1H, &bar, &message);
            put(judge, TOPIC_BARS, &message);
        }
    }
}

static void hold(Judge *judge, const char *symbol) {
    Holdings holdings = {.time = judge->now_us, .quote_asset = "USDC", .positions_count = 1};
    strcpy(holdings.positions[0].symbol, symbol);
    holdings.positions[0].opened = judge->now_us;
    put(judge, TOPIC_HOLDINGS, &holdings);
}

static double entry_of(Judge *judge, const char *symbol) {
    Signal signal = any_signal();
    snprintf(signal.symbol, sizeof signal.symbol, "%s", symbol);
    put(judge, TOPIC_TRADING_SIGNALS, &signal);
    return judge->verdict.size_fraction;
}

/* Two signals of one close: the second goes with the first, whose order has not filled yet. */
static void test_entries_on_their_way_count(void **state) {
    (void)state;
    Judge judge;
    judge_open(&judge);
    feed_hours(&judge, 0.95, 168);
    assert_close(entry_of(&judge, "BTCUSDC"), 0.2, 1e-15);
    assert_close(entry_of(&judge, "ETHUSDC"), 0.1, 1e-15);
    judge.now_us += 121 * INSTANT_SECOND_US; /* both came to nothing */
    assert_close(entry_of(&judge, "ETHUSDC"), 0.2, 1e-15);
    free(judge.memory);
}

static double size_at(double share, unsigned hours, double adjustment) {
    Judge judge;
    judge_open(&judge);
    feed_hours(&judge, share, hours);
    hold(&judge, "ETHUSDC");
    Signal signal = any_signal();
    SocialRiskAdjustment social = {.correlation_threshold_adj = adjustment};
    double size = verdict_with(&judge, social, &signal).size_fraction;
    free(judge.memory);
    return size;
}

static void test_what_goes_with_a_position_is_halved(void **state) {
    (void)state;
    assert_close(size_at(0.95, 168, 0), 0.1, 1e-15);   /* 0.9 against 0.7 */
    assert_close(size_at(0.5, 168, 0), 0.2, 1e-15);    /* 0.25 */
    assert_close(size_at(0.5, 168, -0.6), 0.1, 1e-15); /* ... against 0.1 */
    assert_close(size_at(0.9, 168, 0), 0.1, 1e-15);    /* 0.8 against 0.7 */
    assert_close(size_at(0.9, 168, 0.19), 0.2, 1e-15); /* ... against 0.89 */
    assert_close(size_at(0.999, 168, 1), 0.1, 1e-15);  /* the ceiling of 0.9 */
    assert_close(size_at(0.999, 24, 0), 0.2, 1e-15);   /* 23 returns: too few to tell */
    assert_close(size_at(0.999, 25, 0), 0.1, 1e-15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_sample_of_the_mission),
        cmocka_unit_test(test_bearish_is_handled_differently),
        cmocka_unit_test(test_news_have_their_share),
        cmocka_unit_test(test_a_spike_of_popularity_changes_nothing),
        cmocka_unit_test(test_decay_ends_at_exactly_nothing),
        cmocka_unit_test(test_poor_and_missing_data_are_no_adjustment),
        cmocka_unit_test(test_bounds_hold_whatever_the_settings),
        cmocka_unit_test(test_each_field_changes_what_it_names),
        cmocka_unit_test(test_hard_limits_hold),
        cmocka_unit_test(test_what_goes_with_a_position_is_halved),
        cmocka_unit_test(test_entries_on_their_way_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
