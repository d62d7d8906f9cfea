/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain formulas of the combined indicators, out of the plain formulas of their parts (naive.h says
 * what that is for). The caller owns bars and rows.
 */
#ifndef TESTS_LAWS_NAIVE_COMBINED_H
#define TESTS_LAWS_NAIVE_COMBINED_H

#include "naive_averages.h"
#include "naive_oscillators.h"
#include "naive_trends.h"

/* Wilder's average true range, at least a ten-thousandth of the close. */
static void naive_units(const NaiveBar *bars, int count, Wide length, Wide *units) {
    naive_ranges(bars, count, (int)length, units);
    for (int t = (int)length; t < count; t++)
        units[t] = fmaxl(units[t], bars[t].close / 10000);
}

/* tanh of fast minus slow average, in units. */
static void naive_convergence(const NaiveBar *bars, int count, const Wide *lengths,
                              const Wide *units, Wide *leans) {
    Wide closes[SERIES_BARS] = {0}, fast[SERIES_BARS], slow[SERIES_BARS];
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, (int)lengths[0], 2 / (lengths[0] + 1), fast);
    naive_smooth(closes, 0, count, (int)lengths[1], 2 / (lengths[1] + 1), slow);
    for (int t = 0; t < count; t++)
        leans[t] = tanhl((fast[t] - slow[t]) / units[t]);
}

static Wide naive_clip(Wide value, Wide lowest, Wide highest) {
    return fminl(fmaxl(value, lowest), highest);
}

static Wide naive_agree(Wide left, Wide right) {
    if (left * right <= 0) return 0;
    return copysignl(fminl(fabsl(left), fabsl(right)), left);
}

/* 0 at the lower end of the channel of `length` bars, 1 at the upper. */
static Wide naive_place(const NaiveBar *bars, int t, int length) {
    Wide highest, lowest;
    naive_channel(bars, t, length, &highest, &lowest);
    return naive_ratio(bars[t].close - lowest, highest - lowest, 0.5L);
}

/* The close's distance from the mean of `length` closes, in two deviations. */
static Wide naive_band(const NaiveBar *bars, int t, int length) {
    Wide closes[500];
    for (int index = 0; index < length; index++)
        closes[index] = bars[t - length + 1 + index].close;
    Wide mean = naive_mean(closes, length), deviation = naive_stdev(closes, length);
    return deviation > 1e-16L * mean ? (bars[t].close - mean) / (2 * deviation) : 0;
}

static int naive_later(Wide left, Wide right) {
    return (int)fmaxl(left, right);
}

static void naive_trend_confirmation(const NaiveBar *bars, int count, const Wide *options,
                                     NaiveRow *rows) {
    Wide units[SERIES_BARS], momentum[SERIES_BARS];
    naive_units(bars, count, options[3], units);
    naive_convergence(bars, count, options, units, momentum);
    int first = naive_later(options[1] - 1, fmaxl(options[2], options[3]));
    for (int t = first; t < count; t++) {
        Wide trend = naive_efficiency(bars, t, (int)options[2]);
        rows[t][0] = (double)(0.6L * trend + 0.4L * momentum[t]);
    }
}

static void naive_momentum_trend_alignment(const NaiveBar *bars, int count, const Wide *options,
                                           NaiveRow *rows) {
    Wide units[SERIES_BARS], momentum[SERIES_BARS], strength[SERIES_BARS];
    int length = (int)options[0], changes = (int)options[3];
    naive_units(bars, count, length, units);
    naive_convergence(bars, count, options + 1, units, momentum);
    naive_strength(bars, count, length, strength);
    for (int t = naive_later(options[2] - 1, fmaxl(length, changes)); t < count; t++) {
        Wide place = 2 * naive_place(bars, t, length) - 1;
        Wide mean = (strength[t] / 50 - 1 + momentum[t] + place) / 3;
        rows[t][0] = (double)(fabsl(naive_efficiency(bars, t, changes)) * mean);
    }
}

static void naive_triple_ma(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide units[SERIES_BARS], closes[SERIES_BARS] = {0}, means[3];
    naive_units(bars, count, options[3], units);
    naive_closes(bars, count, closes);
    for (int t = naive_later(options[2] - 1, options[3]); t < count; t++) {
        for (int which = 0; which < 3; which++) {
            int length = (int)options[which];
            means[which] = naive_mean(closes + t - length + 1, length);
        }
        rows[t][0] = (double)naive_agree(tanhl((means[0] - means[1]) / units[t]),
                                         tanhl((means[1] - means[2]) / units[t]));
    }
}

