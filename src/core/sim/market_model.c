/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim/market_model.h"

#include <math.h>
#include <string.h>

#include "core/base/digest.h"
#include "core/base/elementary.h"

#define MINUTES_A_DAY  1440
#define MINUTES_A_YEAR 525600.0
#define SQRT_3         1.7320508075688772 /* a uniform number in [-sqrt 3, sqrt 3] has variance 1 */

/* --- what the constants say about the market -------------------------------------------------- */

static const struct {
    const char *name;
    double drift;      /* a day, in standard deviations of a calm day: visible after a few days */
    double volatility; /* times the calm one */
    double stay_days;  /* mean */
    double to[MARKET_MODEL_REGIME_COUNT]; /* chances of what follows */
} regimes[MARKET_MODEL_REGIME_COUNT] = {
    [MARKET_MODEL_BULL] = {"bull", 0.45, 0.90, 3.0, {0, 0.22, 0.48, 0.30}},
    [MARKET_MODEL_BEAR] = {"bear", -0.45, 1.15, 2.7, {0.26, 0, 0.44, 0.30}},
    [MARKET_MODEL_RANGING] = {"ranging", 0, 0.65, 2.5, {0.38, 0.36, 0, 0.26}},
    [MARKET_MODEL_VOLATILE] = {"volatile", 0, 1.80, 1.2, {0.36, 0.36, 0.28, 0}},
};

/* A stay ends for the symbols with the market's regime in two cases of three, else with one of
 * their own. */
#define FOLLOW_CHANCE      0.67
#define STAY_MINUTES_MIN   120 /* a regime shorter than two hours could not be told from noise */
#define RANGE_PULL         (0.6931471805599453 / 240)                  /* half-life of four hours */
#define HOME_PULL          (0.6931471805599453 / (90 * MINUTES_A_DAY)) /* half-life of 90 days... */
#define HOME_BAND          1.2   /* ...and twice as strong at this distance, rising further */
#define LEVEL_MAX          2.9   /* a factor of 18: reached by no seed tried, but promised */
#define FAST_KEEP          0.966 /* half-life of 20 minutes */
#define FAST_GAIN          0.09  /* makes the standard deviation of `fast` about 0.25 */
#define FAST_MEAN          0.73 /* mean of |shock|: 0.71 for one Student t, 0.75 for a sum of two */
#define SHOCK_CAP          6.0  /* a single shock moves `fast` by half at most */
#define SLOW_KEEP          (1 - 0.6931471805599453 / MINUTES_A_DAY) /* half-life of a day */
#define SLOW_GAIN          0.0109 /* makes the standard deviation of `slow` about 0.35 */
#define LOG_VOLATILITY_MAX 1.6    /* five times the calm one */
#define JUMP_CHANCE        22     /* of 65536: every second day */
#define JUMP_SIGMAS                                                                                \
    6.0 /* smallest jump in calm minutes' deviations; the largest is four times it */
#define GAP_CHANCE 1024 /* of 65536: one minute in 64 opens a tick away from the last close */
#define PATH_STEPS 8

/* Activity by UTC hour, linear in between: quiet before Europe wakes, busiest when America joins
 * it. */
static const double day_pattern[25] = {0.98, 0.94, 0.86, 0.80, 0.76, 0.76, 0.80, 0.90, 0.98,
                                       1.00, 1.00, 1.00, 1.06, 1.20, 1.32, 1.34, 1.26, 1.16,
                                       1.08, 1.02, 0.98, 0.94, 0.94, 0.98, 0.98};

/* Round prices of early 2024; the other figures are of the order of the venue's quieter quote
 * assets. */
static const struct {
    const char *base;
    double price, yearly, share, turnover, trade_size;
    int64_t tick, step;
} known_assets[] = {
    {"BTC", 42000, 0.42, 0.90, 400000, 900, 1000000, 1000},
    {"ETH", 2250, 0.52, 0.88, 200000, 700, 1000000, 10000},
    {"BNB", 300, 0.50, 0.75, 40000, 350, 1000000, 100000},
    {"SOL", 100, 0.75, 0.75, 90000, 300, 1000000, 100000},
    {"XRP", 0.6, 0.62, 0.68, 60000, 250, 10000, 10000000},
};

/* --- start ------------------------------------------------------------------------------------ */

static int64_t power_of_ten_below(double units) {
    int64_t power = 1;
    while ((double)power * 10 <= units && power < DECIMAL_SCALE)
        power *= 10;
    return power;
}

