/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial_plan.h"

/* ---- whether it can be run ----------------------------------------------------------------- */

static const char *series_fault(const CandleSeries *candles) {
    if (candles->length_us <= 0) return "candles have a length";
    return candles->count > UINT32_MAX ? "more candles than fit into 32 bits" : NULL;
}

static const char *market_fault(const TrialMarket *market, int64_t length_us) {
    const char *fault = series_fault(&market->candles);
    if (fault) return fault;
    if (market->candles.length_us != length_us) return "all markets have candles of one interval";
    if (market->first >= market->end || market->end > market->candles.count)
        return "there are no bars to trade";
    if (market->finer.count == 0) return NULL;
    fault = series_fault(&market->finer);
    if (!fault && (market->finer.length_us >= length_us || length_us % market->finer.length_us))
        fault = "finer candles add up to those of the run";
    return fault;
}

static bool judge_markets(const TrialPlan *plan, Error *error) {
    const char *fault = trial_book_fault(plan);
    if (fault)
        return error_set(error, ERROR_CONFIG, "this trial cannot be run", fault,
                         "mend the settings of the trial");
    for (unsigned i = 0; i < plan->market_count; i++) {
        fault = market_fault(&plan->markets[i], plan->markets[0].candles.length_us);
        if (fault)
            return error_set(error, ERROR_DATA, fault, plan->markets[i].candles.symbol.text,
                             "choose other candles or dates");
    }
    return true;
}

static bool make_rules(const TrialPlan *plan, StrategyPlan *rules, Error *error) {
    if (plan->rules) {
        *rules = *plan->rules;
        return true;
    }
    if (!plan->strategy)
        return error_set(error, ERROR_CONFIG, "a trial has a strategy or rules", "strategy",
                         "name one of the strategies");
    const char *fault = strategy_fault(plan->strategy, plan->parameters);
    if (fault)
        return error_set(error, ERROR_CONFIG, "a parameter of the strategy is out of its bounds",
                         fault, "see the list of strategies for bounds");
    strategy_make_plan(plan->strategy, plan->parameters, rules);
    return true;
}

bool trial_plan_stream(const TrialPlan *plan, StrategyPlan *rules, RuleStream *stream,
                       Error *error) {
    return judge_markets(plan, error) && make_rules(plan, rules, error) &&
           rule_stream_init(stream, rules, plan->rules ? NULL : plan->strategy,
                            plan->rules ? NULL : plan->parameters,
                            plan->markets[0].candles.length_us, error);
}

/* ---- inside a bar -------------------------------------------------------------------------- */

/* Walks the finer candles of the bar; true if they leave nothing open: the protection filled, or
 * they cover all of the bar. */
static bool resolve(TrialBook *book, const TrialMoment *moment, const CandleSeries *finer,
                    size_t *at, int64_t end_us) {
    int64_t open_us = moment->time_us, covered_us = 0;
    TrialMoment inside = *moment;
    bool filled = false;
    while (*at < finer->count && finer->time_us[*at] < open_us)
        ++*at;
    for (; *at < finer->count && finer->time_us[*at] < end_us; ++*at) {
        Price open = price_of(finer->open[*at]);
        bool first = finer->time_us[*at] == open_us; /* its open is the bar's, judged already */
        inside.time_us = finer->time_us[*at] + finer->length_us - 1;
        covered_us += finer->length_us;
        if (!filled)
            filled = trial_book_range(book, &inside, first ? NULL : &open,
                                      price_of(finer->high[*at]), price_of(finer->low[*at]));
    }
    return filled || covered_us == end_us - open_us;
}

void trial_plan_range(TrialBook *book, const TrialMoment *moment, const TrialMarket *market,
                      size_t *finer) {
    const CandleSeries *candles = &market->candles;
    int64_t end_us = moment->time_us + candles->length_us;
    if (!book->desks[moment->market].resting) return;
    if (market->finer.count && resolve(book, moment, &market->finer, finer, end_us)) return;
    TrialMoment whole = *moment;
    whole.time_us = end_us - 1;
    (void)trial_book_range(book, &whole, NULL, price_of(candles->high[moment->bar]),
                           price_of(candles->low[moment->bar]));
}
