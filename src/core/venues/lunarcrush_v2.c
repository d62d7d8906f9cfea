/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/lunarcrush_v2.h"

#include <math.h>

#include "core/base/number_text.h"

enum { ASSET, TIME, VOLUME, ENGAGEMENT, CONTRIBUTORS, SENTIMENT, TWEETS, REDDIT, NEWS };

static const char *const names[LUNARCRUSH_V2_FIELDS] = {
    [ASSET] = "asset",
    [TIME] = "time",
    [VOLUME] = "social_volume",
    [ENGAGEMENT] = "social_score",
    [CONTRIBUTORS] = "social_contributors",
    [SENTIMENT] = "average_sentiment",
    [TWEETS] = "tweets",
    [REDDIT] = "reddit_posts",
    [NEWS] = "news",
};

/* The next field, and whether there was one. */
static bool take_field(Slice *line, bool *more, Slice *field) {
    if (!*more) return false;
    size_t before = line->length;
    Slice part = slice_part(line, ',');
    *field = slice_trim(part);
    *more = part.length < before;
    return true;
}

bool lunarcrush_v2_header(Slice line, LunarcrushV2 *columns) {
    bool more = true;
    Slice field;
    *columns = (LunarcrushV2){.count = 0};
    for (unsigned i = 0; i < LUNARCRUSH_V2_FIELDS; i++)
        columns->place[i] = -1;
    for (; take_field(&line, &more, &field); columns->count++)
        for (unsigned i = 0; i < LUNARCRUSH_V2_FIELDS; i++)
            if (slice_is(field, names[i])) columns->place[i] = (int)columns->count;
    return columns->place[ASSET] >= 0 && columns->place[TIME] >= 0 && columns->place[VOLUME] >= 0 &&
           columns->place[SENTIMENT] >= 0;
}

static ForeignFault take_number(Slice field, double low, double high, double *value) {
    *value = (double)NAN;
    if (field.length == 0 || slice_is(field, "nan") || slice_is(field, "NaN")) return NULL;
    double number;
    if (!number_from_slice(field, &number)) return "a number is none";
    if (!(number >= low && number <= high)) return "a number is out of its bounds";
    *value = number;
    return NULL;
}

static ForeignFault fill(const Slice fields[static LUNARCRUSH_V2_FIELDS], AssetName *asset,
                         SocialReading *reading) {
    SocialMetrics *metrics = &reading->metrics;
    double *const targets[LUNARCRUSH_V2_FIELDS] = {
        [VOLUME] = &metrics->social_volume,
        [ENGAGEMENT] = &metrics->social_engagement,
        [CONTRIBUTORS] = &metrics->social_contributors,
        [SENTIMENT] = &metrics->social_sentiment,
        [TWEETS] = &metrics->twitter_volume,
        [REDDIT] = &metrics->reddit_volume,
        [NEWS] = &metrics->news_volume,
    };
    if (fields[ASSET].length == 0 || !slice_copy(fields[ASSET], asset->text, sizeof asset->text))
        return "no asset";
    if (!foreign_time_read(fields[TIME], &reading->time)) return "a time is none";
    reading->known = reading->time + INSTANT_DAY_US;
    for (unsigned i = VOLUME; i < LUNARCRUSH_V2_FIELDS; i++) {
        bool scale = i == SENTIMENT;
        ForeignFault fault = take_number(fields[i], scale, scale ? 5 : 1e15, targets[i]);
        if (fault) return fault;
    }
    metrics->social_sentiment = (metrics->social_sentiment - 1) / 4;
    return NULL;
}

ForeignFault lunarcrush_v2_row(const LunarcrushV2 *columns, Slice line, AssetName *asset,
                               SocialReading *reading) {
    Slice fields[LUNARCRUSH_V2_FIELDS] = {{0}}, field;
    bool more = true;
    unsigned count = 0;
    *reading = (SocialReading){.source = OUTSIDE_LUNARCRUSH, .weighted_sentiment = (double)NAN};
    for (; take_field(&line, &more, &field); count++)
        for (unsigned i = 0; i < LUNARCRUSH_V2_FIELDS; i++)
            if (columns->place[i] == (int)count) fields[i] = field;
    if (count != columns->count) return "another count of columns than the header's";
    return fill(fields, asset, reading);
}
