/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial_walk.h"

#include <math.h>
#include <string.h>

#define EXACT_MAX 0x1p53 /* whole numbers up to here are doubles */

/* ---- windows ------------------------------------------------------------------------------- */

static void fill_extremes(TrialWindow *window) {
    for (size_t line = 0; line < WALK_LINES; line++) {
        double highest = window->high[line * WALK_LINE], lowest = window->low[line * WALK_LINE];
        for (size_t i = line * WALK_LINE + 1; i < (line + 1) * WALK_LINE; i++) {
            highest = window->high[i] > highest ? window->high[i] : highest;
            lowest = window->low[i] < lowest ? window->low[i] : lowest;
        }
        size_t word = line / WALK_LINE;
        bool first = line % WALK_LINE == 0;
        window->highest[line] = highest;
        window->lowest[line] = lowest;
        if (first || highest > window->top[word]) window->top[word] = highest;
        if (first || lowest < window->bottom[word]) window->bottom[word] = lowest;
    }
}

void trial_window_fill(TrialWindow *window, const TrialMarket *market, const RuleColumns *columns,
                       size_t from, size_t count) {
    const CandleSeries *candles = &market->candles;
    CHECK(count <= RULE_MASK_WINDOW && from % WIDE_LANES == 0, "windows lie side by side");
    window->market = market;
    window->columns = columns;
    window->from = from;
    window->count = count;
    const WideKernels *wide = columns->wide;
    wide->scaled(candles->close + from, count, 1, window->close); /* as they are */
    wide->scaled(candles->high + from, count, 1, window->high);
    wide->scaled(candles->low + from, count, 1, window->low);
    /* Opens and times are read at events only, here and there: they are fetched in order. */
    for (size_t i = 0; i < count; i += WALK_LINE) {
        __builtin_prefetch(&candles->open[from + i]);
        __builtin_prefetch(&candles->time_us[from + i]);
    }
    for (size_t i = count; i < RULE_MASK_WINDOW; i++) { /* touches nothing */
        window->high[i] = 0;
        window->low[i] = (double)INFINITY;
    }
    fill_extremes(window);
    window->exact = true;
    for (size_t word = 0; word < RULE_MASK_WORDS; word++)
        window->exact = window->exact && window->top[word] < EXACT_MAX;
}

/* First set bit at or after `from`, RULE_MASK_WINDOW if there is none. */
static size_t next_bit(const uint64_t *bits, size_t from) {
    if (from >= RULE_MASK_WINDOW) return RULE_MASK_WINDOW;
    size_t word = from / RULE_MASK_BARS;
    uint64_t left = bits[word] & ~0ULL << from % RULE_MASK_BARS;
    while (!left) {
        if (++word == RULE_MASK_WORDS) return RULE_MASK_WINDOW;
        left = bits[word];
    }
    return word * RULE_MASK_BARS + (unsigned)__builtin_ctzll(left);
}

static bool bit_at(const uint64_t *bits, size_t at) {
    return bits[at / RULE_MASK_BARS] >> at % RULE_MASK_BARS & 1;
}

/* First bar in from .. end-1 that touches a level, else `end`. Lines and words whose extremes lie
 * between the levels are passed over. */
static size_t next_touch(const TrialWindow *window, double stop, double target, size_t from,
                         size_t end) {
    while (from < end) {
        size_t line = from / WALK_LINE, word = from / RULE_MASK_BARS;
        if (from % RULE_MASK_BARS == 0 && window->bottom[word] > stop &&
            window->top[word] < target) {
            from += RULE_MASK_BARS;
        } else if (from % WALK_LINE == 0 && window->lowest[line] > stop &&
                   window->highest[line] < target) {
            from += WALK_LINE;
        } else {
            if (window->low[from] <= stop || window->high[from] >= target) return from;
            from++;
        }
    }
    return end;
}

/* ---- the walk's own books ------------------------------------------------------------------ */