/* An asset without a row: everything from its name, by a stream that nothing else uses. */
static void invent(MarketAsset *asset, uint64_t name_hash) {
    Random random = random_stream(name_hash, 0);
    Filters *filters = &asset->symbol.filters;
    double price = elementary_exp(-3.5 + 9.0 * random_uniform(&random)); /* 0.03 to 245 */
    filters->tick = price_of(power_of_ten_below(price * 3e-4 * (double)DECIMAL_SCALE));
    filters->step = quantity_of(power_of_ten_below(0.5 / price * (double)DECIMAL_SCALE));
    asset->start_price = price;
    asset->sigma = (0.6 + 0.3 * random_uniform(&random)) / sqrt(MINUTES_A_YEAR);
    asset->share = 0.60 + 0.15 * random_uniform(&random);
    asset->turnover = 8000 + 40000 * random_uniform(&random);
    asset->trade_size = 120 + 150 * random_uniform(&random);
}

static void describe(MarketAsset *asset, uint64_t name_hash) {
    Filters *filters = &asset->symbol.filters;
    invent(asset, name_hash);
    for (unsigned i = 0; i < sizeof known_assets / sizeof known_assets[0]; i++) {
        if (strcmp(asset->symbol.base.text, known_assets[i].base) != 0) continue;
        asset->start_price = known_assets[i].price;
        asset->sigma = known_assets[i].yearly / sqrt(MINUTES_A_YEAR);
        asset->share = known_assets[i].share;
        asset->turnover = known_assets[i].turnover;
        asset->trade_size = known_assets[i].trade_size;
        filters->tick = price_of(known_assets[i].tick);
        filters->step = quantity_of(known_assets[i].step);
    }
    filters->price_min = filters->tick;
    filters->quantity_min = filters->step;
    filters->notional_min = money_of(5 * (__int128)DECIMAL_SCALE); /* the venue's for main quotes */
}

/* Minutes of a stay: exponential, at least the smallest. */
static uint32_t draw_stay(Random *random, MarketModelRegime regime) {
    double days = -regimes[regime].stay_days * elementary_log(1 - random_uniform(random));
    return STAY_MINUTES_MIN + (uint32_t)(days * MINUTES_A_DAY); /* at most 37 means: -log 2^-53 */
}

static MarketModelRegime draw_next(Random *random, MarketModelRegime regime) {
    double lot = random_uniform(random);
    unsigned next = 0;
    while (next < MARKET_MODEL_REGIME_COUNT - 1 && lot >= regimes[regime].to[next])
        lot -= regimes[regime].to[next++];
    return (MarketModelRegime)next;
}

static MarketChain chain_start(uint64_t seed, uint64_t stream) {
    MarketChain chain = {.random = random_stream(seed, stream)};
    chain.regime = (MarketModelRegime)random_below(&chain.random, MARKET_MODEL_REGIME_COUNT);
    chain.minutes_left = draw_stay(&chain.random, chain.regime);
    return chain;
}

/* One coin has one price history whatever it is quoted in: streams go by the base asset. */
static bool asset_init(MarketAsset *asset, uint64_t seed, const SymbolName *name) {
    *asset = (MarketAsset){.symbol.name = *name};
    Symbol *symbol = &asset->symbol;
    if (!symbol_split(name, &symbol->base, &symbol->quote)) return false;
    uint64_t name_hash = hash64(symbol->base.text, strlen(symbol->base.text));
    describe(asset, name_hash);
    asset->random = random_stream(seed, name_hash);
    asset->chain = chain_start(seed, ~name_hash);
    double ticks =
        rint(asset->start_price * (double)DECIMAL_SCALE / (double)symbol->filters.tick.units);
    asset->close = price_of((int64_t)ticks * symbol->filters.tick.units);
    return true;
}

static unsigned place_of(const MarketModel *model, const SymbolName *name) {
    unsigned at = 0;
    while (at < model->count && strcmp(model->assets[at].symbol.name.text, name->text) < 0)
        at++;
    return at;
}

static bool add_asset(MarketModel *model, uint64_t seed, const SymbolName *name, Error *error) {
    unsigned at = place_of(model, name);
    if (at < model->count && symbol_name_equal(&model->assets[at].symbol.name, name))
        return error_set(error, ERROR_DATA, "a symbol is named twice", name->text, "leave one");
    memmove(&model->assets[at + 1], &model->assets[at],
            (model->count - at) * sizeof model->assets[0]);
    model->count++;
    if (asset_init(&model->assets[at], seed, name)) return true;
    return error_set(error, ERROR_DATA, "the symbol ends in no known quote asset", name->text,
                     "use a name like BTCUSDC");
}

bool market_model_init(MarketModel *model, uint64_t seed, int64_t start_us, const SymbolName *names,
                       unsigned count, Error *error) {
    memset(model, 0, sizeof *model);
    if (count == 0)
        return error_set(error, ERROR_USAGE, "a market needs a symbol", "symbols", "name one");
    if (count > LIMIT_SYMBOLS)
        return error_set(error, ERROR_LIMIT, "more than 32 symbols", "symbols", "name fewer");
    model->random = random_stream(seed, 0);
    model->chain = chain_start(seed, 1);
    model->time_us = interval_floor(start_us, INSTANT_MINUTE_US);
    for (unsigned i = 0; i < count; i++)
        if (!add_asset(model, seed, &names[i], error)) return false;
    return true;
}

