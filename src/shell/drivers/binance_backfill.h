/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker of the live feed: first the closed candles of the past, every interval of every
 * symbol, oldest first and the one-minute candles last, so that they are fresh; then it opens the
 * stream and waits for gaps to fill. A gap is asked for by REST until the venue has told the
 * minutes or has shown, asked several times, that it has none: then the gap is named (FEED_GAP) and
 * the feed goes on. Answers of the network are awaited without the lock. The Feed owns it.
 */
#ifndef SHELL_DRIVERS_BINANCE_BACKFILL_H
#define SHELL_DRIVERS_BINANCE_BACKFILL_H

#include "core/base/random.h"
#include "core/venues/binance_path.h"
#include "core/venues/binance_rest.h"
#include "shell/drivers/binance_http.h"
#include "shell/drivers/binance_live.h"

typedef struct BinanceWorker {
    BinanceLive *live;
    BinanceHttp http;
    BinanceAddress stream;
    unsigned backfill_bars;
    uint64_t seed;
    unsigned failures; /* of REST in a row */
    Random random;
    Bar page[BINANCE_KLINES_MAX];
    char path[BINANCE_PATH_TEXT];
} BinanceWorker;

/* The thread's function; its argument is a BinanceWorker. Ends when the live part's `stop` is set
 * and its condition broadcast. */
void *binance_backfill_run(void *argument);

#endif
