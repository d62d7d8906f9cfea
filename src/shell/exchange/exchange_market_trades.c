/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded trades as the market: each is a print with its own price, quantity, side and time. The
 * minutes of the history are played at once, before anybody has an order.
 */
#include "shell/exchange/exchange_market_parts.h"

static bool next_trade(ExchangeMarket *market, Error *error) {
    return trade_merge_next(market->trades, &market->trade, &market->trade_pair, &market->ended,
                            error);
}

static int pair_of(const ExchangeMarket *market) {
    const Symbol *symbol = trade_merge_symbol(market->trades, market->trade_pair);
    return exchange_find_pair(market->exchange, slice_of(symbol->name.text));
}

static ExchangePrint print_of(const TradeRow *trade) {
    return (ExchangePrint){.time_us = trade->time_us,
                           .price = trade->price,
                           .quantity = trade->quantity,
                           .buyer_is_maker = trade->buyer_is_maker};
}

static bool read_past(ExchangeMarket *market, const ExchangeMarketPlan *plan, Error *error) {
    int64_t history_us = (int64_t)plan->history_minutes * INSTANT_MINUTE_US;
    int64_t until_us = interval_floor(market->trade.time_us, INSTANT_MINUTE_US) + history_us;
    /* A recording that goes on: what an earlier run has told is passed over. */
    int64_t told_us = plan->resumes ? market->told_us + INSTANT_MINUTE_US : 0;
    if (plan->resumes) until_us = told_us;
    while (!market->ended && market->trade.time_us < until_us) {
        int pair = pair_of(market);
        ExchangePrint print = print_of(&market->trade);
        if (pair >= 0 && !plan->resumes) exchange_print(market->exchange, (unsigned)pair, &print);
        if (!next_trade(market, error)) return false;
    }
    return !market->ended || error_set(error, ERROR_DATA,
                                       "the market has no trade after its "
                                       "history",
                                       NULL, "a longer recording, or a smaller --history");
}

bool exchange_trades_open(ExchangeMarket *market, const ExchangeMarketPlan *plan, Error *error) {
    market->trades = trade_merge_open(&plan->trades, error);
    if (!market->trades) return false;
    for (unsigned i = 0; i < trade_merge_symbol_count(market->trades); i++)
        if (exchange_list_pair(market->exchange, trade_merge_symbol(market->trades, i)) < 0)
            return error_set(error, ERROR_LIMIT, "too many symbols", NULL, NULL);
    if (!next_trade(market, error) || !read_past(market, plan, error)) return false;
    exchange_market_start(market, market->trade.time_us, 0);
    return true;
}

bool exchange_trades_play(ExchangeMarket *market, ExchangeHeard *heard, void *context,
                          Error *error) {
    while (!market->ended && market->trade.time_us <= market->now_us) {
        int pair = pair_of(market);
        if (pair >= 0)
            exchange_market_say(market, (unsigned)pair, print_of(&market->trade), heard, context);
        if (!next_trade(market, error)) return false;
    }
    return true;
}
