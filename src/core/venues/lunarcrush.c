/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/lunarcrush.h"

#include <math.h>

#include "core/base/number_text.h"

#define COUNT_MAX 1e15 /* bound of the metrics in messages.def */

/* ---- paths --------------------------------------------------------------------------------- */

void lunarcrush_list_path(unsigned page, Text *path, Text *parameters) {
    text_put(path, "/public/coins/list/v2");
    text_format(parameters, "sort=market_cap_rank&limit=%d&page=%d", LUNARCRUSH_PAGE_COINS,
                (int)page);
}

static void topic_path(const char *topic, const char *what, Text *path) {
    text_put(path, "/public/topic/");
    foreign_encode(path, slice_of(topic));
    text_put(path, what);
}

void lunarcrush_topic_path(const char *topic, Text *path) {
    topic_path(topic, "/v1", path);
}

void lunarcrush_news_path(const char *topic, Text *path) {
    topic_path(topic, "/news/v1", path);
}

void lunarcrush_series_path(const LunarcrushSpan *span, Text *path, Text *parameters) {
    text_format(path, "/public/coins/%D/time-series/v2", span->coin);
    text_format(parameters, "bucket=%s&start=%D&end=%D", span->daily ? "day" : "hour",
                span->start_us / INSTANT_SECOND_US, span->end_us / INSTANT_SECOND_US);
}

/* ---- readings ------------------------------------------------------------------------------ */

static SocialMetrics no_metrics(void) {
    double none = (double)NAN;
    return (SocialMetrics){none, none, none, none, none, none, none};
}

typedef struct MetricField {
    const char *key;
    size_t at; /* in SocialMetrics */
    double high, scale;
} MetricField;
#define METRIC(key, field, high, scale)                                                            \
    { (key), offsetof(SocialMetrics, field), (high), (scale) }

static ForeignFault read_metrics(Slice object, const MetricField *fields, size_t count,
                                 SocialMetrics *metrics) {
    *metrics = no_metrics();
    for (size_t i = 0; i < count; i++) {
        double value;
        ForeignFault fault = foreign_number(object, fields[i].key, 0, fields[i].high, &value);
        if (fault) return fault;
        *(double *)((char *)metrics + fields[i].at) = value * fields[i].scale;
    }
    return NULL;
}

static const MetricField coin_fields[] = {
    METRIC("social_volume_24h", social_volume, COUNT_MAX, 1),
    METRIC("interactions_24h", social_engagement, COUNT_MAX, 1),
    METRIC("sentiment", social_sentiment, 100, 0.01),
};
static const MetricField topic_fields[] = {
    METRIC("data.num_posts", social_volume, COUNT_MAX, 1),
    METRIC("data.interactions_24h", social_engagement, COUNT_MAX, 1),
    METRIC("data.num_contributors", social_contributors, COUNT_MAX, 1),
    METRIC("data.types_count.tweet", twitter_volume, COUNT_MAX, 1),
    METRIC("data.types_count.reddit-post", reddit_volume, COUNT_MAX, 1),
    METRIC("data.types_count.news", news_volume, COUNT_MAX, 1),
};
static const MetricField bucket_fields[] = {
    METRIC("posts_active", social_volume, COUNT_MAX, 1),
    METRIC("interactions", social_engagement, COUNT_MAX, 1),
    METRIC("contributors_active", social_contributors, COUNT_MAX, 1),
    METRIC("sentiment", social_sentiment, 100, 0.01),
};
#define FIELDS(rows) (rows), sizeof(rows) / sizeof(rows)[0]

int64_t lunarcrush_generated(Slice body) {
    int64_t time_us;
    return foreign_time(body, "config.generated", &time_us) ? 0 : time_us;
}

ForeignFault lunarcrush_coin(Slice item, LunarcrushCoin *coin) {
    *coin = (LunarcrushCoin){.id = 0};
    ForeignFault fault = foreign_object(item);
    if (!fault) fault = foreign_whole(item, "id", &coin->id);
    if (!fault) fault = foreign_whole(item, "market_cap_rank", &coin->rank);
    if (!fault) fault = foreign_text(item, "symbol", coin->ticker, sizeof coin->ticker);
    if (!fault) fault = foreign_text(item, "topic", coin->topic, sizeof coin->topic);
    if (!fault) fault = read_metrics(item, FIELDS(coin_fields), &coin->metrics);
    if (!fault && (coin->id <= 0 || !coin->ticker[0])) fault = "no id or no symbol";
    return fault;
}

/* Sum of sentiment x interactions over the kinds of posts, by the interactions. */
static double mean_of_kinds(Slice body) {
    JsonReader kinds;
    JsonToken token;
    double sum = 0, weights = 0;
    if (!foreign_find(body, "data.types_sentiment", &kinds, &token) || token != JSON_OBJECT_BEGIN)
        return (double)NAN;
    while (json_next(&kinds) == JSON_KEY) {
        char path[96];
        double sentiment, interactions;
        Text text = TEXT_IN(path);
        text_format(&text, "data.types_interactions.%S", kinds.slice);
        (void)text_end(&text);
        if (json_next(&kinds) != JSON_NUMBER || text.overflow) return (double)NAN;
        if (!number_from_slice(kinds.slice, &sentiment) || sentiment < 0 || sentiment > 100 ||
            foreign_number(body, path, 0, COUNT_MAX, &interactions) || isnan(interactions))
            continue;
        sum += sentiment * interactions;
        weights += interactions;
    }
    return weights > 0 ? sum / weights / 100 : (double)NAN;
}

ForeignFault lunarcrush_topic(Slice body, SocialReading *reading) {
    *reading = (SocialReading){.source = OUTSIDE_LUNARCRUSH};
    ForeignFault fault = foreign_object(body);
    if (!fault) fault = read_metrics(body, FIELDS(topic_fields), &reading->metrics);
    if (fault) return fault;
    reading->weighted_sentiment = mean_of_kinds(body);
    reading->time = lunarcrush_generated(body);
    return NULL;
}

ForeignFault lunarcrush_bucket(Slice item, int64_t bucket_us, int64_t generated_us,
                               SocialReading *reading) {
    *reading = (SocialReading){.source = OUTSIDE_LUNARCRUSH, .weighted_sentiment = (double)NAN};
    ForeignFault fault = foreign_object(item);
    if (!fault) fault = foreign_time(item, "time", &reading->time);
    if (!fault && reading->time == 0) fault = "no time";
    if (!fault) fault = read_metrics(item, FIELDS(bucket_fields), &reading->metrics);
    reading->known = reading->time + bucket_us;
    if (!fault && generated_us && reading->known > generated_us) fault = "the bucket is incomplete";
    return fault;
}
