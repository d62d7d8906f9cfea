/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The replay feed: candle files as the one line of events that the engine pulls. Symbols are kept
 * in order of their names, whatever the order of the paths. Each holds the event that it would say
 * next; the earliest is said, and at one instant social readings come first, then all statuses,
 * then all closes by symbol, then all opens by symbol. Files are scanned when the feed is opened
 * (interval, grid of prices, sound or not), then streamed: memory does not grow with their length.
 */
#include <stdlib.h>
#include <string.h>

#include "core/bus/feed_message.h"
#include "shell/drivers/feed.h"
#include "shell/drivers/replay_symbol.h"
#include "shell/store/filters_file.h"
#include "shell/store/social_history.h"

typedef struct FeedReplay {
    Feed feed; /* first: the engine's pointer is ours */
    ReplaySymbol symbols[LIMIT_SYMBOLS];
    unsigned count;
    unsigned introduced; /* symbols whose FEED_SYMBOL has been said */
    int64_t start_us;    /* of the first event */
    SocialHistory social;
    SocialPlace social_place;
} FeedReplay;

/* --- opening ---------------------------------------------------------------------------------- */

static bool selected(const FeedReplayPlan *plan, const SymbolName *name) {
    for (unsigned i = 0; i < plan->symbol_count; i++)
        if (symbol_name_equal(&plan->symbols[i], name)) return true;
    return plan->symbol_count == 0;
}

static bool name_of(const FeedReplayPlan *plan, const char *path, SymbolName *name, Error *error) {
    if (candle_file_symbol(path, name)) return true;
    if (plan->symbol_count != 1)
        return error_set(error, ERROR_USAGE, "the file's name does not begin with a symbol", path,
                         "name it like BTCUSDC-1m.csv.gz, or give one symbol with --symbols");
    *name = plan->symbols[0];
    return true;
}

/* The symbol's place in the order of names; a new one is put in there. NULL when there are too
 * many. */
static ReplaySymbol *symbol_place(FeedReplay *replay, const SymbolName *name) {
    unsigned at = 0;
    int order = 1;
    while (at < replay->count &&
           (order = strcmp(replay->symbols[at].symbol.name.text, name->text)) < 0)
        at++;
    if (at < replay->count && order == 0) return &replay->symbols[at];
    if (replay->count == LIMIT_SYMBOLS) return NULL;
    memmove(&replay->symbols[at + 1], &replay->symbols[at],
            (replay->count - at) * sizeof replay->symbols[0]);
    replay->count++;
    replay->symbols[at] = (ReplaySymbol){.symbol.name = *name};
    return &replay->symbols[at];
}

static bool add_files(FeedReplay *replay, const FeedReplayPlan *plan, Error *error) {
    if (plan->path_count == 0)
        return error_set(error, ERROR_USAGE, "no candle files are given", "--data",
                         "give at least one .csv, .csv.gz or .zip file");
    for (unsigned i = 0; i < plan->path_count; i++) {
        SymbolName name;
        if (!name_of(plan, plan->paths[i], &name, error)) return false;
        if (!selected(plan, &name)) continue;
        ReplaySymbol *symbol = symbol_place(replay, &name);
        if (!symbol)
            return error_set(error, ERROR_LIMIT, "more than 32 symbols", plan->paths[i],
                             "choose some of them with --symbols");
        if (!replay_symbol_add(symbol, plan->paths[i], error)) return false;
        const CandleScan *scan = &symbol->sources[symbol->source_count - 1].scan;
        if (plan->strict && scan->refused > 0) {
            if (error) *error = scan->first_refusal;
            return false;
        }
    }
    return true;
}

static bool all_found(const FeedReplay *replay, const FeedReplayPlan *plan, Error *error) {
    for (unsigned i = 0; i < plan->symbol_count; i++) {
        bool found = false;
        for (unsigned k = 0; k < replay->count; k++)
            found |= symbol_name_equal(&replay->symbols[k].symbol.name, &plan->symbols[i]);
        if (!found)
            return error_set(error, ERROR_DATA, "no candle file of this symbol",
                             plan->symbols[i].text, "add its file, or leave the symbol out");
    }
    return true;
}

