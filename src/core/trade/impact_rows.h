/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last hours of a symbol, as ImpactRows: bars and social samples as they come in, put together
 * into rows of an hour. A sample belongs to the hour at whose end it is known at the latest; of
 * several in one hour the last one counts. The rows are a ring over memory of the caller, in which
 * each place bears its hour.
 */
#ifndef CORE_TRADE_IMPACT_ROWS_H
#define CORE_TRADE_IMPACT_ROWS_H

#include "core/market/candle.h"
#include "core/trade/social_impact.h"

/* How many posts there are: of all kinds, where that is not known news alone; NaN: neither is. */
double impact_posts(const SocialUpdate *update);
/* A closed bar; those of an hour and longer stand for the hour in which they end, shorter ones add
 * up to it. */
void impact_rows_bar(ImpactRow *ring, size_t capacity, const Bar *bar, int64_t length_us);
/* Social data that became known at `known_us`. */
void impact_rows_sample(ImpactRow *ring, size_t capacity, const SocialUpdate *update,
                        int64_t known_us);
/* The hours up to `now_us`, oldest first and without holes (an hour of which nothing is known is an
 * empty row that bears its end), from the first that tells anything. The count. */
size_t impact_rows_line(const ImpactRow *ring, size_t capacity, int64_t now_us, ImpactRow *rows);

#endif
