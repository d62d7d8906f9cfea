/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial_book.h"

#include <string.h>

#include "core/base/digest.h"
#include "core/trade/gate.h"

#define PERCENT         100
#define RESERVE_PERCENT 2 /* the executor's: of an entry kept locked above its notional */
#define MILLION         1000000

/* ---- the account --------------------------------------------------------------------------- */

/* A trial keeps no journal of postings; the ledger's sums are looked at in the end. */
static void post_unheard(void *context, const char *asset, Account debit, Account credit,
                         Money amount) {
    (void)context, (void)asset, (void)debit, (void)credit, (void)amount;
}

static const PostingSink unheard = {.post = post_unheard};

size_t trial_book_size(unsigned market_count) {
    return sizeof(TrialBook) + market_count * sizeof(TrialDesk);
}

const char *trial_book_fault(const TrialPlan *plan) {
    const PaperCosts *costs = &plan->costs;
    if (plan->market_count < 1 || plan->market_count > LIMIT_SYMBOLS) return "1 to 32 markets";
    if (plan->balance.units <= 0) return "the balance is above 0";
    if (plan->smallest.units < 0) return "the smallest entry is not negative";
    if (costs->fee_ppm < 0 || costs->half_spread_ppm < 0 || costs->slippage_ppm < 0 ||
        costs->fee_ppm >= MILLION || costs->half_spread_ppm + costs->slippage_ppm >= MILLION)
        return "costs are shares of the price, from 0 to below 1";
    if (!(plan->size_limit > 0 && plan->size_limit <= 1))
        return "the size limit is a share of equity, above 0 and at most 1";
    return plan->positions_max < 1 ? "at least one position is allowed" : NULL;
}

/* Every market gets an asset of its own, so that two markets of one base do not share a lot. */
static void open_account(TrialBook *book) {
    TradingAccount *account = &book->account;
    trading_account_init(account);
    bool opened = trading_account_open(account, "quote", book->plan->balance, &unheard);
    for (unsigned i = 0; i < book->plan->market_count && opened; i++) {
        char name[LIMIT_ASSET_TEXT];
        Text text = TEXT_IN(name);
        text_format(&text, "base-%D", (int64_t)i);
        opened = trading_account_symbol(account, i, text_end(&text));
    }
    CHECK(opened, "a fresh ledger has room for its markets");
}

void trial_book_begin(TrialBook *book, const TrialPlan *plan, const TrailingRule *trailing,
                      TrialOutput *output) {
    memset(book, 0, trial_book_size(plan->market_count));
    book->plan = plan;
    book->trails = trailing != NULL;
    if (trailing) book->trailing = *trailing;
    book->output = output;
    open_account(book);
    for (unsigned i = 0; i < plan->market_count; i++) {
        book->desks[i].filters = &plan->markets[i].filters;
        book->desks[i].bars_flat = RULE_NEVER;
    }
}

static Money value_of(const TrialBook *book, unsigned market) {
    return trading_account_value(&book->account, market, book->desks[market].price);
}

Money trial_book_equity(const TrialBook *book) {
    Money sum = trading_account_cash(&book->account);
    for (unsigned i = 0; i < book->plan->market_count; i++)
        if (book->account.inventories[i].quantity.units)
            sum = money_add(sum, value_of(book, i));
    return sum;
}

RulePosition trial_book_position(const TrialBook *book, unsigned market) {
    const TrialDesk *desk = &book->desks[market];
    RulePosition position = {
        .open = desk->open, .bars_held = desk->bars_held, .bars_flat = desk->bars_flat};
    if (!desk->open) return position;
    position.average = price_double(desk->trade.entry);
    position.held_fraction = sizing_ratio(value_of(book, market), trial_book_equity(book));
    return position;
}

/* ---- the end of a trade -------------------------------------------------------------------- */

