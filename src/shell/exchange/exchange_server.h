/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated exchange on a port: Binance's REST, market streams (/ws, /stream) and WebSocket API
 * (/ws-api/v3) on plain HTTP of the own machine. One thread does everything: it plays the market,
 * answers requests, and tells the streams, so that no order ever meets half a print. The server
 * owns the sockets; plan and market are the caller's.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_SERVER_H
#define SHELL_EXCHANGE_EXCHANGE_SERVER_H

#include <stdatomic.h>

#include "shell/exchange/exchange_key.h"
#include "shell/exchange/exchange_market.h"

typedef struct ExchangeServer ExchangeServer;

typedef struct ExchangeServerPlan {
    const ExchangeKeyring *keys;
    unsigned port;      /* 0: a free one */
    int64_t session_us; /* a WebSocket ends after so long */
    const char *state;  /* directory in which accounts and orders survive; NULL: they do not */
    bool has_no_limits; /* of weight, orders and connections */
} ExchangeServerPlan;

/* NULL with the Error if it cannot listen. */
ExchangeServer *exchange_server_open(ExchangeMarket *market, const ExchangeServerPlan *plan,
                                     Error *error);
unsigned exchange_server_port(const ExchangeServer *server);
/* Until `stop` is set or the feed fails (false). */
bool exchange_server_run(ExchangeServer *server, const atomic_bool *stop, Error *error) MUST_USE;
void exchange_server_close(ExchangeServer *server);

#endif
