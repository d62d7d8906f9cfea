/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much may still be asked of the venue. It counts request weight per address and unfilled
 * orders per account in windows that begin on its clock (Binance Spot API, "Limits"), and says in
 * each answer what it has counted; between answers the governor counts what was sent. A share of
 * every budget is kept for what may not wait: cancels, exits, protection, and questions after an
 * order whose fate is unknown. During a ban not one request leaves, since each makes it longer. The
 * budgets are per address and key, not per program: what others use shows up in the answers. Pure;
 * a plain value without pointers, so that it may be stored; the caller owns it.
 */
#ifndef CORE_VENUES_BINANCE_GOVERNOR_H
#define CORE_VENUES_BINANCE_GOVERNOR_H

#include "core/base/text.h"
#include "core/venues/binance_error.h"

#define BINANCE_BUDGETS_MAX 12 /* the venue has five; one of each interval of each kind fits */

typedef enum BinanceBudgetKind {
    BINANCE_WEIGHT, /* request weight, per address */
    BINANCE_CALLS,  /* requests, per address */
    BINANCE_ORDERS  /* unfilled orders, per account */
} BinanceBudgetKind;

typedef struct BinanceBudget {
    BinanceBudgetKind kind;
    int64_t window_us; /* windows are multiples of it since 1970 */
    int64_t window;    /* number of the one that `used` belongs to */
    int64_t limit, used;
} BinanceBudget;

typedef struct BinanceGovernor {
    BinanceBudget budgets[BINANCE_BUDGETS_MAX];
    unsigned count;
    int64_t silent_until_us;    /* nothing leaves before it */
    int64_t no_orders_until_us; /* no new order leaves before it; cancels do */
} BinanceGovernor;

typedef enum BinanceUrgency {
    BINANCE_ROUTINE, /* leaves the reserve alone */
    BINANCE_URGENT   /* cancel, exit, protection, an order's unknown fate */
} BinanceUrgency;

/* The documented limits, until the venue's own are set: 6000 of weight a minute, 300 000 requests
 * in five, 50 orders in ten seconds, 160 000 a day. */
void binance_governor_init(BinanceGovernor *governor);
/* From exchangeInfo or an answer: "MINUTE", 1, 6000. A kind or interval that is not known, or a
 * limit of 0, changes nothing and gives false. `used` below 0: not told. */
typedef struct BinanceLimit {
    Slice kind, interval;
    int64_t intervals, limit, used;
} BinanceLimit;
bool binance_governor_limit(BinanceGovernor *governor, const BinanceLimit *limit, int64_t now_us);
/* One header of an answer, any case; false if it tells no budget. */
bool binance_governor_header(BinanceGovernor *governor, Slice name, Slice value, int64_t now_us);
void binance_governor_verdict(BinanceGovernor *governor, const BinanceVerdict *verdict);

/* 0: may be sent now; else the time before which it may not. */
int64_t binance_governor_wait(const BinanceGovernor *governor, unsigned weight, unsigned orders,
                              BinanceUrgency urgency, int64_t now_us);
/* It leaves: counted at once, since answers come late. */
void binance_governor_sent(BinanceGovernor *governor, unsigned weight, unsigned orders,
                           int64_t now_us);

#endif
