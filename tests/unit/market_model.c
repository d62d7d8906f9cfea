/* SPDX-License-Identifier: Apache-2.0 */
/* The generated market: the same bits everywhere, and the stylised facts of real markets (Cont
 * 2001, "Empirical properties of asset returns") measured over 60 days on several seeds. */
#include "unit.h"

#include "core/base/digest.h"
#include "core/sim/market_model.h"

#define DAYS    60
#define MINUTES (DAYS * 1440)
#define SYMBOLS 5
#define SEEDS   4
#define START   1704067200000000LL /* 2024-01-01 00:00 */

/* hash64 of the first 10,000 bars of BTCUSDC under seed 1: compilers and levels must agree on it.
 */
#define GOLDEN_HASH 0x0e7952a7b1901fbdULL

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static const char *const five[] = {"BNBUSDC", "BTCUSDC", "ETHUSDC", "SOLUSDC", "XRPUSDC"};
enum { BTC = 1 };

static void model_of(MarketModel *model, uint64_t seed, const char *const *texts, unsigned count) {
    SymbolName names[LIMIT_SYMBOLS];
    Error error;
    for (unsigned i = 0; i < count; i++)
        assert_true(symbol_name_set(&names[i], slice_of(texts[i])));
    if (!market_model_init(model, seed, START, names, count, &error)) fail_msg("%s", error.message);
}

/* --- the same bits ---------------------------------------------------------------------------- */

static void test_golden_hash(void **state) {
    (void)state;
    enum { COUNT = 10000 };
    static MarketModel model;
    static Bar bars[COUNT];
    model_of(&model, 1, five + BTC, 1);
    for (unsigned i = 0; i < COUNT; i++)
        market_model_minute(&model, &bars[i]);
    uint64_t hash = hash64(bars, sizeof bars);
    if (hash != GOLDEN_HASH) fail_msg("the hash is 0x%016llx", (unsigned long long)hash);
}

static void test_seeds_repeat(void **state) {
    (void)state;
    static MarketModel a, b, other;
    Bar one[SYMBOLS], two[SYMBOLS], three[SYMBOLS];
    unsigned equal = 0;
    model_of(&a, 7, five, SYMBOLS);
    model_of(&b, 7, five, SYMBOLS);
    model_of(&other, 8, five, SYMBOLS);
    for (unsigned i = 0; i < 5000; i++) {
        market_model_minute(&a, one);
        market_model_minute(&b, two);
        market_model_minute(&other, three);
        assert_memory_equal(one, two, sizeof one);
        equal += one[BTC].close.units == three[BTC].close.units;
    }
    assert_true(equal < 50); /* another seed is another market */
}

static void test_symbols_do_not_touch_each_other(void **state) {
    (void)state;
    static MarketModel all, alone, tether;
    static const char *const reversed[] = {"XRPUSDC", "SOLUSDC", "ETHUSDC", "BTCUSDC", "BNBUSDC"};
    static const char *const btc_usdt[] = {"BTCUSDT"};
    Bar bars[SYMBOLS], one, quoted;
    model_of(&all, 3, reversed, SYMBOLS);
    model_of(&alone, 3, five + BTC, 1);
    model_of(&tether, 3, btc_usdt, 1);
    for (unsigned i = 0; i < SYMBOLS; i++)
        assert_string_equal(all.assets[i].symbol.name.text, five[i]);
    for (unsigned i = 0; i < 3000; i++) {
        market_model_minute(&all, bars);
        market_model_minute(&alone, &one);
        market_model_minute(&tether, &quoted);
        assert_memory_equal(&bars[BTC], &one, sizeof one);
        assert_memory_equal(&quoted, &one, sizeof one);
    }
}

static void test_bad_names(void **state) {
    (void)state;
    static MarketModel model;
    static SymbolName names[LIMIT_SYMBOLS + 1];
    Error error;
    assert_false(market_model_init(&model, 1, START, names, 0, &error));
    assert_int_equal(error.code, ERROR_USAGE);
    assert_true(symbol_name_set(&names[0], SLICE("BTCUSDC")));
    assert_true(symbol_name_set(&names[1], SLICE("BTCUSDC")));
    assert_false(market_model_init(&model, 1, START, names, 2, &error));
    assert_int_equal(error.code, ERROR_DATA);
    assert_true(symbol_name_set(&names[1], SLICE("BTCXYZ")));
    assert_false(market_model_init(&model, 1, START, names, 2, &error));
    assert_string_equal(error.where, "BTCXYZ");
    assert_false(market_model_init(&model, 1, START, names, LIMIT_SYMBOLS + 1, &error));
    assert_int_equal(error.code, ERROR_LIMIT);
}

