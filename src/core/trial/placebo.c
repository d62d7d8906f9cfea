/* SPDX-License-Identifier: Apache-2.0 */
/* Spans thrown into the free bars of each market. */
#include "core/trial/placebo.h"

#include <math.h>

#include "core/base/arena.h"
#include "core/base/elementary.h"
#include "core/base/random.h"
#include "core/num/sorted.h"

#define PARTS_PER_MILLION 1e6

/* A trade's shape: how many bars, and how it ended. */
typedef struct Span {
    uint32_t bars;
    bool at_open; /* sold at the exit bar's open */
} Span;

typedef struct Field {
    const PlaceboPlan *plan;
    double kept; /* of a unit that is bought and sold at one price */
    Span *spans; /* of the market at hand */
    double *starts;
} Field;

size_t placebo_memory(const PlaceboPlan *plan) {
    return arena_rounded(plan->trade_count * sizeof(Span)) +
           arena_rounded(plan->trade_count * sizeof(double)) +
           arena_rounded(plan->placebos * sizeof(double));
}

static bool plan_is_sound(const PlaceboPlan *plan, Error *error) {
    if (plan->trade_count == 0)
        return error_set(error, ERROR_DATA, "without trades there is nothing to compare", "trades",
                         NULL);
    if (plan->placebos == 0)
        return error_set(error, ERROR_USAGE, "a placebo test needs placebos", "placebos", NULL);
    for (uint32_t index = 0; index < plan->trade_count; index++) {
        const TrialTrade *trade = &plan->trades[index];
        bool fits = trade->market < plan->trial->market_count &&
                    trade->entry_bar <= trade->exit_bar &&
                    trade->entry_bar >= plan->trial->markets[trade->market].first &&
                    trade->exit_bar < plan->trial->markets[trade->market].end;
        if (!fits)
            return error_set(error, ERROR_RANGE, "a trade lies outside of its market", "trades",
                             NULL);
    }
    return true;
}

static double kept_of(const PaperCosts *costs) {
    double moved = (double)(costs->half_spread_ppm + costs->slippage_ppm) / PARTS_PER_MILLION;
    double fee = (double)costs->fee_ppm / PARTS_PER_MILLION;
    return (1 - moved) / (1 + moved) * (1 - fee) * (1 - fee);
}

static bool ends_at_open(const TrialTrade *trade) {
    return trade->reason == REASON_SIGNAL;
}

/* Log of what a unit grows to. */
static double growth(const Field *field, const CandleSeries *candles, size_t entry, size_t exit,
                     bool at_open) {
    double sold = (double)(at_open ? candles->open : candles->close)[exit];
    return elementary_log(field->kept * sold / (double)candles->open[entry]);
}

/* Of the strategy's own trades. Where a stop or target sold, its price has the costs in it but for
 * the fees. */
static double own_growth(const Field *field) {
    const PlaceboPlan *plan = field->plan;
    const PaperCosts *costs = &plan->trial->costs;
    double moved = (double)(costs->half_spread_ppm + costs->slippage_ppm) / PARTS_PER_MILLION;
    double sum = 0;
    for (uint32_t index = 0; index < plan->trade_count; index++) {
        const TrialTrade *trade = &plan->trades[index];
        const CandleSeries *candles = &plan->trial->markets[trade->market].candles;
        if (ends_at_open(trade) || trade->reason == REASON_FLATTEN) {
            sum += growth(field, candles, trade->entry_bar, trade->exit_bar, ends_at_open(trade));
        } else {
            double sold = (double)trade->exit.units / (1 - moved);
            double bought = (double)candles->open[trade->entry_bar];
            sum += elementary_log(field->kept * sold / bought);
        }
    }
    return sum;
}