size_t trial_walk_size(void) {
    return sizeof(TrialWalk) + sizeof(TrialDesk);
}

static TrialDesk *desk_of(TrialWalk *walk) {
    return walk->book.desks;
}

static void weigh(TrialWalk *walk) {
    const TradingAccount *account = &walk->book.account;
    equity_track_hold(&walk->track, (double)trading_account_cash(account).units,
                      (double)account->inventories[0].quantity.units / DECIMAL_SCALE);
}

void trial_walk_begin(TrialWalk *walk, const TrialPlan *plan, const StrategyPlan *rules,
                      TrialOutput *output) {
    walk->rules = *rules;
    walk->wide = plan->wide ? plan->wide : &wide_plain;
    trial_book_begin(&walk->book, plan, rules->trails ? &walk->rules.trailing : NULL, output);
    walk->bar = walk->marked = plan->markets[0].first;
    equity_track_begin(&walk->track, (double)plan->balance.units);
    weigh(walk);
}

static void keep_equity(TrialWalk *walk, const TrialWindow *window, size_t from, size_t end) {
    TrialOutput *output = walk->book.output;
    const CandleSeries *candles = &window->market->candles;
    for (size_t i = from; i < end && output->equity_count < output->equity_max; i++) {
        size_t at = output->equity_count++;
        double units = equity_track_value(&walk->track, window->close[i]);
        if (output->equity) output->equity[at] = units / DECIMAL_SCALE;
        if (output->equity_us)
            output->equity_us[at] = candles->time_us[window->from + i] + candles->length_us;
    }
}

/* Tracks equity up to bar `end` of the window with what is held since the last time. */
static void mark(TrialWalk *walk, const TrialWindow *window, size_t end) {
    size_t from = walk->marked - window->from;
    if (walk->marked >= window->from + end) return;
    equity_track_span(&walk->track, walk->wide, window->close, from, end);
    if (walk->book.output) keep_equity(walk, window, from, end);
    walk->marked = window->from + end;
}

/* ---- bars ---------------------------------------------------------------------------------- */

static TrialMoment moment_of(const TrialWindow *window, size_t at, bool closes) {
    const CandleSeries *candles = &window->market->candles;
    int64_t open_us = candles->time_us[window->from + at];
    return (TrialMoment){.bar = (uint32_t)(window->from + at),
                         .time_us = closes ? open_us + candles->length_us - 1 : open_us};
}

static void pass_bars(TrialWalk *walk, const TrialWindow *window, size_t from, size_t end) {
    if (from == end) return;
    const CandleSeries *candles = &window->market->candles;
    int64_t highest = candles->close[window->from + from], lowest = highest;
    bool asked = desk_of(walk)->open && walk->book.output && walk->book.output->trades;
    for (size_t i = window->from + from; asked && i < window->from + end; i++) {
        if (candles->high[i] > highest) highest = candles->high[i];
        if (candles->low[i] < lowest) lowest = candles->low[i];
    }
    trial_book_skip(&walk->book, 0, (uint32_t)(end - from),
                    price_of(candles->close[window->from + end - 1]), price_of(highest),
                    price_of(lowest));
    walk->bar = window->from + end;
}

/* The entry at the close of bar `at`, its levels resolved. As in rule_stream_wish: false where a
 * column of candles or a level has no value. */
static bool entry_wish(const TrialWalk *walk, const TrialWindow *window, size_t at,
                       StrategyWish *wish) {
    const StrategyPlan *rules = &walk->rules;
    double now[PLAN_COLUMNS_MAX];
    for (unsigned i = 0; i < rules->column_count; i++) {
        const double *values = rule_columns_values(window->columns, walk->places[i]);
        now[i] = values ? values[at] : rules->columns[i].factor;
        if (isnan(now[i]) && rules->columns[i].kind != COLUMN_EXTERNAL) return false;
    }
    double close = price_double(price_of(window->market->candles.close[window->from + at]));
    *wish = (StrategyWish){.kind = WISH_ENTER,
                           .fraction = rules->size_fraction,
                           .stop_fraction = rule_level(&rules->stop, now, close, true),
                           .target_fraction = rule_level(&rules->target, now, close, false)};
    return wish->stop_fraction >= 0 && wish->target_fraction >= 0;
}