static uint64_t hash_on(uint64_t hash, const TrialTrade *trade) {
    const int64_t facts[] = {(int64_t)hash,         trade->market,     trade->entry_bar,
                             trade->exit_bar,       trade->entry.units, trade->exit.units,
                             trade->quantity.units, (int64_t)trade->gain.units,
                             (int64_t)trade->fees.units, trade->reason};
    return hash64(facts, sizeof facts);
}

static double excursion(Price extreme, Price entry) {
    return (double)(extreme.units - entry.units) / (double)entry.units;
}

static void close_trade(TrialBook *book, const TrialMoment *moment) {
    TrialDesk *desk = &book->desks[moment->market];
    TrialTrade *trade = &desk->trade;
    TrialOutput *output = book->output;
    trade->exit_bar = moment->bar;
    trade->exit_us = moment->time_us;
    trade->worst = excursion(desk->lowest, trade->entry);
    trade->best = excursion(desk->highest, trade->entry);
    book->result.hash = hash_on(book->result.hash, trade);
    if (output && output->trades && book->result.trades < output->trades_max)
        output->trades[book->result.trades] = *trade;
    book->result.trades++;
    desk->open = desk->resting = desk->leaving = false;
    desk->selling = quantity_of(0);
    desk->bars_flat = 0;
}

/* ---- protection and exit ------------------------------------------------------------------- */

/* As the executor: the inventory on the step, at most what one order may hold. */
static Quantity sellable(const TrialBook *book, unsigned market) {
    const Filters *filters = book->desks[market].filters;
    Quantity held = book->account.inventories[market].quantity;
    bool over = filters->quantity_max.units > 0 && held.units > filters->quantity_max.units;
    return quantity_floor(over ? filters->quantity_max : held, filters->step);
}

/* As the executor: nothing is left that a venue would take. */
static bool is_dust(const TrialBook *book, unsigned market) {
    const TrialDesk *desk = &book->desks[market];
    Quantity left =
        quantity_floor(book->account.inventories[market].quantity, desk->filters->step);
    Money value = price_times_quantity(desk->price, left).money;
    return left.units == 0 || left.units < desk->filters->quantity_min.units ||
           money_compare(value, desk->filters->notional_min) < 0;
}

/* As the venue judges a market order: at the last price, on the tick. */
static bool sale_passes(const TrialDesk *desk, Quantity quantity) {
    Price price = price_floor(desk->price, desk->filters->tick);
    return !filters_fault(desk->filters, price, quantity);
}

static void order_sale(TrialDesk *desk, Quantity quantity, TradeReason reason, bool leaving) {
    desk->selling = quantity;
    desk->selling_reason = reason;
    desk->leaving = leaving;
}

static bool rest(TrialBook *book, unsigned market) {
    TrialDesk *desk = &book->desks[market];
    Price stop = desk->protection.stop;
    Quantity quantity = sellable(book, market);
    desk->protection.quantity = quantity;
    desk->protection.stop_reason = REASON_STOP_LOSS;
    desk->resting = stop.units == 0 ? quantity.units > 0
                                    : !filters_fault(desk->filters, stop, quantity);
    return desk->resting;
}

static bool has_levels(const TrialBook *book, const TrialDesk *desk) {
    return book->trails || desk->protection.stop.units > 0 || desk->protection.target.units > 0;
}

/* A position whose protection the venue refuses is sold at the next open; one that cannot be sold
 * either is tried again at each price. */
static void protect(TrialBook *book, const TrialMoment *moment) {
    unsigned market = moment->market;
    TrialDesk *desk = &book->desks[market];
    desk->resting = false;
    if (!has_levels(book, desk) || rest(book, market)) return;
    Quantity quantity = sellable(book, market);
    if (is_dust(book, market))
        close_trade(book, moment);
    else if (sale_passes(desk, quantity))
        order_sale(desk, quantity, REASON_STOP_LOSS, true);
}

