/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The social strategy integrator: whether a symbol's social data foretell its price. It keeps hours
 * of bars and samples (core/trade/impact_rows.h), and once a day asks, symbol by symbol, for
 * correlation, lead or lag, and foretelling (social_impact.h). Where something is found, the trial
 * engine looks for the social strategy that would have fitted (core/trial/social_search.h), and a
 * choice is told to the model registry. The work is cut over timers, so that no step is long.
 *
 * Whatever fails ends in the conservative default: no lead, score 0, no variant. Symbols that never
 * had social data are not analysed, and a run without any does not know that it is there.
 */
#include <math.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/sim/paper_costs.h"
#include "core/trade/impact_rows.h"
#include "core/trial/block_length.h"
#include "core/trial/social_search.h"

/* ---- state --------------------------------------------------------------------------------- */

#define HOURS_OF_A_DAY 24
#define TIMER_ANALYSE  0
#define TIMER_WORK     1
#define WORK_US        INSTANT_SECOND_US /* between two pieces of work */
#define WORK_PRODUCTS  1000000           /* multiplications of a piece: about a millisecond */
#define TRIAL_BALANCE  10000 /* of a search's trials: nothing depends on it but rounding */

typedef enum JobPhase { JOB_IDLE, JOB_DRAW, JOB_SEARCH } JobPhase;

typedef struct ImpactJob {
    JobPhase phase;
    unsigned symbol;
    int64_t begun_us;
    size_t rows, candles;
    ImpactSeries series;
    LeadLag test;
    SocialImpact impact;
    SocialSearch search;
} ImpactJob;

typedef struct SocialStrategy {
    bool active, ticking;
    bool running;        /* a round of analyses */
    unsigned next;       /* symbol to be analysed; symbols.count: none waits */
    unsigned desk_count; /* symbols that there is memory for */
    size_t capacity;     /* rows of a symbol */
    int64_t interval_us;
    uint32_t permutations;
    uint64_t seed;
    Money smallest;
    PaperCosts costs;
    char settings_hash[2 * SHA256_SIZE + 1];
    ImpactRule rule;
    SymbolTable symbols;
    bool heard[LIMIT_SYMBOLS]; /* social data, ever */
    bool scant[LIMIT_SYMBOLS]; /* the last analysis had too few of them: the line is said once */
    ImpactJob job;
    /* the symbols' rings and the job's columns follow */
} SocialStrategy;

/* What a job works on, as it lies behind the state. */
typedef struct JobMemory {
    ImpactRow *rows;
    double *x, *y, *scratch;
    int64_t *time_us, *open, *high, *low, *close;
    double *volume, *external[EXTERNAL_COUNT];
    TrialTrade *trades;
    void *trial;
} JobMemory;

/* ---- options ------------------------------------------------------------------------------- */

static size_t rows_wanted(const Settings *settings) {
    return (size_t)settings->social_strategy.lookback_days * HOURS_OF_A_DAY + 1;
}

/* The pieces behind the state, in order. Nothing is cleared: a job lives in them from step to step.
 */
static void *piece(uint8_t *base, size_t *used, size_t size) {
    size_t from = *used;
    *used += arena_rounded(size);
    return base ? base + from : NULL;
}

/* Lays a job's memory out from `base` on (NULL: nowhere); its size. */
static size_t lay_out(uint8_t *base, size_t capacity, JobMemory *memory) {
    size_t wide = capacity * sizeof(double), used = 0;
    memory->rows = piece(base, &used, capacity * sizeof(ImpactRow));
    memory->x = piece(base, &used, wide);
    memory->y = piece(base, &used, wide);
    memory->scratch =
        piece(base, &used, (capacity + block_length_scratch(capacity)) * sizeof(double));
    memory->time_us = piece(base, &used, wide);
    memory->open = piece(base, &used, wide);
    memory->high = piece(base, &used, wide);
    memory->low = piece(base, &used, wide);
    memory->close = piece(base, &used, wide);
    memory->volume = piece(base, &used, wide);
    for (unsigned i = 0; i < EXTERNAL_COUNT; i++)
        memory->external[i] = piece(base, &used, wide);
    memory->trades = piece(base, &used, SOCIAL_TRADES_KEPT * sizeof(TrialTrade));
    memory->trial = piece(base, &used, SOCIAL_SEARCH_MEMORY);
    return used;
}