/* As rule_stream_wish. */
static void decide(TrialWalk *walk, const TrialWindow *window, size_t at) {
    const TrialDesk *desk = desk_of(walk);
    TrialMoment moment = moment_of(window, at, true);
    StrategyWish wish = {.kind = WISH_LEAVE, .fraction = 1};
    bool spent = walk->rules.bars_max && desk->bars_held >= walk->rules.bars_max;
    bool wishes = desk->open ? spent || bit_at(walk->leave, at)
                             : bit_at(walk->enter, at) && desk->bars_flat > walk->rules.bars_pause;
    if (wishes && !desk->open) wishes = entry_wish(walk, window, at, &wish);
    if (wishes) trial_book_wish(&walk->book, &moment, &wish);
}

static void close_bar(TrialWalk *walk, const TrialWindow *window, size_t at) {
    const CandleSeries *candles = &window->market->candles;
    size_t bar = window->from + at;
    TrialMoment moment = moment_of(window, at, true);
    trial_book_close(&walk->book, &moment, price_of(candles->close[bar]),
                     price_of(candles->high[bar]), price_of(candles->low[bar]));
    decide(walk, window, at);
    walk->bar = bar + 1;
}

static void live_bar(TrialWalk *walk, const TrialWindow *window, size_t at) {
    const CandleSeries *candles = &window->market->candles;
    size_t bar = window->from + at;
    TrialMoment moment = moment_of(window, at, false), inside = moment_of(window, at, true);
    mark(walk, window, at);
    trial_book_open(&walk->book, &moment, price_of(candles->open[bar]));
    (void)trial_book_range(&walk->book, &inside, NULL, price_of(candles->high[bar]),
                           price_of(candles->low[bar]));
    weigh(walk);
    close_bar(walk, window, at);
}

/* ---- from event to event ------------------------------------------------------------------- */

