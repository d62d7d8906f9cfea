/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws over every registered strategy: what its constant declares is what it does, and what it
 * wishes at a close follows from the candles up to that close, on every market of candle_markets.h
 * and with its presets, its bounds and sets of parameters at random.
 */
#include "unit.h"

#include "core/base/check.h"
#include "laws/strategy_run.h"

#define HOUR        INSTANT_HOUR_US
#define RANDOM_SETS 3
#define BARS        CANDLE_MARKET_BARS
#define CUTS        4

static CandleMarket market, other_market;
static RecordedWish wishes[BARS], other_wishes[BARS];
static double samples[EXTERNAL_COUNT][BARS];

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

#define require(condition, of, bar)                                                                \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("%s, bar %zu: not so: %s\n", describe(of), (size_t)(bar), #condition);     \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

static const char *market_name = "";

static const char *describe(const StrategyCase *of) {
    static char text[512];
    int length = snprintf(text, sizeof text, "%s on %s:", of->strategy->name, market_name);
    for (unsigned index = 0; index < strategy_parameter_count(of->strategy); index++)
        length += snprintf(text + length, sizeof text - (size_t)length, " %s=%g",
                           of->strategy->parameters[index].name, of->parameters[index]);
    return text;
}

/* ---- parameters ---------------------------------------------------------------------------- */

static double random_parameter(const StrategyParameter *parameter, uint64_t *seed) {
    double span = parameter->highest - parameter->lowest;
    /* Squared: short periods come as often as long ones. */
    double part = candle_market_uniform(seed) * candle_market_uniform(seed);
    double value = parameter->lowest + span * part;
    return parameter->whole ? floor(value) : value;
}

static void random_parameters(StrategyCase *of, uint64_t *seed) {
    do {
        for (unsigned index = 0; index < strategy_parameter_count(of->strategy); index++)
            of->parameters[index] = random_parameter(&of->strategy->parameters[index], seed);
    } while (strategy_fault(of->strategy, of->parameters));
}

static bool is_parameter(const Strategy *strategy, const char *name) {
    for (unsigned index = 0; index < strategy_parameter_count(strategy); index++)
        if (strcmp(strategy->parameters[index].name, name) == 0) return true;
    return false;
}

/* A sound plan for candles of a minute, an hour and a day; or a misfit that is named. */
static void require_sound(const StrategyCase *of) {
    StrategyPlan plan;
    RuleStream stream;
    Error error;
    const char *fault = strategy_fault(of->strategy, of->parameters);
    if (fault) {
        require(is_parameter(of->strategy, fault), of, 0);
        return;
    }
    strategy_make_plan(of->strategy, of->parameters, &plan);
    if (rule_plan_fault(&plan)) print_error("%s\n", rule_plan_fault(&plan));
    require(!rule_plan_fault(&plan), of, 0);
    const int64_t lengths[] = {INSTANT_MINUTE_US, HOUR, INSTANT_DAY_US};
    for (unsigned index = 0; index < 3; index++)
        require(
            rule_stream_init(&stream, &plan, of->strategy, of->parameters, lengths[index], &error),
            of, index);
}

static void test_declaration(void **context) {
    (void)context;
    assert_true(strategy_count >= 20);
    for (unsigned index = 0; index < strategy_count; index++) {
        const Strategy *plug = strategy_table[index];
        StrategyCase of = {.strategy = plug};
        strategy_presets(plug, of.parameters);
        require(strategy_find(plug->name) == plug, &of, 0);
        require(plug->group && plug->sentence && strlen(plug->sentence) > 20, &of, 0);
        require(!plug->step == !plug->state_size && !plug->step == !plug->init, &of, 0);
        require(!strategy_fault(plug, of.parameters), &of, 0);
        require_sound(&of);
        for (unsigned each = 0; each < strategy_parameter_count(plug); each++) {
            const StrategyParameter *parameter = &plug->parameters[each];
            require(parameter->unit && parameter->step > 0, &of, each);
            require(parameter->lowest < parameter->highest, &of, each);
            require(!parameter->whole || floor(parameter->step) == parameter->step, &of, each);
        }
    }
    assert_ptr_equal(strategy_find("trend-following"), strategy_find("trend_following"));
    assert_null(strategy_find("trend"));
    assert_null(strategy_find(""));
}

static void require_fault(const Strategy *plug, unsigned parameter, double value) {
    StrategyCase of = {.strategy = plug};
    strategy_presets(plug, of.parameters);
    of.parameters[parameter] = value;
    const char *fault = strategy_fault(plug, of.parameters);
    require(fault && strcmp(fault, plug->parameters[parameter].name) == 0, &of, parameter);
}

