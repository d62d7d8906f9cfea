/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/feed_guard.h"

void feed_guard_init(FeedGuard *guard) {
    *guard = (FeedGuard){.count = 0};
}

static GuardRow *row_find(const FeedGuard *guard, const SymbolName *symbol) {
    for (unsigned i = 0; i < guard->count; i++)
        if (symbol_name_equal(&guard->rows[i].symbol, symbol)) return (GuardRow *)&guard->rows[i];
    return NULL;
}

const GuardRow *feed_guard_row(const FeedGuard *guard, const SymbolName *symbol) {
    return row_find(guard, symbol);
}

bool feed_guard_watch(FeedGuard *guard, const SymbolName *symbol) {
    if (row_find(guard, symbol)) return true;
    if (guard->count == LIMIT_SYMBOLS) return false;
    guard->rows[guard->count++] = (GuardRow){.symbol = *symbol};
    return true;
}

static GuardVerdict refuse(GuardRow *row, const char *reason) {
    row->refused++;
    return (GuardVerdict){GUARD_REFUSED, reason};
}

static GuardVerdict refuse_unknown(FeedGuard *guard) {
    guard->unknown++;
    return (GuardVerdict){GUARD_REFUSED, "symbol is not watched"};
}

static GuardVerdict repeat(GuardRow *row) {
    row->repeated++;
    return (GuardVerdict){GUARD_REPEATED, NULL};
}

static bool jumps(const GuardRow *row, Price price, int64_t time_us) {
    if (row->last.units == 0 || time_us - row->last_us > FEED_GUARD_MEMORY_US) return false;
    int64_t distance = price.units > row->last.units ? price.units - row->last.units
                                                     : row->last.units - price.units;
    return distance > row->last.units / FEED_GUARD_JUMP_PARTS;
}

static void remember(GuardRow *row, Price price, int64_t time_us) {
    row->taken++;
    if (time_us < row->last_us) return; /* a bar's close, told after prints of the next minute */
    row->last = price;
    row->last_us = time_us;
}

static GuardVerdict bar_take(GuardRow *row, const Bar *minute, int64_t end_us) {
    row->bar_us = minute->time_us;
    remember(row, minute->close, end_us);
    return (GuardVerdict){GUARD_TAKE, NULL};
}

static GuardVerdict bar_judge(GuardRow *row, const Bar *minute, int64_t now_us, bool asked) {
    const char *fault = bar_fault(minute, INSTANT_MINUTE_US);
    if (fault) return refuse(row, fault);
    int64_t end_us = minute->time_us + INSTANT_MINUTE_US;
    if (end_us > now_us + FEED_GUARD_FUTURE_US) return refuse(row, "bar ends in the future");
    if (row->bar_us && minute->time_us == row->bar_us) return repeat(row);
    if (row->bar_us && minute->time_us < row->bar_us) {
        return refuse(row, "bar is older than the one before it");
    }
    if (asked) return bar_take(row, minute, end_us);
    /* The last price may be of the bar's own minute or of the one after it: both are near. */
    if (jumps(row, minute->high, end_us) || jumps(row, minute->low, end_us)) {
        return refuse(row, "bar jumps more than 20 % from the last price");
    }
    if (row->bar_us && minute->time_us > row->bar_us + INSTANT_MINUTE_US) {
        return (GuardVerdict){GUARD_GAP, NULL};
    }
    return bar_take(row, minute, end_us);
}

GuardVerdict feed_guard_bar(FeedGuard *guard, const SymbolName *symbol, const Bar *minute,
                            int64_t now_us) {
    GuardRow *row = row_find(guard, symbol);
    return row ? bar_judge(row, minute, now_us, false) : refuse_unknown(guard);
}

GuardVerdict feed_guard_asked_bar(FeedGuard *guard, const SymbolName *symbol, const Bar *minute,
                                  int64_t now_us) {
    GuardRow *row = row_find(guard, symbol);
    return row ? bar_judge(row, minute, now_us, true) : refuse_unknown(guard);
}

GuardVerdict feed_guard_print(FeedGuard *guard, const SymbolName *symbol, const Print *print,
                              int64_t now_us) {
    GuardRow *row = row_find(guard, symbol);
    if (!row) return refuse_unknown(guard);
    if (print->price.units <= 0) return refuse(row, "price is not above zero");
    if (print->quantity.units <= 0) return refuse(row, "quantity is not above zero");
    if (print->time_us > now_us + FEED_GUARD_FUTURE_US) {
        return refuse(row, "trade is from the future");
    }
    if (print->id <= row->print_id) return repeat(row);
    if (print->time_us < row->print_us) return refuse(row, "trade is older than the one before it");
    if (jumps(row, print->price, print->time_us)) {
        return refuse(row, "price jumps more than 20 % within a minute");
    }
    row->print_id = print->id;
    row->print_us = print->time_us;
    remember(row, print->price, print->time_us);
    return (GuardVerdict){GUARD_TAKE, NULL};
}
