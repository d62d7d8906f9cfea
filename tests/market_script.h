/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A generated market as a plain list of kernel inputs, and a kernel that plays such lists turn by
 * turn while a digest of every record is kept: what the laws of kernel and services stand on. Core
 * alone; the caller frees what it made.
 */
#ifndef TESTS_MARKET_SCRIPT_H
#define TESTS_MARKET_SCRIPT_H

#include "unit.h"

#include "core/bus/convert.h"
#include "core/kernel/kernel.h"
#include "core/kernel/record.h"
#include "core/sim/market_model.h"

#define SCRIPT_SYMBOLS 2
#define SCRIPT_START   (INSTANT_DAY_US * 19723) /* 2024-01-01 */

typedef struct ScriptInput {
    Topic topic;
    int64_t time_us;
    union {
        SymbolFilters filters;
        Opening opening;
        PriceMove price;
        MarketBar bar;
        SocialReading reading;
        Headline headline;
    };
} ScriptInput;

typedef struct Script {
    ScriptInput *inputs;
    size_t count;
} Script;

static inline void script_opens(Script *script, const MarketModel *model, const Bar *bars) {
    for (unsigned i = 0; i < model->count; i++) {
        ScriptInput *input = &script->inputs[script->count++];
        *input = (ScriptInput){.topic = TOPIC_PRICES, .time_us = bars[i].time_us};
        memcpy(input->price.symbol, model->assets[i].symbol.name.text, sizeof input->price.symbol);
        input->price.price = input->price.high = input->price.low = bars[i].open;
    }
}

static inline void script_closes(Script *script, const MarketModel *model, const Bar *bars) {
    for (unsigned i = 0; i < model->count; i++) {
        ScriptInput *input = &script->inputs[script->count++];
        *input =
            (ScriptInput){.topic = TOPIC_BARS, .time_us = bars[i].time_us + INSTANT_MINUTE_US - 1};
        message_from_bar(model->assets[i].symbol.name.text, INTERVAL_1M, &bars[i], &input->bar);
    }
}

static bool script_social; /* whether social data and news come in, too */

/* A reading a symbol and hour, whose mood swings over six hours, and a headline an hour. */
static inline void script_mood(Script *script, const MarketModel *model, int64_t time_us) {
    static const char *const titles[] = {"Bitcoin rallies as ban is lifted",
                                         "Ether slides on hack fears", "Crypto market trades flat",
                                         "Bitcoin sinks, ether falls"};
    int64_t hour = time_us / INSTANT_HOUR_US;
    for (unsigned i = 0; i < model->count; i++) {
        ScriptInput *input = &script->inputs[script->count++];
        *input = (ScriptInput){.topic = TOPIC_SOCIAL_READINGS, .time_us = time_us};
        double mood = 0.5 + 0.08 * (double)((hour + 2 * i) % 6) - 0.2;
        input->reading =
            (SocialReading){.source = OUTSIDE_LUNARCRUSH,
                            .time = time_us - INSTANT_HOUR_US,
                            .known = time_us,
                            .metrics = {1000 + (double)(hour % 7), 5000 + 100 * (double)(hour % 5),
                                        90, mood, 600, 300, 40},
                            .weighted_sentiment = (double)NAN};
        memcpy(input->reading.symbol, model->assets[i].symbol.name.text,
               sizeof input->reading.symbol);
    }
    ScriptInput *input = &script->inputs[script->count++];
    *input = (ScriptInput){.topic = TOPIC_NEWS_HISTORY, .time_us = time_us};
    input->headline = (Headline){.source = "script",
                                 .published = time_us - INSTANT_MINUTE_US,
                                 .known = time_us,
                                 .sentiment = (double)NAN,
                                 .engagement = (double)NAN};
    snprintf(input->headline.id, sizeof input->headline.id, "%lld", (long long)hour);
    snprintf(input->headline.title, sizeof input->headline.title, "%s", titles[hour % 4]);
}

