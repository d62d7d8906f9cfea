/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keltner's channel in the form of Raschke: an exponential average of the closes with bands a
 * multiple of the average true range (Wilder's smoothing) above and below it. Seeds: the means of
 * the first values of each average; the three lines appear together.
 */
#include "core/indicators/indicator.h"
#include "core/num/smooth.h"
#include "core/num/true_range.h"

enum { KELTNER_PERIOD, KELTNER_MULTIPLIER, KELTNER_ATR_PERIOD };

typedef struct KeltnerState {
    double close_before, multiplier;
    Smooth close, range;
    uint64_t started; /* 0 before the first bar, then 1 */
} KeltnerState;

static unsigned keltner_warmup(const double *options) {
    return (unsigned)options[KELTNER_PERIOD] - 1 > (unsigned)options[KELTNER_ATR_PERIOD]
               ? (unsigned)options[KELTNER_PERIOD] - 1
               : (unsigned)options[KELTNER_ATR_PERIOD];
}

static size_t keltner_state_size(const double *options) {
    (void)options;
    return sizeof(KeltnerState);
}

static void keltner_init(void *state, const double *options) {
    KeltnerState *keltner = state;
    keltner->close_before = 0;
    keltner->started = 0;
    keltner->multiplier = options[KELTNER_MULTIPLIER];
    smooth_init_ema(&keltner->close, (unsigned)options[KELTNER_PERIOD]);
    smooth_init_wilder(&keltner->range, (unsigned)options[KELTNER_ATR_PERIOD]);
}

static void keltner_step(void *state, const IndicatorBar *bar, double *outputs) {
    KeltnerState *keltner = state;
    outputs[0] = outputs[1] = outputs[2] = (double)NAN;
    bool ready = smooth_step(&keltner->close, bar->close), first = !keltner->started;
    double range = true_range(bar->high, bar->low, keltner->close_before);
    keltner->started = 1;
    keltner->close_before = bar->close;
    if (first || !smooth_step(&keltner->range, range) || !ready) return;
    double half = keltner->multiplier * keltner->range.value;
    outputs[0] = keltner->close.value;
    outputs[1] = outputs[0] + half;
    outputs[2] = outputs[0] - half;
}

const Indicator indicator_keltner = {
    .name = "keltner",
    .group = GROUP_VOLATILITY,
    .sentence = "Keltner channel (Keltner 1960, Raschke's form): exponential average of the "
                "closes over `period` bars, and bands `multiplier` average true ranges "
                "(Wilder, `atr_period` bars) above and below.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_DECAY,
    .options = {{"period", .preset = 20, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"multiplier", .preset = 2, .lowest = 0.1, .highest = 20, .unit = "ranges"},
                {"atr_period", .preset = 10, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"keltner", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"keltner_upper", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"keltner_lower", .lowest = (double)-INFINITY, .highest = (double)INFINITY,
                 .flat = (double)NAN, .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = keltner_warmup,
    .state_size = keltner_state_size,
    .init = keltner_init,
    .step = keltner_step,
};
