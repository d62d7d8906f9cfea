/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Daily series of LunarCrush's old v2 API as CSV exports have them: a header that names its
 * columns, then a row for each asset and day. average_sentiment goes from 1 to 5 with 3 neutral;
 * social_score, a sum of engagements, is what stands for engagement; an empty field is no data. A
 * day's figures are known at its end. Pure; slices point into the lines, which the caller owns.
 */
#ifndef CORE_VENUES_LUNARCRUSH_V2_H
#define CORE_VENUES_LUNARCRUSH_V2_H

#include "core/bus/message.h"
#include "core/market/symbol.h"
#include "core/venues/foreign_items.h"

#define LUNARCRUSH_V2_FIELDS 9

typedef struct LunarcrushV2 {
    unsigned count; /* columns of the file */
    int place[LUNARCRUSH_V2_FIELDS];
} LunarcrushV2;

/* True for a header that names asset, time, social_volume and average_sentiment at least. */
bool lunarcrush_v2_header(Slice line, LunarcrushV2 *columns) MUST_USE;
/* `asset` gets the ticker. */
ForeignFault lunarcrush_v2_row(const LunarcrushV2 *columns, Slice line, AssetName *asset,
                               SocialReading *reading);

#endif
