/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A headline out of one item of a source's list: every source of news is a constant that names the
 * list's place in the body and the fields of an item, in a file of its own. A title is made plain;
 * an item without one, or without anything that tells it from others, is malformed. What the source
 * does not say stays "no data": sentiment and engagement NaN, times 0, link empty. `known`,
 * symbols, relevance, novelty and impact are not a source's to say: whoever heard the answer fills
 * them in. Pure.
 */
#ifndef CORE_VENUES_HEADLINE_ITEM_H
#define CORE_VENUES_HEADLINE_ITEM_H

#include "core/bus/message.h"
#include "core/venues/foreign_items.h"

typedef struct HeadlineSource {
    const char *list; /* place of the array in the body: "", "data", "data.children" */
    const char *title, *link, *id, *published;
    const char *name; /* whose feed, where the item says it; NULL: the caller knows */
    /* What else the source says of it; NULL: nothing. */
    ForeignFault (*more)(Slice item, Headline *headline);
} HeadlineSource;

extern const HeadlineSource headline_rss, headline_lunarcrush, headline_cryptopanic, headline_gdelt,
    headline_reddit;

/* Fills the headline, or says what is wrong with the item. */
ForeignFault headline_read(const HeadlineSource *source, Slice item, Headline *headline);
/* The id of what is told from others by `key`: first 32 hex digits of its SHA-256. */
void headline_identify(Headline *headline, Slice key);

#endif
