/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explanations one by one: what a language model stated and what was measured on it, social data as
 * factors, and what is said when the inputs were not heard. The laws over whole markets stand in
 * tests/laws/explanations.c.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/bus/codec.h"
#include "core/kernel/kernel.h"
#include "core/trade/explanation.h"
#include "core/trade/vote.h"

extern const Service service_ai_explainability;

/* ---- through the service ------------------------------------------------------------------- */

typedef struct Room {
    Settings settings;
    KernelPlan plan;
    void *memory;
    Kernel *kernel;
    ExplainedSignal said;
    unsigned count;
} Room;

static void deaf(void *state, const Message *message, Outbox *outbox) {
    (void)state;
    (void)message;
    (void)outbox;
}

static size_t nothing_size(const Settings *settings) {
    (void)settings;
    return 8;
}

static void nothing_init(void *state, const Settings *settings) {
    (void)state;
    (void)settings;
}

static const Service silent = {.name = "zz_silent",
                               .label = "Silent",
                               .sentence = "hears nothing",
                               .stage = STAGE_OBSERVER,
                               HEARS(TOPIC_TURN_ENDS),
                               SAYS(TOPIC_LOG_LINES),
                               .state_size = nothing_size,
                               .init = nothing_init,
                               .step = deaf};

static Room *room_open(void) {
    static const Service *const services[] = {&service_ai_explainability, &silent};
    Room *room = calloc(1, sizeof *room);
    assert_non_null(room);
    settings_presets(&room->settings);
    room->plan =
        (KernelPlan){.services = services, .service_count = 2, .settings = &room->settings};
    size_t size = (kernel_size(&room->plan) + 15) & ~(size_t)15;
    room->memory = aligned_alloc(16, size);
    assert_non_null(room->memory);
    memset(room->memory, 0, size);
    room->kernel = kernel_init(room->memory, &room->plan);
    return room;
}

static void room_close(Room *room) {
    free(room->memory);
    free(room);
}

static void tell(Room *room, Topic topic, int64_t time_us, const void *payload) {
    Error error;
    if (!kernel_input(room->kernel, topic, time_us, payload, &error))
        fail_msg("%s: %s", error.where, error.message);
    kernel_turn(room->kernel);
    for (const Message *m = kernel_first(room->kernel); m; m = kernel_next(room->kernel, m)) {
        if (m->topic != TOPIC_EXPLAINED_SIGNALS) continue;
        memcpy(&room->said, m->payload, sizeof room->said);
        room->count++;
    }
}

#define CLOSE_US (INSTANT_DAY_US * 20000 - 1)

static MarketUpdate rising_market(int64_t timestamp) {
    MarketUpdate update = {.symbol = "BTCUSDC",
                           .current_price = price_of(4200000000000),
                           .timestamp = timestamp,
                           .interval = "1m",
                           .slow_interval = "15m",
                           .rsi = 55,
                           .rsi_slow = 68,
                           .macd_slow_fraction = 0.002,
                           .atr_slow_fraction = 0.004,
                           .bb_position = 0.4,
                           .trend = TREND_UPTREND,
                           .trend_slow = TREND_UPTREND,
                           .trend_strength = 0.5,
                           .trend_strength_slow = 0.6,
                           .price_change_slow = 0.2};
    double *missing[] = {&update.avg_volume,
                         &update.rsi_3m,
                         &update.rsi_5m,
                         &update.stoch_k,
                         &update.stoch_d,
                         &update.macd,
                         &update.macd_3m,
                         &update.macd_5m,
                         &update.macd_15m,
                         &update.macd_fraction,
                         &update.williams_r,
                         &update.bb_width,
                         &update.atr,
                         &update.adx,
                         &update.sma_20,
                         &update.ema_20,
                         &update.price_change_1m,
                         &update.price_change_3m,
                         &update.price_change_5m};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        *missing[i] = (double)NAN;
    return update;
}

static void introduce(Room *room) {
    SymbolFilters filters = {.symbol = "BTCUSDC",
                             .base_asset = "BTC",
                             .quote_asset = "USDC",
                             .tick_size = price_of(1000000),
                             .step_size = quantity_of(1000),
                             .quantity_min = quantity_of(1000),
                             .notional_min = money_of((__int128)5 * DECIMAL_SCALE)};
    tell(room, TOPIC_SYMBOL_FILTERS, 1, &filters);
}

