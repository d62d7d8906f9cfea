/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every indicator once more, the plain way: over the whole series at once, straight from its
 * definition, in extended precision, with nothing streaming and nothing shared with the program.
 * The formulas of the first indicators stand here, those of the others in the headers that are
 * included; the table names them all. The caller owns the input and the rows of results; a value
 * that does not exist yet is NaN.
 */
#ifndef TESTS_LAWS_NAIVE_H
#define TESTS_LAWS_NAIVE_H

#include "naive_averages.h"
#include "naive_combined.h"
#include "naive_core.h"
#include "naive_oscillators.h"
#include "naive_trends.h"
#include "naive_volumes.h"

static void naive_sma(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0};
    int length = (int)options[0];
    naive_closes(bars, count, closes);
    for (int t = length - 1; t < count; t++)
        rows[t][0] = (double)naive_mean(closes + t - length + 1, length);
}

static void naive_stdev_rows(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0};
    int length = (int)options[0];
    naive_closes(bars, count, closes);
    for (int t = length - 1; t < count; t++)
        rows[t][0] = (double)naive_stdev(closes + t - length + 1, length);
}

static void naive_bollinger(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0};
    int length = (int)options[0];
    naive_closes(bars, count, closes);
    for (int t = length - 1; t < count; t++) {
        Wide mean = naive_mean(closes + t - length + 1, length);
        Wide half = options[1] * naive_stdev(closes + t - length + 1, length);
        Wide lower = mean - half, upper = mean + half;
        rows[t][0] = (double)mean;
        rows[t][1] = (double)upper;
        rows[t][2] = (double)lower;
        rows[t][3] = (double)naive_ratio(closes[t] - lower, upper - lower, 0.5L);
        rows[t][4] = (double)((upper - lower) / mean);
    }
}

static void naive_ema(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, smoothed[SERIES_BARS];
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, (int)options[0], 2 / (options[0] + 1), smoothed);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)smoothed[t];
}

static void naive_macd(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0}, fast[SERIES_BARS], slow[SERIES_BARS], signal[SERIES_BARS];
    int slow_length = (int)options[1];
    naive_closes(bars, count, closes);
    naive_smooth(closes, 0, count, (int)options[0], 2 / (options[0] + 1), fast);
    naive_smooth(closes, 0, count, slow_length, 2 / (options[1] + 1), slow);
    for (int t = 0; t < count; t++)
        fast[t] -= slow[t];
    naive_smooth(fast, slow_length - 1, count, (int)options[2], 2 / (options[2] + 1), signal);
    for (int t = 0; t < count; t++) {
        rows[t][0] = (double)fast[t];
        rows[t][1] = (double)signal[t];
        rows[t][2] = (double)(fast[t] - signal[t]);
    }
}

static void naive_rsi(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide gains[SERIES_BARS] = {0}, losses[SERIES_BARS] = {0};
    Wide gain[SERIES_BARS], loss[SERIES_BARS];
    int length = (int)options[0];
    for (int t = 1; t < count; t++) {
        Wide change = bars[t].close - bars[t - 1].close;
        gains[t] = change > 0 ? change : 0;
        losses[t] = change < 0 ? -change : 0;
    }
    naive_smooth(gains, 1, count, length, 1 / (Wide)length, gain);
    naive_smooth(losses, 1, count, length, 1 / (Wide)length, loss);
    for (int t = length; t < count; t++)
        rows[t][0] = (double)(100 * naive_ratio(gain[t], gain[t] + loss[t], 0.5L));
}

static void naive_williams_r(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length - 1; t < count; t++) {
        Wide highest, lowest;
        naive_channel(bars, t, length, &highest, &lowest);
        rows[t][0] = (double)(-100 * naive_ratio(highest - bars[t].close, highest - lowest, 0.5L));
    }
}