static void test_bounds(void **context) {
    (void)context;
    for (unsigned index = 0; index < strategy_count; index++) {
        const Strategy *plug = strategy_table[index];
        for (unsigned each = 0; each < strategy_parameter_count(plug); each++) {
            const StrategyParameter *parameter = &plug->parameters[each];
            require_fault(plug, each, nextafter(parameter->lowest, -1e9));
            require_fault(plug, each, nextafter(parameter->highest, 1e9));
            require_fault(plug, each, (double)NAN);
            require_fault(plug, each, (double)INFINITY);
            if (parameter->whole) require_fault(plug, each, parameter->preset + 0.5);
        }
    }
}

static void test_plans_are_sound(void **context) {
    (void)context;
    uint64_t seed = 4;
    for (unsigned index = 0; index < strategy_count; index++) {
        StrategyCase of = {.strategy = strategy_table[index]};
        unsigned count = strategy_parameter_count(of.strategy);
        for (unsigned set = 0; set < 2 * count; set++) {
            const StrategyParameter *parameter = &of.strategy->parameters[set / 2];
            strategy_presets(of.strategy, of.parameters);
            of.parameters[set / 2] = set % 2 ? parameter->highest : parameter->lowest;
            require_sound(&of);
        }
        for (unsigned each = 0; each < count; each++)
            of.parameters[each] = of.strategy->parameters[each].lowest;
        require_sound(&of);
        for (unsigned each = 0; each < count; each++)
            of.parameters[each] = of.strategy->parameters[each].highest;
        require_sound(&of);
        for (unsigned set = 0; set < 100; set++) {
            random_parameters(&of, &seed);
            require_sound(&of);
        }
    }
}

/* ---- on every market ----------------------------------------------------------------------- */

/* Moods that wander, so that each threshold is passed now and then; now and then nothing is known.
 */
static void make_samples(void) {
    static const double tops[EXTERNAL_COUNT] = {1, 30000, 20000, 1};
    uint64_t seed = 8;
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++) {
        double level = 0.5;
        for (size_t bar = 0; bar < BARS; bar++) {
            level += 0.15 * (candle_market_uniform(&seed) - 0.5);
            level = fmin(1, fmax(0, level));
            samples[series][bar] = bar % 101 == 50 ? (double)NAN : tops[series] * level;
        }
    }
}

static void use_samples(StrategyCase *of) {
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        of->external[series] = samples[series];
}

/* Calls the law for every strategy with its presets and with random parameters, on every market,
 * which stands in `market`. */
static void for_every_case(void (*law)(const StrategyCase *of)) {
    uint64_t seed = 20241124; /* any: the same sets in every run */
    make_samples();
    for (CandleMarketKind kind = 0; kind < CANDLES_KINDS; kind++) {
        candle_market_make(&market, kind, HOUR, 2 + kind);
        market_name = candle_market_names[kind];
        for (unsigned index = 0; index < strategy_count; index++) {
            StrategyCase of = {.strategy = strategy_table[index], .seed = 17};
            use_samples(&of);
            strategy_presets(of.strategy, of.parameters);
            law(&of);
            for (unsigned set = 0; set < RANDOM_SETS; set++) {
                random_parameters(&of, &seed);
                law(&of);
            }
        }
    }
}

static void run(const StrategyCase *of, const CandleSeries *series, int rubbish,
                RecordedWish *into) {
    if (!strategy_run_whole(of, series, rubbish, into)) fail_msg("%s", describe(of));
}

static void require_same(const StrategyCase *of, size_t from, size_t to) {
    for (size_t bar = from; bar < to; bar++)
        require(memcmp(&wishes[bar], &other_wishes[bar], sizeof wishes[bar]) == 0, of, bar);
}

/* The same bars give the same wishes, whatever stood in the memory before. */
static void law_repeatable(const StrategyCase *of) {
    run(of, &market.series, 0x5C, wishes);
    run(of, &market.series, 0xA3, other_wishes);
    require_same(of, 0, BARS);
}

/* A copy of the block goes on as the original does. */
static void law_snapshot(const StrategyCase *of) {
    StrategyRun original, copy;
    size_t middle = 1201;
    assert_true(strategy_run_open(&original, of, HOUR, 0x5C));
    strategy_run_bars(&original, &market.series, 0, middle, wishes);
    copy = original;
    copy.state = malloc(original.stream.size);
    memcpy(copy.state, original.state, original.stream.size);
    strategy_run_bars(&original, &market.series, middle, BARS, wishes);
    strategy_run_bars(&copy, &market.series, middle, BARS, other_wishes);
    require_same(of, middle, BARS);
    free(original.state);
    free(copy.state);
}

