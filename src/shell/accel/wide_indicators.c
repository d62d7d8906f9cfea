/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/accel/wide_indicators.h"

#ifdef __AVX2__ /* the Makefile compiles this file for it where the machine is of that kind */

#define indicator_adx        wide_adx
#define indicator_atr        wide_atr
#define indicator_bollinger  wide_bollinger
#define indicator_ema        wide_ema
#define indicator_ichimoku   wide_ichimoku
#define indicator_macd       wide_macd
#define indicator_rsi        wide_rsi
#define indicator_sma        wide_sma
#define indicator_stdev      wide_stdev
#define indicator_stoch      wide_stoch
#define indicator_vwap       wide_vwap
#define indicator_williams_r wide_williams_r
#define columns_smooth       wide_smooth
#define columns_line         wide_line
#define columns_mean         wide_mean
#define columns_squares      wide_squares
#define columns_products     wide_products
#define columns_sliding_mean wide_sliding_mean
#define columns_channel      wide_channel

#include "core/num/columns.c"

#include "core/indicators/adx.c"
#include "core/indicators/atr.c"
#include "core/indicators/bollinger.c"
#include "core/indicators/ema.c"
#include "core/indicators/ichimoku.c"
#include "core/indicators/macd.c"
#include "core/indicators/rsi.c"
#include "core/indicators/sma.c"
#include "core/indicators/stdev.c"
#include "core/indicators/stoch.c"
#include "core/indicators/vwap.c"
#include "core/indicators/williams_r.c"

static const Indicator *const wide[] = {
    &wide_adx, &wide_atr, &wide_bollinger, &wide_ema,  &wide_ichimoku,   &wide_macd,
    &wide_rsi, &wide_sma, &wide_stoch,     &wide_vwap, &wide_williams_r,
};

const Indicator *wide_indicator(const Indicator *indicator) {
    if (!__builtin_cpu_supports("avx2")) return indicator;
    for (unsigned index = 0; index < sizeof wide / sizeof wide[0]; index++)
        if (strcmp(wide[index]->name, indicator->name) == 0) return wide[index];
    return indicator;
}

#else

const Indicator *wide_indicator(const Indicator *indicator) {
    return indicator;
}

#endif
