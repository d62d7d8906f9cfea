/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stochastic RSI (Chande and Kroll 1994): where the relative strength index lies between its
 * own lowest and highest of the last `k` bars, in percent, averaged over `smooth` bars (%K), and
 * the mean of `d` of these (%D). It sees all of that past, not a single reading of the RSI. An RSI
 * that moves by roundings only has no inside: 50.
 */
#include "core/indicators/indicator.h"
#include "core/num/channel.h"
#include "core/num/relative_strength.h"
#include "core/num/sliding.h"

enum { STOCH_RSI_PERIOD, STOCH_RSI_K, STOCH_RSI_SMOOTH, STOCH_RSI_D };

#define STOCH_RSI_STILL                                                                            \
    1e-9 /* of 100; its roundings come to 1e-13, a market that moves at all to far more */

/* The state is four blocks, one behind the other: the strength, its channel, and two sums. */

static unsigned stoch_rsi_warmup(const double *options) {
    return (unsigned)options[STOCH_RSI_PERIOD] + (unsigned)options[STOCH_RSI_K] +
           (unsigned)options[STOCH_RSI_SMOOTH] + (unsigned)options[STOCH_RSI_D] - 3;
}

static size_t stoch_rsi_state_size(const double *options) {
    return sizeof(RelativeStrength) + channel_size((unsigned)options[STOCH_RSI_K]) +
           sliding_size((unsigned)options[STOCH_RSI_SMOOTH]) +
           sliding_size((unsigned)options[STOCH_RSI_D]);
}

static void stoch_rsi_init(void *state, const double *options) {
    RelativeStrength *relative = state;
    relative_strength_init(relative, (unsigned)options[STOCH_RSI_PERIOD]);
    Channel *channel = (Channel *)(void *)(relative + 1);
    channel_init(channel, (unsigned)options[STOCH_RSI_K]);
    Sliding *smooth = channel_end(channel);
    sliding_init(smooth, (unsigned)options[STOCH_RSI_SMOOTH]);
    sliding_init(sliding_end(smooth), (unsigned)options[STOCH_RSI_D]);
}

static double stoch_rsi_raw(const Channel *channel, double strength) {
    double height = channel->highest - channel->lowest;
    return height > STOCH_RSI_STILL ? 100 * ((strength - channel->lowest) / height) : 50;
}

static void stoch_rsi_step(void *state, const IndicatorBar *bar, double *outputs) {
    RelativeStrength *relative = state;
    Channel *channel = (Channel *)(void *)(relative + 1);
    Sliding *smooth = channel_end(channel), *slow = sliding_end(smooth);
    outputs[0] = outputs[1] = (double)NAN;
    double strength = relative_strength_step(relative, bar->close);
    if (isnan(strength) || !channel_step(channel, strength, strength)) return;
    if (!sliding_push(smooth, stoch_rsi_raw(channel, strength))) return;
    outputs[0] = sliding_mean(smooth);
    if (sliding_push(slow, outputs[0])) outputs[1] = sliding_mean(slow);
}

const Indicator indicator_stoch_rsi = {
    .name = "stoch_rsi",
    .group = GROUP_MOMENTUM,
    .sentence = "Stochastic RSI (Chande, Kroll 1994): place of the RSI over `period` changes "
                "in its own range of the last `k` bars, averaged over `smooth` bars (%K), and "
                "its mean over `d` bars (%D), 0 to 100.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 400, .unit = "bars",
                 .whole = true},
                {"k", .preset = 14, .lowest = 3, .highest = 400, .unit = "bars", .whole = true},
                {"smooth", .preset = 3, .lowest = 1, .highest = 100, .unit = "bars", .whole = true},
                {"d", .preset = 3, .lowest = 1, .highest = 100, .unit = "bars", .whole = true}},
    .outputs = {{"stoch_rsi_k", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"},
                {"stoch_rsi_d", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"}},
    .warmup = stoch_rsi_warmup,
    .state_size = stoch_rsi_state_size,
    .init = stoch_rsi_init,
    .step = stoch_rsi_step,
};
