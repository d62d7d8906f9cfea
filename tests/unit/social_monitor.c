/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The social monitor alone in a kernel, fed with what sources answer: pace and plan, rate limits,
 * refusals, the free profile, malformed items, history, trends, accuracy; and that popularity alone
 * changes nothing. Log lines of the mission byte for byte.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/bus/convert.h"
#include "core/kernel/kernel.h"
#include "core/services/social_monitor.h"

#define START  (INSTANT_DAY_US * 20000) /* 2024-10-04 */
#define MINUTE INSTANT_MINUTE_US
#define HOUR   INSTANT_HOUR_US
extern const Service service_social_monitor;
static const char *const bases[] = {"BTC", "ETH", "BNB", "SOL", "XRP"};

typedef struct Ears {
    Settings settings;
    const Service *services[1];
    KernelPlan plan;
    Kernel *kernel;
    void *memory;
    SocialUpdate last; /* of BTCUSDC */
    Headline news;
    SocialAccuracy accuracy;
    unsigned updates, points, headlines, requests, limits, warnings, accuracy_lines, unsent;
    char accuracy_line[240], warning[240];
    OutsideRequest asked[64];
    unsigned asked_count; /* not answered yet */
    int64_t topic_us[8], topic_gap_us, call_us[4096];
    unsigned calls;
} Ears;

static Ears stage;

static void hear_log(const LogLine *line) {
    assert_string_equal(line->service, "social_monitor");
    if (strcmp(line->text, "Rate limit exceeded") == 0) {
        assert_int_equal(line->level, LOG_ERROR);
        stage.limits++;
    }
    if (strncmp(line->text, "Social sentiment accuracy: ", 27) == 0) {
        assert_int_equal(line->level, LOG_INFO);
        stage.accuracy_lines++;
        snprintf(stage.accuracy_line, sizeof stage.accuracy_line, "%s", line->text);
    }
    if (line->level == LOG_WARNING) {
        stage.warnings++;
        snprintf(stage.warning, sizeof stage.warning, "%s", line->text);
    }
    stage.unsent += strstr(line->text, "is not asked") != NULL;
}

static void hear_request(const OutsideRequest *request, int64_t now_us) {
    assert_string_equal(request->service, "social_monitor");
    assert_int_equal(request->body[0], 0);
    stage.requests++;
    assert_true(stage.asked_count < 64);
    stage.asked[stage.asked_count++] = *request;
    if (request->source != OUTSIDE_LUNARCRUSH) return;
    stage.call_us[stage.calls++ % 4096] = now_us;
    if (strcmp(request->symbol, "BTCUSDC") != 0 || strstr(request->path, "/news/")) return;
    if (stage.topic_us[0] &&
        (!stage.topic_gap_us || now_us - stage.topic_us[0] < stage.topic_gap_us))
        stage.topic_gap_us = now_us - stage.topic_us[0];
    stage.topic_us[0] = now_us;
}

static void turn(void) {
    kernel_turn(stage.kernel);
    for (const Message *m = kernel_first(stage.kernel); m; m = kernel_next(stage.kernel, m)) {
        const SocialUpdate *update = m->payload;
        switch (m->topic) {
        case TOPIC_SOCIAL_UPDATES:
            stage.updates++;
            if (strcmp(update->symbol, "BTCUSDC") == 0) stage.last = *update;
            break;
        case TOPIC_SOCIAL_POINTS:
            stage.points++;
            break;
        case TOPIC_NEWS_UPDATES:
            stage.headlines++;
            stage.news = *(const Headline *)m->payload;
            break;
        case TOPIC_SOCIAL_ACCURACY:
            stage.accuracy = *(const SocialAccuracy *)m->payload;
            break;
        case TOPIC_LOG_LINES:
            hear_log(m->payload);
            break;
        case TOPIC_OUTSIDE_REQUESTS:
            hear_request(m->payload, m->time_us);
            break;
        default:
            break;
        }
    }
}

static void tell(Topic topic, int64_t now_us, const void *payload) {
    Error error;
    if (!kernel_input(stage.kernel, topic, now_us, payload, &error))
        fail_msg("%s: %s", error.where, error.message);
    turn();
}

static void open_stage(const char *mode) {
    memset(&stage, 0, sizeof stage);
    settings_presets(&stage.settings);
    snprintf(stage.settings.social.mode, sizeof stage.settings.social.mode, "%s", mode);
    stage.services[0] = &service_social_monitor;
    stage.plan =
        (KernelPlan){.services = stage.services, .service_count = 1, .settings = &stage.settings};
}

