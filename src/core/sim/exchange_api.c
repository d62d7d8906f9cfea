/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask, and when; what is charged; the answer. */
#include "core/sim/exchange_api.h"

#define RECEIVE_PRESET_US 5000000LL /* recvWindow that is not given */
#define RECEIVE_MAX_MS    60000     /* the venue's */
#define AHEAD_US          1000000   /* a timestamp may be so far in the future */

void exchange_write_fault(const ExchangeFault *fault, Text *answer) {
    JsonWriter writer = json_writer(answer);
    text_clear(answer);
    json_object_begin(&writer);
    exchange_put_int(&writer, "code", fault->code);
    exchange_put_text(&writer, "msg", fault->text);
    json_object_end(&writer);
    text_end(answer);
}

/* ---- who asks, and when -------------------------------------------------------------------- */

static bool in_window(int64_t stamp_us, int64_t now_us, int64_t window_us) {
    return stamp_us < now_us + AHEAD_US && now_us - stamp_us <= window_us;
}

/* recvWindow may have decimals of a millisecond: a decimal's unit is 1e-8, so 1e5 of them are a
 * microsecond. */
static bool take_window(const ExchangeCall *call, int64_t *window_us, ExchangeFault *fault) {
    int64_t units = RECEIVE_PRESET_US * 100000;
    if (!exchange_query_decimal(call->query, "recvWindow", &units, fault)) return false;
    *window_us = units / 100000;
    return units / DECIMAL_SCALE <= RECEIVE_MAX_MS ||
           exchange_refuse(fault, -1131, "'recvWindow' must be less than 60000.");
}

static bool stamp_fits(const ExchangeCall *call, ExchangeFault *fault) {
    int64_t stamp = 0, stamp_us = 0, window_us = 0;
    if (!exchange_query_needs(call->query, "timestamp", fault) ||
        !exchange_query_int(call->query, "timestamp", &stamp, fault) ||
        !take_window(call, &window_us, fault))
        return false;
    if (!instant_from_stamp(stamp, &stamp_us)) stamp_us = 0;
    if (in_window(stamp_us, call->now_us, window_us) ||
        in_window(stamp_us, call->wall_us, window_us))
        return true;
    if (stamp_us >= call->now_us + AHEAD_US)
        return exchange_refuse(fault, -1021,
                               "Timestamp for this request was 1000ms ahead of the server's time.");
    return exchange_refuse(fault, -1021,
                           "Timestamp for this request is outside of the recvWindow.");
}

bool exchange_seal_fits(const ExchangeCall *call, ExchangeFault *fault) {
    if (call->seal == SEAL_NO_KEY) return exchange_refuse(fault, -2014, "API-key format invalid.");
    if (call->seal == SEAL_NO_SIGNATURE)
        return exchange_query_needs(call->query, "signature", fault);
    if (!stamp_fits(call, fault)) return false;
    if (call->seal == SEAL_UNKNOWN_KEY) {
        exchange_refuse(fault, -2015, "Invalid API-key, IP, or permissions for action.");
        fault->status = 401;
        return false;
    }
    return call->seal == SEAL_GOOD ||
           exchange_refuse(fault, -1022, "Signature for this request is not valid.");
}

/* ---- parameters that many take ------------------------------------------------------------- */

bool exchange_take_pair(const Exchange *exchange, const ExchangeCall *call, unsigned *pair,
                        ExchangeFault *fault) {
    if (!exchange_query_needs(call->query, "symbol", fault)) return false;
    int found = exchange_find_pair(exchange, slice_of(exchange_query_value(call->query, "symbol")));
    if (found < 0) return exchange_refuse(fault, -1121, "Invalid symbol.");
    *pair = (unsigned)found;
    return true;
}

bool exchange_take_limit(const ExchangeCall *call, int64_t preset, int64_t most, int64_t *limit,
                         ExchangeFault *fault) {
    *limit = preset;
    if (!exchange_query_int(call->query, "limit", limit, fault)) return false;
    if (*limit > most) *limit = most;
    return *limit > 0 || exchange_refuse(fault, -1130,
                                         "Data sent for parameter 'limit' is not "
                                         "valid.");
}

