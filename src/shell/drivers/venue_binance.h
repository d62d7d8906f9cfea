/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transport to Binance, or to what speaks like it: requests that the core has made leave by
 * REST, signed, each exactly once; the account's events come by the WebSocket API; the venue's
 * clock is sampled. Nothing is ever sent again here, whatever happens: what was not answered
 * completely is told as lost, and only what certainly never left as not sent. Keys go over TLS
 * alone (plain http: this machine's own addresses), certificates are verified, redirects are not
 * followed, every answer is bounded. The plan's signer is moved in by venue_binance_open: the
 * caller's is wiped. Whoever opened the VenuePort closes it; it serves on when an engine before it
 * has failed.
 */
#ifndef SHELL_DRIVERS_VENUE_BINANCE_H
#define SHELL_DRIVERS_VENUE_BINANCE_H

#include "shell/drivers/binance_pace.h"
#include "shell/drivers/signer.h"
#include "shell/drivers/venue_port.h"

#define VENUE_ANSWER_MAX                                                                           \
    (8u << 20) /* an answer to the arming checks: exchangeInfo of all symbols */

typedef struct VenueBinancePlan {
    const char *rest_url;   /* "https://api.binance.com" */
    const char *ws_api_url; /* "wss://ws-api.binance.com:443/ws-api/v3" */
    bool allow_plain_http;  /* for what needs no key; with one, plain is for this machine only */
    Signer *signer;         /* venue_binance_open moves it in */
    unsigned answer_timeout_ms;
    int32_t recv_window_ms;
    VenueIdentity identity;
    const BinancePace *pace; /* of the account's stream; NULL: the standard one */
} VenueBinancePlan;

/* Takes no network: an address that is refused or a thread that does not start is the Error;
 * whether the venue can be reached is told later, as messages. */
VenuePort *venue_binance_open(const VenueBinancePlan *plan, Error *error) MUST_USE;

/* ---- before arming: one question after the other, waiting for each ---- */

typedef struct VenueAnswer {
    int status;            /* of HTTP; an answer of any status is an answer */
    int64_t retry_after_s; /* -1: not told */
    size_t length;
    char *body; /* ends with a zero; owned until venue_answer_free */
} VenueAnswer;

/* The venue's clock, from the best of five samples. */
bool venue_binance_clock(const VenueBinancePlan *plan, VenueClock *clock, Error *error) MUST_USE;
/* One GET. `path`: "/api/v3/account", or "/api/v3/exchangeInfo?symbol=BTCUSDC" with its parameters
 * percent-encoded. With a clock it is signed: time, window and signature are added; NULL: a public
 * question, without the key. False: no answer came, and why. */
bool venue_binance_ask(const VenueBinancePlan *plan, const char *path, const VenueClock *clock,
                       VenueAnswer *answer, Error *error) MUST_USE;
void venue_answer_free(VenueAnswer *answer);

#endif