static inline Script script_of(uint64_t seed, unsigned minutes) {
    static const SymbolName names[SCRIPT_SYMBOLS] = {{"BTCUSDC"}, {"ETHUSDC"}};
    size_t moods = script_social ? (minutes / 60 + 1) * (SCRIPT_SYMBOLS + 1) : 0;
    Script script = {.inputs =
                         calloc(SCRIPT_SYMBOLS + 1 + 2 * SCRIPT_SYMBOLS * (size_t)minutes + moods,
                                sizeof(ScriptInput))};
    MarketModel *model = malloc(sizeof *model);
    Error error;
    Bar bars[LIMIT_SYMBOLS];
    assert_true(script.inputs && model);
    assert_true(market_model_init(model, seed, SCRIPT_START, names, SCRIPT_SYMBOLS, &error));
    for (unsigned i = 0; i < model->count; i++) {
        ScriptInput *input = &script.inputs[script.count++];
        *input = (ScriptInput){.topic = TOPIC_SYMBOL_FILTERS, .time_us = SCRIPT_START};
        filters_from_symbol(&model->assets[i].symbol, &input->filters);
    }
    script.inputs[script.count++] = (ScriptInput){
        .topic = TOPIC_OPENINGS,
        .time_us = SCRIPT_START,
        .opening = {.asset = "USDC", .amount = money_of((__int128)10000 * DECIMAL_SCALE)}};
    for (unsigned minute = 0; minute < minutes; minute++) {
        market_model_minute(model, bars);
        if (script_social && minute % 60 == 0) script_mood(&script, model, bars[0].time_us);
        script_opens(&script, model, bars);
        script_closes(&script, model, bars);
    }
    free(model);
    return script;
}

/* ---- a kernel on a stage ------------------------------------------------------------------- */

typedef struct KernelStage {
    Settings settings;
    KernelPlan plan;
    void *memory;
    Kernel *kernel;
    Sha256 digest; /* over the records of all turns */
    /* Shown every message of every turn; NULL: nobody. */
    void (*watch)(void *context, const Message *message);
    void *context;
} KernelStage;

static const char *script_strategy = ""; /* trades in the analyst's place; "": none does */

static inline void stage_open(KernelStage *stage, const Service *const *services, unsigned count) {
    settings_presets(&stage->settings);
    strcpy(stage->settings.trading.symbols, "BTCUSDC,ETHUSDC");
    strcpy(stage->settings.strategy.name, script_strategy);
    stage->plan =
        (KernelPlan){.services = services, .service_count = count, .settings = &stage->settings};
    size_t size = (kernel_size(&stage->plan) + 15) & ~(size_t)15;
    stage->memory = aligned_alloc(16, size);
    assert_non_null(stage->memory);
    memset(stage->memory, 0, size);
    stage->kernel = kernel_init(stage->memory, &stage->plan);
    sha256_init(&stage->digest);
    stage->watch = NULL;
}

static inline void stage_close(KernelStage *stage) {
    free(stage->memory);
}

static inline void stage_turn(KernelStage *stage) {
    kernel_turn(stage->kernel);
    for (const Message *m = kernel_first(stage->kernel); m; m = kernel_next(stage->kernel, m)) {
        uint8_t record[RECORD_MAX];
        size_t size = record_of_message(m, record);
        sha256_add(&stage->digest, record, size);
        if (stage->watch) stage->watch(stage->context, m);
    }
}

/* The turn that begins with input `at`, after the timers that are due before it; the index behind
 * it. */
static inline size_t stage_instant(KernelStage *stage, const Script *script, size_t at) {
    int64_t time_us = script->inputs[at].time_us;
    Error error = {.code = ERROR_NONE};
    for (int64_t due = kernel_timer_due(stage->kernel); due < time_us;
         due = kernel_timer_due(stage->kernel)) {
        int64_t now = kernel_time(stage->kernel); /* the last turn may have passed it */
        kernel_input_timers(stage->kernel, due < now ? now : due);
        stage_turn(stage);
    }
    kernel_input_timers(stage->kernel, time_us);
    for (; at < script->count && script->inputs[at].time_us == time_us; at++) {
        const ScriptInput *input = &script->inputs[at];
        bool queued = kernel_input(stage->kernel, input->topic, time_us, &input->filters, &error);
        if (!queued) print_error("%s: %s\n", error.where, error.message);
        assert_true(queued);
    }
    stage_turn(stage);
    return at;
}

static inline void stage_play(KernelStage *stage, const Script *script, size_t from, size_t to) {
    while (from < to)
        from = stage_instant(stage, script, from);
}

static inline void stage_digest(const KernelStage *stage, uint8_t digest[static SHA256_SIZE]) {
    sha256_peek(&stage->digest, digest);
}

#endif