/* --- one minute ------------------------------------------------------------------------------- */

/* What a minute has in common for all symbols. */
typedef struct Minute {
    int64_t time_us;
    double shock;    /* unit variance */
    double jump;     /* in deviations of a calm minute; mostly 0 */
    double activity; /* of the hour */
    MarketModelRegime regime;
} Minute;

/* Four numbers of 16 bits out of one draw. */
typedef struct Lots {
    uint32_t lot[4];
} Lots;

static Lots draw_lots(Random *random) {
    uint64_t bits = random_u64(random);
    return (Lots){{(uint32_t)(bits & 0xFFFF), (uint32_t)(bits >> 16 & 0xFFFF),
                   (uint32_t)(bits >> 32 & 0xFFFF), (uint32_t)(bits >> 48)}};
}

static double lot_uniform(uint32_t lot) { /* in (0, 1), symmetric about 1/2 */
    return ((double)lot + 0.5) * 0x1p-16;
}

static double clamp(double value, double lowest, double highest) {
    return value < lowest ? lowest : value > highest ? highest : value;
}

static double jump_of(Lots lots) {
    if (lots.lot[0] >= JUMP_CHANCE) return 0;
    double size = JUMP_SIGMAS * (1 + 3 * lot_uniform(lots.lot[1]));
    return lots.lot[2] & 1 ? size : -size;
}

static double activity_at(int64_t time_us) {
    int64_t of_day = time_us - interval_floor(time_us, INSTANT_DAY_US);
    unsigned hour = (unsigned)(of_day / INSTANT_HOUR_US);
    double part = (double)(of_day % INSTANT_HOUR_US) / (double)INSTANT_HOUR_US;
    return day_pattern[hour] + part * (day_pattern[hour + 1] - day_pattern[hour]);
}

static Minute common_minute(MarketModel *model) {
    MarketChain *chain = &model->chain;
    if (chain->minutes_left-- == 0) {
        chain->regime = draw_next(&chain->random, chain->regime);
        chain->minutes_left = draw_stay(&chain->random, chain->regime);
    }
    Minute minute = {.time_us = model->time_us,
                     .activity = activity_at(model->time_us),
                     .regime = chain->regime};
    minute.shock = random_student_t(&model->random, 4);
    minute.jump = jump_of(draw_lots(&model->random));
    model->time_us += INSTANT_MINUTE_US;
    return minute;
}

static void asset_regime(MarketAsset *asset, MarketModelRegime market) {
    MarketChain *chain = &asset->chain;
    if (chain->minutes_left-- > 0) return;
    bool follow = random_uniform(&chain->random) < FOLLOW_CHANCE;
    chain->regime = follow ? market : draw_next(&chain->random, chain->regime);
    chain->minutes_left = draw_stay(&chain->random, chain->regime);
    asset->anchor = asset->level;
}

/* The part of the return that a far-seeing eye could know. */
static double drift_of(const MarketAsset *asset) {
    double level = asset->level, far = level / HOME_BAND;
    double drift = regimes[asset->chain.regime].drift * asset->sigma / sqrt((double)MINUTES_A_DAY);
    drift -= HOME_PULL * level * (1 + far * far);
    if (asset->chain.regime == MARKET_MODEL_RANGING) drift -= RANGE_PULL * (level - asset->anchor);
    return drift;
}

static void move_volatility(MarketAsset *asset, double shock, uint32_t lot) {
    double size = clamp(fabs(shock), 0, SHOCK_CAP);
    asset->fast = FAST_KEEP * asset->fast + FAST_GAIN * (size - FAST_MEAN);
    asset->slow = SLOW_KEEP * asset->slow + SLOW_GAIN * SQRT_3 * (2 * lot_uniform(lot) - 1);
}

/* exp(x) - 1 by its series; |x| stays below 0.2 within a minute, where four terms leave 3e-6. */
static double small_growth(double x) {
    return x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4)));
}

/* Extremes of a bridge of eight steps from 0 to `change`, whose own noise has the minute's
 * deviation. */