static bool refuse_interval(const CandleSource *source, int64_t other_us, Error *error) {
    char memory[200];
    Text message = TEXT_IN(memory);
    text_format(&message, "its candles are %D s apart",
                source->scan.spacing_us / INSTANT_SECOND_US);
    if (other_us)
        text_format(&message, ", those of other files %D s", other_us / INSTANT_SECOND_US);
    return error_set(error, ERROR_DATA, text_end(&message), source->path,
                     other_us ? "all files of a replay must have one interval"
                              : "the intervals are 1m, 3m, 5m, 15m, 1h, 4h and 1d");
}

/* All files must have the same spacing. A file of one row has none and is taken to be like the
 * others; if there are no others, one minute. */
static bool common_interval(const FeedReplay *replay, Interval *interval, Error *error) {
    const CandleSource *first = NULL;
    *interval = INTERVAL_1M;
    for (unsigned i = 0; i < replay->count; i++) {
        for (unsigned k = 0; k < replay->symbols[i].source_count; k++) {
            const CandleSource *source = &replay->symbols[i].sources[k];
            if (source->scan.spacing_us == 0) continue;
            if (first && source->scan.spacing_us != first->scan.spacing_us)
                return refuse_interval(source, first->scan.spacing_us, error);
            first = source;
        }
    }
    if (!first) return true;
    for (unsigned i = 0; i < INTERVAL_COUNT; i++) {
        *interval = (Interval)i;
        if (interval_us(*interval) == first->scan.spacing_us) return true;
    }
    return refuse_interval(first, 0, error);
}

static bool find_filters(ReplaySymbol *symbol, const char *path, Error *error) {
    bool found = false;
    if (path && !filters_file_find(path, &symbol->symbol, &found, error)) return false;
    return found || replay_symbol_derive(symbol, error);
}

static bool arrange(FeedReplay *replay, const FeedReplayPlan *plan, Error *error) {
    Interval interval;
    if (!common_interval(replay, &interval, error)) return false;
    replay->start_us = INT64_MAX;
    for (unsigned i = 0; i < replay->count; i++) {
        ReplaySymbol *symbol = &replay->symbols[i];
        symbol->interval = interval;
        symbol->start_us = plan->start_us ? plan->start_us : INT64_MIN;
        symbol->end_us = plan->end_us ? plan->end_us : INT64_MAX;
        if (!replay_symbol_arrange(symbol, error) ||
            !find_filters(symbol, plan->filters_path, error))
            return false;
        int64_t first_us = symbol->sources[0].scan.first_us;
        if (first_us < symbol->start_us) first_us = symbol->start_us;
        if (first_us < replay->start_us) replay->start_us = first_us;
    }
    return true;
}

static bool start_all(FeedReplay *replay, Error *error) {
    bool any = false;
    for (unsigned i = 0; i < replay->count; i++) {
        ReplaySymbol *symbol = &replay->symbols[i];
        if (!replay_symbol_start(symbol, replay->start_us, error)) return false;
        any |= symbol->step != REPLAY_ENDED;
    }
    return any ||
           error_set(error, ERROR_DATA, "no candles between the dates asked for",
                     replay->symbols[0].symbol.name.text, "they fall into a gap of the files");
}

static bool open_social(FeedReplay *replay, const FeedReplayPlan *plan, Error *error) {
    Symbol symbols[LIMIT_SYMBOLS];
    if (!plan->social_root) return true;
    for (unsigned i = 0; i < replay->count; i++)
        symbols[i] = replay->symbols[i].symbol;
    SocialSpan span = {.start_us = replay->start_us,
                       .until_us = plan->end_us ? plan->end_us : INT64_MAX};
    return social_history_open(&replay->social, plan->social_root, symbols, replay->count, span,
                               error);
}

static bool open_all(FeedReplay *replay, const FeedReplayPlan *plan, Error *error) {
    return add_files(replay, plan, error) && all_found(replay, plan, error) &&
           arrange(replay, plan, error) && start_all(replay, error) &&
           open_social(replay, plan, error);
}

/* --- the feed --------------------------------------------------------------------------------- */

