/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers of social sources, taken item by item: an array of objects somewhere in a body. The
 * items are found by their brackets alone, so that one that is malformed (an invalid escape, a
 * missing value, broken UTF-8) costs only itself, and of a body that was cut its complete items are
 * used. Each item is then read strictly: fields by name, with bounds, texts made plain. A field
 * that is absent or null is no fault: numbers are NaN, times 0, texts empty.
 *
 * Items and values are slices into the body, which the caller owns; nothing is kept.
 */
#ifndef CORE_VENUES_FOREIGN_ITEMS_H
#define CORE_VENUES_FOREIGN_ITEMS_H

#include <stdint.h>

#include "core/base/json.h"

typedef struct ForeignItems {
    const char *at, *end;
    bool cut; /* the body ends inside the array */
} ForeignItems;

/* Stands before the items of the array at `path`: "" the body itself, "data", "data.children".
 * False when there is none. */
bool foreign_items_open(Slice body, const char *path, ForeignItems *items) MUST_USE;
/* The next item, whole, object or not; false at the end. */
bool foreign_items_next(ForeignItems *items, Slice *item) MUST_USE;

/* What reading an item found wrong; NULL: nothing. Constant texts. */
typedef const char *ForeignFault;

/* NULL if the item is one valid JSON object. */
ForeignFault foreign_object(Slice item);
/* The value at `path` ("data.title") of a valid object; false when it is absent or null. */
bool foreign_find(Slice object, const char *path, JsonReader *value, JsonToken *token) MUST_USE;
/* A number, bare or as text. */
ForeignFault foreign_number(Slice object, const char *path, double low, double high, double *value);
ForeignFault foreign_whole(Slice object, const char *path, int64_t *value);
/* A text, made plain and cut to its room. */
ForeignFault foreign_text(Slice object, const char *path, char *target, size_t capacity);
/* A stamp in seconds to nanoseconds, ISO 8601, its basic form (20261122T080000Z), or the date of a
 * mail (RFC 5322: Sun, 22 Nov 2026 08:00:00 GMT). */
ForeignFault foreign_time(Slice object, const char *path, int64_t *time_us);
/* A time in words, as above, without the stamp. */
bool foreign_time_read(Slice text, int64_t *time_us) MUST_USE;
/* Appends `text` with every byte encoded that is not unreserved (RFC 3986, 2.3). */
void foreign_encode(Text *target, Slice text);

#endif
