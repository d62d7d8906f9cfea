/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far three readings of momentum point with one another, as far as there is a trend at all: the
 * mean of RSI, of MACD in average true ranges and of the close's place in its channel (Williams'
 * %R), each from -1 to 1, times the efficiency ratio.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/convergence.h"
#include "core/num/efficiency.h"
#include "core/num/relative_strength.h"
#include "core/num/unit_move.h"

enum {
    MOMENTUM_TREND_ALIGNMENT_PERIOD,
    MOMENTUM_TREND_ALIGNMENT_FAST,
    MOMENTUM_TREND_ALIGNMENT_SLOW,
    MOMENTUM_TREND_ALIGNMENT_BARS
};

typedef struct AlignmentState {
    UnitMove unit;
    Convergence momentum;
    RelativeStrength strength;
} AlignmentState; /* the efficiency ratio and the channel follow */

static unsigned momentum_trend_alignment_warmup(const double *options) {
    return indicator_later((unsigned)options[MOMENTUM_TREND_ALIGNMENT_SLOW] - 1,
                           indicator_later((unsigned)options[MOMENTUM_TREND_ALIGNMENT_BARS],
                                           (unsigned)options[MOMENTUM_TREND_ALIGNMENT_PERIOD]));
}

static const char *momentum_trend_alignment_misfit(const double *options) {
    return options[MOMENTUM_TREND_ALIGNMENT_FAST] < options[MOMENTUM_TREND_ALIGNMENT_SLOW] ? NULL
                                                                                           : "fast";
}

static size_t momentum_trend_alignment_state_size(const double *options) {
    return sizeof(AlignmentState) +
           efficiency_size((unsigned)options[MOMENTUM_TREND_ALIGNMENT_BARS]) +
           channel_size((unsigned)options[MOMENTUM_TREND_ALIGNMENT_PERIOD]);
}

static void momentum_trend_alignment_init(void *state, const double *options) {
    AlignmentState *alignment = state;
    unit_move_init(&alignment->unit, (unsigned)options[MOMENTUM_TREND_ALIGNMENT_PERIOD]);
    convergence_init(&alignment->momentum, (unsigned)options[MOMENTUM_TREND_ALIGNMENT_FAST],
                     (unsigned)options[MOMENTUM_TREND_ALIGNMENT_SLOW]);
    relative_strength_init(&alignment->strength,
                           (unsigned)options[MOMENTUM_TREND_ALIGNMENT_PERIOD]);
    Efficiency *efficiency = (Efficiency *)(void *)(alignment + 1);
    efficiency_init(efficiency, (unsigned)options[MOMENTUM_TREND_ALIGNMENT_BARS]);
    channel_init(efficiency_end(efficiency), (unsigned)options[MOMENTUM_TREND_ALIGNMENT_PERIOD]);
}

/* Where in the channel the close lies, -1 at its bottom, 1 at its top. */
static double alignment_place(const Channel *channel, double close) {
    if (channel_flat(channel)) return 0;
    return 2 * ((close - channel->lowest) / (channel->highest - channel->lowest)) - 1;
}

static void momentum_trend_alignment_step(void *state, const IndicatorBar *bar, double *outputs) {
    AlignmentState *alignment = state;
    Efficiency *efficiency = (Efficiency *)(void *)(alignment + 1);
    Channel *channel = efficiency_end(efficiency);
    double unit = unit_move_next(&alignment->unit, bar->high, bar->low, bar->close);
    double momentum = convergence_next(&alignment->momentum, bar->close, unit);
    double strength = relative_strength_step(&alignment->strength, bar->close) / 50 - 1;
    bool placed = channel_step(channel, bar->high, bar->low);
    bool ready = efficiency_step(efficiency, bar->close) && placed;
    outputs[0] = (double)NAN;
    if (!ready) return;
    double mean = (strength + momentum + alignment_place(channel, bar->close)) / 3;
    outputs[0] = fabs(efficiency->ratio) * mean;
}

const Indicator indicator_momentum_trend_alignment = {
    .name = "momentum_trend_alignment",
    .group = GROUP_TREND,
    .sentence = "Momentum aligned with trend: mean of RSI, MACD in average true ranges and "
                "Williams' %R over `period` bars, each as -1 to 1, times the efficiency ratio "
                "(Kaufman) over `bars` changes, -1 to 1.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"fast", .preset = 12, .lowest = 2, .highest = 499, .unit = "bars", .whole = true},
                {"slow", .preset = 26, .lowest = 3, .highest = 500, .unit = "bars", .whole = true},
                {"bars", .preset = 20, .lowest = 2, .highest = 499, .unit = "bars", .whole = true}},
    .outputs = {{"momentum_trend_alignment", .lowest = -1, .highest = 1, .flat = 0,
                 .unit = "-1 to 1"}},
    .warmup = momentum_trend_alignment_warmup,
    .misfit = momentum_trend_alignment_misfit,
    .state_size = momentum_trend_alignment_state_size,
    .init = momentum_trend_alignment_init,
    .step = momentum_trend_alignment_step,
};
