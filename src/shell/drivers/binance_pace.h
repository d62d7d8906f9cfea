/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The times by which the live Binance feed lives, in one struct, so that a test can shorten them.
 * The standard values have their reasons beside them. Constants.
 */
#ifndef SHELL_DRIVERS_BINANCE_PACE_H
#define SHELL_DRIVERS_BINANCE_PACE_H

#include "shell/drivers/feed.h"

typedef struct BinancePace {
    unsigned connect_ms;       /* longest handshake of a stream */
    unsigned request_ms;       /* longest REST call: the venue itself gives up after 10 s */
    unsigned backoff_first_ms; /* doubling per failure, full jitter */
    unsigned backoff_max_ms;
    unsigned steady_ms;     /* a connection that lived this long forgets earlier failures */
    unsigned silent_ms;     /* no frame at all: dead, though the socket may look open */
    unsigned kline_owed_ms; /* a symbol's closed candle is missing this long after its open */
    unsigned renew_ms;      /* the venue cuts at 24 h: be first, with overlap */
    unsigned overlap_ms;    /* both connections are read this long after the new one speaks */
    unsigned price_gap_ms;  /* at most one price event a symbol */
    unsigned refill_ms;     /* REST may lag behind the stream: pause before asking again */
} BinancePace;

extern const BinancePace binance_pace_standard;

/* feed_binance_open with times of one's own; `pace` is copied. */
Feed *feed_binance_open_paced(const FeedBinancePlan *plan, const BinancePace *pace, Error *error);

#endif
