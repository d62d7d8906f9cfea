/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/headline_item.h"

#include <math.h>

#include "core/base/digest.h"

#define ID_BYTES 16 /* 32 hex digits: no two of a day's headlines share them */

void headline_identify(Headline *headline, Slice key) {
    uint8_t digest[SHA256_SIZE];
    Text id = TEXT_IN(headline->id);
    sha256_of(key.at, key.length, digest);
    text_hex(&id, digest, ID_BYTES);
    (void)text_end(&id);
}

/* By the source's own id, else the address, else the words. */
static ForeignFault identify(const HeadlineSource *source, Slice item, Headline *headline) {
    char key[512];
    ForeignFault fault = foreign_text(item, source->id, key, sizeof key);
    if (fault) return fault;
    if (!key[0]) (void)foreign_text(item, source->link, key, sizeof key);
    headline_identify(headline, slice_of(key[0] ? key : headline->title));
    return NULL;
}

/* An address that is none, or too long to be kept whole, is left out: half an address is wrong. */
static void read_link(const HeadlineSource *source, Slice item, Headline *headline) {
    char link[512];
    (void)foreign_text(item, source->link, link, sizeof link);
    Slice whole = slice_of(link);
    bool address = slice_starts(whole, "https://") || slice_starts(whole, "http://");
    if (!address || memchr(link, ' ', whole.length) ||
        !slice_copy(whole, headline->link, sizeof headline->link))
        headline->link[0] = 0;
}

ForeignFault headline_read(const HeadlineSource *source, Slice item, Headline *headline) {
    *headline = (Headline){.sentiment = (double)NAN, .engagement = (double)NAN};
    ForeignFault fault = foreign_object(item);
    if (!fault) fault = foreign_text(item, source->title, headline->title, sizeof headline->title);
    if (!fault && !headline->title[0]) fault = "no title";
    if (!fault) fault = identify(source, item, headline);
    if (!fault) fault = foreign_time(item, source->published, &headline->published);
    if (!fault && source->name)
        fault = foreign_text(item, source->name, headline->source, sizeof headline->source);
    if (!fault && source->more) fault = source->more(item, headline);
    if (!fault) read_link(source, item, headline);
    return fault;
}
