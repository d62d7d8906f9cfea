/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain formulas of the moving averages and of what compares the close with its past
 * (naive.h says what that is for). The caller owns bars and rows.
 */
#ifndef TESTS_LAWS_NAIVE_AVERAGES_H
#define TESTS_LAWS_NAIVE_AVERAGES_H

#include "naive_core.h"

/* weighted[t] of the values[t - length + 1 .. t], NaN before `first` + length - 1. */
static void naive_weigh(const Wide *values, int first, int count, int length, Wide *weighted) {
    for (int t = 0; t < count; t++) {
        Wide sum = 0;
        for (int past = 0; past < length && t - past >= first; past++)
            sum += (length - past) * values[t - past];
        weighted[t] = t < first + length - 1 ? naive_nan : sum / (length * (length + 1) / 2);
    }
}

static void naive_wma(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, weighted[SERIES_BARS];
    naive_closes(bars, count, closes);
    naive_weigh(closes, 0, count, (int)options[0], weighted);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)weighted[t];
}

static void naive_hma(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, half[SERIES_BARS], full[SERIES_BARS];
    int length = (int)options[0], root = 1;
    while ((root + 1) * (root + 1) <= length)
        root++;
    naive_closes(bars, count, closes);
    naive_weigh(closes, 0, count, length / 2, half);
    naive_weigh(closes, 0, count, length, full);
    for (int t = 0; t < count; t++)
        half[t] = 2 * half[t] - full[t];
    naive_weigh(half, length - 1, count, root, full);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)full[t];
}

/* once, twice and thrice smoothed closes. */
static void naive_thrice(const NaiveBar *bars, int count, int length,
                         Wide smoothed[3][SERIES_BARS]) {
    Wide closes[SERIES_BARS] = {0}, weight = 2 / (Wide)(length + 1);
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, length, weight, smoothed[0]);
    naive_smooth(smoothed[0], length - 1, count, length, weight, smoothed[1]);
    naive_smooth(smoothed[1], 2 * (length - 1), count, length, weight, smoothed[2]);
}

static void naive_dema(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide smoothed[3][SERIES_BARS];
    naive_thrice(bars, count, (int)options[0], smoothed);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)(2 * smoothed[0][t] - smoothed[1][t]);
}

static void naive_tema(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide smoothed[3][SERIES_BARS];
    naive_thrice(bars, count, (int)options[0], smoothed);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)(3 * smoothed[0][t] - 3 * smoothed[1][t] + smoothed[2][t]);
}

static void naive_trix(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide smoothed[3][SERIES_BARS], change[SERIES_BARS] = {0}, signal[SERIES_BARS];
    int length = (int)options[0], first = 3 * (length - 1) + 1;
    naive_thrice(bars, count, length, smoothed);
    for (int t = first; t < count; t++) {
        change[t] = 100 * (smoothed[2][t] / smoothed[2][t - 1] - 1);
        rows[t][0] = (double)change[t];
    }
    naive_smooth(change, first, count, (int)options[1], 2 / (options[1] + 1), signal);
    for (int t = 0; t < count; t++)
        rows[t][1] = (double)signal[t];
}

static void naive_ppo(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, fast[SERIES_BARS], slow[SERIES_BARS], signal[SERIES_BARS];
    int length = (int)options[1];
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, (int)options[0], 2 / (options[0] + 1), fast);
    naive_smooth(closes, 0, count, length, 2 / (options[1] + 1), slow);
    for (int t = 0; t < count; t++)
        fast[t] = 100 * (fast[t] / slow[t] - 1);
    naive_smooth(fast, length - 1, count, (int)options[2], 2 / (options[2] + 1), signal);
    for (int t = 0; t < count; t++) {
        rows[t][0] = (double)fast[t];
        rows[t][1] = (double)signal[t];
        rows[t][2] = (double)(fast[t] - signal[t]);
    }
}

/* Way made good by way walked over the `changes` changes up to t, with its sign. */
static Wide naive_efficiency(const NaiveBar *bars, int t, int changes) {
    Wide walked = 0;
    for (int past = t - changes; past < t; past++)
        walked += fabsl(bars[past + 1].close - bars[past].close);
    return naive_ratio(bars[t].close - bars[t - changes].close, walked, 0);
}

static void naive_kama(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int changes = (int)options[0];
    Wide fast = 2 / (options[1] + 1), slow = 2 / (options[2] + 1), value = 0;
    for (int t = changes; t < count; t++) {
        Wide weight = fabsl(naive_efficiency(bars, t, changes)) * (fast - slow) + slow;
        if (t == changes) value = bars[t - 1].close;
        value = weight * weight * bars[t].close + (1 - weight * weight) * value;
        rows[t][0] = (double)value;
    }
}

/* By the textbook's sums of x, y, xx, xy. */
static void naive_linreg(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    Wide closes[SERIES_BARS] = {0}, n = length;
    naive_closes(bars, count, closes);
    for (int t = length - 1; t < count; t++) {
        Wide x = 0, y = 0, xx = 0, xy = 0, explained = 0, all = 0;
        for (int index = 0; index < length; index++) {
            Wide close = closes[t - length + 1 + index];
            x += index, y += close, xx += (Wide)index * index, xy += index * close;
        }
        Wide slope = (n * xy - x * y) / (n * xx - x * x), first = (y - slope * x) / n;
        for (int index = 0; index < length; index++) {
            Wide line = first + slope * index - y / n, off = closes[t - length + 1 + index] - y / n;
            explained += line * line, all += off * off;
        }
        bool moved = naive_stdev(closes + t - length + 1, length) > 1e-15L * y / n;
        rows[t][0] = (double)(first + slope * (n - 1));
        rows[t][1] = (double)slope;
        rows[t][2] = moved ? (double)(explained / all) : 0;
    }
}

static void naive_roc(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int back = (int)options[0];
    for (int t = back; t < count; t++)
        rows[t][0] = (double)(100 * (bars[t].close - bars[t - back].close) / bars[t - back].close);
}

static void naive_momentum(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int back = (int)options[0];
    for (int t = back; t < count; t++)
        rows[t][0] = (double)(bars[t].close - bars[t - back].close);
}

#endif
