/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/pass_peers.h"

#include <stddef.h>

#ifdef WITH_PEERS
#include <indicators.h>
#include <ta_libc.h>

static void middle(const double *high, const double *low, double *into, int count) {
    for (int bar = 0; bar < count; bar++)
        into[bar] = (high[bar] + low[bar]) / 2;
}

/* The spans and the lag out of the middles; each begins at the bar of its last input. */
static void clouds(const PassBars *bars, double *const *outputs, const double *widest, int *begin) {
    int last = bars->count, from = 25;
    for (int bar = 0; bar + from < last; bar++)
        outputs[2][bar] = (outputs[0][bar + from - 8] + outputs[1][bar]) / 2;
    for (int bar = 0; bar + 51 < last; bar++)
        outputs[3][bar] = widest[bar];
    for (int bar = 26; bar < last; bar++)
        outputs[4][bar - 26] = bars->close[bar] - bars->close[bar - 26];
    begin[0] = 8;
    begin[1] = 25;
    begin[2] = 51;
    begin[3] = 77;
    begin[4] = 26;
}

/* --- TA-Lib ------------------------------------------------------------------------------------
 */

static void talib_middles(const PassBars *bars, int length, double *into) {
    int begin, count, last = bars->count - 1;
    double *highest = bars->scratch[0], *lowest = bars->scratch[1];
    TA_MAX(0, last, bars->high, length, &begin, &count, highest);
    TA_MIN(0, last, bars->low, length, &begin, &count, lowest);
    middle(highest, lowest, into, count);
}

static void talib_vwap(const PassBars *bars, double *into, int *begin) {
    int count, last = bars->count - 1;
    double *const *scratch = bars->scratch;
    TA_TYPPRICE(0, last, bars->high, bars->low, bars->close, begin, &count, scratch[0]);
    TA_MULT(0, last, scratch[0], bars->volume, begin, &count, scratch[1]);
    TA_SUM(0, last, scratch[1], 20, begin, &count, scratch[2]);
    TA_SUM(0, last, bars->volume, 20, begin, &count, scratch[3]);
    TA_DIV(0, count - 1, scratch[2], scratch[3], begin, &count, into);
    *begin = 19;
}

static void talib_ichimoku(const PassBars *bars, double *const *outputs, int *begin) {
    talib_middles(bars, 9, outputs[0]);
    talib_middles(bars, 26, outputs[1]);
    talib_middles(bars, 52, bars->scratch[2]);
    clouds(bars, outputs, bars->scratch[2], begin);
}

static void talib_run(PassIndicator indicator, const PassBars *bars, double *const *outputs,
                      int *begin) {
    int first = 0, count, last = bars->count - 1;
    const double *high = bars->high, *low = bars->low, *close = bars->close;
    switch (indicator) {
    case PASS_RSI:
        TA_RSI(0, last, close, 14, &first, &count, outputs[0]);
        break;
    case PASS_MACD:
        TA_MACD(0, last, close, 12, 26, 9, &first, &count, outputs[0], outputs[1], outputs[2]);
        break;
    case PASS_BOLLINGER:
        TA_BBANDS(0, last, close, 20, 2, 2, TA_MAType_SMA, &first, &count, outputs[1], outputs[0],
                  outputs[2]);
        break;
    case PASS_STOCH:
        TA_STOCH(0, last, high, low, close, 14, 3, TA_MAType_SMA, 3, TA_MAType_SMA, &first, &count,
                 outputs[0], outputs[1]);
        break;
    case PASS_WILLIAMS_R:
        TA_WILLR(0, last, high, low, close, 14, &first, &count, outputs[0]);
        break;
    case PASS_ATR:
        TA_ATR(0, last, high, low, close, 14, &first, &count, outputs[0]);
        break;
    case PASS_SMA:
        TA_SMA(0, last, close, 200, &first, &count, outputs[0]);
        break;
    case PASS_EMA:
        TA_EMA(0, last, close, 20, &first, &count, outputs[0]);
        break;
    case PASS_ADX:
        TA_ADX(0, last, high, low, close, 14, &first, &count, outputs[0]);
        break;
    case PASS_ICHIMOKU:
        talib_ichimoku(bars, outputs, begin);
        return;
    case PASS_VWAP:
        talib_vwap(bars, outputs[0], begin);
        return;
    }
    for (int output = 0; output < PASS_OUTPUTS; output++)
        begin[output] = first;
}

