/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_governor.h"

#include "core/base/instant.h"

/* A tenth of each budget: 600 of weight are 100 times the questions after one symbol's open
 * orders; 5 orders in ten seconds are two protections of two orders each. */
#define RESERVE_PARTS 10

static BinanceBudget *budget_find(BinanceGovernor *governor, BinanceBudgetKind kind,
                                  int64_t window_us) {
    for (unsigned i = 0; i < governor->count; i++) {
        BinanceBudget *budget = &governor->budgets[i];
        if (budget->kind == kind && budget->window_us == window_us) return budget;
    }
    return NULL;
}

static BinanceBudget *budget_add(BinanceGovernor *governor, BinanceBudgetKind kind,
                                 int64_t window_us, int64_t limit) {
    BinanceBudget *budget = budget_find(governor, kind, window_us);
    if (!budget) {
        if (governor->count == BINANCE_BUDGETS_MAX) return NULL;
        budget = &governor->budgets[governor->count++];
        *budget = (BinanceBudget){.kind = kind, .window_us = window_us};
    }
    budget->limit = limit;
    return budget;
}

void binance_governor_init(BinanceGovernor *governor) {
    memset(governor, 0, sizeof *governor);
    (void)budget_add(governor, BINANCE_WEIGHT, INSTANT_MINUTE_US, 6000);
    (void)budget_add(governor, BINANCE_CALLS, 5 * INSTANT_MINUTE_US, 300000);
    (void)budget_add(governor, BINANCE_ORDERS, 10 * INSTANT_SECOND_US, 50);
    (void)budget_add(governor, BINANCE_ORDERS, INSTANT_DAY_US, 160000);
}

/* What is used in the window of `now`. A clock that goes back opens no new window. */
static int64_t used_now(const BinanceBudget *budget, int64_t now_us) {
    return now_us / budget->window_us > budget->window ? 0 : budget->used;
}

static void enter_window(BinanceBudget *budget, int64_t now_us) {
    int64_t window = now_us / budget->window_us;
    if (window <= budget->window) return;
    budget->window = window;
    budget->used = 0;
}

/* Of what was counted here and what the venue says, the greater: an answer may have been given
 * before the last requests arrived. */
static void hear(BinanceBudget *budget, int64_t used, int64_t now_us) {
    enter_window(budget, now_us);
    if (used > budget->used) budget->used = used;
}

static bool kind_find(Slice word, BinanceBudgetKind *kind) {
    if (slice_is(word, "REQUEST_WEIGHT"))
        *kind = BINANCE_WEIGHT;
    else if (slice_is(word, "RAW_REQUESTS"))
        *kind = BINANCE_CALLS;
    else if (slice_is(word, "ORDERS"))
        *kind = BINANCE_ORDERS;
    else
        return false;
    return true;
}

/* The length of the interval by its first letter, upper case. */
static int64_t unit_us(char letter) {
    switch (letter) {
    case 'S':
        return INSTANT_SECOND_US;
    case 'M':
        return INSTANT_MINUTE_US;
    case 'H':
        return INSTANT_HOUR_US;
    case 'D':
        return INSTANT_DAY_US;
    default:
        return 0;
    }
}

#define INTERVALS_MAX 1440 /* a day of minutes */

bool binance_governor_limit(BinanceGovernor *governor, const BinanceLimit *limit, int64_t now_us) {
    BinanceBudgetKind kind;
    bool sound = limit->intervals > 0 && limit->intervals <= INTERVALS_MAX && limit->limit > 0;
    if (!sound || !kind_find(limit->kind, &kind) || limit->interval.length == 0) return false;
    int64_t window_us = unit_us(limit->interval.at[0]) * limit->intervals;
    BinanceBudget *budget = window_us ? budget_add(governor, kind, window_us, limit->limit) : NULL;
    if (budget && limit->used >= 0) hear(budget, limit->used, now_us);
    return budget != NULL;
}

static char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* What follows `prefix` (upper case) in any case of letters. */
static bool after_prefix(Slice name, const char *prefix, Slice *rest) {
    size_t length = strlen(prefix);
    if (name.length <= length) return false;
    for (size_t i = 0; i < length; i++)
        if (upper(name.at[i]) != prefix[i]) return false;
    *rest = (Slice){name.at + length, name.length - length};
    return true;
}

bool binance_governor_header(BinanceGovernor *governor, Slice name, Slice value, int64_t now_us) {
    Slice rest;
    int64_t intervals, used;
    BinanceBudgetKind kind = BINANCE_WEIGHT;
    if (!after_prefix(name, "X-MBX-USED-WEIGHT-", &rest)) {
        kind = BINANCE_ORDERS;
        if (!after_prefix(name, "X-MBX-ORDER-COUNT-", &rest)) return false;
    }
    Slice digits = {rest.at, rest.length - 1};
    if (!slice_int(digits, &intervals) || intervals <= 0 || intervals > INTERVALS_MAX) return false;
    if (!slice_int(slice_trim(value), &used) || used < 0) return false;
    int64_t window_us = unit_us(upper(rest.at[rest.length - 1])) * intervals;
    BinanceBudget *budget = budget_find(governor, kind, window_us);
    if (budget) hear(budget, used, now_us);
    return budget != NULL;
}

void binance_governor_verdict(BinanceGovernor *governor, const BinanceVerdict *verdict) {
    int64_t *until =
        verdict->is_order_limit ? &governor->no_orders_until_us : &governor->silent_until_us;
    if (verdict->silent_until_us > *until) *until = verdict->silent_until_us;
}

static int64_t cost(const BinanceBudget *budget, unsigned weight, unsigned orders) {
    if (budget->kind == BINANCE_WEIGHT) return weight;
    return budget->kind == BINANCE_ORDERS ? orders : 1;
}

int64_t binance_governor_wait(const BinanceGovernor *governor, unsigned weight, unsigned orders,
                              BinanceUrgency urgency, int64_t now_us) {
    int64_t until = governor->silent_until_us;
    if (orders > 0 && governor->no_orders_until_us > until) until = governor->no_orders_until_us;
    if (until <= now_us) until = 0;
    for (unsigned i = 0; i < governor->count; i++) {
        const BinanceBudget *budget = &governor->budgets[i];
        int64_t kept = urgency == BINANCE_URGENT ? 0 : budget->limit / RESERVE_PARTS;
        int64_t more = cost(budget, weight, orders);
        if (more == 0 || used_now(budget, now_us) + more <= budget->limit - kept) continue;
        int64_t window = now_us / budget->window_us;
        if (window < budget->window) window = budget->window;
        int64_t next_us = (window + 1) * budget->window_us;
        if (next_us > until) until = next_us;
    }
    return until;
}

void binance_governor_sent(BinanceGovernor *governor, unsigned weight, unsigned orders,
                           int64_t now_us) {
    for (unsigned i = 0; i < governor->count; i++) {
        BinanceBudget *budget = &governor->budgets[i];
        enter_window(budget, now_us);
        budget->used += cost(budget, weight, orders);
    }
}