static void leave(TrialBook *book, const TrialMoment *moment, TradeReason reason) {
    unsigned market = moment->market;
    TrialDesk *desk = &book->desks[market];
    if (!desk->open || desk->leaving) return;
    Quantity quantity = sellable(book, market);
    desk->resting = false;
    if (sale_passes(desk, quantity)) {
        order_sale(desk, quantity, reason, true);
        return;
    }
    book->result.refused++;
    if (is_dust(book, market))
        close_trade(book, moment);
    else if (has_levels(book, desk))
        rest(book, market);
}

static void mend(TrialBook *book, const TrialMoment *moment) {
    const TrialDesk *desk = &book->desks[moment->market];
    bool busy = desk->resting || desk->selling.units > 0 || desk->buying.units > 0;
    if (desk->open && !busy) protect(book, moment);
}

/* ---- fills --------------------------------------------------------------------------------- */

/* Value / quantity, floored; a single fill keeps its own price. */
static Price mean_price(Money value, Quantity quantity, const PaperFill *only) {
    return only ? only->price : price_of((int64_t)(value.units * DECIMAL_SCALE / quantity.units));
}

/* What every fill adds to the trade and the result. */
static Money count_fill(TrialBook *book, TrialTrade *trade, const PaperFill *fill,
                        Quantity quantity, Money fees_before) {
    Money notional = price_times_quantity(fill->price, quantity).money;
    trade->fees = money_add(trade->fees, money_subtract(book->account.fees, fees_before));
    trade->slippage = money_add(trade->slippage, fill->slippage);
    book->result.slippage = money_add(book->result.slippage, fill->slippage);
    book->result.turnover = money_add(book->result.turnover, notional);
    return notional;
}

static void see_price(TrialDesk *desk, Price price) {
    if (price.units < desk->lowest.units) desk->lowest = price;
    if (price.units > desk->highest.units) desk->highest = price;
}

static void sell(TrialBook *book, const TrialMoment *moment, const PaperFill *fill,
                 Quantity quantity, bool whole) {
    TrialDesk *desk = &book->desks[moment->market];
    TrialTrade *trade = &desk->trade;
    Booking booking = {.symbol = moment->market,
                       .price = fill->price,
                       .quantity = quantity,
                       .fee = fill->fee};
    Money fees = book->account.fees, gain;
    bool booked = trading_account_sell(&book->account, &booking, &unheard, &gain);
    CHECK(booked, "a trial sells what it holds");
    bool first = desk->sold.units == 0;
    Money notional = count_fill(book, trade, fill, quantity, fees);
    desk->sold = quantity_add(desk->sold, quantity);
    desk->proceeds = money_add(desk->proceeds, notional);
    trade->gain = money_add(trade->gain, gain);
    trade->exit = mean_price(desk->proceeds, desk->sold, first ? fill : NULL);
    trade->reason = fill->reason;
    desk->selling = quantity_of(0);
    see_price(desk, fill->price);
    if (whole || is_dust(book, moment->market))
        close_trade(book, moment);
    else
        protect(book, moment);
}

static void begin_trade(TrialDesk *desk, const TrialMoment *moment, const PaperFill *fill) {
    desk->open = true;
    desk->bought = desk->sold = quantity_of(0);
    desk->cost = desk->proceeds = money_of(0);
    desk->high_water = price_of(0);
    desk->lowest = desk->highest = fill->price;
    desk->bars_held = 0;
    desk->trade = (TrialTrade){
        .market = moment->market, .entry_bar = moment->bar, .entry_us = moment->time_us};
}

static void set_levels(TrialDesk *desk) {
    Price entry = desk->trade.entry, none = price_of(0);
    desk->protection.stop =
        desk->stop_fraction > 0 ? sizing_stop(entry, desk->stop_fraction, desk->filters) : none;
    desk->protection.target = desk->target_fraction > 0
                                  ? sizing_target(entry, desk->target_fraction, desk->filters)
                                  : none;
}

