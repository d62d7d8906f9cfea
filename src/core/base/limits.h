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
#define LIMIT_PAYLOAD       32768 /* largest message struct: a venue's answer of 30,000 bytes */
#define LIMIT_HELD_SIGNALS                                                                         \
    4096 /* signals whose outcome is not known yet: 32 symbols x 1 a minute x 2 hours */

/* ---- the simulated exchange ------------------------------------------------------------------ */
#define LIMIT_EXCHANGE_ASSETS    64  /* a base and a quote for every symbol */
#define LIMIT_EXCHANGE_OPEN      256 /* open orders of the account: 8 a symbol; the venue has 200 */
#define LIMIT_EXCHANGE_OPEN_PAIR 200 /* the venue's MAX_NUM_ORDERS */
#define LIMIT_EXCHANGE_STOPS     5   /* the venue's MAX_NUM_ALGO_ORDERS */
#define LIMIT_EXCHANGE_ORDERS    4096 /* orders remembered: a day of one every 21 seconds */
#define LIMIT_EXCHANGE_LISTS     1024 /* order lists remembered */
#define LIMIT_EXCHANGE_FILLS     8192 /* fills remembered: two an order */
#define LIMIT_EXCHANGE_LEVELS    100  /* of each side of the book: what a client asks for unasked */
#define LIMIT_EXCHANGE_PRINTS    1000 /* public trades remembered: the most that one call may ask */
#define LIMIT_EXCHANGE_BARS      10080 /* minutes of history a symbol: a week */
#define LIMIT_EXCHANGE_CLIENT_ID 37    /* 36 characters and a closing zero */
/* Of one call: every stop walks the whole book and ends, every limit order fills and ends. */
#define LIMIT_EXCHANGE_EVENTS 32768

_Static_assert(LIMIT_EXCHANGE_ASSETS >= 2 * LIMIT_SYMBOLS, "every symbol has two assets");
_Static_assert(LIMIT_EXCHANGE_EVENTS >=
                   LIMIT_EXCHANGE_STOPS * LIMIT_SYMBOLS * (LIMIT_EXCHANGE_LEVELS + 8) +
                       LIMIT_EXCHANGE_OPEN * 8,
               "what one price can make happen fits into the queue");
_Static_assert(LIMIT_EXCHANGE_ORDERS >= 4 * LIMIT_EXCHANGE_OPEN,
               "an open order is not overwritten soon");

_Static_assert(LIMIT_OPEN_ORDERS >= 2 * LIMIT_SYMBOLS,
               "every symbol may hold an entry and a protection");

#endif