static void path_extremes(Random *random, double change, double sigma, double extremes[static 2]) {
    double walk[PATH_STEPS], sum = 0;
    for (unsigned half = 0; half < 2; half++) {
        Lots lots = draw_lots(random);
        for (unsigned i = 0; i < 4; i++) {
            sum += 2 * lot_uniform(lots.lot[i]) - 1;
            walk[4 * half + i] = sum;
        }
    }
    double scale = sigma * SQRT_3 / sqrt((double)PATH_STEPS);
    extremes[0] = change < 0 ? change : 0;
    extremes[1] = change > 0 ? change : 0;
    for (unsigned i = 0; i + 1 < PATH_STEPS; i++) {
        double part = (double)(i + 1) / PATH_STEPS;
        double at = part * change + scale * (walk[i] - part * sum);
        if (at < extremes[0]) extremes[0] = at;
        if (at > extremes[1]) extremes[1] = at;
    }
}

static Price on_grid(double price, Price tick) {
    double ticks = rint(price * (double)DECIMAL_SCALE / (double)tick.units);
    return price_of((ticks < 1 ? 1 : (int64_t)ticks) * tick.units);
}

static Price greater(Price a, Price b) {
    return a.units > b.units ? a : b;
}

static Price lesser(Price a, Price b) {
    return a.units < b.units ? a : b;
}

static void set_prices(MarketAsset *asset, const double extremes[static 2], uint32_t lot,
                       Bar *bar) {
    Price tick = asset->symbol.filters.tick;
    bar->open = asset->close;
    if (lot < GAP_CHANCE) bar->open.units += lot & 1 ? tick.units : -tick.units;
    if (bar->open.units < tick.units) bar->open = tick;
    double start = price_double(bar->open);
    bar->close = on_grid(asset->start_price * elementary_exp(asset->level), tick);
    bar->high = greater(on_grid(start * (1 + small_growth(extremes[1])), tick),
                        greater(bar->open, bar->close));
    bar->low = lesser(on_grid(start * (1 + small_growth(extremes[0])), tick),
                      lesser(bar->open, bar->close));
    asset->close = bar->close;
}

/* `pace`: volatility in calm minutes; `push`: the return in deviations of this minute. */
static void set_volumes(const MarketAsset *asset, double pace, double push, Lots lots, Bar *bar) {
    Quantity step = asset->symbol.filters.step;
    double size = clamp(fabs(push), 0, 12); /* a jump is not traded a hundredfold */
    double typical =
        (price_double(bar->high) + price_double(bar->low) + price_double(bar->close)) / 3;
    double quote =
        asset->turnover * pace * (0.4 + 0.8 * size) * (0.4 + 1.2 * lot_uniform(lots.lot[2]));
    double steps = rint(quote / typical * (double)DECIMAL_SCALE / (double)step.units);
    if (steps < 1) steps = 1; /* a bar has at least one trade */
    bar->volume = quantity_double(quantity_of((int64_t)steps * step.units));
    bar->quote_volume = bar->volume * typical;
    double share = 0.5 + 0.2 * push / (1 + fabs(push)) + 0.16 * (lot_uniform(lots.lot[3]) - 0.5);
    steps = floor(share * steps);
    bar->taker_volume = quantity_double(quantity_of((int64_t)steps * step.units));
    bar->trades = 1 + (uint32_t)clamp(bar->quote_volume / asset->trade_size, 0, 1e6);
}

static void asset_minute(MarketAsset *asset, const Minute *minute, Bar *bar) {
    asset_regime(asset, minute->regime);
    Lots lots = draw_lots(&asset->random), chances = draw_lots(&asset->random);
    double own = random_student_t(&asset->random, 4);
    double shock = asset->share * minute->shock + sqrt(1 - asset->share * asset->share) * own;
    double log_volatility =
        clamp(asset->fast + asset->slow, -LOG_VOLATILITY_MAX, LOG_VOLATILITY_MAX);
    double pace =
        regimes[asset->chain.regime].volatility * minute->activity * elementary_exp(log_volatility);
    double sigma = asset->sigma * pace;
    double jump = asset->sigma * (asset->share * minute->jump + 0.5 * jump_of(chances));
    double before = asset->level, extremes[2];
    double change = clamp(drift_of(asset) + sigma * shock + jump, -0.2, 0.2);
    asset->level = clamp(before + change, -LEVEL_MAX, LEVEL_MAX);
    change = asset->level - before;
    *bar = (Bar){.time_us = minute->time_us, .bars = 1};
    path_extremes(&asset->random, change, sigma, extremes);
    set_prices(asset, extremes, lots.lot[0], bar);
    set_volumes(asset, pace, change / sigma, lots, bar);
    move_volatility(asset, shock, lots.lot[1]);
}

void market_model_minute(MarketModel *model, Bar *bars) {
    Minute minute = common_minute(model);
    for (unsigned i = 0; i < model->count; i++)
        asset_minute(&model->assets[i], &minute, &bars[i]);
}

const char *market_model_regime_name(MarketModelRegime regime) {
    CHECK((unsigned)regime < MARKET_MODEL_REGIME_COUNT, "market regime in range");
    return regimes[regime].name;
}
