/* SPDX-License-Identifier: Apache-2.0 */
/* The tester's words. A word that is refused has changed nothing. */
#include "core/sim/exchange_fault.h"

#include <string.h>

#define JUMP_PERCENT_MAX 900    /* up to ten times the price */
#define SECONDS_MAX      604800 /* a week: a maintenance or a ban for longer is none */

static bool bad(ExchangeFault *fault, const char *name) {
    return exchange_refuse(fault, -1130, "Data sent for parameter '%s' is not valid.", name);
}

/* ---- parameters ---------------------------------------------------------------------------- */

static bool take_number(const ExchangeQuery *query, const char *name, int64_t most, int64_t *value,
                        ExchangeFault *fault) {
    const char *text = exchange_query_value(query, name);
    int64_t read;
    if (!text) return true;
    if (!slice_int(slice_of(text), &read) || read > most || read < -most) return bad(fault, name);
    *value = read;
    return true;
}

static bool take_count(const ExchangeQuery *query, const char *name, int64_t most, int64_t *value,
                       ExchangeFault *fault) {
    int64_t read = *value;
    if (!take_number(query, name, most, &read, fault)) return false;
    if (read < 0) return bad(fault, name);
    *value = read;
    return true;
}

static bool take_flag(const ExchangeQuery *query, const char *name, bool *value,
                      ExchangeFault *fault) {
    const char *text = exchange_query_value(query, name);
    if (!text) return true;
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0 || bad(fault, name);
}

static bool take_word(const ExchangeQuery *query, const char *name, char *target, size_t capacity,
                      ExchangeFault *fault) {
    const char *text = exchange_query_value(query, name);
    target[0] = 0;
    return !text || slice_copy(slice_of(text), target, capacity) || bad(fault, name);
}

static bool take_symbol(const Exchange *exchange, const ExchangeQuery *query, unsigned *pair,
                        ExchangeFault *fault) {
    if (!exchange_query_needs(query, "symbol", fault)) return false;
    int found = exchange_find_pair(exchange, slice_of(exchange_query_value(query, "symbol")));
    *pair = found < 0 ? 0 : (unsigned)found;
    return found >= 0 || exchange_refuse(fault, -1121, "Invalid symbol.");
}

/* ---- rules --------------------------------------------------------------------------------- */

/* The status with which the venue sends a code. */
static int64_t status_of(int64_t code) {
    if (code == -1003 || code == -1015) return 429;
    if (code == -2015) return 401;
    if (code == -1007) return 504;
    if (code == -1008 || code == 0) return 503;
    return code == -1000 || code == -1001 || code == -1006 || code == -1016 ? 500 : 400;
}

/* What must have happened for this answer: a call that was refused has not been executed. */
static bool executes_unless_said(const ExchangeFaultRule *rule) {
    if (rule->kind == FAULT_DELAY) return false;
    return rule->kind != FAULT_FAIL || rule->code == -1006 || rule->code == -1007;
}

static bool take_rule(const ExchangeQuery *query, ExchangeFaultRule *rule, ExchangeFault *fault) {
    int64_t ms = 0;
    rule->times = 1;
    rule->bytes = -1;
    if (!take_word(query, "method", rule->method, sizeof rule->method, fault) ||
        !take_word(query, "path", rule->path, sizeof rule->path, fault) ||
        !take_count(query, "skip", INT32_MAX, &rule->skip, fault) ||
        !take_count(query, "times", INT32_MAX, &rule->times, fault) ||
        !take_number(query, "code", 99999, &rule->code, fault) ||
        !take_number(query, "bytes", INT32_MAX, &rule->bytes, fault) ||
        !take_count(query, "ms", EXCHANGE_FAULT_MS_MAX, &ms, fault))
        return false;
    rule->status = status_of(rule->code);
    rule->executed = executes_unless_said(rule);
    rule->delay_us = ms * 1000;
    if (!take_count(query, "status", 599, &rule->status, fault) ||
        !take_flag(query, "executed", &rule->executed, fault))
        return false;
    if (rule->times == 0) return bad(fault, "times");
    return rule->status >= 400 || bad(fault, "status");
}

