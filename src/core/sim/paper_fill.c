/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim/paper_fill.h"

#define MILLION 1000000

static Money fee_of(const PaperCosts *costs, Side side, Price price, Quantity quantity) {
    Money received =
        side == SIDE_BUY ? money_of(quantity.units) : price_times_quantity(price, quantity).money;
    return money_share_up(received, costs->fee_ppm, MILLION);
}

/* The price moved against the order by the given share, on the tick. A price so high that it cannot
 * be moved (the world may send any) stays. */
static Price against(const Filters *filters, Side side, Price price, int64_t ppm) {
    if (side == SIDE_BUY) {
        Money worse = money_share_up(money_of(price.units), MILLION + ppm, MILLION);
        if (worse.units > INT64_MAX - filters->tick.units) return price;
        return price_ceil(price_of((int64_t)worse.units), filters->tick);
    }
    Quantity worse = quantity_share(quantity_of(price.units), MILLION - ppm, MILLION);
    Price floored = price_floor(price_of(worse.units), filters->tick);
    return floored.units > 0 ? floored : price; /* a price never reaches zero */
}

static PaperFill fill_at(const PaperCosts *costs, Side side, Price undisturbed, Price price,
                         Quantity quantity) {
    int64_t loss =
        side == SIDE_BUY ? price.units - undisturbed.units : undisturbed.units - price.units;
    PaperFill fill = {
        .price = price, .fee = fee_of(costs, side, price, quantity), .reason = REASON_SIGNAL};
    if (loss > 0) fill.slippage = price_times_quantity(price_of(loss), quantity).money;
    return fill;
}

PaperFill paper_fill_market(const PaperCosts *costs, const Filters *filters, Side side, Price price,
                            Quantity quantity) {
    Price paid = against(filters, side, price, costs->half_spread_ppm + costs->slippage_ppm);
    return fill_at(costs, side, price, paid, quantity);
}

static PaperFill fill_stop(const PaperCosts *costs, const Filters *filters,
                           const Protection *protection, Price price) {
    PaperFill fill = paper_fill_market(costs, filters, SIDE_SELL, price, protection->quantity);
    fill.reason = protection->stop_reason;
    return fill;
}

/* A target is a resting limit: it fills at its price or, on a gap, at the better open, without
 * slippage. */
static PaperFill fill_target(const PaperCosts *costs, const Protection *protection, Price price) {
    PaperFill fill = fill_at(costs, SIDE_SELL, price, price, protection->quantity);
    fill.reason = REASON_TAKE_PROFIT;
    return fill;
}

bool paper_judge_price(const PaperCosts *costs, const Filters *filters,
                       const Protection *protection, Price price, PaperFill *fill) {
    if (protection->stop.units > 0 && price.units <= protection->stop.units) {
        *fill = fill_stop(costs, filters, protection, price);
        return true;
    }
    if (protection->target.units > 0 && price.units >= protection->target.units) {
        *fill = fill_target(costs, protection, price);
        return true;
    }
    return false;
}

bool paper_judge_range(const PaperCosts *costs, const Filters *filters,
                       const Protection *protection, Price high, Price low, PaperFill *fill) {
    if (protection->stop.units > 0 && low.units <= protection->stop.units) {
        *fill = fill_stop(costs, filters, protection, protection->stop);
        return true;
    }
    if (protection->target.units > 0 && high.units >= protection->target.units) {
        *fill = fill_target(costs, protection, protection->target);
        return true;
    }
    return false;
}