static size_t social_strategy_state_size(const Settings *settings) {
    size_t capacity = rows_wanted(settings);
    JobMemory memory;
    if (!settings->social_strategy.enabled) return sizeof(bool);
    return arena_rounded(sizeof(SocialStrategy)) +
           settings_symbol_count(settings) * arena_rounded(capacity * sizeof(ImpactRow)) +
           lay_out(NULL, capacity, &memory);
}

static void social_strategy_init(void *state, const Settings *settings) {
    if (!settings->social_strategy.enabled) return;
    SocialStrategy *social = state;
    Quantity smallest;
    bool sound = quantity_from_double(settings->trading.min_trade_amount, &smallest);
    CHECK(sound, "min_trade_amount is bounded by its declaration");
    social->active = true;
    social->desk_count = settings_symbol_count(settings);
    social->capacity = rows_wanted(settings);
    social->interval_us = settings->social_strategy.analysis_interval * INSTANT_SECOND_US;
    social->permutations = (uint32_t)settings->social_strategy.permutations;
    social->seed = (uint64_t)settings->strategy.seed;
    social->smallest = money_of(smallest.units);
    social->costs = paper_costs(settings);
    social->rule = social_impact_rule(settings);
    ModelVersion version = {.status = ""};
    version_put_hash(&version, settings);
    memcpy(social->settings_hash, version.settings_hash, sizeof social->settings_hash);
}

/* ---- memory -------------------------------------------------------------------------------- */

static ImpactRow *ring_of(SocialStrategy *social, unsigned index) {
    return (ImpactRow *)(void *)((uint8_t *)social + arena_rounded(sizeof *social) +
                                 index * arena_rounded(social->capacity * sizeof(ImpactRow)));
}

static JobMemory job_memory(SocialStrategy *social) {
    JobMemory memory;
    lay_out((uint8_t *)ring_of(social, social->desk_count), social->capacity, &memory);
    return memory;
}

/* ---- what comes in ------------------------------------------------------------------------- */

static int desk_of(const SocialStrategy *social, const char *symbol) {
    return symbol_table_find_text(&social->symbols, symbol);
}

static void hear_symbol(SocialStrategy *social, const SymbolFilters *filters) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return;
    bool known = symbol_table_find(&social->symbols, &symbol.name) >= 0;
    if (known || social->symbols.count < social->desk_count)
        symbol_table_put(&social->symbols, &symbol);
}

static void hear_bar(SocialStrategy *social, const MarketBar *heard) {
    int index = desk_of(social, heard->symbol);
    if (index < 0 || !social->heard[index]) return; /* without a sample there is nothing to match */
    Bar bar = bar_from_message(heard);
    impact_rows_bar(ring_of(social, (unsigned)index), social->capacity, &bar,
                    interval_us((Interval)heard->interval));
}

static void hear_history(SocialStrategy *social, const MarketBar *heard) {
    if (heard->interval == INTERVAL_1H) hear_bar(social, heard);
}

static bool tells_anything(const SocialUpdate *update) {
    const SocialMetrics *metrics = &update->data.metrics;
    return (!update->data.fallback && !isnan(update->data.weighted_sentiment)) ||
           !isnan(metrics->social_volume) || !isnan(metrics->social_engagement);
}

static void hear_social(SocialStrategy *social, const SocialUpdate *update, int64_t now_us,
                        Outbox *outbox) {
    int index = desk_of(social, update->symbol);
    if (index < 0 || !tells_anything(update)) return;
    social->heard[index] = true;
    impact_rows_sample(ring_of(social, (unsigned)index), social->capacity, update, now_us);
    if (social->ticking) return;
    social->ticking = true;
    outbox_timer(outbox, TIMER_ANALYSE,
                 now_us - now_us % social->interval_us + social->interval_us);
}