static bool add_rule(ExchangeFaults *faults, const ExchangeQuery *query, ExchangeFaultKind kind,
                     ExchangeFault *fault) {
    ExchangeFaultRule rule = {.kind = kind};
    if (faults->rule_count == EXCHANGE_FAULT_RULES)
        return exchange_refuse(fault, -1130, "Too many faults stand already.");
    if (!take_rule(query, &rule, fault)) return false;
    faults->rules[faults->rule_count++] = rule;
    return true;
}

static bool fail_call(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                      int64_t wall_us, ExchangeFault *fault) {
    (void)exchange, (void)wall_us;
    return add_rule(faults, query, FAULT_FAIL, fault);
}

static bool drop_call(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                      int64_t wall_us, ExchangeFault *fault) {
    (void)exchange, (void)wall_us;
    return add_rule(faults, query, FAULT_DROP, fault);
}

static bool lose_call(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                      int64_t wall_us, ExchangeFault *fault) {
    (void)exchange, (void)wall_us;
    return add_rule(faults, query, FAULT_LOSE, fault);
}

static bool delay_call(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                       int64_t wall_us, ExchangeFault *fault) {
    (void)exchange, (void)wall_us;
    return add_rule(faults, query, FAULT_DELAY, fault);
}

/* ---- latencies ----------------------------------------------------------------------------- */

static bool take_leg(const ExchangeQuery *query, ExchangeLeg *leg, ExchangeFault *fault) {
    static const char *const names[EXCHANGE_LEG_COUNT] = {"request", "answer", "stream"};
    const char *name = exchange_query_value(query, "leg");
    for (*leg = LEG_REQUEST; *leg < EXCHANGE_LEG_COUNT; (*leg)++)
        if (name && strcmp(name, names[*leg]) == 0) return true;
    return bad(fault, "leg");
}

/* In the place of one for the same leg and path. */
static bool set_latency(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                        int64_t wall_us, ExchangeFault *fault) {
    ExchangeLatency latency;
    int64_t ms = 0;
    unsigned at = 0;
    char model[16];
    (void)exchange, (void)wall_us;
    memset(&latency, 0, sizeof latency);
    if (!take_leg(query, &latency.leg, fault) ||
        !take_word(query, "path", latency.path, sizeof latency.path, fault) ||
        !take_word(query, "model", model, sizeof model, fault) ||
        !exchange_query_needs(query, "ms", fault) ||
        !take_count(query, "ms", EXCHANGE_FAULT_MS_MAX, &ms, fault))
        return false;
    latency.exponential = strcmp(model, "exponential") == 0;
    if (model[0] && !latency.exponential && strcmp(model, "fixed") != 0) return bad(fault, "model");
    latency.mean_us = ms * 1000;
    while (at < faults->latency_count && (faults->latencies[at].leg != latency.leg ||
                                          strcmp(faults->latencies[at].path, latency.path) != 0))
        at++;
    if (at == EXCHANGE_FAULT_RULES)
        return exchange_refuse(fault, -1130, "Too many latencies stand already.");
    faults->latencies[at] = latency;
    if (at == faults->latency_count) faults->latency_count++;
    return true;
}

/* ---- the venue as a whole ------------------------------------------------------------------ */

static bool maintain(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                     int64_t wall_us, ExchangeFault *fault) {
    int64_t seconds = 0;
    (void)exchange;
    if (!exchange_query_needs(query, "seconds", fault) ||
        !take_count(query, "seconds", SECONDS_MAX, &seconds, fault))
        return false;
    faults->maintenance_until_us = seconds ? wall_us + seconds * INSTANT_SECOND_US : 0;
    return true;
}

static bool refuse_now(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                       int64_t wall_us, ExchangeFault *fault) {
    int64_t seconds = 60, status = 429;
    (void)exchange;
    if (!take_count(query, "seconds", SECONDS_MAX, &seconds, fault) ||
        !take_count(query, "status", 599, &status, fault))
        return false;
    if (status != 429 && status != 418) return bad(fault, "status");
    faults->refusal = (unsigned)status;
    faults->refusal_until_us = wall_us + seconds * INSTANT_SECOND_US;
    return true;
}

