/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kaufman's adaptive moving average (Smarter Trading, 1995): an exponential average whose weight
 * moves between a fast and a slow one by the efficiency ratio of the last n changes, squared. How
 * fast it forgets depends on the path: in a market that goes nowhere it stands nearly still. It
 * starts from the close before its first value.
 */
#include "core/indicators/indicator.h"
#include "core/num/efficiency.h"

enum { KAMA_PERIOD, KAMA_FAST, KAMA_SLOW };

typedef struct KamaState {
    double value;      /* before the first result: the newest close */
    double fast, slow; /* weights */
} KamaState;           /* the efficiency ratio follows */

static unsigned kama_warmup(const double *options) {
    return (unsigned)options[KAMA_PERIOD];
}

static const char *kama_misfit(const double *options) {
    return options[KAMA_FAST] < options[KAMA_SLOW] ? NULL : "fast";
}

static size_t kama_state_size(const double *options) {
    return sizeof(KamaState) + efficiency_size((unsigned)options[KAMA_PERIOD]);
}

static void kama_init(void *state, const double *options) {
    KamaState *kama = state;
    *kama = (KamaState){.fast = 2 / (options[KAMA_FAST] + 1), .slow = 2 / (options[KAMA_SLOW] + 1)};
    efficiency_init((Efficiency *)(void *)(kama + 1), (unsigned)options[KAMA_PERIOD]);
}

static void kama_step(void *state, const IndicatorBar *bar, double *outputs) {
    KamaState *kama = state;
    Efficiency *efficiency = (Efficiency *)(void *)(kama + 1);
    outputs[0] = (double)NAN;
    if (!efficiency_step(efficiency, bar->close)) {
        kama->value = bar->close;
        return;
    }
    double weight = fabs(efficiency->ratio) * (kama->fast - kama->slow) + kama->slow;
    kama->value += weight * weight * (bar->close - kama->value);
    outputs[0] = kama->value;
}

const Indicator indicator_kama = {
    .name = "kama",
    .group = GROUP_TREND,
    .sentence = "Kaufman's adaptive moving average (1995): an exponential average whose "
                "weight runs between those of `fast` and `slow` with the squared efficiency "
                "of the last `period` changes; seeded by the close before its first value.",
    .inputs = INPUT_CLOSE,
    .memory = MEMORY_PATH,
    .options = {{"period", .preset = 10, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true},
                {"fast", .preset = 2, .lowest = 2, .highest = 100, .unit = "bars", .whole = true},
                {"slow", .preset = 30, .lowest = 3, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"kama", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"}},
    .warmup = kama_warmup,
    .misfit = kama_misfit,
    .state_size = kama_state_size,
    .init = kama_init,
    .step = kama_step,
};