static void add_bought(TrialDesk *desk, const TrialMoment *moment, const PaperFill *fill,
                       Quantity quantity, Money notional) {
    TrialTrade *trade = &desk->trade;
    bool first = desk->bought.units == 0;
    desk->cost = money_add(desk->cost, notional);
    desk->bought = quantity_add(desk->bought, quantity);
    trade->entry = mean_price(desk->cost, desk->bought, first ? fill : NULL);
    int64_t held = desk->bought.units - desk->sold.units;
    if (held > trade->quantity.units) trade->quantity = quantity_of(held);
    desk->stop_fraction = desk->buying_stop;
    desk->target_fraction = desk->buying_target;
    set_levels(desk);
    if (fill->price.units > desk->high_water.units) desk->high_water = fill->price;
    desk->stop_moved_us = moment->time_us;
    see_price(desk, fill->price);
}

static void buy(TrialBook *book, const TrialMoment *moment, const PaperFill *fill) {
    TrialDesk *desk = &book->desks[moment->market];
    TradingAccount *account = &book->account;
    Quantity quantity = desk->buying;
    Booking booking = {.symbol = moment->market,
                       .price = fill->price,
                       .quantity = quantity,
                       .fee = fill->fee};
    bool freed = trading_account_unlock(account, account->quote, desk->reserved, &unheard);
    CHECK(freed, "what an entry reserved is still locked");
    desk->reserved = money_of(0);
    desk->buying = quantity_of(0);
    Money fees = account->fees;
    if (!trading_account_buy(account, &booking, &unheard)) {
        book->result.refused++; /* the open lies so far above the close that cash does not pay it */
        return;
    }
    if (!desk->open) begin_trade(desk, moment, fill);
    Money notional = count_fill(book, &desk->trade, fill, quantity, fees);
    add_bought(desk, moment, fill, quantity, notional);
    protect(book, moment);
}

/* ---- a bar --------------------------------------------------------------------------------- */

static void follow_price(TrialBook *book, const TrialMoment *moment, Price high) {
    TrialDesk *desk = &book->desks[moment->market];
    if (!desk->open) return;
    if (high.units > desk->high_water.units) desk->high_water = high;
    bool pause = moment->time_us - desk->stop_moved_us < book->trailing.pause_us;
    if (!book->trails || !desk->resting || pause) return;
    Price stop = sizing_trail(&book->trailing, desk->trade.entry, desk->high_water,
                              desk->protection.stop, desk->filters);
    if (stop.units == 0 || stop.units >= desk->price.units) return;
    desk->protection.stop = stop;
    desk->protection.stop_reason = REASON_TRAILING_STOP;
    desk->stop_moved_us = moment->time_us;
}

static void fill_waiting(TrialBook *book, const TrialMoment *moment, Price open) {
    TrialDesk *desk = &book->desks[moment->market];
    const PaperCosts *costs = &book->plan->costs;
    if (desk->selling.units > 0) {
        PaperFill fill =
            paper_fill_market(costs, desk->filters, SIDE_SELL, open, desk->selling);
        fill.reason = desk->selling_reason;
        sell(book, moment, &fill, desk->selling, desk->leaving);
    }
    if (desk->buying.units > 0) {
        PaperFill fill = paper_fill_market(costs, desk->filters, SIDE_BUY, open, desk->buying);
        buy(book, moment, &fill);
    }
}

void trial_book_open(TrialBook *book, const TrialMoment *moment, Price open) {
    TrialDesk *desk = &book->desks[moment->market];
    PaperFill fill;
    desk->price = open;
    if (desk->resting && paper_judge_price(&book->plan->costs, desk->filters, &desk->protection,
                                           open, &fill))
        sell(book, moment, &fill, desk->protection.quantity, true);
    follow_price(book, moment, open);
    fill_waiting(book, moment, open);
    mend(book, moment);
}

bool trial_book_range(TrialBook *book, const TrialMoment *moment, const Price *open, Price high,
                      Price low) {
    TrialDesk *desk = &book->desks[moment->market];
    const PaperCosts *costs = &book->plan->costs;
    PaperFill fill;
    if (!desk->resting) return false;
    bool filled = open && paper_judge_price(costs, desk->filters, &desk->protection, *open, &fill);
    if (!filled)
        filled = paper_judge_range(costs, desk->filters, &desk->protection, high, low, &fill);
    if (filled) sell(book, moment, &fill, desk->protection.quantity, true);
    return filled;
}