static bool earlier(const ReplaySymbol *a, const ReplaySymbol *b) {
    return a->time_us != b->time_us ? a->time_us < b->time_us : a->step < b->step;
}

static FeedAnswer replay_next(Feed *feed, FeedEvent *event, Error *error) {
    FeedReplay *replay = (FeedReplay *)feed;
    ReplaySymbol *next = NULL;
    if (replay->introduced < replay->count) {
        const Symbol *symbol = &replay->symbols[replay->introduced++].symbol;
        *event = (FeedEvent){.time_us = replay->start_us, .kind = FEED_SYMBOL};
        event->symbol = symbol->name;
        event->listed = *symbol;
        return FEED_EVENT;
    }
    for (unsigned i = 0; i < replay->count; i++) {
        ReplaySymbol *symbol = &replay->symbols[i];
        if (symbol->step == REPLAY_FAILED) {
            if (error) *error = symbol->failure;
            return FEED_FAILED;
        }
        if (symbol->step != REPLAY_ENDED && (!next || earlier(symbol, next))) next = symbol;
    }
    if (!next) return FEED_ENDED;
    SocialLine line = social_history_line(&replay->social);
    if (social_line_due(&line, &replay->social_place, replay->start_us) <= next->time_us) {
        feed_event_social(&line, &replay->social_place, replay->start_us, event);
        return FEED_EVENT;
    }
    replay_symbol_say(next, event);
    return FEED_EVENT;
}

static void describe_filters(const FeedReplay *replay, Text *text) {
    char tick[DECIMAL_TEXT_MAX], step[DECIMAL_TEXT_MAX];
    for (unsigned i = 0; i < replay->count; i++) {
        const ReplaySymbol *symbol = &replay->symbols[i];
        if (!symbol->derived) continue;
        price_to_text(symbol->symbol.filters.tick, tick);
        quantity_to_text(symbol->symbol.filters.step, step);
        text_format(text, "; %s by its data: tick %s, step %s, smallest notional 5",
                    symbol->symbol.name.text, tick, step);
    }
}

static void replay_describe(const Feed *feed, Text *text) {
    const FeedReplay *replay = (const FeedReplay *)feed;
    ReplayCounts sum = {0};
    uint64_t overlaps = 0;
    for (unsigned i = 0; i < replay->count; i++) {
        const ReplayCounts *counts = &replay->symbols[i].counts;
        sum.bars += counts->bars;
        sum.gaps += counts->gaps;
        sum.missing += counts->missing;
        sum.zero_volume += counts->zero_volume;
        sum.refused += counts->refused;
        overlaps += candle_merge_overlaps(replay->symbols[i].merge);
    }
    text_format(text, "%d symbol%s, %D bars of %s so far, %D gaps (%D bars missing), ",
                (int)replay->count, replay->count == 1 ? "" : "s", (int64_t)sum.bars,
                interval_name(replay->symbols[0].interval), (int64_t)sum.gaps,
                (int64_t)sum.missing);
    text_format(text, "%D of zero volume, %D duplicates, %D rows refused", (int64_t)sum.zero_volume,
                (int64_t)overlaps, (int64_t)sum.refused);
    if (replay->social.count) text_put(text, "; ");
    if (replay->social.count) social_history_tell(&replay->social, text);
    describe_filters(replay, text);
}

static void replay_close(Feed *feed) {
    FeedReplay *replay = (FeedReplay *)feed;
    social_history_close(&replay->social);
    for (unsigned i = 0; i < replay->count; i++)
        replay_symbol_close(&replay->symbols[i]);
    free(replay);
}

Feed *feed_replay_open(const FeedReplayPlan *plan, Error *error) {
    FeedReplay *replay = calloc(1, sizeof *replay);
    if (!replay) {
        error_set(error, ERROR_LIMIT, "out of memory", "replay", "close other programs");
        return NULL;
    }
    replay->feed = (Feed){.name = "replay",
                          .is_virtual = true,
                          .wake_descriptor = -1,
                          .next = replay_next,
                          .describe = replay_describe,
                          .close = replay_close};
    if (open_all(replay, plan, error)) return &replay->feed;
    replay_close(&replay->feed);
    return NULL;
}