static void begin(void) {
    size_t size = (kernel_size(&stage.plan) + 15) & ~(size_t)15;
    stage.memory = aligned_alloc(16, size);
    memset(stage.memory, 0, size);
    stage.kernel = kernel_init(stage.memory, &stage.plan);
    for (unsigned i = 0; i < 5; i++) {
        SymbolFilters filters;
        Symbol symbol = {.filters.tick = price_of(1000000), .filters.step = quantity_of(1000)};
        snprintf(symbol.name.text, sizeof symbol.name.text, "%sUSDC", bases[i]);
        snprintf(symbol.base.text, sizeof symbol.base.text, "%s", bases[i]);
        snprintf(symbol.quote.text, sizeof symbol.quote.text, "USDC");
        filters_from_symbol(&symbol, &filters);
        tell(TOPIC_SYMBOL_FILTERS, START, &filters);
    }
}

static void end(void) {
    free(stage.memory);
}

/* Lets timers pass up to `to_us`; every question is answered by `answer` right away. */
static void pass(int64_t to_us, void (*answer)(const OutsideRequest *, OutsideReply *)) {
    for (int64_t due; (due = kernel_timer_due(stage.kernel)) <= to_us;) {
        kernel_input_timers(stage.kernel, due);
        turn();
        while (stage.asked_count > 0 && answer) {
            OutsideRequest request = stage.asked[--stage.asked_count];
            static OutsideReply reply;
            reply = (OutsideReply){.id = request.id,
                                   .source = request.source,
                                   .outcome = OUTSIDE_ANSWERED,
                                   .status = 200,
                                   .retry_after_ms = -1,
                                   .should_retry = -1};
            memcpy(reply.service, request.service, sizeof reply.service);
            answer(&request, &reply);
            tell(TOPIC_OUTSIDE_REPLIES, due, &reply);
        }
    }
}

/* ---- sources ------------------------------------------------------------------------------- */

static void put_list(OutsideReply *reply) {
    Text text = TEXT_IN(reply->body);
    text_put(&text, "{\"config\":{\"generated\":1750604580},\"data\":[");
    for (unsigned i = 0; i < 5; i++)
        text_format(&text,
                    "%s{\"id\":%d,\"symbol\":\"%s\",\"topic\":\"%s topic\",\"market_cap_rank\":"
                    "%d,\"interactions_24h\":1000,\"social_volume_24h\":50,\"sentiment\":60}",
                    i ? "," : "", (int)i + 1, bases[i], bases[i], (int)i + 1);
    text_put(&text, ",{\"id\":99,\"symbol\":\"BTC\",\"topic\":\"false\",\"market_cap_rank\":4000,"
                    "\"sentiment\":1}]}");
    (void)text_end(&text);
}

static void lunarcrush(const OutsideRequest *request, OutsideReply *reply) {
    if (request->source != OUTSIDE_LUNARCRUSH) {
        reply->outcome = OUTSIDE_LOST;
        reply->status = 0;
    } else if (strstr(request->path, "/coins/list/")) {
        put_list(reply);
    } else if (strstr(request->path, "/news/")) {
        strcpy(reply->body, "{\"data\":[]}");
    } else {
        assert_non_null(strstr(request->path, "%20topic"));
        strcpy(reply->body,
               "{\"config\":{\"generated\":1750604578},\"data\":{\"types_count\":{\"tweet\":30,"
               "\"reddit-post\":12,\"news\":8},\"types_interactions\":{\"tweet\":300,\"news\":100},"
               "\"types_sentiment\":{\"tweet\":70,\"news\":90},\"interactions_24h\":2000,"
               "\"num_contributors\":40,\"num_posts\":60}}");
    }
}

static bool limited;

static void sometimes_limited(const OutsideRequest *request, OutsideReply *reply) {
    lunarcrush(request, reply);
    if (!limited || request->source != OUTSIDE_LUNARCRUSH) return;
    reply->status = 429;
    reply->retry_after_ms = 600000;
    reply->body[0] = 0;
}

static void payment_required(const OutsideRequest *request, OutsideReply *reply) {
    (void)request;
    reply->status = 402;
}

