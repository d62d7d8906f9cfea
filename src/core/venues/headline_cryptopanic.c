/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CryptoPanic's posts (developer API v2, /posts/). Its votes are no sentiment: readers vote on what
 * they like, and most items have none. The words are scored like those of any other feed.
 */
#include "core/venues/headline_item.h"

const HeadlineSource headline_cryptopanic = {.list = "results",
                                             .title = "title",
                                             .link = "url",
                                             .id = "id",
                                             .published = "published_at",
                                             .name = "source.title"};
