/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The social risk adjuster as a service: silent where there was never any data, at once when a mood
 * changes, then at its interval until everything has decayed. And the law: missing data change
 * nothing in the whole program, and a mood between the thresholds nothing in risk, to the last bit
 * of every order.
 */
#include "check_aborts.h"
#include "market_script.h"

#include "core/bus/codec.h"
#include "core/trade/social_risk.h"

#define NOW (INSTANT_DAY_US * 19723)

static double none(void) {
    return (double)NAN;
}

/* ---- the service ----------------------------------------------------------------------------- */

typedef struct Heard {
    unsigned said, lines;
    SocialRiskAdjustment last;
} Heard;

static void watch(void *context, const Message *message) {
    Heard *heard = context;
    if (message->topic == TOPIC_SOCIAL_RISK_ADJUSTMENTS) {
        heard->said++;
        memcpy(&heard->last, message->payload, sizeof heard->last);
    }
    heard->lines += message->topic == TOPIC_LOG_LINES;
}

static SocialUpdate update_of(double sentiment, int64_t now_us) {
    SocialUpdate update = {.symbol = "BTCUSDC"};
    double *metrics[] = {
        &update.data.metrics.social_volume,       &update.data.metrics.social_engagement,
        &update.data.metrics.social_contributors, &update.data.metrics.social_sentiment,
        &update.data.metrics.twitter_volume,      &update.data.metrics.reddit_volume,
        &update.data.metrics.news_volume,         &update.data.news_impact};
    SocialTrend *trends[] = {&update.data.volume_trend, &update.data.engagement_trend,
                             &update.data.sentiment_trend};
    for (unsigned i = 0; i < 8; i++)
        *metrics[i] = none();
    for (unsigned i = 0; i < 3; i++)
        *trends[i] = (SocialTrend){none(), none(), none(), none(), none(), none()};
    update.data.weighted_sentiment = sentiment;
    update.data.fallback = isnan(sentiment);
    update.data.quality = isnan(sentiment) ? 0 : 1;
    update.data.timestamp = now_us;
    return update;
}

static void tell(KernelStage *stage, int64_t now_us, double sentiment) {
    Error error;
    SocialUpdate update = update_of(sentiment, now_us);
    bool queued = kernel_input(stage->kernel, TOPIC_SOCIAL_UPDATES, now_us, &update, &error);
    if (!queued) print_error("%s: %s\n", error.where, error.message);
    assert_true(queued);
    stage_turn(stage);
}

static void run_timers(KernelStage *stage, int64_t until_us) {
    while (kernel_timer_due(stage->kernel) <= until_us) {
        kernel_input_timers(stage->kernel, kernel_timer_due(stage->kernel));
        stage_turn(stage);
    }
}

static void test_the_service_speaks_when_there_is_something(void **state) {
    (void)state;
    Heard heard = {0};
    KernelStage stage;
    const Service *services[] = {service_find("social_risk_adjuster")};
    stage_open(&stage, services, 1);
    stage.watch = watch;
    stage.context = &heard;
    tell(&stage, NOW, none()); /* never any data: silence, and no timer */
    assert_int_equal(heard.said, 0);
    assert_true(kernel_timer_due(stage.kernel) == INT64_MAX);
    tell(&stage, NOW, 0.5); /* neutral: said once */
    assert_int_equal(heard.said, 1);
    assert_true(kernel_timer_due(stage.kernel) == INT64_MAX);
    tell(&stage, NOW + INSTANT_MINUTE_US, 0.9);
    assert_int_equal(heard.said, 2); /* the mood changed: at once */
    assert_int_equal(heard.last.sentiment_type, SENTIMENT_BULLISH);
    run_timers(&stage, NOW + 11 * INSTANT_MINUTE_US);
    assert_int_equal(heard.said, 12); /* each minute */
    tell(&stage, NOW + 11 * INSTANT_MINUTE_US, 0.1);
    assert_int_equal(heard.last.sentiment_type, SENTIMENT_BEARISH);
    run_timers(&stage, NOW + 100 * INSTANT_HOUR_US); /* decays; in the end nothing is said */
    assert_true(social_risk_is_none(&heard.last));
    assert_true(kernel_timer_due(stage.kernel) == INT64_MAX);
    assert_int_equal(heard.lines, 4); /* neutral, bullish, bearish, neutral */
    stage_close(&stage);
}

/* ---- the law --------------------------------------------------------------------------------- */

typedef struct Orders {
    Sha256 sha;
    unsigned verdicts;
} Orders;

static void keep_orders(void *context, const Message *message) {
    Orders *orders = context;
    uint8_t bytes[LIMIT_PAYLOAD];
    bool kept = message->topic == TOPIC_RISK_ENRICHED_SIGNALS ||
                message->topic == TOPIC_ORDER_REQUESTS || message->topic == TOPIC_TRADE_EXECUTIONS;
    if (!kept) return;
    size_t size =
        codec_encode(topic_message((Topic)message->topic), message->payload, bytes, sizeof bytes);
    sha256_add(&orders->sha, bytes, size);
    orders->verdicts += message->topic == TOPIC_RISK_ENRICHED_SIGNALS;
}

/* The adjustment of a mood, told to the program without the mood, which the analyst judges itself.
 */
static void tell_adjustment(KernelStage *stage, int64_t now_us, double sentiment) {
    Error error;
    SocialUpdate update = update_of(sentiment, now_us);
    SocialRiskAdjustment adjustment = {.symbol = "BTCUSDC"};
    SocialRiskRule rule = social_risk_rule(&stage->settings);
    SocialMood mood = social_risk_mood(&update);
    social_risk_adjust(&rule, &mood, now_us, &adjustment);
    assert_true(
        kernel_input(stage->kernel, TOPIC_SOCIAL_RISK_ADJUSTMENTS, now_us, &adjustment, &error));
    stage_turn(stage);
}

/* `sentiment` is told every hour; negative: nothing at all, NaN: a fallback of all social data. */
static void orders_under(double sentiment, uint8_t digest[static SHA256_SIZE]) {
    Script script = script_of(12, 1800);
    Orders orders = {.verdicts = 0};
    KernelStage stage;
    stage_open(&stage, service_table, service_count);
    stage.watch = keep_orders;
    stage.context = &orders;
    sha256_init(&orders.sha);
    for (size_t at = 0; at < script.count;) {
        int64_t now_us = script.inputs[at].time_us;
        at = stage_instant(&stage, &script, at);
        if (now_us % INSTANT_HOUR_US != 0) continue;
        if (isnan(sentiment)) tell(&stage, now_us, sentiment);
        if (sentiment >= 0) tell_adjustment(&stage, now_us, sentiment);
    }
    assert_true(orders.verdicts > 10);
    sha256_peek(&orders.sha, digest);
    stage_close(&stage);
    free(script.inputs);
}

static void test_a_neutral_fallback_changes_no_order(void **state) {
    (void)state;
    uint8_t nothing[SHA256_SIZE], other[SHA256_SIZE];
    orders_under(-1, nothing);
    orders_under(none(), other);
    assert_memory_equal(nothing, other, sizeof nothing);
    orders_under(0.5, other);
    assert_memory_equal(nothing, other, sizeof nothing);
    orders_under(0.64, other);
    assert_memory_equal(nothing, other, sizeof nothing);
    orders_under(0.9, other); /* ... and a mood does change them */
    assert_memory_not_equal(nothing, other, sizeof nothing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_service_speaks_when_there_is_something),
        cmocka_unit_test(test_a_neutral_fallback_changes_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
