/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/social_external.h"

#include <math.h>

#include "core/trade/impact_rows.h"

void social_external_of(const SocialUpdate *update, double values[static EXTERNAL_COUNT]) {
    values[EXTERNAL_SENTIMENT] =
        update->data.fallback ? (double)NAN : update->data.weighted_sentiment;
    values[EXTERNAL_SOCIAL_VOLUME] = impact_posts(update);
    values[EXTERNAL_ENGAGEMENT] = update->data.metrics.social_engagement;
    values[EXTERNAL_NEWS_IMPACT] = update->data.news_impact;
}