/* --- Tulip Indicators ----------------------------------------------------------------------------
 */

static void tulip_middles(const PassBars *bars, double length, double *into) {
    double *highest = bars->scratch[0], *lowest = bars->scratch[1];
    const double *inputs[] = {bars->high}, *other[] = {bars->low};
    ti_max(bars->count, inputs, &length, &highest);
    ti_min(bars->count, other, &length, &lowest);
    middle(highest, lowest, into, bars->count - (int)length + 1);
}

static void tulip_ichimoku(const PassBars *bars, double *const *outputs, int *begin) {
    tulip_middles(bars, 9, outputs[0]);
    tulip_middles(bars, 26, outputs[1]);
    tulip_middles(bars, 52, bars->scratch[2]);
    clouds(bars, outputs, bars->scratch[2], begin);
}

static int tulip_vwap(const PassBars *bars, double *const *outputs) {
    const double *prices[] = {bars->high, bars->low, bars->close}, length = 20;
    double *typical = bars->scratch[0], *into[] = {outputs[0]};
    ti_typprice(bars->count, prices, NULL, &typical);
    const double *inputs[] = {typical, bars->volume};
    ti_vwma(bars->count, inputs, &length, into);
    return ti_vwma_start(&length);
}

static int tulip_close(PassIndicator indicator, const PassBars *bars, double *const *outputs) {
    const double *close[] = {bars->close};
    double *into[] = {outputs[0], outputs[1], outputs[2]};
    double *bands[] = {outputs[2], outputs[0], outputs[1]};
    static const double fourteen = 14, macd[] = {12, 26, 9}, bollinger[] = {20, 2}, sma = 200,
                        ema = 20;
    switch (indicator) {
    case PASS_RSI:
        ti_rsi(bars->count, close, &fourteen, into);
        return ti_rsi_start(&fourteen);
    case PASS_MACD:
        ti_macd(bars->count, close, macd, into);
        return ti_macd_start(macd);
    case PASS_BOLLINGER:
        ti_bbands(bars->count, close, bollinger, bands);
        return ti_bbands_start(bollinger);
    case PASS_SMA:
        ti_sma(bars->count, close, &sma, into);
        return ti_sma_start(&sma);
    default:
        ti_ema(bars->count, close, &ema, into);
        return ti_ema_start(&ema);
    }
}

static int tulip_range(PassIndicator indicator, const PassBars *bars, double *const *outputs) {
    const double *inputs[] = {bars->high, bars->low, bars->close};
    double *into[] = {outputs[0], outputs[1]};
    static const double fourteen = 14, stoch[] = {14, 3, 3};
    switch (indicator) {
    case PASS_STOCH:
        ti_stoch(bars->count, inputs, stoch, into);
        return ti_stoch_start(stoch);
    case PASS_WILLIAMS_R:
        ti_willr(bars->count, inputs, &fourteen, into);
        return ti_willr_start(&fourteen);
    case PASS_ATR:
        ti_atr(bars->count, inputs, &fourteen, into);
        return ti_atr_start(&fourteen);
    default:
        ti_adx(bars->count, inputs, &fourteen, into);
        return ti_adx_start(&fourteen);
    }
}

static void tulip_run(PassIndicator indicator, const PassBars *bars, double *const *outputs,
                      int *begin) {
    int first = 0;
    switch (indicator) {
    case PASS_ICHIMOKU:
        tulip_ichimoku(bars, outputs, begin);
        return;
    case PASS_VWAP:
        first = tulip_vwap(bars, outputs);
        break;
    case PASS_STOCH:
    case PASS_WILLIAMS_R:
    case PASS_ATR:
    case PASS_ADX:
        first = tulip_range(indicator, bars, outputs);
        break;
    default:
        first = tulip_close(indicator, bars, outputs);
        break;
    }
    for (int output = 0; output < PASS_OUTPUTS; output++)
        begin[output] = first;
}

const PassPeer pass_peers[] = {
    {"TA-Lib", talib_run}, {"Tulip Indicators", tulip_run}, {NULL, NULL}};
#else
const PassPeer pass_peers[] = {{NULL, NULL}};
#endif