static void naive_volatility_adjusted_momentum(const NaiveBar *bars, int count, const Wide *options,
                                               NaiveRow *rows) {
    Wide returns[SERIES_BARS] = {0};
    int length = (int)options[0];
    for (int t = 1; t < count; t++)
        returns[t] = bars[t].close / bars[t - 1].close - 1;
    for (int t = length; t < count; t++) {
        const Wide *first = returns + t - length + 1;
        Wide deviation = fmaxl(naive_stdev(first, length), 0.0001L);
        rows[t][0] = (double)(naive_mean(first, length) / deviation * sqrtl(options[0]));
    }
}

static void naive_volatility_trend(const NaiveBar *bars, int count, const Wide *options,
                                   NaiveRow *rows) {
    for (int t = naive_later(options[0] - 1, options[1]); t < count; t++) {
        Wide place = fminl(fabsl(naive_band(bars, t, (int)options[0])), 1);
        Wide trend = fabsl(naive_efficiency(bars, t, (int)options[1]));
        rows[t][0] = (double)(0.7L * place + 0.3L * trend);
    }
}

/* -1 at 0, 0 from `zone` to 100 - `zone`, 1 at 100. */
static Wide naive_extreme(Wide reading, Wide zone) {
    return naive_clip((reading - 100 + zone) / zone, 0, 1) - naive_clip(1 - reading / zone, 0, 1);
}

static void naive_oscillator_consensus(const NaiveBar *bars, int count, const Wide *options,
                                       NaiveRow *rows) {
    Wide strength[SERIES_BARS], places[SERIES_BARS] = {0};
    int length = (int)options[0], smooth = (int)options[1];
    naive_strength(bars, count, length, strength);
    for (int t = length - 1; t < count; t++)
        places[t] = 100 * naive_place(bars, t, length);
    for (int t = naive_later(length, length + smooth - 2); t < count; t++) {
        Wide a = naive_extreme(strength[t], 30), b = naive_extreme(places[t], 20);
        Wide c = naive_extreme(naive_mean(places + t - smooth + 1, smooth), 20);
        rows[t][0] = (double)(a + b + c - fmaxl(a, fmaxl(b, c)) - fminl(a, fminl(b, c)));
    }
}

static void naive_double_rsi(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide fast[SERIES_BARS], slow[SERIES_BARS];
    naive_strength(bars, count, (int)options[0], fast);
    naive_strength(bars, count, (int)options[1], slow);
    for (int t = (int)options[1]; t < count; t++)
        rows[t][0] = (double)naive_agree((fast[t] - 50) / 50, (slow[t] - 50) / 50);
}

/* Volume by the mean of the last `length`, 1 where nothing was traded. */
static Wide naive_usual(const NaiveBar *bars, int t, int length) {
    Wide volume = 0;
    for (int past = t - length + 1; past <= t; past++)
        volume += bars[past].volume / length;
    return naive_ratio(bars[t].volume, volume, 1);
}

static void naive_volume_weighted_price_momentum(const NaiveBar *bars, int count,
                                                 const Wide *options, NaiveRow *rows) {
    Wide units[SERIES_BARS];
    int length = (int)options[0], back = (int)options[1];
    naive_units(bars, count, options[2], units);
    for (int t = naive_later(length - 1, fmaxl(back, options[2])); t < count; t++) {
        Wide near = (bars[t].close - bars[t - 1].close) / units[t];
        Wide far = (bars[t].close - bars[t - back].close) / units[t] / sqrtl(options[1]);
        Wide weight = fminl(naive_usual(bars, t, length), 2);
        rows[t][0] = (double)tanhl((0.4L * near + 0.6L * far) * weight / 2);
    }
}

static void naive_volume_price_confirmation(const NaiveBar *bars, int count, const Wide *options,
                                            NaiveRow *rows) {
    Wide units[SERIES_BARS];
    naive_units(bars, count, options[1], units);
    for (int t = naive_later(options[0] - 1, options[1]); t < count; t++) {
        Wide move = fabsl(bars[t].close - bars[t - 1].close) / units[t];
        Wide excess = naive_clip(naive_usual(bars, t, (int)options[0]) - 1, -1, 1);
        rows[t][0] = (double)(tanhl(move) * excess);
    }
}

