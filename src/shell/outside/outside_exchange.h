/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question on its way: the easy handle of libcurl, what has come of the answer so far, and what
 * that amounts to. The wire (outside_wire.c) owns it from begin to free and runs it.
 */
#ifndef SHELL_OUTSIDE_OUTSIDE_EXCHANGE_H
#define SHELL_OUTSIDE_OUTSIDE_EXCHANGE_H

#include <curl/curl.h>

#include "shell/outside/outside_headers.h"
#include "shell/outside/outside_target.h"

#define OUTSIDE_HOPS_MAX 5 /* what browsers allow many times over; a feed needs one or two */

typedef struct OutsideExchange OutsideExchange;
struct OutsideExchange {
    OutsideExchange *next;
    OutsideRequest request;
    OutsideTarget target;
    bool is_token; /* asks for Reddit's token first */
    CURL *easy;
    struct curl_slist *header_list;
    OutsideHeaders heard;
    char *body;
    size_t length, capacity, limit;
    bool is_too_long;
    int64_t began_us; /* monotonic */
    unsigned hops;
    bool is_guarded; /* behind a redirect: not to a private address */
};

/* Takes the request over by copy; NULL: no memory. */
OutsideExchange *outside_exchange_new(const OutsideRequest *request);
/* Makes the easy handle ready for the target. False: no memory. */
bool outside_exchange_prepare(OutsideExchange *exchange) MUST_USE;
/* NULL if the answer says to go on elsewhere and the handle is ready for that; else why not, or an
 * empty text where it says no such thing. */
const char *outside_exchange_redirect(OutsideExchange *exchange);
/* What came, as a reply. */
void outside_exchange_reply(OutsideExchange *exchange, CURLcode result, OutsideReply *reply);
void outside_exchange_free(OutsideExchange *exchange);

#endif
