/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/venue_response.h"

#include <string.h>
#include <strings.h>

#define FRAMING_MAX 8 /* lines around a chunk of one byte have 5 */

void venue_response_begin(VenueResponse *response, char *body, size_t capacity) {
    response->stage = RESPONSE_STATUS;
    response->status = 0;
    response->retry_after_s = -1;
    response->closes = response->cut = response->has_length = response->is_chunked = false;
    response->left = response->received = 0;
    response->body = body;
    response->capacity = capacity;
    response->length = response->head = response->line_length = 0;
    response->limits[0] = body[0] = 0;
}

/* ---- the head ------------------------------------------------------------------------------ */

static ResponseStage read_status(VenueResponse *response, Slice line) {
    int64_t status = 0;
    bool sound = line.length >= 12 && memcmp(line.at, "HTTP/1.", 7) == 0 && line.at[8] == ' ' &&
                 (line.length == 12 || line.at[12] == ' ') &&
                 slice_int((Slice){line.at + 9, 3}, &status) && status >= 100;
    response->status = (int)status;
    response->closes = line.length > 7 && line.at[7] == '0'; /* HTTP/1.0 */
    return sound ? RESPONSE_HEADERS : RESPONSE_BROKEN;
}

static bool name_is(Slice name, const char *wanted) {
    return name.length == strlen(wanted) && strncasecmp(name.at, wanted, name.length) == 0;
}

static bool name_starts(Slice name, const char *prefix) {
    return name.length > strlen(prefix) && strncasecmp(name.at, prefix, strlen(prefix)) == 0;
}

/* A whole line or nothing. */
static void keep_limit(VenueResponse *response, Slice name, Slice value) {
    size_t used = strlen(response->limits);
    Text text = text_in(response->limits + used, sizeof response->limits - used);
    text_format(&text, "%S: %S\n", name, value);
    text_end(&text);
    if (text.overflow || memchr(text.at, 0, text.length)) response->limits[used] = 0;
}

static bool take_length(VenueResponse *response, Slice value) {
    int64_t length = 0;
    if (!slice_int(value, &length) || length < 0 || value.at[0] == '-') return false;
    if (response->has_length && response->left != (uint64_t)length) return false;
    response->has_length = true;
    response->left = (uint64_t)length;
    return true;
}

static ResponseStage read_header(VenueResponse *response, Slice line) {
    const char *colon = memchr(line.at, ':', line.length);
    if (!colon || colon == line.at) return RESPONSE_BROKEN;
    Slice name = {line.at, (size_t)(colon - line.at)};
    Slice value = slice_trim((Slice){colon + 1, line.length - name.length - 1});
    bool sound = true;
    int64_t seconds;
    if (name_is(name, "Content-Length")) {
        sound = take_length(response, value);
    } else if (name_is(name, "Transfer-Encoding")) {
        sound = name_is(value, "chunked") && !response->is_chunked;
        response->is_chunked = true;
    } else if (name_is(name, "Content-Encoding")) {
        sound = name_is(value, "identity"); /* another was not asked for */
    } else if (name_is(name, "Connection")) {
        if (name_is(value, "close")) response->closes = true;
    } else if (name_is(name, "Retry-After")) {
        if (slice_int(value, &seconds) && seconds >= 0 && seconds <= 1000000000)
            response->retry_after_s = seconds;
    } else if (name_starts(name, "x-mbx-used-weight") || name_starts(name, "x-mbx-order-count")) {
        keep_limit(response, name, value);
    }
    return sound ? RESPONSE_HEADERS : RESPONSE_BROKEN;
}

static ResponseStage head_ends(VenueResponse *response) {
    if (response->status == 101) return RESPONSE_BROKEN; /* nobody asked for another protocol */
    if (response->status < 200) { /* an interim answer: the real one follows */
        response->has_length = response->is_chunked = false;
        response->left = 0;
        return RESPONSE_STATUS;
    }
    if (response->status == 204 || response->status == 304) return RESPONSE_COMPLETE;
    if (response->is_chunked && response->has_length) response->closes = true; /* RFC 9112, 6.1 */
    if (response->is_chunked) return RESPONSE_CHUNK_SIZE;
    if (response->has_length) return response->left ? RESPONSE_SIZED : RESPONSE_COMPLETE;
    response->closes = true;
    return RESPONSE_UNTIL_CLOSE;
}

/* ---- the body ------------------------------------------------------------------------------ */

