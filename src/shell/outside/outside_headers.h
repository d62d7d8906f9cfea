/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer's headers say that anybody needs: when to ask again (Retry-After in seconds, with
 * decimals or as a date; retry-after-ms), whether to (x-should-retry), the source's own id of the
 * exchange, what to send with the next question (ETag, else Last-Modified), and the text's
 * encoding. Headers of the answer before a redirect or an interim answer are forgotten. A plain
 * value.
 */
#ifndef SHELL_OUTSIDE_OUTSIDE_HEADERS_H
#define SHELL_OUTSIDE_OUTSIDE_HEADERS_H

#include "core/base/text.h"

typedef struct OutsideHeaders {
    int64_t retry_after_ms; /* -1: not told */
    int should_retry;       /* -1: not told, 0, 1 */
    char request_id[80], etag[160];
    bool etag_is_date; /* Last-Modified: an ETag takes its place */
    char charset[40];
} OutsideHeaders;

void outside_headers_begin(OutsideHeaders *headers);
/* One line, its end included; a status line begins anew. `now_us` is the wall clock's. */
void outside_headers_line(OutsideHeaders *headers, Slice line, int64_t now_us);

#endif