/* --- stylised facts --------------------------------------------------------------------------- */

static double returns[SYMBOLS][MINUTES];

static double mean_of(const double *series, unsigned count) {
    double sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += series[i];
    return sum / count;
}

static double correlation(const double *a, const double *b, unsigned count) {
    double mean_a = mean_of(a, count), mean_b = mean_of(b, count), ab = 0, aa = 0, bb = 0;
    for (unsigned i = 0; i < count; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return ab / sqrt(aa * bb);
}

/* Of |returns| where `size`, else of the returns. */
static double autocorrelation(const double *series, unsigned lag, bool size) {
    static double a[MINUTES], b[MINUTES];
    for (unsigned i = 0; i + lag < MINUTES; i++) {
        a[i] = size ? fabs(series[i]) : series[i];
        b[i] = size ? fabs(series[i + lag]) : series[i + lag];
    }
    return correlation(a, b, MINUTES - lag);
}

static double moment(const double *series, int power) {
    double mean = mean_of(series, MINUTES), sum = 0;
    for (unsigned i = 0; i < MINUTES; i++)
        sum += pow(series[i] - mean, power);
    return sum / MINUTES;
}

typedef struct Observed {
    double drift[MARKET_MODEL_REGIME_COUNT]; /* sum of returns / sigma */
    double minutes[MARKET_MODEL_REGIME_COUNT];
    double volume[24]; /* of BTC, by hour */
    double size[24];   /* |return| of BTC, by hour */
} Observed;

static double volumes[MINUTES], sizes[MINUTES], takers[MINUTES];

static void observe_bar(Observed *seen, const MarketModel *model, unsigned symbol, unsigned minute,
                        const Bar *bar, double *last) {
    double close = log(price_double(bar->close)), change = close - *last;
    MarketModelRegime regime = model->assets[symbol].chain.regime;
    const char *fault = bar_fault(bar, INSTANT_MINUTE_US);
    if (fault) fail_msg("minute %u of %s: %s", minute, five[symbol], fault);
    assert_int_equal(bar->time_us, START + minute * INSTANT_MINUTE_US);
    assert_int_equal(bar->close.units % model->assets[symbol].symbol.filters.tick.units, 0);
    assert_true(bar->volume > 0 && bar->trades > 0 && bar->taker_volume <= bar->volume);
    *last = close;
    returns[symbol][minute] = change;
    seen->drift[regime] += change / model->assets[symbol].sigma;
    seen->minutes[regime] += 1;
    if (symbol != BTC) return;
    seen->volume[minute / 60 % 24] += bar->quote_volume;
    seen->size[minute / 60 % 24] += fabs(change);
    volumes[minute] = bar->volume;
    sizes[minute] = fabs(change);
    takers[minute] = bar->taker_volume / bar->volume;
}

static void observe(uint64_t seed, Observed *seen) {
    static MarketModel model;
    double last[SYMBOLS];
    model_of(&model, seed, five, SYMBOLS);
    for (unsigned i = 0; i < SYMBOLS; i++)
        last[i] = log(price_double(model.assets[i].close));
    for (unsigned minute = 0; minute < MINUTES; minute++) {
        Bar bars[SYMBOLS];
        int64_t before[SYMBOLS];
        for (unsigned i = 0; i < SYMBOLS; i++)
            before[i] = model.assets[i].close.units;
        market_model_minute(&model, bars);
        for (unsigned i = 0; i < SYMBOLS; i++) {
            /* A minute opens where the last one closed, or a tick beside. */
            int64_t gap = llabs(bars[i].open.units - before[i]);
            assert_true(gap == 0 || gap == model.assets[i].symbol.filters.tick.units);
            observe_bar(seen, &model, i, minute, &bars[i], &last[i]);
        }
    }
}

static void check_facts_of_returns(void) {
    for (unsigned i = 0; i < SYMBOLS; i++) {
        double variance = moment(returns[i], 2);
        double kurtosis = moment(returns[i], 4) / (variance * variance);
        double yearly = sqrt(variance * 525600);
        if (kurtosis < 5) fail_msg("%s: kurtosis %.2f", five[i], kurtosis);
        if (i == BTC && (yearly < 0.30 || yearly > 1.20)) fail_msg("volatility %.2f", yearly);
        assert_close(autocorrelation(returns[i], 1, false), 0, 0.05);
        assert_true(autocorrelation(returns[i], 1, true) > 0.05);
        assert_true(autocorrelation(returns[i], 60, true) > 0.05);
        for (unsigned k = 0; k < i; k++) {
            double shared = correlation(returns[i], returns[k], MINUTES);
            if (shared < 0.3 || shared > 0.9) fail_msg("%s, %s: %.2f", five[i], five[k], shared);
        }
    }
}

static void check_facts_of_day(const Observed *seen) {
    double volume_busy = seen->volume[14] + seen->volume[15];
    double volume_quiet = seen->volume[4] + seen->volume[5];
    double size_busy = seen->size[14] + seen->size[15], size_quiet = seen->size[4] + seen->size[5];
    assert_true(volume_busy > 1.25 * volume_quiet);
    assert_true(size_busy > 1.25 * size_quiet);
}

static void test_stylised_facts(void **state) {
    (void)state;
    static Observed seen;
    double per_day[MARKET_MODEL_REGIME_COUNT];
    memset(&seen, 0, sizeof seen);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        observe(seed, &seen);
        check_facts_of_returns();
        assert_true(correlation(volumes, sizes, MINUTES) > 0.3);
        assert_true(correlation(takers, returns[BTC], MINUTES) > 0.3);
    }
    check_facts_of_day(&seen);
    for (unsigned i = 0; i < MARKET_MODEL_REGIME_COUNT; i++) {
        /* Every regime takes part, none rules. */
        double share = seen.minutes[i] / (SEEDS * SYMBOLS * (double)MINUTES);
        if (share < 0.03 || share > 0.6)
            fail_msg("%s has %.2f", market_model_regime_name((MarketModelRegime)i), share);
        per_day[i] = seen.drift[i] / seen.minutes[i] * sqrt(1440);
    }
    assert_true(per_day[MARKET_MODEL_BULL] > 0.2);
    assert_true(per_day[MARKET_MODEL_BEAR] < -0.2);
}

