/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated exchange's budgets, as the venue documents them (Binance Spot API, "Limits"):
 * request weight a minute and raw requests in five minutes of each address, attempts to connect,
 * unfilled orders in ten seconds and a day of each account. Windows are aligned to the clock. What
 * is over is refused with 429 until the window ends; an address that goes on all the same is banned
 * with 418, for two minutes first, doubled each time up to three days. The first fill of an order
 * gives its place in the order count back, a maker's with a bonus. Plain values; the caller owns
 * them.
 */
#ifndef CORE_SIM_EXCHANGE_LIMIT_H
#define CORE_SIM_EXCHANGE_LIMIT_H

#include "core/sim/exchange.h"

#define EXCHANGE_WEIGHT_MAX     6000   /* a minute: the venue's REQUEST_WEIGHT */
#define EXCHANGE_RAW_MAX        300000 /* in five minutes: RAW_REQUESTS since 2026-04-02 */
#define EXCHANGE_ORDERS_TEN_MAX 50     /* in ten seconds: ORDERS */
#define EXCHANGE_ORDERS_DAY_MAX 160000
#define EXCHANGE_CONNECTS_MAX   300 /* in five minutes */
#define EXCHANGE_IGNORED_MAX    10  /* refused calls before the ban; the venue gives no number */
#define EXCHANGE_ADDRESSES      64  /* remembered: 127.0.0.0/8 has more, the least recent goes */
#define EXCHANGE_LIMIT_ACCOUNTS 8   /* as many as an exchange has */

typedef struct ExchangeAddress {
    uint32_t address;
    int64_t seen_us;           /* 0: this place is free */
    int64_t minute_us, weight; /* begin of the window, and what was used in it */
    int64_t raw_us, raw;
    int64_t connects_us, connects;
    int64_t ignored, bans, banned_until_us;
} ExchangeAddress;

typedef struct ExchangeOrderCount {
    int64_t ten_us, ten, day_us, day;
} ExchangeOrderCount;

typedef struct ExchangeLimits {
    int64_t weight_max, raw_max, ten_max, day_max, connects_max;
    int64_t retry_us; /* when the last call that was refused may come again */
    unsigned forced;  /* a tester's 429 or 418 for everybody, until: */
    int64_t forced_until_us;
    bool placed; /* the last call has placed orders: its answer bears the counts */
    ExchangeAddress addresses[EXCHANGE_ADDRESSES];
    ExchangeOrderCount orders[EXCHANGE_LIMIT_ACCOUNTS];
} ExchangeLimits;

void exchange_limit_init(ExchangeLimits *limits);
/* One call, and what it weighs. Refused: 418 while the address is banned, 429 when it is over. */
bool exchange_limit_take(ExchangeLimits *limits, uint32_t address, int64_t weight, int64_t wall_us,
                         ExchangeFault *fault) MUST_USE;
/* Weight that comes to light behind the call: that of an order which was refused. */
void exchange_limit_charge(ExchangeLimits *limits, uint32_t address, int64_t weight,
                           int64_t wall_us);
int64_t exchange_limit_weight(ExchangeLimits *limits, uint32_t address, int64_t wall_us);
/* An attempt to connect; the WebSocket API's weighs 2. */
bool exchange_limit_connect(ExchangeLimits *limits, uint32_t address, bool is_api, int64_t wall_us,
                            ExchangeFault *fault) MUST_USE;

/* Counts so many orders, or refuses them with 429 and -1015. */
bool exchange_limit_orders(ExchangeLimits *limits, unsigned account, unsigned count,
                           int64_t wall_us, ExchangeFault *fault) MUST_USE;
/* They were refused after all: they count no longer. */
void exchange_limit_forgive(ExchangeLimits *limits, unsigned account, unsigned count);
/* An order's first fill. */
void exchange_limit_filled(ExchangeLimits *limits, unsigned account, bool maker);
ExchangeOrderCount exchange_limit_counts(ExchangeLimits *limits, unsigned account, int64_t wall_us);

#endif
