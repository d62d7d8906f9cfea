/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was heard before: the ids of headlines, so that each is news once however often a feed is
 * read, and the word pairs of their titles, so that the same story told again is less new. Novelty
 * is 1 minus the largest similarity (Jaccard 1901: common pairs / all pairs, the shingles of Broder
 * 1997 with two words) with any headline that became known in the last MEMORY_DAYS. A plain value;
 * its owner keeps it.
 */
#ifndef CORE_TRADE_HEADLINE_MEMORY_H
#define CORE_TRADE_HEADLINE_MEMORY_H

#include "core/bus/message.h"

#define HEADLINE_MEMORY_STORIES 512 /* three days of the default feeds */
#define HEADLINE_MEMORY_IDS     2048
#define HEADLINE_MEMORY_US      (3 * INSTANT_DAY_US)
#define HEADLINE_SHINGLES       24 /* word pairs of a long title */

typedef struct HeadlineStory {
    int64_t known_us;
    uint32_t count;
    uint32_t pairs[HEADLINE_SHINGLES]; /* hashes, rising, no two alike */
} HeadlineStory;

typedef struct HeadlineMemory {
    uint64_t ids[HEADLINE_MEMORY_IDS];
    uint32_t id_count, story_count; /* ever kept; the newest overwrite the oldest */
    HeadlineStory stories[HEADLINE_MEMORY_STORIES];
} HeadlineMemory;

/* False: it was heard before. Else it is kept, and headline->novelty is filled, by headline->known.
 */
bool headline_memory_take(HeadlineMemory *memory, Headline *headline) MUST_USE;

#endif
