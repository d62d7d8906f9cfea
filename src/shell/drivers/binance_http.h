/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET requests to Binance's public REST host (libcurl): one connection kept alive, TLS verified,
 * HTTPS_PROXY and NO_PROXY honoured, no redirects, bodies bounded. The venue's wishes are kept
 * here: after 429 or 418 nothing is asked before Retry-After has passed, and calls pause when four
 * fifths of the minute's weight are used. Whatever goes wrong becomes one line: the name, the
 * proxy, the time, TLS, or what the venue says. One thread at a time uses it; `stop` may be set by
 * any thread and ends a request within a tenth of a second. The body of a reply belongs to the
 * object until the next request.
 */
#ifndef SHELL_DRIVERS_BINANCE_HTTP_H
#define SHELL_DRIVERS_BINANCE_HTTP_H

#include <stdatomic.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "shell/drivers/binance_address.h"

#define BINANCE_BODY_MAX (32u << 20) /* full exchange information has about 20 MB */

typedef struct BinanceHttp {
    void *easy, *multi;
    const atomic_bool *stop;
    char base[640];
    char *body;
    size_t length, capacity;
    bool too_long;
    long status;
    int64_t retry_after_s;     /* of the last reply; -1: none */
    int64_t used_weight;       /* of this minute, as the venue counts; 0: not told */
    int64_t weight_per_minute; /* 0: not known */
    int64_t blocked_until_us;  /* monotonic: ask nothing before */
    uint64_t requests;
} BinanceHttp;

bool binance_http_open(BinanceHttp *http, const BinanceAddress *address, const atomic_bool *stop,
                       Error *error) MUST_USE;
void binance_http_close(BinanceHttp *http);
/* True with the body of a 200. Else an Error (`retry_helps` says whether it may pass) and `status`
 * (0: no answer). Does not wait for a block to end: asks nothing then, and says so. */
bool binance_http_get(BinanceHttp *http, const char *path, unsigned timeout_ms, Slice *body,
                      Error *error) MUST_USE;
/* Microseconds to wait before a call of `weight` is welcome; 0: now. */
int64_t binance_http_wait_us(const BinanceHttp *http, int64_t weight, int64_t venue_now_us);
int64_t binance_http_now_us(void); /* monotonic, suspend included */

#endif
