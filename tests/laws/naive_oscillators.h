/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain formulas of the oscillators and of the measures of volatility (naive.h says what that is
 * for). The caller owns bars and rows.
 */
#ifndef TESTS_LAWS_NAIVE_OSCILLATORS_H
#define TESTS_LAWS_NAIVE_OSCILLATORS_H

#include "naive_core.h"

static Wide naive_typical(const NaiveBar *bar) {
    return (bar->high + bar->low + bar->close) / 3;
}

static void naive_cci(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide prices[SERIES_BARS] = {0};
    int length = (int)options[0];
    for (int t = 0; t < count; t++)
        prices[t] = naive_typical(&bars[t]);
    for (int t = length - 1; t < count; t++) {
        Wide mean = naive_mean(prices + t - length + 1, length), away = 0;
        for (int past = t - length + 1; past <= t; past++)
            away += fabsl(prices[past] - mean) / length;
        rows[t][0] = away > 1e-12L * mean ? (double)((prices[t] - mean) / (0.015L * away)) : 0;
    }
}

static void naive_zscore(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0};
    int length = (int)options[0];
    naive_closes(bars, count, closes);
    for (int t = length - 1; t < count; t++) {
        const Wide *first = closes + t - length + 1;
        Wide deviation = naive_stdev(first, length), mean = naive_mean(first, length);
        rows[t][0] = deviation > 1e-16L * mean ? (double)((closes[t] - mean) / deviation) : 0;
    }
}

static void naive_historical_volatility(const NaiveBar *bars, int count, const Wide *options,
                                        NaiveRow *rows) {
    Wide returns[SERIES_BARS] = {0}, length = options[0];
    for (int t = 1; t < count; t++)
        returns[t] = logl(bars[t].close / bars[t - 1].close);
    for (int t = (int)length; t < count; t++) {
        Wide population = naive_stdev(returns + t - (int)length + 1, (int)length);
        rows[t][0] = (double)(population * sqrtl(options[1] * length / (length - 1)));
    }
}

static void naive_garman_klass(const NaiveBar *bars, int count, const Wide *options,
                               NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length - 1; t < count; t++) {
        Wide sum = 0;
        for (int past = t - length + 1; past <= t; past++) {
            Wide range = logl(bars[past].high / bars[past].low);
            Wide body = logl(bars[past].close / bars[past].open);
            sum += range * range / 2 - (2 * logl(2) - 1) * body * body;
        }
        rows[t][0] = (double)sqrtl(sum / length * options[1]);
    }
}

static void naive_ultimate_oscillator(const NaiveBar *bars, int count, const Wide *options,
                                      NaiveRow *rows) {
    for (int t = (int)options[2]; t < count; t++) {
        Wide sum = 0;
        for (int which = 0; which < 3; which++) {
            Wide pressure = 0, range = 0;
            for (int past = t - (int)options[which] + 1; past <= t; past++) {
                pressure += bars[past].close - fminl(bars[past].low, bars[past - 1].close);
                range += naive_true_range(bars, past);
            }
            sum += (which == 0 ? 4 : which == 1 ? 2 : 1) * naive_ratio(pressure, range, 0.5L);
        }
        rows[t][0] = (double)(100 * sum / 7);
    }
}

static void naive_elder_ray(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, smoothed[SERIES_BARS];
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, (int)options[0], 2 / (options[0] + 1), smoothed);
    for (int t = 0; t < count; t++) {
        rows[t][0] = (double)(bars[t].high - smoothed[t]);
        rows[t][1] = (double)(bars[t].low - smoothed[t]);
    }
}

/* The relative strength index of the closes; NaN before bar `length`. */
static void naive_strength(const NaiveBar *bars, int count, int length, Wide *strength) {
    Wide gains[SERIES_BARS] = {0}, losses[SERIES_BARS] = {0};
    Wide gain[SERIES_BARS], loss[SERIES_BARS];
    for (int t = 1; t < count; t++) {
        gains[t] = fmaxl(bars[t].close - bars[t - 1].close, 0);
        losses[t] = fmaxl(bars[t - 1].close - bars[t].close, 0);
    }
    naive_smooth(gains, 1, count, length, 1 / (Wide)length, gain);
    naive_smooth(losses, 1, count, length, 1 / (Wide)length, loss);
    for (int t = 0; t < count; t++)
        strength[t] = t < length ? naive_nan : 100 * naive_ratio(gain[t], gain[t] + loss[t], 0.5L);
}

static void naive_stoch_rsi(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide strength[SERIES_BARS], raw[SERIES_BARS], smoothed[SERIES_BARS];
    int length = (int)options[1], smooth = (int)options[2], slow = (int)options[3];
    int first = (int)options[0] + length - 1;
    naive_strength(bars, count, (int)options[0], strength);
    for (int t = first; t < count; t++) {
        Wide highest = strength[t], lowest = strength[t];
        for (int past = t - length + 1; past < t; past++) {
            highest = fmaxl(highest, strength[past]);
            lowest = fminl(lowest, strength[past]);
        }
        bool still = highest - lowest <= 1e-9L;
        raw[t] = still ? 50 : 100 * (strength[t] - lowest) / (highest - lowest);
    }
    for (int t = first + smooth - 1; t < count; t++) {
        smoothed[t] = naive_mean(raw + t - smooth + 1, smooth);
        rows[t][0] = (double)smoothed[t];
    }
    for (int t = first + smooth + slow - 2; t < count; t++)
        rows[t][1] = (double)naive_mean(smoothed + t - slow + 1, slow);
}

#endif
