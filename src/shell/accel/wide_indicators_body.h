/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The batch forms of the hot indicators, and the driver that runs them, once more: compiled from
 * the very files of core/indicators and core/num for vectors of COLUMNS_BYTES bytes. Each operation
 * is the same in the same order, nothing is contracted, so every bit is the same; the laws compare
 * them. The file that includes this text says by WIDE_OWN(name) what its names are. Constants;
 * nothing is owned.
 */
#include "core/indicators/indicator.h"

#define WIDE_COUNT 12

extern const Indicator indicator_adx, indicator_atr, indicator_bollinger, indicator_ema,
    indicator_ichimoku, indicator_macd, indicator_rsi, indicator_sma, indicator_stdev,
    indicator_stoch, indicator_vwap, indicator_williams_r;

static const Indicator *const wide_from[WIDE_COUNT] = {
    &indicator_adx,      &indicator_atr,   &indicator_bollinger, &indicator_ema,
    &indicator_ichimoku, &indicator_macd,  &indicator_rsi,       &indicator_sma,
    &indicator_stdev,    &indicator_stoch, &indicator_vwap,      &indicator_williams_r,
};

#define indicator_adx        WIDE_OWN(adx)
#define indicator_atr        WIDE_OWN(atr)
#define indicator_bollinger  WIDE_OWN(bollinger)
#define indicator_ema        WIDE_OWN(ema)
#define indicator_ichimoku   WIDE_OWN(ichimoku)
#define indicator_macd       WIDE_OWN(macd)
#define indicator_rsi        WIDE_OWN(rsi)
#define indicator_sma        WIDE_OWN(sma)
#define indicator_stdev      WIDE_OWN(stdev)
#define indicator_stoch      WIDE_OWN(stoch)
#define indicator_vwap       WIDE_OWN(vwap)
#define indicator_williams_r WIDE_OWN(williams_r)

#define columns_smooth     WIDE_OWN(smooth)
#define columns_line       WIDE_OWN(line)
#define columns_stream     WIDE_OWN(stream)
#define columns_settle     WIDE_OWN(settle)
#define columns_mean       WIDE_OWN(mean)
#define columns_spread     WIDE_OWN(spread)
#define columns_weighted   WIDE_OWN(weighted)
#define columns_channels   WIDE_OWN(channels)
#define columns_line_open  WIDE_OWN(line_open)
#define columns_line_close WIDE_OWN(line_close)
#define columns_line_place WIDE_OWN(line_place)

#define indicator_lane       WIDE_OWN(lane)
#define indicator_batch      WIDE_OWN(batch)
#define indicator_batch_pass WIDE_OWN(pass)
#define indicator_abreast    WIDE_OWN(abreast)
#define indicator_is_abreast WIDE_OWN(is_abreast)

static const Indicator *wide_form(const Indicator *indicator);
#define INDICATOR_FORM(indicator) wide_form(indicator)

IndicatorLane indicator_lane(const Indicator *indicator, const double *options, void *state);
void indicator_batch(const Indicator *indicator, IndicatorLane *lanes, unsigned lane_count,
                     size_t count);
void indicator_batch_pass(const IndicatorPass *passes, unsigned pass_count, size_t count);
void indicator_abreast(const IndicatorPass *passes, unsigned pass_count, size_t at, size_t count);
bool indicator_is_abreast(const IndicatorPass *passes, unsigned pass_count, unsigned pass,
                          unsigned index);

#include "core/indicators/indicator_abreast.c"
#include "core/indicators/indicator_batch.c"
#include "core/num/columns.c"
#include "core/num/columns_channel.c"
#include "core/num/columns_halves.c"
#include "core/num/columns_smooth.c"

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

static const Indicator *const wide_to[WIDE_COUNT] = {
    &indicator_adx,      &indicator_atr,   &indicator_bollinger, &indicator_ema,
    &indicator_ichimoku, &indicator_macd,  &indicator_rsi,       &indicator_sma,
    &indicator_stdev,    &indicator_stoch, &indicator_vwap,      &indicator_williams_r,
};

static const Indicator *wide_form(const Indicator *indicator) {
    for (unsigned index = 0; index < WIDE_COUNT; index++)
        if (wide_from[index] == indicator) return wide_to[index];
    return indicator;
}