static void free_sources(const OutsideRequest *request, OutsideReply *reply) {
    if (request->source == OUTSIDE_LUNARCRUSH) {
        reply->outcome = OUTSIDE_NOT_SENT;
        reply->status = 0;
        strcpy(reply->body, "no key");
    } else if (request->source == OUTSIDE_FEAR_GREED) {
        assert_string_equal(request->path, "/fng/");
        strcpy(reply->body, "{\"data\":[{\"value\":\"20\",\"timestamp\":\"1727913600\"}]}");
    } else if (request->etag[0]) {
        reply->status = 304;
        reply->unchanged = true;
    } else {
        Text text = TEXT_IN(reply->body);
        strcpy(reply->etag, "\"v1\"");
        for (int i = 0; i < 10; i++) {
            text_put(&text, i ? "," : "[");
            if (i == 4)
                text_put(&text, "{\"title\":\"broken \\q\"}");
            else
                text_format(
                    &text,
                    "{\"title\":\"Bitcoin soars for reason %d of feed %d\",\"guid\":\"%d-%d\"}", i,
                    (int)request->slot, i, (int)request->slot);
        }
        text_put(&text, "]");
        (void)text_end(&text);
    }
}

/* ---- asking -------------------------------------------------------------------------------- */

static void the_plan_is_kept(void **state) {
    (void)state;
    open_stage("live");
    stage.settings.news.feeds[0] = 0;
    begin();
    pass(START + 3 * HOUR, lunarcrush); /* behind the first round */
    stage.topic_gap_us = stage.topic_us[0] = 0;
    pass(START + INSTANT_DAY_US - 1, lunarcrush);
    assert_true(stage.calls <= 2000 && stage.calls > 1900);
    assert_true(stage.topic_gap_us >= 8 * MINUTE && stage.topic_gap_us < 9 * MINUTE);
    for (unsigned i = 10; i < stage.calls; i++) /* any 11 calls take more than a minute */
        assert_true(stage.call_us[i] - stage.call_us[i - 10] > MINUTE);
    assert_int_equal(stage.last.data.parts_count, 1);
    assert_close(stage.last.data.weighted_sentiment, 0.75, 1e-12);
    assert_close(stage.last.data.metrics.social_sentiment, 0.6,
                 1e-12); /* not the namesake's 0.01 */
    assert_close(stage.last.data.metrics.social_volume, 60, 0);
    assert_close(stage.last.data.metrics.social_contributors, 40, 0);
    assert_close(stage.last.data.metrics.reddit_volume, 12, 0);
    assert_true(!stage.last.data.fallback && stage.last.data.quality > 0.9);
    end();
}

static void a_small_plan_is_kept(void **state) {
    (void)state;
    open_stage("live");
    stage.settings.lunarcrush.calls_per_day = 100;
    stage.settings.lunarcrush.calls_per_minute = 4;
    begin();
    pass(START + INSTANT_DAY_US - 1, lunarcrush);
    assert_true(stage.calls <= 100 && stage.calls > 80);
    end();
}

static void rate_limits_are_obeyed(void **state) {
    (void)state;
    open_stage("live");
    begin();
    limited = false;
    pass(START + HOUR, sometimes_limited);
    limited = true;
    unsigned before = stage.calls;
    pass(START + HOUR + 9 * MINUTE, sometimes_limited);
    assert_int_equal(stage.calls, before + 1); /* Retry-After: ten minutes */
    assert_int_equal(stage.limits, 1);
    limited = false;
    pass(START + HOUR + 30 * MINUTE, sometimes_limited);
    assert_true(stage.calls > before + 5);
    assert_close(stage.last.data.weighted_sentiment, 0.75, 1e-12); /* used all the while */
    end();
}

static void a_plan_problem_is_said_once(void **state) {
    (void)state;
    open_stage("live");
    stage.settings.news.feeds[0] = stage.settings.social.fear_greed_url[0] = 0;
    begin();
    pass(START + 5 * HOUR, payment_required);
    assert_int_equal(stage.warnings, 1);
    assert_true(stage.calls >= 5 && stage.calls <= 6);
    assert_int_equal(stage.updates, 0);
    end();
}

