/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eleven indicators of bench/pass.c as two public libraries compute them, TA-Lib and Tulip
 * Indicators, where their sources are at hand (`make bench PEERS=1` fetches and builds them). The
 * columns are the caller's; a peer writes the outputs that it has for an indicator, each from its
 * own first value on, and says at which bar that is.
 */
#ifndef BENCH_PASS_PEERS_H
#define BENCH_PASS_PEERS_H

#define PASS_INDICATORS 11
#define PASS_OUTPUTS    5

typedef enum PassIndicator {
    PASS_RSI,
    PASS_MACD,
    PASS_BOLLINGER,
    PASS_STOCH,
    PASS_WILLIAMS_R,
    PASS_ATR,
    PASS_SMA,
    PASS_EMA,
    PASS_ADX,
    PASS_ICHIMOKU,
    PASS_VWAP
} PassIndicator;

typedef struct PassBars {
    const double *open, *high, *low, *close, *volume;
    int count;
    double *scratch[6]; /* of `count` values each */
} PassBars;

typedef struct PassPeer {
    const char *name;
    /* Writes output[0..], begins at bar *begin each. */
    void (*run)(PassIndicator indicator, const PassBars *bars, double *const *outputs, int *begin);
} PassPeer;

/* Ends at the first without a name. */
extern const PassPeer pass_peers[];

#endif
