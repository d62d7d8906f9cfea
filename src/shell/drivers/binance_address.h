/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of a host of the venue: taken apart, judged, and the proxy that leads to it. Without
 * TLS only the own machine is spoken to, unless the operator allows it. The proxy is that of
 * HTTPS_PROXY (http_proxy for plain addresses, in lower case only, as curl has it), not used for
 * the own machine and the hosts of NO_PROXY. Plain values.
 */
#ifndef SHELL_DRIVERS_BINANCE_ADDRESS_H
#define SHELL_DRIVERS_BINANCE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

typedef struct BinanceAddress {
    bool is_secure;
    char host[256]; /* a name or an address, without brackets */
    uint16_t port;
    char path[256];  /* before the venue's own path; empty or starting with / and not ending with it
                      */
    char proxy[300]; /* user:password@host:port, or empty */
} BinanceAddress;

/* http, https, ws or wss. */
bool binance_address_read(const char *url, bool allow_plain, BinanceAddress *address,
                          Error *error) MUST_USE;
bool binance_address_is_own(const char *host);

#endif
