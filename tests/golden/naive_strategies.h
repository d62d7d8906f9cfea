/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every strategy with its presets, written down a second time the plain way: indicators by the
 * naive formulas of tests/laws/naive.h, presets as numbers, days folded by hand, lots by a Philox
 * of its own. Nothing of the program's strategies, plans or streams is used; the golden values of
 * tests/golden/strategies come from here. All of it stands in static arrays; one market at a time.
 */
#ifndef TESTS_GOLDEN_NAIVE_STRATEGIES_H
#define TESTS_GOLDEN_NAIVE_STRATEGIES_H

#include "laws/naive.h"
#include "laws/strategy_run.h"

#define NAIVE_BARS     1200 /* of four hours: two hundred days */
#define NAIVE_DAY_BARS 6
#define NAIVE_FOLDS    32
#define NAIVE_SEED     17

typedef struct NaiveFold {
    const char *name;
    double options[INDICATOR_OPTIONS_MAX];
    NaiveRow rows[SERIES_BARS];
} NaiveFold;

static IndicatorBar naive_bars[SERIES_BARS];
static double naive_samples[EXTERNAL_COUNT][NAIVE_BARS];
static NaiveFold naive_folds[NAIVE_FOLDS];
static unsigned naive_fold_count;

static inline double naive_value(const char *name, unsigned output, int t,
                                 const double options[static INDICATOR_OPTIONS_MAX]) {
    if (t < 0) return (double)NAN;
    for (unsigned i = 0; i < naive_fold_count; i++) {
        NaiveFold *fold = &naive_folds[i];
        if (strcmp(fold->name, name) == 0 &&
            memcmp(fold->options, options, sizeof fold->options) == 0)
            return fold->rows[t][output];
    }
    assert_true(naive_fold_count < NAIVE_FOLDS);
    NaiveFold *fold = &naive_folds[naive_fold_count++];
    fold->name = name;
    memcpy(fold->options, options, sizeof fold->options);
    naive_run(naive_find(name), naive_bars, NAIVE_BARS, options, fold->rows);
    return fold->rows[t][output];
}
#define NAIVE(name, output, t, ...)                                                                \
    naive_value(name, output, t, (const double[INDICATOR_OPTIONS_MAX]){__VA_ARGS__})

static inline double naive_close(int t) {
    return t < 0 ? (double)NAN : naive_bars[t].close;
}

/* Mean of the last 20 days that had ended by the close of bar t. */
static inline double naive_day_average(int t) {
    int days = (t + 1) / NAIVE_DAY_BARS;
    double sum = 0;
    for (int day = days - 20; day < days; day++)
        sum += day < 0 ? (double)NAN : naive_close(day * NAIVE_DAY_BARS + NAIVE_DAY_BARS - 1);
    return sum / 20;
}

/* ---- rules --------------------------------------------------------------------------------- */