static void naive_stoch(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide raw[SERIES_BARS], smoothed[SERIES_BARS];
    int length = (int)options[0], smooth = (int)options[1], slow = (int)options[2];
    for (int t = length - 1; t < count; t++) {
        Wide highest, lowest;
        naive_channel(bars, t, length, &highest, &lowest);
        raw[t] = 100 * naive_ratio(bars[t].close - lowest, highest - lowest, 0.5L);
    }
    for (int t = length + smooth - 2; t < count; t++) {
        smoothed[t] = naive_mean(raw + t - smooth + 1, smooth);
        rows[t][0] = (double)smoothed[t];
    }
    for (int t = length + smooth + slow - 3; t < count; t++)
        rows[t][1] = (double)naive_mean(smoothed + t - slow + 1, slow);
}

static void naive_atr(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide ranges[SERIES_BARS] = {0}, smoothed[SERIES_BARS];
    int length = (int)options[0];
    for (int t = 1; t < count; t++)
        ranges[t] = naive_true_range(bars, t);
    naive_smooth(ranges, 1, count, length, 1 / (Wide)length, smoothed);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)smoothed[t];
}

static void naive_adx(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide range[SERIES_BARS] = {0}, up[SERIES_BARS] = {0}, down[SERIES_BARS] = {0};
    Wide ranges[SERIES_BARS], ups[SERIES_BARS], downs[SERIES_BARS];
    int length = (int)options[0];
    for (int t = 1; t < count; t++) {
        Wide rise = bars[t].high - bars[t - 1].high, fall = bars[t - 1].low - bars[t].low;
        range[t] = naive_true_range(bars, t);
        up[t] = rise > fall && rise > 0 ? rise : 0;
        down[t] = fall > rise && fall > 0 ? fall : 0;
    }
    naive_smooth(range, 1, count, length, 1 / (Wide)length, ranges);
    naive_smooth(up, 1, count, length, 1 / (Wide)length, ups);
    naive_smooth(down, 1, count, length, 1 / (Wide)length, downs);
    for (int t = length; t < count; t++) {
        Wide plus = naive_ratio(100 * ups[t], ranges[t], 0);
        Wide minus = naive_ratio(100 * downs[t], ranges[t], 0);
        rows[t][1] = (double)plus;
        rows[t][2] = (double)minus;
        range[t] = naive_ratio(100 * fabsl(plus - minus), plus + minus, 0);
    }
    naive_smooth(range, length, count, length, 1 / (Wide)length, ranges);
    for (int t = 0; t < count; t++)
        rows[t][0] = (double)ranges[t];
}

static void naive_trend(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    Wide closes[SERIES_BARS] = {0};
    int fast = (int)options[0], slow = (int)options[1], changes = (int)options[2];
    naive_closes(bars, count, closes);
    for (int t = slow - 1 > changes ? slow - 1 : changes; t < count; t++) {
        Wide near = naive_mean(closes + t - fast + 1, fast);
        Wide far = naive_mean(closes + t - slow + 1, slow), walked = 0;
        for (int past = t - changes; past < t; past++)
            walked += fabsl(closes[past + 1] - closes[past]);
        rows[t][0] = (closes[t] > near && near > far) - (closes[t] < near && near < far);
        rows[t][1] = (double)naive_ratio(fabsl(closes[t] - closes[t - changes]), walked, 0);
    }
}

static void naive_price_change(const NaiveBar *bars, int count, const Wide *options,
                               NaiveRow *rows) {
    int back = (int)options[0];
    for (int t = back; t < count; t++)
        rows[t][0] = (double)((bars[t].close / bars[t - back].close - 1) * 100);
}

static void naive_obv(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    (void)options;
    Wide total = 0;
    for (int t = 0; t < count; t++) {
        Wide before = t > 0 ? bars[t - 1].close : bars[t].close;
        total += ((bars[t].close > before) - (bars[t].close < before)) * bars[t].volume;
        rows[t][0] = (double)total;
    }
}

static void naive_vwap(const NaiveBar *bars, int count, const Wide *options, NaiveRow *rows) {
    int length = (int)options[0];
    for (int t = length - 1; t < count; t++) {
        Wide traded = 0, paid = 0, plain = 0;
        for (int past = t - length + 1; past <= t; past++) {
            Wide typical = (bars[past].high + bars[past].low + bars[past].close) / 3;
            paid += typical * bars[past].volume;
            traded += bars[past].volume;
            plain += typical;
        }
        rows[t][0] = (double)(traded > 0 ? paid / traded : plain / length);
    }
}

