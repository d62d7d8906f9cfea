/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directional movement system (Wilder 1978, pages 35 to 47). A bar moves up by what its high
 * exceeds the high before, down by what its low undercuts the low before; only the greater of the
 * two counts. Smoothed Wilder's way and divided by the smoothed true range they are +DI and -DI;
 * the relative distance of these, in which the range cancels, is DX, and DX smoothed once more is
 * ADX: how directed the market is, whatever the direction. Seeds: means of the first n movements,
 * and of the first n DX. A market that does not move has all three at 0.
 */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
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
    double up = adx->up.value, down = adx->down.value, range = adx->range.value;
    outputs[0] = smooth_next(&adx->directed, 100 * ratio_or(fabs(up - down), up + down, 0));
    outputs[1] = 100 * ratio_part_or(up, range, 0);
    outputs[2] = 100 * ratio_part_or(down, range, 0);
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

/* Movements up and down, and true ranges, from the second bar on. */
static void adx_moves(const IndicatorColumns *bars, size_t count, double *restrict ups,
                      double *restrict downs, double *restrict ranges) {
    const double *restrict high = bars->high, *restrict low = bars->low;
    const double *restrict close = bars->close;
    for (size_t bar = 1; bar < count; bar++) {
        double up = high[bar] - high[bar - 1], down = low[bar - 1] - low[bar];
        double most = up > down ? up : 0, least = down > up ? down : 0;
        ups[bar] = most > 0 ? most : 0;
        downs[bar] = least > 0 ? least : 0;
        ranges[bar] = true_range(high[bar], low[bar], close[bar - 1]);
    }
}

static void adx_take(AdxState *adx, const IndicatorColumns *bars, size_t count,
                     double (*columns)[INDICATOR_PITCH]) {
    double up = bars->high[0] - adx->high_before, down = adx->low_before - bars->low[0];
    columns[0][0] = up > down && up > 0 ? up : 0;
    columns[1][0] = down > up && down > 0 ? down : 0;
    columns[2][0] = true_range(bars->high[0], bars->low[0], adx->close_before);
    adx_moves(bars, count, columns[0], columns[1], columns[2]);
    adx->high_before = bars->high[count - 1];
    adx->low_before = bars->low[count - 1];
    adx->close_before = bars->close[count - 1];
}

static void adx_directed(const double *restrict up, const double *restrict down, size_t count,
                         double *restrict directed) {
    for (size_t bar = 0; bar < count; bar++)
        directed[bar] = 100 * ratio_or(fabs(up[bar] - down[bar]), up[bar] + down[bar], 0);
}

/* +DI or -DI. */
static void adx_parts(const double *restrict moves, const double *restrict range, size_t count,
                      double *restrict parts) {
    for (size_t bar = 0; bar < count; bar++)
        parts[bar] = 100 * ratio_part_or(moves[bar], range[bar], 0);
}

static unsigned adx_stage(const IndicatorLane *lane, unsigned stage, size_t count,
                          double (*columns)[INDICATOR_PITCH], SmoothLane *smooth) {
    AdxState *adx = lane->state;
    double *up = columns[0], *down = columns[1], *range = columns[2], *directed = columns[3];
    if (stage == 0) {
        adx_take(adx, &lane->bars, count, columns);
        smooth[0] = (SmoothLane){&adx->up, up, up};
        smooth[1] = (SmoothLane){&adx->down, down, down};
        smooth[2] = (SmoothLane){&adx->range, range, range};
        return 3;
    }
    if (stage > 1) return 0;
    adx_directed(up, down, count, directed);
    if (lane->outputs[1]) adx_parts(up, range, count, lane->outputs[1]);
    if (lane->outputs[2]) adx_parts(down, range, count, lane->outputs[2]);
    smooth[0] =
        (SmoothLane){&adx->directed, directed, lane->outputs[0] ? lane->outputs[0] : directed};
    return 1;
}

typedef struct AdxAbreast {
    AbreastSmooth up, down, range, directed;
    Near high, low, close; /* of the bar before */
} AdxAbreast;

ABREAST_INLINE void adx_abreast_row(AdxAbreast *adx, const IndicatorAbreast *rows, size_t bar) {
    Near zero = {0}, high = abreast_row(rows->high, bar), low = abreast_row(rows->low, bar);
    Near rise = high - adx->high, fall = adx->low - low;
    Near most = abreast_choose(rise > fall, rise, zero);
    Near least = abreast_choose(fall > rise, fall, zero);
    Near up = abreast_smooth(&adx->up, near_greater(most, zero));
    Near down = abreast_smooth(&adx->down, near_greater(least, zero));
    Near top = near_greater(high, adx->close), bottom = near_lesser(low, adx->close);
    Near range = abreast_smooth(&adx->range, top - bottom);
    Near directed = 100 * abreast_ratio(abreast_size(up - down), up + down, 0);
    abreast_put(rows->outputs[0], bar, abreast_smooth(&adx->directed, directed));
    if (rows->outputs[1]) abreast_put(rows->outputs[1], bar, 100 * abreast_part(up, range, 0));
    if (rows->outputs[2]) abreast_put(rows->outputs[2], bar, 100 * abreast_part(down, range, 0));
    adx->high = high;
    adx->low = low;
    adx->close = abreast_row(rows->close, bar);
}

static void adx_abreast(const IndicatorLane *lanes, const IndicatorAbreast *rows) {
    AdxAbreast abreast;
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        const AdxState *adx = lanes[lane].state;
        abreast_take(&abreast.up, lane, &adx->up);
        abreast_take(&abreast.down, lane, &adx->down);
        abreast_take(&abreast.range, lane, &adx->range);
        abreast_take(&abreast.directed, lane, &adx->directed);
        abreast.high[lane] = adx->high_before;
        abreast.low[lane] = adx->low_before;
        abreast.close[lane] = adx->close_before;
    }
    for (size_t bar = 0; bar < rows->count; bar++)
        adx_abreast_row(&abreast, rows, bar);
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        AdxState *adx = lanes[lane].state;
        abreast_give(&abreast.up, lane, &adx->up);
        abreast_give(&abreast.down, lane, &adx->down);
        abreast_give(&abreast.range, lane, &adx->range);
        abreast_give(&abreast.directed, lane, &adx->directed);
        adx->high_before = abreast.high[lane];
        adx->low_before = abreast.low[lane];
        adx->close_before = abreast.close[lane];
    }
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
    .stages = {.recursions = 3, .columns = 4, .run = adx_stage},
    .abreast = adx_abreast,
};
