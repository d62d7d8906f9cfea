/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where social numbers are going: samples of the last hour as they came, and one an hour of the
 * last week; over 1 hour, 24 hours and 7 days the slope of the line of least squares (per hour) and
 * the last sample in standard deviations from the mean of its window. With fewer than
 * SOCIAL_TREND_LEAST samples, or without any spread, there is no trend: null. A plain value.
 */
#ifndef CORE_TRADE_SOCIAL_TREND_H
#define CORE_TRADE_SOCIAL_TREND_H

#include "core/bus/message.h"

#define SOCIAL_TREND_LEAST  4
#define SOCIAL_TREND_LATEST 64  /* an hour at one sample a minute */
#define SOCIAL_TREND_HOURS  168 /* a week */

typedef enum SocialNumber {
    SOCIAL_VOLUME,
    SOCIAL_ENGAGEMENT,
    SOCIAL_SENTIMENT,
    SOCIAL_NUMBER_COUNT
} SocialNumber;

typedef struct SocialNumbers {
    int64_t time_us;
    double at[SOCIAL_NUMBER_COUNT]; /* NaN: no data */
} SocialNumbers;

typedef struct SocialTrack {
    uint32_t latest_count, hour_count; /* ever kept */
    SocialNumbers latest[SOCIAL_TREND_LATEST], hours[SOCIAL_TREND_HOURS];
} SocialTrack;

/* Times must not fall. */
void social_track_add(SocialTrack *track, const SocialNumbers *numbers);
SocialTrend social_track_trend(const SocialTrack *track, SocialNumber number, int64_t now_us);

#endif
