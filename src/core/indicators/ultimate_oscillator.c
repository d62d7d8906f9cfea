/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ultimate oscillator (Williams, Stocks and Commodities, 1985): over three lengths, the share
 * of buying pressure (close minus the lower of low and close before) in the true ranges, weighted
 * 4, 2 and 1. A market that does not move has 50.
 */
#include "core/indicators/indicator.h"
#include "core/num/ratio.h"
#include "core/num/total.h"
#include "core/num/true_range.h"
#include "core/num/window.h"

#include <math.h>

enum { ULTIMATE_OSCILLATOR_FAST, ULTIMATE_OSCILLATOR_MIDDLE, ULTIMATE_OSCILLATOR_SLOW };

typedef struct UltimateSums {
    Total pressure, range;
    uint32_t length, padding;
} UltimateSums;

typedef struct UltimateState {
    double close_before;
    uint64_t started; /* 0 before the first bar, then 1 */
    UltimateSums sums[3];
} UltimateState; /* the windows of pressures and of ranges follow, as long as the slowest sum */

static unsigned ultimate_oscillator_warmup(const double *options) {
    return (unsigned)options[ULTIMATE_OSCILLATOR_SLOW];
}

static unsigned ultimate_oscillator_window(const double *options) {
    return ultimate_oscillator_warmup(options) + 1;
}

static const char *ultimate_oscillator_misfit(const double *options) {
    if (options[ULTIMATE_OSCILLATOR_FAST] >= options[ULTIMATE_OSCILLATOR_MIDDLE]) return "fast";
    return options[ULTIMATE_OSCILLATOR_MIDDLE] < options[ULTIMATE_OSCILLATOR_SLOW] ? NULL
                                                                                   : "middle";
}

static size_t ultimate_oscillator_state_size(const double *options) {
    return sizeof(UltimateState) + 2 * window_size((unsigned)options[ULTIMATE_OSCILLATOR_SLOW]);
}

static void ultimate_oscillator_init(void *state, const double *options) {
    UltimateState *ultimate = state;
    *ultimate = (UltimateState){.sums = {{.length = (unsigned)options[ULTIMATE_OSCILLATOR_FAST]},
                                         {.length = (unsigned)options[ULTIMATE_OSCILLATOR_MIDDLE]},
                                         {.length = (unsigned)options[ULTIMATE_OSCILLATOR_SLOW]}}};
    Window *window = (Window *)(void *)(ultimate + 1);
    window_init(window, (unsigned)options[ULTIMATE_OSCILLATOR_SLOW]);
    window_init(window_end(window), (unsigned)options[ULTIMATE_OSCILLATOR_SLOW]);
}

/* What leaves a sum is 0 as long as it is not full: windows begin with zeros. */
static void ultimate_slide(Total *total, const Window *window, uint32_t length, double value) {
    total_add(total, -window_last(window, length)[0]);
    total_add(total, value);
}

static bool ultimate_push(UltimateState *ultimate, double pressure, double range) {
    Window *pressures = (Window *)(void *)(ultimate + 1), *ranges = window_end(pressures);
    for (unsigned index = 0; index < 3; index++) {
        UltimateSums *sums = &ultimate->sums[index];
        ultimate_slide(&sums->pressure, pressures, sums->length, pressure);
        ultimate_slide(&sums->range, ranges, sums->length, range);
    }
    window_push(pressures, pressure);
    bool full = window_push(ranges, range);
    for (unsigned index = 0; index < 3; index++) {
        UltimateSums *sums = &ultimate->sums[index];
        if (total_exact(&sums->pressure) && total_exact(&sums->range)) continue;
        sums->pressure = total_of(window_last(pressures, sums->length), sums->length);
        sums->range = total_of(window_last(ranges, sums->length), sums->length);
    }
    return full;
}

static void ultimate_oscillator_step(void *state, const IndicatorBar *bar, double *outputs) {
    UltimateState *ultimate = state;
    double before = ultimate->close_before, sum = 0;
    bool first = !ultimate->started;
    outputs[0] = (double)NAN;
    ultimate->started = 1;
    ultimate->close_before = bar->close;
    double pressure = bar->close - (bar->low < before ? bar->low : before);
    if (first || !ultimate_push(ultimate, pressure, true_range(bar->high, bar->low, before)))
        return;
    for (unsigned index = 0; index < 3; index++) {
        const UltimateSums *sums = &ultimate->sums[index];
        sum +=
            (4 >> index) * ratio_part_or(total_sum(&sums->pressure), total_sum(&sums->range), 0.5);
    }
    outputs[0] = 100 * (sum / 7);
}

const Indicator indicator_ultimate_oscillator = {
    .name = "ultimate_oscillator",
    .group = GROUP_MOMENTUM,
    .sentence = "Ultimate oscillator (Williams 1985): share of the buying pressure in the "
                "true ranges over `fast`, `middle` and `slow` bars, weighted 4, 2 and 1, 0 to "
                "100.",
    .inputs = INPUT_HIGH | INPUT_LOW | INPUT_CLOSE,
    .memory = MEMORY_WINDOW,
    .options = {{"fast", .preset = 7, .lowest = 1, .highest = 498, .unit = "bars", .whole = true},
                {"middle", .preset = 14, .lowest = 2, .highest = 499, .unit = "bars",
                 .whole = true},
                {"slow", .preset = 28, .lowest = 3, .highest = 500, .unit = "bars", .whole = true}},
    .outputs = {{"ultimate_oscillator", .lowest = 0, .highest = 100, .flat = 50,
                 .unit = "0 to 100"}},
    .warmup = ultimate_oscillator_warmup,
    .misfit = ultimate_oscillator_misfit,
    .window = ultimate_oscillator_window,
    .state_size = ultimate_oscillator_state_size,
    .init = ultimate_oscillator_init,
    .step = ultimate_oscillator_step,
};