/* The spans of one market, in the order of the trades; how many. */
static uint32_t gather(Field *field, unsigned market) {
    uint32_t count = 0;
    for (uint32_t index = 0; index < field->plan->trade_count; index++) {
        const TrialTrade *trade = &field->plan->trades[index];
        if (trade->market == market)
            field->spans[count++] = (Span){trade->exit_bar - trade->entry_bar, ends_at_open(trade)};
    }
    return count;
}

/* Bars that nothing else may stand on: a trade within one bar has it for itself, and one that is
 * sold at a close its last one. */
static size_t width(const Span *span) {
    return span->at_open && span->bars > 0 ? span->bars : (size_t)span->bars + 1;
}

static void shuffle(Span *spans, uint32_t count, Random *random) {
    for (uint32_t left = count; left > 1; left--) {
        uint32_t other = random_below(random, left);
        Span span = spans[left - 1];
        spans[left - 1] = spans[other];
        spans[other] = span;
    }
}

/* Each span starts after the widths before it and its share of the free bars: the shares are
 * uniform numbers in order. */
static double placebo_growth(Field *field, unsigned market, uint32_t count, Random *random) {
    const TrialMarket *place = &field->plan->trial->markets[market];
    size_t taken = 0, bars = place->end - place->first;
    shuffle(field->spans, count, random);
    for (uint32_t index = 0; index < count; index++) {
        taken += width(&field->spans[index]);
        field->starts[index] = random_uniform(random);
    }
    sorted_put(field->starts, count);
    /* an exit at an open may fall on the next one's entry, and the last one on the end */
    double free_bars = bars > taken ? (double)(bars - taken) : 0, sum = 0;
    size_t before = place->first;
    for (uint32_t index = 0; index < count; index++) {
        const Span *span = &field->spans[index];
        size_t entry = before + (size_t)floor(field->starts[index] * (free_bars + 1));
        size_t exit = entry + span->bars;
        if (exit >= place->end) exit = place->end - 1;
        if (entry >= place->end) entry = place->end - 1;
        sum += growth(field, &place->candles, entry, exit, span->at_open);
        before += width(span);
    }
    return sum;
}

bool placebo_of(const PlaceboPlan *plan, void *memory, double *outcomes, Placebo *result,
                Error *error) {
    if (!plan_is_sound(plan, error)) return false;
    Arena arena = arena_in(memory, placebo_memory(plan));
    Field field = {.plan = plan, .kept = kept_of(&plan->trial->costs)};
    field.spans = arena_take(&arena, plan->trade_count * sizeof(Span));
    field.starts = arena_take(&arena, plan->trade_count * sizeof(double));
    double *sums = arena_take(&arena, plan->placebos * sizeof(double));
    for (unsigned market = 0; market < plan->trial->market_count; market++) {
        uint32_t count = gather(&field, market);
        for (uint32_t placebo = 0; placebo < plan->placebos && count > 0; placebo++) {
            uint64_t stream = (uint64_t)placebo * LIMIT_SYMBOLS + market;
            Random random = random_stream(plan->seed, stream);
            sums[placebo] += placebo_growth(&field, market, count, &random);
        }
    }
    double own = own_growth(&field);
    uint32_t better = 0;
    for (uint32_t placebo = 0; placebo < plan->placebos; placebo++) {
        /* the same trades in another order are the same result, whatever the last bits say */
        better += sums[placebo] >= own - 1e-12 * (1 + fabs(own));
        sums[placebo] = elementary_expm1(sums[placebo]);
    }
    sorted_put(sums, plan->placebos);
    for (uint32_t placebo = 0; outcomes && placebo < plan->placebos; placebo++)
        outcomes[placebo] = sums[placebo];
    *result = (Placebo){.placebos = plan->placebos,
                        .trades = plan->trade_count,
                        .own = elementary_expm1(own),
                        .low = sorted_quantile(sums, plan->placebos, 0.05),
                        .median = sorted_quantile(sums, plan->placebos, 0.5),
                        .high = sorted_quantile(sums, plan->placebos, 0.95),
                        .p = (better + 1.0) / (plan->placebos + 1.0)};
    return true;
}
