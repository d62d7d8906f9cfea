/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lab/lab.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/bus/convert.h"
#include "core/bus/feed_message.h"
#include "core/kernel/outside_queue.h"
#include "core/kernel/record.h"
#include "core/lab/lab_book.h"
#include "core/lab/lab_feed.h"
#include "core/trial/strategy_choice.h"

#define WARM_ROWS 500 /* of history in one turn: with all longer bars far below a turn's limits */

struct Lab {
    const LabPlan *plan;
    KernelPlan kernel_plan;
    Kernel *kernel;
    LabFeed feed;
    LabBook book;
    Sha256 chain;
    OutsideQueue asked;
};

/* ---- memory -------------------------------------------------------------------------------- */

static KernelPlan kernel_plan_of(const LabPlan *plan) {
    return (KernelPlan){.services = plan->services,
                        .service_count = plan->service_count,
                        .settings = plan->settings};
}

size_t lab_memory(const LabPlan *plan) {
    KernelPlan kernel = kernel_plan_of(plan);
    return arena_rounded(sizeof(Lab)) + kernel_size(&kernel);
}

/* ---- one turn ------------------------------------------------------------------------------ */

static void finish_turn(Lab *lab) {
    const LabPlan *plan = lab->plan;
    kernel_turn(lab->kernel);
    for (const Message *message = kernel_first(lab->kernel); message;
         message = kernel_next(lab->kernel, message)) {
        if (plan->hash) record_chain_message(&lab->chain, message);
        if (message->topic == TOPIC_OUTSIDE_REQUESTS)
            outside_queue_ask(&lab->asked, &plan->outside, message->payload, message->time_us);
        lab_book_hear(&lab->book, message);
        if (plan->watch) plan->watch(plan->watch_context, message);
    }
    lab_book_turn_ends(&lab->book, kernel_time(lab->kernel));
}

static void put(Lab *lab, Topic topic, int64_t time_us, const void *payload) {
    Error error;
    if (kernel_input(lab->kernel, topic, time_us, payload, &error)) return;
    /* As the engine: what is out of its bounds stands in its place as a refusal. */
    FeedStatus status = {.condition = CONDITION_REFUSED};
    Text text = TEXT_IN(status.text);
    if (topic != TOPIC_NEWS_HISTORY) memcpy(status.symbol, payload, sizeof status.symbol);
    text_format(&text, "%s: %s", error.where, error.message);
    text_end(&text);
    bool queued = kernel_input(lab->kernel, TOPIC_FEED_STATUS, time_us, &status, &error);
    CHECK(queued, "a refusal is within its bounds");
}

static void put_events(Lab *lab) {
    FeedEvent event;
    FeedPayload payload;
    int64_t time_us = lab->feed.next_us;
    while (lab_feed_say(&lab->feed, &event)) {
        Topic topic = feed_message(&event, false, &payload);
        put(lab, topic, time_us, &payload);
    }
}

/* ---- before the first bar ------------------------------------------------------------------ */

static void introduce(Lab *lab, int64_t time_us) {
    const LabPlan *plan = lab->plan;
    for (unsigned i = 0; i < plan->prompt_count; i++)
        put(lab, TOPIC_PROMPT_TEMPLATES, time_us, &plan->prompts[i]);
    for (unsigned i = 0; i < plan->market_count; i++) {
        SymbolFilters filters;
        filters_from_symbol(&plan->markets[i].symbol, &filters);
        put(lab, TOPIC_SYMBOL_FILTERS, time_us, &filters);
        if (i > 0) continue;
        Opening opening = {.amount = plan->balance};
        memcpy(opening.asset, plan->markets[i].symbol.quote.text, sizeof opening.asset);
        put(lab, TOPIC_OPENINGS, time_us, &opening);
    }
}

/* Each interval's own bars, as a live feed's backfill brings them; what is unfinished at the first
 * traded bar the monitor goes on folding itself. */
static void warm_up(Lab *lab, const LabMarket *market, int64_t time_us) {
    CandleFold folds[INTERVAL_COUNT];
    MarketBar message;
    const char *name = market->symbol.name.text;
    for (Interval interval = INTERVAL_1M; interval < INTERVAL_COUNT; interval++)
        candle_fold_init(&folds[interval], interval);
    for (size_t row = 0; row < market->first; row++) {
        Bar bar = candle_series_bar(&market->candles, row), closed[2];
        message_from_bar(name, lab->feed.interval, &bar, &message);
        put(lab, TOPIC_HISTORY_BARS, time_us, &message);
        for (Interval longer = lab->feed.interval + 1; longer < INTERVAL_COUNT; longer++) {
            unsigned count = candle_fold_add(&folds[longer], &bar, closed);
            for (unsigned i = 0; i < count; i++) {
                message_from_bar(name, longer, &closed[i], &message);
                put(lab, TOPIC_HISTORY_BARS, time_us, &message);
            }
        }
        if (row % WARM_ROWS == WARM_ROWS - 1) finish_turn(lab);
    }
    finish_turn(lab);
}