static inline bool trend_enters(int t) {
    return NAIVE("sma", 0, t, 20) > NAIVE("sma", 0, t, 50) &&
           NAIVE("sma", 0, t - 1, 20) <= NAIVE("sma", 0, t - 1, 50);
}
static inline bool trend_leaves(int t) {
    return NAIVE("sma", 0, t, 20) < NAIVE("sma", 0, t, 50);
}
static inline bool momentum_enters(int t) {
    return naive_close(t) > 1.02 * (t < 168 ? (double)NAN : naive_close(t - 168)) &&
           naive_close(t) > naive_close(t - 48);
}
static inline bool momentum_leaves(int t) {
    return t >= 48 && naive_close(t) < naive_close(t - 48);
}
static inline bool macd_enters(int t) {
    return NAIVE("macd", 0, t, 12, 26, 9) > NAIVE("macd", 1, t, 12, 26, 9) &&
           NAIVE("macd", 0, t - 1, 12, 26, 9) <= NAIVE("macd", 1, t - 1, 12, 26, 9) &&
           naive_close(t) > naive_day_average(t);
}
static inline bool macd_leaves(int t) {
    return NAIVE("macd", 0, t, 12, 26, 9) < NAIVE("macd", 1, t, 12, 26, 9);
}
static inline bool rsi_enters(int t) {
    return NAIVE("rsi", 0, t, 4) < 25 && naive_close(t) > NAIVE("sma", 0, t, 200);
}
static inline bool rsi_leaves(int t) {
    return NAIVE("rsi", 0, t, 4) > 55;
}
static inline bool bollinger_enters(int t) {
    return naive_close(t) < NAIVE("bollinger", 2, t, 20, 2) && NAIVE("adx", 0, t, 14) < 30;
}
static inline bool bollinger_leaves(int t) {
    return naive_close(t) > NAIVE("sma", 0, t, 20);
}
static inline double highest_before(int t, int bars) {
    double highest = t < bars ? (double)NAN : 0;
    for (int past = t - bars; past < t; past++)
        highest = past >= 0 && naive_bars[past].high > highest ? naive_bars[past].high : highest;
    return highest;
}
static inline double lowest_before(int t, int bars) {
    double lowest = t < bars ? (double)NAN : (double)INFINITY;
    for (int past = t - bars; past < t; past++)
        lowest = past >= 0 && naive_bars[past].low < lowest ? naive_bars[past].low : lowest;
    return lowest;
}
static inline bool donchian_enters(int t) {
    return naive_close(t) > highest_before(t, 20);
}
static inline bool donchian_leaves(int t) {
    return naive_close(t) < lowest_before(t, 10);
}
static inline double channel_top(int t) {
    return NAIVE("ema", 0, t, 20) + 1.5 * NAIVE("atr", 0, t, 20);
}
static inline bool breakout_enters(int t) {
    return naive_close(t) > channel_top(t) &&
           NAIVE("sma", 0, t - 1, 20) + 2 * NAIVE("stdev", 0, t - 1, 20) < channel_top(t - 1);
}
static inline bool breakout_leaves(int t) {
    return naive_close(t) < NAIVE("ema", 0, t, 20);
}
static inline bool supertrend_enters(int t) {
    return NAIVE("supertrend", 1, t, 10, 3) > 0 && NAIVE("supertrend", 1, t - 1, 10, 3) < 0;
}
static inline bool supertrend_leaves(int t) {
    return NAIVE("supertrend", 1, t, 10, 3) < 0;
}
static inline bool scalping_enters(int t) {
    return NAIVE("rsi", 0, t, 4) > 25 && NAIVE("rsi", 0, t - 1, 4) <= 25 &&
           naive_close(t) > NAIVE("ema", 0, t, 60);
}
static inline bool scalping_leaves(int t) {
    return NAIVE("rsi", 0, t, 4) > 85;
}
static inline int votes(int t, int sign) {
    double trend = NAIVE("sma", 0, t, 20) - NAIVE("sma", 0, t, 50);
    double rise = t < 72 ? (double)NAN : naive_close(t) - naive_close(t - 72);
    double macd = NAIVE("macd", 0, t, 12, 26, 9) - NAIVE("macd", 1, t, 12, 26, 9);
    return (sign * trend > 0) + (sign * rise > 0) + (sign * macd > 0);
}
static inline bool ensemble_enters(int t) {
    return votes(t, 1) == 3;
}
static inline bool ensemble_leaves(int t) {
    return votes(t, -1) >= 2;
}
static inline bool always(int t) {
    return t >= 0;
}

