/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's "no" and what follows from it. Every documented code (Binance Spot API, "Error
 * codes") has one of five actions: ours to configure, ours to mend, the strategy's to decide, later
 * again, or nobody knows what became of the request. The last is what a code or an HTTP answer
 * means that is not known here: an order may then have been executed and is never sent again before
 * the venue was asked. Gateways answer in HTML; that is read as what its status says. Constants and
 * plain values.
 */
#ifndef CORE_VENUES_BINANCE_ERROR_H
#define CORE_VENUES_BINANCE_ERROR_H

#include "core/venues/binance_reply.h"

typedef enum BinanceAction {
    BINANCE_DONE,      /* no error */
    BINANCE_CONFIGURE, /* key, permission, region, version: stop and tell */
    BINANCE_MEND,      /* our request is wrong: not again unchanged */
    BINANCE_DECIDE,    /* refused by the market's rules: the strategy decides */
    BINANCE_LATER,     /* not done; may be tried after a pause */
    BINANCE_ASK,       /* outcome unknown: find out before anything else */
    BINANCE_ACTION_COUNT
} BinanceAction;

typedef struct BinanceErrorRow {
    int16_t code;
    BinanceAction action;
    const char *name;
} BinanceErrorRow;

/* NULL: not documented. */
const BinanceErrorRow *binance_error_find(int64_t code);
unsigned binance_error_count(void);

/* `text`: the error's own; some codes stand for several things. `changes`: the request would have
 * changed something (an order, a cancel), so that an unknown outcome matters; a question that
 * failed is merely asked again. */
BinanceAction binance_error_action(int64_t code, Slice text, bool changes);
const char *binance_action_word(BinanceAction action);

/* What the transport heard. */
typedef struct BinanceHttp {
    int status; /* 0: no answer came */
    Slice body;
    int64_t retry_after_s; /* below 0: not told */
    int64_t now_us;
    bool changes;
} BinanceHttp;

typedef struct BinanceVerdict {
    BinanceAction action;
    BinanceFault fault;      /* code 0: the body told none */
    int64_t silent_until_us; /* 0: go on; else not one request before then */
    bool is_banned;
    bool is_order_limit; /* the silence is for new orders only */
} BinanceVerdict;

void binance_error_judge(const BinanceHttp *http, BinanceVerdict *verdict);

#endif