static bool disconnect(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                       int64_t wall_us, ExchangeFault *fault) {
    (void)exchange, (void)query, (void)wall_us, (void)fault;
    faults->disconnects = true;
    return true;
}

static bool shut_down(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                      int64_t wall_us, ExchangeFault *fault) {
    int64_t seconds = 10; /* between the word and the end of the connections */
    (void)exchange, (void)wall_us;
    if (!take_count(query, "seconds", SECONDS_MAX, &seconds, fault)) return false;
    faults->shuts_down = true;
    faults->shutdown_us = seconds * INSTANT_SECOND_US;
    return true;
}

static bool hide_events(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                        int64_t wall_us, ExchangeFault *fault) {
    (void)exchange, (void)wall_us;
    int64_t times = 1;
    if (!take_count(query, "times", INT32_MAX, &times, fault)) return false;
    faults->hidden_events = times;
    return true;
}

static bool shift_clock(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                        int64_t wall_us, ExchangeFault *fault) {
    int64_t ms = 0;
    (void)exchange, (void)wall_us;
    if (!exchange_query_needs(query, "ms", fault) ||
        !take_number(query, "ms", EXCHANGE_FAULT_MS_MAX, &ms, fault))
        return false;
    faults->clock_us = ms * 1000;
    return true;
}

static bool clear(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                  int64_t wall_us, ExchangeFault *fault) {
    Random random = faults->random;
    (void)exchange, (void)query, (void)wall_us, (void)fault;
    memset(faults, 0, sizeof *faults);
    faults->random = random;
    return true;
}

/* ---- the market and the account ------------------------------------------------------------ */

static bool set_symbol(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                       int64_t wall_us, ExchangeFault *fault) {
    static const char *const names[EXCHANGE_TRADING_COUNT] = {"TRADING", "HALT", "BREAK",
                                                              "CANCEL_ONLY", "DELISTED"};
    unsigned pair;
    (void)faults;
    if (!take_symbol(exchange, query, &pair, fault) ||
        !exchange_query_needs(query, "status", fault))
        return false;
    const char *status = exchange_query_value(query, "status");
    for (ExchangeTrading at = 0; at < EXCHANGE_TRADING_COUNT; at++) {
        if (strcmp(status, names[at]) != 0) continue;
        exchange_set_trading(exchange, pair, at, wall_us);
        return true;
    }
    return bad(fault, "status");
}

static bool set_filters(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                        int64_t wall_us, ExchangeFault *fault) {
    unsigned pair;
    (void)faults, (void)wall_us;
    if (!take_symbol(exchange, query, &pair, fault)) return false;
    Filters filters = exchange->pairs[pair].symbol.filters;
    int64_t least = (int64_t)filters.notional_min.units, most = (int64_t)filters.notional_max.units;
    if (!exchange_query_decimal(query, "tickSize", &filters.tick.units, fault) ||
        !exchange_query_decimal(query, "minPrice", &filters.price_min.units, fault) ||
        !exchange_query_decimal(query, "maxPrice", &filters.price_max.units, fault) ||
        !exchange_query_decimal(query, "stepSize", &filters.step.units, fault) ||
        !exchange_query_decimal(query, "minQty", &filters.quantity_min.units, fault) ||
        !exchange_query_decimal(query, "maxQty", &filters.quantity_max.units, fault) ||
        !exchange_query_decimal(query, "minNotional", &least, fault) ||
        !exchange_query_decimal(query, "maxNotional", &most, fault))
        return false;
    filters.notional_min = money_of(least);
    filters.notional_max = money_of(most);
    exchange->pairs[pair].symbol.filters = filters;
    return true;
}

