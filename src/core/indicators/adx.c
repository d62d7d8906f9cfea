/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directional movement system (Wilder 1978, pages 35 to 47). A bar moves up by what its high
 * exceeds the high before, down by what its low undercuts the low before; only the greater of the
 * two counts. Smoothed Wilder's way and divided by the smoothed true range they are +DI and -DI;
 * the relative distance of these is DX, and DX smoothed once more is ADX: how directed the market
 * is, whatever the direction. Seeds: means of the first n movements, and of the first n DX. A
 * market that does not move has all three at 0.
 */
#include "core/indicators/indicator.h"
#include "core/num/columns.h"
#include "core/num/ratio.h"
#include "core/num/smooth.h"
#include "core/num/true_range.h"

typedef struct AdxState {
    double high_before, low_before, close_before;
    Smooth up, down, range, directed;
    uint64_t started; /* 0 before the first bar, then 1 */
} AdxState;

static unsigned adx_warmup(const double *options) {
    return 2 * (unsigned)options[0] - 1;
}

static size_t adx_state_size(const double *options) {
    (void)options;
    return sizeof(AdxState);
}

static void adx_init(void *state, const double *options) {
    AdxState *adx = state;
    unsigned period = (unsigned)options[0];
    adx->high_before = adx->low_before = adx->close_before = 0;
    adx->started = 0;
    smooth_init_wilder(&adx->up, period);
    smooth_init_wilder(&adx->down, period);
    smooth_init_wilder(&adx->range, period);
    smooth_init_wilder(&adx->directed, period);
}

/* Takes the movement from the bar before into the averages; true once they are seeded. */
static bool adx_move(AdxState *adx, const IndicatorBar *bar) {
    double up = bar->high - adx->high_before, down = adx->low_before - bar->low;
    smooth_step(&adx->up, up > down && up > 0 ? up : 0);
    smooth_step(&adx->down, down > up && down > 0 ? down : 0);
    return smooth_step(&adx->range, true_range(bar->high, bar->low, adx->close_before));
}

static void adx_read(AdxState *adx, double *outputs) {
    double plus = ratio_part_or(adx->up.value, adx->range.value, 0);
    double minus = ratio_part_or(adx->down.value, adx->range.value, 0);
    double apart = plus > minus ? plus - minus : minus - plus;
    outputs[0] = smooth_next(&adx->directed, 100 * ratio_or(apart, plus + minus, 0));
    outputs[1] = 100 * plus;
    outputs[2] = 100 * minus;
}

static void adx_step(void *state, const IndicatorBar *bar, double *outputs) {
    AdxState *adx = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    if (adx->started && adx_move(adx, bar)) adx_read(adx, outputs);
    adx->started = 1;
    adx->high_before = bar->high;
    adx->low_before = bar->low;
    adx->close_before = bar->close;
}

#define ADX_LANES 2 /* three recursions each */

typedef struct AdxColumns {
    double up[INDICATOR_BLOCK], down[INDICATOR_BLOCK], range[INDICATOR_BLOCK];
    double plus[INDICATOR_BLOCK], minus[INDICATOR_BLOCK], directed[INDICATOR_BLOCK];
} AdxColumns;

static void adx_moves(const double *restrict high, const double *restrict low,
                      const double *restrict close, size_t count, AdxColumns *restrict columns) {
    for (size_t bar = 1; bar < count; bar++) {
        double up = high[bar] - high[bar - 1], down = low[bar - 1] - low[bar];
        double most = up > down ? up : 0, least = down > up ? down : 0;
        columns->up[bar] = most > 0 ? most : 0;
        columns->down[bar] = least > 0 ? least : 0;
        columns->range[bar] = true_range(high[bar], low[bar], close[bar - 1]);
    }
}

static void adx_take(AdxState *adx, const IndicatorColumns *bars, size_t count,
                     AdxColumns *columns) {
    double up = bars->high[0] - adx->high_before, down = adx->low_before - bars->low[0];
    columns->up[0] = up > down && up > 0 ? up : 0;
    columns->down[0] = down > up && down > 0 ? down : 0;
    columns->range[0] = true_range(bars->high[0], bars->low[0], adx->close_before);
    adx_moves(bars->high, bars->low, bars->close, count, columns);
    adx->high_before = bars->high[count - 1];
    adx->low_before = bars->low[count - 1];
    adx->close_before = bars->close[count - 1];
}

static void adx_directions(AdxColumns *columns, size_t count) {
    for (size_t bar = 0; bar < count; bar++) {
        double plus = ratio_part_or(columns->up[bar], columns->range[bar], 0);
        double minus = ratio_part_or(columns->down[bar], columns->range[bar], 0);
        double apart = plus > minus ? plus - minus : minus - plus;
        columns->plus[bar] = 100 * plus;
        columns->minus[bar] = 100 * minus;
        columns->directed[bar] = 100 * ratio_or(apart, plus + minus, 0);
    }
}

static void adx_some(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    AdxColumns columns[ADX_LANES];
    SmoothLane smooth[3 * ADX_LANES], directed[ADX_LANES];
    for (unsigned lane = 0; lane < lane_count; lane++) {
        AdxState *adx = lanes[lane].state;
        AdxColumns *own = &columns[lane];
        adx_take(adx, &lanes[lane].bars, count, own);
        smooth[3 * lane] = (SmoothLane){&adx->up, own->up, own->up};
        smooth[3 * lane + 1] = (SmoothLane){&adx->down, own->down, own->down};
        smooth[3 * lane + 2] = (SmoothLane){&adx->range, own->range, own->range};
        directed[lane] = (SmoothLane){&adx->directed, own->directed, own->directed};
        if (lanes[lane].outputs[0]) directed[lane].smoothed = lanes[lane].outputs[0];
    }
    columns_smooth(smooth, 3 * lane_count, count);
    for (unsigned lane = 0; lane < lane_count; lane++)
        adx_directions(&columns[lane], count);
    columns_smooth(directed, lane_count, count);
    for (unsigned lane = 0; lane < lane_count; lane++) {
        double *const *outputs = lanes[lane].outputs;
        if (outputs[1]) memcpy(outputs[1], columns[lane].plus, count * sizeof(double));
        if (outputs[2]) memcpy(outputs[2], columns[lane].minus, count * sizeof(double));
    }
}

static void adx_batch(const IndicatorLane *lanes, unsigned lane_count, size_t count) {
    for (unsigned lane = 0; lane < lane_count; lane += ADX_LANES)
        adx_some(lanes + lane, lane_count - lane < ADX_LANES ? lane_count - lane : ADX_LANES,
                 count);
}

const Indicator indicator_adx = {
    .name = "adx",
    .group = GROUP_TREND,
    .sentence = "Average directional index (Wilder 1978): how directed the moves are, 0 to 100, "
                "with +DI and -DI; "
                "seeded by the means of the first `period` movements and of the first `period` DX.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"adx", .lowest = 0, .highest = 100, .flat = 0, .unit = "0 to 100"},
                {"plus_di", .lowest = 0, .highest = 100, .flat = 0, .unit = "0 to 100"},
                {"minus_di", .lowest = 0, .highest = 100, .flat = 0, .unit = "0 to 100"}},
    .warmup = adx_warmup,
    .state_size = adx_state_size,
    .init = adx_init,
    .step = adx_step,
    .batch = adx_batch,
};
