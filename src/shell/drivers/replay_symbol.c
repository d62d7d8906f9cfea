/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/replay_symbol.h"

#include <stdlib.h>
#include <string.h>

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "candle files", "close other programs");
}

bool replay_symbol_add(ReplaySymbol *symbol, const char *path, Error *error) {
    size_t size = (symbol->source_count + 1) * sizeof symbol->sources[0];
    CandleSource *grown = realloc(symbol->sources, size);
    if (!grown) return no_memory(error);
    symbol->sources = grown;
    CandleSource *source = &grown[symbol->source_count];
    if (!candle_scan_read(path, &source->scan, error)) return false;
    source->path = strdup(path);
    if (!source->path) return no_memory(error);
    symbol->source_count++;
    return true;
}

/* --- before the start ------------------------------------------------------------------------- */

/* By first row, then by name: the order of the paths on the command line has no meaning. */
static int compare_sources(const void *a, const void *b) {
    const CandleSource *left = a, *right = b;
    if (left->scan.first_us != right->scan.first_us)
        return left->scan.first_us < right->scan.first_us ? -1 : 1;
    return strcmp(left->path, right->path);
}

static bool sources_overlap(const ReplaySymbol *symbol) {
    int64_t last_us = INT64_MIN;
    for (unsigned i = 0; i < symbol->source_count; i++) {
        const CandleScan *scan = &symbol->sources[i].scan;
        if (scan->first_us <= last_us) return true;
        if (scan->last_us > last_us) last_us = scan->last_us;
    }
    return false;
}

/* One pass over everything, so that a run does not end half-way with inconsistent data. */
static bool verify(const ReplaySymbol *symbol, Error *error) {
    Bar bar;
    Error refusal;
    CandleMerge *merge = candle_merge_open(symbol->sources, symbol->source_count, error);
    if (!merge) return false;
    CandleAnswer answer = CANDLE_BAR;
    while (answer != CANDLE_ENDED && answer != CANDLE_FAILED)
        answer = candle_merge_next(merge, &bar, &refusal);
    candle_merge_close(merge);
    if (answer == CANDLE_FAILED && error) *error = refusal;
    return answer == CANDLE_ENDED;
}

static bool refuse_range(const ReplaySymbol *symbol, Error *error) {
    char memory[200], first[25], last[25];
    Text hint = TEXT_IN(memory);
    int64_t last_us = INT64_MIN;
    for (unsigned i = 0; i < symbol->source_count; i++)
        if (symbol->sources[i].scan.last_us > last_us) last_us = symbol->sources[i].scan.last_us;
    instant_to_iso(symbol->sources[0].scan.first_us, first);
    instant_to_iso(last_us, last);
    text_format(&hint, "the files hold %s to %s", first, last);
    return error_set(error, ERROR_DATA, "no candles between the dates asked for",
                     symbol->symbol.name.text, text_end(&hint));
}

static bool drop_outside(ReplaySymbol *symbol, Error *error) {
    unsigned kept = 0;
    for (unsigned i = 0; i < symbol->source_count; i++) {
        const CandleScan *scan = &symbol->sources[i].scan;
        kept += scan->last_us >= symbol->start_us && scan->first_us < symbol->end_us;
    }
    if (kept == 0) return refuse_range(symbol, error);
    kept = 0;
    for (unsigned i = 0; i < symbol->source_count; i++) {
        CandleSource source = symbol->sources[i];
        if (source.scan.last_us >= symbol->start_us && source.scan.first_us < symbol->end_us)
            symbol->sources[kept++] = source;
        else
            free(source.path);
    }
    symbol->source_count = kept;
    return true;
}

bool replay_symbol_arrange(ReplaySymbol *symbol, Error *error) {
    qsort(symbol->sources, symbol->source_count, sizeof symbol->sources[0], compare_sources);
    if (sources_overlap(symbol) && !verify(symbol, error)) return false;
    return drop_outside(symbol, error);
}

bool replay_symbol_derive(ReplaySymbol *symbol, Error *error) {
    Symbol *known = &symbol->symbol;
    Price tick = {DECIMAL_SCALE};
    Quantity step = {DECIMAL_SCALE};
    for (unsigned i = 0; i < symbol->source_count; i++) {
        const CandleScan *scan = &symbol->sources[i].scan;
        if (scan->tick.units < tick.units) tick = scan->tick;
        if (scan->step.units < step.units) step = scan->step;
    }
    if (!symbol_split(&known->name, &known->base, &known->quote))
        return error_set(error, ERROR_DATA, "the symbol ends in no known quote asset",
                         known->name.text, "describe it in config/filters.json");
    known->filters = (Filters){
        .tick = tick,
        .price_min = tick,
        .step = step,
        .quantity_min = step,
        .notional_min = {5 *
                         (__int128)DECIMAL_SCALE}, /* the venue's smallest for its main quotes */
    };
    symbol->derived = true;
    return true;
}

/* --- the stream ------------------------------------------------------------------------------- */

