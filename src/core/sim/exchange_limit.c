/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim/exchange_limit.h"

#include <string.h>

#define FIVE_MINUTES_US (5 * INSTANT_MINUTE_US)
#define TEN_SECONDS_US  (10 * INSTANT_SECOND_US)
#define BAN_FIRST_US    (2 * INSTANT_MINUTE_US) /* the venue's shortest */
#define BAN_LONGEST_US  (3 * INSTANT_DAY_US)
#define CONNECT_WEIGHT  2
#define TAKER_RELIEF    1 /* of an order's first fill; the venue's examples */
#define MAKER_RELIEF    5

void exchange_limit_init(ExchangeLimits *limits) {
    memset(limits, 0, sizeof *limits);
    limits->weight_max = EXCHANGE_WEIGHT_MAX;
    limits->raw_max = EXCHANGE_RAW_MAX;
    limits->ten_max = EXCHANGE_ORDERS_TEN_MAX;
    limits->day_max = EXCHANGE_ORDERS_DAY_MAX;
    limits->connects_max = EXCHANGE_CONNECTS_MAX;
}

/* ---- addresses ----------------------------------------------------------------------------- */

static void roll(int64_t *begin_us, int64_t *count, int64_t length_us, int64_t wall_us) {
    int64_t now_us = interval_floor(wall_us, length_us);
    if (*begin_us == now_us) return;
    *begin_us = now_us;
    *count = 0;
}

static ExchangeAddress *find(ExchangeLimits *limits, uint32_t address, int64_t wall_us) {
    ExchangeAddress *found = &limits->addresses[0];
    for (unsigned i = 0; i < EXCHANGE_ADDRESSES; i++) {
        ExchangeAddress *at = &limits->addresses[i];
        if (at->seen_us && at->address == address) {
            found = at;
            break;
        }
        if (at->seen_us < found->seen_us) found = at;
    }
    if (!found->seen_us || found->address != address)
        *found = (ExchangeAddress){.address = address};
    found->seen_us = wall_us;
    int64_t minute_us = found->minute_us;
    roll(&found->minute_us, &found->weight, INSTANT_MINUTE_US, wall_us);
    roll(&found->raw_us, &found->raw, FIVE_MINUTES_US, wall_us);
    roll(&found->connects_us, &found->connects, FIVE_MINUTES_US, wall_us);
    if (minute_us != found->minute_us) found->ignored = 0;
    return found;
}

/* ---- refusals ------------------------------------------------------------------------------ */

static bool refuse(ExchangeLimits *limits, unsigned status, int64_t until_us,
                   ExchangeFault *fault) {
    fault->status = status;
    limits->retry_us = until_us;
    return false;
}

static bool refuse_until(ExchangeLimits *limits, int64_t until_us, ExchangeFault *fault) {
    exchange_refuse(fault, -1003,
                    "Way too much request weight used; IP banned until %D. Please use WebSocket "
                    "Streams for live updates to avoid bans.",
                    until_us / 1000);
    return refuse(limits, 418, until_us, fault);
}

static bool refuse_banned(ExchangeLimits *limits, const ExchangeAddress *at, ExchangeFault *fault) {
    return refuse_until(limits, at->banned_until_us, fault);
}

static bool refuse_weight(ExchangeLimits *limits, int64_t until_us, ExchangeFault *fault) {
    exchange_refuse(fault, -1003,
                    "Too much request weight used; current limit is %D request weight per 1 "
                    "MINUTE. Please use WebSocket Streams for live updates to avoid polling the "
                    "API.",
                    limits->weight_max);
    return refuse(limits, 429, until_us, fault);
}

static bool refuse_forced(ExchangeLimits *limits, ExchangeFault *fault) {
    int64_t until_us = limits->forced_until_us;
    return limits->forced == 418 ? refuse_until(limits, until_us, fault)
                                 : refuse_weight(limits, until_us, fault);
}

static void ban(ExchangeAddress *at, int64_t wall_us) {
    /* A day of good behaviour after the last ban, and the next is a first one again. */
    if (wall_us - at->banned_until_us > INSTANT_DAY_US) at->bans = 0;
    int64_t length_us = BAN_FIRST_US;
    for (int64_t i = 0; i < at->bans && length_us < BAN_LONGEST_US; i++)
        length_us *= 2;
    at->bans++;
    at->ignored = 0;
    at->banned_until_us = wall_us + (length_us < BAN_LONGEST_US ? length_us : BAN_LONGEST_US);
}

