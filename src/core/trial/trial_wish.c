/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a trial makes of a wish: an entry is sized and passes the executor's gate, or is refused;
 * what it may cost is locked until the next open.
 */
#include "core/trade/gate.h"
#include "core/trial/trial_position.h"

#define PERCENT         100
#define RESERVE_PERCENT 2 /* the executor's: of an entry kept locked above its notional */

/* ---- wishes -------------------------------------------------------------------------------- */

static unsigned busy_desks(const TrialBook *book) {
    unsigned count = 0;
    for (unsigned i = 0; i < book->plan->market_count; i++)
        count += book->desks[i].open || book->desks[i].buying.units > 0;
    return count;
}

/* Value of all inventories, and what is locked for purchases on their way. */
static Money committed(const TrialBook *book) {
    Money sum = money_of(0);
    for (unsigned i = 0; i < book->plan->market_count; i++) {
        const TrialDesk *desk = &book->desks[i];
        sum = money_add(sum, trading_account_value(&book->account, i, desk->price));
        sum = money_add(sum, desk->reserved);
    }
    return sum;
}

static Quantity size_entry(const TrialBook *book, unsigned market, const StrategyWish *wish,
                           Money equity) {
    const TrialDesk *desk = &book->desks[market];
    double limit = book->plan->size_limit;
    SizeAsk ask = {.equity = wish->of_start ? book->plan->balance : equity,
                   .free_quote = trading_account_free(&book->account),
                   .size_fraction = wish->fraction < limit ? wish->fraction : limit,
                   .smallest = book->plan->smallest,
                   .price = desk->price,
                   .reserve_percent = RESERVE_PERCENT};
    return sizing_quantity(&ask, desk->filters);
}

static bool gate_opens(const TrialBook *book, unsigned market, const StrategyWish *wish,
                       Quantity quantity, Money equity) {
    const TrialDesk *desk = &book->desks[market];
    GateAsk ask = {.position_open = desk->open && wish->kind != WISH_ADD,
                   .order_open = desk->buying.units > 0 || desk->selling.units > 0,
                   .positions = busy_desks(book) - desk->open,
                   .positions_max = book->plan->positions_max,
                   .price = desk->price,
                   .stop = sizing_stop(desk->price, wish->stop_fraction, desk->filters),
                   .quantity = quantity,
                   .free_quote = trading_account_free(&book->account),
                   .smallest = book->plan->smallest,
                   .committed = committed(book),
                   .exposure_max = equity,
                   .filters = desk->filters};
    return gate_entry(&ask) == ALLOWED;
}

static void enter(TrialBook *book, unsigned market, const StrategyWish *wish) {
    TrialDesk *desk = &book->desks[market];
    Money equity = trial_book_equity(book);
    Quantity quantity = size_entry(book, market, wish, equity);
    if (!gate_opens(book, market, wish, quantity, equity)) {
        book->result.refused++;
        return;
    }
    Money notional = price_times_quantity(desk->price, quantity).money;
    Money reserve = money_share_up(notional, PERCENT + RESERVE_PERCENT, PERCENT);
    Money free_quote = trading_account_free(&book->account);
    if (money_compare(reserve, free_quote) > 0) reserve = free_quote;
    bool locked =
        trading_account_lock(&book->account, book->account.quote, reserve, &trial_position_sink);
    CHECK(locked, "the reserve was cut to what is free");
    desk->reserved = reserve;
    desk->buying = quantity;
    desk->buying_stop = wish->stop_fraction;
    desk->buying_target = wish->target_fraction;
}

static void reduce(TrialBook *book, unsigned market, double fraction) {
    TrialDesk *desk = &book->desks[market];
    Quantity part;
    if (!desk->open || desk->selling.units > 0) return;
    double wanted = quantity_double(trial_position_sellable(book, market)) * fraction;
    if (!quantity_from_double(wanted, &part)) part = quantity_of(0);
    part = quantity_floor(part, desk->filters->step);
    if (part.units > 0 && trial_position_sale_passes(desk, part))
        trial_position_order_sale(desk, part, REASON_SIGNAL, false);
    else
        book->result.refused++;
}

void trial_book_wish(TrialBook *book, const TrialMoment *moment, const StrategyWish *wish) {
    switch (wish->kind) {
    case WISH_ENTER:
    case WISH_ADD:
        enter(book, moment->market, wish);
        break;
    case WISH_REDUCE:
        if (wish->fraction < 1) {
            reduce(book, moment->market, wish->fraction);
            break;
        }
        trial_position_leave(book, moment, REASON_SIGNAL);
        break;
    case WISH_LEAVE:
        trial_position_leave(book, moment, REASON_SIGNAL);
        break;
    default:
        break;
    }
}
