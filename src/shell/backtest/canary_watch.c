/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/canary_watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/random.h"
#include "core/lab/lab_canary.h"
#include "core/trial/canary_subjects.h"
#include "shell/backtest/lab_run.h"

#define SOCIAL_LENGTH 1 /* us: they stand beside the candles and carry no time (canary.h) */
#define SOCIAL_LATER  (7 * INSTANT_MINUTE_US)
#define WARM_LATER    977 /* rows by which the second run starts later: on no grid of a session */

typedef struct Looking {
    const CanaryWatch *watch;
    CanaryTotals *totals;
    CandleSeries series[CANARY_SERIES_MAX]; /* markets, then the social history of each */
    BarColumns social;
    CanaryPlan plan;
    void *memory;
} Looking;

/* ---- findings ------------------------------------------------------------------------------ */

static void tell_future(const CanaryFinding *finding, Text *text) {
    char first[25], cut[25];
    instant_to_iso(finding->first_us, first);
    instant_to_iso(finding->cut_us, cut);
    text_format(text, "what %s says at %s changes when the future from %s on is %s", finding->part,
                first, cut, canary_change_name(finding->change));
}

static void tell(const Looking *looking, const CanarySubject *subject,
                 const CanaryFinding *finding) {
    const CanaryWatch *watch = looking->watch;
    char words[240], iso[25];
    Text text = TEXT_IN(words);
    instant_to_iso(finding->first_us, iso);
    if (finding->verdict == CANARY_FUTURE)
        tell_future(finding, &text);
    else if (finding->verdict == CANARY_SAME_BAR)
        text_format(&text, "an order decided at %s fills no later", iso);
    else
        text_put(&text, "it said nothing that could be compared");
    looking->totals->findings++;
    watch->tell(watch->context, subject->kind, subject->name, text_end(&text));
}

static bool look_at(Looking *looking, const CanarySubject *subject, Error *error) {
    CanaryFinding finding = canary_watch(&looking->plan, subject, looking->memory, error);
    looking->totals->compared += finding.compared;
    if (finding.verdict == CANARY_FAILED) return false;
    if (finding.verdict != CANARY_SINGS) tell(looking, subject, &finding);
    return true;
}

/* ---- subjects ------------------------------------------------------------------------------ */

static bool reserve(Looking *looking, size_t events, size_t scratch, Error *error) {
    looking->plan.events_max = events;
    free(looking->plan.scratch);
    free(looking->memory);
    looking->plan.scratch = aligned_alloc(16, (scratch + 15) & ~(size_t)15);
    looking->memory = aligned_alloc(16, (canary_memory(&looking->plan) + 15) & ~(size_t)15);
    return (looking->plan.scratch && looking->memory) ||
           error_set(error, ERROR_LIMIT, "out of memory", "canary", "take fewer candles");
}

static bool look_at_indicators(Looking *looking, Error *error) {
    for (unsigned i = 0; i < indicator_count; i++) {
        CanarySubject subject = canary_of_indicator(indicator_table[i]);
        if (!look_at(looking, &subject, error)) return false;
        looking->totals->indicators++;
    }
    return true;
}

static bool look_at_strategies(Looking *looking, Error *error) {
    CanarySubject (*const makers[])(const Strategy *) = {canary_of_stream, canary_of_columns,
                                                         canary_of_trial, canary_of_fast_trial};
    for (unsigned i = 0; i < strategy_count; i++) {
        for (unsigned k = 0; k < sizeof makers / sizeof makers[0]; k++) {
            CanarySubject subject = makers[k](strategy_table[i]);
            if (!look_at(looking, &subject, error)) return false;
        }
        looking->totals->strategies++;
    }
    return true;
}

/* Readings of each market, some minutes past the hour. What they say does not matter, only when it
 * was known. */
static bool make_social(Looking *looking, unsigned markets, Error *error) {
    Random random = random_stream(1, 1);
    for (unsigned i = 0; i < markets; i++) {
        const CandleSeries *candles = &looking->series[i];
        size_t stride = (size_t)(INSTANT_HOUR_US / candles->length_us);
        int added = bar_columns_symbol(&looking->social,
                                       &looking->watch->columns->markets[i].symbol, SOCIAL_LENGTH);
        if (added < 0) return error_set(error, ERROR_LIMIT, "out of memory", "canary", NULL);
        for (size_t row = 0; row < candles->count; row += stride ? stride : 1) {
            Price mood = price_of(1 + (int64_t)random_below(&random, DECIMAL_SCALE));
            Bar bar = {.time_us = candles->time_us[row] + SOCIAL_LATER,
                       .open = mood,
                       .high = mood,
                       .low = mood,
                       .close = mood,
                       .volume = random_below(&random, 30000),
                       .quote_volume = random_below(&random, 20000)};
            if (!bar_columns_add(&looking->social, (unsigned)added, &bar, error)) return false;
        }
        looking->series[markets + i] = looking->social.markets[i].candles;
    }
    return true;
}

