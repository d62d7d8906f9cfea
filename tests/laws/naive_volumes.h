/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain formulas of what reads volumes and sessions (naive.h says what that is for). The caller
 * owns bars and rows.
 */
#ifndef TESTS_LAWS_NAIVE_VOLUMES_H
#define TESTS_LAWS_NAIVE_VOLUMES_H

#include "naive_core.h"

static Wide naive_price(const NaiveBar *bar) {
    return (bar->high + bar->low + bar->close) / 3;
}

static void naive_mfi(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length; t < count; t++) {
        Wide rising = 0, falling = 0;
        for (int past = t - length + 1; past <= t; past++) {
            Wide price = naive_price(&bars[past]), before = naive_price(&bars[past - 1]);
            if (price > before * (1 + 1e-12L)) rising += price * bars[past].volume;
            if (price < before * (1 - 1e-12L)) falling += price * bars[past].volume;
        }
        rows[t][0] = (double)(100 * naive_ratio(rising, rising + falling, 0.5L));
    }
}

/* Volume times the place of the close in the bar, -1 to 1. */
static Wide naive_flow(const NaiveBar *bar) {
    Wide place = naive_ratio(bar->close - bar->low, bar->high - bar->low, 0.5L);
    return (2 * place - 1) * bar->volume;
}

static void naive_cmf(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length - 1; t < count; t++) {
        Wide flow = 0, volume = 0;
        for (int past = t - length + 1; past <= t; past++) {
            flow += naive_flow(&bars[past]);
            volume += bars[past].volume;
        }
        rows[t][0] = (double)naive_ratio(flow, volume, 0);
    }
}

static void naive_ad(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide line = 0;
    (void)options;
    for (int t = 0; t < count; t++) {
        line += naive_flow(&bars[t]);
        rows[t][0] = (double)line;
    }
}

/* The hour in which the session began: Monday's, and every so many later in the week. */
static long naive_session(const NaiveBar *bar, Wide hours) {
    long week = (bar->hour - 96) / 168; /* 96 hours after 1970 began it was Monday */
    long within = bar->hour - 96 - 168 * week;
    return bar->hour - within % (long)hours;
}

static void naive_session_vwap(const NaiveBar *bars, int count, const Wide *options,
                               NaiveRow *rows) {
    for (int t = 0; t < count; t++) {
        Wide paid = 0, volume = 0, plain = 0;
        int past = t;
        for (; past >= 0; past--) {
            if (naive_session(&bars[past], options[0]) != naive_session(&bars[t], options[0]))
                break;
            paid += naive_price(&bars[past]) * bars[past].volume;
            volume += bars[past].volume;
            plain += naive_price(&bars[past]);
        }
        rows[t][0] = (double)(volume > 0 ? paid / volume : plain / (t - past));
    }
}

static void naive_pivot_points(const NaiveBar *bars, int count, const Wide *options,
                               NaiveRow *rows) {
    for (int t = 0; t < count; t++) {
        int last = t, first;
        while (last >= 0 &&
               naive_session(&bars[last], options[0]) == naive_session(&bars[t], options[0]))
            last--;
        if (last < 0) continue;
        Wide high = bars[last].high, low = bars[last].low;
        for (first = last; first >= 0; first--) {
            if (naive_session(&bars[first], options[0]) != naive_session(&bars[last], options[0]))
                break;
            high = fmaxl(high, bars[first].high);
            low = fminl(low, bars[first].low);
        }
        if (first < 0 && naive_session(&bars[0], options[0]) != bars[0].hour) continue;
        Wide pivot = (high + low + bars[last].close) / 3;
        rows[t][0] = (double)pivot;
        rows[t][1] = (double)(2 * pivot - low);
        rows[t][2] = (double)(pivot + high - low);
        rows[t][3] = (double)(high + 2 * (pivot - low));
        rows[t][4] = (double)(2 * pivot - high);
        rows[t][5] = (double)(pivot - (high - low));
        rows[t][6] = (double)(low - 2 * (high - pivot));
    }
}

/* Of a bar's volume, what lies in the bin from `bottom` to `top`; a bar without height lies in the
 * bin that holds it, the highest price in the last. */
static Wide naive_part(const NaiveBar *bar, Wide bottom, Wide top, bool last) {
    if (bar->high > bar->low) {
        Wide inside = fminl(bar->high, top) - fmaxl(bar->low, bottom);
        return fmaxl(inside, 0) / (bar->high - bar->low);
    }
    return bar->low >= bottom && (bar->low < top || last);
}

static void naive_delta(const NaiveBar *bars, int first, int last, NaiveRow row) {
    Wide delta = 0, told = 0;
    for (int t = first; t <= last; t++) {
        if (isnan(bars[t].taker)) continue;
        delta += 2 * bars[t].taker - bars[t].volume;
        told += bars[t].volume;
    }
    row[3] = (double)naive_ratio(delta, told, 0);
}

static void naive_profile(const NaiveBar *bars, int t, const Wide *options, NaiveRow row) {
    int length = (int)options[0], bins = (int)options[1], control = 0;
    Wide highest, lowest, volume[100] = {0}, all = 0;
    naive_channel(bars, t, length, &highest, &lowest);
    Wide height = highest - lowest;
    for (int past = t - length + 1; past <= t; past++)
        all += bars[past].volume;
    bool traded = all > 0;
    if (!traded) all = length;
    for (int past = t - length + 1; past <= t && height > 0; past++) {
        const NaiveBar *bar = &bars[past];
        int first = (int)((bar->low - lowest) / height * bins) - 1; /* one more on either side: */
        int last = (int)((bar->high - lowest) / height * bins) + 1; /* naive_part decides */
        for (int bin = first > 0 ? first : 0; bin <= last && bin < bins; bin++) {
            Wide bottom = lowest + height * bin / bins, top = lowest + height * (bin + 1) / bins;
            Wide part = naive_part(bar, bottom, top, bin == bins - 1);
            volume[bin] += part * (traded ? bar->volume : 1);
        }
    }
    for (int bin = 1; bin < bins; bin++)
        if (volume[bin] > volume[control] + 1e-9L * all) control = bin;
    int low = control, high = control;
    for (Wide held = volume[control]; height > 0 && held < (options[2] - 1e-9L) * all;) {
        bool up =
            low == 0 || (high < bins - 1 && volume[high + 1] >= volume[low - 1] - 1e-9L * all);
        if (up && high == bins - 1) break;
        held += up ? volume[++high] : volume[--low];
    }
    row[0] = (double)(lowest + height * (2 * control + 1) / (2 * bins));
    row[1] = (double)(lowest + height * (high + 1) / bins);
    row[2] = (double)(lowest + height * low / bins);
}

static void naive_volume_profile(const NaiveBar *bars, int count, const Wide *options,
                                 NaiveRow *rows) {
    for (int t = (int)options[0] - 1; t < count; t++) {
        naive_profile(bars, t, options, rows[t]);
        naive_delta(bars, t - (int)options[0] + 1, t, rows[t]);
    }
}

#endif
