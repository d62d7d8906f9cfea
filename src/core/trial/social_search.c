/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/social_search.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"
#include "core/num/sorted.h"
#include "core/trial/trial_fast.h"

#define SPLIT_SHARE      0.7 /* of the rows to choose on */
#define TRADES_LEAST     3   /* fewer tell nothing at all */
#define PPM_OF_A_PERCENT 10000
#define DRAWS_MOST       8 /* until a set's parameters fit one another */

static const char *const names[SOCIAL_VARIANTS] = {
    "social_trend", "social_contrarian", "social_news", "social_volume", "social_engagement"};

const char *social_variant_name(unsigned variant) {
    return names[variant];
}

static const Strategy *strategy_of(unsigned variant) {
    return strategy_find(names[variant]);
}

void social_variant_text(const SocialVariant *variant, char memory[static SOCIAL_SEARCH_TEXT]) {
    const Strategy *strategy = strategy_of(variant->variant);
    double presets[STRATEGY_PARAMETERS_MAX];
    Text text = text_in(memory, SOCIAL_SEARCH_TEXT);
    strategy_presets(strategy, presets);
    for (unsigned i = 0; i < strategy_parameter_count(strategy); i++) {
        if (variant->parameters[i] == presets[i]) continue;
        if (text.length) text_char(&text, ',');
        text_format(&text, "%s=", strategy->parameters[i].name);
        text_double(&text, variant->parameters[i]);
    }
    text_end(&text);
}

/* ---- parameters ------------------------------------------------------------------------------ */

static void learn_quantiles(const double *series, size_t count, double *sorted,
                            double quantiles[static SOCIAL_QUANTILES]) {
    size_t present = 0;
    for (size_t i = 0; series && i < count; i++)
        if (!isnan(series[i])) sorted[present++] = series[i];
    sorted_put(sorted, present);
    for (unsigned i = 0; i < SOCIAL_QUANTILES; i++)
        quantiles[i] = present
                           ? sorted_quantile(sorted, present, (i + 1) / (SOCIAL_QUANTILES + 1.0))
                           : (double)NAN;
}

/* The series whose values a parameter is compared with; EXTERNAL_COUNT: none. */
static ExternalSeries series_of(const char *name) {
    static const struct {
        const char *name;
        ExternalSeries series;
    } rows[] = {{"sentiment", EXTERNAL_SENTIMENT},   {"sentiment_exit", EXTERNAL_SENTIMENT},
                {"volume", EXTERNAL_SOCIAL_VOLUME},  {"volume_exit", EXTERNAL_SOCIAL_VOLUME},
                {"engagement", EXTERNAL_ENGAGEMENT}, {"engagement_exit", EXTERNAL_ENGAGEMENT},
                {"impact", EXTERNAL_NEWS_IMPACT}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0) return rows[i].series;
    return EXTERNAL_COUNT;
}

/* As a person would write it: whole from 100 on, else three decimals. */
static double rounded(double value) {
    return value >= 100 ? rint(value) : rint(value * 1000) / 1000;
}

static double drawn(const SocialSearch *search, const StrategyParameter *parameter,
                    Random *random) {
    static const double spans[] = {6, 12, 24, 48}; /* bars: a quarter of a day to two days */
    ExternalSeries series = series_of(parameter->name);
    if (series < EXTERNAL_COUNT) {
        double value = rounded(search->quantiles[series][random_below(random, SOCIAL_QUANTILES)]);
        return value >= parameter->lowest && value <= parameter->highest ? value
                                                                         : parameter->preset;
    }
    bool spans_bars = strcmp(parameter->name, "average") == 0 ||
                      strcmp(parameter->name, "lookback") == 0 ||
                      strcmp(parameter->name, "hold") == 0;
    return spans_bars ? spans[random_below(random, 4)] : parameter->preset;
}

/* False if nothing that fits was drawn. */
static bool draw(const SocialSearch *search, double parameters[static STRATEGY_PARAMETERS_MAX]) {
    const Strategy *strategy = strategy_of(search->variant);
    uint64_t number =
        ((uint64_t)search->variant * (SOCIAL_RETRIES + 1) + search->round) * SOCIAL_SETS +
        search->set;
    Random random = random_stream(search->seed, number);
    strategy_presets(strategy, parameters);
    for (unsigned tries = 0; tries < DRAWS_MOST; tries++) {
        for (unsigned i = 0; i < strategy_parameter_count(strategy); i++)
            parameters[i] = drawn(search, &strategy->parameters[i], &random);
        if (!strategy_fault(strategy, parameters)) return true;
    }
    return false;
}

/* ---- trials ---------------------------------------------------------------------------------- */

