/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything has a limit, and every limit its reason. Relations between limits are asserted at
 * compile time.
 */
#ifndef CORE_BASE_LIMITS_H
#define CORE_BASE_LIMITS_H

#define LIMIT_SYMBOLS                                                                              \
    32 /* watched at once; the mission names 5; one page of a screen holds about 30 */
#define LIMIT_SYMBOL_TEXT                                                                          \
    24 /* 20 characters of the venue's longest name, room for UTF-8, closing zero */
#define LIMIT_ASSET_TEXT 16 /* venue assets have up to 13 characters */
#define LIMIT_CANDLES                                                                              \
    2000 /* closed candles kept in memory per symbol and interval (issue: memory figure) */
#define LIMIT_SERVICES    32  /* 15 services of the mission, the paper venue, room */
#define LIMIT_TIMERS      256 /* 8 per service */
#define LIMIT_OPEN_ORDERS 64  /* 2 per symbol: one entry or exit, one protection */
#define LIMIT_TURN_BYTES                                                                           \
    (8u << 20) /* messages of one instant: 32 symbols x 7 intervals x 1 KiB, and room for signals  \
                */
#define LIMIT_TURN_MESSAGES 20000 /* of one instant: more is a loop between services */
#define LIMIT_PAYLOAD       65536 /* largest message struct: an outside answer of 60,000 bytes */
#define LIMIT_HELD_SIGNALS                                                                         \
    4096 /* signals whose outcome is not known yet: 32 symbols x 1 a minute x 2 hours */

/* ---- the simulated exchange ------------------------------------------------------------------ */
#define LIMIT_EXCHANGE_ACCOUNTS  8   /* bots tried against one another in one market */
#define LIMIT_EXCHANGE_ASSETS    64  /* a base and a quote for every symbol */
#define LIMIT_EXCHANGE_OPEN      256 /* open orders of one account: 8 a symbol */
#define LIMIT_EXCHANGE_OPEN_PAIR 200 /* the venue's MAX_NUM_ORDERS */
#define LIMIT_EXCHANGE_STOPS     5   /* the venue's MAX_NUM_ALGO_ORDERS */
#define LIMIT_EXCHANGE_ICEBERGS  5   /* the venue's MAX_NUM_ICEBERG_ORDERS */
#define LIMIT_EXCHANGE_PARTS     100 /* the venue's ICEBERG_PARTS since 2026-03 */
#define LIMIT_EXCHANGE_STANDING                                                                    \
    1600                           /* orders that stand on one side of one pair: of all accounts */
#define LIMIT_EXCHANGE_LEGS      3 /* orders of one list: a working one and two that wait for it */
#define LIMIT_EXCHANGE_ORDERS    8192  /* orders remembered: a day of one every 10 seconds */
#define LIMIT_EXCHANGE_LISTS     2048  /* order lists remembered */
#define LIMIT_EXCHANGE_FILLS     16384 /* fills remembered: two an order */
#define LIMIT_EXCHANGE_PREVENTED 1024  /* prevented matches remembered: two answers' worth */
#define LIMIT_EXCHANGE_AMENDED   1024  /* amendments remembered, likewise */
#define LIMIT_EXCHANGE_LEVELS    100  /* of each side of the book: what a client asks for unasked */
#define LIMIT_EXCHANGE_PRINTS    1000 /* public trades remembered: the most that one call may ask */
#define LIMIT_EXCHANGE_BARS      44640 /* minutes of history a symbol: a month, for backtests */
#define LIMIT_EXCHANGE_CLIENT_ID 37    /* 36 characters and a closing zero */
/* Fills of one call. Each ends a taker, a level of the book, an order that rests, or a part of an
 * iceberg. */
#define LIMIT_EXCHANGE_FILLS_AT_ONCE                                                               \
    (2 * LIMIT_EXCHANGE_STANDING + 2 * LIMIT_EXCHANGE_LEVELS +                                     \
     LIMIT_EXCHANGE_ACCOUNTS * LIMIT_EXCHANGE_ICEBERGS * LIMIT_EXCHANGE_PARTS)
/* Events of one call: a fill says four (a report and a position, of two sides), an order that
 * begins or ends three. */
#define LIMIT_EXCHANGE_EVENTS 65536

_Static_assert(LIMIT_EXCHANGE_ASSETS >= 2 * LIMIT_SYMBOLS, "every symbol has two assets");
_Static_assert(LIMIT_EXCHANGE_EVENTS >=
                   4 * LIMIT_EXCHANGE_FILLS_AT_ONCE + 6 * 3 * LIMIT_EXCHANGE_STANDING,
               "what one price can make happen fits into the queue");
_Static_assert(LIMIT_EXCHANGE_FILLS >= 2 * LIMIT_EXCHANGE_FILLS_AT_ONCE,
               "the fills of one call are remembered until their events are taken");
_Static_assert(LIMIT_EXCHANGE_ORDERS >= 4 * LIMIT_EXCHANGE_OPEN * LIMIT_EXCHANGE_ACCOUNTS,
               "places of closed orders are found soon");
_Static_assert(LIMIT_EXCHANGE_LISTS >= LIMIT_EXCHANGE_OPEN * LIMIT_EXCHANGE_ACCOUNTS / 2,
               "open lists have at least two open orders, or one that ends them");
_Static_assert(LIMIT_EXCHANGE_STANDING >= LIMIT_EXCHANGE_ACCOUNTS * LIMIT_EXCHANGE_OPEN_PAIR,
               "every open order of a pair may stand on one side");

_Static_assert(LIMIT_OPEN_ORDERS >= 2 * LIMIT_SYMBOLS,
               "every symbol may hold an entry and a protection");

#endif