static void free_profile(void **state) {
    (void)state;
    const SocialSample *sample = &stage.last.data;
    open_stage("live");
    begin();
    pass(START + 2 * HOUR, free_sources);
    assert_int_equal(stage.unsent, 1);
    assert_int_equal(stage.headlines, 54); /* nine of ten of six feeds, each once */
    assert_int_equal(stage.warnings, 6);   /* the tenth of each */
    assert_non_null(strstr(stage.warning, "skipped a malformed item: not valid JSON"));
    assert_true(isnan(sample->metrics.social_volume) && isnan(sample->metrics.social_contributors));
    assert_close(sample->metrics.news_volume, 54, 0);
    assert_non_null(strstr(sample->quality_flags, "news_only"));
    assert_int_equal(sample->parts_count, 2);
    assert_close(sample->parts[0].weight + sample->parts[1].weight, 1, 1e-12);
    assert_true(sample->parts[0].sentiment > 0.6);
    assert_close(sample->parts[1].sentiment, 0.2, 1e-12);
    assert_int_equal(sample->recent_news_count, 10);
    assert_true(sample->news_impact > 0 && sample->recent_news[0].known > START);
    assert_close(sample->metrics.social_sentiment, sample->weighted_sentiment, 0);
    end();
}

static void nothing_is_asked_unless_live(void **state) {
    static const char *const modes[] = {"", "off", "replay"};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        open_stage(modes[i]);
        begin();
        pass(START + INSTANT_DAY_US, NULL);
        assert_int_equal(stage.requests, 0);
        assert_int_equal(stage.updates, 0);
        assert_true(kernel_timer_due(stage.kernel) == INT64_MAX); /* it costs nothing */
        end();
    }
}

static void replies_of_others_are_left_alone(void **state) {
    (void)state;
    static OutsideReply reply = {.service = "ai_analyzer",
                                 .id = 1,
                                 .source = OUTSIDE_LUNARCRUSH,
                                 .outcome = OUTSIDE_ANSWERED,
                                 .status = 429};
    open_stage("live");
    begin();
    pass(START + 3 * INSTANT_SECOND_US, NULL);
    tell(TOPIC_OUTSIDE_REPLIES, START + 4 * INSTANT_SECOND_US, &reply);
    strcpy(reply.service, "social_monitor");
    reply.id = 4711;
    tell(TOPIC_OUTSIDE_REPLIES, START + 4 * INSTANT_SECOND_US, &reply);
    assert_int_equal(stage.limits, 0);
    end();
}

/* ---- history ------------------------------------------------------------------------------- */

static SocialReading reading_of(const char *symbol, double sentiment, double volume,
                                int64_t known_us) {
    double none = (double)NAN;
    SocialReading reading = {.source = OUTSIDE_LUNARCRUSH,
                             .time = known_us - HOUR,
                             .known = known_us,
                             .metrics = {volume, volume * 2, none, sentiment, none, none, none},
                             .weighted_sentiment = none};
    snprintf(reading.symbol, sizeof reading.symbol, "%s", symbol);
    return reading;
}

static void say(const char *symbol, double sentiment, double volume, int64_t now_us) {
    SocialReading reading = reading_of(symbol, sentiment, volume, now_us);
    pass(now_us, NULL);
    tell(TOPIC_SOCIAL_READINGS, now_us, &reading);
}

static void popularity_alone_changes_nothing(void **state) {
    (void)state;
    for (double volume = 10; volume < 1e14; volume *= 1000) {
        open_stage("replay");
        begin();
        for (int hour = 1; hour <= 5; hour++)
            say("BTCUSDC", 0.5, hour == 5 ? volume : 10, START + hour * HOUR);
        pass(START + 5 * HOUR + 10 * MINUTE, NULL);
        assert_true(stage.last.data.weighted_sentiment == 0.5);
        assert_close(stage.last.data.metrics.social_volume, volume, 0);
        assert_false(stage.last.data.fallback);
        assert_true(isnan(stage.last.data.news_impact));
        end();
    }
}

static void trends_are_numbers(void **state) {
    (void)state;
    open_stage("replay");
    begin();
    for (int hour = 1; hour <= 30; hour++)
        say("BTCUSDC", 0.3 + 0.01 * hour, 100 + 5 * hour, START + hour * HOUR);
    pass(START + 30 * HOUR + 6 * MINUTE, NULL);
    const SocialSample *sample = &stage.last.data;
    assert_close(sample->volume_trend.slope_24h, 5, 0.2);
    assert_close(sample->sentiment_trend.slope_7d, 0.01, 0.001);
    assert_true(sample->volume_trend.z_24h > 1.5 && sample->volume_trend.z_24h < 2);
    assert_true(isnan(sample->volume_trend.slope_1h)); /* one sample in the hour */
    assert_true(stage.points >= 29);
    end();
}