static void become_refused(ReplaySymbol *symbol, const Error *refusal) {
    const char *slash = strrchr(refusal->where, '/');
    Text text = TEXT_IN(symbol->text);
    text_format(&text, "%s: %s", slash ? slash + 1 : refusal->where, refusal->message);
    text_end(&text);
    symbol->counts.refused++;
    symbol->state = FEED_REFUSED;
    symbol->step = REPLAY_STATUS;
}

static void become_gap(ReplaySymbol *symbol) {
    Text text = TEXT_IN(symbol->text);
    int64_t length_us = interval_us(symbol->interval);
    int64_t missing = (symbol->bar.time_us - symbol->expected_us) / length_us;
    feed_gap_text(symbol->expected_us, missing, symbol->interval, &text);
    symbol->counts.gaps++;
    symbol->counts.missing += (uint64_t)missing;
    symbol->state = FEED_GAP;
    symbol->step = REPLAY_STATUS;
    symbol->time_us = symbol->bar.time_us;
}

static void become_open(ReplaySymbol *symbol) {
    symbol->step = REPLAY_OPEN;
    symbol->time_us = symbol->bar.time_us;
}

/* A bar inside of the dates. Files of an hour or a day may have rows that stand off their own grid.
 */
static bool bar_refused(ReplaySymbol *symbol) {
    const char *fault = bar_fault(&symbol->bar, interval_us(symbol->interval));
    char iso[25];
    Error refusal;
    if (!fault) return false;
    instant_to_iso(symbol->bar.time_us, iso);
    error_set(&refusal, ERROR_DATA, fault, iso, "");
    become_refused(symbol, &refusal);
    return true;
}

/* What comes after a bar's close: a refusal, a gap, an open, or the end. */
static void find_next(ReplaySymbol *symbol) {
    Error error;
    for (;;) {
        CandleAnswer answer = candle_merge_next(symbol->merge, &symbol->bar, &error);
        bool began = symbol->expected_us != INT64_MIN;
        if (answer == CANDLE_FAILED) {
            symbol->failure = error;
            symbol->step = REPLAY_FAILED;
            return;
        }
        if (answer == CANDLE_REFUSED) {
            /* Rows before the dates asked for are none of the reader's business. */
            if (!began && symbol->start_us != INT64_MIN) continue;
            become_refused(symbol, &error);
            return;
        }
        if (answer == CANDLE_ENDED || symbol->bar.time_us >= symbol->end_us) {
            symbol->step = REPLAY_ENDED;
            return;
        }
        if (symbol->bar.time_us < symbol->start_us) continue;
        if (bar_refused(symbol)) return;
        if (began && symbol->bar.time_us > symbol->expected_us)
            become_gap(symbol);
        else
            become_open(symbol);
        return;
    }
}

bool replay_symbol_start(ReplaySymbol *symbol, int64_t clock_us, Error *error) {
    symbol->merge = candle_merge_open(symbol->sources, symbol->source_count, error);
    if (!symbol->merge) return false;
    symbol->time_us = clock_us;
    symbol->expected_us = INT64_MIN;
    find_next(symbol);
    if (symbol->step != REPLAY_FAILED) return true;
    if (error) *error = symbol->failure;
    return false;
}

static void say_open(const ReplaySymbol *symbol, FeedEvent *event) {
    Price open = symbol->bar.open;
    event->kind = FEED_OPEN;
    event->price.last = event->price.high = event->price.low = open;
}

static void say_bar(ReplaySymbol *symbol, FeedEvent *event) {
    int64_t length_us = interval_us(symbol->interval);
    event->kind = FEED_BAR;
    event->candle.bar = symbol->bar;
    event->candle.bar.bars = (uint32_t)(length_us / INSTANT_MINUTE_US);
    event->candle.interval = symbol->interval;
    symbol->counts.bars++;
    symbol->counts.zero_volume += !(symbol->bar.volume > 0);
    symbol->expected_us = symbol->bar.time_us + length_us;
}

static void say_status(const ReplaySymbol *symbol, FeedEvent *event) {
    event->kind = FEED_STATUS;
    event->status.state = symbol->state;
    memcpy(event->status.text, symbol->text, sizeof event->status.text);
}

void replay_symbol_say(ReplaySymbol *symbol, FeedEvent *event) {
    *event = (FeedEvent){.time_us = symbol->time_us, .symbol = symbol->symbol.name};
    if (symbol->step == REPLAY_OPEN) {
        say_open(symbol, event);
        symbol->step = REPLAY_BAR;
        symbol->time_us = symbol->bar.time_us + interval_us(symbol->interval) - 1;
    } else if (symbol->step == REPLAY_BAR) {
        say_bar(symbol, event);
        find_next(symbol);
    } else {
        say_status(symbol, event);
        if (symbol->state == FEED_GAP)
            become_open(symbol);
        else
            find_next(symbol);
    }
}

void replay_symbol_close(ReplaySymbol *symbol) {
    candle_merge_close(symbol->merge);
    for (unsigned i = 0; i < symbol->source_count; i++)
        free(symbol->sources[i].path);
    free(symbol->sources);
}