typedef struct Span {
    size_t first, end;
} Span;

/* The annual ratio over a span of rows; NaN if it could not be run or had no movement. */
static double run(const TrialPlan *given, const SocialVariant *set, Span span, void *memory,
                  TrialOutput *output, TrialResult *result) {
    TrialPlan plan = *given;
    TrialMarket market = given->markets[0];
    EquityTrack track;
    Error error;
    market.first = span.first;
    market.end = span.end;
    plan.markets = &market;
    plan.strategy = strategy_of(set->variant);
    memcpy(plan.parameters, set->parameters, sizeof plan.parameters);
    output->track = &track;
    *result = (TrialResult){.trades = 0};
    if (trial_memory(&plan) > SOCIAL_SEARCH_MEMORY ||
        !trial_run(&plan, memory, output, result, &error))
        return (double)NAN;
    return trial_summary(&plan, result, &track).sharpe_ratio;
}

static void try_set(SocialSearch *search, const TrialPlan *plan, void *memory) {
    SocialVariant set = {.variant = search->variant};
    TrialOutput output = {.trades = NULL};
    TrialResult result;
    if (!draw(search, set.parameters)) return;
    set.ratio =
        run(plan, &set, (Span){plan->markets[0].first, search->split}, memory, &output, &result);
    if (result.trades == 0) {
        if (!search->any) search->best = set; /* to be told as one that did not trade */
        return;
    }
    if (result.trades < TRADES_LEAST || isnan(set.ratio)) return;
    if (!search->any || set.ratio > search->best.ratio) search->best = set;
    search->any = true;
}

static void take_trade(VersionTally *tally, const TrialTrade *trade, const PaperCosts *costs) {
    double paid = price_double(trade->entry) * quantity_double(trade->quantity);
    int64_t ppm = 2 * (costs->fee_ppm + costs->half_spread_ppm + costs->slippage_ppm);
    double gain = paid > 0 ? 100 * money_double(trade->gain) / paid : 0;
    version_tally_take(tally, gain > 0, gain, (double)ppm / PPM_OF_A_PERCENT, 0);
}

static void judge(SocialSearch *search, const TrialPlan *plan, void *memory, TrialTrade *trades) {
    SocialVariant *set = &search->best;
    TrialOutput output = {.trades = trades, .trades_max = SOCIAL_TRADES_KEPT};
    TrialResult result;
    set->judged =
        run(plan, set, (Span){search->split, plan->markets[0].end}, memory, &output, &result);
    uint32_t kept = result.trades < SOCIAL_TRADES_KEPT ? result.trades : SOCIAL_TRADES_KEPT;
    for (uint32_t i = 0; i < kept; i++)
        take_trade(&set->tally, &trades[i], &plan->costs);
    bool better = !search->chosen || set->judged > search->choice.judged;
    if (set->tally.scored < TRADES_LEAST || !(set->judged > 0) || !better) return;
    search->choice = *set;
    search->chosen = true;
}

/* ---- the search ------------------------------------------------------------------------------ */

void social_search_begin(SocialSearch *search, const TrialMarket *market, uint64_t seed,
                         double *sorted) {
    *search = (SocialSearch){.seed = seed};
    search->split = market->first + (size_t)((double)(market->end - market->first) * SPLIT_SHARE);
    /* Thresholds may not come from what is to judge them. */
    for (unsigned i = 0; i < EXTERNAL_COUNT; i++)
        learn_quantiles(market->external[i], search->split, sorted, search->quantiles[i]);
}

static void next_round(SocialSearch *search, bool variant_ended) {
    search->set = 0;
    search->any = false;
    search->round = variant_ended ? 0 : search->round + 1;
    search->variant += variant_ended;
}

static SearchEvent end_round(SocialSearch *search, const TrialPlan *plan, void *memory,
                             TrialTrade *trades) {
    if (search->any) {
        judge(search, plan, memory, trades);
        next_round(search, true);
        return SEARCH_JUDGED;
    }
    bool last = search->round == SOCIAL_RETRIES;
    next_round(search, last);
    return last ? SEARCH_SKIPS : SEARCH_RETRIES;
}

SearchEvent social_search_step(SocialSearch *search, const TrialPlan *plan, void *memory,
                               TrialTrade *trades, SocialVariant *told) {
    if (search->variant == SOCIAL_VARIANTS) return SEARCH_ENDED;
    if (search->set == 0) search->best = (SocialVariant){.variant = search->variant};
    if (search->set < SOCIAL_SETS) {
        try_set(search, plan, memory);
        search->set++;
        return SEARCH_GOES_ON;
    }
    SearchEvent event = end_round(search, plan, memory, trades);
    *told = search->best;
    return event;
}
