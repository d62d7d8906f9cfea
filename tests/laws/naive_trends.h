/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain formulas of channels and of what follows a trend (naive.h says what that is for). The
 * caller owns bars and rows.
 */
#ifndef TESTS_LAWS_NAIVE_TRENDS_H
#define TESTS_LAWS_NAIVE_TRENDS_H

#include "naive_core.h"

/* Wilder's average of the true ranges; NaN before bar `length`. */
static void naive_ranges(const NaiveBar *bars, int count, int length, Wide *smoothed) {
    Wide ranges[SERIES_BARS] = {0};
    for (int t = 1; t < count; t++)
        ranges[t] = naive_true_range(bars, t);
    naive_smooth(ranges, 1, count, length, 1 / (Wide)length, smoothed);
}

static void naive_keltner(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, middle[SERIES_BARS], range[SERIES_BARS];
    int length = (int)options[0], ranges = (int)options[2];
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, length, 2 / (options[0] + 1), middle);
    naive_ranges(bars, count, ranges, range);
    for (int t = length - 1 > ranges ? length - 1 : ranges; t < count; t++) {
        rows[t][0] = (double)middle[t];
        rows[t][1] = (double)(middle[t] + options[1] * range[t]);
        rows[t][2] = (double)(middle[t] - options[1] * range[t]);
    }
}

static void naive_donchian(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    for (int t = (int)options[0] - 1; t < count; t++) {
        Wide highest, lowest;
        naive_channel(bars, t, (int)options[0], &highest, &lowest);
        rows[t][0] = (double)((highest + lowest) / 2);
        rows[t][1] = (double)highest;
        rows[t][2] = (double)lowest;
    }
}

static void naive_supertrend(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide range[SERIES_BARS], upper = 0, lower = 0;
    bool up = true;
    naive_ranges(bars, count, (int)options[0], range);
    for (int t = (int)options[0]; t < count; t++) {
        Wide middle = (bars[t].high + bars[t].low) / 2, away = options[1] * range[t];
        bool first = t == (int)options[0];
        if (first || bars[t - 1].close > upper || middle + away < upper) upper = middle + away;
        if (first || bars[t - 1].close < lower || middle - away > lower) lower = middle - away;
        if (first)
            up = bars[t].close >= middle;
        else
            up = up ? bars[t].close >= lower : bars[t].close > upper;
        rows[t][0] = (double)(up ? lower : upper);
        rows[t][1] = up ? 1 : -1;
    }
}

/* Falling trends are rising ones of the mirrored prices: one side of the rules is enough. */
static void naive_psar(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide stop = 0, extreme = 0, share = options[0];
    int side = 0;
    for (int t = 1; t < count; t++) {
        if (side == 0) {
            side = bars[0].high + bars[0].low <= bars[1].high + bars[1].low ? 1 : -1;
            extreme = side > 0 ? bars[0].high : -bars[0].low;
            stop = side > 0 ? bars[0].low : -bars[0].high;
        }
        Wide far = side > 0 ? bars[t].high : -bars[t].low;
        Wide near = side > 0 ? bars[t].low : -bars[t].high;
        stop = stop + share * (extreme - stop);
        for (int past = t - 1; past >= 0 && past >= t - 2; past--)
            stop = fminl(stop, side > 0 ? bars[past].low : -bars[past].high);
        if (far > extreme) share = fminl(share + options[0], options[1]);
        extreme = fmaxl(extreme, far);
        if (near < stop) {
            stop = -extreme;
            extreme = -near;
            side = -side;
            share = options[0];
        }
        rows[t][0] = (double)(side * stop);
        rows[t][1] = side;
    }
}

static Wide naive_middle(const NaiveBar *bars, int t, Wide length) {
    Wide highest, lowest;
    if (t < (int)length - 1) return naive_nan;
    naive_channel(bars, t, (int)length, &highest, &lowest);
    return (highest + lowest) / 2;
}

static void naive_ichimoku(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int ahead = (int)options[3];
    for (int t = 0; t < count; t++) {
        rows[t][0] = (double)naive_middle(bars, t, options[0]);
        rows[t][1] = (double)naive_middle(bars, t, options[1]);
        if (t < ahead) continue;
        Wide near = naive_middle(bars, t - ahead, options[0]);
        rows[t][2] = (double)((near + naive_middle(bars, t - ahead, options[1])) / 2);
        rows[t][3] = (double)naive_middle(bars, t - ahead, options[2]);
        rows[t][4] = (double)(bars[t].close - bars[t - ahead].close);
    }
}

static void naive_aroon(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length; t < count; t++) {
        int high = t, low = t;
        for (int past = t - 1; past >= t - length; past--) {
            if (bars[past].high > bars[high].high) high = past;
            if (bars[past].low < bars[low].low) low = past;
        }
        rows[t][0] = 100 - 100.0 * (t - high) / length;
        rows[t][1] = 100 - 100.0 * (t - low) / length;
        rows[t][2] = 100.0 * (high - low) / length;
    }
}

static void naive_vortex(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length; t < count; t++) {
        Wide plus = 0, minus = 0, range = 0;
        for (int past = t - length + 1; past <= t; past++) {
            plus += fabsl(bars[past].high - bars[past - 1].low);
            minus += fabsl(bars[past].low - bars[past - 1].high);
            range += naive_true_range(bars, past);
        }
        rows[t][0] = (double)naive_ratio(plus, range, 0);
        rows[t][1] = (double)naive_ratio(minus, range, 0);
    }
}

#endif
