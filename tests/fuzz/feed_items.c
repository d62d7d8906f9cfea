/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a feed, and as the headers of an answer: reading ends, stays inside, and what comes
 * out is one JSON document, or a wait that a message can hold. */
#include <stdlib.h>

#include "core/base/json.h"
#include "shell/outside/feed_items.h"
#include "shell/outside/outside_headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void expect(bool condition) {
    if (!condition) abort();
}

static void read_feed(Slice xml, const char *charset, size_t room) {
    static char memory[60000];
    Text json = text_in(memory, room);
    Error error;
    bool cut;
    if (!feed_items_read(xml, charset, &json, &cut, &error)) return;
    expect(!json.overflow && json_valid((Slice){json.at, json.length}));
}

static void read_headers(Slice lines) {
    OutsideHeaders headers;
    outside_headers_begin(&headers);
    while (lines.length) {
        const char *end = memchr(lines.at, '\n', lines.length);
        size_t length = end ? (size_t)(end + 1 - lines.at) : lines.length;
        outside_headers_line(&headers, (Slice){lines.at, length}, 1700000000000000);
        lines = (Slice){lines.at + length, lines.length - length};
    }
    expect(headers.retry_after_ms >= -1 && headers.retry_after_ms <= 1000000000000);
    expect(headers.should_retry >= -1 && headers.should_retry <= 1);
    expect(!strpbrk(headers.etag, "\r\n") && !strpbrk(headers.request_id, "\r\n"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    Slice text = {(const char *)bytes, count};
    read_feed(text, "", 60000);
    read_feed(text, "", 300);
    read_feed(text, "windows-1252", 60000);
    read_headers(text);
    return 0;
}
