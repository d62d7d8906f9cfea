/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/gate.h"

/* A protection that is cut back by a fee or a gap must still be above the venue's smallest order,
 * or the position cannot be sold: 10 % headroom at the stop. */
#define HEADROOM_PARTS 110
#define HEADROOM_WHOLE 100

static RefusalCode judge_state(const GateAsk *ask) {
    if (ask->kill != KILL_NONE) return DENIED_PAUSED;
    if (ask->price.units <= 0) return DENIED_NO_PRICE;
    if (ask->stale) return DENIED_STALE_DATA;
    if (ask->age_us > ask->age_max_us) return DENIED_EXPIRED;
    if (ask->venue != ALLOWED) return ask->venue;
    if (ask->position_open) return DENIED_POSITION_OPEN;
    if (ask->order_open) return DENIED_ORDER_PENDING;
    return ask->positions >= ask->positions_max ? DENIED_MAX_POSITIONS : ALLOWED;
}

static RefusalCode judge_size(const GateAsk *ask) {
    Money notional = price_times_quantity(ask->price, ask->quantity).money;
    Money at_stop = price_times_quantity(ask->stop, ask->quantity).money;
    Money least = money_share_up(ask->filters->notional_min, HEADROOM_PARTS, HEADROOM_WHOLE);
    if (money_compare(ask->free_quote, ask->smallest) < 0) return DENIED_INSUFFICIENT_BALANCE;
    if (ask->quantity.units <= 0 || money_compare(at_stop, least) < 0)
        return DENIED_NOTIONAL_TOO_SMALL;
    if (money_compare(notional, ask->free_quote) > 0) return DENIED_INSUFFICIENT_BALANCE;
    if (money_compare(money_add(ask->committed, notional), ask->exposure_max) > 0)
        return DENIED_EXPOSURE;
    if (ask->cap.units > 0 && money_compare(money_add(ask->committed, notional), ask->cap) > 0)
        return DENIED_FIRST_DAY_CAP;
    return filters_fault(ask->filters, ask->price, ask->quantity) ? DENIED_FILTER : ALLOWED;
}

RefusalCode gate_entry(const GateAsk *ask) {
    RefusalCode code = judge_state(ask);
    return code == ALLOWED ? judge_size(ask) : code;
}

const char *gate_words(RefusalCode code) {
    static const char *const words[RefusalCode_COUNT] = {
        [ALLOWED] = "allowed",
        [DENIED_PAUSED] = "the kill switch is on",
        [DENIED_STALE_DATA] = "market data are stale",
        [DENIED_DRAWDOWN] = "equity stands too far below its peak",
        [DENIED_EXPOSURE] = "positions together would exceed the exposure limit",
        [DENIED_CONFIDENCE_TOO_LOW] =
            "the measured hit rate of this score band is below the threshold",
        [DENIED_SCORE_TOO_LOW] = "the score is below the threshold",
        [DENIED_POSITION_OPEN] = "a position in this symbol is open",
        [DENIED_ORDER_PENDING] = "an order in this symbol is on its way",
        [DENIED_MAX_POSITIONS] = "as many positions are open as allowed",
        [DENIED_INSUFFICIENT_BALANCE] = "insufficient balance: trade skipped",
        [DENIED_NOTIONAL_TOO_SMALL] = "the order would be below the venue's smallest notional",
        [DENIED_FILTER] = "the order would break a filter of the symbol",
        [DENIED_NO_PRICE] = "no price is known",
        [DENIED_EXPIRED] = "the signal's data are too old",
        [DENIED_VENUE_NOT_READY] = "the venue is not ready: connection, comparison, or a limit",
        [DENIED_FROZEN] = "an order's fate is unknown, or the books do not agree with the venue's",
        [DENIED_CLOCK] = "the venue's clock is not known well enough",
        [DENIED_FIRST_DAY_CAP] = "positions together would exceed the first day's cap",
        [DENIED_SYMBOL_HALTED] = "the venue takes no orders for the symbol now",
    };
    return words[code];
}
