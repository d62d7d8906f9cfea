/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lab/social_columns.h"

#include <math.h>
#include <string.h>

#include "core/bus/convert.h"
#include "core/trial/social_external.h"

typedef struct Listening {
    const SocialColumnsPlan *plan;
    Kernel *kernel;
    SocialLine line;
    SocialPlace place; /* what is to be told next */
    int64_t start_us;
    double values[EXTERNAL_COUNT]; /* as last said */
} Listening;

static KernelPlan kernel_plan_of(const SocialColumnsPlan *plan) {
    return (KernelPlan){.services = &plan->monitor, .service_count = 1, .settings = plan->settings};
}

size_t social_columns_memory(const SocialColumnsPlan *plan) {
    KernelPlan kernel = kernel_plan_of(plan);
    return kernel_size(&kernel);
}

static void finish_turn(Listening *listening) {
    const char *name = listening->plan->market->symbol.name.text;
    kernel_turn(listening->kernel);
    for (const Message *message = kernel_first(listening->kernel); message;
         message = kernel_next(listening->kernel, message)) {
        const SocialUpdate *update = message->payload;
        if (message->topic == TOPIC_SOCIAL_UPDATES && strcmp(update->symbol, name) == 0)
            social_external_of(update, listening->values);
    }
}

static void put(Listening *listening, Topic topic, int64_t time_us, const void *payload) {
    Error ignored; /* what is out of its bounds the lab refuses as well */
    (void)!kernel_input(listening->kernel, topic, time_us, payload, &ignored);
}

static int64_t line_time(const Listening *listening) {
    return social_line_due(&listening->line, &listening->place, listening->start_us);
}

/* All of the line that is known by then. */
static void put_line(Listening *listening, int64_t time_us) {
    while (line_time(listening) <= time_us) {
        Topic topic;
        const void *row = social_line_take(&listening->line, &listening->place, &topic);
        put(listening, topic, time_us, row);
    }
}

/* Lives through everything before `until_us`, in the lab's order: timers before what comes in. */
static void live(Listening *listening, int64_t until_us) {
    for (;;) {
        int64_t reading_us = line_time(listening), now_us = kernel_time(listening->kernel);
        int64_t timer_us = kernel_timer_due(listening->kernel);
        int64_t next_us = timer_us < reading_us ? timer_us : reading_us;
        if (next_us >= until_us) return;
        if (next_us < now_us) next_us = now_us;
        kernel_input_timers(listening->kernel, next_us);
        put_line(listening, next_us);
        finish_turn(listening);
    }
}

static void begin(Listening *listening) {
    SymbolFilters filters;
    filters_from_symbol(&listening->plan->market->symbol, &filters);
    put(listening, TOPIC_SYMBOL_FILTERS, listening->start_us, &filters);
    put_line(listening, listening->start_us);
    finish_turn(listening);
}

void social_columns_fill(const SocialColumnsPlan *plan, void *memory,
                         double *const columns[static EXTERNAL_COUNT]) {
    const LabMarket *market = plan->market;
    KernelPlan kernel = kernel_plan_of(plan);
    Listening listening = {.plan = plan,
                           .kernel = kernel_init(memory, &kernel),
                           .line = {plan->social, plan->news, plan->social_count, plan->news_count},
                           .start_us = market->candles.time_us[market->first]};
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++) {
        listening.values[series] = (double)NAN;
        for (size_t row = 0; row < market->candles.count; row++)
            columns[series][row] = (double)NAN;
    }
    begin(&listening);
    for (size_t row = market->first; row < market->end; row++) {
        live(&listening, market->candles.time_us[row] + market->candles.length_us - 1);
        for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
            columns[series][row] = listening.values[series];
    }
}
