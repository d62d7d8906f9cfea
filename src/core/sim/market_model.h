/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A market that does not exist, for the demo and the tests: minute by minute, the bars of several
 * symbols that look like those of the real one. A hidden regime (bull, bear, ranging, volatile)
 * stays for days, drives drift and volatility, and spreads from the market to its symbols; the log
 * of volatility moves on two time scales, fast with the size of each shock (after Nelson's EGARCH,
 * 1991) and slowly by itself; shocks have fat tails (Student t, 4 degrees) and a part that all
 * symbols share; jumps are rare; the UTC day has its quiet and its busy hours; volume, trades and
 * the takers' share follow size and direction of the move. Over months prices are drawn back to
 * where they started, and never leave a band around it, so that an endless demo stays sane. The
 * same seed gives the same bits everywhere; a symbol's bars do not depend on which other symbols
 * there are. A MarketModel is a plain value.
 */
#ifndef CORE_SIM_MARKET_MODEL_H
#define CORE_SIM_MARKET_MODEL_H

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/market/candle.h"
#include "core/market/symbol.h"

typedef enum MarketModelRegime {
    MARKET_MODEL_BULL,
    MARKET_MODEL_BEAR,
    MARKET_MODEL_RANGING,
    MARKET_MODEL_VOLATILE,
    MARKET_MODEL_REGIME_COUNT
} MarketModelRegime;

/* A regime and for how long it still stays. */
typedef struct MarketChain {
    Random random;
    MarketModelRegime regime;
    uint32_t minutes_left;
} MarketChain;

typedef struct MarketAsset {
    Symbol symbol;
    Random random;
    MarketChain chain;
    double start_price;
    double sigma;      /* of a minute in calm times, as a log return */
    double share;      /* of the common shock, as a correlation */
    double turnover;   /* quote asset a minute in calm times */
    double trade_size; /* quote asset a trade */
    double level;      /* log of price / start price */
    double anchor;     /* the level to which a ranging price is drawn */
    double fast, slow; /* parts of the log of volatility */
    Price close;
} MarketAsset;

typedef struct MarketModel {
    Random random;
    MarketChain chain; /* the market's regime, which most symbols follow */
    int64_t time_us;   /* open time of the next minute */
    unsigned count;
    MarketAsset assets[LIMIT_SYMBOLS]; /* sorted by name */
} MarketModel;

/* Starts at the minute that holds `start_us`. ERROR_DATA for a name that ends in no known quote
 * asset or stands there twice, ERROR_LIMIT for more than LIMIT_SYMBOLS names, ERROR_USAGE for none.
 */
bool market_model_init(MarketModel *model, uint64_t seed, int64_t start_us, const SymbolName *names,
                       unsigned count, Error *error) MUST_USE;
/* The next minute of every symbol, in order of the names; bars[0 .. model->count). */
void market_model_minute(MarketModel *model, Bar *bars);
/* "bull", "bear", "ranging", "volatile". */
const char *market_model_regime_name(MarketModelRegime regime);

#endif