static const Naive naive_table[] = {
    {"ad", naive_ad},
    {"adx", naive_adx},
    {"aroon", naive_aroon},
    {"atr", naive_atr},
    {"bollinger", naive_bollinger},
    {"breakout", naive_breakout},
    {"cci", naive_cci},
    {"cmf", naive_cmf},
    {"dema", naive_dema},
    {"divergence", naive_divergence},
    {"donchian", naive_donchian},
    {"double_rsi", naive_double_rsi},
    {"elder_ray", naive_elder_ray},
    {"ema", naive_ema},
    {"garman_klass", naive_garman_klass},
    {"historical_volatility", naive_historical_volatility},
    {"hma", naive_hma},
    {"ichimoku", naive_ichimoku},
    {"kama", naive_kama},
    {"keltner", naive_keltner},
    {"linreg", naive_linreg},
    {"macd", naive_macd},
    {"market_regime_indicator", naive_market_regime_indicator},
    {"mfi", naive_mfi},
    {"momentum", naive_momentum},
    {"momentum_trend_alignment", naive_momentum_trend_alignment},
    {"obv", naive_obv},
    {"oscillator_consensus", naive_oscillator_consensus},
    {"pivot_points", naive_pivot_points},
    {"ppo", naive_ppo},
    {"price_change", naive_price_change},
    {"psar", naive_psar},
    {"reversal_probability", naive_reversal_probability},
    {"roc", naive_roc},
    {"rsi", naive_rsi},
    {"session_vwap", naive_session_vwap},
    {"sma", naive_sma},
    {"stdev", naive_stdev_rows},
    {"stoch", naive_stoch},
    {"stoch_rsi", naive_stoch_rsi},
    {"supertrend", naive_supertrend},
    {"tema", naive_tema},
    {"trend", naive_trend},
    {"trend_confirmation", naive_trend_confirmation},
    {"trend_strength_index", naive_trend_strength_index},
    {"triple_ma", naive_triple_ma},
    {"trix", naive_trix},
    {"ultimate_oscillator", naive_ultimate_oscillator},
    {"volatility_adjusted_momentum", naive_volatility_adjusted_momentum},
    {"volatility_trend", naive_volatility_trend},
    {"volume_price_confirmation", naive_volume_price_confirmation},
    {"volume_profile", naive_volume_profile},
    {"volume_weighted_price_momentum", naive_volume_weighted_price_momentum},
    {"vortex", naive_vortex},
    {"vwap", naive_vwap},
    {"williams_r", naive_williams_r},
    {"wma", naive_wma},
    {"zscore", naive_zscore},
};

/* NULL for an indicator that nobody has written down the plain way. */
static inline const Naive *naive_find(const char *name) {
    for (size_t index = 0; index < sizeof naive_table / sizeof naive_table[0]; index++)
        if (strcmp(naive_table[index].name, name) == 0) return &naive_table[index];
    return NULL;
}

/* Fills `rows` with NaN, then with what the formula gives. */
static inline void naive_run(const Naive *naive, const IndicatorBar *bars, int count,
                             const double options[static INDICATOR_OPTIONS_MAX], NaiveRow *rows) {
    NaiveBar wide[SERIES_BARS] = {0};
    Wide wide_options[INDICATOR_OPTIONS_MAX];
    for (int option = 0; option < INDICATOR_OPTIONS_MAX; option++)
        wide_options[option] = (Wide)options[option];
    for (int t = 0; t < count; t++) {
        wide[t] = (NaiveBar){.open = (Wide)bars[t].open,
                             .high = (Wide)bars[t].high,
                             .low = (Wide)bars[t].low,
                             .close = (Wide)bars[t].close,
                             .volume = (Wide)bars[t].volume,
                             .taker = (Wide)bars[t].taker,
                             .hour = (long)(bars[t].time_us / 3600000000LL)};
        for (int output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
            rows[t][output] = (double)NAN;
    }
    naive->formula(wide, count, wide_options, rows);
}

#endif
