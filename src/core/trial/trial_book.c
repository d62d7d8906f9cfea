/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/trial_book.h"

#include <string.h>

#include "core/trial/trial_position.h"

#define MILLION 1000000

/* ---- the account --------------------------------------------------------------------------- */

/* A trial keeps no journal of postings; the ledger's sums are looked at in the end. */
static void post_unheard(void *context, const char *asset, Account debit, Account credit,
                         Money amount) {
    (void)context, (void)asset, (void)debit, (void)credit, (void)amount;
}

const PostingSink trial_position_sink = {.post = post_unheard};

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
    bool opened = trading_account_open(account, "quote", book->plan->balance, &trial_position_sink);
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
        if (book->account.inventories[i].quantity.units) sum = money_add(sum, value_of(book, i));
    return sum;
}

RulePosition trial_book_position(const TrialBook *book, unsigned market) {
    const TrialDesk *desk = &book->desks[market];
    Money equity = trial_book_equity(book);
    RulePosition position = {.open = desk->open,
                             .bars_held = desk->bars_held,
                             .bars_flat = desk->bars_flat,
                             .growth = sizing_ratio(equity, book->plan->balance)};
    if (!desk->open) return position;
    position.average = price_double(desk->trade.entry);
    position.held_fraction = sizing_ratio(value_of(book, market), equity);
    return position;
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
        PaperFill fill = paper_fill_market(costs, desk->filters, SIDE_SELL, open, desk->selling);
        fill.reason = desk->selling_reason;
        trial_position_sell(book, moment, &fill, desk->selling, desk->leaving);
    }
    if (desk->buying.units > 0) {
        PaperFill fill = paper_fill_market(costs, desk->filters, SIDE_BUY, open, desk->buying);
        trial_position_buy(book, moment, &fill);
    }
}

void trial_book_open(TrialBook *book, const TrialMoment *moment, Price open) {
    TrialDesk *desk = &book->desks[moment->market];
    PaperFill fill;
    desk->price = open;
    if (desk->resting &&
        paper_judge_price(&book->plan->costs, desk->filters, &desk->protection, open, &fill))
        trial_position_sell(book, moment, &fill, desk->protection.quantity, true);
    follow_price(book, moment, open);
    fill_waiting(book, moment, open);
    trial_position_mend(book, moment);
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
    if (filled) trial_position_sell(book, moment, &fill, desk->protection.quantity, true);
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
        trial_position_see(desk, low);
        trial_position_see(desk, high);
        trial_position_mend(book, moment);
        follow_price(book, moment, high);
    }
    count_bars(book, desk, 1);
}

void trial_book_skip(TrialBook *book, unsigned market, uint32_t bars, Price close, Price highest,
                     Price lowest) {
    TrialDesk *desk = &book->desks[market];
    desk->price = close;
    if (desk->open) {
        trial_position_see(desk, lowest);
        trial_position_see(desk, highest);
        if (highest.units > desk->high_water.units) desk->high_water = highest;
    }
    count_bars(book, desk, bars);
}

/* ---- the end ------------------------------------------------------------------------------- */

static void flatten(TrialBook *book, const TrialMoment *moment) {
    TrialDesk *desk = &book->desks[moment->market];
    if (desk->buying.units > 0) {
        bool freed = trading_account_unlock(&book->account, book->account.quote, desk->reserved,
                                            &trial_position_sink);
        CHECK(freed, "what an entry reserved is still locked");
        desk->reserved = money_of(0);
        desk->buying = quantity_of(0);
    }
    if (!desk->open) return;
    Quantity quantity = trial_position_sellable(book, moment->market);
    desk->trade.reason = REASON_FLATTEN;
    if (!trial_position_sale_passes(
            desk, quantity)) { /* dust, or more than one order may be: it is kept */
        trial_position_close(book, moment);
        return;
    }
    PaperFill fill =
        paper_fill_market(&book->plan->costs, desk->filters, SIDE_SELL, desk->price, quantity);
    fill.reason = REASON_FLATTEN;
    trial_position_sell(book, moment, &fill, quantity, true);
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
