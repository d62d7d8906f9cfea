/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to the venue's REST host, one request at a time on it. libcurl resolves the name,
 * passes the proxy and does TLS, verified (CURLOPT_CONNECT_ONLY); what is said over it is ours. So
 * nothing below us can send a request twice: libcurl repeats a POST on a new connection when a kept
 * one dies before the first byte of the answer, which is right for pages and wrong for orders. And
 * it is known whether a byte has left. A VenueWire belongs to whoever opened it; one thread at a
 * time uses it.
 */
#ifndef SHELL_DRIVERS_VENUE_WIRE_H
#define SHELL_DRIVERS_VENUE_WIRE_H

#include "shell/drivers/binance_address.h"
#include "shell/drivers/signer.h"
#include "shell/drivers/venue_response.h"

/* Head, parameters and signature of one request. */
#define WIRE_REQUEST_MAX (SIGNER_PAYLOAD_MAX + 2048)

typedef struct VenueWire {
    void *easy;   /* libcurl's; NULL: none */
    int socket;   /* -1: not connected */
    bool is_bare; /* neither TLS nor a proxy: the socket carries our bytes as they are */
    size_t length, sent;
    char bytes[WIRE_REQUEST_MAX]; /* the request that is on its way */
} VenueWire;

/* What goes out: a request without a signer goes unsigned and without a key. */
typedef struct WireRequest {
    const char *method, *path;
    Slice parameters; /* percent-encoded */
    bool is_signed;
    int64_t timestamp_ms; /* as inside the parameters */
    int32_t window_ms;
} WireRequest;

/* Begins to connect when the handle `easy` is performed (alone or in a multi handle). */
bool venue_wire_open(VenueWire *wire, const BinanceAddress *address, unsigned connect_ms,
                     Error *error) MUST_USE;
/* After performing: whether it is connected; else why not, in one line. */
bool venue_wire_connected(VenueWire *wire, int result, Text *why) MUST_USE;
void venue_wire_close(VenueWire *wire);

/* Nothing came and nobody hung up since the last answer. */
bool venue_wire_is_quiet(VenueWire *wire);
/* Makes the bytes of a request, signed; nothing is sent. `now_ms` by the venue's clock. */
bool venue_wire_write(VenueWire *wire, const BinanceAddress *address, const WireRequest *request,
                      const Signer *signer, int64_t now_ms, Error *error) MUST_USE;

typedef enum WireStep {
    WIRE_GOING, /* more is to be sent or read when the socket is ready */
    WIRE_DONE,  /* all is sent; or the answer is complete */
    WIRE_LOST   /* broken: nobody knows */
} WireStep;

WireStep venue_wire_send(VenueWire *wire);
WireStep venue_wire_receive(VenueWire *wire, VenueResponse *response);

#endif