/* ---- what is said -------------------------------------------------------------------------- */

static const char *name_of(const SocialStrategy *social) {
    return social->symbols.symbols[social->job.symbol].name.text;
}

static void register_variant(const SocialStrategy *social, const SocialVariant *variant,
                             const char *parameters, int64_t now_us, Outbox *outbox) {
    char config[600], id[40], name[64];
    Text text = TEXT_IN(config), key = TEXT_IN(id), title = TEXT_IN(name);
    uint8_t digest[SHA256_SIZE];
    ModelVersion *version = outbox_publish(outbox, TOPIC_MODEL_REGISTRATIONS);
    const char *strategy = social_variant_name(variant->variant);
    text_format(&text,
                "{\"strategy\":\"%s\",\"parameters\":\"%s\",\"symbol\":\"%s\","
                "\"interval\":\"1h\"}",
                strategy, parameters, name_of(social));
    sha256_of(text_end(&text), text.length, digest);
    text_hex(&key, digest, 4);
    text_format(&title, "%s on %s", strategy, name_of(social));
    version_begin(version, "strategy", text_end(&key), text_end(&title));
    memcpy(version->config, config, text.length + 1);
    memcpy(version->settings_hash, social->settings_hash, sizeof version->settings_hash);
    version->creation_date = version->registration_date = version->last_updated = now_us;
    version->data_to = social->job.begun_us;
    version->data_from = social->job.begun_us - (int64_t)social->job.rows * INSTANT_HOUR_US;
    version_tally_metrics(&variant->tally, &version->out_of_sample);
    version->out_of_sample.avg_confidence = (double)NAN; /* a strategy states none */
}

static void say_impact(SocialStrategy *social, int64_t now_us, Outbox *outbox) {
    ImpactJob *job = &social->job;
    SocialImpact *said = outbox_publish(outbox, TOPIC_SOCIAL_IMPACT);
    *said = job->impact;
    memcpy(said->symbol, name_of(social), strlen(name_of(social)) + 1);
    said->time = now_us;
    job->phase = JOB_IDLE;
    bool scant = said->status == IMPACT_INSUFFICIENT, again = social->scant[job->symbol];
    social->scant[job->symbol] = scant;
    if (scant && !again)
        outbox_log(outbox, LOG_ERROR, "Insufficient data points for correlation analysis");
    if (scant) return;
    if (said->status == IMPACT_FAILED)
        outbox_log(outbox, LOG_WARNING, "%s: correlation analysis failed, nothing is adjusted: %s",
                   said->symbol, said->text);
    else
        outbox_log(outbox, LOG_INFO, "%s: %s", said->symbol, said->text);
}

static void say_choice(SocialStrategy *social, int64_t now_us, Outbox *outbox) {
    const SocialSearch *search = &social->job.search;
    SocialImpact *impact = &social->job.impact;
    if (search->chosen) {
        Text variant = TEXT_IN(impact->variant);
        text_put(&variant, social_variant_name(search->choice.variant));
        text_end(&variant);
        social_variant_text(&search->choice, impact->parameters);
        impact->variant_score = search->choice.judged;
        register_variant(social, &search->choice, impact->parameters, now_us, outbox);
    }
    say_impact(social, now_us, outbox);
}

/* ---- the job ------------------------------------------------------------------------------- */

static size_t block_of(const ImpactJob *job, const JobMemory *memory) {
    double x = block_length_of(memory->x, job->series.count, memory->scratch).circular;
    double y = block_length_of(memory->y, job->series.count, memory->scratch).circular;
    return (size_t)ceil(x > y ? x : y);
}

