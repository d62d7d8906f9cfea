/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that may be asked of any indicator; the answers stand in its constant. */
#include "core/indicators/indicator.h"

#include <math.h>

IndicatorBar indicator_bar(const Bar *bar) {
    bool said = bar->taker_volume > 0 || !(bar->volume > 0);
    return (IndicatorBar){.open = price_double(bar->open),
                          .high = price_double(bar->high),
                          .low = price_double(bar->low),
                          .close = price_double(bar->close),
                          .volume = bar->volume,
                          .taker = said ? bar->taker_volume : (double)NAN,
                          .time_us = bar->time_us};
}

const Indicator *indicator_find(const char *name) {
    for (unsigned index = 0; index < indicator_count; index++)
        if (slice_same_name(slice_of(name), indicator_table[index]->name))
            return indicator_table[index];
    return NULL;
}

unsigned indicator_option_count(const Indicator *indicator) {
    unsigned count = 0;
    while (count < INDICATOR_OPTIONS_MAX && indicator->options[count].name)
        count++;
    return count;
}

unsigned indicator_output_count(const Indicator *indicator) {
    unsigned count = 0;
    while (count < INDICATOR_OUTPUTS_MAX && indicator->outputs[count].name)
        count++;
    return count;
}

void indicator_presets(const Indicator *indicator, double options[static INDICATOR_OPTIONS_MAX]) {
    for (unsigned index = 0; index < INDICATOR_OPTIONS_MAX; index++)
        options[index] = indicator->options[index].preset;
}

const char *indicator_options_fault(const Indicator *indicator, const double *options) {
    unsigned count = indicator_option_count(indicator);
    for (unsigned index = 0; index < count; index++) {
        const IndicatorOption *option = &indicator->options[index];
        double value = options[index];
        if (!(value >= option->lowest && value <= option->highest)) return option->name;
        if (option->whole && floor(value) != value) return option->name;
    }
    return indicator->misfit ? indicator->misfit(options) : NULL;
}

void indicator_wide_pass(const WideKernels *wide, const IndicatorPass *passes, unsigned pass_count,
                         size_t count) {
    (wide->pass ? wide->pass : indicator_batch_pass)(passes, pass_count, count);
}