static Signal model_signal(int64_t market_timestamp) {
    Signal signal = {.id = "s-7",
                     .symbol = "BTCUSDC",
                     .decision = DECISION_BUY,
                     .score = 0.6,
                     .confidence = 0.5,
                     .by_model = true,
                     .model_version = "ai_trader_gpt_4o_a1b2c3d4",
                     .model_id = "a1b2c3d4",
                     .contributions_count = 2,
                     .contributions = {{"sentiment", "social_metrics", 0.2},
                                       {"macd", "technical_indicators", 0.4}},
                     .timestamp = market_timestamp + INSTANT_MINUTE_US,
                     .market_timestamp = market_timestamp,
                     .price = price_of(4200000000000),
                     .atr_fraction = 0.004};
    return signal;
}

static ModelOpinion opinion_of(const char *role, Decision decision, double confidence,
                               const char *changed) {
    ModelOpinion opinion = {.id = "o-1",
                            .symbol = "BTCUSDC",
                            .model_version = "ai_trader_gpt_4o_a1b2c3d4",
                            .time = CLOSE_US,
                            .market_timestamp = CLOSE_US,
                            .decision = decision,
                            .confidence = confidence};
    strcpy(opinion.role, role);
    strcpy(opinion.changed, changed);
    return opinion;
}

static void test_a_models_own_weights_are_marked(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    MarketUpdate update = rising_market(CLOSE_US);
    tell(room, TOPIC_MARKET_UPDATES, CLOSE_US, &update);
    Signal signal = model_signal(CLOSE_US);
    tell(room, TOPIC_TRADING_SIGNALS, CLOSE_US + 60000000, &signal);
    assert_int_equal(room->count, 1);
    assert_string_equal(room->said.provider, "language_model");
    assert_int_equal(room->said.effects_count, 2);
    assert_string_equal(room->said.effects[0].factor, "macd"); /* by size */
    for (unsigned i = 0; i < 2; i++)
        assert_true(room->said.effects[i].stated);
    assert_close(room->said.remainder, 0, 1e-15);
    assert_int_equal(room->said.flips_count, 0); /* nothing of it can be computed */
    assert_non_null(strstr(room->said.explanation.summary, "judged by ai_trader_gpt_4o_a1b2c3d4"));
    assert_non_null(
        strstr(room->said.explanation.summary, "local analyst on the same data says BUY"));
    assert_non_null(strstr(room->said.explanation.technical_factors, "68.00 on 15m"));
    room_close(room);
}

static void test_weights_that_do_not_sum_are_told(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    Signal signal = model_signal(CLOSE_US);
    signal.contributions[0].value = 0.1;
    tell(room, TOPIC_TRADING_SIGNALS, CLOSE_US + 60000000, &signal);
    assert_close(room->said.remainder, 0.1, 1e-15);
    signal.contributions_count = 0; /* it stated none: the whole is its own statement */
    tell(room, TOPIC_TRADING_SIGNALS, CLOSE_US + 60000001, &signal);
    assert_int_equal(room->said.effects_count, 1);
    assert_true(room->said.effects[0].stated);
    assert_close(room->said.remainder, 0, 0);
    room_close(room);
}

static void test_counterfactuals_are_measured(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    ModelOpinion own = opinion_of("analyst", DECISION_BUY, 0.8, "");
    tell(room, TOPIC_MODEL_OPINIONS, CLOSE_US, &own);
    Signal signal = model_signal(CLOSE_US);
    tell(room, TOPIC_TRADING_SIGNALS, CLOSE_US + 1, &signal);
    ModelOpinion other = opinion_of("counterfactual", DECISION_SELL, 0.6, "technical_indicators");
    tell(room, TOPIC_MODEL_OPINIONS, CLOSE_US + 2, &other);
    assert_int_equal(room->count, 2); /* said again */
    assert_string_equal(room->said.signal_id, "s-7");
    assert_int_equal(room->said.counterfactuals_count, 1);
    assert_close(room->said.counterfactuals[0].effect, 1.4, 1e-15);
    assert_int_equal(room->said.counterfactuals[0].decision, DECISION_SELL);
    tell(room, TOPIC_MODEL_OPINIONS, CLOSE_US + 3, &other); /* the same twice counts once */
    assert_int_equal(room->count, 2);
    other = opinion_of("counterfactual", DECISION_HOLD, 0.9, "social_metrics");
    tell(room, TOPIC_MODEL_OPINIONS, CLOSE_US + 4, &other);
    assert_close(room->said.counterfactuals[1].effect, 0.8, 1e-15);
    own.market_timestamp = other.market_timestamp = CLOSE_US + 60000000; /* another question */
    strcpy(other.changed, "news");
    tell(room, TOPIC_MODEL_OPINIONS, CLOSE_US + 5, &own);
    tell(room, TOPIC_MODEL_OPINIONS, CLOSE_US + 6, &other);
    assert_int_equal(room->count, 3);
    room_close(room);
}

