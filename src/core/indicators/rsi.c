/* SPDX-License-Identifier: Apache-2.0 */
/* The relative strength index of the closes; the formula and its seed stand in
 * core/num/relative_strength.h. */
#include "core/indicators/indicator.h"
#include "core/num/abreast.h"
#include "core/num/columns.h"
#include "core/num/relative_strength.h"

static unsigned rsi_warmup(const double *options) {
    return (unsigned)options[0];
}

static size_t rsi_state_size(const double *options) {
    (void)options;
    return sizeof(RelativeStrength);
}

static void rsi_init(void *state, const double *options) {
    relative_strength_init(state, (unsigned)options[0]);
}

static void rsi_step(void *state, const IndicatorBar *bar, double *outputs) {
    outputs[0] = relative_strength_step(state, bar->close);
}

/* The gains and losses of one lane, from the close before the block on. */
static void rsi_moves(RelativeStrength *strength, const double *restrict closes, size_t count,
                      double *restrict gains, double *restrict losses) {
    double first = closes[0] - strength->before;
    gains[0] = first > 0 ? first : 0;
    losses[0] = first < 0 ? -first : 0;
    for (size_t bar = 1; bar < count; bar++) {
        double change = closes[bar] - closes[bar - 1];
        gains[bar] = change > 0 ? change : 0;
        losses[bar] = change < 0 ? -change : 0;
    }
    strength->before = closes[count - 1];
}

static void rsi_shares(const double *restrict gains, const double *restrict losses, size_t count,
                       double *restrict shares) {
    for (size_t bar = 0; bar < count; bar++)
        shares[bar] = 100 * ratio_or(gains[bar], gains[bar] + losses[bar], 0.5);
}

static unsigned rsi_stage(const IndicatorLane *lane, unsigned stage, size_t count,
                          double (*columns)[INDICATOR_PITCH], SmoothLane *smooth) {
    RelativeStrength *strength = lane->state;
    double *gains = columns[0], *losses = columns[1];
    if (stage == 0) {
        rsi_moves(strength, lane->bars.close, count, gains, losses);
        smooth[0] = (SmoothLane){&strength->gain, gains, gains};
        smooth[1] = (SmoothLane){&strength->loss, losses, losses};
        return 2;
    }
    if (lane->outputs[0]) rsi_shares(gains, losses, count, lane->outputs[0]);
    return 0;
}

static void rsi_abreast(const IndicatorLane *lanes, const IndicatorAbreast *rows) {
    AbreastSmooth gain, loss;
    Near before, zero = {0};
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        const RelativeStrength *strength = lanes[lane].state;
        abreast_take(&gain, lane, &strength->gain);
        abreast_take(&loss, lane, &strength->loss);
        before[lane] = strength->before;
    }
    for (size_t bar = 0; bar < rows->count; bar++) {
        Near close = abreast_row(rows->close, bar), change = close - before;
        Near up = abreast_smooth(&gain, near_greater(change, zero));
        Near down = abreast_smooth(&loss, near_greater(-change, zero));
        before = close;
        abreast_put(rows->outputs[0], bar, 100 * abreast_ratio(up, up + down, 0.5));
    }
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        RelativeStrength *strength = lanes[lane].state;
        abreast_give(&gain, lane, &strength->gain);
        abreast_give(&loss, lane, &strength->loss);
        strength->before = before[lane];
    }
}

const Indicator indicator_rsi = {
    .name = "rsi",
    .group = GROUP_MOMENTUM,
    .sentence = "Relative strength index (Wilder 1978): share of the smoothed gains in all "
                "smoothed moves, 0 to 100; "
                "Wilder averages seeded by the mean of the first `period` changes.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"rsi", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"}},
    .warmup = rsi_warmup,
    .state_size = rsi_state_size,
    .init = rsi_init,
    .step = rsi_step,
    .stages = {.recursions = 2, .columns = 2, .run = rsi_stage},
    .abreast = rsi_abreast,
};
