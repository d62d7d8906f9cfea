/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Social data in the local analyst's judgement: no data is exactly no adjustment, popularity has no
 * direction, a mood alone trades nothing, contributions sum to the score and weights to one; and
 * the words say what was found and nothing else.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/random.h"
#include "core/bus/codec.h"
#include "core/bus/settings.h"
#include "core/trade/judgement.h"
#include "core/trade/wording.h"

static MarketUpdate any_market(Random *random) {
    MarketUpdate update = {.symbol = "BTCUSDC",
                           .current_price = price_of(6425012000000),
                           .interval = "1m",
                           .slow_interval = "15m"};
    update.rsi = 100 * random_uniform(random);
    update.rsi_slow = 100 * random_uniform(random);
    update.atr_slow_fraction = 0.0005 + 0.01 * random_uniform(random);
    update.macd_slow_fraction = 0.004 * random_normal(random);
    update.bb_position = 0.5 + random_normal(random);
    update.price_change_slow = random_normal(random);
    update.trend = (Trend)random_below(random, 3);
    update.trend_slow = (Trend)random_below(random, 3);
    update.trend_strength = random_uniform(random);
    update.trend_strength_slow = random_uniform(random);
    return update;
}

static SocialSample sample_of(double sentiment) {
    const double unknown = (double)NAN;
    const SocialTrend none = {unknown, unknown, unknown, unknown, unknown, unknown};
    return (SocialSample){
        .metrics = {unknown, unknown, unknown, unknown, unknown, unknown, unknown},
        .weighted_sentiment = sentiment,
        .news_impact = unknown,
        .quality = 1,
        .timestamp = 1,
        .volume_trend = none,
        .engagement_trend = none,
        .sentiment_trend = none};
}

static SocialImpact lead_of(double correlation) {
    return (SocialImpact){.status = IMPACT_FOUND,
                          .samples = 720,
                          .step_minutes = 60,
                          .correlation = 0.31,
                          .lag_minutes = 120,
                          .lag_correlation = correlation};
}

static Judgement judge(const MarketUpdate *market, const SocialSample *social,
                       const SocialImpact *impact) {
    const JudgementInputs inputs = {market, social, impact};
    Judgement judgement;
    assert_true(judgement_of(&inputs, &judgement, NULL));
    return judgement;
}

static double sum_of(const Judgement *judgement) {
    double sum = 0;
    for (unsigned i = 0; i < JUDGED_COUNT; i++)
        sum += judgement->value[i];
    return sum;
}

static void no_data_is_exactly_no_adjustment(void **state) {
    (void)state;
    Random random = random_stream(1, 1);
    for (unsigned i = 0; i < 10000; i++) {
        MarketUpdate market = any_market(&random);
        SocialSample fallback = sample_of(0.9), unknown = sample_of((double)NAN),
                     worthless = sample_of(0.9);
        SocialImpact lead = lead_of(0.9);
        Vote vote;
        assert_true(vote_on(&market, &vote, NULL));
        fallback.fallback = true;
        worthless.quality = 0;
        const SocialSample *const none[] = {NULL, &fallback, &unknown, &worthless};
        for (unsigned k = 0; k < 4; k++) {
            Judgement judgement = judge(&market, none[k], &lead);
            assert_memory_equal(judgement.value, vote.value, sizeof vote.value);
            assert_true(judgement.score == vote.score);
            assert_true(judgement.weights.technical_indicators == 1);
            assert_true(judgement.weights.social_metrics == 0);
        }
    }
}

static void contributions_sum_to_the_score_and_weights_to_one(void **state) {
    (void)state;
    Random random = random_stream(2, 1);
    for (unsigned i = 0; i < 50000; i++) {
        MarketUpdate market = any_market(&random);
        SocialSample social = sample_of(random_uniform(&random));
        SocialImpact lead = lead_of(2 * random_uniform(&random) - 1);
        social.quality = random_uniform(&random) + 1e-9;
        if (random_below(&random, 2)) social.news_impact = 2 * random_uniform(&random) - 1;
        if (random_below(&random, 2)) social.volume_trend.z_24h = 3 * random_normal(&random);
        Judgement judgement = judge(&market, &social, random_below(&random, 2) ? &lead : NULL);
        assert_close(sum_of(&judgement), judgement.score, 1e-12);
        const GroupWeights *weights = &judgement.weights;
        assert_close(weights->technical_indicators + weights->social_metrics +
                         weights->social_correlation,
                     1, 1e-12);
        assert_true(fabs(judgement.score) <= 1);
    }
}

/* A spike of posts and people with a neutral mood: nothing moves, whatever the market says. */
static void popularity_has_no_direction(void **state) {
    (void)state;
    Random random = random_stream(3, 1);
    for (unsigned i = 0; i < 1000; i++) {
        MarketUpdate market = any_market(&random);
        SocialSample quiet = sample_of(0.5), loud = sample_of(0.5);
        SocialImpact lead = lead_of(0.8);
        loud.metrics.social_volume = loud.metrics.social_engagement = 1e9;
        loud.volume_trend.z_24h = loud.engagement_trend.z_24h = 50;
        Judgement before = judge(&market, &quiet, &lead), after = judge(&market, &loud, &lead);
        assert_true(before.score == after.score);
        assert_memory_equal(before.value, after.value, sizeof before.value);
    }
}