bool exchange_take_span(const ExchangeCall *call, int64_t *start_us, int64_t *end_us,
                        ExchangeFault *fault) {
    static const char *const names[] = {"startTime", "endTime"};
    int64_t *targets[] = {start_us, end_us};
    for (unsigned i = 0; i < 2; i++) {
        int64_t stamp = -1;
        if (!exchange_query_int(call->query, names[i], &stamp, fault)) return false;
        if (stamp < 0) continue;
        /* What is too small for a time since 2001 is a time all the same: milliseconds. */
        if (!instant_from_stamp(stamp, targets[i]))
            *targets[i] = stamp < INSTANT_LAST_US / 1000 ? stamp * 1000 : INSTANT_LAST_US;
    }
    return true;
}

/* ---- the answer ---------------------------------------------------------------------------- */

static bool may(const ExchangeCall *call, ExchangeSecurity security) {
    if (!call->rights || security == FOR_ALL) return true;
    return !(security == FOR_TRADERS ? call->rights->no_trading : call->rights->no_reading);
}

/* The market of a delisted symbol is gone; its orders can be asked for. */
static bool has_market(const Exchange *exchange, const ExchangeCall *call) {
    const char *name = exchange_query_value(call->query, "symbol");
    int pair = name ? exchange_find_pair(exchange, slice_of(name)) : -1;
    return pair < 0 || exchange->pairs[pair].trading != EXCHANGE_GONE;
}

/* Limits, seal and rights, in the venue's order. */
static bool admit(const ExchangeCall *call, const ExchangeEndpoint *endpoint, unsigned weight,
                  ExchangeFault *fault) {
    if (call->limits && !exchange_limit_take(call->limits, call->address,
                                             endpoint->is_free ? 0 : weight, call->wall_us, fault))
        return false;
    if (endpoint->security == FOR_ALL) return true;
    if (!exchange_seal_fits(call, fault)) return false;
    if (may(call, endpoint->security)) return true;
    exchange_refuse(fault, -2015, "Invalid API-key, IP, or permissions for action.");
    fault->status = 401;
    return false;
}

/* What the venue charges for a call that it refused: its weight, and no orders, unless half of a
 * replacement has happened or was not tried. */
static void settle_refused(const ExchangeCall *call, const ExchangeEndpoint *endpoint,
                           unsigned weight, bool counted, int code) {
    if (!call->limits) return;
    if (endpoint->is_free)
        exchange_limit_charge(call->limits, call->address, weight, call->wall_us);
    if (counted && code != -2021 && code != -2022)
        exchange_limit_forgive(call->limits, call->account, endpoint->orders);
}

static bool carry_out(Exchange *exchange, ExchangeReply *reply, const ExchangeEndpoint *endpoint,
                      ExchangeFault *fault) {
    const ExchangeCall *call = reply->call;
    unsigned weight = exchange_endpoint_weight(exchange, call, endpoint);
    bool counts = call->limits && endpoint->orders, counted = false;
    if (!admit(call, endpoint, weight, fault)) return false;
    if (endpoint->security == FOR_ALL && !has_market(exchange, call))
        return exchange_refuse(fault, -1121, "Invalid symbol.");
    if (counts)
        counted = exchange_limit_orders(call->limits, call->account, endpoint->orders,
                                        call->wall_us, fault);
    if ((!counts || counted) && endpoint->answer(exchange, reply, fault)) {
        if (call->limits) call->limits->placed = counts;
        return true;
    }
    settle_refused(call, endpoint, weight, counted, fault->code);
    return false;
}

static unsigned refused(const ExchangeFault *fault, Text *answer) {
    /* A cancel-and-replace that failed has written its own answer; and so has a call that is gone.
     */
    if (fault->code != -2021 && fault->code != -2022 && fault->status != 410)
        exchange_write_fault(fault, answer);
    text_end(answer);
    return fault->status;
}

unsigned exchange_answer(Exchange *exchange, const ExchangeCall *call, Text *answer) {
    ExchangeFault fault = {.status = 404};
    bool known;
    const ExchangeEndpoint *endpoint = exchange_find_endpoint(call, &known);
    text_clear(answer);
    if (call->limits) call->limits->placed = false;
    if (!endpoint) {
        exchange_refuse(&fault, -1000, "There is no such endpoint here.");
        fault.status = known ? 405 : 404;
        return refused(&fault, answer);
    }
    ExchangeReply reply = {.writer = json_writer(answer), .call = call};
    if (!carry_out(exchange, &reply, endpoint, &fault)) return refused(&fault, answer);
    text_end(answer);
    CHECK(!answer->overflow, "the longest answer fits");
    return 200;
}