static void count_bars(TrialBook *book, TrialDesk *desk, uint32_t bars) {
    book->result.bars += bars;
    if (desk->open) {
        book->result.exposed += bars;
        desk->bars_held += bars;
    } else if (desk->bars_flat != RULE_NEVER) {
        desk->bars_flat += bars;
    }
}

void trial_book_close(TrialBook *book, const TrialMoment *moment, Price close, Price high,
                      Price low) {
    TrialDesk *desk = &book->desks[moment->market];
    desk->price = close;
    if (desk->open) {
        see_price(desk, low);
        see_price(desk, high);
        mend(book, moment);
        follow_price(book, moment, high);
    }
    count_bars(book, desk, 1);
}

void trial_book_skip(TrialBook *book, unsigned market, uint32_t bars, Price close, Price highest,
                     Price lowest) {
    TrialDesk *desk = &book->desks[market];
    desk->price = close;
    if (desk->open) {
        see_price(desk, lowest);
        see_price(desk, highest);
        if (highest.units > desk->high_water.units) desk->high_water = highest;
    }
    count_bars(book, desk, bars);
}

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
    for (unsigned i = 0; i < book->plan->market_count; i++)
        sum = money_add(sum, money_add(value_of(book, i), book->desks[i].reserved));
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
        trading_account_lock(&book->account, book->account.quote, reserve, &unheard);
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
    double wanted = quantity_double(sellable(book, market)) * fraction;
    if (!quantity_from_double(wanted, &part)) part = quantity_of(0);
    part = quantity_floor(part, desk->filters->step);
    if (part.units > 0 && sale_passes(desk, part))
        order_sale(desk, part, REASON_SIGNAL, false);
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
        leave(book, moment, REASON_SIGNAL);
        break;
    case WISH_LEAVE:
        leave(book, moment, REASON_SIGNAL);
        break;
    default:
        break;
    }
}

/* ---- the end ------------------------------------------------------------------------------- */

static void flatten(TrialBook *book, const TrialMoment *moment) {
    TrialDesk *desk = &book->desks[moment->market];
    if (desk->buying.units > 0) {
        bool freed = trading_account_unlock(&book->account, book->account.quote, desk->reserved,
                                            &unheard);
        CHECK(freed, "what an entry reserved is still locked");
        desk->reserved = money_of(0);
        desk->buying = quantity_of(0);
    }
    if (!desk->open) return;
    Quantity quantity = sellable(book, moment->market);
    desk->trade.reason = REASON_FLATTEN;
    if (!sale_passes(desk, quantity)) { /* dust, or more than one order may be: it is kept */
        close_trade(book, moment);
        return;
    }
    PaperFill fill = paper_fill_market(&book->plan->costs, desk->filters, SIDE_SELL, desk->price,
                                       quantity);
    fill.reason = REASON_FLATTEN;
    sell(book, moment, &fill, quantity, true);
}

/* NULL if the ledger sums to nothing and equity - opening = realised + unrealised, exactly. */
static const char *books_fault(const TrialBook *book) {
    const TradingAccount *account = &book->account;
    Money invested = money_of(0);
    for (unsigned i = 0; i < book->plan->market_count; i++)
        invested = money_add(invested, account->inventories[i].cost);
    Money left = money_subtract(money_add(account->opening, account->realised), invested);
    if (money_compare(trading_account_cash(account), left) != 0) return "equity";
    return ledger_fault(&account->ledger);
}

void trial_book_end(TrialBook *book, const TrialMoment *moments, TrialResult *result) {
    for (unsigned i = 0; i < book->plan->market_count; i++)
        flatten(book, &moments[i]);
    book->result.final = trial_book_equity(book);
    book->result.fees = book->account.fees;
    book->result.ledger_fault = books_fault(book);
    *result = book->result;
}