static size_t lesser(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Flat: up to the next entry, which only happens at the close. */
static void walk_flat(TrialWalk *walk, const TrialWindow *window, size_t at, size_t end) {
    const TrialDesk *desk = desk_of(walk);
    uint32_t pause = walk->rules.bars_pause;
    size_t from = at;
    if (desk->bars_flat < pause) from += pause - desk->bars_flat;
    size_t entry = lesser(next_bit(walk->enter, from), end);
    pass_bars(walk, window, at, entry);
    if (entry < end) close_bar(walk, window, entry);
}

/* In a quiet position: up to the first of leave, too many bars, a touch. */
static void walk_position(TrialWalk *walk, const TrialWindow *window, size_t at, size_t end) {
    const TrialDesk *desk = desk_of(walk);
    const Protection *levels = &desk->protection;
    size_t leave = lesser(next_bit(walk->leave, at), end);
    if (walk->rules.bars_max) {
        uint32_t left = walk->rules.bars_max - desk->bars_held;
        leave = lesser(leave, at + (desk->bars_held < walk->rules.bars_max ? left - 1 : 0));
    }
    size_t last = leave < end ? leave + 1 : end;
    double stop = (double)levels->stop.units;
    double target = levels->target.units ? (double)levels->target.units : (double)INFINITY;
    double new_high = (double)desk->high_water.units + 1; /* a stop that trails may move on it */
    if (walk->book.trails && new_high < target) target = new_high;
    size_t touch = next_touch(window, stop, target, at, last);
    size_t event = lesser(touch, leave);
    pass_bars(walk, window, at, event);
    if (event == end) return;
    if (touch == event)
        live_bar(walk, window, event);
    else
        close_bar(walk, window, event);
}

/* The stop would move now, but for its pause or the close. */
static bool stop_may_move(const TrialBook *book, const TrialDesk *desk) {
    if (!book->trails) return false;
    Price stop = sizing_trail(&book->trailing, desk->trade.entry, desk->high_water,
                              desk->protection.stop, desk->filters);
    return stop.units > 0;
}

static bool is_quiet(const TrialWalk *walk, const TrialDesk *desk) {
    bool levels =
        walk->book.trails || desk->protection.stop.units > 0 || desk->protection.target.units > 0;
    return !stop_may_move(&walk->book, desk) && desk->selling.units == 0 &&
           desk->buying.units == 0 && (desk->resting || !levels);
}

/* Nothing is bought while a column of candles lacks its first value (as rule_stream_wish). */
static void hush_warmup(TrialWalk *walk, const TrialWindow *window) {
    size_t known = 0;
    for (unsigned i = 0; i < walk->rules.column_count; i++) {
        const double *values = rule_columns_values(window->columns, walk->places[i]);
        if (!values || walk->rules.columns[i].kind == COLUMN_EXTERNAL) continue;
        while (known < window->count && isnan(values[known]))
            known++;
    }
    for (size_t word = 0; word < known / 64; word++)
        walk->enter[word] = 0;
    if (known % 64) walk->enter[known / 64] &= ~(uint64_t)0 << known % 64;
}

static void make_masks(TrialWalk *walk, const TrialWindow *window) {
    RuleOperand operands[PLAN_COLUMNS_MAX];
    for (unsigned i = 0; i < walk->rules.column_count; i++)
        operands[i] = (RuleOperand){rule_columns_values(window->columns, walk->places[i]),
                                    walk->rules.columns[i].factor};
    RuleView view = {.columns = operands, .count = window->count, .wide = walk->wide};
    rule_masks_list(&walk->rules.enter, &view, walk->enter);
    rule_masks_list(&walk->rules.leave, &view, walk->leave);
    for (size_t word = 0; word < RULE_MASK_WORDS; word++)
        walk->enter[word] &= ~walk->leave[word]; /* where both hold, it leaves */
    hush_warmup(walk, window);
}

void trial_walk_window(TrialWalk *walk, const TrialWindow *window) {
    size_t behind = window->from + window->count;
    if (behind > window->market->end) behind = window->market->end;
    if (walk->bar >= behind) return;
    size_t end = behind - window->from;
    bool ends = behind == window->market->end;
    make_masks(walk, window);
    while (walk->bar < behind) {
        const TrialDesk *desk = desk_of(walk);
        size_t at = walk->bar - window->from;
        if (!window->exact)
            live_bar(walk, window, at);
        else if (!desk->open && desk->buying.units == 0)
            walk_flat(walk, window, at, end);
        else if (desk->open && is_quiet(walk, desk))
            walk_position(walk, window, at, end);
        else
            live_bar(walk, window, at);
    }
    mark(walk, window, ends ? end - 1 : end);
}

void trial_walk_end(TrialWalk *walk, TrialResult *result) {
    const TrialMarket *market = &walk->book.plan->markets[0];
    const CandleSeries *candles = &market->candles;
    size_t bar = market->end - 1;
    int64_t close_us = candles->time_us[bar] + candles->length_us;
    TrialMoment moment = {.bar = (uint32_t)bar, .time_us = close_us - 1};
    trial_book_end(&walk->book, &moment, result);
    double final = (double)result->final.units;
    TrialOutput *output = walk->book.output;
    equity_track_step(&walk->track, final);
    if (output && output->track) *output->track = walk->track;
    if (!output || output->equity_count == output->equity_max) return;
    if (output->equity) output->equity[output->equity_count] = final / DECIMAL_SCALE;
    if (output->equity_us) output->equity_us[output->equity_count] = close_us;
    output->equity_count++;
}
