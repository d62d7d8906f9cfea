/* SPDX-License-Identifier: Apache-2.0 */
/* News and posts of LunarCrush (/public/topic/TOPIC/news/v1): with a sentiment from 1 (bad) by 3
 * (neutral) to 5 (good), and the interactions of a day. */
#include <math.h>

#include "core/venues/headline_item.h"

static ForeignFault more(Slice item, Headline *headline) {
    double five;
    ForeignFault fault = foreign_number(item, "post_sentiment", 1, 5, &five);
    if (!fault) fault = foreign_number(item, "interactions_24h", 0, 1e15, &headline->engagement);
    if (!fault) headline->sentiment = (five - 1) / 4;
    return fault;
}

const HeadlineSource headline_lunarcrush = {.list = "data",
                                            .title = "post_title",
                                            .link = "post_link",
                                            .id = "id",
                                            .published = "post_created",
                                            .name = "creator_display_name",
                                            .more = more};