static void old_data_fade_and_then_are_none(void **state) {
    (void)state;
    open_stage("replay");
    begin();
    say("BTCUSDC", 0.8, 10, START + HOUR);
    pass(START + 13 * HOUR, NULL);
    assert_close(stage.last.data.weighted_sentiment, 0.8, 1e-12);
    assert_close(stage.last.data.quality, 3.0 / 7 / 2, 0.01);
    pass(START + 26 * HOUR, NULL);
    assert_true(stage.last.data.fallback && isnan(stage.last.data.weighted_sentiment));
    assert_true(isnan(stage.last.data.metrics.social_volume));
    assert_true(stage.last.data.quality == 0);
    end();
}

static void history_is_known_when_it_is_told(void **state) {
    (void)state;
    open_stage("replay");
    begin();
    Headline headline = {.title = "Ether plunges after exploit",
                         .id = "0123",
                         .source = "test",
                         .published = START + HOUR,
                         .known = START + 5 * HOUR,
                         .sentiment = (double)NAN,
                         .engagement = (double)NAN};
    tell(TOPIC_NEWS_HISTORY, START + 2 * HOUR, &headline);
    assert_int_equal(stage.headlines, 1);
    assert_true(stage.news.known == START + 2 * HOUR && stage.news.sentiment < 0.3);
    assert_string_equal(stage.news.symbols[0], "ETHUSDC");
    tell(TOPIC_NEWS_HISTORY, START + 2 * HOUR, &headline);
    assert_int_equal(stage.headlines, 1); /* once */
    memcpy(headline.id, "0456", 5);
    headline.known = START + HOUR; /* out of an earlier life: kept, and not said again */
    pass(START + 3 * HOUR, NULL);
    unsigned before = stage.updates;
    tell(TOPIC_NEWS_HISTORY, START + 3 * HOUR, &headline);
    pass(START + 3 * HOUR + 6 * MINUTE, NULL);
    assert_true(stage.headlines == 1 && stage.updates == before + 1);
    end();
}

/* ---- accuracy ------------------------------------------------------------------------------ */

static void close_hour(int64_t hour, double price) {
    MarketBar bar = {
        .symbol = "BTCUSDC", .interval = INTERVAL_1M, .open_time = START + hour * HOUR - MINUTE};
    bar.open = bar.high = bar.low = bar.close = price_of((int64_t)(price * 1e8));
    pass(START + hour * HOUR - 1, NULL);
    tell(TOPIC_BARS, START + hour * HOUR - 1, &bar);
}

static void accuracy_is_measured(void **state) {
    (void)state;
    open_stage("replay");
    begin();
    double price = 100;
    for (int hour = 1; hour <= 60; hour++) {
        close_hour(hour, price);
        if (hour == 30) assert_int_equal(stage.accuracy_lines, 0); /* 28 hours: too few */
        /* Sentiment is good in odd hours; the price follows it, except in every fifth hour. */
        bool good = hour % 2, follows = hour % 5 != 0;
        say("BTCUSDC", good ? 0.7 : 0.3, 10, START + hour * HOUR + MINUTE);
        price *= (good == follows) ? 1.01 : 0.99;
        pass(START + hour * HOUR + 30 * MINUTE, NULL);
    }
    /* The mood at a close is the one of the hour before it. */
    assert_int_equal(stage.accuracy.hours, 58);
    assert_true(stage.accuracy.matched < 20);
    assert_int_equal(stage.accuracy_lines, 2); /* once a day */
    assert_string_equal(stage.accuracy_line, "Social sentiment accuracy: 19%");
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan_is_kept),
        cmocka_unit_test(a_small_plan_is_kept),
        cmocka_unit_test(rate_limits_are_obeyed),
        cmocka_unit_test(a_plan_problem_is_said_once),
        cmocka_unit_test(free_profile),
        cmocka_unit_test(nothing_is_asked_unless_live),
        cmocka_unit_test(replies_of_others_are_left_alone),
        cmocka_unit_test(popularity_alone_changes_nothing),
        cmocka_unit_test(trends_are_numbers),
        cmocka_unit_test(old_data_fade_and_then_are_none),
        cmocka_unit_test(history_is_known_when_it_is_told),
        cmocka_unit_test(accuracy_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