static void test_inputs_that_were_not_heard(void **state) {
    (void)state;
    Room *room = room_open();
    introduce(room);
    Signal signal = model_signal(CLOSE_US);
    signal.by_model = false;
    tell(room, TOPIC_TRADING_SIGNALS, CLOSE_US, &signal);
    assert_string_equal(room->said.provider, "local_analyst");
    assert_false(room->said.recomputed);
    assert_int_equal(room->said.effects_count, 2); /* the signal's own, and nothing is invented */
    assert_int_equal(room->said.flips_count, 0);
    MarketUpdate update = rising_market(CLOSE_US + INSTANT_DAY_US); /* of another close */
    tell(room, TOPIC_MARKET_UPDATES, update.timestamp, &update);
    tell(room, TOPIC_TRADING_SIGNALS, update.timestamp, &signal);
    assert_false(room->said.recomputed);
    room_close(room);
}

/* Three trends are all that there are: a turn of one is exact. */
static void test_a_turn_of_the_trend(void **state) {
    (void)state;
    InputSpreads spreads;
    static Signal scratch;
    MarketUpdate update = rising_market(CLOSE_US);
    Vote vote;
    explanation_spreads_init(&spreads);
    assert_true(vote_on(&update, &vote, NULL));
    Signal signal = {.decision = DECISION_BUY, .score = vote.score, .id = "s-1"};
    ExplanationAsk ask = {.signal = &signal,
                          .inputs = {.market = &update},
                          .spreads = &spreads,
                          .threshold = vote.score - 0.09,
                          .scratch = &scratch};
    ExplainedSignal explained;
    explanation_begin(&signal, 1, "local_analyst", &explained);
    explanation_of_judgement(&ask, &explained);
    bool found = false;
    for (unsigned i = 0; i < explained.flips_count; i++) {
        if (strcmp(explained.flips[i].factor, "trend_slow") != 0) continue;
        found = true;
        assert_close(explained.flips[i].from, 1, 0);
        assert_close(explained.flips[i].to, 0, 0);
        assert_close(explained.flips[i].steps, 1, 0);
        assert_int_equal(explained.flips[i].decision, DECISION_HOLD);
    }
    assert_true(found);
}

static SocialSample merry_crowd(void) {
    SocialSample sample = {.weighted_sentiment = 0.9, .news_impact = 0.4, .quality = 1};
    sample.volume_trend = sample.engagement_trend = sample.sentiment_trend =
        (SocialTrend){(double)NAN, (double)NAN, 0.5, 0.5, (double)NAN, (double)NAN};
    sample.metrics = (SocialMetrics){(double)NAN, (double)NAN, (double)NAN, 0.9,
                                     (double)NAN, (double)NAN, (double)NAN};
    return sample;
}

static const FactorEffect *effect_of(const ExplainedSignal *explained, const char *factor) {
    for (unsigned i = 0; i < explained->effects_count; i++)
        if (strcmp(explained->effects[i].factor, factor) == 0) return &explained->effects[i];
    return NULL;
}

/* With social data the mood is a factor with a number and a turn like any other; a score that these
 * data do not lead to is not explained by them. */
