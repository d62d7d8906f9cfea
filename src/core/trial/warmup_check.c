/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/warmup_check.h"

#include <math.h>
#include <string.h>

#include "core/base/arena.h"

/* An exponential mean of n bars keeps (1 - 2/(n+1))^k of the past after k bars: less than 1e-11
 * after 13 n. Cascades of three need about twice as long. */
#define DECAYS       26
#define DECAY_LEFT   1e-6 /* of the greater of the value and the price's share in it */
#define SESSIONS     2    /* one that is cut by the start, and the one that reads it */
#define EXACT_LEFT   1e-9 /* exact sums in another order of additions */
#define NO_MEMORY_OF SIZE_MAX

size_t warmup_check_scratch(const Indicator *indicator) {
    double options[INDICATOR_OPTIONS_MAX];
    indicator_presets(indicator, options);
    return 2 * arena_rounded(indicator->state_size(options));
}

/* Bars after which the start is forgotten. */
static size_t memory_of(const Indicator *indicator, const double *options, int64_t length_us) {
    unsigned warmup = indicator->warmup(options);
    switch (indicator->memory) {
    case MEMORY_WINDOW:
        return warmup + indicator->window(options);
    case MEMORY_DECAY:
        return (size_t)(warmup + 1) * DECAYS;
    case MEMORY_SESSION:
        return (size_t)(SESSIONS * INSTANT_DAY_US / length_us) + warmup;
    default:
        return NO_MEMORY_OF;
    }
}

static bool agree(const Indicator *indicator, double earlier, double later, double scale) {
    double left = indicator->memory == MEMORY_DECAY ? DECAY_LEFT : EXACT_LEFT;
    if (isnan(earlier) || isnan(later)) return isnan(earlier) && isnan(later);
    double size = fabs(earlier) > fabs(later) ? fabs(earlier) : fabs(later);
    return fabs(earlier - later) <= left * (size > scale ? size : scale);
}

static bool compare(const Indicator *indicator, const double *earlier, const double *later,
                    double price, WarmupFinding *finding) {
    for (unsigned i = 0; i < indicator_output_count(indicator); i++) {
        double scale = indicator->outputs[i].price_scale == SCALE_LINEAR ? price : 1;
        if (agree(indicator, earlier[i], later[i], scale)) continue;
        finding->verdict = WARMUP_UNSTABLE;
        finding->output = indicator->outputs[i].name;
        finding->earlier = earlier[i];
        finding->later = later[i];
        return false;
    }
    return true;
}

WarmupFinding warmup_check(const Indicator *indicator, const CandleSeries *candles, size_t later,
                           void *scratch) {
    double options[INDICATOR_OPTIONS_MAX], first[INDICATOR_OUTPUTS_MAX],
        second[INDICATOR_OUTPUTS_MAX];
    indicator_presets(indicator, options);
    size_t memory = memory_of(indicator, options, candles->length_us);
    WarmupFinding finding = {.verdict = WARMUP_NO_PROMISE};
    if (memory == NO_MEMORY_OF) return finding;
    void *states[2] = {scratch, (uint8_t *)scratch + arena_rounded(indicator->state_size(options))};
    finding.verdict = WARMUP_TOO_SHORT;
    for (unsigned i = 0; i < 2; i++)
        indicator->init(states[i], options);
    for (size_t row = 0; row < candles->count; row++) {
        Bar bar = candle_series_bar(candles, row);
        IndicatorBar in = indicator_bar(&bar);
        indicator->step(states[0], &in, first);
        if (row >= later) indicator->step(states[1], &in, second);
        if (row < later + memory) continue;
        finding.verdict = WARMUP_STABLE;
        finding.row = row;
        if (!compare(indicator, first, second, in.close, &finding)) break;
    }
    return finding;
}