/* Philox 4x32-10 (Salmon et al. 2011), by its paper: two products and a weyl key a round. */
static inline bool random_enters(int t) {
    uint64_t stream = (uint64_t)naive_bars[t].time_us + 4 * 3600000000ull;
    uint32_t c[4] = {0, 0, (uint32_t)stream, (uint32_t)(stream >> 32)}, key[2] = {NAIVE_SEED, 0};
    for (int round = 0; round < 10; round++) {
        uint64_t left = (uint64_t)0xD2511F53u * c[0], right = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = {(uint32_t)(right >> 32) ^ c[1] ^ key[0], (uint32_t)right,
                            (uint32_t)(left >> 32) ^ c[3] ^ key[1], (uint32_t)left};
        memcpy(c, next, sizeof c);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
    return (double)(((uint64_t)c[1] << 32 | c[0]) >> 11) / 9007199254740992.0 < 0.02;
}

static inline double mood(int t) {
    return naive_samples[EXTERNAL_SENTIMENT][t];
}
static inline double talk(int t) {
    return naive_samples[EXTERNAL_SOCIAL_VOLUME][t];
}
static inline double engagement(int t) {
    return naive_samples[EXTERNAL_ENGAGEMENT][t];
}
static inline bool social_trend_enters(int t) {
    return mood(t) > 0.6 && talk(t) > 5000 && engagement(t) > 2000 &&
           naive_close(t) > NAIVE("sma", 0, t, 24);
}
static inline bool social_trend_leaves(int t) {
    return mood(t) < 0.5 || naive_close(t) < NAIVE("sma", 0, t, 24);
}
static inline bool contrarian_enters(int t) {
    return mood(t) < 0.2 && talk(t) > 10000 && t >= 12 && naive_close(t) < naive_close(t - 12);
}
static inline bool contrarian_leaves(int t) {
    return mood(t) > 0.5;
}
static inline bool news_enters(int t) {
    const double *impact = naive_samples[EXTERNAL_NEWS_IMPACT];
    return t > 0 && impact[t] > 0.3 && impact[t - 1] <= 0.3 && mood(t) > 0.5 &&
           naive_close(t) > naive_close(t - 1);
}
static inline bool news_leaves(int t) {
    return mood(t) < 0.5;
}
static inline bool volume_enters(int t) {
    return t >= 48 && talk(t) > 15000 && talk(t - 1) <= 15000 && mood(t) > 0.2 &&
           naive_close(t) > naive_close(t - 48);
}
static inline bool volume_leaves(int t) {
    return talk(t) < 7500 || (t >= 48 && naive_close(t) < naive_close(t - 48));
}
static inline bool engagement_enters(int t) {
    return engagement(t) > 10000 && talk(t) > 3000 && mood(t) > 0.4 &&
           naive_close(t) > NAIVE("sma", 0, t, 36);
}
static inline bool engagement_leaves(int t) {
    return engagement(t) < 5000 || naive_close(t) < NAIVE("sma", 0, t, 36);
}

/* ---- schedules and the grid ---------------------------------------------------------------- */

/* A new UTC day since the close before; the first close counts as one. */
static inline bool day_begins(int t) {
    return t == 0 || (t + 1) % NAIVE_DAY_BARS == 0;
}

static inline StrategyWish naive_purchase(double share) {
    return (StrategyWish){.kind = WISH_ADD, .fraction = share, .of_start = true};
}

static inline StrategyWish naive_dca_fixed(int t, const RulePosition *position) {
    static int purchases;
    (void)position;
    if (t == 0) purchases = 0;
    if (!day_begins(t) || purchases == 30) return (StrategyWish){0};
    purchases++;
    return naive_purchase(0.01);
}

static inline StrategyWish naive_dca_regime(int t, const RulePosition *position) {
    static int halves, last_day; /* of a hundredth; of the last purchase */
    double average = NAIVE("sma", 0, t, 200);
    int day = (t + 1) / NAIVE_DAY_BARS;
    (void)position;
    if (t == 0) halves = 0, last_day = -1;
    if (isnan(average) || day == last_day || halves == 60) return (StrategyWish){0};
    int bought = naive_close(t) < average ? 3 : 1;
    if (halves + bought > 60) bought = 60 - halves;
    halves += bought;
    last_day = day;
    return naive_purchase(bought * 0.005);
}

static inline StrategyWish naive_dca_value(int t, const RulePosition *position) {
    static double path;
    if (t == 0) path = 0;
    if (!day_begins(t)) return (StrategyWish){0};
    path = fmin(path * 1.0016 + 0.01, 0.3);
    double value = position->held_fraction * position->growth, missing = path - value;
    if (missing > 0.001) return naive_purchase(fmin(missing, 0.03));
    if (missing >= -0.001) return (StrategyWish){0};
    return (StrategyWish){.kind = WISH_REDUCE, .fraction = -missing / value};
}

/* Six parts; part i is bought at its line and sold at the one above. */
static inline StrategyWish naive_grid(int t, const RulePosition *position) {
    static double anchor;
    static bool held[7];
    double price = naive_close(t), line[7];
    int count = 0, bought = 0, sold = 0;
    if (t == 0) anchor = 0;
    if (t == 0 || !position->open) {
        for (int i = 1; i <= 6; i++)
            if (held[i]) anchor = 0;
        memset(held, 0, sizeof held);
    }
    for (int i = 1; i <= 6; i++)
        count += held[i];
    if (count == 0 && (anchor == 0 || price > anchor * 1.01)) anchor = price;
    for (int i = 0; i <= 6; i++)
        line[i] = anchor / pow(1.01, i);
    for (int i = 1; i <= 6; i++)
        if (!held[i] && price <= line[i]) held[i] = true, bought++;
    if (bought) return naive_purchase(bought * 0.2 / 6);
    for (int i = 1; i <= 6; i++)
        if (held[i] && price >= line[i - 1]) held[i] = false, sold++;
    if (!sold) return (StrategyWish){0};
    return (StrategyWish){.kind = sold < count ? WISH_REDUCE : WISH_LEAVE,
                          .fraction = (double)sold / count};
}

/* ---- the table ----------------------------------------------------------------------------- */

typedef struct NaiveStrategy {
    const char *name;
    bool (*enters)(int t), (*leaves)(int t);
    StrategyWish (*step)(int t, const RulePosition *position);
    double stop, target;
    unsigned hold, pause;
    bool stop_of_range; /* twice the range of 20 bars */
} NaiveStrategy;

static const NaiveStrategy naive_strategies[] = {
    {"bollinger_reversion", bollinger_enters, bollinger_leaves, .stop = 0.05, .hold = 96},
    {.name = "buy_and_hold", .enters = always},
    {"dca_fixed", .step = naive_dca_fixed},
    {"dca_regime", .step = naive_dca_regime},
    {"dca_value", .step = naive_dca_value},
    {"donchian_breakout", donchian_enters, donchian_leaves, .stop_of_range = true},
    {"ensemble", ensemble_enters, ensemble_leaves, .stop = 0.05},
    {"grid", .step = naive_grid, .stop = 0.1},
    {"macd_momentum", macd_enters, macd_leaves, .stop = 0.04},
    {"momentum", momentum_enters, momentum_leaves, .stop = 0.08},
    {"random_entry", random_enters, .hold = 24},
    {"rsi_reversion", rsi_enters, rsi_leaves, .stop = 0.05, .hold = 48},
    {"scalping", scalping_enters, scalping_leaves, .stop = 0.006, .target = 0.008, .hold = 15,
     .pause = 5},
    {"social_contrarian", contrarian_enters, contrarian_leaves, .stop = 0.05, .hold = 72},
    {"social_engagement", engagement_enters, engagement_leaves, .stop = 0.04},
    {"social_news", news_enters, news_leaves, .stop = 0.03, .target = 0.06, .hold = 6, .pause = 6},
    {"social_trend", social_trend_enters, social_trend_leaves, .stop = 0.04},
    {"social_volume", volume_enters, volume_leaves, .stop = 0.04},
    {"supertrend", supertrend_enters, supertrend_leaves, .stop = 0.1},
    {"trend_following", trend_enters, trend_leaves, .stop = 0.05},
    {"volatility_breakout", breakout_enters, breakout_leaves, .stop_of_range = true},
};
#define NAIVE_STRATEGIES (sizeof naive_strategies / sizeof naive_strategies[0])

static inline StrategyWish naive_wish(const NaiveStrategy *of, int t,
                                      const RulePosition *position) {
    StrategyWish wish = {0};
    bool leaves = of->leaves && of->leaves(t);
    if (of->step)
        wish = of->step(t, position);
    else if (position->open && (leaves || (of->hold && position->bars_held >= of->hold)))
        wish = (StrategyWish){.kind = WISH_LEAVE, .fraction = 1};
    else if (!position->open && !leaves && of->enters(t) && position->bars_flat > of->pause)
        wish = (StrategyWish){.kind = WISH_ENTER, .fraction = 1};
    if (wish.kind != WISH_ENTER && wish.kind != WISH_ADD) return wish;
    wish.stop_fraction = of->stop;
    wish.target_fraction = of->target;
    if (of->stop_of_range) wish.stop_fraction = 2 * NAIVE("atr", 0, t, 20) / naive_close(t);
    return wish;
}

#endif