static void test_years_stay_sane(void **state) {
    (void)state;
    static MarketModel model;
    static const char *const names[] = {"SOLUSDC", "PEPEUSDT"};
    model_of(&model, 11, names, 2);
    for (unsigned minute = 0; minute < 3 * 525600; minute++) {
        Bar bars[2];
        market_model_minute(&model, bars);
        for (unsigned i = 0; i < 2; i++) {
            double factor = price_double(bars[i].close) / model.assets[i].start_price;
            if (!(factor > 0.05 && factor < 20)) fail_msg("%s: factor %.3f", names[i], factor);
            const char *fault = bar_fault(&bars[i], INSTANT_MINUTE_US);
            if (fault) fail_msg("%s: %s", names[i], fault);
        }
    }
}

static void test_any_name_makes_a_market(void **state) {
    (void)state;
    static const char *const bases[] = {"ADA",  "DOGE",     "LTC", "AVAX", "DOT", "LINK", "PEPE",
                                        "SHIB", "1000SATS", "TRX", "UNI",  "A",   "WIF",  "ATOM"};
    for (unsigned i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        static MarketModel model;
        char text[32];
        const char *name = text;
        snprintf(text, sizeof text, "%sUSDC", bases[i]);
        model_of(&model, 5, &name, 1);
        const Symbol *symbol = &model.assets[0].symbol;
        assert_string_equal(symbol->base.text, bases[i]);
        double price = model.assets[0].start_price, tick = price_double(symbol->filters.tick);
        assert_true(tick / price < 1e-3 && tick / price > 1e-6);
        /* The smallest order is worth less than the smallest notional. */
        assert_true(quantity_double(symbol->filters.step) * price < 5);
        for (unsigned minute = 0; minute < 2000; minute++) {
            Bar bar;
            market_model_minute(&model, &bar);
            assert_null(bar_fault(&bar, INSTANT_MINUTE_US));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_hash),
        cmocka_unit_test(test_seeds_repeat),
        cmocka_unit_test(test_symbols_do_not_touch_each_other),
        cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_stylised_facts),
        cmocka_unit_test(test_years_stay_sane),
        cmocka_unit_test(test_any_name_makes_a_market),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
