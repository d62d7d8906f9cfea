/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/venue_place.h"

#include <string.h>
#include <strings.h>

#include "shell/drivers/binance_address.h"

/* The host itself, or one below it. */
static bool is_below(const char *host, const char *name) {
    size_t length = strlen(host), tail = strlen(name);
    if (length < tail || strcasecmp(host + length - tail, name) != 0) return false;
    return length == tail || host[length - tail - 1] == '.';
}

/* Binance Spot API, "Testnet" and "Demo Mode": REST, streams, WebSocket API. */
static const struct {
    const char *host;
    VenuePlace place;
} PLAY[] = {{"testnet.binance.vision", PLACE_TESTNET},
            {"demo-api.binance.com", PLACE_DEMO_MODE},
            {"demo-stream.binance.com", PLACE_DEMO_MODE},
            {"demo-ws-api.binance.com", PLACE_DEMO_MODE}};

bool venue_place(const char *url, VenuePlace *place, Error *error) {
    BinanceAddress address;
    if (!binance_address_read(url, true, &address, error)) return false;
    *place = binance_address_is_own(address.host) ? PLACE_OWN : PLACE_REAL;
    for (unsigned i = 0; i < sizeof PLAY / sizeof PLAY[0]; i++)
        if (is_below(address.host, PLAY[i].host)) *place = PLAY[i].place;
    return true;
}

const char *venue_place_name(VenuePlace place) {
    static const char *const names[] = {"real money", "testnet", "demo mode", "this machine"};
    return names[place];
}