static bool look_at_system(Looking *looking, const Settings *settings, Error *error) {
    const BarColumns *columns = looking->watch->columns;
    LabPlan lab = {.settings = settings,
                   .services = service_table,
                   .service_count = service_count,
                   .markets = columns->markets,
                   .market_count = looking->plan.series_count / 2,
                   .balance = money_of((__int128)10000 * DECIMAL_SCALE)};
    size_t rows = 0, readings = 0;
    for (unsigned i = 0; i < looking->plan.series_count; i++) {
        rows += looking->series[i].count;
        readings += i < lab.market_count ? 0 : looking->series[i].count;
    }
    CanarySubject subject = lab_canary(&lab);
    return reserve(looking, lab_canary_events(rows), lab_canary_scratch(&lab, readings), error) &&
           look_at(looking, &subject, error);
}

/* Under the analyst, then under each strategy. */
static bool look_at_services(Looking *looking, Error *error) {
    Settings settings = *looking->watch->settings;
    int64_t length_us = looking->series[0].length_us;
    unsigned markets = looking->plan.series_count;
    if (markets > CANARY_SERIES_MAX / 2) markets = CANARY_SERIES_MAX / 2;
    looking->plan.series_count = 2 * markets;
    if (!make_social(looking, markets, error) ||
        !lab_run_name_symbols(&settings, looking->watch->columns->markets, markets, error))
        return false;
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
        if (interval_us(interval) == length_us) {
            Text text = TEXT_IN(settings.strategy.interval);
            text_put(&text, interval_name(interval));
            text_end(&text);
        }
    settings.strategy.name[0] = settings.strategy.parameters[0] = 0;
    if (!look_at_system(looking, &settings, error)) return false;
    for (unsigned i = 0; i < strategy_count; i++) {
        Text name = TEXT_IN(settings.strategy.name);
        text_put(&name, strategy_table[i]->name);
        text_end(&name);
        if (!look_at_system(looking, &settings, error)) return false;
    }
    looking->totals->services = service_count;
    return true;
}

/* ---- warm-ups ------------------------------------------------------------------------------ */

static void put_value(Text *text, double value) {
    if (isfinite(value))
        text_double(text, value);
    else
        text_put(text, "no number"); /* which may be what is found */
}

static void tell_warmup(const Looking *looking, const Indicator *indicator,
                        const WarmupFinding *finding) {
    char words[240], iso[25];
    Text text = TEXT_IN(words);
    instant_to_iso(looking->series[0].time_us[finding->row], iso);
    text_format(&text, "%s at %s is ", finding->output, iso);
    put_value(&text, finding->earlier);
    text_put(&text, ", and ");
    put_value(&text, finding->later);
    text_put(&text, " when the history begins later");
    looking->totals->findings++;
    looking->watch->tell(looking->watch->context, "warm-up", indicator->name, text_end(&text));
}

static bool look_at_warmups(Looking *looking, Error *error) {
    for (unsigned i = 0; i < indicator_count; i++) {
        void *scratch = malloc(warmup_check_scratch(indicator_table[i]));
        if (!scratch) return error_set(error, ERROR_LIMIT, "out of memory", "canary", NULL);
        WarmupFinding finding =
            warmup_check(indicator_table[i], &looking->series[0], WARM_LATER, scratch);
        free(scratch);
        looking->totals->warmups += finding.verdict == WARMUP_STABLE;
        looking->totals->too_short += finding.verdict == WARMUP_TOO_SHORT;
        looking->totals->no_promise += finding.verdict == WARMUP_NO_PROMISE;
        if (finding.verdict == WARMUP_UNSTABLE) tell_warmup(looking, indicator_table[i], &finding);
    }
    return true;
}

/* ---- all of it ----------------------------------------------------------------------------- */

bool canary_watch_all(const CanaryWatch *watch, CanaryTotals *totals, Error *error) {
    Looking looking = {.watch = watch, .totals = totals, .plan = {.cuts = watch->cuts, .seed = 1}};
    unsigned count = watch->columns->count;
    *totals = (CanaryTotals){0};
    if (count > CANARY_SERIES_MAX) count = CANARY_SERIES_MAX;
    for (unsigned i = 0; i < count; i++)
        looking.series[i] = watch->columns->markets[i].candles;
    looking.plan.series = looking.series;
    looking.plan.series_count = count;
    size_t rows = looking.series[0].count;
    bool sound = reserve(&looking, canary_events(rows), canary_scratch(rows), error) &&
                 look_at_indicators(&looking, error) && look_at_strategies(&looking, error) &&
                 look_at_warmups(&looking, error) && look_at_services(&looking, error);
    free(looking.plan.scratch);
    free(looking.memory);
    bar_columns_free(&looking.social);
    return sound;
}
