/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a request that anybody on the network may write: arguments behind the question mark,
 * the cookie, the Host, what encodings are accepted. Pure parsing over bytes of the caller; nothing
 * here trusts a length or a zero at the end, and a fuzzer runs over all of it
 * (tests/fuzz/web_query.c). Everything is a plain value.
 */
#ifndef SHELL_WEB_WEB_QUERY_H
#define SHELL_WEB_WEB_QUERY_H

#include "core/base/text.h"

#define WEB_ROWS_MAX 2000 /* rows of one answer: LIMIT_CANDLES, and what a page can show */

typedef struct WebQuery {
    char symbol[24], interval[8], service[32], id[40]; /* empty: not given */
    unsigned limit, points;                    /* 0: not given */
    const char *fault;                         /* name of the first argument with a bad value */
} WebQuery;

/* One "name=value", percent signs resolved. Names that nobody knows are stepped over. */
void web_query_take(WebQuery *query, Slice argument);
/* The value of a cookie; false if it is absent, empty or does not fit. */
bool web_query_cookie(Slice header, const char *name, char *target, size_t capacity) MUST_USE;
/* "br" or "gzip" is named in Accept-Encoding without q=0. */
bool web_query_accepts(Slice header, const char *encoding);
/* If-None-Match holds the tag, or is a star. */
bool web_query_has_tag(Slice header, const char *tag);
/* The Host is one of ours: localhost, 127.0.0.1, [::1] or the configured name, with our port (80
 * may be left out). A page of another name that points to this address (DNS rebinding) does not
 * pass. Listening on all addresses (0.0.0.0, ::) any address in digits passes, and any port,
 * because a container's may be mapped. */
bool web_query_host_fits(Slice host, const char *configured, unsigned port);

#endif