static void naive_trend_strength_index(const NaiveBar *bars, int count, const Wide *options,
                                       NaiveRow *rows) {
    Wide units[SERIES_BARS], momentum[SERIES_BARS], strength[SERIES_BARS];
    int changes = (int)options[3];
    naive_units(bars, count, options[0], units);
    naive_convergence(bars, count, options + 1, units, momentum);
    naive_strength(bars, count, (int)options[0], strength);
    for (int t = naive_later(options[2] - 1, fmaxl(options[0], changes)); t < count; t++) {
        Wide place = fminl(fabsl(naive_band(bars, t, changes)), 1);
        rows[t][0] = (double)(0.4L * fabsl(naive_efficiency(bars, t, changes)) +
                              0.25L * fabsl(strength[t] / 50 - 1) + 0.25L * fabsl(momentum[t]) +
                              0.1L * place);
    }
}

static void naive_market_regime_indicator(const NaiveBar *bars, int count, const Wide *options,
                                          NaiveRow *rows) {
    Wide fast[SERIES_BARS], slow[SERIES_BARS];
    naive_units(bars, count, options[0], fast);
    naive_units(bars, count, options[1], slow);
    for (int t = naive_later(options[1], options[2]); t < count; t++) {
        Wide share = naive_clip(fast[t] / slow[t] - 1, 0, 1);
        Wide trend = fabsl(naive_efficiency(bars, t, (int)options[2]));
        rows[t][0] = (double)((1 - share) * trend);
        rows[t][1] = (double)share;
        rows[t][2] = (double)(1 - share - (1 - share) * trend);
    }
}

/* What the line of least squares rises over values[length]. */
static Wide naive_rise(const Wide *values, int length) {
    Wide above = 0, below = 0, middle = (Wide)(length - 1) / 2;
    for (int index = 0; index < length; index++) {
        above += (index - middle) * values[index];
        below += (index - middle) * (index - middle);
    }
    return above / below * (length - 1);
}

static void naive_opposed(const NaiveBar *bars, int count, int length, int stretch, Wide *apart) {
    Wide units[SERIES_BARS], strength[SERIES_BARS], closes[SERIES_BARS] = {0};
    naive_units(bars, count, length, units);
    naive_strength(bars, count, length, strength);
    naive_closes(bars, count, closes);
    for (int t = length + stretch - 1; t < count; t++) {
        Wide price = naive_rise(closes + t - stretch + 1, stretch) / units[t];
        Wide power = naive_rise(strength + t - stretch + 1, stretch) / 20;
        apart[t] = naive_agree(tanhl(-price / sqrtl(stretch)), tanhl(power));
    }
}

static void naive_divergence(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide apart[SERIES_BARS];
    naive_opposed(bars, count, (int)options[0], (int)options[1], apart);
    for (int t = (int)(options[0] + options[1]) - 1; t < count; t++)
        rows[t][0] = (double)apart[t];
}

static void naive_breakout(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide units[SERIES_BARS], highest, lowest;
    naive_units(bars, count, options[1], units);
    for (int t = naive_later(options[0], options[1]); t < count; t++) {
        naive_channel(bars, t - 1, (int)options[0], &highest, &lowest);
        Wide above = fmaxl(bars[t].close - highest, 0), below = fmaxl(lowest - bars[t].close, 0);
        rows[t][0] = (double)tanhl((above - below) / units[t]);
    }
}

static void naive_reversal_probability(const NaiveBar *bars, int count, const Wide *options,
                                       NaiveRow *rows) {
    Wide strength[SERIES_BARS], apart[SERIES_BARS];
    int length = (int)options[0], band = (int)options[1], stretch = (int)options[2];
    naive_strength(bars, count, length, strength);
    naive_opposed(bars, count, length, stretch, apart);
    for (int t = naive_later(length + stretch - 1, band - 1); t < count; t++) {
        Wide a = naive_extreme(strength[t], 30);
        Wide b = naive_extreme(100 * naive_place(bars, t, length), 20);
        Wide c = naive_extreme(50 + 50 * naive_band(bars, t, band), 20), d = -apart[t];
        for (int side = 0; side < 2; side++, a = -a, b = -b, c = -c, d = -d)
            rows[t][side] = (double)(0.95L / 0.8L *
                                     (0.25L * fmaxl(-a, 0) + 0.2L * fmaxl(-b, 0) +
                                      0.15L * fmaxl(-c, 0) + 0.2L * fmaxl(-d, 0)));
    }
}

#endif
