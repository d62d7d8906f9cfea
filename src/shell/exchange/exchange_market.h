/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The market of the simulated exchange: a feed of minutes (recorded or generated) played at a pace;
 * or recorded trades, played print by print; or the live prices of another venue as they come.
 * First come the minutes of the past, all at once; then each minute is walked step by step
 * (core/sim/bar_path.h), so many times as fast as the clock. A generated market ends its past now,
 * so that at speed 1 its time is the clock's; a recorded one keeps the times of its file. Behind a
 * restart a recording goes on where it stood; a generated market goes on now, at the last price.
 * The ExchangeMarket owns the feed; the Exchange is the caller's.
 */
#ifndef SHELL_EXCHANGE_EXCHANGE_MARKET_H
#define SHELL_EXCHANGE_EXCHANGE_MARKET_H

#include "core/sim/exchange.h"
#include "shell/drivers/feed.h"
#include "shell/store/trade_merge.h"

typedef struct MarketMinute {
    Bar bar;
    int pair; /* of the exchange */
} MarketMinute;

typedef enum MarketSource {
    MARKET_MINUTES, /* recorded or generated */
    MARKET_LIVE,    /* another venue's prices as they come: paper trading on a live market */
    MARKET_TRADES   /* recorded trades, each a print */
} MarketSource;

typedef struct ExchangeMarket {
    MarketSource source;
    Feed *feed;         /* NULL: MARKET_TRADES */
    TradeMerge *trades; /* MARKET_TRADES */
    Exchange *exchange;
    double speed;
    int64_t now_us;                /* of the market */
    int64_t begun_us, begun_at_us; /* market time and monotonic clock of the begin */
    int64_t minute_us;             /* of the minute that is played; 0: none yet */
    unsigned count, step;          /* minutes of the pairs; the next step */
    MarketMinute minutes[LIMIT_SYMBOLS];
    const int64_t *jump_ppm; /* of each pair, 0: none; the server's */
    FeedEvent waiting;       /* the first of the next minute */
    TradeRow trade;          /* MARKET_TRADES: the next; */
    unsigned trade_pair;     /* and whose it is */
    bool has_waiting, ended;
    int64_t told_us;                /* minutes up to this one were told by an earlier run */
    bool fits;                      /* a generated market goes on at the last price: */
    int64_t fit_ppm[LIMIT_SYMBOLS]; /* its factor; 0: not known yet */
} ExchangeMarket;

typedef struct ExchangeMarketPlan {
    MarketSource source;
    FeedReplayPlan replay; /* path_count 0: generated */
    FeedGeneratedPlan generated;
    FeedBinancePlan live;
    TradeMergePlan trades;
    unsigned history_minutes;
    double speed;
    bool resumes; /* the exchange has a market of an earlier run */
} ExchangeMarketPlan;

/* Called after each print. */
typedef void ExchangeHeard(void *context, unsigned pair, bool closed);

bool exchange_market_open(ExchangeMarket *market, Exchange *exchange,
                          const ExchangeMarketPlan *plan, Error *error) MUST_USE;
/* Plays what is due. false: the feed failed. At the end of its data the market stands still. */
bool exchange_market_play(ExchangeMarket *market, ExchangeHeard *heard, void *context,
                          Error *error) MUST_USE;
int64_t exchange_market_now_us(const ExchangeMarket *market);
void exchange_market_close(ExchangeMarket *market);

#endif
