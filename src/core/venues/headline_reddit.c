/* SPDX-License-Identifier: Apache-2.0 */
/* Reddit's listings (/r/NAME/hot): engagement is votes plus comments. */
#include <math.h>

#include "core/venues/headline_item.h"

static ForeignFault more(Slice item, Headline *headline) {
    double votes, comments;
    ForeignFault fault = foreign_number(item, "data.ups", 0, 1e12, &votes);
    if (!fault) fault = foreign_number(item, "data.num_comments", 0, 1e12, &comments);
    if (!fault) headline->engagement = votes + comments;
    return fault;
}

const HeadlineSource headline_reddit = {.list = "data.children",
                                        .title = "data.title",
                                        .link = "data.url",
                                        .id = "data.permalink",
                                        .published = "data.created_utc",
                                        .name = "data.subreddit",
                                        .more = more};