static void begin_job(SocialStrategy *social, int64_t now_us, Outbox *outbox) {
    ImpactJob *job = &social->job;
    JobMemory memory = job_memory(social);
    *job = (ImpactJob){.phase = JOB_DRAW, .symbol = social->next++, .begun_us = now_us};
    job->rows =
        impact_rows_line(ring_of(social, job->symbol), social->capacity, now_us, memory.rows);
    social_impact_prepare(&social->rule, memory.rows, job->rows, memory.x, memory.y, &job->series);
    social_impact_settle(&social->rule, &job->series, &job->test, &job->impact);
    if (job->series.status != IMPACT_NONE) {
        say_impact(social, now_us, outbox);
        return;
    }
    LeadLag wish = {.most = job->series.most,
                    .block = block_of(job, &memory),
                    .divisor = job->series.divisor,
                    .seed = social->seed + (uint64_t)(now_us / INSTANT_HOUR_US) * LIMIT_SYMBOLS +
                            job->symbol};
    job->test = lead_lag_begin(memory.x, memory.y, job->series.count, &wish);
}

/* Rows with candles, with what was known before each one's end. */
static size_t fill_columns(const SocialStrategy *social, const ImpactJob *job,
                           const JobMemory *memory) {
    size_t count = 0;
    for (size_t at = 0; at < job->rows; at++) {
        const ImpactRow *row = &memory->rows[at];
        if (row->close.units == 0) continue;
        long found = social_impact_sample(memory->rows, at, social->rule.match_us, true);
        const ImpactRow *sample = found < 0 ? NULL : &memory->rows[found];
        double none = (double)NAN;
        memory->time_us[count] = row->end_us - INSTANT_HOUR_US;
        memory->open[count] = row->open.units;
        memory->high[count] = row->high.units;
        memory->low[count] = row->low.units;
        memory->close[count] = row->close.units;
        memory->volume[count] = row->base_volume;
        memory->external[EXTERNAL_SENTIMENT][count] = sample ? sample->sentiment : none;
        memory->external[EXTERNAL_SOCIAL_VOLUME][count] = sample ? sample->posts : none;
        memory->external[EXTERNAL_ENGAGEMENT][count] = sample ? sample->engagement : none;
        memory->external[EXTERNAL_NEWS_IMPACT][count++] = sample ? sample->news_impact : none;
    }
    return count;
}

static TrialMarket market_of(const SocialStrategy *social, const JobMemory *memory) {
    const Symbol *symbol = &social->symbols.symbols[social->job.symbol];
    TrialMarket market = {.candles = {.symbol = symbol->name,
                                      .length_us = INSTANT_HOUR_US,
                                      .count = social->job.candles,
                                      .time_us = memory->time_us,
                                      .open = memory->open,
                                      .high = memory->high,
                                      .low = memory->low,
                                      .close = memory->close,
                                      .volume = memory->volume,
                                      .quote_volume = memory->volume},
                          .filters = symbol->filters,
                          .end = social->job.candles};
    for (unsigned i = 0; i < EXTERNAL_COUNT; i++)
        market.external[i] = memory->external[i];
    return market;
}

static void begin_search(SocialStrategy *social, const JobMemory *memory) {
    ImpactJob *job = &social->job;
    job->phase = JOB_SEARCH;
    job->candles = fill_columns(social, job, memory);
    TrialMarket market = market_of(social, memory);
    social_search_begin(&job->search, &market, job->test.seed, memory->scratch);
}

static void draw(SocialStrategy *social, int64_t now_us, Outbox *outbox) {
    ImpactJob *job = &social->job;
    JobMemory memory = job_memory(social);
    size_t products = job->test.count * (2 * job->test.most + 1);
    uint32_t draws = (uint32_t)(WORK_PRODUCTS / products + 1);
    if (draws > social->permutations - job->test.draws)
        draws = social->permutations - job->test.draws;
    lead_lag_draw(&job->test, memory.x, memory.y, draws, memory.scratch);
    if (job->test.draws < social->permutations) return;
    social_impact_settle(&social->rule, &job->series, &job->test, &job->impact);
    if (job->impact.status == IMPACT_FOUND)
        begin_search(social, &memory);
    else
        say_impact(social, now_us, outbox);
}

