/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bus/social_line.h"

#include "core/base/check.h"

static int64_t reading_known(const SocialLine *line, const SocialPlace *place) {
    return place->reading < line->reading_count ? line->readings[place->reading].known : INT64_MAX;
}

static int64_t headline_known(const SocialLine *line, const SocialPlace *place) {
    return place->headline < line->headline_count ? line->headlines[place->headline].known
                                                  : INT64_MAX;
}

int64_t social_line_due(const SocialLine *line, const SocialPlace *place, int64_t start_us) {
    int64_t reading_us = reading_known(line, place), headline_us = headline_known(line, place);
    int64_t next_us = reading_us < headline_us ? reading_us : headline_us;
    return next_us > start_us ? next_us : start_us;
}

const void *social_line_take(const SocialLine *line, SocialPlace *place, Topic *topic) {
    int64_t reading_us = reading_known(line, place), headline_us = headline_known(line, place);
    CHECK(reading_us != INT64_MAX || headline_us != INT64_MAX, "a row is left of social history");
    bool is_reading = reading_us <= headline_us;
    *topic = is_reading ? TOPIC_SOCIAL_READINGS : TOPIC_NEWS_HISTORY;
    if (is_reading) return &line->readings[place->reading++];
    return &line->headlines[place->headline++];
}
