/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/outside_headers.h"

#include <curl/curl.h>
#include <strings.h>

#include "core/base/instant.h"
#include "core/base/number_text.h"

#define RETRY_MS_MAX 1000000000000LL /* of the message's field: 31 years are "never" */

void outside_headers_begin(OutsideHeaders *headers) {
    *headers = (OutsideHeaders){.retry_after_ms = -1, .should_retry = -1};
}

static bool is_named(Slice line, const char *name, Slice *value) {
    size_t length = strlen(name);
    if (line.length <= length || line.at[length] != ':' || strncasecmp(line.at, name, length) != 0)
        return false;
    *value = slice_trim((Slice){line.at + length + 1, line.length - length - 1});
    return true;
}

static void hear_wait(OutsideHeaders *headers, double milliseconds) {
    if (!(milliseconds >= 0)) return;
    headers->retry_after_ms =
        milliseconds < (double)RETRY_MS_MAX ? (int64_t)milliseconds : RETRY_MS_MAX;
}

/* RFC 9110, 10.2.3: seconds or a date; some servers write decimals. */
static void hear_retry_after(OutsideHeaders *headers, Slice value, int64_t now_us) {
    double seconds;
    char date[64];
    if (number_from_slice(value, &seconds)) {
        hear_wait(headers, seconds * 1000);
        return;
    }
    if (!slice_copy(value, date, sizeof date)) return;
    time_t at = curl_getdate(date, NULL);
    if (at < 0) return;
    int64_t wait_us = (int64_t)at * INSTANT_SECOND_US - now_us;
    hear_wait(headers, wait_us > 0 ? (double)wait_us / 1000 : 0);
}

/* What is no printable text is not repeated in a request or a log. */
static void keep(Slice value, char *target, size_t capacity) {
    for (size_t i = 0; i < value.length; i++)
        if (value.at[i] < ' ' || value.at[i] > '~') return;
    if (!slice_copy(value, target, capacity)) target[0] = 0;
}

static void hear_type(OutsideHeaders *headers, Slice value) {
    static const char key[] = "charset=";
    for (size_t i = 0; i + sizeof key - 1 < value.length; i++) {
        if (strncasecmp(value.at + i, key, sizeof key - 1) != 0) continue;
        Slice rest = {value.at + i + sizeof key - 1, value.length - i - (sizeof key - 1)};
        const char *end = memchr(rest.at, ';', rest.length);
        if (end) rest.length = (size_t)(end - rest.at);
        rest = slice_trim(rest);
        if (rest.length > 1 && rest.at[0] == '"') rest = (Slice){rest.at + 1, rest.length - 2};
        keep(rest, headers->charset, sizeof headers->charset);
        return;
    }
}

void outside_headers_line(OutsideHeaders *headers, Slice line, int64_t now_us) {
    Slice value;
    double milliseconds;
    bool etag_is_free = !headers->etag[0] || headers->etag_is_date;
    if (slice_starts(line, "HTTP/")) {
        outside_headers_begin(headers);
    } else if (is_named(line, "retry-after-ms", &value)) {
        if (number_from_slice(value, &milliseconds)) hear_wait(headers, milliseconds);
    } else if (is_named(line, "retry-after", &value)) {
        if (headers->retry_after_ms < 0) hear_retry_after(headers, value, now_us);
    } else if (is_named(line, "x-should-retry", &value)) {
        headers->should_retry = slice_is(value, "true") ? 1 : slice_is(value, "false") ? 0 : -1;
    } else if (is_named(line, "x-request-id", &value)) {
        keep(value, headers->request_id, sizeof headers->request_id);
    } else if (is_named(line, "etag", &value) && etag_is_free) {
        keep(value, headers->etag, sizeof headers->etag);
        headers->etag_is_date = false;
    } else if (is_named(line, "last-modified", &value) && !headers->etag[0]) {
        keep(value, headers->etag, sizeof headers->etag);
        headers->etag_is_date = headers->etag[0] != 0;
    } else if (is_named(line, "content-type", &value)) {
        hear_type(headers, value);
    }
}
