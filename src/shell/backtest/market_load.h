/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The candles that a backtest asks for, as the markets of a trial: from candle files named on the
 * command line, or mapped from the candle store. Rows of files are read into columns of our own;
 * those of the store are looked at where they lie, after their checksums. The filters come from
 * config/filters.json, else from the data (tick and step from the most decimals, smallest notional
 * 5), and the note says so. Bars before the span asked for stay visible to indicators, so that a
 * run of the last 30 days does not begin with a warm-up.
 *
 * Social history that is stored beside the candles comes along: as it became known for a lab, and
 * as columns by bar for a trial (core/lab/social_columns.h).
 *
 * A MarketLoad owns its columns and maps from market_load_open to market_load_close.
 */
#ifndef SHELL_BACKTEST_MARKET_LOAD_H
#define SHELL_BACKTEST_MARKET_LOAD_H

#include "core/base/digest.h"
#include "core/trial/trial.h"
#include "shell/store/social_history.h"

typedef struct MarketWish {
    const char *const *files; /* candle files; 0: the store below `data` */
    unsigned file_count;
    const char *const *symbols;
    unsigned symbol_count; /* with files: a choice among them, 0: all */
    const char *root;      /* of the candle store */
    const char *filters_path;
    int64_t length_us;        /* 0: that of the files */
    int64_t resolve_us;       /* finer candles for stops and targets; 0: none */
    int64_t start_us, end_us; /* open times, end exclusive; 0: not given */
    int64_t days;             /* before the end, or before the last bar; 0: not given */
    const Settings *social; /* social history below `root` counts, by these settings; NULL: none */
} MarketWish;

typedef struct MarketLoad {
    unsigned count;
    TrialMarket markets[LIMIT_SYMBOLS];
    Symbol symbols[LIMIT_SYMBOLS];
    bool derived[LIMIT_SYMBOLS]; /* the filters come from the data */
    uint8_t digest[SHA256_SIZE]; /* of all rows between the first warm-up bar and the end */
    uint64_t refused;            /* rows of files that were not sound */
    uint64_t incomplete;         /* longer candles left out: shorter ones are missing */
    SocialHistory social;        /* of these symbols, as it became known */
    struct MarketParts *parts;   /* columns, maps */
} MarketLoad;

/* ERROR_USAGE: no symbols, an interval that the files do not have; ERROR_DATA: nothing stored, no
 * candles between the dates, damage. */
bool market_load_open(MarketLoad *load, const MarketWish *wish, Error *error) MUST_USE;
void market_load_close(MarketLoad *load);
/* Whether a market's social series has any value. */
bool market_load_has(const MarketLoad *load, unsigned market, ExternalSeries series);
/* A symbol's filters as text, for the digests of what decides. */
void market_load_filters(const MarketLoad *load, unsigned index, Text *text);

#endif