static bool jump(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                 int64_t wall_us, ExchangeFault *fault) {
    unsigned pair;
    int64_t percent = 0;
    (void)wall_us;
    if (!take_symbol(exchange, query, &pair, fault) ||
        !exchange_query_needs(query, "percent", fault) ||
        !take_number(query, "percent", JUMP_PERCENT_MAX, &percent, fault))
        return false;
    if (percent <= -100) return bad(fault, "percent");
    int64_t before = faults->jump_ppm[pair] ? faults->jump_ppm[pair] : 1000000;
    int64_t after = before * (100 + percent) / 100;
    if (after < 1000 || after > 1000000000) return bad(fault, "percent");
    faults->jump_ppm[pair] = after;
    return true;
}

static bool deposit(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                    int64_t wall_us, ExchangeFault *fault) {
    const char *asset = exchange_query_value(query, "asset");
    int64_t units = 0, account = 0;
    (void)faults, (void)wall_us;
    if (!exchange_query_needs(query, "asset", fault) ||
        !exchange_query_needs(query, "amount", fault) ||
        !exchange_query_decimal(query, "amount", &units, fault) ||
        !take_count(query, "account", INT32_MAX, &account, fault))
        return false;
    if (account >= exchange->account_count) return bad(fault, "account");
    return exchange_deposit_to(exchange, (unsigned)account, slice_of(asset), money_of(units)) ||
           bad(fault, "asset");
}

static bool set_rights(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                       int64_t wall_us, ExchangeFault *fault) {
    int64_t account = 0;
    (void)wall_us;
    if (!take_count(query, "account", INT32_MAX, &account, fault)) return false;
    if (account >= exchange->account_count) return bad(fault, "account");
    ExchangeRights rights = faults->rights[account];
    bool reading = !rights.no_reading, trading = !rights.no_trading;
    if (!take_flag(query, "reading", &reading, fault) ||
        !take_flag(query, "trading", &trading, fault) ||
        !take_flag(query, "withdrawals", &rights.withdraws, fault) ||
        !take_flag(query, "transfers", &rights.transfers, fault) ||
        !take_flag(query, "ip", &rights.bound_to_address, fault))
        return false;
    rights.no_reading = !reading;
    rights.no_trading = !trading;
    faults->rights[account] = rights;
    return true;
}

/* ---- the words ----------------------------------------------------------------------------- */

bool exchange_fault_control(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                            int64_t wall_us, ExchangeFault *fault) {
    static const struct {
        const char *word;
        bool (*does)(ExchangeFaults *faults, Exchange *exchange, const ExchangeQuery *query,
                     int64_t wall_us, ExchangeFault *fault);
    } words[] = {{"fail", fail_call},
                 {"drop", drop_call},
                 {"lose", lose_call},
                 {"delay", delay_call},
                 {"latency", set_latency},
                 {"maintenance", maintain},
                 {"limit", refuse_now},
                 {"symbol", set_symbol},
                 {"filters", set_filters},
                 {"jump", jump},
                 {"disconnect", disconnect},
                 {"shutdown", shut_down},
                 {"hide", hide_events},
                 {"clock", shift_clock},
                 {"deposit", deposit},
                 {"rights", set_rights},
                 {"clear", clear}};
    if (!exchange_query_needs(query, "do", fault)) return false;
    const char *word = exchange_query_value(query, "do");
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i].word) == 0)
            return words[i].does(faults, exchange, query, wall_us, fault);
    return bad(fault, "do");
}

static int64_t seconds_left(int64_t until_us, int64_t wall_us) {
    return until_us > wall_us ? (until_us - wall_us + INSTANT_SECOND_US - 1) / INSTANT_SECOND_US
                              : 0;
}

void exchange_fault_tell(const ExchangeFaults *faults, int64_t wall_us, Text *answer) {
    int64_t waiting = 0;
    for (unsigned i = 0; i < faults->rule_count; i++)
        waiting += faults->rules[i].times;
    text_clear(answer);
    text_format(answer,
                "{\"faults\":%d,\"calls\":%D,\"met\":%D,\"latencies\":%d,\"maintenance\":%D,"
                "\"limit\":%D,\"hidden\":%D}",
                (int)faults->rule_count, waiting, faults->met, (int)faults->latency_count,
                seconds_left(faults->maintenance_until_us, wall_us),
                seconds_left(faults->refusal_until_us, wall_us), faults->hidden_events);
    text_end(answer);
}