static void log_event(const SocialStrategy *social, SearchEvent event, const SocialVariant *told,
                      Outbox *outbox) {
    char parameters[SOCIAL_SEARCH_TEXT], judged[32];
    Text text = TEXT_IN(judged);
    const char *variant = social_variant_name(told->variant);
    social_variant_text(told, parameters);
    text_fixed(&text, isnan(told->judged) ? 0 : told->judged, 2);
    text_end(&text);
    if (event == SEARCH_RETRIES)
        outbox_log(outbox, LOG_WARNING, "%s: %s did not trade (last with %s): other parameters",
                   name_of(social), variant, parameters);
    if (event == SEARCH_SKIPS)
        outbox_log(outbox, LOG_WARNING, "%s: %s did not trade in %d rounds: skipped",
                   name_of(social), variant, SOCIAL_RETRIES + 1);
    if (event == SEARCH_JUDGED)
        outbox_log(outbox, LOG_INFO, "%s: %s with %s: Sharpe %s on what it was chosen without",
                   name_of(social), variant, parameters, judged);
}

static void search(SocialStrategy *social, int64_t now_us, Outbox *outbox) {
    JobMemory memory = job_memory(social);
    TrialMarket market = market_of(social, &memory);
    TrialPlan plan = {.markets = &market,
                      .market_count = 1,
                      .balance = money_of((__int128)TRIAL_BALANCE * DECIMAL_SCALE),
                      .costs = social->costs,
                      .smallest = social->smallest,
                      .size_limit = 1,
                      .positions_max = 1,
                      .seed = social->seed};
    SocialVariant told = {.variant = 0};
    SearchEvent event =
        social_search_step(&social->job.search, &plan, memory.trial, memory.trades, &told);
    if (event == SEARCH_ENDED)
        say_choice(social, now_us, outbox);
    else if (event != SEARCH_GOES_ON)
        log_event(social, event, &told, outbox);
}

/* ---- step ---------------------------------------------------------------------------------- */

/* One piece of work; the next one in a second, while there is any. */
static void work(SocialStrategy *social, int64_t now_us, Outbox *outbox) {
    while (social->next < social->symbols.count && !social->heard[social->next])
        social->next++;
    if (social->job.phase == JOB_DRAW)
        draw(social, now_us, outbox);
    else if (social->job.phase == JOB_SEARCH)
        search(social, now_us, outbox);
    else if (social->next < social->symbols.count)
        begin_job(social, now_us, outbox);
    social->running = social->job.phase != JOB_IDLE || social->next < social->symbols.count;
    if (social->running) outbox_timer(outbox, TIMER_WORK, now_us + WORK_US);
}

static void hear_timer(SocialStrategy *social, const TimerDue *due, int64_t now_us,
                       Outbox *outbox) {
    if (due->timer == TIMER_ANALYSE) {
        outbox_timer(outbox, TIMER_ANALYSE,
                     now_us - now_us % social->interval_us + social->interval_us);
        if (social->running) return; /* the round before goes on */
        social->next = 0;
    }
    work(social, now_us, outbox);
}

static void social_strategy_step(void *state, const Message *message, Outbox *outbox) {
    SocialStrategy *social = state;
    if (!*(const bool *)state) return;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(social, message->payload);
        break;
    case TOPIC_HISTORY_BARS:
        hear_history(social, message->payload);
        break;
    case TOPIC_BARS:
        hear_bar(social, message->payload);
        break;
    case TOPIC_SOCIAL_UPDATES:
        hear_social(social, message->payload, message->time_us, outbox);
        break;
    default:
        hear_timer(social, message->payload, message->time_us, outbox);
    }
}

const Service service_social_strategy = {
    .name = "social_strategy",
    .label = "SocialStrategyIntegrator",
    .sentence = "Asks whether social data foretell the price, and which social strategy would "
                "have fitted.",
    .stage = STAGE_CONTEXT,
    .port = 8015,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_HISTORY_BARS, TOPIC_BARS, TOPIC_SOCIAL_UPDATES, TOPIC_TIMERS),
    SAYS(TOPIC_SOCIAL_IMPACT, TOPIC_MODEL_REGISTRATIONS),
    .state_size = social_strategy_state_size,
    .init = social_strategy_init,
    .step = social_strategy_step,
};
