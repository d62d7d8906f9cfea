/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lab/lab_book.h"

#include <string.h>

#include "core/bus/convert.h"

void lab_book_init(LabBook *book, const LabPlan *plan, TrialOutput *output) {
    *book = (LabBook){.plan = plan, .output = output, .equity = plan->balance};
    if (output) output->equity_count = 0;
    book->result.trial.final = plan->balance;
}

/* Index of the market; every symbol that a service names is one of them. */
static unsigned market_of(const LabBook *book, const char *symbol) {
    unsigned index = 0;
    while (strcmp(book->plan->markets[index].symbol.name.text, symbol) != 0) {
        index++;
        CHECK(index < book->plan->market_count, "a service names a symbol that is none of ours");
    }
    return index;
}

/* ---- positions ----------------------------------------------------------------------------- */

static void reach(LabPosition *position, Price high, Price low) {
    if (high.units > position->highest.units) position->highest = high;
    if (low.units < position->lowest.units) position->lowest = low;
}

static void hear_bar(LabBook *book, const MarketBar *bar) {
    LabPosition *position = &book->positions[market_of(book, bar->symbol)];
    book->result.trial.bars++;
    book->closes++;
    position->high = bar->high;
    position->low = bar->low;
}

static void hear_fill(LabBook *book, const Fill *fill) {
    TrialResult *trial = &book->result.trial;
    LabPosition *position = &book->positions[market_of(book, fill->symbol)];
    Money notional = price_times_quantity(fill->price, fill->quantity).money;
    book->result.fills++;
    trial->slippage = money_add(trial->slippage, fill->slippage);
    trial->turnover = money_add(trial->turnover, notional);
    if (!position->open)
        *position = (LabPosition){.open = true,
                                  .highest = fill->price,
                                  .lowest = fill->price,
                                  .high = position->high,
                                  .low = position->low};
    position->slippage = money_add(position->slippage, fill->slippage);
    reach(position, fill->price, fill->price);
}

static void hear_call(LabResult *result, const ModelCall *call) {
    result->ai_missing += call->end == CALL_MISSING;
    result->cost_usd_micro += (uint64_t)call->cost_usd_micro;
}

/* The yardstick recalls nothing; arena and counterfactuals decide nothing. */
static void hear_opinion(LabResult *result, const ModelOpinion *opinion) {
    Slice role = slice_of(opinion->role);
    result->ai_recallable +=
        opinion->recallable && (slice_is(role, "analyst") || slice_is(role, "judge"));
}

/* ---- trades -------------------------------------------------------------------------------- */

/* Row of the bar during which something happened. */
static uint32_t row_at(const CandleSeries *candles, int64_t time_us) {
    return (uint32_t)(candle_series_before(candles, time_us + 1) - 1);
}

static double excursion(Price extreme, Price entry) {
    return (double)(extreme.units - entry.units) / (double)entry.units;
}

static TrialTrade trade_of(const LabBook *book, unsigned market, const Trade *trade) {
    const CandleSeries *candles = &book->plan->markets[market].candles;
    const LabPosition *position = &book->positions[market];
    return (TrialTrade){.market = market,
                        .entry_bar = row_at(candles, trade->entry_time),
                        .exit_bar = row_at(candles, trade->exit_time),
                        .entry_us = trade->entry_time,
                        .exit_us = trade->exit_time,
                        .entry = trade->entry_price,
                        .exit = trade->exit_price,
                        .quantity = trade->quantity,
                        .gain = trade->pnl,
                        .fees = trade->fees,
                        .slippage = position->slippage,
                        .reason = book->flattening ? REASON_FLATTEN : trade->reason,
                        .worst = excursion(position->lowest, trade->entry_price),
                        .best = excursion(position->highest, trade->entry_price)};
}

static void hear_trade(LabBook *book, const Trade *trade) {
    TrialResult *result = &book->result.trial;
    TrialOutput *output = book->output;
    unsigned market = market_of(book, trade->symbol);
    TrialTrade closed = trade_of(book, market, trade);
    result->hash = trial_trade_hash(result->hash, &closed);
    if (output && output->trades && result->trades < output->trades_max)
        output->trades[result->trades] = closed;
    result->trades++;
    book->positions[market].open = false;
}

/* ---- all messages -------------------------------------------------------------------------- */

void lab_book_hear(LabBook *book, const Message *message) {
    const Holdings *holdings = message->payload;
    switch (message->topic) {
    case TOPIC_BARS:
        hear_bar(book, message->payload);
        break;
    case TOPIC_TRADING_SIGNALS:
        book->result.signals++;
        break;
    case TOPIC_ORDER_REQUESTS:
        book->result.orders++;
        break;
    case TOPIC_TRADE_EXECUTIONS:
        hear_fill(book, message->payload);
        break;
    case TOPIC_TRADES:
        hear_trade(book, message->payload);
        break;
    case TOPIC_OUTSIDE_REPLIES:
        book->result.calls += outside_reply_is_paid(message->payload);
        break;
    case TOPIC_MODEL_CALLS:
        hear_call(&book->result, message->payload);
        break;
    case TOPIC_MODEL_OPINIONS:
        hear_opinion(&book->result, message->payload);
        break;
    case TOPIC_REFUSALS:
        book->result.trial.refused++;
        break;
    case TOPIC_HOLDINGS:
        book->equity = holdings->total_value;
        book->result.trial.fees = holdings->fees;
        break;
    default:
        break;
    }
}

/* A position that outlived the bar has seen all of it. */
static void bar_ends(LabBook *book, LabPosition *position) {
    if (position->open && position->high.units > 0) {
        book->result.trial.exposed++;
        reach(position, position->high, position->low);
    }
    position->high = position->low = price_of(0);
}

void lab_book_turn_ends(LabBook *book, int64_t time_us) {
    TrialOutput *output = book->output;
    unsigned closes = book->closes;
    book->closes = 0;
    if (closes == 0) return;
    for (unsigned i = 0; i < book->plan->market_count; i++)
        bar_ends(book, &book->positions[i]);
    if (!output || output->equity_count >= output->equity_max) return;
    if (output->equity) output->equity[output->equity_count] = money_double(book->equity);
    if (output->equity_us) output->equity_us[output->equity_count] = time_us + 1;
    output->equity_count++;
}
