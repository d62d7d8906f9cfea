/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AI analyzer alone on a kernel, its market and its outside in the hands of a test: closes of
 * one symbol every five minutes, answers word for word, timers as they come due. What it said is
 * kept: the last of each kind, counts, and its log.
 */
#ifndef TESTS_ANALYST_STAGE_H
#define TESTS_ANALYST_STAGE_H

#include "check_aborts.h"
#include "market_script.h"

#include "core/bus/codec.h"

#define GRID_US (300 * INSTANT_SECOND_US)

extern const Service service_ai_analyzer;

typedef struct AnalystStage {
    KernelStage kernel;
    int64_t now_us;
    unsigned said[TOPIC_COUNT];
    Signal signal;
    ModelCall call;
    ModelOpinion opinions[32]; /* a ring of the last */
    MarketView view;
    OutsideRequest request, requests[16]; /* the last, and those of the last turn with any */
    unsigned request_count;
    bool fresh_turn;
    char log[60000];
} AnalystStage;

static const Service *const analyst_services[] = {&service_ai_analyzer};

static inline void analyst_watch(void *context, const Message *message) {
    AnalystStage *stage = context;
    const LogLine *line = message->payload;
    const MessageShape *shape = topic_message((Topic)message->topic);
    if (message->origin == ORIGIN_INPUT) return;
    const char *fault = codec_fault(shape, message->payload);
    if (fault) fail_msg("%s: %s", shape->name, fault);
    if (message->topic == TOPIC_TRADING_SIGNALS) stage->signal = *(const Signal *)message->payload;
    if (message->topic == TOPIC_MODEL_CALLS) stage->call = *(const ModelCall *)message->payload;
    if (message->topic == TOPIC_MARKET_VIEWS) stage->view = *(const MarketView *)message->payload;
    if (message->topic == TOPIC_MODEL_OPINIONS)
        stage->opinions[stage->said[TOPIC_MODEL_OPINIONS] % 32] =
            *(const ModelOpinion *)message->payload;
    if (message->topic == TOPIC_OUTSIDE_REQUESTS) {
        if (stage->fresh_turn) stage->request_count = 0;
        stage->fresh_turn = false;
        stage->request = *(const OutsideRequest *)message->payload;
        if (stage->request_count < 16) stage->requests[stage->request_count++] = stage->request;
    }
    if (message->topic == TOPIC_LOG_LINES) {
        size_t used = strlen(stage->log);
        snprintf(stage->log + used, sizeof stage->log - used, "%s %s\n", LogLevel_text(line->level),
                 line->text);
    }
    stage->said[message->topic]++;
}

static inline void analyst_turn(AnalystStage *stage, Topic topic, const void *payload) {
    Error error;
    stage->fresh_turn = true;
    kernel_input_timers(stage->kernel.kernel, stage->now_us);
    if (topic < TOPIC_COUNT &&
        !kernel_input(stage->kernel.kernel, topic, stage->now_us, payload, &error))
        fail_msg("%s: %s", error.where, error.message);
    stage_turn(&stage->kernel);
}

/* To an instant, through the timers that are due before it. */
static inline void analyst_wait(AnalystStage *stage, int64_t until_us) {
    for (int64_t due = kernel_timer_due(stage->kernel.kernel); due < until_us;
         due = kernel_timer_due(stage->kernel.kernel)) {
        if (due > stage->now_us) stage->now_us = due;
        analyst_turn(stage, TOPIC_COUNT, NULL);
    }
    stage->now_us = until_us;
}

/* A stage with settings that a test has changed. */
static inline AnalystStage *analyst_open(const Settings *settings) {
    AnalystStage *stage = calloc(1, sizeof *stage);
    static const char *const names[] = {"BTCUSDC", "ETHUSDC"};
    assert_non_null(stage);
    stage->kernel.settings = *settings;
    stage->kernel.plan = (KernelPlan){
        .services = analyst_services, .service_count = 1, .settings = &stage->kernel.settings};
    size_t size = (kernel_size(&stage->kernel.plan) + 15) & ~(size_t)15;
    stage->kernel.memory = aligned_alloc(16, size);
    assert_non_null(stage->kernel.memory);
    memset(stage->kernel.memory, 0, size);
    stage->kernel.kernel = kernel_init(stage->kernel.memory, &stage->kernel.plan);
    sha256_init(&stage->kernel.digest);
    stage->kernel.watch = analyst_watch;
    stage->kernel.context = stage;
    stage->now_us = SCRIPT_START;
    for (unsigned i = 0; i < 2; i++) {
        SymbolFilters filters = {0};
        MarketModel *model = malloc(sizeof *model);
        Error error;
        SymbolName name = {{0}};
        memcpy(name.text, names[i], strlen(names[i]));
        assert_true(model && market_model_init(model, 1, SCRIPT_START, &name, 1, &error));
        filters_from_symbol(&model->assets[0].symbol, &filters);
        free(model);
        analyst_turn(stage, TOPIC_SYMBOL_FILTERS, &filters);
    }
    return stage;
}

static inline void analyst_close(AnalystStage *stage) {
    free(stage->kernel.memory);
    free(stage);
}

static inline Settings analyst_settings(const char *mode) {
    Settings settings;
    settings_presets(&settings);
    strcpy(settings.ai.mode, mode);
    settings.ai.market_view = false;
    return settings;
}

