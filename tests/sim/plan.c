/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a seed says: which classes of faults are on, how often they strike, how many symbols, which
 * settings; and a plan as a text, for tests/sim/regress.
 */
#include <stdio.h>

#include "sim/sim.h"

#define MILLION 1000000u

static void words(char *target, size_t capacity, const char *text) {
    bool fits = slice_copy(slice_of(text), target, capacity);
    CHECK(fits, "a word of the plan fits its setting");
}

static double between(Random *random, double least, double most) {
    return least + (most - least) * random_uniform(random);
}

/* Classes from here on are drawn behind all else: the plans of the seeds in regress stay. */
#define FIRST_LATER FAULT_ASLEEP

/* A class is off in half of the seeds, else anywhere up to its highest rate. */
static void draw_rates(Plan *plan, Random *random, unsigned from, unsigned end) {
    bool calm = random_below(random, 20) == 0;
    for (unsigned i = from; i < end; i++) {
        bool on = random_below(random, 2) == 0 && !calm;
        double share = random_uniform(random);
        plan->rates[i] = on ? (uint32_t)(share * share * fault_shapes[i].ppm) : 0;
    }
}

static void draw_settings(Plan *plan, Random *random) {
    static const char *const lists[] = {"BTCUSDC", "BTCUSDC,ETHUSDC", "BTCUSDC,ETHUSDC,SOLUSDC"};
    Settings *settings = &plan->settings;
    settings_presets(settings);
    words(settings->venue.name, sizeof settings->venue.name, "binance");
    words(settings->trading.symbols, sizeof settings->trading.symbols, lists[plan->symbols - 1]);
    settings->venue.recv_window_ms = die_span(random, 1000, 10000);
    settings->venue.answer_timeout_ms = die_span(random, 2000, 12000);
    settings->venue.reconcile_seconds = die_span(random, 30, 900);
    settings->venue.protect_seconds = die_span(random, 2, 60);
    settings->venue.volume_share = between(random, 0.001, 0.5);
    settings->trading.max_positions = die_span(random, 1, 3);
    settings->trading.position_size = between(random, 0.02, 0.6);
    settings->trading.stop_loss_pct = between(random, 0.3, 4);
    settings->trading.take_profit_pct = settings->trading.stop_loss_pct * between(random, 1, 3);
    settings->trading.signal_ttl_seconds = die_span(random, 5, 300);
    settings->trading.signal_score_threshold = 0.1;
    settings->trading.ai_confidence_threshold = 0.1;
    settings->trading.ai_analysis_interval = 60 * die_span(random, 1, 5);
    settings->risk.max_portfolio_allocation = between(random, 0.05, 0.8);
    settings->risk.max_total_exposure = between(random, 0.1, 1);
    settings->risk.risk_per_trade = between(random, 0.001, 0.02);
    settings->risk.trailing_stop_loss_enabled = random_below(random, 4) != 0;
    settings->trailing.activation_threshold_pct = between(random, 0, 1);
    settings->trailing.trail_percent = between(random, 0.2, 1);
    settings->trailing.max_adjustment_frequency_seconds = die_span(random, 0, 120);
}

static void draw_costs(Plan *plan, Random *random) {
    plan->costs = (ExchangeCosts){.maker_ppm = die_span(random, 0, 1500),
                                  .taker_ppm = die_span(random, 0, 1500),
                                  .half_spread_ppm = die_span(random, 1, 500),
                                  .slippage_ppm = die_span(random, 1, 500),
                                  .share_ppm = die_span(random, 1000, 600000),
                                  .discount_ppm = 250000};
}

void plan_draw(Plan *plan, uint64_t seed, unsigned minutes) {
    Random random = random_stream(seed, RANDOM_PLAN);
    memset(plan, 0, sizeof *plan);
    plan->seed = seed;
    plan->minutes = minutes;
    plan->symbols = 1 + random_below(&random, SIM_SYMBOLS_MAX);
    plan->analyst = random_below(&random, 4) == 0;
    plan->signal_ppm = (uint32_t)die_span(&random, 20000, 400000);
    plan->snapshot_records = (uint32_t)die_span(&random, 200, 8000);
    plan->delay_us = (uint32_t)die_span(&random, 1000, 120000);
    plan->stream_us = plan->delay_us / 8 * (uint32_t)die_span(&random, 1, 40);
    static const uint32_t thinner[] = {1, 1, 20, 200, 2000};
    plan->thin = thinner[random_below(&random, 5)];
    plan->drift_ppm = (int32_t)die_span(&random, -100, 100);
    draw_rates(plan, &random, 0, FIRST_LATER);
    draw_costs(plan, &random);
    draw_settings(plan, &random);
    draw_rates(plan, &random, FIRST_LATER, FAULT_COUNT);
}

/* ---- as a text ------------------------------------------------------------------------------- */

static int class_of(const char *name) {
    for (unsigned i = 0; i < FAULT_COUNT; i++)
        if (strcmp(fault_shapes[i].name, name) == 0) return (int)i;
    return -1;
}

static bool read_line(Plan *plan, const char *line) {
    unsigned long long seed;
    unsigned minutes, symbols, ordinal;
    char name[40];
    if (line[0] == '#' || line[0] == '\n') return true;
    if (sscanf(line, "seed %llu minutes %u symbols %u", &seed, &minutes, &symbols) == 3) {
        plan_draw(plan, seed, minutes);
        plan->scripted = true;
        bool sound = symbols >= 1 && symbols <= plan->symbols && minutes > 0;
        plan->symbols = symbols;
        return sound;
    }
    if (sscanf(line, "%39s %u", name, &ordinal) != 2 || class_of(name) < 0 ||
        plan->fault_count == SIM_FAULTS_MAX)
        return false;
    plan->faults[plan->fault_count++] = (Fault){(uint32_t)class_of(name), ordinal};
    return true;
}

bool plan_read(Plan *plan, const char *path) {
    char line[256];
    FILE *file = fopen(path, "r");
    if (!file) return false;
    bool sound = true;
    while (sound && fgets(line, sizeof line, file))
        sound = read_line(plan, line);
    fclose(file);
    return sound && plan->scripted;
}

bool plan_write(const Plan *plan, const char *path, const char *sentence) {
    FILE *file = fopen(path, "w");
    if (!file) return false;
    fprintf(file, "# %s\nseed %llu minutes %u symbols %u\n", sentence,
            (unsigned long long)plan->seed, plan->minutes, plan->symbols);
    for (unsigned i = 0; i < plan->fault_count; i++)
        fprintf(file, "%s %u\n", fault_shapes[plan->faults[i].class].name, plan->faults[i].ordinal);
    return fclose(file) == 0;
}
