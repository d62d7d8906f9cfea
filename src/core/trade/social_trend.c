/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/social_trend.h"

#include <math.h>

/* Bounds of messages.def. */
#define SLOPE_MAX 1e15
#define Z_MAX     1000.0

void social_track_add(SocialTrack *track, const SocialNumbers *numbers) {
    const SocialNumbers *last = &track->hours[(track->hour_count - 1) % SOCIAL_TREND_HOURS];
    bool new_hour = track->hour_count == 0 ||
                    last->time_us / INSTANT_HOUR_US < numbers->time_us / INSTANT_HOUR_US;
    track->latest[track->latest_count++ % SOCIAL_TREND_LATEST] = *numbers;
    if (new_hour) track->hours[track->hour_count++ % SOCIAL_TREND_HOURS] = *numbers;
}

/* Sums over the samples of a window, centred on the newest, in hours. */
typedef struct Line {
    double n, x, y, xx, xy, yy, newest;
} Line;

static void add(Line *line, double hours, double value) {
    if (line->n == 0) line->newest = value;
    double y = value - line->newest; /* centred: large counts must not eat the differences */
    line->n++;
    line->x += hours;
    line->y += y;
    line->xx += hours * hours;
    line->xy += hours * y;
    line->yy += y * y;
}

static double bounded(double value, double bound) {
    return value > bound ? bound : value < -bound ? -bound : value;
}

static void judge(const Line *line, double *slope, double *z) {
    *slope = *z = (double)NAN;
    if (line->n < SOCIAL_TREND_LEAST) return;
    double across = line->xx - line->x * line->x / line->n;
    double spread = (line->yy - line->y * line->y / line->n) / line->n;
    if (across <= 0) return;
    *slope = bounded((line->xy - line->x * line->y / line->n) / across, SLOPE_MAX);
    if (spread > 0) *z = bounded(-line->y / line->n / sqrt(spread), Z_MAX);
}

typedef struct Ring {
    const SocialNumbers *at;
    uint32_t ever, room;
} Ring;

static void fit(const Ring *ring, SocialNumber number, int64_t now_us, int64_t window_us,
                double *slope, double *z) {
    Line line = {.n = 0};
    uint32_t held = ring->ever < ring->room ? ring->ever : ring->room;
    for (uint32_t back = 1; back <= held; back++) {
        const SocialNumbers *sample = &ring->at[(ring->ever - back) % ring->room];
        int64_t age_us = now_us - sample->time_us;
        if (age_us > window_us) break;
        if (!isnan(sample->at[number]))
            add(&line, -(double)age_us / (double)INSTANT_HOUR_US, sample->at[number]);
    }
    judge(&line, slope, z);
}

SocialTrend social_track_trend(const SocialTrack *track, SocialNumber number, int64_t now_us) {
    Ring latest = {track->latest, track->latest_count, SOCIAL_TREND_LATEST};
    Ring hours = {track->hours, track->hour_count, SOCIAL_TREND_HOURS};
    SocialTrend trend;
    fit(&latest, number, now_us, INSTANT_HOUR_US, &trend.slope_1h, &trend.z_1h);
    fit(&hours, number, now_us, INSTANT_DAY_US, &trend.slope_24h, &trend.z_24h);
    fit(&hours, number, now_us, 7 * INSTANT_DAY_US, &trend.slope_7d, &trend.z_7d);
    return trend;
}
