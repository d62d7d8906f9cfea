/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/impact_rows.h"

#include <math.h>

static ImpactRow empty_row(int64_t end_us) {
    double none = (double)NAN;
    return (ImpactRow){.end_us = end_us,
                       .sentiment = none,
                       .posts = none,
                       .engagement = none,
                       .news_impact = none,
                       .quality = none};
}

static ImpactRow *place_of(ImpactRow *ring, size_t capacity, int64_t end_us) {
    return &ring[(uint64_t)(end_us / INSTANT_HOUR_US) % capacity];
}

/* The row of the hour in which `time_us` lies, its end included; NULL: long past. */
static ImpactRow *row_at(ImpactRow *ring, size_t capacity, int64_t time_us) {
    int64_t end_us = (time_us + INSTANT_HOUR_US - 1) / INSTANT_HOUR_US * INSTANT_HOUR_US;
    if (end_us <= 0) return NULL;
    ImpactRow *row = place_of(ring, capacity, end_us);
    if (row->end_us > end_us) return NULL;
    if (row->end_us < end_us) *row = empty_row(end_us);
    return row;
}

void impact_rows_bar(ImpactRow *ring, size_t capacity, const Bar *bar, int64_t length_us) {
    ImpactRow *row = row_at(ring, capacity, bar->time_us + length_us);
    if (!row) return;
    if (row->close.units == 0 || length_us >= INSTANT_HOUR_US) {
        row->open = bar->open;
        row->high = bar->high;
        row->low = bar->low;
        row->base_volume = 0;
    }
    if (bar->high.units > row->high.units) row->high = bar->high;
    if (bar->low.units < row->low.units) row->low = bar->low;
    row->close = bar->close;
    row->base_volume += bar->volume;
}

double impact_posts(const SocialUpdate *update) {
    const SocialMetrics *metrics = &update->data.metrics;
    return isnan(metrics->social_volume) ? metrics->news_volume : metrics->social_volume;
}

void impact_rows_sample(ImpactRow *ring, size_t capacity, const SocialUpdate *update,
                        int64_t known_us) {
    ImpactRow *row = row_at(ring, capacity, known_us);
    if (!row) return;
    row->sample_us = known_us;
    row->sentiment = update->data.fallback ? (double)NAN : update->data.weighted_sentiment;
    row->posts = impact_posts(update);
    row->engagement = update->data.metrics.social_engagement;
    row->news_impact = update->data.news_impact;
    row->quality = update->data.quality;
}

size_t impact_rows_line(const ImpactRow *ring, size_t capacity, int64_t now_us, ImpactRow *rows) {
    int64_t last = (now_us + 1) / INSTANT_HOUR_US; /* a close is told a microsecond early */
    size_t count = 0;
    for (int64_t hour = last - (int64_t)capacity + 1; hour <= last; hour++) {
        if (hour <= 0) continue;
        const ImpactRow *row = &ring[(uint64_t)hour % capacity];
        bool there = row->end_us == hour * INSTANT_HOUR_US;
        if (!there && count == 0) continue;
        rows[count++] = there ? *row : empty_row(hour * INSTANT_HOUR_US);
    }
    return count;
}