/* Indicators whose local score goes from -1 (all say sell) over 0 to 1. */
static inline MarketUpdate analyst_market(const char *symbol, double mood) {
    MarketUpdate update = {.current_price = price_of(6425012000000)};
    const double unknown = (double)NAN;
    snprintf(update.symbol, sizeof update.symbol, "%s", symbol);
    strcpy(update.interval, "1m");
    strcpy(update.slow_interval, "15m");
    update.avg_volume = 1234567.891;
    update.rsi = update.stoch_k = update.stoch_d = 50;
    update.rsi_3m = update.rsi_5m = update.rsi_15m = update.rsi_slow = 50 + 25 * mood;
    update.williams_r = -50;
    update.bb_position = 0.5 - mood / 2;
    update.bb_width = 0.01;
    update.adx = 20;
    update.sma_20 = update.ema_20 = 64000;
    update.atr = 100;
    update.atr_slow_fraction = update.atr_15m_fraction = 0.004;
    update.macd_fraction = update.macd_slow_fraction = update.macd_15m_fraction = 0.004 * mood;
    update.macd = update.macd_3m = update.macd_5m = update.macd_15m = unknown;
    update.trend = update.trend_slow = update.trend_15m = mood > 0.01    ? TREND_UPTREND
                                                          : mood < -0.01 ? TREND_DOWNTREND
                                                                         : TREND_SIDEWAYS;
    update.trend_strength = update.trend_strength_slow = update.trend_strength_15m = fabs(mood);
    update.price_change_1m = update.price_change_3m = update.price_change_5m = 0.01 * mood;
    update.price_change_15m = update.price_change_slow = 0.4 * mood;
    return update;
}

/* The next close on the grid. */
static inline void analyst_at_close(AnalystStage *stage, double mood) {
    MarketUpdate update = analyst_market("BTCUSDC", mood);
    int64_t close_us = ((stage->now_us + 1) / GRID_US + 1) * GRID_US - 1;
    analyst_wait(stage, close_us);
    update.timestamp = close_us;
    analyst_turn(stage, TOPIC_MARKET_UPDATES, &update);
}

/* ---- answers --------------------------------------------------------------------------------- */

static inline OutsideReply reply_to(const OutsideRequest *request) {
    return (OutsideReply){.service = "ai_analyzer",
                          .id = request->id,
                          .source = OUTSIDE_MODEL,
                          .outcome = OUTSIDE_ANSWERED,
                          .status = 200,
                          .retry_after_ms = -1,
                          .should_retry = -1,
                          .latency_us = 1500000};
}

/* Heard `seconds` later. */
static inline void analyst_hear(AnalystStage *stage, const OutsideReply *reply, double seconds) {
    analyst_wait(stage, stage->now_us + (int64_t)(seconds * 1e6));
    analyst_turn(stage, TOPIC_OUTSIDE_REPLIES, reply);
}

/* A completion around a content, with its usage. */
static inline OutsideReply completion_of(const OutsideRequest *request, const char *content) {
    OutsideReply reply = reply_to(request);
    Text text = TEXT_IN(reply.body);
    JsonWriter writer = json_writer(&text);
    text_put(&text, "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":");
    json_string(&writer, content);
    text_put(&text, "}}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":200}}");
    text_end(&text);
    strcpy(reply.request_id, "req_1");
    return reply;
}

static inline const char *answer_of(const char *decision, double confidence) {
    static char memory[1200];
    snprintf(memory, sizeof memory,
             "{\"decision\":\"%s\",\"confidence\":%g,\"risk_level\":\"MEDIUM\",\"reasoning\":"
             "\"Momentum and trend agree\",\"key_indicators\":[\"RSI trending up\",\"Trend\"],"
             "\"technical_factors\":\"RSI at 62, MACD positive\",\"social_factors\":\"None\","
             "\"risk_assessment\":\"Volatile\",\"weight_technical\":0.6,\"weight_social\":0.1,"
             "\"weight_news\":0.1,\"weight_market\":0.2}",
             decision, confidence);
    return memory;
}

static inline void analyst_answer(AnalystStage *stage, const char *content) {
    OutsideReply reply = completion_of(&stage->request, content);
    analyst_hear(stage, &reply, 2);
}

static inline void analyst_status(AnalystStage *stage, int64_t status, const char *body) {
    OutsideReply reply = reply_to(&stage->request);
    reply.status = status;
    snprintf(reply.body, sizeof reply.body, "%s", body);
    analyst_hear(stage, &reply, 1);
}

static inline bool analyst_logged(const AnalystStage *stage, const char *words) {
    return strstr(stage->log, words) != NULL;
}

/* ---- what else is heard and said ---------------------------------------------------------------
 */

static inline void analyst_social(AnalystStage *stage, double sentiment, double volume_z,
                                  const char *title) {
    SocialUpdate update = {.symbol = "BTCUSDC"};
    SocialSample *data = &update.data;
    const double unknown = (double)NAN;
    SocialTrend none = {unknown, unknown, unknown, unknown, unknown, unknown};
    data->metrics = (SocialMetrics){1000, 25000, 300, unknown, unknown, unknown, 3};
    data->weighted_sentiment = sentiment;
    data->news_impact = 0;
    data->quality = 1;
    data->timestamp = stage->now_us;
    data->volume_trend = data->engagement_trend = data->sentiment_trend = none;
    data->volume_trend.z_24h = volume_z;
    if (title) {
        NewsItem *item = &data->recent_news[data->recent_news_count++];
        *item = (NewsItem){.sentiment = 0.5, .engagement = unknown, .impact = 0.1};
        snprintf(item->title, sizeof item->title, "%s", title);
        strcpy(item->source, "feed");
        item->known = stage->now_us - 90 * INSTANT_MINUTE_US;
    }
    analyst_turn(stage, TOPIC_SOCIAL_UPDATES, &update);
}

static inline const ModelOpinion *analyst_opinion(const AnalystStage *stage, const char *role) {
    for (unsigned i = 0; i < 32; i++)
        if (strcmp(stage->opinions[i].role, role) == 0) return &stage->opinions[i];
    return NULL;
}

#endif