static void law_wishes_can_be_done(const StrategyCase *of) {
    StrategyRun run;
    assert_true(strategy_run_open(&run, of, HOUR, 0));
    for (size_t bar = 0; bar < BARS; bar++) {
        StrategyWish wish = strategy_run_bar(&run, &market.series, bar);
        bool open = run.account.position.open,
             buys = wish.kind == WISH_ENTER || wish.kind == WISH_ADD;
        if (wish.kind == WISH_NONE) continue;
        require(wish.kind != WISH_ENTER || !open, of, bar);
        require(buys || open, of, bar);
        require(wish.fraction > 0 && wish.fraction <= 1, of, bar);
        require(wish.stop_fraction >= 0 && wish.stop_fraction < 1, of, bar);
        require(wish.target_fraction >= 0 && isfinite(wish.target_fraction), of, bar);
        const double *columns = rule_stream_columns(&run.stream, run.state);
        for (unsigned each = 0; buys && each < run.plan.column_count; each++)
            require(!isnan(columns[each]), of, bar);
        if (buys && run.stream.length_count == 0)
            require(bar >= rule_stream_warmup(&run.stream), of, bar);
    }
    free(run.state);
}

/* Every price times a power of two: the same wishes to the last bit. */
static void law_scale(const StrategyCase *of) {
    other_market = market;
    for (size_t bar = 0; bar < BARS; bar++) {
        other_market.open[bar] *= 64;
        other_market.high[bar] *= 64;
        other_market.low[bar] *= 64;
        other_market.close[bar] *= 64;
        other_market.volume[bar] /= 8;
        other_market.taker[bar] /= 8;
    }
    CandleSeries scaled = market.series;
    scaled.open = other_market.open;
    scaled.high = other_market.high;
    scaled.low = other_market.low;
    scaled.close = other_market.close;
    scaled.volume = other_market.volume;
    scaled.taker = other_market.taker;
    run(of, &market.series, 0, wishes);
    run(of, &scaled, 0, other_wishes);
    require_same(of, 0, BARS);
}

/* ---- the canary ---------------------------------------------------------------------------- */

/* The market with another future behind bar `cut`. */
static void change_future(size_t cut, unsigned how) {
    uint64_t seed = 99 + cut;
    other_market = market;
    int64_t price = market.close[cut];
    for (size_t bar = cut + 1; bar < BARS; bar++) {
        double part = how == 0 ? 3 : how == 1 ? 0.2 : 0.5 + candle_market_uniform(&seed);
        int64_t close = (int64_t)(part * (double)(how < 2 ? market.close[bar] : price));
        candle_market_bar(&other_market, bar, price, close, &seed);
        price = close;
    }
    CandleSeries series = market.series;
    series.open = other_market.open;
    series.high = other_market.high;
    series.low = other_market.low;
    series.close = other_market.close;
    series.volume = other_market.volume;
    series.quote_volume = other_market.quote_volume;
    series.taker = other_market.taker;
    other_market.series = series;
}

/* The wishes up to the cut are the same, whatever comes behind it, and if nothing does. */
static void law_future(const StrategyCase *of) {
    static const size_t cuts[CUTS] = {30, 700, 1499, 2203};
    static double other_samples[EXTERNAL_COUNT][BARS];
    run(of, &market.series, 0, wishes);
    for (unsigned index = 0; index < CUTS; index++) {
        StrategyCase changed = *of;
        change_future(cuts[index], index % 3);
        memcpy(other_samples, samples, sizeof samples);
        for (unsigned series = 0; series < EXTERNAL_COUNT; series++) {
            for (size_t bar = cuts[index] + 1; bar < BARS; bar++)
                other_samples[series][bar] = samples[series][BARS - 1 - (bar - cuts[index])];
            changed.external[series] = other_samples[series];
        }
        memset(other_wishes, 0xEE, sizeof other_wishes);
        run(&changed, &other_market.series, 0, other_wishes);
        require_same(of, 0, cuts[index] + 1);
        CandleSeries cut = market.series;
        cut.count = cuts[index] + 1;
        run(of, &cut, 0, other_wishes);
        require_same(of, 0, cut.count);
    }
}

/* ---- not in vain --------------------------------------------------------------------------- */

static unsigned count_of(const RecordedWish *of, size_t count, bool buys) {
    unsigned found = 0;
    for (size_t bar = 0; bar < count; bar++) {
        bool is_purchase = of[bar].kind == WISH_ENTER || of[bar].kind == WISH_ADD;
        found += of[bar].kind != WISH_NONE && is_purchase == buys;
    }
    return found;
}