static void test_social_data_are_factors(void **state) {
    (void)state;
    InputSpreads spreads;
    static Signal scratch;
    static ExplainedSignal explained;
    MarketUpdate update = rising_market(CLOSE_US);
    SocialSample sample = merry_crowd();
    SocialImpact impact = {.symbol = "BTCUSDC",
                           .status = IMPACT_FOUND,
                           .samples = 500,
                           .step_minutes = 60,
                           .correlation = 0.3,
                           .lag_minutes = 120,
                           .lag_correlation = 0.4};
    JudgementInputs inputs = {.market = &update, .social = &sample, .impact = &impact};
    Judgement judgement;
    explanation_spreads_init(&spreads);
    assert_true(judgement_of(&inputs, &judgement, NULL));
    Signal signal = {.decision = DECISION_BUY, .score = judgement.score, .id = "s-1"};
    ExplanationAsk ask = {.signal = &signal,
                          .inputs = inputs,
                          .spreads = &spreads,
                          .threshold = judgement.score - 0.02,
                          .scratch = &scratch};
    explanation_begin(&signal, 1, "local_analyst", &explained);
    explanation_of_judgement(&ask, &explained);
    assert_true(explained.recomputed);
    assert_int_equal(explained.effects_count, JUDGED_COUNT);
    assert_close(explained.remainder, 0, 1e-12);
    assert_close(effect_of(&explained, "sentiment")->input, 0.9, 0);
    assert_close(effect_of(&explained, "news")->input, 0.4, 0);
    assert_close(effect_of(&explained, "social_lead")->input, 0.4, 0);
    assert_non_null(strstr(explained.explanation.social_lead_lag, "120 minutes"));
    bool turned = false;
    for (unsigned i = 0; i < explained.flips_count; i++)
        if (strcmp(explained.flips[i].factor, "weighted_sentiment") == 0) {
            turned = true;
            sample.weighted_sentiment = explained.flips[i].to;
        }
    assert_true(turned);
    assert_true(judgement_of(&inputs, &judgement, NULL));
    assert_int_equal(vote_decision(judgement.score, ask.threshold), DECISION_HOLD);
    explanation_begin(&signal, 1, "local_analyst", &explained);
    explanation_of_judgement(&ask, &explained); /* another crowd: another score */
    assert_false(explained.recomputed);
    assert_int_equal(explained.effects_count, signal.contributions_count);
}

/* Of an hour ago they were heard, and are no data any more: for the analyst and for its
 * explanation. */
static void test_old_social_data_are_none(void **state) {
    (void)state;
    for (int old = 0; old < 2; old++) {
        Room *room = room_open();
        introduce(room);
        MarketUpdate update = rising_market(CLOSE_US);
        static SocialUpdate crowd;
        crowd = (SocialUpdate){.symbol = "BTCUSDC"};
        SocialSample *sample = &crowd.data;
        *sample = merry_crowd();
        int64_t said_us = CLOSE_US - (old ? INSTANT_DAY_US : INSTANT_MINUTE_US);
        sample->timestamp = said_us;
        tell(room, TOPIC_SOCIAL_UPDATES, said_us, &crowd);
        tell(room, TOPIC_MARKET_UPDATES, CLOSE_US, &update);
        JudgementInputs inputs = {.market = &update, .social = old ? NULL : sample};
        Judgement judgement;
        assert_true(judgement_of(&inputs, &judgement, NULL));
        Signal signal = model_signal(CLOSE_US);
        signal.by_model = false;
        signal.score = judgement.score;
        tell(room, TOPIC_TRADING_SIGNALS, CLOSE_US, &signal);
        assert_true(room->said.recomputed);
        assert_int_equal(effect_of(&room->said, "sentiment") == NULL, old);
        room_close(room);
    }
}

/* What the vote reads must be among what is moved, or a nearer turn would be kept back. */
static void test_every_input_of_the_vote_is_moved(void **state) {
    (void)state;
    const MessageShape *shape = &message_shapes[MESSAGE_MARKET_UPDATE];
    unsigned read = 0;
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        MarketUpdate update = rising_market(CLOSE_US), changed = update;
        Vote vote, other;
        double value;
        if (field->type != FIELD_MAYBE) continue;
        memcpy(&value, (char *)&update + field->offset, sizeof value);
        value = isnan(value) ? 0.1 : value * 1.05;
        memcpy((char *)&changed + field->offset, &value, sizeof value);
        assert_true(vote_on(&update, &vote, NULL) && vote_on(&changed, &other, NULL));
        if (vote.score == other.score) continue;
        bool moved = false;
        for (unsigned k = 0; k < EXPLANATION_INPUTS; k++)
            if (strcmp(explanation_input(k), field->name) == 0) moved = true;
        if (!moved) print_error("the vote reads %s, which no turn moves\n", field->name);
        assert_true(moved);
        read++;
    }
    assert_true(read >= 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_models_own_weights_are_marked),
        cmocka_unit_test(test_weights_that_do_not_sum_are_told),
        cmocka_unit_test(test_counterfactuals_are_measured),
        cmocka_unit_test(test_inputs_that_were_not_heard),
        cmocka_unit_test(test_a_turn_of_the_trend),
        cmocka_unit_test(test_social_data_are_factors),
        cmocka_unit_test(test_old_social_data_are_none),
        cmocka_unit_test(test_every_input_of_the_vote_is_moved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