static void popularity_says_how_far_a_mood_counts(void **state) {
    (void)state;
    Random random = random_stream(4, 1);
    MarketUpdate market = any_market(&random);
    SocialSample social = sample_of(0.8);
    double before = judge(&market, &social, NULL).value[JUDGED_SENTIMENT];
    assert_true(before > 0);
    social.volume_trend.z_24h = 2;
    double louder = judge(&market, &social, NULL).value[JUDGED_SENTIMENT];
    assert_close(louder / before, (0.5 + 0.3) / 0.5, 1e-12);
    social.weighted_sentiment = 0.2;
    assert_close(judge(&market, &social, NULL).value[JUDGED_SENTIMENT], -louder, 1e-12);
}

/* The most that moods, news and leads can do stays below the threshold of a signal. */
static void a_mood_alone_trades_nothing(void **state) {
    (void)state;
    Settings settings;
    settings_presets(&settings);
    MarketUpdate market = {.interval = "1m", .slow_interval = "15m"};
    market.rsi = market.rsi_slow = 50;
    market.bb_position = 0.5;
    market.trend = market.trend_slow = TREND_SIDEWAYS;
    market.atr_slow_fraction = 0.004;
    SocialSample social = sample_of(1);
    SocialImpact lead = lead_of(1);
    social.news_impact = 1;
    social.volume_trend.z_24h = social.engagement_trend.z_24h = 9;
    Judgement judgement = judge(&market, &social, &lead);
    assert_close(judgement.score, 0.3, 1e-12);
    assert_true(judgement.score < settings.trading.signal_score_threshold);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void words_say_what_was_found(void **state) {
    (void)state;
    Random random = random_stream(5, 1);
    MarketUpdate market = any_market(&random);
    SocialSample social = sample_of(0.75);
    SocialImpact lead = lead_of(0.72);
    social.metrics.social_engagement = 25000;
    social.news_impact = 0.2;
    const JudgementInputs inputs = {&market, &social, &lead};
    Judgement judgement = judge(&market, &social, &lead);
    Signal signal = {.decision = DECISION_BUY, .score = judgement.score};
    wording_judgement(&inputs, &judgement, &signal);
    assert_non_null(strstr(signal.explanation.social_factors,
                           "Weighted sentiment 0.75 (0.5 is neutral), engagement 25000, news "
                           "impact +0.20"));
    assert_string_equal(signal.explanation.social_lead_lag,
                        "Social sentiment leads price by 120 minutes (data every 60 minutes)");
    assert_string_equal(signal.explanation.correlation_strength,
                        "Correlation 0.31 between changes of sentiment and returns, 720 samples");
    assert_non_null(strstr(signal.social_impact, "Sentiment +"));
    assert_int_equal(signal.contributions_count, JUDGED_COUNT);
    assert_string_equal(signal.contributions[JUDGED_NEWS].group, "social_metrics");
    assert_null(codec_fault(&message_shapes[MESSAGE_SIGNAL], &signal));
}

static void what_was_not_found_is_null(void **state) {
    (void)state;
    Random random = random_stream(6, 1);
    MarketUpdate market = any_market(&random);
    SocialImpact nothing = lead_of(0.9);
    nothing.status = IMPACT_NONE;
    const JudgementInputs inputs = {&market, NULL, &nothing};
    Judgement judgement = judge(&market, NULL, &nothing);
    Signal signal = {.decision = DECISION_HOLD, .score = judgement.score};
    wording_judgement(&inputs, &judgement, &signal);
    assert_string_equal(signal.explanation.social_factors, "No social data: no adjustment");
    assert_int_equal(signal.social_impact[0] + signal.explanation.social_lead_lag[0] +
                         signal.explanation.correlation_strength[0],
                     0);
    assert_int_equal(signal.contributions_count, VOTE_COUNT);
    SocialImpact behind = lead_of(0.9); /* price leads: said so, and no factor of it */
    SocialSample social = sample_of(0.8);
    behind.lag_minutes = -60;
    const JudgementInputs other = {&market, &social, &behind};
    judgement = judge(&market, &social, &behind);
    assert_true(judgement.value[JUDGED_LEAD] == 0);
    signal = (Signal){.decision = DECISION_HOLD, .score = judgement.score};
    wording_judgement(&other, &judgement, &signal);
    assert_non_null(
        strstr(signal.explanation.social_lead_lag, "Price leads social sentiment by 60"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_data_is_exactly_no_adjustment),
        cmocka_unit_test(contributions_sum_to_the_score_and_weights_to_one),
        cmocka_unit_test(popularity_has_no_direction),
        cmocka_unit_test(popularity_says_how_far_a_mood_counts),
        cmocka_unit_test(a_mood_alone_trades_nothing),
        cmocka_unit_test(words_say_what_was_found),
        cmocka_unit_test(what_was_not_found_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