static void test_every_strategy_trades(void **context) {
    (void)context;
    make_samples();
    for (unsigned index = 0; index < strategy_count; index++) {
        StrategyCase of = {.strategy = strategy_table[index], .seed = 17};
        unsigned purchases = 0, sales = 0;
        use_samples(&of);
        strategy_presets(of.strategy, of.parameters);
        for (uint64_t seed = 0; seed < 6; seed++) {
            candle_market_make(&market, CANDLES_WALK, HOUR, seed);
            run(&of, &market.series, 0, wishes);
            purchases += count_of(wishes, BARS, true);
            sales += count_of(wishes, BARS, false);
        }
        /* A near target and stop sell inside of bars. */
        bool holds = strcmp(of.strategy->group, "accumulation") == 0 ||
                     strcmp(of.strategy->group, "scalping") == 0;
        print_message("  %-20s %4u purchases, %4u sales\n", of.strategy->name, purchases, sales);
        require(purchases >= 6, &of, 0);
        require(holds || sales >= 4, &of, 0);
    }
}

/* Without any one of the series that it reads, and without all, a social strategy enters nothing.
 */
static void test_no_social_samples(void **context) {
    (void)context;
    make_samples();
    for (unsigned index = 0; index < strategy_count; index++) {
        StrategyCase of = {.strategy = strategy_table[index]};
        StrategyPlan plan;
        strategy_presets(of.strategy, of.parameters);
        strategy_make_plan(of.strategy, of.parameters, &plan);
        bool reads[EXTERNAL_COUNT] = {false}, reads_any = false;
        for (unsigned column = 0; column < plan.column_count; column++)
            if (plan.columns[column].kind == COLUMN_EXTERNAL)
                reads_any = reads[plan.columns[column].external] = true;
        require(reads_any == of.strategy->needs_social, &of, 0);
        candle_market_make(&market, CANDLES_WALK, HOUR, 1);
        for (unsigned missing = 0; missing < EXTERNAL_COUNT; missing++) {
            use_samples(&of);
            of.external[missing] = NULL;
            if (!reads[missing]) continue;
            run(&of, &market.series, 0, wishes);
            require(count_of(wishes, BARS, true) == 0, &of, missing);
        }
    }
}

/* The canary sees: a strategy that reads the future by a back door is found. */
static const CandleSeries *peeked;

static StrategyWish peek(void *state, const StrategyView *view) {
    (void)state;
    size_t next = candle_series_before(peeked, view->time_us); /* row of the next bar */
    bool rises = next < peeked->count && peeked->close[next] > peeked->open[next];
    if (view->open) return (StrategyWish){.kind = rises ? WISH_NONE : WISH_LEAVE, .fraction = 1};
    return (StrategyWish){.kind = rises ? WISH_ENTER : WISH_NONE, .fraction = 1};
}

static size_t peek_size(const double *parameters) {
    (void)parameters;
    return 0;
}

static void peek_init(void *state, const double *parameters) {
    (void)state;
    (void)parameters;
}

static void peek_plan(const double *parameters, StrategyPlan *plan) {
    (void)parameters;
    (void)plan;
}

static void test_the_canary_sees(void **context) {
    (void)context;
    const Strategy peeking = {.name = "peeking",
                              .plan = peek_plan,
                              .state_size = peek_size,
                              .init = peek_init,
                              .step = peek};
    const StrategyCase of = {.strategy = &peeking};
    candle_market_make(&market, CANDLES_WALK, HOUR, 1);
    peeked = &market.series;
    run(&of, &market.series, 0, wishes);
    change_future(700, 1);
    peeked = &other_market.series;
    run(&of, &other_market.series, 0, other_wishes);
    assert_true(memcmp(wishes, other_wishes, 700 * sizeof wishes[0]) == 0);
    assert_true(memcmp(&wishes[690], &other_wishes[690], 11 * sizeof wishes[0]) != 0);
}

#define LAW(name)                                                                                  \
    static void test_##name(void **context) {                                                      \
        (void)context;                                                                             \
        for_every_case(law_##name);                                                                \
    }
LAW(repeatable)
LAW(snapshot)
LAW(wishes_can_be_done)
LAW(scale)
LAW(future)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declaration),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_plans_are_sound),
        cmocka_unit_test(test_repeatable),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_wishes_can_be_done),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_future),
        cmocka_unit_test(test_every_strategy_trades),
        cmocka_unit_test(test_no_social_samples),
        cmocka_unit_test(test_the_canary_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