static ResponseStage read_chunk_size(VenueResponse *response, Slice line) {
    uint64_t size = 0;
    size_t digits = 0;
    for (; digits < line.length && digits < 9; digits++) {
        const char *hex = "0123456789abcdef", *at = strchr(hex, line.at[digits] | 0x20);
        if (!at || line.at[digits] == 0 || !memchr("0123456789abcdefABCDEF", line.at[digits], 22))
            break;
        size = size * 16 + (uint64_t)(at - hex);
    }
    bool ends = digits == line.length || line.at[digits] == ';' || line.at[digits] == ' ';
    if (digits == 0 || digits > 8 || !ends) return RESPONSE_BROKEN;
    response->left = size;
    return size ? RESPONSE_CHUNK : RESPONSE_TRAILERS;
}

static ResponseStage read_line(VenueResponse *response, Slice line) {
    switch (response->stage) {
    case RESPONSE_STATUS:
        return read_status(response, line);
    case RESPONSE_HEADERS:
        return line.length ? read_header(response, line) : head_ends(response);
    case RESPONSE_CHUNK_SIZE:
        return read_chunk_size(response, line);
    case RESPONSE_CHUNK_END:
        return line.length ? RESPONSE_BROKEN : RESPONSE_CHUNK_SIZE;
    default: /* RESPONSE_TRAILERS */
        return line.length ? RESPONSE_TRAILERS : RESPONSE_COMPLETE;
    }
}

/* Up to the line's end; the bytes used. */
static size_t take_line(VenueResponse *response, Slice bytes) {
    const char *end = memchr(bytes.at, '\n', bytes.length);
    size_t used = end ? (size_t)(end - bytes.at) + 1 : bytes.length;
    bool fits = response->line_length + used <= sizeof response->line;
    response->head += used;
    if (!fits || response->head > RESPONSE_HEAD_MAX + FRAMING_MAX * response->received) {
        response->stage = RESPONSE_BROKEN;
        return used;
    }
    memcpy(response->line + response->line_length, bytes.at, used);
    response->line_length += used;
    if (!end) return used;
    size_t length = response->line_length - 1;
    if (length && response->line[length - 1] == '\r') length--;
    response->line_length = 0;
    response->stage = read_line(response, (Slice){response->line, length});
    return used;
}

static void keep(VenueResponse *response, Slice bytes) {
    size_t room = response->capacity - 1 - response->length;
    size_t count = bytes.length < room ? bytes.length : room;
    memcpy(response->body + response->length, bytes.at, count);
    response->length += count;
    response->received += bytes.length;
    if (count < bytes.length || memchr(bytes.at, 0, count)) response->cut = true;
}

/* A body that is cut and far from its end: what there is, is the answer; the connection goes. */
static bool is_endless(const VenueResponse *response) {
    return response->cut && (response->received > RESPONSE_DRAIN_MAX ||
                             (response->has_length && response->left > RESPONSE_DRAIN_MAX));
}

static size_t take_body(VenueResponse *response, Slice bytes) {
    bool until_close = response->stage == RESPONSE_UNTIL_CLOSE;
    size_t used = bytes.length;
    if (!until_close && used > response->left) used = (size_t)response->left;
    keep(response, (Slice){bytes.at, used});
    if (!until_close) response->left -= used;
    if (is_endless(response)) {
        response->closes = true;
        response->stage = RESPONSE_COMPLETE;
    } else if (!until_close && response->left == 0) {
        response->stage =
            response->stage == RESPONSE_SIZED ? RESPONSE_COMPLETE : RESPONSE_CHUNK_END;
    }
    return used;
}

static void finish(VenueResponse *response) {
    response->body[response->length] = 0;
    if (response->stage == RESPONSE_BROKEN) response->closes = true;
}

bool venue_response_take(VenueResponse *response, Slice bytes) {
    while (bytes.length > 0 && response->stage < RESPONSE_COMPLETE) {
        bool in_body = response->stage == RESPONSE_SIZED || response->stage == RESPONSE_CHUNK ||
                       response->stage == RESPONSE_UNTIL_CLOSE;
        size_t used = in_body ? take_body(response, bytes) : take_line(response, bytes);
        bytes = (Slice){bytes.at + used, bytes.length - used};
    }
    if (response->stage < RESPONSE_COMPLETE) return true;
    if (bytes.length > 0) response->closes = true;
    finish(response);
    return false;
}

void venue_response_end(VenueResponse *response) {
    response->closes = true;
    if (response->stage == RESPONSE_UNTIL_CLOSE)
        response->stage = RESPONSE_COMPLETE;
    else if (response->stage < RESPONSE_COMPLETE)
        response->stage = RESPONSE_BROKEN;
    finish(response);
}