static bool is_over(ExchangeLimits *limits, ExchangeAddress *at, int64_t wall_us,
                    ExchangeFault *fault) {
    if (at->weight <= limits->weight_max && at->raw <= limits->raw_max) return false;
    if (at->ignored++ >= EXCHANGE_IGNORED_MAX) {
        ban(at, wall_us);
        refuse_banned(limits, at, fault);
        return true;
    }
    if (at->weight > limits->weight_max)
        return !refuse_weight(limits, at->minute_us + INSTANT_MINUTE_US, fault);
    exchange_refuse(fault, -1003, "Too many requests; current limit is %D requests per 5 MINUTE.",
                    limits->raw_max);
    return !refuse(limits, 429, at->raw_us + FIVE_MINUTES_US, fault);
}

/* ---- calls --------------------------------------------------------------------------------- */

bool exchange_limit_take(ExchangeLimits *limits, uint32_t address, int64_t weight, int64_t wall_us,
                         ExchangeFault *fault) {
    ExchangeAddress *at = find(limits, address, wall_us);
    if (wall_us < limits->forced_until_us) return refuse_forced(limits, fault);
    if (wall_us < at->banned_until_us) return refuse_banned(limits, at, fault);
    at->raw++;
    at->weight += weight;
    return !is_over(limits, at, wall_us, fault);
}

void exchange_limit_charge(ExchangeLimits *limits, uint32_t address, int64_t weight,
                           int64_t wall_us) {
    find(limits, address, wall_us)->weight += weight;
}

int64_t exchange_limit_weight(ExchangeLimits *limits, uint32_t address, int64_t wall_us) {
    return find(limits, address, wall_us)->weight;
}

bool exchange_limit_connect(ExchangeLimits *limits, uint32_t address, bool is_api, int64_t wall_us,
                            ExchangeFault *fault) {
    ExchangeAddress *at = find(limits, address, wall_us);
    if (wall_us < at->banned_until_us) return refuse_banned(limits, at, fault);
    if (is_api) at->weight += CONNECT_WEIGHT;
    if (++at->connects <= limits->connects_max) return true;
    exchange_refuse(fault, -1034,
                    "Too many concurrent connections; current limit is %D connections per 5 "
                    "MINUTE.",
                    limits->connects_max);
    return refuse(limits, 429, at->connects_us + FIVE_MINUTES_US, fault);
}

/* ---- orders -------------------------------------------------------------------------------- */

static ExchangeOrderCount *count_of(ExchangeLimits *limits, unsigned account) {
    return &limits->orders[account < EXCHANGE_LIMIT_ACCOUNTS ? account : 0];
}

static ExchangeOrderCount *rolled(ExchangeLimits *limits, unsigned account, int64_t wall_us) {
    ExchangeOrderCount *count = count_of(limits, account);
    roll(&count->ten_us, &count->ten, TEN_SECONDS_US, wall_us);
    roll(&count->day_us, &count->day, INSTANT_DAY_US, wall_us);
    return count;
}

bool exchange_limit_orders(ExchangeLimits *limits, unsigned account, unsigned count,
                           int64_t wall_us, ExchangeFault *fault) {
    ExchangeOrderCount *orders = rolled(limits, account, wall_us);
    bool is_day = orders->day + count > limits->day_max;
    if (is_day || orders->ten + count > limits->ten_max) {
        exchange_refuse(fault, -1015, "Too many new orders; current limit is %D orders per %s.",
                        is_day ? limits->day_max : limits->ten_max, is_day ? "1 DAY" : "10 SECOND");
        return refuse(limits, 429,
                      is_day ? orders->day_us + INSTANT_DAY_US : orders->ten_us + TEN_SECONDS_US,
                      fault);
    }
    orders->ten += count;
    orders->day += count;
    return true;
}

static void relieve(int64_t *count, int64_t relief) {
    *count = *count > relief ? *count - relief : 0;
}

void exchange_limit_forgive(ExchangeLimits *limits, unsigned account, unsigned count) {
    ExchangeOrderCount *orders = count_of(limits, account);
    relieve(&orders->ten, count);
    relieve(&orders->day, count);
}

void exchange_limit_filled(ExchangeLimits *limits, unsigned account, bool maker) {
    exchange_limit_forgive(limits, account, maker ? MAKER_RELIEF : TAKER_RELIEF);
}

ExchangeOrderCount exchange_limit_counts(ExchangeLimits *limits, unsigned account,
                                         int64_t wall_us) {
    return *rolled(limits, account, wall_us);
}
