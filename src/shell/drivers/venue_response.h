/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer of HTTP/1.1 (RFC 9112), read from the bytes of a connection as they come, in pieces of
 * any size. It is strict where being lenient could make an answer out of something else: an answer
 * is complete when its length or its last chunk says so, and one that ends before is none. Nothing
 * is unpacked, since nothing packed was asked for. Head, body and time are bounded: of a body
 * beyond the caller's memory the beginning is kept and `cut` says so, and a sea of bytes is left.
 * Plain values; the memory for the body is the caller's.
 */
#ifndef SHELL_DRIVERS_VENUE_RESPONSE_H
#define SHELL_DRIVERS_VENUE_RESPONSE_H

#include "core/base/text.h"

#define RESPONSE_LINE_MAX  4096        /* of a head or a chunk's size: the venue's have 200 */
#define RESPONSE_HEAD_MAX  (32u << 10) /* all lines of one answer */
#define RESPONSE_DRAIN_MAX (1u << 20)  /* read on to keep the connection; above it is dropped */
#define RESPONSE_LIMITS    400         /* room for the lines about used limits */

typedef enum ResponseStage {
    RESPONSE_STATUS,
    RESPONSE_HEADERS,
    RESPONSE_SIZED,
    RESPONSE_CHUNK_SIZE,
    RESPONSE_CHUNK,
    RESPONSE_CHUNK_END,
    RESPONSE_TRAILERS,
    RESPONSE_UNTIL_CLOSE,
    RESPONSE_COMPLETE,
    RESPONSE_BROKEN
} ResponseStage;

typedef struct VenueResponse {
    ResponseStage stage;
    int status;
    int64_t retry_after_s; /* -1: not told */
    bool closes;           /* the connection cannot carry another request */
    bool cut;              /* longer than there is room for, or not text */
    bool has_length, is_chunked;
    uint64_t left, received; /* of the body or chunk; of the body so far */
    char *body;              /* zero-ended when complete */
    size_t capacity, length;
    size_t head, line_length;
    char line[RESPONSE_LINE_MAX];
    char limits[RESPONSE_LIMITS]; /* "name: value" lines of x-mbx-used-weight and -order-count */
} VenueResponse;

/* `capacity` counts the closing zero. */
void venue_response_begin(VenueResponse *response, char *body, size_t capacity);
/* Takes what belongs to the answer; false when it is complete or broken. Bytes behind a complete
 * answer set `closes`. */
bool venue_response_take(VenueResponse *response, Slice bytes);
/* The connection has ended: complete if the answer was to last until then, else broken. */
void venue_response_end(VenueResponse *response);

#endif
