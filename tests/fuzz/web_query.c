/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes what a stranger may write into a request: arguments, cookie, Host, accepted encodings,
 * tags. What comes out must be zero-ended within its array, made of allowed characters, and within
 * its bounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/check.h"
#include "shell/web/web_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "CHECK %s:%d %s\n", file, line, text);
    abort();
}

static void must_be_a_word(const char *text, size_t capacity) {
    size_t length = strnlen(text, capacity);
    CHECK(length < capacity, "a word without an end");
    CHECK(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
              length,
          "a word with a character that is not allowed");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    /* A copy of exactly this size, so that one byte too far is seen. */
    char *copy = malloc(size ? size : 1);
    if (!copy) return 0;
    memcpy(copy, bytes, size);
    Slice text = {copy, size};
    WebQuery query = {.fault = NULL};
    char token[65] = "";
    web_query_take(&query, text);
    must_be_a_word(query.symbol, sizeof query.symbol);
    must_be_a_word(query.interval, sizeof query.interval);
    must_be_a_word(query.service, sizeof query.service);
    CHECK(query.limit <= WEB_ROWS_MAX && query.points <= WEB_ROWS_MAX, "a count beyond its bound");
    if (web_query_cookie(text, "trader_session", token, sizeof token))
        must_be_a_word(token, sizeof token);
    if (web_query_accepts(text, "br"))
        CHECK(memchr(copy, 'b', size), "an encoding that is not there");
    if (web_query_has_tag(text, "0123456789abcdef")) CHECK(size > 0, "a tag in an empty header");
    if (web_query_host_fits(text, "127.0.0.1", 8050))
        CHECK(memchr(copy, ':', size), "a Host without its port");
    if (web_query_host_fits(text, "0.0.0.0", 8050)) CHECK(size > 0, "an empty Host");
    free(copy);
    return 0;
}