static bool is_watched(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; *at;) {
        const char *comma = strchr(at, ',');
        Slice item = slice_trim((Slice){at, comma ? (size_t)(comma - at) : strlen(at)});
        if (item.length == length && memcmp(item.at, name, length) == 0) return true;
        if (!comma) break;
        at = comma + 1;
    }
    return false;
}

static bool check_plan(const LabPlan *plan, Error *error) {
    StrategyChoice choice;
    if (!strategy_choice_read(plan->settings, &choice, error)) return false;
    if (plan->balance.units <= 0)
        return error_set(error, ERROR_USAGE, "the balance is not positive", "balance", NULL);
    for (unsigned i = 0; i < plan->market_count; i++)
        if (!is_watched(plan->settings->trading.symbols, plan->markets[i].symbol.name.text))
            return error_set(error, ERROR_CONFIG, "a market that the settings do not name",
                             plan->markets[i].symbol.name.text, "trading_params.symbols");
    return true;
}

/* As the engine begins: symbols and balance belong to the first instant, unless history comes
 * between. */
static void begin(Lab *lab) {
    int64_t start_us = lab->feed.next_us;
    bool warm = false;
    for (unsigned i = 0; i < lab->plan->market_count; i++)
        warm |= lab->plan->markets[i].first > 0;
    introduce(lab, start_us);
    if (!warm) return;
    finish_turn(lab);
    for (unsigned i = 0; i < lab->plan->market_count; i++)
        warm_up(lab, &lab->plan->markets[i], start_us);
}

Lab *lab_open(const LabPlan *plan, void *memory, TrialOutput *output, Error *error) {
    Lab *lab = memory;
    if (!lab_feed_init(&lab->feed, plan, error) || !check_plan(plan, error)) return NULL;
    lab->plan = plan;
    lab->kernel_plan = kernel_plan_of(plan);
    lab->kernel = kernel_init((uint8_t *)memory + arena_rounded(sizeof *lab), &lab->kernel_plan);
    lab_book_init(&lab->book, plan, output);
    sha256_init(&lab->chain);
    begin(lab);
    return lab;
}

/* ---- living through it --------------------------------------------------------------------- */

/* Timers, then answers of the outside, as in the engine. */
static void put_due(Lab *lab, int64_t time_us) {
    kernel_input_timers(lab->kernel, time_us);
    outside_queue_input(&lab->asked, lab->kernel, time_us);
}

/* A turn between the market's events. */
static void turn_between(Lab *lab, int64_t time_us) {
    int64_t now = kernel_time(lab->kernel);
    put_due(lab, time_us < now ? now : time_us);
    finish_turn(lab);
}

static int64_t due_between(const Lab *lab) {
    int64_t timer = kernel_timer_due(lab->kernel), answer = outside_queue_due(&lab->asked);
    return timer < answer ? timer : answer;
}

bool lab_step(Lab *lab, uint64_t turns) {
    for (; turns > 0; turns--) {
        int64_t next_us = lab->feed.next_us;
        if (next_us == INT64_MAX) return false;
        int64_t due_us = due_between(lab);
        if (due_us < next_us) {
            turn_between(lab, due_us);
            continue;
        }
        put_due(lab, next_us);
        put_events(lab);
        finish_turn(lab);
    }
    return true;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void end_price(Lab *lab, const LabMarket *market, int64_t time_us) {
    PriceMove move = {.price = price_of(market->candles.close[market->end - 1])};
    memcpy(move.symbol, market->symbol.name.text, sizeof move.symbol);
    move.high = move.low = move.price;
    put(lab, TOPIC_PRICES, time_us, &move);
}

/* What is open is sold at the last close, with the costs of every market order. */
static void flatten(Lab *lab) {
    Control control = {.level = KILL_FLATTEN, .by = "lab", .reason = "the data ended"};
    int64_t time_us = kernel_time(lab->kernel);
    lab->book.flattening = true;
    put(lab, TOPIC_CONTROLS, time_us, &control);
    finish_turn(lab);
    for (unsigned i = 0; i < lab->plan->market_count; i++)
        end_price(lab, &lab->plan->markets[i], time_us);
    finish_turn(lab);
}

void lab_end(Lab *lab, LabResult *result) {
    sha256_peek(&lab->chain, lab->book.result.journal);
    bool hash = lab->plan->hash;
    if (lab->plan->flatten) flatten(lab);
    *result = lab->book.result;
    uint64_t calls, cost;
    outside_queue_unheard(&lab->asked, &calls, &cost);
    result->calls += calls;
    result->cost_usd_micro += cost;
    if (!hash) memset(result->journal, 0, sizeof result->journal);
    result->trial.final = lab->book.equity;
}

int64_t lab_time(const Lab *lab) {
    return kernel_time(lab->kernel);
}

const Kernel *lab_kernel(const Lab *lab) {
    return lab->kernel;
}

bool lab_run(const LabPlan *plan, void *memory, TrialOutput *output, LabResult *result,
             Error *error) {
    Lab *lab = lab_open(plan, memory, output, error);
    if (!lab) return false;
    while (lab_step(lab, UINT64_MAX)) {
    }
    lab_end(lab, result);
    return true;
}
