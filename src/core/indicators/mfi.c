/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The money flow index (Quong and Soudack, Stocks and Commodities, 1989): of the money (typical
 * price times volume) of the last n changes, the share in bars whose typical price rose, in
 * percent. Bars whose typical price stood still do not count; where none counts, or nothing was
 * traded, 50.
 */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/sliding.h"
#include "core/num/typical.h"

#include <math.h>

typedef struct MfiState {
    double price_before;
    uint64_t started; /* 0 before the first bar, then 1 */
} MfiState;           /* the sums of rising and of falling money follow */

static unsigned mfi_warmup(const double *options) {
    return (unsigned)options[0];
}

static unsigned mfi_window(const double *options) {
    return mfi_warmup(options) + 1;
}

static size_t mfi_state_size(const double *options) {
    return sizeof(MfiState) + 2 * sliding_size((unsigned)options[0]);
}

static void mfi_init(void *state, const double *options) {
    MfiState *flow = state;
    *flow = (MfiState){.started = 0};
    Sliding *rising = (Sliding *)(void *)(flow + 1);
    sliding_init(rising, (unsigned)options[0]);
    sliding_init(sliding_end(rising), (unsigned)options[0]);
}

static void mfi_step(void *state, const IndicatorBar *bar, double *outputs) {
    MfiState *flow = state;
    Sliding *rising = (Sliding *)(void *)(flow + 1), *falling = sliding_end(rising);
    double price = typical_price(bar->high, bar->low, bar->close), money = price * bar->volume;
    double change = typical_change(price, flow->price_before);
    bool first = !flow->started;
    outputs[0] = (double)NAN;
    flow->started = 1;
    flow->price_before = price;
    if (first) return;
    sliding_push(rising, change > 0 ? money : 0);
    if (!sliding_push(falling, change < 0 ? money : 0)) return;
    double all = sliding_sum(rising) + sliding_sum(falling);
    outputs[0] = 100 * ratio_part_or(sliding_sum(rising), all, 0.5);
}

const Indicator indicator_mfi = {
    .name = "mfi",
    .group = GROUP_VOLUME,
    .sentence = "Money flow index (Quong, Soudack 1989): share of the money (typical price x "
                "volume) in rising bars among rising and falling ones, over `period` changes "
                "of the typical price, 0 to 100.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE | INPUT_VOLUME,
    .memory = MEMORY_WINDOW,
    .options = {{"period", .preset = 14, .lowest = 2, .highest = 500, .unit = "bars",
                 .whole = true}},
    .outputs = {{"mfi", .lowest = 0, .highest = 100, .flat = 50, .unit = "0 to 100"}},
    .warmup = mfi_warmup,
    .window = mfi_window,
    .state_size = mfi_state_size,
    .init = mfi_init,
    .step = mfi_step,
};
