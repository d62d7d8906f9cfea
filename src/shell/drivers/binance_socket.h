/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live connection to Binance's combined streams (libwebsockets): one thread of its own that
 * connects, reads whole text frames, answers pings, and connects again when the link is lost, after
 * a wait that doubles with every failure and is drawn at random from nothing to its full length.
 * Before the venue's 24 hours are over, or when the venue announces its shutdown, a second
 * connection is opened; when it speaks, both are read for a while, then the old one is closed, so
 * that nothing falls between: whoever hears frames drops what comes twice. All callbacks come from
 * that thread and must not block. The caller owns the BinanceSocket from open to close.
 */
#ifndef SHELL_DRIVERS_BINANCE_SOCKET_H
#define SHELL_DRIVERS_BINANCE_SOCKET_H

#include "core/base/text.h"
#include "shell/drivers/binance_address.h"
#include "shell/drivers/binance_pace.h"

typedef enum BinanceSocketState {
    BINANCE_SOCKET_UP,     /* frames may come now; what came before has a gap behind it */
    BINANCE_SOCKET_DOWN,   /* lost or refused: text says why and when it is tried again */
    BINANCE_SOCKET_SILENT, /* no frame for too long: being replaced */
    BINANCE_SOCKET_RENEWED /* a second connection took over without a gap */
} BinanceSocketState;

typedef struct BinanceSocketPlan {
    const BinanceAddress *address;
    const char *path; /* behind the address's own */
    const BinancePace *pace;
    uint64_t seed; /* of the random waits */
    void *context;
    void (*on_frame)(void *context, Slice frame);
    void (*on_state)(void *context, BinanceSocketState state, const char *text);
    void (*on_tick)(void *context); /* twenty times a second */
    /* The frame that is sent on every new connection, before any is heard; false: hang up. NULL:
     * none. With it the connection is asked for signs of life (pings), since an account may be
     * silent for days; without, `pace->silent_ms` judges. */
    bool (*on_greet)(void *context, Text *frame);
    bool (*may_connect)(void *context); /* false: not now. NULL: always */
} BinanceSocketPlan;

typedef struct BinanceSocket BinanceSocket;

/* Everything of the plan but `context` is copied. */
BinanceSocket *binance_socket_open(const BinanceSocketPlan *plan, Error *error);
/* From within a callback: close what is connected and connect anew; or open a second connection
 * beside it. */
void binance_socket_drop(BinanceSocket *socket, const char *reason);
void binance_socket_renew(BinanceSocket *socket);
/* Ends the thread in less than a second and calls back no more. A thread that hangs in a look-up of
 * names is left behind with its own memory. */
void binance_socket_close(BinanceSocket *socket);

#endif
